#include "test.h"

#include "base/table.h"

static const struct table_col cols[] = {
	{ .key = "tag", .head = "TAG", .right = true },
	{ .key = "name", .head = "NAME" },
	{ .key = "secret_id" },
	{ .key = "up", .head = "UP" },
};

static struct table *example(void)
{
	struct table *t = table_new();
	struct addr none = addr_from_sockaddr(NULL);

	table_note(t, "Two %s", "peers");
	table_rows(t, "peers", NULL, cols, ARRAY_SIZE(cols));
	table_num(t, 7);
	table_str(t, "caf\xc3\xa9");
	table_fmt(t, "id-%d", 1);
	table_bool(t, true);
	table_num(t, 1000);
	table_slice(t, SLICE_LIT("a\nb\xff"));
	table_str(t, NULL);
	table_bool(t, false);
	table_note(t, "%s", "");
	table_item(t, "legs", "Leg A");
	table_pair(t, "suite", "SRTP suite", "AEAD_AES_256_GCM");
	table_pair_num(t, "lost", "Lost", 0);
	table_pair_addr(t, "peer", "Peer", &none);
	table_item(t, "legs", "Leg B");
	table_pair_bool(t, "hidden", NULL, true);
	table_block(t, "total", NULL);
	table_pair_fmt(t, "calls", "Calls", "%d of %d", 1, 2);
	return t;
}

static void as_text(void **state)
{
	(void)state;
	struct table *t = example();
	char *s = table_text(t);

	assert_string_equal(s, "Two peers\n"
			       " TAG  NAME        UP\n"
			       "   7  caf\xc3\xa9        yes\n"
			       "1000  a\\x0ab\\xff  no\n"
			       "\n"
			       "Leg A\n"
			       "  SRTP suite : AEAD_AES_256_GCM\n"
			       "  Lost       : 0\n"
			       "  Peer       : -\n"
			       "Leg B\n"
			       "Calls : 1 of 2\n");
	free(s);
	table_free(t);
}

static void as_json(void **state)
{
	(void)state;
	struct table *t = example();
	char *s = table_json(t);

	assert_string_equal(s, "{\n"
			       "  \"peers\": [\n"
			       "    {\n"
			       "      \"tag\": 7,\n"
			       "      \"name\": \"caf\xc3\xa9\",\n"
			       "      \"secret_id\": \"id-1\",\n"
			       "      \"up\": true\n"
			       "    },\n"
			       "    {\n"
			       "      \"tag\": 1000,\n"
			       "      \"name\": \"a\\\\x0ab\\\\xff\",\n"
			       "      \"secret_id\": null,\n"
			       "      \"up\": false\n"
			       "    }\n"
			       "  ],\n"
			       "  \"legs\": [\n"
			       "    {\n"
			       "      \"suite\": \"AEAD_AES_256_GCM\",\n"
			       "      \"lost\": 0,\n"
			       "      \"peer\": null\n"
			       "    },\n"
			       "    {\n"
			       "      \"hidden\": true\n"
			       "    }\n"
			       "  ],\n"
			       "  \"total\": {\n"
			       "    \"calls\": \"1 of 2\"\n"
			       "  }\n"
			       "}\n");
	free(s);
	table_free(t);
}

/* No rows are an empty array, not a missing one; blocks go on. */
static void empty_and_continued(void **state)
{
	(void)state;
	struct table *t = table_new();
	char *s;

	table_rows(t, "peers", "Peers:", cols, ARRAY_SIZE(cols));
	table_block(t, "total", NULL);
	table_pair_num(t, "a", "A", 1);
	table_note(t, "between");
	table_block(t, "total", NULL);
	table_pair_num(t, "b", "B", 2);
	s = table_text(t);
	assert_string_equal(
		s, "Peers:\nTAG  NAME  UP\nA : 1\nbetween\nB : 2\n");
	free(s);
	s = table_json(t);
	assert_string_equal(s,
		"{\n  \"peers\": [],\n  \"total\": {\n    \"a\": 1,\n"
		"    \"b\": 2\n  }\n}\n");
	free(s);
	table_free(t);
	t = table_new();
	s = table_json(t);
	assert_string_equal(s, "{}\n");
	free(s);
	s = table_text(t);
	assert_string_equal(s, "");
	free(s);
	table_free(t);
	table_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(as_text),
		T(as_json),
		T(empty_and_continued),
	};

	return RUN_TESTS(tests);
}

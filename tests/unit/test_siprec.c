/* What recorders are told: metadata (RFC 7865), and bodies of several parts. */
#include "test.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "b2bua/record/rs_metadata.h"
#include "b2bua/sip/mime_parts.h"
#include "base/obj.h"

/* ---- metadata, read again by libxml2 ---- */

static void make(struct rs_metadata *m)
{
	*m = (struct rs_metadata){ .since = 1763712000 };
	rs_id_make(m->group);
	rs_id_make(m->session);
	for (int i = 0; i < 2; i++) {
		struct rs_party *p = &m->party[i];

		rs_id_make(p->participant);
		rs_id_make(p->stream);
		p->label = i == 0 ? "1" : "2";
		p->aor = slice_str(i == 0 ? "sip:2001@x" : "sip:3000@y");
		p->since = m->since;
		p->sends = p->hears = true;
	}
}

/* The string value of an XPath over the metadata; free() it. */
static char *ask(const struct rs_metadata *m, const char *path)
{
	char *xml = rs_metadata_write(m), *out;
	xmlDocPtr doc = xmlReadMemory(
		xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET);
	xmlXPathContextPtr ctx;
	xmlXPathObjectPtr found;
	xmlChar *text;

	assert_non_null(doc); /* well-formed, whatever the names are */
	ctx = xmlXPathNewContext(doc);
	assert_int_equal(xmlXPathRegisterNs(ctx, (const xmlChar *)"r",
				 (const xmlChar *)"urn:ietf:params:xml:ns:"
						  "recording:1"),
		0);
	found = xmlXPathEvalExpression((const xmlChar *)path, ctx);
	assert_non_null(found);
	text = xmlXPathCastToString(found);
	out = mem_dup((const char *)text);
	xmlFree(text);
	xmlXPathFreeObject(found);
	xmlXPathFreeContext(ctx);
	xmlFreeDoc(doc);
	free(xml);
	return out;
}

static void says(
	const struct rs_metadata *m, const char *path, const char *want)
{
	char *have = ask(m, path);

	if (strcmp(have, want) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", path, have, want);
	free(have);
}

static void tells_of_a_call(void **state)
{
	struct rs_metadata m;

	(void)state;
	make(&m);
	m.party[0].name = slice_str("Alice");
	says(&m, "string(/r:recording/r:datamode)", "complete");
	says(&m, "string(//r:session/@session_id)", m.session);
	says(&m, "string(//r:session/r:group-ref)", m.group);
	says(&m, "string(//r:group/@group_id)", m.group);
	says(&m, "string(//r:session/r:start-time)", "2025-11-21T08:00:00Z");
	says(&m, "count(//r:participant)", "2");
	says(&m, "string(//r:nameID[@aor='sip:2001@x']/r:name)", "Alice");
	says(&m, "count(//r:nameID[@aor='sip:3000@y']/r:name)", "0");
	says(&m, "string(//r:stream[r:label='2']/@stream_id)",
		m.party[1].stream);
	/* each hears what the other says */
	says(&m, "string(//r:participantstreamassoc[1]/r:send)",
		m.party[0].stream);
	says(&m, "string(//r:participantstreamassoc[1]/r:recv)",
		m.party[1].stream);
	says(&m, "string(//r:participantstreamassoc[2]/@participant_id)",
		m.party[1].participant);
	says(&m, "count(//r:participantsessionassoc)", "2");
}

static void tells_of_hold(void **state)
{
	struct rs_metadata m;

	(void)state;
	make(&m);
	m.party[0].sends = false; /* muted */
	says(&m, "count(//r:participantstreamassoc[1]/r:send)", "0");
	says(&m, "count(//r:participantstreamassoc[2]/r:recv)", "0");
	says(&m, "count(//r:participantstreamassoc[1]/r:recv)", "1");
}

/* What far ends call themselves cannot break it. */
static void names_are_bytes(void **state)
{
	static const char name[] = "a<b>&\"'\x01\xff\xc3\xa9";
	struct rs_metadata m;

	(void)state;
	make(&m);
	m.party[0].name = slice_of(name, sizeof(name)); /* with its NUL */
	m.party[1].aor = slice_of(name, sizeof(name) - 1);
	says(&m, "string(//r:participant[1]//r:name)",
		"a<b>&\"'\\x01\\xff\xc3\xa9\\x00");
	says(&m, "string(//r:participant[2]/r:nameID/@aor)",
		"a%3Cb%3E&%22'%01%FF%C3%A9");
}

/* ---- metadata, judged by the schema of RFC 7865 ---- */

/* What is written of it is as the schema has it. */
static bool taken(xmlSchemaPtr schema, const struct rs_metadata *m)
{
	char *xml = rs_metadata_write(m);
	xmlDocPtr doc = xmlReadMemory(
		xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET);
	xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
	int said;

	assert_non_null(doc);
	said = xmlSchemaValidateDoc(valid, doc);
	xmlSchemaFreeValidCtxt(valid);
	xmlFreeDoc(doc);
	free(xml);
	return said == 0;
}

static xmlSchemaPtr load_schema(void)
{
	const char *root = getenv("SRCDIR");
	char *path = mem_printf("%s/tests/vectors/recording/recording.xsd",
		root != NULL ? root : ".");
	xmlSchemaParserCtxtPtr ctx = xmlSchemaNewParserCtxt(path);
	xmlSchemaPtr schema = xmlSchemaParse(ctx);

	assert_non_null(schema);
	xmlSchemaFreeParserCtxt(ctx);
	free(path);
	return schema;
}

static void follows_the_schema(void **state)
{
	static const char bytes[] = "a<b>&\"'\x01\xff\xc3\xa9 %";
	xmlSchemaPtr schema = load_schema();
	struct rs_metadata m;

	(void)state;
	make(&m);
	check_row("without names", taken(schema, &m));
	m.party[0].name = slice_str("Alice");
	m.party[1].name = slice_of(bytes, sizeof(bytes));
	check_row("with names", taken(schema, &m));
	m.party[0].sends = m.party[0].hears = false;
	m.party[1].sends = m.party[1].hears = false;
	check_row("on hold", taken(schema, &m));
	m.party[0].aor = slice_of(bytes, sizeof(bytes));
	m.party[1].aor = slice_str("");
	check_row("URIs that are none", taken(schema, &m));
	m.since = m.party[0].since = -1;
	check_row("before 1970", taken(schema, &m));
	m.group[0] = '!'; /* no base64: it does look */
	check_row("damaged", !taken(schema, &m));
	xmlSchemaFree(schema);
	xmlSchemaCleanupTypes();
}

static void ids_differ(void **state)
{
	char a[RS_ID_SIZE], b[RS_ID_SIZE];
	uint8_t uuid[16];
	size_t n;

	(void)state;
	rs_id_make(a);
	rs_id_make(b);
	assert_string_not_equal(a, b);
	assert_int_equal(
		base64_decode(slice_str(a), uuid, sizeof(uuid), &n), 0);
	assert_int_equal(n, 16);
	assert_int_equal(uuid[6] >> 4, 4);
	assert_int_equal(uuid[8] >> 6, 2);
}

/* ---- bodies of several parts ---- */

#define MIXED "multipart/mixed;boundary=b"

static void finds_parts(void **state)
{
	static const struct {
		const char *name, *type, *body;
		int err;
		const char *found;
	} rows[] = {
		/* clang-format off */
		{ "no parts", "application/sdp", "v=0", 0, "v=0" },
		{ "parameters", "Application/SDP;charset=x", "v=0", 0, "v=0" },
		{ "empty", "application/sdp", "", ENOENT, "" },
		{ "another type", "text/plain", "v=0", ENOENT, "" },
		{ "the first", MIXED, "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b--\r\n", 0, "v=0\r\n" },
		{ "the second", MIXED, "--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b\r\nContent-Disposition: session\r\ncontent-type:application/sdp\r\n\r\nv=0\r\n--b--", 0, "v=0" },
		{ "of two, the first", MIXED, "--b\r\nc: application/sdp\r\n\r\none\r\n--b\r\nc: application/sdp\r\n\r\ntwo\r\n--b--", 0, "one" },
		{ "preamble, epilogue", MIXED, "hello\r\n--b\r\nc: application/sdp\r\n\r\nv=0\r\n--b--\r\nbye", 0, "v=0" },
		{ "quoted boundary", "multipart/mixed; boundary=\"a b\"", "--a b\r\nc: application/sdp\r\n\r\nv=0\r\n--a b--", 0, "v=0" },
		{ "line feeds alone", MIXED, "--b\nc: application/sdp\n\nv=0\n--b--\n", 0, "v=0" },
		{ "blanks behind it", MIXED, "--b \t\r\nc: application/sdp\r\n\r\nv=0\r\n--b-- \r\n", 0, "v=0" },
		{ "longer boundary", MIXED, "--b\r\nc: application/sdp\r\n\r\nv=0\r\n--bb\r\nx\r\n--b--", 0, "v=0\r\n--bb\r\nx" },
		{ "no such part", MIXED, "--b\r\nc: text/xml\r\n\r\n<a/>\r\n--b--", ENOENT, "" },
		{ "no parts at all", MIXED, "--b--", ENOENT, "" },
		{ "no end", MIXED, "--b\r\nc: application/sdp\r\n\r\nv=0", EBADMSG, "" },
		{ "no beginning", MIXED, "v=0", EBADMSG, "" },
		{ "no boundary", "multipart/mixed", "--b\r\n\r\n--b--", EBADMSG, "" },
		{ "empty boundary", "multipart/mixed;boundary=\"\"", "--\r\n\r\n----", EBADMSG, "" },
		{ "nothing", "", "", ENOENT, "" },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice out;
		int err = mime_find(slice_str(rows[i].type),
			slice_str(rows[i].body), "application/sdp", &out);

		check_row(rows[i].name, err == rows[i].err);
		check_row(rows[i].name, slice_eq_str(out, rows[i].found));
	}
}

/* A body of more parts than anybody needs is not read to its end. */
static void parts_are_bounded(void **state)
{
	struct text t = { 0 };
	struct slice out;

	(void)state;
	for (int i = 0; i < 100; i++)
		mime_part(&t, "b", "text/plain", "x", SLICE_LIT("y"));
	mime_part(&t, "b", "application/sdp", "session", SLICE_LIT("v=0"));
	mime_end(&t, "b");
	assert_int_equal(mime_find(slice_str(MIXED), text_slice(&t),
				 "application/sdp", &out),
		EBADMSG);
	text_free(&t);
}

static void reads_what_it_wrote(void **state)
{
	char boundary[MIME_BOUNDARY_SIZE], *type;
	struct text t = { 0 };
	struct slice out;

	(void)state;
	mime_boundary_make(boundary);
	type = mem_printf("multipart/mixed;boundary=%s", boundary);
	mime_part(&t, boundary, "application/sdp", "session",
		SLICE_LIT("v=0\r\n"));
	mime_part(&t, boundary, "text/xml", "recording-session",
		SLICE_LIT("<a/>\n"));
	mime_end(&t, boundary);
	assert_int_equal(mime_find(slice_str(type), text_slice(&t),
				 "application/sdp", &out),
		0);
	assert_true(slice_eq_str(out, "v=0\r\n"));
	assert_int_equal(
		mime_find(slice_str(type), text_slice(&t), "text/xml", &out),
		0);
	assert_true(slice_eq_str(out, "<a/>\n"));
	text_free(&t);
	free(type);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(tells_of_a_call),
		T(tells_of_hold), T(names_are_bytes), T(follows_the_schema),
		T(ids_differ), T(finds_parts), T(parts_are_bounded),
		T(reads_what_it_wrote) };

	return RUN_TESTS(tests);
}

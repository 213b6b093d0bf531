#include "test.h"

#include "b2bua/sofia/sources.h"

static struct addr at(const char *host)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, slice_str(host), 5061), 0);
	return a;
}

static struct source *from(struct sources *s, const char *host)
{
	struct addr a = at(host);

	return source_enter(s, &a);
}

static void counts_hosts(void **state)
{
	struct sources *s = sources_new();
	struct source *a = from(s, "192.0.2.1"), *b = from(s, "192.0.2.1");
	struct source *mapped = from(s, "::ffff:192.0.2.1");
	struct source *other = from(s, "192.0.2.2");

	(void)state;
	assert_int_equal(source_exceeds(a, 3, 8), 0);
	assert_int_equal(source_exceeds(mapped, 2, 8), 2);
	assert_int_equal(source_exceeds(other, 1, 8), 0);
	source_leave(s, mapped);
	assert_int_equal(source_exceeds(a, 2, 8), 0);
	source_leave(s, a);
	source_leave(s, b);
	source_leave(s, other);
	source_leave(s, NULL);
	sources_free(s);
}

/* Each connection of another address, of so many bits: when it is too much. */
static void holds_networks(void **state)
{
	static const struct row {
		const char *name, *address;
		unsigned each, all, most;
	} rows[] = {
		{ "a /64", "2001:db8:0:1::%x", 4, 1000, 40 },
		{ "a /48", "2001:db8:0:%x::1", 4, 100, 50 },
		{ "a /48 of few", "2001:db8:0:%x::1", 60, 100, 60 },
		{ "no network", "2001:db8:%x::1", 4, 100, 0 },
		{ "IPv4 as IPv6", "::ffff:192.0.2.%u", 4, 100, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		struct sources *s = sources_new();
		struct source *in[101] = { 0 };
		unsigned n = 0, most = 0;
		char host[64];

		while (n < ARRAY_SIZE(in) && most == 0) {
			/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral) */
			snprintf(host, sizeof(host), r->address, n + 1);
			in[n] = from(s, host);
			most = source_exceeds(in[n++], r->each, r->all);
		}
		check_row(r->name, most == r->most);
		check_row(r->name, n == (most > 0 ? most + 1 : 101));
		while (n > 0)
			source_leave(s, in[--n]);
		sources_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(counts_hosts),
		T(holds_networks),
	};

	return RUN_TESTS(tests);
}

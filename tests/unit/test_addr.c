#include "test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "base/addr.h"

static void parses_and_prints(void **state)
{
	(void)state;
	static const struct {
		const char *in, *host, *uri_host, *text;
	} rows[] = {
		/* text NULL: refused */
		{ "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1:5061" },
		{ "2001:DB8::1", "2001:db8::1", "[2001:db8::1]",
			"[2001:db8::1]:5061" },
		{ "[2001:db8::1]", "2001:db8::1", "[2001:db8::1]",
			"[2001:db8::1]:5061" },
		{ "::", "::", "[::]", "[::]:5061" },
		{ "fe80::1%lo", "fe80::1%lo", "[fe80::1%lo]",
			"[fe80::1%lo]:5061" },
		{ "fe80::1%999999", "fe80::1%999999", "[fe80::1%999999]",
			"[fe80::1%999999]:5061" },
		{ "", NULL, NULL, NULL },
		{ "[]", NULL, NULL, NULL },
		{ "[192.0.2.1]", NULL, NULL, NULL },
		{ "192.0.2", NULL, NULL, NULL },
		{ "192.0.2.256", NULL, NULL, NULL },
		{ "192.0.2.1 ", NULL, NULL, NULL },
		{ "192.0.2.1:5060", NULL, NULL, NULL },
		{ "2001:db8::1%", NULL, NULL, NULL },
		{ "fe80::1%none-such", NULL, NULL, NULL },
		{ "[2001:db8::1", NULL, NULL, NULL },
		{ "phone.example.com", NULL, NULL, NULL },
	};
	char out[ADDR_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct addr a;
		int err = addr_parse(&a, slice_str(rows[i].in), 5061);

		check_row(rows[i].in, err == (rows[i].text ? 0 : EINVAL));
		check_row(rows[i].in, addr_is_set(&a) == (err == 0));
		if (err != 0)
			continue;
		assert_string_equal(addr_host(&a, out), rows[i].host);
		assert_string_equal(addr_uri_host(&a, out), rows[i].uri_host);
		assert_string_equal(addr_text(&a, out), rows[i].text);
		struct addr b = addr_from_sockaddr(&a.sa);

		check_row(rows[i].in, addr_equal(&a, &b));
		check_row(
			rows[i].in, addr_hash(&a, true) == addr_hash(&b, true));
	}
}

static struct addr make(const char *host, uint16_t port)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, slice_str(host), port), 0);
	return a;
}

static void compares(void **state)
{
	(void)state;
	struct addr v4 = make("192.0.2.1", 5060);
	struct addr mapped = make("::ffff:192.0.2.1", 5060);
	struct addr other = make("192.0.2.1", 5061);
	struct addr v6 = make("2001:db8::1", 5060);
	struct addr none = addr_from_sockaddr(NULL);

	assert_true(addr_equal(&v4, &mapped));
	assert_int_equal(addr_hash(&v4, true), addr_hash(&mapped, true));
	assert_true(addr_same_host(&v4, &other));
	assert_false(addr_equal(&v4, &other));
	assert_int_equal(addr_hash(&v4, false), addr_hash(&other, false));
	assert_int_not_equal(addr_hash(&v4, true), addr_hash(&other, true));
	assert_false(addr_same_host(&v4, &v6));
	assert_false(addr_same_host(&v4, &none));
	assert_false(addr_same_host(&none, &none));
	addr_set_port(&other, 5060);
	assert_true(addr_equal(&v4, &other));
	addr_set_port(&none, 1);
	assert_int_equal(addr_port(&none), 0);
	assert_int_equal(addr_len(&none), 0);
	assert_int_equal(addr_len(&v6), sizeof(struct sockaddr_in6));
}

static void kinds(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		bool any, loopback;
	} rows[] = {
		{ "0.0.0.0", true, false },
		{ "::", true, false },
		{ "::ffff:0.0.0.0", true, false },
		{ "127.0.0.1", false, true },
		{ "127.9.9.9", false, true },
		{ "::1", false, true },
		{ "::ffff:127.0.0.1", false, true },
		{ "192.0.2.1", false, false },
		{ "2001:db8::1", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct addr a = make(rows[i].host, 0);

		check_row(rows[i].host, addr_is_any(&a) == rows[i].any);
		check_row(
			rows[i].host, addr_is_loopback(&a) == rows[i].loopback);
	}
}

static void private_ones(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		bool private;
	} rows[] = {
		{ "10.0.0.1", true },
		{ "172.15.255.255", false },
		{ "172.16.0.1", true },
		{ "172.31.255.255", true },
		{ "172.32.0.1", false },
		{ "192.168.7.7", true },
		{ "192.169.0.1", false },
		{ "100.63.255.255", false },
		{ "100.64.0.1", true },
		{ "100.127.255.255", true },
		{ "100.128.0.0", false },
		{ "169.254.1.1", true },
		{ "198.51.100.1", false },
		{ "::ffff:10.1.2.3", true },
		{ "::ffff:8.8.8.8", false },
		{ "fd00::1", true },
		{ "fe80::1", true },
		{ "fec0::1", false },
		{ "2001:db8::1", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct addr a = make(rows[i].host, 0);

		check_row(rows[i].host, addr_is_private(&a) == rows[i].private);
	}
	assert_false(addr_is_private(&(struct addr){ 0 }));
}

static void foreign_families(void **state)
{
	(void)state;
	struct sockaddr local = { .sa_family = AF_UNIX };
	struct addr a = addr_from_sockaddr(&local);
	char out[ADDR_TEXT];

	assert_false(addr_is_set(&a));
	assert_string_equal(addr_text(&a, out), "");
}

/* Each byte in each place, as the system prints it. */
static void prints_as_the_system(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 256; v++) {
		char ours[ADDR_TEXT], theirs[INET_ADDRSTRLEN];
		struct addr a = { .in4.sin_family = AF_INET };

		a.in4.sin_addr.s_addr = htonl(
			v << 24 | (255 - v) << 16 | (v ^ 10) << 8 | (v / 3));
		assert_non_null(inet_ntop(
			AF_INET, &a.in4.sin_addr, theirs, sizeof(theirs)));
		assert_string_equal(addr_host(&a, ours), theirs);
	}
}

static void knows_networks(void **state)
{
	static const struct row {
		const char *a;
		unsigned bits;
		const char *network; /* NULL: of none */
		const char *source;
	} rows[] = {
		{ "2001:db8:1:2:3:4:5:6", 64,
			"2001:db8:1:2::", "2001:db8:1:2::" },
		{ "2001:db8:1:2:3:4:5:6", 48,
			"2001:db8:1::", "2001:db8:1:2::" },
		{ "192.0.2.1", 64, NULL, "192.0.2.1" },
		{ "::ffff:192.0.2.1", 64, NULL, "192.0.2.1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct addr a, net, want;

		assert_int_equal(addr_parse(&a, slice_str(rows[i].a), 5060), 0);
		check_row(rows[i].a, addr_network(&a, rows[i].bits, &net) ==
					     (rows[i].network != NULL));
		if (rows[i].network != NULL) {
			assert_int_equal(addr_parse(&want,
						 slice_str(rows[i].network), 0),
				0);
			check_row(rows[i].a, addr_equal(&net, &want));
		}
		assert_int_equal(
			addr_parse(&want, slice_str(rows[i].source), 0), 0);
		net = addr_source(&a);
		check_row(rows[i].a, addr_equal(&net, &want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(parses_and_prints),
		T(prints_as_the_system),
		T(compares),
		T(kinds),
		T(private_ones),
		T(foreign_families),
		T(knows_networks),
	};

	return RUN_TESTS(tests);
}

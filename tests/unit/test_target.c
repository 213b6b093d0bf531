#include "test.h"

#include "b2bua/call/target.h"

static void uris(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		uint16_t port;
		enum conf_transport transport;
		const char *want;
	} rows[] = {
		{ "cucm.example", 0, CONF_UDP, "sip:cucm.example" },
		{ "192.0.2.1", 5060, CONF_TCP,
			"sip:192.0.2.1:5060;transport=tcp" },
		{ "2001:db8::1", 5061, CONF_TLS,
			"sip:[2001:db8::1]:5061;transport=tls" },
		{ "[2001:db8::1]", 0, CONF_UDP, "sip:[2001:db8::1]" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *uri = target_uri(
			rows[i].host, rows[i].port, rows[i].transport);

		check_row(rows[i].want, strcmp(uri, rows[i].want) == 0);
		free(uri);
	}
}

/* Within the bounds, and not always the same. */
static void jitter(void **state)
{
	unsigned least = UINT32_MAX, most = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		unsigned ms = target_jitter(120, 800, 1000);

		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	assert_in_range(least, 96000, 98000);
	assert_in_range(most, 118000, 120000);
	assert_int_equal(target_jitter(30, 500, 500), 15000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(uris), T(jitter) };

	return RUN_TESTS(tests);
}

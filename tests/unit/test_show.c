/*
 * What the show commands print, compared with tests/unit/golden/ to the
 * letter, as text and as JSON. After a change that is wanted:
 *   GOLDEN_WRITE=1 build/tests/unit/test_show
 * and look at the difference.
 */
#include <errno.h>

#include "base/obj.h"
#include "command.h"
#include "fake_b2bua.h"
#include "memory_use.h"
#include "show_data.h"
#include "test.h"

struct golden {
	const char *name; /* of the files */
	const char *line;
	bool fails; /* exit code 1 */
};

static const struct golden cases[] = {
	{ "call-voice", "show call active voice" },
	{ "call-voice-brief", "show call active voice brief" },
	{ "call-voice-stats", "show call active voice stats" },
	{ "call-summary", "show call summary" },
	{ "rtp-connections", "show voip rtp connections" },
	{ "rtp-workers", "show voip rtp workers" },
	{ "call-ringing", "show call ringing" },
	{ "call-one-way", "show call one-way" },
	{ "call-threshold", "show call threshold status" },
	{ "sip-calls", "show sip-ua calls" },
	{ "sip-status", "show sip-ua status" },
	{ "registrations", "show registrations" },
	{ "tls-brief", "show sip connection tcp tls brief" },
	{ "tls-detail", "show sip connection tcp tls detail" },
	{ "tcp-detail", "show sip-ua connections tcp detail" },
	{ "dspfarm", "show dspfarm all" },
	{ "dspfarm-profile", "show dspfarm profile" },
	{ "dspfarm-active", "show dspfarm dsp active" },
	{ "recordings", "show media-recording" },
	{ "subscriptions", "show sip-ua subscriptions" },
	{ "dial-peers", "show dial-peer voice" },
	{ "dial-peer-summary", "show dial-peer voice summary" },
	{ "dial-peer", "show dial-peer voice 200" },
	{ "trusted", "show ip address trusted list" },
	{ "keepalive", "show voice class sip-options-keepalive" },
	{ "keepalive-1", "show voice class sip-options-keepalive 1" },
	{ "keepalive-none", "show voice class sip-options-keepalive 9",
		.fails = true },
	{ "dial-peer-none", "show dial-peer voice 7", .fails = true },
	{ "certificates", "show crypto pki certificates" },
	{ "certificates-verbose", "show crypto pki certificates verbose EDGE" },
	{ "certificates-edge", "show crypto pki certificates EDGE" },
	{ "certificates-none", "show crypto pki certificates X",
		.fails = true },
	{ "trustpoints", "show crypto pki trustpoints status" },
	{ "horizon", "show crypto pki horizon" },
	{ "reload", "show reload" },
	{ "debugging", "show debugging" },
	{ "memory", "show memory statistics" },
};

static char *read_all(const char *path)
{
	FILE *f = fopen(path, "r");
	char *p = mem_new(1 << 16);

	if (f == NULL)
		return p;
	p[fread(p, 1, (1 << 16) - 1, f)] = '\0';
	fclose(f);
	return p;
}

static void compare(const char *name, const char *ext, const char *text)
{
	const char *root = getenv("SRCDIR");
	char *path = mem_printf("%s/tests/unit/golden/%s.%s",
		root != NULL ? root : ".", name, ext);

	if (getenv("GOLDEN_WRITE") != NULL) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(text, f);
		assert_int_equal(fclose(f), 0);
	}
	char *want = read_all(path);

	if (strcmp(want, text) != 0)
		fail_msg("%s differs; it is now:\n%s", path, text);
	free(want);
	free(path);
}

static const struct reload_result refused = {
	.number = 2,
	.cause = RELOAD_SIGNAL,
	.at_ms = 1763640000000,
	.took_ms = 3,
	.file = (char[]){ "edge.conf" },
	.errors = 1,
	.complaints = (char[]){ "edge.conf:3:2: unknown command 'x'\n" },
};
static const struct reload_result started = {
	.number = 1,
	.cause = RELOAD_START,
	.at_ms = 1763630000000,
	.took_ms = 12,
	.ok = true,
	.file = (char[]){ "edge.conf" },
	.complaints = (char[]){ "" },
};

static const struct renewal_status renewals = {
	.n = 1,
	.row = { { .trustpoint = "EDGE",
		.state = RENEW_RETRYING,
		.not_after = 1800000000,
		.next = 1763646000,
		.attempts = 3,
		.renewed = 1763000000,
		.text = "http://ca.example does not answer" } },
};

static const struct memory_use memory = {
	.resident = 30408704,
	.peak = 41943040,
	.allocator = "jemalloc",
	.used = 12582912,
	.held = 20971520,
};

static struct b2bua_query *ask(unsigned what)
{
	struct b2bua_query *q = mem_new(sizeof(*q));

	q->what = what;
	show_data_fill(q);
	return q;
}

static void one(const struct golden *g, const struct conf *conf)
{
	static const struct reload_result *const reloads[] = { &started,
		&refused };
	static const struct media_usage mu = {
		.workers = 2,
		.calls = 1,
		.ports = 2,
		.pairs = 8192,
		.load = { { .calls = 1,
				  .percent = 12,
				  .packets = 5000,
				  .longest_us = 612 },
			{ 0 } },
	};
	struct words w;
	struct match m;

	assert_int_equal(words_split(slice_str(g->line), &w), 0);
	words_match(&m, &w, command_row, ncommands);
	check_row(g->line, m.kind == MATCH_OK);
	struct b2bua_query *q = ask(commands[m.row].ask);
	struct table *t = table_new();
	const struct show s = {
		.conf = conf,
		.query = q,
		.renewals = &renewals,
		.media = &mu,
		.memory = &memory,
		.reloads = reloads,
		.nreloads = ARRAY_SIZE(reloads),
		.now_ms = 1763645000123,
		.up_ms = 3725000,
		.match = &m,
	};

	check_row(g->line, (commands[m.row].show(t, &s) != 0) == g->fails);
	char *text = table_text(t), *json = table_json(t);

	compare(g->name, "txt", text);
	compare(g->name, "json", json);
	free(text);
	free(json);
	table_free(t);
	b2bua_query_free(q);
}

static void golden(void **state)
{
	struct conf *conf = show_data_conf();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		one(&cases[i], conf);
	obj_unref(conf);
}

/* Nothing there: every command still answers, and its arrays are arrays. */
static void empty(void **state)
{
	struct conf *conf = show_data_conf();
	struct b2bua_query none = { 0 };
	const struct media_usage mu = { 0 };

	(void)state;
	for (size_t i = 0; i < ncommands; i++) {
		struct match m = { .row = i };
		const struct show s = {
			.conf = conf,
			.query = &none,
			.media = &mu,
			.memory = &memory,
			.match = &m,
		};

		if (commands[i].kind != COMMAND_SHOW)
			continue;
		struct table *t = table_new();

		(void)commands[i].show(t, &s);
		char *text = table_text(t), *json = table_json(t);

		check_row(commands[i].words.words, text != NULL);
		check_row(commands[i].words.words, json[0] == '{');
		free(text);
		free(json);
		table_free(t);
	}
	obj_unref(conf);
}

static void metrics(void **state)
{
	struct conf *conf = show_data_conf();
	struct b2bua_query *q = ask(B2BUA_LISTENERS | B2BUA_TRUSTPOINTS);
	static const struct reload_result *const reloads[] = { &started };
	const struct media_usage mu = {
		.workers = 1,
		.ports = 2,
		.pairs = 8192,
		.load = { { .percent = 12, .packets = 5000 } },
	};
	const struct show s = {
		.conf = conf,
		.query = q,
		.trustpoints = q,
		.renewals = &renewals,
		.media = &mu,
		.memory = &memory,
		.reloads = reloads,
		.nreloads = 1,
	};
	char *p = NULL;
	size_t n, row;
	FILE *f = open_memstream(&p, &n);

	(void)state;
	for (row = 0; row < ncommands; row++)
		if (strcmp(commands[row].words.words, "metrics") == 0)
			break;
	commands[row].text(f, &s);
	fclose(f);
	static const char *const wanted[] = {
		"# TYPE lineside_log_lines_suppressed counter\n",
		"\nlineside_log_lines_suppressed_total ",
		"\nlineside_calls 1\n",
		"\nlineside_connections{listener=\"PHONES\"} 1\n",
		"\nlineside_certificate_not_after_seconds{trustpoint=\"EDGE\"} 1800000000\n",
		"\nlineside_certificate_renewal_failures{trustpoint=\"EDGE\"} 3\n",
		"\nlineside_reload_success 1\n",
		"\nlineside_media_load_percent{worker=\"0\"} 12\n",
		"\nlineside_media_packets_per_second{worker=\"0\"} 5000\n",
		"\nlineside_media_longest_wait_microseconds{worker=\"0\"} 0\n",
	};
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		check_row(wanted[i], strstr(p, wanted[i]) != NULL);
	assert_string_equal(p + n - 6, "# EOF\n");
	free(p);
	b2bua_query_free(q);
	obj_unref(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(golden),
		T(empty),
		T(metrics),
	};

	return RUN_TESTS(tests);
}

#include "test.h"

#include <errno.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/thread.h"

/* The clock of the rate limits. */
static uint64_t now_ms = 100000;
uint64_t __wrap_clock_ms(void);
uint64_t __wrap_clock_ms(void)
{
	return now_ms;
}

static char dir[] = "/tmp/lineside-test-log-XXXXXX";
static char path[64], moved[64];

static int setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(moved, sizeof(moved), "%s/log.1", dir);
	return 0;
}

static int teardown(void **state)
{
	const struct log_params quiet = { .level = LOG_SEV_INFO };

	(void)state;
	unlink(path);
	unlink(moved);
	return log_setup(&quiet) | rmdir(dir);
}

static void begin(bool json, enum log_severity level)
{
	const struct log_params p = {
		.level = level, .json = json, .file = path
	};

	unlink(path);
	assert_int_equal(log_setup(&p), 0);
}

/* What the file holds, without the time that begins each line. */
static const char *logged(void)
{
	static char out[8192];
	char line[2048];
	FILE *f = fopen(path, "r");
	size_t n = 0;

	out[0] = '\0';
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		int y, ms, at = 0;

		assert_int_equal(
			sscanf(line, "%4d-%*2d-%*2dT%*2d:%*2d:%*2d.%3dZ %n", &y,
				&ms, &at),
			2);
		assert_int_equal(at, 25);
		n += (size_t)snprintf(
			out + n, sizeof(out) - n, "%s", line + at);
	}
	fclose(f);
	return out;
}

static void rows(void **state)
{
	(void)state;
	for (int i = 0; i < MSG_COUNT; i++) {
		const struct log_row *r = &log_rows[i];
		const char *s = r->text;

		check_row(r->mnemonic, r->severity <= LOG_SEV_INFO);
		check_row(r->mnemonic, strlen(r->meaning) > 0);
		check_row(r->mnemonic, strlen(r->action) > 0);
		check_row(r->mnemonic, strlen(s) > 0);
		check_row(r->mnemonic,
			strspn(r->mnemonic,
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
				strlen(r->mnemonic));
		while ((s = strchr(s, '{')) != NULL) {
			size_t n = strspn(++s, "abcdefghijklmnopqrstuvwxyz_");

			check_row(r->mnemonic, n > 0 && s[n] == '}');
		}
	}
}

static void fills_places(void **state)
{
	(void)state;
	begin(false, LOG_SEV_INFO);
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", "1.2.3"));
	log_event(MSG_SYS_STARTED, NULL, L_INT("version", -5));
	log_event(MSG_SYS_STARTED, NULL);
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", NULL));
	assert_string_equal(logged(),
		"%SYS-5-STARTED: linesided 1.2.3 started\n"
		"%SYS-5-STARTED: linesided -5 started\n"
		"%SYS-5-STARTED: linesided ? started\n"
		"%SYS-5-STARTED: linesided  started\n");
}

static void foreign_text(void **state)
{
	(void)state;
	char longer[600];
	struct addr a;

	begin(false, LOG_SEV_INFO);
	log_event(MSG_SYS_STOPPED, NULL,
		L_SLICE("reason", SLICE_LIT("{version}\r\n%SYS-3-\0\xff")));
	assert_int_equal(addr_parse(&a, SLICE_LIT("2001:db8::1"), 5061), 0);
	log_event(MSG_SYS_STOPPED, NULL, L_ADDR("reason", &a));
	assert_string_equal(logged(),
		"%SYS-5-STOPPED: linesided stopped: "
		"{version}\\x0d\\x0a%SYS-3-\\x00\\xff\n"
		"%SYS-5-STOPPED: linesided stopped: [2001:db8::1]:5061\n");
	memset(longer, 'x', sizeof(longer));
	begin(false, LOG_SEV_INFO);
	log_event(MSG_SYS_STOPPED, NULL,
		L_SLICE("reason", slice_of(longer, sizeof(longer))));
	assert_true(strlen(logged()) < 570);
	assert_non_null(strstr(logged(), "xxx...\n"));
}

static void context(void **state)
{
	(void)state;
	struct log_ctx c = { .call = 17,
		.leg = 'A',
		.phone = "SEP001122334455",
		.sip_call_id = "a b\n@host" };
	struct log_ctx empty = { 0 };

	begin(false, LOG_SEV_INFO);
	log_event(MSG_SYS_STOPPED, &c, L_STR("reason", "x"));
	log_event(MSG_SYS_STOPPED, &empty, L_STR("reason", "y"));
	assert_string_equal(logged(),
		"%SYS-5-STOPPED: linesided stopped: x call=17 leg=A "
		"phone=SEP001122334455 sip-call-id=a\\x20b\\x0a@host\n"
		"%SYS-5-STOPPED: linesided stopped: y\n");
}

static void levels(void **state)
{
	(void)state;
	begin(false, LOG_SEV_ERROR);
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", "1"));
	log_event(MSG_SYS_START_FAILED, NULL, L_STR("reason", "r"));
	assert_string_equal(
		logged(), "%SYS-3-START_FAILED: linesided cannot start: r\n");
}

/* What would be left out by level costs no quota and is not counted. */
static void limits(void **state)
{
	(void)state;
	uint64_t before = metric_read(M_LOG_SUPPRESSED);

	begin(false, LOG_SEV_INFO);
	for (int i = 0; i < 5; i++)
		log_event(MSG_SYS_LOG_FILE, NULL, L_STR("file", "f"),
			L_INT("reason", i));
	assert_string_equal(
		logged(), "%SYS-3-LOG_FILE: log file f cannot be opened: 0\n");
	assert_int_equal(metric_read(M_LOG_SUPPRESSED) - before, 4);

	begin(false, LOG_SEV_INFO);
	now_ms += 999;
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", "1"));
	now_ms += 1;
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", "2"));
	log_event(
		MSG_SYS_LOG_FILE, NULL, L_STR("file", "f"), L_INT("reason", 9));
	assert_string_equal(logged(),
		"%SYS-5-STARTED: linesided 1 started\n"
		"%SYS-4-LINES_SUPPRESSED: 4 more lines SYS-3-LOG_FILE "
		"were not written\n"
		"%SYS-5-STARTED: linesided 2 started\n"
		"%SYS-3-LOG_FILE: log file f cannot be opened: 9\n");
	now_ms += 5000;
}

static void json_lines(void **state)
{
	(void)state;
	struct log_ctx c = { .call = 3, .leg = 'B' };
	json_t *o;

	begin(true, LOG_SEV_INFO);
	log_event(MSG_SYS_STOPPED, &c, L_STR("reason", "a\"\xff"),
		L_INT("code", 42));
	o = json_load_file(path, 0, NULL);
	assert_non_null(o);
	assert_int_equal(json_integer_value(json_object_get(o, "severity")), 5);
	assert_string_equal(
		json_string_value(json_object_get(o, "code")), "SYS-5-STOPPED");
	assert_string_equal(json_string_value(json_object_get(o, "text")),
		"linesided stopped: a\"\\xff");
	assert_int_equal(json_integer_value(json_object_get(o, "call")), 3);
	assert_string_equal(json_string_value(json_object_get(o, "leg")), "B");
	assert_null(json_object_get(o, "phone"));
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(o, "args"), "code")),
		42);
	json_decref(o);
}

static void debug_switches(void **state)
{
	(void)state;
	struct log_ctx c = { .call = 3 };

	begin(false, LOG_SEV_ERROR); /* switches do not ask the level */
	for (int i = 0; i < DEBUG_COUNT; i++) {
		assert_false(log_debug_on((enum log_debug)i));
		assert_true(strlen(log_debug_name((enum log_debug)i)) > 0);
	}
	log_debug(DEBUG_SIP_CALLS, NULL, "not %s", "seen");
	log_debug_set(DEBUG_SIP_MESSAGES, true);
	log_debug(DEBUG_SIP_MESSAGES, &c, "%s", "BYE sip:x\r\nVia: \033\r\n");
	log_debug_set(DEBUG_SIP_MESSAGES, false);
	log_debug(DEBUG_SIP_MESSAGES, NULL, "not seen");
	assert_string_equal(logged(),
		"debug ccsip messages: BYE sip:x call=3\n"
		"debug ccsip messages: Via: \\x1b call=3\n");
}

static void reopens(void **state)
{
	(void)state;
	struct stat st;

	begin(false, LOG_SEV_INFO);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07137, 0); /* 0640 at most */
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", "old"));
	assert_int_equal(rename(path, moved), 0);
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", "late"));
	log_reopen();
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", "new"));
	assert_string_equal(
		logged(), "%SYS-5-STARTED: linesided new started\n");
	/* A wrong setup changes nothing. */
	struct log_params bad = { .file = "/nowhere/at/all" };

	assert_int_equal(log_setup(&bad), ENOENT);
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", "same"));
	assert_non_null(strstr(logged(), "same"));
}

struct seen {
	int n;
	char first[128], last[128];
};

static void see(void *arg, const char *line)
{
	struct seen *s = arg;

	snprintf(s->n++ == 0 ? s->first : s->last, sizeof(s->last), "%s", line);
}

static void remembers(void **state)
{
	(void)state;
	const struct log_params quiet = { .level = LOG_SEV_INFO };
	struct seen s = { 0 };

	assert_int_equal(log_setup(&quiet), 0);
	for (int i = 0; i < 1234; i++)
		log_event(MSG_SYS_STARTED, NULL, L_INT("version", i));
	log_recent(see, &s);
	assert_int_equal(s.n, 1000);
	assert_non_null(strstr(s.first, "linesided 234 started"));
	assert_non_null(strstr(s.last, "linesided 1233 started"));
}

enum { THREADS = 4, EACH = 200 };

static void *shout(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++)
		log_event(MSG_SYS_STARTED, NULL, L_STR("version", "thread"));
	return NULL;
}

static void threads_do_not_mix(void **state)
{
	(void)state;
	pthread_t t[THREADS];
	char line[256];
	int n = 0;
	FILE *f;

	begin(false, LOG_SEV_INFO);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(thread_start(&t[i], shout, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	f = fopen(path, "r");
	assert_non_null(f);
	for (; fgets(line, sizeof(line), f) != NULL; n++)
		assert_string_equal(line + 25,
			"%SYS-5-STARTED: linesided thread started\n");
	fclose(f);
	assert_int_equal(n, THREADS * EACH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows),
		T(fills_places),
		T(foreign_text),
		T(context),
		T(levels),
		T(limits),
		T(json_lines),
		T(debug_switches),
		T(reopens),
		T(remembers),
		T(threads_do_not_mix),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}

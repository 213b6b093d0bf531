/* The control socket with real clients, over a b2bua of nothing. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "control/client.h"
#include "control/control.h"
#include "fake_b2bua.h"
#include "services.h"
#include "show_data.h"
#include "test.h"

struct site {
	char dir[32], path[64];
	struct mq *main;
	struct services *s;
	struct conf *conf;
	unsigned reloads;
};

static struct reload_result *reload(void *arg)
{
	struct site *st = arg;
	struct reload_result *r = obj_new(sizeof(*r), NULL);
	static char file[] = "edge.conf";
	static char none[] = "";

	st->reloads++;
	r->number = st->reloads;
	r->cause = RELOAD_COMMAND;
	r->ok = st->reloads % 2 == 1;
	r->errors = !r->ok;
	r->file = file;
	r->complaints = none;
	services_publish(st->s, NULL, -1, NULL, r);
	return r;
}

static int site_open(void **state)
{
	struct site *st = mem_new(sizeof(*st));
	int fd;

	snprintf(st->dir, sizeof(st->dir), "/tmp/lineside-ctl-XXXXXX");
	assert_non_null(mkdtemp(st->dir));
	snprintf(st->path, sizeof(st->path), "%s/control", st->dir);
	assert_int_equal(control_listen(st->path, &fd), 0);
	st->main = mq_new(0);
	st->conf = show_data_conf();
	fake_reset();
	fake.fill = show_data_fill;
	assert_int_equal(services_start(&st->s,
				 &(struct services_params){
					 .control_fd = fd,
					 .main = st->main,
					 .reload = reload,
					 .arg = st,
				 }),
		0);
	struct reload_result *r = obj_new(sizeof(*r), NULL);

	r->ok = true;
	r->file = st->path;
	r->complaints = st->path;
	services_publish(st->s, st->conf, -1, NULL, r);
	obj_unref(r);
	*state = st;
	return 0;
}

static int site_close(void **state)
{
	struct site *st = *state;

	services_stop(st->s);
	while (mq_run(st->main) > 0)
		;
	services_free(st->s);
	mq_run(st->main);
	mq_free(st->main);
	obj_unref(st->conf);
	unlink(st->path);
	rmdir(st->dir);
	free(st);
	return 0;
}

struct asked {
	struct site *st;
	enum request_form form;
	const char *line;
	char *out, *err;
	int code;
	int done; /* closed at the end */
};

static void *ask_thread(void *arg)
{
	struct asked *a = arg;
	size_t n;
	FILE *out = open_memstream(&a->out, &n);
	FILE *err = open_memstream(&a->err, &n);

	a->code = client_ask(a->st->path, a->form, a->line, out, err);
	fclose(out);
	fclose(err);
	close(a->done);
	return NULL;
}

/* Asks in a thread of its own while this one is the daemon's main thread. */
static struct asked ask(
	struct site *st, enum request_form form, const char *line)
{
	struct asked a = { .st = st, .form = form, .line = line };
	pthread_t t;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	a.done = ends[1];
	assert_int_equal(pthread_create(&t, NULL, ask_thread, &a), 0);
	struct pollfd fds[] = {
		{ .fd = ends[0], .events = POLLIN },
		{ .fd = mq_fd(st->main), .events = POLLIN },
	};

	while (poll(fds, 2, -1) >= 0 && fds[0].revents == 0)
		mq_run(st->main);
	pthread_join(t, NULL);
	close(ends[0]);
	return a;
}

static void answers(void **state)
{
	static const struct {
		const char *line;
		enum request_form form;
		int code;
		const char *in_out, *in_err;
	} cases[] = {
		{ "show call active voice brief", REQUEST_TEXT, EXIT_OK,
			"SRTP: on", "" },
		{ "sh call act vo br", REQUEST_JSON, EXIT_OK, "\"srtp\": true",
			"" },
		{ "show running-config", REQUEST_TEXT, EXIT_OK,
			"hostname edge1\n", "" },
		{ "show running-config", REQUEST_JSON, EXIT_OK,
			"\"text\": ", "" },
		{ "metrics", REQUEST_TEXT, EXIT_OK, "# EOF\n", "" },
		{ "show messages", REQUEST_TEXT, EXIT_OK,
			"%SYS-5-STARTED: ", "" },
		{ "show version", REQUEST_TEXT, EXIT_OK, "gnutls", "" },
		{ "show logging", REQUEST_TEXT, EXIT_OK, "Level", "" },
		{ "show counters", REQUEST_TEXT, EXIT_OK, "_total", "" },
		{ "show dial-peer voice 9", REQUEST_TEXT, EXIT_FAILED,
			"no dial-peer 9", "" },
		{ "show frob", REQUEST_TEXT, EXIT_USAGE, "", "Invalid input" },
		{ "show", REQUEST_TEXT, EXIT_USAGE, "", "Incomplete" },
		{ "show c", REQUEST_TEXT, EXIT_USAGE, "", "Ambiguous" },
		{ "clear call 7", REQUEST_TEXT, EXIT_OK, "Call 7", "" },
		{ "clear call 8", REQUEST_TEXT, EXIT_FAILED, "no call 8", "" },
		{ "clear counters", REQUEST_TEXT, EXIT_OK, "begin anew", "" },
		{ "debug ccsip messages", REQUEST_TEXT, EXIT_OK, "is on", "" },
		{ "show debugging", REQUEST_TEXT, EXIT_OK, "yes", "" },
		{ "undebug all", REQUEST_TEXT, EXIT_OK, "off", "" },
		{ "reload", REQUEST_TEXT, EXIT_OK, "in force", "" },
		{ "reload", REQUEST_JSON, EXIT_FAILED, "\"ok\": false", "" },
		{ "show reload", REQUEST_TEXT, EXIT_OK, "refused", "" },
		{ "show ", REQUEST_HELP, EXIT_OK, "running-config", "" },
		{ "sh r", REQUEST_COMPLETE, EXIT_OK, "reload\n", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct asked a = ask(*state, cases[i].form, cases[i].line);

		check_row(cases[i].line, a.code == cases[i].code);
		check_row(
			cases[i].line, strstr(a.out, cases[i].in_out) != NULL);
		check_row(
			cases[i].line, strstr(a.err, cases[i].in_err) != NULL);
		free(a.out);
		free(a.err);
	}
	assert_int_equal(fake.cleared, 7);
	assert_int_equal(fake.tallies_cleared, 1);
}

static int connect_to(const struct site *st)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", st->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static char *read_to_end(int fd)
{
	struct text t = { 0 };
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		text_add(&t, slice_of(buf, (size_t)n));
	close(fd);
	return text_take(&t);
}

/* A request may come in pieces, each byte of its own. */
static void bytewise(void **state)
{
	static const char line[] = "lineside/1 text show debugging\n";
	int fd = connect_to(*state);

	for (size_t i = 0; i + 1 < sizeof(line); i++)
		assert_int_equal(send(fd, line + i, 1, MSG_NOSIGNAL), 1);
	char *got = read_to_end(fd);

	assert_true(got[0] == 'O' && strstr(got, "X 0\n") != NULL);
	free(got);
}

static void foreign(void **state)
{
	static const char *const lines[] = {
		"GET / HTTP/1.1\r\n",
		"lineside/9 text show version\n",
		"lineside/1 text \x01\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		int fd = connect_to(*state);

		assert_true(
			send(fd, lines[i], strlen(lines[i]), MSG_NOSIGNAL) > 0);
		char *got = read_to_end(fd);

		check_row(lines[i], strstr(got, "X 2\n") != NULL);
		free(got);
	}
}

/* A line without end is cut off, not waited for. */
static void endless(void **state)
{
	char line[REQUEST_MAX];
	int fd = connect_to(*state);

	memset(line, 'a', sizeof(line));
	assert_int_equal(
		send(fd, line, sizeof(line), MSG_NOSIGNAL), sizeof(line));
	char *got = read_to_end(fd);

	assert_non_null(strstr(got, "X 2\n"));
	free(got);
}

/* Clients that ask and never read hold up nobody; one too many is told. */
static void slow_readers(void **state)
{
	static const char line[] = "lineside/1 json show messages\n";
	int fd[CONTROL_CLIENTS_MAX];
	struct site *st = *state;

	for (size_t i = 0; i < ARRAY_SIZE(fd) - 1; i++) {
		fd[i] = connect_to(st);
		assert_int_equal(
			send(fd[i], line, sizeof(line) - 1, MSG_NOSIGNAL),
			sizeof(line) - 1);
	}
	struct asked a = ask(st, REQUEST_TEXT, "show debugging");

	assert_int_equal(a.code, EXIT_OK);
	free(a.out);
	free(a.err);
	for (size_t i = 0; i < ARRAY_SIZE(fd) - 1; i++)
		close(fd[i]);
}

static void too_many(void **state)
{
	int fd[CONTROL_CLIENTS_MAX];
	struct site *st = *state;

	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		fd[i] = connect_to(st);
	char *got = read_to_end(connect_to(st));

	assert_non_null(strstr(got, "Too many"));
	assert_non_null(strstr(got, "X 1\n"));
	free(got);
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
}

enum { HELD_MAX = 64 };
static struct {
	pthread_mutex_t lock;
	bool open; /* nothing is kept any longer */
	struct b2bua_query *v[HELD_MAX];
	size_t n, asked; /* kept now; in all */
} held = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool hold(struct b2bua_query *q)
{
	bool kept;

	if ((q->what & B2BUA_CALLS) == 0)
		return false;
	need(pthread_mutex_lock(&held.lock) == 0);
	held.asked++;
	kept = !held.open && held.n < HELD_MAX;
	if (kept)
		held.v[held.n++] = q;
	need(pthread_mutex_unlock(&held.lock) == 0);
	return kept;
}

static size_t held_asked(void)
{
	size_t n;

	need(pthread_mutex_lock(&held.lock) == 0);
	n = held.asked;
	need(pthread_mutex_unlock(&held.lock) == 0);
	return n;
}

static void let_go(void)
{
	need(pthread_mutex_lock(&held.lock) == 0);
	held.open = true;
	while (held.n > 0)
		fake_answer(held.v[--held.n]);
	need(pthread_mutex_unlock(&held.lock) == 0);
}

/* What others sent before was read when this is answered. */
static void go_round(struct site *st)
{
	for (int i = 0; i < 3; i++) {
		struct asked a = ask(st, REQUEST_TEXT, "show debugging");

		assert_int_equal(a.code, EXIT_OK);
		free(a.out);
		free(a.err);
	}
}

/* Twenty look at all calls at once: two are asked for at a time, the others
 * wait, those that hang up meanwhile are not asked for, and everybody else is
 * answered. */
static void a_crowd_looks_at_calls(void **state)
{
	static const char line[] =
		"lineside/1 text show call active voice brief\n";
	enum { FIRST = 5, STAY = 15, ALL = 20 };
	struct site *st = *state;
	int fd[ALL];

	fake.keep = hold;
	for (size_t i = 0; i < ALL; i++) {
		if (i == FIRST)
			go_round(st);
		fd[i] = connect_to(st);
		assert_int_equal(
			send(fd[i], line, sizeof(line) - 1, MSG_NOSIGNAL),
			sizeof(line) - 1);
	}
	go_round(st);
	assert_int_equal(held_asked(), 2);
	for (size_t i = STAY; i < ALL; i++)
		close(fd[i]);
	let_go();
	for (size_t i = 0; i < STAY; i++) {
		char *got = read_to_end(fd[i]);

		assert_non_null(strstr(got, "SRTP: on"));
		assert_non_null(strstr(got, "X 0\n"));
		free(got);
	}
	go_round(st);
	assert_int_equal(held_asked(), STAY);
}

static void permissions(void **state)
{
	struct site *st = *state;
	struct stat sb;
	int fd;

	assert_int_equal(stat(st->path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0660);
	/* In use: not taken away. Left over: replaced. */
	assert_int_equal(control_listen(st->path, &fd), EADDRINUSE);
}

static void left_over(void **state)
{
	struct site *st = *state;
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s.old", st->path);
	assert_int_equal(control_listen(path, &fd), 0);
	close(fd);
	assert_int_equal(control_listen(path, &fd), 0);
	close(fd);
	unlink(path);
}

static void no_daemon(void **state)
{
	FILE *null = fopen("/dev/null", "w");

	(void)state;
	assert_int_equal(client_ask("/nonexistent/socket", REQUEST_TEXT,
				 "show version", null, null),
		EXIT_NOT_RUNNING);
	fclose(null);
}

static void on_alive(void *arg, const struct services_alive *a)
{
	*(struct services_alive *)arg = *a;
}

static struct services_alive ask_alive(struct site *st)
{
	struct services_alive a = { 0 };
	struct pollfd fd = { .fd = mq_fd(st->main), .events = POLLIN };

	services_ask_alive(st->s, on_alive, &a);
	while (a.usage.registrations == 0 && poll(&fd, 1, 10000) > 0)
		mq_run(st->main);
	return a;
}

/* The certificates were asked for when the configuration came: by the second
 * answer they are known. */
static void alive(void **state)
{
	struct services_alive a = ask_alive(*state);

	assert_int_equal(a.usage.registrations, 1);
	a = ask_alive(*state);
	assert_true(a.has_certificate);
}

#define TS(fn) cmocka_unit_test_setup_teardown(fn, site_open, site_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TS(answers),
		TS(bytewise),
		TS(foreign),
		TS(endless),
		TS(slow_readers),
		TS(too_many),
		TS(a_crowd_looks_at_calls),
		TS(permissions),
		TS(left_over),
		TS(no_daemon),
		TS(alive),
	};

	return RUN_TESTS(tests);
}

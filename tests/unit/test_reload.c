/* Reloads over a b2bua of nothing: what is in force, what is told and kept. */
#include <errno.h>
#include <unistd.h>

#include "base/obj.h"
#include "fake_b2bua.h"
#include "reload.h"
#include "test.h"

/* %u: a number for the name; %s: more lines. */
static const char text[] = "hostname edge%u\n"
			   "%s"
			   "sip-listener OUT\n"
			   " side access\n"
			   " address ipv4 127.0.0.1 port 5060\n"
			   " transport udp\n"
			   "sip-listener IN\n"
			   " side core\n"
			   " address ipv4 127.0.0.1 port 5062\n"
			   " transport udp\n"
			   "sip-ua\n"
			   " registrar ipv4:127.0.0.1:5070\n"
			   "dial-peer voice 1 voip\n"
			   " session target registrar\n"
			   " incoming listener OUT\n"
			   " destination-pattern .T\n"
			   " no srtp\n";

struct site {
	char file[64];
	struct reload *r;
	struct conf *in_force; /* as told, referenced */
	unsigned told, refused;
	struct reload_result *last;
};

static void told(void *arg, struct conf *c, struct reload_result *res)
{
	struct site *s = arg;

	s->told++;
	s->refused += !res->ok;
	assert_true(res->ok == (c != NULL));
	if (c != NULL) {
		obj_unref(s->in_force);
		s->in_force = obj_ref(c);
	}
	obj_unref(s->last);
	s->last = obj_ref(res);
}

static void write_file(const struct site *s, unsigned n, const char *more)
{
	FILE *f = fopen(s->file, "w");

	assert_non_null(f);
	assert_true(fprintf(f, text, n, more) > 0);
	assert_int_equal(fclose(f), 0);
}

static void site_open(struct site *s)
{
	*s = (struct site){ .file = "/tmp/lineside-reload-XXXXXX" };
	int fd = mkstemp(s->file);

	assert_true(fd >= 0);
	close(fd);
	fake_reset();
	s->r = reload_new(&(struct reload_params){
		.file = s->file, .told = told, .arg = s });
}

static void site_close(struct site *s)
{
	reload_free(s->r);
	assert_int_equal(fake.plans, 0);
	fake_reset();
	obj_unref(s->in_force);
	obj_unref(s->last);
	unlink(s->file);
}

static void first(struct site *s)
{
	struct conf_errs errs = { 0 };

	write_file(s, 0, "");
	struct conf *c = conf_load(s->file, &errs);

	assert_non_null(c);
	assert_int_equal(reload_prepare(s->r, c, &errs), 0);
	assert_int_equal(fake.published, 0); /* privileges are dropped here */
	reload_publish(s->r, RELOAD_START, &errs);
	obj_unref(c);
	conf_errs_free(&errs);
}

static void start(void **state)
{
	struct site s;

	(void)state;
	site_open(&s);
	first(&s);
	assert_int_equal(fake.published, 1);
	assert_string_equal(s.in_force->hostname, "edge0");
	assert_true(fake.conf == s.in_force);
	assert_true(s.last->ok);
	assert_int_equal(s.last->number, 1);
	assert_int_equal(s.last->cause, RELOAD_START);
	site_close(&s);
}

/* 100 times, a wrong file after each right one: wrong ones change nothing. */
static void hundred(void **state)
{
	struct site s;

	(void)state;
	site_open(&s);
	first(&s);
	for (unsigned i = 1; i <= 100; i++) {
		bool wrong = i % 2 == 0;
		const struct conf *before = s.in_force;

		write_file(&s, i, wrong ? "frobnicate\n" : "");
		struct reload_result *res = reload_run(s.r, RELOAD_SIGNAL);

		assert_true(res->ok == !wrong);
		assert_int_equal(res->number, i + 1);
		assert_true((s.in_force == before) == wrong);
		assert_true(fake.conf == s.in_force);
		if (wrong) {
			assert_int_equal(res->errors, 1);
			assert_non_null(strstr(res->complaints, ":2:1: "));
			assert_non_null(strstr(res->complaints, "frobnicate"));
		}
		obj_unref(res);
	}
	assert_int_equal(s.told, 101);
	assert_int_equal(s.refused, 50);
	assert_int_equal(fake.published, 51);
	assert_string_equal(s.in_force->hostname, "edge99");
	site_close(&s);
}

/* A right text that cannot be carried out: a port is taken, say. */
static void state_is_a_file(void **state)
{
	struct site s;
	char line[128];

	(void)state;
	site_open(&s);
	first(&s);
	snprintf(line, sizeof(line), "state directory %s\n", s.file);
	write_file(&s, 2, line);
	struct reload_result *res = reload_run(s.r, RELOAD_COMMAND);

	assert_false(res->ok);
	assert_int_equal(res->errors, 1);
	assert_non_null(strstr(res->complaints, "is not a directory, name a "));
	assert_string_equal(s.in_force->hostname, "edge0");
	obj_unref(res);
	snprintf(line, sizeof(line), "state directory %s.none\n", s.file);
	write_file(&s, 3, line); /* made when it is needed */
	res = reload_run(s.r, RELOAD_COMMAND);
	assert_true(res->ok);
	obj_unref(res);
	site_close(&s);
}

static void not_prepared(void **state)
{
	struct site s;

	(void)state;
	site_open(&s);
	first(&s);
	write_file(&s, 2, "");
	fake.prepare_err = EADDRINUSE;
	fake.complaint = "port 5060 is taken";
	struct reload_result *res = reload_run(s.r, RELOAD_COMMAND);

	assert_false(res->ok);
	assert_non_null(strstr(res->complaints, "port 5060 is taken"));
	assert_string_equal(s.in_force->hostname, "edge0");
	obj_unref(res);
	/* It need not say why; the error itself is told then. */
	fake.complaint = NULL;
	res = reload_run(s.r, RELOAD_COMMAND);
	assert_non_null(strstr(res->complaints, strerror(EADDRINUSE)));
	obj_unref(res);
	fake.prepare_err = 0;
	res = reload_run(s.r, RELOAD_COMMAND);
	assert_true(res->ok);
	assert_string_equal(s.in_force->hostname, "edge2");
	obj_unref(res);
	site_close(&s);
}

/* The last thing that may fail: what was prepared is given up. */
static void no_log_file(void **state)
{
	struct site s;

	(void)state;
	site_open(&s);
	first(&s);
	write_file(&s, 1, "logging file /nonexistent/dir/log\n");
	struct reload_result *res = reload_run(s.r, RELOAD_SIGNAL);

	assert_false(res->ok);
	assert_non_null(strstr(res->complaints, "/nonexistent/dir/log"));
	assert_int_equal(fake.discarded, 1);
	assert_string_equal(s.in_force->hostname, "edge0");
	obj_unref(res);
	site_close(&s);
}

static void no_file(void **state)
{
	struct site s;

	(void)state;
	site_open(&s);
	first(&s);
	unlink(s.file);
	struct reload_result *res = reload_run(s.r, RELOAD_SIGNAL);

	assert_false(res->ok);
	assert_non_null(strstr(res->complaints, s.file));
	obj_unref(res);
	site_close(&s);
}

/* Told as a warning, and carried out all the same. */
static void restart_needed(void **state)
{
	struct site s;

	(void)state;
	site_open(&s);
	first(&s);
	write_file(&s, 1, "control-socket /run/other\n");
	struct reload_result *res = reload_run(s.r, RELOAD_SIGNAL);

	assert_true(res->ok);
	assert_int_equal(res->warnings, 1);
	assert_non_null(strstr(res->complaints, "control-socket"));
	obj_unref(res);
	site_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(start),
		T(hundred),
		T(not_prepared),
		T(state_is_a_file),
		T(no_log_file),
		T(no_file),
		T(restart_needed),
	};

	return RUN_TESTS(tests);
}

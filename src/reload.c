/* The course of a reload, and the record of it. */
#include "reload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "ca/ca_conf.h"
#include "certs/store/seal.h"
#include "process.h"

enum { COMPLAINTS_LOGGED = 50 }; /* lines of one reload in the journal */

struct reload {
	struct reload_params p;
	struct conf *conf; /* in force; NULL before the first */
	struct conf *next; /* prepared */
	struct b2bua_plan *plan; /* of `next` */
	int http_fd; /* bound for `next`; -1: none */
	struct proxy_plan *proxy_plan; /* of `next` */
	struct proxy_work *proxy_work; /* published, not yet taken */
	struct proxy_sockets *proxy_sockets; /* in force; referenced */
	struct phone_trust_plan *trust; /* of `next`; NULL: taken */
	unsigned number;
	uint64_t began_ms; /* clock_ms() */
};

static uint64_t wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

struct reload *reload_new(const struct reload_params *p)
{
	struct reload *r = mem_new(sizeof(*r));

	r->p = *p;
	r->http_fd = -1;
	r->began_ms = clock_ms();
	return r;
}

static void close_http(struct reload *r)
{
	if (r->http_fd >= 0)
		close(r->http_fd);
	r->http_fd = -1;
}

struct phone_trust_plan *reload_take_trust(struct reload *r)
{
	struct phone_trust_plan *p = r->trust;

	r->trust = NULL;
	return p;
}

int reload_take_http(struct reload *r)
{
	int fd = r->http_fd;

	r->http_fd = -1;
	return fd;
}

struct proxy_work *reload_take_proxies(struct reload *r)
{
	struct proxy_work *w = r->proxy_work;

	r->proxy_work = NULL;
	return w;
}

static void drop_proxies(struct reload *r)
{
	proxy_discard(r->proxy_plan);
	r->proxy_plan = NULL;
}

void reload_free(struct reload *r)
{
	if (r == NULL)
		return;
	if (r->plan != NULL)
		b2bua_discard(r->plan);
	close_http(r);
	drop_proxies(r);
	proxy_work_free(r->proxy_work);
	obj_unref(r->proxy_sockets);
	phone_trust_discard(r->trust);
	obj_unref(r->next);
	obj_unref(r->conf);
	free(r);
}

static int open_log(
	const struct reload *r, const struct conf *c, struct conf_errs *errs)
{
	struct log_params lp = c->logging;
	int err;

	lp.to_stderr = lp.to_stderr || r->p.to_stderr;
	err = log_setup(&lp);
	if (err != 0)
		conf_errs_add(errs, false, (struct conf_pos){ 0 },
			"see `logging file` and who may write there",
			"log file %s cannot be opened: %s", lp.file,
			strerrordesc_np(err));
	return err;
}

static bool differ(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") != 0;
}

static void later(struct conf_errs *errs, const char *what)
{
	conf_errs_add(errs, true, (struct conf_pos){ 0 },
		"restart linesided to change it",
		"%s is used at the next start", what);
}

/* What is decided once, at the start. */
static void warn_restart(
	const struct conf *old, const struct conf *new, struct conf_errs *errs)
{
	if (old == NULL)
		return;
	if (differ(old->control_socket, new->control_socket))
		later(errs, "control-socket");
	if (differ(old->user, new->user))
		later(errs, "user");
	if (old->media_workers != new->media_workers)
		later(errs, "the number of media workers");
	if (old->tls_workers != new->tls_workers)
		later(errs, "the number of TLS workers");
}

/* Found out now, not when a phone's certificate is to be kept. One that is not
 * there is made by who needs it. */
static void check_state(const struct conf *c, struct conf_errs *errs)
{
	const char *dir = c->state_directory;
	struct stat st;

	if (stat(dir, &st) != 0)
		return;
	if (!S_ISDIR(st.st_mode))
		conf_errs_add(errs, false, (struct conf_pos){ 0 },
			"name a directory that the daemon's user owns",
			"state directory %s is not a directory", dir);
	else if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) != 0)
		conf_errs_add(errs, true, (struct conf_pos){ 0 },
			"give it to the user that linesided runs as (chown)",
			"state directory %s cannot be written: %s", dir,
			strerrordesc_np(errno));
}

int reload_prepare(struct reload *r, struct conf *c, struct conf_errs *errs)
{
	size_t before = errs->errors;
	int err;

	check_state(c, errs);
	seal_check_conf(c, errs);
	if (errs->errors > before)
		return EACCES;
	err = b2bua_prepare(&r->plan, r->p.b2bua, c, errs);

	if (err != 0) {
		r->plan = NULL;
		if (errs->errors == before)
			conf_errs_add(errs, false, (struct conf_pos){ 0 }, NULL,
				"it cannot be carried out: %s",
				strerrordesc_np(err));
		return err;
	}
	err = ca_conf_bind(r->conf, c, &r->http_fd, errs);
	if (err == 0)
		err = proxy_prepare(&r->proxy_plan, r->proxy_sockets, c, errs);
	phone_trust_discard(reload_take_trust(r)); /* nobody took the last */
	if (err == 0)
		err = phone_trust_prepare(&r->trust, r->conf, c, errs);
	if (err == 0)
		err = open_log(r, c, errs);
	if (err != 0) {
		close_http(r);
		drop_proxies(r);
		phone_trust_discard(reload_take_trust(r));
		b2bua_discard(r->plan);
		r->plan = NULL;
		return err;
	}
	warn_restart(r->conf, c, errs);
	r->next = obj_ref(c);
	return 0;
}

static void result_free(void *p)
{
	struct reload_result *res = p;

	free(res->file);
	free(res->complaints);
}

static char *print_errs(const struct conf_errs *errs, const char *file)
{
	char *p = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&p, &n);

	need(f != NULL);
	conf_errs_print(errs, file, f);
	need(fclose(f) == 0);
	return p;
}

static struct reload_result *make_result(struct reload *r,
	enum reload_cause cause, bool ok, const struct conf_errs *errs)
{
	struct reload_result *res = obj_new(sizeof(*res), result_free);

	res->number = ++r->number;
	res->cause = cause;
	res->at_ms = wall_ms();
	res->took_ms = clock_ms() - r->began_ms;
	res->ok = ok;
	res->file = mem_dup(r->p.file);
	res->errors = errs->errors;
	res->warnings = errs->n - errs->errors;
	res->complaints = print_errs(errs, r->p.file);
	return res;
}

/* Each line that conf_errs_print() made, up to a bound. */
static void log_complaints(const struct reload_result *res)
{
	struct slice rest = slice_str(res->complaints), line;
	size_t n = 0;

	while (n++ < COMPLAINTS_LOGGED && slice_line(&rest, &line))
		log_event(MSG_CONF_COMPLAINT, NULL, L_SLICE("text", line));
	if (rest.n > 0)
		log_event(MSG_CONF_COMPLAINT, NULL,
			L_STR("text", "… more: see `lineside show reload`"));
}

static void log_result(const struct reload_result *res)
{
	if (res->errors + res->warnings > 0)
		log_complaints(res);
	if (!res->ok)
		log_event(MSG_CONF_RELOAD_FAILED, NULL,
			L_STR("file", res->file), L_INT("errors", res->errors));
	else
		log_event(MSG_CONF_RELOADED, NULL, L_STR("file", res->file),
			L_INT("warnings", res->warnings),
			L_INT("ms", res->took_ms));
}

/* The record of what happened, made known. One reference. */
static struct reload_result *tell(struct reload *r, enum reload_cause cause,
	bool ok, const struct conf_errs *errs)
{
	struct reload_result *res = make_result(r, cause, ok, errs);

	log_result(res);
	if (ok && cause != RELOAD_RENEWAL)
		process_check_files(r->conf);
	r->p.told(r->p.arg, ok ? r->conf : NULL, res);
	return res;
}

static void publish(struct reload *r)
{
	b2bua_publish(r->plan);
	r->plan = NULL;
	proxy_work_free(r->proxy_work);
	obj_unref(r->proxy_sockets);
	proxy_publish(r->proxy_plan, &r->proxy_work, &r->proxy_sockets);
	r->proxy_plan = NULL;
	obj_unref(r->conf); /* calls that began with it keep it */
	r->conf = r->next;
	r->next = NULL;
}

void reload_publish(
	struct reload *r, enum reload_cause cause, const struct conf_errs *errs)
{
	need(r->plan != NULL);
	publish(r);
	obj_unref(tell(r, cause, true, errs));
}

struct reload_result *reload_run(struct reload *r, enum reload_cause cause)
{
	struct conf_errs errs = { 0 };
	struct reload_result *res;
	struct conf *c;
	bool ok;

	r->began_ms = clock_ms();
	c = conf_load(r->p.file, &errs);
	ok = c != NULL && reload_prepare(r, c, &errs) == 0;
	if (ok)
		publish(r);
	obj_unref(c);
	res = tell(r, cause, ok, &errs);
	conf_errs_free(&errs);
	return res;
}

int reload_renew(struct reload *r)
{
	struct conf_errs errs = { 0 };
	int err;

	need(r->conf != NULL);
	r->began_ms = clock_ms();
	err = reload_prepare(r, r->conf, &errs);
	if (err == 0)
		publish(r);
	obj_unref(tell(r, RELOAD_RENEWAL, err == 0, &errs));
	conf_errs_free(&errs);
	return err;
}

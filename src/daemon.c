/*
 * Starting: configuration → limits → threads (idle) → sockets bound → privileges
 * dropped → published; only then is a foreign byte read. Stopping is the same
 * backwards. The main thread then waits for signals and for the services'
 * wish to reload, and tells systemd how it goes.
 */
#include "daemon.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "b2bua/b2bua.h"
#include "base/obj.h"
#include "base/thread.h"
#include "certs/fetch.h"
#include "control/control.h"
#include "pki/renewal.h"
#include "process.h"
#include "reload.h"
#include "services.h"
#include "version.h"

enum { ALIVE_MS = 5000 }; /* at least this often, the threads are asked */

struct daemon {
	const struct daemon_options *o;
	struct conf *conf; /* the first one, for starting */
	struct conf_errs errs; /* its warnings; then what went wrong */
	char *socket_path; /* bound by us; NULL: not yet */
	int signals; /* signalfd */
	struct mq *queue;
	struct b2bua *b2bua;
	struct hs_pool *hs;
	struct media *media;
	bool sip_runs;
	int control_fd; /* until the services have it */
	struct services *services;
	struct reload *reload;
	struct renewal *renewal;
	bool stopping;
	const char *stop_reason; /* NULL: go on */
	bool asked; /* the threads have not answered yet */
	uint64_t alive_ms, next_ms; /* period; when to ask again */
};

static void told(void *arg, struct conf *c, struct reload_result *r)
{
	struct daemon *d = arg;

	if (c != NULL)
		services_trust(d->services, reload_take_trust(d->reload));
	services_publish(d->services, c, reload_take_http(d->reload),
		reload_take_proxies(d->reload), r);
	if (c != NULL)
		renewal_publish(d->renewal, c);
}

/* A certificate was renewed; what is in the file by now is not its affair. */
static int renewed(void *arg, const char *trustpoint)
{
	struct daemon *d = arg;

	(void)trustpoint;
	return d->stopping ? ECANCELED : reload_renew(d->reload);
}

static void renewals_told(void *arg, struct renewal_status *s)
{
	struct daemon *d = arg;

	services_renewals(d->services, s);
	obj_unref(s);
}

static struct reload_result *reload_again(void *arg, enum reload_cause cause)
{
	struct daemon *d = arg;
	struct reload_result *r;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		(unsigned long long)(clock_ns() / 1000));
	r = reload_run(d->reload, cause);
	sd_notifyf(0, "READY=1\nSTATUS=%s",
		r->ok ? "reloaded" : "reload refused: lineside show reload");
	return r;
}

static struct reload_result *reload_by_command(void *arg)
{
	const struct daemon *d = arg;

	if (d->stop_reason != NULL)
		return NULL; /* too late: nobody waits for it */
	return reload_again(arg, RELOAD_COMMAND);
}

static int say(const char *what, int err)
{
	char reason[512];

	snprintf(reason, sizeof(reason), "%s: %s", what, strerrordesc_np(err));
	log_event(MSG_SYS_START_FAILED, NULL, L_STR("reason", reason));
	return err;
}

static int start_signals(struct daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	need(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return d->signals >= 0 ? 0 : say("signalfd", errno);
}

/* The threads: they run, and have nothing to do yet. */
static int start_threads(struct daemon *d)
{
	const struct conf *c = d->conf;
	struct media_params mp = {
		.workers = c->media_workers,
		.rtp_min = c->voip.rtp_min,
		.rtp_max = c->voip.rtp_max,
	};
	int err = b2bua_new(&d->b2bua);

	if (err != 0)
		return say("the SIP stack", err);
	mp.events = b2bua_queue(d->b2bua);
	err = media_start(&d->media, &mp);
	if (err != 0)
		return say("media workers", err);
	err = hs_pool_start(&d->hs, c->tls_workers);
	if (err != 0)
		return say("TLS workers", err);
	err = b2bua_start(d->b2bua, d->media, d->hs);
	if (err != 0)
		return say("the sip thread", err);
	d->sip_runs = true;
	return 0;
}

/* What to do, as far as the error tells. */
static int say_control(const char *path, int err)
{
	char reason[512];
	const char *hint = "";

	if (err == ENOENT)
		hint = ", make its directory, or name another place with "
		       "'control-socket PATH'";
	if (err == EADDRINUSE)
		hint = ", another linesided runs there";
	snprintf(reason, sizeof(reason), "control socket %s: %s%s", path,
		strerrordesc_np(err), hint);
	log_event(MSG_SYS_START_FAILED, NULL, L_STR("reason", reason));
	return err;
}

static int bind_control(struct daemon *d)
{
	int err = control_listen(d->conf->control_socket, &d->control_fd);

	if (err != 0)
		return say_control(d->conf->control_socket, err);
	d->socket_path = mem_dup(d->conf->control_socket);
	return 0;
}

/* Each error stands on a line of its own, with its place. */
static void say_errors(const struct daemon *d, int err)
{
	char reason[512];

	if (d->errs.errors == 0) {
		say(d->o->file, err);
		return;
	}
	conf_errs_print(&d->errs, d->o->file, stderr);
	snprintf(reason, sizeof(reason),
		"%s asks for what cannot be had: %zu errors, above", d->o->file,
		d->errs.errors);
	log_event(MSG_SYS_START_FAILED, NULL, L_STR("reason", reason));
}

/* Sockets are bound and files read; nobody is served yet. */
static int bind_all(struct daemon *d)
{
	const struct reload_params rp = {
		.file = d->o->file,
		.b2bua = d->b2bua,
		.to_stderr = d->o->foreground,
		.told = told,
		.arg = d,
	};
	int err = bind_control(d);

	if (err != 0)
		return err;
	d->reload = reload_new(&rp);
	err = reload_prepare(d->reload, d->conf, &d->errs);
	if (err != 0)
		say_errors(d, err);
	return err;
}

static int drop_privileges(struct daemon *d)
{
	const char *const files[] = { d->socket_path, d->conf->logging.file };
	const char *user = d->conf->user;
	int err;

	if (user == NULL) {
		if (geteuid() == 0)
			log_event(MSG_SYS_ROOT, NULL);
		return 0;
	}
	err = process_become(user, files, ARRAY_SIZE(files), d->o->core_dumps);
	if (err == EPERM && geteuid() != 0) {
		log_event(MSG_SYS_USER_KEPT, NULL, L_STR("user", user));
		return 0;
	}
	return err == 0 ? 0 : say(user, err);
}

static int start_services(struct daemon *d)
{
	const struct services_params sp = {
		.control_fd = d->control_fd,
		.b2bua = d->b2bua,
		.hs = d->hs,
		.media = d->media,
		.main = d->queue,
		.heap = d->o->heap,
		.reload = reload_by_command,
		.arg = d,
	};
	int err = services_start(&d->services, &sp);

	if (err != 0)
		return say("the services thread", err);
	d->control_fd = -1; /* theirs now */
	hs_pool_watch(d->hs, services_accepted, d->services);
	log_watch(services_logged, d->services);
	return 0;
}

static int start_renewal(struct daemon *d)
{
	const struct renewal_params rp = {
		.main = d->queue,
		.enroll = enroll,
		.next_ca = enroll_next_ca,
		.renewed = renewed,
		.told = renewals_told,
		.arg = d,
	};
	int err = renewal_start(&d->renewal, &rp);

	return err == 0 ? 0 : say("the helper thread", err);
}

static int start(struct daemon *d)
{
	int err;

	process_limits(d->o->core_dumps);
	thread_enter(THR_MAIN, "linesided");
	d->queue = mq_new(0);
	err = start_signals(d);
	if (err == 0)
		err = start_threads(d);
	if (err == 0)
		err = bind_all(d);
	if (err == 0)
		err = drop_privileges(d);
	if (err == 0)
		err = start_services(d);
	if (err == 0)
		err = start_renewal(d);
	if (err == 0)
		reload_publish(d->reload, RELOAD_START, &d->errs);
	if (err == 0 && d->o->started != NULL)
		d->o->started();
	return err;
}

/* Only what was started. Answers that are still on their way between the
 * threads are received before what they point to goes. */
static void stop(struct daemon *d)
{
	d->stopping = true;
	fetch_stop_all();
	if (d->services != NULL)
		services_stop(d->services);
	renewal_stop(d->renewal);
	while (mq_run(d->queue) > 0)
		;
	renewal_free(d->renewal);
	reload_free(d->reload); /* gives up what was prepared in vain */
	if (d->sip_runs)
		b2bua_stop(d->b2bua);
	if (d->hs != NULL)
		hs_pool_stop(d->hs);
	media_stop(d->media);
	log_watch(NULL, NULL);
	services_free(d->services);
	b2bua_free(d->b2bua);
	while (mq_run(d->queue) > 0)
		;
	mq_free(d->queue);
	if (d->control_fd >= 0)
		close(d->control_fd);
	if (d->socket_path != NULL && unlink(d->socket_path) != 0)
		errno = 0; /* after a change of user the directory may say no */
	if (d->signals >= 0)
		close(d->signals);
}

static void on_signal(struct daemon *d, uint32_t number)
{
	switch (number) {
	case SIGHUP:
		obj_unref(reload_again(d, RELOAD_SIGNAL));
		break;
	case SIGUSR1:
		log_reopen();
		break;
	case SIGINT:
		d->stop_reason = "SIGINT";
		break;
	default:
		d->stop_reason = "SIGTERM";
	}
}

static void read_signals(struct daemon *d)
{
	struct signalfd_siginfo si;

	while (read(d->signals, &si, sizeof(si)) == (ssize_t)sizeof(si))
		on_signal(d, si.ssi_signo);
}

static void on_alive(void *arg, const struct services_alive *a)
{
	struct daemon *d = arg;
	char cert[48] = "";

	d->asked = false;
	if (a->has_certificate)
		snprintf(cert, sizeof(cert), ", certificate %lld days",
			(long long)a->days_left);
	sd_notifyf(0, "WATCHDOG=1\nSTATUS=%zu phones, %zu calls%s",
		a->usage.registrations, a->usage.calls, cert);
}

/* The watchdog is fed only when the sip thread and the services answer. */
static void ask_alive(struct daemon *d)
{
	uint64_t now = clock_ms();

	if (now < d->next_ms || d->asked)
		return;
	d->asked = true;
	d->next_ms = now + d->alive_ms;
	services_ask_alive(d->services, on_alive, d);
}

static int wait_ms(const struct daemon *d)
{
	uint64_t now = clock_ms();

	int renewal = renewal_wait_ms(d->renewal);
	int alive;

	if (d->asked)
		return renewal; /* the answer wakes us before */
	alive = d->next_ms > now ? (int)(d->next_ms - now) : 0;
	return alive < renewal ? alive : renewal;
}

static void serve(struct daemon *d)
{
	struct pollfd fds[] = {
		{ .fd = d->signals, .events = POLLIN },
		{ .fd = mq_fd(d->queue), .events = POLLIN },
	};

	while (d->stop_reason == NULL) {
		ask_alive(d);
		if (poll(fds, ARRAY_SIZE(fds), wait_ms(d)) < 0)
			need(errno == EINTR);
		read_signals(d); /* before commands that came after them */
		mq_run(d->queue);
		renewal_run(d->renewal);
	}
}

static void announce(struct daemon *d)
{
	uint64_t watchdog_us = 0;

	d->alive_ms = ALIVE_MS;
	if (sd_watchdog_enabled(0, &watchdog_us) > 0 &&
		watchdog_us / 3000 < d->alive_ms)
		d->alive_ms = watchdog_us / 3000;
	log_event(MSG_SYS_STARTED, NULL, L_STR("version", LINESIDE_VERSION));
	sd_notify(0, "READY=1\nSTATUS=started");
}

int daemon_run(const struct daemon_options *o)
{
	struct daemon d = { .o = o, .signals = -1, .control_fd = -1 };
	int err;

	d.conf = conf_load(o->file, &d.errs);
	if (d.conf == NULL) {
		conf_errs_print(&d.errs, o->file, stderr);
		conf_errs_free(&d.errs);
		return EXIT_FAILED;
	}
	err = start(&d);
	conf_errs_free(&d.errs);
	d.conf = obj_unref(d.conf); /* reload holds what is in force */
	if (err == 0) {
		announce(&d);
		serve(&d);
		sd_notify(0, "STOPPING=1");
	}
	stop(&d);
	if (err == 0)
		log_event(
			MSG_SYS_STOPPED, NULL, L_STR("reason", d.stop_reason));
	free(d.socket_path);
	return err == 0 ? EXIT_OK : EXIT_FAILED;
}

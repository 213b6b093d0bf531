/*
 * Names of core nodes, looked up as the daemon does for calls (resolver.h):
 * the same resolver and the same servers, but one name at a time and nothing
 * else to do meanwhile.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "b2bua/names/ares_ask.h"
#include "base/obj.h"
#include "base/thread.h"
#include "base/wire.h"
#include "doctor/doctor_int.h"

enum { STEP_MS = 250 }; /* so often a lookup that takes too long is seen */

struct doctor_names {
	struct resolver *r;
	ares_channel ares;
	bool open;
	unsigned asked;
};

/* ---- the resolver's questions ---- */

static void ask(void *io, const char *name, enum dns_type type,
	resolver_reply_fn *fn, void *arg)
{
	struct doctor_names *n = io;

	if (n->open)
		ares_ask(n->ares, &n->asked, name, type, fn, arg);
	else
		fn(arg, NULL);
}

static size_t from_file(
	void *io, const char *name, int family, struct addr *out, size_t max)
{
	struct doctor_names *n = io;

	return n->open ? ares_ask_file(n->ares, name, family, out, max) : 0;
}

static uint64_t now_ms(void *io)
{
	(void)io;
	return clock_ms();
}

static struct doctor_names *names_of(struct doctor *d)
{
	static const struct resolver_io io = {
		.ask = ask, .file = from_file, .now_ms = now_ms
	};
	struct doctor_names *n = d->names;

	if (n != NULL)
		return n;
	n = mem_new(sizeof(*n));
	ares_ask_start();
	n->open = ares_ask_open(&n->ares, d->conf, NULL, NULL) == ARES_SUCCESS;
	n->r = resolver_new(&io, n);
	resolver_set_conf(n->r, d->conf);
	d->names = n;
	return n;
}

static void wait_for_servers(struct doctor_names *n)
{
	ares_socket_t fd[ARES_GETSOCK_MAXNUM];
	struct pollfd w[ARES_GETSOCK_MAXNUM];
	/* to read from, then to write to; the library's macros shift a signed
	 * one by 31 */
	unsigned bits =
		(unsigned)ares_getsock(n->ares, fd, ARES_GETSOCK_MAXNUM);
	nfds_t k = 0;

	for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		short events =
			(short)((bits >> i & 1 ? POLLIN : 0) |
				(bits >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT
								       : 0));

		if (events != 0)
			w[k++] = (struct pollfd){ .fd = fd[i],
				.events = events };
	}
	(void)poll(w, k, STEP_MS);
	for (nfds_t i = 0; i < k; i++)
		if (w[i].revents != 0)
			ares_process_fd(n->ares, w[i].fd,
				(w[i].events & POLLOUT) != 0 ? w[i].fd
							     : ARES_SOCKET_BAD);
	ares_process_fd(n->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	resolver_sweep(n->r);
}

struct answer {
	bool told;
	int err;
	struct dns_targets *targets; /* referenced */
};

static void on_answer(void *arg, int err, struct dns_targets *t)
{
	struct answer *a = arg;

	a->told = true;
	a->err = err;
	a->targets = obj_ref(t);
}

struct dns_targets *doctor_name(
	struct doctor *d, const struct resolver_want *w, int *err)
{
	struct doctor_names *n = names_of(d);
	struct answer a = { 0 };

	resolver_get(n->r, w, on_answer, &a);
	while (!a.told)
		wait_for_servers(n);
	*err = a.err;
	return a.targets;
}

/* ---- what is told of them ---- */

/* By name servers; what the configuration or /etc/hosts says can be read. */
static bool from_servers(const struct doctor *d, const char *host)
{
	size_t n;
	struct host_info *v = resolver_list(d->names->r, &n);
	bool found = false;

	for (size_t i = 0; i < n; i++)
		found |= strcasecmp(v[i].name, host) == 0 &&
			 strcmp(v[i].from, "dns") == 0;
	free(v);
	return found;
}

struct doctor_found *doctor_found(struct doctor *d, const struct doctor_node *n,
	const struct resolver_want *w, struct dns_targets *t)
{
	struct doctor_found *f;

	for (size_t i = 0; i < d->nfound; i++)
		if (d->found[i]->targets == t)
			return d->found[i]; /* asked for once, and kept */
	f = mem_new(sizeof(*f));
	f->what = mem_dup(n->what);
	f->host = mem_dup(n->host);
	f->pos = n->pos;
	f->transport = w->transport;
	f->port = w->port;
	f->targets = obj_ref(t);
	dns_targets_order(t, 0, f->order);
	d->found = mem_resize(
		d->found, d->nfound + 1, sizeof(struct doctor_found *));
	d->found[d->nfound++] = f;
	return f;
}

static void tell(struct doctor *d, const struct doctor_found *f)
{
	struct text t = { 0 };
	char at[ADDR_TEXT];

	if (!from_servers(d, f->host))
		return;
	for (size_t i = 0; i < f->targets->n; i++) {
		size_t k = f->order[i];

		text_printf(&t, "%s%s%s", i > 0 ? ", " : "",
			addr_text(&f->targets->v[k].addr, at),
			f->failed[k] ? " (in trouble)" : " (answers)");
	}
	doctor_say(d, DOCTOR_NOTE, "reach", f->pos, NULL,
		"%s, %s: name servers lead to %s", f->what, f->host, t.p);
	text_free(&t);
}

void doctor_tell_names(struct doctor *d)
{
	for (size_t i = 0; i < d->nfound; i++)
		tell(d, d->found[i]);
}

void doctor_names_free(struct doctor *d)
{
	struct doctor_names *n = d->names;

	for (size_t i = 0; i < d->nfound; i++) {
		free(d->found[i]->what);
		free(d->found[i]->host);
		obj_unref(d->found[i]->targets);
		free(d->found[i]);
	}
	free(d->found);
	if (n == NULL)
		return;
	if (n->open)
		ares_destroy(n->ares); /* answers what is left */
	resolver_free(n->r);
	free(n);
}

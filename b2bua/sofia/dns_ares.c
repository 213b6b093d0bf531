/*
 * The resolver's questions, asked by c-ares in the loop of the sip thread:
 * nothing here blocks. A reload makes a channel with the servers of the new
 * configuration; the one before goes when its last answer has come.
 */
#include <stdlib.h>

#include "b2bua/names/ares_ask.h"
#include "b2bua/sofia/nta_int.h"

enum { SOCKETS_MAX = 32 };

struct dns_channel {
	struct dns_channel *next;
	struct nta_port *port;
	ares_channel ares;
	unsigned asked; /* that were not answered */
	bool retired;
	struct sip_timer *timer;
	struct {
		ares_socket_t fd;
		int index; /* in the root */
	} socket[SOCKETS_MAX];
	size_t nsockets;
};

static void arm(struct dns_channel *c);

/* ---- sockets and time ---- */

static void on_timer(void *arg)
{
	struct dns_channel *c = arg;

	ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(c);
}

static void arm(struct dns_channel *c)
{
	struct timeval tv;
	struct sip_port *port = &c->port->pub;

	nta_timer_stop(port, &c->timer);
	if (ares_timeout(c->ares, NULL, &tv) != NULL)
		nta_timer_start(port, &c->timer,
			(unsigned)(tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1),
			on_timer, c);
}

static int on_socket(void *magic, su_wait_t *w, void *arg)
{
	struct dns_channel *c = arg;
	ares_socket_t fd = w->fd;
	int events = su_wait_events(w, fd);
	bool in = events & (SU_WAIT_IN | SU_WAIT_ERR | SU_WAIT_HUP);
	bool out = events & SU_WAIT_OUT;

	(void)magic;
	ares_process_fd(
		c->ares, in ? fd : ARES_SOCKET_BAD, out ? fd : ARES_SOCKET_BAD);
	arm(c);
	return 0;
}

static void unwatch(struct dns_channel *c, size_t i)
{
	su_root_deregister(stack_root(c->port->stack), c->socket[i].index);
	c->socket[i] = c->socket[--c->nsockets];
}

static void watch(struct dns_channel *c, ares_socket_t fd, int events)
{
	su_wait_t w[1] = { SU_WAIT_INIT };
	int index;

	if (c->nsockets == SOCKETS_MAX || su_wait_create(w, fd, events) == -1)
		return; /* its questions time out */
	index = su_root_register(
		stack_root(c->port->stack), w, on_socket, c, 0);
	if (index == -1)
		return;
	c->socket[c->nsockets].fd = fd;
	c->socket[c->nsockets++].index = index;
}

/* c-ares says what it waits for; nothing just before it closes one. */
static void on_state(void *arg, ares_socket_t fd, int in, int out)
{
	struct dns_channel *c = arg;
	int events = (in ? SU_WAIT_IN : 0) | (out ? SU_WAIT_OUT : 0);
	size_t i = 0;

	while (i < c->nsockets && c->socket[i].fd != fd)
		i++;
	if (i == c->nsockets && events != 0)
		watch(c, fd, events);
	else if (i < c->nsockets && events == 0)
		unwatch(c, i);
	else if (i < c->nsockets)
		(void)su_root_eventmask(stack_root(c->port->stack),
			c->socket[i].index, fd, events);
}

/* ---- questions ---- */

static void ask(void *io, const char *name, enum dns_type type,
	resolver_reply_fn *fn, void *arg)
{
	struct nta_port *p = io;

	if (p->dns == NULL) {
		fn(arg, NULL);
		return;
	}
	ares_ask(p->dns->ares, &p->dns->asked, name, type, fn, arg);
	arm(p->dns);
}

static size_t from_file(
	void *io, const char *name, int family, struct addr *out, size_t max)
{
	struct nta_port *p = io;

	return p->dns != NULL
		       ? ares_ask_file(p->dns->ares, name, family, out, max)
		       : 0;
}

static uint64_t now_ms(void *io)
{
	return nta_now_ms(io);
}

const struct resolver_io dns_io = {
	.ask = ask,
	.file = from_file,
	.now_ms = now_ms,
};

/* ---- channels ---- */

static struct dns_channel *channel_new(
	struct nta_port *p, const struct conf *conf)
{
	struct dns_channel *c = mem_new(sizeof(*c));
	int err;

	c->port = p;
	err = ares_ask_open(&c->ares, conf, on_state, c);
	if (err == ARES_SUCCESS)
		return c;
	log_event(
		MSG_SIP_DNS_SERVERS, NULL, L_STR("reason", ares_strerror(err)));
	free(c);
	return NULL;
}

static void channel_free(struct dns_channel *c)
{
	ares_destroy(c->ares); /* answers what is left */
	nta_timer_stop(&c->port->pub, &c->timer);
	while (c->nsockets > 0)
		unwatch(c, 0);
	free(c);
}

void dns_set_conf(struct nta_port *p, const struct conf *conf)
{
	struct dns_channel *old = p->dns;

	p->dns = channel_new(p, conf);
	if (old == NULL)
		return;
	old->retired = true;
	old->next = p->dns_retired;
	p->dns_retired = old;
}

void dns_sweep(struct nta_port *p)
{
	struct dns_channel **at = &p->dns_retired, *c;

	while ((c = *at) != NULL) {
		if (c->asked > 0) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		channel_free(c);
	}
}

void dns_close(struct nta_port *p)
{
	struct dns_channel *c = p->dns;

	p->dns = NULL;
	if (c != NULL)
		channel_free(c);
	while ((c = p->dns_retired) != NULL) {
		p->dns_retired = c->next;
		channel_free(c);
	}
}

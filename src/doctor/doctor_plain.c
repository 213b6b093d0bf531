/*
 * Core nodes over UDP and TCP: all of them asked with OPTIONS at the same time,
 * from the address of a core listener, so that a list of silent nodes takes no
 * longer than one.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "doctor/doctor_int.h"

enum {
	ANSWER_MS = 4000,
	AGAIN_MS = 500, /* RFC 3261 17.1.2.2: twice as long each time */
	ANSWER_MAX = 8192,
	SIP_PORT = 5060,
	NODES_MAX = 512,
};

struct node {
	struct doctor_node n;
	enum conf_transport transport;
	int fd; /* -1: it is decided */
	bool connected;
	char *request;
	uint64_t again_at; /* UDP */
	unsigned wait_ms;
	char in[ANSWER_MAX];
	size_t got;
};

struct round {
	size_t n;
	struct node *v[NODES_MAX]; /* owned */
};

static void end(struct node *n)
{
	if (n->fd >= 0)
		(void)close(n->fd);
	n->fd = -1;
}

static void unreachable(struct node *n, int err)
{
	const char *proto = n->transport == CONF_UDP ? "UDP" : "TCP";

	doctor_node_say(&n->n, DOCTOR_ERROR, "reach",
		"check address, port and transport, that the node listens "
		"there, and the firewalls in between",
		"it cannot be reached by %s: %s", proto, strerrordesc_np(err));
	end(n);
}

/* The call manager knows us by the address of our core side. */
static void bind_core(const struct node *n)
{
	for (const struct conf_listener *l = n->n.d->conf->listeners; l != NULL;
		l = l->next) {
		struct addr a = l->addr;

		if ((n->n.bind != NULL && n->n.bind != l) ||
			l->side != CONF_CORE || l->transport != n->transport ||
			addr_is_any(&a) ||
			a.sa.sa_family != n->n.addr.sa.sa_family)
			continue;
		addr_set_port(&a, 0);
		if (bind(n->fd, &a.sa, addr_len(&a)) == 0)
			return;
	}
}

static void send_request(struct node *n)
{
	size_t size;

	if (n->request == NULL)
		n->request = doctor_node_options(
			&n->n, n->fd, n->transport == CONF_UDP ? "UDP" : "TCP");
	size = strlen(n->request);
	if (send(n->fd, n->request, size, MSG_NOSIGNAL) != (ssize_t)size &&
		errno != EAGAIN) {
		unreachable(n, errno);
		return;
	}
	n->wait_ms = n->wait_ms == 0 ? AGAIN_MS : n->wait_ms * 2;
	n->again_at = clock_ms() + n->wait_ms;
}

static void begin(struct node *n)
{
	bool udp = n->transport == CONF_UDP;

	if (n->n.port == 0)
		n->n.port = SIP_PORT;
	addr_set_port(&n->n.addr, n->n.port);
	n->fd = socket(n->n.addr.sa.sa_family,
		(udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0);
	if (n->fd < 0) {
		unreachable(n, errno);
		return;
	}
	bind_core(n);
	if (connect(n->fd, &n->n.addr.sa, addr_len(&n->n.addr)) != 0 &&
		errno != EINPROGRESS)
		unreachable(n, errno);
	else if (udp)
		send_request(n);
}

static void finish_connect(struct node *n)
{
	socklen_t size = sizeof(int);
	int err = 0;

	if (getsockopt(n->fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0)
		err = errno;
	if (err != 0) {
		unreachable(n, err);
		return;
	}
	n->connected = true;
	send_request(n);
}

static void take_answer(struct node *n)
{
	char *why;
	ssize_t got =
		recv(n->fd, n->in + n->got, sizeof(n->in) - 1 - n->got, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) {
		unreachable(n, errno);
		return;
	}
	if (got == 0 && n->transport == CONF_TCP) {
		doctor_node_say(&n->n, DOCTOR_ERROR, "reach",
			"look at the node's own log: which addresses it "
			"accepts on its trunk",
			"it closed the connection without an answer to "
			"OPTIONS");
		end(n);
		return;
	}
	n->got += (size_t)got;
	n->in[n->got] = '\0';
	if (strstr(n->in, "\r\n\r\n") == NULL && n->got < sizeof(n->in) - 1)
		return;
	why = doctor_node_answer(&n->n, slice_str(n->in));
	if (why != NULL)
		doctor_node_say(&n->n, DOCTOR_ERROR, "reach",
			"check address and port: is it a SIP trunk?", "%s",
			why);
	free(why);
	end(n);
}

static void on_event(struct node *n, short events)
{
	if (n->transport == CONF_TCP && !n->connected) {
		if ((events & (POLLOUT | POLLERR | POLLHUP)) != 0)
			finish_connect(n);
	} else if ((events & (POLLIN | POLLERR | POLLHUP)) != 0) {
		take_answer(n);
	}
}

/* One look at all that are not decided; false: none is left. */
static bool step(struct round *r, uint64_t until)
{
	struct pollfd w[NODES_MAX];
	struct node *of[NODES_MAX];
	uint64_t now = clock_ms(), wake = until;
	nfds_t k = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct node *n = r->v[i];

		if (n->fd < 0)
			continue;
		if (n->transport == CONF_UDP && now >= n->again_at)
			send_request(n);
		if (n->fd < 0)
			continue;
		if (n->transport == CONF_UDP && n->again_at < wake)
			wake = n->again_at;
		w[k] = (struct pollfd){ .fd = n->fd,
			.events = n->transport == CONF_TCP && !n->connected
					  ? POLLOUT
					  : POLLIN };
		of[k++] = n;
	}
	if (k == 0)
		return false;
	if (poll(w, k, wake > now ? (int)(wake - now) : 0) > 0)
		for (nfds_t i = 0; i < k; i++)
			if (w[i].revents != 0)
				on_event(of[i], w[i].revents);
	return true;
}

static void silent(struct node *n)
{
	if (n->transport == CONF_TCP && !n->connected) {
		unreachable(n, ETIMEDOUT);
		return;
	}
	doctor_node_say(&n->n, DOCTOR_ERROR, "reach",
		"check that the node's trunk knows our address and answers "
		"OPTIONS, and the firewalls in between",
		"it did not answer OPTIONS by %s in %d s",
		n->transport == CONF_UDP ? "UDP" : "TCP", ANSWER_MS / 1000);
	end(n);
}

/* Ten dial-peers of one node are one question. */
static void add(void *arg, struct doctor_node n, const struct conf_dial_peer *p)
{
	enum conf_transport t =
		p != NULL ? p->transport : n.d->conf->ua.registrar_transport;
	struct round *r = arg;
	struct node *x;

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i]->transport == t && r->v[i]->n.port == n.port &&
			strcmp(r->v[i]->n.host, n.host) == 0 &&
			addr_same_host(&r->v[i]->n.addr, &n.addr)) {
			free(n.what);
			return;
		}
	if (r->n == NODES_MAX) {
		free(n.what);
		return;
	}
	x = mem_new(sizeof(*x));
	x->n = n;
	x->transport = t;
	x->fd = -1;
	r->v[r->n++] = x;
}

void doctor_plain(struct doctor *d)
{
	struct round *r = mem_new(sizeof(*r));
	uint64_t until;

	doctor_each_node(d, false, add, r);
	for (size_t i = 0; i < r->n; i++)
		begin(r->v[i]);
	until = clock_ms() + ANSWER_MS;
	while (clock_ms() < until && step(r, until))
		;
	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i]->fd >= 0)
			silent(r->v[i]);
		free(r->v[i]->request);
		free(r->v[i]->n.what);
		free(r->v[i]);
	}
	free(r);
}

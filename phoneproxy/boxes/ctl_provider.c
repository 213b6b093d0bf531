#include "phoneproxy/boxes/ctl_provider.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "certs/store/secret8.h"
#include "phoneproxy/signed/ctl_exchange.h"

enum {
	HANDSHAKE_MS = 10000,
	IDLE_MS = 10000,
	TOTAL = 16,
	PER_SOURCE = 4,
	PER_MINUTE = 30,
};

struct source { /* that gave wrong secrets */
	struct addr addr; /* of addr_source() */
	unsigned wrong;
	uint64_t last; /* ms */
};

struct ctl_provider {
	struct ctl_provider_params p;
	struct tls_port *port;
	char *clear; /* owned, wiped; NULL: of type 8 */
	uint64_t given, refused, malformed;
	struct addr last;
	int64_t last_at;
	size_t nsources;
	struct source source[CTL_SOURCES_MAX];
};

struct client {
	struct ctl_provider *provider;
	struct tls_conn *conn;
};

/* ---- who was wrong ---- */

static bool forgotten(const struct source *s)
{
	return clock_ms() >= s->last + CTL_LOCK_MS;
}

static struct source *find(struct ctl_provider *v, const struct addr *a)
{
	struct addr from = addr_source(a);

	for (size_t i = 0; i < v->nsources; i++)
		if (addr_same_host(&v->source[i].addr, &from))
			return &v->source[i];
	return NULL;
}

static bool locked(struct ctl_provider *v, const struct addr *a)
{
	const struct source *s = find(v, a);

	return s != NULL && !forgotten(s) && s->wrong >= CTL_LOCK_TRIES;
}

/* The one that was wrong the longest time ago makes room. */
static struct source *room_for(struct ctl_provider *v)
{
	struct source *oldest = &v->source[0];

	if (v->nsources < CTL_SOURCES_MAX)
		return &v->source[v->nsources++];
	for (size_t i = 1; i < v->nsources; i++)
		if (v->source[i].last < oldest->last)
			oldest = &v->source[i];
	return oldest;
}

static void note_wrong(struct ctl_provider *v, const struct addr *a)
{
	struct source *s = find(v, a);

	if (s == NULL) {
		s = room_for(v);
		*s = (struct source){ .addr = addr_source(a) };
	} else if (forgotten(s)) {
		s->wrong = 0;
	}
	s->wrong++;
	s->last = clock_ms();
}

/* ---- a question ---- */

static bool login(const struct ctl_provider *v, const struct ctlx_msg *m)
{
	const struct conf *c = v->p.conf;
	bool user = secret_text_matches(c->credentials.username, m->user);
	bool secret =
		c->credentials.hashed
			? secret8_matches(c->credentials.secret.text, m->secret)
			: secret_text_matches(v->clear, m->secret);

	return user && secret;
}

static const char *words(uint8_t reason)
{
	switch (reason) {
	case CTLX_LOGIN:
		return "user or secret is wrong";
	case CTLX_LOCKED:
		return "its secret was wrong too often";
	default:
		return "it does not speak our protocol";
	}
}

static void refuse(struct client *c, uint8_t reason)
{
	const struct ctlx_msg m = { .type = CTLX_REFUSED, .reason = reason };
	struct text out = { 0 };

	metric_inc(M_CTL_PROVIDER_REFUSED);
	log_event(MSG_CTL_PROVIDER_REFUSED, NULL,
		L_ADDR("peer", tls_conn_peer(c->conn)),
		L_STR("reason", words(reason)));
	need(ctlx_build(&out, &m) == 0);
	tls_conn_send(c->conn, text_slice(&out));
	text_free(&out);
	tls_conn_finish(c->conn);
}

static size_t records_of(const struct content *offer)
{
	struct ctlx_msg *m = mem_new(sizeof(*m));
	size_t n = ctlx_parse(m, content_slice(offer)) == 0 ? m->n : 0;

	free(m);
	return n;
}

static void give(struct client *c)
{
	struct ctl_provider *v = c->provider;

	v->given++;
	v->last = *tls_conn_peer(c->conn);
	v->last_at = (int64_t)time(NULL);
	metric_inc(M_CTL_PROVIDER_GIVEN);
	log_event(MSG_CTL_PROVIDER_GIVEN, NULL, L_ADDR("peer", &v->last),
		L_INT("count", records_of(v->p.offer)));
	tls_conn_send(c->conn, content_slice(v->p.offer));
	tls_conn_finish(c->conn);
}

static void *on_opened(void *arg, struct tls_conn *conn)
{
	struct client *c = mem_new(sizeof(*c));

	c->provider = arg;
	c->conn = conn;
	tls_conn_timer(conn, IDLE_MS);
	return c;
}

static void answer(struct client *c, const struct ctlx_msg *m)
{
	struct ctl_provider *v = c->provider;
	const struct addr *peer = tls_conn_peer(c->conn);

	if (locked(v, peer)) {
		v->refused++;
		refuse(c, CTLX_LOCKED);
	} else if (!login(v, m)) {
		v->refused++;
		note_wrong(v, peer);
		refuse(c, CTLX_LOGIN);
	} else {
		give(c);
	}
}

static void on_frame(void *arg, struct slice frame)
{
	struct client *c = arg;
	struct ctlx_msg *m = mem_new(sizeof(*m));

	if (ctlx_parse(m, frame) == 0 && m->type == CTLX_ASK) {
		answer(c, m);
	} else {
		c->provider->malformed++;
		refuse(c, CTLX_MALFORMED);
	}
	free(m);
}

static void on_timer(void *arg)
{
	struct client *c = arg;

	tls_conn_finish(c->conn);
}

static const struct tls_port_ops ops = {
	.opened = on_opened,
	.measure = ctlx_frame,
	.frame = on_frame,
	.timer = on_timer,
	.closed = free,
};

/* ---- the service ---- */

static struct tls_port_params port_params(struct ctl_provider *v)
{
	return (struct tls_port_params){
		.hs = v->p.hs,
		.own = v->p.own,
		.verify = trustpoint_anchor(v->p.own, 0) != NULL,
		.name = "credentials",
		.limits = { TOTAL, PER_SOURCE, PER_MINUTE },
		.handshake_ms = HANDSHAKE_MS,
		.frame_max = CTLX_ASK_MAX,
		.ops = &ops,
		.arg = v,
	};
}

static void wipe(struct ctl_provider *v)
{
	if (v->clear != NULL)
		mem_wipe(v->clear, strlen(v->clear));
	free(v->clear);
	v->clear = NULL;
}

static void hold(struct ctl_provider *v, const struct ctl_provider_params *p)
{
	wipe(v);
	v->clear = mem_dup(p->clear);
	v->p = *p;
	v->p.clear = NULL;
	obj_ref(p->conf);
	obj_ref(p->own);
	obj_ref(p->offer);
}

static void let_go(const struct ctl_provider_params *p)
{
	obj_unref(p->conf);
	obj_unref(p->own);
	obj_unref(p->offer);
}

struct ctl_provider *ctl_provider_new(
	struct loop *l, int fd, const struct ctl_provider_params *p)
{
	struct ctl_provider *v = mem_new(sizeof(*v));
	struct tls_port_params pp;

	hold(v, p);
	pp = port_params(v);
	v->port = tls_port_new(l, fd, &pp);
	return v;
}

void ctl_provider_set(
	struct ctl_provider *v, int fd, const struct ctl_provider_params *p)
{
	struct ctl_provider_params old = v->p;
	struct tls_port_params pp;

	hold(v, p);
	let_go(&old);
	pp = port_params(v);
	tls_port_set(v->port, fd, &pp);
}

void ctl_provider_close(struct ctl_provider *v)
{
	if (v == NULL)
		return;
	tls_port_close(v->port);
	wipe(v);
	let_go(&v->p);
	free(v);
}

void ctl_provider_count(
	const struct ctl_provider *v, struct ctl_provider_count *out)
{
	*out = (struct ctl_provider_count){ .given = v->given,
		.refused = v->refused,
		.malformed = v->malformed,
		.records = records_of(v->p.offer),
		.last = v->last,
		.last_at = v->last_at };
	for (size_t i = 0; i < v->nsources; i++)
		out->locked += !forgotten(&v->source[i]) &&
			       v->source[i].wrong >= CTL_LOCK_TRIES;
	tls_port_count(v->port, &out->door);
}

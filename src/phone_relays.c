#include "phone_relays.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/obj.h"
#include "phoneproxy/phone_ports.h"

enum {
	RELAYS_MAX = 256,
	RELAY_TOTAL = 1000,
	RELAY_PER_SOURCE = 50,
	RELAY_PER_MINUTE = 300,
};

struct wanted_relay {
	char *proxy;
	struct addr access, server, source;
	enum phone_what what; /* in a phone's story */
};

struct wanted {
	size_t n;
	struct wanted_relay v[RELAYS_MAX];
};

static bool covers(const struct addr *listens, const struct addr *a)
{
	return addr_port(listens) == addr_port(a) &&
	       (addr_same_host(listens, a) ||
		       (addr_is_any(listens) &&
			       listens->sa.sa_family == a->sa.sa_family));
}

/* Where a server of ours listens, it takes the place of a relay: `capf-address`
 * then only tells phones where it is. */
static bool is_ours(const struct conf *c, const struct addr *a)
{
	struct addr capf = phone_port_addr(&c->capf.source, c->capf.port);
	struct addr tvs = phone_port_addr(&c->tvs.source, c->tvs.port);

	return (c->capf.on && covers(&capf, a)) ||
	       (c->tvs.on && covers(&tvs, a));
}

static void want_relay(const struct conf *c, struct wanted *wanted,
	const struct conf_phone_proxy *x, const struct conf_pp_relay *r,
	enum phone_what what)
{
	struct wanted_relay *w;

	if (wanted->n == RELAYS_MAX || is_ours(c, &r->access))
		return;
	w = &wanted->v[wanted->n++];
	*w = (struct wanted_relay){
		.access = r->access, .server = r->server, .what = what
	};
	for (size_t i = 0; i < x->ntftps; i++)
		if (x->tftp[i].local.sa.sa_family == r->server.sa.sa_family &&
			!addr_is_set(&w->source))
			w->source = x->tftp[i].local;
	addr_set_port(&w->source, 0);
	w->proxy = x->name;
}

/* Borrowed names. Free it. */
static struct wanted *want_relays(const struct conf *c)
{
	struct wanted *w = mem_new(sizeof(*w));

	if (c == NULL)
		return w;
	for (const struct conf_phone_proxy *x = c->phone_proxies; x != NULL;
		x = x->next) {
		if (!x->complete)
			continue;
		for (size_t i = 0; i < x->ncapfs; i++)
			want_relay(c, w, x, &x->capf[i], PHONE_CAPF);
		for (size_t i = 0; i < x->nservices; i++)
			want_relay(c, w, x, &x->service[i], PHONE_SERVICE);
	}
	return w;
}

static bool among(const struct addr *a, const struct wanted *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (addr_equal(a, &w->v[i].access))
			return true;
	return false;
}

struct plan_relay {
	struct wanted_relay w;
	int fd; /* -1: is there */
};

struct phone_relays_plan {
	size_t n;
	struct plan_relay relay[RELAYS_MAX];
};

void phone_relays_discard(struct phone_relays_plan *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++)
		phone_port_close(&p->relay[i].fd);
	free(p);
}

int phone_relays_prepare(struct phone_relays_plan **out, const struct conf *now,
	const struct conf *next, struct conf_errs *errs)
{
	struct wanted *old = want_relays(now), *new = want_relays(next);
	struct phone_relays_plan *p = mem_new(sizeof(*p));
	int err = 0;

	for (size_t i = 0; err == 0 && i < new->n; i++) {
		struct plan_relay *r = &p->relay[p->n++];

		r->w = new->v[i];
		r->fd = -1;
		if (!among(&r->w.access, old))
			err = phone_port_bind(&r->w.access, &r->fd, r->w.proxy,
				next->phone_proxies->pos, errs);
	}
	free(old);
	free(new);
	if (err != 0) {
		phone_relays_discard(p);
		p = NULL;
	}
	*out = p;
	return err;
}

struct live_relay {
	struct wanted_relay w; /* proxy: owned here */
	struct relay *relay;
	bool stays;
};

struct phone_relays {
	struct loop *loop;
	struct phones *phones; /* borrowed */
	size_t n;
	struct live_relay relay[RELAYS_MAX];
};

struct phone_relays *phone_relays_new(struct loop *l, struct phones *phones)
{
	struct phone_relays *r = mem_new(sizeof(*r));

	r->loop = l;
	r->phones = phones;
	return r;
}

/* Only bytes were seen: whose they are is told by the address. */
static void note_relayed(
	struct phone_relays *r, enum phone_what what, const struct relay_end *e)
{
	char at[ADDR_TEXT];

	phones_note(r->phones, "", &e->peer, what,
		"relayed to %s: %" PRIu64 " bytes there, %" PRIu64
		" back, %" PRIu64 " ms%s%s",
		addr_text(&e->target, at), e->bytes_in, e->bytes_out, e->ms,
		e->why != NULL ? ", " : "", e->why != NULL ? e->why : "");
}

static void on_capf_relayed(void *arg, const struct relay_end *e)
{
	note_relayed(arg, PHONE_CAPF, e);
}

static void on_service_relayed(void *arg, const struct relay_end *e)
{
	note_relayed(arg, PHONE_SERVICE, e);
}

static struct live_relay *find_live(
	struct phone_relays *r, const struct addr *access)
{
	for (size_t i = 0; i < r->n; i++)
		if (addr_equal(&r->relay[i].w.access, access))
			return &r->relay[i];
	return NULL;
}

static void apply_relay(struct phone_relays *r, struct plan_relay *want)
{
	const struct relay_params rp = {
		.target = want->w.server,
		.source = want->w.source,
		.limits = { RELAY_TOTAL, RELAY_PER_SOURCE, RELAY_PER_MINUTE },
		.ended = want->w.what == PHONE_CAPF ? on_capf_relayed
						    : on_service_relayed,
		.arg = r,
	};
	struct live_relay *live = find_live(r, &want->w.access);

	if (live != NULL) {
		relay_set(live->relay, &rp);
		free(live->w.proxy);
	} else {
		if (want->fd < 0 || r->n == RELAYS_MAX)
			return;
		live = &r->relay[r->n++];
		live->relay = relay_new(r->loop, want->fd, &rp);
		want->fd = -1;
	}
	live->w = want->w;
	live->w.proxy = mem_dup(want->w.proxy);
	live->stays = true;
}

static void drop_others(struct phone_relays *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct live_relay *live = &r->relay[i];

		if (live->stays) {
			r->relay[n++] = *live;
			continue;
		}
		relay_free(live->relay);
		free(live->w.proxy);
	}
	r->n = n;
}

void phone_relays_apply(struct phone_relays *r, struct phone_relays_plan *p)
{
	for (size_t i = 0; i < r->n; i++)
		r->relay[i].stays = false;
	for (size_t i = 0; p != NULL && i < p->n; i++)
		apply_relay(r, &p->relay[i]);
	drop_others(r);
	phone_relays_discard(p);
}

void phone_relays_free(struct phone_relays *r)
{
	if (r == NULL)
		return;
	phone_relays_apply(r, NULL);
	free(r);
}

size_t phone_relays_count(const struct phone_relays *r)
{
	return r != NULL ? r->n : 0;
}

void phone_relays_at(
	const struct phone_relays *r, size_t i, struct phone_relay_info *out)
{
	const struct live_relay *live = &r->relay[i];

	out->proxy = live->w.proxy;
	out->access = live->w.access;
	out->server = live->w.server;
	relay_count(live->relay, &out->count);
}

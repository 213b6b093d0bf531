/* See resolver.h. What is known, for how long, and who waits for it; the course
 * of one lookup is resolver_lookup.c's. */
#include "b2bua/names/resolver_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "b2bua/route/route.h"
#include "base/metric.h"
#include "base/obj.h"

struct resolver *resolver_new(const struct resolver_io *io, void *arg)
{
	struct resolver *r = mem_new(sizeof(*r));

	r->io = *io;
	r->io_arg = arg;
	return r;
}

uint64_t resolver_now(const struct resolver *r)
{
	return r->io.now_ms(r->io_arg);
}

/* ---- entries ---- */

static struct resolver_entry **bucket_of(struct resolver *r, const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name != '\0'; name++)
		h = (h ^ ((unsigned char)*name | 0x20)) * 16777619u;
	return &r->entries[h % RESOLVER_BUCKETS];
}

static struct resolver_entry *find(
	struct resolver *r, const struct resolver_want *w)
{
	struct resolver_entry *e = *bucket_of(r, w->name);

	for (; e != NULL; e = e->next)
		if (e->transport == w->transport && e->port == w->port &&
			e->family == w->family && !e->forgotten &&
			strcasecmp(e->name, w->name) == 0)
			return e;
	return NULL;
}

static void entry_free(struct resolver *r, struct resolver_entry *e)
{
	struct resolver_entry **at = bucket_of(r, e->name);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	r->nentries--;
	obj_unref(e->targets);
	free(e->name);
	free(e);
}

/* Whoever was not asked for longest makes room; false: all are being asked. */
static bool make_room(struct resolver *r)
{
	struct resolver_entry *oldest = NULL;

	if (r->nentries < RESOLVER_ENTRIES_MAX)
		return true;
	for (size_t i = 0; i < RESOLVER_BUCKETS; i++)
		for (struct resolver_entry *e = r->entries[i]; e != NULL;
			e = e->next)
			if (e->lookup == NULL &&
				(oldest == NULL ||
					e->used_ms < oldest->used_ms))
				oldest = e;
	if (oldest != NULL)
		entry_free(r, oldest);
	return oldest != NULL;
}

static struct resolver_entry *entry_new(
	struct resolver *r, const struct resolver_want *w)
{
	struct resolver_entry **bucket = bucket_of(r, w->name);
	struct resolver_entry *e = mem_new(sizeof(*e));

	e->name = mem_dup(w->name);
	e->transport = w->transport;
	e->port = w->port;
	e->family = w->family;
	e->next = *bucket;
	*bucket = e;
	r->nentries++;
	return e;
}

/* ---- asking ---- */

static void tell(struct resolver *r, struct resolver_entry *e)
{
	struct resolver_waiter *w;
	struct dns_targets *t = obj_ref(e->targets);
	int err = t != NULL ? 0 : e->err;

	while ((w = e->waiters) != NULL) {
		e->waiters = w->next;
		r->nwaiters--;
		w->fn(w->arg, err, t);
		free(w);
	}
	obj_unref(t);
}

/* A lookup has ended. `t`: what it found (taken), or NULL and why. An old
 * answer that may still be true is kept when servers are silent. */
void resolver_done(struct resolver *r, struct resolver_entry *e, int err,
	struct dns_targets *t, uint32_t ttl_s, const char *from)
{
	uint64_t now = resolver_now(r);

	e->lookup = NULL;
	e->stale = err == ETIMEDOUT && e->targets != NULL &&
		   now < e->learnt_ms + RESOLVER_STALE_S * 1000ull;
	if (e->stale) {
		metric_inc(M_DNS_STALE);
	} else {
		obj_unref(e->targets);
		e->targets = t;
		e->learnt_ms = now;
		e->from = from;
	}
	e->err = err;
	e->expires_ms = now + (uint64_t)ttl_s * 1000;
	if (err != 0) {
		metric_inc(M_DNS_FAILED);
		log_event(MSG_SIP_DNS_FAILED, NULL, L_STR("name", e->name),
			L_STR("reason", err == ETIMEDOUT
						? "no name server answers"
						: "there is no such address"),
			L_STR("instead", e->stale ? "the old answer serves on"
						  : "what goes there fails"));
	}
	tell(r, e);
	if (e->forgotten)
		entry_free(r, e);
}

void resolver_get(struct resolver *r, const struct resolver_want *w,
	resolver_fn *fn, void *arg)
{
	struct resolver_entry *e = find(r, w);
	struct resolver_waiter *waiter;
	uint64_t now = resolver_now(r);

	if (e != NULL && e->lookup == NULL && now < e->expires_ms) {
		struct dns_targets *t = obj_ref(e->targets);

		e->used_ms = now;
		e->uses++;
		fn(arg, t != NULL ? 0 : e->err, t);
		obj_unref(t);
		return;
	}
	if (r->nwaiters >= RESOLVER_WAITERS_MAX ||
		(e == NULL && !make_room(r))) {
		metric_inc(M_DNS_BUSY);
		fn(arg, EAGAIN, NULL);
		return;
	}
	if (e == NULL)
		e = entry_new(r, w);
	e->used_ms = now;
	e->uses++;
	waiter = mem_new(sizeof(*waiter));
	waiter->fn = fn;
	waiter->arg = arg;
	waiter->next = e->waiters;
	e->waiters = waiter;
	r->nwaiters++;
	if (e->lookup == NULL)
		resolver_look_up(r, e);
}

/* ---- its life ---- */

static bool worth_keeping(const struct resolver_entry *e, uint64_t now)
{
	return now < e->expires_ms ||
	       (e->targets != NULL && !e->from_conf &&
		       now < e->used_ms + RESOLVER_STALE_S * 1000ull);
}

void resolver_sweep(struct resolver *r)
{
	uint64_t now = resolver_now(r);

	resolver_hurry(r, now);
	if (now < r->next_sweep)
		return;
	r->next_sweep = now + 60000;
	for (size_t i = 0; i < RESOLVER_BUCKETS; i++) {
		struct resolver_entry *e = r->entries[i], *next;

		for (; e != NULL; e = next) {
			next = e->next;
			if (e->lookup == NULL && !worth_keeping(e, now))
				entry_free(r, e);
		}
	}
}

void resolver_clear(struct resolver *r)
{
	for (size_t i = 0; i < RESOLVER_BUCKETS; i++) {
		struct resolver_entry *e = r->entries[i], *next;

		for (; e != NULL; e = next) {
			next = e->next;
			if (e->lookup != NULL)
				e->forgotten = true; /* with its answer */
			else
				entry_free(r, e);
		}
	}
}

void resolver_set_conf(struct resolver *r, struct conf *conf)
{
	struct conf *old = r->conf;

	r->conf = obj_ref(conf);
	obj_unref(old);
	resolver_clear(r);
}

void resolver_free(struct resolver *r)
{
	need(r->lookups == NULL);
	resolver_clear(r);
	obj_unref(r->conf);
	free(r);
}

/* ---- the order ---- */

void dns_targets_order(const struct dns_targets *t, uint32_t seed,
	size_t order[RESOLVER_TARGETS_MAX])
{
	unsigned weight[RESOLVER_TARGETS_MAX];
	size_t from = 0, to;

	for (size_t i = 0; i < t->n; i++) {
		size_t at = i;

		for (; at > 0 &&
			t->v[order[at - 1]].priority > t->v[i].priority;
			at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (; from < t->n; from = to) {
		for (to = from; to < t->n && t->v[order[to]].priority ==
						     t->v[order[from]].priority;
			to++)
			weight[to] = t->v[order[to]].weight;
		for (size_t i = from; i + 1 < to; i++) {
			seed = seed * 1664525u + 1013904223u;
			route_weigh(weight + i, order + i, to - i, seed >> 8);
		}
	}
}

/* ---- show ---- */

static const char *state_of(const struct resolver_entry *e)
{
	if (e->lookup != NULL)
		return "asking";
	if (e->targets != NULL)
		return e->stale ? "stale" : "ok";
	return e->err == ETIMEDOUT ? "silent" : "nothing";
}

static void describe(
	const struct resolver_entry *e, uint64_t now, struct host_info *out)
{
	(void)!slice_copy(slice_str(e->name), out->name, sizeof(out->name));
	out->transport = e->transport;
	out->port = e->port;
	(void)snprintf(out->from, sizeof(out->from), "%s",
		e->from != NULL ? e->from : "");
	(void)snprintf(out->state, sizeof(out->state), "%s", state_of(e));
	out->ttl_s = e->from_conf ? -1
		     : now < e->expires_ms
			     ? (int64_t)(e->expires_ms - now) / 1000
			     : 0;
	out->age_ms = e->learnt_ms != 0 ? now - e->learnt_ms : 0;
	out->uses = e->uses;
	out->n = e->targets != NULL ? e->targets->n : 0;
	if (out->n > 0)
		memcpy(out->target, e->targets->v,
			out->n * sizeof(out->target[0]));
}

struct host_info *resolver_list(struct resolver *r, size_t *n)
{
	struct host_info *v = mem_array(r->nentries + 1, sizeof(*v));
	uint64_t now = resolver_now(r);

	*n = 0;
	for (size_t i = 0; i < RESOLVER_BUCKETS; i++)
		for (const struct resolver_entry *e = r->entries[i]; e != NULL;
			e = e->next)
			if (!e->forgotten)
				describe(e, now, &v[(*n)++]);
	return v;
}

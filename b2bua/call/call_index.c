/*
 * Questions about all calls, answered without looking at all calls: which leg
 * has this Call-ID, which ones are of this phone, and how many does a dial-peer
 * carry.
 */
#include <stdlib.h>

#include "b2bua/call/call_int.h"
#include "base/obj.h"

struct peer_count {
	struct peer_count *next;
	unsigned tag;
	size_t calls;
};

static uint32_t hash(struct slice s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 16777619u;
	return h % CORE_CALL_BUCKETS;
}

/* ---- legs by Call-ID ---- */

static void id_leave(struct leg_filed *f)
{
	if (f->id_link == NULL)
		return;
	*f->id_link = f->id_next;
	if (f->id_next != NULL)
		f->id_next->id_link = f->id_link;
	f->id_link = NULL;
}

static void id_enter(struct leg_filed *f)
{
	struct leg *l = f->leg;
	struct core *core = l->call->core;
	const char *id = core->port->ops->dlg_call_id(core->port, l->dlg);
	struct leg_filed **bucket = &core->by_call_id[hash(slice_str(id))];

	f->id_next = *bucket;
	f->id_link = bucket;
	if (f->id_next != NULL)
		f->id_next->id_link = &f->id_next;
	*bucket = f;
}

struct leg *leg_by_call_id(
	const struct core *core, struct slice call_id, const struct leg *after)
{
	const struct sip_port_ops *ops = core->port->ops;
	struct leg_filed *f = after != NULL ? after->filed->id_next
					    : core->by_call_id[hash(call_id)];

	for (; f != NULL; f = f->id_next)
		if (slice_eq_str(
			    call_id, ops->dlg_call_id(core->port, f->leg->dlg)))
			return f->leg;
	return NULL;
}

bool call_index_has(
	const struct core *core, struct slice call_id, struct slice ruri)
{
	const struct leg *l = NULL;

	while ((l = leg_by_call_id(core, call_id, l)) != NULL)
		if (l->side == 1 && slice_eq_str(ruri, l->call->requri))
			return true;
	return false;
}

/* ---- legs by the phone they lead to ---- */

/* A device by its name, so that all of its connections are found; who has no
 * certificate, by the connection. */
static uint32_t home_of(const struct identity *who, const struct sip_flow *flow)
{
	if (who != NULL && who->certified)
		return hash(slice_str(who->device));
	return flow != NULL ? (uint32_t)(flow->id % CORE_CALL_BUCKETS)
			    : CORE_CALL_BUCKETS;
}

static void home_leave(struct leg_filed *f)
{
	if (f->home_link == NULL)
		return;
	*f->home_link = f->home_next;
	if (f->home_next != NULL)
		f->home_next->home_link = f->home_link;
	f->home_link = NULL;
}

static void home_enter(struct leg_filed *f)
{
	struct leg *l = f->leg;
	uint32_t h = home_of(l->identity, l->flow);
	struct leg_filed **bucket;

	if (l->where != CONF_ACCESS || h == CORE_CALL_BUCKETS)
		return;
	bucket = &l->call->core->by_home[h];
	f->home_next = *bucket;
	f->home_link = bucket;
	if (f->home_next != NULL)
		f->home_next->home_link = &f->home_next;
	*bucket = f;
}

struct leg *leg_by_home(const struct core *core, const struct identity *who,
	const struct sip_flow *flow, const struct leg *after)
{
	uint32_t h = home_of(who, flow);
	struct leg_filed *f;

	if (after != NULL)
		f = after->filed->home_next;
	else
		f = h != CORE_CALL_BUCKETS ? core->by_home[h] : NULL;
	return f != NULL ? f->leg : NULL;
}

void leg_unfile(struct leg *l)
{
	id_leave(l->filed);
	home_leave(l->filed);
}

void leg_file(struct leg *l)
{
	leg_unfile(l);
	if (l->dlg == NULL)
		return;
	id_enter(l->filed);
	home_enter(l->filed);
}

/* ---- by dial-peer ---- */

static struct peer_count **find(struct core *core, unsigned tag)
{
	struct peer_count **at = &core->by_peer[tag % CORE_PEER_BUCKETS];

	while (*at != NULL && (*at)->tag != tag)
		at = &(*at)->next;
	return at;
}

static void add(struct core *core, unsigned tag)
{
	struct peer_count **at = find(core, tag);

	if (*at == NULL) {
		*at = mem_new(sizeof(**at));
		(*at)->tag = tag;
	}
	(*at)->calls++;
}

static void take_away(struct core *core, unsigned tag)
{
	struct peer_count **at = find(core, tag), *p = *at;

	need(p != NULL && p->calls > 0);
	if (--p->calls > 0)
		return;
	*at = p->next;
	free(p);
}

void call_count(struct call *c, bool gone)
{
	for (int i = 0; i < 2; i++) {
		const struct conf_dial_peer *p = c->leg[i].peer;
		unsigned tag = gone || p == NULL || c->state >= CALL_ENDING
				       ? 0
				       : p->tag;

		if (tag == c->counted[i])
			continue;
		if (c->counted[i] != 0)
			take_away(c->core, c->counted[i]);
		if (tag != 0)
			add(c->core, tag);
		c->counted[i] = tag;
	}
}

size_t call_count_of(const struct core *core, unsigned tag)
{
	const struct peer_count *p = core->by_peer[tag % CORE_PEER_BUCKETS];

	while (p != NULL && p->tag != tag)
		p = p->next;
	return p != NULL ? p->calls : 0;
}

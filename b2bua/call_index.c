/*
 * Questions about all calls that are asked with each INVITE, answered without
 * looking at all calls: which of ours has this Call-ID towards B, and how many
 * does a dial-peer carry.
 */
#include <stdlib.h>

#include "b2bua/call_int.h"
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

/* ---- by the Call-ID of leg B ---- */

void call_index_leave(struct call *c)
{
	if (c->id_link == NULL)
		return;
	*c->id_link = c->id_next;
	if (c->id_next != NULL)
		c->id_next->id_link = c->id_link;
	c->id_link = NULL;
}

void call_index_enter(struct call *c)
{
	struct call **bucket = &c->core->by_call_id[hash(
		slice_str(c->leg[1].log.sip_call_id))];

	call_index_leave(c);
	c->id_next = *bucket;
	c->id_link = bucket;
	if (c->id_next != NULL)
		c->id_next->id_link = &c->id_next;
	*bucket = c;
}

bool call_index_has(
	const struct core *core, struct slice call_id, struct slice ruri)
{
	const struct call *c = core->by_call_id[hash(call_id)];

	for (; c != NULL; c = c->id_next)
		if (c->leg[1].dlg != NULL &&
			slice_eq_str(call_id, c->leg[1].log.sip_call_id) &&
			slice_eq_str(ruri, c->requri))
			return true;
	return false;
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

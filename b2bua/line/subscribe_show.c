/* What show tells of subscriptions. */
#include "b2bua/line/subscribe_int.h"
#include "base/obj.h"

static void describe_end(const struct sub *s, int side, struct sub_info *out)
{
	struct sip_port *port = s->core->port;
	const struct sub_end *e = &s->end[side];
	struct sip_peer_info info = { 0 };

	out->leg[side].side = e->where;
	out->leg[side].waiting = e->waiting;
	slice_fit(slice_str(e->listener), out->leg[side].listener,
		sizeof(out->leg[side].listener));
	slice_fit(slice_str(e->up ? "confirmed" : "early"),
		out->leg[side].state, sizeof(out->leg[side].state));
	out->leg[side].addr = e->addr;
	if (e->dlg == NULL)
		return;
	port->ops->dlg_info(port, e->dlg, &info);
	if (addr_is_set(&info.addr))
		out->leg[side].addr = info.addr;
	slice_fit(slice_head(slice_str(port->ops->dlg_call_id(port, e->dlg)),
			  sizeof(out->leg[side].sip_call_id) - 1),
		out->leg[side].sip_call_id, sizeof(out->leg[side].sip_call_id));
}

static void describe(const struct sub *s, uint64_t now, struct sub_info *out)
{
	*out = (struct sub_info){ .age_ms = now - s->born_ms,
		.notified_ms = s->notifies > 0 ? now - s->notified_ms : 0,
		.expires_s = s->ends_ms > now
				     ? (unsigned)((s->ends_ms - now) / 1000)
				     : 0,
		.notifies = s->notifies,
		.notifies_failed = s->failed,
		.refreshes = s->refreshes };
	slice_fit(slice_str(s->who), out->who, sizeof(out->who));
	slice_fit(slice_str(s->of), out->of, sizeof(out->of));
	slice_fit(slice_str(s->event), out->event, sizeof(out->event));
	slice_fit(slice_str(s->txn != NULL    ? "asking"
			    : s->notifies > 0 ? s->state
					      : "accepted"),
		out->state, sizeof(out->state));
	if (s->phone != NULL && s->phone->certified)
		slice_fit(slice_head(slice_str(s->phone->device), 63),
			out->device, sizeof(out->device));
	for (int i = 0; i < 2; i++)
		describe_end(s, i, out);
}

struct sub_info *core_subscriptions(struct core *c, size_t *n)
{
	uint64_t now = c->port->ops->now_ms(c->port);
	struct sub_info *v = mem_array(c->nsubs + 1, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < CORE_SUB_BUCKETS; i++)
		for (const struct sub *s = c->subs[i]; s != NULL; s = s->next)
			describe(s, now, &v[(*n)++]);
	return v;
}

/* What show tells of calls that nobody has answered yet: whom they are offered
 * to, and what each has said. */
#include "b2bua/call/ring_int.h"
#include "base/obj.h"

static void describe(const struct leg *l, struct ring_info *out)
{
	const struct call *c = l->call;
	struct sip_port *port = c->core->port;
	struct sip_peer_info peer = { 0 };

	*out = (struct ring_info){ .call = c->id,
		.dial_peer = l->peer != NULL ? l->peer->tag : 0,
		.status = (unsigned)l->said };
	slice_fit(slice_str(c->leg[0].number), out->from, sizeof(out->from));
	slice_fit(slice_str(l->number), out->number, sizeof(out->number));
	slice_fit(slice_str(l->listener), out->listener, sizeof(out->listener));
	if (l->identity != NULL)
		slice_fit(slice_head(slice_str(l->identity->device), 63),
			out->device, sizeof(out->device));
	port->ops->dlg_info(port, l->dlg, &peer);
	out->addr = l->flow != NULL ? l->flow->peer : peer.addr;
	slice_fit(slice_str(port->ops->dlg_call_id(port, l->dlg)),
		out->sip_call_id, sizeof(out->sip_call_id));
}

void ring_note_refused(struct call *c)
{
	struct ring *r = c->ring;

	r->refused =
		mem_resize(r->refused, r->nrefused + 1, sizeof(*r->refused));
	describe(&c->leg[1], &r->refused[r->nrefused++]);
}

static bool rings(const struct call *c)
{
	return (c->state == CALL_DIALING || c->state == CALL_RINGING) &&
	       c->leg[1].dlg != NULL;
}

static size_t count(const struct call *c)
{
	if (!rings(c))
		return 0;
	return c->ring != NULL ? c->ring->n + c->ring->nrefused : 1;
}

static size_t put_branches(const struct call *c, struct ring_info *out)
{
	const struct ring *r = c->ring;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		describe(r->v[i] == r->now ? &c->leg[1] : &r->v[i]->leg,
			&out[n++]);
	for (size_t i = 0; i < r->nrefused; i++)
		out[n++] = r->refused[i];
	return n;
}

/* How many were put. */
static size_t put(const struct call *c, struct ring_info *out)
{
	struct sip_port *port = c->core->port;
	size_t n = 1;

	if (!rings(c))
		return 0;
	if (c->ring != NULL)
		n = put_branches(c, out);
	else
		describe(&c->leg[1], out);
	for (size_t i = 0; i < n; i++)
		out[i].age_ms = port->ops->now_ms(port) - c->born_ms;
	return n;
}

struct ring_info *core_rings(struct core *c, size_t *n)
{
	struct ring_info *v;
	size_t max = 0;

	for (const struct call *x = c->calls; x != NULL; x = call_next(x))
		max += count(x);
	v = mem_array(max + 1, sizeof(*v));
	*n = 0;
	for (const struct call *x = c->calls; x != NULL; x = call_next(x))
		*n += put(x, &v[*n]);
	return v;
}

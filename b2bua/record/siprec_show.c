/* What show tells of recordings. */
#include "b2bua/record/siprec_int.h"
#include "base/obj.h"

static void describe(const struct recording *r, struct recording_info *out)
{
	struct sip_port *port = r->core->port;
	uint64_t end = r->media == NULL ? r->until_ms : port->ops->now_ms(port);

	*out = (struct recording_info){ .call = r->log.call,
		.dial_peer = rec_peer(r)->tag,
		.up_ms = r->up_ms != 0 ? end - r->up_ms : 0,
		.srtp = r->secure };
	slice_fit(slice_str(rec_state_name(r->state)), out->state,
		sizeof(out->state));
	slice_fit(slice_str(r->reason), out->reason, sizeof(out->reason));
	slice_fit(
		slice_str(r->meta.session), out->session, sizeof(out->session));
	slice_fit(slice_str(r->meta.group), out->group, sizeof(out->group));
	if (r->nhosts > 0)
		slice_fit(
			slice_str(
				r->host[r->host_at < r->nhosts ? r->host_at
							       : r->nhosts - 1]
					.host),
			out->recorder, sizeof(out->recorder));
	if (r->dlg != NULL)
		slice_fit(slice_str(port->ops->dlg_call_id(port, r->dlg)),
			out->sip_call_id, sizeof(out->sip_call_id));
	for (int i = 0; i < REC_STREAMS; i++) {
		out->stream[i] = r->stats[i];
		if (r->media != NULL)
			r->core->media_ops->stats(r->media, i, &out->stream[i]);
	}
}

struct recording_info *core_recordings(struct core *c, size_t *n)
{
	struct recording_info *v;
	const struct recording *r;
	size_t max = 0;

	for (r = c->recordings; r != NULL; r = r->next)
		max++;
	v = mem_array(max + 1, sizeof(*v));
	*n = 0;
	for (r = c->recordings; r != NULL; r = r->next)
		describe(r, &v[(*n)++]);
	return v;
}

void siprec_describe(const struct call *c, struct recording_info *out)
{
	if (c->recording != NULL)
		describe(c->recording, out);
}

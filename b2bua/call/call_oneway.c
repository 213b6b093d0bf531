/*
 * Streams of a call that go one way: media says which leg is not heard and what
 * was seen of it; here signalling adds what it knows. Told once, until it is
 * over.
 */
#include "b2bua/call/call_int.h"
#include "base/metric.h"

static const struct {
	const char *text, *code;
	enum metric counter;
} causes[] = {
	/* clang-format off */
	[MEDIA_ONEWAY_NEVER]     = { "no packet ever came",
		"never", M_ONEWAY_NEVER },
	[MEDIA_ONEWAY_STOPPED]   = { "its packets stopped",
		"stopped", M_ONEWAY_STOPPED },
	[MEDIA_ONEWAY_SILENT]    = { "RTCP comes, but no RTP (muted, or silence not sent)",
		"silent", M_ONEWAY_SILENT },
	[MEDIA_ONEWAY_AUTH]      = { "its packets fail authentication",
		"auth_failed", M_ONEWAY_AUTH },
	[MEDIA_ONEWAY_SOURCE]    = { "packets come from an address not allowed",
		"wrong_source", M_ONEWAY_SOURCE },
	[MEDIA_ONEWAY_MALFORMED] = { "what comes is not RTP",
		"malformed", M_ONEWAY_MALFORMED },
	[MEDIA_ONEWAY_SEND]      = { "it can neither be heard nor sent to",
		"unreachable", M_ONEWAY_SEND },
	/* clang-format on */
};
static const char nat_text[] = "its SDP has a private address (NAT)";

static struct mcall *media_of(const struct call *c, int stream)
{
	return stream == 0 ? c->media : c->extra[stream];
}

/*
 * Behind address translation whose home router does not help: the description
 * names an address of the home, signalling came from another one.
 */
static bool is_nat(
	const struct leg *l, const struct addr *remote, enum media_oneway cause)
{
	struct sip_port *port = l->call->core->port;
	struct sip_peer_info info = { 0 };

	if (cause != MEDIA_ONEWAY_NEVER && cause != MEDIA_ONEWAY_SOURCE &&
		cause != MEDIA_ONEWAY_SEND)
		return false;
	if (l->dlg == NULL)
		return false;
	port->ops->dlg_info(port, l->dlg, &info);
	return addr_is_private(remote) && addr_is_set(&info.addr) &&
	       !addr_is_private(&info.addr) &&
	       !addr_same_host(remote, &info.addr);
}

static const char *cause_text(const struct leg_oneway *o)
{
	return o->nat ? nat_text : causes[o->cause].text;
}

/* For show and the doctor. */
static void note(struct leg *l, int stream, const struct mleg_stats *st,
	const struct addr *source)
{
	struct call *c = l->call;
	const struct leg_oneway *o = &l->oneway[stream];
	struct oneway_info info = { .call = c->id,
		.leg = l->side == 0 ? 'A' : 'B',
		.dial_peer = l->peer != NULL ? l->peer->tag : 0,
		.cause = cause_text(o),
		.code = o->nat ? "nat" : causes[o->cause].code,
		.local =
			c->core->media_ops->local(media_of(c, stream), l->side),
		.remote = st->remote,
		.source = *source,
		.ago_ms = (uint64_t)o->since_s * 1000,
		.lasts = true };

	slice_fit(slice_str(l->number), info.number, sizeof(info.number));
	slice_fit(call_stream_name(l, stream), info.media, sizeof(info.media));
	oneways_begin(&c->core->oneways, &info);
}

static void note_end(struct leg *l, int stream)
{
	struct sip_port *port = l->call->core->port;
	char media[16];

	slice_fit(call_stream_name(l, stream), media, sizeof(media));
	oneways_end(&l->call->core->oneways, l->call->id,
		l->side == 0 ? 'A' : 'B', media, port->ops->now_ms(port));
	l->oneway[stream].on = false;
}

void call_oneway_text(const struct leg *l, char *out, size_t size)
{
	struct text t = { 0 };

	out[0] = '\0';
	for (int k = 0; k < SDP_MEDIA_MAX; k++) {
		const struct leg_oneway *o = &l->oneway[k];

		if (!o->on)
			continue;
		if (t.n > 0)
			text_add(&t, SLICE_LIT("; "));
		if (k > 0)
			text_printf(&t,
				"%.*s: ", SLICE_ARG(call_stream_name(l, k)));
		text_add(&t, slice_str(cause_text(o)));
	}
	if (t.n > 0)
		slice_fit(text_slice(&t), out, size);
	text_free(&t);
}

static void begun(struct leg *l, int stream, const struct media_event *ev)
{
	struct call *c = l->call;
	struct leg_oneway *o = &l->oneway[stream];
	struct sip_port *port = c->core->port;
	unsigned seconds = c->conf->voip.oneway_seconds;
	struct mleg_stats st;
	const struct addr *source =
		addr_is_set(&ev->addr) ? &ev->addr : &st.remote;

	if (o->on || c->state != CALL_UP || media_of(c, stream) == NULL)
		return; /* told already; or nobody talks yet: it comes again */
	c->core->media_ops->stats(media_of(c, stream), l->side, &st);
	*o = (struct leg_oneway){ .on = true,
		.nat = is_nat(l, &st.remote, ev->oneway),
		.cause = (uint8_t)ev->oneway,
		.since_s =
			(uint32_t)(port->ops->now_ms(port) / 1000) - seconds };
	metric_inc(o->nat ? M_ONEWAY_NAT : causes[ev->oneway].counter);
	log_event(MSG_MEDIA_ONEWAY, &l->log, L_STR("number", l->number),
		L_SLICE("media", call_stream_name(l, stream)),
		L_ADDR("remote", &st.remote), L_INT("seconds", seconds),
		L_STR("cause", cause_text(o)), L_ADDR("source", source));
	note(l, stream, &st, source);
}

static void ended(struct leg *l, int stream, const struct media_event *ev)
{
	struct leg_oneway *o = &l->oneway[stream];
	struct sip_port *port = l->call->core->port;

	if (!o->on)
		return;
	note_end(l, stream);
	if (ev->oneway == MEDIA_ONEWAY_HEARD)
		log_event(MSG_MEDIA_ONEWAY_OVER, &l->log,
			L_STR("number", l->number),
			L_SLICE("media", call_stream_name(l, stream)),
			L_INT("seconds",
				(uint32_t)(port->ops->now_ms(port) / 1000) -
					o->since_s));
}

void call_oneway(struct call *c, const struct media_event *ev)
{
	struct leg *l = &c->leg[ev->side];
	int stream = call_stream_of(c, ev->call);

	if (ev->kind == MEDIA_ONEWAY)
		begun(l, stream, ev);
	else
		ended(l, stream, ev);
}

void call_oneway_forget(struct call *c, int stream)
{
	for (int i = 0; i < 2; i++)
		if (c->leg[i].oneway[stream].on)
			note_end(&c->leg[i], stream);
}

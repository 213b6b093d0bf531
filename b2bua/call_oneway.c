/*
 * One-way audio of a call: media says which leg is not heard and what was seen
 * of it; here signalling adds what it knows. Told once, until it is over.
 */
#include "b2bua/call_int.h"
#include "base/metric.h"

static const struct {
	const char *text; /* fits leg_info.oneway */
	enum metric counter;
} causes[] = {
	/* clang-format off */
	[MEDIA_ONEWAY_NEVER]     = { "no packet ever came",
		M_ONEWAY_NEVER },
	[MEDIA_ONEWAY_STOPPED]   = { "its packets stopped",
		M_ONEWAY_STOPPED },
	[MEDIA_ONEWAY_SILENT]    = { "RTCP comes, but no RTP (muted, or silence not sent)",
		M_ONEWAY_SILENT },
	[MEDIA_ONEWAY_AUTH]      = { "its packets fail authentication",
		M_ONEWAY_AUTH },
	[MEDIA_ONEWAY_SOURCE]    = { "packets come from an address not allowed",
		M_ONEWAY_SOURCE },
	[MEDIA_ONEWAY_MALFORMED] = { "what comes is not RTP",
		M_ONEWAY_MALFORMED },
	[MEDIA_ONEWAY_SEND]      = { "it can neither be heard nor sent to",
		M_ONEWAY_SEND },
	/* clang-format on */
};
static const char nat_text[] =
	"its SDP has a private address (NAT)"; /* fits leg_info.oneway */

/*
 * Behind address translation whose home router does not help: the description
 * names an address of the home, signalling came from another one.
 */
static bool is_nat(const struct leg *l, enum media_oneway cause)
{
	const struct call *c = l->call;
	struct sip_port *port = c->core->port;
	struct sip_peer_info info = { 0 };
	struct mleg_stats st;

	if (cause != MEDIA_ONEWAY_NEVER && cause != MEDIA_ONEWAY_SOURCE &&
		cause != MEDIA_ONEWAY_SEND)
		return false;
	if (l->dlg == NULL || c->media == NULL)
		return false;
	port->ops->dlg_info(port, l->dlg, &info);
	c->core->media_ops->stats(c->media, l->side, &st);
	return addr_is_private(&st.remote) && addr_is_set(&info.addr) &&
	       !addr_is_private(&info.addr) &&
	       !addr_same_host(&st.remote, &info.addr);
}

const char *call_oneway_text(const struct leg *l)
{
	if (!l->oneway)
		return "";
	return l->oneway_nat ? nat_text : causes[l->oneway_cause].text;
}

static void begun(struct leg *l, const struct media_event *ev)
{
	struct call *c = l->call;
	struct sip_port *port = c->core->port;
	unsigned seconds = c->conf->voip.oneway_seconds;
	struct mleg_stats st;

	if (l->oneway || c->state != CALL_UP)
		return; /* told already; or nobody talks yet: it comes again */
	l->oneway = true;
	l->oneway_cause = ev->oneway;
	l->oneway_nat = is_nat(l, ev->oneway);
	l->oneway_ms = port->ops->now_ms(port) - seconds * 1000;
	metric_inc(l->oneway_nat ? M_ONEWAY_NAT : causes[ev->oneway].counter);
	c->core->media_ops->stats(c->media, l->side, &st);
	log_event(MSG_MEDIA_ONEWAY, &l->log, L_STR("number", l->number),
		L_ADDR("remote", &st.remote), L_INT("seconds", seconds),
		L_STR("cause", call_oneway_text(l)),
		L_ADDR("source",
			addr_is_set(&ev->addr) ? &ev->addr : &st.remote));
}

static void ended(struct leg *l, const struct media_event *ev)
{
	struct sip_port *port = l->call->core->port;

	if (!l->oneway)
		return;
	l->oneway = false;
	if (ev->oneway == MEDIA_ONEWAY_HEARD)
		log_event(MSG_MEDIA_ONEWAY_OVER, &l->log,
			L_STR("number", l->number),
			L_INT("seconds",
				(port->ops->now_ms(port) - l->oneway_ms) /
					1000));
}

void call_oneway(struct call *c, const struct media_event *ev)
{
	struct leg *l = &c->leg[ev->side];

	if (ev->kind == MEDIA_ONEWAY)
		begun(l, ev);
	else
		ended(l, ev);
}

/* See referrer.h. */
#include "b2bua/call/referrer.h"
#include "b2bua/core/trusted.h"
#include "base/metric.h"
#include "base/obj.h"

static struct sip_peer_info info_of(const struct leg *l)
{
	struct sip_port *port = l->call->core->port;
	struct sip_peer_info info = { 0 };

	port->ops->dlg_info(port, l->dlg, &info);
	return info;
}

static bool is_trusted(struct core *core, const struct sip_source *src)
{
	return trusted_ask(core->trusted, src) != TRUSTED_NOT;
}

bool referrer_may_ask(
	const struct leg *asks, struct sip_txn *t, const struct sip_msg *m)
{
	struct core *core = asks->call->core;
	struct sip_peer_info info = info_of(asks);
	struct identity *none = info.identity == NULL ? identity_none() : NULL;
	const struct sip_source src = { .listener = asks->listener,
		.side = asks->where,
		.transport = info.transport,
		.addr = info.addr,
		.identity = none != NULL ? none : info.identity,
		.flow = asks->flow };
	bool fine = is_trusted(core, &src);

	if (!fine) {
		metric_inc(M_CALL_TRANSFERS_REFUSED);
		log_event(MSG_CALL_TRANSFER_REFUSED, &asks->log,
			L_STR("number", asks->number),
			L_INT("status", refusal_rows[REFUSE_REFERRER].status),
			L_STR("reason", refusal_rows[REFUSE_REFERRER].text));
		core_refuse(core, t, REFUSE_REFERRER);
	} else {
		fine = core_admits(core, t, m, &src);
	}
	obj_unref(none);
	return fine;
}

/* The dial-peer that an INVITE from there would come in by. */
static const struct conf_dial_peer *comes_in_by(const struct call *y,
	const struct leg *asks, const struct sip_msg *refer, struct slice uri)
{
	const struct route_ask ask = { .listener = conf_find_listener(
					       y->conf, asks->listener),
		.called = slice_str(y->called),
		.calling = slice_str(asks->number),
		.uri = { [CONF_URI_VIA] = refer->via_host,
			[CONF_URI_REQUEST] = uri,
			[CONF_URI_TO] = uri,
			[CONF_URI_FROM] = call_uri_of(refer->from) },
		.source = info_of(asks).addr };

	return route_incoming(y->conf, &ask);
}

/*
 * Back to where the REFER came from. Of an INVITE that were a circle, and of a
 * provider's far end a call at our cost. The call manager is trusted with calls
 * and sends those of its phones on to others of them; of others the operator
 * says so, by a group that names their own dial-peer.
 */
static bool may_go_back(const struct call *y, const struct leg *asks,
	const struct conf_dial_peer *as)
{
	const struct addr from = info_of(asks).addr;

	if (as == NULL)
		return true;
	if (as->group != NULL && !as->group->shutdown)
		return true;
	return asks->where == CONF_CORE &&
	       trusted_call_manager(y->core->trusted, as->tag, &from);
}

size_t referrer_routes(const struct call *y, struct slice uri,
	const struct conf_dial_peer *out[ROUTE_MAX])
{
	return (y->referrer.may_go_back ? route_taken_back : route_outgoing)(
		y->conf, y->referrer.where, y->referrer.peer,
		slice_str(y->called), uri, out);
}

void referrer_route(struct call *y, const struct leg *asks,
	const struct sip_msg *refer, const char *ruri)
{
	const struct conf_dial_peer *as =
		comes_in_by(y, asks, refer, slice_str(ruri));
	const struct conf_dial_peer *v[ROUTE_MAX];
	size_t n;

	y->referrer.is = true;
	y->referrer.where = asks->where;
	y->referrer.peer = as;
	y->referrer.may_go_back = may_go_back(y, asks, as);
	if (as != NULL && numbers_blocked(as->block, y->called, asks->number)) {
		metric_inc(M_CALL_BLOCKED);
		call_fail_blocked(y, as);
		return;
	}
	if (as != NULL)
		(void)numbers_translate(
			as->xlate_in, CONF_XLATE_CALLED, y->called, NULL);
	slice_fit(slice_str(y->called), y->leg[1].number,
		sizeof(y->leg[1].number));
	n = referrer_routes(y, slice_str(ruri), v);
	call_set_route(y, v, n);
	if (n == 0)
		call_fail(y, REFUSE_NO_ROUTE_TRANSFER);
}

/* What show tells of a leg. */
#include "b2bua/call/call_int.h"
#include "b2bua/dtmf/keys_int.h"
#include "b2bua/offer/srtp_sdes.h"

static const struct sip_port_ops *ops(const struct leg *l)
{
	return l->call->core->port->ops;
}

static struct sip_port *port(const struct leg *l)
{
	return l->call->core->port;
}

static void describe_peer(const struct leg *l, struct leg_info *out)
{
	struct sip_peer_info info = { 0 };
	const struct identity *id = l->identity;

	if (l->dlg != NULL) {
		ops(l)->dlg_info(port(l), l->dlg, &info);
		slice_fit(slice_str(ops(l)->dlg_call_id(port(l), l->dlg)),
			out->sip_call_id, sizeof(out->sip_call_id));
		out->signalling = info.addr;
		if (info.identity != NULL)
			id = info.identity;
	}
	if (id == NULL)
		return;
	slice_fit(slice_str(id->tls_version), out->tls_version,
		sizeof(out->tls_version));
	slice_fit(slice_str(id->tls_cipher), out->tls_cipher,
		sizeof(out->tls_cipher));
	slice_fit(slice_head(slice_str(id->subject), sizeof(out->identity) - 1),
		out->identity, sizeof(out->identity));
	if (id->certified)
		slice_fit(slice_head(slice_str(id->device), 63), out->peer_name,
			sizeof(out->peer_name));
}

static void describe_media(const struct leg *l, struct leg_info *out)
{
	const struct core *core = l->call->core;

	slice_fit(slice_str(l->codec), out->codec, sizeof(out->codec));
	out->fallback = l->fallback;
	slice_fit(slice_str(key_way_name(keys_way(l))), out->dtmf,
		sizeof(out->dtmf));
	slice_fit(slice_str(l->streams), out->streams, sizeof(out->streams));
	if (l->call->media == NULL)
		return;
	out->media_local = core->media_ops->local(l->call->media, l->side);
	core->media_ops->stats(l->call->media, l->side, &out->stats);
	out->media_remote = out->stats.remote;
	call_oneway_text(l, out->oneway, sizeof(out->oneway));
}

static void describe_suites(const struct leg *l, struct leg_info *out)
{
	sdes_weak_text(l->weak, out->weak, sizeof(out->weak));
	out->srtp = l->suite != NULL;
	out->pass_thru = l->opaque;
	if (!out->srtp)
		return;
	slice_fit(slice_str(l->suite), out->suite_local,
		sizeof(out->suite_local));
	slice_fit(slice_str(l->suite), out->suite_remote,
		sizeof(out->suite_remote));
}

void leg_describe(const struct leg *l, struct leg_info *out)
{
	out->incoming = l->side == 0;
	out->transport = l->transport;
	slice_fit(slice_str(l->number), out->number, sizeof(out->number));
	if (l->peer != NULL) {
		out->dial_peer = l->peer->tag;
		slice_fit(slice_head(slice_str(l->peer->description), 63),
			out->peer_name, sizeof(out->peer_name));
	}
	describe_peer(l, out);
	describe_media(l, out);
	describe_suites(l, out);
	session_timer_describe(l, out);
}

/*
 * show sip-ua calls: the dialogs, those we began (UAC) and those that were
 * begun with us (UAS), with the suites of their streams. Keys are not shown:
 * they never leave the media workers.
 */
#include <string.h>

#include "show/show_int.h"
#include "show/view.h"

static const char *dialog_state(const struct call_info *c)
{
	if (strcmp(c->state, "up") == 0)
		return "STATE_ACTIVE (7)";
	return strcmp(c->state, "ending") == 0 ? "STATE_DISCONNECTING (8)"
					       : "STATE_SENT_ALERTING (5)";
}

static void dialog(struct view *v, const struct call_info *c, int side)
{
	const struct leg_info *l = &c->leg[side];

	view_str(v, "sip_call_id", "SIP Call ID", l->sip_call_id);
	view_line(v, "   State of the call       : %s", dialog_state(c));
	view_str(v, "state", NULL, c->state);
	view_str(v, "calling", "   Calling Number", c->leg[0].number);
	view_str(v, "called", "   Called Number", c->leg[1].number);
	view_num(v, "call", "   Call Number", c->id);
	view_num(v, "dial_peer", "   Dial-peer", l->dial_peer);
	view_addr(v, "remote", "   Destn SIP Req Addr:Port", &l->signalling);
	view_str(v, "peer_name", "   Destination Name", l->peer_name);
	view_str(v, "transport", "   Transport", word_transport(l->transport));
	view_str(v, "tls_version", "   TLS Version", l->tls_version);
	view_str(v, "tls_cipher", "   TLS Cipher", l->tls_cipher);
	view_str(v, "identity", "   Peer Identity", l->identity);
	show_session(v, l);
}

static const char *masked(bool srtp)
{
	return srtp ? "********" : "None";
}

static void stream(struct view *v, const struct call_info *c, int side)
{
	const struct leg_info *l = &c->leg[side];

	view_line(v, "   Number of Media Streams : 1");
	view_line(v, "   Media Mode              : flow-through");
	view_line(v, "   Media Stream 1");
	v->width = 30;
	view_line(v, "     State of the stream      : %s",
		c->hold ? "STREAM_INACTIVE" : "STREAM_ACTIVE");
	view_bool(v, "hold", NULL, c->hold, "", "");
	view_num(v, "leg_number", "     Stream Call ID",
		show_leg_number(c, side));
	view_line(v, "     Stream Type              : voice-only (0)");
	view_line(v, "     Negotiated Codec         : %s", show_codec(l));
	view_str(v, "codec", NULL, l->codec);
	view_addr(v, "media_local", "     Media Source IP Addr:Port",
		&l->media_local);
	view_addr(v, "media_remote", "     Media Dest IP Addr:Port",
		&l->media_remote);
	view_bool(v, "srtp", "     SRTP", l->srtp, show_leg_srtp(l), "off");
	view_bool(v, "srtp_pass_thru", NULL, l->pass_thru, "", "");
	view_bool(v, "srtp_fallback", "     SRTP Fallback", l->fallback, "yes",
		"no");
	view_str(v, "suite_local", "     Local Crypto Suite",
		l->srtp ? l->suite_local : "None");
	view_str(v, "suite_remote", "     Remote Crypto Suite",
		l->srtp ? l->suite_remote : "None");
	view_line(v, "     Local Crypto Key         : %s", masked(l->srtp));
	view_line(v, "     Remote Crypto Key        : %s", masked(l->srtp));
}

/* The legs of one direction; how many. */
static size_t section(struct table *t, const struct b2bua_query *q, bool uas)
{
	const char *key = uas ? "uas" : "uac";
	size_t n = 0;

	view_array(t, key);
	table_note(t, "SIP %s CALL INFO", uas ? "UAS" : "UAC");
	for (size_t i = 0; i < q->ncalls; i++) {
		const struct call_info *c = &q->calls[i];

		for (int side = 0; side < 2; side++) {
			if (!show_leg_there(&c->leg[side]) ||
				c->leg[side].incoming != uas)
				continue;
			table_note(t, "Call %zu", ++n);
			struct view v = view_begin(t, key, ": ", 27);

			dialog(&v, c, side);
			stream(&v, c, side);
			view_line(&v, "%s", "");
			view_end(&v);
		}
	}
	table_note(t, "   Number of SIP User Agent %s calls: %zu",
		uas ? "Server(UAS)" : "Client(UAC)", n);
	table_note(t, "%s", "");
	return n;
}

static size_t count(const struct b2bua_query *q, bool uas)
{
	size_t n = 0;

	for (size_t i = 0; i < q->ncalls; i++)
		for (int side = 0; side < 2; side++)
			n += show_leg_there(&q->calls[i].leg[side]) &&
			     q->calls[i].leg[side].incoming == uas;
	return n;
}

int show_sip_calls(struct table *t, const struct show *s)
{
	size_t uac = count(s->query, false), uas = count(s->query, true);

	table_note(t,
		"Total SIP call legs:%zu, User Agent Client:%zu, User Agent Server:%zu",
		uac + uas, uac, uas);
	table_block(t, "summary", NULL);
	table_pair_num(t, "legs", NULL, (int64_t)(uac + uas));
	table_pair_num(t, "uac", NULL, (int64_t)uac);
	table_pair_num(t, "uas", NULL, (int64_t)uas);
	section(t, s->query, false);
	section(t, s->query, true);
	return 0;
}

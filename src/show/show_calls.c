/*
 * show call active voice: the legs of every call, in the layouts that CUBE's
 * operators (and their scripts) know. "SRTP: on" is told of each leg by what
 * its transforms do, never by what was wanted.
 */
#include <errno.h>
#include <string.h>

#include "show/show_int.h"
#include "show/view.h"

/* IOS numbers legs; ours are two to a call, A's the odd one. */
unsigned show_leg_number(const struct call_info *c, int side)
{
	return c->id * 2 - (side == 0 ? 1 : 0);
}

bool show_leg_there(const struct leg_info *l)
{
	return l->sip_call_id[0] != '\0' || l->incoming;
}

/* "PCMU/8000" is "g711ulaw" to IOS. */
const char *show_codec(const struct leg_info *l)
{
	for (const struct conf_codec *c = conf_codecs; c->ios_name; c++) {
		size_t n = strlen(c->rtp_name);

		if (strncasecmp(l->codec, c->rtp_name, n) == 0 &&
			(l->codec[n] == '/' || l->codec[n] == '\0'))
			return c->ios_name;
	}
	return l->codec[0] != '\0' ? l->codec : "None";
}

size_t show_count_legs(const struct b2bua_query *q)
{
	size_t n = 0;

	for (size_t i = 0; i < q->ncalls; i++)
		for (int side = 0; side < 2; side++)
			n += show_leg_there(&q->calls[i].leg[side]);
	return n;
}

static const char *ios_state(const struct call_info *c)
{
	if (strcmp(c->state, "up") == 0)
		return "active";
	return strcmp(c->state, "ending") == 0 ? "disconnecting" : "connecting";
}

static uint64_t since(const struct show *s, uint64_t age_ms)
{
	return age_ms < s->now_ms ? s->now_ms - age_ms : 0;
}

/* Percent of what should have come. */
static double loss_rate(const struct mleg_stats *st)
{
	uint64_t all = st->rx_packets + st->lost;

	return all > 0 ? 100.0 * (double)st->lost / (double)all : 0.0;
}

const char *show_leg_srtp(const struct leg_info *l)
{
	return l->pass_thru ? "pass-thru" : l->srtp ? "on" : "off";
}

/* Into the JSON object only; the layouts write their own lines. */
static void leg_security(struct view *v, const struct leg_info *l)
{
	view_bool(v, "srtp", NULL, l->srtp, "", "");
	view_bool(v, "srtp_pass_thru", NULL, l->pass_thru, "", "");
	view_str(v, "srtp_weak", NULL, l->weak);
	view_bool(v, "srtp_fallback", NULL, l->fallback, "", "");
	view_str(v, "streams", NULL, l->streams);
	view_str(v, "suite_local", NULL, l->suite_local);
	view_str(v, "suite_remote", NULL, l->suite_remote);
	view_str(v, "transport", NULL, word_transport(l->transport));
	view_str(v, "tls_version", NULL, l->tls_version);
	view_str(v, "tls_cipher", NULL, l->tls_cipher);
	view_str(v, "identity", NULL, l->identity);
}

static void leg_statistics(struct view *v, const struct mleg_stats *st)
{
	view_num(v, "rx_packets", NULL, (int64_t)st->rx_packets);
	view_num(v, "rx_bytes", NULL, (int64_t)st->rx_bytes);
	view_num(v, "tx_packets", NULL, (int64_t)st->tx_packets);
	view_num(v, "tx_bytes", NULL, (int64_t)st->tx_bytes);
	view_num(v, "rx_rtcp", NULL, (int64_t)st->rx_rtcp);
	view_num(v, "tx_rtcp", NULL, (int64_t)st->tx_rtcp);
	view_num(v, "lost", NULL, (int64_t)st->lost);
	view_num(v, "jitter_us", NULL, st->jitter_us);
	view_num(v, "rtt_us", NULL, st->rtt_us);
	view_num(v, "loss_reported", NULL, st->loss_reported);
	view_num(v, "reported_of", NULL, st->reported_of);
	view_num(v, "jitter_reported_us", NULL, st->jitter_reported_us);
	view_num(v, "auth_failed", NULL, (int64_t)st->auth_failed);
	view_num(v, "replayed", NULL, (int64_t)st->replayed);
	view_num(v, "malformed", NULL, (int64_t)st->malformed);
	view_num(v, "wrong_source", NULL, (int64_t)st->wrong_source);
	view_num(v, "not_wanted", NULL, (int64_t)st->not_wanted);
	view_num(v, "send_failed", NULL, (int64_t)st->send_failed);
	view_num(v, "ssrc", NULL, st->ssrc);
	view_bool(v, "latched", NULL, st->latched, "", "");
	view_bool(v, "rtcp_mux", NULL, st->rtcp_mux, "", "");
}

/* What programs get of a leg, whatever the layout. */
static void leg_json(struct view *v, const struct call_info *c, int side)
{
	const struct leg_info *l = &c->leg[side];

	view_num(v, "call", NULL, c->id);
	view_str(v, "leg", NULL, side == 0 ? "A" : "B");
	view_num(v, "leg_number", NULL, show_leg_number(c, side));
	view_str(v, "state", NULL, c->state);
	view_bool(v, "hold", NULL, c->hold, "", "");
	view_num(v, "age_ms", NULL, (int64_t)c->age_ms);
	view_num(v, "up_ms", NULL, (int64_t)c->up_ms);
	view_str(v, "direction", NULL, l->incoming ? "answer" : "originate");
	view_str(v, "number", NULL, l->number);
	view_str(v, "peer_name", NULL, l->peer_name);
	view_num(v, "dial_peer", NULL, l->dial_peer);
	view_str(v, "sip_call_id", NULL, l->sip_call_id);
	view_addr(v, "signalling", NULL, &l->signalling);
	view_addr(v, "media_local", NULL, &l->media_local);
	view_addr(v, "media_remote", NULL, &l->media_remote);
	view_str(v, "codec", NULL, l->codec);
	view_str(v, "one_way", NULL, l->oneway);
	view_str(v, "dtmf_relay", NULL, l->dtmf);
	view_num(v, "transcoder", NULL, c->transcoder);
	view_str(v, "recording", NULL, c->recording.state);
	show_session_json(v, l);
	leg_security(v, l);
	leg_statistics(v, &l->stats);
	show_quality_json(v, l);
}

static void brief_head(struct view *v, const struct show *s,
	const struct call_info *c, int side)
{
	const struct leg_info *l = &c->leg[side];
	char when[VIEW_TIME];
	uint64_t answered = c->up_ms > 0 ? c->age_ms - c->up_ms : 0;

	view_line(v, "%-4u : %u %s.1 +%llu pid:%u %s %s %s", c->id,
		show_leg_number(c, side), view_time(since(s, c->age_ms), when),
		(unsigned long long)answered, l->dial_peer,
		l->incoming ? "Answer" : "Originate", l->number, ios_state(c));
}

static void brief_media(struct view *v, const struct call_info *c, int side)
{
	const struct leg_info *l = &c->leg[side];
	const struct mleg_stats *st = &l->stats;
	char addr[ADDR_TEXT], dur[VIEW_TIME];

	view_line(v, " dur %s tx:%llu/%llu rx:%llu/%llu",
		view_duration(c->up_ms, dur),
		(unsigned long long)st->tx_packets,
		(unsigned long long)st->tx_bytes,
		(unsigned long long)st->rx_packets,
		(unsigned long long)st->rx_bytes);
	view_line(v,
		" IP %s SRTP: %s rtt:%ums pl:0/0ms lost:%llu/0/0 delay:0/0/0ms %s TextRelay: off Transcoded: %s ICE: Off",
		addr_is_set(&l->media_remote)
			? addr_text(&l->media_remote, addr)
			: "0.0.0.0:0",
		show_leg_srtp(l), st->rtt_us / 1000,
		(unsigned long long)st->lost, show_codec(l),
		c->transcoder != 0 ? "Yes" : "No");
	view_line(v, " LostPacketRate:%.2f Jitter:%.1fms Hold:%s",
		loss_rate(st), st->jitter_us / 1000.0, c->hold ? "y" : "n");
}

static void brief_security(struct view *v, const struct leg_info *l)
{
	if (l->oneway[0] != '\0')
		view_line(v, " ONE-WAY: %s", l->oneway);
	if (l->pass_thru)
		view_line(v,
			" SRTP pass-thru suite:%s keys of the far ends, unchecked",
			l->suite_local);
	else if (l->srtp)
		view_line(v,
			" SRTP suite tx:%s rx:%s auth-fail:%llu replay:%llu",
			l->suite_local, l->suite_remote,
			(unsigned long long)l->stats.auth_failed,
			(unsigned long long)l->stats.replayed);
	if (l->weak[0] != '\0')
		view_line(v, " SRTP weakened: %s", l->weak);
	if (l->fallback)
		view_line(v, " SRTP fallback: wanted, not in force");
	if (l->streams[0] != '\0')
		view_line(v, " streams %s", l->streams);
	view_line(v, " signalling %s%s%s%s%s peer:%s",
		word_transport(l->transport), l->tls_version[0] ? " " : "",
		l->tls_version, l->tls_cipher[0] ? " " : "", l->tls_cipher,
		l->peer_name[0] ? l->peer_name : "-");
}

static void leg_brief(struct table *t, const struct show *s,
	const struct call_info *c, int side)
{
	struct view v = view_begin(t, "legs", "", 0);

	leg_json(&v, c, side);
	brief_head(&v, s, c, side);
	brief_media(&v, c, side);
	show_quality_brief(&v, &c->leg[side]);
	brief_security(&v, &c->leg[side]);
	view_line(&v, "%s", "");
	view_end(&v);
}

static void leg_totals(struct table *t, const struct show *s)
{
	size_t legs = show_count_legs(s->query);

	table_block(t, "summary", NULL);
	table_pair_num(t, "calls", NULL, (int64_t)s->query->ncalls);
	table_pair_num(t, "legs", NULL, (int64_t)legs);
	table_note(t, "Telephony call-legs: 0");
	table_note(t, "SIP call-legs: %zu", legs);
	table_note(t, "H323 call-legs: 0");
	table_note(t, "Call agent controlled call-legs: 0");
	table_note(t, "SCCP call-legs: 0");
	table_note(t, "Multicast call-legs: 0");
	table_note(t, "Total call-legs: %zu", legs);
}

static void each_leg(struct table *t, const struct show *s,
	void (*one)(struct table *t, const struct show *s,
		const struct call_info *c, int side))
{
	view_array(t, "legs");
	for (size_t i = 0; i < s->query->ncalls; i++) {
		const struct call_info *c = &s->query->calls[i];

		for (int side = 0; side < 2; side++)
			if (show_leg_there(&c->leg[side]))
				one(t, s, c, side);
	}
}

int show_call_voice_brief(struct table *t, const struct show *s)
{
	table_note(t,
		"<ID> : <CallID> <start>.<index> +<connect>ms pid:<peer_id> <dir> <number> <state>");
	table_note(
		t, " dur hh:mm:ss tx:<packets>/<bytes> rx:<packets>/<bytes>");
	table_note(t,
		" IP <ip>:<udp> SRTP: <on/off> rtt:<time>ms pl:<play>/<gap>ms lost:<lost>/<early>/<late>");
	table_note(t, "%s", "");
	leg_totals(t, s);
	table_note(t, "%s", "");
	each_leg(t, s, leg_brief);
	leg_totals(t, s);
	return 0;
}

static void full_generic(struct view *v, const struct show *s,
	const struct call_info *c, int side)
{
	const struct leg_info *l = &c->leg[side];
	char when[VIEW_TIME], dur[VIEW_TIME];

	view_line(v, "GENERIC:");
	view_line(v, "SetupTime=%s", view_time(since(s, c->age_ms), when));
	view_line(v, "Index=%u", show_leg_number(c, side));
	view_line(v, "PeerAddress=%s", l->number);
	view_line(v, "PeerId=%u", l->dial_peer);
	view_line(v, "PeerName=%s", l->peer_name);
	view_line(v, "CallState=%s", ios_state(c));
	view_line(v, "CallOrigin=%s", l->incoming ? "2" : "1");
	view_line(v, "CallDuration=%s", view_duration(c->up_ms, dur));
	view_line(v, "TransmitPackets=%llu",
		(unsigned long long)l->stats.tx_packets);
	view_line(
		v, "TransmitBytes=%llu", (unsigned long long)l->stats.tx_bytes);
	view_line(v, "ReceivePackets=%llu",
		(unsigned long long)l->stats.rx_packets);
	view_line(
		v, "ReceiveBytes=%llu", (unsigned long long)l->stats.rx_bytes);
}

static void full_addresses(struct view *v, const struct leg_info *l)
{
	char a[ADDR_TEXT];

	view_line(v, "RemoteSignallingIPAddress=%s",
		addr_is_set(&l->signalling) ? addr_host(&l->signalling, a)
					    : "");
	view_line(v, "RemoteSignallingPort=%u",
		addr_is_set(&l->signalling) ? addr_port(&l->signalling) : 0);
	view_line(v, "RemoteMediaIPAddress=%s",
		addr_is_set(&l->media_remote) ? addr_host(&l->media_remote, a)
					      : "");
	view_line(v, "RemoteMediaPort=%u",
		addr_is_set(&l->media_remote) ? addr_port(&l->media_remote)
					      : 0);
	view_line(v, "LocalMediaIPAddress=%s",
		addr_is_set(&l->media_local) ? addr_host(&l->media_local, a)
					     : "");
	view_line(v, "LocalMediaPort=%u",
		addr_is_set(&l->media_local) ? addr_port(&l->media_local) : 0);
	view_line(v, "RtcpMux=%s", l->stats.rtcp_mux ? "yes" : "no");
}

static void full_security(struct view *v, const struct leg_info *l)
{
	view_line(v, "SRTP = %s", show_leg_srtp(l));
	view_line(v, "SRTPFallback = %s", l->fallback ? "yes" : "no");
	view_line(v, "OtherStreams=%s", l->streams);
	view_line(v, "LocalCryptoSuite=%s", l->suite_local);
	view_line(v, "RemoteCryptoSuite=%s", l->suite_remote);
	view_line(v, "AuthenticationFailures=%llu",
		(unsigned long long)l->stats.auth_failed);
	view_line(v, "ReplayedPackets=%llu",
		(unsigned long long)l->stats.replayed);
	view_line(v, "SessionTransport=%s", word_transport(l->transport));
	view_line(v, "TlsVersion=%s", l->tls_version);
	view_line(v, "TlsCipher=%s", l->tls_cipher);
	view_line(v, "PeerIdentity=%s", l->identity);
}

static void leg_full(struct table *t, const struct show *s,
	const struct call_info *c, int side)
{
	const struct leg_info *l = &c->leg[side];
	struct view v = view_begin(t, "legs", "", 0);

	leg_json(&v, c, side);
	full_generic(&v, s, c, side);
	view_line(&v, "VOIP:");
	view_line(&v, "ConnectionId=%u", c->id);
	view_line(&v, "SessionProtocol=sipv2");
	view_line(&v, "CallId=%s", l->sip_call_id);
	show_session_full(&v, l);
	full_addresses(&v, l);
	view_line(&v, "RoundTripDelay=%u ms", l->stats.rtt_us / 1000);
	full_security(&v, l);
	show_quality_full(&v, l);
	view_line(&v, "OneWay=%s", l->oneway[0] ? l->oneway : "no");
	view_line(&v, "CoderTypeRate=%s", show_codec(l));
	view_line(&v, "tx_DtmfRelay=%s", l->dtmf);
	view_line(&v, "Transcoded=%s", c->transcoder != 0 ? "yes" : "no");
	if (c->transcoder != 0)
		view_line(&v, "DspfarmProfile=%u", c->transcoder);
	if (c->recording.dial_peer != 0)
		view_line(&v, "Recording=%s RecordingSession=%s",
			c->recording.state, c->recording.session);
	view_line(&v, "%s", "");
	view_end(&v);
}

int show_call_voice(struct table *t, const struct show *s)
{
	leg_totals(t, s);
	table_note(t, "%s", "");
	each_leg(t, s, leg_full);
	leg_totals(t, s);
	return 0;
}

static void leg_stats(struct table *t, const struct show *s,
	const struct call_info *c, int side)
{
	const struct leg_info *l = &c->leg[side];
	const struct mleg_stats *st = &l->stats;
	struct view v = view_begin(t, "legs", "", 0);

	leg_json(&v, c, side);
	brief_head(&v, s, c, side);
	view_line(&v, " %s ssrc:%08x rtt:%.1fms rtcp rx:%llu tx:%llu",
		show_codec(l), st->ssrc, st->rtt_us / 1000.0,
		(unsigned long long)st->rx_rtcp,
		(unsigned long long)st->tx_rtcp);
	show_quality_ways(&v, l);
	view_line(&v,
		" dropped auth:%llu replay:%llu malformed:%llu source:%llu unwanted:%llu send:%llu",
		(unsigned long long)st->auth_failed,
		(unsigned long long)st->replayed,
		(unsigned long long)st->malformed,
		(unsigned long long)st->wrong_source,
		(unsigned long long)st->not_wanted,
		(unsigned long long)(st->send_failed + st->send_repeated));
	view_line(&v, "%s", "");
	view_end(&v);
}

int show_call_voice_stats(struct table *t, const struct show *s)
{
	table_note(t,
		"PK: packets LO: lost JT: jitter DL: one-way delay, with jitter buffer");
	table_note(t,
		"R: G.107 rating MOS: estimate of it; tx is what the far end's RTCP reports");
	table_note(t, "%s", "");
	each_leg(t, s, leg_stats);
	leg_totals(t, s);
	return 0;
}

static const struct table_col summary_cols[] = {
	{ "call", "Call", true },
	{ "state", "State", false },
	{ "duration_s", "Duration", true },
	{ "from", "From", false },
	{ "to", "To", false },
	{ "codec", "Codec", false },
	{ "srtp_a", "SRTP A", false },
	{ "srtp_b", "SRTP B", false },
	{ "hold", "Hold", false },
};

int show_call_summary(struct table *t, const struct show *s)
{
	const struct b2bua_query *q = s->query;

	table_rows(t, "calls", NULL, summary_cols, ARRAY_SIZE(summary_cols));
	for (size_t i = 0; i < q->ncalls; i++) {
		const struct call_info *c = &q->calls[i];

		table_num(t, c->id);
		table_str(t, c->state);
		table_num(t, (int64_t)(c->up_ms / 1000));
		table_str(t, c->leg[0].number);
		table_str(t, c->leg[1].number);
		table_str(t, show_codec(&c->leg[0]));
		table_bool(t, c->leg[0].srtp);
		table_bool(t, c->leg[1].srtp);
		table_bool(t, c->hold);
	}
	table_block(t, "summary", NULL);
	table_pair_num(t, "total", NULL, (int64_t)q->ncalls);
	table_note(t, "Total number of calls: %zu", q->ncalls);
	return 0;
}

static const struct table_col rtp_cols[] = {
	{ "number", "No.", false },
	{ "leg", "CallId", true },
	{ "other_leg", "dstCallId", true },
	{ "local_port", "LocalRTP", true },
	{ "remote_port", "RmtRTP", true },
	{ "local", "LocalIP", false },
	{ "remote", "RemoteIP", false },
	{ "srtp", "SRTP", false },
};

static void rtp_row(
	struct table *t, size_t number, const struct call_info *c, int side)
{
	const struct leg_info *l = &c->leg[side];
	char a[ADDR_TEXT];

	table_num(t, (int64_t)number);
	table_num(t, show_leg_number(c, side));
	table_num(t, show_leg_number(c, !side));
	table_num(t, addr_port(&l->media_local));
	table_num(t, addr_is_set(&l->media_remote) ? addr_port(&l->media_remote)
						   : 0);
	table_str(t, addr_host(&l->media_local, a));
	table_str(t, addr_is_set(&l->media_remote)
			     ? addr_host(&l->media_remote, a)
			     : NULL);
	table_bool(t, l->srtp);
}

int show_rtp_connections(struct table *t, const struct show *s)
{
	size_t n = 0;

	table_rows(t, "connections", "VoIP RTP active connections :", rtp_cols,
		ARRAY_SIZE(rtp_cols));
	for (size_t i = 0; i < s->query->ncalls; i++)
		for (int side = 0; side < 2; side++)
			if (addr_is_set(
				    &s->query->calls[i].leg[side].media_local))
				rtp_row(t, ++n, &s->query->calls[i], side);
	table_block(t, "ports", NULL);
	table_pair_num(t, "in_use", NULL, s->media->ports);
	table_pair_num(t, "pairs", NULL, s->media->pairs);
	table_note(t, "Found %zu active RTP connections", n);
	table_note(t, "%u of %u port pairs in use, %u media workers",
		s->media->ports, s->media->pairs, s->media->workers);
	return 0;
}

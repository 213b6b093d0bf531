/*
 * Writing: the other leg's description with what is ours put in its place.
 * The number and order of the sections is the leg's own (sdp_shape.c).
 */
#include "b2bua/offer/sdp.h"

#include <inttypes.h>

#include "b2bua/offer/srtp_sdes.h"
#include "base/obj.h"

static void line(struct text *out, struct slice s)
{
	text_add(out, s);
	text_add(out, SLICE_LIT("\r\n"));
}

static void put_address(
	struct text *out, const char *prefix, const struct addr *a)
{
	char host[ADDR_TEXT];

	text_printf(out, "%sIN %s %s\r\n", prefix,
		a->sa.sa_family == AF_INET6 ? "IP6" : "IP4",
		addr_host(a, host));
}

/* Is it an attribute of one of these names? Most differ in their first letter,
 * of which bit 5 is the case. */
static bool is_attr_of(struct slice l, const char *const *names, size_t n)
{
	struct slice name, value;

	if (!sdp_attr(l, &name, &value))
		return false;
	for (size_t i = 0; i < n; i++)
		if (name.n > 0 && ((name.p[0] ^ names[i][0]) & ~0x20) == 0 &&
			slice_caseeq_str(name, names[i]))
			return true;
	return false;
}

static bool is_attr(struct slice l, const char *name)
{
	return is_attr_of(l, &name, 1);
}

/*
 * What an attribute that nobody here knows says of the inside cannot be told:
 * such lines do not leave it. These are known to speak of media alone.
 */
static bool unknown_attribute(struct slice l)
{
	static const char *const known[] = { "rtpmap", "fmtp", "ptime",
		"maxptime", "rtcp-fb", "rtcp-rsize", "framerate", "framesize",
		"imageattr", "orient", "quality", "content", "label", "lang",
		"sdplang", "type", "charset", "silenceSupp", "ecan", "gpmd",
		"cdsc", "cpar", "sqn", "X-cap", "T38FaxVersion",
		"T38MaxBitRate", "T38FaxFillBitRemoval", "T38FaxTranscodingMMR",
		"T38FaxTranscodingJBIG", "T38FaxRateManagement",
		"T38FaxMaxBuffer", "T38FaxMaxDatagram", "T38FaxMaxIFP",
		"T38FaxUdpEC", "T38FaxUdpECDepth", "T38FaxUdpFECMaxSpan",
		"T38ModemType", "T38VendorInfo", "floorctrl", "confid",
		"userid", "floorid", "bfcpver", "inactive", "sendrecv",
		"sendonly", "recvonly", "rtcp", "maxprate", "bandwidth",
		"record", "recordpref" };

	return l.p[0] == 'a' && !is_attr_of(l, known, ARRAY_SIZE(known));
}

/* Session lines that speak of the other leg's host, person or transport. */
static bool hidden_session_line(struct slice l)
{
	static const char *const attrs[] = { "ice-ufrag", "ice-pwd", "ice-lite",
		"ice-options", "fingerprint", "setup", "identity", "group",
		"msid-semantic", "crypto", "key-mgmt", "sendrecv", "sendonly",
		"recvonly", "inactive", "rtcp-unicast" };

	if (l.p[0] == 'c' || l.p[0] == 'u' || l.p[0] == 'e' || l.p[0] == 'p' ||
		l.p[0] == 'k' || l.p[0] == 'i')
		return true;
	return is_attr_of(l, attrs, ARRAY_SIZE(attrs));
}

static void put_session(struct text *out, const struct sdp_draft *d)
{
	const struct sdp *like = d->like;
	bool connection = false;

	for (size_t i = 0; i < like->session.n; i++) {
		struct slice l = like->line[i];

		/* c= goes behind v o s i u e p, before b t r z k a */
		if (!connection && i > 0 && l.p[0] != 'o' && l.p[0] != 's' &&
			l.p[0] != 'i' && l.p[0] != 'u' && l.p[0] != 'e' &&
			l.p[0] != 'p') {
			put_address(out, "c=", &d->host);
			connection = true;
		}
		if (l.p[0] == 'o') {
			text_printf(out, "o=- %" PRIu64 " %" PRIu64 " ",
				d->origin.session, d->origin.version);
			put_address(out, "", &d->host);
		} else if (!hidden_session_line(l) &&
			   (d->trusted || !unknown_attribute(l))) {
			line(out, l);
		}
	}
	if (!connection)
		put_address(out, "c=", &d->host);
}

/* Attributes of a section that are ours, not the other leg's. */
static bool hidden_media_line(struct slice l)
{
	static const char *const attrs[] = { "crypto", "rtcp", "rtcp-mux",
		"rtcp-mux-only", "candidate", "remote-candidates",
		"end-of-candidates", "ice-ufrag", "ice-pwd", "ice-options",
		"fingerprint", "setup", "connection", "ssrc", "ssrc-group",
		"msid", "mid", "key-mgmt", "sendrecv", "sendonly", "recvonly",
		"inactive", "zrtp-hash", "alt", "acap", "tcap", "pcfg", "acfg",
		"csup", "creq" };

	if (l.p[0] == 'c' || l.p[0] == 'k' || l.p[0] == 'i')
		return true;
	return is_attr_of(l, attrs, ARRAY_SIZE(attrs));
}

/* Is it the other leg's format of that number that we offer? */
static bool has_pt(const struct mdesc *d, struct slice pt)
{
	uint64_t v;

	if (slice_uint(pt, 127, &v) != 0)
		return false;
	for (size_t i = 0; i < d->ncodecs; i++)
		if (d->codec[i].pt == v)
			return !d->codec[i].ours;
	return false;
}

/* A line about one format that is not passed on. "a=rtcp-fb:*" stays. */
static bool of_dropped_format(struct slice l, const struct mdesc *local)
{
	struct slice name, value, pt;

	if (!sdp_attr(l, &name, &value) ||
		(!slice_caseeq_str(name, "rtpmap") &&
			!slice_caseeq_str(name, "fmtp") &&
			!slice_caseeq_str(name, "rtcp-fb")))
		return false;
	return slice_word(&value, &pt) && !slice_eq_str(pt, "*") &&
	       !has_pt(local, pt);
}

static void put_mline(
	struct text *out, struct slice like, const struct mdesc *local)
{
	struct sdp_mline m;

	need(sdp_mline_parse(like, &m) == 0); /* it was split */
	if (local->raw) {
		text_printf(out, "m=%.*s %u %.*s %.*s\r\n", SLICE_ARG(m.media),
			addr_port(&local->rtp), SLICE_ARG(m.proto),
			SLICE_ARG(m.formats));
		return;
	}
	text_printf(out, "m=%.*s %u RTP/%s%s", SLICE_ARG(m.media),
		addr_port(&local->rtp), local->secure ? "SAVP" : "AVP",
		local->feedback ? "F" : "");
	for (size_t i = 0; i < local->ncodecs; i++)
		text_printf(out, " %u", local->codec[i].pt);
	text_add(out, SLICE_LIT("\r\n"));
}

/* Formats that the other leg has said nothing about. */
static void put_own_formats(struct text *out, const struct mdesc *local)
{
	for (size_t i = 0; i < local->ncodecs; i++) {
		const struct mdesc_codec *c = &local->codec[i];

		if (!c->ours)
			continue;
		text_printf(out, "a=rtpmap:%u %s/%u", c->pt, c->name, c->rate);
		if (c->channels > 1)
			text_printf(out, "/%u", c->channels);
		text_add(out, SLICE_LIT("\r\n"));
		if (c->fmtp[0] != '\0')
			text_printf(out, "a=fmtp:%u %s\r\n", c->pt, c->fmtp);
	}
}

static bool passes_media_line(
	const struct sdp_draft *d, struct slice l, const struct mdesc *local)
{
	if (local->opaque && is_attr(l, "crypto"))
		return true; /* the far ends' own, as they are */
	if (d->record != NULL && is_attr(l, "record"))
		return false; /* we say that ourselves */
	return !hidden_media_line(l) && !of_dropped_format(l, local) &&
	       (d->trusted || !unknown_attribute(l));
}

static void put_media(struct text *out, const struct sdp_draft *d,
	const struct sdp_part *part)
{
	static const char *const dirs[] = { [MDESC_SENDRECV] = "sendrecv",
		[MDESC_SENDONLY] = "sendonly",
		[MDESC_RECVONLY] = "recvonly",
		[MDESC_INACTIVE] = "inactive" };
	const struct sdp_section *sec = &d->like->media[part->like];
	const struct mdesc *local = part->local;

	put_mline(out, d->like->line[sec->first], local);
	for (size_t i = 1; i < sec->n; i++) {
		struct slice l = d->like->line[sec->first + i];

		if (passes_media_line(d, l, local))
			line(out, l);
	}
	put_own_formats(out, local);
	for (size_t i = 0; i < local->ncryptos; i++) {
		text_add(out, SLICE_LIT("a=crypto:"));
		sdes_print(out, &local->crypto[i]);
		text_add(out, SLICE_LIT("\r\n"));
	}
	if (local->rtcp_mux)
		line(out, SLICE_LIT("a=rtcp-mux"));
	if (addr_port(&local->rtcp) != 0)
		text_printf(out, "a=rtcp:%u\r\n", addr_port(&local->rtcp));
	if (d->record != NULL && !local->raw)
		text_printf(out, "a=record:%s\r\n", d->record);
	/* fax machines say nothing of direction (T.38 D.2.3) */
	if (!local->raw || local->dir != MDESC_SENDRECV)
		text_printf(out, "a=%s\r\n", dirs[local->dir]);
}

void sdp_write(struct text *out, const struct sdp_draft *d)
{
	put_session(out, d);
	for (size_t i = 0; i < d->n; i++) {
		const struct sdp_part *part = &d->part[i];

		need(part->local == NULL || part->like < d->like->nmedia);
		if (part->local != NULL)
			put_media(out, d, part);
		else
			text_printf(out, "m=%s\r\n",
				part->refused != NULL ? part->refused
						      : "audio 0 RTP/AVP 0");
	}
}

/*
 * Writing: the other leg's description with what is ours put in its place.
 *
 * Only one stream is carried, the call's audio. Other m= sections are left
 * out of a first offer; in answers, and in offers of a leg that has seen them
 * before, they stand refused with port 0, since the number and order of the
 * sections may never shrink (RFC 3264 5.1, 8).
 */
#include "b2bua/sdp.h"

#include <inttypes.h>
#include <stdlib.h>

#include "b2bua/srtp_sdes.h"
#include "base/obj.h"

void sdp_shape_from(struct sdp_shape *out, const struct sdp *s, size_t audio)
{
	sdp_shape_free(out);
	out->n = s->nmedia;
	out->audio = audio;
	for (size_t i = 0; i < s->nmedia; i++) {
		struct sdp_mline m;

		if (i == audio ||
			sdp_mline_parse(s->line[s->media[i].first], &m) != 0)
			continue;
		out->refused[i] =
			mem_printf("%.*s 0 %.*s %.*s", SLICE_ARG(m.media),
				SLICE_ARG(m.proto), SLICE_ARG(m.formats));
	}
}

void sdp_shape_free(struct sdp_shape *shape)
{
	for (size_t i = 0; i < SDP_MEDIA_MAX; i++)
		free(shape->refused[i]);
	*shape = (struct sdp_shape){ 0 };
}

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

/* Session lines that speak of the other leg's host, person or transport. */
static bool hidden_session_line(struct slice l)
{
	static const char *const attrs[] = { "ice-ufrag", "ice-pwd", "ice-lite",
		"ice-options", "fingerprint", "setup", "identity", "group",
		"msid-semantic", "crypto", "key-mgmt", "sendrecv", "sendonly",
		"recvonly", "inactive", "rtcp-unicast" };
	struct slice value;

	if (l.p[0] == 'c' || l.p[0] == 'u' || l.p[0] == 'e' || l.p[0] == 'p' ||
		l.p[0] == 'k' || l.p[0] == 'i')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		if (sdp_attr(l, attrs[i], &value))
			return true;
	return false;
}

static void put_session(struct text *out, const struct sdp *like,
	const struct mdesc *local, struct sdp_origin o)
{
	bool connection = false;

	for (size_t i = 0; i < like->session.n; i++) {
		struct slice l = like->line[i];

		/* c= goes behind v o s i u e p, before b t r z k a */
		if (!connection && i > 0 && l.p[0] != 'o' && l.p[0] != 's' &&
			l.p[0] != 'i' && l.p[0] != 'u' && l.p[0] != 'e' &&
			l.p[0] != 'p') {
			put_address(out, "c=", &local->rtp);
			connection = true;
		}
		if (l.p[0] == 'o') {
			text_printf(out, "o=- %" PRIu64 " %" PRIu64 " ",
				o.session, o.version);
			put_address(out, "", &local->rtp);
		} else if (!hidden_session_line(l)) {
			line(out, l);
		}
	}
	if (!connection)
		put_address(out, "c=", &local->rtp);
}

/* Attributes of the audio section that are ours, not the other leg's. */
static bool hidden_media_line(struct slice l)
{
	static const char *const attrs[] = { "crypto", "rtcp", "rtcp-mux",
		"rtcp-mux-only", "candidate", "remote-candidates",
		"end-of-candidates", "ice-ufrag", "ice-pwd", "ice-options",
		"fingerprint", "setup", "connection", "ssrc", "ssrc-group",
		"msid", "mid", "key-mgmt", "sendrecv", "sendonly", "recvonly",
		"inactive", "zrtp-hash", "alt", "acap", "tcap", "pcfg", "acfg",
		"csup", "creq" };
	struct slice value;

	if (l.p[0] == 'c' || l.p[0] == 'k' || l.p[0] == 'i')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		if (sdp_attr(l, attrs[i], &value))
			return true;
	return false;
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
	struct slice value, pt;

	if (!sdp_attr(l, "rtpmap", &value) && !sdp_attr(l, "fmtp", &value) &&
		!sdp_attr(l, "rtcp-fb", &value))
		return false;
	return slice_word(&value, &pt) && !slice_eq_str(pt, "*") &&
	       !has_pt(local, pt);
}

static void put_mline(struct text *out, const struct mdesc *local)
{
	text_printf(out, "m=audio %u RTP/%s%s", addr_port(&local->rtp),
		local->secure ? "SAVP" : "AVP", local->feedback ? "F" : "");
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

static void put_audio(struct text *out, const struct sdp *like, size_t index,
	const struct mdesc *local)
{
	static const char *const dirs[] = { [MDESC_SENDRECV] = "sendrecv",
		[MDESC_SENDONLY] = "sendonly",
		[MDESC_RECVONLY] = "recvonly",
		[MDESC_INACTIVE] = "inactive" };
	const struct sdp_section *sec = &like->media[index];

	put_mline(out, local);
	for (size_t i = 1; i < sec->n; i++) {
		struct slice l = like->line[sec->first + i];

		if (!hidden_media_line(l) && !of_dropped_format(l, local))
			line(out, l);
	}
	put_own_formats(out, local);
	for (size_t i = 0; i < local->ncryptos; i++) {
		text_add(out, SLICE_LIT("a=crypto:"));
		sdes_print(out, &local->crypto[i]);
		text_add(out, SLICE_LIT("\r\n"));
	}
	text_printf(out, "a=%s\r\n", dirs[local->dir]);
}

void sdp_write(struct text *out, const struct sdp *like, size_t index,
	const struct mdesc *local, const struct sdp_shape *shape,
	struct sdp_origin origin)
{
	need(index < like->nmedia);
	put_session(out, like, local, origin);
	if (shape->n == 0) {
		put_audio(out, like, index, local);
		return;
	}
	for (size_t i = 0; i < shape->n; i++) {
		if (i == shape->audio)
			put_audio(out, like, index, local);
		else
			text_printf(out, "m=%s\r\n",
				shape->refused[i] != NULL
					? shape->refused[i]
					: "audio 0 RTP/AVP 0");
	}
}

/* Reading: from lines to the stream they describe (struct mdesc). */
#include "b2bua/offer/sdp.h"

#include <errno.h>
#include <string.h>

#include "b2bua/offer/srtp_sdes.h"

/* RFC 3551: formats that need no a=rtpmap. */
static const struct {
	uint8_t pt;
	uint8_t channels;
	uint32_t rate;
	const char *name;
} static_formats[] = {
	/* clang-format off */
	{  0, 1,  8000, "PCMU" }, {  3, 1,  8000, "GSM"  }, {  4, 1,  8000, "G723" },
	{  5, 1,  8000, "DVI4" }, {  6, 1, 16000, "DVI4" }, {  7, 1,  8000, "LPC"  },
	{  8, 1,  8000, "PCMA" }, {  9, 1,  8000, "G722" }, { 10, 2, 44100, "L16"  },
	{ 11, 1, 44100, "L16"  }, { 12, 1,  8000, "QCELP"}, { 13, 1,  8000, "CN"   },
	{ 14, 1, 90000, "MPA"  }, { 15, 1,  8000, "G728" }, { 16, 1, 11025, "DVI4" },
	{ 17, 1, 22050, "DVI4" }, { 18, 1,  8000, "G729" },
	{ 25, 1, 90000, "CelB" }, { 26, 1, 90000, "JPEG" }, { 28, 1, 90000, "nv"   },
	{ 31, 1, 90000, "H261" }, { 32, 1, 90000, "MPV"  }, { 33, 1, 90000, "MP2T" },
	{ 34, 1, 90000, "H263" },
	/* clang-format on */
};

static struct mdesc_codec *find_pt(struct mdesc *d, uint64_t pt)
{
	for (size_t i = 0; i < d->ncodecs; i++)
		if (d->codec[i].pt == pt)
			return &d->codec[i];
	return NULL;
}

static int read_formats(struct mdesc *out, struct slice formats)
{
	struct slice word;

	while (slice_word(&formats, &word)) {
		struct mdesc_codec *c;
		uint64_t pt;

		if (slice_uint(word, 127, &pt) != 0)
			return EBADMSG;
		if (find_pt(out, pt) != NULL ||
			out->ncodecs == MDESC_CODECS_MAX)
			continue;
		c = &out->codec[out->ncodecs++];
		*c = (struct mdesc_codec){ .pt = (uint8_t)pt, .channels = 1 };
		for (size_t i = 0; i < ARRAY_SIZE(static_formats); i++) {
			if (static_formats[i].pt != pt)
				continue;
			c->rate = static_formats[i].rate;
			c->channels = static_formats[i].channels;
			slice_fit(slice_str(static_formats[i].name), c->name,
				sizeof(c->name));
		}
	}
	return 0;
}

static int read_proto(struct mdesc *out, struct slice proto)
{
	static const struct {
		const char *name;
		bool secure, feedback, raw;
	} protos[] = {
		{ "RTP/AVP", false, false, false },
		{ "RTP/SAVP", true, false, false },
		{ "RTP/AVPF", false, true, false },
		{ "RTP/SAVPF", true, true, false },
		{ "udptl", false, false, true }, /* T.38 D.2.3; RFC 3362 */
		{ "UDP/BFCP", false, false, true }, /* RFC 8856 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
		if (!slice_caseeq_str(proto, protos[i].name))
			continue;
		out->secure = protos[i].secure;
		out->feedback = protos[i].feedback;
		out->raw = protos[i].raw;
		out->fax = slice_caseeq_str(proto, "udptl");
		return 0;
	}
	return ENOTSUP;
}

bool sdp_carried(const struct sdp_mline *m)
{
	struct mdesc d;

	return read_proto(&d, m->proto) == 0;
}

/* "IN IP4 192.0.2.1", with "/127" behind a multicast address (refused). */
static int read_address(struct slice s, uint16_t port, struct addr *out)
{
	struct slice word;

	if (!slice_word(&s, &word) || !slice_eq_str(word, "IN"))
		return EBADMSG;
	if (!slice_word(&s, &word) ||
		(!slice_eq_str(word, "IP4") && !slice_eq_str(word, "IP6")))
		return EBADMSG;
	if (!slice_word(&s, &word))
		return EBADMSG;
	return addr_parse(out, word, port) == 0 ? 0 : EBADMSG;
}

/* "PCMU/8000" or "opus/48000/2" behind "a=rtpmap:PT ". */
static int read_rtpmap(struct mdesc *out, struct slice s)
{
	struct mdesc_codec *c;
	struct slice word, field;
	uint64_t pt, rate, channels = 1;

	if (!slice_word(&s, &word) || slice_uint(word, 127, &pt) != 0 ||
		!slice_word(&s, &word) || !slice_cut(&word, '/', &field))
		return EBADMSG;
	c = find_pt(out, pt);
	if (c == NULL)
		return 0; /* a stray one does no harm */
	if (!slice_copy(field, c->name, sizeof(c->name)) || field.n == 0)
		return EBADMSG;
	if (!slice_cut(&word, '/', &field) ||
		slice_uint(field, 1000000, &rate) != 0 || rate == 0)
		return EBADMSG;
	if (word.n > 0 &&
		(slice_uint(word, 8, &channels) != 0 || channels == 0))
		return EBADMSG;
	c->rate = (uint32_t)rate;
	c->channels = (uint8_t)channels;
	return 0;
}

/* Kept for comparing and showing; the line itself is passed as it is. */
static void read_fmtp(struct mdesc *out, struct slice s)
{
	struct mdesc_codec *c;
	struct slice word;
	uint64_t pt;

	if (!slice_word(&s, &word) || slice_uint(word, 127, &pt) != 0)
		return;
	c = find_pt(out, pt);
	s = slice_trim(s);
	if (c != NULL)
		slice_fit(slice_head(s, sizeof(c->fmtp) - 1), c->fmtp,
			sizeof(c->fmtp));
}

static int read_rtcp(struct mdesc *out, struct slice s)
{
	struct slice word;
	uint64_t port;

	if (!slice_word(&s, &word) || slice_uint(word, 65535, &port) != 0)
		return EBADMSG;
	if (slice_trim(s).n > 0)
		return read_address(s, (uint16_t)port, &out->rtcp);
	out->rtcp = out->rtp;
	addr_set_port(&out->rtcp, (uint16_t)port);
	return 0;
}

/* What an attribute of that name, without value, says of the direction. */
static bool read_direction(
	struct slice name, struct slice value, enum mdesc_dir *dir)
{
	static const char *const names[] = { [MDESC_SENDRECV] = "sendrecv",
		[MDESC_SENDONLY] = "sendonly",
		[MDESC_RECVONLY] = "recvonly",
		[MDESC_INACTIVE] = "inactive" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (value.n > 0 || !slice_caseeq_str(name, names[i]))
			continue;
		*dir = (enum mdesc_dir)i;
		return true;
	}
	return false;
}

static void read_crypto(struct mdesc *out, struct slice value, size_t *refused)
{
	struct mdesc_crypto c;
	int err = out->ncryptos == MDESC_CRYPTOS_MAX ? ENOENT
						     : sdes_parse(value, &c);

	out->crypto_lines++;
	if (err != 0) {
		out->crypto_err = err;
		(*refused)++;
		return;
	}
	for (size_t i = 0; i < out->ncryptos; i++)
		if (out->crypto[i].tag == c.tag)
			c.tag = 0; /* an answer could not name one of them */
	if (c.tag == 0)
		(*refused)++;
	else
		out->crypto[out->ncryptos++] = c;
	mem_wipe(&c, sizeof(c));
}

static int read_media_line(
	struct mdesc *out, struct slice line, size_t *refused)
{
	struct slice name, v;
	uint64_t ms;

	if (!sdp_attr(line, &name, &v))
		return 0;
	if (slice_caseeq_str(name, "rtpmap"))
		return read_rtpmap(out, v);
	if (slice_caseeq_str(name, "rtcp"))
		return read_rtcp(out, v);
	if (slice_caseeq_str(name, "fmtp"))
		read_fmtp(out, v);
	else if (slice_caseeq_str(name, "rtcp-mux"))
		out->rtcp_mux = true;
	else if (slice_caseeq_str(name, "rtcp-mux-only"))
		out->rtcp_mux = out->rtcp_mux_only = true;
	else if (slice_caseeq_str(name, "crypto"))
		read_crypto(out, v, refused);
	else if (slice_caseeq_str(name, "ptime") &&
		 slice_uint(v, 1000, &ms) == 0)
		out->ptime = (unsigned)ms;
	else
		(void)read_direction(name, v, &out->dir);
	return 0;
}

/* All that matters of datagrams that are not RTP, and of the session part. */
static void read_direction_line(struct mdesc *out, struct slice line)
{
	struct slice name, value;

	if (sdp_attr(line, &name, &value))
		(void)read_direction(name, value, &out->dir);
}

/* The last c= of a section; the media section's beats the session's. */
static int read_connection(const struct sdp *s, const struct sdp_section *sec,
	uint16_t port, struct addr *out)
{
	int err = 0;

	for (size_t i = 0; i < sec->n && err == 0; i++)
		if (slice_starts(s->line[sec->first + i], "c="))
			err = read_address(
				slice_from(s->line[sec->first + i], 2), port,
				out);
	return err;
}

static int read_all(const struct sdp *s, const struct sdp_section *sec,
	struct mdesc *out, size_t *refused)
{
	struct sdp_mline m;
	int err = sdp_mline_parse(s->line[sec->first], &m);

	if (err == 0)
		err = read_proto(out, m.proto);
	if (err == 0 && !out->raw)
		err = read_formats(out, m.formats);
	if (err == 0)
		err = read_connection(s, &s->session, m.port, &out->rtp);
	if (err == 0)
		err = read_connection(s, sec, m.port, &out->rtp);
	if (err == 0 && !addr_is_set(&out->rtp) && m.port != 0)
		err = EBADMSG;
	for (size_t i = 0; err == 0 && i < s->session.n; i++)
		read_direction_line(out, s->line[i]);
	for (size_t i = 1; err == 0 && i < sec->n; i++) {
		struct slice line = s->line[sec->first + i];

		if (out->raw)
			read_direction_line(out, line);
		else
			err = read_media_line(out, line, refused);
	}
	out->osrtp = !out->secure && out->ncryptos > 0;
	return err;
}

int sdp_read(
	const struct sdp *s, size_t index, struct mdesc *out, size_t *refused)
{
	int err;

	need(index < s->nmedia);
	mdesc_clear(out);
	*refused = 0;
	err = read_all(s, &s->media[index], out, refused);
	if (err != 0)
		mdesc_wipe(out);
	return err;
}

/*
 * Descriptions from far ends: split, read, negotiated, written, and what was
 * written is read again. The first byte chooses policy.
 */
#include "b2bua/offer/negotiate.h"
#include "b2bua/offer/sdp.h"

/* Joins everything that the language lets a profile have. */
static struct xcode_farm *some_farm(void)
{
	static struct xcode_farm *farm;
	static struct conf_dspfarm profile = {
		.tag = 1, .universal = true, .security = true, .max_sessions = 1
	};
	struct conf conf = { .dspfarms = &profile };

	if (farm != NULL)
		return farm;
	for (const struct conf_codec *c = conf_codecs; c->ios_name; c++)
		if (c->transcoded)
			profile.codec[profile.ncodecs++] = c;
	farm = xcode_farm_new();
	xcode_farm_configure(farm, &conf);
	return farm;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What we write must be readable, and say what we meant. */
static void reads_back(
	const struct sdp_draft *draft, const struct mdesc *local, size_t n)
{
	struct text t = { 0 };
	struct sdp s;

	sdp_write(&t, draft);
	if (t.n > SDP_SIZE_MAX) {
		text_free(&t); /* far ends have their own bounds */
		return;
	}
	need(sdp_split(&s, text_slice(&t)) == 0);
	need(s.nmedia == draft->n);
	for (size_t i = 0; i < n; i++) {
		struct sdp_mline m;
		struct mdesc d;
		size_t refused;

		need(sdp_mline_parse(s.line[s.media[i].first], &m) == 0);
		if (draft->part[i].local == NULL) {
			need(m.port == 0);
			continue;
		}
		need(sdp_read(&s, i, &d, &refused) == 0);
		need(d.secure == local[i].secure && d.osrtp == local[i].osrtp &&
			d.dir == local[i].dir && d.raw == local[i].raw);
		need(d.ncryptos == local[i].ncryptos && refused == 0);
		need(addr_equal(&d.rtp, &local[i].rtp));
		for (size_t k = 0; k < d.ncryptos; k++)
			need(secret_equal(
				&d.crypto[k].key, &local[i].crypto[k].key));
	}
	text_free(&t);
}

/* Every section as an offer: to the other leg, and answered with itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mdesc offer[SDP_MEDIA_MAX], answer[SDP_MEDIA_MAX];
	struct neg_policy p = { .keys_allowed = true };
	struct neg_farm farm = { some_farm(), NULL };
	struct neg_before none = { 0 };
	struct sdp_shape shape = { 0 };
	struct sdp_draft out = { .origin = { 1, 1 } }, back;
	struct sdp s;
	size_t main, refused;

	if (size < 1)
		return 0;
	p.srtp = data[0] % 2 ? CONF_SRTP_FALLBACK : CONF_SRTP_OFF;
	p.form = data[0] & 4 ? CONF_SRTP_OFFER_OPPORTUNISTIC
			     : CONF_SRTP_OFFER_SAVP;
	p.cisco = p.peer_cisco = data[0] & 8;
	if (data[0] & 2)
		farm.farm = NULL;
	if (sdp_split(&s, slice_of(data + 1, size - 1)) != 0)
		return 0;
	need(addr_parse(&out.host, SLICE_LIT("192.0.2.1"), 20000) == 0);
	out.like = &s;
	out.n = s.nmedia;
	out.trusted = data[0] & 16;
	sdp_shape_note(&shape, &s);
	need(shape.n == s.nmedia);
	if (sdp_find_main(&s, &main) == 0)
		shape.stream[main] = 0;
	back = out;
	for (size_t i = 0; i < s.nmedia; i++) {
		struct mleg_set set;
		struct mdesc in;

		out.part[i] = back.part[i] =
			(struct sdp_part){ .refused = shape.refused[i],
				.like = i };
		if (sdp_read(&s, i, &in, &refused) != 0 ||
			neg_take_offer(&in, &p) != NEG_OK)
			continue;
		if (neg_make_offer(&offer[i], &in, &p, &out.host, false, &none,
			    &farm) == NEG_OK)
			out.part[i].local = &offer[i];
		if (neg_make_answer(&answer[i], &in, &in, &p, &out.host, &none,
			    &farm) != NEG_OK)
			continue;
		back.part[i].local = &answer[i];
		neg_leg_set(&set, &answer[i], &in, &p);
		need(set.tx.plain == !neg_keyed(&in));
		need(set.raw == in.raw);
	}
	reads_back(&out, offer, s.nmedia);
	reads_back(&back, answer, s.nmedia);
	sdp_shape_free(&shape);
	return 0;
}

/*
 * Descriptions from far ends: split, read, negotiated, written, and what was
 * written is read again. The first byte chooses policy.
 */
#include "b2bua/negotiate.h"
#include "b2bua/sdp.h"

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
static void reads_back(const struct text *t, const struct mdesc *local)
{
	struct sdp s;
	struct mdesc d;
	size_t index, refused;

	if (t->n > SDP_SIZE_MAX)
		return; /* far ends have their own bounds */
	need(sdp_split(&s, text_slice(t)) == 0);
	need(sdp_find_audio(&s, &index) == 0);
	need(sdp_read(&s, index, &d, &refused) == 0);
	need(d.secure == local->secure && d.osrtp == local->osrtp &&
		d.dir == local->dir);
	need(d.ncryptos == local->ncryptos && refused == 0);
	need(addr_equal(&d.rtp, &local->rtp));
	for (size_t i = 0; i < d.ncryptos; i++)
		need(secret_equal(&d.crypto[i].key, &local->crypto[i].key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct neg_policy p = { .keys_allowed = true };
	struct neg_farm farm = { some_farm(), NULL };
	struct neg_before none = { 0 };
	struct sdp_shape shape = { 0 };
	struct mdesc in, offer, answer;
	struct addr local;
	struct text t = { 0 };
	struct sdp s;
	size_t index, refused;

	if (size < 1)
		return 0;
	p.srtp = data[0] % 2 ? CONF_SRTP_FALLBACK : CONF_SRTP_OFF;
	p.form = data[0] & 4 ? CONF_SRTP_OFFER_OPPORTUNISTIC
			     : CONF_SRTP_OFFER_SAVP;
	p.cisco = p.peer_cisco = data[0] & 8;
	if (sdp_split(&s, slice_of(data + 1, size - 1)) != 0 ||
		sdp_find_audio(&s, &index) != 0 ||
		sdp_read(&s, index, &in, &refused) != 0 ||
		neg_take_offer(&in, &p) != NEG_OK)
		return 0;
	if (data[0] & 2)
		farm.farm = NULL;
	need(addr_parse(&local, SLICE_LIT("192.0.2.1"), 20000) == 0);
	if (neg_make_offer(&offer, &in, &p, &local, false, &none, &farm) ==
		NEG_OK) {
		sdp_write(&t, &s, index, &offer, &shape,
			(struct sdp_origin){ 1, 1 });
		reads_back(&t, &offer);
		text_free(&t);
	}
	if (neg_make_answer(&answer, &in, &in, &p, &local, &none, &farm) ==
		NEG_OK) {
		struct mleg_set set;

		sdp_shape_from(&shape, &s, index);
		sdp_write(&t, &s, index, &answer, &shape,
			(struct sdp_origin){ 1, 1 });
		neg_leg_set(&set, &answer, &in, &p);
		need(set.tx.plain == !neg_keyed(&in));
		text_free(&t);
		sdp_shape_free(&shape);
	}
	return 0;
}

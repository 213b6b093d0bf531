/* The codecs and the SRTP suites by their names in the language. */
#include <string.h>

#include "conf/conf_int.h"

/* clang-format off */
const struct conf_codec conf_codecs[] = {
	{ "g711ulaw", "PCMU",    8000,  0,  1, true },
	{ "g711alaw", "PCMA",    8000,  8,  1, true },
	{ "g722-64",  "G722",    8000,  9,  1, true }, /* RFC 3551 4.5.2: not 16000 */
	{ "g729r8",   "G729",    8000,  18, 1, true },
	{ "g729br8",  "G729",    8000,  18, 1, true }, /* with Annex B: a=fmtp says */
	{ "g729ar8",  "G729",    8000,  18, 1, true }, /* one format on the wire */
	{ "g729abr8", "G729",    8000,  18, 1, true },
	{ "g723r63",  "G723",    8000,  4,  1 },
	{ "g726r16",  "G726-16", 8000,  -1, 1, true },
	{ "g726r24",  "G726-24", 8000,  -1, 1, true },
	{ "g726r32",  "G726-32", 8000,  -1, 1, true },
	{ "aal2-g726r16", "AAL2-G726-16", 8000, -1, 1, true }, /* not CUBE's: the */
	{ "aal2-g726r24", "AAL2-G726-24", 8000, -1, 1, true }, /* other order of bits */
	{ "aal2-g726r32", "AAL2-G726-32", 8000, -1, 1, true },
	{ "g728",     "G728",    8000,  15, 1 },
	{ "gsmfr",    "GSM",     8000,  3,  1, true },
	{ "ilbc",     "iLBC",    8000,  -1, 1 },
	{ "isac",     "iSAC",    16000, -1, 1 },
	{ "opus",     "opus",    48000, -1, 2, true },
	{ "amr-nb",   "AMR",     8000,  -1, 1 },
	{ "amr-wb",   "AMR-WB",  16000, -1, 1 },
	{ "l16-8k",   "L16",     8000,  -1, 1, true }, /* not CUBE's */
	{ "l16-16k",  "L16",     16000, -1, 1, true },
	{ "l16-44k",  "L16",     44100, 11, 1, true },
	{ "clear-channel", "CLEARMODE", 8000, -1, 1 },
	{ NULL },
};
/* clang-format on */

static const char *const suites[CONF_SUITE_COUNT] = {
	[CONF_AEAD_AES_256_GCM] = "AEAD_AES_256_GCM",
	[CONF_AEAD_AES_128_GCM] = "AEAD_AES_128_GCM",
	[CONF_AES_CM_128_HMAC_SHA1_80] = "AES_CM_128_HMAC_SHA1_80",
	[CONF_AES_CM_128_HMAC_SHA1_32] = "AES_CM_128_HMAC_SHA1_32",
	[CONF_AES_256_CM_HMAC_SHA1_80] = "AES_256_CM_HMAC_SHA1_80",
	[CONF_AES_256_CM_HMAC_SHA1_32] = "AES_256_CM_HMAC_SHA1_32",
};

const char *conf_suite_name(enum conf_suite s)
{
	need(s < CONF_SUITE_COUNT);
	return suites[s];
}

const char *codec_name(size_t i)
{
	return conf_codecs[i].ios_name;
}

const char *suite_name(size_t i)
{
	return i < CONF_SUITE_COUNT ? suites[i] : NULL;
}

const struct conf_codec *codec_find(struct slice name)
{
	const struct conf_codec *c = conf_codecs;

	while (c->ios_name != NULL && !slice_caseeq_str(name, c->ios_name))
		c++;
	return c->ios_name != NULL ? c : NULL;
}

const struct conf_codec_class *codec_single(
	struct conf *c, const struct conf_codec *codec)
{
	struct conf_codec_class *k = c->codec_classes;

	for (; k != NULL && k->tag == 0; k = k->next)
		if (k->entry[0].codec == codec)
			return k;
	k = mem_new(sizeof(*k));
	k->n = 1;
	k->entry[0].preference = 1;
	k->entry[0].codec = codec;
	k->next = c->codec_classes; /* tag 0 comes first */
	c->codec_classes = k;
	return k;
}

/* The codecs and the SRTP suites by their names in the language. */
#include <string.h>

#include "conf/conf_int.h"

/* clang-format off */
const struct conf_codec conf_codecs[] = {
	{ "g711ulaw", "PCMU",    8000,  0 },
	{ "g711alaw", "PCMA",    8000,  8 },
	{ "g722-64",  "G722",    8000,  9 }, /* RFC 3551 4.5.2: not 16000 */
	{ "g729r8",   "G729",    8000,  18 },
	{ "g723r63",  "G723",    8000,  4 },
	{ "g726r16",  "G726-16", 8000,  -1 },
	{ "g726r24",  "G726-24", 8000,  -1 },
	{ "g726r32",  "G726-32", 8000,  -1 },
	{ "g728",     "G728",    8000,  15 },
	{ "gsmfr",    "GSM",     8000,  3 },
	{ "ilbc",     "iLBC",    8000,  -1 },
	{ "isac",     "iSAC",    16000, -1 },
	{ "opus",     "opus",    48000, -1 },
	{ "amr-nb",   "AMR",     8000,  -1 },
	{ "amr-wb",   "AMR-WB",  16000, -1 },
	{ "clear-channel", "CLEARMODE", 8000, -1 },
	{ NULL },
};
/* clang-format on */

static const char *const suites[CONF_SUITE_COUNT] = {
	[CONF_AEAD_AES_256_GCM] = "AEAD_AES_256_GCM",
	[CONF_AEAD_AES_128_GCM] = "AEAD_AES_128_GCM",
	[CONF_AES_CM_128_HMAC_SHA1_80] = "AES_CM_128_HMAC_SHA1_80",
	[CONF_AES_CM_128_HMAC_SHA1_32] = "AES_CM_128_HMAC_SHA1_32",
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

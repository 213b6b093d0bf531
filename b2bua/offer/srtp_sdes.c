/*
 * a=crypto:TAG SUITE inline:KEY[|LIFETIME][|MKI:LENGTH] [SESSION-PARAMS]
 *
 * A line that asks for something we would not do is not used at all: taking it
 * and ignoring the parameter would give a stream that one end believes to be
 * protected otherwise than it is. Lifetime is read and then not needed: it
 * can only be shorter than the 2^48 packets that the suites allow, and no call
 * of ours sends 2^20 packets (the shortest seen) without the far end re-keying.
 */
#include "b2bua/offer/srtp_sdes.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "media/suites.h"

/* By bit of mdesc_crypto.weak. */
static const char *const weak_names[MDESC_WEAK_COUNT] = { "UNENCRYPTED_SRTP",
	"UNENCRYPTED_SRTCP", "UNAUTHENTICATED_SRTP" };

void sdes_weak_text(unsigned weak, char *out, size_t room)
{
	struct text t = { 0 };

	for (unsigned i = 0; i < MDESC_WEAK_COUNT; i++)
		if ((weak >> i & 1) != 0)
			text_printf(
				&t, "%s%s", t.n > 0 ? " " : "", weak_names[i]);
	slice_fit(text_slice(&t), out, room);
	text_free(&t);
}

static int parse_tag(struct slice word, uint32_t *tag)
{
	uint64_t v;

	if (word.n == 0 || word.n > 9 || word.p[0] == '0' ||
		slice_uint(word, 999999999, &v) != 0)
		return EBADMSG;
	*tag = (uint32_t)v;
	return 0;
}

/* "2^20" or decimal: 0 is nonsense. */
static int check_lifetime(struct slice s)
{
	uint64_t v;

	if (slice_starts(s, "2^"))
		return slice_uint(slice_from(s, 2), 48, &v) == 0 ? 0 : EBADMSG;
	return slice_uint(s, UINT64_C(1) << 48, &v) == 0 && v > 0 ? 0 : EBADMSG;
}

static int parse_mki(struct slice s, struct mdesc_crypto *out)
{
	size_t colon = slice_find(s, ':');
	uint64_t len;

	if (slice_uint(slice_from(s, colon + 1), 128, &len) != 0 || len == 0)
		return EBADMSG;
	if (len > MDESC_MKI_MAX ||
		slice_uint(slice_head(s, colon), UINT64_MAX, &out->mki) != 0)
		return ENOTSUP;
	if (len < 8 && out->mki >> (8 * len) != 0)
		return EBADMSG;
	out->mki_len = (uint8_t)len;
	return 0;
}

static int parse_key(struct slice s, struct mdesc_crypto *out)
{
	const struct suite_row *row = &suite_rows[out->suite];
	struct slice field;
	size_t n = 0;
	int err;

	if (!slice_casestarts(s, "inline:"))
		return EBADMSG;
	if (slice_find(s, ';') < s.n)
		return ENOTSUP; /* several master keys */
	s = slice_from(s, 7);
	if (!slice_cut(&s, '|', &field) ||
		base64_decode(field, out->key.b, SECRET_MAX, &n) != 0 || n == 0)
		return EBADMSG;
	if (n != (size_t)row->key_len + row->salt_len)
		return EMSGSIZE;
	out->unpadded = n % 3 != 0 && field.p[field.n - 1] != '=';
	out->key.n = (uint8_t)n;
	if (!slice_cut(&s, '|', &field))
		return 0;
	if (slice_find(field, ':') == field.n) {
		err = check_lifetime(field);
		if (err != 0 || !slice_cut(&s, '|', &field))
			return err;
	}
	err = parse_mki(field, out);
	return err == 0 && s.n > 0 ? EBADMSG : err;
}

/* RFC 4568 6.3: WSH is only a hint, FEC_SRTP the order by default, and what
 * begins with a dash may be ignored (6.3.7). What weakens is for who chooses
 * the line to judge; all else changes packets. */
static int read_session_param(struct slice s, struct mdesc_crypto *out)
{
	uint64_t v;

	for (unsigned i = 0; i < MDESC_WEAK_COUNT; i++) {
		if (!slice_eq_str(s, weak_names[i]))
			continue;
		out->weak = (uint8_t)(out->weak | 1u << i);
		/* RFC 7714 knows none of them: AEAD does both at once */
		return suite_rows[out->suite].aead ? ENOTSUP : 0;
	}
	if (slice_starts(s, "WSH="))
		return slice_uint(slice_from(s, 4), 65536, &v) == 0 ? 0
								    : EBADMSG;
	return slice_eq_str(s, "FEC_ORDER=FEC_SRTP") ||
			       (s.n > 1 && s.p[0] == '-')
		       ? 0
		       : ENOTSUP;
}

/* RFC 6188 says AES_256_CM_…, many say AES_CM_256_… */
static int find_suite(struct slice word, struct mdesc_crypto *out)
{
	static const char theirs[] = "AES_CM_256_";
	char name[40];
	struct text t = { 0 };
	int err;

	out->cm256 = slice_starts(word, theirs);
	if (!out->cm256)
		return suite_find(word, &out->suite);
	text_printf(&t, "AES_256_CM_%.*s",
		SLICE_ARG(slice_from(word, sizeof(theirs) - 1)));
	err = slice_copy(text_slice(&t), name, sizeof(name))
		      ? suite_find(slice_str(name), &out->suite)
		      : ENOENT;
	text_free(&t);
	return err;
}

static int parse(struct slice value, struct mdesc_crypto *out)
{
	struct slice word;
	int err;

	if (!slice_word(&value, &word) || parse_tag(word, &out->tag) != 0)
		return EBADMSG;
	if (!slice_word(&value, &word))
		return EBADMSG;
	err = find_suite(word, out);
	if (err != 0)
		return err;
	if (!slice_word(&value, &word))
		return EBADMSG;
	err = parse_key(word, out);
	while (err == 0 && slice_word(&value, &word))
		err = read_session_param(word, out);
	return err;
}

int sdes_parse(struct slice value, struct mdesc_crypto *out)
{
	int err;

	*out = (struct mdesc_crypto){ 0 };
	err = parse(value, out);
	if (err != 0)
		mem_wipe(out, sizeof(*out));
	return err;
}

void sdes_print(struct text *out, const struct mdesc_crypto *c)
{
	const char *name = suite_rows[c->suite].name;
	bool other = c->cm256 && c->suite >= CONF_AES_256_CM_HMAC_SHA1_80;

	text_printf(out, "%" PRIu32 " %s%s inline:", c->tag,
		other ? "AES_CM_256_" : "",
		other ? name + strlen("AES_256_CM_") : name);
	/* padded, as RFC 4568 6.1 wants; some phones refuse the other form */
	base64_encode(out, slice_of(c->key.b, c->key.n), !c->unpadded);
	if (c->mki_len > 0)
		text_printf(out, "|%" PRIu64 ":%u", c->mki, c->mki_len);
	for (unsigned i = 0; i < MDESC_WEAK_COUNT; i++)
		if ((c->weak >> i & 1) != 0)
			text_printf(out, " %s", weak_names[i]);
}

/*
 * Writing headers and signing files: the header without its signature but
 * with its final length, and the body, are signed; then the signature goes in
 * between.
 */
#include "phoneproxy/signed/tlvhead.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "phoneproxy/signed/tlvtags.h"

static void put(struct wbuf *w, uint8_t tag, struct slice v)
{
	wbuf_u8(w, tag);
	size_t hole = wbuf_hole16(w);

	wbuf_bytes(w, v);
	wbuf_fill16(w, hole);
}

static void put_u8(struct wbuf *w, uint8_t tag, uint8_t v)
{
	put(w, tag, slice_of(&v, 1));
}

static void put_u16(struct wbuf *w, uint8_t tag, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(w, tag, slice_of(b, 2));
}

static void put_text(struct wbuf *w, uint8_t tag, const char *s)
{
	put(w, tag, slice_of(s, strlen(s) + 1)); /* the NUL counts */
}

static size_t open_container(struct wbuf *w, uint8_t tag)
{
	wbuf_u8(w, tag);
	return wbuf_hole16(w);
}

static void put_signer(struct wbuf *w, const struct certfield *c)
{
	size_t hole = open_container(w, TAG_SIGNER_ID);

	put_text(w, TAG_SIGNER_NAME, c->subject);
	put_text(w, TAG_ISSUER_NAME, c->issuer);
	put(w, TAG_SERIAL, c->serial);
	wbuf_fill16(w, hole);
}

static void put_signature_info(
	struct wbuf *w, enum digest d, const struct certfield *c)
{
	size_t hole = open_container(w, TAG_SIG_INFO);

	put_u8(w, TAG_DIGEST, (uint8_t)d);
	size_t inner = open_container(w, TAG_SIG_ALGORITHM_INFO);

	put_u8(w, TAG_SIG_ALGORITHM, 0);
	put_u8(w, TAG_MODULUS, tlv_modulus_code(c->rsa_size));
	wbuf_fill16(w, inner);
	wbuf_fill16(w, hole);
}

static void put_crypt(struct wbuf *w, const struct tlvcrypt *c)
{
	size_t hole = open_container(w, TAG_ENC_INFO);
	size_t inner = open_container(w, TAG_ENC_IV_INFO);

	put_u8(w, TAG_ENC_UNKNOWN_1, 0);
	put(w, TAG_ENC_IV, c->iv);
	put_u16(w, TAG_ENC_PAD, c->pad);
	wbuf_fill16(w, inner);
	inner = open_container(w, TAG_ENC_KEY_INFO);
	put_u8(w, TAG_ENC_UNKNOWN_2, 0);
	put_u16(w, TAG_ENC_KEY_BITS, c->key_bits);
	put_u8(w, TAG_ENC_KEY_ALGORITHM, c->key_algorithm);
	put(w, TAG_ENC_KEY, c->key);
	wbuf_fill16(w, inner);
	wbuf_fill16(w, hole);
	put_u8(w, TAG_PLAIN_ALGORITHM, c->plain_algorithm);
	put(w, TAG_PLAIN_DIGEST, c->plain_digest);
}

/*
 * The header without item 12, whose place is returned. Its length counts the
 * item, and padding fills it up to a multiple of four.
 */
static size_t put_header(
	struct wbuf *w, const struct tlvhead_new *p, const struct certfield *c)
{
	uint8_t stamp[4];
	struct wbuf ws = wbuf_of(stamp, sizeof(stamp));

	wbuf_u32(&ws, p->timestamp);
	put(w, TAG_VERSION, slice_of(p->version, 2));
	wbuf_u8(w, TAG_HEADER_LENGTH);
	wbuf_u16(w, 2);
	size_t hole = wbuf_hole16(w);

	if (p->signer_version != NULL)
		put(w, TAG_SIGNER_VERSION, slice_of(p->signer_version, 2));
	put_signer(w, c);
	put_signature_info(w, p->digest, c);
	size_t place = w->at;

	put_text(w, TAG_FILE_NAME, p->file_name);
	put(w, TAG_TIMESTAMP, slice_of(stamp, sizeof(stamp)));
	if (p->crypt != NULL)
		put_crypt(w, p->crypt);
	size_t size = w->at + 3 + c->rsa_size;

	for (; size % 4 != 0; size++)
		wbuf_u8(w, TAG_PADDING);
	if (size > UINT16_MAX)
		w->bad = true;
	if (!w->bad) {
		w->p[hole - 2] = (uint8_t)(size >> 8);
		w->p[hole - 1] = (uint8_t)size;
	}
	return place;
}

static enum fault check_new(
	const struct tlvhead_new *p, const struct certfield *c)
{
	size_t n = strlen(p->file_name);

	if (!digest_usable(p->digest))
		return FAULT_DIGEST;
	if (!tlv_signs(c->rsa_size))
		return FAULT_KEY_KIND;
	return n == 0 || n > FILE_NAME_MAX ? FAULT_NAME : FAULT_NONE;
}

/* Signs `plain`, opens the gap at `place` and puts the signature there. */
static enum fault insert_signature(struct text *file, struct slice plain,
	size_t place, const struct signer *signer, enum digest d)
{
	uint8_t sig[RSA_MAX];
	size_t n = 0;

	if (signer->sign(signer->arg, d, plain, sig, &n) != 0 || n == 0 ||
		n > RSA_MAX)
		return FAULT_SIGNING;
	text_add(file, slice_head(plain, place));
	text_addc(file, TAG_SIGNATURE);
	text_addc(file, (char)(n >> 8));
	text_addc(file, (char)(n & 0xff));
	text_add(file, slice_of(sig, n));
	text_add(file, slice_from(plain, place));
	return FAULT_NONE;
}

/* No file leaves that does not verify: keys and certificates get mixed up. */
static enum fault verify_own(const struct text *file, const struct certfield *c)
{
	struct tlvhead h;
	enum fault fault = tlvhead_read(&h, text_slice(file));

	return fault != FAULT_NONE ? fault
				   : tlvhead_verify(&h, text_slice(file), c);
}

enum fault tlvhead_sign(struct text *out, const struct tlvhead_new *p,
	const struct signer *signer, struct slice body)
{
	struct certfield c;
	struct text file = { 0 };
	enum fault fault = certfield_read(&c, signer->cert);

	if (fault != FAULT_NONE)
		return fault;
	uint8_t *room = mem_new(UINT16_MAX + body.n);
	struct wbuf w = wbuf_of(room, UINT16_MAX);

	fault = check_new(p, &c);
	if (fault != FAULT_NONE)
		goto out;
	size_t place = put_header(&w, p, &c);

	fault = FAULT_TOO_BIG;
	if (w.bad)
		goto out;
	w.size += body.n;
	wbuf_bytes(&w, body);
	need(!w.bad);
	fault = insert_signature(
		&file, slice_of(room, w.at), place, signer, p->digest);
	if (fault == FAULT_NONE)
		fault = verify_own(&file, &c);
	if (fault == FAULT_NONE)
		text_add(out, text_slice(&file));
out:
	text_free(&file);
	free(room);
	certfield_free(&c);
	return fault;
}

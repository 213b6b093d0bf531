/*
 * Reading the header and verifying its signature. Every length is checked
 * against container, header and file before it is used.
 */
#include "phoneproxy/signed/tlvhead.h"

#include "phoneproxy/signed/tlvtags.h"

enum { DEPTH_MAX = 4, FIRST_ITEMS = 10 };

struct walk {
	struct slice file;
	size_t at, limit; /* of what there is of the header */
	size_t end[DEPTH_MAX]; /* of the containers we are in */
	unsigned depth;
	uint64_t seen; /* tags below 64 */
	struct tlvhead *h;
};

/* Something does not fit into the header: is the file or the length short? */
static enum fault overrun(const struct walk *w)
{
	return w->h->size > w->file.n ? FAULT_HEADER_CUT : FAULT_HEADER_LENGTH;
}

static size_t enclosing_end(const struct walk *w)
{
	return w->depth > 0 ? w->end[w->depth - 1] : w->limit;
}

/* `size` bytes; 0: any size but none. */
static enum fault fixed(struct slice v, size_t size, struct slice *out)
{
	if (size == 0 ? v.n == 0 : v.n != size)
		return FAULT_HEADER_ITEM;
	*out = v;
	return FAULT_NONE;
}

static enum fault number8(struct slice v, uint8_t *out)
{
	if (v.n != 1)
		return FAULT_HEADER_ITEM;
	*out = (uint8_t)v.p[0];
	return FAULT_NONE;
}

static enum fault number16(struct slice v, uint16_t *out)
{
	struct rbuf r = rbuf_of(v);

	*out = rbuf_u16(&r);
	return v.n == 2 ? FAULT_NONE : FAULT_HEADER_ITEM;
}

static enum fault number32(struct slice v, uint32_t *out)
{
	struct rbuf r = rbuf_of(v);

	*out = rbuf_u32(&r);
	return v.n == 4 ? FAULT_NONE : FAULT_HEADER_ITEM;
}

static enum fault two_bytes(struct slice v, uint8_t out[2])
{
	if (v.n != 2)
		return FAULT_HEADER_ITEM;
	out[0] = (uint8_t)v.p[0];
	out[1] = (uint8_t)v.p[1];
	return FAULT_NONE;
}

enum fault tlv_text(struct slice v, struct slice *out)
{
	if (v.n == 0 || slice_find(v, '\0') != v.n - 1)
		return FAULT_TEXT;
	*out = slice_head(v, v.n - 1);
	return FAULT_NONE;
}

static enum fault take_crypt(struct tlvcrypt *c, uint8_t tag, struct slice v)
{
	uint8_t unknown;

	switch (tag) {
	case TAG_ENC_UNKNOWN_1:
	case TAG_ENC_UNKNOWN_2:
		return number8(v, &unknown);
	case TAG_ENC_IV:
		return fixed(v, 16, &c->iv);
	case TAG_ENC_PAD:
		return number16(v, &c->pad);
	case TAG_ENC_KEY_BITS:
		return number16(v, &c->key_bits);
	case TAG_ENC_KEY_ALGORITHM:
		return number8(v, &c->key_algorithm);
	case TAG_ENC_KEY:
		return fixed(v, 0, &c->key);
	case TAG_PLAIN_ALGORITHM:
		return number8(v, &c->plain_algorithm);
	case TAG_PLAIN_DIGEST:
		return fixed(v, 0, &c->plain_digest);
	default:
		return FAULT_NONE;
	}
}

static enum fault take(struct tlvhead *h, uint8_t tag, struct slice v)
{
	switch (tag) {
	case TAG_SIGNER_VERSION:
		h->has_signer_version = true;
		return two_bytes(v, h->signer_version);
	case TAG_SIGNER_NAME:
		return tlv_text(v, &h->signer);
	case TAG_SERIAL:
		return v.n > SERIAL_MAX ? FAULT_HEADER_ITEM
					: fixed(v, 0, &h->serial);
	case TAG_ISSUER_NAME:
		return tlv_text(v, &h->issuer);
	case TAG_DIGEST:
		return number8(v, &h->digest);
	case TAG_SIG_ALGORITHM:
		return number8(v, &h->algorithm);
	case TAG_MODULUS:
		h->has_modulus = true;
		return number8(v, &h->modulus);
	case TAG_SIGNATURE:
		return fixed(v, 0, &h->signature);
	case TAG_FILE_NAME:
		return tlv_text(v, &h->file_name);
	case TAG_TIMESTAMP:
		return number32(v, &h->timestamp);
	default:
		return take_crypt(&h->crypt, tag, v);
	}
}

static bool is_container(uint8_t tag)
{
	return tag == TAG_SIGNER_ID || tag == TAG_SIG_INFO ||
	       tag == TAG_SIG_ALGORITHM_INFO || tag == TAG_ENC_INFO ||
	       tag == TAG_ENC_IV_INFO || tag == TAG_ENC_KEY_INFO;
}

static enum fault note_seen(struct walk *w, uint8_t tag)
{
	if (tag == TAG_VERSION || tag == TAG_HEADER_LENGTH)
		return w->h->size > w->file.n ? FAULT_HEADER_BEYOND
					      : FAULT_HEADER_LENGTH;
	if (tag >= 64)
		return FAULT_NONE;
	if (w->seen & UINT64_C(1) << tag)
		return FAULT_HEADER_TWICE;
	w->seen |= UINT64_C(1) << tag;
	return FAULT_NONE;
}

static enum fault walk_item(struct walk *w)
{
	struct rbuf r = rbuf_of(slice_head(w->file, w->limit));
	enum fault fault;

	r.at = w->at;
	uint8_t tag = rbuf_u8(&r);

	if (tag == TAG_PADDING) { /* a lone byte */
		w->at = r.at;
		return FAULT_NONE;
	}
	fault = note_seen(w, tag);
	if (fault != FAULT_NONE)
		return fault;
	size_t n = rbuf_u16(&r);
	struct slice v = rbuf_bytes(&r, n);

	if (r.bad)
		return overrun(w);
	if (r.at > enclosing_end(w))
		return FAULT_HEADER_ITEM;
	if (is_container(tag)) {
		if (w->depth == DEPTH_MAX)
			return FAULT_HEADER_ITEM;
		w->end[w->depth++] = r.at;
		w->at += 3;
		return FAULT_NONE;
	}
	if (tag == TAG_SIGNATURE)
		w->h->signature_at = w->at;
	w->at = r.at;
	return take(w->h, tag, v);
}

static bool saw(const struct walk *w, unsigned tag)
{
	return (w->seen & UINT64_C(1) << tag) != 0;
}

static enum fault first_items(struct tlvhead *h, struct slice file)
{
	struct rbuf r = rbuf_of(file);

	if (file.n < FIRST_ITEMS)
		return FAULT_HEADER_CUT;
	if (rbuf_u8(&r) != TAG_VERSION || rbuf_u16(&r) != 2)
		return FAULT_HEADER_START;
	h->version[0] = rbuf_u8(&r);
	h->version[1] = rbuf_u8(&r);
	if (rbuf_u8(&r) != TAG_HEADER_LENGTH || rbuf_u16(&r) != 2)
		return FAULT_HEADER_START;
	h->size = rbuf_u16(&r);
	return h->size < FIRST_ITEMS ? FAULT_HEADER_LENGTH : FAULT_NONE;
}

enum fault tlvhead_read(struct tlvhead *out, struct slice file)
{
	struct walk w = { .file = file, .at = FIRST_ITEMS, .h = out };
	enum fault fault;

	*out = (struct tlvhead){ 0 };
	fault = first_items(out, file);
	if (fault != FAULT_NONE)
		return fault;
	w.limit = out->size < file.n ? out->size : file.n;
	while (w.at < w.limit) {
		while (w.depth > 0 && w.at >= w.end[w.depth - 1])
			w.depth--;
		fault = walk_item(&w);
		if (fault != FAULT_NONE)
			return fault;
	}
	if (out->size > file.n)
		return FAULT_HEADER_CUT;
	if (!saw(&w, TAG_SERIAL) || !saw(&w, TAG_DIGEST) ||
		!saw(&w, TAG_SIGNATURE))
		return FAULT_HEADER_LACKS;
	out->has_crypt = saw(&w, TAG_ENC_IV) && saw(&w, TAG_ENC_PAD) &&
			 saw(&w, TAG_ENC_KEY) && saw(&w, TAG_PLAIN_ALGORITHM) &&
			 saw(&w, TAG_PLAIN_DIGEST);
	return FAULT_NONE;
}

enum fault tlvhead_verify(const struct tlvhead *h, struct slice file,
	const struct certfield *signer)
{
	struct slice rest =
		slice_from(file, h->signature_at + 3 + h->signature.n);
	struct slice part[2] = { slice_head(file, h->signature_at), rest };
	uint8_t hash[DIGEST_MAX];

	if (!digest_usable(h->digest))
		return FAULT_DIGEST;
	if (h->algorithm != 0 || !tlv_signs(signer->rsa_size))
		return FAULT_KEY_KIND;
	if (signer->rsa_size != h->signature.n ||
		(h->has_modulus &&
			h->modulus != tlv_modulus_code(signer->rsa_size)))
		return FAULT_KEY_SIZE;
	digest_of(h->digest, part, 2, hash);
	return rsa_verify(signer->pubkey, h->digest, hash, h->signature);
}

enum fault tlvhead_verify_by(
	const struct tlvhead *h, struct slice file, struct slice cert)
{
	struct certfield c;
	enum fault fault = certfield_read(&c, cert);

	if (fault != FAULT_NONE)
		return fault;
	fault = slice_eq(c.serial, h->serial) ? tlvhead_verify(h, file, &c)
					      : FAULT_SIGNER_UNKNOWN;
	certfield_free(&c);
	return fault;
}

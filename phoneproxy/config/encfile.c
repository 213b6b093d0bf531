/*
 * Encrypted configuration. The padding is carriage returns whose number
 * stands in the header, not PKCS#7; whole blocks get one block more.
 */
#include "phoneproxy/config/encfile.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/md5.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"

enum { PAD_BYTE = 0x0d, KEY_ALGORITHM = 1 };

static enum fault wrap(struct enckeys *k, gnutls_pubkey_t key)
{
	gnutls_datum_t plain = { k->aes, sizeof(k->aes) }, out;

	if (gnutls_pubkey_encrypt_data(key, 0, &plain, &out) < 0)
		return FAULT_KEY_KIND;
	need(out.size <= sizeof(k->wrapped));
	memcpy(k->wrapped, out.data, out.size);
	k->nwrapped = out.size;
	gnutls_free(out.data);
	return FAULT_NONE;
}

enum fault enckeys_fresh(struct enckeys *out, struct slice phone_cert)
{
	struct certfield c;
	enum fault fault = certfield_read(&c, phone_cert);

	*out = (struct enckeys){ 0 };
	if (fault != FAULT_NONE)
		return fault;
	random_bytes(out->aes, sizeof(out->aes));
	random_bytes(out->iv, sizeof(out->iv));
	fault = c.rsa_size >= 64 && c.rsa_size <= RSA_MAX ? wrap(out, c.pubkey)
							  : FAULT_KEY_KIND;
	certfield_free(&c);
	if (fault != FAULT_NONE)
		enckeys_wipe(out);
	return fault;
}

void enckeys_wipe(struct enckeys *k)
{
	mem_wipe(k, sizeof(*k));
}

/* Padded and encrypted; as many bytes as xml.n rounded up. free() it. */
static uint8_t *encrypt_padded(
	const struct enckeys *k, struct slice xml, size_t pad)
{
	uint8_t *b = mem_new(xml.n + pad);
	uint8_t iv[ENC_BLOCK];
	struct aes128_ctx ctx;

	if (xml.n > 0)
		memcpy(b, xml.p, xml.n);
	memset(b + xml.n, PAD_BYTE, pad);
	memcpy(iv, k->iv, sizeof(iv));
	aes128_set_encrypt_key(&ctx, k->aes);
	cbc_encrypt(&ctx, (nettle_cipher_func *)aes128_encrypt, ENC_BLOCK, iv,
		xml.n + pad, b, b);
	mem_wipe(&ctx, sizeof(ctx));
	return b;
}

enum fault encfile_write(struct text *out, const char *name, enum digest d,
	uint32_t timestamp, const struct signer *signer,
	const struct enckeys *keys, struct slice xml)
{
	size_t pad = ENC_BLOCK - xml.n % ENC_BLOCK;
	uint8_t hash[DIGEST_MAX];

	if (!digest_usable(d))
		return FAULT_DIGEST;
	digest_of(d, &xml, 1, hash);
	struct tlvcrypt crypt = {
		.iv = slice_of(keys->iv, sizeof(keys->iv)),
		.pad = (uint16_t)pad,
		.key_bits = (uint16_t)(keys->nwrapped * 8),
		.key_algorithm = KEY_ALGORITHM,
		.key = slice_of(keys->wrapped, keys->nwrapped),
		.plain_algorithm = (uint8_t)d,
		.plain_digest = slice_of(hash, digest_size(d)),
	};
	struct tlvhead_new head = {
		.version = { 2, 0 },
		.digest = d,
		.file_name = name,
		.timestamp = timestamp,
		.crypt = &crypt,
	};
	uint8_t *b = encrypt_padded(keys, xml, pad);
	enum fault fault =
		tlvhead_sign(out, &head, signer, slice_of(b, xml.n + pad));

	free(b);
	return fault;
}

enum fault encfile_read(struct encfile *out, struct slice file)
{
	enum fault fault = tlvhead_read(&out->head, file);

	out->ciphertext = slice_of(NULL, 0);
	if (fault != FAULT_NONE)
		return fault;
	if (out->head.version[0] != 2)
		return FAULT_VERSION;
	if (!out->head.has_crypt)
		return FAULT_HEADER_LACKS;
	out->ciphertext = slice_from(file, out->head.size);
	return FAULT_NONE;
}

enum fault encfile_verify(
	const struct encfile *f, struct slice file, struct slice cert)
{
	return tlvhead_verify_by(&f->head, file, cert);
}

static enum fault check_plain(const struct tlvcrypt *c, struct slice plain)
{
	uint8_t hash[DIGEST_MAX];

	if (!digest_usable(c->plain_algorithm))
		return FAULT_DIGEST;
	digest_of(c->plain_algorithm, &plain, 1, hash);
	return slice_eq(c->plain_digest,
		       slice_of(hash, digest_size(c->plain_algorithm)))
		       ? FAULT_NONE
		       : FAULT_PLAIN_DIGEST;
}

enum fault encfile_decrypt(
	struct text *out, const struct encfile *f, unwrap_fn *unwrap, void *arg)
{
	const struct tlvcrypt *c = &f->head.crypt;
	size_t n = f->ciphertext.n;
	uint8_t key[ENC_BLOCK], iv[ENC_BLOCK];
	struct aes128_ctx ctx;

	if (n == 0 || n % ENC_BLOCK != 0 || c->pad < 1 || c->pad > ENC_BLOCK)
		return FAULT_CIPHERTEXT;
	if (unwrap(arg, c->key, key) != 0)
		return FAULT_FILE_KEY;
	uint8_t *b = mem_new(n);

	memcpy(iv, c->iv.p, sizeof(iv));
	aes128_set_decrypt_key(&ctx, key);
	cbc_decrypt(&ctx, (nettle_cipher_func *)aes128_decrypt, ENC_BLOCK, iv,
		n, b, (const uint8_t *)f->ciphertext.p);
	struct slice plain = slice_of(b, n - c->pad);
	enum fault fault = check_plain(c, plain);

	if (fault == FAULT_NONE)
		text_add(out, plain);
	mem_wipe(&ctx, sizeof(ctx));
	mem_wipe(key, sizeof(key));
	mem_wipe(b, n);
	free(b);
	return fault;
}

void cert_hash(struct slice cert, char out[CERT_HASH_TEXT])
{
	uint8_t hash[MD5_DIGEST_SIZE];
	struct md5_ctx ctx;

	md5_init(&ctx);
	md5_update(&ctx, cert.n, (const uint8_t *)cert.p);
	md5_digest(&ctx, sizeof(hash), hash);
	hex_encode(hash, sizeof(hash), out);
}

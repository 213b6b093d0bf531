/* Opening RSA signatures with the public key, and telling what is wrong. */
#include "phoneproxy/signed/rsablock.h"

#include <gmp.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

/* The DER in front of the hash (RFC 8017, 9.2, note 1). */
static const uint8_t info_sha1[] = { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b,
	0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14 };
static const uint8_t info_sha512[] = { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60,
	0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04,
	0x40 };

bool digest_usable(unsigned code)
{
	return code == DIGEST_SHA1 || code == DIGEST_SHA512;
}

const char *digest_name(enum digest d)
{
	return d == DIGEST_SHA1	    ? "SHA-1"
	       : d == DIGEST_SHA256 ? "SHA-256"
				    : "SHA-512";
}

size_t digest_size(enum digest d)
{
	need(digest_usable(d));
	return d == DIGEST_SHA1 ? SHA1_DIGEST_SIZE : SHA512_DIGEST_SIZE;
}

void digest_of(enum digest d, const struct slice *part, size_t parts,
	uint8_t out[DIGEST_MAX])
{
	struct sha1_ctx sha1;
	struct sha512_ctx sha512;

	need(digest_usable(d));
	sha1_init(&sha1);
	sha512_init(&sha512);
	for (size_t i = 0; i < parts; i++)
		if (d == DIGEST_SHA1)
			sha1_update(
				&sha1, part[i].n, (const uint8_t *)part[i].p);
		else
			sha512_update(
				&sha512, part[i].n, (const uint8_t *)part[i].p);
	if (d == DIGEST_SHA1)
		sha1_digest(&sha1, SHA1_DIGEST_SIZE, out);
	else
		sha512_digest(&sha512, SHA512_DIGEST_SIZE, out);
}

struct rsa_numbers {
	mpz_t n, e;
};

static void import_datum(mpz_t out, gnutls_datum_t *d)
{
	mpz_import(out, d->size, 1, 1, 1, 0, d->data);
	gnutls_free(d->data);
}

static bool rsa_numbers_of(struct rsa_numbers *out, gnutls_pubkey_t key)
{
	gnutls_datum_t n, e;

	if (gnutls_pubkey_export_rsa_raw2(
		    key, &n, &e, GNUTLS_EXPORT_FLAG_NO_LZ) < 0)
		return false;
	mpz_inits(out->n, out->e, NULL);
	import_datum(out->n, &n);
	import_datum(out->e, &e);
	return true;
}

static void rsa_numbers_free(struct rsa_numbers *r)
{
	mpz_clears(r->n, r->e, NULL);
}

size_t rsa_key_size(gnutls_pubkey_t key)
{
	struct rsa_numbers r;

	if (!rsa_numbers_of(&r, key))
		return 0;
	size_t bits = mpz_sizeinbase(r.n, 2);

	rsa_numbers_free(&r);
	return (bits + 7) / 8;
}

/*
 * signature ^ e mod n, as many bytes as the modulus has. FAULT_KEY_SIZE when
 * sizes do not fit or the key is none that anyone should use.
 */
static enum fault open_block(gnutls_pubkey_t key, struct slice signature,
	uint8_t block[RSA_MAX], size_t *size)
{
	struct rsa_numbers r;
	enum fault fault = FAULT_NONE;
	mpz_t s;

	if (!rsa_numbers_of(&r, key))
		return FAULT_KEY_KIND;
	mpz_init(s);
	*size = (mpz_sizeinbase(r.n, 2) + 7) / 8;
	/* A huge exponent in a hostile certificate would cost seconds. */
	if (*size > RSA_MAX || *size < 64 || signature.n != *size ||
		mpz_even_p(r.n) || mpz_sizeinbase(r.e, 2) > 64) {
		fault = FAULT_KEY_SIZE;
		goto out;
	}
	mpz_import(s, signature.n, 1, 1, 1, 0, signature.p);
	if (mpz_cmp(s, r.n) >= 0) {
		fault = FAULT_SIGNATURE;
		goto out;
	}
	mpz_powm(s, s, r.e, r.n);
	size_t bytes = (mpz_sizeinbase(s, 2) + 7) / 8;

	memset(block, 0, RSA_MAX);
	mpz_export(block + *size - bytes, NULL, 1, 1, 1, 0, s);
out:
	mpz_clear(s);
	rsa_numbers_free(&r);
	return fault;
}

/* 00 01 FF..FF 00 || tail, exactly `size` bytes. */
static bool block_is(const uint8_t *block, size_t size,
	const struct slice *tail, size_t tails)
{
	size_t n = 0;

	for (size_t i = 0; i < tails; i++)
		n += tail[i].n;
	if (n + 11 > size)
		return false;
	size_t ff = size - n - 3;

	if (block[0] != 0 || block[1] != 1 || block[2 + ff] != 0)
		return false;
	for (size_t i = 0; i < ff; i++)
		if (block[2 + i] != 0xff)
			return false;
	block += 3 + ff;
	for (size_t i = 0; i < tails; i++) {
		if (memcmp(block, tail[i].p, tail[i].n) != 0)
			return false;
		block += tail[i].n;
	}
	return true;
}

static struct slice info_of(enum digest d)
{
	return d == DIGEST_SHA1 ? slice_of(info_sha1, sizeof(info_sha1))
				: slice_of(info_sha512, sizeof(info_sha512));
}

/* The block is not what it should be: how so? Only the reason depends on it. */
static enum fault diagnose(
	const uint8_t *block, size_t size, enum digest d, struct slice hash)
{
	size_t at = 2;

	if (block[0] != 0 || block[1] != 1)
		return FAULT_SIGNATURE;
	while (at < size && block[at] == 0xff)
		at++;
	if (at == 2 || at == size || block[at] != 0)
		return FAULT_SIGNATURE;
	struct slice rest = slice_of(block + at + 1, size - at - 1);

	if (slice_eq(rest, hash))
		return FAULT_NO_DIGEST_INFO;
	if (rest.n == info_of(d).n + hash.n &&
		slice_eq(slice_head(rest, info_of(d).n), info_of(d)))
		return FAULT_CONTENT;
	/* A shorter run of FF makes room for bytes behind the hash. */
	if (rest.n > info_of(d).n + hash.n &&
		slice_eq(slice_head(rest, info_of(d).n), info_of(d)))
		return FAULT_PADDING;
	return FAULT_DIGEST_INFO;
}

enum fault rsa_verify(gnutls_pubkey_t key, enum digest d, const uint8_t *hash,
	struct slice signature)
{
	uint8_t block[RSA_MAX];
	size_t size;
	struct slice tail[2] = { info_of(d), slice_of(hash, digest_size(d)) };
	enum fault fault = open_block(key, signature, block, &size);

	if (fault != FAULT_NONE)
		return fault;
	if (block_is(block, size, tail, 2))
		return FAULT_NONE;
	return diagnose(block, size, d, tail[1]);
}

bool rsa_verify_bare(
	gnutls_pubkey_t key, struct slice hash, struct slice signature)
{
	uint8_t block[RSA_MAX];
	size_t size;

	return open_block(key, signature, block, &size) == FAULT_NONE &&
	       block_is(block, size, &hash, 1);
}

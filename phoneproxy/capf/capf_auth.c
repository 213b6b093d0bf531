/*
 * Signatures inside CAPF: RSA over the bare hash, whole block compared; or
 * ordinary ECDSA.
 */
#include "phoneproxy/capf/capf_auth.h"

#include <string.h>

#include "phoneproxy/signed/certfield.h"
#include "phoneproxy/signed/rsablock.h"

const char *capf_proof_text(enum capf_proof p)
{
	static const char *const texts[] = {
		[CAPF_PROVEN] = "The phone holds the keys.",
		[CAPF_PROOF_MISSING] =
			"The phone sent no certificate or no signature.",
		[CAPF_PROOF_CERTIFICATE] =
			"A certificate cannot be read or has a wrong key.",
		[CAPF_PROOF_SHA1] = "The SHA-1 signature does not verify.",
		[CAPF_PROOF_SHA512] = "The SHA-512 signature does not verify.",
		[CAPF_PROOF_ONLY_SHA1] =
			"The phone signs with SHA-1 only, which is refused.",
		[CAPF_PROOF_SUDI_SHA1] =
			"The SUDI's SHA-1 signature does not verify.",
		[CAPF_PROOF_SUDI_SHA512] =
			"The SUDI's SHA-512 signature does not verify.",
	};

	return texts[p];
}

/* GnuTLS takes what it does not write to as writable. */
static gnutls_datum_t datum(struct slice s)
{
	unsigned char *p;

	memcpy(&p, &s.p, sizeof(p));
	return (gnutls_datum_t){ p, (unsigned)s.n };
}

static bool verify(const struct certfield *c, enum digest d, struct slice data,
	struct slice signature)
{
	gnutls_datum_t in = datum(data), sig = datum(signature);
	uint8_t hash[DIGEST_MAX];

	if (c->rsa_size > 0) {
		digest_of(d, &data, 1, hash);
		return rsa_verify_bare(
			c->pubkey, slice_of(hash, digest_size(d)), signature);
	}
	return gnutls_pubkey_verify_data2(c->pubkey,
		       d == DIGEST_SHA1 ? GNUTLS_SIGN_ECDSA_SHA1
					: GNUTLS_SIGN_ECDSA_SHA512,
		       GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1, &in, &sig) >= 0;
}

/* Device name with its NUL, then the certificate. */
static enum capf_proof check_signed(
	const struct capf_msg *m, const struct certfield *c)
{
	struct text data = { 0 };
	enum capf_proof proof = CAPF_PROVEN;

	text_add(&data, m->device);
	text_addc(&data, '\0');
	text_add(&data, m->cert);
	if (capf_has(m, CAPF_SIGNED_DATA) &&
		!verify(c, DIGEST_SHA1, text_slice(&data), m->signed_data))
		proof = CAPF_PROOF_SHA1;
	else if (capf_has(m, CAPF_SHA2_SIGNED) &&
		 !verify(c, DIGEST_SHA512, text_slice(&data), m->sha2_signed))
		proof = CAPF_PROOF_SHA512;
	text_free(&data);
	return proof;
}

/* The session in the byte order of the first server's machine, then DER. */
static enum capf_proof check_sudi(
	const struct capf_msg *m, const struct certfield *c)
{
	struct text data = { 0 };
	enum capf_proof proof = CAPF_PROVEN;

	for (unsigned shift = 0; shift < 32; shift += 8)
		text_addc(&data, (char)(m->session >> shift));
	text_add(&data, m->sudi_cert);
	if (c->rsa_size == 0)
		proof = CAPF_PROOF_CERTIFICATE;
	else if (!verify(c, DIGEST_SHA1, text_slice(&data), m->sudi_sha1))
		proof = CAPF_PROOF_SUDI_SHA1;
	else if (!verify(c, DIGEST_SHA512, text_slice(&data), m->sudi_sha512))
		proof = CAPF_PROOF_SUDI_SHA512;
	text_free(&data);
	return proof;
}

static enum capf_proof with_cert(const struct capf_msg *m, struct slice der,
	enum capf_proof (*check)(
		const struct capf_msg *m, const struct certfield *c))
{
	struct certfield c;

	if (certfield_read(&c, der) != FAULT_NONE)
		return CAPF_PROOF_CERTIFICATE;
	enum capf_proof proof = check(m, &c);

	certfield_free(&c);
	return proof;
}

enum capf_proof capf_check_proof(
	const struct capf_msg *m, bool accept_only_sha1)
{
	bool sha1 = capf_has(m, CAPF_SIGNED_DATA);
	bool sha512 = capf_has(m, CAPF_SHA2_SIGNED);

	if (m->device.n == 0 || !capf_has(m, CAPF_CERT) || (!sha1 && !sha512))
		return CAPF_PROOF_MISSING;
	enum capf_proof proof = with_cert(m, m->cert, check_signed);

	if (proof == CAPF_PROVEN && capf_has(m, CAPF_SUDI))
		proof = with_cert(m, m->sudi_cert, check_sudi);
	if (proof == CAPF_PROVEN && !sha512 && !accept_only_sha1)
		proof = CAPF_PROOF_ONLY_SHA1;
	return proof;
}

/*
 * The files of tests/vectors: reading them, their certificates, and signing
 * with their keys as a keeper of keys would.
 */
#ifndef LINESIDE_TESTS_UNIT_VECTORS_H
#define LINESIDE_TESTS_UNIT_VECTORS_H

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "base/wire.h"
#include "phoneproxy/config/encfile.h"
#include "phoneproxy/signed/tlvhead.h"
#include "test.h"

/* tests/vectors/NAME, whole. free() it. */
static inline struct slice vector_load(const char *name)
{
	const char *root = getenv("SRCDIR");
	char path[512];

	snprintf(path, sizeof(path), "%s/tests/vectors/%s", root ? root : ".",
		name);
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		fail_msg("cannot open %s", path);
	fseek(f, 0, SEEK_END);
	size_t n = (size_t)ftell(f);
	char *p = malloc(n ? n : 1);

	rewind(f);
	assert_int_equal(fread(p, 1, n, f), n);
	fclose(f);
	return slice_of(p, n);
}

static inline void vector_free(struct slice s)
{
	void *p;

	memcpy(&p, &s.p, sizeof(p));
	free(p);
}

static inline struct slice pki_cert(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "pki/%s.der", name);
	return vector_load(path);
}

static inline gnutls_privkey_t pki_key(const char *name)
{
	char path[256];
	gnutls_privkey_t key;

	snprintf(path, sizeof(path), "pki/%s.pem", name);
	struct slice pem = vector_load(path);
	void *p;

	memcpy(&p, &pem.p, sizeof(p));
	gnutls_datum_t d = { p, (unsigned)pem.n };

	assert_int_equal(gnutls_privkey_init(&key), 0);
	assert_int_equal(gnutls_privkey_import_x509_raw(
				 key, &d, GNUTLS_X509_FMT_PEM, NULL, 0),
		0);
	vector_free(pem);
	return key;
}

static inline int sign_with(
	void *arg, enum digest d, struct slice data, uint8_t *sig, size_t *n)
{
	gnutls_datum_t in, out;
	void *p;

	memcpy(&p, &data.p, sizeof(p));
	in = (gnutls_datum_t){ p, (unsigned)data.n };
	if (gnutls_privkey_sign_data2(arg,
		    d == DIGEST_SHA1 ? GNUTLS_SIGN_RSA_SHA1
				     : GNUTLS_SIGN_RSA_SHA512,
		    0, &in, &out) < 0)
		return EACCES;
	memcpy(sig, out.data, out.size);
	*n = out.size;
	gnutls_free(out.data);
	return 0;
}

static inline struct signer pki_signer(const char *name)
{
	return (struct signer){
		.cert = pki_cert(name), .sign = sign_with, .arg = pki_key(name)
	};
}

static inline void signer_free(struct signer *s)
{
	vector_free(s->cert);
	gnutls_privkey_deinit(s->arg);
}

static inline int unwrap_with(
	void *arg, struct slice wrapped, uint8_t aes[ENC_BLOCK])
{
	gnutls_datum_t in, out;
	void *p;

	memcpy(&p, &wrapped.p, sizeof(p));
	in = (gnutls_datum_t){ p, (unsigned)wrapped.n };
	if (gnutls_privkey_decrypt_data(arg, 0, &in, &out) < 0)
		return EACCES;
	bool fits = out.size == ENC_BLOCK;

	if (fits)
		memcpy(aes, out.data, ENC_BLOCK);
	gnutls_free(out.data);
	return fits ? 0 : EACCES;
}

/* Every byte of `file` changed, and every length of it, must be refused. Copies
 * of exact size: whatever reads beyond the end is found. */
typedef enum fault judge_fn(struct slice file, struct slice cert);
static inline void refuses_cut_and_flip(
	judge_fn *judge, struct slice file, struct slice cert)
{
	for (size_t n = 0; n < file.n; n++) {
		char *copy = malloc(file.n);

		memcpy(copy, file.p, file.n);
		copy[n] = (char)(copy[n] ^ 0x01);
		if (judge(slice_of(copy, file.n), cert) == FAULT_NONE)
			fail_msg("byte %zu changed and not seen", n);
		free(copy);
		copy = malloc(n ? n : 1);
		memcpy(copy, file.p, n);
		if (judge(slice_of(copy, n), cert) == FAULT_NONE)
			fail_msg("cut to %zu bytes and not seen", n);
		free(copy);
	}
}

#define check_fault(name, got, want)                                           \
	do {                                                                   \
		enum fault got_ = (got);                                       \
		if (got_ != (want))                                            \
			fail_msg("%s: %s, not %s", (name), fault_name(got_),   \
				fault_name(want));                             \
	} while (0)

#endif

/*
 * What CRL servers and OCSP responders answer. Input: which of the parsers,
 * then the answer. The issuer is made once; its signature stops most inputs,
 * so the scope of a CRL, which is our own parser, is read alone as well.
 */
#include <errno.h>
#include <gnutls/abstract.h>

#include "base/obj.h"
#include "certs/revoke/revoke_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gnutls_x509_crt_t issuer;

static void make_issuer(void)
{
	gnutls_x509_privkey_t key;

	need(gnutls_x509_privkey_init(&key) == 0);
	need(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
		     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0);
	need(gnutls_x509_crt_init(&issuer) == 0);
	need(gnutls_x509_crt_set_version(issuer, 3) == 0);
	need(gnutls_x509_crt_set_serial(issuer, "\x05", 1) == 0);
	need(gnutls_x509_crt_set_dn(issuer, "CN=Root", NULL) == 0);
	need(gnutls_x509_crt_set_key(issuer, key) == 0);
	need(gnutls_x509_crt_set_activation_time(issuer, 1) == 0);
	need(gnutls_x509_crt_set_expiration_time(issuer, 4000000000) == 0);
	need(gnutls_x509_crt_sign2(issuer, issuer, key, GNUTLS_DIG_SHA256, 0) ==
		0);
	gnutls_x509_privkey_deinit(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = slice_of(data + 1, size > 0 ? size - 1 : 0);
	const time_t now = 1800000000;
	char why[REVOKE_WHY] = "";
	struct ocsp_answer answer;
	struct crl_scope scope = { 0 };
	struct crl *crl = NULL;
	int err;

	if (size == 0)
		return 0;
	if (issuer == NULL)
		make_issuer();
	switch (data[0]) {
	case 'c':
		err = crl_read(&crl, body, issuer, "http://a/", now, why);
		need((err == 0) == (crl != NULL));
		obj_unref(crl);
		break;
	case 'o':
		err = ocsp_read(&answer, body, issuer, issuer, NULL, now, why);
		break;
	default:
		err = crl_scope_read(&scope, body, "http://a/", why);
	}
	need((err != 0) == (why[0] != '\0'));
	return 0;
}

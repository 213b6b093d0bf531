/*
 * SCEP messages of arbitrary bytes: read with and without the exceptions of
 * `legacy`, and opened by a key that is made once. The key cannot be the one
 * that a corpus file was encrypted to: opening ends in its refusal, after the
 * envelope was read.
 */
#include "base/need.h"
#include "certs/ca/ca_int.h"
#include "certs/enrol/scep_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static EVP_PKEY *key;
static X509 *crt;

static void make_key(void)
{
	X509_NAME *name;
	char why[64];

	key = EVP_RSA_gen(1024);
	crt = X509_new();
	need(key != NULL && crt != NULL);
	need(ossl_name(&name, "CN=fuzz", why, sizeof(why)) == 0);
	need(X509_set_subject_name(crt, name) == 1);
	need(X509_set_issuer_name(crt, name) == 1);
	need(X509_set_pubkey(crt, key) == 1);
	need(X509_sign(crt, key, EVP_sha256()) > 0);
	X509_NAME_free(name);
}

static void read_as(struct slice der, bool legacy)
{
	char why[CA_WHY] = "";
	struct scep_msg m;
	struct bytes inner;
	int err = scep_parse(&m, der, legacy, why);

	need((err == 0) == (m.signer != NULL));
	need(err == 0 || why[0] != '\0');
	if (err != 0)
		return;
	need(m.transaction[0] != '\0');
	if (scep_open(&m, crt, key, legacy, &inner, why) == 0)
		bytes_free(&inner);
	scep_msg_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice der = slice_of(data, size);
	uint8_t serial[CA_DB_SERIAL];
	STACK_OF(X509) * certs;
	X509_CRL *crl;

	if (key == NULL)
		make_key();
	read_as(der, false);
	read_as(der, true);
	if (ossl_unbox(der, &certs, &crl) == 0) {
		sk_X509_pop_free(certs, X509_free);
		X509_CRL_free(crl);
	}
	(void)!scep_serial(der, crt, serial);
	return 0;
}

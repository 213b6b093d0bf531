/* Signing certificates, with the serial number written down before. */
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "certs/ca/ca_int.h"

enum { SERIAL_TRIES = 4, HEX_MAX = 2 * CA_DB_SERIAL };

/* 127 random bits: positive, and always of the same length. */
static void fresh_serial(uint8_t out[CA_DB_SERIAL])
{
	random_bytes(out, CA_DB_SERIAL);
	out[0] = (uint8_t)((out[0] & 0x7f) | 0x40);
}

static bool set_serial(X509 *crt, const uint8_t serial[CA_DB_SERIAL])
{
	BIGNUM *bn = BN_bin2bn(serial, CA_DB_SERIAL, NULL);
	bool ok = bn != NULL &&
		  BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(crt)) != NULL;

	BN_free(bn);
	return ok;
}

bool ca_serial_of(const ASN1_INTEGER *n, uint8_t out[CA_DB_SERIAL])
{
	BIGNUM *bn = ASN1_INTEGER_to_BN(n, NULL);
	bool ok = bn != NULL && !BN_is_negative(bn) &&
		  BN_bn2binpad(bn, out, CA_DB_SERIAL) == CA_DB_SERIAL;

	BN_free(bn);
	ERR_clear_error();
	return ok;
}

bool ca_serial(const char *hex, uint8_t out[CA_DB_SERIAL])
{
	BIGNUM *bn = NULL;
	size_t n = strspn(hex, "0123456789abcdefABCDEF");
	bool ok;

	if (n == 0 || n > HEX_MAX || hex[n] != '\0')
		return false;
	ok = BN_hex2bn(&bn, hex) > 0 &&
	     BN_bn2binpad(bn, out, CA_DB_SERIAL) == CA_DB_SERIAL;
	BN_free(bn);
	return ok;
}

bool ca_add_ext(X509 *crt, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, crt, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&ctx);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext != NULL && X509_add_ext(crt, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool add_ids(X509 *crt, X509 *issuer)
{
	return ca_add_ext(crt, issuer, NID_subject_key_identifier, "hash") &&
	       ca_add_ext(crt, issuer, NID_authority_key_identifier, "keyid");
}

/* Each CA certificate has a CRL of its own: from the second one on, the URL
 * says which. */
static char *cdp_of(const struct ca *ca)
{
	const char *url = ca->p.cdp_url != NULL ? ca->p.cdp_url : "";
	char id[CA_CRL_ID];

	if (ca->past.crt == NULL)
		return mem_printf("URI:%s", url);
	ca_crl_id(ca->own.crt, id);
	return mem_printf(
		"URI:%s%cca=%s", url, strchr(url, '?') != NULL ? '&' : '?', id);
}

static bool add_urls(const struct ca *ca, X509 *crt, X509 *issuer)
{
	char *cdp = cdp_of(ca);
	char *aia =
		mem_printf("OCSP;URI:%s", ca->p.ocsp_url ? ca->p.ocsp_url : "");
	bool ok = true;

	if (ca->p.cdp_url != NULL)
		ok = ca_add_ext(crt, issuer, NID_crl_distribution_points, cdp);
	if (ok && ca->p.ocsp_url != NULL)
		ok = ca_add_ext(crt, issuer, NID_info_access, aia);
	free(cdp);
	free(aia);
	return ok;
}

static time_t min_time(time_t a, time_t b)
{
	return a < b ? a : b;
}

time_t ca_not_after(X509 *crt)
{
	struct tm tm;

	return ASN1_TIME_to_tm(X509_get0_notAfter(crt), &tm) == 1 ? timegm(&tm)
								  : 0;
}

static bool set_times(X509 *crt, time_t from, time_t to)
{
	return ASN1_TIME_set(X509_getm_notBefore(crt), from) != NULL &&
	       ASN1_TIME_set(X509_getm_notAfter(crt), to) != NULL;
}

/* Everything of a certificate but its serial number and signature. */
static int fill(const struct ca *ca, const struct ca_csr *c, X509 *crt,
	time_t from, time_t to)
{
	X509 *issuer = ca->own.crt;
	bool ok =
		X509_set_version(crt, X509_VERSION_3) == 1 &&
		set_times(crt, from, to) &&
		X509_set_issuer_name(crt, X509_get_subject_name(issuer)) == 1 &&
		X509_set_subject_name(crt, X509_REQ_get_subject_name(c->req)) ==
			1 &&
		X509_set_pubkey(crt, X509_REQ_get0_pubkey(c->req)) == 1;

	ok = ok && ca_csr_wishes(c, crt, issuer) == 0 && add_ids(crt, issuer) &&
	     add_urls(ca, crt, issuer);
	return ok ? 0 : EBADMSG;
}

static int reserve(
	struct ca *ca, X509 *crt, uint8_t serial[CA_DB_SERIAL], time_t to)
{
	int err = EEXIST;

	for (int i = 0; err == EEXIST && i < SERIAL_TRIES; i++) {
		fresh_serial(serial);
		err = ca_db_reserve(ca->db, serial, to);
	}
	if (err == 0)
		need(set_serial(crt, serial));
	return err;
}

static int record(struct ca *ca, const struct ca_csr *c, X509 *crt,
	const uint8_t serial[CA_DB_SERIAL], int64_t request, struct bytes *der)
{
	bool names = ca->p.level != CA_MINIMAL;
	struct slice kept = { .n = 0 };
	int err;

	*der = ossl_cert_der(crt);
	if (ca->p.level == CA_COMPLETE)
		kept = bytes_slice(der);
	err = ca_db_issued(ca->db, serial, names ? c->subject : NULL, kept,
		request, bytes_slice(der), ca_now(ca));
	if (err != 0)
		bytes_free(der); /* it was never issued, as far as we know */
	return err;
}

static void told(const struct ca *ca, const struct ca_csr *c,
	const uint8_t serial[CA_DB_SERIAL])
{
	char hex[2 * CA_DB_SERIAL + 1];

	hex_encode(serial, CA_DB_SERIAL, hex);
	metric_inc(M_PKI_CA_ISSUED);
	log_event(MSG_PKI_CA_ISSUED, NULL, L_STR("server", ca->p.name),
		L_STR("subject", c->subject), L_STR("serial", hex));
}

static int sign(const struct ca *ca, X509 *crt, char why[CA_WHY])
{
	char text[256];

	if (X509_sign(crt, ca->own.key, ca_md(ca)) > 0)
		return 0;
	return ca_say(why, EIO, "signing failed: %s", ossl_why(text));
}

int ca_issue(struct ca *ca, const struct ca_csr *c, int64_t request,
	struct bytes *der, char why[CA_WHY])
{
	uint8_t serial[CA_DB_SERIAL];
	time_t from = ca_now(ca);
	uint64_t life = c->max_s != 0 && c->max_s < ca->p.cert_s ? c->max_s
								 : ca->p.cert_s;
	time_t to = min_time(from + (time_t)life, ca_not_after(ca->own.crt));
	X509 *crt = X509_new();
	int err = ca_clock(ca, why);

	*der = (struct bytes){ .n = 0 };
	need(crt != NULL);
	if (err == 0 && to <= from)
		err = ca_say(why, EACCES,
			"the certificate of CA %s has expired: `lineside pki "
			"server %s rollover` makes the next",
			ca->p.name, ca->p.name);
	if (err == 0 && fill(ca, c, crt, from, to) != 0)
		err = ca_say(why, EBADMSG,
			"the request cannot be made a certificate");
	if (err == 0) {
		err = reserve(ca, crt, serial, to);
		if (err != 0)
			ca_say(why, err, "%s", ca_db_why(ca->db));
	}
	if (err == 0)
		err = sign(ca, crt, why);
	if (err == 0) {
		err = record(ca, c, crt, serial, request, der);
		if (err != 0)
			ca_say(why, err, "%s", ca_db_why(ca->db));
		else
			told(ca, c, serial);
	}
	X509_free(crt);
	ERR_clear_error();
	return err;
}

int ca_make_root(
	struct ca *ca, EVP_PKEY *key, time_t from, X509 **out, char why[CA_WHY])
{
	uint8_t serial[CA_DB_SERIAL];
	char *text = ca->p.issuer_name != NULL
			     ? mem_dup(ca->p.issuer_name)
			     : mem_printf("CN=%s", ca->p.name);
	X509 *crt = X509_new();
	X509_NAME *name;
	int err = ossl_name(&name, text, why, CA_WHY);

	need(crt != NULL);
	free(text);
	fresh_serial(serial);
	if (err == 0 &&
		!(X509_set_version(crt, X509_VERSION_3) == 1 &&
			set_serial(crt, serial) &&
			set_times(crt, from, from + (time_t)ca->p.ca_s) &&
			X509_set_issuer_name(crt, name) == 1 &&
			X509_set_subject_name(crt, name) == 1 &&
			X509_set_pubkey(crt, key) == 1 &&
			ca_add_ext(crt, crt, NID_basic_constraints,
				"critical,CA:TRUE") &&
			ca_add_ext(crt, crt, NID_key_usage,
				"critical,digitalSignature,keyEncipherment,"
				"keyCertSign,cRLSign") &&
			add_ids(crt, crt) &&
			X509_sign(crt, key, ca_md(ca)) > 0))
		err = ca_say(why, EIO, "the CA's certificate cannot be made");
	X509_NAME_free(name);
	ERR_clear_error();
	if (err != 0) {
		X509_free(crt);
		crt = NULL;
	}
	*out = crt;
	return err;
}

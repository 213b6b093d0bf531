/* Laid out as the known server's: see the tests' vectors. */
#include "phoneproxy/capf/capf_issue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "certs/judge/judge.h"
#include "certs/store/keystore.h"
#include "certs/store/trustpoint_int.h"
#include "certs/x509/crt.h"

enum { SERIAL = 16, BACKDATED_S = 3600, NAMES_MAX = 16 };

static const char ipsec_end_system[] = "1.3.6.1.5.5.7.3.5";

static int refuse(char why[CAPF_WHY], int err, const char *text)
{
	snprintf(why, CAPF_WHY, "%s", text);
	return err;
}

int capf_issuer_check(const struct trustpoint *ca, char why[CAPF_WHY])
{
	gnutls_x509_crt_t crt = trustpoint_chain(ca, 0);
	unsigned usage = 0;

	if (crt == NULL || trustpoint_key(ca) == NULL)
		return refuse(why, EACCES, "it has no certificate with a key");
	if (gnutls_x509_crt_get_ca_status(crt, NULL) <= 0)
		return refuse(
			why, EACCES, "its certificate is not that of a CA");
	if (gnutls_x509_crt_get_key_usage(crt, &usage, NULL) == 0 &&
		(usage & GNUTLS_KEY_KEY_CERT_SIGN) == 0)
		return refuse(why, EACCES,
			"its certificate's key usage forbids to issue");
	if (gnutls_x509_crt_get_expiration_time(crt) <= time(NULL))
		return refuse(why, EKEYEXPIRED, "its certificate has expired");
	return 0;
}

/* The issuer's organisation and place, in its order, behind our CN. */
static int set_names(
	gnutls_x509_crt_t crt, gnutls_x509_crt_t ca, const char *device)
{
	char oid[64], value[256];
	int err =
		gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME,
			0, device, (unsigned)strlen(device));

	for (unsigned i = 0; err == 0 && i < NAMES_MAX; i++) {
		size_t n = sizeof(oid);
		unsigned nth = 0;

		if (gnutls_x509_crt_get_dn_oid(ca, i, oid, &n) != 0)
			break;
		if (strcmp(oid, GNUTLS_OID_X520_COMMON_NAME) == 0)
			continue;
		for (unsigned k = 0; k < i; k++) { /* which one of its kind */
			char other[64];
			size_t m = sizeof(other);

			if (gnutls_x509_crt_get_dn_oid(ca, k, other, &m) == 0 &&
				strcmp(other, oid) == 0)
				nth++;
		}
		n = sizeof(value);
		if (gnutls_x509_crt_get_dn_by_oid(ca, oid, nth, 0, value, &n) ==
			0)
			err = gnutls_x509_crt_set_dn_by_oid(
				crt, oid, 0, value, (unsigned)n);
	}
	return err;
}

static int set_purposes(gnutls_x509_crt_t crt)
{
	int err = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);

	if (err == 0)
		err = gnutls_x509_crt_set_key_usage(
			crt, GNUTLS_KEY_DIGITAL_SIGNATURE |
				     GNUTLS_KEY_KEY_ENCIPHERMENT);
	if (err == 0)
		err = gnutls_x509_crt_set_key_purpose_oid(
			crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
	if (err == 0)
		err = gnutls_x509_crt_set_key_purpose_oid(
			crt, GNUTLS_KP_TLS_WWW_CLIENT, 0);
	if (err == 0)
		err = gnutls_x509_crt_set_key_purpose_oid(
			crt, ipsec_end_system, 0);
	return err;
}

static int set_ids(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca)
{
	uint8_t id[64], serial[SERIAL];
	size_t n = sizeof(id);
	int err = gnutls_x509_crt_get_key_id(crt, 0, id, &n);

	if (err == 0)
		err = gnutls_x509_crt_set_subject_key_id(crt, id, n);
	n = sizeof(id);
	if (err == 0 &&
		gnutls_x509_crt_get_subject_key_id(ca, id, &n, NULL) == 0)
		err = gnutls_x509_crt_set_authority_key_id(crt, id, n);
	random_bytes(serial, sizeof(serial));
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* positive, whole */
	if (err == 0)
		err = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	return err;
}

static int set_dates(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca, unsigned days)
{
	time_t now = time(NULL), from = now - BACKDATED_S;
	time_t to = now + (time_t)days * 86400;
	time_t ca_from = gnutls_x509_crt_get_activation_time(ca);
	time_t ca_to = gnutls_x509_crt_get_expiration_time(ca);
	int err = gnutls_x509_crt_set_activation_time(
		crt, from < ca_from ? ca_from : from);

	if (err == 0)
		err = gnutls_x509_crt_set_expiration_time(
			crt, to > ca_to ? ca_to : to);
	return err;
}

static int set_key(gnutls_x509_crt_t crt, struct slice spki)
{
	gnutls_datum_t d = { .size = (unsigned)spki.n };
	gnutls_pubkey_t key;
	int err = gnutls_pubkey_init(&key);

	need(err == 0);
	memcpy(&d.data, &spki.p, sizeof(d.data)); /* it is not written to */
	err = gnutls_pubkey_import(key, &d, GNUTLS_X509_FMT_DER);
	if (err == 0)
		err = gnutls_x509_crt_set_pubkey(crt, key);
	gnutls_pubkey_deinit(key);
	return err;
}

static int fill(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca, const char *device,
	unsigned days)
{
	int err = gnutls_x509_crt_set_version(crt, 3);

	if (err == 0)
		err = set_names(crt, ca, device);
	if (err == 0)
		err = set_dates(crt, ca, days);
	if (err == 0)
		err = set_purposes(crt);
	if (err == 0)
		err = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_URI,
			device, (unsigned)strlen(device), GNUTLS_FSAN_SET);
	if (err == 0)
		err = set_ids(crt, ca);
	return err;
}

static int sign(struct text *out, gnutls_x509_crt_t crt, gnutls_x509_crt_t ca,
	const struct keystore *key)
{
	gnutls_datum_t der = { 0 };
	int err = gnutls_x509_crt_privkey_sign(
		crt, ca, keystore_key(key), GNUTLS_DIG_SHA256, 0);

	if (err == 0)
		err = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der);
	if (err == 0)
		text_add(out, slice_of(der.data, der.size));
	gnutls_free(der.data);
	return err;
}

int capf_issue(struct text *out, const struct trustpoint *ca,
	const char *device, struct slice spki, unsigned days,
	char why[CAPF_WHY])
{
	gnutls_x509_crt_t by = trustpoint_chain(ca, 0), crt;
	int err = capf_issuer_check(ca, why);

	if (err != 0)
		return err;
	need(gnutls_x509_crt_init(&crt) == 0);
	err = set_key(crt, spki);
	if (err != 0) {
		gnutls_x509_crt_deinit(crt);
		return refuse(why, EBADMSG, "the phone's key cannot be read");
	}
	err = fill(crt, by, device, days);
	if (err == 0)
		err = sign(out, crt, by, trustpoint_key(ca));
	gnutls_x509_crt_deinit(crt);
	return err == 0 ? 0 : refuse(why, EIO, gnutls_strerror(err));
}

/* ---- proof by certificate ---- */

static bool named(gnutls_x509_crt_t crt, struct slice device)
{
	char *cn = NULL;
	size_t n = 0;
	bool ok;

	if (crt_common_name(crt, &cn, &n) != 0)
		return false;
	struct slice name = slice_of(cn, n);

	ok = name.n >= device.n &&
	     slice_caseeq(slice_from(name, name.n - device.n), device) &&
	     (name.n == device.n || name.p[name.n - device.n - 1] == '-');
	free(cn);
	return ok;
}

/* Issued by this one certificate, within its dates. */
static bool issued_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca)
{
	time_t now = time(NULL);

	return ca != NULL && gnutls_x509_crt_check_issuer(crt, ca) != 0 &&
	       crt_signed_by(crt, ca) &&
	       gnutls_x509_crt_get_activation_time(crt) <= now &&
	       gnutls_x509_crt_get_expiration_time(crt) > now;
}

static bool judged(const gnutls_datum_t *der, const struct trustpoint *by,
	char why[CAPF_WHY])
{
	struct judge_verdict v;
	struct judge_params p = { .chain = der,
		.chain_len = 1,
		.anchors = trustpoint_anchors(by),
		.peer_is_client = true,
		.now = time(NULL) };

	trustpoint_judge_by(by, &p);
	if (judge_chain(&v, &p))
		return true;
	snprintf(why, CAPF_WHY, "%.*s", CAPF_WHY - 1, v.text);
	return false;
}

bool capf_cert_trusted(struct slice cert, struct slice device,
	const struct trustpoint *by, gnutls_x509_crt_t also, char why[CAPF_WHY])
{
	gnutls_datum_t der = { .size = (unsigned)cert.n };
	gnutls_x509_crt_t crt;
	bool ok = false;

	memcpy(&der.data, &cert.p, sizeof(der.data)); /* not written to */
	if (crt_import(&crt, &der) != 0) {
		(void)refuse(why, EBADMSG, "it cannot be read");
		return false;
	}
	if (!named(crt, device))
		(void)refuse(why, EACCES, "it is another device's");
	else if (issued_by(crt, also))
		ok = true;
	else if (by == NULL)
		(void)refuse(why, EACCES,
			"it was not issued by our CA, or "
			"has expired");
	else
		ok = judged(&der, by, why);
	gnutls_x509_crt_deinit(crt);
	return ok;
}

bool capf_cert_fits(struct slice cert, struct slice device, char why[CAPF_WHY])
{
	gnutls_datum_t der = { .size = (unsigned)cert.n };
	gnutls_x509_crt_t crt;
	time_t now = time(NULL);
	int err = 0;

	memcpy(&der.data, &cert.p, sizeof(der.data)); /* not written to */
	if (crt_import(&crt, &der) != 0) {
		(void)refuse(why, EBADMSG, "it cannot be read");
		return false;
	}
	if (!named(crt, device))
		err = refuse(why, EACCES, "it is another device's");
	else if (gnutls_x509_crt_get_activation_time(crt) > now ||
		 gnutls_x509_crt_get_expiration_time(crt) <= now)
		err = refuse(why, EKEYEXPIRED, "it has expired");
	gnutls_x509_crt_deinit(crt);
	return err == 0;
}

/* Revoking, and the list of what was revoked (RFC 5280 5). */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/obj.h"
#include "certs/ca/ca_int.h"

#define PAST_CRL "crl_past" /* in the database; by the predecessor */

static const struct {
	const char *name;
	int code;
} reasons[] = {
	{ "unspecified", CRL_REASON_UNSPECIFIED },
	{ "keyCompromise", CRL_REASON_KEY_COMPROMISE },
	{ "cACompromise", CRL_REASON_CA_COMPROMISE },
	{ "affiliationChanged", CRL_REASON_AFFILIATION_CHANGED },
	{ "superseded", CRL_REASON_SUPERSEDED },
	{ "cessationOfOperation", CRL_REASON_CESSATION_OF_OPERATION },
	{ "privilegeWithdrawn", CRL_REASON_PRIVILEGE_WITHDRAWN },
};

static int reason_code(const char *name, int *out)
{
	*out = -1;
	if (name == NULL)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!slice_caseeq_str(slice_str(name), reasons[i].name))
			continue;
		*out = reasons[i].code;
		return 0;
	}
	return EINVAL;
}

struct list {
	struct ca *ca;
	X509_CRL *crl;
	bool failed;
};

static ASN1_INTEGER *serial_number(const uint8_t serial[CA_DB_SERIAL])
{
	BIGNUM *bn = BN_bin2bn(serial, CA_DB_SERIAL, NULL);
	ASN1_INTEGER *n = BN_to_ASN1_INTEGER(bn, NULL);

	BN_free(bn);
	need(n != NULL);
	return n;
}

/* Unspecified is left out, as RFC 5280 5.3.1 asks. */
static bool add_reason(X509_REVOKED *r, int code)
{
	ASN1_ENUMERATED *e;
	bool ok;

	if (code <= 0)
		return true;
	e = ASN1_ENUMERATED_new();
	ok = e != NULL && ASN1_ENUMERATED_set(e, code) == 1 &&
	     X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, e, 0, 0) == 1;
	ASN1_ENUMERATED_free(e);
	return ok;
}

static void add_revoked(void *arg, const struct ca_db_cert *c)
{
	struct list *l = arg;
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)c->revoked_at);
	ASN1_INTEGER *serial = serial_number(c->serial);

	need(r != NULL && at != NULL);
	if (X509_REVOKED_set_serialNumber(r, serial) != 1 ||
		X509_REVOKED_set_revocationDate(r, at) != 1 ||
		!add_reason(r, c->reason) ||
		X509_CRL_add0_revoked(l->crl, r) != 1) {
		X509_REVOKED_free(r);
		l->failed = true;
	}
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(at);
}

static bool add_crl_ext(X509_CRL *crl, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, NULL, NULL, crl, 0);
	X509V3_set_ctx_nodb(&ctx);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext != NULL && X509_CRL_add_ext(crl, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool add_number(X509_CRL *crl, int64_t number)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	bool ok = n != NULL && ASN1_INTEGER_set_int64(n, number) == 1 &&
		  X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, 0, 0) == 1;

	ASN1_INTEGER_free(n);
	return ok;
}

static bool fill_crl(
	struct ca *ca, const struct ca_pair *by, X509_CRL *crl, int64_t number)
{
	struct list l = { .ca = ca, .crl = crl };
	time_t now = ca_now(ca);
	ASN1_TIME *from = ASN1_TIME_set(NULL, now);
	ASN1_TIME *to = ASN1_TIME_set(NULL, now + (time_t)ca->p.crl_s);
	bool ok = X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
		  X509_CRL_set_issuer_name(
			  crl, X509_get_subject_name(by->crt)) == 1 &&
		  X509_CRL_set1_lastUpdate(crl, from) == 1 &&
		  X509_CRL_set1_nextUpdate(crl, to) == 1;

	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	/* What expired stays on one list longer than it was good. */
	ok = ok &&
	     ca_db_each_revoked(
		     ca->db, now - (time_t)ca->p.crl_s, add_revoked, &l) == 0 &&
	     !l.failed;
	return ok && X509_CRL_sort(crl) == 1 &&
	       add_crl_ext(
		       crl, by->crt, NID_authority_key_identifier, "keyid") &&
	       add_number(crl, number) &&
	       X509_CRL_sign(crl, by->key, ca_md(ca)) > 0;
}

static int get_crl(struct ca *ca, X509_CRL **out)
{
	struct bytes der;
	int err = ca_db_get(ca->db, "crl", &der);

	*out = NULL;
	if (err == 0)
		err = ossl_read(
			out, bytes_slice(&der), ASN1_ITEM_rptr(X509_CRL));
	bytes_free(&der);
	return err;
}

static int64_t number_of(struct ca *ca)
{
	struct bytes v;
	uint64_t n = 0;

	if (ca_db_get(ca->db, "crl_number", &v) == 0 &&
		slice_uint(bytes_slice(&v), INT64_MAX - 1, &n) != 0)
		n = 0;
	bytes_free(&v);
	return (int64_t)n;
}

/* The number first, so that none is used twice whatever happens. */
static int next_number(struct ca *ca, int64_t *out)
{
	char text[24];

	*out = number_of(ca) + 1;
	snprintf(text, sizeof(text), "%lld", (long long)*out);
	return ca_db_put(ca->db, "crl_number", slice_str(text));
}

static int make_by(struct ca *ca, const struct ca_pair *by, const char *name,
	struct bytes *out, char why[CA_WHY])
{
	X509_CRL *crl;
	int64_t number;
	int err = ca_clock(ca, why);

	*out = (struct bytes){ .n = 0 };
	if (err != 0)
		return err;
	err = next_number(ca, &number);
	if (err != 0)
		return ca_say(why, err, "%s", ca_db_why(ca->db));
	crl = X509_CRL_new();
	need(crl != NULL);
	if (fill_crl(ca, by, crl, number)) {
		*out = ossl_der(crl, ASN1_ITEM_rptr(X509_CRL));
		err = ca_db_put(ca->db, name, bytes_slice(out));
		if (err != 0)
			ca_say(why, err, "%s", ca_db_why(ca->db));
	} else {
		err = ca_say(
			why, EIO, "the CRL of %s cannot be made", ca->p.name);
	}
	X509_CRL_free(crl);
	ERR_clear_error();
	if (err != 0)
		bytes_free(out);
	return err;
}

int ca_crl_make(struct ca *ca, struct bytes *out, char why[CA_WHY])
{
	const struct ca_pair *past = ca_past(ca);
	int err = 0;

	*out = (struct bytes){ .n = 0 };
	if (past != NULL)
		err = make_by(ca, past, PAST_CRL, out, why);
	bytes_free(out);
	return err == 0 ? make_by(ca, &ca->own, "crl", out, why) : err;
}

static time_t time_of(const ASN1_TIME *t)
{
	struct tm tm;

	return t != NULL && ASN1_TIME_to_tm(t, &tm) == 1 ? timegm(&tm) : 0;
}

void ca_crl_times(struct ca *ca, int64_t *number, time_t *next_update)
{
	X509_CRL *crl;

	*number = number_of(ca);
	*next_update = 0;
	if (get_crl(ca, &crl) == 0)
		*next_update = time_of(X509_CRL_get0_nextUpdate(crl));
	X509_CRL_free(crl);
}

int ca_crl(struct ca *ca, struct bytes *out, char why[CA_WHY])
{
	time_t now = ca_now(ca), from = 0;
	X509_CRL *crl;

	*out = (struct bytes){ .n = 0 };
	if (ca->p.mode == CA_RA)
		return ca_say(why, ENOTSUP, "%s is an RA: the CRL is the CA's",
			ca->p.name);
	if (get_crl(ca, &crl) == 0)
		from = time_of(X509_CRL_get0_lastUpdate(crl));
	X509_CRL_free(crl);
	if (from != 0 && from <= now && now < from + (time_t)ca->p.crl_s / 2)
		return ca_db_get(ca->db, "crl", out);
	return ca_crl_make(ca, out, why);
}

void ca_crl_id(const X509 *crt, char out[CA_CRL_ID])
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	need(X509_digest(crt, EVP_sha256(), raw, &n) == 1);
	hex_encode(raw, CA_CRL_ID / 2, out);
}

/* Made together: as fresh as ours is. */
int ca_crl_of(
	struct ca *ca, struct slice id, struct bytes *out, char why[CA_WHY])
{
	char own[CA_CRL_ID];
	int err = ca_crl(ca, out, why);

	if (err != 0 || ca_past(ca) == NULL)
		return err;
	ca_crl_id(ca->own.crt, own);
	if (slice_eq_str(id, own))
		return 0;
	bytes_free(out);
	err = ca_db_get(ca->db, PAST_CRL, out);
	return err == 0 ? 0 : ca_say(why, err, "%s", ca_db_why(ca->db));
}

int ca_revoke(
	struct ca *ca, const char *serial, const char *reason, char why[CA_WHY])
{
	uint8_t number[CA_DB_SERIAL];
	struct bytes crl = { .n = 0 };
	int code, err = 0;

	if (ca->p.mode == CA_RA)
		return ca_say(why, ENOTSUP,
			"%s is an RA: revoke at the CA behind it", ca->p.name);
	if (!ca_serial(serial, number))
		return ca_say(why, EINVAL,
			"'%.64s' is no serial number: give its hexadecimal "
			"digits without colons",
			serial);
	if (reason_code(reason, &code) != 0)
		return ca_say(why, EINVAL,
			"'%.64s' is no reason: take unspecified, "
			"keyCompromise, cACompromise, affiliationChanged, "
			"superseded, cessationOfOperation or "
			"privilegeWithdrawn",
			reason);
	err = ca_db_revoke(ca->db, number, code, ca_now(ca));
	if (err != 0)
		return ca_say(why, err, "%s: %s", serial, ca_db_why(ca->db));
	log_event(MSG_PKI_CA_REVOKED, NULL, L_STR("server", ca->p.name),
		L_STR("serial", serial),
		L_STR("reason", reason != NULL ? reason : "none given"));
	err = ca_crl_make(ca, &crl, why);
	bytes_free(&crl);
	return err;
}

/*
 * Judging a peer's certificate chain. GnuTLS's verification decides about
 * signatures and issuers; around it we order the chain, look at dates by the
 * caller's clock, at purposes, strength and names, and put into words what
 * was found. A chain must pass both.
 */
#include "certs/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/crt.h"
#include "certs/judge_int.h"

/* clang-format off */
static const struct {
	const char *name;
	gnutls_alert_description_t alert;
} reasons[JUDGE_REASONS] = {
	[JUDGE_OK] = { "ok", GNUTLS_A_CLOSE_NOTIFY },
	[JUDGE_NO_CERTIFICATE] = { "no-certificate", GNUTLS_A_CERTIFICATE_REQUIRED },
	[JUDGE_MALFORMED] = { "malformed", GNUTLS_A_BAD_CERTIFICATE },
	[JUDGE_UNKNOWN_CA] = { "unknown-ca", GNUTLS_A_UNKNOWN_CA },
	[JUDGE_BAD_SIGNATURE] = { "bad-signature", GNUTLS_A_BAD_CERTIFICATE },
	[JUDGE_EXPIRED] = { "expired", GNUTLS_A_CERTIFICATE_EXPIRED },
	[JUDGE_NOT_YET_VALID] = { "not-yet-valid", GNUTLS_A_CERTIFICATE_EXPIRED },
	[JUDGE_NOT_A_CA] = { "not-a-ca", GNUTLS_A_BAD_CERTIFICATE },
	[JUDGE_PURPOSE] = { "purpose", GNUTLS_A_UNSUPPORTED_CERTIFICATE },
	[JUDGE_WEAK] = { "weak", GNUTLS_A_INSUFFICIENT_SECURITY },
	[JUDGE_NAME] = { "name", GNUTLS_A_BAD_CERTIFICATE },
	[JUDGE_OTHER] = { "other", GNUTLS_A_CERTIFICATE_UNKNOWN },
};
/* clang-format on */

const char *judge_reason_name(enum judge_reason r)
{
	need(r < JUDGE_REASONS);
	return reasons[r].name;
}

bool judge_refuse(struct judge_verdict *out, enum judge_reason reason,
	const char *fmt, ...)
{
	va_list ap;
	char *text;

	out->reason = reason;
	out->alert = reasons[reason].alert;
	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	(void)snprintf(out->text, sizeof(out->text), "%s", text);
	free(text);
	return false;
}

static bool check_strength(
	struct judge_verdict *out, const struct judge_path *path)
{
	char name[CRT_NAME];

	for (unsigned i = 0; i <= path->n; i++) {
		gnutls_x509_crt_t c = i < path->n ? path->crt[i] : path->anchor;
		char *key;

		if (c == NULL || !crt_weak_key(c))
			continue;
		key = crt_key_dup(c);
		(void)judge_refuse(out, JUDGE_WEAK,
			"the key of %s\"%s\" is %s: RSA of 2048 bits or an "
			"elliptic curve from P-256 up is wanted",
			i > 0 ? "the CA " : "", crt_subject(c, name), key);
		free(key);
		return false;
	}
	return true;
}

/* What an anchor says of itself is not judged by its signature. */
static bool check_hashes(
	struct judge_verdict *out, const struct judge_path *path)
{
	char name[CRT_NAME];

	for (unsigned i = 0; i < path->n; i++) {
		gnutls_x509_crt_t c = path->crt[i];
		int algo = gnutls_x509_crt_get_signature_algorithm(c);
		const char *text = NULL;

		if (path->anchor == NULL && i + 1 == path->n)
			break; /* itself an anchor */
		if (path->anchor != NULL &&
			gnutls_x509_crt_equals(c, path->anchor) != 0)
			break;
		if (!crt_weak_signature(c))
			continue;
		if (algo >= 0)
			text = gnutls_sign_get_name(
				(gnutls_sign_algorithm_t)algo);
		return judge_refuse(out, JUDGE_WEAK,
			"the certificate \"%s\" is signed with %s, which can "
			"be forged",
			crt_subject(c, name),
			text != NULL ? text : "an unknown algorithm");
	}
	return true;
}

static bool check_dates(
	struct judge_verdict *out, const struct judge_path *path, time_t now)
{
	char name[CRT_NAME];
	char date[CRT_DATE];

	for (unsigned i = 0; i <= path->n; i++) {
		gnutls_x509_crt_t c = i < path->n ? path->crt[i] : path->anchor;
		const char *what = i == 0	 ? "certificate"
				   : i < path->n ? "issuing CA's certificate"
						 : "trusted CA's certificate";
		time_t from, to;

		if (c == NULL)
			continue;
		from = gnutls_x509_crt_get_activation_time(c);
		to = gnutls_x509_crt_get_expiration_time(c);
		if (from == (time_t)-1 || to == (time_t)-1)
			return judge_refuse(out, JUDGE_MALFORMED,
				"the dates of the %s \"%s\" cannot be read",
				what, crt_subject(c, name));
		if (to < now)
			return judge_refuse(out, JUDGE_EXPIRED,
				"the %s \"%s\" expired on %s", what,
				crt_subject(c, name), crt_date(to, date));
		if (from > now)
			return judge_refuse(out, JUDGE_NOT_YET_VALID,
				"the %s \"%s\" is not valid before %s; is our "
				"or the peer's clock wrong?",
				what, crt_subject(c, name),
				crt_date(from, date));
	}
	return true;
}

/* True as well when the certificate is not limited to purposes. */
static bool has_purpose(gnutls_x509_crt_t crt, const char *oid)
{
	for (unsigned i = 0;; i++) {
		char found[128];
		size_t n = sizeof(found);
		unsigned critical;
		int err = gnutls_x509_crt_get_key_purpose_oid(
			crt, i, found, &n, &critical);

		if (err == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return i == 0;
		if (err == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue; /* longer than any we look for */
		if (err < 0)
			return false;
		if (strcmp(found, oid) == 0 ||
			strcmp(found, GNUTLS_KP_ANY) == 0)
			return true;
	}
}

static bool check_purpose(
	struct judge_verdict *out, const struct judge_path *path, bool client)
{
	const char *oid =
		client ? GNUTLS_KP_TLS_WWW_CLIENT : GNUTLS_KP_TLS_WWW_SERVER;
	unsigned wanted = GNUTLS_KEY_DIGITAL_SIGNATURE |
			  GNUTLS_KEY_KEY_AGREEMENT |
			  (client ? 0 : GNUTLS_KEY_KEY_ENCIPHERMENT);
	char name[CRT_NAME];
	unsigned usage = 0;

	for (unsigned i = 0; i < path->n; i++)
		if (!has_purpose(path->crt[i], oid))
			return judge_refuse(out, JUDGE_PURPOSE,
				"the extended key usage of %s\"%s\" does not "
				"allow TLS %s authentication",
				i > 0 ? "the CA " : "",
				crt_subject(path->crt[i], name),
				client ? "client" : "server");
	if (gnutls_x509_crt_get_key_usage(path->crt[0], &usage, NULL) == 0 &&
		(usage & wanted) == 0)
		return judge_refuse(out, JUDGE_PURPOSE,
			"the key usage of \"%s\" does not allow TLS "
			"(digital signature is missing)",
			crt_subject(path->crt[0], name));
	return true;
}

static bool refuse_unknown_ca(struct judge_verdict *out,
	const struct judge_path *path, const struct judge_params *p)
{
	gnutls_x509_crt_t top = path->crt[path->n - 1];
	gnutls_datum_t dn = { 0 };
	gnutls_x509_crt_t same = NULL;
	char subject[CRT_NAME];
	char issuer[CRT_NAME];

	crt_subject(top, subject);
	crt_issuer(top, issuer);
	if (crt_self_issued(top))
		return judge_refuse(out, JUDGE_UNKNOWN_CA,
			"%s \"%s\", which is signed by itself, is not among "
			"the trusted certificates",
			path->n == 1 ? "the certificate" : "the CA", subject);
	if (gnutls_x509_crt_get_raw_issuer_dn(top, &dn) == 0 &&
		gnutls_x509_trust_list_get_issuer_by_dn(
			p->anchors, &dn, &same, GNUTLS_TL_GET_COPY) == 0)
		gnutls_x509_crt_deinit(same);
	gnutls_free(dn.data);
	return judge_refuse(out, JUDGE_UNKNOWN_CA,
		"the certificate \"%s\" is issued by \"%s\", %s", subject,
		issuer,
		same != NULL ? "but the trusted CA of that name has another key"
			     : "which is not among the trusted CAs");
}

/* The issuer that must not issue, as far as we can tell which. */
static bool refuse_issuer(
	struct judge_verdict *out, const struct judge_path *path)
{
	char name[CRT_NAME];

	for (unsigned i = 1; i <= path->n; i++) {
		gnutls_x509_crt_t c = i < path->n ? path->crt[i] : path->anchor;
		unsigned usage = 0;

		if (c == NULL)
			continue;
		if (gnutls_x509_crt_get_ca_status(c, NULL) <= 0)
			return judge_refuse(out, JUDGE_NOT_A_CA,
				"\"%s\" issued a certificate but is no CA "
				"(basic constraints)",
				crt_subject(c, name));
		if (gnutls_x509_crt_get_key_usage(c, &usage, NULL) == 0 &&
			(usage & GNUTLS_KEY_KEY_CERT_SIGN) == 0)
			return judge_refuse(out, JUDGE_NOT_A_CA,
				"\"%s\" issued a certificate but its key usage "
				"does not allow it",
				crt_subject(c, name));
	}
	return judge_refuse(out, JUDGE_NOT_A_CA,
		"the constraints (names, path length) of an issuing CA exclude "
		"\"%s\"",
		crt_subject(path->crt[0], name));
}

static bool refuse_other(struct judge_verdict *out, unsigned status)
{
	gnutls_datum_t words = { 0 };

	(void)gnutls_certificate_verification_status_print(
		status, GNUTLS_CRT_X509, &words, 0);
	(void)judge_refuse(out, JUDGE_OTHER, "the certificate is refused: %.*s",
		(int)words.size, words.data != NULL ? (char *)words.data : "");
	gnutls_free(words.data);
	return false;
}

static bool check_trust(struct judge_verdict *out, struct judge_path *path,
	const struct judge_params *p)
{
	unsigned status = 0;
	char name[CRT_NAME];
	int err = gnutls_x509_trust_list_verify_crt2(p->anchors, path->crt,
		path->n, NULL, 0,
		GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
			GNUTLS_VERIFY_DISABLE_CRL_CHECKS,
		&status, NULL);

	if (err < 0)
		return judge_refuse(out, JUDGE_MALFORMED,
			"the certificate \"%s\" cannot be verified: %s",
			crt_subject(path->crt[0], name), gnutls_strerror(err));
	if (status == 0)
		return true;
	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
		return refuse_unknown_ca(out, path, p);
	if (status & GNUTLS_CERT_SIGNATURE_FAILURE)
		return judge_refuse(out, JUDGE_BAD_SIGNATURE,
			"a signature in the chain of \"%s\" is wrong: it is "
			"forged or its issuer has another key",
			crt_subject(path->crt[0], name));
	if (status & (GNUTLS_CERT_SIGNER_NOT_CA |
			     GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE))
		return refuse_issuer(out, path);
	if (!check_hashes(out, path) || !check_strength(out, path))
		return false;
	if (status & GNUTLS_CERT_INSECURE_ALGORITHM)
		return judge_refuse(out, JUDGE_WEAK,
			"the chain of \"%s\" uses an algorithm or key that is "
			"too weak",
			crt_subject(path->crt[0], name));
	return refuse_other(out, status);
}

/* In this order, the most telling reason comes first. */
static bool judge_path(struct judge_verdict *out, struct judge_path *path,
	const struct judge_params *p)
{
	return check_trust(out, path, p) && check_hashes(out, path) &&
	       check_strength(out, path) && check_dates(out, path, p->now) &&
	       check_purpose(out, path, p->peer_is_client) &&
	       judge_name(out, path->crt[0], p->expected_name);
}

bool judge_chain(struct judge_verdict *out, const struct judge_params *p)
{
	struct judge_path path = { 0 };
	bool ok;

	*out = (struct judge_verdict){ .reason = JUDGE_OK,
		.alert = reasons[JUDGE_OK].alert };
	ok = judge_path_import(out, &path, p);
	if (ok) {
		judge_path_build(&path, p);
		ok = judge_path(out, &path, p);
	}
	judge_path_free(&path);
	return ok;
}

/*
 * Judging a peer's certificate chain. GnuTLS's verification decides about
 * signatures and issuers; around it we order the chain, look at dates by the
 * caller's clock, at purposes, strength and names, and put into words what
 * was found. A chain must pass both.
 */
#include "certs/judge/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/judge/judge_int.h"
#include "certs/x509/crt.h"

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
	[JUDGE_PATH_LENGTH] = { "path-length", GNUTLS_A_BAD_CERTIFICATE },
	[JUDGE_CONSTRAINT] = { "name-constraint", GNUTLS_A_BAD_CERTIFICATE },
	[JUDGE_CLOCK] = { "clock", GNUTLS_A_INTERNAL_ERROR },
	[JUDGE_REVOKED] = { "revoked", GNUTLS_A_CERTIFICATE_REVOKED },
	[JUDGE_REVOCATION_UNKNOWN] = { "revocation-unknown", GNUTLS_A_CERTIFICATE_UNKNOWN },
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
	const struct judge_legacy *legacy = judge_legacy(p);
	unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
			 GNUTLS_VERIFY_DISABLE_CRL_CHECKS;
	int err;

	/* What is not excused after all, judge_hashes() finds. */
	if (legacy != NULL && (legacy->md5 || legacy->sha1))
		flags |= GNUTLS_VERIFY_ALLOW_BROKEN |
			 GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1;
	err = gnutls_x509_trust_list_verify_crt2(
		p->anchors, path->crt, path->n, NULL, 0, flags, &status, NULL);

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
		return judge_refuse_issuer(out, path);
	if (!judge_hashes(out, path, p) || !judge_strength(out, path, p))
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
	return check_trust(out, path, p) && judge_whole_chain(out, path, p) &&
	       judge_hashes(out, path, p) && judge_strength(out, path, p) &&
	       judge_dates(out, path, p) &&
	       check_purpose(out, path, p->peer_is_client) &&
	       judge_name(out, path->crt[0], p->expected_name) &&
	       judge_status(out, path, p);
}

static void note_anchor(
	struct judge_verdict *out, const struct judge_path *path)
{
	size_t n = sizeof(out->anchor);

	if (path->anchor != NULL &&
		gnutls_x509_crt_get_key_id(path->anchor,
			GNUTLS_KEYID_USE_SHA256, out->anchor, &n) != 0)
		memset(out->anchor, 0, sizeof(out->anchor));
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
		note_anchor(out, &path);
		ok = judge_path(out, &path, p);
	}
	if (!ok)
		out->excused[0] = '\0';
	judge_path_free(&path);
	return ok;
}

/*
 * Judging a peer's certificate chain. GnuTLS's verification decides about
 * signatures and issuers; around it we order the chain, look at dates by the
 * caller's clock, at purposes, strength and names, and put into words what
 * was found. A chain must pass both.
 */
#include "certs/judge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

enum { KEY_BITS_MAX = 8192 }; /* more costs too much to check */

/* The chain in order, without doubles, up to what an anchor issued. */
struct path {
	unsigned given, n;
	gnutls_x509_crt_t all[JUDGE_CHAIN_MAX]; /* owned, as sent */
	gnutls_x509_crt_t crt[JUDGE_CHAIN_MAX]; /* of `all` */
	gnutls_x509_crt_t anchor; /* owned; issued the last; NULL: unknown */
};

const char *judge_reason_name(enum judge_reason r)
{
	need(r < JUDGE_REASONS);
	return reasons[r].name;
}

bool judge_refuse(struct judge_verdict *out, enum judge_reason reason,
	const char *fmt, ...)
{
	va_list ap;

	out->reason = reason;
	out->alert = reasons[reason].alert;
	va_start(ap, fmt);
	(void)vsnprintf(out->text, sizeof(out->text), fmt, ap);
	va_end(ap);
	return false;
}

static void path_free(struct path *path)
{
	for (unsigned i = 0; i < path->given; i++)
		gnutls_x509_crt_deinit(path->all[i]);
	if (path->anchor != NULL)
		gnutls_x509_crt_deinit(path->anchor);
}

/* Before anything is computed with the key. */
static bool check_size(struct judge_verdict *out, gnutls_x509_crt_t crt)
{
	char name[CRT_NAME];
	unsigned bits = 0;

	(void)gnutls_x509_crt_get_pk_algorithm(crt, &bits);
	if (bits <= KEY_BITS_MAX)
		return true;
	return judge_refuse(out, JUDGE_OTHER,
		"the key of \"%s\" has %u bits, at most %d are accepted",
		crt_subject(crt, name), bits, KEY_BITS_MAX);
}

static bool given_before(const struct judge_params *p, unsigned i)
{
	for (unsigned j = 0; j < i; j++)
		if (slice_eq(slice_of(p->chain[i].data, p->chain[i].size),
			    slice_of(p->chain[j].data, p->chain[j].size)))
			return true;
	return false;
}

static bool path_import(struct judge_verdict *out, struct path *path,
	const struct judge_params *p)
{
	if (p->chain_len == 0)
		return judge_refuse(out, JUDGE_NO_CERTIFICATE,
			"the peer sent no certificate");
	if (p->chain_len > JUDGE_CHAIN_MAX)
		return judge_refuse(out, JUDGE_OTHER,
			"the peer sent %u certificates, at most %d are read",
			p->chain_len, JUDGE_CHAIN_MAX);
	for (unsigned i = 0; i < p->chain_len; i++) {
		if (given_before(p, i))
			continue;
		if (crt_import(&path->all[path->given], &p->chain[i]) != 0)
			return judge_refuse(out, JUDGE_MALFORMED,
				"certificate %u of %u that the peer sent "
				"cannot be read",
				i + 1, p->chain_len);
		if (!check_size(out, path->all[path->given++]))
			return false;
	}
	return true;
}

static bool valid_at(gnutls_x509_crt_t crt, time_t now)
{
	return gnutls_x509_crt_get_activation_time(crt) <= now &&
	       gnutls_x509_crt_get_expiration_time(crt) >= now;
}

static bool on_path(const struct path *path, gnutls_x509_crt_t crt)
{
	for (unsigned i = 0; i < path->n; i++)
		if (path->crt[i] == crt)
			return true;
	return false;
}

static bool signed_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	unsigned status = 0;

	return gnutls_x509_crt_check_issuer(crt, issuer) != 0 &&
	       gnutls_x509_crt_verify(crt, &issuer, 1,
		       GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
			       GNUTLS_VERIFY_ALLOW_BROKEN |
			       GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 |
			       GNUTLS_VERIFY_DISABLE_CA_SIGN,
		       &status) == 0 &&
	       (status & GNUTLS_CERT_SIGNATURE_FAILURE) == 0;
}

/* Of two that could have issued `crt`; a CA may have renewed itself. */
static bool better_issuer(gnutls_x509_crt_t crt, gnutls_x509_crt_t a,
	gnutls_x509_crt_t b, time_t now)
{
	bool by_a = signed_by(crt, a);

	if (by_a != signed_by(crt, b))
		return by_a;
	return valid_at(a, now) && !valid_at(b, now);
}

/* Among what was sent. */
static gnutls_x509_crt_t find_sent_issuer(const struct path *path, time_t now)
{
	gnutls_x509_crt_t of = path->crt[path->n - 1];
	gnutls_x509_crt_t found = NULL;

	for (unsigned i = 0; i < path->given; i++) {
		gnutls_x509_crt_t c = path->all[i];

		if (on_path(path, c) ||
			gnutls_x509_crt_check_issuer(of, c) == 0)
			continue;
		if (found == NULL || better_issuer(of, c, found, now))
			found = c;
	}
	return found;
}

/*
 * GnuTLS gives the first anchor with the issuer's name. A bundle may hold the
 * old and the renewed certificate of a CA, or two of one name: only when the
 * first is not the one, all of them are looked through.
 */
static void find_anchor(struct path *path, const struct judge_params *p)
{
	gnutls_x509_crt_t top = path->crt[path->n - 1];
	gnutls_x509_trust_list_iter_t iter = NULL;
	gnutls_x509_crt_t crt = NULL;

	if (gnutls_x509_trust_list_get_issuer(
		    p->anchors, top, &path->anchor, GNUTLS_TL_GET_COPY) < 0) {
		path->anchor = NULL;
		return;
	}
	if (valid_at(path->anchor, p->now) && signed_by(top, path->anchor))
		return;
	while (gnutls_x509_trust_list_iter_get_ca(p->anchors, &iter, &crt) ==
		0) {
		if (gnutls_x509_crt_check_issuer(top, crt) != 0 &&
			better_issuer(top, crt, path->anchor, p->now)) {
			gnutls_x509_crt_deinit(path->anchor);
			path->anchor = crt;
		} else {
			gnutls_x509_crt_deinit(crt);
		}
	}
	gnutls_x509_trust_list_iter_deinit(iter);
}

static void path_build(struct path *path, const struct judge_params *p)
{
	gnutls_x509_crt_t next = path->all[0];

	while (next != NULL) {
		path->crt[path->n++] = next;
		find_anchor(path, p);
		if (path->anchor != NULL || crt_self_issued(next))
			return;
		next = find_sent_issuer(path, p->now);
	}
}

static bool check_strength(struct judge_verdict *out, const struct path *path)
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
static bool check_hashes(struct judge_verdict *out, const struct path *path)
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
	struct judge_verdict *out, const struct path *path, time_t now)
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
	struct judge_verdict *out, const struct path *path, bool client)
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
	const struct path *path, const struct judge_params *p)
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
static bool refuse_issuer(struct judge_verdict *out, const struct path *path)
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

static bool check_trust(struct judge_verdict *out, struct path *path,
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
static bool judge_path(struct judge_verdict *out, struct path *path,
	const struct judge_params *p)
{
	return check_trust(out, path, p) && check_hashes(out, path) &&
	       check_strength(out, path) && check_dates(out, path, p->now) &&
	       check_purpose(out, path, p->peer_is_client) &&
	       judge_name(out, path->crt[0], p->expected_name);
}

bool judge_chain(struct judge_verdict *out, const struct judge_params *p)
{
	struct path path = { 0 };
	bool ok;

	*out = (struct judge_verdict){ .reason = JUDGE_OK,
		.alert = reasons[JUDGE_OK].alert };
	ok = path_import(out, &path, p);
	if (ok) {
		path_build(&path, p);
		ok = judge_path(out, &path, p);
	}
	path_free(&path);
	return ok;
}

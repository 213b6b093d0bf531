/*
 * Strength, dates and revocation along a path, and what a trustpoint's
 * `legacy` line excuses of them until its day.
 */
#include "certs/judge/judge_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/x509/crt.h"

enum { YEAR_2020 = 1577836800, RSA_FLOOR = 512, EC_FLOOR = 160 };

const struct judge_legacy *judge_legacy(const struct judge_params *p)
{
	return p->legacy != NULL && p->now < p->legacy->until ? p->legacy
							      : NULL;
}

static void excuse(struct judge_verdict *out, const struct judge_legacy *legacy,
	const char *fmt, ...) PRINTF(3, 4);

static void excuse(struct judge_verdict *out, const struct judge_legacy *legacy,
	const char *fmt, ...)
{
	size_t n = strlen(out->excused);
	char date[CRT_DATE];
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	(void)snprintf(out->excused + n, sizeof(out->excused) - n,
		"%s%s (until %s)", n > 0 ? "; " : "", text,
		crt_date(legacy->until, date));
	free(text);
}

/* The i-th from the peer's own up, the anchor last; NULL: none there. */
static gnutls_x509_crt_t at(const struct judge_path *path, unsigned i)
{
	return i < path->n ? path->crt[i] : path->anchor;
}

/* Trusted as it is, not because somebody signed it. */
static bool is_anchor(const struct judge_path *path, unsigned i)
{
	if (path->anchor == NULL)
		return i + 1 == path->n;
	return i == path->n ||
	       gnutls_x509_crt_equals(path->crt[i], path->anchor) != 0;
}

static bool short_but_usable(gnutls_x509_crt_t crt)
{
	unsigned bits = 0;
	int algo = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

	return (algo == GNUTLS_PK_RSA && bits >= RSA_FLOOR) ||
	       (algo == GNUTLS_PK_ECDSA && bits >= EC_FLOOR);
}

bool judge_strength(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p)
{
	const struct judge_legacy *legacy = judge_legacy(p);
	char name[CRT_NAME];

	for (unsigned i = 0; i <= path->n; i++) {
		gnutls_x509_crt_t c = at(path, i);
		bool excused = legacy != NULL && legacy->short_keys;
		char *key;

		if (c == NULL || !crt_weak_key(c))
			continue;
		excused = excused && short_but_usable(c);
		key = crt_key_dup(c);
		crt_subject(c, name);
		if (excused)
			excuse(out, legacy, "the key of \"%s\" is %s", name,
				key);
		else
			(void)judge_refuse(out, JUDGE_WEAK,
				"the key of %s\"%s\" is %s: RSA of 2048 bits "
				"or an elliptic curve from P-256 up is wanted",
				i > 0 ? "the CA " : "", name, key);
		free(key);
		if (!excused)
			return false;
	}
	return true;
}

static bool hash_excused(const struct judge_legacy *legacy, int algo)
{
	gnutls_digest_algorithm_t hash;

	if (legacy == NULL || algo < 0)
		return false;
	hash = gnutls_sign_get_hash_algorithm((gnutls_sign_algorithm_t)algo);
	return (hash == GNUTLS_DIG_MD5 && legacy->md5) ||
	       (hash == GNUTLS_DIG_SHA1 && legacy->sha1);
}

/* What an anchor says of itself is not judged by its signature. */
bool judge_hashes(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p)
{
	const struct judge_legacy *legacy = judge_legacy(p);
	char name[CRT_NAME];

	for (unsigned i = 0; i < path->n && !is_anchor(path, i); i++) {
		gnutls_x509_crt_t c = path->crt[i];
		int algo = gnutls_x509_crt_get_signature_algorithm(c);
		const char *text = NULL;

		if (!crt_weak_signature(c))
			continue;
		if (algo >= 0)
			text = gnutls_sign_get_name(
				(gnutls_sign_algorithm_t)algo);
		if (text == NULL)
			text = "an unknown algorithm";
		crt_subject(c, name);
		if (!hash_excused(legacy, algo))
			return judge_refuse(out, JUDGE_WEAK,
				"the certificate \"%s\" is signed with %s, "
				"which can be forged",
				name, text);
		excuse(out, legacy, "\"%s\" is signed with %s", name, text);
	}
	return true;
}

/* A machine that starts in 1970 finds nothing valid yet. */
static bool refuse_not_yet(struct judge_verdict *out, const char *what,
	gnutls_x509_crt_t c, time_t from, const struct judge_params *p,
	bool anchor)
{
	char name[CRT_NAME];
	char date[CRT_DATE];
	char now[CRT_DATE];

	crt_subject(c, name);
	crt_date(from, date);
	if (p->now < YEAR_2020 || anchor)
		return judge_refuse(out, JUDGE_CLOCK,
			"our clock says %s, but the %s \"%s\" is valid from "
			"%s on: set the clock of this machine",
			crt_date(p->now, now), what, name, date);
	return judge_refuse(out, JUDGE_NOT_YET_VALID,
		"the %s \"%s\" is not valid before %s; is our or the peer's "
		"clock wrong?",
		what, name, date);
}

bool judge_dates(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p)
{
	const struct judge_legacy *legacy = judge_legacy(p);
	char name[CRT_NAME];
	char date[CRT_DATE];

	for (unsigned i = 0; i <= path->n; i++) {
		gnutls_x509_crt_t c = at(path, i);
		const char *what = i == 0	 ? "certificate"
				   : i < path->n ? "issuing CA's certificate"
						 : "trusted CA's certificate";
		time_t from, to;

		if (c == NULL)
			continue;
		from = gnutls_x509_crt_get_activation_time(c);
		to = gnutls_x509_crt_get_expiration_time(c);
		crt_subject(c, name);
		if (from == (time_t)-1 || to == (time_t)-1)
			return judge_refuse(out, JUDGE_MALFORMED,
				"the dates of the %s \"%s\" cannot be read",
				what, name);
		if (from > p->now)
			return refuse_not_yet(
				out, what, c, from, p, is_anchor(path, i));
		if (to >= p->now)
			continue;
		crt_date(to, date);
		if (legacy == NULL || !legacy->expired_anchors ||
			!is_anchor(path, i))
			return judge_refuse(out, JUDGE_EXPIRED,
				"the %s \"%s\" expired on %s", what, name,
				date);
		/* It may stand there twice: as sent and as ours. */
		if (i == path->n || path->anchor == NULL)
			excuse(out, legacy, "the %s \"%s\" expired on %s", what,
				name, date);
	}
	return true;
}

static bool refuse_status(struct judge_verdict *out, gnutls_x509_crt_t crt,
	const struct judge_status *s)
{
	char name[CRT_NAME];
	char date[CRT_DATE];

	crt_subject(crt, name);
	if (s->kind == JUDGE_STATUS_REVOKED)
		return judge_refuse(out, JUDGE_REVOKED,
			"the certificate \"%s\" was revoked%s%s, says %s", name,
			s->when > 0 ? " on " : "",
			s->when > 0 ? crt_date(s->when, date) : "", s->by);
	return judge_refuse(out, JUDGE_REVOCATION_UNKNOWN,
		"it is not known whether the certificate \"%s\" was revoked: %s",
		name, s->by);
}

bool judge_status(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p)
{
	struct judge_status s;
	bool ok = true;

	/* All are asked about, so that all that must be fetched is fetched at
	 * once; of two faults that of the peer's own is told. */
	for (unsigned i = 0; p->status != NULL && i < path->n; i++) {
		if (is_anchor(path, i))
			break;
		s = (struct judge_status){ 0 };
		p->status(p->status_arg, path->crt[i], at(path, i + 1), &s);
		if (s.kind != JUDGE_STATUS_GOOD && ok)
			ok = refuse_status(out, path->crt[i], &s);
	}
	return ok;
}

/* What of an import may be stored, and why the rest may not. */
#include "certs/store/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/judge/judge.h"
#include "certs/x509/crt.h"

static int refuse(char **why, int err, const char *fmt, ...) PRINTF(3, 4);
static int refuse(char **why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*why = mem_vprintf(fmt, ap);
	va_end(ap);
	return err;
}

void import_choice_free(struct import_choice *c)
{
	free(c->crt);
	text_free(&c->notes);
	*c = (struct import_choice){ .n = 0 };
}

static void choose(struct import_choice *c, gnutls_x509_crt_t crt)
{
	c->crt = mem_resize(c->crt, c->n + 1, sizeof(gnutls_x509_crt_t));
	c->crt[c->n++] = crt;
}

static bool chosen(const struct import_choice *c, gnutls_x509_crt_t crt)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->crt[i] == crt ||
			gnutls_x509_crt_equals(c->crt[i], crt) != 0)
			return true;
	return false;
}

/* ---- fingerprints ---- */

static void fingerprint(struct text *out, gnutls_x509_crt_t crt,
	gnutls_digest_algorithm_t algo, const char *name)
{
	uint8_t d[64];
	size_t n = sizeof(d);

	if (gnutls_x509_crt_get_fingerprint(crt, algo, d, &n) != 0)
		return;
	text_printf(out, "  Fingerprint %s: ", name);
	for (size_t i = 0; i < n; i++)
		text_printf(
			out, "%s%02X", i > 0 && i % 4 == 0 ? " " : "", d[i]);
	text_addc(out, '\n');
}

void import_fingerprints(struct text *out, gnutls_x509_crt_t crt)
{
	fingerprint(out, crt, GNUTLS_DIG_SHA256, "SHA256");
	fingerprint(out, crt, GNUTLS_DIG_SHA1, "SHA1");
	fingerprint(out, crt, GNUTLS_DIG_MD5, "MD5");
}

/* Lower-case digits alone; false: something else stands there. */
static bool plain_hex(const char *text, char out[65])
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		char c = (char)(*text | 0x20);

		if (strchr(" :-\t", *text) != NULL)
			continue;
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) ||
			n == 64)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n == 64 || n == 40 || n == 32;
}

bool import_is_fingerprint(const char *text)
{
	char plain[65];

	return plain_hex(text, plain);
}

bool import_has_fingerprint(gnutls_x509_crt_t crt, const char *text)
{
	static const gnutls_digest_algorithm_t algos[] = { GNUTLS_DIG_SHA256,
		GNUTLS_DIG_SHA1, GNUTLS_DIG_MD5 };
	char plain[65], is[129];

	if (!plain_hex(text, plain))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(algos); i++) {
		uint8_t d[64];
		size_t n = sizeof(d);

		if (gnutls_x509_crt_get_fingerprint(crt, algos[i], d, &n) != 0)
			continue;
		hex_encode(d, n, is);
		if (strcmp(is, plain) == 0)
			return true;
	}
	return false;
}

/* ---- checks of one certificate ---- */

static bool excepted(const struct import_want *w)
{
	return w->legacy != NULL && w->legacy->until >= w->now;
}

static int check_dates(gnutls_x509_crt_t crt, const struct import_want *w,
	bool anchor, char **why)
{
	time_t from = gnutls_x509_crt_get_activation_time(crt);
	time_t to = gnutls_x509_crt_get_expiration_time(crt);
	char name[CRT_NAME], date[CRT_DATE], now[CRT_DATE];

	if (from > w->now + w->skew_s)
		return refuse(why, ETIME,
			"\"%s\" is not valid before %s, and here it is %s: "
			"check the clock of this machine, or wait",
			crt_subject(crt, name), crt_date(from, date),
			crt_date(w->now, now));
	if (to >= w->now ||
		(anchor && excepted(w) && w->legacy->expired_anchors))
		return 0;
	return refuse(why, ETIME, "\"%s\" expired on %s: %s",
		crt_subject(crt, name), crt_date(to, date),
		anchor ? "ask for its successor, or write 'legacy until DAY "
			 "expired-anchors' in the trustpoint"
		       : "renew it");
}

static int check_strength(
	gnutls_x509_crt_t crt, const struct import_want *w, char **why)
{
	bool ex = excepted(w);
	int algo = gnutls_x509_crt_get_signature_algorithm(crt);
	bool md5 = algo == GNUTLS_SIGN_RSA_MD5;
	char name[CRT_NAME];
	char *key;
	int err;

	if (crt_weak_key(crt) && !(ex && w->legacy->short_keys)) {
		key = crt_key_dup(crt);
		err = refuse(why, EBADMSG,
			"the key of \"%s\" is too weak (%s): write 'legacy "
			"until DAY short-keys' in the trustpoint to accept it "
			"for a time",
			crt_subject(crt, name), key);
		free(key);
		return err;
	}
	/* Nobody relies on the signature that a root made of itself. */
	if (crt_self_issued(crt) || !crt_weak_signature(crt) ||
		(ex && (md5 ? w->legacy->md5 : w->legacy->sha1)))
		return 0;
	return refuse(why, EBADMSG,
		"\"%s\" is signed with %s, which can be forged: write 'legacy "
		"until DAY %s' in the trustpoint to accept it for a time",
		crt_subject(crt, name),
		algo < 0 ? "an unknown hash"
			 : gnutls_sign_get_name((gnutls_sign_algorithm_t)algo),
		md5 ? "md5" : "sha1");
}

/* Older roots do not say that they are one. */
static bool is_authority(gnutls_x509_crt_t crt)
{
	return crt_self_issued(crt) ||
	       gnutls_x509_crt_get_ca_status(crt, NULL) > 0;
}

struct sources { /* where issuers are looked for */
	const gnutls_x509_crt_t *v[3];
	size_t n[3];
};

static struct sources sources_of(
	const struct import *in, const struct import_want *w)
{
	return (struct sources){ .v = { in->crt, w->chain, w->anchor },
		.n = { in->n, w->nchain, w->nanchors } };
}

/* By the letters alone: two keys may stand behind one name. */
static bool same_name(gnutls_x509_crt_t of, gnutls_x509_crt_t issuer)
{
	gnutls_datum_t a = { 0 }, b = { 0 };
	bool same =
		gnutls_x509_crt_get_raw_issuer_dn(of, &a) == 0 &&
		gnutls_x509_crt_get_raw_dn(issuer, &b) == 0 &&
		slice_eq(slice_of(a.data, a.size), slice_of(b.data, b.size));

	gnutls_free(a.data);
	gnutls_free(b.data);
	return same;
}

/*
 * *named: somebody has the issuer's name, whether or not the signature is
 * theirs (a CA that renewed its key keeps its name).
 */
static gnutls_x509_crt_t find_issuer(
	gnutls_x509_crt_t of, const struct sources *s, bool *named)
{
	gnutls_x509_crt_t best = NULL;
	time_t until = 0;

	*named = false;
	for (size_t k = 0; k < ARRAY_SIZE(s->v); k++)
		for (size_t i = 0; i < s->n[k]; i++) {
			gnutls_x509_crt_t c = s->v[k][i];
			time_t to = gnutls_x509_crt_get_expiration_time(c);

			if (c == of || !same_name(of, c))
				continue;
			*named = true;
			if ((best == NULL || to > until) &&
				crt_signed_by(of, c)) {
				best = c;
				until = to;
			}
		}
	return best;
}

static int check_signature(
	gnutls_x509_crt_t crt, const struct sources *s, char **why)
{
	char name[CRT_NAME], issuer[CRT_NAME];
	bool named;

	if (crt_self_issued(crt)) {
		if (crt_signed_by(crt, crt))
			return 0;
		return refuse(why, EBADMSG,
			"the root \"%s\" is corrupt: its signature of itself "
			"does not verify; get it from another source",
			crt_subject(crt, name));
	}
	if (find_issuer(crt, s, &named) != NULL || !named)
		return 0;
	return refuse(why, EBADMSG,
		"\"%s\" was not signed by the \"%s\" that is there: one of "
		"them is corrupt, or that authority has a new key",
		crt_subject(crt, name), crt_issuer(crt, issuer));
}

/* ---- authorities ---- */

static int take_authorities(struct import_choice *out, const struct import *in,
	const struct import_want *w, char **why)
{
	struct sources s = sources_of(in, w);
	char name[CRT_NAME];
	int err = 0;

	for (size_t i = 0; i < in->n && err == 0; i++) {
		gnutls_x509_crt_t crt = in->crt[i];

		if (!is_authority(crt)) {
			text_printf(&out->notes,
				"\"%s\" is no authority's certificate and was "
				"left out: `lineside pki import` takes our "
				"own\n",
				crt_subject(crt, name));
			continue;
		}
		err = check_signature(crt, &s, why);
		if (err == 0)
			err = check_dates(crt, w, true, why);
		if (err == 0)
			err = check_strength(crt, w, why);
		choose(out, crt);
	}
	return err;
}

static int check_fingerprint(
	const struct import_choice *c, const struct import_want *w, char **why)
{
	struct text t = { 0 };
	char name[CRT_NAME];
	char *seen;
	int err;

	if (w->fingerprint == NULL)
		return 0;
	for (size_t i = 0; i < c->n; i++)
		if (import_has_fingerprint(c->crt[i], w->fingerprint))
			return 0;
	for (size_t i = 0; i < c->n && i < 4; i++) {
		text_printf(&t, "\n\"%s\"\n", crt_subject(c->crt[i], name));
		import_fingerprints(&t, c->crt[i]);
	}
	seen = text_take(&t);
	err = refuse(why, EACCES,
		"no certificate has the fingerprint %s: it is another one, or "
		"it was changed on the way; what came is%s",
		w->fingerprint, seen);
	free(seen);
	return err;
}

static bool hang_together(gnutls_x509_crt_t a, gnutls_x509_crt_t b)
{
	return crt_signed_by(a, b) || crt_signed_by(b, a);
}

/* in[]: those of that fingerprint, and what hangs together with them; each is
 * the one that others are compared with once. */
static void reach(
	const struct import_choice *c, const char *fingerprint, bool *in)
{
	size_t *reached = mem_array(c->n + 1, sizeof(*reached)), n = 0;

	for (size_t i = 0; i < c->n; i++) {
		in[i] = import_has_fingerprint(c->crt[i], fingerprint);
		if (in[i])
			reached[n++] = i;
	}
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < c->n; i++)
			if (!in[i] &&
				hang_together(c->crt[i], c->crt[reached[k]])) {
				in[i] = true;
				reached[n++] = i;
			}
	free(reached);
}

/* With one fingerprint only what hangs together is vouched for. */
static int check_connected(
	const struct import_choice *c, const struct import_want *w, char **why)
{
	bool *in = mem_array(c->n + 1, sizeof(*in));
	char name[CRT_NAME];
	int err = 0;

	if (w->fingerprint != NULL)
		reach(c, w->fingerprint, in);
	for (size_t i = 0; i < c->n && w->fingerprint != NULL && err == 0; i++)
		if (!in[i])
			err = refuse(why, EACCES,
				"\"%s\" has nothing to do with the certificate "
				"of that fingerprint: give each its own "
				"`authenticate`",
				crt_subject(c->crt[i], name));
	free(in);
	return err;
}

static int check_known(
	const struct import_choice *c, const struct import_want *w, char **why)
{
	char name[CRT_NAME];

	for (size_t i = 0; i < c->n; i++) {
		bool known = false;

		for (size_t k = 0; k < w->nanchors && !known; k++)
			known = gnutls_x509_crt_equals(
					c->crt[i], w->anchor[k]) != 0;
		if (!known)
			return 0;
	}
	return refuse(why, EEXIST,
		"\"%s\" is there already: nothing was changed",
		crt_subject(c->crt[0], name));
}

int import_anchors(struct import_choice *out, const struct import *in,
	const struct import_want *want, char **why)
{
	int err;

	*out = (struct import_choice){ .n = 0 };
	*why = NULL;
	err = take_authorities(out, in, want, why);
	if (err == 0 && out->n == 0)
		err = refuse(why, ENOENT,
			"there is no authority's certificate in it%s",
			in->n > 0 ? ", only ones that may not issue others"
				  : "");
	if (err == 0)
		err = check_fingerprint(out, want, why);
	if (err == 0)
		err = check_connected(out, want, why);
	if (err == 0)
		err = check_known(out, want, why);
	return err;
}

/* ---- our own ---- */

static bool fits(gnutls_x509_crt_t crt, const uint8_t *key_id)
{
	uint8_t id[KEYSTORE_ID];
	size_t n = sizeof(id);

	return gnutls_x509_crt_get_key_id(
		       crt, GNUTLS_KEYID_USE_SHA256, id, &n) == 0 &&
	       memcmp(id, key_id, n) == 0;
}

static gnutls_x509_crt_t find_own(
	const struct import *in, const uint8_t *key_id)
{
	gnutls_x509_crt_t own = NULL;
	time_t until = 0;

	for (size_t i = 0; i < in->n; i++) {
		time_t to = gnutls_x509_crt_get_expiration_time(in->crt[i]);

		if (fits(in->crt[i], key_id) && (own == NULL || to > until)) {
			own = in->crt[i];
			until = to;
		}
	}
	return own;
}

static int none_fits(const struct import *in, char **why)
{
	char name[CRT_NAME];
	gnutls_x509_crt_t other = NULL;

	for (size_t i = 0; i < in->n; i++)
		if (!is_authority(in->crt[i]))
			other = in->crt[i];
	if (other == NULL)
		return refuse(why, EINVAL,
			"our own certificate is not in it, only authorities': "
			"`lineside pki authenticate` takes those");
	return refuse(why, EINVAL,
		"the certificate \"%s\" does not belong to this trustpoint's "
		"key: it was made from another request. `lineside pki request` "
		"shows the one that belongs to the key",
		crt_subject(other, name));
}

static int missing(gnutls_x509_crt_t of, bool named, char **why)
{
	char name[CRT_NAME], issuer[CRT_NAME];

	(void)crt_subject(of, name);
	(void)crt_issuer(of, issuer);
	if (named)
		return refuse(why, EBADMSG,
			"\"%s\" was not signed by the \"%s\" that is there: "
			"that authority has a new key, or a certificate is "
			"corrupt; ask for its present one",
			name, issuer);
	return refuse(why, ENOENT,
		"\"%s\" was issued by \"%s\", whose certificate is neither in "
		"the file nor known: add it to the file, or give it to "
		"`lineside pki authenticate` first",
		name, issuer);
}

/* From our certificate up; the root itself is not sent to peers. */
static int climb(struct import_choice *out, const struct import *in,
	const struct import_want *w, char **why)
{
	struct sources s = sources_of(in, w);
	gnutls_x509_crt_t at = out->crt[0];
	char name[CRT_NAME];
	bool named;
	int err = 0;

	while (err == 0 && !crt_self_issued(at)) {
		gnutls_x509_crt_t next = find_issuer(at, &s, &named);

		if (next == NULL && (out->n == 1 || named))
			return missing(at, named, why);
		if (next == NULL) { /* many deliver all but the root */
			text_printf(&out->notes,
				"the root \"%s\" is not known here; peers must "
				"have it\n",
				crt_issuer(at, name));
			return 0;
		}
		err = check_dates(next, w, true, why);
		if (err == 0 && gnutls_x509_crt_get_ca_status(next, NULL) == 0)
			err = refuse(why, EBADMSG,
				"\"%s\" must not issue certificates: it is no "
				"authority",
				crt_subject(next, name));
		if (crt_self_issued(next) || chosen(out, next) ||
			out->n == JUDGE_CHAIN_MAX)
			return err;
		choose(out, next);
		at = next;
	}
	return err;
}

static bool may(gnutls_x509_crt_t crt, const char *purpose)
{
	char oid[128];

	for (unsigned i = 0;; i++) {
		size_t n = sizeof(oid);

		if (gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &n, NULL) <
			0)
			return i == 0; /* none said: for all */
		if (strcmp(oid, purpose) == 0 ||
			strcmp(oid, GNUTLS_KP_ANY) == 0)
			return true;
	}
}

static void note_usage(struct import_choice *out, const struct import_want *w)
{
	if (w->usage != CONF_USAGE_CLIENT &&
		!may(out->crt[0], GNUTLS_KP_TLS_WWW_SERVER))
		text_printf(&out->notes,
			"its extended key usage lacks serverAuth: phones will "
			"refuse it on a sip-listener\n");
	if (w->usage != CONF_USAGE_SERVER &&
		!may(out->crt[0], GNUTLS_KP_TLS_WWW_CLIENT))
		text_printf(&out->notes,
			"its extended key usage lacks clientAuth: a call "
			"manager will refuse it on our connections; write "
			"'usage server' and give dial-peers another "
			"trustpoint\n");
}

int import_own(struct import_choice *out, const struct import *in,
	const struct import_want *want, char **why)
{
	const uint8_t *key_id =
		in->key != NULL ? keystore_id(in->key) : want->key_id;
	gnutls_x509_crt_t own;
	char name[CRT_NAME];
	int err;

	*out = (struct import_choice){ .n = 0 };
	*why = NULL;
	if (key_id == NULL)
		return refuse(why, EINVAL,
			"there is no key yet that a certificate could belong "
			"to: `lineside pki request` makes one, or import a "
			"PKCS#12 file");
	own = find_own(in, key_id);
	if (own == NULL)
		return none_fits(in, why);
	choose(out, own);
	if (want->nchain > 0 &&
		gnutls_x509_crt_equals(want->chain[0], own) != 0)
		return refuse(why, EEXIST,
			"\"%s\" is there already: nothing was changed",
			crt_subject(own, name));
	err = check_dates(own, want, false, why);
	if (err == 0)
		err = check_strength(own, want, why);
	if (err == 0)
		err = climb(out, in, want, why);
	if (err == 0)
		err = check_fingerprint(out, want, why);
	if (err == 0)
		note_usage(out, want);
	return err;
}

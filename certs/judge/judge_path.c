/*
 * What the peer sent, put in order: from its own certificate up to one that
 * an anchor issued. Peers send chains in any order, with doubles, with the
 * root or with strangers in between; what leads nowhere is left aside.
 */
#include "certs/judge/judge_int.h"

#include "certs/x509/crt.h"

void judge_path_free(struct judge_path *path)
{
	for (unsigned i = 0; i < path->given; i++)
		gnutls_x509_crt_deinit(path->all[i]);
	if (path->anchor != NULL)
		gnutls_x509_crt_deinit(path->anchor);
}

/* Before anything is computed with the key. */
static bool check_cost(struct judge_verdict *out, gnutls_x509_crt_t crt)
{
	char name[CRT_NAME];
	const char *why;

	if (crt_cheap_key(crt, &why))
		return true;
	return judge_refuse(out, JUDGE_OTHER,
		"the key of \"%s\" %s and takes too long to compute with",
		crt_subject(crt, name), why);
}

bool judge_key(struct judge_verdict *out, const gnutls_datum_t *der)
{
	gnutls_x509_crt_t crt;
	bool ok;

	if (crt_import(&crt, der) != 0)
		return judge_refuse(out, JUDGE_MALFORMED,
			"the certificate that the peer sent cannot be read");
	ok = check_cost(out, crt);
	gnutls_x509_crt_deinit(crt);
	return ok;
}

static bool given_before(const struct judge_params *p, unsigned i)
{
	for (unsigned j = 0; j < i; j++)
		if (slice_eq(slice_of(p->chain[i].data, p->chain[i].size),
			    slice_of(p->chain[j].data, p->chain[j].size)))
			return true;
	return false;
}

bool judge_path_import(struct judge_verdict *out, struct judge_path *path,
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
		if (!check_cost(out, path->all[path->given++]))
			return false;
	}
	return true;
}

static bool valid_at(gnutls_x509_crt_t crt, time_t now)
{
	return gnutls_x509_crt_get_activation_time(crt) <= now &&
	       gnutls_x509_crt_get_expiration_time(crt) >= now;
}

static bool on_path(const struct judge_path *path, gnutls_x509_crt_t crt)
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
static gnutls_x509_crt_t find_sent_issuer(
	const struct judge_path *path, time_t now)
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
static void find_anchor(struct judge_path *path, const struct judge_params *p)
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

void judge_path_build(struct judge_path *path, const struct judge_params *p)
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

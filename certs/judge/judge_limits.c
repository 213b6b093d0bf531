/* What the CAs of a path may issue: at all, how deep, for which names. */
#include "certs/judge/judge_int.h"

#include "certs/x509/crt.h"

enum { CLIMB_MAX = 10 };

static gnutls_x509_crt_t ca_at(const struct judge_path *path, unsigned i)
{
	return i < path->n ? path->crt[i] : path->anchor;
}

static bool check_ca(struct judge_verdict *out, gnutls_x509_crt_t c)
{
	unsigned usage = 0;
	char name[CRT_NAME];

	if (gnutls_x509_crt_get_ca_status(c, NULL) <= 0)
		return judge_refuse(out, JUDGE_NOT_A_CA,
			"\"%s\" issued a certificate but is no CA (basic "
			"constraints)",
			crt_subject(c, name));
	if (gnutls_x509_crt_get_key_usage(c, &usage, NULL) == 0 &&
		(usage & GNUTLS_KEY_KEY_CERT_SIGN) == 0)
		return judge_refuse(out, JUDGE_NOT_A_CA,
			"\"%s\" issued a certificate but its key usage does "
			"not allow it",
			crt_subject(c, name));
	return true;
}

/* RFC 5280 4.2.1.9: CAs below it; those that issued themselves do not count. */
static bool check_depth(
	struct judge_verdict *out, const struct judge_path *path, unsigned i)
{
	gnutls_x509_crt_t c = ca_at(path, i);
	unsigned ca = 0;
	unsigned below = 0;
	int limit = -1;
	char name[CRT_NAME];

	if (gnutls_x509_crt_get_basic_constraints(c, NULL, &ca, &limit) < 0 ||
		limit < 0)
		return true;
	for (unsigned k = 1; k < i; k++)
		below += !crt_self_issued(path->crt[k]);
	if (below <= (unsigned)limit)
		return true;
	return judge_refuse(out, JUDGE_PATH_LENGTH,
		"the CA \"%s\" allows %d CAs below it (path length), but there "
		"are %u",
		crt_subject(c, name), limit, below);
}

static bool name_allowed(gnutls_x509_crt_t ca, gnutls_x509_crt_t crt)
{
	static const gnutls_x509_subject_alt_name_t kinds[] = {
		GNUTLS_SAN_DNSNAME,
		GNUTLS_SAN_RFC822NAME,
		GNUTLS_SAN_URI,
		GNUTLS_SAN_IPADDRESS,
		GNUTLS_SAN_DN,
	};
	gnutls_x509_name_constraints_t nc;
	bool ok = true;

	need(gnutls_x509_name_constraints_init(&nc) == 0);
	if (gnutls_x509_crt_get_name_constraints(ca, nc, 0, NULL) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(kinds) && ok; i++)
			ok = gnutls_x509_name_constraints_check_crt(
				     nc, kinds[i], crt) != 0;
	gnutls_x509_name_constraints_deinit(nc);
	return ok;
}

static bool refuse_names(
	struct judge_verdict *out, const struct judge_path *path)
{
	char ca[CRT_NAME];
	char name[CRT_NAME];

	for (unsigned i = 1; i <= path->n; i++) {
		gnutls_x509_crt_t c = ca_at(path, i);

		for (unsigned k = 0; c != NULL && k < i; k++)
			if (!name_allowed(c, path->crt[k]))
				return judge_refuse(out, JUDGE_CONSTRAINT,
					"the CA \"%s\" may not issue for the "
					"names of \"%s\" (name constraints)",
					crt_subject(c, ca),
					crt_subject(path->crt[k], name));
	}
	return judge_refuse(out, JUDGE_CONSTRAINT,
		"the constraints of an issuing CA exclude \"%s\"",
		crt_subject(path->crt[0], name));
}

bool judge_refuse_issuer(
	struct judge_verdict *out, const struct judge_path *path)
{
	for (unsigned i = 1; i <= path->n; i++) {
		gnutls_x509_crt_t c = ca_at(path, i);

		if (c != NULL && !check_ca(out, c))
			return false;
	}
	for (unsigned i = 1; i <= path->n; i++)
		if (ca_at(path, i) != NULL && !check_depth(out, path, i))
			return false;
	return refuse_names(out, path);
}

/* The anchor that issued another anchor; a copy, or NULL. */
static gnutls_x509_crt_t issuer_among(
	const struct judge_params *p, gnutls_x509_crt_t of)
{
	gnutls_x509_crt_t issuer = NULL;
	unsigned status = 0;

	if (gnutls_x509_trust_list_get_issuer(
		    p->anchors, of, &issuer, GNUTLS_TL_GET_COPY) < 0)
		return NULL;
	if (gnutls_x509_crt_verify(of, &issuer, 1,
		    GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) == 0 &&
		status == 0)
		return issuer;
	gnutls_x509_crt_deinit(issuer);
	return NULL;
}

bool judge_whole_chain(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p)
{
	gnutls_x509_crt_t top =
		path->anchor != NULL ? path->anchor : path->crt[path->n - 1];
	gnutls_x509_crt_t next;
	char name[CRT_NAME];
	char issuer[CRT_NAME];
	bool ok = true;

	if (!p->whole_chain || crt_self_issued(top))
		return true;
	for (unsigned i = 0; ok && !crt_self_issued(top); i++) {
		next = i < CLIMB_MAX ? issuer_among(p, top) : NULL;
		ok = next != NULL;
		if (!ok)
			(void)judge_refuse(out, JUDGE_UNKNOWN_CA,
				"the trusted CA \"%s\" is no root, and its "
				"issuer \"%s\" is not among the trusted CAs "
				"(chain-validation continue)",
				crt_subject(top, name),
				crt_issuer(top, issuer));
		if (top != path->anchor && top != path->crt[path->n - 1])
			gnutls_x509_crt_deinit(top);
		top = next;
	}
	if (ok)
		gnutls_x509_crt_deinit(top);
	return ok;
}

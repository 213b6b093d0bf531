/*
 * CRL servers and OCSP responders: those that we ask about peers, and those
 * that our own certificates send peers to.
 */
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/fetch.h"
#include "certs/revoke/revoke.h"
#include "certs/revoke/revoke_read.h"
#include "certs/x509/crt.h"
#include "doctor/doctor_int.h"

enum {
	WAIT_MS = 5000,
	CRL_MAX = 32 << 20,
	OCSP_MAX = 64 << 10,
	DAY = 24 * 3600,
};

struct list {
	struct doctor *d;
	const struct doctor_tp *tp;
	enum doctor_severity severity; /* when it cannot be had */
	const char *url;
	bool own_url; /* the operator's */
	gnutls_x509_crt_t crt, issuer;
};

static const char mend_fetch[] =
	"open the address with a browser from this machine: name look-up, "
	"firewall and web server; `crl query` and `ocsp url` name another one";

static void bad(const struct list *l, const char *what, const char *why)
{
	doctor_say(l->d, l->severity, "revocation", l->tp->conf->pos,
		mend_fetch, "trustpoint %s: no %s from %s: %s",
		l->tp->conf->name, what, l->url, why);
}

static bool get(const struct list *l, const struct fetch_params *p,
	struct fetch_result *res, const char *what)
{
	char *source = conf_trustpoint_source(l->tp->conf);
	struct fetch_params with = *p;
	char status[64];
	int err;

	with.source = source;
	err = fetch(res, &with);
	free(source);
	if (err != 0) {
		bad(l, what, res->error);
		return false;
	}
	if (res->status == 200)
		return true;
	(void)snprintf(status, sizeof(status), "HTTP status %d", res->status);
	bad(l, what, status);
	return false;
}

static void tell_crl(const struct list *l, const struct crl *crl,
	struct judge_status *status)
{
	char date[CRT_DATE], name[CRT_NAME];

	if (crl_next_update(crl) < l->d->now + DAY / 24)
		doctor_say(l->d, DOCTOR_WARNING, "revocation", l->tp->conf->pos,
			"see that the CA publishes its CRL in time",
			"the CRL of %s is valid only until %s", l->url,
			crt_date(crl_next_update(crl), date));
	crl_lookup(crl, l->crt, status);
	if (status->kind == JUDGE_STATUS_REVOKED)
		doctor_say(l->d, DOCTOR_ERROR, "revocation", l->tp->conf->pos,
			"enrol anew",
			"trustpoint %s: our certificate \"%s\" was revoked, "
			"says the CRL of %s",
			l->tp->conf->name, crt_subject(l->crt, name), l->url);
}

static void try_crl(const struct list *l)
{
	const struct fetch_params p = { .url = l->url,
		.method = "GET",
		.timeout_ms = WAIT_MS,
		.size_max = CRL_MAX,
		.trust = l->tp->t };
	struct fetch_result res = { 0 };
	struct judge_status status = { 0 };
	char why[REVOKE_WHY];
	struct crl *crl;

	if (get(l, &p, &res, "CRL")) {
		if (crl_read(&crl, slice_of(res.body, res.n), l->issuer,
			    l->own_url ? NULL : l->url, l->d->now, why) == 0)
			tell_crl(l, crl, &status);
		else
			bad(l, "CRL", why);
		obj_unref(crl);
	}
	fetch_free(&res);
}

static void try_ocsp(const struct list *l)
{
	struct fetch_params p = { .url = l->url,
		.method = "POST",
		.content_type = "application/ocsp-request",
		.timeout_ms = WAIT_MS,
		.size_max = OCSP_MAX,
		.trust = l->tp->t };
	struct fetch_result res = { 0 };
	struct ocsp_answer a;
	uint8_t nonce[OCSP_NONCE];
	uint8_t *request;
	char why[REVOKE_WHY], name[CRT_NAME];
	size_t n;

	if (ocsp_request(l->crt, l->issuer, nonce, &request, &n) != 0)
		return;
	p.body = slice_of(request, n);
	if (get(l, &p, &res, "OCSP answer")) {
		if (ocsp_read(&a, slice_of(res.body, res.n), l->crt, l->issuer,
			    nonce, l->d->now, why) != 0)
			bad(l, "OCSP answer", why);
		else if (a.status.kind == JUDGE_STATUS_REVOKED)
			doctor_say(l->d, DOCTOR_ERROR, "revocation",
				l->tp->conf->pos, "enrol anew",
				"trustpoint %s: our certificate \"%s\" was "
				"revoked, says %s",
				l->tp->conf->name, crt_subject(l->crt, name),
				l->url);
	}
	fetch_free(&res);
	free(request);
}

static void try_method(struct list *l, enum conf_revocation method)
{
	char(*urls)[REVOKE_URL] = mem_array(REVOKE_URLS, REVOKE_URL);
	size_t n = revoke_urls(l->crt, method, urls);

	for (size_t i = 0; i < n; i++) {
		l->url = urls[i];
		l->own_url = false;
		if (method == CONF_REVOKE_CRL)
			try_crl(l);
		else
			try_ocsp(l);
	}
	free(urls);
}

/* What our own certificates say: peers that check us go there. */
static void check_own(struct doctor *d, const struct doctor_tp *tp)
{
	struct list l = { .d = d, .tp = tp, .severity = DOCTOR_WARNING };

	for (size_t i = 0; (l.crt = trustpoint_chain(tp->t, i)) != NULL; i++) {
		l.issuer = doctor_issuer(d, l.crt);
		if (l.issuer == NULL)
			continue;
		try_method(&l, CONF_REVOKE_CRL);
		try_method(&l, CONF_REVOKE_OCSP);
		gnutls_x509_crt_deinit(l.issuer);
	}
}

/* The operator's CRL is by one of the CAs that we trust. */
static void check_crl_url(struct doctor *d, const struct doctor_tp *tp)
{
	struct list l = { .d = d,
		.tp = tp,
		.severity = DOCTOR_ERROR,
		.url = tp->conf->crl_url };
	const struct fetch_params p = { .url = l.url,
		.method = "GET",
		.timeout_ms = WAIT_MS,
		.size_max = CRL_MAX,
		.trust = tp->t };
	struct fetch_result res = { 0 };
	gnutls_x509_trust_list_iter_t iter = NULL;
	char why[REVOKE_WHY] = "there is no trusted CA it could be by";
	gnutls_x509_crt_t crt = NULL;
	struct crl *crl = NULL;

	if (!get(&l, &p, &res, "CRL")) {
		fetch_free(&res);
		return;
	}
	while (crl == NULL &&
		gnutls_x509_trust_list_iter_get_ca(
			trustpoint_anchors(tp->t), &iter, &crt) == 0) {
		if (crl_read(&crl, slice_of(res.body, res.n), crt, NULL, d->now,
			    why) != 0)
			crl = NULL;
		gnutls_x509_crt_deinit(crt);
	}
	if (crl == NULL)
		bad(&l, "CRL", why);
	else if (iter != NULL)
		gnutls_x509_trust_list_iter_deinit(iter);
	obj_unref(crl);
	fetch_free(&res);
}

/* Asked about our own certificate, when it is by a CA that it answers for. */
static void check_ocsp_url(struct doctor *d, const struct doctor_tp *tp)
{
	struct list l = { .d = d,
		.tp = tp,
		.severity = DOCTOR_ERROR,
		.url = tp->conf->ocsp_url,
		.own_url = true,
		.crt = trustpoint_chain(tp->t, 0) };

	if (l.crt != NULL)
		l.issuer = doctor_issuer(d, l.crt);
	if (l.issuer == NULL)
		return;
	try_ocsp(&l);
	gnutls_x509_crt_deinit(l.issuer);
}

static bool uses(const struct conf_trustpoint *c, enum conf_revocation method)
{
	for (size_t i = 0; i < c->nrevokes; i++)
		if (c->revoke[i] == method)
			return true;
	return false;
}

void doctor_lists(struct doctor *d)
{
	for (size_t i = 0; i < d->ntp; i++) {
		const struct doctor_tp *tp = &d->tp[i];

		if (tp->t == NULL)
			continue;
		check_own(d, tp);
		if (tp->conf->crl_url != NULL &&
			uses(tp->conf, CONF_REVOKE_CRL))
			check_crl_url(d, tp);
		if (tp->conf->ocsp_url != NULL &&
			uses(tp->conf, CONF_REVOKE_OCSP))
			check_ocsp_url(d, tp);
	}
}

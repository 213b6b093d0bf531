/*
 * Which answer counts: the methods of the trustpoint from left to right, each
 * with its share of the time a handshake may wait, each with the addresses
 * that the operator or the certificate names.
 */
#include "certs/revoke/revoke.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "base/thread.h"
#include "certs/revoke/revoke_int.h"
#include "certs/store/trustpoint_int.h"
#include "certs/x509/crt.h"

enum { POINTS_MAX = 16 };

struct urls {
	size_t n;
	bool own;
	char v[REVOKE_URLS][REVOKE_URL];
};

/* A certificate's address: http, as RFC 5280 4.2.1.13 has it; https would
 * need a revocation check of its own. */
static void add_url(struct urls *u, struct slice url)
{
	if (u->n < REVOKE_URLS && slice_casestarts(url, "http://") &&
		slice_find(url, '\0') == url.n &&
		slice_copy(url, u->v[u->n], REVOKE_URL))
		u->n++;
}

static void crl_urls(struct urls *u, gnutls_x509_crt_t crt)
{
	if (!crt_short_list(crt, GNUTLS_X509EXT_OID_CRL_DIST_POINTS))
		return;
	for (unsigned i = 0; i < POINTS_MAX; i++) {
		char url[REVOKE_URL];
		size_t n = sizeof(url);
		unsigned reasons = 0;
		int type = gnutls_x509_crt_get_crl_dist_points(
			crt, i, url, &n, &reasons, NULL);

		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return;
		/* One that tells of some reasons only is no answer. */
		if (type == GNUTLS_SAN_URI && reasons == 0)
			add_url(u, slice_of(url, strnlen(url, n)));
	}
}

static void ocsp_urls(struct urls *u, gnutls_x509_crt_t crt)
{
	if (!crt_short_list(crt, GNUTLS_X509EXT_OID_AUTHORITY_INFO_ACCESS))
		return;
	for (unsigned i = 0; i < POINTS_MAX; i++) {
		gnutls_datum_t d = { 0 };
		int err = gnutls_x509_crt_get_authority_info_access(
			crt, i, GNUTLS_IA_OCSP_URI, &d, NULL);

		if (err == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return;
		if (err == 0)
			add_url(u, slice_of(d.data, d.size));
		gnutls_free(d.data);
	}
}

size_t revoke_urls(gnutls_x509_crt_t crt, enum conf_revocation method,
	char out[REVOKE_URLS][REVOKE_URL])
{
	struct urls *u = mem_new(sizeof(*u));
	size_t n;

	if (method == CONF_REVOKE_CRL)
		crl_urls(u, crt);
	else
		ocsp_urls(u, crt);
	n = u->n;
	memcpy(out, u->v, sizeof(u->v));
	free(u);
	return n;
}

static void find_urls(struct urls *u, enum conf_revocation method,
	const struct revoke_rules *rules, gnutls_x509_crt_t crt)
{
	const char *own =
		method == CONF_REVOKE_CRL ? rules->crl_url : rules->ocsp_url;

	u->n = 0;
	u->own = own != NULL;
	if (own != NULL && slice_copy(slice_str(own), u->v[0], REVOKE_URL))
		u->n = 1;
	else if (method == CONF_REVOKE_CRL)
		crl_urls(u, crt);
	else
		ocsp_urls(u, crt);
}

/* When method k of them is given up; they share the time evenly. */
static uint64_t share_ends(const struct revoke_query *q,
	const struct revoke_rules *rules, size_t k)
{
	unsigned asking = 0; /* one at least: that one is asked now */

	for (size_t i = 0; i < rules->n; i++)
		asking += rules->method[i] != CONF_REVOKE_NONE;
	return q->began_ms +
	       (uint64_t)rules->wait_ms * (k + 1) / (asking > 0 ? asking : 1);
}

static bool ask_staple(struct revoke_query *q, gnutls_x509_crt_t crt,
	gnutls_x509_crt_t issuer, struct judge_status *out)
{
	struct ocsp_answer a;
	char why[REVOKE_WHY];

	for (size_t i = 0; i < q->nstaples; i++) {
		if (ocsp_read(&a, q->staple[i], crt, issuer, NULL, q->now,
			    why) != 0)
			continue;
		*out = a.status;
		(void)snprintf(out->by, sizeof(out->by),
			"the OCSP answer that the peer sent along");
		return true;
	}
	return false;
}

static void wait_for(struct revoke_query *q, uint64_t until)
{
	if (!q->pending || until < q->wake_ms)
		q->wake_ms = until;
	q->pending = true;
}

/* One method. WAIT: not answered yet and its time is not up. */
static enum revoke_found ask_method(struct revoke_query *q,
	struct revoke_want *w, const struct revoke_rules *rules, size_t k,
	struct judge_status *out)
{
	uint64_t ends = share_ends(q, rules, k);
	bool in_time = q->queue != NULL && clock_ms() < ends;
	struct urls *u = mem_new(sizeof(*u));
	enum revoke_found found = REVOKE_FAILED;

	w->kind =
		rules->method[k] == CONF_REVOKE_CRL ? REVOKE_CRL : REVOKE_OCSP;
	find_urls(u, rules->method[k], rules, w->crt);
	if (u->n == 0)
		(void)snprintf(out->by, sizeof(out->by),
			"the certificate names no %s that can be asked",
			w->kind == REVOKE_CRL ? "CRL" : "OCSP responder");
	if (in_time && q->ask == NULL)
		q->ask = revoke_ask_new(q->queue, q->woken, q->arg);
	for (size_t i = 0; i < u->n && found == REVOKE_FAILED; i++) {
		w->url = u->v[i];
		w->own_url = u->own;
		found = revoke_look(q->revoke, w, in_time ? q->ask : NULL, out);
		if (found == REVOKE_WAIT && !in_time) {
			(void)snprintf(out->by, sizeof(out->by),
				"%.150s did not answer in time", w->url);
			found = REVOKE_FAILED;
		}
	}
	free(u);
	if (found == REVOKE_WAIT)
		wait_for(q, ends);
	return found;
}

void revoke_status(void *query, gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer,
	struct judge_status *out)
{
	struct revoke_query *q = query;
	const struct revoke_rules *rules = trustpoint_revocation(q->trust);
	struct revoke_want w = {
		.crt = crt, .issuer = issuer, .trust = q->trust, .now = q->now
	};

	*out = (struct judge_status){ .kind = JUDGE_STATUS_GOOD };
	for (size_t k = 0; k < rules->n; k++) {
		enum revoke_found found;

		if (rules->method[k] == CONF_REVOKE_NONE) {
			metric_inc(M_PKI_REVOCATION_WAIVED);
			out->kind = JUDGE_STATUS_GOOD;
			return;
		}
		if (rules->method[k] == CONF_REVOKE_OCSP &&
			ask_staple(q, crt, issuer, out))
			return;
		found = ask_method(q, &w, rules, k, out);
		if (found == REVOKE_WAIT)
			out->kind = JUDGE_STATUS_GOOD; /* for now */
		if (found != REVOKE_FAILED)
			return;
		out->kind = JUDGE_STATUS_UNKNOWN;
	}
}

void revoke_done(struct revoke_query *q)
{
	if (q->ask != NULL)
		revoke_ask_cancel(q->revoke, q->ask);
	q->ask = NULL;
}

void revoke_again(struct revoke_query *q)
{
	revoke_done(q);
	q->pending = false;
}

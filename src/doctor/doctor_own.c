/*
 * What we show to peers and whom we believe: every trustpoint's files, against
 * themselves, against the roles it has and the names it is reached by.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/store/pemfile.h"
#include "certs/x509/crt.h"
#include "doctor/doctor_int.h"

enum { DAY = 24 * 3600 };

/* ---- which roles a trustpoint has ---- */

static void mark_roles(struct doctor *d)
{
	const struct conf *c = d->conf;
	const struct conf_trustpoint *vtp;
	struct doctor_tp *tp;

	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next) {
		tp = l->transport == CONF_TLS ? doctor_tp(d, l->trustpoint)
					      : NULL;
		if (tp != NULL)
			tp->server = true;
		vtp = conf_listener_vtp(c, l);
		if (vtp != NULL && l->transport == CONF_TLS)
			tp = doctor_tp(d, vtp);
		if (tp != NULL)
			tp->verifies |= l->client_verify;
	}
	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next) {
		if (!conf_peer_to_host(p) || p->transport != CONF_TLS ||
			p->shutdown)
			continue;
		tp = doctor_tp(d, p->trustpoint != NULL ? p->trustpoint
							: c->ua.trustpoint);
		if (tp != NULL)
			tp->client = tp->verifies = true;
	}
	for (size_t i = 0; i < c->ua.nremotes; i++) {
		tp = c->ua.remote[i].trustpoint != NULL
			     ? doctor_tp(d, c->ua.remote[i].trustpoint)
			     : NULL;
		if (tp != NULL)
			tp->client = tp->verifies = true;
	}
	if (c->ua.registrar == CONF_REG_HOST &&
		c->ua.registrar_transport == CONF_TLS) {
		tp = doctor_tp(d, c->ua.trustpoint);
		if (tp != NULL)
			tp->client = tp->verifies = true;
	}
}

static void load(struct doctor *d, struct doctor_tp *tp)
{
	struct conf_errs errs = { 0 };

	if (trustpoint_load(&tp->t, tp->conf, &errs) != 0)
		tp->t = NULL;
	/* Its warnings are looked at below, with all files at hand. */
	for (size_t i = 0; i < errs.n; i++)
		if (!errs.v[i].warning)
			doctor_say(d, DOCTOR_ERROR, "files", tp->conf->pos,
				errs.v[i].hint, "trustpoint %s: %s",
				tp->conf->name, errs.v[i].message);
	conf_errs_free(&errs);
}

void doctor_load(struct doctor *d)
{
	for (const struct conf_trustpoint *c = d->conf->trustpoints; c != NULL;
		c = c->next) {
		d->tp = mem_resize(d->tp, d->ntp + 1, sizeof(*d->tp));
		d->tp[d->ntp++] = (struct doctor_tp){ .conf = c };
	}
	mark_roles(d);
	for (size_t i = 0; i < d->ntp; i++)
		load(d, &d->tp[i]);
}

/* ---- the chain ---- */

gnutls_x509_crt_t doctor_issuer(struct doctor *d, gnutls_x509_crt_t crt)
{
	for (size_t i = 0; i < d->ntp; i++) {
		gnutls_x509_crt_t found = NULL;

		if (d->tp[i].t == NULL)
			continue;
		for (size_t k = 0; trustpoint_chain(d->tp[i].t, k) != NULL; k++)
			if (gnutls_x509_crt_check_issuer(
				    crt, trustpoint_chain(d->tp[i].t, k)) != 0)
				return crt_copy(
					trustpoint_chain(d->tp[i].t, k));
		if (gnutls_x509_trust_list_get_issuer(
			    trustpoint_anchors(d->tp[i].t), crt, &found,
			    GNUTLS_TL_GET_COPY) == 0)
			return found;
	}
	return NULL;
}

/* Our chain must lead to a root, or to one that is known to be a root. */
static void check_complete(struct doctor *d, const struct doctor_tp *tp)
{
	gnutls_x509_crt_t top = NULL, issuer;
	char name[CRT_NAME], wanted[CRT_NAME];
	size_t n = 0;
	char *mend;

	while (trustpoint_chain(tp->t, n) != NULL)
		top = trustpoint_chain(tp->t, n++);
	if (top == NULL || crt_self_issued(top))
		return;
	issuer = doctor_issuer(d, top);
	crt_subject(top, name);
	crt_issuer(top, wanted);
	if (issuer != NULL && crt_self_issued(issuer)) {
		gnutls_x509_crt_deinit(issuer);
		return;
	}
	mend = mem_printf(
		"append the certificate of \"%s\"%s to %s; if it is a "
		"root that every peer has, add it to a ca-bundle, "
		"where it is found",
		wanted, issuer != NULL ? ", which stands in another file," : "",
		tp->conf->cert_file != NULL ? tp->conf->cert_file
					    : "the certificate's file");
	doctor_say(d, n == 1 || issuer != NULL ? DOCTOR_ERROR : DOCTOR_WARNING,
		"chain", tp->conf->pos, mend,
		"trustpoint %s: the chain that is sent ends with \"%s\"; its "
		"issuer \"%s\" is missing",
		tp->conf->name, name, wanted);
	free(mend);
	if (issuer != NULL)
		gnutls_x509_crt_deinit(issuer);
}

static bool in_chain(const struct doctor_tp *tp, gnutls_x509_crt_t crt)
{
	for (size_t i = 0; trustpoint_chain(tp->t, i) != NULL; i++)
		if (gnutls_x509_crt_equals(crt, trustpoint_chain(tp->t, i)))
			return true;
	return false;
}

/* Lineside sorts it; other programs that get the same file do not. */
static void check_order(struct doctor *d, const struct doctor_tp *tp,
	gnutls_x509_crt_t *v, size_t n)
{
	char name[CRT_NAME], own[CRT_NAME];
	size_t next = 0;

	for (size_t i = 0; i < n; i++) {
		gnutls_x509_crt_t want = trustpoint_chain(tp->t, next);

		if (!in_chain(tp, v[i]) && !crt_self_issued(v[i])) {
			doctor_say(d, DOCTOR_WARNING, "chain", tp->conf->pos,
				"remove it from the file",
				"%s: \"%s\" is not part of the chain of \"%s\"",
				tp->conf->cert_file, crt_subject(v[i], name),
				crt_subject(trustpoint_chain(tp->t, 0), own));
		} else if (want != NULL && in_chain(tp, v[i]) &&
			   gnutls_x509_crt_equals(v[i], want) == 0) {
			doctor_say(d, DOCTOR_WARNING, "chain", tp->conf->pos,
				"put our own certificate first and after each "
				"certificate that of its issuer",
				"%s: the certificates are not in order: number "
				"%zu is \"%s\", not \"%s\". Lineside sends "
				"them in order; other programs do not",
				tp->conf->cert_file, i + 1,
				crt_subject(v[i], name),
				crt_subject(want, own));
			return;
		}
		if (in_chain(tp, v[i]))
			next++;
	}
}

static void check_file(struct doctor *d, const struct doctor_tp *tp)
{
	struct conf_errs errs = { 0 };
	struct pemfile f = { .path = tp->conf->cert_file,
		.what = "certificate",
		.pos = tp->conf->pos,
		.errs = &errs };
	gnutls_x509_crt_t *v = NULL;
	char now[CRT_DATE], then[CRT_DATE];
	size_t n = 0;

	if (pemfile_read(&f) == 0 && pemfile_certs(&f, &v, &n) == 0)
		check_order(d, tp, v, n);
	if (f.st.st_mtime > d->now + DAY)
		doctor_say(d, DOCTOR_WARNING, "clock", tp->conf->pos,
			"set the clock of this machine, if it is the clock",
			"the clock says %s, but %s was changed on %s",
			crt_date(d->now, now), tp->conf->cert_file,
			crt_date(f.st.st_mtime, then));
	pemfile_certs_free(v, n);
	pemfile_free(&f);
	conf_errs_free(&errs);
}

/* ---- one certificate against what it is for ---- */

/* The judge's opinion of it alone: as if it were trusted. */
static bool judge_alone(struct judge_verdict *v, gnutls_x509_crt_t crt,
	bool client, const char *name)
{
	gnutls_datum_t der = { 0 };
	gnutls_x509_crt_t anchor = crt_copy(crt);
	struct judge_params p = { .chain = &der,
		.chain_len = 1,
		.peer_is_client = client,
		.expected_name = name,
		.now = gnutls_x509_crt_get_activation_time(crt) };
	bool ok;

	need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) == 0);
	need(gnutls_x509_trust_list_init(&p.anchors, 0) == 0);
	need(gnutls_x509_trust_list_add_cas(p.anchors, &anchor, 1, 0) == 1);
	ok = judge_chain(v, &p);
	gnutls_x509_trust_list_deinit(p.anchors, 1);
	gnutls_free(der.data);
	return ok;
}

static void check_role(
	struct doctor *d, const struct doctor_tp *tp, bool client)
{
	gnutls_x509_crt_t leaf = trustpoint_chain(tp->t, 0);
	struct judge_verdict v;

	if (leaf == NULL || judge_alone(&v, leaf, client, NULL))
		return;
	doctor_say(d, DOCTOR_ERROR,
		v.reason == JUDGE_WEAK ? "strength" : "usage", tp->conf->pos,
		v.reason == JUDGE_PURPOSE && client
			? "request one with clientAuth, or name a trustpoint "
			  "of its own for clients ("
			  "`crypto signaling default trustpoint`)"
		: v.reason == JUDGE_PURPOSE
			? "request one with serverAuth and digitalSignature"
			: "request one with a key of RSA 2048 or EC P-256",
		"trustpoint %s is used as TLS %s: %s", tp->conf->name,
		client ? "client" : "server", v.text);
}

static void check_hashes(struct doctor *d, const struct doctor_tp *tp)
{
	gnutls_x509_crt_t crt;
	char name[CRT_NAME];

	for (size_t i = 0; (crt = trustpoint_chain(tp->t, i)) != NULL; i++)
		if (crt_weak_signature(crt) && !crt_self_issued(crt))
			doctor_say(d, DOCTOR_ERROR, "strength", tp->conf->pos,
				"have it issued again with SHA-256",
				"trustpoint %s: \"%s\" is signed with MD5 or "
				"SHA-1, peers refuse that",
				tp->conf->name, crt_subject(crt, name));
}

/* Printed certificates of makers' roots are often damaged; nothing then
 * leads to them, and nobody knows why. */
static void check_anchor(
	struct doctor *d, const struct doctor_tp *tp, gnutls_x509_crt_t crt)
{
	unsigned status = 0;
	char name[CRT_NAME];

	crt_subject(crt, name);
	if (crt_weak_key(crt))
		doctor_say(d, DOCTOR_WARNING, "strength", tp->conf->pos,
			"replace it, or excuse it for a time with 'legacy "
			"until DATE short-keys'",
			"trustpoint %s: the key of the trusted CA \"%s\" is so "
			"short that peers under it are refused",
			tp->conf->name, name);
	if (crt_self_issued(crt) &&
		(gnutls_x509_crt_verify(crt, &crt, 1,
			 GNUTLS_VERIFY_DO_NOT_ALLOW_SAME |
				 GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
				 GNUTLS_VERIFY_ALLOW_BROKEN |
				 GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 |
				 GNUTLS_VERIFY_DISABLE_CA_SIGN |
				 GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT,
			 &status) < 0 ||
			(status & GNUTLS_CERT_SIGNATURE_FAILURE) != 0))
		doctor_say(d, DOCTOR_ERROR, "anchors", tp->conf->pos,
			"get the certificate again and compare its fingerprint",
			"trustpoint %s: the trusted CA \"%s\" is damaged: its "
			"signature of itself is wrong",
			tp->conf->name, name);
}

static void check_all_dates(struct doctor *d, const struct doctor_tp *tp)
{
	gnutls_x509_trust_list_iter_t iter = NULL;
	gnutls_x509_crt_t crt = NULL;
	char *whose;

	for (size_t i = 0; (crt = trustpoint_chain(tp->t, i)) != NULL; i++) {
		whose = mem_printf("trustpoint %s: %s", tp->conf->name,
			i == 0 ? "our certificate" : "the intermediate CA");
		doctor_dates(d, tp->conf->pos, crt, whose);
		free(whose);
	}
	whose = mem_printf("trustpoint %s: the trusted CA", tp->conf->name);
	while (gnutls_x509_trust_list_iter_get_ca(
		       trustpoint_anchors(tp->t), &iter, &crt) == 0) {
		doctor_dates(d, tp->conf->pos, crt, whose);
		check_anchor(d, tp, crt);
		gnutls_x509_crt_deinit(crt);
	}
	free(whose);
}

static bool has_anchors(const struct doctor_tp *tp)
{
	gnutls_x509_trust_list_iter_t iter = NULL;
	gnutls_x509_crt_t crt = NULL;

	if (gnutls_x509_trust_list_iter_get_ca(
		    trustpoint_anchors(tp->t), &iter, &crt) != 0)
		return false;
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_trust_list_iter_deinit(iter);
	return true;
}

/* ---- names ---- */

/* A phone is configured with a name or an address of ours; one of those that
 * the configuration tells must be in the certificate. */
static void check_listener(struct doctor *d, const struct conf_listener *l)
{
	const struct doctor_tp *tp = doctor_tp(d, l->trustpoint);
	char addr[ADDR_TEXT], advertised[ADDR_TEXT];
	const char *names[4] = { NULL };
	struct judge_verdict v = { 0 };
	struct text tried = { 0 };
	size_t n = 0;

	if (tp == NULL || tp->t == NULL || trustpoint_chain(tp->t, 0) == NULL)
		return;
	if (strchr(d->conf->hostname, '.') != NULL)
		names[n++] = d->conf->hostname;
	if (tp->conf->fqdn != NULL)
		names[n++] = tp->conf->fqdn;
	if (addr_is_set(&l->advertise))
		names[n++] = addr_host(&l->advertise, advertised);
	if (!addr_is_any(&l->addr))
		names[n++] = addr_host(&l->addr, addr);
	for (size_t i = 0; i < n; i++) {
		if (judge_alone(
			    &v, trustpoint_chain(tp->t, 0), false, names[i]) ||
			v.reason != JUDGE_NAME) {
			text_free(&tried);
			return;
		}
		text_printf(&tried, "%s%s", i > 0 ? ", " : "", names[i]);
	}
	if (n > 0)
		doctor_say(d, DOCTOR_WARNING, "name", l->pos,
			"phones must be configured with a name that is in the "
			"certificate; or request one with this name",
			"listener %s is reached as %s, and none of that is in "
			"its certificate: %s",
			l->name, tried.p, v.text);
	text_free(&tried);
}

void doctor_own(struct doctor *d)
{
	for (size_t i = 0; i < d->ntp; i++) {
		const struct doctor_tp *tp = &d->tp[i];

		if (tp->t == NULL)
			continue;
		check_complete(d, tp);
		if (tp->conf->cert_file != NULL &&
			trustpoint_chain(tp->t, 0) != NULL)
			check_file(d, tp);
		if (tp->server)
			check_role(d, tp, false);
		if (tp->client)
			check_role(d, tp, true);
		check_hashes(d, tp);
		check_all_dates(d, tp);
		if (tp->verifies && !has_anchors(tp))
			doctor_say(d, DOCTOR_ERROR, "anchors", tp->conf->pos,
				tp->conf->enrollment == CONF_ENROLL_NONE
					? "add 'ca-bundle file PATH'"
					: "`lineside pki authenticate NAME` "
					  "tells it an authority; or add "
					  "'ca-bundle file PATH'",
				"trustpoint %s judges peers and trusts no CA: "
				"all are refused",
				tp->conf->name);
	}
	for (const struct conf_listener *l = d->conf->listeners; l != NULL;
		l = l->next)
		if (l->transport == CONF_TLS)
			check_listener(d, l);
}

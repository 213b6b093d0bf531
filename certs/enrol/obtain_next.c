/* The authority's successor: asked for, believed, put beside those that are. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/obj.h"
#include "certs/enrol/obtain_int.h"
#include "certs/store/pemfile.h"
#include "certs/x509/crt.h"
#include "conf/conf.h"

/* They may be valid from some later day on. */
enum { NEXT_SKEW_S = INT32_MAX };

struct slice obtain_der(gnutls_x509_crt_t crt, gnutls_datum_t *room)
{
	need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, room) == 0);
	return slice_of(room->data, room->size);
}

/* The root before others: answers chain to it. */
static gnutls_x509_crt_t main_anchor(const struct obtain_known *k)
{
	for (size_t i = 0; i < k->nanchors; i++)
		if (crt_self_issued(k->anchor[i]))
			return k->anchor[i];
	return k->anchor[0];
}

static void add_pem(struct text *out, gnutls_x509_crt_t crt)
{
	gnutls_datum_t pem = { 0 };

	need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem) == 0);
	text_add(out, slice_of(pem.data, pem.size));
	gnutls_free(pem.data);
}

void obtain_question_begin(struct question *q, const struct course *c)
{
	const struct conf_trustpoint *t = c->p->c;

	*q = (struct question){ .source = conf_trustpoint_source(t) };
	q->ep = (struct enroll_params){
		.protocol = t->enrollment == CONF_ENROLL_EST ? ENROLL_EST
							     : ENROLL_SCEP,
		.url = t->url,
		.ca_identifier = t->ca_identifier,
		.source = q->source,
		.legacy = t->legacy.until >= c->p->now,
		.timeout_ms = c->p->timeout_ms,
	};
	q->ep.ca = obtain_der(main_anchor(&c->known), &q->ca);
	for (size_t i = 0; i < c->known.nanchors; i++)
		add_pem(&q->chain, c->known.anchor[i]);
	q->ep.chain = text_slice(&q->chain);
}

void obtain_question_end(struct question *q)
{
	free(q->source);
	text_free(&q->chain);
	gnutls_free(q->ca.data);
}

int obtain_ask_next(struct course *c, struct question *q, char **why)
{
	struct import_want w = { .now = c->p->now,
		.skew_s = NEXT_SKEW_S,
		.legacy = &c->p->c->legacy,
		.anchor = c->known.anchor,
		.nanchors = c->known.nanchors };
	char text[512], *pem = NULL;
	int err = ENOENT;

	if (c->p->next_ca != NULL && q->ep.protocol == ENROLL_SCEP)
		err = c->p->next_ca(&q->ep, &pem, text, sizeof(text));
	if (err != 0 && err != ENOENT && err != ENOTSUP)
		*why = mem_dup(text);
	if (err == 0)
		err = import_parse(&c->next_in, slice_str(pem), NULL, why);
	if (err == 0)
		err = import_anchors(&c->next, &c->next_in, &w, why);
	if (err != 0)
		import_choice_free(&c->next);
	for (size_t i = 0; i < c->next.n; i++)
		add_pem(&q->chain, c->next.crt[i]);
	q->ep.chain = text_slice(&q->chain);
	free(pem);
	return err == ENOTSUP || err == EEXIST ? ENOENT : err;
}

static bool is_among(
	gnutls_x509_crt_t crt, const gnutls_x509_crt_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (gnutls_x509_crt_equals(v[i], crt) != 0)
			return true;
	return false;
}

static void tell_next(struct course *c, gnutls_x509_crt_t crt)
{
	char name[CRT_NAME], date[CRT_DATE], hex[65];
	uint8_t id[32];

	crt_fingerprint(crt, id);
	hex_encode(id, sizeof(id), hex);
	(void)snprintf(c->out->next_ca, sizeof(c->out->next_ca),
		"\"%s\", valid until %s, SHA-256 %s", crt_subject(crt, name),
		crt_date(gnutls_x509_crt_get_expiration_time(crt), date), hex);
}

int obtain_store_next(struct course *c)
{
	gnutls_x509_crt_t *there, *all;
	size_t n, total = 0;
	int err = 0;

	if (c->next.n == 0)
		return 0;
	err = store_certs(
		c->s, c->p->c->name, STORE_ANCHORS, &there, &n, &c->why);
	if (err != 0)
		return err;
	all = mem_array(n + c->next.n, sizeof(gnutls_x509_crt_t));
	for (size_t i = 0; i < n; i++)
		all[total++] = there[i];
	for (size_t i = 0; i < c->next.n; i++)
		if (!is_among(c->next.crt[i], there, n))
			all[total++] = c->next.crt[i];
	err = store_set_certs(
		c->s, c->p->c->name, STORE_ANCHORS, all, total, &c->why);
	if (err == 0)
		tell_next(c, c->next.crt[0]);
	free(all);
	pemfile_certs_free(there, n);
	/* From now on they vouch, too. */
	obtain_known_free(&c->known);
	if (err == 0)
		err = obtain_known(c->s, c->p->c->name, &c->known, &c->why);
	return err;
}

static int learn(struct course *c)
{
	struct question q;
	int err = obtain_prepare(c);

	if (err != 0)
		return err;
	obtain_unlock(c);
	obtain_question_begin(&q, c);
	err = obtain_ask_next(c, &q, &c->why);
	obtain_question_end(&q);
	if (err == 0)
		err = obtain_lock(c);
	if (err == 0)
		err = obtain_store_next(c);
	return err;
}

void obtain_next_ca(struct obtain_result *out, const struct obtain_params *p)
{
	struct course c = { .p = p, .out = out };
	int err;

	*out = (struct obtain_result){ .outcome = OBTAIN_FAILED };
	err = learn(&c);
	if (err == ENOENT)
		obtain_end(&c, OBTAIN_PENDING,
			"the authority has no successor yet");
	else if (obtain_failed(&c, err) == 0)
		obtain_end(&c, OBTAIN_DONE,
			"the authority's successor is believed");
	obtain_course_free(&c);
}

/* Asking, waiting and installing, on the store. */
#include "certs/enrol/obtain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/enrol/request.h"
#include "certs/store/pemfile.h"
#include "certs/x509/crt.h"
#include "conf/conf.h"

/* The authority made it after we had asked, by a clock of its own. */
enum { SKEW_S = 600, NEXT_SKEW_S = INT32_MAX };

struct course {
	const struct obtain_params *p;
	struct obtain_result *out;
	struct store *s;
	struct obtain_known known;
	struct store_pending pending;
	struct keystore *key; /* of the request */
	struct keystore *old; /* of the certificate that is replaced */
	struct enroll_result answer;
	struct import next_in; /* the authority's successors, as they came */
	struct import_choice next; /* those that are new; of next_in */
	char *why;
};

static void end(struct course *c, enum obtain_outcome outcome, const char *fmt,
	...) PRINTF(3, 4);
static void end(
	struct course *c, enum obtain_outcome outcome, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(c->out->text, sizeof(c->out->text), fmt, ap);
	va_end(ap);
	c->out->outcome = outcome;
}

static int failed(struct course *c, int err)
{
	if (err != 0)
		end(c, OBTAIN_FAILED, "%s",
			c->why != NULL ? c->why : strerrordesc_np(err));
	return err;
}

int obtain_known(
	struct store *s, const char *name, struct obtain_known *out, char **why)
{
	int err;

	*out = (struct obtain_known){ .anchor = NULL };
	err = store_certs(
		s, name, STORE_ANCHORS, &out->anchor, &out->nanchors, why);
	if (err == 0)
		err = store_certs(
			s, name, STORE_OWN, &out->chain, &out->nchain, why);
	return err;
}

void obtain_known_free(struct obtain_known *k)
{
	pemfile_certs_free(k->anchor, k->nanchors);
	pemfile_certs_free(k->chain, k->nchain);
	*k = (struct obtain_known){ .anchor = NULL };
}

static int new_key(struct store *s, const struct conf_trustpoint *c,
	bool exportable, bool current, struct keystore **out, char **why)
{
	int err = keystore_generate(out, c->key_kind, c->key_bits, exportable);

	if (err != 0) {
		*why = mem_dup("the key could not be made");
		return err;
	}
	err = store_key_add(s, store_label(c), *out, current, why);
	if (err != 0)
		*out = obj_unref(*out);
	return err;
}

int obtain_key(struct store *s, const struct conf_trustpoint *c,
	struct keystore **out, char **why)
{
	int err;

	if (c->key_url != NULL)
		return keystore_open_url(out, c->key_url, c->key_pin_file, why);
	err = store_key_current(s, store_label(c), out, why);
	if (err == ENOENT)
		err = new_key(s, c, false, true, out, why);
	return err;
}

int obtain_install(struct store *s, const struct conf_trustpoint *c,
	const struct import_choice *own, const struct keystore *key,
	const uint8_t key_id[KEYSTORE_ID], char **why)
{
	bool token = c->key_url != NULL;
	int err = 0;

	/* The key before its certificate: that finds it by its id. */
	if (key != NULL && !token)
		err = store_key_add(s, store_label(c), key, false, why);
	if (err == 0)
		err = store_set_certs(
			s, c->name, STORE_OWN, own->crt, own->n, why);
	if (err == 0 && !token)
		err = store_key_set_current(s, store_label(c), key_id, why);
	if (err != 0)
		return err;
	store_clear_pending(s, c->name);
	store_key_prune(s);
	return 0;
}

/* ---- the request ---- */

static int key_of_own(struct course *c)
{
	const struct conf_trustpoint *t = c->p->c;
	uint8_t id[KEYSTORE_ID];
	size_t n = sizeof(id);

	if (c->known.nchain == 0)
		return ENOENT;
	if (t->key_url != NULL)
		return keystore_open_url(
			&c->old, t->key_url, t->key_pin_file, &c->why);
	if (gnutls_x509_crt_get_key_id(
		    c->known.chain[0], GNUTLS_KEYID_USE_SHA256, id, &n) != 0)
		return EBADMSG;
	return store_key(c->s, store_label(t), id, &c->old, &c->why);
}

static int pending_key(struct course *c)
{
	const struct conf_trustpoint *t = c->p->c;

	if (t->key_url != NULL)
		return keystore_open_url(
			&c->key, t->key_url, t->key_pin_file, &c->why);
	return store_key(
		c->s, store_label(t), c->pending.key_id, &c->key, &c->why);
}

/* A request that was written down goes on; unless its key is gone. */
static bool go_on(struct course *c)
{
	if (store_pending(c->s, c->p->c->name, &c->pending, &c->why) != 0)
		return false;
	if (pending_key(c) == 0)
		return true;
	store_clear_pending(c->s, c->p->c->name);
	store_pending_free(&c->pending);
	return false;
}

static int request_key(struct course *c)
{
	const struct conf_trustpoint *t = c->p->c;

	if (c->p->renew && t->regenerate && t->key_url == NULL)
		return new_key(c->s, t,
			c->old != NULL && keystore_exportable(c->old), false,
			&c->key, &c->why);
	return obtain_key(c->s, t, &c->key, &c->why);
}

static int write_request(struct course *c)
{
	const struct conf_trustpoint *t = c->p->c;
	gnutls_datum_t csr = { 0 };
	char *password = NULL;
	int err = request_key(c);

	if (err == 0 && t->enrollment == CONF_ENROLL_SCEP)
		err = request_password(t, &password, &c->why);
	if (err == 0)
		err = request_make(&csr, t, c->key, password, &c->why);
	if (password != NULL)
		mem_wipe(password, strlen(password));
	free(password);
	if (err != 0)
		return err;
	c->pending.since = c->p->now;
	memcpy(c->pending.key_id, keystore_id(c->key), KEYSTORE_ID);
	c->pending.csr = mem_new(csr.size + 1);
	c->pending.csr_len = csr.size;
	memcpy(c->pending.csr, csr.data, csr.size);
	gnutls_free(csr.data);
	return store_set_pending(c->s, t->name, &c->pending, &c->why);
}

/* Under the lock; after it the network is asked without. */
static int prepare(struct course *c)
{
	const struct conf_trustpoint *t = c->p->c;
	char date[CRT_DATE];
	int err = 0;

	if (c->p->now < OBTAIN_CLOCK_LEAST) {
		c->why = mem_printf("the clock of this machine says %s: set it",
			crt_date(c->p->now, date));
		return EINVAL;
	}
	err = store_open(&c->s, t, true, &c->why);
	if (err == 0)
		err = store_lock(c->s, &c->why);
	if (err == 0)
		err = obtain_known(c->s, t->name, &c->known, &c->why);
	if (err == 0 && c->known.nanchors == 0 &&
		t->enrollment != CONF_ENROLL_SELFSIGNED) {
		c->why = mem_printf("the authority is not authenticated yet: "
				    "`lineside pki authenticate %s` first",
			t->name);
		err = EACCES;
	}
	if (err == 0 && key_of_own(c) != 0) {
		free(c->why);
		c->why = NULL; /* a first enrolment, then */
	}
	return err;
}

/* ---- the answer ---- */

static bool vouched(const struct course *c, gnutls_x509_crt_t top)
{
	for (size_t i = 0; i < c->known.nanchors; i++)
		if (gnutls_x509_crt_equals(c->known.anchor[i], top) != 0 ||
			crt_signed_by(top, c->known.anchor[i]))
			return true;
	return false;
}

static int install(struct course *c, const struct import *in)
{
	const struct conf_trustpoint *t = c->p->c;
	struct import_want w = { .now = c->p->now,
		.skew_s = SKEW_S,
		.legacy = &t->legacy,
		.anchor = c->known.anchor,
		.nanchors = c->known.nanchors,
		.chain = c->known.chain,
		.nchain = c->known.nchain,
		.key_id = c->pending.key_id,
		.usage = t->usage };
	struct import_choice own;
	char date[CRT_DATE];
	int err = import_own(&own, in, &w, &c->why);

	if (err == 0 && !vouched(c, own.crt[own.n - 1])) {
		c->why = mem_dup("the certificate that came was issued by "
				 "somebody else than the authenticated "
				 "authority");
		err = EACCES;
	}
	if (err == 0)
		err = obtain_install(
			c->s, t, &own, NULL, c->pending.key_id, &c->why);
	if (err == 0)
		end(c, OBTAIN_DONE, "certificate installed, valid until %s",
			crt_date(
				gnutls_x509_crt_get_expiration_time(own.crt[0]),
				date));
	import_choice_free(&own);
	return err;
}

static int granted(struct course *c)
{
	struct import in = { .n = 0 };
	struct text all = { 0 };
	int err;

	text_printf(&all, "-----BEGIN CERTIFICATE-----\n");
	base64_encode(&all, slice_of(c->answer.cert, c->answer.cert_len), true);
	text_printf(&all, "\n-----END CERTIFICATE-----\n%s",
		c->answer.issuers != NULL ? c->answer.issuers : "");
	err = import_parse(&in, text_slice(&all), NULL, &c->why);
	if (err == 0)
		err = install(c, &in);
	import_free(&in);
	text_free(&all);
	return err;
}

static int take_answer(struct course *c)
{
	const char *name = c->p->c->name;

	c->out->retry_after_s = c->answer.retry_after_s;
	switch (c->answer.outcome) {
	case ENROLL_GRANTED:
		return granted(c);
	case ENROLL_PENDING:
		(void)snprintf(c->pending.transaction,
			sizeof(c->pending.transaction), "%s",
			c->answer.transaction);
		c->pending.asked++;
		end(c, OBTAIN_PENDING, "%s",
			c->answer.text[0] != '\0'
				? c->answer.text
				: "the authority has yet to grant it");
		return store_set_pending(c->s, name, &c->pending, &c->why);
	case ENROLL_DENIED:
		store_clear_pending(c->s, name);
		end(c, OBTAIN_DENIED, "%s", c->answer.text);
		return 0;
	case ENROLL_FAILED:
		break;
	}
	end(c, OBTAIN_FAILED, "%s", c->answer.text);
	return 0;
}

static struct slice der_of(gnutls_x509_crt_t crt, gnutls_datum_t *room)
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

/* What every question to the authority says of it. */
struct question {
	struct enroll_params ep;
	gnutls_datum_t ca;
	struct text chain;
	char *source;
};

static void question_begin(struct question *q, const struct course *c)
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
	q->ep.ca = der_of(main_anchor(&c->known), &q->ca);
	for (size_t i = 0; i < c->known.nanchors; i++)
		add_pem(&q->chain, c->known.anchor[i]);
	q->ep.chain = text_slice(&q->chain);
}

static void question_end(struct question *q)
{
	free(q->source);
	text_free(&q->chain);
	gnutls_free(q->ca.data);
}

/*
 * Asks for the authority's successors; those that are new are in c->next. They
 * may be valid from some later day on. 0, ENOENT: nothing new, or errno with
 * words in *why.
 */
static int ask_next(struct course *c, struct question *q, char **why)
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

/* Beside those that are there by now; locked store. */
static int store_next(struct course *c)
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
	all = mem_array(n + c->next.n, sizeof(*all));
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

/* Has it a certificate that can speak for it? One that has ended is refused in
 * TLS, so that it enrols as it did at first (RFC 7030 3.3.2). */
static bool vouched_for(const struct course *c)
{
	return c->p->renew && c->old != NULL &&
	       gnutls_x509_crt_get_expiration_time(c->known.chain[0]) >
		       c->p->now;
}

static int ask(struct course *c)
{
	const struct conf_trustpoint *t = c->p->c;
	gnutls_datum_t old = { 0 };
	char *password = NULL, *unheard = NULL;
	struct question q;
	int err = request_password(t, &password, &c->why);

	if (err != 0)
		return err;
	question_begin(&q, c);
	(void)ask_next(c, &q, &unheard); /* the calendar asks again */
	free(unheard);
	q.ep.csr = slice_of(c->pending.csr, c->pending.csr_len);
	q.ep.key = keystore_key(c->key);
	q.ep.user = t->username;
	q.ep.password = password;
	if (vouched_for(c)) {
		q.ep.old_cert = der_of(c->known.chain[0], &old);
		q.ep.old_key = keystore_key(c->old);
		q.ep.old_key_url = keystore_url(c->old);
		q.ep.old_key_pin = keystore_pin(c->old);
	}
	if (c->pending.transaction[0] != '\0')
		q.ep.transaction = c->pending.transaction;
	c->p->enroll(&c->answer, &q.ep);
	if (password != NULL)
		mem_wipe(password, strlen(password));
	free(password);
	question_end(&q);
	gnutls_free(old.data);
	return 0;
}

/* The lock is given up while the network is asked, and taken anew. */
static int ask_unlocked(struct course *c)
{
	int err;

	store_close(c->s);
	c->s = NULL;
	err = ask(c);
	if (err == 0)
		err = store_open(&c->s, c->p->c, true, &c->why);
	if (err == 0)
		err = store_lock(c->s, &c->why);
	return err;
}

static int enrol(struct course *c)
{
	int err = go_on(c) ? 0 : write_request(c);

	if (err == 0)
		err = ask_unlocked(c);
	if (err == 0)
		err = store_next(c);
	if (err == 0)
		err = take_answer(c);
	return err;
}

static int certify_self(struct course *c)
{
	const struct conf_trustpoint *t = c->p->c;
	unsigned lifetime = c->p->lifetime_s != 0 ? c->p->lifetime_s
						  : SELFSIGNED_DAYS * 86400u;
	struct import_choice own = { .n = 1 };
	gnutls_x509_crt_t crt = NULL;
	char date[CRT_DATE];
	int err = request_key(c);

	if (err == 0)
		err = selfsigned_make(
			&crt, t, c->key, c->p->now, lifetime, &c->why);
	own.crt = &crt;
	if (err == 0)
		err = obtain_install(
			c->s, t, &own, NULL, keystore_id(c->key), &c->why);
	if (err == 0)
		end(c, OBTAIN_DONE,
			"self-signed certificate made, valid until %s",
			crt_date(c->p->now + lifetime, date));
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	return err;
}

static void course_free(struct course *c)
{
	free(c->answer.cert);
	free(c->answer.issuers);
	import_choice_free(&c->next);
	import_free(&c->next_in);
	store_pending_free(&c->pending);
	obtain_known_free(&c->known);
	obj_unref(c->key);
	obj_unref(c->old);
	store_close(c->s);
	free(c->why);
}

void obtain(struct obtain_result *out, const struct obtain_params *p)
{
	struct course c = { .p = p, .out = out };
	int err;

	*out = (struct obtain_result){ .outcome = OBTAIN_FAILED };
	err = prepare(&c);
	if (err == 0)
		err = p->c->enrollment == CONF_ENROLL_SELFSIGNED
			      ? certify_self(&c)
			      : enrol(&c);
	(void)failed(&c, err);
	course_free(&c);
}

static int learn(struct course *c)
{
	struct question q;
	int err = prepare(c);

	if (err != 0)
		return err;
	store_close(c->s); /* unlocked while the network is asked */
	c->s = NULL;
	question_begin(&q, c);
	err = ask_next(c, &q, &c->why);
	question_end(&q);
	if (err == 0)
		err = store_open(&c->s, c->p->c, true, &c->why);
	if (err == 0)
		err = store_lock(c->s, &c->why);
	if (err == 0)
		err = store_next(c);
	return err;
}

void obtain_next_ca(struct obtain_result *out, const struct obtain_params *p)
{
	struct course c = { .p = p, .out = out };
	int err;

	*out = (struct obtain_result){ .outcome = OBTAIN_FAILED };
	err = learn(&c);
	if (err == ENOENT)
		end(&c, OBTAIN_PENDING, "the authority has no successor yet");
	else if (failed(&c, err) == 0)
		end(&c, OBTAIN_DONE, "the authority's successor is believed");
	course_free(&c);
}

/* Asking, waiting and installing, on the store. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/enrol/obtain_int.h"
#include "certs/enrol/request.h"
#include "certs/store/pemfile.h"
#include "certs/x509/crt.h"
#include "conf/conf.h"

/* The authority made it after we had asked, by a clock of its own. */
enum { SKEW_S = 600 };

void obtain_end(
	struct course *c, enum obtain_outcome outcome, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(c->out->text, sizeof(c->out->text), fmt, ap);
	va_end(ap);
	c->out->outcome = outcome;
}

int obtain_failed(struct course *c, int err)
{
	if (err != 0)
		obtain_end(c, OBTAIN_FAILED, "%s",
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

enum { KEY_EXPORTABLE = 1, KEY_CURRENT = 2 };

static int new_key(struct store *s, const struct conf_trustpoint *c,
	unsigned how, struct keystore **out, char **why)
{
	int err = keystore_generate(
		out, c->key_kind, c->key_bits, (how & KEY_EXPORTABLE) != 0);

	if (err != 0) {
		*why = mem_dup("the key could not be made");
		return err;
	}
	err = store_key_add(
		s, store_label(c), *out, (how & KEY_CURRENT) != 0, why);
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
		err = new_key(s, c, KEY_CURRENT, out, why);
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
			c->old != NULL && keystore_exportable(c->old)
				? KEY_EXPORTABLE
				: 0,
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

int obtain_lock(struct course *c)
{
	int err = store_open(&c->s, c->p->c, true, &c->why);

	return err == 0 ? store_lock(c->s, &c->why) : err;
}

void obtain_unlock(struct course *c)
{
	store_close(c->s);
	c->s = NULL;
}

int obtain_prepare(struct course *c)
{
	const struct conf_trustpoint *t = c->p->c;
	char date[CRT_DATE];
	int err = 0;

	if (c->p->now < OBTAIN_CLOCK_LEAST) {
		c->why = mem_printf("the clock of this machine says %s: set it",
			crt_date(c->p->now, date));
		return EINVAL;
	}
	err = obtain_lock(c);
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
		obtain_end(c, OBTAIN_DONE,
			"certificate installed, valid until %s",
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
		obtain_end(c, OBTAIN_PENDING, "%s",
			c->answer.text[0] != '\0'
				? c->answer.text
				: "the authority has yet to grant it");
		return store_set_pending(c->s, name, &c->pending, &c->why);
	case ENROLL_DENIED:
		store_clear_pending(c->s, name);
		obtain_end(c, OBTAIN_DENIED, "%s", c->answer.text);
		return 0;
	case ENROLL_FAILED:
		break;
	}
	obtain_end(c, OBTAIN_FAILED, "%s", c->answer.text);
	return 0;
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
	obtain_question_begin(&q, c);
	(void)!obtain_ask_next(c, &q, &unheard); /* the calendar asks again */
	free(unheard);
	q.ep.csr = slice_of(c->pending.csr, c->pending.csr_len);
	q.ep.key = keystore_key(c->key);
	q.ep.user = t->username;
	q.ep.password = password;
	if (vouched_for(c)) {
		q.ep.old_cert = obtain_der(c->known.chain[0], &old);
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
	obtain_question_end(&q);
	gnutls_free(old.data);
	return 0;
}

static int enrol(struct course *c)
{
	int err = go_on(c) ? 0 : write_request(c);

	if (err == 0) {
		obtain_unlock(c);
		err = ask(c);
	}
	if (err == 0)
		err = obtain_lock(c);
	if (err == 0)
		err = obtain_store_next(c);
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
		obtain_end(c, OBTAIN_DONE,
			"self-signed certificate made, valid until %s",
			crt_date(c->p->now + lifetime, date));
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	return err;
}

void obtain_course_free(struct course *c)
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
	err = obtain_prepare(&c);
	if (err == 0)
		err = p->c->enrollment == CONF_ENROLL_SELFSIGNED
			      ? certify_self(&c)
			      : enrol(&c);
	(void)obtain_failed(&c, err);
	obtain_course_free(&c);
}

/*
 * Phones' certificates by the CA or RA of our own: what the CAPF server asks
 * on the services thread is done by the CA's helper.
 */
#include <errno.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"
#include "ca/ca_service_int.h"
#include "certs/store/seal.h"
#include "certs/x509/crt.h"

struct certify_job {
	struct work_job job;
	struct ca_service *s;
	struct capf_certify *c; /* the asker's, until it is told */
};

/* What its configuration says goes with each request; 0 and NULL: nothing. */
static int password_of(const struct conf *c, char **out, char *why, size_t size)
{
	char *text = NULL;
	int err = seal_password(out, &c->capf.password, c->master_key_file,
		c->master_key_credential, &text);

	if (err != 0)
		snprintf(why, size, "cert-enroll-password: %s",
			text != NULL ? text : strerrordesc_np(err));
	free(text);
	return err;
}

static void take(struct capf_certify *c, struct ca_answer *a, const char *name)
{
	switch (a->status) {
	case CA_GRANTED:
		text_add(&c->cert, bytes_slice(&a->cert));
		c->err = 0;
		return;
	case CA_PENDING:
		snprintf(c->why, sizeof(c->why),
			"it waits: `lineside pki server %s info requests` "
			"lists it, and after `… grant` the phone may come "
			"again",
			name);
		break;
	case CA_REJECTED:
	case CA_FAILED:
		snprintf(c->why, sizeof(c->why), "%.*s",
			(int)sizeof(c->why) - 1, a->text);
	}
	c->err = EACCES;
}

static void certify(struct ca_service *s, struct capf_certify *c)
{
	struct ca_vouched v = {
		.device = c->device,
		.spki = text_slice(&c->key),
		.proof = text_slice(&c->proof),
		.max_s = (uint64_t)c->days * 86400,
	};
	struct ca_answer a;
	char *password = NULL;

	c->err = password_of(s->conf, &password, c->why, sizeof(c->why));
	if (c->err != 0)
		return;
	v.password = password;
	ca_certify(s->ca, &v, &a);
	take(c, &a, s->conf->pki_servers->name);
	ca_answer_free(&a);
	if (password != NULL)
		mem_wipe(password, strlen(password));
	free(password);
}

static void run_certify(struct work_job *job)
{
	struct certify_job *j = MQ_HOLDER(job, struct certify_job, job);

	if (j->s->ca != NULL) {
		certify(j->s, j->c);
		return;
	}
	j->c->err = ENOENT;
	snprintf(j->c->why, sizeof(j->c->why), "the CA is not served: %.*s",
		CAPF_WHY - 40, j->s->why);
}

static void certify_done(struct work_job *job)
{
	struct certify_job *j = MQ_HOLDER(job, struct certify_job, job);
	struct capf_certify *c = j->c;

	free(j);
	c->done(c);
}

void ca_service_certify(void *arg, struct capf_certify *c)
{
	struct ca_service *s = arg;
	struct certify_job *j = mem_new(sizeof(*j));

	j->job = (struct work_job){ .run = run_certify,
		.done = certify_done,
		.reply = loop_queue(s->loop) };
	j->s = s;
	j->c = c;
	if (s->work != NULL && work_submit(s->work, &j->job) == 0)
		return;
	free(j);
	c->err = EAGAIN;
	snprintf(c->why, sizeof(c->why), "the CA has too much to do");
	c->done(c);
}

/* ---- whose certificates it issues ---- */

char *ca_certify_chain(const struct ca_service *s)
{
	return s->ca != NULL ? ca_chain_pem(s->ca) : mem_dup("");
}

void ca_certify_know(struct ca_service *s, char *chain)
{
	text_free(&s->chain);
	text_add(&s->chain, slice_str(chain));
	free(chain);
}

/* An RA shows its own certificate, too, which issues nothing. */
static bool issued_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca)
{
	return gnutls_x509_crt_get_ca_status(ca, NULL) > 0 &&
	       gnutls_x509_crt_check_issuer(crt, ca) != 0 &&
	       crt_signed_by(crt, ca);
}

bool ca_service_issued(void *arg, struct slice cert)
{
	const struct ca_service *s = arg;
	gnutls_datum_t der = { .size = (unsigned)cert.n };
	gnutls_datum_t pem = { .size = (unsigned)s->chain.n };
	gnutls_x509_crt_t crt, *v = NULL;
	unsigned n = 0;
	bool ours = false;

	memcpy(&der.data, &cert.p, sizeof(der.data)); /* not written to */
	memcpy(&pem.data, &s->chain.p, sizeof(pem.data));
	if (s->chain.n == 0 || crt_import(&crt, &der) != 0)
		return false;
	if (gnutls_x509_crt_list_import2(&v, &n, &pem, GNUTLS_X509_FMT_PEM, 0) <
		0)
		n = 0;
	for (unsigned i = 0; i < n; i++) {
		ours = ours || issued_by(crt, v[i]);
		gnutls_x509_crt_deinit(v[i]);
	}
	gnutls_free(v);
	gnutls_x509_crt_deinit(crt);
	return ours;
}

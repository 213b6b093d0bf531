/* A CA is succeeded by another, as trustpoints see it. */
#include <openssl/ocsp.h>

#include "base/obj.h"
#include "ca_site.h"
#include "certs/ca/ca_int.h"
#include "certs/ca/scep_server.h"
#include "certs/enrol/enroll_int.h"
#include "certs/enrol/obtain.h"
#include "certs/x509/crt.h"
#include "test.h"

static struct conf_trustpoint *trustpoint_new(
	const struct ca_site *site, const char *name)
{
	struct conf_trustpoint *t = mem_new(sizeof(*t));

	*t = (struct conf_trustpoint){ .name = mem_dup(name),
		.state_directory = mem_printf("%s/%s", ca_site_dir, name),
		.hostname = mem_dup("edge.example.com"),
		.enrollment = CONF_ENROLL_SCEP,
		.url = mem_dup(site->url),
		.key_kind = CONF_KEY_RSA,
		.key_bits = 2048 };
	return t;
}

static void trustpoint_end(struct conf_trustpoint *t)
{
	free(t->name);
	free(t->state_directory);
	free(t->hostname);
	free(t->url);
	free(t);
}

/* Believes what the CA shows now. */
static void authenticated(struct conf_trustpoint *t)
{
	struct bytes der = ca_site_shown(t->url, 0);
	gnutls_datum_t d = { der.p, (unsigned)der.n };
	gnutls_x509_crt_t crt;
	struct store *s;
	char *why;

	assert_int_equal(crt_import(&crt, &d), 0);
	assert_int_equal(store_open(&s, t, true, &why), 0);
	assert_int_equal(
		store_set_certs(s, t->name, STORE_ANCHORS, &crt, 1, &why), 0);
	store_close(s);
	gnutls_x509_crt_deinit(crt);
	bytes_free(&der);
}

static struct obtain_result obtained(struct conf_trustpoint *t, bool renew)
{
	struct obtain_params p = { .c = t,
		.enroll = enroll,
		.next_ca = enroll_next_ca,
		.now = ca_site_now,
		.renew = renew,
		.timeout_ms = 20000 };
	struct obtain_result r;

	obtain(&r, &p);
	if (r.outcome != OBTAIN_DONE)
		fail_msg("%s: %s", t->name, r.text);
	return r;
}

static struct obtain_result learnt(struct conf_trustpoint *t)
{
	struct obtain_params p = { .c = t,
		.next_ca = enroll_next_ca,
		.now = ca_site_now,
		.timeout_ms = 20000 };
	struct obtain_result r;

	obtain_next_ca(&r, &p);
	return r;
}

static struct obtain_known known_to(struct conf_trustpoint *t)
{
	struct obtain_known k;
	struct store *s;
	char *why;

	assert_int_equal(store_open(&s, t, false, &why), 0);
	assert_int_equal(obtain_known(s, t->name, &k, &why), 0);
	store_close(s);
	return k;
}

/* `judge` accepts the certificate that `peer` has. */
static bool accepts(struct conf_trustpoint *judge, struct conf_trustpoint *peer)
{
	struct obtain_known a = known_to(judge), b = known_to(peer);
	gnutls_x509_trust_list_t list;
	unsigned status = ~0u;

	assert_int_equal(gnutls_x509_trust_list_init(&list, 0), 0);
	assert_int_equal(gnutls_x509_trust_list_add_cas(
				 list, a.anchor, (unsigned)a.nanchors, 0),
		(int)a.nanchors);
	/* The test's clock is ahead of the machine's. */
	assert_int_equal(
		gnutls_x509_trust_list_verify_crt(list, b.chain,
			(unsigned)b.nchain,
			GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
				GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS,
			&status, NULL),
		0);
	gnutls_x509_trust_list_deinit(list, 0);
	obtain_known_free(&a);
	obtain_known_free(&b);
	return status == 0;
}

static X509 *own_of(struct conf_trustpoint *t)
{
	struct obtain_known k = known_to(t);
	gnutls_datum_t d;
	X509 *crt;

	assert_int_equal(
		gnutls_x509_crt_export2(k.chain[0], GNUTLS_X509_FMT_DER, &d),
		0);
	assert_int_equal(ossl_read_cert(&crt, slice_of(d.data, d.size)), 0);
	gnutls_free(d.data);
	obtain_known_free(&k);
	return crt;
}

static bool issued_by(struct conf_trustpoint *t, const struct ca_pair *pair)
{
	X509 *crt = own_of(t);
	bool yes = ossl_issued(crt, pair->crt);

	X509_free(crt);
	return yes;
}

static void time_passes(struct ca_site *s, time_t to)
{
	pthread_mutex_lock(&s->lock);
	ca_site_now = to;
	ca_tick(s->ca);
	pthread_mutex_unlock(&s->lock);
}

static void crl_is_by(
	struct ca *ca, const char *query, const struct ca_pair *by)
{
	struct scep_response r =
		ca_site_ask(ca, "/crl", query, (struct slice){ .n = 0 }, false);
	X509_CRL *crl;

	assert_int_equal(r.status, 200);
	assert_int_equal(
		ossl_read(&crl, bytes_slice(&r.body), ASN1_ITEM_rptr(X509_CRL)),
		0);
	assert_int_equal(X509_CRL_verify(crl, X509_get0_pubkey(by->crt)), 1);
	X509_CRL_free(crl);
	scep_response_free(&r);
}

/* OCSP says that the certificate is good, in the name of its issuer. */
static void ocsp_is_by(
	struct ca *ca, struct conf_trustpoint *t, const struct ca_pair *by)
{
	OCSP_REQUEST *req = OCSP_REQUEST_new();
	X509 *crt = own_of(t);
	OCSP_CERTID *id = OCSP_cert_to_id(NULL, crt, by->crt);
	STACK_OF(X509) *signers = sk_X509_new_null();
	OCSP_RESPONSE *resp;
	OCSP_BASICRESP *basic;
	struct bytes q, a;
	int status = -1;

	assert_non_null(OCSP_request_add0_id(req, OCSP_CERTID_dup(id)));
	assert_true(sk_X509_push(signers, by->crt) > 0);
	q = ossl_der(req, ASN1_ITEM_rptr(OCSP_REQUEST));
	ca_ocsp(ca, bytes_slice(&q), &a);
	assert_int_equal(ossl_read(&resp, bytes_slice(&a),
				 ASN1_ITEM_rptr(OCSP_RESPONSE)),
		0);
	basic = OCSP_response_get1_basic(resp);
	assert_non_null(basic);
	assert_int_equal(OCSP_resp_find_status(
				 basic, id, &status, NULL, NULL, NULL, NULL),
		1);
	assert_int_equal(status, V_OCSP_CERTSTATUS_GOOD);
	assert_int_equal(
		OCSP_basic_verify(basic, signers, NULL, OCSP_TRUSTOTHER), 1);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(resp);
	sk_X509_free(signers);
	OCSP_CERTID_free(id);
	OCSP_REQUEST_free(req);
	X509_free(crt);
	bytes_free(&q);
	bytes_free(&a);
}

static size_t anchors_of(struct conf_trustpoint *t)
{
	struct obtain_known k = known_to(t);
	size_t n = k.nanchors;

	obtain_known_free(&k);
	return n;
}

/*
 * The CA lives 1000 s, the next one comes at 600 and is used from about 800 on.
 * `a` asks in time, `b` keeps its old certificate, `late` sleeps until 900.
 * Nobody who knows of both refuses anybody, before, at and after the change.
 */
static void rollover_reaches_clients(void **state)
{
	struct ca_params p = ca_site_params(ca_site_dir);
	struct conf_trustpoint *a, *b, *late;
	char id[CA_CRL_ID], *query;
	struct ca_site site;
	struct obtain_result r;
	time_t begin = ca_site_now = time(NULL);

	(void)state;
	p.grant = CA_GRANT_AUTO;
	p.ca_s = 1000;
	p.cert_s = 5000;
	p.rollover_s = 400;
	p.cdp_url = "http://ca.example/crl";
	ca_site_start(&site, ca_site_open(&p));
	a = trustpoint_new(&site, "A");
	b = trustpoint_new(&site, "B");
	late = trustpoint_new(&site, "LATE");
	authenticated(a);
	authenticated(b);
	authenticated(late);
	r = obtained(a, false);
	assert_string_equal(r.next_ca, "");
	(void)obtained(b, false);
	(void)obtained(late, false);
	assert_int_equal(learnt(a).outcome, OBTAIN_PENDING);

	time_passes(&site, begin + 610);
	site.ca->p.grant = CA_GRANT_MANUAL; /* renewals are granted anyway */
	r = learnt(a);
	assert_int_equal(r.outcome, OBTAIN_DONE);
	assert_non_null(strstr(r.next_ca, "SHA-256"));
	assert_int_equal(anchors_of(a), 2);
	assert_int_equal(learnt(a).outcome, OBTAIN_PENDING); /* known */
	r = obtained(b, true); /* a renewal learns it on its way */
	assert_string_not_equal(r.next_ca, "");
	assert_int_equal(anchors_of(b), 2);
	assert_true(issued_by(b, &site.ca->own));

	time_passes(&site, begin + 700); /* not yet */
	assert_non_null(site.ca->next.crt);
	time_passes(&site, begin + 850);
	assert_null(site.ca->next.crt);
	(void)obtained(a, true);
	assert_true(issued_by(a, &site.ca->own));
	assert_true(issued_by(b, &site.ca->past));
	assert_true(accepts(a, b));
	assert_true(accepts(b, a));
	assert_false(accepts(late, a)); /* it slept */
	assert_true(accepts(a, late));

	pthread_mutex_lock(&site.lock); /* as after a start */
	ca_close(site.ca);
	site.ca = ca_site_open(&p);
	ca_crl_id(site.ca->own.crt, id);
	query = mem_printf("ca=%s", id);
	crl_is_by(site.ca, "", &site.ca->past);
	crl_is_by(site.ca, query, &site.ca->own);
	ocsp_is_by(site.ca, a, &site.ca->own);
	ocsp_is_by(site.ca, b, &site.ca->past);
	pthread_mutex_unlock(&site.lock);

	time_passes(&site, begin + 900);
	r = obtained(late, true); /* learns of it, and asks it */
	assert_string_not_equal(r.next_ca, "");
	assert_true(issued_by(late, &site.ca->own));
	assert_true(accepts(late, a));
	assert_true(accepts(late, b));
	(void)obtained(b, true);

	time_passes(&site, begin + 1010); /* the first CA is over */
	crl_is_by(site.ca, query, &site.ca->own);
	crl_is_by(site.ca, "", &site.ca->own);
	assert_int_equal(learnt(a).outcome, OBTAIN_PENDING);
	(void)obtained(a, true);
	assert_true(accepts(b, a));
	free(query);
	trustpoint_end(a);
	trustpoint_end(b);
	trustpoint_end(late);
	ca_site_stop(&site);
	ca_close(site.ca);
}

/* Who is not believed vouches for nobody. */
static void next_certificate_of_a_stranger(void **state)
{
	struct ca_params p = ca_site_params(ca_site_dir);
	struct ca_site site;
	struct conf_trustpoint *t;
	struct obtain_result r;
	struct ca_pair other;
	char why[CA_WHY];

	(void)state;
	ca_site_start(&site, ca_site_open(&p));
	t = trustpoint_new(&site, "A");
	authenticated(t);
	/* Two rollovers that it did not hear of. */
	pthread_mutex_lock(&site.lock);
	assert_int_equal(ca_rollover(site.ca, why), 0);
	other = site.ca->own;
	site.ca->own = site.ca->next;
	site.ca->next = other;
	pthread_mutex_unlock(&site.lock);
	r = learnt(t);
	assert_int_equal(r.outcome, OBTAIN_FAILED);
	assert_non_null(strstr(r.text, "somebody else"));
	assert_int_equal(anchors_of(t), 1);
	trustpoint_end(t);
	ca_site_stop(&site);
	ca_close(site.ca);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(rollover_reaches_clients),
		SITE_TEST(next_certificate_of_a_stranger),
	};

	return RUN_TESTS(tests);
}

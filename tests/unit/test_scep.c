/*
 * SCEP: our client against our server, the Debian package's client and server
 * against ours, an RA between, and messages that are not what they say.
 */
#include <errno.h>
#include <netinet/in.h>
#include <openssl/cms.h>
#include <openssl/ocsp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/obj.h"
#include "ca_site.h"
#include "certs/ca/ca_int.h"
#include "certs/ca/scep_server.h"
#include "certs/enrol/enroll_int.h"
#include "certs/enrol/obtain.h"
#include "certs/enrol/scep_client.h"
#include "certs/store/pemfile.h"
#include "certs/x509/crt.h"
#include "pki.h"
#include "test.h"

static char *dir;

static int setup(void **state)
{
	(void)state;
	ca_site_now = time(NULL);
	dir = pki_dir();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ca_site_new_key();
	pki_dir_free(dir);
	return 0;
}

/* What a client has in hand. */
struct client {
	struct bytes csr, ca, old;
	gnutls_privkey_t key;
	struct enroll_params p;
	struct enroll_result r;
};

static gnutls_privkey_t gnutls_key(void)
{
	gnutls_datum_t pem = { .data = (unsigned char *)ca_site_key_pem() };
	gnutls_privkey_t key;

	pem.size = (unsigned)strlen((char *)pem.data);
	assert_int_equal(gnutls_privkey_init(&key), 0);
	assert_int_equal(gnutls_privkey_import_x509_raw(
				 key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0),
		0);
	free(pem.data);
	return key;
}

/* The CA's certificate as GetCACert shows it, the n-th. */
static struct bytes shown_ca(const char *url, int n)
{
	STACK_OF(X509) * certs;
	char *pem, text[512];
	struct bytes der;

	if (enroll_ca_certs(
		    &(struct enroll_params){ .url = url, .timeout_ms = 20000 },
		    &pem, text, sizeof(text)) != 0)
		fail_msg("%s", text);
	assert_int_equal(ossl_pem_certs(&certs, slice_str(pem)), 0);
	assert_true(sk_X509_num(certs) > n);
	der = ossl_cert_der(sk_X509_value(certs, n));
	sk_X509_pop_free(certs, X509_free);
	free(pem);
	return der;
}

static void client_begin(struct client *c, const char *url, int nth_is_ca,
	const struct ca_site_csr *csr)
{
	*c = (struct client){ .csr = ca_site_csr(csr),
		.ca = shown_ca(url, nth_is_ca),
		.key = gnutls_key() };
	c->p = (struct enroll_params){
		.protocol = ENROLL_SCEP,
		.url = url,
		.csr = bytes_slice(&c->csr),
		.key = c->key,
		.ca = bytes_slice(&c->ca),
		.timeout_ms = 20000,
	};
}

static enum enroll_outcome client_ask(struct client *c)
{
	enroll_result_free(&c->r);
	enroll(&c->r, &c->p);
	return c->r.outcome;
}

#define ask_row(c, want)                                                       \
	do {                                                                   \
		if (client_ask(c) != (want))                                   \
			fail_msg("outcome %d: %s", (c)->r.outcome,             \
				(c)->r.text);                                  \
	} while (0)

static void client_end(struct client *c)
{
	enroll_result_free(&c->r);
	bytes_free(&c->csr);
	bytes_free(&c->ca);
	bytes_free(&c->old);
	gnutls_privkey_deinit(c->key);
}

static void granted_at_once(void **state)
{
	struct ca_params p = ca_site_params(dir);
	struct ca_site_csr csr = { .subject = "CN=edge,O=X",
		.san = "DNS:edge.example.com" };
	struct ca_site site;
	struct client c;
	X509 *crt;

	(void)state;
	p.grant = CA_GRANT_AUTO;
	ca_site_start(&site, ca_site_open(&p));
	client_begin(&c, site.url, 0, &csr);
	ask_row(&c, ENROLL_GRANTED);
	assert_int_equal(
		ossl_read_cert(&crt, slice_of(c.r.cert, c.r.cert_len)), 0);
	assert_int_equal(ossl_issued(crt, site.ca->own.crt), true);
	X509_free(crt);
	assert_int_equal(strlen(c.r.transaction), 64);
	client_end(&c);
	ca_site_stop(&site);
	ca_close(site.ca);
}

static void granted_later(void **state)
{
	struct ca_params p = ca_site_params(dir);
	struct ca_site_csr csr = { .subject = "CN=edge" };
	char why[CA_WHY], transaction[65];
	struct ca_site site;
	struct client c;
	size_t n;

	(void)state;
	ca_site_start(&site, ca_site_open(&p));
	client_begin(&c, site.url, 0, &csr);
	ask_row(&c, ENROLL_PENDING);
	assert_true(c.r.retry_after_s > 0);
	snprintf(transaction, sizeof(transaction), "%s", c.r.transaction);
	c.p.transaction = transaction;
	ask_row(&c, ENROLL_PENDING);
	pthread_mutex_lock(&site.lock);
	assert_int_equal(ca_grant_all(site.ca, &n, why), 0);
	pthread_mutex_unlock(&site.lock);
	assert_int_equal(n, 1);
	ask_row(&c, ENROLL_GRANTED);
	/* renewal: same key, no person needed */
	c.old = bytes_of(slice_of(c.r.cert, c.r.cert_len));
	c.p.transaction = NULL;
	c.p.old_cert = bytes_slice(&c.old);
	c.p.old_key = c.key;
	ask_row(&c, ENROLL_GRANTED);
	assert_false(slice_eq(
		slice_of(c.r.cert, c.r.cert_len), bytes_slice(&c.old)));
	client_end(&c);
	/* and who is rejected hears it */
	csr.subject = "CN=other";
	client_begin(&c, site.url, 0, &csr);
	ask_row(&c, ENROLL_PENDING);
	pthread_mutex_lock(&site.lock);
	assert_int_equal(ca_reject_all(site.ca, &n, why), 0);
	pthread_mutex_unlock(&site.lock);
	snprintf(transaction, sizeof(transaction), "%s", c.r.transaction);
	c.p.transaction = transaction;
	ask_row(&c, ENROLL_DENIED);
	assert_non_null(strstr(c.r.text, "rejected the request"));
	client_end(&c);
	ca_site_stop(&site);
	ca_close(site.ca);
}

static void faults_told(void **state)
{
	struct ca_params p = ca_site_params(dir);
	struct ca_site_csr csr = { .subject = "CN=edge", .password = "no" };
	struct ca_site site;
	struct client c;
	struct bytes other;
	char url[96];

	(void)state;
	p.grant = CA_GRANT_AUTO;
	p.password = "yes";
	ca_site_start(&site, ca_site_open(&p));
	client_begin(&c, site.url, 0, &csr);
	ask_row(&c, ENROLL_DENIED);
	assert_non_null(strstr(c.r.text, "challenge password"));
	/* a CA that is not the one we believe */
	other = c.ca;
	c.ca = (struct bytes){ .n = 0 };
	{
		struct pki_cert *stranger = pki_make(
			&(struct pki_spec){ .cn = "Stranger", .ca = true });

		c.p.ca = slice_of(stranger->der.data, stranger->der.size);
		ask_row(&c, ENROLL_FAILED);
		assert_non_null(strstr(c.r.text, "authenticate it again"));
		pki_free(stranger);
	}
	c.p.ca = bytes_slice(&other);
	snprintf(url, sizeof(url), "%s/nothing", site.base);
	c.p.url = url;
	ask_row(&c, ENROLL_FAILED);
	assert_non_null(strstr(c.r.text, "status 404"));
	c.p.url = "http://127.0.0.1:1/scep";
	ask_row(&c, ENROLL_FAILED);
	bytes_free(&other);
	client_end(&c);
	ca_site_stop(&site);
	ca_close(site.ca);
}

/* ---- an RA in front of a CA ---- */

static char *write_file(const char *name, const char *text)
{
	return pki_write_text(dir, name, text);
}

/* Enrols an RA at the CA and writes its files; the parameters to open it. */
static struct ca_params make_ra(struct ca_site *root, char *ra_dir)
{
	struct ca_site_csr csr = { .subject = "CN=RA", .eku = "cmcRA" };
	struct ca_params p = ca_site_params(ra_dir);
	char why[CA_WHY], transaction[65], *pem;
	struct text t = { 0 };
	struct client c;
	X509 *crt, *ca;
	int64_t id = 0;

	client_begin(&c, root->url, 0, &csr);
	ask_row(&c, ENROLL_PENDING); /* an RA is never granted by itself */
	pthread_mutex_lock(&root->lock);
	for (id = 1; ca_grant(root->ca, id, why) != 0; id++)
		assert_true(id < 10);
	pthread_mutex_unlock(&root->lock);
	snprintf(transaction, sizeof(transaction), "%s", c.r.transaction);
	c.p.transaction = transaction;
	ask_row(&c, ENROLL_GRANTED);
	assert_int_equal(
		ossl_read_cert(&crt, slice_of(c.r.cert, c.r.cert_len)), 0);
	assert_int_equal(ossl_read_cert(&ca, bytes_slice(&c.ca)), 0);
	ossl_pem_add(&t, crt);
	p.cert_file = write_file("ra.pem", t.p);
	text_free(&t);
	ossl_pem_add(&t, ca);
	p.ca_file = write_file("ra-ca.pem", t.p);
	text_free(&t);
	pem = ca_site_key_pem();
	p.key_file = write_file("ra.key", pem);
	free(pem);
	X509_free(crt);
	X509_free(ca);
	client_end(&c);
	ca_site_new_key();
	p.mode = CA_RA;
	p.name = "TESTRA";
	p.upstream = root->url;
	return p;
}

static void free_text(const char *p)
{
	char *q;

	memcpy(&q, &p, sizeof(q));
	free(q);
}

/* The client, which has a certificate, asks for it and for the CRL. */
static void look_up(const struct client *c, const char *url)
{
	STACK_OF(X509) *certs = NULL, *known = NULL;
	char transaction[] = "look";
	struct scep_ask ask = {
		.url = url, .transaction = transaction, .timeout_ms = 20000
	};
	X509_CRL *crl = NULL;
	struct scep_told told;
	struct bytes about;

	assert_int_equal(ossl_read_cert(&ask.ca, bytes_slice(&c->ca)), 0);
	assert_int_equal(
		ossl_read_cert(&ask.signer, slice_of(c->r.cert, c->r.cert_len)),
		0);
	assert_int_equal(enroll_key(&ask.key, c->key), 0);
	about = scep_issuer_serial(ask.signer);
	ask.about = bytes_slice(&about);
	ask.lookup = SCEP_GET_CERT;
	scep_ask(&told, &ask);
	if (told.outcome != ENROLL_GRANTED)
		fail_msg("GetCert: %s", told.text);
	assert_int_equal(ossl_unbox(bytes_slice(&told.box), &certs, NULL), 0);
	assert_int_equal(sk_X509_num(certs), 1);
	assert_int_equal(X509_cmp(sk_X509_value(certs, 0), ask.signer), 0);
	sk_X509_pop_free(certs, X509_free);
	scep_told_free(&told);
	ask.lookup = SCEP_GET_CRL;
	scep_ask(&told, &ask);
	if (told.outcome != ENROLL_GRANTED)
		fail_msg("GetCRL: %s", told.text);
	assert_int_equal(ossl_unbox(bytes_slice(&told.box), &known, &crl), 0);
	assert_non_null(crl);
	assert_int_equal(X509_CRL_verify(crl, X509_get0_pubkey(ask.ca)), 1);
	X509_CRL_free(crl);
	sk_X509_pop_free(known, X509_free);
	scep_told_free(&told);
	/* one that there is not */
	bytes_free(&about);
	about = scep_issuer_serial(ask.ca);
	ask.about = bytes_slice(&about);
	ask.lookup = SCEP_GET_CERT;
	scep_ask(&told, &ask);
	assert_int_equal(told.outcome, ENROLL_DENIED);
	assert_non_null(strstr(told.text, "no such certificate"));
	scep_told_free(&told);
	bytes_free(&about);
	EVP_PKEY_free(ask.key);
	X509_free(ask.signer);
	X509_free(ask.ca);
}

static void through_an_ra(void **state)
{
	struct ca_params p = ca_site_params(dir), rp;
	char *ra_dir = mem_printf("%s/ra", dir), why[CA_WHY], transaction[65];
	struct ca_site_csr csr = { .subject = "CN=phone" };
	struct ca_site root, ra;
	struct client c;
	size_t n;

	(void)state;
	p.level = CA_COMPLETE;
	ca_site_start(&root, ca_site_open(&p)); /* grants by hand, but an RA */
	rp = make_ra(&root, ra_dir);
	ca_site_start(&ra, ca_site_open(&rp));
	client_begin(&c, ra.url, 1, &csr); /* the RA's own comes first */
	ask_row(&c, ENROLL_PENDING);
	snprintf(transaction, sizeof(transaction), "%s", c.r.transaction);
	c.p.transaction = transaction;
	ask_row(&c, ENROLL_PENDING);
	pthread_mutex_lock(&ra.lock);
	assert_int_equal(ca_grant_all(ra.ca, &n, why), 0);
	pthread_mutex_unlock(&ra.lock);
	assert_int_equal(n, 1);
	ask_row(&c, ENROLL_GRANTED);
	look_up(&c, root.url);
	look_up(&c, ra.url);
	/* what the RA cannot know: whether the CA revoked it meanwhile */
	c.old = bytes_of(slice_of(c.r.cert, c.r.cert_len));
	c.p.transaction = NULL;
	c.p.old_cert = bytes_slice(&c.old);
	c.p.old_key = c.key;
	ask_row(&c, ENROLL_PENDING);
	client_end(&c);
	/* the CA behind is away for a while */
	csr.subject = "CN=phone2";
	client_begin(&c, ra.url, 1, &csr);
	ask_row(&c, ENROLL_PENDING);
	ca_site_stop(&root);
	pthread_mutex_lock(&ra.lock);
	assert_int_equal(ca_grant_all(ra.ca, &n, why), 0);
	pthread_mutex_unlock(&ra.lock);
	assert_int_equal(n, 2);
	snprintf(transaction, sizeof(transaction), "%s", c.r.transaction);
	c.p.transaction = transaction;
	ask_row(&c, ENROLL_PENDING);
	client_end(&c);
	ca_site_stop(&ra);
	ca_close(ra.ca);
	ca_close(root.ca);
	free_text(rp.cert_file);
	free_text(rp.ca_file);
	free_text(rp.key_file);
	free(ra_dir);
}

/* ---- other people's programs ---- */

static void their_client(void **state)
{
	struct ca_params p = ca_site_params(dir);
	struct ca_site site;
	char *out, *pem;
	bool ok;
	FILE *f;

	(void)state;
	if (access("/usr/bin/scepclient", X_OK) != 0)
		skip();
	p.grant = CA_GRANT_AUTO;
	p.password = "sesame";
	p.legacy = true; /* it encrypts with DES and offers no choice */
	ca_site_start(&site, ca_site_open(&p));
	out = ca_site_run(&ok,
		"cd %s && scepclient -private-key k.pem -certificate c.pem "
		"-server-url %s -challenge sesame -cn theirs 2>&1",
		dir, site.url);
	if (!ok)
		fail_msg("scepclient: %s", out);
	free(out);
	pem = mem_printf("%s/ca.pem", dir);
	f = fopen(pem, "w");
	free(pem);
	pem = ca_chain_pem(site.ca);
	fputs(pem, f);
	fclose(f);
	free(pem);
	out = ca_site_run(
		&ok, "cd %s && openssl verify -CAfile ca.pem c.pem 2>&1", dir);
	if (!ok)
		fail_msg("openssl verify: %s", out);
	free(out);
	/* with its certificate there it asks for a renewal */
	out = ca_site_run(&ok,
		"cd %s && cp c.pem old.pem && scepclient -private-key k.pem "
		"-certificate c.pem -server-url %s -cn theirs 2>&1 && "
		"openssl verify -CAfile ca.pem c.pem",
		dir, site.url);
	if (!ok)
		fail_msg("scepclient, renewal: %s", out);
	free(out);
	ca_site_stop(&site);
	ca_close(site.ca);
}

static unsigned free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	getsockname(fd, (struct sockaddr *)&a, &n);
	close(fd);
	return ntohs(a.sin_port);
}

static pid_t start_server(unsigned port)
{
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%u", port);
	pid = fork();
	if (pid == 0) {
		if (chdir(dir) == 0 && freopen("server.log", "w", stderr) &&
			dup2(2, 1) == 1)
			execlp("scepserver", "scepserver", "-depot", "depot",
				"-port", number, "-challenge", "sesame",
				"-allowrenew", "0", (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* Until it answers GetCACaps. */
static void await_server(const char *url)
{
	char *full = mem_printf("%s?operation=GetCACaps", url);
	struct fetch_params p = { .url = full,
		.method = "GET",
		.timeout_ms = 5000,
		.size_max = 10000 };
	struct fetch_result r;
	int err = ECONNREFUSED;

	for (int i = 0; err != 0 && i < 200; i++) {
		err = fetch(&r, &p);
		fetch_free(&r);
		if (err != 0)
			usleep(50000);
	}
	assert_int_equal(err, 0);
	free(full);
}

static void their_server(void **state)
{
	struct ca_site_csr csr = { .subject = "CN=ours", .password = "sesame" };
	char url[64], *out;
	unsigned port = free_port();
	struct client c;
	pid_t pid;
	bool ok;

	(void)state;
	if (access("/usr/bin/scepserver", X_OK) != 0)
		skip();
	out = ca_site_run(
		&ok, "cd %s && scepserver ca -init -depot depot 2>&1", dir);
	if (!ok)
		fail_msg("scepserver: %s", out);
	free(out);
	pid = start_server(port);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/scep", port);
	await_server(url);
	client_begin(&c, url, 0, &csr);
	ask_row(&c, ENROLL_FAILED); /* it signs with SHA-1 whatever we do */
	assert_non_null(strstr(c.r.text, "SHA-256 is wanted, or `legacy`"));
	c.p.legacy = true;
	ask_row(&c, ENROLL_GRANTED);
	c.old = bytes_of(slice_of(c.r.cert, c.r.cert_len));
	c.p.old_cert = bytes_slice(&c.old);
	c.p.old_key = c.key;
	ask_row(&c, ENROLL_GRANTED);
	assert_false(slice_eq(
		slice_of(c.r.cert, c.r.cert_len), bytes_slice(&c.old)));
	client_end(&c);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

/* ---- messages ---- */

static struct scep_response ask(struct ca *ca, const char *path,
	const char *query, struct slice body, bool post)
{
	struct scep_request r = { .post = post,
		.path = slice_str(path),
		.query = slice_str(query),
		.body = body };
	struct scep_response out;

	scep_serve(ca, &r, &out);
	return out;
}

static void odd_requests(void **state)
{
	static const struct {
		const char *path, *query;
		int status;
		const char *holds;
	} rows[] = {
		{ "/", "", 404, NULL },
		{ "/scep", "", 400, "no operation" },
		{ "/scep", "operation=Dance", 400, "no operation" },
		{ "/scep", "operation=a&operation=b", 400, "query" },
		{ "/scep", "operation=%4", 400, "query" },
		{ "/scep", "operation=%zz", 400, "query" },
		{ "/scep", "operation=PKIOperation", 400, "no SCEP" },
		{ "/scep", "operation=PKIOperation&message=%25", 400,
			"base64" },
		{ "/scep", "operation=PKIOperation&message=AAAA", 400,
			"no SCEP" },
		{ "/scep", "operation=GetCACaps", 200, "AES\n" },
		{ "/scep", "operation=GetCACaps&message=x", 200, "Renewal" },
		{ "/cgi-bin/pkiclient.exe", "operation=GetNextCACert", 404,
			"no next" },
		{ "/ocsp/%%%", "", 400, NULL },
	};
	struct ca_params p = ca_site_params(dir);
	struct ca *ca = ca_site_open(&p);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scep_response r = ask(ca, rows[i].path, rows[i].query,
			(struct slice){ .n = 0 }, false);
		size_t at = slice_search(bytes_slice(&r.body),
			slice_str(rows[i].holds ? rows[i].holds : ""));

		if (r.status != rows[i].status ||
			(rows[i].holds != NULL && at >= r.body.n))
			fail_msg("%s?%s: %d %.*s", rows[i].path, rows[i].query,
				r.status, (int)r.body.n, (char *)r.body.p);
		scep_response_free(&r);
	}
	ca_close(ca);
}

static void next_certificate(void **state)
{
	struct ca_params p = ca_site_params(dir);
	struct ca *ca = ca_site_open(&p);
	struct scep_response r;
	char why[CA_WHY];
	CMS_ContentInfo *cms;
	STACK_OF(X509) * certs;
	BIO *out = BIO_new(BIO_s_mem());
	char *q;
	long n;

	(void)state;
	assert_int_equal(ca_rollover(ca, why), 0);
	r = ask(ca, "/scep", "operation=GetNextCACert",
		(struct slice){ .n = 0 }, false);
	assert_int_equal(r.status, 200);
	assert_int_equal(ossl_read(&cms, bytes_slice(&r.body),
				 ASN1_ITEM_rptr(CMS_ContentInfo)),
		0);
	assert_int_equal(CMS_verify(cms, NULL, NULL, NULL, out,
				 CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY),
		1);
	n = BIO_get_mem_data(out, &q);
	assert_int_equal(ossl_unbox(slice_of(q, (size_t)n), &certs, NULL), 0);
	assert_int_equal(X509_cmp(sk_X509_value(certs, 0), ca->next.crt), 0);
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(cms);
	BIO_free(out);
	scep_response_free(&r);
	ca_close(ca);
}

/* ---- a CA's rollover, seen from trustpoints ---- */

static struct conf_trustpoint *trustpoint_new(
	const struct ca_site *site, const char *name)
{
	struct conf_trustpoint *t = mem_new(sizeof(*t));

	*t = (struct conf_trustpoint){ .name = mem_dup(name),
		.state_directory = mem_printf("%s/%s", dir, name),
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
	struct bytes der = shown_ca(t->url, 0);
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
		ask(ca, "/crl", query, (struct slice){ .n = 0 }, false);
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
	struct ca_params p = ca_site_params(dir);
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
	struct ca_params p = ca_site_params(dir);
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

/* A request as a client would make it, in parts that a test turns. */
struct forged {
	enum scep_type type;
	const EVP_MD *md;
	const EVP_CIPHER *cipher;
	bool other_reader; /* encrypted to somebody else */
	bool other_key; /* wrapped by a key that is not the request's */
	size_t flip; /* turns this byte from the end; 0: none */
};

static X509 *self_signed(EVP_PKEY *key)
{
	X509 *crt = X509_new();
	X509_NAME *name;
	char why[64];

	assert_int_equal(ossl_name(&name, "CN=x", why, sizeof(why)), 0);
	ASN1_INTEGER_set(X509_get_serialNumber(crt), 1);
	X509_set_subject_name(crt, name);
	X509_set_issuer_name(crt, name);
	X509_gmtime_adj(X509_getm_notBefore(crt), -100);
	X509_gmtime_adj(X509_getm_notAfter(crt), 100000);
	X509_set_pubkey(crt, key);
	assert_true(X509_sign(crt, key, EVP_sha256()) > 0);
	X509_NAME_free(name);
	return crt;
}

static struct bytes forge(struct ca *ca, const struct forged *f)
{
	struct bytes csr =
		ca_site_csr(&(struct ca_site_csr){ .subject = "CN=x" });
	char *pem = ca_site_key_pem(), why[CA_WHY];
	struct bytes out;
	EVP_PKEY *key;
	X509 *own;
	struct scep_out o = { .type = f->type,
		.transaction = "T",
		.md = f->md ? f->md : EVP_sha256(),
		.cipher = f->cipher ? f->cipher : EVP_aes_128_cbc() };

	assert_int_equal(ossl_pem_key(&key, slice_str(pem)), 0);
	if (f->other_key) {
		EVP_PKEY_free(key);
		key = EVP_RSA_gen(2048);
	}
	own = self_signed(key);
	scep_fresh_nonce(&o.sender);
	o.signer = own;
	o.key = key;
	o.reader = f->other_reader ? own : ca->own.crt;
	o.content = bytes_slice(&csr);
	if (scep_build(&out, &o, why) != 0)
		fail_msg("%s", why);
	if (f->flip > 0)
		out.p[out.n - f->flip] ^= 1;
	X509_free(own);
	EVP_PKEY_free(key);
	free(pem);
	bytes_free(&csr);
	return out;
}

static void forgeries(void **state)
{
	static const struct {
		const char *name, *says;
		int http;
		enum scep_status status;
		struct forged f;
	} rows[] = {
		{ "good", "", 200, SCEP_PENDING, { .type = SCEP_PKCS_REQ } },
		{ "signature", "signature", 400, 0,
			{ .type = SCEP_PKCS_REQ, .flip = 1 } },
		{ "SHA-1", "SHA-256 is wanted", 400, 0,
			{ .type = SCEP_PKCS_REQ, .md = NULL } },
		{ "3DES", "AES is wanted", 200, SCEP_FAILURE,
			{ .type = SCEP_PKCS_REQ } },
		{ "other reader", "not encrypted for our key", 200,
			SCEP_FAILURE,
			{ .type = SCEP_PKCS_REQ, .other_reader = true } },
		{ "other key", "not signed with the key", 200, SCEP_FAILURE,
			{ .type = SCEP_PKCS_REQ, .other_key = true } },
		{ "answer", "an answer is no request", 200, SCEP_FAILURE,
			{ .type = SCEP_CERT_REP } },
		{ "poll for nothing", "no request", 200, SCEP_FAILURE,
			{ .type = SCEP_CERT_POLL, .other_key = true } },
		{ "certificate", "no such certificate", 200, SCEP_FAILURE,
			{ .type = SCEP_GET_CERT } },
		{ "CRL", "", 200, SCEP_SUCCESS, { .type = SCEP_GET_CRL } },
	};
	struct ca_params p = ca_site_params(dir);
	struct ca *ca = ca_site_open(&p);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct forged f = rows[i].f;
		struct scep_response r;
		struct bytes message;
		struct scep_msg m;
		char why[CA_WHY];

		if (strcmp(rows[i].name, "SHA-1") == 0)
			f.md = EVP_sha1();
		if (strcmp(rows[i].name, "3DES") == 0)
			f.cipher = EVP_des_ede3_cbc();
		message = forge(ca, &f);
		r = ask(ca, "/scep", "operation=PKIOperation",
			bytes_slice(&message), true);
		check_row(rows[i].name, r.status == rows[i].http);
		if (r.status != 200) {
			if (slice_search(bytes_slice(&r.body),
				    slice_str(rows[i].says)) >= r.body.n)
				fail_msg("%s: %.*s", rows[i].name,
					(int)r.body.n, (char *)r.body.p);
		} else {
			assert_int_equal(scep_parse(&m, bytes_slice(&r.body),
						 false, why),
				0);
			if (m.status != rows[i].status ||
				strstr(m.fail_text, rows[i].says) == NULL)
				fail_msg("%s: %d %s", rows[i].name, m.status,
					m.fail_text);
			scep_msg_free(&m);
		}
		scep_response_free(&r);
		bytes_free(&message);
	}
	ca_close(ca);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(granted_at_once),
		TEST(granted_later),
		TEST(faults_told),
		TEST(through_an_ra),
		TEST(their_client),
		TEST(their_server),
		TEST(odd_requests),
		TEST(next_certificate),
		TEST(rollover_reaches_clients),
		TEST(next_certificate_of_a_stranger),
		TEST(forgeries),
	};

	return RUN_TESTS(tests);
}

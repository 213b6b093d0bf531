/*
 * SCEP: our client against our server, the Debian package's client and server
 * against ours, and an RA between.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/obj.h"
#include "ca_site.h"
#include "certs/ca/ca_int.h"
#include "certs/enrol/enroll_int.h"
#include "certs/enrol/scep_client.h"
#include "pki.h"
#include "test.h"

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

static void client_begin(struct client *c, const char *url, int nth_is_ca,
	const struct ca_site_csr *csr)
{
	*c = (struct client){ .csr = ca_site_csr(csr),
		.ca = ca_site_shown(url, nth_is_ca),
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
	struct ca_params p = ca_site_params(ca_site_dir);
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
	struct ca_params p = ca_site_params(ca_site_dir);
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
	struct ca_params p = ca_site_params(ca_site_dir);
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
	return pki_write_text(ca_site_dir, name, text);
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
	struct ca_params p = ca_site_params(ca_site_dir), rp;
	char *ra_dir = mem_printf("%s/ra", ca_site_dir), why[CA_WHY],
	     transaction[65];
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
	struct ca_params p = ca_site_params(ca_site_dir);
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
		ca_site_dir, site.url);
	if (!ok)
		fail_msg("scepclient: %s", out);
	free(out);
	pem = mem_printf("%s/ca.pem", ca_site_dir);
	f = fopen(pem, "w");
	free(pem);
	pem = ca_chain_pem(site.ca);
	fputs(pem, f);
	fclose(f);
	free(pem);
	out = ca_site_run(&ok,
		"cd %s && openssl verify -CAfile ca.pem c.pem 2>&1",
		ca_site_dir);
	if (!ok)
		fail_msg("openssl verify: %s", out);
	free(out);
	/* with its certificate there it asks for a renewal */
	out = ca_site_run(&ok,
		"cd %s && cp c.pem old.pem && scepclient -private-key k.pem "
		"-certificate c.pem -server-url %s -cn theirs 2>&1 && "
		"openssl verify -CAfile ca.pem c.pem",
		ca_site_dir, site.url);
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
		if (chdir(ca_site_dir) == 0 &&
			freopen("server.log", "w", stderr) && dup2(2, 1) == 1)
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
	out = ca_site_run(&ok, "cd %s && scepserver ca -init -depot depot 2>&1",
		ca_site_dir);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(granted_at_once),
		SITE_TEST(granted_later),
		SITE_TEST(faults_told),
		SITE_TEST(through_an_ra),
		SITE_TEST(their_client),
		SITE_TEST(their_server),
	};

	return RUN_TESTS(tests);
}

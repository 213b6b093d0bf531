#include "ca_site.h"

#include <netinet/in.h>
#include <openssl/core_names.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/obj.h"
#include "certs/ca/scep_server.h"
#include "certs/enrol/enroll_int.h"
#include "certs/x509/ossl.h"
#include "pki.h"
#include "test.h"

time_t ca_site_now = 1800000000;

static time_t clock_of_test(void)
{
	return ca_site_now;
}

struct ca_params ca_site_params(const char *dir)
{
	return (struct ca_params){
		.name = "TESTCA",
		.dir = dir,
		.level = CA_COMPLETE,
		.modulus = 2048,
		.cert_s = 365 * 86400,
		.ca_s = 3 * 365 * 86400,
		.crl_s = 7 * 86400,
		.keys = ca_keys_plain,
		.now = clock_of_test,
		.upstream_timeout_ms = 20000,
	};
}

struct ca *ca_site_open(const struct ca_params *p)
{
	char why[CA_WHY] = "";
	struct ca *ca;

	if (ca_open(&ca, p, why) != 0)
		fail_msg("ca_open: %s", why);
	return ca;
}

/* ---- requests ---- */

static EVP_PKEY *shared;

void ca_site_new_key(void)
{
	EVP_PKEY_free(shared);
	shared = NULL;
}

static EVP_PKEY *key_for(const struct ca_site_csr *c)
{
	if (c->ec || c->spelt_out) {
		EVP_PKEY *key = EVP_EC_gen("P-256");

		if (c->spelt_out)
			assert_int_equal(EVP_PKEY_set_utf8_string_param(key,
						 OSSL_PKEY_PARAM_EC_ENCODING,
						 "explicit"),
				1);
		return key;
	}
	if (c->bits != 0)
		return EVP_RSA_gen(c->bits);
	if (shared == NULL)
		shared = EVP_RSA_gen(2048);
	assert_int_equal(EVP_PKEY_up_ref(shared), 1);
	return shared;
}

char *ca_site_key_pem(void)
{
	struct bytes b = ossl_key_pem(shared);
	char *s = slice_dup(bytes_slice(&b));

	bytes_free(&b);
	return s;
}

static void add(STACK_OF(X509_EXTENSION) * exts, int nid, const char *value)
{
	X509_EXTENSION *ext =
		value != NULL ? X509V3_EXT_conf_nid(NULL, NULL, nid, value)
			      : NULL;

	if (value == NULL)
		return;
	assert_non_null(ext);
	assert_true(sk_X509_EXTENSION_push(exts, ext) > 0);
}

struct bytes ca_site_csr(const struct ca_site_csr *c)
{
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	X509_REQ *req = X509_REQ_new();
	EVP_PKEY *key = key_for(c);
	X509_NAME *name;
	char why[256];
	struct bytes der;

	if (c->subject != NULL) {
		assert_int_equal(
			ossl_name(&name, c->subject, why, sizeof(why)), 0);
		X509_REQ_set_subject_name(req, name);
		X509_NAME_free(name);
	}
	X509_REQ_set_pubkey(req, key);
	add(exts, NID_subject_alt_name, c->san);
	add(exts, NID_ext_key_usage, c->eku);
	add(exts, NID_basic_constraints, c->ca ? "critical,CA:TRUE" : NULL);
	if (sk_X509_EXTENSION_num(exts) > 0)
		assert_int_equal(X509_REQ_add_extensions(req, exts), 1);
	if (c->password != NULL)
		X509_REQ_add1_attr_by_NID(req, NID_pkcs9_challengePassword,
			MBSTRING_UTF8, (const unsigned char *)c->password, -1);
	assert_true(X509_REQ_sign(
			    req, key, c->sha1 ? EVP_sha1() : EVP_sha256()) > 0);
	der = ossl_der(req, ASN1_ITEM_rptr(X509_REQ));
	if (c->bad_signature)
		der.p[der.n - 1] ^= 1;
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	EVP_PKEY_free(key);
	X509_REQ_free(req);
	return der;
}

/* ---- HTTP ---- */

enum { REQUEST_ROOM = 400000 };

static size_t read_request(int fd, char *p, char **body)
{
	size_t n = 0, want = 0;

	for (;;) {
		ssize_t k = recv(fd, p + n, REQUEST_ROOM - 1 - n, 0);
		char *length;

		if (k <= 0)
			return 0;
		n += (size_t)k;
		p[n] = '\0';
		*body = strstr(p, "\r\n\r\n");
		if (*body == NULL)
			continue;
		*body += 4;
		length = strcasestr(p, "Content-Length: ");
		if (length != NULL)
			want = strtoul(length + 16, NULL, 10);
		if (n >= (size_t)(*body - p) + want)
			return want;
	}
}

static void reply(int fd, const struct scep_response *r)
{
	char head[256];
	int n = snprintf(head, sizeof(head),
		"HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"Connection: close\r\n\r\n",
		r->status, r->content_type, r->body.n);

	if (send(fd, head, (size_t)n, MSG_NOSIGNAL) == n && r->body.n > 0 &&
		send(fd, r->body.p, r->body.n, MSG_NOSIGNAL) < 0)
		perror("send");
}

static void serve_one(struct ca_site *s, int fd)
{
	char *p = mem_new(REQUEST_ROOM), *body = NULL;
	size_t n = read_request(fd, p, &body);
	struct slice rest, method, target;
	struct scep_response out;
	struct scep_request r;

	rest = slice_str(p);
	if (body != NULL && slice_word(&rest, &method) &&
		slice_word(&rest, &target)) {
		size_t q = slice_find(target, '?');

		r = (struct scep_request){
			.post = slice_eq_str(method, "POST"),
			.path = slice_head(target, q),
			.query = slice_from(target, q + 1),
			.body = slice_of(body, n),
		};
		pthread_mutex_lock(&s->lock);
		scep_serve(s->ca, &r, &out);
		pthread_mutex_unlock(&s->lock);
		reply(fd, &out);
		scep_response_free(&out);
	}
	free(p);
}

static void *serve(void *arg)
{
	struct ca_site *s = arg;
	struct pollfd fds[] = {
		{ .fd = s->stop[0], .events = POLLIN },
		{ .fd = s->fd, .events = POLLIN },
	};

	while (poll(fds, 2, -1) > 0 && fds[0].revents == 0) {
		int fd = accept(s->fd, NULL, NULL);

		serve_one(s, fd);
		close(fd);
	}
	return NULL;
}

void ca_site_start(struct ca_site *s, struct ca *ca)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	s->ca = ca;
	pthread_mutex_init(&s->lock, NULL);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	getsockname(s->fd, (struct sockaddr *)&a, &n);
	snprintf(s->base, sizeof(s->base), "http://127.0.0.1:%u",
		ntohs(a.sin_port));
	snprintf(s->url, sizeof(s->url), "%s/scep", s->base);
	assert_int_equal(pipe(s->stop), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

void ca_site_stop(struct ca_site *s)
{
	assert_int_equal(write(s->stop[1], "x", 1), 1);
	pthread_join(s->thread, NULL);
	pthread_mutex_destroy(&s->lock);
	close(s->fd);
	close(s->stop[0]);
	close(s->stop[1]);
}

char *ca_site_run(bool *ok, const char *fmt, ...)
{
	struct text t = { 0 };
	char part[4096], *cmd;
	va_list ap;
	size_t n;
	FILE *f;

	va_start(ap, fmt);
	cmd = mem_vprintf(fmt, ap);
	va_end(ap);
	f = popen(cmd, "r");
	assert_non_null(f);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		text_add(&t, slice_of(part, n));
	*ok = pclose(f) == 0;
	free(cmd);
	return text_take(&t);
}

char *ca_site_dir;

int ca_site_setup(void **state)
{
	(void)state;
	ca_site_now = time(NULL);
	ca_site_dir = pki_dir();
	return 0;
}

int ca_site_teardown(void **state)
{
	(void)state;
	ca_site_new_key();
	pki_dir_free(ca_site_dir);
	return 0;
}

struct bytes ca_site_shown(const char *url, int n)
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

struct scep_response ca_site_ask(struct ca *ca, const char *path,
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

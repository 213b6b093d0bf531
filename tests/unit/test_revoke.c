/*
 * Revocation: lists and answers that are read or refused, the order of methods,
 * servers that hang, lie and answer late, handshakes that wait no longer than
 * they may. OpenSSL's `ocsp` is the honest responder.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "base/wire.h"
#include "certs/revoke/revoke.h"
#include "certs/revoke/revoke_read.h"
#include "certs/tls/handshake.h"
#include "certs/x509/crt.h"
#include "http_server.h"
#include "pki.h"
#include "tls_peer.h"

extern char **environ;

#define MAKE(...) pki_make(&(struct pki_spec){ __VA_ARGS__ })
#define BOTH .eku = "client,server"

static char *dir;
static struct pki_cert *root, *other;
static struct http_server *server;

/* ---- the server ---- */

static void set_body(struct http_answer *out, unsigned char *p, size_t n)
{
	out->body = p;
	out->n = n;
}

static struct pki_cert *bad_leaf; /* that every list names */

static void run(const char *const *words)
{
	char *argv[24] = { NULL };
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int status;

	for (size_t i = 0; words[i] != NULL; i++)
		argv[i] = mem_dup(words[i]);
	need(posix_spawn_file_actions_init(&fa) == 0);
	for (int fd = 1; fd <= 2; fd++)
		need(posix_spawn_file_actions_addopen(
			     &fa, fd, "/dev/null", O_WRONLY, 0) == 0);
	need(posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ) == 0);
	need(waitpid(pid, &status, 0) == pid);
	posix_spawn_file_actions_destroy(&fa);
	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
}

static uint8_t *read_all(const char *path, size_t *n)
{
	uint8_t *p = mem_new(65536);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, p, 65536) : 0;

	if (fd >= 0)
		(void)close(fd);
	*n = got > 0 ? (size_t)got : 0;
	return p;
}

/* What `openssl ocsp` answers to these bytes, signed by `signer`. */
static uint8_t *openssl_answers(
	const void *request, size_t len, const char *signer, size_t *n)
{
	static atomic_uint number;
	unsigned id = atomic_fetch_add(&number, 1);
	char *req = mem_printf("%s/req%u", dir, id);
	char *resp = mem_printf("%s/resp%u", dir, id);
	char *index = mem_printf("%s/index", dir);
	char *ca = mem_printf("%s/root.pem", dir);
	char *by = mem_printf("%s/%s.pem", dir, signer);
	const char *const words[] = { "openssl", "ocsp", "-index", index, "-CA",
		ca, "-rsigner", by, "-rkey", by, "-reqin", req, "-respout",
		resp, "-nmin", "60", NULL };
	int fd = open(req, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	uint8_t *out;

	need(fd >= 0 && write(fd, request, len) == (ssize_t)len);
	(void)close(fd);
	run(words);
	out = read_all(resp, n);
	free(req);
	free(resp);
	free(index);
	free(ca);
	free(by);
	return out;
}

static uint8_t *ask_openssl(
	const struct http_request *r, const char *signer, size_t *n)
{
	return openssl_answers(r->body, r->n, signer, n);
}

static atomic_uint replays; /* yesterday's list, but for the first time */

static void answer(
	void *arg, const struct http_request *r, struct http_answer *out)
{
	size_t n = 0;

	(void)arg;
	if (strcmp(r->path, "/crl") == 0) {
		set_body(out, pki_crl(&n, root, -60, 3600, bad_leaf, NULL), 0);
		out->n = n;
	} else if (strcmp(r->path, "/stale") == 0) {
		set_body(out, pki_crl(&n, root, -7200, -3600, NULL), 0);
		out->n = n;
	} else if (strcmp(r->path, "/replayed") == 0) {
		bool first = atomic_fetch_add(&replays, 1) == 0;

		set_body(out,
			pki_crl(&n, root, first ? -60 : -600, 3600,
				first ? bad_leaf : NULL, NULL),
			0);
		out->n = n;
	} else if (strcmp(r->path, "/foreign") == 0) {
		set_body(out, pki_crl(&n, other, -60, 3600, NULL), 0);
		out->n = n;
	} else if (strcmp(r->path, "/late") == 0) {
		set_body(out, pki_crl(&n, root, -60, 3600, bad_leaf, NULL), 0);
		out->n = n;
		out->hang_ms = 1500;
	} else if (strcmp(r->path, "/hang") == 0) {
		out->hang_ms = 60000;
	} else if (strcmp(r->path, "/garbage") == 0) {
		set_body(out, (unsigned char *)mem_dup("0\x82 what?"), 9);
	} else if (strcmp(r->path, "/empty") == 0) {
		out->n = 0;
	} else if (strcmp(r->path, "/ocsp") == 0) {
		out->body = ask_openssl(r, "root", &out->n);
	} else if (strcmp(r->path, "/ocsp-liar") == 0) {
		out->body = ask_openssl(r, "other", &out->n);
	} else {
		out->status = 404;
	}
}

/* ---- */

static char *url(const char *path)
{
	return mem_printf(
		"http://127.0.0.1:%u%s", http_server_port(server), path);
}

static char *serial_of(const struct pki_cert *c)
{
	char *s = crt_serial_dup(c->crt);

	for (char *p = s; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'f')
			*p = (char)(*p - 'a' + 'A');
	return s;
}

static void write_index(const struct pki_cert *good, const struct pki_cert *bad)
{
	char *g = serial_of(good);
	char *b = serial_of(bad);
	char *text = mem_printf("V\t491231235959Z\t\t%s\tunknown\t/CN=good\n"
				"R\t491231235959Z\t240101000000Z\t%s\tunknown\t"
				"/CN=bad\n",
		g, b);

	free(pki_write_text(dir, "index", text));
	free(text);
	free(g);
	free(b);
}

static struct pki_cert *good_leaf, *edge;

static int setup(void **state)
{
	(void)state;
	dir = pki_dir();
	root = MAKE(.cn = "Root", .ca = true);
	other = MAKE(.cn = "Root", .ca = true); /* same name, other key */
	good_leaf = MAKE(.cn = "good", .issuer = root, BOTH);
	bad_leaf = MAKE(.cn = "bad", .issuer = root, BOTH);
	edge = MAKE(.cn = "edge", .issuer = root, BOTH);
	free(pki_write(dir, "root.pem", root, root, NULL));
	free(pki_write(dir, "other.pem", other, other, NULL));
	write_index(good_leaf, bad_leaf);
	server = http_server_start(answer, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	http_server_stop(server);
	pki_free(edge);
	pki_free(good_leaf);
	pki_free(bad_leaf);
	pki_free(other);
	pki_free(root);
	pki_dir_free(dir);
	return 0;
}

static unsigned patience = 1; /* seconds a handshake may wait */

static struct trustpoint *trust(const enum conf_revocation *method, size_t n,
	const char *crl, const char *ocsp)
{
	struct conf_errs errs = { 0 };
	struct conf_trustpoint c = { 0 };
	struct trustpoint *t;
	char name[] = "T";

	c.name = name;
	c.ca_file = pki_write(dir, "ca", NULL, root, NULL);
	c.cert_file = pki_write(dir, "cert", NULL, edge, NULL);
	c.key_file = pki_write(dir, "key", edge, NULL);
	memcpy(c.revoke, method, n * sizeof(*method));
	c.nrevokes = n;
	c.crl_url = crl != NULL ? url(crl) : NULL;
	c.ocsp_url = ocsp != NULL ? url(ocsp) : NULL;
	c.revocation_seconds = patience;
	assert_int_equal(trustpoint_load(&t, &c, &errs), 0);
	conf_errs_free(&errs);
	free(c.ca_file);
	free(c.cert_file);
	free(c.key_file);
	free(c.crl_url);
	free(c.ocsp_url);
	return t;
}

struct waiting {
	struct mq *queue;
	bool woken;
};

static void woken(void *arg)
{
	struct waiting *w = arg;

	w->woken = true;
}

static void wait_until(struct waiting *w, uint64_t when)
{
	while (!w->woken && clock_ms() < when) {
		struct pollfd p = { .fd = mq_fd(w->queue), .events = POLLIN };

		(void)poll(&p, 1, (int)(when - clock_ms()));
		(void)mq_run(w->queue);
	}
	w->woken = false;
}

/* Judges as a handshake does; how long it took. */
static uint64_t judge(struct revoke *r, struct trustpoint *t,
	const struct pki_cert *leaf, struct slice staple,
	struct judge_verdict *v)
{
	struct waiting w = { .queue = mq_new(10) };
	struct revoke_query q = { .revoke = r,
		.trust = t,
		.began_ms = clock_ms(),
		.now = time(NULL),
		.staple = { staple },
		.nstaples = staple.n > 0,
		.queue = w.queue,
		.woken = woken,
		.arg = &w };
	struct judge_params p = { .chain = &leaf->der,
		.chain_len = 1,
		.anchors = trustpoint_anchors(t),
		.now = q.now,
		.status = revoke_status,
		.status_arg = &q };

	(void)judge_chain(v, &p);
	while (q.pending && v->reason == JUDGE_OK) {
		wait_until(&w, q.wake_ms);
		revoke_again(&q);
		(void)judge_chain(v, &p);
	}
	revoke_done(&q);
	(void)mq_run(w.queue);
	mq_free(w.queue);
	return clock_ms() - q.began_ms;
}

static struct revoke *cache(void)
{
	static const struct revoke_params p = { .fetch = fetch,
		.fetch_ms = 3000 };

	return revoke_new(&p);
}

#define NONE CONF_REVOKE_NONE
#define CRL CONF_REVOKE_CRL
#define OCSP CONF_REVOKE_OCSP

static const struct row {
	const char *name;
	enum conf_revocation method[3];
	size_t n;
	const char *crl, *ocsp;
	bool bad; /* the certificate is revoked */
	enum judge_reason reason;
	const char *says;
	bool waits; /* the time is used up */
} rows[] = {
	{ "none", { NONE }, 1, NULL, NULL, true, JUDGE_OK, "", false },
	{ "crl, good", { CRL }, 1, "/crl", NULL, false, JUDGE_OK, "", false },
	{ "crl, revoked", { CRL }, 1, "/crl", NULL, true, JUDGE_REVOKED,
		"was revoked on", false },
	{ "crl none, revoked", { CRL, NONE }, 2, "/crl", NULL, true,
		JUDGE_REVOKED, "the CRL of http://", false },
	{ "crl, hangs", { CRL }, 1, "/hang", NULL, false,
		JUDGE_REVOCATION_UNKNOWN, "did not answer in time", true },
	{ "crl none, hangs", { CRL, NONE }, 2, "/hang", NULL, true, JUDGE_OK,
		"", true },
	{ "crl ocsp, crl hangs", { CRL, OCSP }, 2, "/hang", "/ocsp", true,
		JUDGE_REVOKED, "the responder", false },
	{ "crl, not there", { CRL }, 1, "/nowhere", NULL, false,
		JUDGE_REVOCATION_UNKNOWN, "HTTP status 404", false },
	{ "crl ocsp, crl not there", { CRL, OCSP }, 2, "/nowhere", "/ocsp",
		false, JUDGE_OK, "", false },
	{ "crl, garbage", { CRL }, 1, "/garbage", NULL, false,
		JUDGE_REVOCATION_UNKNOWN, "is no CRL", false },
	{ "crl, empty", { CRL }, 1, "/empty", NULL, false,
		JUDGE_REVOCATION_UNKNOWN, "is no CRL", false },
	{ "crl, out of date", { CRL }, 1, "/stale", NULL, false,
		JUDGE_REVOCATION_UNKNOWN, "out of date since", false },
	{ "crl, another key's", { CRL }, 1, "/foreign", NULL, false,
		JUDGE_REVOCATION_UNKNOWN, "not signed by", false },
	{ "crl, no address", { CRL }, 1, NULL, NULL, false,
		JUDGE_REVOCATION_UNKNOWN, "names no CRL", false },
	{ "crl ocsp none, nothing", { CRL, OCSP, NONE }, 3, NULL, NULL, true,
		JUDGE_OK, "", false },
	{ "ocsp, good", { OCSP }, 1, NULL, "/ocsp", false, JUDGE_OK, "",
		false },
	{ "ocsp, revoked", { OCSP }, 1, NULL, "/ocsp", true, JUDGE_REVOKED,
		"2024-01-01", false },
	{ "ocsp, liar", { OCSP }, 1, NULL, "/ocsp-liar", false,
		JUDGE_REVOCATION_UNKNOWN, "not signed by", false },
	{ "ocsp crl, liar", { OCSP, CRL }, 2, "/crl", "/ocsp-liar", true,
		JUDGE_REVOKED, "the CRL of", false },
	{ "ocsp, garbage", { OCSP }, 1, NULL, "/garbage", false,
		JUDGE_REVOCATION_UNKNOWN, "is not OCSP", false },
	{ "ocsp, a CRL", { OCSP }, 1, NULL, "/crl", false,
		JUDGE_REVOCATION_UNKNOWN, "is not OCSP", false },
	{ "ocsp, hangs", { OCSP }, 1, NULL, "/hang", true,
		JUDGE_REVOCATION_UNKNOWN, "did not answer in time", true },
};

static void methods_follow_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct trustpoint *t =
			trust(row->method, row->n, row->crl, row->ocsp);
		struct revoke *r = cache();
		struct judge_verdict v;
		uint64_t ms = judge(r, t, row->bad ? bad_leaf : good_leaf,
			(struct slice){ 0 }, &v);

		if (v.reason != row->reason ||
			strstr(v.text, row->says) == NULL)
			fail_msg("row \"%s\": %s, \"%s\"", row->name,
				judge_reason_name(v.reason), v.text);
		/* Never longer than configured, give or take a busy machine. */
		check_row(row->name, ms < 1000 + 900);
		check_row(row->name, !row->waits || ms >= 990);
		revoke_free(r);
		obj_unref(t);
	}
}

static void answers_are_kept(void **state)
{
	const enum conf_revocation crl[] = { CRL };
	struct trustpoint *t = trust(crl, 1, "/crl", NULL);
	struct revoke *r = cache();
	unsigned before = http_server_requests(server);
	struct judge_verdict v;

	(void)state;
	for (int i = 0; i < 20; i++) {
		judge(r, t, i % 2 ? bad_leaf : good_leaf, (struct slice){ 0 },
			&v);
		assert_int_equal(v.reason, i % 2 ? JUDGE_REVOKED : JUDGE_OK);
	}
	assert_int_equal(http_server_requests(server) - before, 1);
	revoke_free(r);
	obj_unref(t);
}

/* What is older than what we have is not believed, valid though it is. */
static void older_lists_are_refused(void **state)
{
	const enum conf_revocation crl[] = { CRL };
	struct trustpoint *t = trust(crl, 1, "/replayed", NULL);
	struct revoke *r = cache();
	struct judge_verdict v;

	(void)state;
	judge(r, t, bad_leaf, (struct slice){ 0 }, &v);
	assert_int_equal(v.reason, JUDGE_REVOKED);
	revoke_forget(r);
	judge(r, t, bad_leaf, (struct slice){ 0 }, &v);
	assert_int_equal(v.reason, JUDGE_REVOCATION_UNKNOWN);
	assert_non_null(strstr(v.text, "older than the one"));
	revoke_free(r);
	obj_unref(t);
}

static void failures_are_kept(void **state)
{
	const enum conf_revocation crl[] = { CRL, NONE };
	struct trustpoint *t = trust(crl, 2, "/nowhere", NULL);
	struct revoke *r = cache();
	unsigned before = http_server_requests(server);
	struct judge_verdict v;

	(void)state;
	for (int i = 0; i < 20; i++) {
		judge(r, t, good_leaf, (struct slice){ 0 }, &v);
		assert_int_equal(v.reason, JUDGE_OK);
	}
	assert_int_equal(http_server_requests(server) - before, 1);
	revoke_free(r);
	obj_unref(t);
}

/* Too late for the first, who goes by the next method, in time for others. */
static void late_answers_serve_the_next(void **state)
{
	const enum conf_revocation crl[] = { CRL, NONE };
	struct trustpoint *t = trust(crl, 2, "/late", NULL);
	struct revoke *r = cache();
	unsigned before = http_server_requests(server);
	struct judge_verdict v;

	(void)state;
	assert_true(judge(r, t, bad_leaf, (struct slice){ 0 }, &v) < 1900);
	assert_int_equal(v.reason, JUDGE_OK);
	judge(r, t, bad_leaf, (struct slice){ 0 }, &v);
	assert_int_equal(v.reason, JUDGE_REVOKED);
	assert_int_equal(http_server_requests(server) - before, 1);
	revoke_free(r);
	obj_unref(t);
}

/* Many ask at a time: one fetch, all are woken. */
static void one_fetch_serves_all(void **state)
{
	enum { N = 200 };
	const enum conf_revocation crl[] = { CRL };
	struct trustpoint *t;
	struct revoke *r = cache();
	unsigned before = http_server_requests(server);
	struct revoke_query q[N];
	struct waiting w[N];
	struct mq *queue = mq_new(N);
	struct judge_status s;

	(void)state;
	patience = 30; /* a busy machine takes its time */
	t = trust(crl, 1, "/crl", NULL);
	patience = 1;
	for (size_t i = 0; i < N; i++) {
		w[i] = (struct waiting){ .queue = queue };
		q[i] = (struct revoke_query){ .revoke = r,
			.trust = t,
			.began_ms = clock_ms(),
			.now = time(NULL),
			.queue = queue,
			.woken = woken,
			.arg = &w[i] };
		revoke_status(&q[i], bad_leaf->crt, root->crt, &s);
		if (i % 2) /* some leave */
			revoke_done(&q[i]);
	}
	for (size_t i = 0; i < N; i += 2) {
		while (q[i].pending && !w[i].woken) {
			struct pollfd p = { .fd = mq_fd(queue),
				.events = POLLIN };

			assert_true(clock_ms() < q[i].wake_ms + 1000);
			(void)poll(&p, 1, 100);
			(void)mq_run(queue);
		}
		revoke_again(&q[i]);
		revoke_status(&q[i], bad_leaf->crt, root->crt, &s);
		assert_int_equal(s.kind, JUDGE_STATUS_REVOKED);
		assert_false(q[i].pending);
		revoke_done(&q[i]);
	}
	for (size_t i = 1; i < N; i += 2)
		assert_false(w[i].woken);
	assert_int_equal(http_server_requests(server) - before, 1);
	(void)mq_run(queue);
	mq_free(queue);
	revoke_free(r);
	obj_unref(t);
}

static uint8_t *staple_for(
	const struct pki_cert *c, const char *signer, size_t *n)
{
	uint8_t nonce[OCSP_NONCE];
	uint8_t *req, *out;
	size_t len;

	assert_int_equal(ocsp_request(c->crt, root->crt, nonce, &req, &len), 0);
	out = openssl_answers(req, len, signer, n);
	free(req);
	return out;
}

static void staples_count(void **state)
{
	const enum conf_revocation ocsp[] = { OCSP };
	struct trustpoint *t = trust(ocsp, 1, NULL, "/nowhere");
	struct revoke *r = cache();
	struct judge_verdict v;
	size_t n;
	uint8_t *p = staple_for(good_leaf, "root", &n);

	(void)state;
	judge(r, t, good_leaf, slice_of(p, n), &v);
	assert_int_equal(v.reason, JUDGE_OK);
	judge(r, t, bad_leaf, slice_of(p, n), &v); /* another's */
	assert_int_equal(v.reason, JUDGE_REVOCATION_UNKNOWN);
	free(p);
	p = staple_for(bad_leaf, "root", &n);
	judge(r, t, bad_leaf, slice_of(p, n), &v);
	assert_int_equal(v.reason, JUDGE_REVOKED);
	assert_non_null(strstr(v.text, "sent along"));
	free(p);
	p = staple_for(good_leaf, "other", &n);
	judge(r, t, good_leaf, slice_of(p, n), &v);
	assert_int_equal(v.reason, JUDGE_REVOCATION_UNKNOWN);
	free(p);
	revoke_free(r);
	obj_unref(t);
}

/* An answer to somebody else's question, however well signed. */
static void nonces_are_compared(void **state)
{
	uint8_t nonce[OCSP_NONCE];
	uint8_t *req, *resp;
	size_t len, n;
	struct ocsp_answer a;
	char why[REVOKE_WHY];

	(void)state;
	assert_int_equal(
		ocsp_request(good_leaf->crt, root->crt, nonce, &req, &len), 0);
	resp = openssl_answers(req, len, "root", &n);
	assert_int_equal(ocsp_read(&a, slice_of(resp, n), good_leaf->crt,
				 root->crt, nonce, time(NULL), why),
		0);
	assert_int_equal(ocsp_read(&a, slice_of(resp, n), good_leaf->crt,
				 root->crt, nonce, time(NULL) + 7200, why),
		EBADMSG);
	assert_non_null(strstr(why, "out of date"));
	nonce[3] ^= 1;
	assert_int_equal(ocsp_read(&a, slice_of(resp, n), good_leaf->crt,
				 root->crt, nonce, time(NULL), why),
		EBADMSG);
	assert_non_null(strstr(why, "another request"));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
			ocsp_read(&a, slice_of(resp, i), good_leaf->crt,
				root->crt, NULL, time(NULL), why),
			EBADMSG);
	free(req);
	free(resp);
}

static void cut_lists_are_refused(void **state)
{
	size_t n;
	unsigned char *p = pki_crl(&n, root, -60, 3600, bad_leaf, NULL);
	char why[REVOKE_WHY];
	struct crl *c;
	struct judge_status s;

	(void)state;
	assert_int_equal(
		crl_read(&c, slice_of(p, n), root->crt, NULL, time(NULL), why),
		0);
	crl_lookup(c, bad_leaf->crt, &s);
	assert_int_equal(s.kind, JUDGE_STATUS_REVOKED);
	assert_in_range(s.when, time(NULL) - 3700, time(NULL) - 3500);
	obj_unref(c);
	for (size_t i = 0; i < n; i++) {
		unsigned char *cut = mem_new(i + 1);

		memcpy(cut, p, i);
		assert_int_equal(crl_read(&c, slice_of(cut, i), root->crt, NULL,
					 time(NULL), why),
			EBADMSG);
		free(cut);
		p[i] ^= 1; /* and each byte turned */
		if (crl_read(&c, slice_of(p, n), root->crt, NULL, time(NULL),
			    why) == 0)
			fail_msg("byte %zu", i);
		p[i] ^= 1;
	}
	free(p);
}

/* ---- in handshakes ---- */

struct outcome {
	bool told;
	int err;
	char text[512];
	uint64_t ms;
	uint64_t began;
	gnutls_session_t session;
	struct trustpoint *own;
	int fd;
};

static void done(struct hs *h)
{
	struct outcome *o = hs_arg(h);
	const char *text;

	o->told = true;
	o->err = hs_error(h, &text);
	o->ms = clock_ms() - o->began;
	(void)snprintf(o->text, sizeof(o->text), "%s", text);
	if (o->err == 0)
		o->session = hs_take_session(h, &o->fd, &o->own);
	hs_free(h);
}

static void await(struct mq *reply, const struct outcome *o)
{
	uint64_t end = clock_ms() + 20000;

	while (!o->told) {
		struct pollfd p = { .fd = mq_fd(reply), .events = POLLIN };

		assert_true(clock_ms() < end);
		(void)poll(&p, 1, 1000);
		(void)mq_run(reply);
	}
}

static void forget(struct outcome *o)
{
	if (o->session != NULL) {
		gnutls_deinit(o->session);
		(void)close(o->fd);
		obj_unref(o->own);
	}
	*o = (struct outcome){ 0 };
}

static void begin(struct hs_pool *pool, struct mq *reply, struct trustpoint *t,
	const struct pki_cert *cert, struct tls_peer *peer, struct outcome *o)
{
	struct hs_params p = { .server = true,
		.own = t,
		.verify = true,
		.deadline_ms = 15000,
		.listener = "PHONES",
		.reply = reply,
		.done = done,
		.arg = o };
	int fd[2];

	assert_int_equal(addr_parse(&p.peer, SLICE_LIT("127.0.0.1"), 5), 0);
	tls_tcp_pair(fd);
	p.fd = fd[0];
	peer->fd = fd[1];
	peer->cert = cert;
	o->began = clock_ms();
	tls_peer_start(peer);
	hs_start(pool, &p);
}

static void handshakes_ask(void **state)
{
	static const struct {
		const char *name, *priority, *crl;
		size_t n; /* 2: with `none` */
		bool bad;
		int err, alert;
		bool waits;
	} hs[] = {
		{ "good", NULL, "/crl", 1, false, 0, -1, false },
		{ "revoked", NULL, "/crl", 1, true, EACCES,
			GNUTLS_A_CERTIFICATE_REVOKED, false },
		{ "revoked, TLS 1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.2", "/crl",
			1, true, EACCES, GNUTLS_A_CERTIFICATE_REVOKED, false },
		{ "hangs", NULL, "/hang", 1, false, EACCES,
			GNUTLS_A_CERTIFICATE_UNKNOWN, true },
		{ "hangs, none", NULL, "/hang", 2, true, 0, -1, true },
		{ "garbage", NULL, "/garbage", 1, false, EACCES,
			GNUTLS_A_CERTIFICATE_UNKNOWN, false },
	};
	const enum conf_revocation crl[] = { CRL, NONE };
	struct mq *reply = mq_new(10);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hs); i++) {
		struct trustpoint *t = trust(crl, hs[i].n, hs[i].crl, NULL);
		struct hs_pool *pool;
		/* the second time the answer is there before */
		assert_int_equal(hs_pool_start(&pool, 1), 0);
		for (int round = 0; round < 2; round++) {
			struct tls_peer peer = { .priority = hs[i].priority };
			struct outcome o = { 0 };

			begin(pool, reply, t, hs[i].bad ? bad_leaf : good_leaf,
				&peer, &o);
			await(reply, &o);
			if (o.err != hs[i].err)
				fail_msg("row %s: %d %s", hs[i].name, o.err,
					o.text);
			check_row(hs[i].name, o.ms < 1000 + 900);
			check_row(hs[i].name,
				!hs[i].waits || round > 0 || o.ms >= 990);
			if (o.err == 0)
				assert_int_equal(
					gnutls_record_send(o.session, "k", 1),
					1);
			tls_peer_join(&peer);
			assert_int_equal(peer.alert, hs[i].alert);
			forget(&o);
		}
		hs_pool_stop(pool);
		obj_unref(t);
	}
	mq_free(reply);
}

/* As a client: the server's own word, signed by its CA, is enough. */
static void staples_come_in_handshakes(void **state)
{
	const enum conf_revocation ocsp[] = { OCSP };
	static const char *const versions[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.2",
		"NORMAL:-VERS-ALL:+VERS-TLS1.3" };
	struct trustpoint *t = trust(ocsp, 1, NULL, "/nowhere");
	struct mq *reply = mq_new(10);

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		bool bad = i & 1, stapled = i & 2;
		struct pki_cert *cert = bad ? bad_leaf : good_leaf;
		struct tls_peer peer = { .server = true,
			.cert = cert,
			.priority = versions[i / 4] };
		struct outcome o = { .began = clock_ms() };
		struct hs_params p = { .own = t,
			.verify = true,
			.deadline_ms = 15000,
			.reply = reply,
			.done = done,
			.arg = &o };
		struct hs_pool *pool;
		size_t n = 0;
		uint8_t *answer_der = staple_for(cert, "root", &n);
		int fd[2];

		if (stapled)
			peer.staple = (gnutls_datum_t){ .data = answer_der,
				.size = (unsigned)n };
		assert_int_equal(
			addr_parse(&p.peer, SLICE_LIT("127.0.0.1"), 5), 0);
		assert_int_equal(hs_pool_start(&pool, 1), 0);
		tls_tcp_pair(fd);
		p.fd = fd[0];
		peer.fd = fd[1];
		tls_peer_start(&peer);
		hs_start(pool, &p);
		await(reply, &o);
		if ((o.err == 0) != (stapled && !bad) ||
			(stapled && bad &&
				strstr(o.text, "sent along") == NULL) ||
			(!stapled && strstr(o.text, "not known") == NULL))
			fail_msg("row %zu: %d %s", i, o.err, o.text);
		if (o.err == 0)
			assert_int_equal(
				gnutls_record_send(o.session, "k", 1), 1);
		tls_peer_join(&peer);
		forget(&o);
		hs_pool_stop(pool);
		free(answer_der);
	}
	mq_free(reply);
	obj_unref(t);
}

/* On the only thread: one waits for a server that hangs, others pass. One
 * leaves while it waits, one waits when all is stopped. */
static void others_pass_meanwhile(void **state)
{
	const enum conf_revocation crl[] = { CRL, NONE };
	struct trustpoint *slow = trust(crl, 2, "/hang", NULL);
	struct trustpoint *quick = trust(crl, 2, "/crl", NULL);
	struct mq *reply = mq_new(10);
	struct tls_peer waits = { 0 }, peer = { 0 }, last = { 0 };
	struct outcome w = { 0 }, o = { 0 }, l = { 0 };
	struct hs_pool *pool;

	(void)state;
	assert_int_equal(hs_pool_start(&pool, 1), 0);
	begin(pool, reply, slow, good_leaf, &waits, &w);
	for (int i = 0; i < 5; i++) {
		begin(pool, reply, quick, good_leaf, &peer, &o);
		await(reply, &o);
		assert_int_equal(o.err, 0);
		assert_false(w.told);
		assert_true(o.ms < 900);
		assert_int_equal(gnutls_record_send(o.session, "k", 1), 1);
		tls_peer_join(&peer);
		forget(&o);
	}
	(void)shutdown(waits.fd, SHUT_RDWR); /* it leaves */
	await(reply, &w);
	assert_int_equal(w.err, 0); /* who reads finds it gone */
	tls_peer_join(&waits);
	forget(&w);
	obj_unref(slow);
	slow = trust(crl, 2, "/late", NULL);
	begin(pool, reply, slow, good_leaf, &last, &l);
	hs_pool_stop(pool);
	await(reply, &l);
	assert_int_equal(l.err, ECANCELED);
	tls_peer_join(&last);
	mq_free(reply);
	obj_unref(slow);
	obj_unref(quick);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(methods_follow_each_other),
		T(answers_are_kept),
		T(older_lists_are_refused),
		T(failures_are_kept),
		T(late_answers_serve_the_next),
		T(one_fetch_serves_all),
		T(staples_count),
		T(nonces_are_compared),
		T(cut_lists_are_refused),
		T(handshakes_ask),
		T(staples_come_in_handshakes),
		T(others_pass_meanwhile),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}

/*
 * The doctor on configurations with one thing wrong each: what it finds, how
 * severe, and with which exit code. Core nodes are in the integration tests.
 */
#include "test.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "base/log.h"
#include "base/obj.h"
#include "doctor/doctor.h"
#include "http_server.h"
#include "pki.h"

#define MAKE(...) pki_make(&(struct pki_spec){ __VA_ARGS__ })
#define BOTH .eku = "client,server"
#define NAME .san = "DNS:edge.example.com,IP:127.0.0.1"

static char *dir;
static struct pki_cert *root, *inter, *leaf, *server_only, *client_only, *soon,
	*unnamed, *sha1, *weak, *old_root, *stray, *with_crl, *dead_crl,
	*revoked, *damaged, *short_root;
static struct http_server *server;

static void answer(
	void *arg, const struct http_request *r, struct http_answer *out)
{
	(void)arg;
	if (strcmp(r->path, "/crl") == 0)
		out->body = pki_crl(&out->n, root, -60, 86400, NULL);
	else if (strcmp(r->path, "/revoked") == 0)
		out->body = pki_crl(&out->n, root, -60, 86400, revoked, NULL);
	else
		out->status = 404;
}

static struct pki_cert *leaf_with_crl(const char *path)
{
	char *url = mem_printf(
		"http://127.0.0.1:%u%s", http_server_port(server), path);
	struct pki_cert *c =
		MAKE(.cn = "edge", .issuer = root, BOTH, NAME, .crl_url = url);

	free(url);
	return c;
}

static void write_all(void)
{
	static const char *const names[] = { "leaf", "server", "client", "soon",
		"unnamed", "sha1", "weak", "crl", "dead", "revoked" };
	const struct pki_cert *const leaves[] = { leaf, server_only,
		client_only, soon, unnamed, sha1, weak, with_crl, dead_crl,
		revoked };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *key = mem_printf("%s.key", names[i]);
		char *pem = mem_printf("%s.pem", names[i]);
		char *text;

		free(pki_write(dir, pem, NULL, leaves[i], NULL));
		text = pki_pem_key(leaves[i]);
		free(pki_write_text(dir, key, text));
		free(text);
		free(key);
		free(pem);
	}
	free(pki_write(dir, "root.pem", NULL, root, NULL));
	free(pki_write(dir, "roots.pem", NULL, root, old_root, NULL));
	free(pki_write(dir, "damaged.pem", NULL, root, damaged, NULL));
	free(pki_write(dir, "short.pem", NULL, root, short_root, NULL));
	free(pki_write(dir, "chain.pem", NULL, leaf, inter, NULL));
	free(pki_write(dir, "wrong-order.pem", NULL, inter, leaf, NULL));
	free(pki_write(dir, "stray.pem", NULL, leaf, inter, stray, NULL));
	free(pki_write(dir, "both.pem", NULL, root, inter, NULL));
}

/* ---- the registrar: it answers whatever is asked; an empty question ends it */

static int registrar = -1;
static struct sockaddr_in registrar_at = { .sin_family = AF_INET };
static pthread_t answering;

static void *answer_sip(void *arg)
{
	static const char ok[] = "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n";
	struct sockaddr_in from;
	char in[4096];

	(void)arg;
	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(registrar, in, sizeof(in), 0,
			(struct sockaddr *)&from, &len);

		if (n <= 0)
			return NULL;
		need(sendto(registrar, ok, sizeof(ok) - 1, 0,
			     (struct sockaddr *)&from, len) > 0);
	}
}

static void start_registrar(void)
{
	socklen_t len = sizeof(registrar_at);

	assert_int_equal(
		inet_pton(AF_INET, "127.0.0.9", &registrar_at.sin_addr), 1);
	registrar = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
		bind(registrar, (struct sockaddr *)&registrar_at, len), 0);
	assert_int_equal(
		getsockname(registrar, (struct sockaddr *)&registrar_at, &len),
		0);
	assert_int_equal(pthread_create(&answering, NULL, answer_sip, NULL), 0);
}

static void stop_registrar(void)
{
	assert_int_equal(
		sendto(registrar, "", 0, 0, (struct sockaddr *)&registrar_at,
			sizeof(registrar_at)),
		0);
	assert_int_equal(pthread_join(answering, NULL), 0);
	close(registrar);
}

static int setup(void **state)
{
	const struct log_params lp = { .level = LOG_SEV_EMERGENCY };

	(void)state;
	assert_int_equal(log_setup(&lp), 0);
	dir = pki_dir();
	start_registrar();
	server = http_server_start(answer, NULL);
	root = MAKE(.cn = "Root", .ca = true);
	inter = MAKE(.cn = "Inter", .issuer = root, .ca = true);
	old_root = MAKE(.cn = "Old root", .ca = true, .from_days = -9,
		.to_days = -1);
	damaged = MAKE(.cn = "Damaged", .ca = true, .bad_signature = true);
	short_root = MAKE(.cn = "Short", .ca = true, .key = PKI_RSA1024);
	stray = MAKE(.cn = "Stray", .issuer = root, .ca = true);
	leaf = MAKE(.cn = "edge", .issuer = inter, BOTH, NAME);
	server_only = MAKE(.cn = "edge", .issuer = root, .eku = "server", NAME);
	client_only = MAKE(.cn = "edge", .issuer = root, .eku = "client", NAME);
	soon = MAKE(.cn = "edge", .issuer = root, BOTH, NAME, .from_days = -9,
		.to_days = 12);
	unnamed = MAKE(.cn = "other.example.com", .issuer = root, BOTH);
	sha1 = MAKE(.cn = "edge", .issuer = root, BOTH, NAME,
		.digest = GNUTLS_DIG_SHA1);
	weak = MAKE(.cn = "edge", .issuer = root, BOTH, NAME,
		.key = PKI_RSA1024);
	with_crl = leaf_with_crl("/crl");
	dead_crl = leaf_with_crl("/nothing");
	revoked = leaf_with_crl("/revoked");
	write_all();
	return 0;
}

static int teardown(void **state)
{
	struct pki_cert *all[] = { root, inter, leaf, server_only, client_only,
		soon, unnamed, sha1, weak, old_root, stray, with_crl, dead_crl,
		revoked, damaged, short_root };

	(void)state;
	http_server_stop(server);
	stop_registrar();
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		pki_free(all[i]);
	pki_dir_free(dir);
	return 0;
}

/* `more` goes into the trustpoint; the registrar is UDP or a TLS client. */
static char *configure(const char *cert, const char *key, const char *ca,
	const char *more, bool client)
{
	char *text = mem_printf("hostname edge.example.com\n"
				"crypto pki trustpoint EDGE\n"
				" certificate file %s/%s\n"
				" key file %s/%s\n"
				" ca-bundle file %s/%s\n"
				"%s"
				"sip-listener PHONES\n"
				" side access\n"
				" address ipv4 127.0.0.1 port 5061\n"
				" transport tcp tls\n"
				" trustpoint EDGE\n"
				"sip-listener INSIDE\n"
				" side core\n"
				" address ipv4 127.0.0.1 port 5060\n"
				" transport %s\n"
				"%s"
				"sip-ua\n"
				"%s"
				" registrar ipv4:127.0.0.9:%u%s\n",
		dir, cert, dir, key, dir, ca, more, client ? "tcp tls" : "udp",
		client ? " trustpoint EDGE\n" : "",
		client ? " crypto signaling default trustpoint EDGE\n" : "",
		(unsigned)ntohs(registrar_at.sin_port),
		client ? " tcp tls" : "");
	char *path = pki_write_text(dir, "test.conf", text);

	free(text);
	return path;
}

static const struct row {
	const char *name, *cert, *key, *ca, *more;
	bool client;
	int code;
	const char *severity, *check, *says; /* NULL: nothing */
} rows[] = {
	{ "all is well", "chain.pem", "leaf.key", "root.pem", "", false,
		DOCTOR_WELL, NULL, NULL, NULL },
	{ "well as a client", "chain.pem", "leaf.key", "root.pem", "", true,
		DOCTOR_WELL, NULL, NULL, NULL },
	{ "missing intermediate", "leaf.pem", "leaf.key", "root.pem", "", false,
		DOCTOR_ERRORS, "error", "chain",
		"its issuer \"CN=Inter\" is missing" },
	{ "it stands in the CA bundle", "leaf.pem", "leaf.key", "both.pem", "",
		false, DOCTOR_ERRORS, "error", "chain", "\"CN=Inter\"" },
	{ "wrong order", "wrong-order.pem", "leaf.key", "root.pem", "", false,
		DOCTOR_WARNINGS, "warning", "chain",
		"number 1 is \"CN=Inter\", not \"CN=edge\"" },
	{ "stranger in the file", "stray.pem", "leaf.key", "root.pem", "",
		false, DOCTOR_WARNINGS, "warning", "chain",
		"\"CN=Stray\" is not part of the chain" },
	{ "another key", "chain.pem", "soon.key", "root.pem", "", false,
		DOCTOR_ERRORS, "error", "files", "does not belong to the key" },
	{ "no such file", "nothing.pem", "leaf.key", "root.pem", "", false,
		DOCTOR_ERRORS, "error", "files", "nothing.pem" },
	{ "no client's EKU", "server.pem", "server.key", "root.pem", "", true,
		DOCTOR_ERRORS, "error", "usage",
		"does not allow TLS client authentication" },
	{ "needs none", "server.pem", "server.key", "root.pem", "", false,
		DOCTOR_WELL, NULL, NULL, NULL },
	{ "no server's EKU", "client.pem", "client.key", "root.pem", "", false,
		DOCTOR_ERRORS, "error", "usage",
		"does not allow TLS server authentication" },
	{ "ends soon", "soon.pem", "soon.key", "root.pem", "", false,
		DOCTOR_WARNINGS, "warning", "expiry", "expires in 1" },
	{ "an old root", "chain.pem", "leaf.key", "roots.pem", "", false,
		DOCTOR_ERRORS, "error", "expiry",
		"the trusted CA \"CN=Old root\" expired on" },
	{ "a damaged root", "chain.pem", "leaf.key", "damaged.pem", "", false,
		DOCTOR_ERRORS, "error", "anchors",
		"\"CN=Damaged\" is damaged" },
	{ "a root with a short key", "chain.pem", "leaf.key", "short.pem", "",
		false, DOCTOR_WARNINGS, "warning", "strength",
		"the trusted CA \"CN=Short\"" },
	{ "another name", "unnamed.pem", "unnamed.key", "root.pem", "", false,
		DOCTOR_WARNINGS, "warning", "name",
		"edge.example.com, 127.0.0.1, and none of that is in" },
	{ "SHA-1", "sha1.pem", "sha1.key", "root.pem", "", false, DOCTOR_ERRORS,
		"error", "strength", "SHA-1" },
	{ "short key", "weak.pem", "weak.key", "root.pem", "", false,
		DOCTOR_ERRORS, "error", "strength", "RSA 1024" },
	{ "CRL is there", "crl.pem", "crl.key", "root.pem", "", false,
		DOCTOR_WELL, NULL, NULL, NULL },
	{ "CRL is not there", "dead.pem", "dead.key", "root.pem", "", false,
		DOCTOR_WARNINGS, "warning", "revocation", "HTTP status 404" },
	{ "we are revoked", "revoked.pem", "revoked.key", "root.pem", "", false,
		DOCTOR_ERRORS, "error", "revocation", "was revoked, says" },
	{ "CRL of the configuration", "chain.pem", "leaf.key", "root.pem",
		" revocation-check crl\n crl query http://127.0.0.1:1/crl\n",
		false, DOCTOR_ERRORS, "error", "revocation",
		"no CRL from http://127.0.0.1:1/crl" },
	{ "does not parse", "chain.pem", "leaf.key", "root.pem", " bogus\n",
		false, DOCTOR_ERRORS, "error", "configuration",
		"unknown command" },
};

static int run(const struct row *row, bool json, char **out)
{
	char *path =
		configure(row->cert, row->key, row->ca, row->more, row->client);
	struct doctor_params p = { .file = path, .json = json };
	size_t n = 0;
	FILE *f = open_memstream(out, &n);
	int code;

	/* Nobody speaks TLS at the registrar's address. */
	p.no_connect = row->client;
	code = doctor_run(&p, f);
	assert_int_equal(fclose(f), 0);
	free(path);
	return code;
}

static void faults_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *head = NULL;
		char *out;
		int code = run(&rows[i], false, &out);

		if (rows[i].severity != NULL)
			head = mem_printf(
				"%s: %s: ", rows[i].severity, rows[i].check);
		if (code != rows[i].code ||
			(head != NULL &&
				(strstr(out, head) == NULL ||
					strstr(out, rows[i].says) == NULL)) ||
			(head == NULL &&
				strcmp(out,
					"0 errors, 0 warnings, 0 notes\n") !=
					0))
			fail_msg("row \"%s\": %d\n%s", rows[i].name, code, out);
		free(head);
		free(out);
	}
}

static void shell(const char *command, const char *path)
{
	char *cmd = mem_printf("%s %s", command, path);

	assert_int_equal(system(cmd), 0);
	free(cmd);
}

static char *unit_dir(const char *top, const char *under)
{
	char *path = mem_printf("%s/%s", top, under);

	shell("mkdir -p", path);
	return path;
}

static void unit_says(const char *path, const char *name, const char *limit)
{
	char *text = mem_printf("[Service]\n LimitNOFILE=%s\n", limit);

	free(pki_write_text(path, name, text));
	free(text);
}

static void expect_limit(const char *top, const char *says)
{
	char *path = configure("chain.pem", "leaf.key", "root.pem", "", false);
	struct doctor_params p = { .file = path, .root = top };
	char *out = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&out, &n);
	int code = doctor_run(&p, f);

	assert_int_equal(fclose(f), 0);
	assert_int_equal(
		code, says != NULL && slice_starts(slice_str(says), "warning")
			      ? DOCTOR_WARNINGS
			      : DOCTOR_WELL);
	if (says != NULL && strstr(out, says) == NULL)
		fail_msg("not told: %s\n%s", says, out);
	free(out);
	free(path);
}

/* 4,096 calls by the ports, 20,000 connections by the listener. */
static void open_files_are_compared(void **state)
{
	char *top = pki_dir();
	char *unit = unit_dir(top, "usr/lib/systemd/system");
	char *edited = unit_dir(top, "etc/systemd/system/linesided.service.d");

	(void)state;
	expect_limit(top, NULL); /* no unit */
	unit_says(unit, "linesided.service", "1024:4096");
	expect_limit(top,
		"warning: limits: the service's unit lets the daemon have 4096 "
		"files open, and the configuration allows what takes 36584: "
		"four for each of 4096 calls, one for each of 20000");
	unit_says(edited, "a.conf", "16583");
	expect_limit(top, "warning: limits: ");
	unit_says(edited, "a.conf", "16584"); /* phones alone do not fit */
	expect_limit(top, "note: limits: the service's unit lets the daemon "
			  "have 16584 files");
	expect_limit(top, "'LimitNOFILE=36584'");
	unit_says(edited, "a.conf", "36583");
	expect_limit(top, "note: limits: the service's unit lets the daemon "
			  "have 36583 files");
	unit_says(edited, "b.conf", "36584");
	expect_limit(top, NULL);
	unit_says(edited, "c.conf", "infinity");
	expect_limit(top, NULL);
	free(edited);
	free(unit);
	shell("rm -rf", top);
	free(top);
}

static void json_tells_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *out;
		json_error_t err;
		json_t *all, *one;
		bool found = rows[i].severity == NULL;
		size_t k;

		assert_int_equal(run(&rows[i], true, &out), rows[i].code);
		all = json_loads(out, 0, &err);
		if (all == NULL)
			fail_msg("%s\n%s", err.text, out);
		json_array_foreach(json_object_get(all, "findings"), k, one)
		{
			check_row(rows[i].name,
				json_string_length(
					json_object_get(one, "file")) > 0);
			if (rows[i].severity != NULL &&
				strcmp(json_string_value(json_object_get(
					       one, "severity")),
					rows[i].severity) == 0 &&
				strcmp(json_string_value(
					       json_object_get(one, "check")),
					rows[i].check) == 0)
				found = true;
		}
		check_row(rows[i].name, found);
		json_decref(all);
		free(out);
	}
}

static void clocks_are_doubted(void **state)
{
	const struct utimbuf future = { time(NULL) + 864000,
		time(NULL) + 864000 };
	char *pem = mem_printf("%s/chain.pem", dir);
	char *out;

	(void)state;
	assert_int_equal(utime(pem, &future), 0);
	assert_int_equal(run(&rows[0], false, &out), DOCTOR_WARNINGS);
	assert_non_null(strstr(out, "warning: clock: the clock says"));
	free(out);
	free(pem);
}

static void a_missing_file_is_said(void **state)
{
	const struct doctor_params p = { .file = "/nonexistent/x.conf" };
	char *out;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	(void)state;
	assert_int_equal(doctor_run(&p, f), DOCTOR_ERRORS);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(out, "error: configuration: "));
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(faults_are_found),
		T(open_files_are_compared),
		T(json_tells_the_same),
		T(clocks_are_doubted),
		T(a_missing_file_is_said),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}

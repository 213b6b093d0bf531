/*
 * The server of tests/bench/handshakes: accepts TLS as a listener does, demands
 * a certificate, judges it, says how many it took, and ends at end of input.
 *
 *   hs_server PORT CERTIFICATE KEY ANCHORS     port and counts on stdout
 *   hs_server --anchors N FILE ROOT            a bundle of N CAs and ROOT
 *   hs_server --client PORT CERTIFICATE KEY SECONDS
 *                         full handshakes one after another; how many
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/obj.h"
#include "base/thread.h"
#include "certs/tls/handshake.h"
#include "pki.h"

struct server {
	int listener;
	struct trustpoint *own;
	struct hs_pool *pool;
	struct mq *reply;
	unsigned good, bad;
};

static void done(struct hs *h)
{
	struct server *s = hs_arg(h);
	struct trustpoint *own;
	gnutls_session_t session;
	int fd;

	if (hs_error(h, NULL) == 0) {
		s->good++;
		session = hs_take_session(h, &fd, &own);
		obj_unref(hs_take_identity(h));
		(void)gnutls_bye(session, GNUTLS_SHUT_WR);
		gnutls_deinit(session);
		(void)close(fd);
		obj_unref(own);
	} else {
		s->bad++;
	}
	hs_free(h);
}

static void accept_all(struct server *s)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof(ss);
	struct hs_params p = { .server = true,
		.own = s->own,
		.verify = true,
		.deadline_ms = 10000,
		.listener = "bench",
		.reply = s->reply,
		.done = done,
		.arg = s };

	while ((p.fd = accept4(s->listener, (struct sockaddr *)&ss, &n,
			SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		p.peer = addr_from_sockaddr((struct sockaddr *)&ss);
		hs_start(s->pool, &p);
		n = sizeof(ss);
	}
}

static void serve(struct server *s)
{
	struct pollfd p[3] = { { .fd = s->listener, .events = POLLIN },
		{ .fd = mq_fd(s->reply), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };

	while (p[2].revents == 0) {
		(void)poll(p, 3, -1);
		if (p[0].revents != 0)
			accept_all(s);
		(void)mq_run(s->reply);
	}
}

static int listen_at(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	need(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	need(listen(fd, 512) == 0);
	return fd;
}

static int make_anchors(unsigned long n, const char *file, const char *root)
{
	struct pki_cert *key = pki_make(&(struct pki_spec){ .cn = "key" });
	gnutls_datum_t pem = { 0 };
	FILE *f = fopen(file, "w");
	char cn[64];

	need(f != NULL && gnutls_load_file(root, &pem) == 0);
	for (unsigned long i = 0; i < n; i++) {
		struct pki_cert *c;
		char *text;

		(void)snprintf(cn, sizeof(cn), "Example Root CA %lu", i);
		c = pki_make(&(struct pki_spec){
			.cn = cn, .ca = true, .same_key = key });
		text = pki_pem_cert(c);
		(void)fputs(text, f);
		free(text);
		pki_free(c);
	}
	(void)fwrite(pem.data, 1, pem.size, f);
	gnutls_free(pem.data);
	pki_free(key);
	return fclose(f);
}

/* Until the server has closed: then it had taken us. */
static bool shake(uint16_t port, gnutls_certificate_credentials_t cred)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	gnutls_session_t s;
	int on = 1;
	char byte;
	ssize_t n;
	int err;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	need(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	need(gnutls_init(&s, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL |
				     GNUTLS_FORCE_CLIENT_CERT |
				     GNUTLS_NO_TICKETS) == 0);
	need(gnutls_priority_set_direct(s,
		     "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM",
		     NULL) == 0);
	need(gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred) == 0);
	gnutls_transport_set_int(s, fd);
	do {
		err = gnutls_handshake(s);
	} while (err < 0 && gnutls_error_is_fatal(err) == 0);
	if (err == 0)
		(void)gnutls_bye(s, GNUTLS_SHUT_WR);
	do {
		n = gnutls_record_recv(s, &byte, 1);
	} while (n > 0 || n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	gnutls_deinit(s);
	(void)close(fd);
	return err == 0 && n != GNUTLS_E_FATAL_ALERT_RECEIVED;
}

static int run_client(
	uint16_t port, const char *cert, const char *key, unsigned long seconds)
{
	gnutls_certificate_credentials_t cred;
	uint64_t end = clock_ms() + seconds * 1000;
	unsigned good = 0, bad = 0;

	need(gnutls_certificate_allocate_credentials(&cred) == 0);
	need(gnutls_certificate_set_x509_key_file(
		     cred, cert, key, GNUTLS_X509_FMT_PEM) >= 0);
	while (clock_ms() < end)
		*(shake(port, cred) ? &good : &bad) += 1;
	(void)printf("%u %u\n", good, bad);
	gnutls_certificate_free_credentials(cred);
	return 0;
}

int main(int argc, char **argv)
{
	const struct log_params lp = { .level = LOG_SEV_EMERGENCY };
	struct conf_trustpoint c = { 0 };
	struct conf_errs errs = { 0 };
	struct server s = { 0 };
	char name[] = "BENCH";

	if (argc == 5 && strcmp(argv[1], "--anchors") == 0)
		return make_anchors(
			strtoul(argv[2], NULL, 10), argv[3], argv[4]);
	if (argc == 6 && strcmp(argv[1], "--client") == 0)
		return run_client((uint16_t)strtoul(argv[2], NULL, 10), argv[3],
			argv[4], strtoul(argv[5], NULL, 10));
	need(argc == 5 && log_setup(&lp) == 0);
	c.name = name;
	c.cert_file = argv[2];
	c.key_file = argv[3];
	c.ca_file = argv[4];
	if (trustpoint_load(&s.own, &c, &errs) != 0) {
		conf_errs_print(&errs, "bench", stderr);
		return 1;
	}
	s.listener = listen_at((uint16_t)strtoul(argv[1], NULL, 10));
	s.reply = mq_new(0);
	need(hs_pool_start(&s.pool, 1) == 0);
	(void)printf("ready\n");
	(void)fflush(stdout);
	serve(&s);
	hs_pool_stop(s.pool);
	(void)mq_run(s.reply);
	(void)printf("%u %u\n", s.good, s.bad);
	mq_free(s.reply);
	obj_unref(s.own);
	conf_errs_free(&errs);
	return 0;
}

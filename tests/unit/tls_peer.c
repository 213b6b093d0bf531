/* A TLS peer that is not ours. */
#include "tls_peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/need.h"
#include "base/obj.h"

enum { PATIENCE_MS = 20000 };

/* As it is: of one with gnutls_certificate_set_x509_key(), GnuTLS would leave
 * out what is there twice. */
static void set_long_chain(
	gnutls_certificate_credentials_t cred, const struct tls_peer *p)
{
	unsigned n = 1 + p->issuers;
	gnutls_pcert_st *chain = mem_array(n, sizeof(*chain));
	gnutls_privkey_t key;

	for (unsigned i = 0; i < n; i++)
		need(gnutls_pcert_import_x509(&chain[i],
			     i == 0 ? p->cert->crt : p->issuer->crt, 0) == 0);
	need(gnutls_privkey_init(&key) == 0 &&
		gnutls_privkey_import_x509(
			key, p->cert->key, GNUTLS_PRIVKEY_IMPORT_COPY) == 0);
	need(gnutls_certificate_set_key(cred, NULL, 0, chain, (int)n, key) >=
		0); /* takes what the chain holds, and the key */
	free(chain);
}

static void set_cert(
	gnutls_certificate_credentials_t cred, const struct tls_peer *p)
{
	gnutls_x509_crt_t chain[2] = { p->cert->crt };
	int n = 1;

	if (p->issuers > 0) {
		set_long_chain(cred, p);
		return;
	}
	if (p->issuer != NULL)
		chain[n++] = p->issuer->crt;
	gnutls_certificate_set_flags(
		cred, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	need(gnutls_certificate_set_x509_key(cred, chain, n, p->cert->key) >=
		0);
}

static void read_on(struct tls_peer *p, gnutls_session_t s)
{
	char byte;
	ssize_t n;

	do {
		n = gnutls_record_recv(s, &byte, 1);
	} while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	p->got_byte = n == 1;
	if (n == GNUTLS_E_FATAL_ALERT_RECEIVED)
		p->alert = (int)gnutls_alert_get(s);
	if (n == 1 && p->keep_session)
		need(gnutls_session_get_data2(s, &p->session) == 0);
}

static int shake(struct tls_peer *p, gnutls_session_t s)
{
	int err;

	do {
		err = gnutls_handshake(s);
	} while (err < 0 && gnutls_error_is_fatal(err) == 0);
	if (err == GNUTLS_E_FATAL_ALERT_RECEIVED)
		p->alert = (int)gnutls_alert_get(s);
	else if (err < 0)
		(void)gnutls_alert_send_appropriate(s, err);
	return err;
}

static int staple(gnutls_session_t s, void *arg, gnutls_datum_t *out)
{
	const struct tls_peer *p = arg;

	(void)s;
	out->data = gnutls_malloc(p->staple.size);
	need(out->data != NULL);
	memcpy(out->data, p->staple.data, p->staple.size);
	out->size = p->staple.size;
	return 0;
}

static void prepare(struct tls_peer *p, gnutls_session_t *s,
	gnutls_certificate_credentials_t *cred)
{
	need(gnutls_certificate_allocate_credentials(cred) == 0);
	if (p->cert != NULL)
		set_cert(*cred, p);
	/* By hand: GnuTLS itself does not send along that it was revoked. */
	if (p->staple.size > 0)
		gnutls_certificate_set_ocsp_status_request_function(
			*cred, staple, p);
	if (p->trusts != NULL)
		need(gnutls_certificate_set_x509_trust(*cred,
			     (gnutls_x509_crt_t[]){ p->trusts->crt }, 1) == 1);
	need(gnutls_init(
		     s, (p->server ? GNUTLS_SERVER
				   : GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT) |
				GNUTLS_NO_SIGNAL) == 0);
	need(gnutls_priority_set_direct(*s,
		     p->priority != NULL ? p->priority : "NORMAL", NULL) == 0);
	need(gnutls_credentials_set(*s, GNUTLS_CRD_CERTIFICATE, *cred) == 0);
	if (p->trusts != NULL)
		gnutls_session_set_verify_cert(*s, NULL, 0);
	if (p->server)
		gnutls_certificate_server_set_request(*s, GNUTLS_CERT_REQUEST);
	if (p->resume.data != NULL)
		need(gnutls_session_set_data(
			     *s, p->resume.data, p->resume.size) == 0);
	gnutls_handshake_set_timeout(*s, PATIENCE_MS);
	gnutls_record_set_timeout(*s, PATIENCE_MS);
	gnutls_transport_set_int(*s, p->fd);
}

/* Unread bytes would make it a reset that overtakes our alert. */
static void leave(const struct tls_peer *p)
{
	char waste[512];

	if (p->handshake < 0 && shutdown(p->fd, SHUT_WR) == 0)
		while (recv(p->fd, waste, sizeof(waste), 0) > 0)
			;
	(void)close(p->fd);
}

static void *run(void *arg)
{
	struct tls_peer *p = arg;
	gnutls_certificate_credentials_t cred;
	gnutls_session_t s;
	size_t n = sizeof(p->server_name) - 1;
	unsigned type;

	prepare(p, &s, &cred);
	p->handshake = shake(p, s);
	if (p->server)
		(void)gnutls_server_name_get(s, p->server_name, &n, &type, 0);
	p->resumed = gnutls_session_is_resumed(s) != 0;
	if (p->handshake == 0)
		read_on(p, s);
	leave(p);
	gnutls_deinit(s);
	gnutls_certificate_free_credentials(cred);
	gnutls_free(p->resume.data);
	p->resume.data = NULL;
	return NULL;
}

void tls_peer_start(struct tls_peer *p)
{
	p->alert = -1;
	need(pthread_create(&p->thread, NULL, run, p) == 0);
}

void tls_peer_join(struct tls_peer *p)
{
	need(pthread_join(p->thread, NULL) == 0);
}

int tls_listen(int backlog, unsigned short *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	need(listen(fd, backlog) == 0);
	need(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	*port = ntohs(a.sin_port);
	return fd;
}

void tls_tcp_pair(int fd[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	unsigned short port;
	int listener = tls_listen(1, &port);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons(port);
	fd[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	need(fd[1] >= 0);
	need(connect(fd[1], (struct sockaddr *)&a, sizeof(a)) == 0);
	fd[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	need(fd[0] >= 0);
	(void)close(listener);
}

/*
 * A TLS peer that is not ours: plain blocking GnuTLS in a thread, with the
 * versions, certificates and manners that a test wants.
 */
#ifndef LINESIDE_TESTS_UNIT_TLS_PEER_H
#define LINESIDE_TESTS_UNIT_TLS_PEER_H

#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdbool.h>

#include "pki.h"

struct tls_peer {
	/* in */
	int fd; /* taken */
	bool server;
	const char *priority; /* NULL: GnuTLS's own */
	const struct pki_cert *cert, *issuer; /* shown; NULL: none */
	unsigned issuers; /* so many times; 0: once */
	const struct pki_cert *trusts; /* checks our chain; NULL: does not */
	gnutls_datum_t staple; /* OCSP answer a server sends along; or none */
	gnutls_datum_t resume; /* session to resume; freed */
	bool keep_session; /* fills `session` */
	/* out, after tls_peer_join */
	int handshake; /* of gnutls_handshake */
	int alert; /* received, also after the handshake; -1: none */
	bool got_byte; /* one byte of data arrived */
	bool resumed;
	char server_name[64]; /* a server was asked for */
	gnutls_datum_t session;
	pthread_t thread;
};

void tls_peer_start(struct tls_peer *p);
void tls_peer_join(struct tls_peer *p);

/* Two ends of a TCP connection over loopback; [0] is non-blocking. */
void tls_tcp_pair(int fd[2]);
/* A listening socket and its port. */
int tls_listen(int backlog, unsigned short *port);

#endif

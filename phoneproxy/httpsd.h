/*
 * Phones' files by HTTPS (TCP 6971, 6972), in front of files.h: one request
 * after the other on a connection of tls_port.h. Who asks here has judged our
 * certificate and wants no signature: NAME.sgn is answered with the plain
 * file. Where phones must show their certificate (6972), nobody gets another
 * phone's files, and the certificate is noted as the phone's. Services thread.
 */
#ifndef LINESIDE_PHONEPROXY_HTTPSD_H
#define LINESIDE_PHONEPROXY_HTTPSD_H

#include "phoneproxy/files.h"
#include "phoneproxy/serve/tls_port.h"

struct httpsd;

/* `fd` listens; taken. `mutual`: phones show their certificate. `set` has the
 * trustpoint for that. */
struct httpsd *httpsd_open(struct loop *l, struct files *files,
	struct hs_pool *hs, int fd, struct ppset *set, bool mutual) MUST_USE;
void httpsd_use(struct httpsd *h, struct ppset *set);
void httpsd_close(struct httpsd *h); /* NULL is fine */

#endif

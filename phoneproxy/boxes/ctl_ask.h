/*
 * Asks another box for its certificates (`server cme`): TLS judged by our
 * trustpoint, then user and password, then its answer. Blocking: a program of
 * its own, or the main thread while nothing depends on it.
 */
#ifndef LINESIDE_PHONEPROXY_CTL_ASK_H
#define LINESIDE_PHONEPROXY_CTL_ASK_H

#include "certs/store/trustpoint.h"
#include "phoneproxy/signed/ctl_exchange.h"

/*
 * Its offer, one whole frame that parses as such, appended to *out. Otherwise
 * an errno and *why, a sentence that names cause and remedy (free() it):
 * ECONNREFUSED, ETIMEDOUT … nobody there; EACCES we do not believe it, or it
 * does not believe us; EBADMSG it speaks another protocol; EPROTO TLS failed.
 * Never takes longer than 15 s.
 */
int ctl_ask(struct text *out, const struct conf *c,
	const struct conf_ctl_server *server, struct trustpoint *own,
	char **why) MUST_USE;

#endif

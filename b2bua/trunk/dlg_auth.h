/*
 * Challenges to requests of ours in a dialog (RFC 3261 22), answered by
 * `authentication` of its dial-peer. What is sent is kept until its final
 * answer; a 401 or 407 of a realm of ours is nobody else's. Sip thread.
 */
#ifndef LINESIDE_B2BUA_DLG_AUTH_H
#define LINESIDE_B2BUA_DLG_AUTH_H

#include "b2bua/route/headers.h"
#include "b2bua/sip/sip_port.h"
#include "conf/conf.h"

struct core;
struct dlg_auth; /* what was asked, and what waits for its answer */

struct dlg_asker { /* borrows all of it */
	struct core *core;
	const struct conf *conf;
	const struct conf_dial_peer *peer; /* NULL: none */
	struct sip_dlg *dlg;
	struct dlg_auth **auth; /* NULL in it: no challenge is ours */
};

/* As the port's send; `h` are o's headers, and may grow. */
int dlg_auth_send(const struct dlg_asker *d, struct hdrs *h, struct sip_out *o,
	void *cookie) MUST_USE;
/* A final answer: true when the request was sent again, which it is only if
 * it is still `wanted`. `refused`: our answer was not believed. */
bool dlg_auth_again(struct dlg_asker *d, void *cookie, const struct sip_msg *m,
	bool wanted, bool *refused);
/* The ACK to a 2xx has the credentials of its INVITE (RFC 3261 22.1). */
void dlg_auth_ack(
	const struct dlg_auth *auth, struct hdrs *h, struct sip_out *o);
void dlg_auth_free(struct dlg_auth **slot); /* NULL then */

#endif

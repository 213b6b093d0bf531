/*
 * Whole SIP messages as they are sent and received, in clear, for captures of
 * calls. Nobody listens as a rule, and then it costs nothing. The sip thread.
 */
#ifndef LINESIDE_B2BUA_WIRE_TAP_H
#define LINESIDE_B2BUA_WIRE_TAP_H

#include "base/addr.h"
#include "base/slice.h"

struct wire_message { /* borrowed for the call */
	bool sent;
	struct addr local, peer;
	const char *transport; /* "udp", "tcp", "tls" */
	struct slice raw; /* secrets and all */
};
typedef void wire_tap_fn(void *arg, const struct wire_message *m);

void wire_tap_set(wire_tap_fn *fn, void *arg); /* NULL: nobody */
bool wire_tap_on(void);
void wire_tap(const struct wire_message *m);

#endif

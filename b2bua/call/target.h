/*
 * What keepalives and registrations of trunks have in common: the URI of a
 * host that the configuration names, and intervals that keep boxes out of
 * step.
 */
#ifndef LINESIDE_B2BUA_TARGET_H
#define LINESIDE_B2BUA_TARGET_H

#include <stdint.h>

#include "base/need.h"
#include "conf/model_base.h"

/* The Request-URI that is the host itself, nobody's number; free() it.
 * `host`: a name or an address; port 0: none is written. */
char *target_uri(const char *host, uint16_t port,
	enum conf_transport transport) MUST_USE;

/* Milliseconds, at random between so many thousandths of the seconds. */
unsigned target_jitter(unsigned seconds, unsigned least, unsigned most);

#endif

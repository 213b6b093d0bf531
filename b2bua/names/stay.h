/*
 * `outbound-proxy … reuse`: of the addresses that a proxy's name leads to,
 * the one that granted the last registration has that one's calls as well.
 * Sip thread.
 */
#ifndef LINESIDE_B2BUA_STAY_H
#define LINESIDE_B2BUA_STAY_H

#include "base/addr.h"
#include "conf/model.h"

enum { STAYS_MAX = 256 }; /* names of the configuration: few */

struct stay_key { /* borrowed */
	const char *host;
	uint16_t port; /* as configured; 0: none */
	enum conf_transport transport;
	int family;
};
struct stays {
	struct stay *first;
	size_t n;
};

/* A registration was granted there; true: and the last one elsewhere. */
bool stays_note(
	struct stays *s, const struct stay_key *k, const struct addr *a);
/* NULL: none was granted yet. */
const struct addr *stays_at(const struct stays *s, const struct stay_key *k);
void stays_free(struct stays *s);

#endif

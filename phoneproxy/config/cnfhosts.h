/* Which hosts are inside: names, addresses, networks; and URLs' hosts. */
#ifndef LINESIDE_PHONEPROXY_CNFHOSTS_H
#define LINESIDE_PHONEPROXY_CNFHOSTS_H

#include "phoneproxy/config/cnfdoc.h"
#include "phoneproxy/config/cnfxml.h"

/* Same address, or same name whatever its case and final dot. */
bool host_equal(struct slice a, struct slice b);
/* By the rules alone: servers named there, lists of inside, private nets. */
bool host_inside(const struct cnf_rules *rules, struct slice host);

struct url {
	struct slice scheme, user, host, rest; /* user with its '@' */
	bool has_port;
	uint16_t port; /* the scheme's when not given; 0 unknown */
};
/* http and https only; false for anything else. */
bool url_split(struct url *out, struct slice text);

/* Finds leaks in `d` into `out`: what host_inside() says, and `found`: hosts
 * that the rewriting met in servers' places and took away. */
void cnf_find_leaks(struct cnf_result *out, const struct cnfdoc *d,
	const struct cnf_rules *rules, const struct text *found);

#endif

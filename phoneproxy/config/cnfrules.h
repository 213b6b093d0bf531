/* A rewriting under way, and what the rules do to it. */
#ifndef LINESIDE_PHONEPROXY_CNFRULES_H
#define LINESIDE_PHONEPROXY_CNFRULES_H

#include "phoneproxy/config/cnfdoc.h"
#include "phoneproxy/config/cnfxml.h"

struct cnf_work {
	struct cnf_result *out;
	struct cnfdoc d;
	const struct cnf_rules *rules;
	struct cnf_edits edits;
	struct text found; /* hosts that were taken away, one per line */
	unsigned nfound;
	/* callManager elements of known ones, of which some may stand in
	 * something that a later row takes away */
	int *known;
	size_t nknown;
	bool capf_wanted, capf_found;
};

/* Every element that has a row. */
void cnf_apply_rows(struct cnf_work *w);
/*
 * What must be in a full configuration whether or not the call manager wrote
 * it: security mode, transport, settings.
 */
void cnf_ensure(struct cnf_work *w);

#endif

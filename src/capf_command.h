/* What the operator has the CAPF server do: strings and plans for phones. */
#ifndef LINESIDE_CAPF_COMMAND_H
#define LINESIDE_CAPF_COMMAND_H

#include "base/table.h"
#include "phone_trust.h"
#include "show/words.h"

enum capf_verb {
	CAPF_GENERATE, /* arg[0]: phone, arg[1]: digits or none */
	CAPF_GENERATE_ALL,
	CAPF_STRING_DELETE, /* arg[0]: phone; as those below */
	CAPF_STRING_DELETE_ALL,
	CAPF_PLAN_UPGRADE,
	CAPF_PLAN_FETCH,
	CAPF_PLAN_DELETE,
	CAPF_PLAN_NONE,
};

/* Services thread. `fn` is called once: when what changed is on the disk, or
 * at once. The table is borrowed. */
typedef void capf_said_fn(void *arg, const struct table *t, bool ok);
void capf_command(const struct phone_trust *trust, const struct conf *c,
	enum capf_verb verb, const struct match *m, capf_said_fn *fn,
	void *arg);

#endif

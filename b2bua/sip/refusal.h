/*
 * Refusals of our own: a row of refusals.def each, with status, cause, text and
 * what the operator does. What the other side refuses is passed on and has no
 * row here. Pure.
 */
#ifndef LINESIDE_B2BUA_REFUSAL_H
#define LINESIDE_B2BUA_REFUSAL_H

#include "b2bua/sip/sip_port.h"

enum refusal {
#define REFUSAL(name, status, q850, warning, text, remedy) REFUSE_##name,
#include "b2bua/sip/refusals.def"
#undef REFUSAL
	REFUSAL_COUNT
};

struct refusal_row {
	const char *name;
	int status; /* 0: the configuration says */
	unsigned q850; /* 0: as the status means; see fail_q850() */
	unsigned warning; /* 0: no Warning */
	const char *text, *remedy;
};
extern const struct refusal_row refusal_rows[REFUSAL_COUNT];

/* One refusal, with what is particular this time. All zero: none. */
struct fail {
	int status;
	unsigned warning; /* 0: no Warning */
	const char *text; /* static, or its maker's */
	const char *name, *value; /* a header to add; NULL: none */
	unsigned q850; /* 0: from the status */
	bool passed; /* the other side said so: its words pass */
};
struct fail fail_of(enum refusal r);
/* Nobody answered a request of ours: `m` is the port's word for it. */
struct fail fail_silent(const struct sip_msg *m);
/* The cause that its Reason tells. */
unsigned fail_q850(const struct fail *f);

#endif

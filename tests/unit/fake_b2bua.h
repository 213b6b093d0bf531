/*
 * What the daemon needs of b2bua/, made of nothing: linked in its place by
 * tests of src/. Tests set what happens and read what happened.
 */
#ifndef LINESIDE_TESTS_FAKE_B2BUA_H
#define LINESIDE_TESTS_FAKE_B2BUA_H

#include "b2bua/b2bua.h"

struct fake_b2bua {
	int prepare_err; /* what the next prepare returns */
	const char *complaint; /* and says; NULL: nothing */
	unsigned prepared, published, discarded, plans; /* plans: alive */
	struct conf *conf; /* in force, referenced */
	uint32_t cleared; /* last call hung up */
	unsigned tallies_cleared;
	void (*fill)(struct b2bua_query *q); /* answers a query */
	/* True: fake_answer() will give it back. NULL: at once. May be set
	 * while the daemon's threads run. */
	bool (*_Atomic keep)(struct b2bua_query *q);
};
extern struct fake_b2bua fake;

void fake_reset(void);
void fake_answer(struct b2bua_query *q);

#endif

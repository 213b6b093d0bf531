/* A little world for the show commands: one secure call, one phone. */
#ifndef LINESIDE_TESTS_SHOW_DATA_H
#define LINESIDE_TESTS_SHOW_DATA_H

#include "b2bua/b2bua.h"

/* Fills what the query asks for (see fake_b2bua.h). */
void show_data_fill(struct b2bua_query *q);
/* A configuration with two dial-peers; one reference. */
struct conf *show_data_conf(void);

#endif

/*
 * Numbers that we register ourselves: `credentials` of a tenant at its
 * registrar, of sip-ua at that one's. Refreshed at four fifths of what was
 * granted; after a failure tried again as RFC 5626 4.5 has it: after a minute,
 * doubled each time up to half an hour, less up to a half at random.
 * On the sip thread.
 */
#ifndef LINESIDE_B2BUA_TRUNK_H
#define LINESIDE_B2BUA_TRUNK_H

#include "b2bua/sip/sip_port.h"

struct core;
struct trunks;

struct trunks *trunks_new(struct core *core) MUST_USE;
/* Takes the core's configuration: what is as it was stays registered, what is
 * gone is unregistered. */
void trunks_configure(struct trunks *t);
/* Unregisters all. */
void trunks_free(struct trunks *t);

struct trunk_info {
	char number[64], registrar[256];
	unsigned tenant; /* 0: of sip-ua */
	bool registered;
	uint64_t expires_s; /* left of it */
	uint64_t next_s; /* until the next REGISTER; 0: under way */
	int status; /* of the last answer; 0: none yet */
	unsigned failures; /* in a row */
};
struct trunk_info *trunks_list(const struct trunks *t, size_t *n) MUST_USE;

#endif

/*
 * Recording of calls (SIPREC, RFC 7866), Lineside being the session recording
 * client: a dialog of its own to a recorder, beside the two of the call, whose
 * two streams are copies of what each party says. The call never waits for a
 * recorder, and nothing that becomes of the recording changes it. Sip thread.
 */
#ifndef LINESIDE_B2BUA_SIPREC_H
#define LINESIDE_B2BUA_SIPREC_H

#include <stdbool.h>
#include <stddef.h>

struct call;
struct core;

/* The call is up, or its media may have changed: it begins to be recorded
 * where its dial-peers say so, and the recorder is told of what changed. */
void siprec_follow(struct call *c);
/* The call ends; its media is still there. */
void siprec_end(struct call *c);
/* The core goes: recorders get their BYEs, nobody waits for the answers. */
void siprec_end_all(struct core *core);
/* For a=record (RFC 7866 7.1.2): "on", "off" when it was and is not any more;
 * NULL: the call is none to be recorded. */
const char *siprec_told(const struct call *c);

struct recording_info;
/* Nothing where the call has no recording. */
void siprec_describe(const struct call *c, struct recording_info *out);

/* For tests: as struct call_rule_use of call_int.h. */
struct siprec_rule_use {
	const char *state, *event;
	unsigned long long taken;
};
size_t siprec_rules(struct siprec_rule_use *out, size_t max);

#endif

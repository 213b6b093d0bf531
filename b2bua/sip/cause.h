/* One table: SIP status ↔ Q.850 cause (RFC 3398, RFC 6432); which refusal has
 * which is refusal.h. */
#ifndef LINESIDE_B2BUA_CAUSE_H
#define LINESIDE_B2BUA_CAUSE_H

#include "b2bua/sip/sip_port.h"

/* Q.850 cause of a final status; 31 (normal, unspecified) when unlisted. */
unsigned cause_q850(int status);
const char *cause_q850_text(unsigned q850);
/* The Q.850 cause of a final answer: its Reason (RFC 6432), else its status. */
unsigned cause_told(const struct sip_msg *m);
/* Of a BYE or CANCEL: its Reason, else 16. */
unsigned cause_hung_up(const struct sip_msg *m);
/* The status that says so; 480 when unlisted. */
int cause_of_q850(unsigned q850);
/*
 * What the caller is told when the called side answered `status` (`local`:
 * the port made it, nobody answered). Statuses pass, but for those that mean
 * something only between us and the called side.
 */
int cause_pass(int status, bool local);
/* Of several final answers that are no 2xx: a copy of `m` takes the place of
 * *best, if it is the one to pass; NULL: there was none. */
void cause_keep_best(struct sip_msg **best, const struct sip_msg *m);
/* May another dial-peer be tried? Nobody there, or the server is in trouble;
 * never after an answer of the called person. */
bool cause_hunts(int status, bool local);

/* The table, row by row: statuses with their cause, then causes (by_q850) with
 * their status and text. False: there is no such row. */
struct cause_row {
	bool by_q850;
	int status; /* by_q850: 0 for none */
	unsigned q850;
	const char *text; /* by_q850 */
};
bool cause_row(size_t i, struct cause_row *out);

/* Values for headers, in a buffer of the caller. */
enum { CAUSE_TEXT = 192 };
const char *cause_reason(unsigned q850, char out[CAUSE_TEXT]);
/* `SIP;cause=488;text="…"` (RFC 3326); text NULL: none. */
const char *cause_reason_sip(
	int status, const char *text, char out[CAUSE_TEXT]);
/* `399 HOST "text"`: quotes and controls in the text are replaced. */
const char *cause_warning(unsigned code, const char *host, const char *text,
	char out[CAUSE_TEXT]);

#endif

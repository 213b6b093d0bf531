/*
 * The contacts of one line, called at once. Who answers first has the call, the
 * others are cancelled (RFC 3261 16.7; RFC 3326: "Call completed elsewhere").
 *
 * Each contact is a dialog with an offer and keys of its own. Leg B of the call
 * is that of whom something came last; the others wait here, and take its place
 * when something comes of them. So the call and its table know one leg B, which
 * rings, answers, or refuses once: when the last contact has refused, or one of
 * them for all (6xx). Sip thread.
 */
#ifndef LINESIDE_B2BUA_RING_H
#define LINESIDE_B2BUA_RING_H

#include <stdbool.h>
#include <stddef.h>

struct binding;
struct call;
struct conf_dial_peer;
struct leg;
struct leg_msg;
struct ring; /* of a call that rings at several contacts; else NULL */
struct sip_msg;

/* INVITEs to all of them, 1 … CONF_CONTACTS_MAX. 0: one at least is called;
 * errno: none is, and c->fail says why. */
int ring_dial(struct call *c, const struct conf_dial_peer *p,
	const struct binding *const *v, size_t n);
/*
 * Leg B was refused by `m`. True: it is tried in another way, or others ring
 * on. False: that is the answer of all; *best is the refusal to go by (RFC 3261
 * 16.7, step 6; sip_msg_free() it), or NULL: it is `m`.
 */
bool ring_refused(
	struct call *c, const struct sip_msg *m, struct sip_msg **best);
/* Leg B is the only one from here on; the others are cancelled with `lm`. */
void ring_end(struct call *c, const struct leg_msg *lm);

#endif

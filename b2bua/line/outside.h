/*
 * What phones and their call manager say to each other beside calls: requests
 * outside dialogs. One that begins a dialog (SUBSCRIBE, and REFER unless it
 * wants no NOTIFY) is a subscription, followed from here until it ends
 * (subscribe.c); the others are passed with their answer (outside.c). Bodies
 * pass untouched, multipart ones as well. A phone's request goes to the call
 * manager that it registers with, one from inside to the phone that it names,
 * by our token or by its number. One to a number goes to all contacts of its
 * line, as a proxy would fork it (RFC 3261 16.6, 16.7); but SUBSCRIBE and
 * REFER, which one phone shall act on, to one after the other (turns.h). Sip
 * thread.
 */
#ifndef LINESIDE_B2BUA_OUTSIDE_H
#define LINESIDE_B2BUA_OUTSIDE_H

#include "b2bua/call/refer.h"
#include "b2bua/core/core_int.h"
#include "b2bua/line/turns.h"

/* Where one goes, and in whose words. outside_free() it. */
struct outside {
	struct sip_route route; /* points into conf, binding, or `host` */
	struct refer_side to;
	enum conf_side from;
	const struct identity *phone; /* who asks, or else is asked; borrowed */
	char host[ADDR_TEXT];
	char *ruri, *from_value, *to_value;
	char contact_user[64]; /* of our Contact there */
	char near_user[64]; /* and towards who asked */
};

/* False: answered. */
bool outside_find(struct outside *out, struct core *c, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src);
void outside_free(struct outside *o);
/* The same to that contact of the line; false: it is NULL. */
bool outside_next(
	struct outside *w, const struct sip_msg *m, const struct binding *b);
/* The contacts of the number that it names, but for who sends it; 0: it names
 * a token, or there is no other than the one that was found. */
size_t outside_contacts(const struct core *c, const struct sip_msg *m,
	const struct sip_source *src, const struct outside *w,
	const struct binding *v[CONF_CONTACTS_MAX]);
/* The message there: headers, body, Expires as `expires` (-1: none). hdrs_free
 * `h` when it was sent. */
void outside_build(struct sip_out *o, struct hdrs *h, const struct outside *w,
	const struct sip_msg *m, int64_t expires);

/* Any but INVITE, REGISTER, OPTIONS. */
void outside_request(struct core *c, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src);

/* subscribe.c */
enum {
	SUBS_MAX = 131072, /* in all */
	SUBS_PER_DEVICE = 256, /* a sidecar has a hundred keys */
	SUBS_FORKS = 8, /* who notify of one that was forked on its way */
	SUBS_RELAYS = 8, /* requests of one that wait */
	SUBS_GRACE_MS = 32000, /* for the last NOTIFY */
	SUBS_EXPIRES_MAX = 86400, /* asked for, and believed; seconds */
	SUBS_REFER_S = 180, /* a REFER's, until a NOTIFY says more */
};
void subscribe_request(struct core *c, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src);
void subscribe_rebind(struct core *c, const struct identity *who,
	const struct sip_flow *old, struct sip_flow *now);
void subscribe_end_all(struct core *c);

#endif

/*
 * Transfers on their way through: REFER, its NOTIFYs, and headers that name
 * dialogs (Replaces, Join, Target-Dialog; RFC 3891, 3911, 4538). A dialog of
 * one side does not exist on the other: what names one of a leg is made to
 * name that of the other leg of the same call. Sip thread.
 */
#ifndef LINESIDE_B2BUA_REFER_H
#define LINESIDE_B2BUA_REFER_H

#include "b2bua/route/headers.h"
#include "base/wire.h"

struct call;
struct core;
struct event;
struct leg;

/* Subscriptions that REFERs of a call have begun (RFC 3515 2.4.4). */
enum { REFERS_MAX = 4 };
struct refers {
	size_t n;
	struct {
		int from; /* who asked */
		uint32_t in, out; /* CSeq of its REFER, and of ours */
	} v[REFERS_MAX];
};

/* Towards which side something goes, and from which it comes. */
struct refer_side {
	const struct core *core;
	enum conf_side from, where;
	const char *listener; /* ours there */
	struct addr addr; /* of the server spoken to, for CONF_CORE */
};

/* A header's value with the dialog that it names on the other leg of its call;
 * false: none of ours on the side it comes from, or one in the words of whom it
 * is for; the value stands as it is. */
bool refer_map_dialog(
	const struct refer_side *to, struct slice value, struct text *out);
/* The leg whose dialog that names on that side; false: none of ours. */
struct refer_named {
	struct call *call;
	int side;
	bool reversed; /* as the far end sees it */
	bool early_only;
};
bool refer_find(struct refer_named *out, const struct core *core,
	enum conf_side where, struct slice value);
/* A header behind '?' of a URI, its escapes resolved but for those of control
 * characters; free() it. NULL: it is not there. */
char *refer_uri_header(struct slice headers, const char *name) MUST_USE;
/* Refer-To, Referred-By and those naming dialogs, as they go there. */
void refer_pass(
	const struct refer_side *to, const struct sip_msg *m, struct hdrs *h);
/* In the URI of a name-addr: headers behind '?' have their dialogs mapped, and
 * the host is one by which that side finds the target. free() it. */
char *refer_target(const struct refer_side *to, struct slice value) MUST_USE;

/* REFER and NOTIFY within the call (call_mid.c passes the others on). */
void refer_request(struct call *c, const struct event *e);
void refer_notify(struct call *c, const struct event *e);
/* The REFER of that CSeq was refused, or wants no NOTIFY. */
void refer_ended(struct call *c, int from, uint32_t out);

#endif

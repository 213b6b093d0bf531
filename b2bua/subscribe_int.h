/* A subscription, for subscribe.c and what tells of it. */
#ifndef LINESIDE_B2BUA_SUBSCRIBE_INT_H
#define LINESIDE_B2BUA_SUBSCRIBE_INT_H

#include "b2bua/outside.h"

struct sub_relay { /* a request within it that waits for its answer */
	struct sub_relay *next;
	struct sip_txn *txn;
	bool last; /* a NOTIFY that ends it */
};

struct sub_end {
	struct sub *sub;
	int side; /* 0: who asked */
	struct sip_dlg *dlg;
	enum conf_side where;
	struct refer_side words; /* for what goes to it */
	struct addr addr;
	char listener[CONF_NAME_MAX + 1];
	char contact_user[64];
	bool up; /* it has answered, or was answered */
	unsigned waiting; /* requests to it that have no answer yet */
};

struct sub {
	struct sub *next, **link;
	struct core *core;
	struct sub_end end[2];
	struct identity *phone; /* referenced */
	struct sip_flow *flow; /* of the phone; referenced; NULL: UDP */
	struct addr phone_addr;
	struct sip_txn *txn; /* the first request; NULL: answered */
	bool refer;
	struct sub_relay *relays;
	size_t nrelays;
	uint64_t born_ms, notified_ms, ends_ms; /* 0: not yet */
	unsigned notifies, refreshes, failed;
	char who[64], of[64], event[64], state[16]; /* as in sub_info */
	struct sip_timer *timer;
};

#endif

/* Contacts that ring, for the files that have them do so. */
#ifndef LINESIDE_B2BUA_RING_INT_H
#define LINESIDE_B2BUA_RING_INT_H

#include "b2bua/call/call_int.h"

struct branch { /* one contact */
	struct call *call;
	struct leg leg; /* while it is not the call's leg B */
	struct leg_filed filed; /* then */
	char *requri; /* likewise; owned */
	char token[REG_TOKEN_SIZE]; /* of its binding */
};

struct ring {
	size_t n;
	struct branch *v[CONF_CONTACTS_MAX]; /* owned */
	struct branch *now; /* of these; is leg B; NULL: none is */
	struct branch *heard; /* whose description is in force; NULL: none */
	struct sip_msg *best; /* owned; refusal of those that are gone */
	struct ring_info *refused; /* owned; these, for show */
	size_t nrefused;
};

/* ring_show.c: leg B, which has refused and goes, is still shown. */
void ring_note_refused(struct call *c);

#endif

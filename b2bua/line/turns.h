/*
 * A request to a number that one phone alone shall act on (SUBSCRIBE, REFER):
 * the contacts of its line are asked in turn, the newest first, until one does
 * not refuse it as what it cannot do or is not there for. Sip thread.
 */
#ifndef LINESIDE_B2BUA_TURNS_H
#define LINESIDE_B2BUA_TURNS_H

#include "b2bua/line/registrar.h"

struct turns {
	struct sip_msg *m; /* the request; owned */
	struct sip_msg
		*best; /* of the refusals; its user's, but for freeing it */
	struct sip_timer *patience; /* with who is asked; its user's */
	size_t n, at;
	char token[CONF_CONTACTS_MAX][REG_TOKEN_SIZE];
};

/* Copies both. NULL when there are none. */
struct turns *turns_new(
	const struct sip_msg *m, const struct binding *const *v, size_t n);
void turns_free(struct turns *t); /* NULL is fine */
/* Who is asked next: the next that can be reached; NULL: none is left. */
const struct binding *turns_next(struct turns *t, const struct registrar *r);
/* A refusal that says nothing of the other phones: it cannot, or is not there. */
bool turns_lead_on(const struct sip_msg *m);
/* One that somebody meant: it is passed as it is. */
bool turns_decided(const struct sip_msg *m);

#endif

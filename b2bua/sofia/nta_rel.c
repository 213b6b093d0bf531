/*
 * Reliable provisional responses (RFC 3262) by nta, one at a time: what comes
 * after it waits here until its PRACK has come. nta would queue them, too, but
 * then a 2xx of ours would be neither sent nor answered, and nothing told.
 */
#include <stdlib.h>

#include "b2bua/sofia/nta_int.h"

enum { HELD_MAX = 8 };

struct nta_rel { /* nta's callback may come when the txn is gone */
	struct nta_rel *next, **prev;
	struct sip_txn *txn; /* NULL: gone */
	nta_reliable_t *rel;
};

struct nta_held {
	struct nta_held *next;
	msg_t *msg;
	int status;
	bool reliable;
};

static void rel_free(struct nta_rel *r)
{
	if (r->txn != NULL)
		r->txn->rel = NULL;
	LIST_OUT(r);
	free(r);
}

void nta_rel_send_held(struct sip_txn *t)
{
	while (t->held != NULL && t->rel == NULL) {
		struct nta_held *h = t->held;
		msg_t *msg = h->msg;
		int status = h->status;
		bool reliable = h->reliable;

		t->held = h->next;
		free(h);
		nta_txn_send(t, msg, status, reliable);
		if (status >= 200)
			return; /* nothing comes after it */
	}
}

/* sip NULL: nta gives it up, because a final answer is being sent or because
 * no PRACK came (of which nta_txn.c hears as well). */
static int on_prack(struct nta_rel *r, nta_reliable_t *rel, nta_incoming_t *irq,
	sip_t const *sip)
{
	struct sip_txn *t = r->txn;

	nta_reliable_destroy(rel);
	rel_free(r);
	if (sip == NULL) {
		if (t != NULL)
			t->unpracked = true;
		return 0;
	}
	if (t == NULL) {
		(void)nta_refuse(irq, REFUSE_NO_DIALOG);
		nta_incoming_destroy(irq);
		return 0;
	}
	nta_on_prack(t, irq, sip);
	return 0;
}

void nta_rel_send(struct sip_txn *t, msg_t *msg)
{
	struct nta_rel *r = mem_new(sizeof(*r));

	need(t->rel == NULL);
	r->txn = t;
	t->rel = r;
	LIST_IN(t->port->rels, r);
	r->rel = nta_reliable_mreply(t->irq, on_prack, r, msg);
	if (r->rel == NULL) /* it did not say 100rel; the message is gone */
		rel_free(r);
}

bool nta_rel_hold(struct sip_txn *t, msg_t *msg, int status, bool reliable)
{
	struct nta_held **at = &t->held, *h;
	unsigned n = 0;

	if (t->rel == NULL || status >= 300)
		return false;
	while (*at != NULL) {
		at = &(*at)->next;
		n++;
	}
	if (n >= HELD_MAX && status < 200) {
		msg_destroy(msg);
		return true;
	}
	h = mem_new(sizeof(*h));
	*h = (struct nta_held){
		.msg = msg, .status = status, .reliable = reliable
	};
	*at = h;
	return true;
}

bool nta_rel_answered(const struct sip_txn *t)
{
	for (const struct nta_held *h = t->held; h != NULL; h = h->next)
		if (h->status >= 200)
			return true;
	return false;
}

void nta_rel_drop(struct sip_txn *t)
{
	while (t->held != NULL) {
		struct nta_held *h = t->held;

		t->held = h->next;
		msg_destroy(h->msg);
		free(h);
	}
	if (t->rel != NULL)
		t->rel->txn = NULL;
	t->rel = NULL;
}

void nta_rel_free_all(struct nta_port *p)
{
	while (p->rels != NULL)
		rel_free(p->rels);
}

bool nta_rel_take(struct leg *leg, sip_t const *sip, uint32_t *rseq)
{
	uint32_t n = (uint32_t)sip->sip_rseq->rs_response;

	if (n == 0 || (leg->rel != 0 && n != leg->rel + 1))
		return false;
	leg->rel = *rseq = n;
	return true;
}

/* See turns.h. */
#include "b2bua/line/turns.h"

#include <stdlib.h>

#include "base/metric.h"
#include "base/obj.h"

struct turns *turns_new(
	const struct sip_msg *m, const struct binding *const *v, size_t n)
{
	struct turns *t;

	if (n == 0)
		return NULL;
	t = mem_new(sizeof(*t));
	t->m = sip_msg_dup(m);
	t->n = n;
	for (size_t i = 0; i < n; i++)
		slice_fit(slice_str(v[i]->token), t->token[i], REG_TOKEN_SIZE);
	return t;
}

void turns_free(struct turns *t)
{
	if (t == NULL)
		return;
	sip_msg_free(t->m);
	sip_msg_free(t->best);
	free(t);
}

const struct binding *turns_next(struct turns *t, const struct registrar *r)
{
	while (t->at < t->n) {
		const struct binding *b =
			registrar_by_token(r, slice_str(t->token[t->at++]));

		if (b == NULL || !binding_reachable(b))
			continue;
		if (t->at > 1)
			metric_inc(M_SIP_OUTSIDE_NEXT);
		return b;
	}
	return NULL;
}

bool turns_lead_on(const struct sip_msg *m)
{
	switch (m->status) {
	case 408:
		return !m->local; /* who asked has gone by then, too */
	case 405:
	case 480:
	case 481:
	case 489:
	case 501:
	case 503:
		return true;
	default:
		return false;
	}
}

bool turns_decided(const struct sip_msg *m)
{
	return !m->local && !turns_lead_on(m);
}

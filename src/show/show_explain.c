/* explain and test, with what the daemon knows. */
#include <string.h>

#include "b2bua/core/trusted.h"
#include "explain/explain.h"
#include "show/keepalive_state.h"
#include "show/show_int.h"

struct known {
	const struct b2bua_query *query;
	const struct conf *conf;
};

static bool registered(void *arg, const char *number)
{
	const struct b2bua_query *q = ((const struct known *)arg)->query;

	for (size_t i = 0; i < q->nregs; i++) {
		struct slice aor = slice_str(q->regs[i].aor);

		if (slice_eq_str(slice_head(aor, slice_find(aor, '@')), number))
			return true;
	}
	return false;
}

static size_t calls(void *arg, unsigned tag)
{
	const struct b2bua_query *q = ((const struct known *)arg)->query;
	size_t n = 0;

	for (size_t i = 0; i < q->ncalls; i++)
		for (int k = 0; k < 2; k++)
			n += q->calls[i].leg[k].dial_peer == tag;
	return n;
}

static bool busied_out(void *arg, const struct conf_dial_peer *p,
	const struct conf_host *to, uint64_t *seconds)
{
	const struct known *known = arg;
	const struct keepalive_info *k =
		keepalive_busied_out(known->query, known->conf, p, to);

	if (k != NULL)
		*seconds = k->state_s;
	return k != NULL;
}

static bool leads_to(void *arg, const struct addr *a, unsigned *peer)
{
	const struct b2bua_query *q = ((const struct known *)arg)->query;

	for (size_t i = 0; i < q->ntrusted; i++) {
		const struct trusted_info *x = &q->trusted[i];

		if (x->shutdown || !addr_same_host(&x->addr, a))
			continue;
		*peer = x->peer;
		return true;
	}
	return false;
}

static int explain(struct table *t, const struct show *s, struct slice listener,
	struct slice source)
{
	struct known known = { s->query, s->conf };
	const struct explain_ask ask = { .from = s->match->arg[0],
		.to = s->match->arg[1],
		.listener = listener,
		.source = source,
		.live = { registered, calls, busied_out, leads_to, &known } };

	return explain_call(t, s->conf, &ask);
}

int show_explain(struct table *t, const struct show *s)
{
	return explain(t, s, slice_of(NULL, 0), slice_of(NULL, 0));
}

int show_explain_listener(struct table *t, const struct show *s)
{
	return explain(t, s, s->match->arg[2], slice_of(NULL, 0));
}

int show_explain_source(struct table *t, const struct show *s)
{
	return explain(t, s, slice_of(NULL, 0), s->match->arg[2]);
}

int show_explain_both(struct table *t, const struct show *s)
{
	return explain(t, s, s->match->arg[2], s->match->arg[3]);
}

int show_translation_test(struct table *t, const struct show *s)
{
	return explain_rules(t, s->conf, s->match->arg[0], s->match->arg[1]);
}

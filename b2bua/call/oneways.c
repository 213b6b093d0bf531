/* See oneways.h. */
#include "b2bua/call/oneways.h"

#include <string.h>

#include "b2bua/core/core_int.h"
#include "base/obj.h"

void oneways_begin(struct oneways *o, const struct oneway_info *info)
{
	o->v[o->n++ % ONEWAYS_KEPT] = *info;
}

void oneways_end(struct oneways *o, uint32_t call, char leg, const char *media,
	uint64_t now_ms)
{
	for (size_t i = 0; i < ONEWAYS_KEPT && i < o->n; i++) {
		struct oneway_info *v = &o->v[i];

		if (!v->lasts || v->call != call || v->leg != leg ||
			strcmp(v->media, media) != 0)
			continue;
		v->lasts = false;
		v->for_ms = now_ms - v->ago_ms;
	}
}

/* In the ring ago_ms is when it began. */
struct oneway_info *core_oneways(struct core *c, size_t *n)
{
	const struct oneways *o = &c->oneways;
	uint64_t now = c->port->ops->now_ms(c->port);
	struct oneway_info *out = mem_array(ONEWAYS_KEPT, sizeof(*out));

	*n = o->n < ONEWAYS_KEPT ? (size_t)o->n : ONEWAYS_KEPT;
	for (size_t i = 0; i < *n; i++) {
		out[i] = o->v[(o->n - 1 - i) % ONEWAYS_KEPT];
		out[i].ago_ms = now - out[i].ago_ms;
		if (out[i].lasts)
			out[i].for_ms = out[i].ago_ms;
	}
	return out;
}

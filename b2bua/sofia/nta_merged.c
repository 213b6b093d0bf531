/* See nta_merged.h. A place per hash: a newer request takes that of an older
 * one, which at worst is taken for a call of its own then. */
#include "b2bua/sofia/nta_merged.h"

#include <stdlib.h>

#include "base/obj.h"
#include "base/secret.h"

static uint64_t mix(uint64_t h, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 1099511628211u;
	return (h ^ 0xff) * 1099511628211u; /* where it ends counts, too */
}

static uint64_t what_of(
	const struct merged_set *s, const struct merged_request *r)
{
	uint64_t h = mix(s->seed ^ r->cseq, r->call_id);

	h = mix(h, r->from_tag);
	h = mix(h, r->method);
	h = mix(h, r->ruri);
	return h ^ h >> 32;
}

bool merged_before(
	struct merged_set *s, const struct merged_request *r, uint64_t now_ms)
{
	struct merged *m;
	uint64_t what, branch;
	bool before;

	if (s->v == NULL) {
		s->v = mem_array(MERGED_MAX, sizeof(*s->v));
		s->seed = (uint64_t)random_u32() << 32 | random_u32();
	}
	what = what_of(s, r);
	branch = mix(s->seed, r->branch);
	m = &s->v[what % MERGED_MAX];
	before = m->what == what && m->branch != branch && now_ms < m->until_ms;
	if (!before)
		*m = (struct merged){ .what = what,
			.branch = branch,
			.until_ms = now_ms + MERGED_MS };
	return before;
}

void merged_free(struct merged_set *s)
{
	free(s->v);
	*s = (struct merged_set){ 0 };
}

/* See tally.h: a hash by tag, made anew with each configuration. */
#include "b2bua/route/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"

const char *const tally_end_names[TALLY_ENDS] = {
	[TALLY_BUSY] = "busy",
	[TALLY_NO_ANSWER] = "no_answer",
	[TALLY_REJECTED] = "rejected",
	[TALLY_NO_ROUTE] = "no_route",
	[TALLY_RESOURCES] = "resources",
	[TALLY_MEDIA] = "media",
	[TALLY_CANCELLED] = "cancelled",
	[TALLY_OTHER] = "other",
};

static const uint8_t ends[128] = {
	/* clang-format off */
	[17] = TALLY_BUSY + 1,
	[18] = TALLY_NO_ANSWER + 1, [19] = TALLY_NO_ANSWER + 1,
	[102] = TALLY_NO_ANSWER + 1,
	[21] = TALLY_REJECTED + 1, [55] = TALLY_REJECTED + 1,
	[57] = TALLY_REJECTED + 1,
	[1] = TALLY_NO_ROUTE + 1, [2] = TALLY_NO_ROUTE + 1,
	[3] = TALLY_NO_ROUTE + 1, [22] = TALLY_NO_ROUTE + 1,
	[25] = TALLY_NO_ROUTE + 1, [27] = TALLY_NO_ROUTE + 1,
	[28] = TALLY_NO_ROUTE + 1, [38] = TALLY_NO_ROUTE + 1,
	[34] = TALLY_RESOURCES + 1, [41] = TALLY_RESOURCES + 1,
	[42] = TALLY_RESOURCES + 1, [43] = TALLY_RESOURCES + 1,
	[44] = TALLY_RESOURCES + 1, [47] = TALLY_RESOURCES + 1,
	[63] = TALLY_RESOURCES + 1,
	[65] = TALLY_MEDIA + 1, [79] = TALLY_MEDIA + 1,
	[88] = TALLY_MEDIA + 1,
	/* clang-format on */
};

enum tally_end tally_end_of(unsigned q850)
{
	return q850 < ARRAY_SIZE(ends) && ends[q850] != 0
		       ? (enum tally_end)(ends[q850] - 1)
		       : TALLY_OTHER;
}

struct tallies {
	size_t n, nslots; /* nslots: a power of two, at least twice n */
	struct tally *slot; /* tag 0: free */
};

struct tallies *tallies_new(void)
{
	return mem_new(sizeof(struct tallies));
}

void tallies_free(struct tallies *t)
{
	if (t != NULL)
		free(t->slot);
	free(t);
}

/* Its place, or the free one that it would have. */
static struct tally *place(const struct tallies *t, unsigned tag)
{
	uint32_t h = tag * UINT32_C(2654435761);
	size_t i = (h ^ h >> 16) & (t->nslots - 1);

	while (t->slot[i].tag != 0 && t->slot[i].tag != tag)
		i = (i + 1) & (t->nslots - 1);
	return &t->slot[i];
}

struct tally *tally_of(struct tallies *t, unsigned tag)
{
	struct tally *found = tag != 0 && t->nslots > 0 ? place(t, tag) : NULL;

	return found != NULL && found->tag == tag ? found : NULL;
}

static void keep(struct tallies *t, const struct tally *one)
{
	struct tally *at = place(t, one->tag);

	if (at->tag == 0)
		t->n++;
	*at = *one;
}

void tallies_configure(struct tallies *t, const struct conf *c)
{
	struct tallies old = *t;
	size_t wanted = old.n;

	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next)
		wanted++;
	t->n = 0;
	for (t->nslots = 16; t->nslots < 2 * wanted;)
		t->nslots *= 2;
	t->slot = mem_array(t->nslots, sizeof(*t->slot));
	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next) {
		const struct tally *was = tally_of(&old, p->tag);

		keep(t, was != NULL ? was : &(struct tally){ .tag = p->tag });
	}
	for (size_t i = 0; i < old.nslots; i++)
		if (old.slot[i].tag != 0 && old.slot[i].current > 0)
			keep(t, &old.slot[i]);
	free(old.slot);
}

static int by_tag(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	return (x->tag > y->tag) - (x->tag < y->tag);
}

struct tally *tallies_read(const struct tallies *t, size_t *n)
{
	struct tally *v = mem_array(t->n + 1, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < t->nslots; i++)
		if (t->slot[i].tag != 0)
			v[(*n)++] = t->slot[i];
	qsort(v, *n, sizeof(*v), by_tag);
	return v;
}

void tallies_clear(struct tallies *t)
{
	for (size_t i = 0; i < t->nslots; i++)
		t->slot[i] = (struct tally){ .tag = t->slot[i].tag,
			.current = t->slot[i].current };
}

void tally_begin(struct tallies *t, unsigned tag, enum tally_way w)
{
	struct tally *one = tally_of(t, tag);

	if (one == NULL)
		return;
	one->current++;
	*(w == TALLY_IN ? &one->in : &one->out) += 1;
}

/* A call may end by a dial-peer that a reload has taken away. */
static struct tally *end(struct tallies *t, unsigned tag, unsigned q850)
{
	struct tally *one = tally_of(t, tag);

	if (one == NULL)
		return NULL;
	if (one->current > 0)
		one->current--;
	one->last_q850 = q850;
	return one;
}

void tally_answered(
	struct tallies *t, unsigned tag, uint64_t seconds, unsigned q850)
{
	struct tally *one = end(t, tag, q850);

	if (one == NULL)
		return;
	one->answered++;
	one->seconds += seconds;
}

void tally_failed(
	struct tallies *t, unsigned tag, enum tally_end e, unsigned q850)
{
	struct tally *one = end(t, tag, q850);

	if (one != NULL)
		one->failed[e]++;
}

void tally_undo(struct tallies *t, unsigned tag, enum tally_way w)
{
	struct tally *one = tally_of(t, tag);
	uint64_t *n;

	if (one == NULL)
		return;
	n = w == TALLY_IN ? &one->in : &one->out;
	if (one->current > 0)
		one->current--;
	if (*n > 0) /* cleared in between */
		--*n;
}

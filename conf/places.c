/* Which row was set where, for complaints that come when all is read. */
#include <stdlib.h>

#include "base/wire.h"
#include "conf/conf_int.h"

void parse_note_place(struct parse *p, const void *obj, const struct cmd *row,
	struct conf_pos pos, bool gone)
{
	if (p->nplaces == p->places_room) {
		p->places_room = p->places_room * 2 + 64;
		p->places = mem_resize(
			p->places, p->places_room, sizeof(*p->places));
	}
	p->places[p->nplaces] =
		(struct place){ obj, row, pos, p->nplaces_ever++, gone };
	p->nplaces++;
}

void parse_forget(struct parse *p, const void *obj)
{
	size_t refs = 0, places = 0;

	for (size_t i = 0; i < p->nrefs; i++) {
		if (p->refs[i].obj == obj)
			free(p->refs[i].name);
		else
			p->refs[refs++] = p->refs[i];
	}
	p->nrefs = refs;
	for (size_t i = 0; i < p->nplaces; i++)
		if (p->places[i].obj != obj)
			p->places[places++] = p->places[i];
	p->nplaces = places;
}

static int by_obj(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->obj != y->obj)
		return (uintptr_t)x->obj < (uintptr_t)y->obj ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void parse_sort_places(struct parse *p)
{
	if (p->nplaces > 1)
		qsort(p->places, p->nplaces, sizeof(*p->places), by_obj);
}

/* Behind the last place of obj. */
static size_t places_end(const struct parse *p, const void *obj)
{
	size_t low = 0, high = p->nplaces;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if ((uintptr_t)p->places[mid].obj <= (uintptr_t)obj)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct place *find_place(
	const struct parse *p, const void *obj, const char *key)
{
	for (size_t i = places_end(p, obj); i-- > 0;) {
		const struct place *at = &p->places[i];

		if (at->obj != obj)
			break;
		if (slice_starts(slice_str(at->row->syntax), key))
			return at->gone ? NULL : at;
	}
	return NULL;
}

bool parse_was_set(const struct parse *p, const void *obj, const char *key)
{
	return find_place(p, obj, key) != NULL;
}

struct conf_pos parse_where(const struct parse *p, const void *obj,
	const char *key, struct conf_pos otherwise)
{
	const struct place *at = find_place(p, obj, key);

	return at != NULL ? at->pos : otherwise;
}

/*
 * Sections as the tables see them: a list in struct conf, members found by
 * the name or number of the row that opens them, fields set by offset. Which
 * types these are is known to the tables alone, so pointers and integers are
 * copied as bytes here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

void *ptr_get(const void *at)
{
	void *p;

	memcpy(&p, at, sizeof(p));
	return p;
}

void ptr_set(void *at, const void *value)
{
	memcpy(at, &value, sizeof(value));
}

static const void *field_at(const void *obj, size_t offset)
{
	return (const char *)obj + offset;
}

unsigned field_uint(const void *obj, const struct cmd *row)
{
	const void *at = field_at(obj, row->offset);
	uint8_t one;
	uint16_t two;
	unsigned four;

	switch (row->size) {
	case sizeof(one):
		memcpy(&one, at, sizeof(one));
		return one;
	case sizeof(two):
		memcpy(&two, at, sizeof(two));
		return two;
	default:
		need(row->size == sizeof(four));
		memcpy(&four, at, sizeof(four));
		return four;
	}
}

void field_set(void *obj, const struct cmd *row, unsigned v)
{
	void *at = (char *)obj + row->offset;
	uint8_t one = (uint8_t)v;
	uint16_t two = (uint16_t)v;

	switch (row->size) {
	case sizeof(one):
		need(v <= UINT8_MAX);
		memcpy(at, &one, sizeof(one));
		break;
	case sizeof(two):
		need(v <= UINT16_MAX);
		memcpy(at, &two, sizeof(two));
		break;
	default:
		need(row->size == sizeof(v));
		memcpy(at, &v, sizeof(v));
	}
}

/* Every section begins with these two members. */
struct section_head {
	void *next;
	struct conf_pos pos;
};

void *section_first(const struct conf *c, enum cmd_mode m)
{
	return ptr_get(field_at(c, modes[m].list));
}

void *section_next(const void *section)
{
	return ptr_get(field_at(section, offsetof(struct section_head, next)));
}

struct conf_pos section_pos(const void *section)
{
	struct conf_pos pos;

	memcpy(&pos, field_at(section, offsetof(struct section_head, pos)),
		sizeof(pos));
	return pos;
}

static unsigned tag_of(enum cmd_mode m, const void *section)
{
	unsigned tag;

	memcpy(&tag, field_at(section, modes[m].id), sizeof(tag));
	return tag;
}

const char *section_id(enum cmd_mode m, const void *section, char room[16])
{
	if (!modes[m].by_tag)
		return ptr_get(field_at(section, modes[m].id));
	snprintf(room, 16, "%u", tag_of(m, section));
	return room;
}

static unsigned tag_of_id(struct slice id)
{
	uint64_t tag = 0;

	return slice_uint(id, CONF_TAG_MAX, &tag) == 0 ? (unsigned)tag : 0;
}

static bool has_id(enum cmd_mode m, const void *section, struct slice id)
{
	if (modes[m].by_tag)
		return tag_of(m, section) == tag_of_id(id);
	return slice_eq_str(id, ptr_get(field_at(section, modes[m].id)));
}

void *section_find(
	const struct conf *c, enum cmd_mode m, struct slice id, void *from)
{
	void *s = section_first(c, m);

	if (from != NULL && modes[m].by_tag && tag_of(m, from) <= tag_of_id(id))
		s = from;
	while (s != NULL && !has_id(m, s, id))
		s = section_next(s);
	return s;
}

/* By ascending tags; what has a name, in the order of the text. */
static void insert(struct parse *p, enum cmd_mode m, void *section)
{
	void *at = (char *)p->conf + modes[m].list;
	void *last = p->last[m], *next;

	/* lists are mostly written in order: go on where we were */
	if (last != NULL &&
		(!modes[m].by_tag || tag_of(m, last) < tag_of(m, section)))
		at = last; /* `next` is the first member */
	while ((next = ptr_get(at)) != NULL &&
		(!modes[m].by_tag || tag_of(m, next) < tag_of(m, section)))
		at = next;
	ptr_set(section, next);
	ptr_set(at, section);
}

void *section_new(struct parse *p, enum cmd_mode m, struct slice id,
	struct conf_pos pos, bool loose)
{
	char *s = mem_new(modes[m].size);
	unsigned tag = tag_of_id(id);

	memcpy(s + offsetof(struct section_head, pos), &pos, sizeof(pos));
	if (modes[m].by_tag)
		memcpy(s + modes[m].id, &tag, sizeof(tag));
	else
		ptr_set(s + modes[m].id, slice_dup(id));
	if (!loose)
		insert(p, m, s);
	return s;
}

void section_remove(struct parse *p, enum cmd_mode m, void *section)
{
	char *at = (char *)p->conf + modes[m].list;

	while (ptr_get(at) != section)
		at = ptr_get(at);
	ptr_set(at, section_next(section));
	for (enum cmd_mode i = M_GLOBAL; i < M_COUNT; i++)
		if (p->last[i] == section) /* two modes may have one list */
			p->last[i] = NULL;
	modes[m].free(section);
}

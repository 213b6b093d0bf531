/*
 * What is said of sections together, when some lines could not be read: a
 * section that lacks what such a line was to say needs no second complaint,
 * and what others complain of may be gone with it, and says so. Also what was
 * said twice.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

enum { AGAIN_TOLD = 50 }; /* sections that stand in two places */

/* The line that the section's head stands in; 0: before the first. */
static unsigned head_of(const struct parse *p, unsigned line)
{
	size_t low = 0, high = p->nheads;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (p->heads[mid] <= line)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 ? p->heads[low - 1] : 0;
}

/* A second server that took the first one's place, where two were meant. */
static void say_replaced(struct parse *p, const struct place *now)
{
	const struct place *before = now;

	if (!(now->row->flags & C_ONCE) || now->gone)
		return;
	do {
		if (before == p->places)
			return;
		before--;
		if (before->obj != now->obj)
			return;
	} while (before->row != now->row);
	/* who opens the section anew means to change what was said */
	if (!before->gone &&
		head_of(p, before->pos.line) == head_of(p, now->pos.line))
		conf_errs_add(p->errs, true, now->pos,
			"leave one of them out; a name with several addresses "
			"('ip host') or a server-group has several servers",
			"this takes the place of line %u", before->pos.line);
}

void parse_say_again(struct parse *p, enum cmd_mode m, const void *section,
	struct conf_pos pos)
{
	struct slice title = slice_str(modes[m].title);
	bool named = modes[m].only == NULL;
	size_t at = named ? slice_search(title, slice_str(" N")) : title.n;
	char room[16];

	if (p->again++ >= AGAIN_TOLD)
		return;
	conf_errs_add(p->errs, true, pos, NULL,
		"%.*s%s%s is opened again (first at line %u): its lines add "
		"to it",
		SLICE_ARG(slice_head(title, at)), named ? " " : "",
		named ? section_id(m, section, room) : "",
		section_pos(section).line);
	p->errs->v[p->errs->n - 1].note = true;
}

void parse_replaced(struct parse *p)
{
	for (size_t i = 0; i < p->nplaces; i++)
		say_replaced(p, &p->places[i]);
}

static bool unread(const struct conf_err *e)
{
	return !e->warning && !e->mended && e->line > 0;
}

/* "line 7", "lines 7 and 9", "lines 7, 9 and more"; NULL: all were read. */
static char *unread_lines(const struct conf_errs *e, size_t n)
{
	unsigned line[3] = { 0 };
	size_t found = 0;

	for (size_t i = 0; i < n && found < ARRAY_SIZE(line); i++)
		if (unread(&e->v[i]) &&
			(found == 0 || e->v[i].line != line[found - 1]))
			line[found++] = e->v[i].line;
	if (found == 0)
		return NULL;
	if (found == 1)
		return mem_printf("line %u", line[0]);
	return mem_printf(
		found == 2 ? "lines %u and %u" : "lines %u, %u and more",
		line[0], line[1]);
}

static bool same_section(
	const struct parse *p, const struct conf_err *e, size_t n)
{
	unsigned head = head_of(p, e->line);

	for (size_t i = 0; i < n; i++)
		if (unread(&p->errs->v[i]) &&
			head_of(p, p->errs->v[i].line) == head)
			return true;
	return false;
}

void parse_follow(struct parse *p, size_t read, size_t resolved)
{
	struct conf_errs *e = p->errs;
	char *lines = unread_lines(e, read);

	for (size_t i = e->n; lines != NULL && i-- > resolved;) {
		struct conf_err *v = &e->v[i];
		char *message;

		if (v->line > 0 && same_section(p, v, read)) {
			conf_errs_drop(e, i);
			continue;
		}
		message = mem_printf(
			"perhaps only because of %s: %s", lines, v->message);
		free(v->message);
		v->message = message;
		v->follows = true;
	}
	free(lines);
}

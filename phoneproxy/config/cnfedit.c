/* Edits of a configuration's bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "phoneproxy/config/cnfdoc.h"

/* Takes the text over. */
static void push(struct cnf_edits *e, size_t from, size_t to, struct text *text)
{
	e->edit = mem_resize(e->edit, e->n + 1, sizeof(e->edit[0]));
	e->edit[e->n++] = (struct cnf_edit){ from, to, text_take(text) };
}

/* One character of UTF-8 that is known to be well-formed. */
static size_t utf8_char(const char *s, unsigned *c)
{
	unsigned char b = (unsigned char)s[0];
	size_t n = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;

	*c = n == 1 ? b : b & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if (s[i] == '\0')
			return i;
		*c = *c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	return n;
}

void cnf_escape(struct text *t, const struct cnfdoc *d, const char *s)
{
	unsigned c;

	for (size_t n; *s != '\0'; s += n) {
		n = utf8_char(s, &c);
		if (c == '&')
			text_add(t, SLICE_LIT("&amp;"));
		else if (c == '<')
			text_add(t, SLICE_LIT("&lt;"));
		else if (c == '>')
			text_add(t, SLICE_LIT("&gt;"));
		else if (c >= 0x80 && !d->utf8)
			text_printf(t, "&#%u;", c);
		else
			text_add(t, slice_of(s, n));
	}
}

/* <x/> → <x>text</x> */
static void fill_empty(struct cnf_edits *e, const struct cnfdoc *d, int element,
	struct text *content)
{
	const struct cnf_element *el = &d->element[element];
	struct slice head =
		slice_of(d->xml.p + el->start, el->end - el->start - 2);
	struct text t = { 0 };
	size_t name = 1; /* as it stands there, prefix included */

	while (name < head.n && strchr(" \t\r\n", head.p[name]) == NULL)
		name++;
	text_addc(&t, '>');
	text_add(&t, text_slice(content));
	text_add(&t, SLICE_LIT("</"));
	text_add(&t, slice_from(slice_head(head, name), 1));
	text_addc(&t, '>');
	push(e, el->end - 2, el->end, &t);
	text_free(content);
}

void cnf_set(struct cnf_edits *e, const struct cnfdoc *d, int element,
	const char *text)
{
	const struct cnf_element *el = &d->element[element];
	struct text t = { 0 };

	if (el->text != NULL && strcmp(el->text, text) == 0)
		return;
	cnf_escape(&t, d, text);
	if (el->self_closing)
		fill_empty(e, d, element, &t);
	else
		push(e, el->inner, el->inner_end, &t);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void cnf_remove(struct cnf_edits *e, const struct cnfdoc *d, int element)
{
	const struct cnf_element *el = &d->element[element];
	size_t from = el->start;

	while (from > 0 &&
		(d->xml.p[from - 1] == ' ' || d->xml.p[from - 1] == '\t'))
		from--;
	if (from > 0 && d->xml.p[from - 1] == '\n')
		from--;
	else
		from = el->start; /* shares its line */
	if (from > 0 && from < el->start && d->xml.p[from - 1] == '\r')
		from--;
	push(e, from, el->end, &(struct text){ 0 });
}

void cnf_add(struct cnf_edits *e, const struct cnfdoc *d, int parent,
	const struct cnf_child *child, size_t n)
{
	const struct cnf_element *el = &d->element[parent];
	struct slice indent = { 0 };
	struct text t = { 0 };
	size_t at = el->inner_end;

	if (n == 0)
		return;
	if (el->first_child != CNF_NO_ELEMENT) {
		size_t first = d->element[el->first_child].start;
		size_t from = first;

		while (from > el->inner && is_blank(d->xml.p[from - 1]))
			from--;
		indent = slice_of(d->xml.p + from, first - from);
		while (at > el->inner && is_blank(d->xml.p[at - 1]))
			at--;
	}
	for (size_t i = 0; i < n; i++) {
		text_add(&t, indent);
		text_printf(&t, "<%s>", child[i].name);
		text_add(&t, child[i].xml);
		text_printf(&t, "</%s>", child[i].name);
	}
	if (el->self_closing)
		fill_empty(e, d, parent, &t);
	else
		push(e, at, at, &t);
}

/* By place; of two at the same place the one that reaches further. */
static int by_place(const void *a, const void *b)
{
	const struct cnf_edit *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to == y->to ? 0 : x->to > y->to ? -1 : 1;
}

void cnf_apply(struct cnf_edits *e, const struct cnfdoc *d, struct text *out)
{
	size_t at = 0;

	if (e->n > 0)
		qsort(e->edit, e->n, sizeof(e->edit[0]), by_place);
	for (size_t i = 0; i < e->n; i++) {
		const struct cnf_edit *x = &e->edit[i];

		if (x->from >= at) {
			text_add(out, slice_of(d->xml.p + at, x->from - at));
			text_add(out, slice_str(x->text));
			at = x->to;
		}
	}
	text_add(out, slice_from(d->xml, at));
	cnf_edits_free(e);
}

void cnf_edits_free(struct cnf_edits *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->edit[i].text);
	free(e->edit);
	*e = (struct cnf_edits){ 0 };
}

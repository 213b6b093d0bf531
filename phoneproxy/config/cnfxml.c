/*
 * Rewriting a configuration, from bytes to bytes: reading, the rules, and
 * reading the result again for what should not be there.
 */
#include "phoneproxy/config/cnfxml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phoneproxy/config/cnfhosts.h"
#include "phoneproxy/config/cnfrules.h"

static int fail(struct cnf_result *out, int err, const char *why)
{
	snprintf(out->why, sizeof(out->why), "%s", why);
	return err;
}

static int explain_read(struct cnf_result *out, int err)
{
	switch (err) {
	case 0:
		return 0;
	case E2BIG:
		return fail(out, err,
			"The configuration is larger or deeper than is read.");
	case EACCES:
		return fail(out, err,
			"The configuration has a DTD, which none needs.");
	case ENOTSUP:
		return fail(out, err,
			"The configuration's encoding is not supported.");
	default:
		return fail(
			out, err, "The configuration is not well-formed XML.");
	}
}

/* Lines to register are those with a name: a speed dial has none. */
static void find_lines(struct cnf_result *out, const struct cnfdoc *d)
{
	for (int i = 0; i < d->nelements; i++) {
		int parent = d->element[i].parent, name;

		if (!cnfdoc_is(d, i, "line") || parent == CNF_NO_ELEMENT ||
			!cnfdoc_is(d, parent, "sipLines"))
			continue;
		name = cnfdoc_child(d, i, "name");
		if (name != CNF_NO_ELEMENT && d->element[name].text != NULL &&
			d->element[name].text[0] != '\0' &&
			strchr(d->element[name].text, '\n') == NULL)
			text_printf(&out->lines, "%s\n", d->element[name].text);
	}
}

static int rewrite(struct cnf_work *w)
{
	struct cnfdoc after;
	int err;

	cnf_apply_rows(w);
	if (cnfdoc_is(&w->d, 0, "device") && !w->out->short_form)
		cnf_ensure(w);
	if (w->out->members == 0 && w->out->members_removed > 0)
		return fail(w->out, EPROTO,
			"None of the configuration's call managers is known.");
	find_lines(w->out, &w->d);
	w->out->capf = w->capf_wanted && w->capf_found;
	cnf_apply(&w->edits, &w->d, &w->out->xml);
	err = cnfdoc_read(&after, text_slice(&w->out->xml));
	if (err != 0)
		return explain_read(w->out, err);
	cnf_find_leaks(w->out, &after, w->rules, &w->found);
	cnfdoc_free(&after);
	return 0;
}

int cnf_rewrite(
	struct cnf_result *out, struct slice xml, const struct cnf_rules *rules)
{
	struct cnf_work w = { .out = out, .rules = rules };

	*out = (struct cnf_result){ 0 };
	int err = explain_read(out, cnfdoc_read(&w.d, xml));

	if (err != 0)
		return err;
	if (cnfdoc_is(&w.d, 0, "device") || cnfdoc_is(&w.d, 0, "Default"))
		err = rewrite(&w);
	else
		err = fail(out, EPROTO,
			"The document is not a phone's configuration.");
	cnf_edits_free(&w.edits);
	text_free(&w.found);
	free(w.known);
	cnfdoc_free(&w.d);
	if (err != 0)
		text_free(&out->xml);
	return err;
}

void cnf_result_free(struct cnf_result *r)
{
	for (size_t i = 0; i < r->nleaks; i++) {
		free(r->leak[i].path);
		free(r->leak[i].found);
	}
	free(r->leak);
	text_free(&r->xml);
	text_free(&r->lines);
	*r = (struct cnf_result){ 0 };
}

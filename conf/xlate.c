/*
 * Number translation as IOS does it. A rule is /match/ /replace/ in the manner
 * of sed: the first place that matches is replaced, what stands before and
 * after it stays. \(…\) are the sets that \1 … \9 name, & and \0 are all that
 * matched. Bare (…) group without a number, unless the rule has no \(…\).
 * An operator with nothing before it (`+`, `*`, `?` at the beginning) is the
 * character.
 */
#include "conf/xlate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "conf/conf.h"
#include "conf/regex.h"

struct dialect {
	struct slice in;
	size_t at;
	struct text out;
	bool named; /* \( is used, so ( does not count */
	bool repeatable; /* what came last may have an operator behind it */
	unsigned depth;
	const char *why;
};

bool xlate_slashes(struct slice word, struct slice *inside)
{
	size_t i = 1;

	if (word.n < 2 || word.p[0] != '/')
		return false;
	while (i < word.n && word.p[i] != '/')
		i += word.p[i] == '\\' && i + 1 < word.n ? 2 : 1;
	*inside = slice_of(word.p + 1, i < word.n ? i - 1 : 0);
	return i + 1 == word.n;
}

static bool wrong(struct dialect *d, const char *why)
{
	d->why = why;
	return false;
}

static void literal(struct dialect *d, char c)
{
	if (strchr("\\^$.[]|()?*+{}-#", c) != NULL)
		text_addc(&d->out, '\\');
	text_addc(&d->out, c);
	d->repeatable = true;
}

static bool open_group(struct dialect *d, bool counts)
{
	if (++d->depth > 8)
		return wrong(d, "sets are nested too deep");
	text_add(&d->out, counts ? SLICE_LIT("(") : SLICE_LIT("(?:"));
	d->repeatable = false;
	return true;
}

static bool close_group(struct dialect *d)
{
	if (d->depth == 0)
		return wrong(d, "this set was not opened");
	d->depth--;
	text_addc(&d->out, ')');
	d->repeatable = true;
	return true;
}

static bool escaped(struct dialect *d)
{
	char c;

	if (d->at + 1 == d->in.n)
		return wrong(d, "nothing follows the backslash");
	c = d->in.p[d->at + 1];
	if (c == '(' && !open_group(d, true))
		return false;
	if (c == ')' && !close_group(d))
		return false;
	if (c != '(' && c != ')')
		literal(d, c);
	d->at += 2;
	return true;
}

/* […]: copied, with what Perl's dialect would take for more than it is. */
static bool brackets(struct dialect *d)
{
	size_t i = d->at + 1, first;

	text_addc(&d->out, '[');
	if (i < d->in.n && d->in.p[i] == '^') {
		text_addc(&d->out, '^');
		i++;
	}
	for (first = i; i < d->in.n && d->in.p[i] != ']'; i++) {
		char c = d->in.p[i];

		if (c == '\\' && i + 1 < d->in.n)
			c = d->in.p[++i];
		else if (c == '-' && i > first && i + 1 < d->in.n &&
			 d->in.p[i + 1] != ']') {
			text_addc(&d->out, '-');
			continue;
		}
		if (strchr("\\[]^-", c) != NULL)
			text_addc(&d->out, '\\');
		text_addc(&d->out, c);
	}
	if (i == d->in.n)
		return wrong(d, "the bracket is not closed");
	if (i == first)
		return wrong(d, "the brackets are empty");
	text_addc(&d->out, ']');
	d->repeatable = true;
	d->at = i + 1;
	return true;
}

static bool plain(struct dialect *d, char c)
{
	d->at++;
	switch (c) {
	case '(':
		return open_group(d, !d->named);
	case ')':
		return close_group(d);
	case '|':
	case '^':
	case '$':
		text_addc(&d->out, c);
		d->repeatable = false;
		return true;
	case '.':
		text_addc(&d->out, c);
		d->repeatable = true;
		return true;
	case '*':
	case '+':
	case '?':
		if (!d->repeatable) {
			literal(d, c);
			return true;
		}
		text_addc(&d->out, c);
		/* ".*+" and ".*?" mean something else to Perl */
		d->repeatable = false;
		return true;
	default:
		literal(d, c);
		return true;
	}
}

static bool has_named_sets(struct slice s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		if (s.p[i] != '\\')
			continue;
		if (s.p[++i] == '(')
			return true;
	}
	return false;
}

/* Into Perl's dialect; free d->out. */
static bool convert(struct dialect *d)
{
	d->named = has_named_sets(d->in);
	while (d->at < d->in.n) {
		char c = d->in.p[d->at];
		bool fine = c == '\\'  ? escaped(d)
			    : c == '[' ? brackets(d)
				       : plain(d, c);

		if (!fine)
			return false;
	}
	return d->depth == 0 || wrong(d, "a set is not closed");
}

int xlate_compile(struct conf_xlate_rule *r, char *why, size_t size,
	size_t *offset, bool *in_replace)
{
	struct dialect d = { .in = slice_str(r->match) };
	int err = EINVAL;

	*in_replace = false;
	*offset = 0;
	if (!convert(&d)) {
		*offset = d.at;
		(void)snprintf(why, size, "%s", d.why);
		text_free(&d.out);
		return err;
	}
	r->code = regex_compile(text_slice(&d.out), why, size, offset);
	text_free(&d.out);
	*offset = 0; /* it is one of the converted text */
	if (r->code == NULL)
		return err;
	if (r->replace == NULL || regex_template_ok(slice_str(r->replace),
					  regex_groups(r->code), offset))
		return 0;
	*in_replace = true;
	(void)snprintf(why, size, "the match has no such set \\(…\\)");
	regex_free(r->code);
	r->code = NULL;
	return err;
}

void xlate_rule_free(struct conf_xlate_rule *r)
{
	regex_free(r->code);
	free(r->match);
	free(r->replace);
}

static int apply(const struct conf_xlate_rule *r, struct slice number,
	char *out, size_t size)
{
	struct regex_found f;
	struct text t = { 0 };
	int err = regex_find(r->code, number, 0, &f);

	if (err != 0 || r->reject)
		return err != 0 ? err : EACCES;
	text_add(&t, slice_head(number, f.from[0]));
	regex_fill(&t, slice_str(r->replace), true, number, &f);
	text_add(&t, slice_from(number, f.to[0]));
	if (!slice_copy(text_slice(&t), out, size))
		err = ENOBUFS;
	text_free(&t);
	return err;
}

int conf_xlate(const struct conf_xlate_rules *x, struct slice number, char *out,
	size_t size, unsigned *rule)
{
	*rule = 0;
	out[0] = '\0';
	for (size_t i = 0; i < x->n; i++) {
		int err = apply(&x->rule[i], number, out, size);

		if (err == ENOENT)
			continue;
		*rule = x->rule[i].number;
		return err;
	}
	return ENOENT;
}

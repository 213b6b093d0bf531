/* Numbers: voice translation-rule and -profile, voice class e164-pattern-map. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"
#include "conf/xlate.h"

/* ---- voice translation-rule ---- */

static size_t rule_at(const struct conf_xlate_rules *x, unsigned number)
{
	size_t i = 0;

	while (i < x->n && x->rule[i].number < number)
		i++;
	return i;
}

static void remove_rule(struct conf_xlate_rules *x, size_t i)
{
	xlate_rule_free(&x->rule[i]);
	memmove(&x->rule[i], &x->rule[i + 1],
		(x->n - i - 1) * sizeof(x->rule[0]));
	x->n--;
}

static void unset_rule(struct conf_xlate_rules *x, const struct word *number)
{
	size_t i;

	while (number == NULL && x->n > 0)
		remove_rule(x, x->n - 1);
	if (number == NULL)
		return;
	i = rule_at(x, (unsigned)number->number);
	if (i < x->n && x->rule[i].number == number->number)
		remove_rule(x, i);
}

/* "/…/" of a word; false: said why not. */
static bool inside_slashes(
	struct line *l, const struct word *w, struct slice *inside)
{
	if (!xlate_slashes(w->text, inside))
		line_error(l, w, "write it as /…/, a slash inside as \\/",
			"'%.*s' does not stand between two slashes",
			SLICE_ARG(slice_head(w->text, 100)));
	else if (inside->n > XLATE_TEXT_MAX)
		line_error(l, w, NULL, "it is longer than %d characters",
			XLATE_TEXT_MAX);
	else
		return true;
	return false;
}

/* SIP's numbers have no type and no plan: a rule for one never applies. */
static bool for_typed_numbers(struct line *l)
{
	static const char *const keys[] = { "type", "plan" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct word *w = line_after(l, keys[i]);

		if (w == NULL || slice_caseeq_str(w->text, "any") ||
			slice_caseeq_str(w->text, "unknown"))
			continue;
		conf_errs_add(l->p->errs, true, w->pos,
			"write 'type any', or leave the rule out",
			"numbers in SIP have no %s: this rule never applies",
			keys[i]);
		return true;
	}
	return false;
}

static bool read_rule(struct line *l, struct conf_xlate_rule *r)
{
	const struct word *match = line_arg(l, 1), *replace = line_arg(l, 2);
	struct slice m, to = { 0 };
	struct word at;
	char why[160];
	size_t offset;
	bool in_replace;

	*r = (struct conf_xlate_rule){ .reject = line_has(l, "reject"),
		.number = (unsigned)line_arg(l, 0)->number };
	if (!inside_slashes(l, match, &m) ||
		(!r->reject && !inside_slashes(l, replace, &to)))
		return false;
	r->match = slice_dup(m);
	if (!r->reject)
		r->replace = slice_dup(to);
	if (xlate_compile(r, why, sizeof(why), &offset, &in_replace) == 0)
		return true;
	at = in_replace ? *replace : *match;
	at.pos.column += (unsigned)offset + 1;
	line_error(l, &at, NULL, "wrong translation rule: %s", why);
	xlate_rule_free(r);
	return false;
}

static void set_rule(struct line *l)
{
	struct conf_xlate_rules *x = l->obj;
	struct conf_xlate_rule r;
	size_t i;

	if (l->no || l->def) {
		unset_rule(x, line_arg(l, 0));
		return;
	}
	if (!read_rule(l, &r))
		return;
	i = rule_at(x, r.number);
	if (i < x->n && x->rule[i].number == r.number)
		remove_rule(x, i);
	if (for_typed_numbers(l)) {
		xlate_rule_free(&r);
		return;
	}
	x->rule = mem_resize(x->rule, x->n + 1, sizeof(x->rule[0]));
	memmove(&x->rule[i + 1], &x->rule[i], (x->n - i) * sizeof(x->rule[0]));
	x->n++;
	x->rule[i] = r;
}

static void show_slashes(FILE *out, const char *text)
{
	char *word = mem_printf("/%s/", text);

	fputc(' ', out);
	lex_quote(out, word);
	free(word);
}

static void show_rule(const struct show *s, const struct cmd *row)
{
	const struct conf_xlate_rules *x = s->obj;

	(void)row;
	for (size_t i = 0; i < x->n; i++) {
		const struct conf_xlate_rule *r = &x->rule[i];

		fprintf(s->out, "%*srule %u%s", (int)s->indent, "", r->number,
			r->reject ? " reject" : "");
		show_slashes(s->out, r->match);
		if (!r->reject)
			show_slashes(s->out, r->replace);
		fputc('\n', s->out);
	}
}

const struct conf_xlate_rules *conf_find_xlate_rules(
	const struct conf *c, unsigned tag)
{
	const struct conf_xlate_rules *x = c->xlate_rules;

	while (x != NULL && x->tag != tag)
		x = x->next;
	return x;
}

/* ---- voice class e164-pattern-map ---- */

enum { MAP_PATTERNS_MAX = 100000, MAP_FILE_MAX = 16 << 20 };

static void remove_pattern(struct conf_e164_map *m, size_t i)
{
	free(m->pattern[i]);
	memmove(&m->pattern[i], &m->pattern[i + 1],
		(m->n - i - 1) * sizeof(m->pattern[0]));
	m->n--;
}

static void add_pattern(struct conf_e164_map *m, struct slice pattern)
{
	/* grows by doubling: the room is the next power of two */
	if ((m->n & (m->n - 1)) == 0)
		m->pattern = mem_resize(m->pattern, m->n == 0 ? 1 : m->n * 2,
			sizeof(m->pattern[0]));
	m->pattern[m->n++] = slice_dup(pattern);
}

static void set_pattern(struct line *l)
{
	struct conf_e164_map *m = l->obj;
	const struct word *w = line_arg(l, 0);

	if ((l->no || l->def) && w == NULL)
		while (m->n > 0)
			remove_pattern(m, m->n - 1);
	for (size_t i = 0; w != NULL && i < m->n; i++) {
		if (!slice_eq_str(w->text, m->pattern[i]))
			continue;
		if (l->no || l->def)
			remove_pattern(m, i);
		m->ninline = m->n;
		return;
	}
	if (w != NULL && !l->no && !l->def) {
		if (m->n == MAP_PATTERNS_MAX)
			line_error(l, w, "make another map",
				"a map holds at most %d patterns",
				MAP_PATTERNS_MAX);
		else
			add_pattern(m, w->text);
	}
	m->ninline = m->n;
}

static void show_patterns(const struct show *s, const struct cmd *row)
{
	const struct conf_e164_map *m = s->obj;

	(void)row;
	for (size_t i = 0; i < m->ninline; i++)
		show_line(s, "e164 %s", m->pattern[i]);
}

static void file_error(const struct conf_e164_map *m, struct conf_errs *errs,
	const char *hint, const char *what)
{
	conf_errs_add(errs, false, m->pos, hint, "e164-pattern-map %u: %s %s",
		m->tag, m->url, what);
}

/* One line of the file: a pattern, a comment after '!', or nothing. */
static bool file_line(struct conf_e164_map *m, struct conf_errs *errs,
	struct slice line, unsigned number)
{
	struct slice word;
	const char *why = NULL;
	size_t offset = 0;
	char what[192];

	line = slice_head(line, slice_find(line, '!'));
	while (slice_word(&line, &word)) {
		if (m->n == MAP_PATTERNS_MAX) {
			file_error(m, errs, "make another map",
				"holds too many patterns");
			return false;
		}
		if (pattern_ok(word, &offset, &why)) {
			add_pattern(m, word);
			continue;
		}
		(void)snprintf(what, sizeof(what),
			"has a wrong pattern in line %u, column %zu: %s",
			number, (size_t)(word.p - line.p) + offset + 1, why);
		file_error(m, errs, "mend or remove that line", what);
		return false;
	}
	return true;
}

static bool load_file(struct conf_e164_map *m, struct conf_errs *errs)
{
	FILE *in = fopen(m->url, "re");
	char *text, why[96];
	size_t n;
	struct slice rest, line;
	unsigned number = 0;
	bool fine = true;

	if (in == NULL) {
		(void)snprintf(why, sizeof(why), "cannot be opened: %s",
			strerrordesc_np(errno));
		file_error(
			m, errs, "write the path of a file of this host", why);
		return false;
	}
	text = mem_resize(NULL, MAP_FILE_MAX, 1);
	n = fread(text, 1, MAP_FILE_MAX, in);
	if (ferror(in) || n == MAP_FILE_MAX) {
		file_error(m, errs, NULL,
			n == MAP_FILE_MAX ? "is larger than 16 MB"
					  : "cannot be read");
		fine = false;
	}
	fclose(in);
	rest = slice_of(text, n);
	while (fine && slice_line(&rest, &line))
		fine = file_line(m, errs, line, ++number);
	free(text);
	return fine;
}

bool e164_load_files(struct conf *c, struct conf_errs *errs)
{
	bool fine = true;

	for (struct conf_e164_map *m = c->e164_maps; m != NULL; m = m->next)
		if (m->url != NULL && !load_file(m, errs))
			fine = false;
	return fine;
}

int conf_map_match(const struct conf_e164_map *m, struct slice number)
{
	int best = -1;

	for (size_t i = 0; !m->shutdown && i < m->n; i++) {
		int one = conf_pattern_match(m->pattern[i], number);

		if (one > best)
			best = one;
	}
	return best;
}

/* clang-format off */
#define RULES "<1-2147483647>"

const struct cmd number_global_cmds[] = {
	{ "voice translation-rule " RULES, K_ENTER, .enter = M_XLATE_RULES,
	  .help = "How numbers are rewritten" },
	{ "voice translation-profile NAME", K_ENTER, .enter = M_XLATE_PROFILE,
	  .help = "Which rules rewrite which number of a call" },
	{ "voice class e164-pattern-map <1-10000>", K_ENTER,
	  .enter = M_E164_MAP, .help = "A list of dial patterns" },
	{ NULL },
};

const struct cmd xlate_rules_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_xlate_rules, description),
	  .help = "What this is for" },
	{ "rule <1-100> {reject WORD|WORD WORD} [type WORD [WORD]] "
	  "[plan WORD [WORD]]", K_FN, .set = set_rule, .show = show_rule,
	  .help = "/match/ and what takes its place, or reject /match/",
	  .more = "Both words stand between slashes. The first place that "
		  "matches is replaced, what stands around it stays. In the "
		  "match: . ^ $ [0-9] * + ? | and sets \\(…\\); in the "
		  "replacement: \\1 … \\9 for the sets, & or \\0 for all that "
		  "matched. Try it with `lineside test voice "
		  "translation-rule N NUMBER`." },
	{ NULL },
};

#define PROFILE(what) \
	K_REF, F_PTR(conf_xlate_profile, rules[what]), .enter = M_XLATE_RULES

const struct cmd xlate_profile_cmds[] = {
	{ "translate called " RULES, PROFILE(CONF_XLATE_CALLED),
	  .help = "Rules for the number called" },
	{ "translate calling " RULES, PROFILE(CONF_XLATE_CALLING),
	  .help = "Rules for the number of the caller" },
	{ "translate redirect-called " RULES, PROFILE(CONF_XLATE_REDIRECT),
	  .help = "Rules for the number that was called first (Diversion)" },
	{ "translate {redirect-target|callback-number} LINE", K_NOTICE,
	  .more = "these numbers pass as they are" },
	{ NULL },
};

const struct cmd e164_map_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_e164_map, description),
	  .help = "What this is for" },
	{ "shutdown", K_FLAG, F(conf_e164_map, shutdown),
	  .help = "Match nothing" },
	{ "e164 PATTERN", K_FN, .set = set_pattern, .show = show_patterns,
	  .help = "A dial pattern" },
	{ "url PATH", K_STR, F_PTR(conf_e164_map, url),
	  .help = "A file of this host with more patterns, one a line",
	  .more = "It is read at the start and at every reload; a wrong line "
		  "in it is an error of the configuration. '!' begins a "
		  "comment." },
	{ NULL },
};
/* clang-format on */

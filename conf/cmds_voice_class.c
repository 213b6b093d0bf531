/* voice class: codec lists, SRTP suites, phone identities. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"
#include "conf/identity.h"

/* Makes room at i in an array of n members. */
static void make_room(void *array, size_t member, size_t i, size_t n)
{
	char *p = array;

	memmove(p + (i + 1) * member, p + i * member, (n - i) * member);
}

static void close_gap(void *array, size_t member, size_t i, size_t n)
{
	char *p = array;

	memmove(p + i * member, p + (i + 1) * member, (n - i - 1) * member);
}

/* ---- voice class codec ---- */

static size_t codec_at(const struct conf_codec_class *k, unsigned preference)
{
	size_t i = 0;

	while (i < k->n && k->entry[i].preference < preference)
		i++;
	return i;
}

static void unset_codec(struct conf_codec_class *k, const struct word *pref)
{
	size_t i;

	if (pref == NULL) {
		k->n = 0;
		return;
	}
	i = codec_at(k, (unsigned)pref->number);
	if (i == k->n || k->entry[i].preference != pref->number)
		return;
	close_gap(k->entry, sizeof(k->entry[0]), i, k->n--);
}

static void set_codec(struct line *l)
{
	struct conf_codec_class *k = l->obj;
	const struct word *pref = line_arg(l, 0), *name = line_arg(l, 1);
	const struct conf_codec *codec;
	size_t i;

	if (l->no || l->def) {
		unset_codec(k, pref);
		return;
	}
	codec = codec_find(name->text);
	for (i = 0; i < k->n; i++) {
		if (k->entry[i].codec != codec ||
			k->entry[i].preference == pref->number)
			continue;
		line_error(l, name, "leave one of the two lines out",
			"%s is already preference %u", codec->ios_name,
			k->entry[i].preference);
		return;
	}
	i = codec_at(k, (unsigned)pref->number);
	if (i == k->n || k->entry[i].preference != pref->number) {
		need(k->n < CONF_CODECS_MAX); /* as preferences go */
		make_room(k->entry, sizeof(k->entry[0]), i, k->n++);
	}
	k->entry[i].preference = (unsigned)pref->number;
	k->entry[i].codec = codec;
}

static void show_codec(const struct show *s, const struct cmd *row)
{
	const struct conf_codec_class *k = s->obj;

	(void)row;
	for (size_t i = 0; i < k->n; i++)
		show_line(s, "codec preference %u %s", k->entry[i].preference,
			k->entry[i].codec->ios_name);
}

/* ---- voice class srtp-crypto ---- */

static size_t crypto_at(const struct conf_crypto_class *k, unsigned preference)
{
	size_t i = 0;

	while (i < k->n && k->entry[i].preference < preference)
		i++;
	return i;
}

static void unset_crypto(struct conf_crypto_class *k, const struct word *pref)
{
	size_t i;

	if (pref == NULL) {
		k->n = 0;
		return;
	}
	i = crypto_at(k, (unsigned)pref->number);
	if (i == k->n || k->entry[i].preference != pref->number)
		return;
	close_gap(k->entry, sizeof(k->entry[0]), i, k->n--);
}

static enum conf_suite suite_find(struct slice name)
{
	unsigned i = 0;

	while (!slice_eq_str(name, suite_name(i)))
		i++;
	return (enum conf_suite)i;
}

static void set_crypto(struct line *l)
{
	struct conf_crypto_class *k = l->obj;
	const struct word *pref = line_arg(l, 0), *name = line_arg(l, 1);
	enum conf_suite suite;
	size_t i;

	if (l->no || l->def) {
		unset_crypto(k, pref);
		return;
	}
	suite = suite_find(name->text);
	for (i = 0; i < k->n; i++) {
		if (k->entry[i].suite != suite ||
			k->entry[i].preference == pref->number)
			continue;
		line_error(l, name, "leave one of the two lines out",
			"%s is already preference %u", conf_suite_name(suite),
			k->entry[i].preference);
		return;
	}
	i = crypto_at(k, (unsigned)pref->number);
	if (i == k->n || k->entry[i].preference != pref->number) {
		need(k->n < CONF_CRYPTOS_MAX);
		make_room(k->entry, sizeof(k->entry[0]), i, k->n++);
	}
	k->entry[i].preference = (unsigned)pref->number;
	k->entry[i].suite = suite;
}

static void show_crypto(const struct show *s, const struct cmd *row)
{
	const struct conf_crypto_class *k = s->obj;

	(void)row;
	for (size_t i = 0; i < k->n; i++)
		show_line(s, "crypto %u %s", k->entry[i].preference,
			conf_suite_name(k->entry[i].suite));
}

/* ---- voice class phone-identity ---- */

static const char *const fields[] = { "subject-cn", "san-dns", "san-uri",
	"san-email" };

static size_t rule_at(const struct conf_id_class *k, unsigned number)
{
	size_t i = 0;

	while (i < k->n && k->rule[i].number < number)
		i++;
	return i;
}

static void remove_rule(struct conf_id_class *k, size_t i)
{
	id_rule_free(&k->rule[i]);
	close_gap(k->rule, sizeof(k->rule[0]), i, k->n--);
}

static void unset_rule(struct conf_id_class *k, const struct word *number)
{
	size_t i;

	while (number == NULL && k->n > 0)
		remove_rule(k, k->n - 1);
	if (number == NULL)
		return;
	i = rule_at(k, (unsigned)number->number);
	if (i < k->n && k->rule[i].number == number->number)
		remove_rule(k, i);
}

/* The rule of a line; false: said why not. */
static bool plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '-';
}

/* Elsewhere '^SEP' is what begins so; here it is three letters. */
static void note_half(struct line *l, const struct word *w)
{
	struct slice s = w->text;
	bool begins = s.n > 1 && s.p[0] == '^' && plain(s.p[s.n - 1]);
	bool ends = s.n > 1 && plain(s.p[0]) && s.p[s.n - 1] == '$';

	if (begins || ends)
		conf_errs_add(l->p->errs, true, w->pos,
			begins ? "put '.*' behind it, or '$' if that is all"
			       : "put '.*' before it, or '^' if that is all",
			"'%.*s' must match the whole name, not its %s",
			SLICE_ARG(slice_head(s, 60)),
			begins ? "beginning" : "end");
}

static bool read_rule(struct line *l, struct conf_id_rule *r)
{
	const struct word *pattern = line_arg(l, 1), *line = line_arg(l, 2);
	struct word at = *pattern;
	char why[160];
	size_t offset = 0;
	unsigned f = 0;

	while (!slice_eq_str(l->cap[2].text, fields[f]))
		f++;
	*r = (struct conf_id_rule){ .field = (enum conf_id_field)f,
		.number = (unsigned)line_arg(l, 0)->number };
	if (id_rule_compile(r, pattern->text, why, sizeof(why), &offset)) {
		at.pos.column += (unsigned)offset;
		line_error(l, &at, NULL, "wrong regular expression: %s", why);
		return false;
	}
	note_half(l, pattern);
	if (line == NULL)
		return true;
	if (!id_template_ok(line->text, id_rule_groups(r), &offset)) {
		at = *line;
		at.pos.column += (unsigned)offset;
		line_error(l, &at,
			"\\1 is the first (…) of the pattern, \\\\ a backslash",
			"the pattern has no such group");
		id_rule_free(r);
		return false;
	}
	r->line = slice_dup(line->text);
	return true;
}

static void set_rule(struct line *l)
{
	struct conf_id_class *k = l->obj;
	struct conf_id_rule r;
	size_t i;

	if (l->no || l->def) {
		unset_rule(k, line_arg(l, 0));
		return;
	}
	if (!read_rule(l, &r))
		return;
	i = rule_at(k, r.number);
	if (i < k->n && k->rule[i].number == r.number)
		remove_rule(k, i);
	k->rule = mem_resize(k->rule, k->n + 1, sizeof(k->rule[0]));
	make_room(k->rule, sizeof(k->rule[0]), i, k->n++);
	k->rule[i] = r;
}

static void show_rule(const struct show *s, const struct cmd *row)
{
	const struct conf_id_class *k = s->obj;

	(void)row;
	for (size_t i = 0; i < k->n; i++) {
		const struct conf_id_rule *r = &k->rule[i];

		fprintf(s->out, "%*srule %u %s ", (int)s->indent, "", r->number,
			fields[r->field]);
		lex_quote(s->out, r->pattern);
		if (r->line != NULL) {
			fputs(" line ", s->out);
			lex_quote(s->out, r->line);
		}
		fputc('\n', s->out);
	}
}

/* clang-format off */
const struct cmd voice_class_cmds[] = {
	{ "voice class codec <1-10000>", K_ENTER, .enter = M_CODEC_CLASS,
	  .help = "Codecs in order of preference" },
	{ "voice class srtp-crypto <1-10000>", K_ENTER, .enter = M_CRYPTO_CLASS,
	  .help = "SRTP crypto suites in order of preference" },
	{ "voice class phone-identity <1-10000>", K_ENTER, .enter = M_ID_CLASS,
	  .help = "Which certificate is which phone" },
	{ NULL },
};

const struct cmd codec_class_cmds[] = {
	{ "codec preference <1-24> CODEC [bytes <10-320>] [fixed-bytes]", K_FN,
	  .set = set_codec, .show = show_codec,
	  .help = "A codec and its rank, 1 first",
	  .more = "`bytes` is read and not used: packets are as long as ends "
		  "agree (`ptime`)." },
	{ NULL },
};

const struct cmd crypto_class_cmds[] = {
	{ "crypto <1-8> SUITE", K_FN, .set = set_crypto, .show = show_crypto,
	  .help = "A crypto suite and its rank, 1 first" },
	{ NULL },
};

const struct cmd id_class_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_id_class, description),
	  .help = "What this is for" },
	{ "rule <1-65535> {subject-cn|san-dns|san-uri|san-email} WORD "
	  "[line WORD]", K_FN, .set = set_rule, .show = show_rule,
	  .help = "Accept certificates whose name matches",
	  .more = "WORD is a Perl-compatible regular expression that must "
		  "match the whole name; put it in \"…\" when it holds "
		  "blanks. Rules are tried by number. With `line`, the phone "
		  "may register only that line, where `\\1` stands for what "
		  "the first (…) matched; without, any line." },
	{ NULL },
};
/* clang-format on */

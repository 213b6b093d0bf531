/*
 * Phone identity rules. A pattern must match the whole name, so that one who
 * may choose part of a name cannot choose the phone; names with control
 * characters are no phone's.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>

#include "base/wire.h"
#include "conf/identity.h"

/* Bounds what a pattern with nested repetition can cost. */
enum { MATCH_STEPS_MAX = 100000 };

int id_rule_compile(struct conf_id_rule *r, struct slice pattern, char *why,
	size_t size, size_t *offset)
{
	int err;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
		PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
			PCRE2_NEVER_BACKSLASH_C,
		&err, offset, NULL);

	if (code == NULL) {
		pcre2_get_error_message(err, (PCRE2_UCHAR *)why, size);
		return EINVAL;
	}
	r->code = code;
	r->pattern = slice_dup(pattern);
	return 0;
}

unsigned id_rule_groups(const struct conf_id_rule *r)
{
	uint32_t n = 0;

	need(pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &n) == 0);
	return n;
}

void id_rule_free(struct conf_id_rule *r)
{
	pcre2_code_free(r->code);
	free(r->pattern);
	free(r->line);
}

bool id_template_ok(struct slice t, unsigned groups, size_t *offset)
{
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] != '\\')
			continue;
		*offset = i;
		if (++i == t.n)
			return false;
		if (t.p[i] != '\\' &&
			(t.p[i] < '0' || t.p[i] > '9' ||
				(unsigned)(t.p[i] - '0') > groups))
			return false;
	}
	return true;
}

/* The template with \0 … \9 put in; a group that took no part is empty. */
static void fill(struct text *out, const char *template, struct slice name,
	const size_t *at, unsigned groups)
{
	for (const char *t = template; *t != '\0'; t++) {
		size_t g = (size_t)(t[1] - '0');

		if (*t != '\\') {
			text_addc(out, *t);
		} else if (*++t == '\\') {
			text_addc(out, '\\');
		} else if (g <= groups && at[2 * g] != PCRE2_UNSET) {
			text_add(out, slice_of(name.p + at[2 * g],
					      at[2 * g + 1] - at[2 * g]));
		}
	}
}

static bool rule_matches(
	const struct conf_id_rule *r, struct slice name, pcre2_match_data *data)
{
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	int rc;

	need(limits != NULL);
	pcre2_set_match_limit(limits, MATCH_STEPS_MAX);
	rc = pcre2_match(
		r->code, (PCRE2_SPTR)name.p, name.n, 0, 0, data, limits);
	pcre2_match_context_free(limits);
	return rc > 0;
}

static int try_rule(const struct conf_id_rule *r, struct slice name, char *line,
	size_t size)
{
	pcre2_match_data *data =
		pcre2_match_data_create_from_pattern(r->code, NULL);
	struct text t = { 0 };
	int err = ENOENT;

	need(data != NULL);
	if (rule_matches(r, name, data)) {
		if (r->line != NULL)
			fill(&t, r->line, name, pcre2_get_ovector_pointer(data),
				id_rule_groups(r));
		/* an empty line would mean "any" */
		if (slice_copy(text_slice(&t), line, size) &&
			(r->line == NULL || t.n > 0))
			err = 0;
	}
	text_free(&t);
	pcre2_match_data_free(data);
	return err;
}

int conf_identity_match(const struct conf_id_class *c, enum conf_id_field field,
	struct slice name, char *line, size_t size)
{
	line[0] = '\0';
	if (name.n == 0)
		return ENOENT;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f)
			return ENOENT;
	for (size_t i = 0; i < c->n; i++)
		if (c->rule[i].field == field &&
			try_rule(&c->rule[i], name, line, size) == 0)
			return 0;
	line[0] = '\0';
	return ENOENT;
}

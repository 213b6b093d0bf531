/* See regex.h. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>

#include "conf/regex.h"

/* Steps of one match; depth bounds the memory that nesting takes. */
enum { STEPS_MAX = 100000, DEPTH_MAX = 2000 };

void *regex_compile(
	struct slice pattern, char *why, size_t size, size_t *offset)
{
	int err;
	pcre2_code *code = pcre2_compile(
		(PCRE2_SPTR)(pattern.n > 0 ? pattern.p : ""), pattern.n,
		PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C, &err, offset,
		NULL);

	if (code == NULL)
		pcre2_get_error_message(err, (PCRE2_UCHAR *)why, size);
	return code;
}

void regex_free(void *code)
{
	pcre2_code_free(code);
}

unsigned regex_groups(const void *code)
{
	uint32_t n = 0;

	need(pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &n) == 0);
	return n;
}

static void read_found(
	pcre2_match_data *data, int groups, struct regex_found *out)
{
	const size_t *at = pcre2_get_ovector_pointer(data);

	*out = (struct regex_found){ 0 };
	for (int i = 0; i < groups && i <= REGEX_GROUPS_MAX; i++) {
		/* \K in a lookahead can end a match before it begins */
		if (at[2 * i] == PCRE2_UNSET || at[2 * i] > at[2 * i + 1])
			continue;
		out->set[i] = true;
		out->from[i] = at[2 * i];
		out->to[i] = at[2 * i + 1];
	}
}

int regex_find(
	const void *code, struct slice text, size_t at, struct regex_found *out)
{
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	pcre2_match_data *data =
		pcre2_match_data_create_from_pattern(code, NULL);
	int rc;

	need(limits != NULL && data != NULL);
	pcre2_set_match_limit(limits, STEPS_MAX);
	pcre2_set_depth_limit(limits, DEPTH_MAX);
	rc = pcre2_match(code, (PCRE2_SPTR)(text.n > 0 ? text.p : ""), text.n,
		at, 0, data, limits);
	if (rc > 0)
		read_found(data, rc, out);
	pcre2_match_data_free(data);
	pcre2_match_context_free(limits);
	if (rc > 0 && out->set[0])
		return 0;
	return rc == PCRE2_ERROR_NOMATCH || rc > 0 ? ENOENT : E2BIG;
}

static void add_group(struct text *out, unsigned g, struct slice text,
	const struct regex_found *f)
{
	if (f->set[g])
		text_add(out,
			slice_of(text.p + f->from[g], f->to[g] - f->from[g]));
}

void regex_fill(struct text *out, struct slice template, bool ampersand,
	struct slice text, const struct regex_found *f)
{
	for (size_t i = 0; i < template.n; i++) {
		char c = template.p[i];

		if (c == '&' && ampersand) {
			add_group(out, 0, text, f);
		} else if (c != '\\' || i + 1 == template.n) {
			text_addc(out, c);
		} else {
			c = template.p[++i];
			if (c >= '0' && c <= '9')
				add_group(out, (unsigned)(c - '0'), text, f);
			else
				text_addc(out, c);
		}
	}
}

bool regex_template_ok(struct slice template, unsigned groups, size_t *offset)
{
	for (size_t i = 0; i < template.n; i++) {
		char c;

		if (template.p[i] != '\\')
			continue;
		*offset = i;
		if (++i == template.n)
			return false;
		c = template.p[i];
		if (c >= '0' && c <= '9' && (unsigned)(c - '0') > groups)
			return false;
	}
	return true;
}

/*
 * Perl-compatible regular expressions with bounds: what a pattern can cost is
 * limited however it is written, so operators' patterns may meet foreign text.
 */
#ifndef LINESIDE_CONF_REGEX_H
#define LINESIDE_CONF_REGEX_H

#include "base/slice.h"
#include "base/wire.h"

enum { REGEX_GROUPS_MAX = 9 };

struct regex_found {
	bool set[REGEX_GROUPS_MAX + 1]; /* 0: the whole match */
	size_t from[REGEX_GROUPS_MAX + 1], to[REGEX_GROUPS_MAX + 1];
};

/* NULL: `why` and the offset in the pattern tell. regex_free() it. */
void *regex_compile(
	struct slice pattern, char *why, size_t size, size_t *offset) MUST_USE;
void regex_free(void *code); /* NULL is fine */
unsigned regex_groups(const void *code);
/* The first match at or behind `at`. ENOENT: none; E2BIG: given up, it would
 * cost too much. */
int regex_find(const void *code, struct slice text, size_t at,
	struct regex_found *out) MUST_USE;
/*
 * `template` with \0 … \9 and, if asked for, & put in; a backslash before
 * anything else makes it literal.
 */
void regex_fill(struct text *out, struct slice template, bool ampersand,
	struct slice text, const struct regex_found *f);
/* The template names no group that the pattern lacks. */
bool regex_template_ok(struct slice template, unsigned groups, size_t *offset);

#endif

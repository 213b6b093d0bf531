/*
 * The syntax of a row, read where it stands: a place in the text is a state,
 * and syntax_follow() tells which words may come next.
 */
#include <string.h>

#include "conf/conf_int.h"

/* Behind the bracket that closes the group p is in. */
static const char *group_end(const char *p)
{
	unsigned depth = 1;

	for (; *p != '\0' && depth > 0; p++) {
		if (*p == '[' || *p == '{')
			depth++;
		else if (*p == ']' || *p == '}')
			depth--;
	}
	need(depth == 0);
	return p;
}

/* The next alternative of the group p is in; NULL: p was in the last. */
static const char *next_choice(const char *p)
{
	unsigned depth = 0;

	for (;; p++) {
		need(*p != '\0');
		if (*p == '|' && depth == 0)
			return p + 1;
		if (*p == '[' || *p == '{')
			depth++;
		if (*p == ']' || *p == '}') {
			if (depth == 0)
				return NULL;
			depth--;
		}
	}
}

void syntax_follow(const char *p, syntax_fn *fn, void *arg)
{
	p += strspn(p, " ");
	if (*p == '[' || *p == '{') {
		for (const char *c = p + 1; c != NULL; c = next_choice(c))
			syntax_follow(c, fn, arg);
		if (*p == '[')
			syntax_follow(group_end(p + 1), fn, arg);
	} else if (*p == '|') {
		syntax_follow(group_end(p), fn, arg);
	} else if (*p == ']' || *p == '}') {
		syntax_follow(p + 1, fn, arg);
	} else {
		fn(arg, p);
	}
}

const char *syntax_after(const char *token)
{
	return token + strcspn(token, " []{}|");
}

struct slice syntax_token(const char *token)
{
	return slice_of(token, (size_t)(syntax_after(token) - token));
}

void syntax_fill(FILE *out, const char *p, const char *value)
{
	const char *gap = "";

	for (; *p != '\0' && *p != '[' && *p != '{'; p += strspn(p, " ")) {
		fputs(gap, out);
		if (arg_kind_of(p) == NULL)
			fprintf(out, "%.*s", SLICE_ARG(syntax_token(p)));
		else if (arg_is_line(p))
			fputs(value, out);
		else
			lex_quote(out, value);
		p = syntax_after(p);
		gap = " ";
	}
}

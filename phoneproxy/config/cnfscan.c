/* The markup of a document, as bytes. */
#include "phoneproxy/config/cnfscan.h"

#include <errno.h>
#include <string.h>

/* Behind `what`, searched from `at`; 0 when it is not there. */
static size_t behind(struct slice xml, size_t at, const char *what)
{
	struct slice rest = slice_from(xml, at);
	size_t pos = slice_search(rest, slice_str(what));

	return pos == rest.n ? 0 : at + pos + strlen(what);
}

/* Behind the '>' of a tag, which may stand in quotes before that; 0: none. */
static size_t behind_tag(struct slice xml, size_t at, unsigned *quotes)
{
	char quote = '\0';

	for (; at < xml.n; at++) {
		char c = xml.p[at];

		if (quote != '\0' && c == quote) {
			quote = '\0';
		} else if (quote != '\0') {
			continue;
		} else if (c == '"' || c == '\'') {
			quote = c;
			(*quotes)++;
		} else if (c == '>') {
			return at + 1;
		}
	}
	return 0;
}

/* "--" must be the end: libxml2 copies the comment for each that is not. */
static size_t behind_comment(struct slice xml, size_t at)
{
	size_t end = behind(xml, at, "--");

	return end != 0 && end < xml.n && xml.p[end] == '>' ? end + 1 : 0;
}

static enum cnf_markup next(
	struct slice xml, size_t *at, size_t *start, unsigned *quotes)
{
	struct slice rest = slice_from(xml, *at);
	size_t lt = slice_find(rest, '<'), end;
	enum cnf_markup kind = MARKUP_OTHER;

	*quotes = 0;
	*start = *at + lt;
	if (lt == rest.n)
		return MARKUP_NONE;
	rest = slice_from(rest, lt);
	if (slice_starts(rest, "<!--")) {
		end = behind_comment(xml, *start + 4);
	} else if (slice_starts(rest, "<![CDATA[")) {
		end = behind(xml, *start, "]]>");
	} else if (slice_starts(rest, "<?")) {
		end = behind(xml, *start, "?>");
	} else if (slice_starts(rest, "<!")) {
		return MARKUP_DTD;
	} else {
		kind = slice_starts(rest, "</") ? MARKUP_END : MARKUP_START;
		end = behind_tag(xml, *start + 1, quotes);
	}
	*at = end;
	return end == 0 ? MARKUP_BAD : kind;
}

enum cnf_markup cnfscan_next(struct slice xml, size_t *at, size_t *start)
{
	unsigned quotes;

	return next(xml, at, start, &quotes);
}

struct slice cnfscan_name(struct slice xml, size_t at)
{
	size_t n = at;

	while (n < xml.n && strchr(" \t\r\n/>", xml.p[n]) == NULL)
		n++;
	struct slice name = slice_of(xml.p + at, n - at);
	size_t colon = slice_find(name, ':');

	return colon == name.n ? name : slice_from(name, colon + 1);
}

/* The value of encoding="…" in the declaration; empty: none. */
static struct slice declared(struct slice xml)
{
	struct slice head, value;
	size_t at;

	if (!slice_starts(xml, "<?xml"))
		return slice_of(NULL, 0);
	head = slice_head(xml, slice_search(xml, SLICE_LIT("?>")));
	at = slice_search(head, SLICE_LIT("encoding"));
	value = slice_from(head, at);
	at = 0;
	while (at < value.n && value.p[at] != '"' && value.p[at] != '\'')
		at++;
	if (at == value.n)
		return slice_of(NULL, 0);
	char quote = value.p[at];

	value = slice_from(value, at + 1);
	return slice_head(value, slice_find(value, quote));
}

/* Otherwise what follows would look at other characters than libxml2. */
static bool is_ascii_based(struct slice xml)
{
	static const char *const known[] = { "", "UTF-8", "US-ASCII", "ASCII",
		"ISO-8859-1", "ISO-8859-15", "windows-1252" };

	if (slice_starts(xml, "\xef\xbb\xbf")) /* the mark of UTF-8 */
		xml = slice_from(xml, 3);
	/* No NUL of wide characters; not EBCDIC either, whose '<' is 'L'. */
	if (slice_find(xml, '\0') < xml.n || slice_starts(xml, "L"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (slice_caseeq_str(declared(xml), known[i]))
			return true;
	return false;
}

int cnfscan_check(struct slice xml)
{
	size_t at = 0, start;
	unsigned quotes;

	if (!is_ascii_based(xml))
		return ENOTSUP;
	for (;;)
		switch (next(xml, &at, &start, &quotes)) {
		case MARKUP_NONE:
			return 0;
		case MARKUP_DTD:
			return EACCES;
		case MARKUP_BAD:
			return EBADMSG;
		case MARKUP_START:
		case MARKUP_END:
		case MARKUP_OTHER:
			if (quotes > CNF_ATTRIBUTES_MAX)
				return E2BIG;
			break;
		}
}

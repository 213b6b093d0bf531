/* Message boundaries in a stream: see framer.h. */
#include "b2bua/sofia/framer.h"

static bool is_start_line(struct slice line)
{
	struct slice word, last = { 0 };
	unsigned words = 0;
	struct slice rest = line;

	if (slice_casestarts(line, "SIP/"))
		return true;
	while (slice_word(&rest, &word)) {
		last = word;
		words++;
	}
	return words == 3 && slice_casestarts(last, "SIP/");
}

/* Value of a Content-Length line; false when it is another header. */
static bool content_length(struct slice line, struct slice *value)
{
	size_t colon;
	struct slice name;

	if (!slice_casestarts(line, "c") && !slice_casestarts(line, "l"))
		return false;
	colon = slice_find(line, ':');
	name = slice_trim(slice_head(line, colon));
	if (!slice_caseeq_str(name, "Content-Length") &&
		!slice_caseeq_str(name, "l"))
		return false;
	*value = slice_trim(slice_from(line, colon + 1));
	return true;
}

/* One complete header line; FRAMER_MORE: go on. */
static enum framer_verdict header_line(struct framer *f, struct slice line)
{
	struct slice value;
	uint64_t n;

	/* Sofia takes a CR alone for the end of a line, others do not: what
	 * can be read in two ways is not read. */
	if (slice_find(line, '\r') < line.n)
		return FRAMER_GARBAGE;
	if (++f->lines > FRAMER_HEADERS_MAX + 1)
		return FRAMER_TOO_MANY_HEADERS;
	if (f->lines == 1)
		return is_start_line(line) ? FRAMER_MORE : FRAMER_GARBAGE;
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return FRAMER_MORE; /* folded */
	if (!content_length(line, &value))
		return FRAMER_MORE;
	if (f->has_length || slice_uint(value, UINT32_MAX, &n) != 0)
		return FRAMER_GARBAGE;
	f->has_length = true;
	if (n > FRAMER_MESSAGE_MAX)
		return FRAMER_TOO_LONG;
	f->body = (size_t)n;
	return FRAMER_MORE;
}

static enum framer_verdict scan_headers(struct framer *f, struct slice data)
{
	while (f->header_size == 0) {
		struct slice rest = slice_from(data, f->at), line;
		size_t end = slice_find(rest, '\n');
		enum framer_verdict v;

		if (end == rest.n)
			return data.n > FRAMER_MESSAGE_MAX ? FRAMER_TOO_LONG
							   : FRAMER_MORE;
		line = slice_head(rest, end);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		f->at += end + 1;
		if (line.n == 0) {
			/* RFC 3261 18.3: streams need a Content-Length */
			if (!f->has_length)
				return FRAMER_GARBAGE;
			f->header_size = f->at;
			break;
		}
		v = header_line(f, line);
		if (v != FRAMER_MORE)
			return v;
	}
	return FRAMER_MESSAGE;
}

enum framer_verdict framer_scan(
	struct framer *f, struct slice data, size_t *size)
{
	enum framer_verdict v;

	*size = 0;
	if (f->lines == 0 && f->at == 0) {
		while (*size < data.n &&
			(data.p[*size] == '\r' || data.p[*size] == '\n'))
			++*size;
		if (*size > 0)
			return FRAMER_BLANK;
	}
	v = scan_headers(f, data);
	if (v != FRAMER_MESSAGE)
		return v;
	if (f->header_size + f->body > FRAMER_MESSAGE_MAX)
		return FRAMER_TOO_LONG;
	if (data.n < f->header_size + f->body)
		return FRAMER_MORE;
	*size = f->header_size + f->body;
	return FRAMER_MESSAGE;
}

bool framer_too_many_headers(struct slice datagram)
{
	unsigned lines = 0;
	struct slice line, rest;

	while (slice_line(&datagram, &line) && line.n > 0)
		do { /* a CR alone ends a line as well, for Sofia */
			if (++lines > FRAMER_HEADERS_MAX + 1)
				return true;
			rest = slice_from(line, slice_find(line, '\r') + 1);
			line = rest;
		} while (rest.n > 0);
	return false;
}

const char *framer_verdict_text(enum framer_verdict v)
{
	static const char *const text[] = {
		[FRAMER_MORE] = "incomplete",
		[FRAMER_MESSAGE] = "complete",
		[FRAMER_BLANK] = "blank",
		[FRAMER_GARBAGE] = "not a SIP message with a Content-Length",
		[FRAMER_TOO_LONG] = "longer than 24576 bytes",
		[FRAMER_TOO_MANY_HEADERS] = "more than 200 header lines",
	};

	return text[v];
}

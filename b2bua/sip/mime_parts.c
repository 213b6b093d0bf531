/* See mime_parts.h. */
#include "b2bua/sip/mime_parts.h"

#include <errno.h>

#include "b2bua/sip/uri.h"
#include "base/secret.h"

enum {
	BOUNDARY_MAX = 70, /* RFC 2046 5.1.1 */
	PARTS_MAX = 16,
};

static bool is_type(struct slice content_type, const char *type)
{
	size_t end = slice_find(content_type, ';');

	return slice_caseeq_str(
		slice_trim(slice_head(content_type, end)), type);
}

static bool boundary_of(struct slice content_type, struct slice *out)
{
	size_t end = slice_find(content_type, ';');

	if (!sip_param(slice_from(content_type, end), "boundary", out))
		return false;
	if (out->n >= 2 && out->p[0] == '"' && out->p[out->n - 1] == '"')
		*out = slice_of(out->p + 1, out->n - 2);
	return out->n > 0 && out->n <= BOUNDARY_MAX;
}

/* A line "--BOUNDARY", or "--BOUNDARY--" which is the last. */
static bool is_delimiter(struct slice line, struct slice boundary, bool *last)
{
	struct slice rest;

	if (!slice_starts(line, "--") ||
		!slice_eq(
			slice_head(slice_from(line, 2), boundary.n), boundary))
		return false;
	rest = slice_trim(slice_from(line, 2 + boundary.n));
	*last = slice_eq_str(rest, "--");
	return rest.n == 0 || *last;
}

/* Up to the next delimiter, whose line break belongs to it. */
static bool cut_part(struct slice *rest, struct slice boundary,
	struct slice *part, bool *last)
{
	const char *begin = rest->p;
	struct slice line;

	while (slice_line(rest, &line)) {
		size_t n = (size_t)(line.p - begin);

		if (!is_delimiter(line, boundary, last))
			continue;
		if (n > 0 && begin[n - 1] == '\n')
			n--;
		if (n > 0 && begin[n - 1] == '\r')
			n--;
		*part = slice_of(begin, n);
		return true;
	}
	return false;
}

/* Its headers end at the first empty line; without a Content-Type it is text
 * (RFC 2046 5.1). */
static bool part_is(struct slice part, const char *type, struct slice *body)
{
	struct slice line;
	bool found = false;

	*body = part;
	while (slice_line(body, &line) && line.n > 0) {
		size_t colon = slice_find(line, ':');
		struct slice name = slice_trim(slice_head(line, colon));

		if (slice_caseeq_str(name, "Content-Type") ||
			slice_caseeq_str(name, "c"))
			found = is_type(
				slice_trim(slice_from(line, colon + 1)), type);
	}
	return found;
}

int mime_find(struct slice content_type, struct slice body, const char *type,
	struct slice *out)
{
	struct slice boundary, part, rest = body;
	bool last = false;

	*out = (struct slice){ 0 };
	if (is_type(content_type, type)) {
		*out = body;
		return body.n > 0 ? 0 : ENOENT;
	}
	if (!slice_casestarts(slice_trim(content_type), "multipart/"))
		return ENOENT;
	if (!boundary_of(content_type, &boundary) ||
		!cut_part(&rest, boundary, &part, &last)) /* the preamble */
		return EBADMSG;
	for (unsigned i = 0; i < PARTS_MAX && !last; i++) {
		if (!cut_part(&rest, boundary, &part, &last))
			return EBADMSG;
		if (part_is(part, type, out))
			return 0;
	}
	*out = (struct slice){ 0 };
	return last ? ENOENT : EBADMSG;
}

void mime_boundary_make(char out[MIME_BOUNDARY_SIZE])
{
	uint8_t random[(MIME_BOUNDARY_SIZE - 1) / 2];

	random_bytes(random, sizeof(random));
	hex_encode(random, sizeof(random), out);
}

void mime_part(struct text *out, const char *boundary, const char *type,
	const char *disposition, struct slice body)
{
	text_printf(out,
		"--%s\r\nContent-Type: %s\r\nContent-Disposition: %s\r\n\r\n",
		boundary, type, disposition);
	text_add(out, body);
	text_add(out, SLICE_LIT("\r\n"));
}

void mime_end(struct text *out, const char *boundary)
{
	text_printf(out, "--%s--\r\n", boundary);
}

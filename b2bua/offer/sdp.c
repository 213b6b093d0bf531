/* Splitting a session description into lines and sections. */
#include "b2bua/offer/sdp.h"

#include <errno.h>
#include <string.h>

static bool is_line(struct slice l)
{
	return l.n >= 2 && l.p[0] >= 'a' && l.p[0] <= 'z' && l.p[1] == '=';
}

static int add_line(struct sdp *out, struct slice line)
{
	struct sdp_mline m;
	struct sdp_section *sec;

	/* to some readers a CR alone ends a line: a second one in this */
	if (!is_line(line) || slice_find(line, '\r') < line.n)
		return EBADMSG;
	if (out->nlines == SDP_LINES_MAX)
		return EMSGSIZE;
	if (line.p[0] == 'm') {
		if (sdp_mline_parse(line, &m) != 0)
			return EBADMSG;
		if (out->nmedia == SDP_MEDIA_MAX)
			return EMSGSIZE;
		out->media[out->nmedia++] =
			(struct sdp_section){ .first = out->nlines };
	}
	sec = out->nmedia > 0 ? &out->media[out->nmedia - 1] : &out->session;
	sec->n++;
	out->line[out->nlines++] = line;
	return 0;
}

int sdp_split(struct sdp *out, struct slice text)
{
	struct slice line;
	bool origin = false;
	int err = 0;

	out->nlines = out->nmedia = 0;
	out->session = (struct sdp_section){ 0 };
	if (text.n > SDP_SIZE_MAX)
		return EMSGSIZE;
	if (slice_find(text, '\0') < text.n)
		return EBADMSG;
	while (err == 0 && slice_line(&text, &line)) {
		/* some phones end with an empty line or two */
		if (line.n == 0 && slice_trim(text).n == 0)
			break;
		err = add_line(out, line);
	}
	if (err != 0)
		return err;
	if (out->nlines == 0 || !slice_eq_str(slice_trim(out->line[0]), "v=0"))
		return EBADMSG;
	for (size_t i = 0; i < out->session.n; i++)
		origin |= out->line[i].p[0] == 'o';
	return origin ? 0 : EBADMSG;
}

int sdp_mline_parse(struct slice line, struct sdp_mline *out)
{
	struct slice rest = slice_from(line, 2), port;
	uint64_t v;

	if (!slice_starts(line, "m=") || !slice_word(&rest, &out->media) ||
		!slice_word(&rest, &port) || !slice_word(&rest, &out->proto))
		return EBADMSG;
	port = slice_head(port, slice_find(port, '/')); /* "5000/2" */
	if (slice_uint(port, 65535, &v) != 0)
		return EBADMSG;
	out->port = (uint16_t)v;
	out->formats = slice_trim(rest);
	return out->formats.n > 0 ? 0 : EBADMSG;
}

bool sdp_attr(struct slice line, struct slice *name, struct slice *value)
{
	struct slice attr;
	size_t colon;

	if (line.n < 2 || line.p[0] != 'a' || line.p[1] != '=')
		return false;
	attr = slice_trim(slice_from(line, 2));
	colon = slice_find(attr, ':');
	*name = slice_head(attr, colon);
	*value = slice_trim(slice_from(attr, colon + 1));
	return true;
}

static bool is_main(const struct sdp_mline *m, const char *media)
{
	return slice_eq_str(m->media, media) && m->port != 0 && sdp_carried(m);
}

int sdp_find_main(const struct sdp *s, size_t *index)
{
	size_t audio = s->nmedia, fax = s->nmedia, any = s->nmedia;

	for (size_t i = s->nmedia; i-- > 0;) {
		struct sdp_mline m;

		if (sdp_mline_parse(s->line[s->media[i].first], &m) != 0)
			continue;
		if (slice_eq_str(m.media, "audio"))
			any = i;
		if (is_main(&m, "audio"))
			audio = i;
		if (is_main(&m, "image"))
			fax = i;
	}
	*index = audio < s->nmedia ? audio : fax < s->nmedia ? fax : any;
	return *index < s->nmedia ? 0 : ENOENT;
}

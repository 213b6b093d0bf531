/* The sections of a leg's descriptions, and which streams they are. */
#include "b2bua/offer/sdp.h"

#include <stdlib.h>

#include "base/obj.h"

void sdp_shape_note(struct sdp_shape *shape, const struct sdp *s)
{
	for (size_t i = 0; i < s->nmedia; i++) {
		struct sdp_mline m;

		if (i == shape->n)
			shape->stream[shape->n++] = SDP_NO_STREAM;
		if (sdp_mline_parse(s->line[s->media[i].first], &m) != 0)
			continue;
		free(shape->refused[i]);
		shape->refused[i] =
			mem_printf("%.*s 0 %.*s %.*s", SLICE_ARG(m.media),
				SLICE_ARG(m.proto), SLICE_ARG(m.formats));
	}
}

bool sdp_shape_add(struct sdp_shape *shape, int stream)
{
	if (shape->n == SDP_MEDIA_MAX)
		return false;
	shape->stream[shape->n++] = (int8_t)stream;
	return true;
}

size_t sdp_shape_find(const struct sdp_shape *shape, int stream)
{
	size_t i = 0;

	while (i < shape->n && shape->stream[i] != stream)
		i++;
	return i;
}

void sdp_shape_free(struct sdp_shape *shape)
{
	for (size_t i = 0; i < shape->n; i++)
		free(shape->refused[i]);
	*shape = (struct sdp_shape){ 0 };
}

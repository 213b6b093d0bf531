/* mime_find: the first line is the Content-Type, the rest the body. What is
 * found lies within the body. */
#include "b2bua/sip/mime_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = slice_of(data, size), type, found;

	if (!slice_line(&body, &type))
		return 0;
	if (mime_find(type, body, "application/sdp", &found) != 0)
		need(found.n == 0);
	else
		need(found.p >= body.p && found.p + found.n <= body.p + body.n);
	return 0;
}

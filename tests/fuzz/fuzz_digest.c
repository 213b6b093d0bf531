/* Challenges: any bytes; what was read can be answered. */
#include <stdlib.h>
#include <string.h>

#include "b2bua/trunk/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct digest_request r = { .method = SLICE_LIT("INVITE"),
		.uri = SLICE_LIT("sip:1@example.com"),
		.body = slice_of(data, size),
		.count = 1,
		.cnonce = SLICE_LIT("0123456789abcdef") };
	struct digest_challenge c;
	char *out;

	if (digest_read(&c, slice_of(data, size)) != 0)
		return 0;
	need(strlen(c.realm) < DIGEST_TEXT && strlen(c.nonce) > 0);
	if (digest_answer(&out, &c, SLICE_LIT("user"), "secret", &r) == 0)
		need(strpbrk(out, "\r\n") == NULL);
	free(out);
	return 0;
}

/*
 * What an operator was sent by somebody: any bytes are certificates or a
 * sentence that says why not, and what is chosen of them is well formed.
 */
#include <stdlib.h>

#include "base/need.h"
#include "certs/store/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_want w = { .now = 1800000000 };
	struct import_choice c;
	struct import in;
	char *why = NULL;
	int err = import_parse(&in, slice_of(data, size), NULL, &why);

	need((err == 0) == (why == NULL));
	free(why);
	/* Each pair of certificates may cost a signature. */
	if (err == 0 && in.n <= 16) {
		need((import_anchors(&c, &in, &w, &why) == 0) == (why == NULL));
		import_choice_free(&c);
		free(why);
		need((import_own(&c, &in, &w, &why) == 0) == (why == NULL));
		import_choice_free(&c);
		free(why);
	}
	import_free(&in);
	return 0;
}

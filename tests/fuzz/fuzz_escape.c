/* text_escape: no control byte comes out, whatever goes in. */
#include "base/need.h"
#include "base/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = { 0 };

	text_escape(&text, slice_of(data, size));
	need(text.n >= size);
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = (uint8_t)text.p[i];

		need(c >= 0x20 && c != 0x7f);
	}
	text_free(&text);
	return 0;
}

/* base64_decode: what decodes, encodes to the same digits again. */
#include "base/need.h"
#include "base/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = { 0 };
	uint8_t out[256], again[256];
	size_t n, m;

	if (base64_decode(slice_of(data, size), out, sizeof(out), &n) != 0)
		return 0;
	base64_encode(&text, slice_of(out, n), true);
	need(text.n == base64_encoded_size(n));
	need(base64_decode(text_slice(&text), again, sizeof(again), &m) == 0);
	need(slice_eq(slice_of(out, n), slice_of(again, m)));
	text_free(&text);
	return 0;
}

/* framer_scan: the same verdict at once and byte by byte, sizes in bounds. */
#include "b2bua/sofia/framer.h"
#include "base/need.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_of(data, size);
	struct framer once = { 0 }, steps = { 0 };
	size_t n, m = 0;
	enum framer_verdict v = framer_scan(&once, all, &n), w = FRAMER_MORE;

	need(n <= size);
	for (size_t i = 0; i <= size && w == FRAMER_MORE; i++)
		w = framer_scan(&steps, slice_head(all, i), &m);
	need(v == w);
	need(v == FRAMER_BLANK || n == m);
	return 0;
}

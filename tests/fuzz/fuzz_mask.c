/* sip_mask: any bytes, no key left behind "inline:". */
#include "b2bua/sip/mask.h"
#include "base/need.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text out = { 0 };
	struct slice rest;
	size_t at;

	sip_mask(&out, slice_of(data, size));
	for (rest = text_slice(&out);
		(at = slice_search(rest, SLICE_LIT("inline:"))) < rest.n;
		rest = slice_from(rest, at + 7))
		need(slice_starts(slice_from(rest, at + 7), "***"));
	text_free(&out);
	return 0;
}

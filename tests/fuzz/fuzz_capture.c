/* What a capture may hold of a message: no key, no line that promises one. */
#include "b2bua/call/call_int.h"
#include "base/need.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text out = { 0 };
	struct slice rest, line;
	size_t at;

	call_capture_text(&out, slice_of(data, size));
	rest = text_slice(&out);
	while (slice_line(&rest, &line)) {
		need(!slice_starts(line, "a=crypto"));
		for (; (at = slice_search(line, SLICE_LIT("inline:"))) < line.n;
			line = slice_from(line, at + 7))
			need(slice_starts(slice_from(line, at + 7), "***"));
	}
	text_free(&out);
	return 0;
}

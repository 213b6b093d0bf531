/* TVS: what parses, builds and parses again to the same; knowing nothing, we
 * call nothing valid. */
#include "base/need.h"
#include "phoneproxy/tvs/tvs_answer.h"
#include "phoneproxy/tvs/tvs_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct tvs_msg m, again;
	struct text out = { 0 };
	struct tvs_answer what;
	size_t frame;
	char sep[TVS_SEP_TEXT];

	if (tvs_frame(in, &frame) != 0 || frame == 0 || frame > size ||
		tvs_parse(&m, slice_head(in, frame)) != 0)
		return 0;
	tvs_sep_name(m.device, sep);
	need(tvs_build(&out, &m) == 0);
	need(tvs_parse(&again, text_slice(&out)) == 0);
	need(again.command == m.command && again.session == m.session);
	text_free(&out);
	if (tvs_answer_frame(&out, &what, slice_head(in, frame), NULL, 0, 1) ==
		0)
		need(!what.valid && out.n == TVS_HEAD + 4);
	text_free(&out);
	return 0;
}

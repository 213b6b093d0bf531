/*
 * CAPF: what parses, builds and parses again to the same; its proofs are
 * judged without harm.
 */
#include "base/need.h"
#include "phoneproxy/capf/capf_auth.h"
#include "phoneproxy/capf/capf_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct capf_msg m, again;
	struct text out = { 0 };
	size_t frame;

	if (capf_frame(in, &frame) != 0 || frame == 0 || frame > size ||
		capf_parse(&m, slice_head(in, frame)) != 0)
		return 0;
	need(capf_build(&out, &m) == 0);
	need(capf_parse(&again, text_slice(&out)) == 0);
	need(again.command == m.command && again.session == m.session);
	need(slice_eq(again.cert, m.cert) && slice_eq(again.device, m.device));
	need(capf_check_proof(&again, true) == capf_check_proof(&m, true));
	text_free(&out);
	return 0;
}

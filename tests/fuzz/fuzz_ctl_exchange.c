/* Boxes that share a trust list: what parses, builds and parses again to the
 * same, and no signer of lists is among it. */
#include "base/need.h"
#include "phoneproxy/signed/ctl.h"
#include "phoneproxy/signed/ctl_exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	static struct ctlx_msg m, again;
	struct text out = { 0 };
	size_t frame;

	if (ctlx_frame(in, &frame) != 0 || frame == 0 || frame > size ||
		ctlx_parse(&m, slice_head(in, frame)) != 0)
		return 0;
	for (size_t i = 0; i < m.n; i++)
		need(m.record[i].role != ROLE_SAST);
	need(ctlx_build(&out, &m) == 0);
	need(ctlx_parse(&again, text_slice(&out)) == 0);
	need(again.type == m.type && again.n == m.n &&
		again.reason == m.reason);
	need(slice_eq(again.user, m.user) && slice_eq(again.secret, m.secret));
	for (size_t i = 0; i < m.n; i++)
		need(again.record[i].role == m.record[i].role &&
			slice_eq(again.record[i].cert, m.record[i].cert));
	text_free(&out);
	return 0;
}

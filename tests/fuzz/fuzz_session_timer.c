/* Session-Expires and Min-SE (RFC 4028 4, 5): two lines, a header each. */
#include "b2bua/call/session_timer.h"
#include "base/need.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_msg m;
	struct slice all = slice_of(data, size);
	size_t line = slice_find(all, '\n');
	enum se_refresher who = SE_ANY;
	unsigned expires = 0;

	m = (struct sip_msg){ .method = SIP_INVITE, .nhdrs = 2 };
	m.hdr[0] = (struct sip_hdr){ SLICE_LIT("Session-Expires"),
		slice_head(all, line) };
	m.hdr[1] = (struct sip_hdr){ SLICE_LIT("Min-SE"),
		slice_from(all, line < size ? line + 1 : size) };
	if (session_timer_read(&m, &expires, &who))
		need(expires <= SE_MAX);
	need(who == SE_ANY || who == SE_UAC || who == SE_UAS);
	need(session_timer_min(&m) <= SE_MAX);
	return 0;
}

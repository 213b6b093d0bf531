/*
 * Trust lists: whatever is read lies within the bytes given. Verifying and
 * planning may refuse, but end.
 */
#include "base/need.h"
#include "phoneproxy/signed/ctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(struct slice file, struct slice part)
{
	need(part.n == 0 ||
		(part.p >= file.p && part.p + part.n <= file.p + file.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice file = slice_of(data, size);
	struct ctl c;

	if (ctl_read(&c, file) != FAULT_NONE)
		return 0;
	size_t end = c.head.size;

	for (size_t i = 0; i < c.nrecords; i++) {
		need(c.record[i].at == end);
		end += c.record[i].size;
		within(file, c.record[i].cert);
		within(file, c.record[i].subject);
		within(file, c.record[i].serial);
	}
	need(end == size);
	bool good = ctl_verify(&c, NULL) == FAULT_NONE;

	need((ctl_plan(NULL, NULL, &c) == CTL_FIRST) == good);
	ctl_free(&c);
	return 0;
}

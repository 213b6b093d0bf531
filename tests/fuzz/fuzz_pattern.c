/* Dial patterns and numbers: the first line is the pattern. */
#include <stdlib.h>

#include "base/need.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice number = slice_of(data, size), pattern = { 0 };
	char *p;
	size_t offset = 0;
	int got;

	(void)slice_cut(&number, '\n', &pattern);
	p = slice_dup(pattern);
	got = conf_pattern_match(p, number);
	need(got >= -1 && got <= (int)number.n);
	if (conf_pattern_check(p, &offset) != 0)
		need(got == -1 && offset <= pattern.n);
	free(p);
	return 0;
}

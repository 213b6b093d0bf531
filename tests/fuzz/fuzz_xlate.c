/* Translation rules: the first two lines are match and replacement, the third
 * is a number. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "conf/conf.h"
#include "conf/xlate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *cut(struct slice *rest)
{
	struct slice line = { 0 };

	(void)slice_cut(rest, '\n', &line);
	return slice_dup(slice_head(line, XLATE_TEXT_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);
	struct conf_xlate_rule rule = { .number = 1 };
	struct conf_xlate_rules all = { .n = 1, .rule = &rule };
	char why[160], out[64];
	size_t offset;
	bool in_replace;
	unsigned by;
	int err;

	rule.match = cut(&rest);
	rule.replace = cut(&rest);
	if (xlate_compile(&rule, why, sizeof(why), &offset, &in_replace) == 0) {
		err = conf_xlate(
			&all, slice_head(rest, 63), out, sizeof(out), &by);
		need(err == 0 || err == ENOENT || err == ENOBUFS ||
			err == E2BIG);
		need(strlen(out) < sizeof(out));
	} else {
		need(offset <= strlen(in_replace ? rule.replace : rule.match));
	}
	xlate_rule_free(&rule);
	return 0;
}

/* Rules of voice translation-rule: IOS's dialect of regular expressions. */
#ifndef LINESIDE_CONF_XLATE_H
#define LINESIDE_CONF_XLATE_H

#include "conf/model_numbers.h"

enum { XLATE_TEXT_MAX = 128 }; /* characters between two slashes */

/* The text between the slashes of "/…/" (\/ stays as it is); false: none. */
bool xlate_slashes(struct slice word, struct slice *inside);
/*
 * Compiles r->match, and checks r->replace against it. EINVAL: `why` and
 * `offset` (within the one that is wrong, *in_replace) tell.
 */
int xlate_compile(struct conf_xlate_rule *r, char *why, size_t size,
	size_t *offset, bool *in_replace) MUST_USE;
void xlate_rule_free(struct conf_xlate_rule *r);

#endif

/* Inside `lineside import`. */
#ifndef LINESIDE_IMPORT_INT_H
#define LINESIDE_IMPORT_INT_H

#include "base/table.h"
#include "conf/conf.h"

/* A row for each line of `text` that is in `errs`, which it sorts: what it
 * says, without passwords, and what it means that it is not carried. How many
 * there are. */
size_t import_tell_left_out(
	struct table *t, struct slice text, struct conf_errs *errs);

#endif

/* What the files of `lineside ctl` share. */
#ifndef LINESIDE_CTL_INT_H
#define LINESIDE_CTL_INT_H

#include "conf/conf.h"
#include "control/request.h"

struct ctl_tool {
	const char *file, *socket;
	struct conf *conf; /* NULL: not needed, or cannot be read */
	bool no_sha1; /* signatures over SHA-1 are not believed */
};

/* "% …" on standard error; EXIT_FAILED. */
int ctl_refuse(const char *fmt, ...) PRINTF(1, 2);
/* Of all lists when `name` is NULL. Exit code. */
int ctl_regenerate(const struct ctl_tool *t, const char *name, bool force);
int ctl_secret(void); /* exit code */

#endif

/* Checking a file, printing the manuals. */
#include "offline.h"

#include <stdio.h>
#include <string.h>

#include "base/obj.h"
#include "conf/conf.h"
#include "manual.h"
#include "request.h"

int offline_check(const char *file)
{
	struct conf_errs errs = { 0 };
	struct conf *c = conf_load(file, &errs);
	int code = c != NULL ? EXIT_OK : EXIT_FAILED;

	conf_errs_print(&errs, file, stderr);
	conf_errs_free(&errs);
	obj_unref(c);
	return code;
}

int offline_manual(const char *which)
{
	if (which == NULL || strcmp(which, "configuration") == 0)
		conf_manual(stdout);
	else if (strcmp(which, "messages") == 0)
		manual_messages(stdout);
	else if (strcmp(which, "counters") == 0)
		manual_counters(stdout);
	else
		return EXIT_USAGE;
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}

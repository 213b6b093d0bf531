/* Checking a file, "?" of the configuration language, the manuals. */
#include "offline.h"

#include <stdio.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"
#include "conf/conf.h"
#include "control/request.h"
#include "manual.h"

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

int offline_syntax(int n, char *const *lines)
{
	struct text context = { 0 };
	struct slice last = slice_str(n > 0 ? lines[n - 1] : "");

	for (int i = 0; i + 1 < n; i++)
		text_printf(&context, "%s\n", lines[i]);
	if (last.n > 0 && last.p[last.n - 1] == '?')
		last.n--;
	conf_help(text_slice(&context), last, stdout);
	text_free(&context);
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}

int offline_manual(const char *which)
{
	if (which == NULL || strcmp(which, "configuration") == 0)
		conf_manual(stdout);
	else if (strcmp(which, "messages") == 0)
		manual_messages(stdout);
	else if (strcmp(which, "counters") == 0)
		manual_counters(stdout);
	else if (strcmp(which, "records") == 0)
		manual_records(stdout);
	else if (strcmp(which, "refusals") == 0)
		manual_refusals(stdout);
	else
		return EXIT_USAGE;
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}

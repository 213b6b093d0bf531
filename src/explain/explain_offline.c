/* explain and test with a configuration file, without a daemon. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "control/request.h"
#include "explain/explain.h"

static bool is(const char *word, const char *what)
{
	return strcmp(word, what) == 0;
}

/* `explain call FROM TO [listener NAME] [source ADDR]`; false: not so. */
static bool read_call(int n, char *const *w, struct explain_ask *ask)
{
	if (n < 4 || !is(w[0], "explain") || !is(w[1], "call"))
		return false;
	*ask = (struct explain_ask){ .from = slice_str(w[2]),
		.to = slice_str(w[3]) };
	for (int i = 4; i < n; i += 2) {
		if (i + 1 < n && is(w[i], "listener"))
			ask->listener = slice_str(w[i + 1]);
		else if (i + 1 < n && is(w[i], "source"))
			ask->source = slice_str(w[i + 1]);
		else
			return false;
	}
	return true;
}

static bool read_test(int n, char *const *w)
{
	return n == 5 && is(w[0], "test") && is(w[1], "voice") &&
	       is(w[2], "translation-rule");
}

int explain_command(int n, char *const *words, const char *file, bool json)
{
	struct conf_errs errs = { 0 };
	struct explain_ask ask;
	bool call = read_call(n, words, &ask);
	struct conf *c;
	struct table *t;
	char *said;
	int err;

	if (!call && !read_test(n, words)) {
		fputs("usage: lineside -f FILE explain call FROM TO "
		      "[listener NAME] [source ADDRESS]\n"
		      "       lineside -f FILE test voice translation-rule N "
		      "NUMBER\n",
			stderr);
		return EXIT_USAGE;
	}
	c = conf_load(file, &errs);
	if (c == NULL) {
		conf_errs_print(&errs, file, stderr);
		conf_errs_free(&errs);
		return EXIT_FAILED;
	}
	conf_errs_free(&errs);
	t = table_new();
	err = call ? explain_call(t, c, &ask)
		   : explain_rules(
			     t, c, slice_str(words[3]), slice_str(words[4]));
	said = json ? table_json(t) : table_text(t);
	fputs(said, stdout);
	free(said);
	table_free(t);
	obj_unref(c);
	return err == 0 && fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}

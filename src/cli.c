/*
 * lineside: the operator's command. Words go to the running daemon over its
 * control socket; `check`, `syntax` and `manual` need no daemon. Without words and on a
 * terminal it is a shell (shell.c).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"
#include "control/client.h"
#include "ctl/ctl.h"
#include "doctor/doctor.h"
#include "explain/explain.h"
#include "import.h"
#include "offline.h"
#include "pki/pki.h"
#include "shell.h"
#include "version.h"

static const char usage[] =
	"usage: lineside [-s SOCKET] [--json] WORDS…   ask the daemon\n"
	"       lineside [-s SOCKET]                   shell: ? for help, tab\n"
	"       lineside check [FILE]                  test a configuration\n"
	"       lineside import FILE [--output FILE] [--master-key-file FILE]\n"
	"                [--show-passwords]            a CUBE's becomes ours\n"
	"       lineside syntax [SECTION] 'LINE ?'     what may be configured\n"
	"       lineside [-f FILE] explain call FROM TO [listener NAME]\n"
	"                [source ADDRESS]              where a call would go\n"
	"       lineside [-f FILE] test voice translation-rule N NUMBER\n"
	"       lineside doctor [-f FILE]              look for what is wrong\n"
	"       lineside [-f FILE] pki …               keys and certificates\n"
	"       lineside pki server NAME …             the CA inside the daemon\n"
	"       lineside [-f FILE] ctl …               phones' trust lists\n"
	"       lineside manual [configuration | messages | counters | records | refusals]\n"
	"       lineside --version | --help\n"
	"\n"
	"Words may be cut short: lineside sh call act vo br\n"
	"`lineside help` lists the daemon's commands.\n"
	"Exit codes: 0 done, 1 failed, 2 not a command, 3 linesided is not\n"
	"running, 4 not allowed. -f and -s may stand behind the words, too; the\n"
	"configuration is " LINESIDE_CONF " unless -f names another.\n";

enum { OPT_JSON = 256, OPT_COMPLETE, OPT_VERSION };

static const struct option options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "file", required_argument, NULL, 'f' },
	{ "json", no_argument, NULL, OPT_JSON },
	/* For the completion of shells; the last word may be empty. */
	{ "complete", no_argument, NULL, OPT_COMPLETE },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct cli {
	const char *socket;
	const char *given; /* the socket, when it was given */
	const char *file; /* the configuration; NULL: the usual one */
	enum request_form form;
};

/* Words as one line; those with blanks are quoted again. NULL: impossible. */
static char *join(int n, char **words)
{
	struct text t = { 0 };

	for (int i = 0; i < n; i++) {
		/* one word that is a whole line: lineside 'show version' */
		bool quote = words[i][0] == '\0' ||
			     (n > 1 && strpbrk(words[i], " \t") != NULL);

		if (i > 0)
			text_addc(&t, ' ');
		if (strpbrk(words[i], "\"\r\n") != NULL) {
			text_free(&t);
			return NULL;
		}
		text_printf(&t, quote ? "\"%s\"" : "%s", words[i]);
	}
	return text_take(&t);
}

static int ask(const struct cli *c, int n, char **words)
{
	enum request_form form = c->form;
	size_t len = strlen(words[0]);
	char *line;
	int code;

	if (n == 1 && strcmp(words[0], "help") == 0)
		return client_ask(c->socket, REQUEST_HELP, "", stdout, stderr);
	if (strcmp(words[n - 1], "?") == 0) {
		form = REQUEST_HELP;
		n--;
	} else if (n == 1 && len > 2 && strcmp(words[0] + len - 2, " ?") == 0) {
		form = REQUEST_HELP;
		words[0][len - 2] = '\0';
	}
	/* An empty last word is one that is about to be typed. */
	if (form == REQUEST_COMPLETE && words[n - 1][0] == '\0') {
		char *before = join(n - 1, words);

		line = before != NULL ? mem_printf("%s ", before) : NULL;
		free(before);
	} else {
		line = join(n, words);
	}
	if (line == NULL) {
		fputs("% Words must not contain quotes or line ends\n", stderr);
		return EXIT_USAGE;
	}
	if (form == REQUEST_HELP) {
		char *open = mem_printf("%s ", line);

		free(line);
		line = open;
	}
	code = client_ask(c->socket, form, line, stdout, stderr);
	free(line);
	return code;
}

static const char *file_of(const struct cli *c)
{
	return c->file != NULL ? c->file : LINESIDE_CONF;
}

/* Takes `-f FILE`, `-s SOCKET` and `--json` out of the words, where people
 * write them: how many words are left, or -1: a value is missing. */
static int take_options(struct cli *c, int n, char **words)
{
	int left = 0;

	for (int i = 0; i < n; i++) {
		bool file = strcmp(words[i], "-f") == 0 ||
			    strcmp(words[i], "--file") == 0;
		bool socket = strcmp(words[i], "-s") == 0 ||
			      strcmp(words[i], "--socket") == 0;

		if (strcmp(words[i], "--json") == 0) {
			c->form = REQUEST_JSON;
		} else if (!file && !socket) {
			words[left++] = words[i];
		} else if (i + 1 == n) {
			return -1;
		} else if (file) {
			c->file = words[++i];
		} else {
			c->socket = c->given = words[++i];
		}
	}
	return left;
}

static int run(const struct cli *c, int n, char **words)
{
	if (n >= 1 && n <= 2 && strcmp(words[0], "check") == 0)
		return offline_check(n == 2 ? words[1] : file_of(c));
	if (n >= 1 && strcmp(words[0], "syntax") == 0)
		return offline_syntax(n - 1, words + 1);
	if (n >= 1 && strcmp(words[0], "doctor") == 0)
		return doctor_command(
			n, words, file_of(c), c->form == REQUEST_JSON);
	/* `pki server …` is the daemon's: it has the CA. */
	if (n >= 1 && strcmp(words[0], "pki") == 0 &&
		!(n >= 2 && strcmp(words[1], "server") == 0))
		return pki_command(n, words, c->file, c->given);
	if (n >= 1 && strcmp(words[0], "import") == 0)
		return import_command(n, words, c->form == REQUEST_JSON);
	/* with a file they need no daemon, and do not ask it */
	if (n >= 1 && c->file != NULL &&
		(strcmp(words[0], "explain") == 0 ||
			strcmp(words[0], "test") == 0))
		return explain_command(
			n, words, c->file, c->form == REQUEST_JSON);
	if (n >= 1 && strcmp(words[0], "ctl") == 0)
		return ctl_command(n, words, c->file, c->given);
	if (n >= 1 && n <= 2 && strcmp(words[0], "manual") == 0)
		return offline_manual(n == 2 ? words[1] : NULL);
	if (n == 0 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return shell_run(c->socket);
	return n > 0 ? ask(c, n, words) : EXIT_USAGE;
}

static int next_option(int argc, char **argv)
{
	/* '+': what follows the first word belongs to the command.
	 * NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
	return getopt_long(argc, argv, "+s:f:h", options, NULL);
}

int main(int argc, char **argv)
{
	struct cli c = { .socket = LINESIDE_SOCKET, .form = REQUEST_TEXT };
	int opt, code;

	while ((opt = next_option(argc, argv)) != -1) {
		switch (opt) {
		case 's':
			c.socket = c.given = optarg;
			break;
		case 'f':
			c.file = optarg;
			break;
		case OPT_JSON:
			c.form = REQUEST_JSON;
			break;
		case OPT_COMPLETE:
			c.form = REQUEST_COMPLETE;
			break;
		case OPT_VERSION:
			puts("lineside " LINESIDE_VERSION);
			return EXIT_OK;
		case 'h':
			fputs(usage, stdout);
			return EXIT_OK;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (c.form != REQUEST_COMPLETE)
		argc = take_options(&c, argc - optind, argv + optind) + optind;
	code = argc < optind ? EXIT_USAGE
			     : run(&c, argc - optind, argv + optind);
	if (code == EXIT_USAGE && optind >= argc)
		fputs(usage, stderr);
	return code;
}

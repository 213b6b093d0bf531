/* linesided: arguments. The daemon itself is daemon.c. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/table.h"
#include "control/request.h"
#include "daemon.h"
#include "heap.h"
#include "offline.h"
#include "show/show.h"
#include "version.h"

static const char usage[] =
	"usage: linesided [-f FILE] [--foreground] [--core-dumps]\n"
	"       linesided --check [FILE]\n"
	"       linesided --manual [configuration | messages | counters | records | refusals]\n"
	"       linesided --version | --help\n"
	"\n"
	"  -f, --file FILE   configuration (" LINESIDE_CONF ")\n"
	"      --foreground  log lines go to standard error, too\n"
	"      --core-dumps  allow core files; keys will be in them\n"
	"      --check       tell every error of a configuration and exit\n"
	"      --manual      print the reference as Markdown\n"
	"      --version     version and libraries\n"
	"\n"
	"SIGHUP reloads the configuration, SIGUSR1 reopens the log file, SIGTERM\n"
	"stops. `lineside` asks the running daemon.\n";

enum { OPT_FOREGROUND = 256, OPT_CORES, OPT_CHECK, OPT_MANUAL, OPT_VERSION };

static const struct option options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "foreground", no_argument, NULL, OPT_FOREGROUND },
	{ "core-dumps", no_argument, NULL, OPT_CORES },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "manual", no_argument, NULL, OPT_MANUAL },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int version(void)
{
	struct table *t = table_new();

	version_table(t);
	char *s = table_text(t);

	fputs(s, stdout);
	free(s);
	table_free(t);
	return EXIT_OK;
}

/* -1: go on. */
static int take_option(
	int opt, struct daemon_options *o, bool *check, char **argv)
{
	switch (opt) {
	case 'f':
		o->file = optarg;
		return -1;
	case OPT_FOREGROUND:
		o->foreground = true;
		return -1;
	case OPT_CORES:
		o->core_dumps = true;
		return -1;
	case OPT_CHECK:
		*check = true;
		return -1;
	case OPT_MANUAL:
		return offline_manual(argv[optind]);
	case OPT_VERSION:
		return version();
	case 'h':
		fputs(usage, stdout);
		return EXIT_OK;
	default:
		return EXIT_USAGE;
	}
}

static int next_option(int argc, char **argv)
{
	/* Before any thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	return getopt_long(argc, argv, "f:h", options, NULL);
}

int main(int argc, char **argv)
{
	struct daemon_options o = {
		.file = LINESIDE_CONF, .heap = heap_read, .started = heap_serve
	};
	bool check = false;
	int opt, code = -1;

	heap_set_up();
	while (code < 0 && (opt = next_option(argc, argv)) != -1)
		code = take_option(opt, &o, &check, argv);
	if (code < 0 && check && optind < argc)
		o.file = argv[optind++];
	if (code < 0 && optind < argc)
		code = EXIT_USAGE;
	if (code < 0 && check)
		code = offline_check(o.file);
	if (code == EXIT_USAGE)
		fputs(usage, stderr);
	return code >= 0 ? code : daemon_run(&o);
}

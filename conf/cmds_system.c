/* Commands about the daemon itself. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

#define SEVERITY                                                               \
	"{emergencies|alerts|critical|errors|warnings|notifications|"          \
	"informational|debugging|<0-7>}"

static const char *const severities[] = { "emergencies", "alerts", "critical",
	"errors", "warnings", "notifications", "informational", "debugging" };

static bool severity_of(const struct word *w, enum log_severity *out)
{
	if (!w->keyword) {
		*out = (enum log_severity)w->number;
		return *w->token == '<' && w->number <= LOG_SEV_DEBUG;
	}
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++) {
		if (!slice_eq_str(w->text, severities[i]))
			continue;
		*out = (enum log_severity)i;
		return true;
	}
	return false;
}

static void set_level(struct line *l)
{
	struct log_params *log = &l->p->conf->logging;

	if (l->no || l->def)
		log->level = LOG_SEV_INFO;
	else if (l->n > 0)
		(void)severity_of(&l->cap[l->n - 1], &log->level);
}

static void show_level(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->logging.level != LOG_SEV_INFO)
		show_line(s, "logging level %s",
			severities[s->conf->logging.level]);
}

/* CUBE's "logging console LEVEL": where and how much in one line. */
static void set_console(struct line *l)
{
	l->p->conf->logging.to_stderr = !l->no;
	if (!l->no)
		set_level(l);
}

/* "logging buffered": recent lines are always kept, the level counts. */
static void set_buffered(struct line *l)
{
	const struct word *last = &l->cap[l->n - 1];

	if (!l->no && !l->def && (last->keyword || last->number <= 7) &&
		!slice_eq_str(last->text, "buffered"))
		set_level(l);
}

static void set_format(struct line *l)
{
	l->p->conf->logging.json = !l->no && !l->def && line_has(l, "json");
}

static void show_format(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->logging.json)
		show_line(s, "logging format json");
}

static void set_hostname(struct line *l)
{
	const struct word *name = line_arg(l, 0);

	set_str(&l->p->conf->hostname,
		l->no || l->def ? slice_str("lineside") : name->text);
}

static void set_socket(struct line *l)
{
	const struct word *path = line_arg(l, 0);

	if (!l->no && !l->def && path->text.n > 107) {
		line_error(l, path, "use a shorter one",
			"a socket's path has at most 107 bytes");
		return;
	}
	set_str(&l->p->conf->control_socket,
		l->no || l->def ? slice_str("/run/lineside/control")
				: path->text);
}

static void show_socket(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (strcmp(s->conf->control_socket, "/run/lineside/control") != 0)
		show_quoted(s, "control-socket", s->conf->control_socket);
}

static void set_state(struct line *l)
{
	set_str(&l->p->conf->state_directory,
		l->no || l->def ? slice_str("/var/lib/lineside")
				: line_arg(l, 0)->text);
}

static void show_state(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (strcmp(s->conf->state_directory, "/var/lib/lineside") != 0)
		show_quoted(s, "state directory", s->conf->state_directory);
}

static void show_hostname(const struct show *s, const struct cmd *row)
{
	(void)row;
	show_line(s, "hostname %s", s->conf->hostname);
}

/* clang-format off */
const struct cmd system_cmds[] = {
	{ "hostname HOST", K_FN, .set = set_hostname, .show = show_hostname,
	  .help = "Name of this system",
	  .more = "Default: `lineside`." },
	{ "logging level " SEVERITY, K_FN, .set = set_level, .show = show_level,
	  .help = "Log lines up to this severity",
	  .more = "Default: `informational`. Numbers are syslog's, 0 to 7." },
	{ "logging stderr", K_FLAG, F(conf, logging.to_stderr), .def = true,
	  .help = "Log to standard error",
	  .more = "On unless `no logging stderr` is given." },
	{ "logging journal", K_FLAG, F(conf, logging.to_journal), .def = true,
	  .help = "Log to the journal when run by systemd",
	  .more = "On unless `no logging journal` is given." },
	{ "logging file PATH", K_STR, F_PTR(conf, logging.file),
	  .help = "Log to a file",
	  .more = "Opened for append, mode 0640; reopened by SIGUSR1." },
	{ "logging format {json|text}", K_FN, .set = set_format,
	  .show = show_format, .help = "How a log line is written",
	  .more = "Default: `text`." },
	{ "logging console [" SEVERITY "]", K_FN, .flags = C_HIDDEN,
	  .set = set_console,
	  .help = "CUBE's spelling of logging stderr and logging level" },
	{ "logging buffered [<4096-2147483647>] [" SEVERITY "]", K_FN,
	  .flags = C_HIDDEN, .set = set_buffered,
	  .help = "CUBE's spelling of logging level",
	  .more = "Recent lines are always kept for `show logging`." },
	{ "control-socket PATH", K_FN, .set = set_socket, .show = show_socket,
	  .help = "Where the operator's command connects",
	  .more = "Default: `/run/lineside/control`." },
	{ "state directory PATH", K_FN, .set = set_state, .show = show_state,
	  .help = "Where keys, certificates and what must survive are kept",
	  .more = "Default: `/var/lib/lineside`. Owned by the user that the "
		  "daemon becomes; the private keys in it have mode 0600." },
	{ "user NAME", K_STR, F_PTR(conf, user),
	  .help = "User to become once the ports are bound",
	  .more = "Without it the daemon stays who it was started as." },
	{ "media workers <1-64>", K_UINT, F(conf, media_workers),
	  .help = "Threads that carry media",
	  .more = "Default: one per processor." },
	{ "tls workers <1-64>", K_UINT, F(conf, tls_workers), .def = 2,
	  .help = "Threads that do TLS handshakes" },
	{ NULL },
};

const struct cmd common_cmds[] = {
	{ "exit", K_EXIT, .help = "Leave this section" },
	{ "end", K_END, .help = "End of the configuration" },
	{ NULL },
};
/* clang-format on */

/*
 * Files and sockets that the daemon may have open (RLIMIT_NOFILE), against what
 * the configuration allows at once. The limit is what the running daemon says,
 * else what the service's unit gives it.
 */
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/open_files.h"
#include "base/wire.h"
#include "doctor/doctor_int.h"

enum { UNIT_MAX = 65536 }; /* bytes of a unit that are read */

/* ---- what there may be ---- */

/* "4096", "1024:4096" (soft and hard: the daemon takes the hard one),
 * "infinity"; 0: none of these. */
static unsigned limit_of(struct slice v)
{
	size_t colon = slice_find(v, ':');
	uint64_t n;

	if (colon < v.n)
		v = slice_from(v, colon + 1);
	v = slice_trim(v);
	if (slice_eq_str(v, "infinity"))
		return UINT_MAX;
	return slice_uint(v, UINT_MAX, &n) == 0 ? (unsigned)n : 0;
}

/* The last line counts. `before` where the file has none. */
static unsigned read_unit(const char *path, unsigned before)
{
	static const char key[] = "LimitNOFILE=";
	char *text = mem_new(UNIT_MAX);
	FILE *f = fopen(path, "re");
	struct slice rest, line;

	rest = slice_of(text, f != NULL ? fread(text, 1, UNIT_MAX, f) : 0);
	while (slice_line(&rest, &line))
		if (slice_starts(slice_trim(line), key))
			before = limit_of(
				slice_from(slice_trim(line), strlen(key)));
	if (f != NULL)
		(void)fclose(f);
	free(text);
	return before;
}

/* Of all files of that pattern, by name. */
static unsigned read_units(const char *pattern, unsigned before)
{
	glob_t g = { 0 };

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
	if (glob(pattern, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			before = read_unit(g.gl_pathv[i], before);
	globfree(&g);
	return before;
}

/* The unit, of the directory that goes before the others; then what was added
 * to it (`systemctl edit`). 0: there is none, or it says nothing. */
static unsigned of_unit(const struct doctor *d)
{
	static const char *const dirs[] = { "/usr/lib/systemd/system",
		"/usr/local/lib/systemd/system", "/run/systemd/system",
		"/etc/systemd/system" };
	static const char *const names[] = { "linesided.service",
		"linesided.service.d/*.conf" };
	unsigned limit = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (size_t k = 0; k < ARRAY_SIZE(dirs); k++) {
			char *path = mem_printf("%s%s/%s",
				d->p->root != NULL ? d->p->root : "", dirs[k],
				names[i]);

			limit = read_units(path, limit);
			free(path);
		}
	return limit;
}

/* 0: no daemon runs. */
static unsigned of_daemon(const struct doctor *d)
{
	static const char key[] = "lineside_open_files_limit ";
	char *text = doctor_ask_text(d, REQUEST_TEXT, "metrics");
	struct slice rest = slice_str(text != NULL ? text : ""), line;
	unsigned limit = 0;

	while (slice_line(&rest, &line))
		if (slice_starts(line, key))
			limit = limit_of(slice_from(line, strlen(key)));
	free(text);
	return limit;
}

/* ---- what it takes ---- */

static unsigned connections(const struct conf *c)
{
	unsigned n = 0;

	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		if (l->side == CONF_ACCESS && l->transport != CONF_UDP)
			n += l->max_connections;
	return n;
}

void doctor_files(struct doctor *d)
{
	unsigned calls = conf_calls_possible(d->conf);
	unsigned phones = connections(d->conf);
	unsigned of_calls = calls * FILES_OF_CALL + FILES_BESIDE;
	unsigned wanted = of_calls + phones;
	unsigned limit = of_daemon(d);
	bool runs = limit != 0;
	char *mend;

	if (!runs)
		limit = of_unit(d);
	if (limit == 0 || limit >= wanted)
		return;
	mend = mem_printf("write 'LimitNOFILE=%u' below [Service] with "
			  "'systemctl edit linesided' and restart it; or lower "
			  "'max-conn' or 'rtp-port range' of voice service "
			  "voip, or 'max-connections' of the listeners",
		wanted);
	/* so many phones need never come; calls count as for the daemon's own
	 * warning */
	doctor_say(d, limit < of_calls ? DOCTOR_WARNING : DOCTOR_NOTE, "limits",
		(struct conf_pos){ 0 }, mend,
		"%s %u files open, and the configuration allows what takes "
		"%u: four for each of %u calls, one for each of %u connections "
		"of phones, and some of its own",
		runs ? "the running daemon may have"
		     : "the service's unit lets the daemon have",
		limit, wanted, calls, phones);
	free(mend);
}

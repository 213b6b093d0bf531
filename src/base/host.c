/* The host's load. See host.h. */
#include "base/host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/open_files.h"

enum { FIVE = 5 };

static _Atomic unsigned figures[HOST_FIGURES];

unsigned host_read(enum host_figure f)
{
	return atomic_load_explicit(&figures[f], memory_order_relaxed);
}

void host_write(enum host_figure f, unsigned percent)
{
	atomic_store_explicit(&figures[f], percent, memory_order_relaxed);
}

/* user nice system idle iowait irq softirq steal; guests are in user. What
 * the hypervisor took (steal) is not ours to use, so it is busy. */
int host_parse_cpu(struct host_cpu *out, struct slice text)
{
	uint64_t v[8] = { 0 };
	char line[256];

	*out = (struct host_cpu){ 0 };
	(void)snprintf(line, sizeof(line), "%.*s", (int)text.n, text.p);
	if (sscanf(line,
		    "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		    " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		    &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) < 4)
		return EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		out->total += v[i];
	out->busy = out->total - v[3] - v[4];
	return 0;
}

int host_parse_memory(unsigned *percent, struct slice text)
{
	uint64_t total = 0, available = 0;
	char lines[512];
	const char *at;

	(void)snprintf(lines, sizeof(lines), "%.*s", (int)text.n, text.p);
	at = strstr(lines, "MemAvailable:");
	if (sscanf(lines, "MemTotal: %" SCNu64, &total) != 1 || at == NULL ||
		sscanf(at, "MemAvailable: %" SCNu64, &available) != 1 ||
		total == 0 || available > total)
		return EBADMSG;
	*percent = (unsigned)((total - available) * 100 / total);
	return 0;
}

static unsigned share(const struct host_cpu *from, const struct host_cpu *to)
{
	uint64_t total = to->total - from->total;

	/* iowait may go backwards, proc(5) says */
	if (to->total <= from->total || to->busy < from->busy)
		return 0;
	if (to->busy - from->busy > total)
		return 100;
	return (unsigned)(((to->busy - from->busy) * 100 + total / 2) / total);
}

static const struct host_cpu *ago(const struct host_watch *w, unsigned seconds)
{
	unsigned back = seconds < w->n ? seconds : w->n;

	return &w->cpu[(w->n - back) % ARRAY_SIZE(w->cpu)];
}

void host_note_cpu(struct host_watch *w, const struct host_cpu *now)
{
	w->cpu[w->n % ARRAY_SIZE(w->cpu)] = *now;
	host_write(HOST_CPU_5SEC, share(ago(w, FIVE), now));
	host_write(HOST_CPU_AVG, share(ago(w, HOST_SECONDS), now));
	w->n++;
}

/* The beginning of a file, as much as `room` takes. */
static struct slice head_of(const char *path, char *room, size_t n)
{
	FILE *f = fopen(path, "re");
	size_t got = f != NULL ? fread(room, 1, n, f) : 0;

	if (f != NULL)
		(void)fclose(f);
	return slice_of(room, got);
}

void host_look(struct host_watch *w)
{
	char room[512];
	struct host_cpu cpu;
	unsigned memory = 0;

	if (host_parse_cpu(&cpu, head_of("/proc/stat", room, sizeof(room))) ==
		0)
		host_note_cpu(w, &cpu);
	if (host_parse_memory(
		    &memory, head_of("/proc/meminfo", room, sizeof(room))) == 0)
		host_write(HOST_MEMORY, memory);
	host_write(HOST_FILES, open_files_percent());
}

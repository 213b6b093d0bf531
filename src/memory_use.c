/* See memory_use.h. */
#include "memory_use.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The second field of proc_pid_statm(5). */
static uint64_t resident(void)
{
	unsigned long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &pages) != 2)
		pages = 0;
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void memory_use_read(struct memory_use *out, heap_reader *heap)
{
	struct rusage ru = { 0 };

	memset(out, 0, sizeof(*out));
	out->allocator = "";
	out->resident = resident();
	if (getrusage(RUSAGE_SELF, &ru) == 0)
		out->peak = (uint64_t)ru.ru_maxrss * 1024;
	if (out->peak < out->resident) /* they are counted apart */
		out->peak = out->resident;
	if (heap != NULL)
		heap(out);
}

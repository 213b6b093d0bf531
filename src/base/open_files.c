/* Open files. See open_files.h. */
#include "base/open_files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FEW_PERCENT = 85 }; /* so much of the limit is in use */

/* As open_files_count() found it last; 0: not yet. */
static _Atomic unsigned known;

static unsigned limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0 || rl.rlim_cur > INT_MAX)
		return INT_MAX;
	return (unsigned)rl.rlim_cur;
}

void open_files_count(struct open_files *out)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	out->limit = limit();
	atomic_store_explicit(&known, out->limit, memory_order_relaxed);
	/* the lowest that is free; none: all are in use */
	out->used = fd >= 0 ? (unsigned)fd : out->limit;
	if (fd >= 0)
		close(fd);
}

unsigned open_files_percent(void)
{
	struct open_files f;

	open_files_count(&f);
	return f.limit > 0
		       ? (unsigned)((unsigned long long)f.used * 100 / f.limit)
		       : 100;
}

bool open_files_few(int fd)
{
	return open_files_beyond(fd, FEW_PERCENT);
}

bool open_files_beyond(int fd, unsigned percent)
{
	unsigned most = atomic_load_explicit(&known, memory_order_relaxed);

	if (most == 0)
		most = limit();
	return (unsigned long long)fd * 100 >=
	       (unsigned long long)most * percent;
}

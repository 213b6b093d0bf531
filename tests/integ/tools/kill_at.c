/*
 * Preloaded into a program: kill -9 at the LINESIDE_KILL_AT-th call that
 * changes a file below LINESIDE_KILL_BELOW; a write is done by half first. The
 * calls of a run that nobody kills are written to LINESIDE_KILL_LOG, one line
 * each, so that the test knows how many there are.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int count;

static int is_below(const char *path)
{
	const char *below = getenv("LINESIDE_KILL_BELOW");

	return below != NULL && strncmp(path, below, strlen(below)) == 0;
}

static int fd_below(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	return is_below(path);
}

static int at_below(int dir, const char *path)
{
	return path[0] == '/' || dir == AT_FDCWD ? is_below(path)
						 : fd_below(dir);
}

/* True when it is this one's turn to die. */
static int step(const char *what)
{
	const char *at = getenv("LINESIDE_KILL_AT");
	const char *log = getenv("LINESIDE_KILL_LOG");
	int n = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
	FILE *f;

	if (at != NULL)
		return n == atoi(at);
	f = log != NULL ? fopen(log, "ae") : NULL;
	if (f != NULL) {
		(void)fprintf(f, "%s\n", what);
		(void)fclose(f);
	}
	return 0;
}

static void die(void)
{
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause();
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *buf, size_t n)
{
	if (fd > 2 && fd_below(fd) && step("write")) {
		(void)!REAL(write)(fd, buf, n / 2);
		die();
	}
	return REAL(write)(fd, buf, n);
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t at)
{
	if (fd_below(fd) && step("pwrite")) {
		(void)!REAL(pwrite64)(fd, buf, n / 2, at);
		die();
	}
	return REAL(pwrite64)(fd, buf, n, at);
}

int fsync(int fd)
{
	if (fd_below(fd) && step("fsync"))
		die();
	return REAL(fsync)(fd);
}

int fdatasync(int fd)
{
	if (fd_below(fd) && step("fdatasync"))
		die();
	return REAL(fdatasync)(fd);
}

int ftruncate64(int fd, off64_t n)
{
	if (fd_below(fd) && step("ftruncate"))
		die();
	return REAL(ftruncate64)(fd, n);
}

int rename(const char *from, const char *to)
{
	if (is_below(to) && step("rename"))
		die();
	return REAL(rename)(from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (at_below(to_dir, to) && step("renameat"))
		die();
	return REAL(renameat)(from_dir, from, to_dir, to);
}

int unlink(const char *path)
{
	if (is_below(path) && step("unlink"))
		die();
	return REAL(unlink)(path);
}

int unlinkat(int dir, const char *path, int flags)
{
	if (at_below(dir, path) && step("unlinkat"))
		die();
	return REAL(unlinkat)(dir, path, flags);
}

static int creates(int flags)
{
	return (flags & (O_CREAT | O_TRUNC)) != 0;
}

int open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (creates(flags))
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if (creates(flags) && is_below(path) && step("open"))
		die();
	return REAL(open64)(path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (creates(flags))
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if (creates(flags) && at_below(dir, path) && step("openat"))
		die();
	return REAL(openat64)(dir, path, flags, mode);
}

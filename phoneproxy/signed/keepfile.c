#include "phoneproxy/signed/keepfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/slice.h"

static int write_all(int fd, struct slice bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		bytes = slice_from(bytes, (size_t)n);
	}
	return fsync(fd) != 0 ? errno : 0;
}

/* At the start we are root, later not: what is made now is given to whoever
 * has the state directory. */
static int give_away(const char *path, const char *state_directory)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (stat(state_directory, &st) != 0 ||
		lchown(path, st.st_uid, st.st_gid) != 0)
		return errno;
	return 0;
}

int keepfile_directory(const char *state_directory)
{
	char *dir = mem_printf("%s/ctl", state_directory);
	int err = 0;

	(void)mkdir(state_directory, 0750);
	if (mkdir(dir, 0755) == 0)
		err = give_away(dir, state_directory);
	else if (errno != EEXIST)
		err = errno;
	free(dir);
	return err;
}

static bool is_left(const char *name, struct slice stem)
{
	struct slice s = slice_str(name);
	uint64_t pid;

	return s.n > stem.n && slice_eq(slice_head(s, stem.n), stem) &&
	       slice_uint(slice_from(s, stem.n), INT32_MAX, &pid) == 0 &&
	       pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* What those have left that were killed before they had renamed it. */
static void remove_left(const char *path)
{
	const char *end = strrchr(path, '/');
	char *dir = mem_ndup(path, (size_t)(end - path));
	char *stem = mem_printf("%s.new.", end + 1);
	DIR *d = opendir(dir);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (is_left(e->d_name, slice_str(stem)))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		(void)closedir(d);
	free(stem);
	free(dir);
}

int keepfile_aside(char **aside, const char *path, struct slice bytes,
	const char *state_directory)
{
	int fd, err;

	remove_left(path);
	*aside = mem_printf("%s.new.%d", path, (int)getpid());
	fd = open(*aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		err = errno;
		free(*aside);
		*aside = NULL;
		return err;
	}
	err = write_all(fd, bytes);
	if (close(fd) != 0 && err == 0)
		err = errno;
	if (err == 0)
		err = give_away(*aside, state_directory);
	if (err != 0)
		keepfile_drop(aside);
	return err;
}

static int sync_directory(const char *path)
{
	const char *end = strrchr(path, '/');
	char *dir = mem_ndup(path, (size_t)(end - path));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	free(dir);
	if (fd < 0)
		return errno;
	if (fsync(fd) != 0)
		err = errno;
	(void)close(fd);
	return err;
}

int keepfile_commit(char **aside, const char *path)
{
	if (rename(*aside, path) != 0)
		return errno;
	free(*aside);
	*aside = NULL;
	return sync_directory(path);
}

void keepfile_drop(char **aside)
{
	if (*aside != NULL)
		(void)unlink(*aside);
	free(*aside);
	*aside = NULL;
}

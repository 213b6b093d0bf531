/* Directories and files of the store. */
#include "certs/store/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"

int store_said(char **why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	free(*why);
	*why = mem_vprintf(fmt, ap);
	va_end(ap);
	return err;
}

static const char *remedy(int err)
{
	if (err == EACCES || err == EPERM)
		return "; be root or the user that linesided runs as";
	if (err == ENOSPC || err == EDQUOT)
		return "; make room, nothing was changed";
	if (err == EROFS)
		return "; choose another 'state directory'";
	return "";
}

static int cannot(const struct store *s, const char *file, const char *what,
	char **why, int err)
{
	return store_said(why, err, "%s%s%s cannot be %s: %s%s", s->root,
		file[0] != '\0' ? "/" : "", file, what, strerrordesc_np(err),
		remedy(err));
}

static int sync_dir(int dir)
{
	return fsync(dir) == 0 || errno == EINVAL ? 0 : errno;
}

/* What root makes, the daemon's user shall own. */
static void give_away(const struct store *s, int fd)
{
	if (geteuid() == 0 && s->uid != 0 && fchown(fd, s->uid, s->gid) != 0)
		errno = 0; /* they will say so who cannot read it */
}

static int open_dir(const struct store *s, const char *name, bool create,
	int *out, char **why)
{
	char *path =
		mem_printf("%s%s%s", s->root, name[0] != '\0' ? "/" : "", name);
	bool made = create && mkdir(path, 0700) == 0;
	int err = 0;

	*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*out < 0) {
		err = errno;
		if (err != ENOENT || create)
			(void)cannot(s, name, "opened", why, err);
	} else if (made) {
		give_away(s, *out);
	}
	free(path);
	return err;
}

static int open_dirs(struct store *s, bool create, char **why)
{
	int root;
	int err = open_dir(s, "", create, &root, why);

	if (err != 0)
		return err;
	err = open_dir(s, "keys", create, &s->keys, why);
	if (err == 0)
		err = open_dir(s, "trustpoints", create, &s->trustpoints, why);
	if (err == 0 && create)
		err = sync_dir(root);
	(void)close(root);
	return err;
}

int store_open(struct store **out, const struct conf_trustpoint *c, bool create,
	char **why)
{
	struct store *s = mem_new(sizeof(*s));
	struct stat st;
	int err = 0;

	*out = NULL;
	*why = NULL;
	s->keys = s->trustpoints = s->lock = -1;
	s->root = mem_printf("%s/pki", c->state_directory);
	if (create && mkdir(c->state_directory, 0750) != 0)
		errno = 0; /* it is there, or stat says what is wrong */
	if (stat(c->state_directory, &st) != 0) {
		err = errno;
		if (err != ENOENT || create)
			(void)store_said(why, err,
				"the state directory %s cannot be used: %s%s",
				c->state_directory, strerrordesc_np(err),
				remedy(err));
	} else {
		s->uid = st.st_uid;
		s->gid = st.st_gid;
		err = open_dirs(s, create, why);
	}
	if (err == 0)
		err = keystore_master(&s->master, c->master_key_file,
			c->master_key_credential, why);
	if (err == 0)
		*out = s;
	else
		store_close(s);
	return err;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	secret_wipe(&s->master);
	if (s->lock >= 0)
		(void)close(s->lock);
	if (s->keys >= 0)
		(void)close(s->keys);
	if (s->trustpoints >= 0)
		(void)close(s->trustpoints);
	free(s->root);
	free(s);
}

int store_lock(struct store *s, char **why)
{
	need(s->lock < 0);
	s->lock = openat(s->keys, "../lock",
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock < 0)
		return cannot(s, "lock", "opened", why, errno);
	give_away(s, s->lock);
	while (flock(s->lock, LOCK_EX) != 0)
		if (errno != EINTR)
			return cannot(s, "lock", "locked", why, errno);
	return 0;
}

static int read_fd(int fd, char **text, size_t *n)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno;
	if (!S_ISREG(st.st_mode) || st.st_size > STORE_FILE_MAX)
		return EFBIG;
	*text = mem_new((size_t)st.st_size + 1);
	while (*n < (size_t)st.st_size) {
		ssize_t got = read(fd, *text + *n, (size_t)st.st_size - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	return 0;
}

int store_read(struct store *s, int dir, const char *file, char **text,
	size_t *n, char **why)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int err = 0;

	*text = NULL;
	*n = 0;
	if (fd < 0)
		err = errno;
	if (err == ENOENT)
		return ENOENT;
	if (err == 0)
		err = read_fd(fd, text, n);
	if (fd >= 0)
		(void)close(fd);
	if (err != 0) {
		free(*text);
		*text = NULL;
		return cannot(s, file, "read", why, err);
	}
	return 0;
}

static int write_fd(int fd, struct slice text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		text = slice_from(text, (size_t)n);
	}
	return fsync(fd) == 0 ? 0 : errno;
}

int store_write(struct store *s, int dir, const char *file, struct slice text,
	char **why)
{
	char *aside = mem_printf("%s.new", file);
	int fd, err = 0;

	/* What a write that was killed has left. */
	if (unlinkat(dir, aside, 0) != 0)
		errno = 0;
	fd = openat(dir, aside,
		O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		err = errno;
	if (err == 0) {
		give_away(s, fd);
		err = write_fd(fd, text);
	}
	if (fd >= 0 && close(fd) != 0 && err == 0)
		err = errno;
	if (err == 0 && renameat(dir, aside, dir, file) != 0)
		err = errno;
	if (err == 0)
		err = sync_dir(dir);
	else if (fd >= 0)
		(void)unlinkat(dir, aside, 0);
	free(aside);
	return err == 0 ? 0 : cannot(s, file, "written", why, err);
}

/* Keys of a CA in plain files, and the reading of its other files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"
#include "certs/ca/ca_int.h"

enum { FILE_MAX = 1 << 20 };

static int read_all(int fd, struct bytes *out)
{
	ssize_t n;

	*out = (struct bytes){ .p = mem_new(FILE_MAX) };
	while ((n = read(fd, out->p + out->n, FILE_MAX - out->n)) > 0)
		out->n += (size_t)n;
	if (n < 0)
		return errno;
	return out->n < FILE_MAX ? 0 : EFBIG;
}

int ca_read_file(const char *path, struct bytes *out, char why[CA_WHY])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	*out = (struct bytes){ .n = 0 };
	err = fd >= 0 ? read_all(fd, out) : errno;
	if (fd >= 0)
		close(fd);
	if (err == 0)
		return 0;
	bytes_wipe(out);
	return ca_say(why, err, "%s: %s", path, strerrordesc_np(err));
}

static int load(
	void *arg, const char *path, struct bytes *pem, char *why, size_t size)
{
	(void)arg;
	need(size == CA_WHY);
	return ca_read_file(path, pem, why);
}

static int write_new(int fd, struct slice s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0)
			return errno;
		s = slice_from(s, (size_t)n);
	}
	return fsync(fd) == 0 ? 0 : errno;
}

/* A name that was given must be there after the power fails. */
static int sync_dir(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash != NULL ? mem_ndup(path, (size_t)(slash - path + 1))
				  : mem_dup(".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd >= 0 && fsync(fd) == 0 ? 0 : errno;

	if (fd >= 0)
		close(fd);
	free(dir);
	return err;
}

static int save(
	void *arg, const char *path, struct slice pem, char *why, size_t size)
{
	char *temp = mem_printf("%s.new", path);
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int err = fd >= 0 ? write_new(fd, pem) : errno;

	(void)arg;
	need(size == CA_WHY);
	if (fd >= 0 && close(fd) != 0 && err == 0)
		err = errno;
	if (err == 0 && rename(temp, path) != 0)
		err = errno;
	if (err == 0)
		err = sync_dir(path);
	if (err != 0) {
		ca_say(why, err, "%s: %s%s", path, strerrordesc_np(err),
			err == ENOSPC || err == EDQUOT
				? ": make room, nothing was changed"
				: "");
		if (fd >= 0 && unlink(temp) != 0)
			errno = 0; /* it may have its name already */
	}
	free(temp);
	return err;
}

const struct ca_keys ca_keys_plain = { .load = load, .save = save };

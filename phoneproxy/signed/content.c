#include "phoneproxy/signed/content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"

static atomic_size_t total;

size_t content_total(void)
{
	return atomic_load(&total);
}

static void content_free(void *p)
{
	struct content *c = p;

	atomic_fetch_sub(&total, c->bytes.n);
	text_free(&c->bytes);
}

struct content *content_new(struct text *t)
{
	struct content *c = obj_new(sizeof(*c), content_free);

	c->bytes = *t;
	atomic_fetch_add(&total, c->bytes.n);
	*t = (struct text){ 0 };
	return c;
}

static int read_all(int fd, size_t max, struct text *out)
{
	char room[16 << 10];
	ssize_t n;

	while ((n = read(fd, room, sizeof(room))) > 0) {
		if (out->n + (size_t)n > max)
			return EFBIG;
		text_add(out, slice_of(room, (size_t)n));
	}
	return n < 0 ? errno : 0;
}

int content_read(struct content **out, const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct text t = { 0 };
	struct stat st;
	int err = 0;

	*out = NULL;
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) != 0)
		err = errno;
	else if (!S_ISREG(st.st_mode))
		err = EINVAL;
	else
		err = read_all(fd, max, &t);
	(void)close(fd);
	if (err == 0)
		*out = content_new(&t);
	text_free(&t);
	return err;
}

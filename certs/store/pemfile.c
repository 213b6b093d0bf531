/* PEM files from disk. */
#include "certs/store/pemfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/secret.h"

enum { FAULTS_MAX = 5 }; /* told of one file */

static void complain(struct pemfile *f, bool warning, const char *hint,
	const char *fmt, va_list ap)
{
	char *text = mem_vprintf(fmt, ap);

	conf_errs_add(f->errs, warning, f->pos, hint, "%s file %s: %s", f->what,
		f->path, text);
	free(text);
}

int pemfile_bad(struct pemfile *f, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(f, false, hint, fmt, ap);
	va_end(ap);
	return EBADMSG;
}

void pemfile_warn(struct pemfile *f, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(f, true, hint, fmt, ap);
	va_end(ap);
}

static int cannot_read(struct pemfile *f, int err)
{
	const char *hint = NULL;

	if (err == EACCES || err == EPERM)
		hint = "give the user that linesided runs as the right to read "
		       "it (chown, chmod 0600) and to enter its directories";
	else if (err == ENOENT || err == ENOTDIR)
		hint = "check the path; it is taken as written, relative to "
		       "the directory that linesided was started in";
	(void)pemfile_bad(f, hint, "cannot be read: %s", strerrordesc_np(err));
	if (err == ENOENT || err == ENOTDIR)
		return ENOENT;
	return err == EACCES || err == EPERM ? EACCES : EBADMSG;
}

static int read_all(struct pemfile *f, int fd)
{
	size_t size = (size_t)f->st.st_size;

	f->p = mem_new(size + 1);
	while (f->n < size) {
		ssize_t got = read(fd, f->p + f->n, size - f->n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return cannot_read(f, errno);
		if (got == 0)
			break; /* became shorter */
		f->n += (size_t)got;
	}
	return 0;
}

int pemfile_read(struct pemfile *f)
{
	/* Not blocked by a pipe that nobody writes to. */
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int err = 0;

	if (fd < 0)
		return cannot_read(f, errno);
	if (fstat(fd, &f->st) != 0)
		err = cannot_read(f, errno);
	else if (!S_ISREG(f->st.st_mode))
		err = pemfile_bad(
			f, "name a PEM file", "is not a regular file");
	else if (f->st.st_size > PEMFILE_MAX)
		err = pemfile_bad(f, "name a PEM file",
			"is larger than %d bytes", PEMFILE_MAX);
	else
		err = read_all(f, fd);
	(void)close(fd);
	return err;
}

void pemfile_free(struct pemfile *f)
{
	if (f->p != NULL)
		mem_wipe(f->p, f->n);
	free(f->p);
	f->p = NULL;
	f->n = 0;
}

/* The next "-----BEGIN CERTIFICATE-----" block, whole; false at the end. */
static bool next_block(struct slice *rest, struct slice *block)
{
	static const struct slice begin =
		SLICE_LIT("-----BEGIN CERTIFICATE-----");
	static const struct slice end = SLICE_LIT("-----END CERTIFICATE-----");
	size_t at = slice_search(*rest, begin);
	size_t n;

	if (at == rest->n)
		return false;
	*rest = slice_from(*rest, at);
	/* A block that lost its end must not swallow the next one. */
	*block = slice_head(
		*rest, slice_search(slice_from(*rest, 1), begin) + 1);
	n = slice_search(*block, end);
	if (n < block->n)
		n += end.n;
	*block = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return true;
}

static unsigned line_of(const struct pemfile *f, const char *p)
{
	unsigned line = 1;

	for (const char *s = f->p; s < p; s++)
		line += *s == '\n';
	return line;
}

static gnutls_x509_crt_t import(
	struct pemfile *f, struct slice block, size_t number)
{
	gnutls_datum_t pem = { .data = mem_new(block.n + 1),
		.size = (unsigned)block.n };
	gnutls_x509_crt_t crt = NULL;
	int err;

	memcpy(pem.data, block.p, block.n);
	err = gnutls_x509_crt_init(&crt);
	if (err == 0)
		err = gnutls_x509_crt_import(crt, &pem, GNUTLS_X509_FMT_PEM);
	free(pem.data);
	if (err == 0)
		return crt;
	(void)pemfile_bad(f,
		"replace or remove it; `openssl x509 -in FILE -noout -text` "
		"shows the first one of a file",
		"certificate %zu, at line %u, cannot be read: %s", number,
		line_of(f, block.p), gnutls_strerror(err));
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	return NULL;
}

int pemfile_certs(struct pemfile *f, gnutls_x509_crt_t **out, size_t *n)
{
	struct slice rest = slice_of(f->p, f->n);
	struct slice block;
	size_t number = 0, faults = 0;
	int err = 0;

	*out = NULL;
	*n = 0;
	while (faults < FAULTS_MAX && next_block(&rest, &block)) {
		gnutls_x509_crt_t crt = import(f, block, ++number);

		if (crt == NULL) {
			err = EBADMSG;
			faults++;
			continue;
		}
		*out = mem_resize(*out, *n + 1, sizeof(gnutls_x509_crt_t));
		(*out)[(*n)++] = crt;
	}
	if (number == 0)
		err = pemfile_bad(f,
			"a PEM certificate begins with -----BEGIN "
			"CERTIFICATE-----; `openssl x509 -inform der -in FILE` "
			"converts DER",
			"holds no PEM certificate");
	if (err != 0) {
		pemfile_certs_free(*out, *n);
		*out = NULL;
		*n = 0;
	}
	return err;
}

void pemfile_certs_free(gnutls_x509_crt_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		gnutls_x509_crt_deinit(v[i]);
	free(v);
}

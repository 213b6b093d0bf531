/* PEM files from disk, bounded; every complaint names file and remedy. */
#ifndef LINESIDE_CERTS_PEMFILE_H
#define LINESIDE_CERTS_PEMFILE_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sys/stat.h>

#include "conf/conf.h"

enum { PEMFILE_MAX = 16 << 20 };

struct pemfile {
	const char *path; /* borrowed */
	const char *what; /* "certificate", "key", "CA bundle": static */
	struct conf_pos pos; /* where complaints are placed */
	struct conf_errs *errs;
	struct stat st;
	char *p; /* with NUL */
	size_t n;
};

/* Fills p and n. ENOENT, EACCES or EBADMSG: said in errs. */
int pemfile_read(struct pemfile *f) MUST_USE;
void pemfile_free(struct pemfile *f); /* wiped: it may hold a key */

/* "FILE: text" as an error; EBADMSG. */
int pemfile_bad(struct pemfile *f, const char *hint, const char *fmt, ...)
	PRINTF(3, 4);
void pemfile_warn(struct pemfile *f, const char *hint, const char *fmt, ...)
	PRINTF(3, 4);

/*
 * Every certificate, in the file's order. Members that cannot be read are
 * named by number and line, and the file is refused: a bundle that is half
 * read would refuse phones for a reason that nobody can see.
 */
int pemfile_certs(
	struct pemfile *f, gnutls_x509_crt_t **out, size_t *n) MUST_USE;
void pemfile_certs_free(gnutls_x509_crt_t *v, size_t n);

#endif

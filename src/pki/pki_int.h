/* What the files of `lineside pki` share. */
#ifndef LINESIDE_PKI_INT_H
#define LINESIDE_PKI_INT_H

#include "certs/enrol/obtain.h"
#include "certs/store/store.h"
#include "conf/conf.h"
#include "control/request.h"

enum { PKI_WORDS_MAX = 12 };

struct pki {
	const char *file, *socket_path;
	struct conf *conf;
	const struct conf_trustpoint *t; /* NULL: the command names none */
	struct store *store; /* opened and locked by pki_store() */
	char *why;
	/* the words behind the verb, options apart */
	int n;
	const char *word[PKI_WORDS_MAX];
	const char *fingerprint, *password_file, *password_fd, *out;
	bool accept, exportable, key, ca, own, replace, restart;
};

typedef int pki_fn(struct pki *p);
pki_fn pki_authenticate, pki_import, pki_export, pki_forget; /* pki_cert.c */
pki_fn pki_request, pki_enroll; /* pki_enrol.c */
pki_fn pki_key, pki_encrypt_password; /* pki_key.c */

/* "% …" on standard error; EXIT_FAILED. */
int pki_refuse(const char *fmt, ...) PRINTF(1, 2);
/* p->why, or what errno says. */
int pki_failed(struct pki *p, int err);
int pki_usage(void);

/* 0, or an exit code: said. */
int pki_store(struct pki *p, bool create) MUST_USE;
/* The trustpoint keeps its certificates itself; else an exit code: said. */
int pki_stored(const struct pki *p) MUST_USE;
/* FILE, "-" or NULL: standard input. free() it. Exit code. */
int pki_read(const char *file, char **text, size_t *n) MUST_USE;
/* --password-file, --password-fd, else asked for on a terminal when `ask`.
 * NULL: none was given. Wipe it with pki_wipe(). Exit code. */
int pki_password(struct pki *p, bool ask, char **out) MUST_USE;
void pki_wipe(char *secret); /* and frees */
bool pki_confirm(const char *question); /* on the terminal */
/* --out or standard output. Exit code. */
int pki_write(const struct pki *p, struct slice text, unsigned mode) MUST_USE;
/* The daemon loads what was changed. Exit code. */
int pki_reload(struct pki *p) MUST_USE;

#endif

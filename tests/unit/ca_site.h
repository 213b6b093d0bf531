/*
 * A CA of a test's own: in a new directory, with a clock that is a number;
 * and an HTTP server on loopback in front of it, as small as can be.
 */
#ifndef LINESIDE_TESTS_UNIT_CA_SITE_H
#define LINESIDE_TESTS_UNIT_CA_SITE_H

#include <pthread.h>

#include "certs/ca/ca.h"
#include "certs/ca/scep_server.h"

extern time_t ca_site_now; /* what ca_site_params() gives for a clock */

/* A directory for one test, with the machine's time; and the end of it. */
extern char *ca_site_dir;
int ca_site_setup(void **state);
int ca_site_teardown(void **state);
#define SITE_TEST(fn)                                                          \
	cmocka_unit_test_setup_teardown(fn, ca_site_setup, ca_site_teardown)

/* Root, manual, SHA-256, 2048 bits, complete; in DIR. */
struct ca_params ca_site_params(const char *dir);
struct ca *ca_site_open(const struct ca_params *p); /* or fails the test */

struct ca_site {
	struct ca *ca; /* under `lock` while the server runs */
	pthread_mutex_t lock;
	pthread_t thread;
	int fd, stop[2];
	char url[96]; /* of SCEP */
	char base[64]; /* without path */
};
void ca_site_start(struct ca_site *s, struct ca *ca);
void ca_site_stop(struct ca_site *s);

/* The CA's certificate as GetCACert shows it, the n-th. */
struct bytes ca_site_shown(const char *url, int n);
/* One request, past HTTP. */
struct scep_response ca_site_ask(struct ca *ca, const char *path,
	const char *query, struct slice body, bool post);

/* A request as OpenSSL's command makes it. `san` as "DNS:a", NULL: none. */
struct ca_site_csr {
	const char *subject; /* "CN=phone,O=Example" */
	const char *san, *eku, *password; /* NULL: none */
	bool ca; /* asks to be one */
	unsigned bits; /* RSA; 0: 2048, one key for all */
	bool ec; /* P-256 instead */
	bool spelt_out; /* that, by its parameters instead of its name */
	bool sha1, bad_signature;
};
struct bytes ca_site_csr(const struct ca_site_csr *c);
/* The key of those made last, PEM; free() it. */
char *ca_site_key_pem(void);
/* Another key from now on. */
void ca_site_new_key(void);

/* Runs openssl(1) or the like; its output, and whether it ended well. */
char *ca_site_run(bool *ok, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif

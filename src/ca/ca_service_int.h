/* What the files of the CA's service share. */
#ifndef LINESIDE_CA_SERVICE_INT_H
#define LINESIDE_CA_SERVICE_INT_H

#include "ca/ca_service.h"
#include "certs/ca/ca.h"

struct ca_http;

struct ca_service {
	struct loop *loop;
	struct work *work;
	struct loop_timer *timer;
	struct ca_http *http;
	bool stopping, ticking;
	struct text chain; /* its certificate and issuers, PEM; "": not open */
	/* Of the helper thread: */
	struct conf *conf; /* that `ca` was opened with; NULL: none */
	struct ca *ca; /* NULL: none, or it could not be opened */
	char why[CA_WHY]; /* then: why */
};

/* ---- ca_http.c, services thread ---- */

struct ca_http *ca_http_new(struct ca_service *s);
void ca_http_listen(struct ca_http *h, int fd); /* instead of any before */
void ca_http_close(struct ca_http *h); /* serves nobody any more */
/* When no job is under way any more. */
void ca_http_free(struct ca_http *h);

/* ---- ca_certify.c ---- */

/* Helper thread: what the services thread is to know of the CA now. */
char *ca_certify_chain(const struct ca_service *s) MUST_USE;
/* Services thread; takes the text. */
void ca_certify_know(struct ca_service *s, char *chain);

/* ---- ca_command.c, helper thread ---- */

void ca_command_run(struct work_job *job);

#endif

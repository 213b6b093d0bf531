/* From a `crypto pki server` section to a CA that is open. */
#ifndef LINESIDE_CA_CONF_H
#define LINESIDE_CA_CONF_H

#include "certs/ca/ca.h"
#include "conf/conf.h"

/* The CA that is to be served; NULL: none. */
const struct conf_pki_server *ca_conf_server(const struct conf *c);

/* Helper thread; words with the remedy in `why`. The sealing of its key is as
 * the configuration says at this time. */
int ca_conf_open(
	struct ca **out, const struct conf *c, char why[CA_WHY]) MUST_USE;

/*
 * Binds where `next` wants HTTP, unless that is where `now` (NULL: nothing)
 * has it: *fd is -1 then, and when it wants none. Errors are placed in errs.
 */
int ca_conf_bind(const struct conf *now, const struct conf *next, int *fd,
	struct conf_errs *errs) MUST_USE;

#endif

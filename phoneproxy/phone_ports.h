/* Sockets that phones' services listen at. */
#ifndef LINESIDE_PHONEPROXY_PHONE_PORTS_H
#define LINESIDE_PHONEPROXY_PHONE_PORTS_H

#include "conf/conf.h"

/* Where a service listens: 0.0.0.0 unless it is said. */
struct addr phone_port_addr(const struct addr *source, uint16_t port);
/* Errors of `what`, with their remedy, are added to errs. */
int phone_port_bind(const struct addr *a, int *fd, const char *what,
	struct conf_pos pos, struct conf_errs *errs) MUST_USE;
/* *fd is -1 then; it may be before. */
void phone_port_close(int *fd);

#endif

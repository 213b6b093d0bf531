/* Where each trustpoint's renewal stands: immutable, made by the main thread,
 * shown by the services thread. Counted. */
#ifndef LINESIDE_RENEWAL_STATUS_H
#define LINESIDE_RENEWAL_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "certs/enrol/renew.h"
#include "conf/model_base.h"

struct renewal_row {
	char trustpoint[CONF_NAME_MAX + 1];
	enum renew_state state;
	int64_t not_after; /* 0: no certificate */
	int64_t next; /* attempt; 0: none */
	unsigned attempts; /* that failed since the last success */
	int64_t renewed; /* last success since the start; 0: none */
	char text[640]; /* how the last attempt went; "" */
};

struct renewal_status {
	size_t n;
	struct renewal_row row[];
};

#endif

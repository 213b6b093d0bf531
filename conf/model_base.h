/*
 * What all sections of the configuration are made of: places, addresses,
 * transports, passwords.
 */
#ifndef LINESIDE_CONF_MODEL_BASE_H
#define LINESIDE_CONF_MODEL_BASE_H

#include "base/addr.h"

enum {
	CONF_NAME_MAX = 63,
	CONF_TAG_MAX = 2147483647,
};

/* Where a section began, for messages that come later than parsing. */
struct conf_pos {
	unsigned line, column;
};

enum conf_side { CONF_ACCESS, CONF_CORE };
enum conf_transport { CONF_UDP, CONF_TCP, CONF_TLS };

/* A password as it was written: in clear, or (`6`) sealed under the master key,
 * which certs/store/seal.h opens. */
struct conf_secret {
	char *text; /* NULL: none */
	bool sealed;
	struct conf_pos pos; /* of its word */
};

struct conf_host {
	char *host; /* name or address text */
	struct addr addr; /* with port; set when the host is numeric */
	uint16_t port; /* 0: by transport, or by SRV */
};

/* A network of addresses. */
struct conf_net {
	struct addr addr; /* without port */
	unsigned bits; /* that count, from the left */
};

/* ip qos dscp; see conf_dscp_media() */
struct conf_dscp {
	bool set;
	unsigned value; /* 0 to 63 */
};

#endif

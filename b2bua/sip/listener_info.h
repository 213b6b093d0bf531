/* Listeners and connections, as `show` tells of them. */
#ifndef LINESIDE_B2BUA_LISTENER_INFO_H
#define LINESIDE_B2BUA_LISTENER_INFO_H

#include "base/addr.h"
#include "conf/model_base.h"

struct conn_info {
	char listener[CONF_NAME_MAX + 1];
	enum conf_side side;
	enum conf_transport transport;
	bool outbound;
	struct addr local, remote;
	char tls_version[16], tls_cipher[64];
	char device[64], identity[256];
	int64_t not_after; /* of the peer's certificate; 0: none */
	uint64_t age_ms;
};
struct listener_info {
	char name[CONF_NAME_MAX + 1];
	enum conf_side side;
	enum conf_transport transport;
	struct addr addr;
	size_t connections, handshakes; /* up; under way */
	bool retiring; /* no longer configured, still has calls or phones */
};

#endif

/*
 * The TFTP server: sockets and transfers on a loop, in front of files.h. All
 * transfers go from the port that was asked, since home routers let nothing
 * else through, or from ports of a range. Services thread.
 */
#ifndef LINESIDE_PHONEPROXY_TFTP_H
#define LINESIDE_PHONEPROXY_TFTP_H

#include "phoneproxy/files.h"

struct tftp; /* one socket that phones ask */

/* `fd` is bound, non-blocking; borrowed until tftp_close(). */
struct tftp *tftp_open(struct loop *l, struct files *files, int fd,
	const struct addr *at, struct ppset *set) MUST_USE;
/* New requests are served from this one; transfers keep theirs. */
void tftp_use(struct tftp *t, struct ppset *set);
void tftp_close(struct tftp *t); /* transfers end unfinished */

struct tftp_counts {
	size_t sessions;
	uint64_t requests, busy, unfinished, done;
};
void tftp_count(const struct tftp *t, struct tftp_counts *out);

#endif

/* A socket address (IPv4 or IPv6 with port) as a value. */
#ifndef LINESIDE_BASE_ADDR_H
#define LINESIDE_BASE_ADDR_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/slice.h"

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	};
}; /* sa.sa_family AF_UNSPEC (0): none */

enum { ADDR_TEXT = 64 }; /* room for "[ipv6%scope]:port" */

bool addr_is_set(const struct addr *a);
socklen_t addr_len(const struct addr *a);
/* Numeric only: "192.0.2.1", "2001:db8::1", "[2001:db8::1]". EINVAL if not. */
int addr_parse(struct addr *out, struct slice host, uint16_t port) MUST_USE;
struct addr addr_from_sockaddr(const struct sockaddr *sa);
uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);
bool addr_is_any(const struct addr *a); /* 0.0.0.0 or :: */
bool addr_is_loopback(const struct addr *a);
/* Of a home or a carrier's inside: RFC 1918, 6598, 3927, 4193, 4291. */
bool addr_is_private(const struct addr *a);
/* v4-mapped IPv6 compares equal to its IPv4. */
bool addr_same_host(const struct addr *a, const struct addr *b);
bool addr_equal(const struct addr *a, const struct addr *b); /* host + port */
/* The network of so many bits that an IPv6 address is of; false: it is none,
 * or IPv4 as IPv6. */
bool addr_network(const struct addr *a, unsigned bits, struct addr *out);
/* What counts as one where the requests of strangers are counted: without its
 * port, and of IPv6 the /64, since who has one address there has them all. */
struct addr addr_source(const struct addr *a);
uint32_t addr_hash(const struct addr *a, bool with_port);
const char *addr_host(const struct addr *a, char out[ADDR_TEXT]); /* bare */
const char *addr_uri_host(const struct addr *a, char out[ADDR_TEXT]); /* [v6] */
const char *addr_text(const struct addr *a, char out[ADDR_TEXT]); /* h:port */

#endif

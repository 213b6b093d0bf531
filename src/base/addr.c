/* Socket addresses as values. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

bool addr_is_set(const struct addr *a)
{
	return a->sa.sa_family != AF_UNSPEC;
}

socklen_t addr_len(const struct addr *a)
{
	switch (a->sa.sa_family) {
	case AF_INET:
		return sizeof(a->in4);
	case AF_INET6:
		return sizeof(a->in6);
	default:
		return 0;
	}
}

/* "fe80::1%eth0": the part behind '%', by name or number. */
static int parse_scope(const char *name, uint32_t *scope)
{
	uint64_t v;

	if (slice_uint(slice_str(name), UINT32_MAX, &v) == 0)
		*scope = (uint32_t)v;
	else
		*scope = if_nametoindex(name);
	return *scope == 0 ? EINVAL : 0;
}

static int parse_v6(struct addr *out, char *text)
{
	char *scope = strchr(text, '%');

	if (scope != NULL) {
		*scope++ = '\0';
		if (parse_scope(scope, &out->in6.sin6_scope_id) != 0)
			return EINVAL;
	}
	if (inet_pton(AF_INET6, text, &out->in6.sin6_addr) != 1)
		return EINVAL;
	out->in6.sin6_family = AF_INET6;
	return 0;
}

int addr_parse(struct addr *out, struct slice host, uint16_t port)
{
	char text[ADDR_TEXT];
	bool bracket =
		host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	struct addr a;

	memset(&a, 0, sizeof(a));
	memset(out, 0, sizeof(*out));
	if (bracket)
		host = slice_of(host.p + 1, host.n - 2);
	if (slice_find(host, '\0') < host.n ||
		!slice_copy(host, text, sizeof(text)))
		return EINVAL;
	if (!bracket && inet_pton(AF_INET, text, &a.in4.sin_addr) == 1)
		a.in4.sin_family = AF_INET;
	else if (parse_v6(&a, text) != 0)
		return EINVAL;
	addr_set_port(&a, port);
	*out = a;
	return 0;
}

struct addr addr_from_sockaddr(const struct sockaddr *sa)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (sa == NULL)
		return a;
	a.sa.sa_family = sa->sa_family;
	if (addr_len(&a) > 0)
		memcpy(&a, sa, addr_len(&a));
	else
		a.sa.sa_family = AF_UNSPEC;
	return a;
}

uint16_t addr_port(const struct addr *a)
{
	switch (a->sa.sa_family) {
	case AF_INET:
		return ntohs(a->in4.sin_port);
	case AF_INET6:
		return ntohs(a->in6.sin6_port);
	default:
		return 0;
	}
}

void addr_set_port(struct addr *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET)
		a->in4.sin_port = htons(port);
	else if (a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
}

/* The IPv4 address that this is, itself or mapped into IPv6. */
static bool as_v4(const struct addr *a, uint32_t *out)
{
	if (a->sa.sa_family == AF_INET) {
		*out = ntohl(a->in4.sin_addr.s_addr);
		return true;
	}
	if (a->sa.sa_family != AF_INET6 ||
		!IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return false;
	memcpy(out, &a->in6.sin6_addr.s6_addr[12], sizeof(*out));
	*out = ntohl(*out);
	return true;
}

bool addr_is_any(const struct addr *a)
{
	uint32_t v4;

	if (as_v4(a, &v4))
		return v4 == INADDR_ANY;
	return a->sa.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr);
}

bool addr_is_loopback(const struct addr *a)
{
	uint32_t v4;

	if (as_v4(a, &v4))
		return v4 >> 24 == IN_LOOPBACKNET;
	return a->sa.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

static bool v4_is_private(const uint8_t *b)
{
	return b[0] == 10 || (b[0] == 172 && b[1] >> 4 == 1) ||
	       (b[0] == 192 && b[1] == 168) ||
	       (b[0] == 100 && b[1] >> 6 == 1) || (b[0] == 169 && b[1] == 254);
}

bool addr_is_private(const struct addr *a)
{
	const uint8_t *b = a->in6.sin6_addr.s6_addr;

	if (a->sa.sa_family == AF_INET)
		return v4_is_private((const uint8_t *)&a->in4.sin_addr.s_addr);
	if (a->sa.sa_family != AF_INET6)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return v4_is_private(b + 12);
	return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && b[1] >> 6 == 2);
}

bool addr_same_host(const struct addr *a, const struct addr *b)
{
	uint32_t x = 0, y = 0;
	bool a4 = as_v4(a, &x), b4 = as_v4(b, &y);

	if (a4 || b4)
		return a4 && b4 && x == y;
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	return a->sa.sa_family == AF_INET6 &&
	       IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr) &&
	       a->in6.sin6_scope_id == b->in6.sin6_scope_id;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_same_host(a, b) && addr_port(a) == addr_port(b);
}

bool addr_network(const struct addr *a, unsigned bits, struct addr *out)
{
	uint32_t v4;

	*out = *a;
	addr_set_port(out, 0);
	if (a->sa.sa_family != AF_INET6 || as_v4(a, &v4))
		return false;
	for (unsigned i = 0; i < 16; i++)
		if (i >= bits / 8) /* of whole bytes */
			out->in6.sin6_addr.s6_addr[i] = 0;
	return true;
}

struct addr addr_source(const struct addr *a)
{
	struct addr out;

	(void)addr_network(a, 64, &out);
	return out;
}

/* FNV-1a. */
static uint32_t hash_add(uint32_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 16777619u;
	return h;
}

uint32_t addr_hash(const struct addr *a, bool with_port)
{
	uint32_t h = 2166136261u, v4;
	uint16_t port = addr_port(a);

	if (as_v4(a, &v4))
		h = hash_add(h, &v4, sizeof(v4));
	else if (a->sa.sa_family == AF_INET6)
		h = hash_add(h, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
	if (with_port)
		h = hash_add(h, &port, sizeof(port));
	return h ^ h >> 15;
}

/* As inet_ntop() does, at a tenth of its price: a call asks often. */
static void print_v4(uint32_t host, char *out)
{
	for (unsigned shift = 32; shift > 0; shift -= 8) {
		unsigned v = host >> (shift - 8) & 0xff;

		if (v >= 100)
			*out++ = (char)('0' + v / 100);
		if (v >= 10)
			*out++ = (char)('0' + v / 10 % 10);
		*out++ = (char)('0' + v % 10);
		*out++ = shift > 8 ? '.' : '\0';
	}
}

const char *addr_host(const struct addr *a, char out[ADDR_TEXT])
{
	char name[IF_NAMESIZE];
	size_t n;

	out[0] = '\0';
	if (a->sa.sa_family == AF_INET)
		print_v4(ntohl(a->in4.sin_addr.s_addr), out);
	if (a->sa.sa_family != AF_INET6)
		return out;
	inet_ntop(AF_INET6, &a->in6.sin6_addr, out, ADDR_TEXT);
	if (a->in6.sin6_scope_id == 0)
		return out;
	n = strlen(out);
	if (if_indextoname(a->in6.sin6_scope_id, name) != NULL)
		snprintf(out + n, ADDR_TEXT - n, "%%%s", name);
	else
		snprintf(out + n, ADDR_TEXT - n, "%%%u", a->in6.sin6_scope_id);
	return out;
}

const char *addr_uri_host(const struct addr *a, char out[ADDR_TEXT])
{
	addr_host(a, out);
	if (a->sa.sa_family == AF_INET6) {
		size_t n = strlen(out);

		need(n + 2 < ADDR_TEXT);
		memmove(out + 1, out, n);
		out[0] = '[';
		out[n + 1] = ']';
		out[n + 2] = '\0';
	}
	return out;
}

const char *addr_text(const struct addr *a, char out[ADDR_TEXT])
{
	addr_uri_host(a, out);
	if (addr_is_set(a)) {
		size_t n = strlen(out);

		snprintf(out + n, ADDR_TEXT - n, ":%u", addr_port(a));
	}
	return out;
}

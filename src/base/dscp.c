/* See dscp.h. */
#include "base/dscp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

static const struct {
	const char *name;
	unsigned value;
} names[] = {
	{ "default", DSCP_DEFAULT },
	{ "ef", DSCP_EF },
	{ "cs1", 8 },
	{ "cs2", 16 },
	{ "cs3", DSCP_CS3 },
	{ "cs4", 32 },
	{ "cs5", 40 },
	{ "cs6", 48 },
	{ "cs7", 56 },
	{ "af11", 10 },
	{ "af12", 12 },
	{ "af13", 14 },
	{ "af21", 18 },
	{ "af22", 20 },
	{ "af23", 22 },
	{ "af31", 26 },
	{ "af32", 28 },
	{ "af33", 30 },
	{ "af41", 34 },
	{ "af42", 36 },
	{ "af43", 38 },
};

bool dscp_parse(unsigned *out, struct slice s)
{
	uint64_t n;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (slice_caseeq_str(s, names[i].name)) {
			*out = names[i].value;
			return true;
		}
	if (slice_uint(s, DSCP_MAX, &n) != 0)
		return false;
	*out = (unsigned)n;
	return true;
}

const char *dscp_text(unsigned dscp, char buf[4])
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].value == dscp)
			return names[i].name;
	(void)snprintf(buf, 4, "%u", dscp % 64);
	return buf;
}

int dscp_mark_as(int fd, int family, unsigned dscp)
{
	int tos = (int)(dscp << 2);
	bool six = family == AF_INET6;

	return setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP,
		       six ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos)) != 0
		       ? errno
		       : 0;
}

int dscp_mark(int fd, unsigned dscp)
{
	int family = AF_UNSPEC;
	socklen_t len = sizeof(family);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) != 0)
		return errno;
	return dscp_mark_as(fd, family, dscp);
}

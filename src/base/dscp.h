/* Differentiated services (RFC 2474): the mark of what a socket sends. */
#ifndef LINESIDE_BASE_DSCP_H
#define LINESIDE_BASE_DSCP_H

#include "base/slice.h"

enum { DSCP_DEFAULT = 0, DSCP_CS3 = 24, DSCP_EF = 46, DSCP_MAX = 63 };

/* "ef", "af31", "cs3", "default" or 0 to 63. False: none of these. */
bool dscp_parse(unsigned *out, struct slice s);
/* As dscp_parse() reads it: "ef", or a number without name. */
const char *dscp_text(unsigned dscp, char buf[4]);
/* Of an IPv4 or IPv6 socket; 0 or errno. */
int dscp_mark(int fd, unsigned dscp) MUST_USE;
/* The same where the family is known: AF_INET or AF_INET6. */
int dscp_mark_as(int fd, int family, unsigned dscp) MUST_USE;

#endif

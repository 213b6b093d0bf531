/* Media sockets: bound, non-blocking, marked for expedited forwarding. */
#ifndef LINESIDE_MEDIA_MPORT_H
#define LINESIDE_MEDIA_MPORT_H

#include "base/addr.h"

/* errno of the system; EADDRINUSE: somebody else has the port. */
int mport_open(int *fd, const struct addr *local) MUST_USE;
void mport_close(int *fd); /* -1 from then on; so it may be before */

#endif

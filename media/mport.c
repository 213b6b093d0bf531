/* Media sockets. See mport.h. */
#include "media/mport.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dscp.h"
#include "base/log.h"

enum {
	WANTED_BUFFER = 256 * 1024, /* asked for */
	LEAST_BUFFER = 128 * 1024, /* some 100 packets with their overhead */
};

/* The system gives what net.core.rmem_max allows, and says nothing; what it
 * gave the first one it gives the others. */
static void set_buffer(int fd)
{
	static atomic_flag looked = ATOMIC_FLAG_INIT;
	int size = WANTED_BUFFER;
	socklen_t len = sizeof(size);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (atomic_flag_test_and_set(&looked))
		return;
	size = 0;
	(void)getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len);
	if (size < LEAST_BUFFER)
		log_event(MSG_MEDIA_SMALL_BUFFER, NULL, L_INT("bytes", size),
			L_INT("wanted", LEAST_BUFFER));
}

static int set_options(int fd, int family)
{
	int on = 1;

	set_buffer(fd);
	if (family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		return errno;
	return dscp_mark_as(fd, family, DSCP_EF);
}

void mport_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int mport_open(int *fd, const struct addr *local)
{
	int err = 0;

	*fd = socket(local->sa.sa_family,
		SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return errno;
	err = set_options(*fd, local->sa.sa_family);
	if (err == 0 && bind(*fd, &local->sa, addr_len(local)) != 0)
		err = errno;
	if (err != 0) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

/* --- pairs --- */

struct mpair *mpair_new(const struct addr *local)
{
	struct mpair *pair = NULL;

	need(posix_memalign((void **)&pair, _Alignof(struct mpair),
		     sizeof(*pair)) == 0);
	memset(pair, 0, sizeof(*pair));
	pair->local = *local;
	pair->dscp = DSCP_EF; /* as mport_open() marks it */
	for (unsigned ch = 0; ch < CHANNELS; ch++)
		pair->port[ch] =
			(struct mport){ .channel = (enum channel)ch, .fd = -1 };
	return pair;
}

void mpair_close(struct mpair *pair)
{
	for (unsigned ch = 0; ch < CHANNELS; ch++)
		mport_close(&pair->port[ch].fd);
}

void mpair_free(struct mpair *pair)
{
	if (pair == NULL)
		return;
	mpair_close(pair);
	free(pair);
}

struct addr mpair_rtcp(const struct mpair *pair)
{
	struct addr a = pair->local;

	addr_set_port(&a, (uint16_t)(addr_port(&a) + 1));
	return a;
}

bool mpair_is_whole(const struct mpair *pair)
{
	return pair->port[CH_RTP].fd >= 0 && pair->port[CH_RTCP].fd >= 0;
}

struct mpair *mport_pair(struct mport *port)
{
	/* the first one is where the pair begins */
	return (struct mpair *)(void *)(port - port->channel);
}

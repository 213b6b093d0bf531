/*
 * A leg's sockets: RTP's, and RTCP's on the port above for as long as RTCP does
 * not share RTP's (RFC 5761). The port stays the leg's all the same.
 */
#include "media/mleg.h"

#include <errno.h>

#include "base/dscp.h"
#include "base/open_files.h"
#include "media/mport.h"

static struct addr rtcp_local(const struct mleg *leg)
{
	struct addr a = leg->local;

	addr_set_port(&a, (uint16_t)(addr_port(&leg->local) + 1));
	return a;
}

/* A call without RTCP is better than none: EMFILE while open files are few. */
static int open_rtcp(struct mleg *leg)
{
	struct mport *port = &leg->port[CH_RTCP];
	struct addr rtcp = rtcp_local(leg);
	int err = mport_open(&port->fd, &rtcp);

	if (err != 0 || !open_files_few(port->fd))
		return err;
	mport_close(&port->fd);
	return EMFILE;
}

int mleg_open(struct mleg *leg, const struct addr *local)
{
	int err = 0;

	leg->local = *local;
	leg->port[CH_RTCP].fd = -1;
	leg->dscp = DSCP_EF; /* as mport_open() marks it */
	err = mport_open(&leg->port[CH_RTP].fd, local);
	if (err == 0)
		err = open_rtcp(leg);
	if (err == EMFILE && leg->port[CH_RTP].fd >= 0)
		err = 0; /* tried again, and told, by mleg_apply() */
	if (err != 0)
		mleg_close(leg);
	return err;
}

static void mark(struct mleg *leg, uint8_t dscp)
{
	for (unsigned ch = 0; leg->dscp != dscp && ch < CHANNELS; ch++)
		if (leg->port[ch].fd >= 0) /* a mark that fails costs no call */
			(void)!dscp_mark(leg->port[ch].fd, dscp);
	leg->dscp = dscp;
}

int mleg_ports_set(struct mleg *leg, bool mux, uint8_t dscp)
{
	struct mport *port = &leg->port[CH_RTCP];
	int err = 0;

	mark(leg, dscp);
	if (mux) {
		mport_close(&port->fd);
		port->watched = false;
	} else if (port->fd < 0) {
		err = open_rtcp(leg);
		if (err == 0 && dscp != DSCP_EF)
			(void)!dscp_mark(port->fd, dscp);
	}
	return err;
}

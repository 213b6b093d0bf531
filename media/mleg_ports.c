/*
 * A leg's sockets: RTP's, and RTCP's on the port above for as long as RTCP does
 * not share RTP's (RFC 5761). The port stays the leg's all the same.
 */
#include "media/mleg.h"

#include <errno.h>

#include "base/dscp.h"
#include "base/open_files.h"

/* A call without RTCP is better than none: EMFILE while open files are few. */
static int open_rtcp(struct mpair *pair)
{
	struct mport *port = &pair->port[CH_RTCP];
	struct addr rtcp = mpair_rtcp(pair);
	int err = mport_open(&port->fd, &rtcp);

	if (err != 0 || !open_files_few(port->fd))
		return err;
	mport_close(&port->fd);
	return EMFILE;
}

int mleg_open(struct mleg *leg, const struct addr *local)
{
	struct mpair *pair = mpair_new(local);
	int err = mport_open(&pair->port[CH_RTP].fd, local);

	if (err == 0)
		err = open_rtcp(pair);
	if (err == EMFILE && pair->port[CH_RTP].fd >= 0)
		err = 0; /* tried again, and told, by mleg_apply() */
	if (err == 0)
		mleg_reuse(leg, pair);
	else
		mpair_free(pair);
	return err;
}

/* What a packet that leaves needs lies with the rest that it needs. */
static void note_sockets(struct mleg *leg)
{
	for (unsigned ch = 0; ch < CHANNELS; ch++)
		leg->fd[ch] = leg->pair->port[ch].fd;
}

void mleg_reuse(struct mleg *leg, struct mpair *pair)
{
	leg->pair = pair;
	leg->local = pair->local;
	note_sockets(leg);
}

void mleg_port_failed(struct mleg *leg, enum channel ch)
{
	mport_close(&leg->pair->port[ch].fd);
	note_sockets(leg);
}

static void mark(struct mpair *pair, uint8_t dscp)
{
	if (pair->dscp == dscp)
		return;
	pair->dscp = dscp;
	for (unsigned ch = 0; ch < CHANNELS; ch++) {
		int fd = pair->port[ch].fd;

		if (fd >= 0) /* a mark that fails costs no call */
			(void)!dscp_mark(fd, dscp);
	}
}

int mleg_ports_set(struct mleg *leg, bool mux, uint8_t dscp)
{
	struct mport *port = &leg->pair->port[CH_RTCP];
	int err = 0;

	mark(leg->pair, dscp);
	if (mux) {
		mport_close(&port->fd);
		port->watched = false;
	} else if (port->fd < 0) {
		err = open_rtcp(leg->pair);
		if (err == 0 && dscp != DSCP_EF)
			(void)!dscp_mark(port->fd, dscp);
	}
	note_sockets(leg);
	return err;
}

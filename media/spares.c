/* Pairs of sockets kept for the next calls. See spares.h. */
#include "media/spares.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/metric.h"
#include "base/obj.h"
#include "base/open_files.h"

enum { LOOKED_AT = 16 }; /* spare pairs, for one of the right address */

struct spares {
	struct ports *ports; /* borrowed */
	struct mpair *closed; /* may still be named by epoll */
	pthread_mutex_t lock; /* for what follows */
	struct mpair *first, **last; /* the one that rests longest first */
	bool forget;
};

struct spares *spares_new(struct ports *ports)
{
	struct spares *s = mem_new(sizeof(*s));

	s->ports = ports;
	s->last = &s->first;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

/* --- the list; under the lock --- */

static void add(struct spares *s, struct mpair *pair)
{
	pair->next = NULL;
	pair->prev = s->last;
	*s->last = pair;
	s->last = &pair->next;
}

static void leave(struct spares *s, struct mpair *pair)
{
	*pair->prev = pair->next;
	if (pair->next != NULL)
		pair->next->prev = pair->prev;
	else
		s->last = pair->prev;
	pair->next = NULL;
	pair->prev = NULL;
}

/* --- closing; on the worker, off the list --- */

static void close_spare(struct spares *s, struct mpair *pair, uint64_t now_ms)
{
	mpair_close(pair); /* closed sockets leave epoll by themselves */
	ports_give_kept(s->ports, now_ms, addr_port(&pair->local));
	pair->next = s->closed;
	s->closed = pair;
}

static void free_closed(struct spares *s)
{
	while (s->closed != NULL) {
		struct mpair *pair = s->closed;

		s->closed = pair->next;
		mpair_free(pair);
	}
}

/* The next one that is to be closed; NULL: there is none. */
static struct mpair *next_old(struct spares *s, uint64_t now_ms)
{
	struct mpair *pair = NULL;

	pthread_mutex_lock(&s->lock);
	pair = s->first;
	if (pair == NULL)
		s->forget = false;
	else if (!s->forget && now_ms < pair->since_ms + SPARE_MS)
		pair = NULL;
	if (pair != NULL)
		leave(s, pair);
	pthread_mutex_unlock(&s->lock);
	return pair;
}

void spares_tick(struct spares *s, uint64_t now_ms)
{
	struct mpair *pair = NULL;

	while ((pair = next_old(s, now_ms)) != NULL)
		close_spare(s, pair, now_ms);
	free_closed(s);
}

void spares_free(struct spares *s)
{
	if (s == NULL)
		return;
	s->forget = true;
	spares_tick(s, 0);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

bool spares_any(struct spares *s)
{
	bool any = false;

	pthread_mutex_lock(&s->lock);
	any = s->first != NULL;
	pthread_mutex_unlock(&s->lock);
	return any || s->closed != NULL;
}

/* --- giving and taking --- */

static bool has_room(struct spares *s, const struct mpair *pair)
{
	int sockets = (int)(CHANNELS * (ports_kept(s->ports) + 1));

	return !open_files_beyond(pair->port[CH_RTCP].fd, SPARE_ROOM_PERCENT) &&
	       !open_files_beyond(sockets, SPARE_FILES_PERCENT);
}

static bool is_watched(const struct mpair *pair)
{
	return pair->port[CH_RTP].watched && pair->port[CH_RTCP].watched;
}

void spares_put(struct spares *s, struct mpair *pair, uint64_t now_ms)
{
	uint16_t port = addr_port(&pair->local);

	if (!mpair_is_whole(pair) || !is_watched(pair) || !has_room(s, pair) ||
		!ports_keep(s->ports, port)) {
		mpair_free(pair);
		ports_give(s->ports, now_ms, port);
		return;
	}
	for (unsigned ch = 0; ch < CHANNELS; ch++)
		pair->port[ch].bridge = NULL;
	pair->since_ms = now_ms;
	pair->heard = 0;
	pthread_mutex_lock(&s->lock);
	add(s, pair);
	pthread_mutex_unlock(&s->lock);
}

static struct mpair *rested(
	struct spares *s, const struct addr *local, uint64_t now_ms)
{
	struct mpair *pair = s->forget ? NULL : s->first;

	for (unsigned i = 0; i < LOOKED_AT && pair != NULL; i++) {
		if (now_ms < pair->since_ms + PORTS_REST_MS)
			return NULL; /* and so have those behind it */
		if (addr_same_host(&pair->local, local))
			return pair;
		pair = pair->next;
	}
	return NULL;
}

struct mpair *spares_take(
	struct spares *s, const struct addr *local, uint64_t now_ms)
{
	struct mpair *pair = NULL;

	pthread_mutex_lock(&s->lock);
	pair = rested(s, local, now_ms);
	if (pair != NULL)
		leave(s, pair);
	pthread_mutex_unlock(&s->lock);
	if (pair != NULL)
		ports_use_kept(s->ports, addr_port(&pair->local));
	return pair;
}

void spares_forget(struct spares *s)
{
	pthread_mutex_lock(&s->lock);
	s->forget = s->first != NULL;
	pthread_mutex_unlock(&s->lock);
}

/* --- what comes to them --- */

/* False: somebody took it. */
static bool withdraw(struct spares *s, struct mpair *pair)
{
	bool mine = false;

	pthread_mutex_lock(&s->lock);
	mine = pair->prev != NULL;
	if (mine)
		leave(s, pair);
	pthread_mutex_unlock(&s->lock);
	return mine;
}

void spares_heard(struct spares *s, struct mport *port, uint64_t now_ms)
{
	struct mpair *pair = mport_pair(port);

	if (port->fd < 0)
		return;
	if (recv(port->fd, NULL, 0, MSG_DONTWAIT | MSG_TRUNC) >= 0)
		metric_inc(M_MEDIA_RX_LATE);
	else if (errno == EAGAIN)
		return;
	pair->heard++;
	if (pair->heard <= SPARE_LATE_PACKETS &&
		now_ms < pair->since_ms + SPARE_LATE_MS)
		return;
	if (withdraw(s, pair))
		close_spare(s, pair, now_ms);
}

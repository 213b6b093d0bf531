/* Two media legs joined, and the path of a packet. See bridge.h. */
#include "media/bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/metric.h"
#include "base/obj.h"
#include "media/rtp.h"

/* What does not fit once protected is cut, seen, and counted as malformed. */
enum { ROOM_IN = PKT_ROOM - XFORM_OVERHEAD };

struct batch *batch_new(void)
{
	struct batch *b = NULL;

	need(posix_memalign((void **)&b, 64, sizeof(*b)) == 0);
	memset(b, 0, sizeof(*b));
	for (unsigned i = 0; i < BATCH; i++) {
		b->in_iov[i].iov_base = b->room[i];
		b->in_iov[i].iov_len = ROOM_IN;
		b->in[i].msg_hdr.msg_iov = &b->in_iov[i];
		b->in[i].msg_hdr.msg_iovlen = 1;
		b->in[i].msg_hdr.msg_name = &b->from[i];
		b->out[i].msg_hdr.msg_iov = &b->out_iov[i];
		b->out[i].msg_hdr.msg_iovlen = 1;
	}
	return b;
}

void bridge_init(struct bridge *br)
{
	for (uint8_t side = 0; side < 2; side++) {
		br->leg[side].bridge = br;
		br->leg[side].side = side;
	}
}

void bridge_end(struct bridge *br)
{
	atomic_store_explicit(&br->over, true, memory_order_relaxed);
}

static bool is_over(const struct bridge *br)
{
	return atomic_load_explicit(&br->over, memory_order_relaxed);
}

void bridge_close(struct bridge *br)
{
	mleg_close(&br->leg[0]);
	mleg_close(&br->leg[1]);
	br->xcode = obj_unref(br->xcode);
	br->capture = obj_unref(br->capture);
	br->copy = NULL;
	br->copied = obj_unref(br->copied);
	for (unsigned side = 0; side < 2; side++) {
		player_free(br->player[side]);
		player_free(br->after[side]);
		br->player[side] = br->after[side] = NULL;
		free(br->keys[side]);
		br->keys[side] = NULL;
	}
}

/* --- out --- */

static bool send_one(int fd, const struct msghdr *m)
{
	return sendto(fd, m->msg_iov->iov_base, m->msg_iov->iov_len,
		       MSG_DONTWAIT, m->msg_name, m->msg_namelen) >= 0;
}

/* Sends out[from … to), which leave by one socket. */
static void send_run(struct batch *b, unsigned from, unsigned to)
{
	while (from < to) {
		struct mmsghdr *m = &b->out[from];
		const struct leaver *l = &b->leaver[from];
		int n = 0;

		if (to - from == 1) /* the usual case, and the cheaper call */
			n = send_one(l->fd, &m->msg_hdr) ? 1 : -1;
		else
			n = sendmmsg(l->fd, m, to - from, MSG_DONTWAIT);
		for (int i = 0; i < n; i++)
			mleg_sent(l[i].leg, l[i].kind, l[i].payload);
		if (n <= 0) {
			mleg_send_failed(l->leg); /* the first of them */
			n = 1;
		}
		from += (unsigned)n;
	}
}

static void flush(struct batch *b)
{
	unsigned from = 0;

	for (unsigned i = 1; i <= b->n_out; i++) {
		if (i < b->n_out && b->leaver[i].fd == b->leaver[from].fd)
			continue;
		send_run(b, from, i);
		from = i;
	}
	metric_add(M_MEDIA_PACKETS, b->n_out);
	b->n_out = 0;
}

/* Of what leaves: a key may have taken the place of sound. */
static size_t payload_of(const struct pkt *p, size_t was)
{
	size_t most = p->n - RTP_HEADER;

	return was < most ? was : most;
}

/* RTP whose payload is not somebody else's secret. */
static bool is_readable(const struct arrived *in)
{
	return !in->raw && !in->opaque;
}

/* ---- captures: what passes, in clear ---- */

static struct addr local_of(const struct mleg *leg, enum channel ch)
{
	struct addr a = leg->local;

	if (ch == CH_RTCP)
		addr_set_port(&a, (uint16_t)(addr_port(&a) + 1));
	return a;
}

static void capture_in(const struct bridge *br, const struct mport *port,
	const struct arrived *in)
{
	struct addr local = local_of(&br->leg[port->side], in->socket);
	const struct capture_from f = {
		.side = port->side, .from = in->from, .to = &local
	};

	capture_media_done(br->capture,
		capture_media(br->capture, &f, in->pkt.p, in->pkt.n));
}

/* Before it is protected; it counts once it has been. */
static struct capture_slot *capture_out(const struct bridge *br,
	const struct mleg *leg, const struct arrived *in)
{
	enum channel ch = in->kind == CH_RTP || leg->mux ? CH_RTP : CH_RTCP;
	struct addr local = local_of(leg, ch);
	const struct capture_from f = { .side = leg->side,
		.sent = true,
		.from = &local,
		.to = &leg->to[ch] };

	return capture_media(br->capture, &f, in->pkt.p, in->pkt.n);
}

static void pass(
	struct mleg *leg, struct arrived *in, struct batch *b, uint64_t now_ns)
{
	struct msghdr *m = &b->out[b->n_out].msg_hdr;
	const struct bridge *br = leg->bridge;
	struct keys *k = br->keys[1 - leg->side];
	struct capture_slot *slot = NULL;
	struct leaving out;

	need(b->n_out < BATCH);
	if (k != NULL && in->kind == CH_RTP && !in->made_key &&
		is_readable(in)) {
		keys_leave(k, &in->pkt, now_ns);
		in->payload = payload_of(&in->pkt, in->payload);
	}
	if (br->capture != NULL)
		slot = capture_out(br, leg, in);
	if (!mleg_prepare(leg, in, &out, now_ns))
		return;
	if (slot != NULL)
		capture_media_done(br->capture, slot);
	b->leaver[b->n_out] = (struct leaver){
		.leg = leg,
		.kind = in->kind,
		.payload = in->payload,
		.fd = out.fd,
	};
	b->out_iov[b->n_out].iov_base = in->pkt.p;
	b->out_iov[b->n_out].iov_len = in->pkt.n;
	/* The leg may move its address before flush(): then that is the one. */
	m->msg_name = out.to;
	m->msg_namelen = addr_len(out.to);
	b->n_out++;
}

/* --- between --- */

/* The transcoder's packets leave with those of the batch; when they are more
 * than it has room for, it leaves earlier. */
static void pass_made(
	struct bridge *br, int side, struct batch *b, uint64_t now_ns)
{
	struct xcode_out about = { 0 };

	for (;;) {
		struct arrived made = { .kind = CH_RTP };

		if (b->n_out == BATCH)
			flush(b);
		made.pkt = (struct pkt){ b->made[b->n_out], 0, PKT_ROOM };
		if (xcode_get(br->xcode, side, &made.pkt, &about) != 0)
			return;
		made.ssrc = about.ssrc;
		made.payload = about.payload;
		pass(&br->leg[1 - side], &made, b, now_ns);
	}
}

static void transcode(struct bridge *br, int side, const struct arrived *in,
	struct batch *b, uint64_t now_ns)
{
	xcode_put(br->xcode, side, &in->pkt, now_ns);
	pass_made(br, side, b, now_ns);
	if (xcode_pauses(br->xcode, side))
		bridge_play_on(br, b);
	bridge_tell_tones(br, side, now_ns);
}

static void cross(struct bridge *br, int side, struct arrived *in,
	struct batch *b, uint64_t now_ns)
{
	struct keys_heard heard;
	bool taken = false;

	if (br->keys[side] != NULL && in->kind == CH_RTP && is_readable(in)) {
		taken = keys_take(br->keys[side], &in->pkt, br->xcode == NULL,
			now_ns, &heard);
		bridge_tell_key(br, side, &heard);
	}
	if (taken)
		return;
	if (br->player[1 - side] != NULL && in->kind == CH_RTP) {
		mleg_not_heard(&br->leg[1 - side]);
		return;
	}
	if (br->xcode != NULL && in->kind == CH_RTP) {
		transcode(br, side, in, b, now_ns);
		return;
	}
	if (br->xcode != NULL) {
		xcode_rtcp(br->xcode, side, &in->pkt);
		if (in->pkt.n == 0)
			return;
	}
	if (b->n_out == BATCH)
		flush(b);
	pass(&br->leg[1 - side], in, b, now_ns);
}

/* What a side says goes to its leg of the recording as well: a copy, for that
 * leg protects it by keys of its own. */
static void copy(struct bridge *to, unsigned side, const struct arrived *in,
	struct batch *b, uint64_t now_ns)
{
	struct arrived made = *in;

	if (b->n_out == BATCH)
		flush(b);
	made.pkt = (struct pkt){ b->made[b->n_out], in->pkt.n, PKT_ROOM };
	memcpy(made.pkt.p, in->pkt.p, in->pkt.n);
	pass(&to->leg[side], &made, b, now_ns);
}

static void play_to(
	struct bridge *br, unsigned side, struct batch *b, uint64_t now_ns)
{
	struct xcode_out about = { 0 };

	for (;;) {
		struct arrived made = { .kind = CH_RTP };

		if (b->n_out == BATCH)
			flush(b);
		made.pkt = (struct pkt){ b->made[b->n_out], 0, PKT_ROOM };
		if (player_next(br->player[side], now_ns, &made.pkt, &about) !=
			0)
			return;
		made.ssrc = about.ssrc;
		made.payload = about.payload;
		pass(&br->leg[side], &made, b, now_ns);
	}
}

/* Keys of that side, where nothing comes that they could take the place of. */
static bool press_on(
	struct bridge *br, unsigned side, struct batch *b, uint64_t now_ns)
{
	struct arrived made = { .kind = CH_RTP, .made_key = true };
	struct rtp_head h;

	if (br->keys[side] == NULL || !keys_busy(br->keys[side]))
		return false;
	if (b->n_out == BATCH)
		flush(b);
	made.pkt = (struct pkt){ b->made[b->n_out], 0, PKT_ROOM };
	if (keys_due(br->keys[side], &made.pkt, now_ns) == 0 &&
		rtp_parse(&h, made.pkt.p, made.pkt.n) == 0) {
		made.ssrc = h.ssrc;
		made.payload = made.pkt.n - RTP_HEADER;
		pass(&br->leg[1 - side], &made, b, now_ns);
	}
	return true;
}

/* Noise in place of what that side does not send. */
static bool rest_on(
	struct bridge *br, unsigned side, struct batch *b, uint64_t now_ns)
{
	if (br->xcode == NULL || br->player[1 - side] != NULL ||
		!xcode_rest(br->xcode, (int)side, now_ns))
		return false;
	pass_made(br, (int)side, b, now_ns);
	return true;
}

static void tell(struct bridge *br, enum media_event_kind kind, int side,
	const struct addr *addr, int err);

/* What has faded, or was to be heard once, makes room for the other leg. */
static void end_player(struct bridge *br, unsigned side)
{
	enum player_state state = player_state(br->player[side]);

	if (state == PLAYER_ON)
		return;
	player_free(br->player[side]);
	br->player[side] = br->after[side];
	br->after[side] = NULL;
	if (state == PLAYER_ENDED)
		tell(br, MEDIA_PLAYED, (int)side, NULL, 0);
}

void bridge_play_on(struct bridge *br, struct batch *b)
{
	if (br->play_prev != NULL)
		return;
	br->play_next = b->playing;
	br->play_prev = &b->playing;
	if (br->play_next != NULL)
		br->play_next->play_prev = &br->play_next;
	b->playing = br;
}

void bridge_play_off(struct bridge *br)
{
	if (br->play_prev == NULL)
		return;
	*br->play_prev = br->play_next;
	if (br->play_next != NULL)
		br->play_next->play_prev = br->play_prev;
	br->play_next = NULL;
	br->play_prev = NULL;
}

void bridge_play(struct bridge *br, struct batch *b, uint64_t now_ns)
{
	bool any = false;

	for (unsigned side = 0; side < 2 && !is_over(br); side++) {
		any = press_on(br, side, b, now_ns) || any;
		any = rest_on(br, side, b, now_ns) || any;
		if (br->player[side] == NULL)
			continue;
		any = true;
		play_to(br, side, b, now_ns);
		end_player(br, side);
	}
	if (any)
		flush(b);
	else
		bridge_play_off(br);
}

/* --- in --- */

static void tell(struct bridge *br, enum media_event_kind kind, int side,
	const struct addr *addr, int err)
{
	struct media_event ev = { .kind = kind, .side = side, .err = err };

	if (addr != NULL)
		ev.addr = *addr;
	br->event(br->arg, &ev);
}

/* What lies in room[i], `n` bytes: more than it holds means cut off. */
static void one(struct bridge *br, const struct mport *port, struct batch *b,
	unsigned i, size_t n, uint64_t now_ns)
{
	struct mleg *leg = &br->leg[port->side];
	struct arrived in = {
		.pkt = { b->room[i], n <= ROOM_IN ? n : 0, PKT_ROOM },
		.from = &b->from[i],
		.socket = port->channel,
	};

	if (is_over(br))
		return;
	if (mleg_accept(leg, &in, br->log, now_ns)) {
		if (br->capture != NULL)
			capture_in(br, port, &in);
		if (br->copy != NULL && !in.raw)
			copy(br->copy, port->side, &in, b, now_ns);
		if (!br->apart)
			cross(br, port->side, &in, b, now_ns);
	}
	if (leg->news) {
		leg->news = false;
		tell(br, MEDIA_LATCHED, port->side, &leg->to[CH_RTP], 0);
	}
}

/* An ICMP answer to what we sent, or a shortage, says nothing of the socket. */
static bool is_passing(int err)
{
	return err == EINTR || err == ECONNREFUSED || err == EHOSTUNREACH ||
	       err == ENETUNREACH || err == ENOMEM || err == ENOBUFS ||
	       err == EPROTO || err == EHOSTDOWN || err == ENETDOWN;
}

static void socket_failed(
	struct bridge *br, struct mport *port, struct batch *b, int err)
{
	flush(b); /* before the number may be another socket's */
	mleg_port_failed(&br->leg[port->side], port->channel);
	tell(br, MEDIA_SOCKET, port->side, NULL, err);
}

/* While a packet is worked on, the legs of the one after the next come near,
 * and the keys of the next one, whose legs are there. */
static void fetch_legs(const struct batch *b, unsigned i)
{
	const struct mport *port = NULL;

	if (i >= b->n_in)
		return;
	port = b->waiter[i].port;
	__builtin_prefetch(&port->bridge->player);
	mleg_prefetch(&port->bridge->leg[port->side],
		&port->bridge->leg[1 - port->side]);
}

static void fetch_keys(const struct batch *b, unsigned i)
{
	const struct mport *port = NULL;

	if (i >= b->n_in)
		return;
	port = b->waiter[i].port;
	mleg_prefetch_keys(&port->bridge->leg[port->side],
		&port->bridge->leg[1 - port->side]);
}

void bridge_work(struct batch *b, uint64_t now_ns)
{
	fetch_legs(b, 0);
	fetch_legs(b, 1);
	fetch_keys(b, 0);
	for (unsigned i = 0; i < b->n_in; i++) {
		const struct waiter *w = &b->waiter[i];

		fetch_legs(b, i + 2);
		fetch_keys(b, i + 1);
		one(w->port->bridge, w->port, b, i, w->n, now_ns);
	}
	flush(b);
	b->n_in = 0;
}

static int read_one(const struct mport *port, struct batch *b)
{
	unsigned i = b->n_in;
	socklen_t len = sizeof(b->from[i]);
	/* MSG_TRUNC: as long as it was. */
	ssize_t n = recvfrom(port->fd, b->room[i], ROOM_IN,
		MSG_DONTWAIT | MSG_TRUNC, &b->from[i].sa, &len);

	if (n < 0)
		return -1;
	b->waiter[i] = (struct waiter){ port, (size_t)n };
	b->n_in++;
	return 1;
}

static int read_many(const struct mport *port, struct batch *b)
{
	int n = 0;

	for (unsigned i = 0; i < BATCH; i++)
		b->in[i].msg_hdr.msg_namelen = sizeof(b->from[i]);
	n = recvmmsg(port->fd, b->in, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
	for (int i = 0; i < n; i++)
		b->waiter[i] = (struct waiter){ port, b->in[i].msg_len };
	b->n_in = n > 0 ? (unsigned)n : 0;
	return n;
}

unsigned bridge_read(
	struct mport *port, struct batch *b, bool many, uint64_t now_ns)
{
	int n = 0;

	if (port->fd < 0)
		return 0;
	if (many || b->n_in == BATCH)
		bridge_work(b, now_ns);
	n = many ? read_many(port, b) : read_one(port, b);
	if (n < 0 && errno != EAGAIN && !is_passing(errno))
		socket_failed(port->bridge, port, b, errno);
	return n > 0 ? (unsigned)n : 0;
}

void bridge_tick(struct bridge *br, uint64_t now_ns)
{
	mleg_tick(&br->leg[0], now_ns);
	mleg_tick(&br->leg[1], now_ns);
	bridge_tick_keys(br, now_ns);
	bridge_watch(br, now_ns / 1000000);
}

/*
 * The far ends of a relay's calls: each sends 50 packets a second (or as told)
 * with the time in their payload, receives, decrypts and compares what comes.
 * Sits on the last processor, with SRTP of our own on nettle.
 *
 *   media_gen CALLS WAY WAY PERIOD_MS
 *
 * Ways as in bench.h. Ends share sockets (media_line.h) and are told apart by
 * their SSRC, which relays leave alone. With codecs each side speaks its own:
 * what comes is decoded and must not be silent; the time is that of the packet
 * with the same place in the sequence; and each end has a socket, since a
 * transcoder's SSRC is its own.
 *
 * Prints a line with two ports for each call; reads a line for each call
 * (bench.h); then one word a line: go, count, pause, report, end.
 */
#include <math.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/obj.h"
#include "base/thread.h"
#include "bench.h"
#include "media/rtp.h"
#include "media_line.h"

enum {
	PAYLOAD = 160,
	BUCKETS = 200000, /* of a microsecond each */
	BURST = 64, /* packets sent between two looks at what came */
	LINES = 32, /* sockets of a side that its ends share */
	FIRST_SSRC = 1000,
	DRAIN_MS = 400,
	FRAMES = 50, /* of 20 ms, spoken again and again */
	FRAME_ROOM = 400,
	SENT = 512, /* packets whose time is known */
	SETTLING = 10, /* packets, until a decoder has something to say */
	QUIET = 200, /* mean of samples without their sign: below is silence */
};

/* What a side says, in its codec. */
struct speech {
	const struct codec *codec; /* NULL: no codec */
	uint8_t pt;
	unsigned rate;
	size_t n[FRAMES];
	uint8_t p[FRAMES][FRAME_ROOM];
};

struct end {
	int fd;
	uint16_t seq;
	struct addr to;
	struct xform tx, rx;
	/* with a codec: */
	void *dec;
	bool any;
	uint16_t first;
	uint64_t received;
	uint64_t sent[SENT]; /* as in the payload without a codec */
};

static struct {
	unsigned calls;
	uint64_t period_ns;
	int epoll;
	unsigned lines; /* of a side */
	int line[CALLS_MAX][2];
	struct end end[CALLS_MAX][2];
	struct line_box out[2], in;
	struct speech speech[2];
	_Atomic bool go, count, stop;
	_Atomic uint64_t sent, received, wrong; /* those that count */
	uint64_t late_us; /* longest that we fell behind */
	uint32_t delay[BUCKETS + 1];
} g;

/* Neighbours share a line: they send one after the other. */
static unsigned line_of(unsigned call)
{
	return call * g.lines / g.calls;
}

static void open_lines(bool shared)
{
	static uint16_t port[CALLS_MAX][2];

	g.lines = shared && g.calls > LINES ? LINES : g.calls;
	for (unsigned i = 0; i < 2 * g.lines; i++)
		g.line[i / 2][i % 2] =
			line_open(g.epoll, i, &port[i / 2][i % 2]);
	for (unsigned i = 0; i < g.calls; i++) {
		const unsigned l = line_of(i);

		g.end[i][0].fd = g.line[l][0];
		g.end[i][1].fd = g.line[l][1];
		(void)printf("%u %u\n", port[l][0], port[l][1]);
	}
}

static struct xform open_xform(
	enum conf_suite suite, const struct secret *key, bool receive)
{
	struct xform_params p = {
		.plain = suite == CONF_SUITE_COUNT,
		.suite = suite,
		.key = key,
		.receive = receive,
	};
	struct xform x;

	errno = xform_open(&x, &p);
	check(errno == 0, "transform");
	return x;
}

static void speak(struct speech *s, const struct way *w)
{
	struct codec_options o = { 0 };
	int16_t pcm[CODEC_RATE_MAX / 50];
	size_t n, skip;
	void *enc;

	s->codec = w->codec;
	s->pt = w->pt;
	if (s->codec == NULL)
		return;
	s->rate = codec_common_rate(s->codec, &codec_pcmu);
	check(s->rate != 0, "rate");
	n = s->rate / 50;
	enc = s->codec->enc_open(s->rate, &o);
	for (size_t f = 0; f < FRAMES; f++) {
		for (size_t i = 0; i < n; i++) {
			double t = (double)(f * n + i) / s->rate;

			pcm[i] = (int16_t)(3000 * sin(6.2832 * 210 * t) *
						   (1 + sin(6.2832 * 3 * t)) +
					   1500 * sin(6.2832 * 1170 * t) +
					   rand() % 400 - 200);
		}
		s->n[f] = s->codec->encode(
			enc, pcm, n, s->p[f], FRAME_ROOM, &skip);
	}
	s->codec->enc_close(enc);
}

static void set_call(unsigned call, const struct way way[2])
{
	struct side side[2];

	read_call(side);
	for (unsigned i = 0; i < 2; i++) {
		struct end *e = &g.end[call][i];

		e->to = side[i].to;
		e->tx = open_xform(way[i].suite, &side[i].tx, false);
		e->rx = open_xform(way[i].suite, &side[i].rx, true);
		if (way[i].codec != NULL)
			e->dec = way[i].codec->dec_open(g.speech[i].rate);
	}
}

static void flush(unsigned side, bool counts)
{
	unsigned n = line_flush(&g.out[side]);

	if (counts)
		g.sent += n;
}

static void send_one(unsigned call, unsigned side, bool counts)
{
	struct end *e = &g.end[call][side];
	const struct speech *s = &g.speech[side];
	struct line_box *out = &g.out[side];
	struct pkt p = { .n = RTP_HEADER + PAYLOAD, .room = PKT_ROOM };
	uint64_t now = clock_ns() << 1 | counts;

	if (line_must_flush(out, e->fd))
		flush(side, counts);
	p.p = line_room(out);
	put_u32(p.p, 0x80000000u | (uint32_t)s->pt << 16 | e->seq);
	put_u32(p.p + 4,
		(s->codec != NULL ? s->codec->clock / 50 : 160u) * e->seq);
	put_u32(p.p + 8, FIRST_SSRC + call * 2 + side);
	if (s->codec != NULL) {
		p.n = RTP_HEADER + s->n[e->seq % FRAMES];
		memcpy(p.p + RTP_HEADER, s->p[e->seq % FRAMES],
			s->n[e->seq % FRAMES]);
		e->sent[e->seq % SENT] = now;
	} else {
		memset(p.p + RTP_HEADER, 0x55, PAYLOAD);
		memcpy(p.p + RTP_HEADER, &now, sizeof(now));
	}
	e->seq++;
	check(xform_rtp(&e->tx, &p) == 0, "protect");
	line_add(out, e->fd, p.n, &e->to);
}

static bool as_sent(const struct pkt *p)
{
	if (p->n != RTP_HEADER + PAYLOAD)
		return false;
	for (size_t i = RTP_HEADER + sizeof(uint64_t); i < p->n; i++)
		if (p->p[i] != 0x55)
			return false;
	return true;
}

/* As sent: what the payload carried, or was noted beside it. */
static void took_at(uint64_t sent, uint64_t now)
{
	uint64_t us = 0;

	if ((sent & 1) == 0)
		return;
	us = (now - (sent >> 1)) / 1000;
	g.delay[us < BUCKETS ? us : BUCKETS]++;
	g.received++;
}

static void took(const struct pkt *p, uint64_t now)
{
	uint64_t sent = 0;

	if (!as_sent(p)) {
		g.wrong++;
		return;
	}
	memcpy(&sent, p->p + RTP_HEADER, sizeof(sent));
	took_at(sent, now);
}

static bool is_loud(const int16_t *pcm, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (uint64_t)abs(pcm[i]);
	return n > 0 && sum / n >= QUIET;
}

/* The payload of the other side's codec became one of ours. */
static void took_sound(struct end *e, const struct end *from,
	const struct speech *mine, const struct pkt *p, uint64_t now)
{
	int16_t pcm[CODEC_RATE_MAX / 1000 * CODEC_PAYLOAD_MS];
	struct rtp_head h;
	size_t payload = 0, n = 0;
	bool noise = false;

	if (rtp_parse(&h, p->p, p->n) != 0 || h.pt != mine->pt ||
		rtp_payload(&h, p->p, p->n, &payload) != 0 ||
		mine->codec->decode(e->dec, p->p + h.size, payload, pcm,
			sizeof(pcm) / sizeof(pcm[0]), &n, &noise) != 0) {
		g.wrong++;
		return;
	}
	if (!e->any)
		e->first = h.seq;
	e->any = true;
	if (++e->received > SETTLING && !is_loud(pcm, n))
		g.wrong++;
	took_at(from->sent[(uint16_t)(h.seq - e->first) % SENT], now);
}

/* Whose packet this is that came by a line of `side`; g.calls: nobody's. */
static unsigned call_of(const struct pkt *p, unsigned line, unsigned side)
{
	uint32_t n = p->n >= RTP_HEADER ? get_u32(p->p + 8) - FIRST_SSRC : 0;

	if (g.lines == g.calls)
		return line;
	return p->n >= RTP_HEADER && n / 2 < g.calls && n % 2 == 1 - side
		       ? n / 2
		       : g.calls;
}

static void receive_one(
	unsigned line, unsigned side, struct pkt *p, uint64_t now)
{
	unsigned call = call_of(p, line, side);
	struct end *e = &g.end[call][side];

	/* Relays that answer RTCP on the port of RTP. */
	if (rtp_kind(p->p, p->n, true) == RTP_KIND_RTCP)
		return;
	if (call == g.calls || xform_rtp(&e->rx, p) != 0)
		g.wrong++;
	else if (g.speech[side].codec != NULL)
		took_sound(e, &g.end[call][1 - side], &g.speech[side], p, now);
	else
		took(p, now);
}

/* The number of packets. */
static unsigned receive_all(void)
{
	struct epoll_event ev[2 * LINES];
	int n = epoll_wait(g.epoll, ev, 2 * LINES, 0);
	unsigned all = 0;

	for (int i = 0; i < n; i++) {
		unsigned line = ev[i].data.u32 / 2, side = ev[i].data.u32 % 2;
		unsigned got = line_read(&g.in, g.line[line][side]);
		uint64_t now = clock_ns();

		for (unsigned k = 0; k < got; k++) {
			struct pkt p = { g.in.room[k], line_length(&g.in, k),
				PKT_ROOM };

			receive_one(line, side, &p, now);
		}
		all += got;
	}
	return all;
}

/* Ends send in turn, evenly over the period. */
static void *generate(void *arg)
{
	uint64_t begin = 0, turns = 0, end = 0;
	uint64_t step = g.period_ns / (2 * g.calls);
	/* So that others on this processor are not starved of it. */
	const struct timespec nap = { .tv_nsec = 20000 };

	(void)arg;
	(void)prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
	pin((unsigned)sysconf(_SC_NPROCESSORS_ONLN) - 1);
	while (!g.go && !g.stop)
		(void)usleep(1000);
	begin = clock_ns();
	while (!g.stop) {
		uint64_t now = clock_ns(), due = begin + turns * step;
		bool counts = g.count;

		if (counts && now > due && (now - due) / 1000 > g.late_us)
			g.late_us = (now - due) / 1000;
		for (unsigned i = 0; i < BURST && begin + turns * step < now;
			i++, turns++)
			send_one((unsigned)(turns / 2 % g.calls),
				(unsigned)(turns % 2), counts);
		flush(0, counts);
		flush(1, counts);
		if (receive_all() == 0 && begin + turns * step > clock_ns())
			(void)nanosleep(&nap, NULL);
	}
	for (end = clock_ns() + DRAIN_MS * 1000000ull; clock_ns() < end;)
		(void)receive_all(); /* what is under way */
	return NULL;
}

static unsigned percentile(double share)
{
	uint64_t sum = 0, want = 0;

	for (unsigned i = 0; i <= BUCKETS; i++)
		sum += g.delay[i];
	want = (uint64_t)((double)sum * share);
	sum = 0;
	for (unsigned i = 0; i <= BUCKETS; i++) {
		sum += g.delay[i];
		if (sum > want)
			return i;
	}
	return BUCKETS;
}

static void obey(pthread_t thread)
{
	char word[LINE_ROOM];

	while (read_word(word)) {
		if (strcmp(word, "go") == 0)
			g.go = true;
		else if (strcmp(word, "count") == 0)
			g.count = true;
		else if (strcmp(word, "pause") == 0)
			g.count = false;
		else
			break;
	}
	g.stop = true;
	pthread_join(thread, NULL);
	(void)printf("{\"sent\": %llu, \"received\": %llu, \"wrong\": %llu, "
		     "\"p50\": %u, \"p99\": %u, \"p999\": %u, "
		     "\"generator_late_us\": %llu}\n",
		(unsigned long long)g.sent, (unsigned long long)g.received,
		(unsigned long long)g.wrong, percentile(0.5), percentile(0.99),
		percentile(0.999), (unsigned long long)g.late_us);
}

int main(int argc, char **argv)
{
	struct way way[2];
	pthread_t thread;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: media_gen CALLS WAY WAY "
				      "PERIOD_MS\n");
		return 2;
	}
	g.calls = number(argv[1], CALLS_MAX);
	for (unsigned i = 0; i < 2; i++) {
		way[i] = way_word(argv[2 + i]);
		speak(&g.speech[i], &way[i]);
	}
	g.period_ns = number(argv[4], 1000) * 1000000ull;
	check(g.calls > 0 && g.period_ns > 0, "arguments");
	g.epoll = epoll_create1(0);
	open_lines(way[0].codec == NULL);
	(void)fflush(stdout);
	for (unsigned i = 0; i < g.calls; i++)
		set_call(i, way);
	check(thread_start(&thread, generate, NULL) == 0, "thread");
	(void)puts("ready");
	(void)fflush(stdout);
	obey(thread);
	return 0;
}

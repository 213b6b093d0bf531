/*
 * What a relayed packet costs: N calls, SRTP on one side and RTP on the other,
 * 50 packets a second each way with the payload of G.711. The relay is this
 * process with one worker, on the first processor; a child on the last one
 * sends, receives, decrypts and compares. Printed: processor time of the
 * relay per packet, loss, added delay, memory per call; then a line for each
 * target: goal NAME measured wanted ok|short.
 *
 *   media_relay [CALLS [SECONDS [SUITE|plain]]]
 *
 * Figures mean something only while nothing else runs.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mq.h"
#include "base/thread.h"
#include "media/media.h"
#include "media/rtp.h"
#include "media/suites.h"
#include "media/xform.h"

enum {
	CALLS_MAX = 4000,
	PAYLOAD = 160,
	PERIOD_NS = 20000000,
	BUCKETS = 100000, /* of a microsecond each */
	WARM_UP_S = 1,
};

struct shared { /* between the two processes */
	struct addr far[CALLS_MAX][2], leg[CALLS_MAX][2];
	_Atomic bool go, count, stop;
	_Atomic uint64_t sent, received, wrong; /* while `count` */
	uint32_t delay[BUCKETS + 1];
};

struct options {
	unsigned calls, seconds;
	bool plain;
	enum conf_suite suite;
};

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "media_relay: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void pin(unsigned processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static struct secret key_of(const struct options *o, unsigned seed)
{
	struct secret s = { 0 };

	s.n = (uint8_t)(suite_rows[o->suite].key_len +
			suite_rows[o->suite].salt_len);
	for (unsigned i = 0; i < s.n; i++)
		s.b[i] = (uint8_t)((seed >> (i % 4 * 8)) ^ (i * 29));
	return s;
}

/* --- the generator --- */

struct end { /* a far end of a call */
	int fd;
	uint16_t seq;
	struct xform tx, rx;
};

struct generator {
	struct shared *sh;
	const struct options *o;
	int epoll;
	struct end end[CALLS_MAX][2];
};

static struct xform open_xform(
	const struct options *o, bool plain, unsigned seed, bool receive)
{
	struct secret key = key_of(o, seed);
	struct xform_params p = {
		.plain = plain,
		.suite = o->suite,
		.key = &key,
		.receive = receive,
	};
	struct xform x;

	check(xform_open(&x, &p) == 0, "transform");
	return x;
}

static void open_end(struct generator *g, unsigned call, unsigned side)
{
	struct end *e = &g->end[call][side];
	struct addr a = { .in4.sin_family = AF_INET };
	struct epoll_event ev = { .events = EPOLLIN,
		.data.u32 = call * 2 + side };
	bool plain = side == 1 || g->o->plain;
	socklen_t len = sizeof(a.in4);

	a.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	e->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	check(e->fd >= 0, "socket");
	check(bind(e->fd, &a.sa, len) == 0, "bind");
	check(getsockname(e->fd, &a.sa, &len) == 0, "getsockname");
	g->sh->far[call][side] = a;
	check(epoll_ctl(g->epoll, EPOLL_CTL_ADD, e->fd, &ev) == 0, "epoll");
	e->tx = open_xform(g->o, plain, call * 4, false);
	e->rx = open_xform(g->o, plain, call * 4 + 1, true);
}

/* The payload is the time it was sent, and whether it counts. */
static void send_one(struct generator *g, unsigned call, unsigned side)
{
	struct end *e = &g->end[call][side];
	_Alignas(16) uint8_t room[PKT_ROOM];
	struct pkt p = { room, RTP_HEADER + PAYLOAD, sizeof(room) };
	bool counts = g->sh->count;
	uint64_t now = 0;

	memset(room, 0x55, p.n);
	put_u32(room, 0x80000000u | e->seq);
	put_u32(room + 4, 160u * e->seq);
	put_u32(room + 8, 1000 + call * 2 + side);
	e->seq++;
	now = clock_ns() << 1 | counts;
	memcpy(room + RTP_HEADER, &now, sizeof(now));
	check(xform_rtp(&e->tx, &p) == 0, "protect");
	if (sendto(e->fd, p.p, p.n, 0, &g->sh->leg[call][side].sa,
		    sizeof(struct sockaddr_in)) == (ssize_t)p.n &&
		counts)
		g->sh->sent++;
}

static void took(struct generator *g, const struct pkt *p)
{
	uint64_t sent = 0, us = 0;

	if (p->n != RTP_HEADER + PAYLOAD) {
		g->sh->wrong++;
		return;
	}
	memcpy(&sent, p->p + RTP_HEADER, sizeof(sent));
	for (size_t i = RTP_HEADER + sizeof(sent); i < p->n; i++)
		if (p->p[i] != 0x55) {
			g->sh->wrong++;
			return;
		}
	if ((sent & 1) == 0)
		return;
	us = (clock_ns() - (sent >> 1)) / 1000;
	g->sh->delay[us < BUCKETS ? us : BUCKETS]++;
	g->sh->received++;
}

static void receive_all(struct generator *g)
{
	struct epoll_event ev[256];
	_Alignas(16) uint8_t room[PKT_ROOM];
	int n = epoll_wait(g->epoll, ev, 256, 0);

	for (int i = 0; i < n; i++) {
		uint32_t at = ev[i].data.u32;
		struct end *e = &g->end[at / 2][at % 2];
		struct pkt p = { .p = room, .room = sizeof(room) };
		ssize_t got = recv(e->fd, room, sizeof(room), 0);

		if (got <= 0)
			continue;
		p.n = (size_t)got;
		if (xform_rtp(&e->rx, &p) != 0)
			g->sh->wrong++;
		else
			took(g, &p);
	}
}

/* Ends send in turn, evenly over the 20 ms. */
static void generate(struct generator *g)
{
	uint64_t begin = clock_ns(), turns = 0;
	uint64_t step = PERIOD_NS / (2 * g->o->calls);

	while (!g->sh->stop) {
		uint64_t now = clock_ns();

		for (unsigned i = 0; i < 64 && begin + turns * step < now;
			i++, turns++)
			send_one(g, (unsigned)(turns / 2 % g->o->calls),
				(unsigned)(turns % 2));
		receive_all(g);
	}
	for (uint64_t end = clock_ns() + 300000000; clock_ns() < end;)
		receive_all(g); /* what is under way */
}

static void child(struct shared *sh, const struct options *o, int ready)
{
	struct generator *g = calloc(1, sizeof(*g));

	check(g != NULL, "memory");
	pin((unsigned)sysconf(_SC_NPROCESSORS_ONLN) - 1);
	g->sh = sh;
	g->o = o;
	g->epoll = epoll_create1(0);
	for (unsigned i = 0; i < o->calls; i++) {
		open_end(g, i, 0);
		open_end(g, i, 1);
	}
	check(write(ready, "r", 1) == 1, "pipe");
	while (!sh->go)
		(void)sched_yield();
	generate(g);
	exit(0);
}

/* --- the relay --- */

static long resident_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size = 0, pages = 0;

	check(f != NULL && fscanf(f, "%ld %ld", &size, &pages) == 2, "statm");
	(void)fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static struct mleg_crypto crypto_of(
	const struct options *o, bool plain, unsigned seed)
{
	return (struct mleg_crypto){
		.plain = plain,
		.suite = o->suite,
		.key = key_of(o, seed),
	};
}

static void start_call(struct mcall **mc, struct media *m, struct shared *sh,
	const struct options *o, unsigned call)
{
	struct mcall_params p = { .inactivity_ms = 60000 };

	for (unsigned side = 0; side < 2; side++)
		p.local[side] = (struct addr){
			.in4.sin_family = AF_INET,
			.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		};
	errno = mcall_new(mc, m, &p);
	check(errno == 0, "call");
	for (unsigned side = 0; side < 2; side++) {
		bool plain = side == 1 || o->plain;
		struct mleg_set set = {
			.rtp = sh->far[call][side],
			.latch = plain ? MLEG_LATCH_NEVER : MLEG_LATCH_AUTH,
			.send = true,
			.receive = true,
			.rx = crypto_of(o, plain, call * 4),
			.tx = crypto_of(o, plain, call * 4 + 1),
		};

		sh->leg[call][side] = mcall_local(*mc, (int)side);
		mcall_set(*mc, (int)side, &set);
	}
}

struct figures { /* of the relay, while packets count */
	double user, system, seconds;
	long kb;
};

static double seconds_of(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

/* Adds or takes away what the process has used so far. */
static void add_cpu(struct figures *f, double sign)
{
	struct rusage u;

	check(getrusage(RUSAGE_SELF, &u) == 0, "rusage");
	f->user += sign * seconds_of(&u.ru_utime);
	f->system += sign * seconds_of(&u.ru_stime);
	f->seconds += sign * (double)clock_ns() / 1e9;
}

static unsigned percentile(const struct shared *sh, double share)
{
	uint64_t sum = 0, want = 0;

	for (unsigned i = 0; i <= BUCKETS; i++)
		sum += sh->delay[i];
	want = (uint64_t)((double)sum * share);
	sum = 0;
	for (unsigned i = 0; i <= BUCKETS; i++) {
		sum += sh->delay[i];
		if (sum > want)
			return i;
	}
	return BUCKETS;
}

static void goal(const struct options *o, const char *what, double measured,
	double wanted)
{
	(void)printf("goal media-%s-rtp-%u-%s %.6g %.6g %s\n",
		o->plain ? "rtp" : "srtp", o->calls, what, measured, wanted,
		measured <= wanted ? "ok" : "short");
}

/* A third of what rtpengine 10.5 takes for the same on such a machine. */
static double wanted_ns(const struct options *o)
{
	if (o->calls < 350)
		return (o->plain ? 12200 : 15200) / 3.0;
	if (o->calls < 750)
		return (o->plain ? 9200 : 11200) / 3.0;
	return (o->plain ? 6700 : 10000) / 3.0;
}

static void report(const struct shared *sh, const struct options *o,
	const struct figures *f)
{
	uint64_t sent = sh->sent, received = sh->received;
	double lost = sent > received ? (double)(sent - received) : 0;
	double each = received > 0 ? 1e9 / (double)received : 0;
	double ns = (f->user + f->system) * each;
	double kb = (double)f->kb / o->calls;

	(void)printf("%u calls, %s to RTP, %.1f s: %.0f packets/s\n", o->calls,
		o->plain ? "RTP" : suite_rows[o->suite].name, f->seconds,
		(double)received / f->seconds);
	(void)printf("  processor %.0f ns a packet: %.0f ours, %.0f the "
		     "system's (%.1f %% of one)\n",
		ns, f->user * each, f->system * each,
		100 * (f->user + f->system) / f->seconds);
	(void)printf("  lost %.0f of %.0f, wrong %.0f\n", lost, (double)sent,
		(double)sh->wrong);
	(void)printf("  delay p50 %u us, p99 %u us\n", percentile(sh, 0.5),
		percentile(sh, 0.99));
	(void)printf("  memory %.1f KB a call\n", kb);
	goal(o, "cpu-ns", ns, wanted_ns(o));
	goal(o, "loss", sent > 0 ? lost / (double)sent : 1, 0.001);
	goal(o, "wrong", (double)sh->wrong, 0);
	goal(o, "p99-us", percentile(sh, 0.99), 1000);
	goal(o, "kb-per-call", kb, 45);
}

/* The steady state, between a warm-up and the end. */
static void measure(
	struct shared *sh, const struct options *o, struct figures *f)
{
	sh->go = true;
	(void)sleep(WARM_UP_S);
	add_cpu(f, -1);
	sh->count = true;
	(void)sleep(o->seconds);
	sh->count = false;
	add_cpu(f, 1);
}

static void relay(struct shared *sh, const struct options *o, pid_t generator)
{
	static struct mcall *mc[CALLS_MAX];
	struct media_params p = { .workers = 1,
		.rtp_min = 1024,
		.rtp_max = 65535,
		.events = mq_new(1024) };
	struct figures f = { 0 };
	struct media *m = NULL;
	int status = 0;

	pin(0);
	errno = media_start(&m, &p);
	check(errno == 0, "media");
	f.kb = resident_kb();
	for (unsigned i = 0; i < o->calls; i++)
		start_call(&mc[i], m, sh, o, i);
	measure(sh, o, &f);
	f.kb = resident_kb() - f.kb;
	sh->stop = true;
	check(waitpid(generator, &status, 0) == generator && status == 0,
		"generator");
	report(sh, o, &f);
	for (unsigned i = 0; i < o->calls; i++)
		mcall_close(mc[i]);
	media_stop(m);
	mq_run(p.events);
	mq_free(p.events);
}

static struct options read_options(int argc, char **argv)
{
	struct options o = { 200, 5, false, CONF_AES_CM_128_HMAC_SHA1_80 };

	if (argc > 1)
		o.calls = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		o.seconds = (unsigned)strtoul(argv[2], NULL, 10);
	o.plain = argc > 3 && strcmp(argv[3], "plain") == 0;
	if (o.calls < 1 || o.calls > CALLS_MAX || o.seconds < 1 ||
		(argc > 3 && !o.plain &&
			suite_find(slice_str(argv[3]), &o.suite) != 0)) {
		(void)fprintf(stderr,
			"usage: media_relay [CALLS [SECONDS [SUITE|plain]]]\n");
		exit(2);
	}
	return o;
}

int main(int argc, char **argv)
{
	struct options o = read_options(argc, argv);
	struct shared *sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ready[2];
	char byte = 0;
	pid_t pid = 0;

	check(sh != MAP_FAILED, "mmap");
	check(pipe(ready) == 0, "pipe");
	pid = fork();
	check(pid >= 0, "fork");
	if (pid == 0)
		child(sh, &o, ready[1]);
	check(read(ready[0], &byte, 1) == 1, "generator");
	relay(sh, &o, pid);
	return 0;
}

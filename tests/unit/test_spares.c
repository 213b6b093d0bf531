/* Pairs of sockets kept for the next calls: who gets them, when they close, and
 * what comes to them meanwhile. The clock is a number, but where a worker runs. */
#include "media_rig.h"

#include <netinet/ip.h>
#include <sys/resource.h>

#include "base/dscp.h"
#include "base/metric.h"
#include "base/open_files.h"
#include "media/spares.h"

enum { MIN = 20000, MAX = 20999 };

struct shelf {
	struct ports *ports;
	struct spares *spares;
	int sender;
};

static void shelf_open(struct shelf *sh, uint16_t max)
{
	struct addr from;
	char host[ADDR_TEXT];

	sh->ports = ports_new(MIN, max);
	sh->spares = spares_new(sh->ports);
	sh->sender = far_socket(rig_host(host), &from);
}

static void shelf_close(struct shelf *sh)
{
	spares_free(sh->spares);
	assert_int_equal(ports_used(sh->ports), 0);
	assert_int_equal(ports_kept(sh->ports), 0);
	ports_free(sh->ports);
	close(sh->sender);
}

/* As a call has it that goes on. */
static struct mpair *pair_at(struct shelf *sh, const char *host)
{
	struct addr a = rig_addr(host, 0);
	struct mpair *pair = NULL;
	struct addr rtcp;
	uint16_t port = 0;

	assert_int_equal(ports_take(sh->ports, 0, &port), 0);
	addr_set_port(&a, port);
	pair = mpair_new(&a);
	rtcp = mpair_rtcp(pair);
	assert_int_equal(mport_open(&pair->port[CH_RTP].fd, &a), 0);
	assert_int_equal(mport_open(&pair->port[CH_RTCP].fd, &rtcp), 0);
	pair->port[CH_RTP].watched = pair->port[CH_RTCP].watched = true;
	return pair;
}

static struct mpair *own_pair(struct shelf *sh)
{
	char host[ADDR_TEXT];

	return pair_at(sh, rig_host(host));
}

static struct mpair *take(struct shelf *sh, const char *host, uint64_t now_ms)
{
	struct addr a = rig_addr(host, 0);

	return spares_take(sh->spares, &a, now_ms);
}

static void give_up(struct shelf *sh, struct mpair *pair)
{
	uint16_t port = addr_port(&pair->local);

	mpair_free(pair);
	ports_give(sh->ports, 0, port);
}

static void serves_the_next_call(void **state)
{
	char text[ADDR_TEXT];
	const char *host = rig_host(text);
	struct shelf sh;
	struct mpair *old, *young, *six;

	(void)state;
	shelf_open(&sh, MAX);
	old = pair_at(&sh, host);
	young = pair_at(&sh, host);
	six = pair_at(&sh, "::1");
	assert_int_equal(ports_used(sh.ports), 3);
	spares_put(sh.spares, six, 900);
	spares_put(sh.spares, old, 1000);
	spares_put(sh.spares, young, 1001);
	assert_int_equal(ports_used(sh.ports), 0);
	assert_int_equal(ports_kept(sh.ports), 3);
	/* late packets are still about */
	assert_null(take(&sh, host, 999 + PORTS_REST_MS));
	/* the one that has rested longest, of that address */
	assert_ptr_equal(take(&sh, host, 1000 + PORTS_REST_MS), old);
	assert_null(take(&sh, host, 1000 + PORTS_REST_MS));
	assert_null(take(&sh, "127.0.0.99", 9000));
	assert_ptr_equal(take(&sh, "::1", 9000), six);
	assert_int_equal(ports_used(sh.ports), 2);
	assert_int_equal(ports_kept(sh.ports), 1);
	assert_true(mpair_is_whole(old));
	give_up(&sh, old);
	give_up(&sh, six);
	shelf_close(&sh); /* closes the young one */
}

/* What nobody took, all after a reload: the numbers are free again. */
static void closes_what_is_left(void **state)
{
	struct shelf sh;
	struct mpair *pair;
	struct addr first, second;
	char text[ADDR_TEXT];
	const char *host = rig_host(text);

	(void)state;
	shelf_open(&sh, MAX);
	pair = own_pair(&sh);
	first = pair->local;
	spares_put(sh.spares, pair, 1000);
	pair = own_pair(&sh);
	second = pair->local;
	spares_put(sh.spares, pair, 3000);
	spares_tick(sh.spares, 999 + SPARE_MS);
	assert_false(rig_is_free(&first));
	spares_tick(sh.spares, 1000 + SPARE_MS);
	assert_true(rig_is_free(&first));
	assert_false(rig_is_free(&second));
	assert_true(spares_any(sh.spares));

	spares_forget(sh.spares);
	assert_null(take(&sh, host, 3000 + PORTS_REST_MS));
	spares_tick(sh.spares, 3000 + PORTS_REST_MS);
	assert_true(rig_is_free(&second));
	assert_false(spares_any(sh.spares));
	assert_int_equal(ports_kept(sh.ports), 0);
	/* and those of the calls that end from then on are kept again */
	pair = own_pair(&sh);
	spares_put(sh.spares, pair, 9000);
	spares_tick(sh.spares, 9000);
	assert_ptr_equal(take(&sh, host, 9000 + PORTS_REST_MS), pair);
	give_up(&sh, pair);
	shelf_close(&sh);
}

static void is_closed(struct shelf *sh, struct mpair *pair)
{
	struct addr rtp = pair->local;

	spares_put(sh->spares, pair, 1000);
	assert_int_equal(ports_kept(sh->ports), 0);
	assert_int_equal(ports_used(sh->ports), 0);
	assert_true(rig_is_free(&rtp));
}

static void keeps_no_half(void **state)
{
	struct shelf sh;
	struct mpair *pair;

	(void)state;
	shelf_open(&sh, MAX);
	pair = own_pair(&sh);
	mport_close(&pair->port[CH_RTCP].fd); /* RTCP was on RTP's port */
	is_closed(&sh, pair);
	pair = own_pair(&sh);
	pair->port[CH_RTP].watched = false; /* the call never began */
	is_closed(&sh, pair);
	shelf_close(&sh);
}

/* In a small range calls may need every pair; in a large one half of it. */
static void leaves_ports_to_calls(void **state)
{
	struct shelf sh;
	struct mpair *pair[300];
	unsigned n = 0;

	(void)state;
	shelf_open(&sh, MIN + 2 * 255 - 1); /* 255 pairs */
	is_closed(&sh, own_pair(&sh));
	shelf_close(&sh);
	shelf_open(&sh, MIN + 2 * 400 - 1);
	for (n = 0; n < ARRAY_SIZE(pair); n++)
		pair[n] = own_pair(&sh);
	spares_put(sh.spares, pair[--n], 1000);
	assert_int_equal(ports_kept(sh.ports), 0);
	while (n > 200)
		give_up(&sh, pair[--n]);
	spares_put(sh.spares, pair[--n], 1000);
	assert_int_equal(ports_kept(sh.ports), 1);
	assert_false(ports_few(sh.ports));
	while (ports_used(sh.ports) < 300) /* and calls come */
		pair[n++] = own_pair(&sh);
	assert_true(ports_few(sh.ports));
	while (n > 0)
		give_up(&sh, pair[--n]);
	shelf_close(&sh);
}

/* Calls need the files that are left: none are kept above a part of the limit. */
static void leaves_files_to_calls(void **state)
{
	struct rlimit before, tight;
	struct open_files files;
	struct mpair *pair[60];
	struct shelf sh;
	unsigned kept = 0;

	(void)state;
	shelf_open(&sh, MAX);
	for (size_t i = 0; i < ARRAY_SIZE(pair); i++)
		pair[i] = own_pair(&sh);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = 200; /* 80 of them for spare sockets */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	open_files_count(&files);
	for (size_t i = 0; i < ARRAY_SIZE(pair); i++)
		spares_put(sh.spares, pair[i], 1000);
	kept = ports_kept(sh.ports);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	open_files_count(&files);
	assert_int_equal(kept, 39); /* the 40th would be 40 per cent */
	shelf_close(&sh);
}

static void send_to(struct shelf *sh, const struct mpair *pair, unsigned ch)
{
	struct addr to = ch == CH_RTP ? pair->local : mpair_rtcp(pair);

	assert_int_equal(
		sendto(sh->sender, "late", 4, 0, &to.sa, addr_len(&to)), 4);
}

static bool is_empty(const struct mpair *pair, unsigned ch)
{
	char c;

	return recv(pair->port[ch].fd, &c, 1, MSG_DONTWAIT) < 0 &&
	       errno == EAGAIN;
}

static void throws_late_packets_away(void **state)
{
	uint64_t before = metric_read(M_MEDIA_RX_LATE);
	struct shelf sh;
	struct mpair *pair;
	struct addr rtp;

	(void)state;
	shelf_open(&sh, MAX);
	pair = own_pair(&sh);
	rtp = pair->local;
	spares_put(sh.spares, pair, 1000);
	for (unsigned i = 0; i < SPARE_LATE_PACKETS; i++) {
		send_to(&sh, pair, i % 2);
		spares_heard(sh.spares, &pair->port[i % 2], 1999);
		assert_true(is_empty(pair, i % 2));
	}
	assert_int_equal(
		metric_read(M_MEDIA_RX_LATE), before + SPARE_LATE_PACKETS);
	assert_false(rig_is_free(&rtp));
	/* woken without cause: a bad checksum, or two looks at one packet */
	spares_heard(sh.spares, &pair->port[0], 1999);
	assert_false(rig_is_free(&rtp));
	send_to(&sh, pair, 0); /* somebody floods it */
	spares_heard(sh.spares, &pair->port[0], 1999);
	assert_true(rig_is_free(&rtp));
	spares_heard(sh.spares, &pair->port[1], 1999); /* named by epoll, too */
	assert_int_equal(ports_kept(sh.ports), 0);
	assert_true(spares_any(sh.spares)); /* to be freed */
	spares_tick(sh.spares, 2000);
	assert_false(spares_any(sh.spares));
	shelf_close(&sh);
}

/* Who tries whether a port is open closes it; but not that of a new call. */
static void closes_what_is_probed(void **state)
{
	char text[ADDR_TEXT];
	const char *host = rig_host(text);
	struct shelf sh;
	struct mpair *pair;
	struct addr rtp;

	(void)state;
	shelf_open(&sh, MAX);
	pair = own_pair(&sh);
	rtp = pair->local;
	spares_put(sh.spares, pair, 1000);
	send_to(&sh, pair, 1);
	spares_heard(sh.spares, &pair->port[1], 1000 + SPARE_LATE_MS);
	assert_true(rig_is_free(&rtp));
	assert_null(take(&sh, host, 1000 + PORTS_REST_MS));

	pair = own_pair(&sh);
	spares_put(sh.spares, pair, 1000);
	assert_ptr_equal(take(&sh, host, 1000 + PORTS_REST_MS), pair);
	send_to(&sh, pair, 0); /* before the worker knows of the call */
	spares_heard(sh.spares, &pair->port[0], 1000 + PORTS_REST_MS);
	assert_true(mpair_is_whole(pair));
	assert_true(is_empty(pair, 0));
	give_up(&sh, pair);
	shelf_close(&sh);
}

/* --- with workers --- */

static struct media_usage usage(struct rig *r)
{
	struct media_usage u;

	media_usage(r->media, &u);
	return u;
}

/* DSCP of the next packet that side sends. */
static int dscp_heard(struct rig *r, int side)
{
	int on = 1, tos = -1;
	char room[CMSG_SPACE(sizeof(int))], byte[512];
	struct iovec iov = { byte, sizeof(byte) };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room) };
	struct far *to = &r->far[side], *from = &r->far[1 - side];
	struct made rtp;
	struct pollfd p = { .fd = to->fd[0], .events = POLLIN };

	assert_int_equal(
		setsockopt(to->fd[0], IPPROTO_IP, IP_RECVTOS, &on, sizeof(on)),
		0);
	make_rtp(&rtp, from->ssrc, from->seq++);
	far_send(from, 0, &rtp);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_true(recvmsg(to->fd[0], &m, 0) > 0);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL;
		c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			tos = *CMSG_DATA(c);
	return tos >> 2;
}

/* Both calls through the same sockets: each has its own marks and keys, and
 * nothing of the first one's far ends is heard in the second. */
static void carries_call_after_call(void **state)
{
	char text[ADDR_TEXT];
	const char *host = rig_host(text);
	uint64_t late = metric_read(M_MEDIA_RX_LATE);
	struct far old;
	struct made m;
	struct rig r;

	(void)state;
	rig_media(&r, 20000, 29999);
	rig_call(&r, host, PLAIN, PLAIN, 0);
	r.set[1].dscp = 10;
	rig_apply(&r, 1);
	rig_pass(&r, 0);
	rig_pass_rtcp(&r, 1);
	assert_int_equal(dscp_heard(&r, 1), 10);
	old = r.far[0];
	old.fd[0] = dup(old.fd[0]);
	mcall_close(r.mc);
	r.mc = NULL;
	rig_until(usage(&r).kept == 2);
	assert_int_equal(usage(&r).ports, 0);
	make_rtp(&m, old.ssrc, old.seq++);
	far_send(&old, 0, &m); /* does not know yet */
	rig_until(metric_read(M_MEDIA_RX_LATE) == late + 1);
	assert_int_equal(usage(&r).kept, 2);
	close(r.far[0].fd[0]);
	close(r.far[0].fd[1]);
	close(r.far[1].fd[0]);
	close(r.far[1].fd[1]);

	nanosleep(&(struct timespec){ .tv_sec = PORTS_REST_MS / 1000,
			  .tv_nsec = 100000000 },
		NULL);
	r.sets[0] = r.sets[1] = 0;
	rig_call(&r, host, CONF_AEAD_AES_128_GCM, PLAIN, 0);
	assert_int_equal(usage(&r).kept, 0);
	assert_true(addr_equal(&r.far[0].to[0], &old.to[0]) ||
		    addr_equal(&r.far[1].to[0], &old.to[0]));
	rig_pass(&r, 0);
	rig_pass(&r, 1);
	rig_pass_rtcp(&r, 0);
	rig_pass_rtcp(&r, 1);
	assert_int_equal(dscp_heard(&r, 1), 0);
	make_rtp(&m, old.ssrc, old.seq++);
	far_send(&old, 0, &m);
	rig_until(rig_stats(&r, 0).auth_failed + rig_stats(&r, 1).wrong_source +
			  rig_stats(&r, 0).wrong_source ==
		  1);
	assert_int_equal(
		rig_stats(&r, 0).rx_packets + rig_stats(&r, 1).rx_packets, 3);
	close(old.fd[0]);
	rig_end(&r);
}

/* Where the first source is believed, nobody who had a call may know the port. */
static void takes_new_ports_where_asked(void **state)
{
	char text[ADDR_TEXT];
	const char *host = rig_host(text);
	struct rig r;
	struct mcall *mc = NULL;
	struct mcall_params p = {
		.local = { rig_addr(host, 0), rig_addr(host, 0) },
		.new_port = { true, true },
		.event = rig_event,
	};

	(void)state;
	rig_media(&r, 20000, 29999);
	p.owner = &r;
	assert_int_equal(rig_try_call(&r, &mc, host, 0), 0);
	mcall_close(mc);
	rig_until(usage(&r).kept == 2);
	media_set_range(r.media, 20000, 29999); /* a reload */
	rig_until(usage(&r).kept == 0);
	assert_int_equal(rig_try_call(&r, &mc, host, 0), 0);
	mcall_close(mc);
	rig_until(usage(&r).kept == 2);
	nanosleep(&(struct timespec){ .tv_sec = PORTS_REST_MS / 1000,
			  .tv_nsec = 100000000 },
		NULL);
	assert_int_equal(mcall_new(&mc, r.media, &p), 0);
	assert_int_equal(usage(&r).kept, 2);
	mcall_close(mc);
	/* a call that cannot be set up gives back what it had */
	p.new_port[0] = p.new_port[1] = false;
	p.local[1] = rig_addr("192.0.2.1", 0);
	assert_int_equal(mcall_new(&mc, r.media, &p), EADDRNOTAVAIL);
	assert_null(mc);
	rig_until(usage(&r).ports == 0 && usage(&r).kept == 4);
	rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(serves_the_next_call),
		T(closes_what_is_left),
		T(keeps_no_half),
		T(leaves_ports_to_calls),
		T(leaves_files_to_calls),
		T(throws_late_packets_away),
		T(closes_what_is_probed),
		T(carries_call_after_call),
		T(takes_new_ports_where_asked),
	};

	return RUN_TESTS(tests);
}

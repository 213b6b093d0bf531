/* Gate and relay: what passes, what is refused, and when the server is
 * dialled. The relay runs in its loop's thread, peers are blocking sockets. */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/obj.h"
#include "phoneproxy/capf/relay.h"

static struct addr at(const char *host, uint16_t port)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, slice_str(host), port), 0);
	return a;
}

/* ---- gate ---- */

static void gate_counts(void **state)
{
	const struct gate_limits l = { .total = 3, .per_source = 2 };
	struct gate *g = gate_new(&l);
	struct addr a = at("192.0.2.1", 1), b = at("192.0.2.2", 1);
	struct addr mapped = at("::ffff:192.0.2.1", 9);

	(void)state;
	assert_int_equal(gate_enter(g, &a, 0), GATE_OPEN);
	addr_set_port(&a, 2);
	assert_int_equal(gate_enter(g, &a, 0), GATE_OPEN);
	assert_int_equal(gate_enter(g, &a, 0), GATE_SOURCE);
	assert_int_equal(gate_enter(g, &mapped, 0), GATE_SOURCE);
	assert_int_equal(gate_enter(g, &b, 0), GATE_OPEN);
	assert_int_equal(gate_enter(g, &b, 0), GATE_TOTAL);
	gate_leave(g, &a);
	assert_int_equal(gate_enter(g, &b, 0), GATE_OPEN);
	assert_int_equal(gate_inside(g), 3);
	gate_free(g);
}

static void gate_knows_a_network_of_ipv6(void **state)
{
	const struct gate_limits l = { .per_source = 1 };
	struct gate *g = gate_new(&l);
	struct addr a = at("2001:db8:0:1::1", 0), b = at("2001:db8:0:1::2", 0);
	struct addr c = at("2001:db8:0:2::1", 0);

	(void)state;
	assert_int_equal(gate_enter(g, &a, 0), GATE_OPEN);
	assert_int_equal(gate_enter(g, &b, 0), GATE_SOURCE);
	assert_int_equal(gate_enter(g, &c, 0), GATE_OPEN);
	gate_free(g);
}

static void gate_slows_down(void **state)
{
	const struct gate_limits l = { .per_minute = 2 };
	struct gate *g = gate_new(&l);
	struct addr a = at("192.0.2.1", 1);

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(gate_enter(g, &a, 1000), GATE_OPEN);
		gate_leave(g, &a);
	}
	assert_int_equal(gate_enter(g, &a, 60000), GATE_RATE);
	assert_int_equal(gate_enter(g, &a, 61000), GATE_OPEN);
	gate_free(g);
}

/* Many sources do not fill the memory: those that are quiet are forgotten. */
static void gate_forgets(void **state)
{
	const struct gate_limits l = { .per_minute = 2 };
	struct gate *g = gate_new(&l);
	struct addr a = at("10.0.0.0", 1);
	unsigned refused = 0;

	(void)state;
	for (uint32_t i = 0; i < 40000; i++) {
		a.in4.sin_addr.s_addr = htonl(0x0a000000 + i);
		if (gate_enter(g, &a, i * 10) == GATE_OPEN)
			gate_leave(g, &a);
		else
			refused++;
	}
	assert_int_equal(refused, 0);
	gate_free(g);
}

/* Who has a /48 comes from all its networks within a second; the next one is
 * let in as well, and who is inside stays counted. */
static void gate_is_not_filled(void **state)
{
	const struct gate_limits l = { .total = 100, .per_source = 1 };
	struct gate *g = gate_new(&l);
	struct addr a = at("2001:db8::1", 1), b = at("192.0.2.1", 1);

	(void)state;
	assert_int_equal(gate_enter(g, &b, 0), GATE_OPEN);
	for (unsigned i = 0; i < 40000; i++) {
		a.in6.sin6_addr.s6_addr[6] = (uint8_t)(i >> 8);
		a.in6.sin6_addr.s6_addr[7] = (uint8_t)i;
		assert_int_equal(gate_enter(g, &a, i / 100), GATE_OPEN);
		gate_leave(g, &a);
	}
	assert_int_equal(gate_enter(g, &b, 500), GATE_SOURCE);
	assert_int_equal(gate_inside(g), 1);
	gate_free(g);
}

/* ---- relay ---- */

struct rig {
	struct loop *loop;
	pthread_t thread;
	struct relay *relay;
	struct addr addr; /* of the relay */
	int server; /* listening */
	unsigned ended;
	struct relay_end last;
};

static void note_end(void *arg, const struct relay_end *e)
{
	struct rig *r = arg;

	r->ended++;
	r->last = *e;
}

static void *serve(void *arg)
{
	struct rig *r = arg;

	loop_run(r->loop);
	return NULL;
}

static struct addr bound(int fd)
{
	struct addr a = { 0 };
	socklen_t n = sizeof(a);

	assert_int_equal(getsockname(fd, &a.sa, &n), 0);
	return a;
}

static void rig_start(struct rig *r, const char *host, struct relay_params *p)
{
	struct addr any = at(host, 0);
	int fd;

	assert_int_equal(doorway_bind(&any, &r->server), 0);
	assert_int_equal(fcntl(r->server, F_SETFL, 0), 0);
	assert_int_equal(doorway_bind(&any, &fd), 0);
	r->addr = bound(fd);
	p->target = bound(r->server);
	p->ended = note_end;
	p->arg = r;
	r->ended = 0;
	r->loop = loop_new(THR_NONE, 0);
	r->relay = relay_new(r->loop, fd, p);
	assert_int_equal(thread_start(&r->thread, serve, r), 0);
}

/* What was counted. */
static struct relay_count rig_stop(struct rig *r)
{
	struct relay_count n;

	loop_stop(r->loop);
	assert_int_equal(pthread_join(r->thread, NULL), 0);
	relay_count(r->relay, &n);
	relay_free(r->relay);
	loop_free(r->loop);
	(void)close(r->server);
	return n;
}

static int connect_to(const struct addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval wait = { .tv_sec = 10 };

	assert_true(fd >= 0);
	assert_int_equal(
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)),
		0);
	assert_int_equal(connect(fd, &a->sa, addr_len(a)), 0);
	return fd;
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static int server_accept(struct rig *r)
{
	assert_true(readable(r->server, 10000));
	int fd = accept4(r->server, NULL, NULL, SOCK_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* Up to the sender's end. */
static size_t read_all(int fd, char *out, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n < size && (got = read(fd, out + n, size - n)) > 0)
		n += (size_t)got;
	return n;
}

static void passes_bytes(void **state)
{
	struct relay_params p = { .idle_ms = 0 };
	struct rig r;
	char room[16];

	rig_start(&r, *state, &p);
	int phone = connect_to(&r.addr);

	/* a silent phone does not get the server dialled */
	assert_false(readable(r.server, 100));
	assert_int_equal(write(phone, "hello", 5), 5);
	int inside = server_accept(&r);

	assert_int_equal(read(inside, room, sizeof(room)), 5);
	assert_memory_equal(room, "hello", 5);
	/* the phone's end passes, and the answer still comes */
	assert_int_equal(shutdown(phone, SHUT_WR), 0);
	assert_int_equal(read(inside, room, sizeof(room)), 0);
	assert_int_equal(write(inside, "last frame", 10), 10);
	(void)close(inside);
	assert_int_equal(read_all(phone, room, sizeof(room)), 10);
	assert_memory_equal(room, "last frame", 10);
	(void)close(phone);
	struct relay_count n = rig_stop(&r);

	assert_int_equal(n.dialled, 1);
	assert_int_equal(n.bytes_in, 5);
	assert_int_equal(n.bytes_out, 10);
	assert_int_equal(n.door.accepted, 1);
	assert_int_equal(r.ended, 1);
	assert_null(r.last.why);
	assert_int_equal(r.last.bytes_in, 5);
	assert_int_equal(r.last.bytes_out, 10);
	assert_true(addr_equal(&r.last.target, &p.target));
}

enum { MUCH = 4 << 20 };

static void *write_much(void *arg)
{
	int fd = *(int *)arg;
	char *p = mem_new(MUCH);

	for (size_t i = 0; i < MUCH; i++)
		p[i] = (char)(i * 7 >> 5);
	for (size_t at_ = 0; at_ < MUCH;) {
		ssize_t n = write(fd, p + at_, MUCH - at_);

		need(n > 0);
		at_ += (size_t)n;
	}
	need(shutdown(fd, SHUT_WR) == 0);
	free(p);
	return NULL;
}

/* Slow readers on both sides: nothing is lost, nothing waits for ever. */
static void passes_much_both_ways(void **state)
{
	struct relay_params p = { .idle_ms = 0 };
	char *got = mem_new(MUCH + 1);
	pthread_t up, down;
	struct rig r;

	(void)state;
	rig_start(&r, "127.0.0.1", &p);
	int phone = connect_to(&r.addr);

	assert_int_equal(thread_start(&up, write_much, &phone), 0);
	int inside = server_accept(&r);

	assert_int_equal(thread_start(&down, write_much, &inside), 0);
	assert_int_equal(read_all(inside, got, MUCH + 1), MUCH);
	for (size_t i = 0; i < MUCH; i++)
		if (got[i] != (char)(i * 7 >> 5))
			fail_msg("byte %zu", i);
	assert_int_equal(read_all(phone, got, MUCH + 1), MUCH);
	assert_int_equal(pthread_join(up, NULL), 0);
	assert_int_equal(pthread_join(down, NULL), 0);
	(void)close(phone);
	(void)close(inside);
	free(got);
	(void)rig_stop(&r);
}

static void closes_the_silent(void **state)
{
	struct relay_params p = { .first_byte_ms = 50 };
	struct rig r;
	char c;

	(void)state;
	rig_start(&r, "127.0.0.1", &p);
	int phone = connect_to(&r.addr);

	assert_true(read(phone, &c, 1) <= 0 && errno != EAGAIN);
	(void)close(phone);
	struct relay_count n = rig_stop(&r);

	assert_int_equal(n.silent, 1);
	assert_int_equal(n.dialled, 0);
	assert_string_equal(r.last.why, "nothing was said");
}

static void closes_the_idle(void **state)
{
	struct relay_params p = { .idle_ms = 100 };
	struct rig r;
	char c;

	(void)state;
	rig_start(&r, "127.0.0.1", &p);
	int phone = connect_to(&r.addr);

	assert_int_equal(write(phone, "x", 1), 1);
	int inside = server_accept(&r);

	assert_int_equal(read(inside, &c, 1), 1);
	assert_true(read(inside, &c, 1) <= 0);
	assert_true(read(phone, &c, 1) <= 0 && errno != EAGAIN);
	(void)close(inside);
	(void)close(phone);
	assert_int_equal(rig_stop(&r).idle, 1);
	assert_string_equal(r.last.why, "idle for too long");
}

/* Nobody listens where the server should be. */
static void server_is_down(void **state)
{
	struct relay_params p = { .idle_ms = 0 };
	struct rig r;
	char c;

	(void)state;
	rig_start(&r, "127.0.0.1", &p);
	(void)close(r.server);
	int phone = connect_to(&r.addr);

	assert_int_equal(write(phone, "x", 1), 1);
	assert_true(read(phone, &c, 1) <= 0 && errno != EAGAIN);
	(void)close(phone);
	r.server = -1;
	assert_int_equal(rig_stop(&r).unreachable, 1);
	assert_string_equal(r.last.why, "the server cannot be reached");
}

/* A break on one side is one on the other. */
static void breaks(void **state)
{
	struct linger hard = { .l_onoff = 1 };
	struct relay_params p = { .idle_ms = 0 };
	struct rig r;
	char c;

	(void)state;
	rig_start(&r, "127.0.0.1", &p);
	int phone = connect_to(&r.addr);

	assert_int_equal(write(phone, "x", 1), 1);
	int inside = server_accept(&r);

	assert_int_equal(read(inside, &c, 1), 1);
	assert_int_equal(
		setsockopt(inside, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)),
		0);
	(void)close(inside);
	assert_int_equal(read(phone, &c, 1), -1);
	assert_int_equal(errno, ECONNRESET);
	(void)close(phone);
	assert_int_equal(rig_stop(&r).broken, 1);
	assert_string_equal(r.last.why, "a side broke it off");
}

static void too_many_of_one_source(void **state)
{
	struct relay_params p = { .limits = { .per_source = 2 } };
	struct rig r;
	int phone[3];
	char c;

	(void)state;
	rig_start(&r, "127.0.0.1", &p);
	for (int i = 0; i < 3; i++)
		phone[i] = connect_to(&r.addr);
	errno = 0;
	assert_true(read(phone[2], &c, 1) <= 0 && errno != EAGAIN);
	for (int i = 0; i < 3; i++)
		(void)close(phone[i]);
	struct relay_count n = rig_stop(&r);

	assert_int_equal(n.door.refused[GATE_SOURCE], 1);
	assert_int_equal(n.door.accepted, 2);
	assert_true(r.ended <= 2); /* what ends with the relay is not told */
}

int main(void)
{
	static char v4[] = "127.0.0.1", v6[] = "::1";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate_counts),
		cmocka_unit_test(gate_knows_a_network_of_ipv6),
		cmocka_unit_test(gate_slows_down),
		cmocka_unit_test(gate_forgets),
		cmocka_unit_test(gate_is_not_filled),
		cmocka_unit_test_prestate(passes_bytes, v4),
		{ "passes_bytes_ipv6", passes_bytes, NULL, NULL, v6 },
		cmocka_unit_test(passes_much_both_ways),
		cmocka_unit_test(closes_the_silent),
		cmocka_unit_test(closes_the_idle),
		cmocka_unit_test(server_is_down),
		cmocka_unit_test(breaks),
		cmocka_unit_test(too_many_of_one_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

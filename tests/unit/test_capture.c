/* Captures: the file's bytes, and what bounds them. */
#include "test.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/obj.h"
#include "media/capture.h"
#include "media/pcapng.h"

static struct addr at(const char *host, uint16_t port)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, slice_str(host), port), 0);
	return a;
}

static uint32_t word(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t sum(const uint8_t *p, size_t n, uint32_t s)
{
	for (size_t i = 0; i < n; i++)
		s += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

/* Blocks say their length at both ends; checksums add up to all ones. */
static void writes_packets(void **state)
{
	static const struct {
		const char *from, *to;
		size_t payload, ip;
	} row[] = {
		{ "192.0.2.1", "198.51.100.2", 172, 20 },
		{ "192.0.2.1", "198.51.100.2", 0, 20 },
		{ "2001:db8::1", "2001:db8::2", 173, 40 },
	};
	uint8_t p[1024], data[200];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct addr from = at(row[i].from, 4000);
		struct addr to = at(row[i].to, 5000);
		struct wbuf w = wbuf_of(p, sizeof(p));
		size_t udp = 8 + row[i].payload, half = (row[i].ip - 12) / 2;
		const uint8_t *ip = p + 28;

		half = row[i].ip == 20 ? 4 : 16;
		pcapng_packet(
			&w, &(struct pcapng_packet){ .interface = 1,
				    .time_ns = 0x123456789abcdef0,
				    .outbound = true,
				    .from = &from,
				    .to = &to,
				    .payload = slice_of(data, row[i].payload),
				    .comment = slice_str("leg B sent") });
		check_row(row[i].from, !w.bad && w.at % 4 == 0);
		check_row(row[i].from, word(p) == 6 && word(p + 4) == w.at);
		check_row(row[i].from, word(p + w.at - 4) == w.at);
		check_row(row[i].from, word(p + 12) == 0x12345678);
		check_row(row[i].from, word(p + 20) == row[i].ip + udp);
		if (row[i].ip == 20)
			check_row(row[i].from, sum(ip, 20, 0) == 0xffff);
		check_row(row[i].from,
			sum(ip + row[i].ip, udp,
				sum(ip + row[i].ip - 2 * half, 2 * half,
					17 + (uint32_t)udp)) == 0xffff);
		check_row(row[i].from,
			memcmp(ip + row[i].ip + 8, data, row[i].payload) == 0);
	}
}

static void refuses_what_does_not_fit(void **state)
{
	struct addr a = at("192.0.2.1", 1);
	uint8_t p[64];
	struct wbuf w = wbuf_of(p, sizeof(p));

	(void)state;
	pcapng_packet(
		&w, &(struct pcapng_packet){
			    .from = &a, .to = &a, .payload = slice_of(p, 64) });
	assert_true(w.bad);
}

struct end {
	_Atomic unsigned times;
	struct capture_stats stats;
};

static void on_end(void *arg, const struct capture *c)
{
	struct end *e = arg;

	capture_stats(c, &e->stats);
	e->times++;
}

static struct capture *begin(
	struct end *e, char path[32], unsigned seconds, uint64_t bytes)
{
	struct capture *c;
	struct capture_params p = { .seconds = seconds,
		.max_bytes = bytes,
		.program = slice_str("test"),
		.comment = slice_str("a call"),
		.ended = on_end,
		.arg = e };

	*e = (struct end){ 0 };
	strcpy(path, "/tmp/captureXXXXXX");
	p.fd = mkstemp(path);
	assert_true(p.fd >= 0);
	assert_int_equal(capture_start(&c, &p), 0);
	return c;
}

static bool put(struct capture *c, size_t n)
{
	static const uint8_t data[1500];
	struct addr a = at("192.0.2.1", 4000), b = at("192.0.2.2", 5000);
	const struct capture_from f = { .from = &a, .to = &b };
	struct capture_slot *s = capture_media(c, &f, data, n);

	capture_media_done(c, s);
	return s != NULL;
}

/* Walks the blocks of a file; how many are packets. */
static unsigned packets_in(const char *path)
{
	FILE *f = fopen(path, "r");
	uint8_t head[8], rest[4096];
	unsigned n = 0;

	assert_non_null(f);
	while (fread(head, 1, 8, f) == 8) {
		uint32_t size = word(head + 4);

		assert_in_range(size, 12, sizeof(rest));
		assert_int_equal(fread(rest, 1, size - 8, f), size - 8);
		assert_int_equal(word(rest + size - 12), size);
		n += word(head) == 6;
	}
	fclose(f);
	unlink(path);
	return n;
}

static void keeps_what_is_put(void **state)
{
	struct end e;
	char path[32];
	struct capture *c = begin(&e, path, 60, 1 << 20);
	struct addr a = at("192.0.2.1", 5060), b = at("192.0.2.2", 5060);
	const struct capture_from f = { .side = 1, .from = &a, .to = &b };
	struct addr six = at("::1", 1);
	const struct capture_from mixed = { .from = &a, .to = &six };
	struct capture_slot *s;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_true(put(c, 172));
	capture_signal(c, &f, slice_str("BYE sip:x SIP/2.0\r\n\r\n"),
		slice_str("leg B received"));
	capture_signal(c, &mixed, slice_str("x"), slice_str(""));
	/* one that was not sent after all leaves its place to the next */
	s = capture_media(c, &f, (const uint8_t *)"x", 1);
	assert_non_null(s);
	assert_true(put(c, 172));
	assert_false(put(c, 1 << 20)); /* no packet is as long */
	capture_stop(c, CAPTURE_CALL);
	capture_stop(c, CAPTURE_DISK); /* the first reason counts */
	assert_false(put(c, 172));
	capture_finish(c);
	assert_int_equal(e.times, 1);
	assert_int_equal(e.stats.end, CAPTURE_CALL);
	assert_int_equal(e.stats.packets, 12);
	assert_int_equal(e.stats.dropped, 1);
	assert_int_equal(packets_in(path), 12);
}

static void ends_by_size(void **state)
{
	struct end e;
	char path[32];
	struct capture *c = begin(&e, path, 60, 4096);

	(void)state;
	while (!capture_is_over(c))
		(void)put(c, 1000);
	capture_finish(c);
	assert_int_equal(e.stats.end, CAPTURE_SIZE);
	assert_true(e.stats.bytes < 4096 + 1500);
	assert_int_equal(packets_in(path), e.stats.packets);
}

static void ends_by_time(void **state)
{
	struct end e;
	char path[32];
	struct capture *c = begin(&e, path, 0, 4096);

	(void)state;
	capture_finish(c);
	assert_int_equal(e.stats.end, CAPTURE_TIME);
	assert_int_equal(packets_in(path), 0);
}

/* A reader that is slower loses packets, which are counted. */
static void drops_when_full(void **state)
{
	struct end e;
	char path[32];
	struct capture *c = begin(&e, path, 60, 1 << 30);
	uint64_t taken = 0, lost = 0;

	(void)state;
	while (lost == 0) {
		if (put(c, 1400))
			taken++;
		else
			lost++;
	}
	capture_stop(c, CAPTURE_STOPPED);
	capture_finish(c);
	assert_int_equal(e.stats.packets, taken);
	assert_int_equal(e.stats.dropped, lost);
	assert_int_equal(packets_in(path), taken);
}

static void tells_of_a_full_disk(void **state)
{
	struct end e;
	char path[32];
	struct capture *c = NULL;
	struct capture_params p = {
		.seconds = 60, .max_bytes = 1 << 20, .ended = on_end, .arg = &e
	};

	(void)state;
	(void)path;
	e = (struct end){ 0 };
	p.fd = open("/dev/full", O_WRONLY);
	assert_true(p.fd >= 0);
	assert_int_equal(capture_start(&c, &p), 0);
	capture_stop(c, CAPTURE_STOPPED);
	capture_finish(c);
	assert_int_equal(e.stats.end, CAPTURE_DISK);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(writes_packets),
		T(refuses_what_does_not_fit), T(keeps_what_is_put),
		T(ends_by_size), T(ends_by_time), T(drops_when_full),
		T(tells_of_a_full_disk) };

	return RUN_TESTS(tests);
}

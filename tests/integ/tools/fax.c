/*
 * A fax machine at one end of UDPTL: spandsp's T.30 and T.38 terminal, with
 * datagrams of T.38 9.1 around its packets (each repeats those before).
 *
 *   fax make FILE          a page to send
 *   fax same FILE FILE     0: the same pixels
 *   fax send|receive HOST FILE LOSS
 *
 * The last says "port N", waits for a line "HOST PORT", drops LOSS of a
 * thousand datagrams that come, and ends with "done CODE pages N lost N
 * repaired N"; code 0: T.30 has finished without an error.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <spandsp.h>
#include <tiffio.h>

#include "base/addr.h"
#include "media/rtp.h"

enum {
	WIDTH = 1728,
	ROWS = 400,
	ROW_BYTES = WIDTH / 8,
	BEHIND = 3, /* packets repeated in each datagram */
	PACKET = 400,
	TICK_MS = 20,
	SAMPLES = TICK_MS * 8,
	LONGEST_MS = 120000,
	AFTER_MS = 1000, /* the far end may ask once more */
};

struct packet {
	size_t n;
	uint8_t b[PACKET];
};

struct machine {
	int fd;
	struct addr to;
	t38_terminal_state_t *t38;
	uint16_t next_out, next_in;
	bool heard;
	struct packet before[BEHIND]; /* the latest first */
	unsigned loss, lost, repaired;
	uint32_t dice;
	bool done;
	int code;
};

/* ---- pages ---- */

static void row_make(uint8_t *row, unsigned y)
{
	for (unsigned x = 0; x < ROW_BYTES; x++)
		row[x] = (uint8_t)((x / 9 + y / 16) % 3 == 0 ? 0xff
				   : x % 24 == y % 24	     ? 0x3c
							     : 0);
}

static int page_make(const char *file)
{
	TIFF *t = TIFFOpen(file, "w");
	uint8_t row[ROW_BYTES];

	if (t == NULL)
		return 1;
	TIFFSetField(t, TIFFTAG_IMAGEWIDTH, WIDTH);
	TIFFSetField(t, TIFFTAG_IMAGELENGTH, ROWS);
	TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 1);
	TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 1);
	TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
	TIFFSetField(t, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
	TIFFSetField(t, TIFFTAG_FILLORDER, FILLORDER_LSB2MSB);
	TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, ROWS);
	TIFFSetField(t, TIFFTAG_XRESOLUTION, 204.0);
	TIFFSetField(t, TIFFTAG_YRESOLUTION, 98.0);
	TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
	for (unsigned y = 0; y < ROWS; y++) {
		row_make(row, y);
		if (TIFFWriteScanline(t, row, y, 0) != 1)
			return 1;
	}
	TIFFClose(t);
	return 0;
}

static bool row_read(TIFF *t, uint8_t *row, unsigned y)
{
	return TIFFScanlineSize(t) == ROW_BYTES &&
	       TIFFReadScanline(t, row, y, 0) == 1;
}

/* The first row that is not the same in both; `rows`: none. */
static uint32_t differing_row(TIFF *a, TIFF *b, uint32_t rows)
{
	uint8_t row[2][ROW_BYTES];

	for (uint32_t y = 0; y < rows; y++)
		if (!row_read(a, row[0], y) || !row_read(b, row[1], y) ||
			memcmp(row[0], row[1], ROW_BYTES) != 0)
			return y;
	return rows;
}

static int page_same(const char *a, const char *b)
{
	TIFF *t[2] = { TIFFOpen(a, "r"), TIFFOpen(b, "r") };
	uint32_t rows[2] = { 0, 0 }, same = 0;

	for (unsigned i = 0; i < 2; i++)
		if (t[i] != NULL)
			TIFFGetField(t[i], TIFFTAG_IMAGELENGTH, &rows[i]);
	if (rows[0] == rows[1])
		same = differing_row(t[0], t[1], rows[0]);
	printf("%u and %u rows, the first %u are the same\n", rows[0], rows[1],
		same);
	for (unsigned i = 0; i < 2; i++)
		if (t[i] != NULL)
			TIFFClose(t[i]);
	return rows[0] > 0 && same == rows[0] && same == rows[1] ? 0 : 1;
}

/* ---- datagrams: T.38 9.1, figure 9-1 ---- */

/* An open type of PER: its length in one byte or two, then itself. */
static size_t put_packet(uint8_t *p, const uint8_t *b, size_t n)
{
	size_t at = 0;

	if (n > 127)
		p[at++] = (uint8_t)(0x80 | n >> 8);
	p[at++] = (uint8_t)n;
	memcpy(p + at, b, n);
	return at + n;
}

static bool get_packet(
	const uint8_t *p, size_t n, size_t *at, struct packet *out)
{
	if (*at >= n)
		return false;
	out->n = p[(*at)++];
	if ((out->n & 0x80) != 0) {
		if (*at >= n)
			return false;
		out->n = (out->n & 0x3f) << 8 | p[(*at)++];
	}
	if (out->n > PACKET || out->n > n - *at)
		return false;
	memcpy(out->b, p + *at, out->n);
	*at += out->n;
	return true;
}

static int on_packet(
	t38_core_state_t *s, void *arg, const uint8_t *b, int n, int times)
{
	struct machine *m = arg;
	uint8_t p[(BEHIND + 1) * (PACKET + 2) + 4];
	size_t at = 2;
	unsigned behind = 0;

	(void)s;
	if (n < 0 || n > PACKET)
		return -1;
	put_u16(p, m->next_out++);
	at += put_packet(p + at, b, (size_t)n);
	p[at++] = 0; /* what follows are the packets before */
	while (behind < BEHIND && m->before[behind].n > 0)
		behind++;
	p[at++] = (uint8_t)behind;
	for (unsigned i = 0; i < behind; i++)
		at += put_packet(p + at, m->before[i].b, m->before[i].n);
	memmove(&m->before[1], &m->before[0],
		(BEHIND - 1) * sizeof(m->before[0]));
	m->before[0].n = (size_t)n;
	memcpy(m->before[0].b, b, (size_t)n);
	for (int i = 0; i < times; i++)
		(void)!sendto(m->fd, p, at, 0, &m->to.sa, addr_len(&m->to));
	return 0;
}

static void deliver(struct machine *m, const struct packet *p, uint16_t seq)
{
	(void)t38_core_rx_ifp_packet(
		t38_terminal_get_t38_core_state(m->t38), p->b, (int)p->n, seq);
	m->next_in = (uint16_t)(seq + 1);
	m->heard = true;
}

/* What was lost before it is in it, unless more was lost than that. */
static void take_datagram(struct machine *m, const uint8_t *p, size_t n)
{
	struct packet first, behind[BEHIND];
	size_t at = 2;
	unsigned count, gap;
	uint16_t seq;

	if (n < 5 || !get_packet(p, n, &at, &first) || at + 2 > n || p[at] != 0)
		return;
	seq = get_u16(p);
	count = p[at + 1];
	at += 2;
	for (unsigned i = 0; i < count; i++)
		if (i >= BEHIND || !get_packet(p, n, &at, &behind[i]))
			return;
	gap = m->heard ? (uint16_t)(seq - m->next_in) : 0;
	if (gap > 0x7fff)
		return; /* it came already */
	for (unsigned i = gap < count ? gap : count; i > 0; i--) {
		m->repaired++;
		deliver(m, &behind[i - 1], (uint16_t)(seq - i));
	}
	deliver(m, &first, seq);
}

static bool is_lost(struct machine *m)
{
	m->dice = m->dice * 1664525 + 1013904223;
	return (m->dice >> 16) % 1000 < m->loss;
}

/* ---- the machine ---- */

static void on_end(t30_state_t *s, void *arg, int code)
{
	struct machine *m = arg;

	(void)s;
	m->done = true;
	m->code = code;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void read_all(struct machine *m)
{
	uint8_t p[4096];
	ssize_t n;

	while ((n = recv(m->fd, p, sizeof(p), MSG_DONTWAIT)) > 0) {
		if (is_lost(m))
			m->lost++;
		else
			take_datagram(m, p, (size_t)n);
	}
}

static void run(struct machine *m)
{
	uint64_t begin = now_ms(), tick = begin, end = begin + LONGEST_MS;

	while (now_ms() < end) {
		struct pollfd p = { .fd = m->fd, .events = POLLIN };
		uint64_t now = now_ms();

		(void)poll(&p, 1, tick > now ? (int)(tick - now) : 0);
		read_all(m);
		for (; tick <= now_ms(); tick += TICK_MS)
			(void)t38_terminal_send_timeout(m->t38, SAMPLES);
		if (m->done && end > now_ms() + AFTER_MS)
			end = now_ms() + AFTER_MS;
	}
}

static bool open_socket(struct machine *m, const char *host)
{
	struct addr a;
	socklen_t len = sizeof(a);

	if (addr_parse(&a, slice_str(host), 0) != 0)
		return false;
	m->fd = socket(a.sa.sa_family, SOCK_DGRAM, 0);
	if (m->fd < 0 || bind(m->fd, &a.sa, addr_len(&a)) != 0 ||
		getsockname(m->fd, &a.sa, &len) != 0)
		return false;
	printf("port %u\n", addr_port(&a));
	return fflush(stdout) == 0;
}

static bool read_target(struct machine *m)
{
	char line[128], host[64];
	unsigned port;

	return fgets(line, sizeof(line), stdin) != NULL &&
	       sscanf(line, "%63s %u", host, &port) == 2 &&
	       addr_parse(&m->to, slice_str(host), (uint16_t)port) == 0;
}

static int fax(const char *how, const char *host, const char *file, int loss)
{
	bool sends = strcmp(how, "send") == 0;
	struct machine m = {
		.loss = (unsigned)loss, .dice = sends ? 1 : 2, .code = -1
	};
	t30_state_t *t30;
	t30_stats_t stats;

	if (!open_socket(&m, host) || !read_target(&m))
		return 2;
	m.t38 = t38_terminal_init(NULL, sends, on_packet, &m);
	t30 = t38_terminal_get_t30_state(m.t38);
	/* without error correction: what UDPTL loses is lost in the page */
	t30_set_ecm_capability(t30, FALSE);
	t30_set_supported_compressions(t30,
		T30_SUPPORT_T4_1D_COMPRESSION | T30_SUPPORT_T4_2D_COMPRESSION);
	t30_set_phase_e_handler(t30, on_end, &m);
	if (sends)
		t30_set_tx_file(t30, file, -1, -1);
	else
		t30_set_rx_file(t30, file, -1);
	run(&m);
	t30_get_transfer_statistics(t30, &stats);
	printf("done %d pages %d lost %u repaired %u\n", m.code,
		sends ? stats.pages_tx : stats.pages_rx, m.lost, m.repaired);
	t38_terminal_free(m.t38);
	return m.code == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "make") == 0)
		return page_make(argv[2]);
	if (argc == 4 && strcmp(argv[1], "same") == 0)
		return page_same(argv[2], argv[3]);
	if (argc == 5)
		return fax(argv[1], argv[2], argv[3], atoi(argv[4]));
	return 2;
}

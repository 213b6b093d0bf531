/* Blocks of a pcapng file. See pcapng.h. */
#include "media/pcapng.h"

#include <string.h>

enum {
	SECTION = 0x0a0d0d0a,
	INTERFACE = 1,
	ENHANCED = 6,
	LINKTYPE_RAW = 101, /* IPv4 or IPv6, nothing before */
	OPT_COMMENT = 1,
	SHB_USERAPPL = 4,
	IF_NAME = 2,
	IF_TSRESOL = 9,
	EPB_FLAGS = 2,
	UDP = 17,
	UDP_HEADER = 8,
	HOPS = 64,
};

/* ---- numbers and options in the order of the host ---- */

static void put32(struct wbuf *w, uint32_t v)
{
	wbuf_bytes(w, slice_of(&v, sizeof(v)));
}

static void put16(struct wbuf *w, uint16_t v)
{
	wbuf_bytes(w, slice_of(&v, sizeof(v)));
}

static void pad(struct wbuf *w, size_t n)
{
	while (n++ % 4 != 0)
		wbuf_u8(w, 0);
}

static void option(struct wbuf *w, uint16_t code, struct slice v)
{
	put16(w, code);
	put16(w, (uint16_t)v.n);
	wbuf_bytes(w, v);
	pad(w, v.n);
}

static void comment(struct wbuf *w, struct slice v)
{
	if (v.n > 0)
		option(w, OPT_COMMENT, slice_head(v, PCAPNG_COMMENT_MAX));
}

static size_t begin(struct wbuf *w, uint32_t type)
{
	size_t at = w->at;

	put32(w, type);
	put32(w, 0); /* known at the end */
	return at;
}

/* Closes options and block; its length stands at both ends. */
static void end(struct wbuf *w, size_t at)
{
	uint32_t n = (uint32_t)(w->at - at + 8);

	put32(w, 0);
	put32(w, n);
	if (!w->bad)
		memcpy(w->p + at + 4, &n, sizeof(n));
}

void pcapng_begin(struct wbuf *w, struct slice program, struct slice text)
{
	size_t at = begin(w, SECTION);

	put32(w, 0x1a2b3c4d);
	put16(w, 1);
	put16(w, 0);
	put32(w, UINT32_MAX); /* the section's length is not told */
	put32(w, UINT32_MAX);
	option(w, SHB_USERAPPL, program);
	comment(w, text);
	end(w, at);
}

void pcapng_interface(struct wbuf *w, struct slice name)
{
	static const uint8_t nanoseconds = 9;
	size_t at = begin(w, INTERFACE);

	put16(w, LINKTYPE_RAW);
	put16(w, 0);
	put32(w, 0); /* no limit */
	option(w, IF_NAME, name);
	option(w, IF_TSRESOL, slice_of(&nanoseconds, 1));
	end(w, at);
}

/* ---- IP and UDP ---- */

static uint32_t sum16(struct slice s, uint32_t sum)
{
	const uint8_t *b = (const uint8_t *)s.p;

	for (size_t i = 0; i < s.n; i++)
		sum += i % 2 == 0 ? (uint32_t)b[i] << 8 : b[i];
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static struct slice bytes_of(const struct addr *a)
{
	return a->sa.sa_family == AF_INET6 ? slice_of(&a->in6.sin6_addr, 16)
					   : slice_of(&a->in4.sin_addr, 4);
}

static void ip(struct wbuf *w, const struct pcapng_packet *p, size_t udp)
{
	uint8_t h[20] = { 0x45 };
	struct wbuf head = wbuf_of(h, sizeof(h));

	if (p->from->sa.sa_family == AF_INET6) {
		wbuf_u32(w, 6u << 28);
		wbuf_u16(w, (uint16_t)udp);
		wbuf_u8(w, UDP);
		wbuf_u8(w, HOPS);
		wbuf_bytes(w, bytes_of(p->from));
		wbuf_bytes(w, bytes_of(p->to));
		return;
	}
	head.at = 2;
	wbuf_u16(&head, (uint16_t)(sizeof(h) + udp));
	wbuf_u32(&head, 0);
	wbuf_u8(&head, HOPS);
	wbuf_u8(&head, UDP);
	wbuf_u16(&head, 0);
	wbuf_bytes(&head, bytes_of(p->from));
	wbuf_bytes(&head, bytes_of(p->to));
	head.at = 10;
	wbuf_u16(&head, fold(sum16(slice_of(h, sizeof(h)), 0)));
	wbuf_bytes(w, slice_of(h, sizeof(h)));
}

static void udp(struct wbuf *w, const struct pcapng_packet *p, size_t n)
{
	uint8_t h[UDP_HEADER] = { 0 };
	struct wbuf head = wbuf_of(h, sizeof(h));
	uint32_t sum = UDP + (uint32_t)n;
	uint16_t check;

	wbuf_u16(&head, addr_port(p->from));
	wbuf_u16(&head, addr_port(p->to));
	wbuf_u16(&head, (uint16_t)n);
	sum = sum16(bytes_of(p->from), sum);
	sum = sum16(bytes_of(p->to), sum);
	sum = sum16(slice_of(h, sizeof(h)), sum);
	check = fold(sum16(p->payload, sum));
	wbuf_u16(&head, check != 0 ? check : 0xffff);
	wbuf_bytes(w, slice_of(h, sizeof(h)));
	wbuf_bytes(w, p->payload);
}

void pcapng_packet(struct wbuf *w, const struct pcapng_packet *p)
{
	size_t at = begin(w, ENHANCED);
	size_t n = UDP_HEADER + p->payload.n;
	size_t all = n + (p->from->sa.sa_family == AF_INET6 ? 40 : 20);
	uint32_t flags = p->outbound ? 2 : 1;

	put32(w, p->interface);
	put32(w, (uint32_t)(p->time_ns >> 32));
	put32(w, (uint32_t)p->time_ns);
	put32(w, (uint32_t)all);
	put32(w, (uint32_t)all);
	ip(w, p, n);
	udp(w, p, n);
	pad(w, all);
	comment(w, p->comment);
	option(w, EPB_FLAGS, slice_of(&flags, sizeof(flags)));
	end(w, at);
}

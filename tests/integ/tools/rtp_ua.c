/*
 * RTP and SRTP streams for the tests, driven by lines on stdin, one reply
 * line each. Uses libsrtp2 and nothing of Lineside's, so that both sides of
 * every SRTP leg are judged by an implementation of others. Each packet's
 * payload carries a counter: what the far end sent is compared with what
 * came, end to end, whatever RTP header and keys were used between.
 *
 *   open ID ADDRESS PORT             ok PORT (0: any even one)
 *   set ID ADDRESS PORT TXSUITE TXKEY RXSUITE RXKEY SSRC SEQ
 *                                    keys in base64, "-" "-" for plain RTP
 *   send ID PPS COUNT [MILLISECONDS] COUNT 0: until stop; first delay
 *   stop ID
 *   seq ID SEQ                       next sequence number
 *   ssrc ID SSRC                     from the next packet on
 *   impair ID LOSS TWICE LATE        per thousand of what is sent, by chance:
 *                                    not sent, sent twice, sent after the next
 *   shape ID 0|1                     1: sizes, header extensions and
 *                                    contributing sources change all the time
 *   noise ID                         what is no RTP, from the same port: empty,
 *                                    STUN, DTLS, cut off, too long
 *   reset ID                         counts from here
 *   stats ID                         ok name=value …
 *   unprotect SUITE KEY HEX          ok HEX | fail STATUS
 *   protect SUITE KEY HEX            the same
 *   unprotect-rtcp, protect-rtcp     the same for SRTCP
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STREAMS = 2048, PAYLOAD = 160, PACKET = 2048, LINE = 16384 };

struct stream {
	bool open, sending;
	int fd;
	struct sockaddr_storage to;
	socklen_t to_len;
	srtp_t tx, rx; /* NULL: plain */
	uint32_t ssrc, counter, ts;
	uint16_t seq;
	uint64_t pps, count, start_ns, sent_in_run;
	uint64_t sent, received, duplicate, auth_failed, replayed, alien;
	uint32_t first, highest; /* counters seen */
	uint64_t worst_gap_ns, last_ns;
	uint32_t rx_ssrc;
	unsigned ssrc_changes;
	uint8_t seen[8192]; /* of the last 65,536 counters */
	unsigned loss, twice, late; /* per thousand */
	uint64_t lost_on_purpose, sent_twice, sent_late;
	bool shaped;
	uint8_t kept[PACKET]; /* the one that is sent after the next */
	int kept_len; /* 0: none */
};

static struct stream streams[STREAMS];
static int epoll_fd;

static struct stream *stream_of(char **w)
{
	return &streams[strtoul(w[1], NULL, 10) % STREAMS];
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int base64(const char *in, uint8_t *out, int size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	int have = 0, n = 0;

	for (; *in != '\0' && *in != '='; in++) {
		const char *d = strchr(digits, *in);

		if (d == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(d - digits);
		have += 6;
		if (have >= 8 && n < size) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	return n;
}

static bool policy_of(srtp_policy_t *p, const char *suite)
{
	static const struct {
		const char *name;
		void (*rtp)(srtp_crypto_policy_t *);
		void (*rtcp)(srtp_crypto_policy_t *);
	} rows[] = {
		{ "AES_CM_128_HMAC_SHA1_80", srtp_crypto_policy_set_rtp_default,
			srtp_crypto_policy_set_rtcp_default },
		{ "AES_CM_128_HMAC_SHA1_32",
			srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
			srtp_crypto_policy_set_rtcp_default },
		{ "AEAD_AES_128_GCM",
			srtp_crypto_policy_set_aes_gcm_128_16_auth,
			srtp_crypto_policy_set_aes_gcm_128_16_auth },
		{ "AEAD_AES_256_GCM",
			srtp_crypto_policy_set_aes_gcm_256_16_auth,
			srtp_crypto_policy_set_aes_gcm_256_16_auth },
		{ "AES_256_CM_HMAC_SHA1_80",
			srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
			srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, suite) == 0) {
			rows[i].rtp(&p->rtp);
			rows[i].rtcp(&p->rtcp);
			return true;
		}
	return false;
}

/* A context of one direction, or NULL for plain; false: not to be had. */
static bool context(
	srtp_t *out, const char *suite, const char *key, srtp_ssrc_type_t type)
{
	uint8_t bytes[64] = { 0 };
	srtp_policy_t p = { 0 };

	*out = NULL;
	if (strcmp(suite, "-") == 0)
		return true;
	if (!policy_of(&p, suite) || base64(key, bytes, sizeof(bytes)) < 28)
		return false;
	p.ssrc.type = type;
	p.key = bytes;
	p.window_size = 1024;
	p.allow_repeat_tx = 1;
	return srtp_create(out, &p) == srtp_err_status_ok;
}

static bool resolve(const char *host, const char *port,
	struct sockaddr_storage *out, socklen_t *len)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM };
	struct addrinfo *list;

	if (getaddrinfo(host, port, &hints, &list) != 0)
		return false;
	memcpy(out, list->ai_addr, list->ai_addrlen);
	*len = list->ai_addrlen;
	freeaddrinfo(list);
	return true;
}

static uint16_t port_of(const struct sockaddr_storage *a)
{
	return ntohs(a->ss_family == AF_INET6
			     ? ((const struct sockaddr_in6 *)a)->sin6_port
			     : ((const struct sockaddr_in *)a)->sin_port);
}

/* An even port, since SDP's RTCP goes to the odd one above. */
static int bind_even(const char *host, const char *port, uint16_t *bound)
{
	for (int tries = 0; tries < 64; tries++) {
		struct sockaddr_storage a = { 0 };
		socklen_t len;
		int size = 4 << 20;

		if (!resolve(host, port, &a, &len))
			return -1;
		int fd = socket(a.ss_family,
			SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0)
			return -1;
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		if (bind(fd, (struct sockaddr *)&a, len) == 0 &&
			getsockname(fd, (struct sockaddr *)&a, &len) == 0 &&
			(port_of(&a) & 1) == 0) {
			*bound = port_of(&a);
			return fd;
		}
		close(fd);
		if (strcmp(port, "0") != 0)
			return -1;
	}
	return -1;
}

static bool by_chance(unsigned per_thousand)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % 1000 < per_thousand;
}

static void put(struct stream *s, const uint8_t *pkt, int len)
{
	if (sendto(s->fd, pkt, (size_t)len, 0, (struct sockaddr *)&s->to,
		    s->to_len) == len)
		s->sent++;
}

/* The network between: what it does is counted, so that the rest adds up. */
static void put_impaired(struct stream *s, const uint8_t *pkt, int len)
{
	if (by_chance(s->loss)) {
		s->lost_on_purpose++;
		return;
	}
	if (s->kept_len == 0 && by_chance(s->late)) {
		memcpy(s->kept, pkt, (size_t)len);
		s->kept_len = len;
		s->sent_late++;
		return;
	}
	put(s, pkt, len);
	if (by_chance(s->twice)) {
		s->sent_twice++;
		put(s, pkt, len);
		s->sent--;
	}
	if (s->kept_len != 0)
		put(s, s->kept, s->kept_len);
	s->kept_len = 0;
}

/* Contributing sources and an extension (RFC 3550 5.1, 5.3.1) behind the
 * fixed header; the header's length. */
static int put_extras(uint8_t *pkt, uint32_t n)
{
	unsigned sources = n % 4;
	int at = 12;

	pkt[0] = (uint8_t)(0x80 | sources);
	memset(pkt + at, 0x33, sources * 4);
	at += (int)sources * 4;
	if (n % 3 == 0) {
		pkt[0] |= 0x10;
		memcpy(pkt + at, "\xbe\xde\0\2\x10\x44\0\0\0\0\0\0", 12);
		at += 12;
	}
	return at;
}

static int header_of(const uint8_t *pkt, int len)
{
	int at = 12 + (pkt[0] & 0xf) * 4;

	if ((pkt[0] & 0x10) != 0 && at + 4 <= len)
		at += 4 + (pkt[at + 2] << 8 | pkt[at + 3]) * 4;
	return at;
}

static void transmit(struct stream *s)
{
	uint8_t pkt[PACKET];
	uint32_t u32;
	uint16_t u16 = htons(s->seq++);
	int len, head = 12, payload = PAYLOAD;

	pkt[0] = 0x80;
	pkt[1] = 0;
	memcpy(pkt + 2, &u16, 2);
	u32 = htonl(s->ts);
	memcpy(pkt + 4, &u32, 4);
	u32 = htonl(s->ssrc);
	memcpy(pkt + 8, &u32, 4);
	if (s->shaped) { /* up to 1,500 bytes in all, as SRTP */
		head = put_extras(pkt, s->counter);
		payload = 8 + (int)(s->counter * 379 % 1432);
	}
	len = head + payload;
	memset(pkt + head, 0x55, (size_t)payload);
	memcpy(pkt + head, "CNTR", 4);
	u32 = htonl(s->counter++);
	memcpy(pkt + head + 4, &u32, 4);
	s->ts += PAYLOAD;
	if (s->tx != NULL && srtp_protect(s->tx, pkt, &len) != 0)
		return;
	put_impaired(s, pkt, len);
}

static void send_due(struct stream *s, uint64_t now)
{
	if (!s->sending || now < s->start_ns)
		return;
	uint64_t due = (now - s->start_ns) * s->pps / 1000000000u + 1;

	if (s->count != 0 && due > s->count)
		due = s->count;
	/* A host that stopped us for long is not made up for at once. */
	if (due > s->sent_in_run + 64)
		due = s->sent_in_run + 64;
	while (s->sent_in_run < due) {
		transmit(s);
		s->sent_in_run++;
	}
	if (s->count != 0 && s->sent_in_run == s->count)
		s->sending = false;
}

static void count_payload(struct stream *s, const uint8_t *pkt, int len)
{
	uint32_t u32, ssrc;

	int head = len >= 12 ? header_of(pkt, len) : 12;

	if (len < head + 8 || memcmp(pkt + head, "CNTR", 4) != 0) {
		s->alien++;
		return;
	}
	for (int i = head + 8; i < len; i++)
		if (pkt[i] != 0x55) {
			s->alien++;
			return;
		}
	memcpy(&ssrc, pkt + 8, 4);
	if (s->received != 0 && ssrc != s->rx_ssrc)
		s->ssrc_changes++;
	s->rx_ssrc = ssrc;
	memcpy(&u32, pkt + head + 4, 4);
	u32 = ntohl(u32);
	if (s->received == 0)
		s->first = s->highest = u32;
	for (; s->highest < u32; s->highest++) {
		uint32_t n = s->highest + 1;

		s->seen[n / 8 % sizeof(s->seen)] &= (uint8_t) ~(1u << n % 8);
	}
	uint8_t *byte = &s->seen[u32 / 8 % sizeof(s->seen)];
	uint8_t bit = (uint8_t)(1u << u32 % 8);

	if (s->received != 0 && (*byte & bit) != 0) {
		s->duplicate++;
		return;
	}
	*byte |= bit;
	s->received++;
}

static void receive(struct stream *s)
{
	uint8_t pkt[PACKET];
	ssize_t n;

	while ((n = recv(s->fd, pkt, sizeof(pkt), 0)) >= 0) {
		int len = (int)n;
		uint64_t now = now_ns();

		if (s->rx != NULL) {
			srtp_err_status_t st = srtp_unprotect(s->rx, pkt, &len);

			if (st == srtp_err_status_replay_fail ||
				st == srtp_err_status_replay_old) {
				s->replayed++;
				continue;
			}
			if (st != srtp_err_status_ok) {
				s->auth_failed++;
				continue;
			}
		}
		if (s->last_ns != 0 && now - s->last_ns > s->worst_gap_ns)
			s->worst_gap_ns = now - s->last_ns;
		s->last_ns = now;
		count_payload(s, pkt, len);
	}
}

static void reset(struct stream *s)
{
	s->sent = s->received = s->duplicate = s->auth_failed = 0;
	s->replayed = s->alien = s->worst_gap_ns = s->last_ns = 0;
	s->ssrc_changes = 0;
	s->lost_on_purpose = s->sent_twice = s->sent_late = 0;
	memset(s->seen, 0, sizeof(s->seen));
}

static void do_open(char **w)
{
	struct stream *s = stream_of(w);
	uint16_t port = 0;

	if (s->open)
		close(s->fd);
	memset(s, 0, sizeof(*s));
	s->fd = bind_even(w[2], w[3], &port);
	if (s->fd < 0) {
		printf("fail %s\n", strerror(errno));
		return;
	}
	s->open = true;
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = s };
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, s->fd, &ev);
	printf("ok %u\n", port);
}

static void do_set(char **w)
{
	struct stream *s = stream_of(w);

	if (s->tx != NULL)
		srtp_dealloc(s->tx);
	if (s->rx != NULL)
		srtp_dealloc(s->rx);
	s->tx = s->rx = NULL;
	if (!s->open || !resolve(w[2], w[3], &s->to, &s->to_len) ||
		!context(&s->tx, w[4], w[5], ssrc_any_outbound) ||
		!context(&s->rx, w[6], w[7], ssrc_any_inbound)) {
		printf("fail\n");
		return;
	}
	s->ssrc = (uint32_t)strtoul(w[8], NULL, 0);
	if (strcmp(w[9], "-") != 0)
		s->seq = (uint16_t)strtoul(w[9], NULL, 0);
	printf("ok\n");
}

static void do_send(char **w)
{
	struct stream *s = stream_of(w);

	s->pps = strtoull(w[2], NULL, 0);
	s->count = strtoull(w[3], NULL, 0);
	s->start_ns = now_ns() +
		      (w[4] != NULL ? strtoull(w[4], NULL, 0) * 1000000u : 0);
	s->sent_in_run = 0;
	s->sending = true;
	printf("ok\n");
}

static void do_stats(char **w)
{
	const struct stream *s = stream_of(w);
	uint64_t span =
		s->received != 0 ? (uint64_t)s->highest - s->first + 1 : 0;

	printf("ok sent=%llu received=%llu lost=%llu duplicate=%llu "
	       "auth_failed=%llu replayed=%llu alien=%llu gap_ms=%llu "
	       "ssrc_changes=%u dropped=%llu twice=%llu late=%llu "
	       "sending=%d\n",
		(unsigned long long)s->sent, (unsigned long long)s->received,
		(unsigned long long)(span > s->received ? span - s->received
							: 0),
		(unsigned long long)s->duplicate,
		(unsigned long long)s->auth_failed,
		(unsigned long long)s->replayed, (unsigned long long)s->alien,
		(unsigned long long)(s->worst_gap_ns / 1000000),
		s->ssrc_changes, (unsigned long long)s->lost_on_purpose,
		(unsigned long long)s->sent_twice,
		(unsigned long long)s->sent_late, s->sending);
}

static void do_impair(char **w)
{
	struct stream *s = stream_of(w);

	s->loss = (unsigned)strtoul(w[2], NULL, 0);
	s->twice = (unsigned)strtoul(w[3], NULL, 0);
	s->late = (unsigned)strtoul(w[4], NULL, 0);
	printf("ok\n");
}

static void do_shape(char **w)
{
	stream_of(w)->shaped = strcmp(w[2], "1") == 0;
	printf("ok\n");
}

static void do_ssrc(char **w)
{
	stream_of(w)->ssrc = (uint32_t)strtoul(w[2], NULL, 0);
	printf("ok\n");
}

static void do_noise(char **w)
{
	static const uint8_t stun[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
	static const uint8_t dtls[13] = { 22, 0xfe, 0xfd };
	static const uint8_t cut[11] = { 0x80 };
	static const uint8_t huge[2100] = { 0x80 };
	const struct {
		const uint8_t *p;
		size_t n;
	} rows[] = { { stun, 0 }, { stun, sizeof(stun) },
		{ dtls, sizeof(dtls) }, { cut, sizeof(cut) }, { cut, 1 },
		{ huge, sizeof(huge) } };
	const struct stream *s = stream_of(w);
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		n += sendto(s->fd, rows[i].p, rows[i].n, 0,
			     (const struct sockaddr *)&s->to, s->to_len) >= 0;
	printf("ok %u\n", n);
}

static int read_hex(const char *h, uint8_t *pkt, int max)
{
	int len = 0;

	for (; h[0] != '\0' && h[1] != '\0' && len < max; h += 2) {
		unsigned byte = 0;

		if (sscanf(h, "%2x", &byte) != 1)
			break;
		pkt[len++] = (uint8_t)byte;
	}
	return len;
}

typedef srtp_err_status_t crypt_fn(srtp_t ctx, void *pkt, int *len);

static void crypt_packet(char **w, srtp_t ctx, crypt_fn *crypt)
{
	uint8_t pkt[PACKET];
	int len = read_hex(w[3], pkt, PACKET - 64);
	srtp_err_status_t st = crypt(ctx, pkt, &len);

	if (st != srtp_err_status_ok) {
		printf("fail %d\n", (int)st);
		return;
	}
	printf("ok ");
	for (int i = 0; i < len; i++)
		printf("%02x", pkt[i]);
	printf("\n");
}

/* One context for all packets of a key: the replay window is theirs. */
static void do_unprotect(char **w)
{
	static char key[256];
	static srtp_t ctx;

	if (ctx == NULL || strcmp(key, w[2]) != 0) {
		if (ctx != NULL)
			srtp_dealloc(ctx);
		if (!context(&ctx, w[1], w[2], ssrc_any_inbound)) {
			printf("fail policy\n");
			return;
		}
		snprintf(key, sizeof(key), "%s", w[2]);
	}
	crypt_packet(w, ctx, srtp_unprotect);
}

/* One context for one packet. */
static void by_itself(char **w, srtp_ssrc_type_t type, crypt_fn *crypt)
{
	srtp_t ctx;

	if (!context(&ctx, w[1], w[2], type) || ctx == NULL) {
		printf("fail policy\n");
		return;
	}
	crypt_packet(w, ctx, crypt);
	srtp_dealloc(ctx);
}

static void do_unprotect_rtcp(char **w)
{
	by_itself(w, ssrc_any_inbound, srtp_unprotect_rtcp);
}

static void do_protect_rtcp(char **w)
{
	by_itself(w, ssrc_any_outbound, srtp_protect_rtcp);
}

/* Sequence numbers of one cycle: the rollover counter is zero. */
static void do_protect(char **w)
{
	by_itself(w, ssrc_any_outbound, srtp_protect);
}

static void run_line(char *line)
{
	static const struct {
		const char *name;
		int words;
		void (*run)(char **);
	} rows[] = {
		{ "open", 4, do_open },
		{ "set", 10, do_set },
		{ "send", 4, do_send },
		{ "stats", 2, do_stats },
		{ "impair", 5, do_impair },
		{ "shape", 3, do_shape },
		{ "ssrc", 3, do_ssrc },
		{ "noise", 2, do_noise },
		{ "unprotect", 4, do_unprotect },
		{ "protect", 4, do_protect },
		{ "unprotect-rtcp", 4, do_unprotect_rtcp },
		{ "protect-rtcp", 4, do_protect_rtcp },
	};
	char *w[12] = { NULL };
	int n = 0;

	for (char *save = NULL, *p = strtok_r(line, " \r\n", &save);
		p != NULL && n < 11; p = strtok_r(NULL, " \r\n", &save))
		w[n++] = p;
	if (n == 0)
		return;
	if (n == 2 && strcmp(w[0], "stop") == 0) {
		stream_of(w)->sending = false;
		printf("ok\n");
		return;
	}
	if (n == 3 && strcmp(w[0], "seq") == 0) {
		stream_of(w)->seq = (uint16_t)strtoul(w[2], NULL, 0);
		printf("ok\n");
		return;
	}
	if (n == 2 && strcmp(w[0], "reset") == 0) {
		reset(stream_of(w));
		printf("ok\n");
		return;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, w[0]) == 0 && n >= rows[i].words) {
			rows[i].run(w);
			return;
		}
	printf("fail command\n");
}

/* False at the end of input. */
static bool read_lines(void)
{
	static char buf[LINE * 4];
	static size_t have;
	ssize_t n = read(0, buf + have, sizeof(buf) - 1 - have);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	have += (size_t)n;
	buf[have] = '\0';
	char *at = buf, *end;
	while ((end = strchr(at, '\n')) != NULL) {
		*end = '\0';
		run_line(at);
		at = end + 1;
	}
	have -= (size_t)(at - buf);
	memmove(buf, at, have);
	fflush(stdout);
	return true;
}

int main(void)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	if (srtp_init() != srtp_err_status_ok)
		return 2;
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	fcntl(0, F_SETFL, O_NONBLOCK);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &ev);
	for (;;) {
		struct epoll_event got[256];
		int n = epoll_wait(epoll_fd, got, 256, 1);

		for (int i = 0; i < n; i++) {
			if (got[i].data.ptr != NULL)
				receive(got[i].data.ptr);
			else if (!read_lines())
				return 0;
		}
		uint64_t now = now_ns();
		for (int i = 0; i < STREAMS; i++)
			if (streams[i].sending)
				send_due(&streams[i], now);
	}
}

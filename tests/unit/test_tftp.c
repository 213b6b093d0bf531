#include "test.h"
#include "vectors.h"

#include "base/obj.h"
#include "phoneproxy/serve/tftp_fetch.h"
#include "phoneproxy/serve/tftp_msg.h"
#include "phoneproxy/serve/tftp_serve.h"

static struct slice from_hex(struct slice hex)
{
	uint8_t *p = malloc(hex.n / 2 + 1);
	unsigned v;

	for (size_t i = 0; i < hex.n / 2; i++) {
		assert_int_equal(sscanf(hex.p + 2 * i, "%2x", &v), 1);
		p[i] = (uint8_t)v;
	}
	return slice_of(p, hex.n / 2);
}

/* A row of boot/packets.txt: name | length | hex | what it is */
static struct slice packet(const char *name)
{
	struct slice file = vector_load("boot/packets.txt"), rest = file, line;
	struct slice field, out = { 0 };

	while (out.p == NULL && slice_line(&rest, &line)) {
		if (!slice_cut(&line, '|', &field) ||
			!slice_eq_str(slice_trim(field), name))
			continue;
		assert_true(slice_cut(&line, '|', &field));
		assert_true(slice_cut(&line, '|', &field));
		out = from_hex(slice_trim(field));
	}
	vector_free(file);
	assert_non_null(out.p);
	return out;
}

static void parse_row(
	struct tftp_packet *p, const char *name, struct slice *bytes)
{
	*bytes = packet(name);
	assert_int_equal(tftp_parse(p, *bytes), 0);
}

static void check_put(const struct wbuf *w, struct slice want)
{
	assert_false(w->bad);
	assert_true(slice_eq(slice_of(w->p, w->at), want));
	vector_free(want);
}

/* The recorded packets, read and made. */
static void knows_the_packets(void **state)
{
	(void)state;
	uint8_t room[512];
	struct tftp_packet p;
	struct slice b;
	struct wbuf w = wbuf_of(room, sizeof(room));

	parse_row(&p, "tftp-rrq-trust-list", &b);
	assert_int_equal(p.op, TFTP_RRQ);
	assert_true(slice_eq_str(p.file, "CTLSEP001122334455.tlv"));
	assert_true(p.octet);
	assert_int_equal(p.opt.blksize, 0);
	tftp_put_request(&w, p.file, &p.opt);
	check_put(&w, b);

	parse_row(&p, "tftp-rrq-with-options", &b);
	assert_true(slice_eq_str(p.file, "SEP001122334455.cnf.xml"));
	assert_int_equal(p.opt.blksize, 1428);
	assert_true(p.opt.has_tsize && p.opt.tsize == 0);
	w.at = 0;
	tftp_put_request(&w, p.file, &p.opt);
	check_put(&w, b);

	parse_row(&p, "tftp-oack", &b);
	assert_int_equal(p.op, TFTP_OACK);
	assert_int_equal(p.opt.tsize, 4277);
	w.at = 0;
	tftp_put_oack(&w, &p.opt);
	check_put(&w, b);

	parse_row(&p, "tftp-data-1-short", &b);
	assert_true(p.block == 1 && slice_eq_str(p.data, "hello"));
	w.at = 0;
	tftp_put_data(&w, 1, p.data);
	check_put(&w, b);

	parse_row(&p, "tftp-ack-1", &b);
	assert_true(p.op == TFTP_ACK && p.block == 1);
	w.at = 0;
	tftp_put_ack(&w, 1);
	check_put(&w, b);

	parse_row(&p, "tftp-error-not-found", &b);
	assert_int_equal(p.code, TFTP_E_NOT_FOUND);
	assert_true(slice_eq_str(p.message, "File not found"));
	w.at = 0;
	tftp_put_error(&w, TFTP_E_NOT_FOUND, "File not found");
	check_put(&w, b);
}

#define RRQ "\0\1"

static void parses(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		struct slice in;
		int err;
	} rows[] = {
		{ "nothing", SLICE_LIT(""), EBADMSG },
		{ "half an operation", SLICE_LIT("\0"), EBADMSG },
		{ "operation 0", SLICE_LIT("\0\0"), ENOTSUP },
		{ "operation 7", SLICE_LIT("\0\7"), ENOTSUP },
		{ "no name", SLICE_LIT(RRQ "\0octet\0"), EBADMSG },
		{ "name without end", SLICE_LIT(RRQ "abc"), EBADMSG },
		{ "no mode", SLICE_LIT(RRQ "abc\0"), EBADMSG },
		{ "mode without end", SLICE_LIT(RRQ "abc\0octet"), EBADMSG },
		{ "control character", SLICE_LIT(RRQ "a\nb\0octet\0"),
			EBADMSG },
		{ "mode in capitals", SLICE_LIT(RRQ "a\0OCTET\0"), 0 },
		{ "option without value", SLICE_LIT(RRQ "a\0octet\0tsize\0"),
			EBADMSG },
		{ "option without name",
			SLICE_LIT(RRQ "a\0octet\0\0"
				      "1\0"),
			EBADMSG },
		{ "unknown option", SLICE_LIT(RRQ "a\0octet\0x\0y\0"), 0 },
		{ "short ACK", SLICE_LIT("\0\4\0"), EBADMSG },
		{ "short DATA", SLICE_LIT("\0\3\0"), EBADMSG },
		{ "empty DATA", SLICE_LIT("\0\3\0\1"), 0 },
		{ "error without NUL", SLICE_LIT("\0\5\0\1no"), 0 },
		{ "error without text", SLICE_LIT("\0\5\0\1"), 0 },
		{ "short error", SLICE_LIT("\0\5\0"), EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tftp_packet p;

		check_row(rows[i].name,
			tftp_parse(&p, rows[i].in) == rows[i].err);
	}
}

static void understands_options(void **state)
{
	(void)state;
	struct tftp_packet p;

	assert_int_equal(tftp_parse(&p, SLICE_LIT(RRQ "a\0octet\0BLKSIZE\0"
						      "1024\0timeout\0"
						      "3\0windowsize\0"
						      "4\0tsize\0"
						      "0\0blksize\0"
						      "9\0")),
		0);
	assert_int_equal(p.opt.blksize, 1024);
	assert_int_equal(p.opt.timeout, 3);
	assert_int_equal(p.opt.windowsize, 4);
	/* Out of bounds: as if not asked for. */
	assert_int_equal(tftp_parse(&p, SLICE_LIT(RRQ "a\0octet\0blksize\0"
						      "7\0timeout\0"
						      "256\0windowsize\0"
						      "65536\0tsize\0"
						      "-1\0")),
		0);
	assert_int_equal(p.opt.blksize, 0);
	assert_int_equal(p.opt.timeout, 0);
	assert_int_equal(p.opt.windowsize, 0);
	assert_false(p.opt.has_tsize);
}

/* What a session sends: the last packet, and how many. */
struct sink {
	unsigned n;
	size_t size;
	char last[TFTP_PACKET_MAX];
};

static void to_sink(void *arg, struct slice packet)
{
	struct sink *k = arg;

	k->n++;
	k->size = packet.n;
	memcpy(k->last, packet.p, packet.n);
}

static void sink_is(const struct sink *k, unsigned n, struct slice want)
{
	assert_int_equal(k->n, n);
	assert_int_equal(k->size, want.n);
	assert_memory_equal(k->last, want.p, want.n);
}

static void start(struct tftp_serve *s, struct sink *k, struct slice request,
	struct slice content)
{
	struct tftp_packet p;

	*k = (struct sink){ 0 };
	assert_int_equal(tftp_parse(&p, request), 0);
	tftp_serve_start(
		s, &tftp_defaults, request, &p, content, 0, to_sink, k);
}

static const struct slice plain = SLICE_LIT(RRQ "a\0octet\0");

static void serves_plainly(void **state)
{
	(void)state;
	char content[512] = { 0 };
	struct tftp_serve s;
	struct sink k;

	start(&s, &k, plain, SLICE_LIT("hello"));
	sink_is(&k, 1, SLICE_LIT("\0\3\0\1hello"));
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\0"), 0); /* of nothing */
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\2"), 0); /* of the future */
	tftp_serve_packet(&s, SLICE_LIT("\0\4"), 0);
	tftp_serve_packet(&s, plain, 0); /* impatient */
	assert_int_equal(k.n, 1);
	assert_int_equal(s.state, TFTP_RUNNING);
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\1"), 0);
	assert_int_equal(s.state, TFTP_DONE);
	assert_true(tftp_serve_due(&s) == UINT64_MAX);
	/* A whole block is followed by an empty one; so is no file at all. */
	start(&s, &k, plain, slice_of(content, sizeof(content)));
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\1"), 0);
	sink_is(&k, 2, SLICE_LIT("\0\3\0\2"));
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\2"), 0);
	assert_int_equal(s.state, TFTP_DONE);
	start(&s, &k, plain, SLICE_LIT(""));
	sink_is(&k, 1, SLICE_LIT("\0\3\0\1"));
}

static void agrees_on_options(void **state)
{
	(void)state;
	struct tftp_serve s;
	struct sink k;

	start(&s, &k,
		SLICE_LIT(RRQ "a\0octet\0blksize\0"
			      "65464\0tsize\0"
			      "0\0"),
		SLICE_LIT("hello"));
	sink_is(&k, 1,
		SLICE_LIT("\0\6tsize\0"
			  "5\0blksize\0"
			  "1428\0"));
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\1"), 0); /* too early */
	assert_int_equal(k.n, 1);
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\0"), 0);
	sink_is(&k, 2, SLICE_LIT("\0\3\0\1hello"));
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\0"), 0); /* repeated */
	assert_int_equal(k.n, 2);
	/* Options that nobody understands get no OACK. */
	start(&s, &k, SLICE_LIT(RRQ "a\0octet\0x\0y\0"), SLICE_LIT("hello"));
	sink_is(&k, 1, SLICE_LIT("\0\3\0\1hello"));
	/* A phone that does not like the OACK says so. */
	start(&s, &k,
		SLICE_LIT(RRQ "a\0octet\0tsize\0"
			      "0\0"),
		SLICE_LIT("hello"));
	tftp_serve_packet(&s, SLICE_LIT("\0\5\0\10no\0"), 0);
	assert_int_equal(s.state, TFTP_REFUSED_BY_PEER);
	assert_int_equal(s.peer_code, TFTP_E_OPTION);
}

static void repeats_and_gives_up(void **state)
{
	(void)state;
	struct tftp_serve s;
	struct sink k;
	static const uint64_t due[] = { 1000, 3000, 7000, 15000, 31000, 63000 };

	start(&s, &k, plain, SLICE_LIT("hello"));
	for (unsigned i = 0; i < ARRAY_SIZE(due); i++) {
		assert_int_equal(tftp_serve_due(&s), due[i]);
		tftp_serve_timer(&s, due[i] - 1);
		assert_int_equal(k.n, i + 1);
		tftp_serve_timer(&s, due[i]);
	}
	assert_int_equal(s.state, TFTP_GIVEN_UP);
	assert_int_equal(k.n, 6);
	assert_int_equal(s.repeated, 5);
	/* Its own pace, if it asked for one. */
	start(&s, &k,
		SLICE_LIT(RRQ "a\0octet\0timeout\0"
			      "7\0"),
		SLICE_LIT("hello"));
	tftp_serve_timer(&s, 7000);
	assert_int_equal(k.n, 2);
	assert_int_equal(tftp_serve_due(&s), 14000);
}

/* A slow reader acknowledges now and then, but not for ever. */
static void ends_slow_readers(void **state)
{
	(void)state;
	static char content[512 * 1000];
	struct tftp_serve s;
	struct sink k;
	uint64_t now = 0;

	start(&s, &k, plain, slice_of(content, sizeof(content)));
	for (unsigned b = 1; s.state == TFTP_RUNNING; b++) {
		uint8_t ack[4] = { 0, TFTP_ACK, (uint8_t)(b >> 8), (uint8_t)b };

		now += 900;
		tftp_serve_timer(&s, now);
		tftp_serve_packet(&s, slice_of(ack, 4), now);
	}
	assert_int_equal(s.state, TFTP_OVERDUE);
	assert_in_range(now, 180000, 181000);
}

static void lets_phones_begin_anew(void **state)
{
	(void)state;
	static char content[2000];
	struct tftp_serve s;
	struct sink k;

	start(&s, &k, plain, slice_of(content, sizeof(content)));
	tftp_serve_packet(&s, SLICE_LIT(RRQ "b\0octet\0"), 0);
	assert_int_equal(s.state, TFTP_SUPERSEDED);
	start(&s, &k, plain, slice_of(content, sizeof(content)));
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\1"), 0);
	tftp_serve_packet(&s, plain, 0);
	assert_int_equal(s.state, TFTP_SUPERSEDED);
	assert_string_equal(tftp_state_name(s.state), "asked-anew");
}

/* In windows: a lost block is asked for by repeating an ACK, once. */
static void windows(void **state)
{
	(void)state;
	static char content[512 * 20];
	struct tftp_serve s;
	struct sink k;

	start(&s, &k,
		SLICE_LIT(RRQ "a\0octet\0windowsize\0"
			      "4\0"),
		slice_of(content, sizeof(content)));
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\0"), 0);
	assert_int_equal(k.n, 5); /* OACK, 1 to 4 */
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\2"), 0); /* 3 was lost */
	assert_int_equal(k.n, 9); /* 3 to 6 */
	assert_int_equal(k.last[3], 6);
	for (int i = 0; i < 10; i++)
		tftp_serve_packet(&s, SLICE_LIT("\0\4\0\2"), 0);
	assert_int_equal(k.n, 13); /* 3 to 6, once more */
	tftp_serve_packet(&s, SLICE_LIT("\0\4\0\6"), 0);
	assert_int_equal(k.n, 17);
}

/*
 * Both machines over a network that loses, doubles and reorders, with a clock
 * that jumps to whatever is due next.
 */
enum { QUEUE = 4096 };

struct net {
	uint32_t seed;
	unsigned loss, doubling; /* percent */
	uint64_t now;
	size_t n;
	unsigned data; /* packets of data sent */
	struct flight {
		uint64_t at;
		bool to_server;
		size_t size;
		char bytes[TFTP_HEAD + 1500];
	} * flight;
	struct tftp_serve s;
	struct tftp_fetch f;
	bool serving;
	struct slice content;
};

static unsigned dice(struct net *n)
{
	n->seed = n->seed * 1664525 + 1013904223;
	return (n->seed >> 16) % 100;
}

static void fly(struct net *n, bool to_server, struct slice p)
{
	unsigned copies = dice(n) < n->loss ? 0 : dice(n) < n->doubling ? 2 : 1;

	n->data += !to_server && p.n > 1 && p.p[1] == TFTP_DATA;
	for (; copies > 0; copies--) {
		assert_true(n->n < QUEUE);
		struct flight *x = &n->flight[n->n++];

		x->at = n->now + 5 + dice(n) / 4;
		x->to_server = to_server;
		x->size = p.n;
		assert_true(p.n <= sizeof(x->bytes));
		memcpy(x->bytes, p.p, p.n);
	}
}

static void from_server(void *arg, struct slice p)
{
	fly(arg, false, p);
}

static void from_client(void *arg, struct slice p)
{
	fly(arg, true, p);
}

static void land(struct net *n, size_t i)
{
	struct flight x = n->flight[i];
	struct slice bytes = slice_of(x.bytes, x.size);
	struct tftp_packet p;

	n->flight[i] = n->flight[--n->n];
	if (!x.to_server) {
		tftp_fetch_packet(&n->f, bytes, n->now);
	} else if (n->serving) {
		tftp_serve_packet(&n->s, bytes, n->now);
	} else if (tftp_parse(&p, bytes) == 0 && p.op == TFTP_RRQ) {
		n->serving = true;
		tftp_serve_start(&n->s, &n->f.limits, bytes, &p, n->content,
			n->now, from_server, n);
	}
}

static bool step(struct net *n)
{
	uint64_t next = tftp_fetch_due(&n->f);
	size_t first = QUEUE;

	if (n->serving && tftp_serve_due(&n->s) < next)
		next = tftp_serve_due(&n->s);
	for (size_t i = 0; i < n->n; i++)
		if (n->flight[i].at <= next) {
			next = n->flight[i].at;
			first = i;
		}
	if (next == UINT64_MAX)
		return false;
	n->now = next;
	if (first < QUEUE) {
		land(n, first);
		return true;
	}
	tftp_fetch_timer(&n->f, next);
	if (n->serving)
		tftp_serve_timer(&n->s, next);
	return true;
}

static void run(struct net *n, struct slice content)
{
	struct tftp_limits limits = tftp_defaults;

	limits.retries = 15; /* luck must not decide */
	limits.session_ms = UINT32_MAX;
	n->content = content;
	n->flight = mem_array(QUEUE, sizeof(n->flight[0]));
	tftp_fetch_start(
		&n->f, &limits, SLICE_LIT("x"), 1 << 24, 0, from_client, n);
	while (step(n))
		;
	assert_int_equal(n->f.state, TFTP_DONE);
	assert_true(slice_eq(text_slice(&n->f.content), content));
	tftp_fetch_free(&n->f);
	free(n->flight);
}

static void survives_bad_networks(void **state)
{
	(void)state;
	static char content[1428 * 50 + 3];

	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (char)(i * 7 + i / 256);
	for (uint32_t seed = 1; seed <= 20; seed++) {
		struct net n = { .seed = seed, .loss = 15, .doubling = 15 };

		run(&n, slice_of(content,
				seed % 5 ? sizeof(content) : (size_t)1428 * 7));
	}
}

/* Every packet doubled: no more data than needed (no Sorcerer's Apprentice). */
static void never_multiplies(void **state)
{
	(void)state;
	static char content[1428 * 200];
	struct net n = { .seed = 1, .doubling = 100 };

	run(&n, slice_of(content, sizeof(content)));
	assert_int_equal(n.data, 201);
}

/* More blocks than sixteen bits count. */
static void wraps_block_numbers(void **state)
{
	(void)state;
	size_t size = (size_t)8 * 70000;
	char *content = mem_new(size);
	struct tftp_limits limits = tftp_defaults;
	struct net n = { .seed = 1, .content = slice_of(content, size) };

	content[size - 1] = 'z';
	limits.blksize_max = 8;
	n.flight = mem_array(QUEUE, sizeof(n.flight[0]));
	limits.session_ms = UINT32_MAX;
	tftp_fetch_start(
		&n.f, &limits, SLICE_LIT("x"), size, 0, from_client, &n);
	while (step(&n))
		;
	assert_int_equal(n.f.state, TFTP_DONE);
	assert_int_equal(n.s.state, TFTP_DONE);
	assert_true(slice_eq(text_slice(&n.f.content), n.content));
	tftp_fetch_free(&n.f);
	free(n.flight);
	free(content);
}

static void fetch_start(struct tftp_fetch *f, struct sink *k, size_t max)
{
	*k = (struct sink){ 0 };
	tftp_fetch_start(f, &tftp_defaults, SLICE_LIT("f"), max, 0, to_sink, k);
}

static void fetches_with_care(void **state)
{
	(void)state;
	struct tftp_fetch f;
	struct sink k;
	char block[4 + 512] = { 0, TFTP_DATA, 0, 1 };

	fetch_start(&f, &k, 600);
	sink_is(&k, 1,
		SLICE_LIT(RRQ "f\0octet\0tsize\0"
			      "0\0blksize\0"
			      "1428\0"));
	/* A server that knows no options, and a file that is too large. */
	tftp_fetch_packet(&f, slice_of(block, sizeof(block)), 0);
	sink_is(&k, 2, SLICE_LIT("\0\4\0\1"));
	tftp_fetch_packet(&f, slice_of(block, sizeof(block)), 0);
	sink_is(&k, 3, SLICE_LIT("\0\4\0\1"));
	block[3] = 3; /* out of order */
	tftp_fetch_packet(&f, slice_of(block, sizeof(block)), 0);
	assert_int_equal(k.n, 3);
	block[3] = 2;
	tftp_fetch_packet(&f, slice_of(block, sizeof(block)), 0);
	assert_int_equal(f.state, TFTP_REFUSED_BY_PEER);
	assert_int_equal(f.peer_code, TFTP_E_FULL);
	tftp_fetch_free(&f);
	/* It says so beforehand. */
	fetch_start(&f, &k, 600);
	tftp_fetch_packet(&f,
		SLICE_LIT("\0\6tsize\0"
			  "601\0"),
		0);
	assert_int_equal(f.peer_code, TFTP_E_FULL);
	tftp_fetch_free(&f);
	/* Larger blocks than were asked for. */
	fetch_start(&f, &k, 600);
	tftp_fetch_packet(&f,
		SLICE_LIT("\0\6blksize\0"
			  "1429\0"),
		0);
	assert_int_equal(f.peer_code, TFTP_E_OPTION);
	tftp_fetch_free(&f);
	/* Not there. */
	fetch_start(&f, &k, 600);
	tftp_fetch_packet(&f, SLICE_LIT("\0\5\0\1no\0"), 0);
	assert_int_equal(f.state, TFTP_REFUSED_BY_PEER);
	assert_int_equal(f.peer_code, TFTP_E_NOT_FOUND);
	tftp_fetch_free(&f);
	/* Nobody there. */
	fetch_start(&f, &k, 600);
	while (f.state == TFTP_RUNNING)
		tftp_fetch_timer(&f, tftp_fetch_due(&f));
	assert_int_equal(f.state, TFTP_GIVEN_UP);
	assert_int_equal(k.n, 6);
	tftp_fetch_free(&f);
	/* An answer to what is over changes nothing, but is acknowledged. */
	fetch_start(&f, &k, 600);
	tftp_fetch_packet(&f, SLICE_LIT("\0\3\0\1hi"), 0);
	assert_int_equal(f.state, TFTP_DONE);
	tftp_fetch_packet(&f, SLICE_LIT("\0\3\0\1hi"), 0);
	assert_int_equal(k.n, 3);
	assert_true(slice_eq_str(text_slice(&f.content), "hi"));
	tftp_fetch_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(knows_the_packets),
		T(parses),
		T(understands_options),
		T(serves_plainly),
		T(agrees_on_options),
		T(repeats_and_gives_up),
		T(ends_slow_readers),
		T(lets_phones_begin_anew),
		T(windows),
		T(survives_bad_networks),
		T(never_multiplies),
		T(wraps_block_numbers),
		T(fetches_with_care),
	};

	return RUN_TESTS(tests);
}

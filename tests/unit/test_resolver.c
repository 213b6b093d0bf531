/* Where names lead, with name servers that are a table and a clock that is a
 * number. */
#include "test.h"

#include <errno.h>

#include "b2bua/names/failed.h"
#include "b2bua/names/resolver.h"
#include "base/obj.h"
#include "conf/conf.h"

/* "NAME TYPE: …" with records separated by blanks; of A: addresses, SRV:
 * PRIORITY,WEIGHT,PORT,TARGET, NAPTR: ORDER,PREF,FLAGS,SERVICE,REPLACEMENT.
 * "silent", "refused", "bad", "alias=NAME" instead. */
struct zone {
	const char *line[16];
};

struct held {
	resolver_reply_fn *fn;
	void *arg;
};

static struct {
	const struct zone *zone;
	uint64_t now;
	unsigned asked;
	bool hang; /* questions are kept */
	struct held held[64];
	size_t nheld;
} net;

static int count_fields(const char *word, char out[6][64])
{
	struct slice rest = slice_str(word), one;
	int n = 0;

	while (n < 6 && slice_cut(&rest, ',', &one))
		assert_true(slice_copy(one, out[n++], 64));
	return n;
}

static void put(struct dns_reply *r, enum dns_type type, struct slice word)
{
	struct dns_record *v = &r->v[r->n];
	char text[128], f[6][64] = { { 0 } };

	assert_true(slice_copy(word, text, sizeof(text)));
	if (r->n == DNS_RECORDS_MAX) {
		r->dropped++;
		return;
	}
	count_fields(text, f);
	r->n++;
	if (type == DNS_A || type == DNS_AAAA) {
		assert_int_equal(addr_parse(&v->addr, word, 0), 0);
		return;
	}
	v->priority = (uint16_t)strtoul(f[0], NULL, 10);
	v->weight = (uint16_t)strtoul(f[1], NULL, 10);
	if (type == DNS_SRV) {
		v->port = (uint16_t)strtoul(f[2], NULL, 10);
		if (strcmp(f[3], ".") != 0)
			memcpy(v->name, f[3], sizeof(f[3]));
	} else {
		memcpy(v->flags, f[2], sizeof(v->flags));
		memcpy(v->service, f[3], sizeof(v->service));
		memcpy(v->name, f[4], sizeof(f[4]));
	}
}

static struct slice find_line(const char *name, enum dns_type type)
{
	char head[300];

	(void)snprintf(head, sizeof(head), "%s %s:", name, dns_type_name(type));
	for (int i = 0; i < 16 && net.zone->line[i] != NULL; i++)
		if (strncmp(net.zone->line[i], head, strlen(head)) == 0)
			return slice_str(net.zone->line[i] + strlen(head));
	return slice_str(NULL);
}

static void ask(void *io, const char *name, enum dns_type type,
	resolver_reply_fn *fn, void *arg)
{
	struct slice rest = find_line(name, type), word;
	struct dns_reply *r = mem_new(sizeof(*r));
	bool silent = false;

	(void)io;
	net.asked++;
	if (net.hang) {
		net.held[net.nheld++] = (struct held){ fn, arg };
		free(r);
		return;
	}
	r->ttl = 30;
	r->found = DNS_NOTHING;
	while (slice_word(&rest, &word)) {
		if (slice_eq_str(word, "silent")) {
			silent = true;
		} else if (slice_eq_str(word, "refused")) {
			r->found = DNS_REFUSED;
		} else if (slice_eq_str(word, "bad")) {
			r->found = DNS_BAD;
		} else if (slice_starts(word, "alias=")) {
			r->found = DNS_ALIAS;
			assert_true(slice_copy(
				slice_from(word, 6), r->name, sizeof(r->name)));
		} else {
			r->found = DNS_FOUND;
			put(r, type, word);
		}
	}
	fn(arg, silent ? NULL : r);
	free(r);
}

static size_t file(
	void *io, const char *name, int family, struct addr *out, size_t max)
{
	(void)io;
	(void)max;
	if (strcmp(name, "localhost") != 0 || family != AF_INET)
		return 0;
	assert_int_equal(addr_parse(out, SLICE_LIT("127.0.0.1"), 0), 0);
	return 1;
}

static uint64_t now_ms(void *io)
{
	(void)io;
	return net.now;
}

static const struct resolver_io io = { ask, file, now_ms };

struct got {
	unsigned times;
	int err;
	char text[1024]; /* addresses in their order */
};

static void on_got(void *arg, int err, struct dns_targets *t)
{
	struct got *g = arg;
	size_t order[RESOLVER_TARGETS_MAX];
	char one[ADDR_TEXT];

	g->times++;
	g->err = err;
	g->text[0] = '\0';
	if (t == NULL)
		return;
	dns_targets_order(t, 1, order);
	for (size_t i = 0; i < t->n; i++) {
		size_t n = strlen(g->text);

		(void)snprintf(g->text + n, sizeof(g->text) - n, "%s%s",
			i > 0 ? " " : "", addr_text(&t->v[order[i]].addr, one));
	}
}

static struct resolver *begin(const struct zone *zone)
{
	memset(&net, 0, sizeof(net));
	net.zone = zone;
	net.now = 1000000;
	return resolver_new(&io, NULL);
}

static struct got get(struct resolver *r, const char *name,
	enum conf_transport t, uint16_t port, int family)
{
	struct resolver_want w = { name, t, port, family };
	struct got g = { 0 };

	resolver_get(r, &w, on_got, &g);
	return g;
}

static const struct {
	const char *name;
	enum conf_transport transport;
	uint16_t port;
	int family;
	struct zone zone;
	int err;
	const char *want;
} rows[] = {
	{ "A alone", CONF_UDP, 0, AF_INET,
		{ { "x.test A: 10.0.0.1 10.0.0.2" } }, 0,
		"10.0.0.1:5060 10.0.0.2:5060" },
	{ "TLS has its port", CONF_TLS, 0, AF_INET,
		{ { "x.test A: 10.0.0.1" } }, 0, "10.0.0.1:5061" },
	{ "AAAA for IPv6", CONF_UDP, 0, AF_INET6,
		{ { "x.test AAAA: 2001:db8::1", "x.test A: 10.0.0.1" } }, 0,
		"[2001:db8::1]:5060" },
	{ "a port: no SRV", CONF_UDP, 5070, AF_INET,
		{ { "x.test A: 10.0.0.1",
			"_sip._udp.x.test SRV: 1,0,5080,b.test",
			"b.test A: 10.0.0.2" } },
		0, "10.0.0.1:5070" },
	{ "SRV by priority", CONF_TCP, 0, AF_INET,
		{ { "_sip._tcp.x.test SRV: 20,0,5062,b.test 10,0,5061,a.test",
			"a.test A: 10.0.0.1", "b.test A: 10.0.0.2" } },
		0, "10.0.0.1:5061 10.0.0.2:5062" },
	{ "NAPTR names the SRV", CONF_UDP, 0, AF_INET,
		{ { "x.test NAPTR: 10,5,s,SIP+D2U,u.test 10,1,s,SIP+D2T,t.test",
			"u.test SRV: 1,0,5070,a.test",
			"t.test SRV: 1,0,5099,a.test", "a.test A: 10.0.0.1" } },
		0, "10.0.0.1:5070" },
	{ "the lower order of two", CONF_UDP, 0, AF_INET,
		{ { "x.test NAPTR: 20,1,s,SIP+D2U,v.test 10,9,s,SIP+D2U,u.test",
			"u.test SRV: 1,0,5070,a.test", "a.test A: 10.0.0.1" } },
		0, "10.0.0.1:5070" },
	/* RFC 3263 4.1: what is no TLS is not taken where TLS is asked */
	{ "NAPTR does not downgrade", CONF_TLS, 0, AF_INET,
		{ { "x.test NAPTR: 10,1,s,SIP+D2U,u.test 10,2,s,SIP+D2T,u.test",
			"u.test SRV: 1,0,5070,evil.test",
			"evil.test A: 10.6.6.6",
			"_sips._tcp.x.test SRV: 1,0,5061,a.test",
			"a.test A: 10.0.0.1" } },
		0, "10.0.0.1:5061" },
	{ "NAPTR with another flag", CONF_UDP, 0, AF_INET,
		{ { "x.test NAPTR: 10,1,a,SIP+D2U,u.test",
			"x.test A: 10.0.0.1" } },
		0, "10.0.0.1:5060" },
	{ "servers that refuse NAPTR", CONF_UDP, 0, AF_INET,
		{ { "x.test NAPTR: refused", "_sip._udp.x.test SRV: refused",
			"x.test A: 10.0.0.1" } },
		0, "10.0.0.1:5060" },
	{ "an SRV target without address", CONF_UDP, 0, AF_INET,
		{ { "_sip._udp.x.test SRV: 1,0,5060,gone.test 2,0,5060,a.test",
			"a.test A: 10.0.0.1" } },
		0, "10.0.0.1:5060" },
	/* RFC 2782: the service is decidedly not there */
	{ "SRV target of the root", CONF_UDP, 0, AF_INET,
		{ { "_sip._udp.x.test SRV: 0,0,0,.", "x.test A: 10.0.0.1" } },
		EHOSTUNREACH, "" },
	{ "an alias", CONF_UDP, 0, AF_INET,
		{ { "x.test A: alias=y.test", "y.test A: 10.0.0.9" } }, 0,
		"10.0.0.9:5060" },
	{ "aliases in a circle", CONF_UDP, 0, AF_INET,
		{ { "x.test A: alias=y.test", "y.test A: alias=x.test" } },
		EHOSTUNREACH, "" },
	{ "nothing", CONF_UDP, 0, AF_INET, { { "y.test A: 10.0.0.1" } },
		EHOSTUNREACH, "" },
	{ "nonsense", CONF_UDP, 0, AF_INET, { { "x.test A: bad" } },
		EHOSTUNREACH, "" },
	{ "silence", CONF_UDP, 0, AF_INET,
		{ { "x.test NAPTR: silent", "_sip._udp.x.test SRV: silent",
			"x.test A: silent" } },
		ETIMEDOUT, "" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct resolver *r = begin(&rows[i].zone);
		struct got g = get(r, "x.test", rows[i].transport, rows[i].port,
			rows[i].family);

		check_row(rows[i].name, g.times == 1);
		check_row(rows[i].name, g.err == rows[i].err);
		check_row(rows[i].name, strcmp(g.text, rows[i].want) == 0);
		check_row(rows[i].name, net.asked < 30);
		resolver_free(r);
	}
}

static void test_file(void **state)
{
	static const struct zone none = { { NULL } };
	struct resolver *r = begin(&none);
	struct got g = get(r, "localhost", CONF_UDP, 5080, AF_INET);

	(void)state;
	assert_string_equal(g.text, "127.0.0.1:5080");
	assert_int_equal(net.asked, 0);
	resolver_free(r);
}

static void test_kept(void **state)
{
	static const struct zone zone = { { "x.test A: 10.0.0.1" } };
	struct resolver *r = begin(&zone);
	unsigned asked;

	(void)state;
	assert_string_equal(
		get(r, "x.test", CONF_UDP, 0, AF_INET).text, "10.0.0.1:5060");
	asked = net.asked;
	net.now += 29000;
	(void)get(r, "X.TEST", CONF_UDP, 0, AF_INET);
	assert_int_equal(net.asked, asked);
	net.now += 1000; /* the TTL is over */
	(void)get(r, "x.test", CONF_UDP, 0, AF_INET);
	assert_true(net.asked > asked);
	/* that there is nothing is kept as well */
	assert_int_equal(
		get(r, "no.test", CONF_UDP, 0, AF_INET).err, EHOSTUNREACH);
	asked = net.asked;
	assert_int_equal(
		get(r, "no.test", CONF_UDP, 0, AF_INET).err, EHOSTUNREACH);
	assert_int_equal(net.asked, asked);
	resolver_free(r);
}

/* RFC 8767: an old answer is better than none, when nobody answers. */
static void test_stale(void **state)
{
	static const struct zone good = { { "x.test A: 10.0.0.1" } };
	static const struct zone silent = { { "x.test NAPTR: silent",
		"_sip._udp.x.test SRV: silent", "x.test A: silent" } };
	static const struct zone gone = { { NULL } };
	struct resolver *r = begin(&good);
	struct got g;

	(void)state;
	(void)get(r, "x.test", CONF_UDP, 0, AF_INET);
	net.zone = &silent;
	net.now += 60000;
	g = get(r, "x.test", CONF_UDP, 0, AF_INET);
	assert_int_equal(g.err, 0);
	assert_string_equal(g.text, "10.0.0.1:5060");
	net.now += 86400000; /* not for ever */
	assert_int_equal(get(r, "x.test", CONF_UDP, 0, AF_INET).err, ETIMEDOUT);
	/* and not when a server says that it is gone */
	net.zone = &good;
	net.now += 60000;
	(void)get(r, "x.test", CONF_UDP, 0, AF_INET);
	net.zone = &gone;
	net.now += 60000;
	assert_int_equal(
		get(r, "x.test", CONF_UDP, 0, AF_INET).err, EHOSTUNREACH);
	resolver_free(r);
}

static void test_hangs(void **state)
{
	static const struct zone zone = { { "x.test A: 10.0.0.1" } };
	struct resolver *r = begin(&zone);
	struct resolver_want w = { "x.test", CONF_UDP, 0, AF_INET };
	struct got a = { 0 }, b = { 0 };

	(void)state;
	net.hang = true;
	resolver_get(r, &w, on_got, &a);
	resolver_get(r, &w, on_got, &b); /* joins */
	assert_int_equal(net.asked, 1);
	net.now += RESOLVER_BUDGET_MS - 1;
	resolver_sweep(r);
	assert_int_equal(a.times, 0);
	net.now++;
	resolver_sweep(r);
	assert_true(a.times == 1 && a.err == ETIMEDOUT);
	assert_true(b.times == 1 && b.err == ETIMEDOUT);
	/* an answer that comes after all changes nothing */
	net.held[0].fn(net.held[0].arg, NULL);
	assert_int_equal(a.times, 1);
	resolver_free(r);
}

static void test_bounds(void **state)
{
	static const struct zone none = { { NULL } };
	struct resolver *r = begin(&none);
	static struct got g[RESOLVER_WAITERS_MAX + 1];
	struct resolver_want w = { "x.test", CONF_UDP, 0, AF_INET };
	char name[32];
	size_t n;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof(name), "n%d.test", i);
		net.now += 1;
		(void)get(r, name, CONF_UDP, 0, AF_INET);
	}
	free(resolver_list(r, &n));
	assert_int_equal(n, RESOLVER_ENTRIES_MAX);
	net.hang = true;
	memset(g, 0, sizeof(g));
	for (int i = 0; i <= RESOLVER_WAITERS_MAX; i++)
		resolver_get(r, &w, on_got, &g[i]);
	assert_int_equal(g[0].times, 0);
	assert_int_equal(g[RESOLVER_WAITERS_MAX].err, EAGAIN);
	net.hang = false;
	net.held[0].fn(net.held[0].arg, NULL);
	for (int i = 0; i < RESOLVER_WAITERS_MAX; i++)
		assert_int_equal(g[i].err, ETIMEDOUT);
	resolver_free(r);
}

static void test_configured(void **state)
{
	static const char text[] =
		"sip-listener A\n side access\n"
		" address ipv4 10.1.0.1 port 5060\n"
		"sip-listener C\n side core\n"
		" address ipv4 10.1.0.2 port 5060\n"
		"sip-ua\n registrar embedded\n"
		"ip host a.test 10.0.0.1 10.0.0.2 2001:db8::1\n"
		"ip host _sip._udp.x.test srv 2 0 5070 a.test\n"
		"ip host _sip._udp.x.test srv 1 0 5071 b.test\n"
		"ip host b.test 10.0.0.3\n"
		"end\n";
	static const struct zone none = { { NULL } };
	struct conf_errs errs = { 0 };
	struct conf *conf = conf_parse(slice_str(text), "t", &errs);
	struct resolver *r = begin(&none);

	(void)state;
	conf_errs_print(&errs, "t", stderr);
	assert_non_null(conf);
	resolver_set_conf(r, conf);
	assert_string_equal(get(r, "a.test", CONF_UDP, 0, AF_INET).text,
		"10.0.0.1:5060 10.0.0.2:5060");
	assert_string_equal(get(r, "a.test", CONF_TLS, 0, AF_INET6).text,
		"[2001:db8::1]:5061");
	assert_string_equal(get(r, "x.test", CONF_UDP, 0, AF_INET).text,
		"10.0.0.3:5071 10.0.0.1:5070 10.0.0.2:5070");
	assert_int_equal(net.asked, 0);
	obj_unref(conf);
	resolver_free(r);
	conf_errs_free(&errs);
}

/* RFC 2782: equal priorities share by weight; the same seed always the same. */
static void test_weights(void **state)
{
	struct dns_targets t = { .n = 3,
		.v = { { .priority = 1, .weight = 1 },
			{ .priority = 1, .weight = 9 },
			{ .priority = 0, .weight = 0 } } };
	size_t order[RESOLVER_TARGETS_MAX], again[RESOLVER_TARGETS_MAX];
	unsigned heavy = 0;

	(void)state;
	for (uint32_t seed = 0; seed < 1000; seed++) {
		dns_targets_order(&t, seed * 2654435761u, order);
		dns_targets_order(&t, seed * 2654435761u, again);
		assert_memory_equal(order, again, 3 * sizeof(order[0]));
		assert_int_equal(order[0], 2);
		heavy += order[1] == 1;
	}
	assert_in_range(heavy, 850, 950);
}

static void test_failed(void **state)
{
	struct failed_set s = { 0 };
	struct addr a;
	uint64_t now = 1000;

	(void)state;
	assert_int_equal(addr_parse(&a, SLICE_LIT("10.0.0.1"), 5060), 0);
	assert_false(failed_avoid(&s, CONF_UDP, &a, now));
	assert_true(failed_add(&s, CONF_UDP, &a, now, 0));
	assert_false(failed_add(&s, CONF_UDP, &a, now + 10, 0)); /* known */
	assert_true(failed_avoid(&s, CONF_UDP, &a, now + 29999));
	assert_false(failed_avoid(&s, CONF_TCP, &a, now));
	/* one tries, the others go on elsewhere until it was answered */
	assert_false(failed_avoid(&s, CONF_UDP, &a, now + 30000));
	assert_true(failed_avoid(&s, CONF_UDP, &a, now + 30001));
	/* it failed again: twice as long */
	assert_false(failed_add(&s, CONF_UDP, &a, now + 34000, 0));
	assert_true(failed_avoid(&s, CONF_UDP, &a, now + 34000 + 59999));
	assert_true(failed_clear(&s, CONF_UDP, &a));
	assert_false(failed_clear(&s, CONF_UDP, &a));
	assert_false(failed_avoid(&s, CONF_UDP, &a, now));
	for (int i = 0; i < 1000; i++) {
		addr_set_port(&a, (uint16_t)(i + 1));
		(void)failed_add(&s, CONF_UDP, &a, now, 7);
	}
	assert_int_equal(s.n, FAILED_MAX);
	failed_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_rows),
		T(test_file),
		T(test_kept),
		T(test_stale),
		T(test_hangs),
		T(test_bounds),
		T(test_configured),
		T(test_weights),
		T(test_failed),
	};

	return RUN_TESTS(tests);
}

#include "test.h"

#include "b2bua/route/route.h"
#include "base/obj.h"
#include "base/wire.h"

static const char text[] = "sip-listener PHONES\n"
			   " side access\n"
			   " address ipv4 127.0.0.1 port 5070\n"
			   " transport tcp\n"
			   "sip-listener OTHERS\n"
			   " side access\n"
			   " address ipv4 127.0.0.1 port 5071\n"
			   " transport udp\n"
			   "sip-listener INSIDE\n"
			   " side core\n"
			   " address ipv4 127.0.0.1 port 5080\n"
			   " transport udp\n"
			   "voice service voip\n"
			   " no srtp\n"
			   "sip-ua\n"
			   " registrar ipv4:127.0.0.9:5060\n"
			   "dial-peer voice 10 voip\n"
			   " session target registrar\n"
			   " session transport tcp\n"
			   " incoming listener PHONES\n"
			   " destination-pattern 2...\n"
			   "dial-peer voice 20 voip\n"
			   " session target ipv4:127.0.0.10\n"
			   " session transport udp\n"
			   " incoming listener INSIDE\n"
			   " destination-pattern .T\n"
			   "dial-peer voice 30 voip\n"
			   " session target ipv4:127.0.0.11\n"
			   " session transport udp\n"
			   " incoming called-number 20..\n"
			   " destination-pattern 2...\n"
			   " preference 5\n"
			   "dial-peer voice 40 voip\n"
			   " session target ipv4:127.0.0.12\n"
			   " session transport udp\n"
			   " destination-pattern 2...\n"
			   " preference 1\n"
			   "dial-peer voice 50 voip\n"
			   " session target ipv4:127.0.0.13\n"
			   " session transport udp\n"
			   " incoming called-number 20..\n"
			   " incoming listener PHONES\n"
			   " destination-pattern 25..\n"
			   " preference 9\n"
			   "dial-peer voice 60 voip\n"
			   " shutdown\n"
			   " session target ipv4:127.0.0.14\n"
			   " session transport udp\n"
			   " incoming called-number ....\n"
			   " destination-pattern 2599\n"
			   "dial-peer voice 70 voip\n"
			   " session target registrar\n"
			   " session transport udp\n"
			   " incoming listener OTHERS\n"
			   " destination-pattern 3...\n"
			   "dial-peer voice 80 voip\n"
			   " session target ipv4:127.0.0.15\n"
			   " session transport udp\n"
			   " destination-pattern 3...\n";

static struct conf *parse(const char *registrar)
{
	struct conf_errs errs = { 0 };
	char *all = mem_printf("%s%s", text, registrar);
	struct conf *c = conf_parse(slice_str(all), "t", &errs);

	conf_errs_print(&errs, "t", stderr);
	conf_errs_free(&errs);
	free(all);
	need(c != NULL);
	return c;
}

static const struct conf_listener *by_tag_listener(
	const struct conf *c, unsigned tag)
{
	const struct conf_dial_peer *p = conf_find_dial_peer(c, tag);

	return route_listener(c, p, &p->target_addr);
}

static void incoming(void **state)
{
	(void)state;
	static const struct {
		const char *listener, *called;
		unsigned tag;
	} rows[] = {
		{ "PHONES", "2001", 50 }, /* number and listener */
		{ "INSIDE", "2001", 30 }, /* number beats listener */
		{ "INSIDE", "9", 20 },
		{ "PHONES", "9", 10 },
		{ "OTHERS", "9", 70 },
	};
	struct conf *c = parse("");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct route_ask ask = { .listener = conf_find_listener(
						       c, rows[i].listener),
			.called = slice_str(rows[i].called) };
		const struct conf_dial_peer *p = route_incoming(c, &ask);

		check_row(rows[i].called, p != NULL && p->tag == rows[i].tag);
	}
	obj_unref(c);
}

static void outgoing(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum conf_side side;
		unsigned from;
		const char *called;
		const char *tags;
	} rows[] = {
		/* clang-format off */
		{ "longest, preference, tag", CONF_CORE, 0, "2001", "10 40 30 20 " },
		{ "longer first, worse preference", CONF_CORE, 0, "2501", "50 10 40 30 20 " },
		{ "not back where it came from", CONF_CORE, 20, "9", "" },
		{ "a preference decides for phones", CONF_ACCESS, 10, "2001", "10 40 30 20 " },
		{ "equal ones: the core decides", CONF_ACCESS, 10, "3001", "80 70 20 " },
		{ "equal ones from the core: the tag", CONF_CORE, 10, "3001", "70 80 20 " },
		{ "back to the registrar is fine", CONF_CORE, 10, "2001", "10 40 30 20 " },
		{ "any", CONF_ACCESS, 10, "9", "20 " },
		{ "empty number", CONF_ACCESS, 10, "", "" },
		/* clang-format on */
	};
	struct conf *c = parse("");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct conf_dial_peer *out[ROUTE_MAX];
		size_t n = route_outgoing(c, rows[i].side,
			conf_find_dial_peer(c, rows[i].from),
			slice_str(rows[i].called), slice_of(NULL, 0), out);
		char tags[128] = "";

		for (size_t k = 0; k < n; k++)
			snprintf(tags + strlen(tags),
				sizeof(tags) - strlen(tags), "%u ",
				out[k]->tag);
		check_row(rows[i].name, strcmp(tags, rows[i].tags) == 0);
	}
	obj_unref(c);
}

static void embedded(void **state)
{
	(void)state;
	const struct conf_dial_peer *out[ROUTE_MAX];
	struct conf *c = parse("sip-ua\n registrar embedded\n");

	assert_int_equal(c->ua.registrar, CONF_REG_EMBEDDED);
	assert_true(route_outgoing(c, CONF_ACCESS, NULL, SLICE_LIT("2001"),
			    slice_of(NULL, 0), out) == 4);
	assert_int_equal(out[0]->tag, 10);
	obj_unref(c);
}

static void many(void **state)
{
	(void)state;
	struct text t = { 0 };
	const struct conf_dial_peer *out[ROUTE_MAX];
	struct conf *c;

	for (unsigned i = 0; i < ROUTE_MAX + 9; i++)
		text_printf(&t,
			"dial-peer voice %u voip\n session target "
			"ipv4:127.0.1.%u\n session transport udp\n"
			" destination-pattern 77\n preference %u\n",
			1000 + i, i + 1, i % 11);
	c = parse(t.p);
	text_free(&t);
	assert_int_equal(route_outgoing(c, CONF_CORE, NULL, SLICE_LIT("77"),
				 slice_of(NULL, 0), out),
		ROUTE_MAX);
	for (size_t i = 1; i < ROUTE_MAX; i++)
		assert_true(out[i - 1]->preference <= out[i]->preference);
	obj_unref(c);
}

static void phones(void **state)
{
	(void)state;
	struct conf *c = parse("");

	assert_int_equal(route_phone(c, "PHONES", SLICE_LIT("2001"))->tag, 10);
	assert_int_equal(route_phone(c, "OTHERS", SLICE_LIT("3001"))->tag, 70);
	assert_null(route_phone(c, "PHONES", SLICE_LIT("9")));
	assert_null(route_phone(c, "OTHERS", SLICE_LIT("2001")));
	assert_string_equal(by_tag_listener(c, 20)->name, "INSIDE");
	assert_string_equal(by_tag_listener(c, 10)->name, "PHONES");
	assert_null(route_first(c, CONF_CORE, CONF_TLS, &(struct addr){ 0 }));
	obj_unref(c);
}

/* A listener that cannot reach the target's family is not taken. */
static void families(void **state)
{
	(void)state;
	struct conf *c = parse("sip-listener INSIDE6\n"
			       " side core\n"
			       " address ipv6 ::1 port 5080\n"
			       " transport udp\n"
			       "dial-peer voice 90 voip\n"
			       " session target ipv6:[::1]:5060\n"
			       " session transport udp\n"
			       " destination-pattern 9...\n");

	assert_string_equal(by_tag_listener(c, 90)->name, "INSIDE6");
	assert_string_equal(by_tag_listener(c, 20)->name, "INSIDE");
	obj_unref(c);
}

/* ---- as a search through all would have it ---- */

static const char *const pieces[] = { "1", "2", "12", "+49", ".", "[12]",
	"[^1]", "1?", "2+", "(12)?", "T", "$", ",", "2%", "*", "#", "A" };

static void random_pattern(char *out, size_t size)
{
	size_t offset;

	do {
		out[0] = '\0';
		for (int n = rand() % 5 + 1; n > 0; n--) {
			size_t used = strlen(out);

			snprintf(out + used, size - used, "%s",
				pieces[(size_t)rand() % ARRAY_SIZE(pieces)]);
		}
	} while (conf_pattern_check(out, &offset) != 0);
}

static const struct conf_dial_peer *linear_incoming(
	const struct conf *c, const struct route_ask *ask)
{
	const struct conf_dial_peer *best = NULL;
	struct route_rank r, rank = { 0 };

	for (const struct conf_dial_peer *p = c->dial_peers; p; p = p->next) {
		r = route_rank_incoming(p, ask);
		if (r.level == ROUTE_NOT ||
			(best != NULL && !route_rank_better(&r, &rank)))
			continue;
		best = p;
		rank = r;
	}
	return best;
}

static void check_same(const struct conf *c, const char *number)
{
	const struct route_ask ask = { .called = slice_str(number),
		.calling = slice_str(number) };
	const struct conf_dial_peer *out[ROUTE_MAX];
	size_t n = route_outgoing(
		       c, CONF_CORE, NULL, ask.called, slice_of(NULL, 0), out),
	       want = 0;

	check_row(number, route_incoming(c, &ask) == linear_incoming(c, &ask));
	for (const struct conf_dial_peer *p = c->dial_peers; p; p = p->next)
		want += p->destination != NULL &&
			route_number_match(p, ask.called) >= 0;
	check_row(number, n == (want < ROUTE_MAX ? want : ROUTE_MAX));
	for (size_t i = 1; i < n; i++)
		check_row(
			number, route_number_match(out[i - 1], ask.called) >=
					route_number_match(out[i], ask.called));
}

/* The tree finds what a search through all dial-peers finds. */
static void same_as_linear(void **state)
{
	(void)state;
	static const char digits[] = "12345+*#aA";
	struct text t = { 0 };
	struct conf_errs errs = { 0 };
	struct conf *c;
	char pattern[3][96], number[8];

	srand(1);
	text_add(&t, slice_str(text));
	for (unsigned i = 0; i < 300; i++) {
		for (int k = 0; k < 3; k++)
			random_pattern(pattern[k], sizeof(pattern[k]));
		text_printf(&t,
			"dial-peer voice %u voip\n"
			" destination-pattern %s\n"
			" %s %s\n session target ipv4:127.0.0.9\n"
			" session transport udp\n",
			1000 + i, pattern[0],
			i % 2 ? "incoming called-number" : "answer-address",
			pattern[1]);
	}
	c = conf_parse(text_slice(&t), "t", &errs);
	text_free(&t);
	conf_errs_free(&errs);
	assert_non_null(c);
	for (int i = 0; i < 2000; i++) {
		size_t n = (size_t)rand() % sizeof(number);

		for (size_t k = 0; k < n; k++)
			number[k] =
				digits[(size_t)rand() % (sizeof(digits) - 1)];
		number[n] = '\0';
		check_same(c, number);
	}
	obj_unref(c);
}

/* ---- levels of coming in ---- */

static void levels(void **state)
{
	(void)state;
	static const struct {
		const char *name, *source, *via, *request, *to, *from, *called,
			*calling;
		unsigned tag;
	} rows[] = {
		/* clang-format off */
		{ "via by its address", "10.0.0.1", "liar.example", "sip:x@a", "sip:x@a", "sip:9@b", "555", "9", 1 },
		{ "a Via's claim of it is none", "10.0.0.9", "10.0.0.1", "sip:x@a", "sip:x@a", "sip:9@b", "7", "8", 0 },
		{ "via by its name", "10.0.0.9", "SBC.example.com", "sip:x@a", "", "", "555", "9", 2 },
		{ "request before to", "10.0.0.9", "", "sip:x@req.example", "sip:x@to.example", "", "555", "9", 3 },
		{ "to before from", "10.0.0.9", "", "sip:x@a", "sip:x@to.example", "sip:x@from.example", "555", "9", 4 },
		{ "from before numbers", "10.0.0.9", "", "sip:x@a", "sip:x@a", "sip:x@from.example", "555", "9", 5 },
		{ "called before calling", "10.0.0.9", "", "sip:x@a", "sip:x@a", "sip:x@a", "555", "9", 6 },
		{ "a caller", "10.0.0.9", "", "sip:x@a", "sip:x@a", "sip:x@a", "7", "9", 7 },
		{ "host and user before host", "10.0.0.9", "", "sip:900@req.example", "sip:x@a", "sip:x@a", "7", "8", 8 },
		/* clang-format on */
	};
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(
		SLICE_LIT("voice service voip\n no srtp\n"
			  "sip-listener L\n side core\n"
			  " address ipv4 127.0.0.1 port 5080\n"
			  "voice class uri A sip\n host ipv4:10.0.0.1\n"
			  "voice class uri N sip\n host dns:sbc.example.com\n"
			  "voice class uri R sip\n host dns:req.example\n"
			  "voice class uri U sip\n host dns:req.example\n"
			  " user-id ^9\n"
			  "voice class uri T sip\n host to[.]example\n"
			  "voice class uri F sip\n pattern from.example$\n"
			  "dial-peer voice 1 voip\n incoming uri via A\n"
			  "dial-peer voice 2 voip\n incoming uri via N\n"
			  "dial-peer voice 3 voip\n incoming uri request R\n"
			  "dial-peer voice 4 voip\n incoming uri to T\n"
			  "dial-peer voice 5 voip\n incoming uri from F\n"
			  "dial-peer voice 6 voip\n incoming called-number 5\n"
			  "dial-peer voice 7 voip\n answer-address 9\n"
			  "dial-peer voice 8 voip\n incoming uri request U\n"
			  " session target ipv4:127.0.0.9\n"),
		"t", &errs);

	conf_errs_print(&errs, "t", stderr);
	conf_errs_free(&errs);
	assert_non_null(c);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct route_ask ask = { .called = slice_str(rows[i].called),
			.calling = slice_str(rows[i].calling),
			.uri = { slice_str(rows[i].via),
				slice_str(rows[i].request),
				slice_str(rows[i].to),
				slice_str(rows[i].from) } };
		const struct conf_dial_peer *p;

		assert_int_equal(
			addr_parse(&ask.source, slice_str(rows[i].source), 0),
			0);
		p = route_incoming(c, &ask);
		check_row(
			rows[i].name, (p != NULL ? p->tag : 0) == rows[i].tag);
	}
	obj_unref(c);
}

/* RFC 2782: by running sums of the weights. */
static void weights(void **state)
{
	(void)state;
	static const struct {
		uint32_t random;
		size_t first;
	} rows[] = { { 0, 1 }, { 9, 1 }, { 10, 2 }, { 39, 2 }, { 40, 3 },
		{ 99, 3 }, { 100, 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned weight[] = { 0, 10, 30, 60 };
		size_t index[] = { 0, 1, 2, 3 };

		route_weigh(weight, index, 4, rows[i].random);
		assert_int_equal(index[0], rows[i].first);
		assert_int_equal(
			weight[0] + weight[1] + weight[2] + weight[3], 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(incoming), T(outgoing),
		T(families), T(embedded), T(many), T(phones), T(same_as_linear),
		T(levels), T(weights) };

	return RUN_TESTS(tests);
}

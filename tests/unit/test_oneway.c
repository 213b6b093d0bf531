/* When a leg counts as not heard, and the cause that is named. */
#include "test.h"

#include "media/oneway.h"

enum { LIMIT = 10000 };

struct step { /* a second: what came on the leg since */
	unsigned rtp, rtcp, auth, source, malformed, sent, failed;
};

struct world {
	struct mleg leg;
	struct oneway o;
	uint64_t now;
	enum media_oneway cause;
};

static struct world *begin(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->leg.is_set = w->leg.send = w->leg.receive = true;
	w->now = 1000000;
	return w;
}

static enum oneway_news look(struct world *w, struct step s, bool flows)
{
	count(&w->leg.n.rx_packets, s.rtp);
	count(&w->leg.n.rx_rtcp, s.rtcp);
	count(&w->leg.n.auth_failed, s.auth);
	count(&w->leg.n.wrong_source, s.source);
	count(&w->leg.n.malformed, s.malformed);
	count(&w->leg.n.tx_packets, s.sent);
	count(&w->leg.n.send_failed, s.failed);
	w->now += 1000;
	(void)oneway_hear(&w->o, &w->leg, w->now);
	return oneway_judge(&w->o, &w->leg, flows, LIMIT, w->now, &w->cause);
}

/* How often it was told in so many seconds. */
static unsigned looks(struct world *w, unsigned n, struct step s, bool flows)
{
	unsigned told = 0;

	for (unsigned i = 0; i < n; i++)
		told += look(w, s, flows) == ONEWAY_TOLD;
	return told;
}

static void names_causes(void **state)
{
	static const struct {
		const char *name;
		bool talked; /* before */
		struct step s;
		bool flows;
		unsigned told;
		enum media_oneway cause;
	} row[] = {
		{ "never", false, { .sent = 50 }, true, 1, MEDIA_ONEWAY_NEVER },
		{ "stopped", true, { .sent = 50 }, true, 1,
			MEDIA_ONEWAY_STOPPED },
		{ "RTCP alone", true, { .rtcp = 1, .sent = 50 }, true, 1,
			MEDIA_ONEWAY_SILENT },
		{ "wrong key", false, { .auth = 50, .rtcp = 1, .sent = 50 },
			true, 1, MEDIA_ONEWAY_AUTH },
		{ "elsewhere", false, { .source = 50, .sent = 50 }, true, 1,
			MEDIA_ONEWAY_SOURCE },
		{ "elsewhere, nobody talks to it", false, { .source = 50 },
			false, 1, MEDIA_ONEWAY_SOURCE },
		{ "noise", false, { .malformed = 50, .sent = 50 }, true, 1,
			MEDIA_ONEWAY_MALFORMED },
		{ "no way out", false, { .failed = 50 }, true, 1,
			MEDIA_ONEWAY_SEND },
		{ "nobody talks", false, { 0 }, false, 0, MEDIA_ONEWAY_NEVER },
		{ "all is well", true, { .rtp = 50, .sent = 50 }, true, 0,
			MEDIA_ONEWAY_HEARD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct world *w = begin();

		if (row[i].talked)
			looks(w, 3, (struct step){ .rtp = 50 }, true);
		check_row(row[i].name,
			looks(w, 12, row[i].s, row[i].flows) == row[i].told);
		if (row[i].told > 0)
			check_row(row[i].name, w->o.told);
		looks(w, 10, row[i].s, row[i].flows);
		if (row[i].told > 0)
			check_row(row[i].name, w->cause == row[i].cause);
		free(w);
	}
}

static void ends_when_heard(void **state)
{
	struct world *w = begin();

	(void)state;
	assert_int_equal(looks(w, 12, (struct step){ .sent = 50 }, true), 1);
	assert_int_equal(look(w, (struct step){ .rtp = 1 }, true), ONEWAY_OVER);
	assert_int_equal(w->cause, MEDIA_ONEWAY_HEARD);
	assert_int_equal(
		look(w, (struct step){ .rtp = 1 }, true), ONEWAY_QUIET);
	/* from the last packet on */
	assert_int_equal(looks(w, 9, (struct step){ 0 }, true), 0);
	assert_int_equal(looks(w, 2, (struct step){ 0 }, true), 1);
	free(w);
}

/* On hold nobody is expected; afterwards time begins anew. */
static void hold_is_no_fault(void **state)
{
	struct world *w = begin();

	(void)state;
	assert_int_equal(looks(w, 12, (struct step){ .sent = 50 }, true), 1);
	w->leg.send = false;
	assert_int_equal(look(w, (struct step){ 0 }, true), ONEWAY_OVER);
	assert_int_equal(w->cause, MEDIA_ONEWAY_HELD);
	assert_int_equal(looks(w, 30, (struct step){ 0 }, true), 0);
	w->leg.send = true;
	assert_int_equal(looks(w, 10, (struct step){ 0 }, true), 0);
	assert_int_equal(looks(w, 2, (struct step){ 0 }, true), 1);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(names_causes), T(ends_when_heard),
		T(hold_is_no_fault) };

	return RUN_TESTS(tests);
}

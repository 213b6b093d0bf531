/*
 * Every pair of events that can cross, in every state of a call's table, in
 * both orders. Each file of crossings/ brings a call into a state; there, all
 * that may happen next is listed, and each pair of it happens in a row, before
 * the far ends hear of the first. Then they play fair (fair.h) until nobody
 * owes anything, and this must hold:
 *
 *   - a call is up with both its legs, nothing under way, or it is gone;
 *   - what is up takes a new offer from each far end, and ends by one BYE;
 *   - at the end nothing is left: see world_nothing_left(), and fake_port.c
 *     for what must hold with each message.
 *
 *   cross COMMON FILE…: with more than one FILE, every pair of rows that a
 *   state of the table has must have crossed, but for those that cannot.
 */
#include "cross.h"

enum {
	CROSSES_MAX = 64,
	RULES_MAX = 128,
	SOON_MS =
		12000, /* glare, transferors: who waits longer waits in vain */
	REACTIONS_MAX = 500,
};

enum { EVENTS_MAX = 8 };
struct events_of { /* rows that a thing that happened took, from outside */
	size_t n;
	struct {
		enum call_state state;
		enum call_event event;
	} v[EVENTS_MAX];
};

static bool crossed[CALL_STATE_COUNT][CALL_EVENT_COUNT][CALL_EVENT_COUNT];
static unsigned runs;

/* Our own: posted while another is taken, or before there is a call. */
static bool comes_from_outside(enum call_event e)
{
	return e != EV_INVITE && e != EV_TRANSFER && e != EV_FAIL &&
	       e != EV_TELL && e != EV_QUIET;
}

static void begin(const char *common, const char *file)
{
	story_open();
	story_play(common);
	story_play(file);
	st.file = file;
}

/* ---- until nobody owes anything ---- */

static void settle(bool last)
{
	uint64_t until = st.w->now + SOON_MS;

	for (unsigned n = 0; n < REACTIONS_MAX; n++) {
		if (fair_react(last))
			continue;
		if (st.w->timers != NULL && st.w->timers->at <= until)
			(void)world_tick(st.w);
		else if (!cross_do(&(struct cross){ .kind = CROSS_PLAYED }))
			return;
	}
	story_fail("it does not come to rest");
}

static void is_up(const struct call *c)
{
	if (c->state != CALL_UP)
		story_fail("a call stays %s", call_state_name(c->state));
	if (c->xchg.active || c->nrelays > 0 || c->taker != NULL)
		story_fail("something stays under way");
	for (int i = 0; i < 2; i++)
		if (c->leg[i].dlg == NULL || fair_over(c->leg[i].dlg))
			story_fail("a call is up with one leg");
}

static void whole(void)
{
	size_t legs = 0;

	for (struct call *c = st.w->core->calls; c != NULL; c = c->next) {
		is_up(c);
		legs += 2;
	}
	for (struct sip_dlg *d = st.w->dlgs; d != NULL; d = d->next)
		legs -= !d->closed;
	if (legs != 0)
		story_fail("dialogs and legs do not match");
}

/* What is up takes a new offer from each far end, if all can be reached. */
static void takes_offers(bool last)
{
	for (struct party *p = st.w->parties; p != NULL; p = p->next)
		if (fair_gone(p))
			return;
	for (struct sip_dlg *d = st.w->dlgs; d != NULL; d = d->next) {
		if (d->closed)
			continue;
		fair_request(d, "INVITE",
			d->peer->transport == CONF_TLS ? "secure-rekey"
						       : "plain");
		settle(last);
		if (d->peer->txns->status != 200)
			story_fail("a new offer of %s gets %d", d->peer->name,
				d->peer->txns->status);
	}
}

static void hang_up(bool last)
{
	for (struct sip_dlg *d = st.w->dlgs; d != NULL; d = d->next)
		if (!d->closed && !fair_over(d) && !fair_gone(d->peer) &&
			d->uac == last) {
			fair_request(d, "BYE", NULL);
			settle(last);
		}
	for (unsigned n = 0; n < 3 && st.w->core->calls != NULL; n++) {
		(void)core_clear_call(st.w->core, st.w->core->calls->id);
		settle(last);
	}
	if (st.w->core->calls != NULL)
		story_fail("a call stays after its end");
}

static void finish(bool last)
{
	settle(last);
	whole();
	takes_offers(last);
	whole();
	hang_up(last);
	for (struct party *p = st.w->parties; p != NULL; p = p->next)
		while (p->sent != NULL) {
			struct sent *s = p->sent;

			p->sent = s->next;
			sent_free(s);
		}
	story_close();
	runs++;
}

/* ---- pairs ---- */

static void doing(const struct cross *x, const struct cross *y, bool last)
{
	static char text[256];
	char a[100], b[100] = "";

	cross_name(x, a, sizeof(a));
	if (y != NULL)
		cross_name(y, b, sizeof(b));
	(void)snprintf(text, sizeof(text), "%s%s%s%s", a,
		y != NULL ? ", then " : "", b, last ? " (last first)" : "");
	st.doing = text;
}

/* Which rows of the table it takes, of those for states that calls are in. */
static struct events_of happen(const struct cross *x)
{
	struct call_rule_use was[RULES_MAX], now[RULES_MAX];
	size_t n = call_rules(was, RULES_MAX);
	bool is[CALL_STATE_COUNT] = { false };
	struct events_of e = { 0 };

	for (struct call *c = st.w->core->calls; c != NULL; c = c->next)
		is[c->state] = true;
	(void)cross_do(x);
	(void)call_rules(now, RULES_MAX);
	for (size_t i = 0; i < n && e.n < EVENTS_MAX; i++) {
		if (now[i].taken == was[i].taken || !is[now[i].state] ||
			!comes_from_outside(now[i].event))
			continue;
		e.v[e.n].state = now[i].state;
		e.v[e.n++].event = now[i].event;
	}
	return e;
}

static struct events_of single(
	const char *common, const char *file, const struct cross *x, bool last)
{
	struct events_of e;

	begin(common, file);
	doing(x, NULL, last);
	e = happen(x);
	finish(last);
	return e;
}

static void note(const struct events_of *a, const struct events_of *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			if (a->v[i].state == b->v[j].state)
				crossed[a->v[i].state][a->v[i].event]
				       [b->v[j].event] = true;
}

static void pair(const char *common, const char *file, const struct cross *x,
	const struct cross *y, bool last)
{
	begin(common, file);
	doing(x, y, last);
	(void)cross_do(x);
	(void)cross_do(y); /* or the first has made it impossible */
	finish(last);
}

static size_t list(const char *common, const char *file, struct cross *out)
{
	size_t n;

	begin(common, file);
	n = cross_list(out, CROSSES_MAX);
	for (size_t i = 0; i < n; i++)
		if (out[i].line != NULL)
			out[i].line = mem_dup(out[i].line);
	st.doing = "nothing happens";
	finish(false);
	return n;
}

static void cross_file(const char *common, const char *file)
{
	struct cross x[CROSSES_MAX];
	struct events_of e[CROSSES_MAX];
	size_t n = list(common, file, x);
	unsigned before = runs;

	for (size_t i = 0; i < n; i++) {
		e[i] = single(common, file, &x[i], false);
		(void)single(common, file, &x[i], true);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			if (i == j || e[i].n == 0 || e[j].n == 0)
				continue;
			pair(common, file, &x[i], &x[j], (i + j) % 2 == 1);
			note(&e[i], &e[j]);
		}
	for (size_t i = 0; i < n; i++)
		free(x[i].line);
	st.doing = NULL;
	(void)printf("ok %s: %zu events, %u runs\n", file, n, runs - before);
}

#define E(name) (1u << EV_##name)

/* Pairs that never meet, whatever happens. */
static const struct {
	enum call_state state;
	unsigned some, others; /* events */
	const char *why;
} never[] = {
	{ CALL_DIALING, E(JOIN), E(PROGRESS) | E(ANSWER) | E(REJECT),
		"who is to be joined has no INVITE yet" },
	{ CALL_DIALING, E(TIMEOUT), E(JOIN) | E(REPLY),
		"the port has told before" },
	{ CALL_ANSWERED, E(JOIN), E(ACK) | E(REJECT),
		"who is joined has one INVITE at a time" },
	{ CALL_ANSWERED, E(JOIN) | E(REJECT), E(NO_ACK) | E(PRACK),
		"who is joined has not called" },
	{ CALL_UP, E(CANCEL), E(ACK) | E(NO_ACK), "one exchange at a time" },
	{ CALL_UP, E(MOVED), E(CANCEL) | E(ACK) | E(NO_ACK),
		"a leg stays until its exchange is over" },
	{ CALL_UP, E(REFRESH), E(EXPIRED), "timers come one by one" },
	{ CALL_TELLING, E(TIMEOUT), E(PRACK), "the port has told before" },
	{ CALL_REFERRED, E(TIMEOUT), E(RETURN),
		"it runs once the leg is gone for good" },
	{ CALL_ENDING, E(PROGRESS) | E(ANSWER) | E(REJECT), E(ACK) | E(NO_ACK),
		"A is answered once B has answered" },
	{ CALL_ENDING, E(RETURN),
		E(PROGRESS) | E(ANSWER) | E(REJECT) | E(ACK) | E(NO_ACK) |
			E(PRACK),
		"a leg leaves a call that is up and has no exchange" },
	{ CALL_ENDING, E(TIMEOUT),
		E(PROGRESS) | E(ANSWER) | E(REJECT) | E(ACK) | E(NO_ACK) |
			E(PRACK) | E(BYE_DONE),
		"the port has told before" },
};

static bool never_meet(enum call_state s, enum call_event a, enum call_event b)
{
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (never[i].state == s &&
			(((never[i].some >> a & 1) != 0 &&
				 (never[i].others >> b & 1) != 0) ||
				((never[i].some >> b & 1) != 0 &&
					(never[i].others >> a & 1) != 0)))
			return true;
	return false;
}

/* Every ordered pair of rows of a state: has it crossed, and could it? */
static int coverage(void)
{
	struct call_rule_use v[RULES_MAX];
	size_t n = call_rules(v, RULES_MAX), all = 0, met = 0, apart = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			enum call_event a = v[i].event, b = v[j].event;
			bool is, can = !never_meet(v[i].state, a, b);

			if (v[i].state != v[j].state || i == j ||
				!comes_from_outside(a) ||
				!comes_from_outside(b))
				continue;
			is = crossed[v[i].state][a][b];
			all += can;
			met += can && is;
			apart += !can;
			if (is != can)
				(void)printf("%s: %s: %s, %s\n",
					can ? "never crossed"
					    : "crossed after all",
					call_state_name(v[i].state),
					call_event_name(a), call_event_name(b));
			if (is && !can)
				return 1;
		}
	(void)printf("pairs %zu of %zu (%zu never meet), %u runs\n", met, all,
		apart, runs);
	return met == all ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct log_params quiet = { .level = LOG_SEV_EMERGENCY };

	if (argc < 3 || log_setup(&quiet) != 0)
		return 2;
	for (int i = 2; i < argc; i++)
		cross_file(argv[1], argv[i]);
	return argc > 3 ? coverage() : 0;
}

#include "cross.h"

enum { TELLS_MS = 32000 };

static const struct {
	enum cross_kind kind;
	const char *method;
	int status;
} templates[] = {
	{ CROSS_REQUEST, "BYE", 0 },
	{ CROSS_OFFER, "INVITE", 0 },
	{ CROSS_REQUEST, "INVITE", 0 },
	{ CROSS_OFFER, "UPDATE", 0 },
	{ CROSS_REQUEST, "INFO", 0 },
	{ CROSS_REQUEST, "REFER", 0 },
	{ CROSS_REQUEST, "NOTIFY", 0 },
	{ CROSS_ACK, "ACK", 0 },
	{ CROSS_NO_ACK, "ACK", 0 },
	{ CROSS_PRACK, "PRACK", 0 },
	{ CROSS_NO_PRACK, "PRACK", 0 },
	{ CROSS_CANCEL, "CANCEL", 0 },
	{ CROSS_ANSWER, "INVITE", 180 },
	{ CROSS_ANSWER, "INVITE", 183 },
	{ CROSS_ANSWER, "INVITE", 200 },
	{ CROSS_ANSWER, "INVITE", 486 },
	{ CROSS_ANSWER, "INVITE", 491 },
	{ CROSS_ANSWER, "INVITE", 503 },
	{ CROSS_TIMEOUT, "INVITE", 408 },
	{ CROSS_ANSWER, "UPDATE", 200 },
	{ CROSS_ANSWER, "UPDATE", 491 },
	{ CROSS_TIMEOUT, "UPDATE", 408 },
	{ CROSS_ANSWER, "INFO", 200 },
	{ CROSS_ANSWER, "INFO", 481 },
	{ CROSS_ANSWER, "REFER", 202 },
	{ CROSS_ANSWER, "NOTIFY", 200 },
	{ CROSS_ANSWER, "PRACK", 200 },
	{ CROSS_ANSWER, "BYE", 200 },
	{ CROSS_ANSWER, "BYE", 481 },
	{ CROSS_TIMEOUT, "BYE", 408 },
	{ CROSS_CLOSE, "", 0 },
};

static struct client *open_client(const struct party *p, const char *method)
{
	for (struct client *c = p->clients; c != NULL; c = c->next)
		if (!c->done && strcmp(c->method, method) == 0)
			return c;
	return NULL;
}

/* The newest dialog that the far end believes in: it may not have heard yet
 * that it ended. */
static struct sip_dlg *talking(const struct party *p)
{
	return p->dlg != NULL && p->dlg->known && p->dlg->byes_in == 0 ? p->dlg
								       : NULL;
}

static struct sip_txn *unpracked(const struct party *p, bool silent)
{
	for (struct sip_txn *t = p->txns; t != NULL; t = t->next)
		if (t->unpracked > 0 && !(silent && t->done))
			return t;
	return NULL;
}

static bool can_request(struct party *p, const struct cross *x)
{
	const struct sip_dlg *d = talking(p);

	return d != NULL && !(strcmp(x->method, "INVITE") == 0 &&
				    (far_invite_open(p, d) != NULL ||
					    far_invite_unacked(p, d) != NULL));
}

/* Would the port tell before that something never came (64·T1)? */
static bool tells_first(void)
{
	if (st.w->timers->at < st.w->now + TELLS_MS)
		return false;
	for (struct party *p = st.w->parties; p != NULL; p = p->next) {
		if (far_invite_unacked(p, NULL) != NULL || unpracked(p, true))
			return true;
		for (struct client *c = p->clients; c != NULL; c = c->next)
			if (!c->done &&
				(c->cancelled ||
					strcmp(c->method, "INVITE") != 0))
				return true;
	}
	return false;
}

static struct mcall *plays_once(void)
{
	struct mcall *mc = fake_mcalls;

	while (mc != NULL && !(mc->once[0] && mc->playing[0] != NULL))
		mc = mc->next;
	return mc;
}

static bool can(struct party *p, const struct cross *x)
{
	if (p != NULL && fair_gone(p) && x->kind != CROSS_NO_ACK &&
		x->kind != CROSS_NO_PRACK && x->kind != CROSS_TIMEOUT)
		return false;
	switch (x->kind) {
	case CROSS_REQUEST:
	case CROSS_OFFER:
		return can_request(p, x);
	case CROSS_ACK:
	case CROSS_NO_ACK:
		return far_invite_unacked(p, NULL) != NULL;
	case CROSS_PRACK:
	case CROSS_NO_PRACK:
		return unpracked(p, x->kind == CROSS_NO_PRACK) != NULL;
	case CROSS_CANCEL:
		return far_invite_open(p, NULL) != NULL;
	case CROSS_ANSWER:
	case CROSS_TIMEOUT:
		return open_client(p, x->method) != NULL;
	case CROSS_CLOSE:
		return p->flow != NULL;
	case CROSS_CLEAR:
		return true;
	case CROSS_MEDIA:
		return fake_mcalls != NULL && fake_mcalls->event != NULL;
	case CROSS_PLAYED:
		return plays_once() != NULL;
	case CROSS_TICK:
		return st.w->timers != NULL && !tells_first();
	case CROSS_LINE:
		return true;
	}
	return false;
}

static struct party *party_of(const struct cross *x)
{
	return x->who[0] != '\0' ? world_party(st.w, x->who) : NULL;
}

static size_t add(struct cross *out, size_t n, size_t max, struct cross x)
{
	if (!can(party_of(&x), &x))
		return n;
	if (n == max)
		story_fail("more may happen than can be listed");
	out[n] = x;
	return n + 1;
}

size_t cross_list(struct cross *out, size_t max)
{
	size_t n = 0;

	for (struct party *p = st.w->parties; p != NULL; p = p->next)
		for (size_t i = 0; i < ARRAY_SIZE(templates); i++) {
			struct cross x = { .kind = templates[i].kind,
				.method = templates[i].method,
				.status = templates[i].status };

			(void)snprintf(x.who, sizeof(x.who), "%s", p->name);
			n = add(out, n, max, x);
		}
	for (struct call *c = st.w->core->calls; c != NULL; c = c->next)
		n = add(out, n, max,
			(struct cross){
				.kind = CROSS_CLEAR, .status = (int)c->id });
	n = add(out, n, max, (struct cross){ .kind = CROSS_MEDIA });
	n = add(out, n, max, (struct cross){ .kind = CROSS_PLAYED });
	n = add(out, n, max, (struct cross){ .kind = CROSS_TICK });
	for (size_t i = 0; i < st.ncross; i++)
		n = add(out, n, max,
			(struct cross){
				.kind = CROSS_LINE, .line = st.cross[i] });
	return n;
}

static void do_media(void)
{
	struct media_event ev = { .kind = MEDIA_INACTIVE, .side = -1 };

	fake_mcalls->event(fake_mcalls->owner, &ev);
}

static void do_played(struct mcall *mc)
{
	struct media_event ev = { .kind = MEDIA_PLAYED };

	mc->once[0] = false;
	mc->event(mc->owner, &ev);
}

static void do_line(const char *line)
{
	char *copy = mem_dup(line);

	story_line(copy);
	free(copy);
}

static void do_close(struct party *p)
{
	char verb[] = "close";
	struct words w = { .n = 2, .v = { p->name, verb } };

	story_party_line(p, &w);
}

bool cross_do(const struct cross *x)
{
	struct party *p = party_of(x);

	if (!can(p, x))
		return false;
	switch (x->kind) {
	case CROSS_REQUEST:
		fair_request(p->dlg, x->method, NULL);
		break;
	case CROSS_OFFER:
		fair_request(p->dlg, x->method, fair_offer(p));
		break;
	case CROSS_ACK:
		fair_ack(far_invite_unacked(p, NULL));
		break;
	case CROSS_NO_ACK:
		far_ack(far_invite_unacked(p, NULL), NULL);
		break;
	case CROSS_PRACK:
		fair_prack(unpracked(p, false));
		break;
	case CROSS_NO_PRACK:
		far_prack(unpracked(p, true)->dlg, unpracked(p, true), NULL);
		break;
	case CROSS_CANCEL:
		far_cancel(far_invite_open(p, NULL), NULL);
		break;
	case CROSS_ANSWER:
		fair_answer(open_client(p, x->method), x->status);
		break;
	case CROSS_TIMEOUT:
		fair_timeout(open_client(p, x->method));
		break;
	case CROSS_CLOSE:
		do_close(p);
		break;
	case CROSS_CLEAR:
		(void)core_clear_call(st.w->core, (uint32_t)x->status);
		break;
	case CROSS_MEDIA:
		do_media();
		break;
	case CROSS_PLAYED:
		do_played(plays_once());
		break;
	case CROSS_TICK:
		(void)world_tick(st.w);
		break;
	case CROSS_LINE:
		do_line(x->line);
		break;
	}
	return true;
}

void cross_name(const struct cross *x, char *out, size_t size)
{
	static const char *const kinds[] = { [CROSS_REQUEST] = "",
		[CROSS_OFFER] = " with offer",
		[CROSS_ACK] = "",
		[CROSS_NO_ACK] = " that never comes",
		[CROSS_PRACK] = "",
		[CROSS_NO_PRACK] = " that never comes",
		[CROSS_CANCEL] = "",
		[CROSS_ANSWER] = "",
		[CROSS_TIMEOUT] = " not answered",
		[CROSS_CLOSE] = " loses its connection",
		[CROSS_MEDIA] = "silence",
		[CROSS_PLAYED] = "sound ends",
		[CROSS_TICK] = "timer",
		[CROSS_LINE] = "" };

	if (x->kind == CROSS_LINE)
		(void)snprintf(out, size, "%s", x->line);
	else if (x->kind == CROSS_ANSWER)
		(void)snprintf(
			out, size, "%s> %d %s", x->who, x->status, x->method);
	else if (x->kind == CROSS_CLEAR)
		(void)snprintf(out, size, "clear call %d", x->status);
	else
		(void)snprintf(out, size, "%s%s%s%s", x->who,
			x->method != NULL && x->method[0] != '\0' ? "> " : "",
			x->method != NULL ? x->method : "", kinds[x->kind]);
}

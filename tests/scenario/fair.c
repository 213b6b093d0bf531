#include "fair.h"

enum { PARTIES_MAX = 16 };

bool fair_gone(const struct party *p)
{
	return p->flow != NULL && p->flow->closed;
}

bool fair_over(const struct sip_dlg *d)
{
	return d->byes_in + d->byes_out > 0;
}

const char *fair_offer(const struct party *p)
{
	return p->transport == CONF_TLS ? "secure-hold" : "plain-holds";
}

/* ---- what is said ---- */

static struct sip_msg msg; /* the one under way: too large for the stack */

static void begin(const char *method)
{
	static uint32_t cseq = 100;

	msg = (struct sip_msg){ .method = far_method(method),
		.method_name = slice_str(method),
		.max_forwards = 70,
		.expires = -1,
		.cseq = ++cseq,
		.call_id = SLICE_LIT("far-end-call-id"),
		.from = SLICE_LIT("\"Far\" <sip:2001@example.com>;tag=abc"),
		.to = SLICE_LIT("<sip:3000@example.com>"),
		.to_tag = SLICE_LIT("b1") };
}

static void header(const char *name, const char *value)
{
	msg.hdr[msg.nhdrs++] = (struct sip_hdr){ .name = slice_str(name),
		.value = slice_str(value) };
}

static void describe(const char *sdp)
{
	header("Content-Type", "application/sdp");
	msg.body = slice_str(sdp);
}

/* An answer to an offer with the first of its keys' suites; free() it. */
static char *answer_to(const char *offer)
{
	const char *line = strstr(offer, "a=crypto:");
	char suite[48] = "";
	unsigned tag = 0;
	char *text, *keyed;

	if (line == NULL)
		return mem_dup(story_sdp("plain-answer"));
	if (sscanf(line, "a=crypto:%u %47s", &tag, suite) != 2)
		story_fail("an offer with a strange key");
	text = mem_printf("v=0\r\no=phone 5 1 IN IP4 198.51.100.1\r\ns=-\r\n"
			  "c=IN IP4 198.51.100.1\r\nt=0 0\r\n"
			  "m=audio 4100 RTP/SAVP 0\r\n"
			  "a=rtpmap:0 PCMU/8000\r\n"
			  "a=crypto:%u %s inline:@key:fair:%u@\r\n",
		tag, suite, strstr(suite, "256") != NULL ? 44 : 30);
	keyed = story_with_keys(text);
	free(text);
	return keyed;
}

/* Whose REFER waits to be told how it went. */
static struct client *refer_of(const struct party *p)
{
	for (struct client *c = p->clients; c != NULL; c = c->next)
		if (strcmp(c->method, "REFER") == 0 && c->status == 202 &&
			!c->acked)
			return c;
	return NULL;
}

void fair_request(struct sip_dlg *d, const char *method, const char *sdp)
{
	begin(method);
	if (sdp != NULL)
		describe(story_sdp(sdp));
	if (strcmp(method, "REFER") == 0)
		header("Refer-To", "<sip:3009@example.com>");
	if (strcmp(method, "NOTIFY") == 0) {
		struct client *refer = refer_of(d->peer);

		if (refer != NULL)
			refer->acked = true;
		header("Event", "refer");
		header("Subscription-State", "terminated;reason=noresource");
		header("Content-Type", "message/sipfrag");
		msg.body = SLICE_LIT("SIP/2.0 200 OK\r\n");
	}
	far_request(d->peer, d, &msg);
}

/* The description we sent it last was an offer: in a 2xx or reliable 1xx to an
 * INVITE without one. */
static char *answer_of_ack(const struct sip_txn *t)
{
	return t->late && !t->answered && t->body != NULL && t->body[0] != '\0'
		       ? answer_to(t->body)
		       : NULL;
}

void fair_ack(struct sip_txn *t)
{
	char *answer = answer_of_ack(t);

	begin("ACK");
	if (answer != NULL)
		describe(answer);
	far_ack(t, &msg);
	free(answer);
}

void fair_prack(struct sip_txn *t)
{
	char *answer = answer_of_ack(t);

	begin("PRACK");
	if (answer != NULL)
		describe(answer);
	t->answered |= answer != NULL;
	far_prack(t->dlg, t, &msg);
	free(answer);
}

/* ---- what is answered ---- */

static bool knows_rel(const struct client *c)
{
	return c->headers != NULL && strstr(c->headers, "100rel") != NULL;
}

static void respond(struct client *c, int status, bool local)
{
	bool invite = strcmp(c->method, "INVITE") == 0;
	bool offer = invite ||
		     (strcmp(c->method, "UPDATE") == 0 && c->body[0] != '\0');
	char *sdp = NULL;

	begin(c->method);
	msg.response = true;
	msg.local = local;
	msg.status = status;
	msg.max_forwards = -1;
	msg.cseq = c->cseq;
	if (invite && status == 183 && knows_rel(c))
		msg.rseq = ++c->rseq;
	if (offer && status > 180 && status < 300) {
		sdp = c->body[0] != '\0'
			      ? answer_to(c->body)
			      : mem_dup(story_sdp(fair_offer(c->to)));
		describe(sdp);
	}
	far_respond(c, &msg);
	free(sdp);
}

void fair_answer(struct client *c, int status)
{
	respond(c, status, false);
}

void fair_timeout(struct client *c)
{
	respond(c, 408, true);
}

/* ---- what is owed ---- */

static void answer_fairly(struct client *c)
{
	bool bye = strcmp(c->method, "BYE") == 0;

	if (fair_gone(c->to))
		respond(c, 408, true);
	else if (c->cancelled)
		respond(c, 487, false);
	else if (c->dlg != NULL && c->dlg->known && fair_over(c->dlg) && !bye)
		respond(c, 481, false);
	else if (strcmp(c->method, "REFER") == 0)
		respond(c, 603, false);
	else
		respond(c, 200, false);
}

static struct sip_txn *unpracked(const struct party *p)
{
	for (struct sip_txn *t = p->txns; t != NULL; t = t->next)
		if (t->unpracked > 0 && !fair_gone(p))
			return t;
	return NULL;
}

static struct client *asked(const struct party *p)
{
	struct client *oldest = NULL;

	for (struct client *c = p->clients; c != NULL; c = c->next)
		if (!c->done)
			oldest = c;
	return oldest;
}

static bool react(struct party *p)
{
	struct sip_txn *t = far_invite_unacked(p, NULL);
	struct client *c = asked(p);

	if (t != NULL) {
		if (fair_gone(p))
			far_ack(t, NULL);
		else
			fair_ack(t);
		return true;
	}
	t = unpracked(p);
	if (t != NULL) {
		fair_prack(t);
		return true;
	}
	if (c != NULL) {
		answer_fairly(c);
		return true;
	}
	c = fair_gone(p) ? NULL : refer_of(p);
	if (c != NULL)
		fair_request(c->dlg, "NOTIFY", NULL);
	return c != NULL;
}

bool fair_react(bool last)
{
	struct party *v[PARTIES_MAX];
	size_t n = 0;

	for (struct party *p = st.w->parties; p != NULL; p = p->next) {
		if (n == PARTIES_MAX)
			story_fail("too many far ends");
		v[n++] = p;
	}
	for (size_t i = 0; i < n; i++)
		if (react(v[last ? n - 1 - i : i]))
			return true;
	return false;
}

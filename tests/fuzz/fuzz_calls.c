/*
 * Call logic under events in any order: each few bytes are one thing that a
 * far end, a connection, the clock, media or the operator may do next. The
 * port and the clock are those of tests/scenario, and whatever sip_port.h
 * promises is kept: nothing is answered that was not asked, an ACK follows a
 * 2xx, responses stop at the final one.
 *
 * Held at every step (fake_port.c): a request is answered once, nothing is
 * sent in a closed dialog, one INVITE at a time. Held at the end, when every
 * far end has hung up and time has passed: no call, no registration and no
 * subscription is left; without the core no timer, dialog or media either.
 * What was not freed is the sanitizer's to say.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../scenario/story.h"
#include "base/log.h"
#include "calls_material.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	EVENTS_MAX = 300,
	SETTLE_ROUNDS = 40,
	SETTLE_MS = 70000,
	TELLS_MS = 30000
};

struct story st;
static uint64_t told_ms; /* when the port told of what did not come */

void story_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n%.*s", SLICE_ARG(text_slice(&st.w->trace)));
	abort();
}

/* What the input is read through; zeros for ever when it has ended. */
static struct {
	const uint8_t *p;
	size_t n;
} in;

static unsigned take(unsigned below)
{
	unsigned v = 0;

	if (in.n > 0) {
		v = *in.p++;
		in.n--;
	}
	return below > 0 ? v % below : 0;
}

static struct sip_msg msg; /* the one under way: too large for the stack */
static char from_text[80];

static void decorate(struct sip_msg *m)
{
	const char *body = bodies[take(ARRAY_SIZE(bodies))];

	m->max_forwards = m->response ? -1 : 70;
	m->expires = -1;
	m->cseq = 1 + take(4);
	m->call_id = SLICE_LIT("far-end-call-id");
	(void)snprintf(from_text, sizeof(from_text),
		"\"Far\" <sip:200%u@example.com>;tag=abc", 1 + take(2));
	m->from = slice_str(from_text);
	m->to = SLICE_LIT("<sip:2002@example.com>");
	for (unsigned n = take(4); n > 0; n--)
		m->hdr[m->nhdrs++] = headers[take(ARRAY_SIZE(headers))];
	if (body == NULL)
		return;
	m->body = slice_str(body);
	m->hdr[m->nhdrs++] = (struct sip_hdr){ SLICE_LIT("Content-Type"),
		SLICE_LIT("application/sdp") };
}

static void add_contact(struct sip_msg *m, const char *uri, int expires)
{
	m->contact[m->ncontacts++] =
		(struct sip_contact){ .uri = slice_str(uri),
			.expires = expires };
}

static int64_t lifetime(void)
{
	static const int64_t seconds[] = { 600, -1, 0 };

	return seconds[take(ARRAY_SIZE(seconds))];
}

/* Those within dialogs first. */
static const char *const methods[] = { "INVITE", "UPDATE", "BYE", "INFO",
	"REFER", "NOTIFY", "SUBSCRIBE", "MESSAGE", "OPTIONS", "REGISTER",
	"PUBLISH", "FOO" };

static struct party *some_party(void)
{
	struct party *p = st.w->parties;

	for (unsigned n = take(6); n > 0; n--)
		p = p->next != NULL ? p->next : st.w->parties;
	return p;
}

/* ---- what far ends do ---- */

static void request_outside(struct party *p)
{
	static const char *const uris[] = { "sip:2001@example.com",
		"sip:2002@example.com", "sip:3000@example.com",
		"sip:example.com", "tel:2002", "sip:9@203.0.113.5" };
	size_t n = take(ARRAY_SIZE(methods));

	if (p->flow != NULL && p->flow->closed)
		return;
	msg = (struct sip_msg){ .method = far_method(methods[n]),
		.method_name = slice_str(methods[n]),
		.ruri = slice_str(uris[take(ARRAY_SIZE(uris))]) };
	decorate(&msg);
	if (msg.method == SIP_INVITE || msg.method == SIP_SUBSCRIBE)
		add_contact(&msg, "sip:far@198.51.100.1", -1);
	if (msg.method == SIP_SUBSCRIBE)
		msg.expires = lifetime();
	if (msg.method == SIP_REGISTER) {
		msg.to = SLICE_LIT("<sip:2001@example.com>");
		add_contact(
			&msg, "sip:2001@198.51.100.1", take(2) == 0 ? 600 : 0);
	}
	far_request(p, NULL, &msg);
}

static struct sip_dlg *some_dialog(const struct party *p)
{
	unsigned n = take(4);

	for (struct sip_dlg *d = st.w->dlgs; d != NULL; d = d->next)
		if (d->peer == p && d->known && !d->closed && n-- == 0)
			return d;
	return NULL;
}

static bool invite_pending(const struct sip_dlg *d)
{
	for (struct sip_txn *t = d->peer->txns; t != NULL; t = t->next)
		if (t->dlg == d && strcmp(t->method, "INVITE") == 0 &&
			(!t->done || t->unpracked > 0))
			return true;
	return false;
}

static void request_in(struct sip_dlg *d, size_t n)
{
	if (far_method(methods[n]) == SIP_INVITE && invite_pending(d))
		return; /* the port says 491 */
	msg = (struct sip_msg){ .method = far_method(methods[n]),
		.method_name = slice_str(methods[n]) };
	decorate(&msg);
	if (msg.method == SIP_SUBSCRIBE)
		msg.expires = lifetime();
	far_request(d->peer, d, &msg);
}

/* An INVITE of theirs that something may follow; `silent`: where the port
 * tells that nothing did. */
static struct sip_txn *invite_of(const struct party *p, unsigned n, bool silent)
{
	struct sip_txn *t;

	for (t = p->txns; t != NULL; t = t->next) {
		if (strcmp(t->method, "INVITE") != 0 || t->dlg == NULL ||
			t->dlg->closed || t->acked)
			continue;
		if (silent && t->unpracked == 0 && t->status / 100 != 2)
			continue;
		if (n-- == 0)
			break;
	}
	return t;
}

/* ACK, PRACK, CANCEL, or that none came; false: there was none to follow. */
static bool after_invite(struct party *p, bool silent)
{
	struct sip_txn *t = invite_of(p, silent ? 0 : take(4), silent);
	unsigned what = silent ? 1 : take(4);

	if (t == NULL)
		return false;
	msg = (struct sip_msg){ .method = SIP_ACK,
		.method_name = SLICE_LIT("ACK") };
	decorate(&msg);
	if (t->unpracked > 0 && what == 0) {
		msg.method = SIP_PRACK;
		msg.method_name = SLICE_LIT("PRACK");
		far_prack(t->dlg, t, &msg);
	} else if (t->unpracked > 0 && what == 1) {
		if (!t->done) {
			far_prack(t->dlg, t, NULL);
			return true;
		}
		t->unpracked = 0;
		if (t->status < 300)
			far_ack(t, NULL);
		t->acked = true;
	} else if (!t->done && what > 1) {
		far_cancel(t, what == 2 ? &msg : NULL);
	} else if (t->done && t->status / 100 == 2 && t->unpracked == 0) {
		far_ack(t, what == 1 ? NULL : &msg);
	}
	return true;
}

static void respond(struct client *c, int status, bool local)
{
	static const char *const tags[] = { "far-a", "far-b" };

	msg = (struct sip_msg){ .response = true,
		.local = local,
		.status = status,
		.method = far_method(c->method),
		.method_name = slice_str(c->method) };
	if (local)
		msg.expires = -1;
	else
		decorate(&msg);
	msg.to_tag = slice_str(tags[take(2)]);
	if (status < 200 && take(2) == 1 && strcmp(c->method, "INVITE") == 0)
		msg.rseq = ++c->rseq;
	if (status / 100 == 3 || strcmp(c->method, "REGISTER") == 0)
		add_contact(&msg, "sip:3001@10.1.1.11", 60);
	far_respond(c, &msg);
}

static void respond_some(struct party *p)
{
	static const short statuses[] = { 180, 183, 200, 181, 486, 488, 302,
		404, 408, 422, 487, 491, 500, 503, 603, 401, 407, 481, 202, 420,
		699 };
	unsigned n = take(4);

	for (struct client *c = p->clients; c != NULL; c = c->next)
		if (!c->done && n-- == 0) {
			int status = statuses[take(ARRAY_SIZE(statuses))];

			respond(c, status, take(8) == 7);
			return;
		}
}

/* ---- what else happens ---- */

static void connection(struct party *p, bool back)
{
	char what[] = "reconnect", gone[] = "close";
	struct words w = { .n = 2, .v = { p->name, back ? what : gone } };

	if (p->flow != NULL && p->flow->closed == back)
		story_party_line(p, &w);
}

static void media_says(void)
{
	struct media_event ev = { .kind = (enum media_event_kind)take(4),
		.side = (int)take(2) };
	unsigned n = take(3);

	for (struct mcall *mc = fake_mcalls; mc != NULL; mc = mc->next)
		if (n-- == 0) {
			if (mc->event != NULL)
				mc->event(mc->owner, &ev);
			return;
		}
}

/* What the port tells before half a minute has passed (64·T1): what never got
 * its ACK, PRACK or final response. */
static void port_tells(struct party *p)
{
	while (after_invite(p, true))
		continue;
	for (struct client *c = p->clients; c != NULL; c = c->next)
		if (!c->done &&
			(c->cancelled || strcmp(c->method, "INVITE") != 0))
			respond(c, c->cancelled ? 487 : 408, true);
}

/* The port tells some time before the half minute is over, however short the
 * moments are that it consists of. */
static void pass(uint64_t ms)
{
	while (ms > 0) {
		uint64_t now = st.w->now, part = told_ms + TELLS_MS - now;

		if (part > ms)
			part = ms;
		world_clock(st.w, part);
		ms -= part;
		if (st.w->now < told_ms + TELLS_MS)
			continue;
		told_ms = st.w->now;
		for (struct party *p = st.w->parties; p != NULL; p = p->next)
			port_tells(p);
	}
}

static void pass_time(void)
{
	static const unsigned ms[] = { 1, 500, 3000, 10000, 33000, 65000,
		200000, 1000000, 2000000, 5000000 };

	pass(ms[take(ARRAY_SIZE(ms))]);
}

static void one_event(void)
{
	unsigned what = take(20);
	struct party *p = some_party();
	struct sip_dlg *d;

	if (what < 3) {
		request_outside(p);
	} else if (what < 9) {
		respond_some(p);
	} else if (what < 12) {
		d = some_dialog(p);
		if (d != NULL)
			request_in(d, take(ARRAY_SIZE(methods) - 3));
	} else if (what < 15) {
		(void)after_invite(p, false);
	} else if (what == 15) {
		pass_time();
	} else if (what == 16) {
		connection(p, take(2) == 1);
	} else if (what == 17) {
		media_says();
	} else if (what == 18) {
		(void)core_clear_call(
			st.w->core, st.w->core->last_id - take(3));
	} else if (take(2) == 0) {
		st.w->no_route = take(4) == 3;
		fake_media_full = take(4) == 3;
	} else {
		core_set_conf(st.w->core, st.w->conf);
	}
}

/* ---- the end ---- */

static void look_away(void)
{
	for (struct party *p = st.w->parties; p != NULL; p = p->next)
		while (p->sent != NULL) {
			struct sent *s = p->sent;

			p->sent = s->next;
			sent_free(s);
		}
}

/* Everybody gives up: requests time out, dialogs get a BYE. */
static void give_up(void)
{
	for (struct party *p = st.w->parties; p != NULL; p = p->next) {
		for (struct client *c = p->clients; c != NULL; c = c->next)
			if (!c->done)
				respond(c, c->cancelled ? 487 : 408, true);
		while (after_invite(p, true))
			continue;
	}
	for (struct sip_dlg *d = st.w->dlgs; d != NULL; d = d->next)
		if (d->known && !d->closed)
			request_in(d, 2);
	look_away();
}

static bool at_rest(void)
{
	struct core_usage u;

	for (struct party *p = st.w->parties; p != NULL; p = p->next)
		for (struct client *c = p->clients; c != NULL; c = c->next)
			if (!c->done)
				return false;
	core_usage(st.w->core, &u);
	return u.calls + u.registrations + u.subscriptions == 0;
}

static void settle(void)
{
	struct core_usage u;

	in.n = 0;
	for (unsigned n = 0; n < SETTLE_ROUNDS && !at_rest(); n++) {
		give_up();
		pass((uint64_t)SETTLE_MS << (n < 6 ? n : 6));
	}
	core_usage(st.w->core, &u);
	if (!at_rest())
		story_fail("%zu calls, %zu registrations, %zu subscriptions"
			   " are left",
			u.calls, u.registrations, u.subscriptions);
	if (fake_media_open != 0)
		story_fail("media is open without a call");
}

static void someone(const char *a, const char *b, const char *c, const char *d)
{
	char text[4][32];
	struct words w = { .n = 4,
		.v = { text[0], text[1], text[2], text[3] } };
	const char *const from[] = { a, b, c, d };

	for (size_t i = 0; i < 4; i++)
		(void)snprintf(text[i], sizeof(text[i]), "%s", from[i]);
	if (strcmp(a, "host") == 0)
		story_host(&w);
	else
		story_phone(&w);
}

static struct conf *configuration(bool ends_here)
{
	static struct conf *conf[2];
	struct conf **c = &conf[ends_here];
	struct log_params quiet = { .level = LOG_SEV_EMERGENCY };
	struct conf_errs errs = { 0 };
	char *text;

	if (*c != NULL)
		return *c;
	if (log_setup(&quiet) != 0)
		story_fail("no log");
	text = mem_printf("%s%s", conf_text, ends_here ? conf_ends_here : "");
	*c = conf_parse(slice_str(text), "fuzz", &errs);
	free(text);
	if (*c == NULL) {
		conf_errs_print(&errs, "conf", stderr);
		story_fail("the configuration is wrong");
	}
	conf_errs_free(&errs);
	return *c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct core_params params = { .media_ops = &fake_media_ops };

	in.p = data;
	in.n = size;
	st.w = mem_new(sizeof(*st.w));
	st.w->port.ops = &fake_port_ops;
	told_ms = st.w->now = 1000;
	st.w->conf = obj_ref(configuration(take(2) == 1));
	fake_media_port = 20000;
	fake_media_full = false;
	someone("phone", "P1", "device", "SEP01");
	someone("phone", "P2", "device", "SEP02");
	someone("phone", "P3", "device", "SEP03");
	someone("host", "core", "10.1.1.10", "");
	someone("host", "other", "10.1.1.11", "");
	params.port = &st.w->port;
	params.conf = st.w->conf;
	st.w->core = core_new(&params);
	fake_sounds(st.w->core, st.w->conf);
	for (unsigned n = 0; n < EVENTS_MAX && in.n > 0; n++) {
		one_event();
		look_away();
	}
	settle();
	core_free(st.w->core);
	world_nothing_left(st.w);
	world_free(st.w);
	st.w = NULL;
	return 0;
}

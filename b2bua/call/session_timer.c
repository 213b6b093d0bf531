/* See session_timer.h. */
#include "b2bua/call/session_timer.h"

#include "b2bua/call/call_int.h"
#include "base/print.h"

enum { BEFORE_END_S = 32, TRIES_MAX = 3 };

static struct slice expires_header(const struct sip_msg *m)
{
	struct slice v = sip_msg_header(m, "Session-Expires");

	return v.n > 0 ? v : sip_msg_header(m, "x");
}

static bool seconds(struct slice text, unsigned *out)
{
	uint64_t n;

	if (slice_uint(slice_trim(text), UINT32_MAX, &n) != 0)
		return false;
	*out = n > SE_MAX ? SE_MAX : (unsigned)n;
	return true;
}

bool session_timer_read(const struct sip_msg *m, unsigned *expires,
	enum se_refresher *refresher)
{
	struct slice v = expires_header(m), who;
	size_t end = slice_find(v, ';');

	*refresher = SE_ANY;
	if (!seconds(slice_head(v, end), expires))
		return false;
	if (sip_param(slice_from(v, end), "refresher", &who))
		*refresher = slice_caseeq_str(who, "uac")   ? SE_UAC
			     : slice_caseeq_str(who, "uas") ? SE_UAS
							    : SE_ANY;
	return true;
}

unsigned session_timer_min(const struct sip_msg *m)
{
	struct slice v = sip_msg_header(m, "Min-SE");
	unsigned n;

	return seconds(slice_head(v, slice_find(v, ';')), &n) ? n : 0;
}

/* ---- the clock ---- */

static struct sip_port *port(const struct leg *l)
{
	return l->call->core->port;
}

static void on_timer(void *arg)
{
	struct leg *l = arg;
	uint64_t now = port(l)->ops->now_ms(port(l));
	bool over = l->st.interval != 0 && now >= l->st.ends_ms;

	call_event(l->call,
		&(struct event){ .what = over ? EV_EXPIRED : EV_REFRESH,
			.side = l->side });
}

void session_timer_stop(struct leg *l)
{
	port(l)->ops->timer_stop(port(l), &l->st.timer);
}

void session_timer_again(struct leg *l, unsigned ms)
{
	session_timer_stop(l);
	l->st.next_ms = port(l)->ops->now_ms(port(l)) + ms;
	port(l)->ops->timer_start(port(l), &l->st.timer, ms, on_timer, l);
}

void session_timer_later(struct leg *l)
{
	uint64_t now = port(l)->ops->now_ms(port(l));
	uint64_t left = l->st.ends_ms > now ? l->st.ends_ms - now : 0;

	session_timer_again(l, left > 2000 * BEFORE_END_S ? (unsigned)(left / 2)
							  : (unsigned)left);
}

/* RFC 4028 10: we refresh at half of it; where the far end should have, the
 * session ends a little before it does. */
static void start(struct leg *l, unsigned interval, bool ours)
{
	unsigned before =
		interval / 3 < BEFORE_END_S ? interval / 3 : BEFORE_END_S;

	l->st.interval = interval;
	l->st.ours = ours;
	l->st.tries = 0;
	session_timer_stop(l);
	if (interval == 0)
		return;
	l->st.ends_ms = port(l)->ops->now_ms(port(l)) +
			(uint64_t)(interval - before) * 1000;
	session_timer_again(
		l, ours ? interval * 500 : (interval - before) * 1000);
}

/* ---- we answer ---- */

void session_timer_asked(struct leg *l, const struct sip_msg *m)
{
	unsigned min = session_timer_min(m);

	if (!session_timer_read(
		    m, &l->st.asked.expires, &l->st.asked.refresher))
		l->st.asked.expires = 0;
	if (min > l->st.min_se)
		l->st.min_se = min;
	l->st.known = l->st.asked.refresher != SE_ANY ||
		      headers_has_tag(m, "Supported", "timer") ||
		      headers_has_tag(m, "Require", "timer");
}

static unsigned wanted(const struct leg *l)
{
	const struct conf *conf = l->call->conf;
	unsigned n = conf->voip.session_expires;

	if (n < l->st.min_se)
		n = l->st.min_se;
	return n;
}

static bool asks(const struct leg *l)
{
	return conf_peer_refresh(l->call->conf, l->peer);
}

static void add_expires(
	struct hdrs *h, unsigned interval, enum se_refresher refresher)
{
	char text[48];

	(void)print_into(text, sizeof(text), "%u%s", interval,
		refresher == SE_UAC   ? ";refresher=uac"
		: refresher == SE_UAS ? ";refresher=uas"
				      : "");
	hdrs_add_str(h, "Session-Expires", text);
}

/* RFC 4028 9, table 2. */
void session_timer_answer(struct leg *l, struct hdrs *h)
{
	unsigned interval = wanted(l);
	bool theirs;

	if (l->st.asked.expires == 0 && (!l->st.known || !asks(l))) {
		start(l, 0, false);
		return;
	}
	if (l->st.asked.expires != 0 && l->st.asked.expires < interval)
		interval = l->st.asked.expires < l->st.min_se
				   ? l->st.min_se
				   : l->st.asked.expires;
	theirs = l->st.known && l->st.asked.refresher != SE_UAS;
	add_expires(h, interval, theirs ? SE_UAC : SE_UAS);
	if (theirs)
		hdrs_add_str(h, "Require", "timer");
	start(l, interval, !theirs);
}

/* ---- we ask ---- */

void session_timer_offer(struct leg *l, struct hdrs *h, bool initial)
{
	unsigned interval = wanted(l);
	char text[16];

	if (l->st.interval == 0 && (!asks(l) || (!initial && !l->st.known)))
		return;
	if (l->st.interval > l->st.min_se)
		interval = l->st.interval;
	add_expires(h, interval,
		l->st.interval == 0 ? SE_ANY
		: l->st.ours	    ? SE_UAC
				    : SE_UAS);
	if (l->st.min_se > SE_MIN) {
		(void)print_into(text, sizeof(text), "%u", l->st.min_se);
		hdrs_add_str(h, "Min-SE", text);
	}
}

void session_timer_answered(struct leg *l, const struct sip_msg *m)
{
	enum se_refresher refresher;
	unsigned interval;

	l->st.known |= headers_has_tag(m, "Supported", "timer") ||
		       headers_has_tag(m, "Require", "timer");
	if (!session_timer_read(m, &interval, &refresher)) {
		start(l, 0, false); /* RFC 4028 7.2: no timer then */
		return;
	}
	l->st.known = true;
	if (interval < SE_MIN)
		interval = SE_MIN; /* nobody may ask for less */
	start(l, interval, refresher != SE_UAS);
}

bool session_timer_too_short(struct leg *l, const struct sip_msg *m)
{
	unsigned min = session_timer_min(m);

	if (m->status != 422 || min <= wanted(l) || ++l->st.tries > TRIES_MAX)
		return false;
	l->st.min_se = min;
	l->st.interval = 0;
	l->st.known = true;
	return true;
}

/* ---- show ---- */

static unsigned seconds_until(const struct leg *l, uint64_t ms)
{
	uint64_t now = port(l)->ops->now_ms(port(l));

	return ms > now ? (unsigned)((ms - now + 999) / 1000) : 0;
}

void session_timer_describe(const struct leg *l, struct leg_info *out)
{
	if (l->st.interval == 0 || l->st.timer == NULL)
		return;
	out->session.expires = l->st.interval;
	out->session.ours = l->st.ours;
	out->session.end_s = seconds_until(l, l->st.ends_ms);
	if (l->st.ours)
		out->session.refresh_s = seconds_until(l, l->st.next_ms);
}

/* "P1< 200 INVITE …", "media A …", "call …": what must be so. */
#include <errno.h>

#include "b2bua/route/tally.h"
#include "story.h"

static const char *field(const struct sent *s, const char *key, char *num)
{
	if (strcmp(key, "ruri") == 0)
		return s->ruri;
	if (strcmp(key, "h") == 0)
		return s->headers;
	if (strcmp(key, "body") == 0)
		return s->body;
	if (strcmp(key, "hex") == 0)
		return s->hex;
	if (strcmp(key, "contact") == 0)
		return s->contact;
	if (strcmp(key, "contacts") == 0)
		return s->contacts;
	if (strcmp(key, "from") == 0)
		return s->from;
	if (strcmp(key, "to") == 0)
		return s->to;
	if (strcmp(key, "callid") == 0)
		return s->call_id;
	(void)snprintf(num, 16, "%d",
		strcmp(key, "mf") == 0 ? s->max_forwards : (int)s->cseq);
	if (strcmp(key, "mf") == 0 || strcmp(key, "cseq") == 0)
		return num;
	story_fail("what is %s?", key);
}

static void save_token(const struct sent *s, const char *var)
{
	const char *at =
		s->contacts != NULL ? strstr(s->contacts, "sip:") : NULL;
	char *user;

	if (at == NULL || strchr(at, '@') == NULL)
		story_fail(
			"no token in \"%s\"", s->contacts ? s->contacts : "");
	user = mem_ndup(at + 4, (size_t)(strchr(at, '@') - at - 4));
	story_set_var(var, user);
	free(user);
}

static void check(const struct sent *s, char *word)
{
	size_t n = strcspn(word, "=~!");
	char op = word[n], num[16];
	const char *value = word + n + 1, *have;

	if (op == '\0')
		story_fail("what is %s?", word);
	word[n] = '\0';
	if (strcmp(word, "token") == 0) {
		save_token(s, value);
		return;
	}
	have = field(s, strncmp(word, "save-", 5) == 0 ? word + 5 : word, num);
	have = have != NULL ? have : "";
	if (strncmp(word, "save-", 5) == 0)
		story_set_var(value, have);
	else if (op == '=' && strcmp(have, value) != 0)
		story_fail("%s is \"%s\", not \"%s\"", word, have, value);
	else if (op == '~' && strstr(have, value) == NULL)
		story_fail("%s lacks \"%s\":\n%s", word, value, have);
	else if (op == '!' && strstr(have, value) != NULL)
		story_fail("%s has \"%s\":\n%s", word, value, have);
}

/* "P1< 200 CANCEL, 487 INVITE h~x": one message or several. */
void story_get(struct party *p, const struct words *w)
{
	size_t i = 1;

	while (i < w->n) {
		struct sent *s = p->sent;
		char what[64];
		bool last = false;

		(void)snprintf(what, sizeof(what), "%s", w->v[i]);
		if (isdigit((unsigned char)w->v[i][0]) && ++i < w->n)
			(void)snprintf(what + strlen(what),
				sizeof(what) - strlen(what), " %s", w->v[i]);
		i++;
		if (what[strlen(what) - 1] == ',') {
			what[strlen(what) - 1] = '\0';
			last = true;
		}
		if (s == NULL)
			story_fail(
				"%s got nothing, %s is missing", p->name, what);
		if (strcmp(s->what, what) != 0)
			story_fail("%s got %s, not %s", p->name, s->what, what);
		for (; !last && i < w->n; i++) {
			char *word = w->v[i];

			if (word[0] != '\0' && word[strlen(word) - 1] == ',') {
				word[strlen(word) - 1] = '\0';
				last = true;
			}
			check(s, word);
		}
		p->sent = s->next;
		sent_free(s);
	}
}

static bool same_crypto(
	const struct mleg_crypto *a, const struct mleg_crypto *b)
{
	return a->plain == b->plain && a->suite == b->suite &&
	       secret_equal(&a->key, &b->key);
}

static const char *ear_of(const struct mcall *mc, int side)
{
	static const char *const names[] = { [XCODE_EAR_AUTO] = "events",
		[XCODE_EAR_OFF] = "off",
		[XCODE_EAR_TELL] = "tell",
		[XCODE_EAR_DROP] = "drop" };

	return mc->xcode != NULL
		       ? names[xcode_wanted(mc->xcode)->side[side].ear]
		       : "none";
}

static void check_media(
	const struct words *w, int side, const struct mleg_set *set)
{
	static const char *const latches[] = { "never", "once", "auth" };

	for (size_t i = 2; i < w->n; i++) {
		const char *k = w->v[i];
		const struct mcall *mc = fake_mcalls;
		bool fine;

		if (strcmp(k, "srtp") == 0)
			fine = !set->tx.plain && !set->rx.plain &&
			       strcmp(conf_suite_name(set->tx.suite),
				       w->v[++i]) == 0;
		else if (strcmp(k, "rtp") == 0)
			fine = set->tx.plain && set->rx.plain && !set->opaque;
		else if (strncmp(k, "weak=", 5) == 0)
			fine = set->rx.weak == (unsigned)atoi(k + 5) &&
			       set->tx.weak == set->rx.weak;
		else if (strcmp(k, "opaque") == 0)
			fine = set->opaque && set->tx.plain && set->rx.plain;
		else if (strcmp(k, "raw") == 0)
			fine = set->raw;
		else if (strcmp(k, "send") == 0)
			fine = set->send;
		else if (strcmp(k, "nosend") == 0)
			fine = !set->send;
		else if (strcmp(k, "recv") == 0)
			fine = set->receive;
		else if (strcmp(k, "norecv") == 0)
			fine = !set->receive;
		else if (strcmp(k, "mux") == 0)
			fine = set->rtcp_mux;
		else if (strcmp(k, "nomux") == 0)
			fine = !set->rtcp_mux;
		else if (strncmp(k, "rtcp=", 5) == 0)
			fine = addr_port(&set->rtcp) == (unsigned)atoi(k + 5);
		else if (strncmp(k, "latch=", 6) == 0)
			fine = strcmp(latches[set->latch], k + 6) == 0;
		else if (strcmp(k, "tx=same") == 0)
			fine = same_crypto(&st.tx[side], &set->tx);
		else if (strcmp(k, "tx=new") == 0)
			fine = !same_crypto(&st.tx[side], &set->tx);
		else if (strcmp(k, "rx=same") == 0)
			fine = same_crypto(&st.rx[side], &set->rx);
		else if (strcmp(k, "rx=new") == 0)
			fine = !same_crypto(&st.rx[side], &set->rx);
		else if (strcmp(k, "inherited") == 0)
			fine = fake_mcalls->inherited[side];
		else if (strncmp(k, "mki=", 4) == 0)
			fine = set->rx.mki == (uint64_t)atoi(k + 4) &&
			       set->rx.mki_len > 0;
		else if (strncmp(k, "pressed=", 8) == 0)
			fine = strcmp(mc->pressed[side].n > 0
					       ? mc->pressed[side].p
					       : "",
				       k + 8) == 0;
		else if (strcmp(k, "events=taken") == 0)
			fine = mc->keys[side].take;
		else if (strcmp(k, "events=pass") == 0)
			fine = !mc->keys[side].take;
		else if (strcmp(k, "tones=made") == 0)
			fine = mc->keys[side].tones && mc->xcode != NULL;
		else if (strncmp(k, "ear=", 4) == 0)
			fine = strcmp(ear_of(mc, side), k + 4) == 0;
		else if (strncmp(k, "hears=", 6) == 0)
			fine = strcmp(fake_heard(mc, side), k + 6) == 0;
		else if (strcmp(k, "once") == 0)
			fine = mc->once[side];
		else if (strcmp(k, "copied") == 0)
			fine = mc->copied_from != NULL;
		else if (strcmp(k, "uncopied") == 0)
			fine = mc->copied_from == NULL;
		else if (strncmp(k, "port=", 5) == 0)
			fine = addr_port(&set->rtp) == atoi(k + 5);
		else
			story_fail("what is %s?", k);
		if (!fine)
			story_fail("media is not %s", k);
	}
	st.tx[side] = set->tx;
	st.rx[side] = set->rx;
}

/* "media oneway A stopped": what the worker tells of a leg. */
static struct media_event oneway_event(const struct words *w)
{
	static const char *const names[] = { "never", "stopped", "silent",
		"auth", "source", "malformed", "send", "heard", "held" };
	struct media_event ev = { .kind = MEDIA_ONEWAY_ENDED };
	unsigned i = 0;

	if (w->n < 4)
		story_fail("media oneway LEG CAUSE");
	while (i < ARRAY_SIZE(names) && strcmp(names[i], w->v[3]) != 0)
		i++;
	if (i == ARRAY_SIZE(names))
		story_fail("media oneway %s?", w->v[3]);
	ev.side = w->v[2][0] - 'A';
	ev.oneway = (enum media_oneway)i;
	if (ev.oneway < MEDIA_ONEWAY_HEARD)
		ev.kind = MEDIA_ONEWAY;
	return ev;
}

/* "media +1 …": not of the newest, but of the one before. */
static struct mcall *media_of(const struct words *w, struct words *rest)
{
	struct mcall *mc = fake_mcalls;

	*rest = *w;
	if (w->n < 2 || w->v[1][0] != '+')
		return mc;
	for (int n = atoi(w->v[1]); n > 0 && mc != NULL; n--)
		mc = mc->next;
	if (mc == NULL || w->n < 3)
		story_fail("no such media");
	for (size_t i = 1; i + 1 < w->n; i++)
		rest->v[i] = w->v[i + 1];
	rest->n--;
	return mc;
}

void story_media(const struct words *all)
{
	struct words rest, *w = &rest;
	struct mcall *mc = media_of(all, w);
	int side = w->v[1][0] - 'A';
	struct media_event ev = { .kind = MEDIA_INACTIVE, .side = -1 };

	if (strcmp(w->v[1], "full") == 0 || strcmp(w->v[1], "free") == 0) {
		fake_media_full = strcmp(w->v[1], "full") == 0;
		return;
	}
	if (mc == NULL)
		story_fail("no media");
	if (strcmp(w->v[1], "flows") == 0 || strcmp(w->v[1], "quiet") == 0) {
		mc->flows = strcmp(w->v[1], "flows") == 0;
		return;
	}
	if (strcmp(w->v[1], "socket") == 0)
		ev = (struct media_event){ .kind = MEDIA_SOCKET, .err = EPERM };
	if (strcmp(w->v[1], "latched") == 0)
		ev = (struct media_event){ .kind = MEDIA_LATCHED };
	if (strcmp(w->v[1], "played") == 0)
		ev = (struct media_event){ .kind = MEDIA_PLAYED };
	if (strcmp(w->v[1], "oneway") == 0)
		ev = oneway_event(w);
	if (w->n > 3 &&
		(strcmp(w->v[2], "key") == 0 || strcmp(w->v[2], "tone") == 0)) {
		/* media B key 5 160: RTP events of B's far end; or tones */
		ev = (struct media_event){ .kind = MEDIA_KEY,
			.side = side,
			.key = (uint8_t)key_of_char(w->v[3][0]),
			.ms = (uint16_t)atoi(w->n > 4 ? w->v[4] : "0"),
			.sound = w->v[2][0] == 't' };
		ev.call = mc;
		mc->event(mc->owner, &ev);
		return;
	}
	if (w->v[1][1] != '\0') {
		ev.call = mc;
		mc->event(mc->owner, &ev);
		return;
	}
	if (w->n > 2 && strcmp(w->v[2], "unset") == 0) {
		if (mc->is_set[side])
			story_fail("media of %s is set", w->v[1]);
		return;
	}
	if (!mc->is_set[side])
		story_fail("media of %s is not set", w->v[1]);
	check_media(w, side, &mc->set[side]);
}

static void expect_number(const char *what, uint64_t have, const char *want)
{
	if (have != strtoull(want, NULL, 10))
		story_fail("%s is %llu, not %s", what, (unsigned long long)have,
			want);
}

void story_counter(const struct words *w)
{
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		if (strcmp(metric_rows[i].name, w->v[1]) != 0)
			continue;
		expect_number(w->v[1],
			metric_read((enum metric)i) - st.metric[i], w->v[2]);
		return;
	}
	story_fail("no counter %s", w->v[1]);
}

static const char *pair(const struct words *w, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 1; i < w->n; i++)
		if (strncmp(w->v[i], key, n) == 0 && w->v[i][n] == '=')
			return w->v[i] + n + 1;
	return NULL;
}

static size_t oneways_that_last(void)
{
	size_t n, last = 0;
	struct oneway_info *v = core_oneways(st.w->core, &n);

	for (size_t i = 0; i < n; i++)
		last += v[i].lasts;
	free(v);
	return last;
}

void story_expect(const struct words *w)
{
	struct core_usage u;
	const char *v;

	core_usage(st.w->core, &u);
	if ((v = pair(w, "calls")) != NULL)
		expect_number("calls", u.calls, v);
	if ((v = pair(w, "legs")) != NULL)
		expect_number("legs", u.legs, v);
	if ((v = pair(w, "regs")) != NULL)
		expect_number("regs", u.registrations, v);
	if ((v = pair(w, "media")) != NULL)
		expect_number("media", fake_media_open, v);
	if ((v = pair(w, "oneways")) != NULL)
		expect_number("oneways", oneways_that_last(), v);
}

static void expect_text(const char *what, const char *have, const char *want)
{
	if (want != NULL && strcmp(have, want) != 0)
		story_fail("%s is \"%s\", not \"%s\"", what, have, want);
}

/* "3600:ours:1800:3568", "600:theirs:568": of a leg's session timer. */
static void expect_session(
	const char *key, const struct leg_info *l, const char *want)
{
	char have[64] = "none";

	if (l->session.expires != 0 && l->session.ours)
		(void)snprintf(have, sizeof(have), "%u:ours:%u:%u",
			l->session.expires, l->session.refresh_s,
			l->session.end_s);
	else if (l->session.expires != 0)
		(void)snprintf(have, sizeof(have), "%u:theirs:%u",
			l->session.expires, l->session.end_s);
	expect_text(key, have, want);
}

static void expect_sub(const struct words *w, const struct sub_info *s)
{
	const char *x;

	expect_text("who", s->who, pair(w, "who"));
	expect_text("of", s->of, pair(w, "of"));
	expect_text("state", s->state, pair(w, "state"));
	expect_text("A", s->leg[0].state, pair(w, "A"));
	expect_text("B", s->leg[1].state, pair(w, "B"));
	if ((x = pair(w, "expires")) != NULL)
		expect_number("expires", s->expires_s, x);
	if ((x = pair(w, "notifies")) != NULL)
		expect_number("notifies", s->notifies, x);
	if ((x = pair(w, "failed")) != NULL)
		expect_number("failed", s->notifies_failed, x);
	if ((x = pair(w, "refreshes")) != NULL)
		expect_number("refreshes", s->refreshes, x);
	if ((x = pair(w, "waiting")) != NULL)
		expect_number(
			"waiting", s->leg[0].waiting + s->leg[1].waiting, x);
}

/* "sub dialog who=2001 of=3000 state=active A=confirmed expires=300" */
void story_sub(const struct words *w)
{
	size_t n, i = 0;
	struct sub_info *v = core_subscriptions(st.w->core, &n);

	while (i < n && strcmp(v[i].event, w->v[1]) != 0)
		i++;
	if (i == n)
		story_fail("no subscription to %s", w->v[1]);
	expect_sub(w, &v[i]);
	free(v);
}

/* Whom calls are offered to, and the last that each said; all of them:
 * "ringing SEP0A=180 SEP0B=0"; by number, where there is no certificate. */
void story_ringing(const struct words *w)
{
	size_t n;
	struct ring_info *v = core_rings(st.w->core, &n);

	if (n != w->n - 1)
		story_fail("%zu contacts, not %zu", n, w->n - 1);
	for (size_t i = 0; i < n; i++) {
		const char *who =
			v[i].device[0] != '\0' ? v[i].device : v[i].number;
		const char *x = pair(w, who);

		if (x == NULL)
			story_fail("%s is called, too", who);
		expect_number(who, v[i].status, x);
	}
	free(v);
}

/* The newest call: "call state=up hold=0 A.srtp=1 B.suite=…" */
void story_call(const struct words *w)
{
	size_t n;
	struct call_info *v = core_calls(st.w->core, &n);
	const char *x;

	if (n == 0)
		story_fail("no call");
	expect_text("state", v[0].state, pair(w, "state"));
	if ((x = pair(w, "hold")) != NULL)
		expect_number("hold", v[0].hold, x);
	expect_text("recording", v[0].recording.state, pair(w, "recording"));
	if ((x = pair(w, "recording.srtp")) != NULL)
		expect_number("recording.srtp", v[0].recording.srtp, x);
	if ((x = pair(w, "recorder")) != NULL)
		expect_number("recorder", v[0].recording.dial_peer, x);
	if ((x = pair(w, "transcoder")) != NULL)
		expect_number("transcoder", v[0].transcoder, x);
	for (int i = 0; i < 2; i++) {
		const struct leg_info *l = &v[0].leg[i];
		char key[16];

		(void)snprintf(key, sizeof(key), "%c.srtp", 'A' + i);
		if ((x = pair(w, key)) != NULL)
			expect_number(key, l->srtp, x);
		(void)snprintf(key, sizeof(key), "%c.fallback", 'A' + i);
		if ((x = pair(w, key)) != NULL)
			expect_number(key, l->fallback, x);
		(void)snprintf(key, sizeof(key), "%c.pass_thru", 'A' + i);
		if ((x = pair(w, key)) != NULL)
			expect_number(key, l->pass_thru, x);
		(void)snprintf(key, sizeof(key), "%c.peer", 'A' + i);
		if ((x = pair(w, key)) != NULL)
			expect_number(key, l->dial_peer, x);
		(void)snprintf(key, sizeof(key), "%c.suite", 'A' + i);
		expect_text(key, l->suite_local, pair(w, key));
		(void)snprintf(key, sizeof(key), "%c.weak", 'A' + i);
		expect_text(key, l->weak, pair(w, key));
		(void)snprintf(key, sizeof(key), "%c.dtmf", 'A' + i);
		expect_text(key, l->dtmf, pair(w, key));
		(void)snprintf(key, sizeof(key), "%c.streams", 'A' + i);
		expect_text(key, l->streams, pair(w, key));
		(void)snprintf(key, sizeof(key), "%c.oneway", 'A' + i);
		expect_text(key, l->oneway, pair(w, key));
		(void)snprintf(key, sizeof(key), "%c.codec", 'A' + i);
		expect_text(key, l->codec, pair(w, key));
		(void)snprintf(key, sizeof(key), "%c.number", 'A' + i);
		expect_text(key, l->number, pair(w, key));
		(void)snprintf(key, sizeof(key), "%c.session", 'A' + i);
		expect_session(key, l, pair(w, key));
	}
	free(v);
}

/* "peer 200 in=0 out=2 answered=1 busy=1 current=0 seconds=10" */
void story_peer(const struct words *w)
{
	const struct tally *t =
		tally_of(st.w->core->tallies, (unsigned)atoi(w->v[1]));
	const char *x;

	if (t == NULL)
		story_fail("no dial-peer %s", w->v[1]);
	if ((x = pair(w, "in")) != NULL)
		expect_number("in", t->in, x);
	if ((x = pair(w, "out")) != NULL)
		expect_number("out", t->out, x);
	if ((x = pair(w, "answered")) != NULL)
		expect_number("answered", t->answered, x);
	if ((x = pair(w, "seconds")) != NULL)
		expect_number("seconds", t->seconds, x);
	if ((x = pair(w, "current")) != NULL)
		expect_number("current", t->current, x);
	if ((x = pair(w, "full")) != NULL)
		expect_number("full", t->full, x);
	if ((x = pair(w, "cause")) != NULL)
		expect_number("cause", t->last_q850, x);
	for (size_t i = 0; i < TALLY_ENDS; i++)
		if ((x = pair(w, tally_end_names[i])) != NULL)
			expect_number(tally_end_names[i], t->failed[i], x);
}

void story_reg(const struct words *w)
{
	size_t n, len = strlen(w->v[1]);
	struct reg_info *v = core_registrations(st.w->core, &n);
	const char *x;

	for (size_t i = 0; i < n; i++) {
		if (strncmp(v[i].aor, w->v[1], len) != 0 ||
			v[i].aor[len] != '@')
			continue;
		if ((x = pair(w, "connected")) != NULL)
			expect_number("connected", v[i].connected, x);
		if ((x = pair(w, "expires")) != NULL)
			expect_number("expires", v[i].expires_s, x);
		expect_text("device", v[i].device, pair(w, "device"));
		expect_text("contact", v[i].contact, pair(w, "contact"));
		free(v);
		return;
	}
	story_fail("%s is not registered", w->v[1]);
}

/* show dspfarm: transcoders as configured, and what they do now. */
#include "show/show_int.h"
#include "show/view.h"

static const struct table_col profile_cols[] = {
	{ "profile", "PROFILE", true },
	{ "admin", "ADMIN", false },
	{ "universal", "UNIVERSAL", false },
	{ "security", "SECURITY", false },
	{ "max", "MAX", true },
	{ "used", "IN-USE", true },
	{ "served", "SERVED", true },
	{ "codecs", "CODECS", false },
	{ "description", "DESCRIPTION", false },
};

static const struct xcode_pool_info *pool_of(
	const struct b2bua_query *q, unsigned tag)
{
	for (size_t i = 0; i < q->npools; i++)
		if (q->pools[i].tag == tag)
			return &q->pools[i];
	return NULL;
}

static void put_codecs(struct table *t, const struct conf_dspfarm *d)
{
	struct text text = { 0 };

	for (size_t i = 0; i < d->ncodecs; i++)
		text_printf(
			&text, "%s%s", i > 0 ? " " : "", d->codec[i]->ios_name);
	table_str(t, text.p);
	text_free(&text);
}

static void profile_row(struct table *t, const struct conf_dspfarm *d,
	const struct xcode_pool_info *p)
{
	table_num(t, d->tag);
	table_str(t, d->shutdown ? "down" : "up");
	table_bool(t, d->universal);
	table_bool(t, d->security);
	table_num(t, d->max_sessions);
	table_num(t, p != NULL ? p->used : 0);
	table_num(t, p != NULL ? (int64_t)p->served : 0);
	put_codecs(t, d);
	table_str(t, d->description);
}

/* No longer configured, with sessions that go on. */
static void retiring_row(struct table *t, const struct xcode_pool_info *p)
{
	table_num(t, p->tag);
	table_str(t, "retiring");
	table_str(t, NULL);
	table_str(t, NULL);
	table_num(t, 0);
	table_num(t, p->used);
	table_num(t, (int64_t)p->served);
	table_str(t, NULL);
	table_str(t, NULL);
}

int show_dspfarm_profile(struct table *t, const struct show *s)
{
	const struct b2bua_query *q = s->query;

	table_rows(t, "profiles", NULL, profile_cols, ARRAY_SIZE(profile_cols));
	for (const struct conf_dspfarm *d = s->conf->dspfarms; d; d = d->next)
		profile_row(t, d, pool_of(q, d->tag));
	for (size_t i = 0; i < q->npools; i++)
		if (q->pools[i].retiring && q->pools[i].used > 0)
			retiring_row(t, &q->pools[i]);
	return 0;
}

static const struct table_col session_cols[] = {
	{ "call", "CALL", true },
	{ "leg", "LEG", false },
	{ "profile", "PROFILE", true },
	{ "type", "TYPE", false },
	{ "codec_in", "FROM", false },
	{ "codec_out", "TO", false },
	{ "packets_in", "PKTS-IN", true },
	{ "packets_out", "PKTS-OUT", true },
	{ "concealed_ms", "CONCEALED-MS", true },
	{ "late", "LATE", true },
	{ "bad", "BAD", true },
};

/* IOS says "s" of secure ones. */
static const char *session_type(const struct call_info *c)
{
	return c->leg[0].srtp || c->leg[1].srtp ? "s-xcode" : "xcode";
}

static void session_row(struct table *t, const struct call_info *c, int side)
{
	const struct xcode_stats *st = &c->xcode[side];

	table_num(t, c->id);
	table_str(t, side == 0 ? "A" : "B");
	table_num(t, c->transcoder);
	table_str(t, session_type(c));
	table_str(t, show_codec(&c->leg[side]));
	table_str(t, show_codec(&c->leg[1 - side]));
	table_num(t, (int64_t)st->packets);
	table_num(t, (int64_t)st->made);
	table_num(t, (int64_t)st->concealed_ms);
	table_num(t, (int64_t)st->late);
	table_num(t, (int64_t)st->bad);
}

/* What comes from each leg, a row each. */
int show_dspfarm_active(struct table *t, const struct show *s)
{
	table_rows(t, "sessions", NULL, session_cols, ARRAY_SIZE(session_cols));
	for (size_t i = 0; i < s->query->ncalls; i++)
		for (int side = 0; side < 2; side++)
			if (s->query->calls[i].transcoder != 0)
				session_row(t, &s->query->calls[i], side);
	return 0;
}

int show_dspfarm_all(struct table *t, const struct show *s)
{
	(void)show_dspfarm_profile(t, s);
	table_note(t, "%s", "");
	return show_dspfarm_active(t, s);
}

/* dspfarm profile N transcode: software transcoders. */
#include <stdio.h>

#include "conf/conf_int.h"

/* The head says what the profile may do; said again, it holds as said last. */
static void set_profile(struct line *l)
{
	struct conf_dspfarm *d = l->p->obj;

	if (l->no || l->def)
		return;
	/* IOS prints every codec of a profile, the usual ones as well */
	if (l->p->import && d->pos.line == l->pos.line)
		d->ncodecs = 0;
	d->universal = line_has(l, "universal");
	d->security = line_has(l, "security");
}

static void show_profiles(const struct show *s, const struct cmd *row)
{
	struct show inner = *s;

	inner.indent++;
	for (const struct conf_dspfarm *d = s->conf->dspfarms; d != NULL;
		d = d->next) {
		inner.obj = d;
		fputs("!\n", s->out);
		show_line(s, "dspfarm profile %u transcode%s%s", d->tag,
			d->universal ? " universal" : "",
			d->security ? " security" : "");
		show_rows(&inner, row->enter);
	}
}

static const char *const usual[] = { "g711ulaw", "g711alaw", "g729r8" };

static void usual_codecs(struct conf_dspfarm *d)
{
	for (d->ncodecs = 0; d->ncodecs < ARRAY_SIZE(usual); d->ncodecs++)
		d->codec[d->ncodecs] = codec_find(slice_str(usual[d->ncodecs]));
}

static size_t codec_place(
	const struct conf_dspfarm *d, const struct conf_codec *c)
{
	size_t i = 0;

	while (i < d->ncodecs && d->codec[i] != c)
		i++;
	return i;
}

/* In the order of the table of codecs, which has room for all of them. */
static void insert_codec(struct conf_dspfarm *d, const struct conf_codec *c)
{
	size_t i = d->ncodecs++;

	need(d->ncodecs <= CONF_CODECS_MAX);
	for (; i > 0 && d->codec[i - 1] > c; i--)
		d->codec[i] = d->codec[i - 1];
	d->codec[i] = c;
}

/* As on IOS, a new profile has the usual codecs, and lines add or remove. */
static void set_farm_codec(struct line *l)
{
	struct conf_dspfarm *d = l->obj;
	const struct word *name = line_arg(l, 0);
	const struct conf_codec *c;
	size_t i;

	if (name == NULL || l->def) {
		usual_codecs(d);
		if (l->no)
			d->ncodecs = 0;
		return;
	}
	c = codec_find(name->text);
	i = codec_place(d, c);
	if (l->no) {
		for (; i + 1 < d->ncodecs; i++)
			d->codec[i] = d->codec[i + 1];
		d->ncodecs -= i < d->ncodecs;
	} else if (!c->transcoded) {
		line_error(l, name,
			"leave the line out: calls pass it as it is",
			"%s cannot be transcoded here", c->ios_name);
	} else if (i == d->ncodecs) {
		insert_codec(d, c);
	}
}

/* IOS prints `shutdown` behind this, and nothing where it is up. */
static void set_application(struct line *l)
{
	struct conf_dspfarm *d = l->obj;

	if (l->p->import && !l->no && !l->def)
		d->shutdown = false;
}

static void show_application(const struct show *s, const struct cmd *row)
{
	(void)row;
	show_line(s, "associate application CUBE");
}

static void show_farm_codecs(const struct show *s, const struct cmd *row)
{
	const struct conf_dspfarm *d = s->obj;

	(void)row;
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (codec_place(d, codec_find(slice_str(usual[i]))) ==
			d->ncodecs)
			show_line(s, "no codec %s", usual[i]);
	for (size_t i = 0; i < d->ncodecs; i++)
		show_line(s, "codec %s", d->codec[i]->ios_name);
}

void dspfarm_import_codecs(struct conf *c)
{
	for (struct conf_dspfarm *d = c->dspfarms; d != NULL; d = d->next)
		if (d->ncodecs == 0)
			usual_codecs(d);
}

/* Nobody has said so: it is how a new one is. */
static void say_shut(struct parse *p, const struct conf_dspfarm *d)
{
	if (parse_where(p, d, "shutdown", d->pos).line != d->pos.line)
		return;
	complain(p, true, d, "dspfarm profile",
		"add 'no shutdown', or 'shutdown' to leave it so",
		"dspfarm profile %u joins no calls: a new one is shut down",
		d->tag);
	p->errs->v[p->errs->n - 1].note = true;
}

void check_dspfarms(struct parse *p)
{
	for (const struct conf_dspfarm *d = p->conf->dspfarms; d != NULL;
		d = d->next) {
		if (d->shutdown) {
			say_shut(p, d);
			continue;
		}
		if (d->max_sessions == 0)
			complain(p, false, d, "dspfarm profile",
				"add 'maximum sessions N', or 'shutdown'",
				"dspfarm profile %u has no sessions to give",
				d->tag);
		if (d->ncodecs < 2)
			complain(p, false, d, "dspfarm profile",
				"add 'codec NAME', or 'shutdown'",
				"dspfarm profile %u has no two codecs to join",
				d->tag);
	}
}

/* clang-format off */
const struct cmd dspfarm_global_cmds[] = {
	{ "dspfarm profile <1-65535> transcode [universal] [security]", K_ENTER,
	  .enter = M_DSPFARM, .set = set_profile, .show = show_profiles,
	  .help = "Transcoders between codecs",
	  .more = "`universal`: between any two of its codecs; without, one "
		  "of the two is G.711. `security`: also where a leg speaks "
		  "SRTP, which it goes on to speak." },
	{ NULL },
};

const struct cmd dspfarm_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_dspfarm, description),
	  .help = "What this is for" },
	{ "codec CODEC", K_FN, .set = set_farm_codec, .show = show_farm_codecs,
	  .help = "A codec that it reads and writes",
	  .more = "A new profile has g711ulaw, g711alaw and g729r8; `no codec` "
		  "takes one away." },
	{ "maximum sessions <1-10000>", K_UINT, F(conf_dspfarm, max_sessions),
	  .help = "Calls that it transcodes at once",
	  .more = "What a processor carries is told by `show dspfarm profile` "
		  "and docs/performance.md." },
	{ "associate application cube", K_NONE,
	  .set = set_application, .show = show_application,
	  .help = "For calls that pass through here" },
	{ "associate application sccp", K_REFUSED,
	  .more = "write 'associate application CUBE'" },
	{ "trustpoint LINE", K_REFUSED,
	  .more = "it serves this machine alone: remove the line" },
	{ "tls", K_NONE, .flags = C_NO_ONLY, .help = "SCCP over TLS",
	  .more = "it serves this machine alone: leave the line out" },
	{ "shutdown", K_FLAG, F(conf_dspfarm, shutdown), .def = true,
	  .help = "Take no calls", .more = "So it is until `no shutdown` is "
	  "written; calls that it has go on." },
	{ NULL },
};
/* clang-format on */

/* media profile recorder, media class: which calls are recorded, and where. */
#include "conf/conf_int.h"

/* As CUBE has it, a line names all of them, in the order of trying. */
static void set_recorders(struct line *l)
{
	struct conf_recorder *r = l->obj;

	r->n = 0;
	for (size_t i = 0; !l->no && !l->def && i < l->n; i++) {
		const struct word *w = &l->cap[i];

		if (!w->keyword)
			r->tag_of[r->n++] = (unsigned)w->number;
	}
}

static void show_recorders(const struct show *s, const struct cmd *row)
{
	const struct conf_recorder *r = s->obj;

	(void)row;
	if (r->n == 0)
		return;
	fprintf(s->out, "%*smedia-recording", (int)s->indent, "");
	for (size_t i = 0; i < r->n; i++)
		fprintf(s->out, " %u", r->tag_of[i]);
	fputc('\n', s->out);
}

static void check_recorder(struct parse *p, struct conf_recorder *r)
{
	if (r->n == 0)
		complain(p, true, r, "media profile",
			"add 'media-recording TAG', a dial-peer to the recorder",
			"media profile recorder %u records nowhere", r->tag);
	for (size_t i = 0; i < r->n; i++) {
		const struct conf_dial_peer *d =
			conf_find_dial_peer(p->conf, r->tag_of[i]);

		r->peer[i] = d;
		if (d == NULL)
			complain(p, false, r, "media-recording", NULL,
				"there is no dial-peer %u", r->tag_of[i]);
		else if (!conf_peer_to_host(d))
			complain(p, false, r, "media-recording",
				"add 'session target ipv4:A.B.C.D' to it",
				"dial-peer %u leads to no recorder", d->tag);
		else if (d->media_class != NULL)
			complain(p, true, r, "media-recording",
				"remove 'media-class' from the dial-peer",
				"dial-peer %u leads to a recorder: what goes "
				"there is not recorded in its turn",
				d->tag);
	}
}

void check_recording(struct parse *p)
{
	for (struct conf_recorder *r = p->conf->recorders; r != NULL;
		r = r->next)
		check_recorder(p, r);
	for (const struct conf_media_class *c = p->conf->media_classes;
		c != NULL; c = c->next)
		if (c->recorder == NULL &&
			!parse_was_set(p, c, "recorder profile"))
			complain(p, true, c, "media class",
				"add 'recorder profile N siprec'",
				"media class %u does nothing", c->tag);
}

bool conf_peer_is_recorder(const struct conf *c, const struct conf_dial_peer *d)
{
	for (const struct conf_recorder *r = c->recorders; r != NULL;
		r = r->next)
		for (size_t i = 0; i < r->n; i++)
			if (r->tag_of[i] == d->tag)
				return true;
	return false;
}

/* clang-format off */
#define TAG "<1-2147483647>"
#define NOT_SIPREC "recording is SIPREC (RFC 7866): add 'siprec'"

const struct cmd recording_global_cmds[] = {
	{ "media profile recorder <1-10000>", K_ENTER, .enter = M_RECORDER,
	  .help = "A recorder, or several in order" },
	{ "media class <1-10000>", K_ENTER, .enter = M_MEDIA_CLASS,
	  .help = "What is done with the media of calls" },
	{ NULL },
};

const struct cmd recorder_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_recorder, description),
	  .help = "What this is for" },
	{ "media-type audio", K_NONE, .flags = C_ALWAYS,
	  .help = "Sound is recorded",
	  .more = "Accepted for CUBE's sake; it is so anyway: video and other "
		  "streams are not recorded." },
	{ "media-recording " TAG " [" TAG " [" TAG " [" TAG " [" TAG "]]]]",
	  K_FN, .set = set_recorders, .show = show_recorders,
	  .help = "Dial-peers that lead to recorders, in order of trying",
	  .more = "The first that takes the recording has it. What such a "
		  "dial-peer says of transport, `srtp`, codecs, trustpoint, "
		  "bind and keepalive holds for the recording; where its "
		  "destination-pattern is a number, the recorder is called by "
		  "it." },
	{ NULL },
};

const struct cmd media_class_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_media_class, description),
	  .help = "What this is for" },
	{ "recorder profile <1-10000> siprec", K_REF,
	  F_PTR(conf_media_class, recorder), .enter = M_RECORDER,
	  .help = "Calls are recorded there, by SIPREC (RFC 7866)" },
	{ "recorder profile <1-10000>", K_REFUSED, .more = NOT_SIPREC },
	{ "recorder parameter [siprec]", K_REFUSED, .flags = C_SECTION,
	  .more = "write its lines below 'media profile recorder N', and "
		  "'recorder profile N siprec' here" },
	{ NULL },
};

const struct cmd peer_recording_cmds[] = {
	{ "media-class <1-10000>", K_REF, F_PTR(conf_dial_peer, media_class),
	  .enter = M_MEDIA_CLASS,
	  .help = "What is done with the media of calls by this dial-peer",
	  .more = "On the dial-peer of either side; where both have one, that "
		  "of the caller's side holds." },
	{ NULL },
};
/* clang-format on */

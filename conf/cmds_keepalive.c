/* options-keepalive: targets that are asked whether they live. */
#include "conf/conf_int.h"

const struct conf_keepalive *conf_peer_keepalive(const struct conf_dial_peer *p)
{
	if (p->keepalive_class != NULL)
		return &p->keepalive_class->set;
	return p->keepalive_on ? &p->keepalive : NULL;
}

static unsigned or_default(
	const struct line *l, const char *keyword, unsigned otherwise)
{
	const struct word *w = line_after(l, keyword);

	return w != NULL ? (unsigned)w->number : otherwise;
}

static void set_keepalive(struct line *l)
{
	struct conf_dial_peer *d = l->obj;
	const struct word *tag = line_after(l, "profile");

	d->keepalive_on = false;
	set_ref(l, &d->keepalive_class, M_KEEPALIVE,
		l->no || l->def ? NULL : tag);
	if (l->no || l->def || tag != NULL)
		return;
	d->keepalive_on = true;
	d->keepalive = (struct conf_keepalive){
		.up = or_default(l, "up-interval", CONF_KEEPALIVE_UP),
		.down = or_default(l, "down-interval", CONF_KEEPALIVE_DOWN),
		.retry = or_default(l, "retry", CONF_KEEPALIVE_RETRY),
	};
}

static void show_keepalive(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->keepalive_class != NULL)
		show_line(s, "voice-class sip options-keepalive profile %u",
			d->keepalive_class->tag);
	else if (d->keepalive_on)
		show_line(s,
			"voice-class sip options-keepalive up-interval %u "
			"down-interval %u retry %u",
			d->keepalive.up, d->keepalive.down, d->keepalive.retry);
}

/* clang-format off */
#define BUSY "A target that gives no good answer so often is busied out: " \
	"calls go to the next server of the group, or dial-peer, at once. Any " \
	"answer is good but 408, 503 and 505."

const struct cmd keepalive_global_cmds[] = {
	{ "voice class sip-options-keepalive <1-10000>", K_ENTER,
	  .enter = M_KEEPALIVE,
	  .help = "How targets are asked whether they live" },
	{ NULL },
};

const struct cmd keepalive_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_keepalive_class, description),
	  .help = "What this is for" },
	{ "up-interval <5-1200>", K_UINT, F(conf_keepalive_class, set.up),
	  .def = CONF_KEEPALIVE_UP,
	  .help = "Seconds between two questions while it answers" },
	{ "down-interval <5-1200>", K_UINT, F(conf_keepalive_class, set.down),
	  .def = CONF_KEEPALIVE_DOWN,
	  .help = "Seconds between two questions while it does not" },
	{ "retry <1-10>", K_UINT, F(conf_keepalive_class, set.retry),
	  .def = CONF_KEEPALIVE_RETRY,
	  .help = "Questions in a row that must fail", .more = BUSY },
	{ "transport {tcp [tls]|udp|system}", K_NOTICE,
	  .more = "a target is asked the way its calls go: 'session "
		  "transport' of the dial-peer" },
	{ "sip-profiles <1-10000>", K_NOTICE,
	  .more = "questions go out with the sip-profiles of the dial-peer" },
	{ NULL },
};

const struct cmd peer_keepalive_cmds[] = {
	{ "voice-class sip options-keepalive [up-interval <5-1200>] "
	  "[down-interval <5-1200>] [retry <1-10>]", K_FN,
	  .set = set_keepalive, .show = show_keepalive,
	  .help = "The target is asked by OPTIONS whether it lives",
	  .more = BUSY " Each server of a group is asked by itself; "
		  "dial-peers that share a target share the question. With "
		  "`session target registrar` the registrar of `sip-ua` is "
		  "asked: it is told of, and phones are called all the same. "
		  "Default: 60, 30 and 5." },
	{ "voice-class sip options-keepalive profile <1-10000>", K_FN,
	  .set = set_keepalive, .show = show_with_above,
	  .help = "The same, by a voice class sip-options-keepalive" },
	{ NULL },
};
/* clang-format on */

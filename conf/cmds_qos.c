/*
 * How packets are marked for the network (RFC 2474): RTP by dial-peer, SIP by
 * listener, since a connection serves many calls.
 */
#include "base/dscp.h"
#include "conf/conf_int.h"

static struct conf_dscp *dscp_of(const struct line *l)
{
	size_t offset = l->row->offset;

	return (struct conf_dscp *)(void *)((char *)l->obj + offset);
}

static void set_dscp(struct line *l)
{
	struct conf_dscp *d = dscp_of(l);
	const struct word *w = line_arg(l, 0);
	unsigned value;

	*d = (struct conf_dscp){ 0 };
	if (l->no || l->def)
		return;
	if (!dscp_parse(&value, w->text)) {
		line_error(l, w,
			"write ef, af11 to af43, cs1 to cs7, default, "
			"or a number from 0 to 63",
			"'%.*s' is no code point", SLICE_ARG(w->text));
		return;
	}
	*d = (struct conf_dscp){ .set = true, .value = value };
}

/* SIP is marked by listener: one that is made up has it from here. */
static void set_peer_signaling(struct line *l)
{
	set_dscp(l);
	if (!l->p->import && !l->no && !l->def)
		conf_errs_add(l->p->errs, true, l->pos,
			"write 'ip qos dscp' below 'sip-listener'",
			"SIP is marked by listener: this is read but not "
			"carried out");
}

static void show_dscp(
	const struct show *s, const struct cmd *row, const char *what)
{
	const void *at = (const char *)s->obj + row->offset;
	const struct conf_dscp *d = at;
	char buf[4];

	if (d->set)
		show_line(
			s, "ip qos dscp %s%s", dscp_text(d->value, buf), what);
}

static void show_media(const struct show *s, const struct cmd *row)
{
	show_dscp(s, row, " media");
}

static void show_signaling(const struct show *s, const struct cmd *row)
{
	show_dscp(s, row, "");
}

unsigned conf_dscp_media(const struct conf_dial_peer *p)
{
	return p != NULL && p->dscp_media.set ? p->dscp_media.value : DSCP_EF;
}

unsigned conf_dscp_signaling(const struct conf_listener *l)
{
	return l->dscp.set ? l->dscp.value : DSCP_CS3;
}

/* clang-format off */
const struct cmd peer_qos_cmds[] = {
	{ "ip qos dscp WORD media", K_FN, F_PTR(conf_dial_peer, dscp_media),
	  .set = set_dscp, .show = show_media,
	  .help = "How RTP and RTCP to that side are marked",
	  .more = "A code point by name (`ef`, `af41`, `cs3`, `default`) or "
		  "number. Default: ef." },
	{ "ip qos dscp WORD signaling", K_FN,
	  F_PTR(conf_dial_peer, dscp_signaling), .set = set_peer_signaling,
	  .show = show_with_above, .flags = C_HIDDEN,
	  .help = "In a CUBE's configuration: how SIP is marked",
	  .more = "`lineside import` gives it to the listener." },
	{ "ip qos dscp WORD {video|media rsvp-none|media rsvp-pass|media "
	  "rsvp-fail} [LINE]", K_NOTICE,
	  .more = "SIP is marked by listener: 'ip qos dscp' below "
		  "'sip-listener', cs3 if nothing is said; all streams of a "
		  "call by 'ip qos dscp … media'" },
	{ NULL },
};

const struct cmd listener_qos_cmds[] = {
	{ "ip qos dscp WORD", K_FN, F_PTR(conf_listener, dscp),
	  .set = set_dscp, .show = show_signaling,
	  .help = "How SIP from this listener is marked",
	  .more = "Connections that are up keep their mark. Default: cs3; CUBE's is "
		  "af31." },
	{ NULL },
};
/* clang-format on */

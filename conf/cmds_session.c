/* Session timers (RFC 4028): which, and whom they are asked of. */
#include "conf/conf_int.h"

enum { MIN_SE = 90, SESSION_EXPIRES = 1800 };

static void set_min_se(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *expires = line_after(l, "session-expires");

	c->voip.min_se = MIN_SE;
	c->voip.session_expires = SESSION_EXPIRES;
	if (l->no || l->def)
		return;
	c->voip.min_se = (unsigned)line_arg(l, 0)->number;
	if (expires != NULL)
		c->voip.session_expires = (unsigned)expires->number;
	else if (c->voip.min_se > SESSION_EXPIRES)
		c->voip.session_expires = c->voip.min_se;
}

static void show_min_se(const struct show *s, const struct cmd *row)
{
	const struct conf *c = s->conf;

	(void)row;
	if (c->voip.min_se != MIN_SE ||
		c->voip.session_expires != SESSION_EXPIRES)
		show_line(s, "min-se %u session-expires %u", c->voip.min_se,
			c->voip.session_expires);
}

static void set_refresh(struct line *l)
{
	size_t offset = l->row->offset;
	enum conf_refresh *r =
		(enum conf_refresh *)(void *)((char *)l->obj + offset);

	*r = l->def || line_has(l, "system") ? CONF_REFRESH_INHERIT
	     : l->no			     ? CONF_REFRESH_OFF
					     : CONF_REFRESH_ASK;
}

static void show_refresh(const struct show *s, const struct cmd *row)
{
	const void *at = (const char *)s->obj + row->offset;
	const enum conf_refresh *r = at;

	if (*r != CONF_REFRESH_INHERIT)
		show_line(s, "%s%s", *r == CONF_REFRESH_OFF ? "no " : "",
			row->syntax[0] == 'v'
				? "voice-class sip session refresh"
				: "session refresh");
}

bool conf_peer_refresh(const struct conf *c, const struct conf_dial_peer *p)
{
	enum conf_refresh r = p != NULL ? p->refresh : CONF_REFRESH_INHERIT;

	if (r == CONF_REFRESH_INHERIT && p != NULL && p->tenant != NULL)
		r = p->tenant->refresh;
	return r == CONF_REFRESH_INHERIT ? c->voip.session_refresh
					 : r == CONF_REFRESH_ASK;
}

/* clang-format off */
const struct cmd voip_session_cmds[] = {
	{ "min-se <90-86400> [session-expires <90-86400>]", K_FN,
	  .set = set_min_se, .show = show_min_se,
	  .help = "Session timers: shortest, and asked for, in seconds",
	  .more = "RFC 4028, for each leg by itself. Default: min-se 90 "
		  "session-expires 1800; CUBE's min-se is 1800." },
	{ "session refresh", K_FLAG, F(conf, voip.session_refresh),
	  .def = true, .help = "Ask for session timers",
	  .more = "For legs whose dial-peer and tenant say nothing of it. "
		  "Default. `no session refresh`: session timers only where "
		  "the far end asks for them, as CUBE does unless it is told "
		  "to ask." },
	{ NULL },
};

const struct cmd tenant_session_cmds[] = {
	{ "session refresh", K_FN, F_PTR(conf_tenant, refresh),
	  .set = set_refresh, .show = show_refresh,
	  .help = "Ask for session timers",
	  .more = "Or not, with `no`; for dial-peers that say nothing of it. "
		  "Without a line, as `session refresh` of `voice service "
		  "voip`, `sip` says." },
	{ NULL },
};

const struct cmd peer_session_cmds[] = {
	{ "voice-class sip session refresh [system]", K_FN,
	  F_PTR(conf_dial_peer, refresh), .set = set_refresh,
	  .show = show_refresh, .help = "Ask for session timers",
	  .more = "On legs of this dial-peer; `no`: only where the far end "
		  "asks. Without a line, or with `system`, as the tenant says, "
		  "else `voice service voip`." },
	{ NULL },
};
/* clang-format on */

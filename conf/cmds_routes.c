/*
 * What dial-peers refer to: voice class uri, server-group and dpg, and which
 * failures of a target lead to the next one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"
#include "conf/regex.h"

/* ---- voice class uri ---- */

/* Compiles the word; NULL: said why not. */
static void *line_regex(struct line *l, const struct word *w)
{
	struct word at = *w;
	char why[160];
	size_t offset = 0;
	void *code = regex_compile(w->text, why, sizeof(why), &offset);

	at.pos.column += (unsigned)offset;
	if (code == NULL)
		line_error(l, &at, NULL, "wrong regular expression: %s", why);
	return code;
}

static void set_expression(struct line *l, char **text, void **code)
{
	const struct word *w = line_arg(l, 0);

	regex_free(*code);
	*code = NULL;
	set_str(text, slice_of(NULL, 0));
	if (l->no || l->def)
		return;
	*code = line_regex(l, w);
	if (*code != NULL)
		set_str(text, w->text);
}

static void set_uri_pattern(struct line *l)
{
	struct conf_uri_class *u = l->obj;

	set_expression(l, &u->pattern, &u->pattern_code);
}

static void show_uri_pattern(const struct show *s, const struct cmd *row)
{
	const struct conf_uri_class *u = s->obj;

	(void)row;
	if (u->pattern != NULL)
		show_quoted(s, "pattern", u->pattern);
}

static void set_uri_user(struct line *l)
{
	struct conf_uri_class *u = l->obj;

	set_expression(l, &u->user, &u->user_code);
}

static void show_uri_user(const struct show *s, const struct cmd *row)
{
	const struct conf_uri_class *u = s->obj;

	(void)row;
	if (u->user != NULL)
		show_quoted(s, "user-id", u->user);
}

static void drop_uri_host(struct conf_uri_class *u, size_t i)
{
	free(u->host[i].text);
	regex_free(u->host[i].code);
	memmove(&u->host[i], &u->host[i + 1],
		(u->nhosts - i - 1) * sizeof(u->host[0]));
	u->nhosts--;
}

/* ipv4:…, ipv6:…, dns:NAME, or an expression; false: said why not. */
static bool read_uri_host(
	struct line *l, const struct word *w, struct conf_uri_host *h)
{
	struct target t;
	struct arg_bad bad;
	bool typed = slice_casestarts(w->text, "ipv4:") ||
		     slice_casestarts(w->text, "ipv6:") ||
		     slice_casestarts(w->text, "dns:");

	*h = (struct conf_uri_host){ 0 };
	if (typed && !target_parse(w->text, &t, &bad)) {
		line_error(
			l, w, NULL, "'%.*s' %s", SLICE_ARG(w->text), bad.text);
		return false;
	}
	if (typed && t.port != 0) {
		line_error(l, w, "leave the port out", "a host has no port");
		return false;
	}
	if (typed)
		h->addr = t.addr;
	else if ((h->code = line_regex(l, w)) == NULL)
		return false;
	if (!typed)
		h->text = slice_dup(w->text);
	else if (!addr_is_set(&t.addr))
		h->text = slice_dup(t.host);
	return true;
}

static bool same_host(
	const struct conf_uri_host *a, const struct conf_uri_host *b)
{
	if (a->text == NULL || b->text == NULL)
		return a->text == b->text && addr_same_host(&a->addr, &b->addr);
	return (a->code == NULL) == (b->code == NULL) &&
	       strcmp(a->text, b->text) == 0;
}

static void set_uri_host(struct line *l)
{
	struct conf_uri_class *u = l->obj;
	const struct word *w = line_arg(l, 0);
	struct conf_uri_host h;
	size_t i = 0;

	if (w == NULL) {
		while (u->nhosts > 0)
			drop_uri_host(u, u->nhosts - 1);
		return;
	}
	if (!read_uri_host(l, w, &h))
		return;
	while (i < u->nhosts && !same_host(&u->host[i], &h))
		i++;
	if (i < u->nhosts)
		drop_uri_host(u, i);
	if (!l->no && !l->def && u->nhosts < CONF_URI_HOSTS_MAX) {
		u->host[u->nhosts++] = h;
		return;
	}
	if (!l->no && !l->def)
		line_error(l, w, "make another class",
			"a class names at most %d hosts", CONF_URI_HOSTS_MAX);
	free(h.text);
	regex_free(h.code);
}

static void show_uri_host(const struct show *s, const struct cmd *row)
{
	const struct conf_uri_class *u = s->obj;

	(void)row;
	for (size_t i = 0; i < u->nhosts; i++) {
		const struct conf_uri_host *h = &u->host[i];
		char host[ADDR_TEXT];

		if (h->code != NULL)
			show_quoted(s, "host", h->text);
		else if (h->text != NULL)
			show_line(s, "host dns:%s", h->text);
		else if (h->addr.sa.sa_family == AF_INET6)
			show_line(
				s, "host ipv6:[%s]", addr_host(&h->addr, host));
		else
			show_line(s, "host ipv4:%s", addr_host(&h->addr, host));
	}
}

/* ---- hosts ---- */

void set_host(struct line *l, struct conf_host *h, const struct word *w)
{
	struct target t = { 0 };
	struct arg_bad bad;

	set_str(&h->host, slice_of(NULL, 0));
	if (!l->no && !l->def) {
		need(target_parse(w->text, &t, &bad)); /* was checked */
		set_str(&h->host, t.host);
	}
	h->addr = t.addr;
	h->port = t.port;
}

/* ---- voice class server-group ---- */

static size_t server_at(
	const struct conf_server_group *g, const struct conf_server *s)
{
	size_t i = 0;

	while (i < g->n && (strcasecmp(g->server[i].to.host, s->to.host) != 0 ||
				   g->server[i].to.port != s->to.port))
		i++;
	return i;
}

static void drop_server(struct conf_server_group *g, size_t i)
{
	free(g->server[i].to.host);
	memmove(&g->server[i], &g->server[i + 1],
		(g->n - i - 1) * sizeof(g->server[0]));
	g->n--;
}

static struct conf_server read_server(const struct line *l)
{
	const struct word *w = line_arg(l, 0);
	const struct word *port = line_after(l, "port");
	const struct word *pref = line_after(l, "preference");
	const struct word *weight = line_after(l, "weight");
	struct conf_server s = { 0 };

	s.to.host = slice_dup(w->text);
	s.to.port = port != NULL ? (uint16_t)port->number : 0;
	if (!line_has(l, "dns"))
		need(addr_parse(&s.to.addr, w->text, s.to.port) == 0);
	s.preference = pref != NULL ? (unsigned)pref->number : 0;
	s.weight = weight != NULL ? (unsigned)weight->number : 0;
	return s;
}

static void set_server(struct line *l)
{
	struct conf_server_group *g = l->obj;
	struct conf_server s;
	size_t i;

	if (line_arg(l, 0) == NULL) {
		while (g->n > 0)
			drop_server(g, g->n - 1);
		return;
	}
	s = read_server(l);
	i = server_at(g, &s);
	if (i < g->n)
		drop_server(g, i);
	if (!l->no && !l->def && g->n < CONF_SERVERS_MAX) {
		for (i = g->n++;
			i > 0 && g->server[i - 1].preference > s.preference;
			i--)
			g->server[i] = g->server[i - 1];
		g->server[i] = s;
		return;
	}
	if (!l->no && !l->def)
		line_error(l, NULL, "make another group",
			"a group has at most %d servers", CONF_SERVERS_MAX);
	free(s.to.host);
}

static void show_servers(const struct show *s, const struct cmd *row)
{
	const struct conf_server_group *g = s->obj;

	(void)row;
	for (size_t i = 0; i < g->n; i++) {
		const struct conf_server *v = &g->server[i];

		fprintf(s->out, "%*s%s %s", (int)s->indent, "",
			!addr_is_set(&v->to.addr)	      ? "dns"
			: v->to.addr.sa.sa_family == AF_INET6 ? "ipv6"
							      : "ipv4",
			v->to.host);
		if (v->to.port != 0)
			fprintf(s->out, " port %u", v->to.port);
		if (v->preference != 0)
			fprintf(s->out, " preference %u", v->preference);
		if (v->weight != 0)
			fprintf(s->out, " weight %u", v->weight);
		fputc('\n', s->out);
	}
}

static size_t hunt_at(const struct conf_server_group *g, unsigned number)
{
	size_t i = 0;

	while (i < g->nhunts && g->hunt[i].number < number)
		i++;
	return i;
}

static void drop_hunt(struct conf_server_group *g, size_t i)
{
	memmove(&g->hunt[i], &g->hunt[i + 1],
		(g->nhunts - i - 1) * sizeof(g->hunt[0]));
	g->nhunts--;
}

static void set_hunt(struct line *l)
{
	struct conf_server_group *g = l->obj;
	const struct word *number = line_arg(l, 0);
	const struct word *from = line_arg(l, 1), *to = line_after(l, "to");
	struct conf_hunt_rule r;
	size_t i;

	if (number == NULL) {
		g->nhunts = 0;
		return;
	}
	i = hunt_at(g, (unsigned)number->number);
	if (i < g->nhunts && g->hunt[i].number == number->number)
		drop_hunt(g, i);
	if (l->no || l->def)
		return;
	r = (struct conf_hunt_rule){ .number = (unsigned)number->number,
		.stop = line_has(l, "huntstop"),
		.from = (unsigned)from->number };
	r.to = to != NULL ? (unsigned)to->number : r.from;
	if (r.to < r.from || g->nhunts == CONF_HUNT_RULES_MAX) {
		line_error(l, to, NULL, "%s",
			r.to < r.from ? "the range of codes runs backwards"
				      : "there are too many rules");
		return;
	}
	memmove(&g->hunt[i + 1], &g->hunt[i],
		(g->nhunts - i) * sizeof(g->hunt[0]));
	g->nhunts++;
	g->hunt[i] = r;
}

static void show_hunts(const struct show *s, const struct cmd *row)
{
	const struct conf_server_group *g = s->obj;

	(void)row;
	for (size_t i = 0; i < g->nhunts; i++) {
		const struct conf_hunt_rule *r = &g->hunt[i];
		const char *word = r->stop ? "huntstop" : "hunt";

		if (r->to == r->from)
			show_line(s, "%s %u resp-code %u", word, r->number,
				r->from);
		else
			show_line(s, "%s %u resp-code %u to %u", word,
				r->number, r->from, r->to);
	}
}

/* ---- voice class dpg ---- */

static void set_dpg_peer(struct line *l)
{
	struct conf_dpg *g = l->obj;
	const struct word *tag = line_arg(l, 0);
	const struct word *pref = line_after(l, "preference");
	unsigned p = pref != NULL ? (unsigned)pref->number : 0;
	size_t i = 0;

	if (tag == NULL) {
		g->n = 0;
		return;
	}
	while (i < g->n && g->entry[i].tag != tag->number)
		i++;
	if (i < g->n) {
		memmove(&g->entry[i], &g->entry[i + 1],
			(g->n - i - 1) * sizeof(g->entry[0]));
		g->n--;
	}
	if (l->no || l->def)
		return;
	if (g->n == CONF_DPG_MAX) {
		line_error(l, tag, "make another group",
			"a group has at most %d dial-peers", CONF_DPG_MAX);
		return;
	}
	for (i = g->n++; i > 0 && g->entry[i - 1].preference > p; i--)
		g->entry[i] = g->entry[i - 1];
	g->entry[i].tag = (unsigned)tag->number;
	g->entry[i].preference = p;
	g->entry[i].peer = NULL;
}

static void show_dpg_peers(const struct show *s, const struct cmd *row)
{
	const struct conf_dpg *g = s->obj;

	(void)row;
	for (size_t i = 0; i < g->n; i++)
		if (g->entry[i].preference != 0)
			show_line(s, "dial-peer %u preference %u",
				g->entry[i].tag, g->entry[i].preference);
		else
			show_line(s, "dial-peer %u", g->entry[i].tag);
}

/* ---- voice hunt ---- */

static const struct {
	const char *name;
	unsigned q850;
} causes[] = {
	{ "unassigned-number", 1 },
	{ "user-busy", 17 },
	{ "no-answer", 18 },
	{ "call-reject", 21 },
	{ "num-changed", 22 },
	{ "dest-out-of-order", 27 },
	{ "invalid-number", 28 },
	{ "net-out-of-order", 38 },
	{ "temp-fail", 41 },
	{ "no-resource", 47 },
	{ "b-cap-not-implemented", 65 },
	{ "recovery-on-timer", 102 },
	{ "interworking", 127 },
};

static void set_voice_hunt(struct line *l)
{
	struct conf *c = l->p->conf;
	uint8_t to = l->def  ? CONF_HUNT_DEFAULT
		     : l->no ? CONF_HUNT_OFF
			     : CONF_HUNT_ON;
	const struct word *number = line_arg(l, 0);

	if (number != NULL)
		c->hunt[number->number] = to;
	else if (l->n == 0 || line_has(l, "all"))
		memset(c->hunt, to, sizeof(c->hunt));
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (line_has(l, causes[i].name))
			c->hunt[causes[i].q850] = to;
}

static const char *cause_word(unsigned q850, char room[16])
{
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].q850 == q850)
			return causes[i].name;
	(void)snprintf(room, 16, "%u", q850);
	return room;
}

static void show_voice_hunt(const struct show *s, const struct cmd *row)
{
	uint8_t all = s->conf->hunt[0]; /* no cause: what `all` set */
	char room[16];

	(void)row;
	if (all != CONF_HUNT_DEFAULT)
		show_line(s, "%svoice hunt all",
			all == CONF_HUNT_OFF ? "no " : "");
	for (unsigned i = 1; i < CONF_CAUSES; i++) {
		uint8_t v = s->conf->hunt[i];

		if (v != all)
			show_line(s, "%svoice hunt %s",
				v == CONF_HUNT_OFF  ? "no "
				: v == CONF_HUNT_ON ? ""
						    : "default ",
				cause_word(i, room));
	}
}

/* ---- contradictions ---- */

static void check_dpg(struct parse *p, struct conf_dpg *g)
{
	for (size_t i = 0; i < g->n; i++) {
		g->entry[i].peer =
			conf_find_dial_peer(p->conf, g->entry[i].tag);
		if (g->entry[i].peer == NULL)
			complain(p, false, g, "dial-peer", NULL,
				"there is no dial-peer %u", g->entry[i].tag);
		else if (g->entry[i].peer->target == CONF_TARGET_NONE)
			complain(p, false, g, "dial-peer",
				"add 'session target' to it",
				"dial-peer %u has no target", g->entry[i].tag);
	}
	if (g->n == 0)
		complain(p, true, g, "dial-peer", "add 'dial-peer N'",
			"voice class dpg %u leads nowhere", g->tag);
}

void check_routes(struct parse *p)
{
	for (struct conf_dpg *g = p->conf->dpgs; g != NULL; g = g->next)
		check_dpg(p, g);
	for (struct conf_server_group *g = p->conf->server_groups; g != NULL;
		g = g->next)
		if (g->n == 0)
			complain(p, true, g, "ipv4", "add 'ipv4 A.B.C.D'",
				"voice class server-group %u has no server",
				g->tag);
	for (struct conf_uri_class *u = p->conf->uri_classes; u != NULL;
		u = u->next)
		if (u->nhosts == 0 && u->user == NULL && u->pattern == NULL)
			complain(p, true, u, "host",
				"add 'host', 'user-id' or 'pattern'",
				"voice class uri %s matches every URI",
				u->name);
	for (struct conf_e164_map *m = p->conf->e164_maps; m != NULL;
		m = m->next)
		if (m->n == 0 && m->url == NULL)
			complain(p, true, m, "e164", "add 'e164 PATTERN'",
				"voice class e164-pattern-map %u matches "
				"nothing",
				m->tag);
}

/* clang-format off */
#define MORE "[port <1-65535>] [preference <0-20>] [weight <1-65535>]"

const struct cmd route_global_cmds[] = {
	{ "voice class uri NAME sip", K_ENTER, .enter = M_URI_CLASS,
	  .help = "What a URI must be" },
	{ "voice class server-group <1-10000>", K_ENTER,
	  .enter = M_SERVER_GROUP,
	  .help = "Servers that take the same calls" },
	{ "voice class dpg <1-10000>", K_ENTER, .enter = M_DPG,
	  .help = "Dial-peers that calls go to because of where they came in" },
	{ "voice hunt {all|unassigned-number|user-busy|no-answer|call-reject|"
	  "num-changed|dest-out-of-order|invalid-number|net-out-of-order|"
	  "temp-fail|no-resource|b-cap-not-implemented|recovery-on-timer|"
	  "interworking|<1-127>}", K_FN, .set = set_voice_hunt,
	  .show = show_voice_hunt,
	  .help = "After which causes the next target is tried",
	  .more = "A number is a Q.850 cause. Without a line, the next target "
		  "is tried when one cannot be reached or says 503; `no voice "
		  "hunt` with a cause ends the call then, too." },
	{ NULL },
};

const struct cmd uri_class_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_uri_class, description),
	  .help = "What this is for" },
	{ "host WORD", K_FN, .set = set_uri_host, .show = show_uri_host,
	  .help = "ipv4:A.B.C.D, ipv6:[X:X::X], dns:NAME, or an expression",
	  .more = "Up to ten, of which one must fit. An expression is "
		  "Perl-compatible and may match anywhere in the host." },
	{ "user-id WORD", K_FN, .set = set_uri_user, .show = show_uri_user,
	  .help = "An expression for the user part" },
	{ "pattern WORD", K_FN, .set = set_uri_pattern,
	  .show = show_uri_pattern,
	  .help = "An expression for the whole URI" },
	{ "phone context WORD", K_REFUSED,
	  .more = "write it as 'pattern phone-context=…'" },
	{ NULL },
};

const struct cmd server_group_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_server_group, description),
	  .help = "What this is for" },
	{ "shutdown", K_FLAG, F(conf_server_group, shutdown),
	  .help = "Use none of them" },
	{ "hunt-scheme {preference|round-robin}", K_CHOICE,
	  F(conf_server_group, scheme),
	  .help = "Which server is the first",
	  .more = "`preference`: the lowest; among equal ones the order "
		  "written, or at random by their weights when they have "
		  "some. `round-robin`: each call begins with the next." },
	{ "{ipv4 A.B.C.D|ipv6 X:X::X|dns HOST} " MORE, K_FN,
	  .set = set_server, .show = show_servers, .help = "A server",
	  .more = "`weight` shares calls among servers of one preference in "
		  "these proportions." },
	{ "{huntstop|hunt} <1-1000> resp-code <400-699> [to <400-699>]", K_FN,
	  .set = set_hunt, .show = show_hunts,
	  .help = "After which answers the call ends, or goes on",
	  .more = "The first rule that names the answer decides; else `voice "
		  "hunt`. `huntstop` ends the call: no further server and no "
		  "further dial-peer. `hunt` tries the next." },
	{ NULL },
};

const struct cmd dpg_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_dpg, description),
	  .help = "What this is for" },
	{ "shutdown", K_FLAG, F(conf_dpg, shutdown),
	  .help = "Not used: numbers decide" },
	{ "dial-peer <1-2147483647> [preference <0-10>]", K_FN,
	  .set = set_dpg_peer, .show = show_dpg_peers,
	  .help = "A dial-peer and its rank, 0 first" },
	{ NULL },
};
/* clang-format on */

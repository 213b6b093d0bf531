/*
 * voice class tls-profile and crypto signaling: which certificate is shown, and
 * which names the peers' certificates must have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "conf/conf_int.h"

/* ---- cn-san validate: as a line has it ---- */

static unsigned line_validate(const struct line *l)
{
	if (line_has(l, "bidirectional"))
		return CONF_SAN_SERVER | CONF_SAN_CLIENT;
	if (line_has(l, "client"))
		return CONF_SAN_CLIENT;
	return line_has(l, "server") ? CONF_SAN_SERVER : 0;
}

static const char *validate_word(unsigned validate)
{
	static const char *const words[] = { "", "server", "client",
		"bidirectional" };

	need(validate < ARRAY_SIZE(words));
	return words[validate];
}

/* ---- voice class tls-profile ---- */

static void set_validate(struct line *l)
{
	struct conf_tls_profile *t = l->obj;

	t->validate = l->no || l->def ? 0 : line_validate(l);
}

static void show_validate(const struct show *s, const struct cmd *row)
{
	const struct conf_tls_profile *t = s->obj;

	(void)row;
	if (t->validate != 0)
		show_line(s, "cn-san validate %s", validate_word(t->validate));
}

/* A host name, or `*.` and one. */
static bool is_san(struct slice name)
{
	bool wild = slice_starts(name, "*.");

	name = slice_from(name, wild ? 2 : 0);
	for (size_t i = 0; i < name.n; i++)
		if (strchr("*/@ ,;\"<>", name.p[i]) != NULL)
			return false;
	return name.n > 0 && (!wild || slice_find(name, '.') < name.n);
}

static void set_cn_san(struct line *l)
{
	struct conf_tls_profile *t = l->obj;
	const struct word *number = line_arg(l, 0), *name = line_arg(l, 1);
	size_t i;

	if (number == NULL) {
		for (i = 0; i < CONF_CN_SANS_MAX; i++)
			set_str(&t->name[i], slice_of(NULL, 0));
		return;
	}
	i = (size_t)number->number - 1;
	set_str(&t->name[i], slice_of(NULL, 0));
	if (l->no || l->def)
		return;
	if (is_san(name->text))
		set_str(&t->name[i], name->text);
	else
		line_error(l, name,
			"write 'cn-san 1 sip.example.com' or '*.example.com'",
			"'%.*s' is not a name that a certificate may have",
			SLICE_ARG(name->text));
}

static void show_cn_sans(const struct show *s, const struct cmd *row)
{
	const struct conf_tls_profile *t = s->obj;

	(void)row;
	for (size_t i = 0; i < CONF_CN_SANS_MAX; i++)
		if (t->name[i] != NULL)
			show_line(s, "cn-san %zu %s", i + 1, t->name[i]);
}

/* ---- sip-ua ---- */

static void set_signaling(struct line *l)
{
	struct conf *c = l->p->conf;
	bool none = l->no || l->def;

	set_ref(l, &c->ua.trustpoint, M_TRUSTPOINT,
		none ? NULL : line_after(l, "trustpoint"));
	set_ref(l, &c->ua.client_vtp, M_TRUSTPOINT,
		none ? NULL : line_after(l, "client-vtp"));
	set_ref(l, &c->ua.tls_profile, M_TLS_PROFILE,
		none ? NULL : line_after(l, "tls-profile"));
	c->ua.validate = none ? 0 : line_validate(l);
}

static void show_signaling(const struct show *s, const struct cmd *row)
{
	const struct conf *c = s->conf;

	(void)row;
	if (c->ua.tls_profile != NULL)
		show_line(s, "crypto signaling default tls-profile %u",
			c->ua.tls_profile->tag);
	else if (c->ua.trustpoint != NULL)
		show_line(s, "crypto signaling default trustpoint %s%s%s%s%s",
			c->ua.trustpoint->name,
			c->ua.validate != 0 ? " cn-san-validate " : "",
			validate_word(c->ua.validate),
			c->ua.client_vtp != NULL ? " client-vtp " : "",
			c->ua.client_vtp != NULL ? c->ua.client_vtp->name : "");
}

/* ---- what holds for listeners and dial-peers ---- */

/* Those with a profile's trustpoint do not say so again. */
static void show_trustpoint(const struct show *s,
	const struct conf_trustpoint *t, const struct conf_tls_profile *from)
{
	if (t != NULL && (from == NULL || from->trustpoint != t))
		show_line(s, "trustpoint %s", t->name);
}

void show_listener_trustpoint(const struct show *s, const struct cmd *row)
{
	const struct conf_listener *l = s->obj;

	(void)row;
	show_trustpoint(s, l->trustpoint, l->tls_profile);
}

void show_peer_trustpoint(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	show_trustpoint(s, d->trustpoint,
		d->tenant != NULL ? d->tenant->tls_profile : NULL);
}

const struct conf_trustpoint *conf_tenant_trustpoint(
	const struct conf *c, const struct conf_tenant *t)
{
	if (t->tls_profile != NULL && t->tls_profile->trustpoint != NULL)
		return t->tls_profile->trustpoint;
	return c->ua.trustpoint;
}

const char *conf_peer_names(const struct conf_dial_peer *p)
{
	return p->peer_name != NULL ? p->peer_name : p->server_names;
}

static void add_name(struct text *t, const char *name)
{
	if (name != NULL)
		text_printf(t, "%s%s", t->n > 0 ? " " : "", name);
}

static size_t add_profile(struct text *t, const struct conf_tls_profile *from)
{
	size_t n = 0;

	for (size_t i = 0; from != NULL && i < CONF_CN_SANS_MAX; i++) {
		add_name(t, from->name[i]);
		n += from->name[i] != NULL;
	}
	return n;
}

static void add_target(
	struct text *t, const struct conf *c, const struct conf_dial_peer *d)
{
	const struct conf_server_group *g = d->servers;
	const struct conf_host *h = NULL;

	if (d->target == CONF_TARGET_HOST)
		add_name(t, d->target_host);
	if (d->target == CONF_TARGET_SERVER)
		h = conf_peer_server(c, d);
	if (h != NULL)
		add_name(t, h->host);
	for (size_t i = 0;
		d->target == CONF_TARGET_GROUP && g != NULL && i < g->n; i++)
		add_name(t, g->server[i].to.host);
}

static void add_proxy(struct text *t, const struct conf_proxy *proxy)
{
	if (proxy != NULL)
		add_name(t, proxy->peer_name != NULL ? proxy->peer_name
						     : proxy->to.host);
}

/* Who is called by TLS may call by TLS. */
static void add_called(struct text *t, const struct conf *c)
{
	for (const struct conf_dial_peer *d = c->dial_peers; d != NULL;
		d = d->next) {
		if (d->transport != CONF_TLS || d->shutdown)
			continue;
		if (d->peer_name != NULL)
			add_name(t, d->peer_name);
		else
			add_target(t, c, d);
		add_proxy(t, conf_peer_proxy(c, d));
	}
	if (c->ua.registrar != CONF_REG_HOST ||
		c->ua.registrar_transport != CONF_TLS)
		return;
	add_name(t, c->ua.registrar_peer_name != NULL
			    ? c->ua.registrar_peer_name
			    : c->ua.registrar_host);
	add_proxy(t, conf_peer_proxy(c, NULL));
}

static void inherit_listener(const struct conf *c, struct conf_listener *l)
{
	const struct conf_tls_profile *from = l->tls_profile;
	unsigned validate = from != NULL ? from->validate : 0;
	struct text t = { 0 };

	if (from != NULL && l->trustpoint == NULL)
		l->trustpoint = from->trustpoint;
	if (from == NULL && l->side == CONF_CORE) {
		from = c->ua.tls_profile;
		validate = c->ua.validate;
	}
	if (l->transport != CONF_TLS || (validate & CONF_SAN_CLIENT) == 0)
		return;
	if (add_profile(&t, from) == 0)
		add_called(&t, c);
	l->client_names = t.n > 0 ? text_take(&t) : mem_dup("");
}

static void inherit_peer(const struct conf *c, struct conf_dial_peer *d)
{
	const struct conf_tls_profile *of_tenant =
		d->tenant != NULL ? d->tenant->tls_profile : NULL;
	const struct conf_tls_profile *from =
		of_tenant != NULL ? of_tenant : c->ua.tls_profile;
	const struct conf_proxy *proxy = conf_peer_proxy(c, d);
	struct text t = { 0 };

	if (d->transport != CONF_TLS || from == NULL)
		return;
	if (of_tenant != NULL && d->trustpoint == NULL)
		d->trustpoint = of_tenant->trustpoint;
	if ((from->validate & CONF_SAN_SERVER) == 0 ||
		add_profile(&t, from) == 0)
		return;
	add_target(&t, c, d);
	if (proxy != NULL)
		add_name(&t, proxy->to.host);
	d->server_names = text_take(&t);
}

static void inherit_tenant(const struct conf *c, struct conf_tenant *t)
{
	const struct conf_tls_profile *from = t->tls_profile;
	const struct conf_dial_peer like = { .target = CONF_TARGET_HOST,
		.tenant = t };
	const struct conf_proxy *proxy = conf_peer_proxy(c, &like);
	struct text names = { 0 };

	if (t->registrar.to.host == NULL || from == NULL ||
		(from->validate & CONF_SAN_SERVER) == 0 ||
		add_profile(&names, from) == 0)
		return;
	add_name(&names, t->registrar.to.host);
	if (proxy != NULL)
		add_name(&names, proxy->to.host);
	t->registrar.server_names = text_take(&names);
}

void inherit_tls(struct conf *c)
{
	const struct conf_tls_profile *all = c->ua.tls_profile;

	if (all != NULL) {
		c->ua.trustpoint = all->trustpoint;
		c->ua.client_vtp = all->client_vtp;
		c->ua.validate = all->validate;
	}
	for (struct conf_listener *l = c->listeners; l != NULL; l = l->next)
		inherit_listener(c, l);
	for (struct conf_tenant *t = c->tenants; t != NULL; t = t->next)
		inherit_tenant(c, t);
	for (struct conf_dial_peer *d = c->dial_peers; d != NULL; d = d->next)
		inherit_peer(c, d);
}

/* ---- contradictions ---- */

static void check_profile(struct parse *p, const struct conf_tls_profile *t)
{
	const struct conf *c = p->conf;
	bool heard = c->ua.tls_profile == t;

	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		heard |= l->tls_profile == t;
	if ((t->validate & CONF_SAN_CLIENT) != 0 && !heard)
		complain(p, true, t, "cn-san validate",
			"add 'tls-profile N' to the sip-listener that they "
			"connect to",
			"voice class tls-profile %u is on no sip-listener: no "
			"client's names are checked by it",
			t->tag);
	if (t->validate != 0)
		return;
	for (size_t i = 0; i < CONF_CN_SANS_MAX; i++)
		if (t->name[i] != NULL) {
			complain(p, true, t, "cn-san <",
				"add 'cn-san validate bidirectional', or "
				"'server' or 'client'",
				"voice class tls-profile %u lists names and "
				"does not say whose certificates must have one",
				t->tag);
			return;
		}
}

static void check_names(struct parse *p, const struct conf_listener *l)
{
	if (l->tls_profile != NULL && l->transport != CONF_TLS)
		complain(p, true, l, "tls-profile",
			"write 'transport tcp tls', or leave it out",
			"tls-profile has no effect: sip-listener %s does not "
			"speak TLS",
			l->name);
	if (l->client_names == NULL)
		return;
	if (!l->client_verify)
		complain(p, false, l, "client-verify",
			"write 'client-verify required'",
			"the names of clients are to be checked, and "
			"sip-listener %s asks for no certificate",
			l->name);
	if (l->client_names[0] == '\0')
		complain(p, false, l, "sip-listener",
			"add 'cn-san 1 NAME' to the voice class tls-profile",
			"the names of clients are to be checked on "
			"sip-listener %s, and none is listed or called by TLS",
			l->name);
}

void check_tls_profiles(struct parse *p)
{
	const struct conf *c = p->conf;

	for (const struct conf_tls_profile *t = c->tls_profiles; t != NULL;
		t = t->next)
		check_profile(p, t);
	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		check_names(p, l);
}

/* clang-format off */
#define WHOSE "{server|client|bidirectional}"
#define VALIDATE "cn-san-validate " WHOSE
#define CIPHER "{strict-cipher|ecdsa-cipher}"
#define OURS "suites are ours: TLS 1.2 and 1.3 with ECDHE and AES-GCM or " \
	"ChaCha20"

const struct cmd tls_global_cmds[] = {
	{ "voice class tls-profile <1-10000>", K_ENTER, .enter = M_TLS_PROFILE,
	  .help = "Certificate and names of TLS, for several" },
	{ NULL },
};

const struct cmd tls_profile_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_tls_profile, description),
	  .help = "What this is for" },
	{ "trustpoint NAME", K_REF, F_PTR(conf_tls_profile, trustpoint),
	  .enter = M_TRUSTPOINT,
	  .help = "Our certificate, and the authorities to accept" },
	{ "client-vtp NAME", K_REF, F_PTR(conf_tls_profile, client_vtp),
	  .enter = M_TRUSTPOINT,
	  .help = "Trustpoint whose authorities vouch for clients" },
	{ "cn-san validate " WHOSE, K_FN, .set = set_validate,
	  .show = show_validate,
	  .help = "Whose certificates must have a name that is expected",
	  .more = "A server's must always have the name of `session target`; "
		  "with `server`, one of `cn-san` will do as well. `client`: "
		  "who connects must have one of `cn-san` or, when none is "
		  "listed, a name that dial-peers or the registrar call by TLS. "
		  "Such a client is heard whatever its address: see `ip "
		  "address trusted authenticate`." },
	{ VALIDATE, K_FN, .set = set_validate, .show = show_with_above,
	  .flags = C_HIDDEN, .help = "IOS's other spelling of cn-san validate" },
	{ "cn-san <1-10> WORD", K_FN, .set = set_cn_san, .show = show_cn_sans,
	  .help = "A name that a peer's certificate may have",
	  .more = "Compared with the alternative names, and with the common "
		  "name when there are none. `*.example.com` stands for every "
		  "name one label longer." },
	{ "sni send", K_NONE, .help = "The server is told which name is meant",
	  .more = "Accepted for CUBE's sake; it is so anyway." },
	{ "cipher LINE", K_NOTICE, .more = OURS },
	{ NULL },
};

const struct cmd ua_tls_cmds[] = {
	{ "crypto signaling default trustpoint NAME [" CIPHER "] [client-vtp "
	  "NAME] [" VALIDATE "] [client-vtp NAME] [" CIPHER "]", K_FN,
	  .set = set_signaling, .show = show_signaling,
	  .help = "Trustpoint for TLS towards the call manager",
	  .more = "`client-vtp`: the trustpoint whose authorities vouch for "
		  "those who connect to listeners of the core side, which "
		  "may name their own. `cn-san-validate server` is so anyway; "
		  "`client` and `bidirectional`: who connects there must have "
		  "a name that dial-peers or the registrar call by TLS (for a "
		  "list of names: `voice class tls-profile`). `strict-cipher` "
		  "and `ecdsa-cipher` are read and not used: " OURS "." },
	{ "crypto signaling default tls-profile <1-10000>", K_FN,
	  .set = set_signaling, .show = show_with_above,
	  .help = "The same, by a voice class tls-profile" },
	{ NULL },
};

const struct cmd listener_tls_cmds[] = {
	{ "tls-profile <1-10000>", K_REF, F_PTR(conf_listener, tls_profile),
	  .enter = M_TLS_PROFILE,
	  .help = "Certificate, authorities and clients' names by a class",
	  .more = "`trustpoint` and `client-vtp` here go before. Without it, "
		  "names of clients on the core side are checked as `crypto "
		  "signaling` says." },
	{ NULL },
};

const struct cmd tenant_tls_cmds[] = {
	{ "tls-profile <1-10000>", K_REF, F_PTR(conf_tenant, tls_profile),
	  .enter = M_TLS_PROFILE,
	  .help = "Certificate and names of servers, by a class",
	  .more = "For the tenant's registrar, and for dial-peers that have no "
		  "`trustpoint` or `peer-name`. Clients are judged where they "
		  "connect: give the sip-listener the class as well." },
	{ NULL },
};
/* clang-format on */

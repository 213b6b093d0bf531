/*
 * asserted-id, privacy, privacy-policy, localhost: how who calls is named to
 * the far end of a leg. In dial-peers, tenants and `voice service voip`.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

static const char *const asserted_names[] = {
	[CONF_ASSERTED_PASS] = "system",
	[CONF_ASSERTED_NONE] = "none",
	[CONF_ASSERTED_PAI] = "pai",
	[CONF_ASSERTED_PPI] = "ppi",
	[CONF_ASSERTED_RPI] = "rpi",
};

static const struct {
	const char *word;
	unsigned bit;
} privacy_words[] = { { "header", CONF_PRIVACY_HEADER },
	{ "history", CONF_PRIVACY_HISTORY }, { "id", CONF_PRIVACY_ID },
	{ "session", CONF_PRIVACY_SESSION }, { "user", CONF_PRIVACY_USER },
	{ "critical", CONF_PRIVACY_CRITICAL } };

static const struct {
	const char *words;
	unsigned bit;
} policies[] = { { "passthru", CONF_POLICY_PASSTHRU },
	{ "send-always", CONF_POLICY_SEND_ALWAYS },
	{ "strip diversion", CONF_POLICY_STRIP_DIVERSION },
	{ "strip history-info", CONF_POLICY_STRIP_HISTORY } };

void caller_free(struct conf_caller *c)
{
	free(c->localhost);
}

static struct conf_caller *caller_of(const struct line *l)
{
	size_t offset = l->row->offset;

	return (struct conf_caller *)(void *)((char *)l->obj + offset);
}

static const struct conf_caller *shown_caller(
	const struct show *s, const struct cmd *row)
{
	const void *at = (const char *)s->obj + row->offset;

	return at;
}

/* What stands before the command in a dial-peer. */
static const char *head_of(const struct cmd *row)
{
	return strncmp(row->syntax, "voice-class", 11) == 0 ? "voice-class sip "
							    : "";
}

static void set_asserted(struct line *l)
{
	struct conf_caller *c = caller_of(l);

	c->asserted = CONF_ASSERTED_INHERIT;
	for (size_t i = 1; i < ARRAY_SIZE(asserted_names); i++)
		if (!l->no && !l->def && line_has(l, asserted_names[i]))
			c->asserted = (enum conf_asserted)i;
}

static void show_asserted(const struct show *s, const struct cmd *row)
{
	const struct conf_caller *c = shown_caller(s, row);

	if (c->asserted != CONF_ASSERTED_INHERIT)
		show_line(s, "%sasserted-id %s", head_of(row),
			asserted_names[c->asserted]);
}

static void set_privacy(struct line *l)
{
	struct conf_caller *c = caller_of(l);

	c->privacy = 0;
	for (size_t i = 0; i < ARRAY_SIZE(privacy_words); i++)
		if (!l->no && !l->def && line_has(l, privacy_words[i].word))
			c->privacy |= privacy_words[i].bit;
	if (c->privacy == CONF_PRIVACY_CRITICAL)
		line_error(l, NULL,
			"name what shall be hidden: 'privacy id "
			"critical'",
			"nothing is critical alone");
}

static void show_privacy(const struct show *s, const struct cmd *row)
{
	const struct conf_caller *c = shown_caller(s, row);

	if (c->privacy == 0)
		return;
	fprintf(s->out, "%*s%sprivacy", (int)s->indent, "", head_of(row));
	for (size_t i = 0; i < ARRAY_SIZE(privacy_words); i++)
		if (c->privacy & privacy_words[i].bit)
			fprintf(s->out, " %s", privacy_words[i].word);
	fputc('\n', s->out);
}

static void set_policy(struct line *l)
{
	struct conf_caller *c = caller_of(l);
	bool off = l->no || l->def;
	bool any = off && !line_has(l, "passthru") &&
		   !line_has(l, "send-always") && !line_has(l, "strip");

	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		const char *last = strrchr(policies[i].words, ' ');

		last = last != NULL ? last + 1 : policies[i].words;
		if (!any && !line_has(l, last))
			continue;
		if (off)
			c->policy &= ~policies[i].bit;
		else
			c->policy |= policies[i].bit;
	}
}

static void show_policy(const struct show *s, const struct cmd *row)
{
	const struct conf_caller *c = shown_caller(s, row);

	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		if (c->policy & policies[i].bit)
			show_line(s, "%sprivacy-policy %s", head_of(row),
				policies[i].words);
}

static void set_localhost(struct line *l)
{
	struct conf_caller *c = caller_of(l);
	struct target t;
	struct arg_bad bad;

	set_str(&c->localhost, slice_of(NULL, 0));
	c->contact = false;
	if (l->no || l->def)
		return;
	need(target_parse(line_arg(l, 0)->text, &t, &bad)); /* was checked */
	if (addr_is_set(&t.addr) || t.port != 0) {
		line_error(l, line_arg(l, 0), "write 'localhost dns:NAME'",
			"'%.*s' is not a name alone",
			SLICE_ARG(line_arg(l, 0)->text));
		return;
	}
	set_str(&c->localhost, t.host);
	c->contact = line_has(l, "contact");
}

static void show_localhost(const struct show *s, const struct cmd *row)
{
	const struct conf_caller *c = shown_caller(s, row);

	if (c->localhost != NULL)
		show_line(s, "%slocalhost dns:%s%s", head_of(row), c->localhost,
			c->contact ? " contact" : "");
}

static void set_host_registrar(struct line *l)
{
	caller_of(l)->host_registrar = !l->no && !l->def;
}

static void show_host_registrar(const struct show *s, const struct cmd *row)
{
	if (shown_caller(s, row)->host_registrar)
		show_line(s, "%shost-registrar", head_of(row));
}

/* Of the tenant, else of sip-ua. NULL: there is none, or an IPv6 address, which
 * is nobody's domain. */
static const char *registrar_of(
	const struct conf *c, const struct conf_dial_peer *p)
{
	const char *host = p != NULL && p->tenant != NULL
				   ? p->tenant->registrar.to.host
				   : NULL;

	if (host == NULL && c->ua.registrar == CONF_REG_HOST)
		host = c->ua.registrar_host;
	return host != NULL && strchr(host, ':') == NULL ? host : NULL;
}

struct conf_caller conf_peer_caller(
	const struct conf *c, const struct conf_dial_peer *p)
{
	const struct conf_caller *around[] = { p != NULL ? &p->caller : NULL,
		p != NULL && p->tenant != NULL ? &p->tenant->caller : NULL,
		&c->voip.caller };
	struct conf_caller out = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(around); i++) {
		const struct conf_caller *x = around[i];

		if (x == NULL)
			continue;
		if (out.asserted == CONF_ASSERTED_INHERIT)
			out.asserted = x->asserted;
		if (out.privacy == 0)
			out.privacy = x->privacy;
		if (out.policy == 0)
			out.policy = x->policy;
		out.host_registrar |= x->host_registrar;
		if (out.localhost == NULL) {
			out.localhost = x->localhost;
			out.contact = x->contact;
		}
	}
	if (out.host_registrar)
		out.registrar = registrar_of(c, p);
	return out;
}

/* clang-format off */
#define PRIVACY "{header|history|id|session|user|critical}"
#define CALLER(head, where) \
	{ head "asserted-id {pai|ppi|rpi|none|system}", K_FN, where, \
	  .set = set_asserted, .show = show_asserted, \
	  .help = "How the caller is named: which header", \
	  .more = "Sent there: `pai` P-Asserted-Identity (RFC 3325), `ppi` " \
		  "P-Preferred-Identity, `rpi` Remote-Party-ID; made of " \
		  "whichever came, or of From where it is believed. `none`: " \
		  "who is there is not trusted (RFC 3325 5): identities are " \
		  "neither sent nor believed. `system`, and where nothing is " \
		  "said: as they come." }, \
	{ head "privacy " PRIVACY " [" PRIVACY " [" PRIVACY "]]", K_FN, where, \
	  .set = set_privacy, .show = show_privacy, \
	  .help = "What is hidden of callers (RFC 3323)", \
	  .more = "Privacy of calls that are sent there, instead of what came. " \
		  "With `id` or `user`, From and Contact are anonymous; " \
		  "`asserted-id` names the caller to who is trusted. " \
		  "`critical` asks for it or no call (Proxy-Require)." }, \
	{ head "privacy pstn", K_NOTICE, \
	  .more = "no telephone network tells of it: Privacy passes as it " \
		  "comes" }, \
	{ head "privacy-policy {passthru|send-always|strip {diversion|" \
	  "history-info}}", K_FN, where, .set = set_policy, \
	  .show = show_policy, \
	  .help = "What becomes of Privacy and of who diverted", \
	  .more = "`passthru` is so anyway. `send-always`: `Privacy: none` where " \
		  "none came. `strip`: that header does not go along with " \
		  "what asks for privacy." }, \
	{ head "localhost TARGET [preferred] [contact]", K_FN, where, \
	  .set = set_localhost, .show = show_localhost, \
	  .help = "A name in place of our address: 'localhost dns:NAME'", \
	  .more = "In From, in identities, Diversion and History-Info, as on " \
		  "CUBE. With `contact`, ours, in Contact as well: the name has " \
		  "to lead to the listener." }
#define HOST_REGISTRAR(head, where) \
	{ head "host-registrar [system]", K_FN, where, \
	  .set = set_host_registrar, .show = show_host_registrar, \
	  .help = "The registrar's host stands in Diversion and in 302", \
	  .more = "In place of ours (or of `localhost`) in Diversion, and in " \
		  "Contact of 3xx responses there: that of the tenant's " \
		  "`registrar`, else of `sip-ua`'s. For providers that take " \
		  "diverted calls of their own domain alone." }

const struct cmd ua_caller_cmds[] = {
	HOST_REGISTRAR("", F_PTR(conf, voip.caller)),
	{ NULL },
};

const struct cmd peer_caller_cmds[] = {
	HOST_REGISTRAR("voice-class sip ", F_PTR(conf_dial_peer, caller)),
	CALLER("voice-class sip ", F_PTR(conf_dial_peer, caller)),
	{ NULL },
};

const struct cmd tenant_caller_cmds[] = {
	HOST_REGISTRAR("", F_PTR(conf_tenant, caller)),
	CALLER("", F_PTR(conf_tenant, caller)),
	{ NULL },
};

const struct cmd sip_caller_cmds[] = {
	CALLER("", F_PTR(conf, voip.caller)),
	{ NULL },
};
/* clang-format on */

/*
 * Trunks that we log in to: credentials, authentication, and a tenant's
 * registrar.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

enum { AUTHS_MAX = 1000, TRUNK_EXPIRES = 3600 };

void auths_free(struct conf_auths *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].number);
		free(a->v[i].username);
		free(a->v[i].realm);
		secret_free(&a->v[i].password);
	}
	free(a->v);
	*a = (struct conf_auths){ 0 };
}

static struct conf_auths *auths_of(const struct line *l)
{
	size_t offset = l->row->offset;

	return (struct conf_auths *)(void *)((char *)l->obj + offset);
}

static void drop(struct conf_auths *a, size_t i)
{
	struct conf_auths one = { .n = 1, .v = mem_new(sizeof(*one.v)) };

	one.v[0] = a->v[i];
	auths_free(&one);
	memmove(&a->v[i], &a->v[i + 1], (a->n - i - 1) * sizeof(*a->v));
	a->n--;
}

/* The line with that number (credentials) or realm (authentication). */
static size_t find(const struct conf_auths *a, bool numbered, struct slice key)
{
	size_t i = 0;

	while (i < a->n &&
		((a->v[i].number != NULL) != numbered ||
			!slice_eq_str(key,
				numbered ? a->v[i].number : a->v[i].realm)))
		i++;
	return i;
}

static void drop_all(struct conf_auths *a, bool numbered)
{
	for (size_t i = a->n; i-- > 0;)
		if ((a->v[i].number != NULL) == numbered)
			drop(a, i);
}

static void set_auth(struct line *l, bool numbered)
{
	struct conf_auths *a = auths_of(l);
	size_t first = numbered ? 1 : 0, i;
	const struct word *number = numbered ? line_arg(l, 0) : NULL;
	const struct word *realm = line_arg(l, first + 2);
	const struct word *key = numbered ? number : realm;
	struct conf_auth *x;

	if ((l->no || l->def) && key == NULL) {
		drop_all(a, numbered);
		return;
	}
	i = find(a, numbered, key->text);
	if (i < a->n)
		drop(a, i);
	if (l->no || l->def)
		return;
	if (a->n == AUTHS_MAX) {
		line_error(l, key, NULL, "there are at most %d of them",
			AUTHS_MAX);
		return;
	}
	a->v = mem_resize(a->v, a->n + 1, sizeof(*a->v));
	x = &a->v[a->n++];
	*x = (struct conf_auth){ .pos = l->pos,
		.number = number != NULL ? slice_dup(number->text) : NULL,
		.username = slice_dup(line_arg(l, first)->text),
		.realm = slice_dup(realm->text) };
	secret_take(l, &x->password, line_arg(l, first + 1));
}

static void set_credentials(struct line *l)
{
	set_auth(l, true);
}

static void set_authentication(struct line *l)
{
	set_auth(l, false);
}

static void show_one(const struct show *s, const struct conf_auth *x)
{
	char *shown = secret_shown(s, &x->password);

	fprintf(s->out, "%*s", (int)s->indent, "");
	if (x->number != NULL) {
		fputs("credentials number ", s->out);
		lex_quote(s->out, x->number);
		fputs(" username ", s->out);
	} else {
		fputs("authentication username ", s->out);
	}
	lex_quote(s->out, x->username);
	fprintf(s->out, " password %s realm ", shown);
	lex_quote(s->out, x->realm);
	fputc('\n', s->out);
	free(shown);
}

static void show_auths(
	const struct show *s, const struct cmd *row, bool numbered)
{
	const void *at = (const char *)s->obj + row->offset;
	const struct conf_auths *a = at;

	for (size_t i = 0; i < a->n; i++)
		if ((a->v[i].number != NULL) == numbered &&
			a->v[i].password.text != NULL)
			show_one(s, &a->v[i]);
}

static void show_credentials(const struct show *s, const struct cmd *row)
{
	show_auths(s, row, true);
}

static void show_authentication(const struct show *s, const struct cmd *row)
{
	show_auths(s, row, false);
}

/* ---- a tenant's registrar ---- */

static void set_registrar(struct line *l)
{
	struct conf_tenant *t = l->obj;
	const struct word *expires = line_after(l, "expires");
	const struct word *name = line_after(l, "peer-name");

	set_host(l, &t->registrar.to, line_arg(l, 0));
	set_str(&t->registrar.peer_name, slice_of(NULL, 0));
	t->registrar.pos = l->pos;
	t->registrar.expires = TRUNK_EXPIRES;
	t->registrar.transport = CONF_UDP;
	if (l->no || l->def)
		return;
	t->registrar.transport = line_transport(l);
	if (expires != NULL)
		t->registrar.expires = (unsigned)expires->number;
	if (name != NULL)
		set_str(&t->registrar.peer_name, name->text);
}

static void show_registrar(const struct show *s, const struct cmd *row)
{
	const struct conf_tenant *t = s->obj;

	(void)row;
	if (t->registrar.to.host == NULL)
		return;
	fprintf(s->out, "%*sregistrar ", (int)s->indent, "");
	target_show(s->out, t->registrar.to.host, &t->registrar.to.addr,
		t->registrar.to.port);
	if (t->registrar.expires != TRUNK_EXPIRES)
		fprintf(s->out, " expires %u", t->registrar.expires);
	if (t->registrar.transport != CONF_UDP)
		fprintf(s->out, " %s", show_transport(t->registrar.transport));
	if (t->registrar.peer_name != NULL)
		fprintf(s->out, " peer-name %s", t->registrar.peer_name);
	fputc('\n', s->out);
}

/* ---- what holds for a dial-peer ---- */

static const struct conf_auth *in(
	const struct conf_auths *a, bool numbered, struct slice realm)
{
	for (size_t i = 0; i < a->n; i++)
		if ((a->v[i].number != NULL) == numbered &&
			slice_eq_str(realm, a->v[i].realm))
			return &a->v[i];
	return NULL;
}

const struct conf_auth *conf_peer_auth(const struct conf *c,
	const struct conf_dial_peer *p, struct slice realm)
{
	const struct conf_auth *a =
		p != NULL ? in(&p->auths, false, realm) : NULL;

	for (int numbered = 0; numbered < 2; numbered++) {
		if (a == NULL && p != NULL && p->tenant != NULL)
			a = in(&p->tenant->auths, numbered, realm);
		if (a == NULL)
			a = in(&c->ua.auths, numbered, realm);
	}
	return a;
}

bool conf_peer_has_auths(const struct conf *c, const struct conf_dial_peer *p)
{
	return c->ua.auths.n > 0 ||
	       (p != NULL &&
		       (p->auths.n > 0 ||
			       (p->tenant != NULL && p->tenant->auths.n > 0)));
}

/* ---- contradictions ---- */

bool auths_register(const struct conf_auths *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].number != NULL)
			return true;
	return false;
}

static void check_tenant(struct parse *p, const struct conf_tenant *t)
{
	const struct conf *c = p->conf;
	const struct conf_trustpoint *trust = conf_tenant_trustpoint(c, t);
	bool tls = t->registrar.transport == CONF_TLS, fits = false;

	if (auths_register(&t->auths) && t->registrar.to.host == NULL)
		complain(p, false, t, "credentials", "add 'registrar TARGET'",
			"voice class tenant %u has credentials and no "
			"registrar to register at",
			t->tag);
	if (t->registrar.to.host == NULL)
		return;
	if (!auths_register(&t->auths))
		complain(p, true, t, "registrar", "add 'credentials number …'",
			"voice class tenant %u registers no number", t->tag);
	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		fits |= l->side == CONF_CORE &&
			l->transport == t->registrar.transport;
	if (!fits)
		complain(p, false, t, "registrar",
			"add a 'sip-listener' with 'side core' for it",
			"no core listener has the registrar's transport (%s)",
			show_transport(t->registrar.transport));
	if (tls && c->ua.nremotes == 0 &&
		(trust == NULL || !conf_trustpoint_has_anchors(trust)))
		complain(p, false, t, "registrar",
			"add 'crypto signaling default trustpoint NAME' below "
			"'sip-ua', or a 'tls-profile' here, whose authorities "
			"vouch for it",
			"the registrar is reached by TLS and no trustpoint "
			"says whom to trust");
}

void check_trunks(struct parse *p)
{
	const struct conf *c = p->conf;

	for (const struct conf_tenant *t = c->tenants; t != NULL; t = t->next)
		check_tenant(p, t);
	if (auths_register(&c->ua.auths) && c->ua.registrar != CONF_REG_HOST)
		complain(p, false, c, "credentials number",
			"add 'registrar TARGET', or write them into a 'voice "
			"class tenant' with a registrar of its own",
			"sip-ua has credentials and no registrar to register "
			"at");
}

/* clang-format off */
#define WHO "username WORD password [0|6|7] WORD realm WORD"
#define AUTHENTICATION(where) \
	{ "authentication " WHO, K_FN, where, .set = set_authentication, \
	  .show = show_authentication, \
	  .help = "What challenges of that realm are answered with", \
	  .more = "Of requests of ours, within calls too. A dial-peer's line " \
		  "goes before its tenant's, that before `sip-ua`'s; last come " \
		  "`credentials`. A challenge of another realm passes to the " \
		  "caller." }
#define NO_REALM \
	{ "authentication username WORD password [0|6|7] WORD", K_REFUSED, \
	  .more = "add 'realm NAME', as the provider's challenges name it: " \
		  "whoever asks would be answered" }
#define CREDENTIALS(where) \
	{ "credentials number WORD " WHO, K_FN, where, \
	  .set = set_credentials, .show = show_credentials, \
	  .help = "A number that is registered at the registrar", \
	  .more = "As IOS does for the numbers of a trunk: REGISTER, " \
		  "refreshed before it ends; after a failure it is tried again " \
		  "within a minute, then less and less often up to half an " \
		  "hour. See `show sip-ua register status`." }

const struct cmd peer_trunk_cmds[] = {
	AUTHENTICATION(F_PTR(conf_dial_peer, auths)), NO_REALM,
	{ NULL },
};

const struct cmd ua_trunk_cmds[] = {
	AUTHENTICATION(F_PTR(conf, ua.auths)), NO_REALM,
	CREDENTIALS(F_PTR(conf, ua.auths)),
	{ NULL },
};

const struct cmd tenant_trunk_cmds[] = {
	AUTHENTICATION(F_PTR(conf_tenant, auths)), NO_REALM,
	CREDENTIALS(F_PTR(conf_tenant, auths)),
	{ "registrar TARGET [expires <60-86400>] [tcp [tls]] [peer-name HOST]",
	  K_FN, .set = set_registrar, .show = show_registrar,
	  .help = "Where its `credentials` are registered",
	  .more = "Sent from the interface that the tenant is bound to. "
		  "Default: expires 3600." },
	{ "registrar TARGET " REGISTRAR_IOS, K_FN, .set = set_registrar,
	  .show = show_with_above, .flags = C_HIDDEN,
	  .help = "CUBE's spelling of registrar",
	  .more = "The rest of the line is read and not used." },
	{ "registrar 1 TARGET " REGISTRAR_IOS, K_FN, .set = set_registrar,
	  .show = show_with_above, .flags = C_HIDDEN,
	  .help = "CUBE's spelling of registrar, the first of several" },
	{ "registrar <2-6> TARGET " REGISTRAR_IOS, K_REFUSED,
	  .more = "a tenant has one registrar: write 'registrar TARGET', and "
		  "a name with several addresses for several servers" },
	{ NULL },
};
/* clang-format on */

/*
 * A CUBE's configuration as it is: what is not of this language is left out
 * and said, and what CUBE has no words for is made up from what it says: the
 * listeners, of interfaces and binds. Read twice, because a listener is known
 * only when all dial-peers are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "conf/conf_int.h"
#include "conf/index.h"

/* CUBE speaks RTP where nothing is said of srtp, Lineside SRTP; and asks for
 * session timers only where it is told to. */
static const char before[] = "voice service voip\n no srtp\n sip\n"
			     "  no session refresh\n  exit\n exit\n";

static const struct conf_interface *default_interface(const struct conf *c)
{
	for (const struct conf_interface *i = c->interfaces; i != NULL;
		i = i->next)
		if (addr_is_set(&i->addr[0]) || addr_is_set(&i->addr[1]))
			return i;
	return NULL;
}

/* What one interface is used for. */
struct spot {
	const struct conf_interface *interface;
	bool uses[2][3]; /* side, transport */
	const struct conf_tls_profile *profile; /* of a tenant; or NULL */
	struct conf_dscp dscp; /* of SIP */
};

enum { SPOTS_MAX = 64 };
struct spots {
	size_t n;
	struct spot v[SPOTS_MAX];
};

static struct spot *spot_of(struct spots *s, const struct conf_interface *i)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->v[k].interface == i)
			return &s->v[k];
	if (i == NULL || s->n == SPOTS_MAX)
		return NULL;
	s->v[s->n] = (struct spot){ .interface = i };
	return &s->v[s->n++];
}

static void note_peer(
	struct spots *s, const struct conf *c, const struct conf_dial_peer *d)
{
	const struct conf_interface *i = conf_peer_control(c, d);
	bool phones = d->target == CONF_TARGET_REGISTRAR;
	struct spot *at;

	if (d->shutdown)
		return;
	at = spot_of(s, i != NULL ? i : default_interface(c));
	if (at == NULL)
		return;
	if (!phones && d->tenant != NULL && at->profile == NULL)
		at->profile = d->tenant->tls_profile;
	if (!at->dscp.set)
		at->dscp = d->dscp_signaling;
	at->uses[phones ? CONF_ACCESS : CONF_CORE][d->transport] = true;
	if (!phones) /* who calls in may come by any */
		at->uses[CONF_CORE][CONF_UDP] = at->uses[CONF_CORE][CONF_TCP] =
			true;
}

/* Registrations go out as calls do. `t`: whose registrar; NULL: sip-ua's. */
static void note_registrar(struct spots *s, const struct conf *c,
	const struct conf_tenant *t, enum conf_transport transport)
{
	const struct conf_dial_peer like = { .tenant = t };
	const struct conf_interface *i = conf_peer_control(c, &like);
	struct spot *at = spot_of(s, i != NULL ? i : default_interface(c));

	if (at != NULL)
		at->uses[CONF_CORE][transport] = true;
}

static void note_registrars(struct spots *s, const struct conf *c)
{
	if (c->ua.registrar == CONF_REG_HOST)
		note_registrar(s, c, NULL, c->ua.registrar_transport);
	for (const struct conf_tenant *t = c->tenants; t != NULL; t = t->next)
		if (t->registrar.to.host != NULL)
			note_registrar(s, c, t, t->registrar.transport);
}

static void listener_name(
	struct text *t, const struct conf_interface *i, enum conf_transport tr)
{
	static const char *const ends[] = { "UDP", "TCP", "TLS" };

	for (const char *p = i->name; *p != '\0' && p - i->name < 48; p++)
		text_addc(t, (*p >= 'a' && *p <= 'z') ||
					     (*p >= 'A' && *p <= 'Z') ||
					     (*p >= '0' && *p <= '9')
				     ? *p
				     : '-');
	text_printf(t, "-%s", ends[tr]);
}

static void add_listener(struct text *t, const struct conf *c,
	const struct spot *s, enum conf_side side, enum conf_transport tr)
{
	const struct conf_interface *i = s->interface;
	const struct conf_tls_profile *profile =
		side == CONF_CORE ? s->profile : NULL;
	bool v4 = addr_is_set(&i->addr[0]);
	const struct conf_trustpoint *tp =
		c->ua.trustpoint != NULL ? c->ua.trustpoint : c->trustpoints;
	char host[ADDR_TEXT];

	text_add(t, SLICE_LIT("sip-listener "));
	listener_name(t, i, tr);
	text_printf(t, "\n side %s\n address %s %s port %u\n transport %s\n",
		side == CONF_ACCESS ? "access" : "core", v4 ? "ipv4" : "ipv6",
		addr_host(&i->addr[v4 ? 0 : 1], host),
		tr == CONF_TLS ? 5061 : 5060, show_transport(tr));
	if (tr == CONF_TLS && profile != NULL)
		text_printf(t, " tls-profile %u\n", profile->tag);
	else if (tr == CONF_TLS && tp != NULL)
		text_printf(t, " trustpoint %s\n", tp->name);
	if (s->dscp.set)
		text_printf(t, " ip qos dscp %u\n", s->dscp.value);
	text_add(t, SLICE_LIT("exit\n"));
}

/* One address and transport is one listener: phones go first, since the core
 * is told where to call. */
static void add_spot(struct text *t, const struct conf *c, const struct spot *s)
{
	for (int side = CONF_ACCESS; side <= CONF_CORE; side++)
		for (int tr = CONF_UDP; tr <= CONF_TLS; tr++)
			if (s->uses[side][tr] &&
				!(side == CONF_CORE &&
					s->uses[CONF_ACCESS][tr]))
				add_listener(t, c, s, (enum conf_side)side,
					(enum conf_transport)tr);
}

/* Phones register at the sip-server, where no registrar is named. */
static void add_registrar(struct text *t, const struct conf *c)
{
	const struct conf_host *h = &c->ua.server;
	bool phones = false;
	char host[ADDR_TEXT];

	for (const struct conf_dial_peer *d = c->dial_peers; d != NULL;
		d = d->next)
		phones = phones || d->target == CONF_TARGET_REGISTRAR;
	if (!phones || c->ua.registrar != CONF_REG_NONE || h->host == NULL)
		return;
	text_printf(t, "sip-ua\n registrar %s",
		!addr_is_set(&h->addr)		   ? "dns:"
		: h->addr.sa.sa_family == AF_INET6 ? "ipv6:"
						   : "ipv4:");
	text_add(t,
		slice_str(addr_is_set(&h->addr) ? addr_uri_host(&h->addr, host)
						: h->host));
	if (h->port != 0)
		text_printf(t, ":%u", h->port);
	text_add(t, SLICE_LIT("\nexit\n"));
}

static void read_as_it_is(struct parse *p, struct slice text, const char *ours)
{
	parse_text(p, slice_str(before));
	if (ours != NULL)
		parse_text(p, slice_str(ours));
	p->import = true;
	parse_text(p, text);
	p->import = false;
}

static char *made_up(struct slice text, const char *ours, const char *file)
{
	struct conf_errs errs = { 0 };
	struct spots spots = { 0 };
	struct text t = { 0 };
	struct parse p;

	parse_begin(&p, file, &errs);
	read_as_it_is(&p, text, ours);
	resolve_refs(&p);
	inherit_tenants(p.conf);
	inherit_tls(p.conf);
	for (const struct conf_dial_peer *d = p.conf->dial_peers; d != NULL;
		d = d->next)
		note_peer(&spots, p.conf, d);
	note_registrars(&spots, p.conf);
	for (size_t i = 0; i < spots.n; i++)
		add_spot(&t, p.conf, &spots.v[i]);
	add_registrar(&t, p.conf);
	parse_end(&p);
	obj_unref(p.conf);
	conf_errs_free(&errs);
	return text_take(&t);
}

/* Of one that says nothing, certificates come by hand on both. */
static void name_enrollment(struct conf *c)
{
	for (struct conf_trustpoint *t = c->trustpoints; t != NULL; t = t->next)
		if (t->enrollment == CONF_ENROLL_NONE && t->ca_file == NULL &&
			t->cert_file == NULL && t->key_file == NULL)
			t->enrollment = CONF_ENROLL_TERMINAL;
}

struct conf *conf_import(struct slice text, const char *ours, const char *file,
	struct conf_errs *left_out, struct conf_errs *errs)
{
	size_t wrong = errs->errors;
	char *more;
	struct parse p;

	if (text.n > CONF_SIZE_MAX) {
		conf_errs_add(errs, false, (struct conf_pos){ 0 }, NULL,
			"the configuration is larger than 16 MB");
		return NULL;
	}
	more = made_up(text, ours, file);
	parse_begin(&p, file, left_out);
	read_as_it_is(&p, text, ours);
	p.errs = errs;
	parse_text(&p, slice_str(more));
	free(more);
	name_enrollment(p.conf);
	dspfarm_import_codecs(p.conf);
	check_conf(&p);
	parse_end(&p);
	if (errs->errors != wrong)
		return obj_unref(p.conf);
	conf_index_build(p.conf);
	return p.conf;
}

/*
 * What a REGISTER asks: judged by the phone's certificate, its contacts read.
 * The answers are register.c's.
 */
#include "b2bua/line/registrar_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "base/wire.h"
#include "conf/conf.h"

void register_refuse_taken(struct registrar *r, struct sip_txn *t,
	const struct identity *who, const struct addr *peer, struct slice user)
{
	char *text = mem_printf("line %.*s is registered by another phone",
		SLICE_ARG(slice_head(user, 40)));
	struct fail why = fail_of(REFUSE_LINE_TAKEN);

	metric_inc(M_REG_TAKEOVER_REFUSED);
	log_event(MSG_REG_TAKEOVER_REFUSED, NULL, L_STR("device", who->device),
		L_ADDR("peer", peer), L_SLICE("line", user));
	why.text = text;
	core_refuse_for(r->core, t, &why);
	free(text);
}

static bool refuse_line(struct registrar *r, struct sip_txn *t,
	const struct sip_source *src, struct slice user, enum tie tie)
{
	struct fail why =
		fail_of(tie == TIE_OTHER_CONFIG ? REFUSE_LINE_NOT_CONFIGURED
						: REFUSE_LINE_NOT_ALLOWED);
	char *text = mem_printf(tie == TIE_OTHER_CONFIG
					? "line %.*s is not in this phone's "
					  "configuration"
					: "this phone may not register line "
					  "%.*s",
		SLICE_ARG(slice_head(user, 40)));

	metric_inc(M_REG_LINE_REFUSED);
	log_event(MSG_REG_LINE_REFUSED, NULL,
		L_STR("device", src->identity->device),
		L_ADDR("peer", &src->addr), L_SLICE("line", user),
		L_STR("method", "REGISTER"), L_STR("reason", tie_reason(tie)));
	why.text = text;
	core_refuse_for(r->core, t, &why);
	free(text);
	return false;
}

bool register_judge(struct registrar *r, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src,
	struct sip_uri *aor)
{
	const struct identity *id = src->identity;
	struct sip_name_addr to, from;
	struct sip_uri from_uri;
	enum tie tie;

	if (src->side != CONF_ACCESS) {
		core_refuse(r->core, t, REFUSE_REGISTER_INSIDE);
		return false;
	}
	if (sip_name_addr_parse(m->to, &to) != 0 ||
		sip_uri_parse(to.uri, aor) != 0 || aor->user.n == 0 ||
		aor->user.n > 63 || aor->host.n > 63 ||
		!sip_user_canonical(aor->user) ||
		sip_name_addr_parse(m->from, &from) != 0 ||
		sip_uri_parse(from.uri, &from_uri) != 0) {
		core_refuse(r->core, t, REFUSE_BAD_REGISTER);
		return false;
	}
	tie = ties_judge(r->core->ties, id, aor->user);
	if (tie_broken(tie) || !slice_eq(aor->user, from_uri.user))
		return refuse_line(r, t, src, aor->user, tie);
	if (registrar_taken(r, aor->user, src->listener, id)) {
		register_refuse_taken(r, t, id, &src->addr, aor->user);
		return false;
	}
	if (r->core->conf->ua.registrar == CONF_REG_EMBEDDED &&
		!id->certified) {
		metric_inc(M_REG_LINE_REFUSED);
		core_refuse(r->core, t, REFUSE_CERTIFICATE_NEEDED);
		return false;
	}
	return true;
}

/* ---- reading the contacts ---- */

static struct binding *find_binding(
	struct line *l, const char *contact, const char *instance)
{
	struct binding *gone = NULL;

	for (struct binding *b = l->bindings; b != NULL; b = b->next) {
		if (b->contact != NULL && strcmp(b->contact, contact) == 0)
			return b;
		if (instance != NULL && b->instance != NULL &&
			strcmp(b->instance, instance) == 0)
			return b;
		/* the same device after its connection was lost */
		if (l->identity->certified && b->ends_ms != 0 &&
			!binding_reachable(b))
			gone = b;
	}
	return gone;
}

/* What is asked about now does not expire before the answer. */
static void binding_keep(struct binding *b)
{
	struct sip_port *port = b->line->owner->core->port;

	if (b->ends_ms < port->ops->now_ms(port) + REG_PENDING_MS)
		binding_timer(b, REG_PENDING_MS);
}

static void keep_params(struct text *out, struct slice params)
{
	struct slice one;
	static const char *const ours[] = { "expires", "reg-id", "pub-gruu",
		"temp-gruu", "ob" };

	while (sip_param_cut(&params, &one)) {
		bool drop = false;

		for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
			drop |= slice_caseeq_str(slice_trim(slice_head(one,
							 slice_find(one, '='))),
				ours[i]);
		if (!drop)
			text_printf(out, ";%.*s", SLICE_ARG(one));
	}
}

static uint32_t asked_expiry(const struct conf *c, const struct sip_msg *m,
	const struct sip_contact *sc)
{
	int64_t v = sc->expires >= 0  ? sc->expires
		    : m->expires >= 0 ? m->expires
				      : (int64_t)c->voip.expires_max;

	return v > (int64_t)c->voip.expires_max ? c->voip.expires_max
						: (uint32_t)v;
}

static void read_contact(struct want *w, const struct sip_contact *sc)
{
	struct text params = { 0 };
	struct slice instance;

	w->contact = slice_dup(sc->uri);
	keep_params(&params, sc->params);
	w->params = text_take(&params);
	if (sip_param(sc->params, "+sip.instance", &instance))
		w->instance = slice_dup(instance);
}

/* Room for one more of this phone's. */
static struct share *take_share(struct registrar *r, const struct sip_uri *aor,
	const struct sip_source *src)
{
	struct core *c = r->core;
	const struct share_limits limits = share_limits(
		conf_find_listener(c->conf, src->listener), src->identity);
	struct share *s = shares_hold(c->shares, src->identity, &src->addr,
		&limits, c->port->ops->now_ms(c->port));

	if (s != NULL)
		return s;
	metric_inc(M_REG_SHARE_REFUSED);
	log_event(MSG_REG_SHARE_REFUSED, NULL,
		L_STR("device", src->identity->device),
		L_ADDR("peer", &src->addr), L_SLICE("line", aor->user),
		L_INT("limit", limits.bindings));
	return NULL;
}

/* The phones of that line have all the contacts that it may have. */
static bool line_full(struct registrar *r, const struct sip_uri *aor,
	const struct sip_source *src)
{
	unsigned most = r->core->conf->voip.max_contacts;

	if (registrar_held(r, aor->user) < most)
		return false;
	metric_inc(M_REG_LINE_FULL);
	log_event(MSG_REG_LINE_FULL, NULL,
		L_STR("device", src->identity->device),
		L_ADDR("peer", &src->addr), L_SLICE("line", aor->user),
		L_INT("limit", most));
	return true;
}

/* The binding that a contact means, begun when it is a new one; NULL: it means
 * none, or *why says why not. */
static struct binding *enter(struct registrar *r, const struct want *w,
	const struct sip_uri *aor, const struct sip_source *src,
	struct fail *why)
{
	struct line *l = registrar_line(r, aor->user, src->identity);
	struct binding *b = NULL;
	struct share *share;
	size_t n = 0;

	if (l != NULL)
		b = find_binding(l, w->contact, w->instance);
	if (b != NULL)
		binding_keep(b);
	if (b != NULL || w->expires == 0)
		return b;
	*why = fail_of(REFUSE_CONTACTS);
	for (b = l != NULL ? l->bindings : NULL; b != NULL; b = b->next)
		n++;
	if (r->nbindings >= REG_BINDINGS_MAX ||
		(src->identity->certified && n >= REG_CONTACTS_MAX))
		return NULL;
	if (line_full(r, aor, src)) {
		*why = fail_of(REFUSE_LINE_FULL);
		return NULL;
	}
	share = take_share(r, aor, src);
	if (share == NULL)
		return NULL;
	*why = (struct fail){ 0 };
	if (l == NULL) {
		struct identity *id = obj_ref(src->identity);

		l = registrar_line_new(r, aor->user, aor->host, id);
		obj_unref(id);
	}
	b = binding_new(l, share);
	b->contact = slice_dup(slice_str(w->contact));
	b->instance = mem_dup(w->instance);
	binding_timer(b, REG_PENDING_MS);
	return b;
}

/* "Contact: *": all of this device for this line, and nobody else's. */
static void want_all(struct registrar *r, struct asked *a,
	const struct sip_uri *aor, const struct sip_source *src)
{
	struct line *l = registrar_line(r, aor->user, src->identity);

	for (struct binding *b = l != NULL ? l->bindings : NULL;
		b != NULL && a->n < REG_CONTACTS_MAX; b = b->next) {
		struct want *w = &a->want[a->n++];

		memcpy(w->token, b->token, sizeof(w->token));
		w->contact = mem_dup(b->contact);
		w->params = mem_dup("");
	}
}

/* Of status 0, or what to refuse with. */
static struct fail want_each(struct registrar *r, struct asked *a,
	const struct sip_msg *m, const struct sip_uri *aor,
	const struct sip_source *src)
{
	const struct conf *conf = r->core->conf;
	struct fail why = { 0 };

	if (m->ncontacts > REG_CONTACTS_MAX)
		return fail_of(REFUSE_BAD_CONTACT);
	for (size_t i = 0; i < m->ncontacts; i++) {
		struct want *w = &a->want[a->n++];
		struct sip_uri u;
		struct binding *b;

		read_contact(w, &m->contact[i]);
		if (sip_uri_parse(m->contact[i].uri, &u) != 0 ||
			m->contact[i].uri.n > 250 ||
			m->contact[i].params.n > REG_PARAMS_MAX)
			return fail_of(REFUSE_BAD_CONTACT);
		w->expires = asked_expiry(conf, m, &m->contact[i]);
		if (w->expires > 0 && w->expires < conf->voip.expires_min)
			return fail_of(REFUSE_EXPIRES_SHORT);
		b = enter(r, w, aor, src, &why);
		if (why.status != 0)
			return why;
		if (b != NULL)
			memcpy(w->token, b->token, sizeof(w->token));
	}
	return why;
}

struct fail register_read(struct registrar *r, struct asked *a,
	const struct sip_msg *m, const struct sip_uri *aor,
	const struct sip_source *src)
{
	for (size_t i = 0; i < m->ncontacts; i++) {
		if (!m->contact[i].star)
			continue;
		if (m->ncontacts != 1 || m->expires != 0)
			return fail_of(
				REFUSE_BAD_CONTACT); /* RFC 3261 10.2.2 */
		want_all(r, a, aor, src);
		return (struct fail){ 0 };
	}
	return want_each(r, a, m, aor, src);
}

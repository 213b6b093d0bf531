/*
 * Registrations as data: lines, bindings, tokens, expiry. What a REGISTER asks
 * and how the core answers is register.c's.
 *
 * A binding is (device, line, contact, connection). It begins when the phone
 * first asks, so that the token and the Call-ID towards the core are the same
 * in the request that is challenged and in the one with credentials; it counts
 * only once it is granted.
 */
#include "b2bua/line/registrar_int.h"

#include <stdlib.h>
#include <string.h>

#include "b2bua/route/route.h"
#include "base/metric.h"
#include "base/obj.h"

static uint32_t hash(struct slice s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++) { /* see held_by_other: no case */
		char c = s.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		h = (h ^ (uint8_t)c) * 16777619u;
	}
	return h % REG_BUCKETS;
}

static uint64_t now_ms(const struct registrar *r)
{
	return r->core->port->ops->now_ms(r->core->port);
}

struct registrar *registrar_new(struct core *core)
{
	struct registrar *r = mem_new(sizeof(*r));

	r->core = core;
	return r;
}

bool binding_live(const struct binding *b)
{
	return b->ends_ms > now_ms(b->line->owner);
}

bool binding_reachable(const struct binding *b)
{
	return b->flow != NULL ? !b->flow->closed : b->transport == CONF_UDP;
}

/*
 * Devices are told apart by their certificates. Phones without one are all
 * the same to us: whether one may take another's line is for the core's
 * digest to say.
 */
bool registrar_same_owner(const struct identity *a, const struct identity *b)
{
	if (a->certified != b->certified)
		return false;
	return !a->certified || identity_same_device(a, b);
}

/* ---- lines ---- */

struct line *registrar_line(const struct registrar *r, struct slice user,
	const struct identity *who)
{
	for (struct line *l = r->lines[hash(user)]; l != NULL; l = l->next)
		if (slice_eq_str(user, l->user) &&
			registrar_same_owner(l->identity, who))
			return l;
	return NULL;
}

struct line *registrar_line_new(struct registrar *r, struct slice user,
	struct slice host, struct identity *who)
{
	struct line **bucket = &r->lines[hash(user)];
	struct line *l = mem_new(sizeof(*l));

	l->owner = r;
	l->user = slice_dup(user);
	l->host = slice_dup(host);
	l->identity = obj_ref(who);
	l->next = *bucket;
	*bucket = l;
	return l;
}

static void line_free(struct line *l)
{
	struct line **at = &l->owner->lines[hash(slice_str(l->user))];

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	free(l->user);
	free(l->host);
	obj_unref(l->identity);
	free(l);
}

/* It may hold the line beside others who may. */
static bool may_share(const struct registrar *r, struct slice user,
	const char *listener, const struct identity *who)
{
	enum tie tie = ties_judge(r->core->ties, who, user);
	const struct conf_dial_peer *p;

	if (tie == TIE_RULE || tie == TIE_CONFIG)
		return true;
	p = route_phone(r->core->conf, listener, user);
	return p != NULL && p->shared_line;
}

/* Many call managers take "Alice" and "alice" for one line, so that whoever
 * holds one of them holds both. */
bool registrar_taken(const struct registrar *r, struct slice user,
	const char *listener, const struct identity *who)
{
	bool shares = may_share(r, user, listener, who);

	for (struct line *l = r->lines[hash(user)]; l != NULL; l = l->next) {
		if (!slice_caseeq_str(user, l->user) ||
			registrar_same_owner(l->identity, who))
			continue;
		for (struct binding *b = l->bindings; b != NULL; b = b->next)
			if (binding_live(b) &&
				!(shares && may_share(r, user, b->listener,
						    l->identity)))
				return true;
	}
	return false;
}

bool registrar_shared(const struct registrar *r, struct slice user,
	const struct identity *who)
{
	for (struct line *l = r->lines[hash(user)]; l != NULL; l = l->next)
		if (slice_caseeq_str(user, l->user) &&
			!registrar_same_owner(l->identity, who))
			for (struct binding *b = l->bindings; b != NULL;
				b = b->next)
				if (binding_live(b))
					return true;
	return false;
}

size_t registrar_held(const struct registrar *r, struct slice user)
{
	size_t n = 0;

	for (struct line *l = r->lines[hash(user)]; l != NULL; l = l->next)
		if (slice_caseeq_str(user, l->user))
			for (struct binding *b = l->bindings; b != NULL;
				b = b->next)
				n += b->ends_ms == 0 || binding_reachable(b);
	return n;
}

/* ---- bindings ---- */

static void token_enter(struct registrar *r, struct binding *b)
{
	struct binding **bucket = &r->tokens[hash(slice_str(b->token))];

	b->next_token = *bucket;
	*bucket = b;
}

static void token_leave(struct registrar *r, struct binding *b)
{
	struct binding **at = &r->tokens[hash(slice_str(b->token))];

	while (*at != b)
		at = &(*at)->next_token;
	*at = b->next_token;
}

static struct binding **flow_bucket(
	struct registrar *r, const struct sip_flow *f)
{
	return &r->flows[f->id % REG_BUCKETS];
}

void binding_set_flow(struct binding *b, struct sip_flow *f)
{
	struct registrar *r = b->line->owner;
	struct sip_flow *old = b->flow;

	if (old != NULL) {
		struct binding **at = flow_bucket(r, old);

		while (*at != b)
			at = &(*at)->next_flow;
		*at = b->next_flow;
	}
	b->flow = obj_ref(f);
	if (f != NULL) {
		struct binding **bucket = flow_bucket(r, f);

		b->next_flow = *bucket;
		*bucket = b;
	}
	obj_unref(old);
}

struct binding *binding_new(struct line *l, struct share *s)
{
	struct registrar *r = l->owner;
	struct binding *b = mem_new(sizeof(*b));
	char digits[25];

	random_hex(digits, 24);
	(void)snprintf(
		b->token, sizeof(b->token), REG_TOKEN_PREFIX "%s", digits);
	random_hex(digits, 24);
	b->call_id = mem_printf("%s@lineside", digits);
	b->cseq = random_u32() & 0xffff;
	b->line = l;
	b->share = s;
	b->next = l->bindings;
	l->bindings = b;
	token_enter(r, b);
	r->nbindings++;
	return b;
}

void binding_free(struct binding *b)
{
	struct line *l = b->line;
	struct registrar *r = l->owner;
	struct binding **at = &l->bindings;

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	token_leave(r, b);
	r->nbindings--;
	r->core->port->ops->timer_stop(r->core->port, &b->timer);
	free(b->contact);
	free(b->params);
	free(b->instance);
	free(b->call_id);
	binding_set_flow(b, NULL);
	share_release(b->share);
	free(b);
	if (l->bindings == NULL)
		line_free(l);
}

void registrar_free(struct registrar *r)
{
	for (size_t i = 0; i < REG_BUCKETS; i++)
		while (r->lines[i] != NULL)
			/* the last binding takes the line with it */
			binding_free(r->lines[i]->bindings);
	free(r);
}

static void on_expiry(void *arg)
{
	struct binding *b = arg;

	if (b->ends_ms != 0) {
		metric_inc(M_REG_EXPIRED);
		log_event(MSG_REG_EXPIRED, NULL,
			L_STR("device", b->line->identity->device),
			L_STR("line", b->line->user));
	}
	binding_free(b);
}

void binding_timer(struct binding *b, uint64_t ms)
{
	struct sip_port *port = b->line->owner->core->port;

	port->ops->timer_stop(port, &b->timer);
	port->ops->timer_start(port, &b->timer,
		ms > REG_TIMER_MAX ? REG_TIMER_MAX : (unsigned)ms, on_expiry,
		b);
}

/* ---- look-ups ---- */

struct binding *line_by_token(const struct line *l, const char *token)
{
	for (struct binding *b = l != NULL ? l->bindings : NULL; b != NULL;
		b = b->next)
		if (strcmp(b->token, token) == 0)
			return b;
	return NULL;
}

bool registrar_is_token(struct slice user)
{
	return slice_starts(user, REG_TOKEN_PREFIX);
}

const struct binding *registrar_by_token(
	const struct registrar *r, struct slice user)
{
	for (struct binding *b = r->tokens[hash(user)]; b != NULL;
		b = b->next_token)
		if (slice_eq_str(user, b->token) && binding_live(b))
			return b;
	return NULL;
}

const struct binding *registrar_by_number(
	const struct registrar *r, struct slice user)
{
	const struct binding *best = NULL;

	for (struct line *l = r->lines[hash(user)]; l != NULL; l = l->next) {
		if (!slice_eq_str(user, l->user))
			continue;
		for (struct binding *b = l->bindings; b != NULL; b = b->next)
			if (binding_live(b) && binding_reachable(b) &&
				(best == NULL || b->ends_ms > best->ends_ms))
				best = b;
	}
	return best;
}

/* The newest first: who registered last is asked first for the media address
 * that all of them are offered. */
static void put_in_order(const struct binding **v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && v[k]->ends_ms > v[k - 1]->ends_ms;
			k--) {
			const struct binding *b = v[k];

			v[k] = v[k - 1];
			v[k - 1] = b;
		}
}

size_t registrar_contacts(const struct registrar *r, struct slice user,
	const struct binding *out[CONF_CONTACTS_MAX])
{
	size_t n = 0;

	for (struct line *l = r->lines[hash(user)]; l != NULL; l = l->next) {
		if (!slice_eq_str(user, l->user))
			continue;
		for (struct binding *b = l->bindings; b != NULL; b = b->next)
			if (n < CONF_CONTACTS_MAX && binding_live(b) &&
				binding_reachable(b))
				out[n++] = b;
	}
	put_in_order(out, n);
	return n;
}

const struct binding *registrar_of(const struct registrar *r, struct slice user,
	const struct sip_source *src)
{
	const struct line *l;

	if (src->side != CONF_ACCESS)
		return NULL;
	l = registrar_line(r, user, src->identity);
	for (const struct binding *b = l != NULL ? l->bindings : NULL;
		b != NULL; b = b->next)
		if (binding_live(b) &&
			(src->flow != NULL ? b->flow == src->flow
					   : addr_equal(&b->addr, &src->addr)))
			return b;
	return NULL;
}

void registrar_flow_closed(struct registrar *r, const struct sip_flow *f)
{
	for (struct binding *b = r->flows[f->id % REG_BUCKETS]; b != NULL;
		b = b->next_flow)
		if (b->flow == f && binding_live(b))
			log_event(MSG_REG_FLOW_CLOSED, NULL,
				L_STR("device", b->line->identity->device),
				L_STR("line", b->line->user),
				L_ADDR("peer", &f->peer));
}

size_t registrar_count(const struct registrar *r)
{
	size_t n = 0;

	for (size_t i = 0; i < REG_BUCKETS; i++)
		for (const struct binding *b = r->tokens[i]; b != NULL;
			b = b->next_token)
			n += binding_live(b);
	return n;
}

static void describe(const struct binding *b, struct reg_info *out)
{
	const struct line *l = b->line;

	*out = (struct reg_info){ .flow_addr = b->addr,
		.connected = binding_reachable(b),
		.here = b->here,
		.expires_s =
			(uint32_t)((b->ends_ms - now_ms(l->owner)) / 1000) };
	(void)snprintf(
		out->aor, sizeof(out->aor), "%.60s@%.60s", l->user, l->host);
	if (b->core_ends_ms > now_ms(l->owner))
		out->core_s =
			(uint32_t)((b->core_ends_ms - now_ms(l->owner)) / 1000);
	slice_fit(slice_head(slice_str(l->identity->device), 63), out->device,
		sizeof(out->device));
	slice_fit(slice_head(slice_str(l->identity->subject), 255),
		out->identity, sizeof(out->identity));
	slice_fit(slice_head(slice_str(b->contact), 255), out->contact,
		sizeof(out->contact));
	slice_fit(slice_str(tie_name(ties_judge(l->owner->core->ties,
			  l->identity, slice_str(l->user)))),
		out->tied, sizeof(out->tied));
	slice_fit(slice_str(b->token), out->token, sizeof(out->token));
	slice_fit(slice_str(b->listener), out->listener, sizeof(out->listener));
	slice_fit(slice_head(slice_str(b->instance), 127), out->instance,
		sizeof(out->instance));
}

struct reg_info *registrar_list(const struct registrar *r, size_t *n)
{
	struct reg_info *v = mem_array(r->nbindings + 1, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < REG_BUCKETS; i++)
		for (struct line *l = r->lines[i]; l != NULL; l = l->next)
			for (struct binding *b = l->bindings; b != NULL;
				b = b->next)
				if (binding_live(b))
					describe(b, &v[(*n)++]);
	return v;
}

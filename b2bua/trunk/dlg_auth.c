/* See dlg_auth.h. */
#include "b2bua/trunk/dlg_auth.h"

#include <stdlib.h>
#include <string.h>

#include "b2bua/core/core_int.h"
#include "b2bua/trunk/challenge.h"
#include "base/obj.h"
#include "base/secret.h"

/* Header lines that stay: one block with their texts, since a struct hdrs has
 * room for the longest message. Names end with '\0'. */
struct kept_hdrs {
	size_t n;
	struct sip_hdr v[];
};

struct attempt { /* a request that waits for its answer */
	struct attempt *next;
	void *cookie;
	unsigned tries;
	struct sip_out o; /* borrows of: */
	struct kept_hdrs *h;
	char *ruri, *contact_user, *contact_params, *body, *method_name;
};

struct dlg_auth {
	struct challenges answers;
	struct attempt *attempts;
	/* credentials of the INVITE that was sent last; NULL: none was */
	struct kept_hdrs *ack;
};

static void attempt_free(struct attempt *a)
{
	free(a->h);
	free(a->ruri);
	free(a->contact_user);
	free(a->contact_params);
	free(a->method_name);
	if (a->body != NULL)
		mem_wipe(a->body, a->o.body.n);
	free(a->body);
	free(a);
}

void dlg_auth_free(struct dlg_auth **slot)
{
	struct dlg_auth *x = *slot;

	if (x == NULL)
		return;
	while (x->attempts != NULL) {
		struct attempt *a = x->attempts;

		x->attempts = a->next;
		attempt_free(a);
	}
	free(x->ack);
	challenges_free(&x->answers);
	free(x);
	*slot = NULL;
}

static struct slice kept(char **slot, struct slice s)
{
	*slot = slice_dup(s);
	return slice_of(*slot, s.n);
}

static bool is_any(const struct sip_hdr *h)
{
	(void)h;
	return true;
}

static bool is_credentials(const struct sip_hdr *h)
{
	return slice_caseeq_str(h->name, "Authorization") ||
	       slice_caseeq_str(h->name, "Proxy-Authorization");
}

/* `at` moves on behind the copy and its '\0'. */
static struct slice put(char **at, struct slice s)
{
	struct slice copy = slice_of(*at, s.n);

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	(*at)[s.n] = '\0';
	*at += s.n + 1;
	return copy;
}

/* Of these lines, the wanted ones; free(). */
static struct kept_hdrs *keep(
	const struct hdrs *h, bool (*wanted)(const struct sip_hdr *))
{
	size_t n = 0, size = 0;
	struct kept_hdrs *k;
	char *at;

	for (size_t i = 0; i < h->n; i++) {
		if (!wanted(&h->v[i]))
			continue;
		n++;
		size += h->v[i].name.n + 1 + h->v[i].value.n + 1;
	}
	k = mem_new(sizeof(*k) + n * sizeof(k->v[0]) + size);
	at = (char *)&k->v[n];
	for (size_t i = 0; i < h->n; i++)
		if (wanted(&h->v[i]))
			k->v[k->n++] = (struct sip_hdr){ .name = put(&at,
								 h->v[i].name),
				.value = put(&at, h->v[i].value) };
	return k;
}

/* The same lines, borrowed. */
static void borrow(struct hdrs *to, const struct kept_hdrs *from)
{
	hdrs_init(to);
	to->n = from->n;
	memcpy(to->v, from->v, from->n * sizeof(from->v[0]));
}

static struct attempt *attempt_new(
	const struct hdrs *h, const struct sip_out *o, void *cookie)
{
	struct attempt *a = mem_new(sizeof(*a));

	a->cookie = cookie;
	a->o = *o;
	a->o.ruri = kept(&a->ruri, o->ruri);
	a->o.contact_user = kept(&a->contact_user, o->contact_user);
	a->o.contact_params = kept(&a->contact_params, o->contact_params);
	a->o.body = kept(&a->body, o->body);
	if (o->method_name != NULL)
		a->o.method_name = a->method_name = mem_dup(o->method_name);
	a->h = keep(h, is_any);
	return a;
}

static struct slice method_of(const struct sip_out *o)
{
	return slice_str(o->method == SIP_OTHER ? o->method_name
						: sip_method_text(o->method));
}

/* With an answer for each realm that has challenged so far. */
static int send_with(const struct dlg_asker *d, struct hdrs *h,
	struct sip_out *o, void *cookie)
{
	struct sip_port *port = d->core->port;
	struct dlg_auth *x = *d->auth;
	struct sip_dlg_ids ids = { 0 };
	struct slice uri = slice_head(o->ruri, slice_find(o->ruri, '?'));

	if (uri.n == 0) {
		port->ops->dlg_ids(port, d->dlg, &ids);
		uri = ids.target;
	}
	challenges_add(&x->answers, h, method_of(o), uri, o->body);
	if (o->method == SIP_INVITE) {
		free(x->ack);
		x->ack = keep(h, is_credentials);
	}
	o->nhdrs = h->n;
	o->hdr = h->v;
	return port->ops->send(port, d->dlg, o, cookie);
}

int dlg_auth_send(const struct dlg_asker *d, struct hdrs *h, struct sip_out *o,
	void *cookie)
{
	struct sip_port *port = d->core->port;
	struct attempt *a;
	int err;

	if (!conf_peer_has_auths(d->conf, d->peer))
		return port->ops->send(port, d->dlg, o, cookie);
	if (*d->auth == NULL)
		*d->auth = mem_new(sizeof(**d->auth));
	a = attempt_new(h, o, cookie);
	err = send_with(d, h, o, cookie);
	if (err != 0) {
		attempt_free(a);
		return err;
	}
	a->next = (*d->auth)->attempts;
	(*d->auth)->attempts = a;
	return 0;
}

static const struct conf_auth *who(void *arg, struct slice realm)
{
	const struct dlg_asker *d = arg;

	return conf_peer_auth(d->conf, d->peer, realm);
}

/* The request that waits for this answer, and does no longer. */
static struct attempt *take_attempt(struct dlg_auth *x, const void *cookie)
{
	struct attempt **at = &x->attempts, *a;

	while (*at != NULL && (*at)->cookie != cookie)
		at = &(*at)->next;
	a = *at;
	if (a != NULL)
		*at = a->next;
	return a;
}

static bool send_again(const struct dlg_asker *d, const struct attempt *a)
{
	struct sip_out o = a->o;
	struct hdrs h;
	bool sent;

	borrow(&h, a->h);
	sent = send_with(d, &h, &o, a->cookie) == 0;
	hdrs_free(&h);
	return sent;
}

bool dlg_auth_again(struct dlg_asker *d, void *cookie, const struct sip_msg *m,
	bool wanted, bool *refused)
{
	enum challenged c = CHALLENGE_NOT_OURS;
	struct attempt *a;

	*refused = false;
	a = *d->auth != NULL ? take_attempt(*d->auth, cookie) : NULL;
	if (a == NULL)
		return false;
	if (!m->local && (m->status == 401 || m->status == 407) && wanted)
		c = challenges_take(
			&(*d->auth)->answers, d->core, m, a->tries, who, d);
	*refused = c == CHALLENGE_REFUSED;
	if (c != CHALLENGE_AGAIN || !send_again(d, a)) {
		attempt_free(a);
		return false;
	}
	a->tries++;
	a->next = (*d->auth)->attempts;
	(*d->auth)->attempts = a;
	return true;
}

void dlg_auth_ack(
	const struct dlg_auth *auth, struct hdrs *h, struct sip_out *o)
{
	const struct kept_hdrs *ack = auth != NULL ? auth->ack : NULL;
	size_t n = 0;

	if (ack == NULL || ack->n == 0)
		return;
	for (size_t i = 0; i < h->n; i++)
		if (!is_credentials(&h->v[i]))
			h->v[n++] = h->v[i];
	h->n = n;
	for (size_t i = 0; i < ack->n; i++)
		hdrs_add(h, ack->v[i].name.p, ack->v[i].value);
	o->nhdrs = h->n;
	o->hdr = h->v;
}

/* See challenge.h. */
#include "b2bua/trunk/challenge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/core/core_int.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"

enum { STALE_MAX = 3, TRIES_MAX = 8, CNONCE = 16 };

static void forget(struct challenge *x)
{
	free(x->username);
	if (x->password != NULL)
		mem_wipe(x->password, strlen(x->password));
	free(x->password);
	*x = (struct challenge){ 0 };
}

void challenges_free(struct challenges *a)
{
	for (size_t i = 0; i < a->n; i++)
		forget(&a->v[i]);
	free(a->v);
	*a = (struct challenges){ 0 };
}

static struct challenge *of_realm(
	struct challenges *a, const char *realm, bool proxy)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].proxy == proxy &&
			strcmp(a->v[i].c.realm, realm) == 0)
			return &a->v[i];
	return NULL;
}

static struct challenge *room_for(
	struct challenges *a, const char *realm, bool proxy)
{
	struct challenge *x = of_realm(a, realm, proxy);

	if (x != NULL || a->n == CHALLENGES_MAX)
		return x;
	a->v = mem_resize(a->v, a->n + 1, sizeof(*a->v));
	a->v[a->n] = (struct challenge){ .proxy = proxy };
	return &a->v[a->n++];
}

struct taking { /* one 401 or 407 */
	struct challenges *a;
	struct core *core;
	const struct sip_msg *m;
	unsigned tries;
	bool ours, took, refused;
	char realm[DIGEST_TEXT]; /* of what was refused */
};

/* Were we asked before, with this nonce or after all that we had to say? */
static bool disbelieved(const struct taking *t, const struct challenge *x,
	const struct digest_challenge *c)
{
	if (x->count == 0)
		return false;
	if (strcmp(x->c.nonce, c->nonce) == 0)
		return true; /* an answer to it was sent already */
	return t->tries > 0 && (!c->stale || t->tries >= STALE_MAX);
}

static void take_one(struct taking *t, const struct digest_challenge *c,
	bool proxy, const struct conf_auth *who)
{
	struct challenge *x = room_for(t->a, c->realm, proxy);
	char *password;

	t->ours = true;
	if (x == NULL)
		return;
	if (disbelieved(t, x, c)) {
		t->refused = true;
		memcpy(t->realm, c->realm, sizeof(t->realm));
		return;
	}
	password = core_password(t->core, &who->password);
	if (password == NULL)
		return;
	if (c->alg == DIGEST_MD5)
		metric_inc(M_SIP_DIGEST_MD5);
	forget(x);
	x->c = *c;
	x->proxy = proxy;
	x->username = mem_dup(who->username);
	x->password = password;
	t->took = true;
}

/* The best challenge of the same realm is the one that counts (RFC 8760 2.4:
 * several algorithms, each in a header of its own). */
static bool best_of_realm(
	const struct sip_msg *m, size_t at, const struct digest_challenge *c)
{
	struct digest_challenge other;

	for (size_t i = 0; i < m->nhdrs; i++)
		if (i != at && slice_caseeq(m->hdr[i].name, m->hdr[at].name) &&
			digest_read(&other, m->hdr[i].value) == 0 &&
			strcmp(other.realm, c->realm) == 0 &&
			(other.alg > c->alg || (other.alg == c->alg && i < at)))
			return false;
	return true;
}

enum challenged challenges_take(struct challenges *a, struct core *core,
	const struct sip_msg *m, unsigned tries, challenge_who_fn *who,
	void *arg)
{
	struct taking t = { .a = a, .core = core, .m = m, .tries = tries };

	for (size_t i = 0; i < m->nhdrs; i++) {
		bool proxy =
			slice_caseeq_str(m->hdr[i].name, "Proxy-Authenticate");
		const struct conf_auth *x;
		struct digest_challenge c;

		if (!proxy &&
			!slice_caseeq_str(m->hdr[i].name, "WWW-Authenticate"))
			continue;
		if (digest_read(&c, m->hdr[i].value) != 0 ||
			!best_of_realm(m, i, &c))
			continue;
		x = who(arg, slice_str(c.realm));
		if (x != NULL)
			take_one(&t, &c, proxy, x);
	}
	if (!t.ours)
		return CHALLENGE_NOT_OURS;
	if (!t.refused && t.took && tries < TRIES_MAX) {
		metric_inc(M_SIP_CHALLENGE_ANSWERED);
		return CHALLENGE_AGAIN;
	}
	metric_inc(M_SIP_CHALLENGE_REFUSED);
	log_event(MSG_SIP_CHALLENGE_REFUSED, NULL, L_STR("realm", t.realm),
		L_SLICE("method", m->method_name), L_INT("status", m->status));
	return CHALLENGE_REFUSED;
}

/* What a phone answered to a realm that is ours to answer. */
static void give_way(struct hdrs *h, const char *header, const char *realm)
{
	char *word = mem_printf("realm=\"%s\"", realm);
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		if (!slice_caseeq_str(h->v[i].name, header) ||
			memmem(h->v[i].value.p, h->v[i].value.n, word,
				strlen(word)) == NULL)
			h->v[n++] = h->v[i];
	h->n = n;
	free(word);
}

void challenges_add(struct challenges *a, struct hdrs *h, struct slice method,
	struct slice uri, struct slice body)
{
	char cnonce[CNONCE + 1] = "";
	struct digest_request r = { .method = method,
		.uri = uri,
		.body = body,
		.cnonce = slice_of(cnonce, CNONCE) };

	for (size_t i = 0; i < a->n; i++) {
		struct challenge *x = &a->v[i];
		const char *name =
			x->proxy ? "Proxy-Authorization" : "Authorization";
		char *value;

		if (x->username == NULL)
			continue;
		random_hex(cnonce, CNONCE);
		r.count = ++x->count;
		give_way(h, name, x->c.realm);
		if (digest_answer(&value, &x->c, slice_str(x->username),
			    x->password, &r) != 0)
			continue;
		hdrs_add_str(h, name, value);
		free(value);
	}
}

/* voice class sip-profiles on a leg: what it sends and receives. */
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/route/profile.h"
#include "base/secret.h"

static struct slice method_text(enum sip_method m)
{
	static const char *const names[] = { [SIP_INVITE] = "INVITE",
		[SIP_ACK] = "ACK",
		[SIP_BYE] = "BYE",
		[SIP_CANCEL] = "CANCEL",
		[SIP_UPDATE] = "UPDATE",
		[SIP_INFO] = "INFO",
		[SIP_PRACK] = "PRACK",
		[SIP_REFER] = "REFER",
		[SIP_NOTIFY] = "NOTIFY" };

	return slice_str((size_t)m < ARRAY_SIZE(names) ? names[m] : NULL);
}

/* What a response of ours answers; nothing when that is not known here. */
static struct slice answered(
	const struct leg *l, const struct sip_txn *t, const struct sip_msg *m)
{
	const struct call *c = l->call;

	if (t == c->invite)
		return SLICE_LIT("INVITE");
	if (t == c->xchg.txn)
		return method_text(c->xchg.method);
	return m != NULL && m->response ? method_text(m->method)
					: (struct slice){ 0 };
}

static bool is_sdp(const struct hdrs *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (slice_caseeq_str(h->v[i].name, "Content-Type"))
			return slice_casestarts(
				h->v[i].value, "application/sdp");
	return false;
}

static char *apply(const struct leg *l, struct profile_msg *m, struct hdrs *h,
	struct sip_out *o)
{
	const struct conf_sip_profile *p =
		conf_peer_profile(l->call->conf, l->peer, false);

	if (p == NULL)
		return NULL;
	m->h = h;
	m->body = is_sdp(h) ? o->body : (struct slice){ 0 };
	profile_apply(p, m);
	o->nhdrs = h->n;
	if (m->new_body != NULL)
		o->body = slice_str(m->new_body);
	return m->new_body;
}

char *leg_profile_request(const struct leg *l, const struct sip_msg *peer,
	struct hdrs *h, struct sip_out *o)
{
	struct profile_msg m = { .method = method_text(o->method),
		.ruri = o->ruri.n > 0 ? &o->ruri : NULL,
		.peer = peer };

	return apply(l, &m, h, o);
}

char *leg_profile_response(const struct leg *l, const struct sip_txn *t,
	int status, const struct sip_msg *peer, struct hdrs *h,
	struct sip_out *o)
{
	struct profile_msg m = { .response = true,
		.status = status,
		.method = answered(l, t, peer),
		.peer = peer };

	return apply(l, &m, h, o);
}

void leg_profile_done(char *body)
{
	if (body != NULL)
		mem_wipe(body, strlen(body));
	free(body);
}

void leg_profile_names(const struct leg *l, char **from, char **to)
{
	profile_names(conf_peer_profile(l->call->conf, l->peer, false),
		l->call->first, from, to);
}

struct sip_msg *leg_profile_received(
	const struct leg *l, const struct sip_msg *m)
{
	if (m == NULL)
		return NULL;
	return profile_received(
		conf_peer_profile(l->call->conf, l->peer, true), m);
}

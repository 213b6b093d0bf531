/* The pool of handshake threads, and what its users ask of a handshake. */
#include "certs/tls/handshake_int.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "certs/tls/hs_loop.h"

static void pool_free(struct hs_pool *p)
{
	hs_tickets_free(&p->tickets);
	revoke_free(p->revoke);
	free(p->thread);
	free(p);
}

int hs_pool_start(struct hs_pool **out, unsigned threads)
{
	const struct revoke_params rp = { .fetch = fetch };
	struct hs_pool *p = mem_new(sizeof(*p));
	unsigned wanted = threads > 0 ? threads : 1;
	int err = 0;

	p->thread = mem_array(wanted, sizeof(*p->thread));
	p->limit = HS_UNDER_WAY_MAX;
	hs_tickets_init(&p->tickets);
	p->revoke = revoke_new(&rp);
	while (err == 0 && p->nthreads < wanted) {
		err = hs_thread_start(&p->thread[p->nthreads], p->nthreads);
		if (err == 0)
			p->nthreads++;
	}
	*out = p;
	if (err != 0) {
		hs_pool_stop(p);
		*out = NULL;
	}
	return err;
}

void hs_pool_stop(struct hs_pool *p)
{
	for (unsigned i = 0; i < p->nthreads; i++)
		hs_thread_stop(&p->thread[i]);
	need(atomic_load(&p->under_way) == 0);
	pool_free(p);
}

static void run_done(struct mq_node *node)
{
	struct hs *h = MQ_HOLDER(node, struct hs, node);

	h->params.done(h);
}

/* The copy outlives the caller's texts and keeps what it refers to. */
static struct hs *hs_new(struct hs_pool *p, const struct hs_params *params)
{
	struct hs *h = mem_new(sizeof(*h));

	need(params->own != NULL && params->reply != NULL);
	h->source = HS_SRC_HS;
	h->pool = p;
	h->params = *params;
	h->params.server_name = mem_dup(params->server_name);
	h->params.expected_name = mem_dup(params->expected_name);
	h->params.listener = mem_dup(params->listener);
	h->params.own = obj_ref(params->own);
	h->params.keep = obj_ref(params->keep);
	h->connecting = !params->server;
	h->deadline = clock_ms() + params->deadline_ms;
	return h;
}

void hs_pool_revoked(struct hs_pool *p)
{
	revoke_forget(p->revoke);
}

void hs_pool_watch(struct hs_pool *p, hs_watch_fn *fn, void *arg)
{
	p->watch = fn;
	p->watch_arg = arg;
}

static void tell_watch(const struct hs *h)
{
	const struct hs_pool *p = h->pool;
	unsigned n = 0;
	const gnutls_datum_t *certs;

	if (p->watch == NULL || h->err != 0 || !h->params.server ||
		h->identity == NULL || !h->identity->certified)
		return;
	certs = gnutls_certificate_get_peers(h->session, &n);
	if (certs == NULL || n == 0)
		return;
	const struct hs_accepted a = {
		.identity = h->identity,
		.cert = slice_of(certs[0].data, certs[0].size),
		.peer = &h->params.peer,
		.listener = h->params.listener,
	};

	p->watch(p->watch_arg, &a);
}

void hs_reply(struct hs *h)
{
	tell_watch(h);
	atomic_fetch_sub(&h->pool->under_way, 1);
	h->pool = NULL;
	h->thread = NULL;
	h->node.run = run_done;
	mq_push(h->params.reply, &h->node);
}

void hs_start(struct hs_pool *p, const struct hs_params *params)
{
	struct hs *h = hs_new(p, params);
	unsigned turn = atomic_fetch_add(&p->next, 1);

	if (atomic_fetch_add(&p->under_way, 1) >= p->limit) {
		hs_give_up(h, EAGAIN);
		hs_reply(h);
		return;
	}
	hs_thread_add(&p->thread[turn % p->nthreads], h);
}

int hs_error(const struct hs *h, const char **text)
{
	if (text != NULL)
		*text = h->text != NULL ? h->text : "";
	return h->err;
}

enum judge_reason hs_reason(const struct hs *h)
{
	return h->judged ? h->verdict.reason : JUDGE_OK;
}

void *hs_arg(const struct hs *h)
{
	return h->params.arg;
}

const struct addr *hs_peer(const struct hs *h)
{
	return &h->params.peer;
}

gnutls_session_t hs_take_session(struct hs *h, int *fd, struct trustpoint **own)
{
	gnutls_session_t session = h->session;

	need(h->err == 0 && session != NULL);
	*fd = h->params.fd;
	*own = h->params.own;
	h->session = NULL;
	h->params.fd = -1;
	h->params.own = NULL;
	return session;
}

struct identity *hs_take_identity(struct hs *h)
{
	struct identity *id = h->identity;

	h->identity = NULL;
	return id;
}

/* The texts are copies of ours, const only in the caller's struct. */
static void free_text(const char *s)
{
	union {
		const char *borrowed;
		char *owned;
	} u = { .borrowed = s };

	free(u.owned);
}

void hs_free(struct hs *h)
{
	if (h->session != NULL)
		gnutls_deinit(h->session);
	if (h->params.fd >= 0)
		(void)close(h->params.fd);
	obj_unref(h->identity);
	obj_unref(h->params.own);
	obj_unref(h->params.keep);
	free_text(h->params.server_name);
	free_text(h->params.expected_name);
	free_text(h->params.listener);
	free(h->text);
	free(h);
}

/*
 * Answers by address and issuer, and the threads that fetch them. One lock
 * guards the table; nothing slow is done under it. An entry that is being
 * fetched stays in the table, so that whoever asks finds it and waits.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/thread.h"
#include "base/wire.h"
#include "certs/revoke/revoke_int.h"
#include "certs/store/trustpoint_int.h"
#include "certs/x509/crt.h"

enum {
	BUCKETS = 4096,
	THREADS = 4,
	THREADS_MAX = 16,
	FETCH_MS = 5000, /* a stop waits for one that is under way */
	FAILED_MS = 30000,
	ENTRIES_MAX = 32768,
	WAITING_MAX = 4096, /* fetches not begun yet; more are refused */
	CRL_MAX = 32 << 20,
	OCSP_MAX = 64 << 10,
	KEEP_MAX = 7 * 24 * 3600,
};
#define BYTES_MAX ((size_t)256 << 20)

struct revoke_ask {
	struct mq_node node;
	struct mq *queue;
	void (*woken)(void *arg);
	void *arg; /* NULL: cancelled */
	unsigned left; /* fetches waited for */
	bool told, cancelled; /* told once, however many it waits for */
};

struct waiter {
	struct waiter *next;
	struct revoke_ask *ask; /* one reference */
};

struct entry {
	struct entry *next; /* in its bucket */
	struct entry *newer, *older; /* by last use */
	struct entry *queued; /* next to be fetched */
	char *key;
	uint64_t hash;
	enum revoke_kind kind;
	char *url;
	bool own_url;
	gnutls_x509_crt_t crt, issuer; /* copies */
	struct trustpoint *trust; /* one reference while fetching */
	bool fetching;
	bool stale; /* what is being fetched may be from before */
	struct waiter *waiters;
	uint64_t failed_until; /* clock_ms; 0: the last fetch went well */
	char why[REVOKE_WHY]; /* it failed */
	time_t until, refresh; /* of the answer; until 0: there is none */
	time_t said, ends; /* its own dates, which nobody forgets */
	struct crl *crl;
	struct judge_status status; /* OCSP */
	size_t bytes;
};

struct revoke {
	struct revoke_params p;
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_t thread[THREADS_MAX];
	unsigned nthreads, idle;
	bool stopping;
	struct entry *bucket[BUCKETS];
	struct entry *newest, *oldest;
	size_t n, bytes;
	struct entry *first, **last; /* to be fetched */
	size_t nqueued;
};

struct revoke *revoke_new(const struct revoke_params *p)
{
	struct revoke *r = mem_new(sizeof(*r));

	need(p->fetch != NULL);
	r->p = *p;
	if (r->p.threads == 0)
		r->p.threads = THREADS;
	if (r->p.threads > THREADS_MAX)
		r->p.threads = THREADS_MAX;
	if (r->p.fetch_ms == 0)
		r->p.fetch_ms = FETCH_MS;
	if (r->p.failed_ms == 0)
		r->p.failed_ms = FAILED_MS;
	if (r->p.entries_max == 0)
		r->p.entries_max = ENTRIES_MAX;
	if (r->p.bytes_max == 0)
		r->p.bytes_max = BYTES_MAX;
	r->last = &r->first;
	need(pthread_mutex_init(&r->lock, NULL) == 0);
	need(pthread_cond_init(&r->work, NULL) == 0);
	return r;
}

/* ---- the table; everything below here with the lock held ---- */

static void set_bytes(struct revoke *r, struct entry *e)
{
	r->bytes -= e->bytes;
	e->bytes = sizeof(*e) + 4096;
	if (e->crl != NULL)
		e->bytes += crl_bytes(e->crl);
	r->bytes += e->bytes;
}

static void unlink_use(struct revoke *r, struct entry *e)
{
	*(e->newer != NULL ? &e->newer->older : &r->newest) = e->older;
	*(e->older != NULL ? &e->older->newer : &r->oldest) = e->newer;
	e->newer = NULL;
	e->older = NULL;
}

static void link_use(struct revoke *r, struct entry *e)
{
	e->older = r->newest;
	if (r->newest != NULL)
		r->newest->newer = e;
	else
		r->oldest = e;
	r->newest = e;
}

static void entry_free(struct entry *e)
{
	need(e->waiters == NULL);
	gnutls_x509_crt_deinit(e->crt);
	gnutls_x509_crt_deinit(e->issuer);
	obj_unref(e->crl);
	obj_unref(e->trust);
	free(e->url);
	free(e->key);
	free(e);
}

static void remove_entry(struct revoke *r, struct entry *e)
{
	struct entry **at = &r->bucket[e->hash % BUCKETS];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	unlink_use(r, e);
	r->n--;
	r->bytes -= e->bytes;
	entry_free(e);
}

/* The least recently used ones go; those that are fetched stay. */
static void make_room(struct revoke *r)
{
	struct entry *next;

	for (struct entry *e = r->oldest;
		e != NULL && e != r->newest &&
		(r->n > r->p.entries_max || r->bytes > r->p.bytes_max);
		e = next) {
		next = e->newer;
		if (!e->fetching)
			remove_entry(r, e);
	}
}

/* An answer is one issuer's; an OCSP answer is one certificate's as well. */
static char *key_of(const struct revoke_want *w)
{
	struct text t = { 0 };
	uint8_t id[32];
	char hex[65];

	crt_fingerprint(w->issuer, id);
	hex_encode(id, sizeof(id), hex);
	text_printf(&t, "%d %d %s ", (int)w->kind, w->own_url, hex);
	if (w->kind == REVOKE_OCSP) {
		crt_fingerprint(w->crt, id);
		hex_encode(id, sizeof(id), hex);
		text_printf(&t, "%s ", hex);
	}
	text_add(&t, slice_str(w->url));
	return text_take(&t);
}

static uint64_t hash_of(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 0x100000001b3u;
	return h ^ (h >> 29);
}

static struct entry *entry_for(struct revoke *r, const struct revoke_want *w)
{
	char *key = key_of(w);
	uint64_t hash = hash_of(key);
	struct entry **at = &r->bucket[hash % BUCKETS];
	struct entry *e = *at;

	while (e != NULL && (e->hash != hash || strcmp(e->key, key) != 0))
		e = e->next;
	if (e != NULL) {
		free(key);
		unlink_use(r, e);
		link_use(r, e);
		return e;
	}
	e = mem_new(sizeof(*e));
	*e = (struct entry){ .next = *at,
		.key = key,
		.hash = hash,
		.kind = w->kind,
		.url = mem_dup(w->url),
		.own_url = w->own_url,
		.crt = crt_copy(w->crt),
		.issuer = crt_copy(w->issuer) };
	*at = e;
	link_use(r, e);
	r->n++;
	set_bytes(r, e);
	make_room(r);
	return e;
}

/* ---- who waits ---- */

struct revoke_ask *revoke_ask_new(
	struct mq *queue, void (*woken)(void *arg), void *arg)
{
	struct revoke_ask *a = obj_new(sizeof(*a), NULL);

	a->queue = queue;
	a->woken = woken;
	a->arg = arg;
	return a;
}

/* On the thread of the queue, where it is cancelled as well. */
static void run_woken(struct mq_node *node)
{
	struct revoke_ask *a = MQ_HOLDER(node, struct revoke_ask, node);
	void *arg = a->arg;
	void (*woken)(void *) = a->woken;

	obj_unref(a);
	if (arg != NULL)
		woken(arg);
}

void revoke_ask_cancel(struct revoke *r, struct revoke_ask *ask)
{
	need(pthread_mutex_lock(&r->lock) == 0);
	ask->cancelled = true;
	need(pthread_mutex_unlock(&r->lock) == 0);
	ask->arg = NULL;
	obj_unref(ask);
}

static void add_waiter(struct entry *e, struct revoke_ask *ask)
{
	struct waiter *w = mem_new(sizeof(*w));

	w->ask = obj_ref(ask);
	w->next = e->waiters;
	e->waiters = w;
	ask->left++;
}

static void tell_waiters(struct entry *e)
{
	struct waiter *next;

	for (struct waiter *w = e->waiters; w != NULL; w = next) {
		next = w->next;
		if (--w->ask->left == 0 && !w->ask->cancelled &&
			!w->ask->told) {
			w->ask->told = true;
			w->ask->node.run = run_woken;
			mq_push(w->ask->queue, &w->ask->node);
		} else {
			obj_unref(w->ask);
		}
		free(w);
	}
	e->waiters = NULL;
}

/* ---- fetching ---- */

static unsigned longer(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static int fetch_body(struct revoke *r, struct entry *e,
	struct fetch_result *res, uint8_t *nonce)
{
	struct fetch_params p = {
		.url = e->url,
		.method = "GET",
		.timeout_ms = longer(r->p.fetch_ms,
			trustpoint_revocation(e->trust)->wait_ms),
		.size_max = CRL_MAX,
		.trust = e->trust,
		.source = trustpoint_revocation(e->trust)->source,
	};
	uint8_t *request = NULL;
	size_t n = 0;
	int err = 0;

	if (e->kind == REVOKE_OCSP) {
		err = ocsp_request(e->crt, e->issuer, nonce, &request, &n);
		p.method = "POST";
		p.content_type = "application/ocsp-request";
		p.accept = "application/ocsp-response";
		p.body = slice_of(request, n);
		p.size_max = OCSP_MAX;
	}
	if (err == 0)
		err = r->p.fetch(res, &p);
	free(request);
	return err;
}

struct outcome {
	int err;
	char why[REVOKE_WHY];
	struct crl *crl;
	struct ocsp_answer ocsp;
};

static void read_body(struct outcome *out, const struct entry *e,
	const struct fetch_result *res, const uint8_t *nonce)
{
	struct slice body = slice_of(res->body, res->n);
	time_t now = time(NULL);

	if (e->kind == REVOKE_CRL)
		out->err = crl_read(&out->crl, body, e->issuer,
			e->own_url ? NULL : e->url, now, out->why);
	else
		out->err = ocsp_read(&out->ocsp, body, e->crt, e->issuer, nonce,
			now, out->why);
}

/* Without the address, which stands before it anyway. */
static const char *words_of(const struct fetch_result *res, const char *url)
{
	struct slice rest = slice_from(slice_str(res->error), strlen(url));

	if (slice_starts(slice_str(res->error), url) &&
		slice_starts(rest, ": "))
		return rest.p + 2;
	return res->error;
}

/* Without the lock: the entry's other fields stay as they are meanwhile. */
static void fetch_entry(struct revoke *r, struct entry *e, struct outcome *out)
{
	struct fetch_result res = { 0 };
	uint8_t nonce[OCSP_NONCE];

	*out = (struct outcome){ 0 };
	out->err = fetch_body(r, e, &res, nonce);
	if (out->err != 0)
		(void)snprintf(out->why, sizeof(out->why), "%.190s",
			res.error[0] != '\0' ? words_of(&res, e->url)
					     : strerrordesc_np(out->err));
	else if (res.status != 200) {
		out->err = EBADMSG;
		(void)snprintf(out->why, sizeof(out->why),
			"the server answered with HTTP status %d", res.status);
	} else {
		read_body(out, e, &res, nonce);
	}
	fetch_free(&res);
}

/* Whoever is on the way could give us yesterday's answer, that is still valid
 * and knows nothing of what was revoked since. */
static void refuse_older(const struct entry *e, struct outcome *out)
{
	time_t said = e->kind == REVOKE_CRL ? crl_this_update(out->crl)
					    : out->ocsp.this_update;

	if (said >= e->said || e->ends <= time(NULL))
		return;
	out->err = EBADMSG;
	(void)snprintf(out->why, sizeof(out->why),
		"it is older than the one that we have");
	out->crl = obj_unref(out->crl);
}

static void keep(struct entry *e, struct outcome *out)
{
	time_t now = time(NULL);
	time_t until;

	if (e->kind == REVOKE_CRL) {
		until = crl_next_update(out->crl);
		e->said = crl_this_update(out->crl);
		obj_unref(e->crl);
		e->crl = out->crl;
	} else {
		until = out->ocsp.until;
		e->said = out->ocsp.this_update;
		e->status = out->ocsp.status;
	}
	e->ends = until;
	/* What is refused after so long is not kept longer either. */
	until += REVOKE_CLOCKS;
	e->until = until < now + KEEP_MAX ? until : now + KEEP_MAX;
	e->refresh = now + (e->until - now) * 3 / 4;
	e->failed_until = 0;
}

static void fetched(struct revoke *r, struct entry *e, struct outcome *out)
{
	metric_inc(
		e->kind == REVOKE_CRL ? M_PKI_CRL_FETCHES : M_PKI_OCSP_FETCHES);
	if (out->err == 0)
		refuse_older(e, out);
	if (out->err == 0) {
		keep(e, out);
		if (e->stale)
			e->until = 0;
		set_bytes(r, e);
	} else if (out->err != ECANCELED) {
		metric_inc(M_PKI_REVOCATION_FETCH_FAILED);
		e->failed_until = clock_ms() + r->p.failed_ms;
		memcpy(e->why, out->why, sizeof(e->why));
		log_event(MSG_PKI_REVOCATION_FETCH, NULL,
			L_STR("what",
				e->kind == REVOKE_CRL ? "CRL" : "OCSP answer"),
			L_STR("url", e->url), L_STR("reason", e->why));
	}
	e->fetching = e->stale = false;
	e->trust = obj_unref(e->trust);
	tell_waiters(e);
	make_room(r);
}

static struct entry *next_queued(struct revoke *r)
{
	struct entry *e = r->first;

	r->first = e->queued;
	if (r->first == NULL)
		r->last = &r->first;
	e->queued = NULL;
	r->nqueued--;
	return e;
}

static void *run(void *arg)
{
	struct revoke *r = arg;
	struct outcome out;

	thread_enter(THR_HELPER, "revocation");
	need(pthread_mutex_lock(&r->lock) == 0);
	while (!r->stopping) {
		struct entry *e;

		if (r->first == NULL) {
			r->idle++;
			need(pthread_cond_wait(&r->work, &r->lock) == 0);
			r->idle--;
			continue;
		}
		e = next_queued(r);
		need(pthread_mutex_unlock(&r->lock) == 0);
		fetch_entry(r, e, &out);
		need(pthread_mutex_lock(&r->lock) == 0);
		fetched(r, e, &out);
	}
	need(pthread_mutex_unlock(&r->lock) == 0);
	return NULL;
}

static bool begin_fetch(
	struct revoke *r, struct entry *e, const struct trustpoint *trust)
{
	if (r->nqueued >= WAITING_MAX || r->stopping)
		return false;
	e->fetching = true;
	e->trust = obj_ref(trust);
	*r->last = e;
	r->last = &e->queued;
	r->nqueued++;
	if (r->idle < r->nqueued && r->nthreads < r->p.threads &&
		thread_start(&r->thread[r->nthreads], run, r) == 0)
		r->nthreads++;
	need(pthread_cond_signal(&r->work) == 0);
	return true;
}

/* ---- asking ---- */

static bool has_answer(const struct entry *e, time_t now)
{
	return e->until > now;
}

static void answer(const struct entry *e, const struct revoke_want *w,
	struct judge_status *out)
{
	if (e->kind == REVOKE_CRL)
		crl_lookup(e->crl, w->crt, out);
	else
		*out = e->status;
	(void)snprintf(out->by, sizeof(out->by), "%s %s",
		e->kind == REVOKE_CRL ? "the CRL of" : "the responder", e->url);
}

static enum revoke_found look(struct revoke *r, struct entry *e,
	const struct revoke_want *w, struct revoke_ask *ask,
	struct judge_status *out)
{
	bool known = has_answer(e, w->now);
	bool failed = e->failed_until > clock_ms();

	if (!e->fetching && !failed && (!known || w->now >= e->refresh) &&
		!begin_fetch(r, e, w->trust) && !known)
		failed = true;
	if (known) {
		answer(e, w, out);
		if (out->kind != JUDGE_STATUS_UNKNOWN)
			return REVOKE_ANSWER;
		(void)snprintf(out->by, sizeof(out->by),
			"the CRL of %.150s is about other certificates",
			e->url);
		return REVOKE_FAILED;
	}
	if (failed) {
		out->kind = JUDGE_STATUS_UNKNOWN;
		(void)snprintf(out->by, sizeof(out->by), "%.120s: %.120s",
			e->url,
			e->why[0] != '\0' ? e->why : "too much is asked");
		return REVOKE_FAILED;
	}
	if (ask != NULL)
		add_waiter(e, ask);
	return REVOKE_WAIT;
}

enum revoke_found revoke_look(struct revoke *r, const struct revoke_want *w,
	struct revoke_ask *ask, struct judge_status *out)
{
	enum revoke_found found;

	need(pthread_mutex_lock(&r->lock) == 0);
	found = look(r, entry_for(r, w), w, ask, out);
	need(pthread_mutex_unlock(&r->lock) == 0);
	return found;
}

void revoke_forget(struct revoke *r)
{
	need(pthread_mutex_lock(&r->lock) == 0);
	for (struct entry *e = r->newest; e != NULL; e = e->older) {
		e->until = 0;
		e->failed_until = 0;
		e->stale = e->fetching;
	}
	need(pthread_mutex_unlock(&r->lock) == 0);
}

static void drop_waiters(struct entry *e)
{
	struct waiter *next;

	for (struct waiter *w = e->waiters; w != NULL; w = next) {
		next = w->next;
		obj_unref(w->ask);
		free(w);
	}
	e->waiters = NULL;
}

void revoke_free(struct revoke *r)
{
	struct entry *next;

	if (r == NULL)
		return;
	need(pthread_mutex_lock(&r->lock) == 0);
	r->stopping = true;
	need(pthread_cond_broadcast(&r->work) == 0);
	need(pthread_mutex_unlock(&r->lock) == 0);
	for (unsigned i = 0; i < r->nthreads; i++)
		need(pthread_join(r->thread[i], NULL) == 0);
	for (struct entry *e = r->newest; e != NULL; e = next) {
		next = e->older;
		drop_waiters(e);
		entry_free(e);
	}
	(void)pthread_cond_destroy(&r->work);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

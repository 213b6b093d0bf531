/* The farm: pools by dspfarm profile, and the choice among them. */
#include "media/xcode.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "base/thread.h"

/*
 * Counted by the farm and by each session, so that the count of sessions
 * outlives a reload. `used` falls on the worker, when a call's last message
 * has been carried out.
 */
struct pool {
	struct pool *next; /* the farm's list */
	unsigned tag, max;
	bool universal, secure;
	bool closed; /* shut down, or not configured any more */
	bool retiring;
	size_t ncodecs;
	const struct codec *codec[CONF_CODECS_MAX];
	const struct xcode_ops *ops;
	_Atomic unsigned used;
	uint64_t served;
};

struct xcode_farm {
	struct pool *pools; /* each owned, ascending tags */
};

enum { PER_SECOND = 200, BURST = 200 }; /* packets of one side */
static const uint64_t broke_off_ns = 300000000; /* no sound came */

static const uint64_t price_ns = 1000000000 / PER_SECOND;

struct xcode {
	struct pool *pool; /* owned */
	struct xcode_want want;
	void *state;
	/* the worker's: until when each side has used up its packets */
	uint64_t spent_ns[2];
	uint64_t put_ns[2]; /* when its last packet came */
	_Atomic uint64_t too_fast[2];
};

/* ---- pools ---- */

static void farm_free(void *p)
{
	struct xcode_farm *f = p;

	while (f->pools != NULL) {
		struct pool *pool = f->pools;

		f->pools = pool->next;
		obj_unref(pool);
	}
}

struct xcode_farm *xcode_farm_new(void)
{
	return obj_new(sizeof(struct xcode_farm), farm_free);
}

static struct pool *pool_of(struct xcode_farm *f, unsigned tag)
{
	struct pool **at = &f->pools, *pool;

	while (*at != NULL && (*at)->tag < tag)
		at = &(*at)->next;
	if (*at != NULL && (*at)->tag == tag)
		return *at;
	pool = obj_new(sizeof(*pool), NULL);
	pool->tag = tag;
	pool->ops = &xcode_soft;
	pool->next = *at;
	*at = pool;
	return pool;
}

static void pool_set(struct pool *pool, const struct conf_dspfarm *d)
{
	pool->retiring = false;
	pool->closed = d->shutdown;
	pool->max = d->max_sessions;
	pool->universal = d->universal;
	pool->secure = d->security;
	pool->ncodecs = 0;
	for (size_t i = 0; i < d->ncodecs; i++) {
		const struct conf_codec *c = d->codec[i];
		const struct codec *codec =
			codec_find_rtp(c->rtp_name, c->rate, c->channels);

		need(codec != NULL); /* the language lets no other in */
		pool->codec[pool->ncodecs++] = codec;
	}
}

static void drop_idle(struct xcode_farm *f)
{
	struct pool **at = &f->pools;

	while (*at != NULL) {
		struct pool *pool = *at;

		if (!pool->retiring || pool->used > 0) {
			at = &pool->next;
			continue;
		}
		*at = pool->next;
		obj_unref(pool);
	}
}

void xcode_farm_configure(struct xcode_farm *f, const struct conf *c)
{
	for (struct pool *pool = f->pools; pool != NULL; pool = pool->next)
		pool->closed = pool->retiring = true;
	for (const struct conf_dspfarm *d = c->dspfarms; d != NULL; d = d->next)
		pool_set(pool_of(f, d->tag), d);
	drop_idle(f);
}

/* ---- choice ---- */

static bool pool_has(const struct pool *pool, const struct codec *c)
{
	for (size_t i = 0; i < pool->ncodecs; i++)
		if (pool->codec[i] == c)
			return true;
	return false;
}

/* Without `universal`, one of the two is G.711. */
static bool pool_does(const struct pool *pool, const struct codec *a,
	const struct codec *b, bool secure)
{
	return !pool->closed && pool_has(pool, a) && pool_has(pool, b) &&
	       (pool->universal || codec_is_g711(a) || codec_is_g711(b)) &&
	       (pool->secure || !secure) && pool->ops->can(a, b);
}

static int choose(struct pool **out, const struct xcode_farm *f,
	const struct codec *a, const struct codec *b, bool secure,
	const struct xcode *instead)
{
	int err = ENOTSUP;

	*out = NULL;
	if (f == NULL || a == NULL || b == NULL)
		return ENOTSUP;
	for (struct pool *p = f->pools; p != NULL; p = p->next) {
		if (!pool_does(p, a, b, secure))
			continue;
		*out = p;
		if (p->used < p->max || (instead && instead->pool == p))
			return 0;
		err = EAGAIN;
	}
	return err;
}

int xcode_farm_can(const struct xcode_farm *f, const struct codec *a,
	const struct codec *b, bool secure, const struct xcode *instead)
{
	struct pool *pool;

	return choose(&pool, f, a, b, secure, instead);
}

static void xcode_free(void *p)
{
	struct xcode *x = p;

	if (x->state != NULL)
		x->pool->ops->close(x->state);
	x->pool->used--;
	obj_unref(x->pool);
}

int xcode_reserve(struct xcode **out, struct xcode_farm *f,
	const struct xcode_want *w, const struct xcode *instead)
{
	struct pool *pool;
	struct xcode *x;
	int err = choose(&pool, f, w->side[0].codec, w->side[1].codec,
		w->secure, instead);

	*out = NULL;
	if (err != 0)
		return err;
	x = obj_new(sizeof(*x), xcode_free);
	x->pool = obj_ref(pool);
	x->want = *w;
	pool->used++;
	pool->served++;
	metric_inc(M_XCODE_SESSIONS);
	x->state = pool->ops->open(w);
	*out = x;
	return 0;
}

size_t xcode_farm_describe(
	const struct xcode_farm *f, struct xcode_pool_info *out, size_t max)
{
	size_t n = 0;

	for (const struct pool *p = f->pools; p != NULL; p = p->next, n++)
		if (n < max)
			out[n] = (struct xcode_pool_info){ .tag = p->tag,
				.max = p->max,
				.used = p->used,
				.served = p->served,
				.retiring = p->retiring };
	return n;
}

/* ---- a session ---- */

bool xcode_side_equal(const struct xcode_side *a, const struct xcode_side *b)
{
	return a->codec == b->codec && a->options.vad == b->options.vad &&
	       a->options.fec == b->options.fec && a->ptime_ms == b->ptime_ms &&
	       a->from == b->from && a->to == b->to &&
	       a->event_from == b->event_from && a->event_to == b->event_to &&
	       a->event_clock == b->event_clock &&
	       a->noise_from == b->noise_from && a->noise_to == b->noise_to &&
	       a->ear == b->ear;
}

bool xcode_want_equal(const struct xcode_want *a, const struct xcode_want *b)
{
	return xcode_side_equal(&a->side[0], &b->side[0]) &&
	       xcode_side_equal(&a->side[1], &b->side[1]) &&
	       a->secure == b->secure;
}

const struct xcode_want *xcode_wanted(const struct xcode *x)
{
	return &x->want;
}

unsigned xcode_profile(const struct xcode *x)
{
	return x->pool->tag;
}

static bool too_fast(struct xcode *x, int side, uint64_t now_ns)
{
	uint64_t *spent = &x->spent_ns[side];

	if (*spent > now_ns + BURST * price_ns)
		return true;
	*spent = (*spent > now_ns ? *spent : now_ns) + price_ns;
	return false;
}

void xcode_put(struct xcode *x, int side, const struct pkt *in, uint64_t now_ns)
{
	if (too_fast(x, side, now_ns)) {
		x->too_fast[side]++;
		metric_inc(M_XCODE_TOO_FAST);
		return;
	}
	x->put_ns[side] = now_ns;
	x->pool->ops->put(x->state, side, in, now_ns);
}

int xcode_get(
	struct xcode *x, int side, struct pkt *out, struct xcode_out *about)
{
	return x->pool->ops->get(x->state, side, out, about);
}

bool xcode_pauses(const struct xcode *x, int side)
{
	return x->pool->ops->pauses(x->state, side);
}

bool xcode_rest(struct xcode *x, int side, uint64_t now_ns)
{
	return x->pool->ops->rest(x->state, side, now_ns);
}

bool xcode_press(struct xcode *x, int side, uint8_t key, unsigned ms)
{
	return x->pool->ops->press(x->state, side, key, ms);
}

bool xcode_heard(
	struct xcode *x, int side, uint64_t now_ns, struct xcode_key *out)
{
	bool broke_off = now_ns - x->put_ns[side] > broke_off_ns;

	return x->pool->ops->heard(x->state, side, broke_off, out);
}

void xcode_rtcp(struct xcode *x, int side, struct pkt *p)
{
	x->pool->ops->rtcp(x->state, side, p);
}

void xcode_stats(const struct xcode *x, int side, struct xcode_stats *out)
{
	x->pool->ops->stats(x->state, side, out);
	out->too_fast = x->too_fast[side];
}

/*
 * Counters. A thread writes its own block, which it registers with its first
 * count; when it ends, its block is folded into `ended`.
 */
#include "base/metric.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/need.h"
#include "base/obj.h"

const struct metric_row metric_rows[METRIC_COUNT] = {
#define METRIC(id, name, help) [M_##id] = { name, help },
#include "base/metrics.def"
#undef METRIC
};

struct block {
	struct block *next, **prev;
	_Atomic uint64_t count[METRIC_COUNT];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct block *blocks; /* of the threads that live */
static uint64_t ended[METRIC_COUNT]; /* sums of those that do not */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_end;
static _Thread_local struct block *mine;

static void fold(void *p)
{
	struct block *b = p;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < METRIC_COUNT; i++)
		ended[i] += atomic_load_explicit(
			&b->count[i], memory_order_relaxed);
	*b->prev = b->next;
	if (b->next != NULL)
		b->next->prev = b->prev;
	pthread_mutex_unlock(&lock);
	free(b);
	mine = NULL; /* another destructor may still count */
}

static void make_key(void)
{
	need(pthread_key_create(&at_end, fold) == 0);
}

static struct block *enrol(void)
{
	struct block *b = mem_new(sizeof(*b));

	pthread_once(&once, make_key);
	need(pthread_setspecific(at_end, b) == 0);
	pthread_mutex_lock(&lock);
	b->next = blocks;
	b->prev = &blocks;
	if (blocks != NULL)
		blocks->prev = &b->next;
	blocks = b;
	pthread_mutex_unlock(&lock);
	return b;
}

void metric_add(enum metric m, uint64_t n)
{
	if (mine == NULL)
		mine = enrol();
	/* One writer, so no read-modify-write is needed; readers see either
	 * the old or the new value. */
	uint64_t v =
		atomic_load_explicit(&mine->count[m], memory_order_relaxed);

	atomic_store_explicit(&mine->count[m], v + n, memory_order_relaxed);
}

uint64_t metric_read(enum metric m)
{
	uint64_t sum;

	pthread_mutex_lock(&lock);
	sum = ended[m];
	for (struct block *b = blocks; b != NULL; b = b->next)
		sum += atomic_load_explicit(&b->count[m], memory_order_relaxed);
	pthread_mutex_unlock(&lock);
	return sum;
}

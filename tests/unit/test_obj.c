#include "test.h"

#include "base/obj.h"
#include "base/thread.h"

static int freed;

struct pair {
	long double wide; /* the strictest alignment there is */
	int value;
};

static void pair_free(void *p)
{
	struct pair *pair = p;

	assert_int_equal(pair->value, 7);
	freed++;
}

static void counts(void **state)
{
	(void)state;
	struct pair *p = obj_new(sizeof(*p), pair_free);

	freed = 0;
	assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
	assert_int_equal(p->value, 0);
	p->value = 7;
	assert_ptr_equal(obj_ref(p), p);
	assert_null(obj_unref(p));
	assert_int_equal(freed, 0);
	assert_null(obj_unref(p));
	assert_int_equal(freed, 1);
	assert_null(obj_ref(NULL));
	assert_null(obj_unref(NULL));
	assert_null(obj_unref(obj_new(0, NULL)));
}

static int lasting;

static void *lasting_get(size_t size)
{
	lasting++;
	return calloc(1, size);
}

static void lasting_put(void *p)
{
	lasting--;
	free(p);
}

/* What lasts goes back where it came from. */
static void lasts(void **state)
{
	(void)state;
	const struct mem_lasting heap = { lasting_get, lasting_put };
	struct pair *p = obj_new_lasting(sizeof(*p), NULL);

	assert_int_equal(lasting, 0); /* from the heap of all */
	mem_lasting_from(&heap);
	obj_unref(p);
	assert_int_equal(lasting, 0);
	p = obj_new_lasting(sizeof(*p), pair_free);
	assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
	assert_int_equal(lasting, 1);
	obj_unref(obj_new(sizeof(*p), NULL));
	assert_int_equal(lasting, 1);
	p->value = 7;
	freed = 0;
	obj_unref(p);
	assert_int_equal(freed, 1);
	assert_int_equal(lasting, 0);
	mem_lasting_from(&(struct mem_lasting){ 0 });
}

enum { THREADS = 4, ROUNDS = 2000 };

static void *ref_and_unref(void *p)
{
	for (int i = 0; i < ROUNDS; i++)
		obj_unref(obj_ref(p));
	obj_unref(p); /* the one made for this thread */
	return NULL;
}

static void counts_across_threads(void **state)
{
	(void)state;
	struct pair *p = obj_new(sizeof(*p), pair_free);
	pthread_t t[THREADS];

	freed = 0;
	p->value = 7;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			thread_start(&t[i], ref_and_unref, obj_ref(p)), 0);
	obj_unref(p);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(freed, 1);
}

static void memory(void **state)
{
	(void)state;
	int *a = mem_array(4, sizeof(*a));

	assert_int_equal(a[3], 0);
	a[3] = 5;
	a = mem_resize(a, 8, sizeof(*a));
	assert_int_equal(a[3], 5);
	free(a);
	free(mem_new(0));

	char *s = mem_ndup("abcdef", 3);

	assert_string_equal(s, "abc");
	free(s);
	assert_null(mem_dup(NULL));
	s = mem_printf("%s-%d", "x", 4);
	assert_string_equal(s, "x-4");
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(counts),
		T(lasts),
		T(counts_across_threads),
		T(memory),
	};

	return RUN_TESTS(tests);
}

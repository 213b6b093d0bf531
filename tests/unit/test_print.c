#include "test.h"

#include <limits.h>

#include "base/obj.h"
#include "base/print.h"
#include "base/wire.h"

/* In every room, from none to too much: what snprintf() makes of it. */
#define same(...)                                                              \
	do {                                                                   \
		char want[128], got[128];                                      \
		size_t n = (size_t)snprintf(want, sizeof(want), __VA_ARGS__);  \
                                                                               \
		for (size_t size = 0; size < n + 3; size++) {                  \
			memset(want, '#', sizeof(want));                       \
			memset(got, '#', sizeof(got));                         \
			(void)!snprintf(want, size, __VA_ARGS__);              \
			assert_int_equal(                                      \
				print_into(got, size, __VA_ARGS__), n);        \
			assert_memory_equal(got, want, sizeof(got));           \
		}                                                              \
	} while (0)

static void as_the_c_library(void **state)
{
	(void)state;
	same("%s", "");
	same("plain");
	same("100 %% of it");
	same("a=rtpmap:%u %s/%u", 101U, "telephone-event", 8000U);
	same("<%s:%.*s@%s>", "sip", 4, "2001;x", "192.0.2.1");
	same("%.*s|%.*s|", 0, "", 3, "ab");
	same("%d %d %d", 0, INT_MIN, INT_MAX);
	same("%u %lu %zu", UINT_MAX, ULONG_MAX, SIZE_MAX);
	same("%c%c", 'x', '%');
	same("at the end %s", "%");
}

/* One that is not known sends the whole to the C library. */
static void what_it_leaves(void **state)
{
	(void)state;
	same("%s %02x %s", "key", 10U, "end");
	same("%5d|%-5s|%ld", 3, "ab", LONG_MIN);
	same("%s %.3f", "about", 1.5);
	same("%x", 255U);
}

static void on_the_heap(void **state)
{
	(void)state;
	char row[151];
	struct text t = { 0 };
	char *s = mem_printf("%s-%d", "one", 2);

	memset(row, 'x', sizeof(row));
	row[150] = '\0';
	assert_string_equal(s, "one-2");
	text_printf(&t, "%s", s);
	for (int i = 0; i < 100; i++)
		text_printf(&t, ",%d", i);
	assert_int_equal(t.n, 5 + 10 * 2 + 90 * 3);
	assert_true(slice_starts(text_slice(&t), "one-2,0,1,2,"));
	assert_string_equal(t.p + t.n - 6, ",98,99");
	text_free(&t);
	free(s);
	s = mem_printf("%.*s", 200, row);
	assert_string_equal(s, row);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(as_the_c_library),
		T(what_it_leaves),
		T(on_the_heap),
	};

	return RUN_TESTS(tests);
}

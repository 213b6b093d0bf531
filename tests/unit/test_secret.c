#include "test.h"

#include "base/secret.h"

static void compares(void **state)
{
	(void)state;
	struct secret a = { .n = 3, .b = { 1, 2, 3 } };
	struct secret b = { .n = 3, .b = { 1, 2, 3, 99 } }; /* beyond n */
	struct secret c = { .n = 3, .b = { 1, 2, 4 } };
	struct secret d = { .n = 4, .b = { 1, 2, 3, 0 } };

	assert_true(secret_equal(&a, &b));
	assert_false(secret_equal(&a, &c));
	assert_false(secret_equal(&a, &d));
	a.n = b.n = SECRET_MAX;
	memset(a.b, 5, SECRET_MAX);
	memset(b.b, 5, SECRET_MAX);
	assert_true(secret_equal(&a, &b));
	b.b[SECRET_MAX - 1] ^= 1;
	assert_false(secret_equal(&a, &b));
}

static void wipes(void **state)
{
	(void)state;
	struct secret a = { .n = 3, .b = { 1, 2, 3 } }, zero = { 0 };

	secret_wipe(&a);
	assert_memory_equal(&a, &zero, sizeof(a));
}

static void randomness(void **state)
{
	(void)state;
	char a[101], b[101];

	random_hex(a, 100);
	random_hex(b, 100);
	assert_int_equal(strlen(a), 100);
	assert_int_equal(strspn(a, "0123456789abcdef"), 100);
	assert_string_not_equal(a, b);
	random_hex(a, 0);
	assert_string_equal(a, "");
	assert_true(
		(random_u32() ^ random_u32()) | (random_u32() ^ random_u32()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(compares),
		T(wipes),
		T(randomness),
	};

	return RUN_TESTS(tests);
}

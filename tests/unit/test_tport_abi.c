/* The library is the one whose private layouts b2bua/sofia/tport_abi.h states. */
#include "test.h"

#include "b2bua/sofia/tport_abi.h"
#include "b2bua/sofia/tport_stream.h"

static void library_is_known(void **state)
{
	const char *why;

	(void)state;
	assert_int_equal(tport_abi_check(&why), 0);
	assert_null(why);
}

static void types_are_ours_afterwards(void **state)
{
	const struct tport_type *tls = tport_vtable_by_name("tls", 0);
	const struct tport_type *tcp = tport_vtable_by_name("tcp", 0);
	const char *why;

	(void)state;
	assert_int_equal(tport_types_register(&why), 0);
	assert_int_equal(tport_types_register(&why), 0); /* once is enough */
	assert_ptr_not_equal(tport_vtable_by_name("tls", 0), tls);
	assert_ptr_not_equal(tport_vtable_by_name("tcp", 0), tcp);
	assert_ptr_equal(
		abi_type_get(tport_vtable_by_name("tls", 0), ABI_TYPE_RECV),
		abi_type_get(tport_vtable_by_name("tcp", 0), ABI_TYPE_RECV));
	/* ours has no "tcp's first functions": a second check must say so */
	assert_int_not_equal(tport_abi_check(&why), 0);
	assert_non_null(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(library_is_known),
		T(types_are_ours_afterwards),
	};

	return RUN_TESTS(tests);
}

/* What every unit test includes: cmocka, and rows that tell their name. */
#ifndef LINESIDE_TESTS_UNIT_TEST_H
#define LINESIDE_TESTS_UNIT_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/need.h"

/* In a table of cases: fails with the row's name. */
#define check_row(name, cond)                                                  \
	do {                                                                   \
		if (!(cond))                                                   \
			fail_msg("row \"%s\": %s", (name), #cond);             \
	} while (0)

#define T(fn) cmocka_unit_test(fn)
#define RUN_TESTS(tests)                                                       \
	cmocka_run_group_tests_name(__FILE__, (tests), NULL, NULL)

#endif

#include "test.h"

#include <errno.h>

#include "conf/conf.h"

static const struct {
	const char *pattern, *number;
	int explicit_chars; /* -1: no match */
} rows[] = {
	/* digits; a pattern matches the beginning */
	{ "5551234", "5551234", 7 },
	{ "555", "5551234", 3 },
	{ "555$", "5551234", -1 },
	{ "555$", "555", 3 },
	{ "^555$", "555", 3 },
	{ "556", "5551234", -1 },
	{ "5551234", "555", -1 },
	{ "*67", "*671", 3 },
	{ "#1", "#1", 2 },
	{ "a1", "A1", 2 },
	{ "8,1", "81", 2 },
	/* wildcards are not explicit */
	{ ".", "12345", 0 },
	{ ".", "", -1 },
	{ ".T", "1001", 0 },
	{ ".T", "1", 0 },
	{ ".T", "", -1 },
	{ "T", "", 0 },
	{ "T", "123", 0 },
	{ "1T", "1234", 1 },
	{ "1T", "2", -1 },
	{ "1T$", "1234", 1 },
	{ "....", "1001", 0 },
	{ "....$", "10010", -1 },
	{ "10..", "1001", 2 },
	{ ".", "alice", 0 },
	{ ".T", "alice", 0 },
	/* Cisco's example: 5553... is preferred to 555[2-3]... */
	{ "555[2-3]...", "5553216", 3 },
	{ "5553...", "5553216", 4 },
	{ "5553216", "5553216", 7 },
	{ "555[2-3]...", "5554216", -1 },
	/* ranges */
	{ "[1-4]", "4", 0 },
	{ "[1-4]", "5", -1 },
	{ "[^1-4]", "5", 0 },
	{ "[^1-4]", "4", -1 },
	{ "[135]", "3", 0 },
	{ "[1,3,5]", "3", 0 },
	{ "[1,3,5]", ",", -1 },
	{ "[1-3,7-9]0", "80", 1 },
	{ "[0-9*#]$", "#", 0 },
	{ "[^5]", "", -1 },
	/* + of E.164, and the operators */
	{ "+49", "+4930", 3 },
	{ "+49", "4930", -1 },
	{ "^+49", "+4930", 3 },
	{ "12+3", "12223", 5 },
	{ "12+3", "13", -1 },
	{ "12%3", "13", 2 },
	{ "12%3", "12223", 5 },
	{ "12?3", "13", 2 },
	{ "12?3", "123", 3 },
	{ "12?3", "1223", -1 },
	{ ".%$", "123", 0 },
	{ "[1-3]+$", "3213", 0 },
	{ "[1-3]+$", "3214", -1 },
	{ "(12)+3", "12123", 5 },
	{ "(12)%3", "3", 1 },
	{ "(12)?3", "12123", -1 },
	{ "((1.)+2)?3$", "1912193", -1 },
	{ "((1.)+2)+3$", "19121923", 5 },
	{ "(1%)%2", "1112", 4 },
	{ "(1%2%)%$", "", 0 },
	{ "5551%", "555111", 6 },
};

static void matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char name[64];
		size_t offset;
		int got = conf_pattern_match(
			rows[i].pattern, slice_str(rows[i].number));

		snprintf(name, sizeof(name), "%s ~ %s: %d", rows[i].pattern,
			rows[i].number, got);
		check_row(name,
			conf_pattern_check(rows[i].pattern, &offset) == 0);
		check_row(name, got == rows[i].explicit_chars);
	}
}

static void finds_mistakes(void **state)
{
	(void)state;
	static const struct {
		const char *pattern;
		size_t offset;
	} bad[] = {
		{ "", 0 },
		{ "^", 1 },
		{ "12x4", 2 },
		{ "12 4", 2 },
		{ "1T2", 2 },
		{ "1$2", 2 },
		{ "1TT", 2 },
		{ "5[3", 1 },
		{ "5[]", 1 },
		{ "5[^]", 1 },
		{ "5[3-]", 2 },
		{ "5[7-3]", 2 },
		{ "5[x]", 2 },
		{ "1(2", 1 },
		{ "1(T)", 2 },
		{ "1()2", 1 },
		{ "1)2", 1 },
		{ "?1", 0 },
		{ "%1", 0 },
		{ "1+%2", 2 },
		{ "((((1))))", 3 },
		{ "555-1234", 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		size_t offset = 99;

		check_row(bad[i].pattern,
			conf_pattern_check(bad[i].pattern, &offset) == EINVAL);
		check_row(bad[i].pattern, offset == bad[i].offset);
		check_row(bad[i].pattern, conf_pattern_match(bad[i].pattern,
						  slice_str("12345")) == -1);
	}
}

static void bounds_sizes(void **state)
{
	(void)state;
	char pattern[200], number[300];
	size_t offset;

	memset(pattern, '1', sizeof(pattern));
	memset(number, '1', sizeof(number));
	pattern[96] = '\0';
	assert_int_equal(conf_pattern_check(pattern, &offset), 0);
	pattern[96] = '1';
	pattern[97] = '\0';
	assert_int_equal(conf_pattern_check(pattern, &offset), EINVAL);
	assert_int_equal(offset, 96);
	assert_int_equal(conf_pattern_match("1%", slice_of(number, 128)), 128);
	assert_int_equal(conf_pattern_match("1%", slice_of(number, 129)), -1);
	/* would take for ever if it were tried one way after another */
	assert_int_equal(
		conf_pattern_match("(((1%)+1%)+1%)+1%2", slice_of(number, 128)),
		-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(matches),
		T(finds_mistakes),
		T(bounds_sizes),
	};

	return RUN_TESTS(tests);
}

/* Phones and their stories: order, bounds, who is meant by an address. */
#include <stdio.h>

#include "phoneproxy/phone.h"
#include "test.h"

static struct addr at(const char *host, uint16_t port)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, slice_str(host), port), 0);
	return a;
}

static const struct phone *find(const struct phones *p, const char *name)
{
	return phones_find(p, slice_str(name));
}

static void events_are_told_in_order(void **state)
{
	(void)state;
	struct phones *p = phones_new();
	struct addr a = at("192.0.2.1", 1);

	for (int i = 0; i < 3; i++)
		phones_note(p, "SEP001122334455", &a, PHONE_FILE, "e%d", i);
	const struct phone *ph = find(p, "SEP001122334455");

	assert_non_null(ph);
	for (size_t i = 0; i < 3; i++) {
		char text[8];

		snprintf(text, sizeof(text), "e%zu", i);
		assert_string_equal(phone_event(ph, i)->text, text);
	}
	assert_null(phone_event(ph, 3));
	assert_null(find(p, "SEP001122334456"));
	phones_free(p);
}

static void the_newest_events_are_kept(void **state)
{
	(void)state;
	struct phones *p = phones_new();
	const struct phone *ph;
	char last[16];

	for (int i = 0; i < PHONE_EVENTS + 10; i++)
		phones_note(p, "SEP001122334455", NULL, PHONE_FILE, "%d", i);
	ph = find(p, "SEP001122334455");
	assert_string_equal(phone_event(ph, 0)->text, "10");
	snprintf(last, sizeof(last), "%d", PHONE_EVENTS + 9);
	assert_string_equal(phone_event(ph, PHONE_EVENTS - 1)->text, last);
	assert_null(phone_event(ph, PHONE_EVENTS));
	phones_free(p);
}

/* A ring list names no phone; behind one router it may be anybody's. */
static void a_file_of_nobody_is_the_only_phones(void **state)
{
	(void)state;
	struct phones *p = phones_new();
	struct addr a = at("192.0.2.1", 1000), again = at("192.0.2.1", 2000);

	phones_note(p, "", &a, PHONE_FILE, "before");
	assert_int_equal(phones_count(p), 0);
	phones_note(p, "SEP00000000000A", &a, PHONE_FILE, "own");
	phones_note(p, "", &again, PHONE_FILE, "ring list");
	assert_int_equal(find(p, "SEP00000000000A")->events, 2);
	phones_note(p, "SEP00000000000B", &again, PHONE_FILE, "own");
	phones_note(p, "", &again, PHONE_FILE, "whose?");
	assert_int_equal(find(p, "SEP00000000000A")->events, 2);
	assert_int_equal(find(p, "SEP00000000000B")->events, 1);
	phones_free(p);
}

/* Whoever guesses names fills no memory; who was heard of last stays. */
static void phones_are_bounded(void **state)
{
	(void)state;
	struct phones *p = phones_new();
	char name[32];

	phones_note(p, "SEP001122334455", NULL, PHONE_FILE, "first");
	for (unsigned i = 0; i < PHONES_MAX + 100; i++) {
		snprintf(name, sizeof(name), "SEP%012X", i);
		phones_note(p, name, NULL, PHONE_FILE, "guess");
		if (i == PHONES_MAX / 2)
			phones_note(p, "SEP001122334455", NULL, PHONE_FILE,
				"again");
	}
	assert_int_equal(phones_count(p), PHONES_MAX);
	assert_non_null(find(p, "SEP001122334455"));
	assert_null(find(p, "SEP000000000000"));
	assert_string_equal(phones_first(p)->name, name);
	phones_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(events_are_told_in_order),
		T(the_newest_events_are_kept),
		T(a_file_of_nobody_is_the_only_phones),
		T(phones_are_bounded),
	};

	return RUN_TESTS(tests);
}

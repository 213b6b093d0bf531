#include <errno.h>

#include "test.h"

#include "base/host.h"

static const struct {
	const char *name, *text;
	int err;
	uint64_t busy, total;
} stats[] = {
	{ "of today",
		"cpu  100 20 30 500 50 1 2 7 9 0\n"
		"cpu0 1 1 1 1 1 1 1 1 1 1\n",
		0, 160, 710 },
	{ "of old kernels", "cpu 10 20 30 40\n", 0, 60, 100 },
	{ "too few", "cpu 10 20 30\n", EBADMSG, 0, 0 },
	{ "something else", "intr 1 2 3 4\n", EBADMSG, 0, 0 },
	{ "nothing", "", EBADMSG, 0, 0 },
};

static void reads_processors(void **state)
{
	struct host_cpu c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(stats); i++) {
		check_row(stats[i].name,
			host_parse_cpu(&c, slice_str(stats[i].text)) ==
				stats[i].err);
		check_row(stats[i].name,
			c.busy == stats[i].busy && c.total == stats[i].total);
	}
}

static const struct {
	const char *name, *text;
	int err;
	unsigned percent;
} memories[] = {
	{ "a quarter",
		"MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable: 750 kB\n", 0,
		25 },
	{ "all of it", "MemTotal: 1000 kB\nMemFree: 0 kB\nMemAvailable: 0 kB\n",
		0, 100 },
	{ "more than there is", "MemTotal: 1 kB\nMemAvailable: 2 kB\n", EBADMSG,
		0 },
	{ "none", "MemTotal: 0 kB\nMemAvailable: 0 kB\n", EBADMSG, 0 },
	{ "not said", "MemTotal: 1000 kB\nMemFree: 1 kB\n", EBADMSG, 0 },
	{ "nothing", "", EBADMSG, 0 },
};

static void reads_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(memories); i++) {
		unsigned percent = 0;

		check_row(memories[i].name,
			host_parse_memory(
				&percent, slice_str(memories[i].text)) ==
				memories[i].err);
		check_row(memories[i].name, percent == memories[i].percent);
	}
}

/* Idle for a minute, then ten seconds of full work. */
static void averages(void **state)
{
	struct host_watch w = { 0 };
	struct host_cpu c = { 1000, 50000 };

	(void)state;
	host_note_cpu(&w, &c);
	assert_int_equal(host_read(HOST_CPU_5SEC), 0);
	for (unsigned i = 0; i < 70; i++) {
		c.total += 100;
		host_note_cpu(&w, &c);
	}
	assert_int_equal(host_read(HOST_CPU_AVG), 0);
	for (unsigned i = 0; i < 10; i++) {
		c.total += 100;
		c.busy += 100;
		host_note_cpu(&w, &c);
		assert_int_equal(
			host_read(HOST_CPU_5SEC), i < 5 ? (i + 1) * 20 : 100);
	}
	assert_int_equal(host_read(HOST_CPU_AVG), 17); /* 10 of 60 */
	/* A counter that goes backwards is no load. */
	c.busy = 0;
	host_note_cpu(&w, &c);
	assert_int_equal(host_read(HOST_CPU_5SEC), 0);
}

static void looks(void **state)
{
	struct host_watch w = { 0 };

	(void)state;
	host_look(&w);
	host_look(&w);
	assert_int_equal(w.n, 2);
	assert_in_range(host_read(HOST_CPU_5SEC), 0, 100);
	assert_in_range(host_read(HOST_MEMORY), 1, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_processors),
		T(reads_memory),
		T(averages),
		T(looks),
	};

	return RUN_TESTS(tests);
}

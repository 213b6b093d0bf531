/*
 * Lineside's media without its signalling, as tests/bench/media measures it:
 * one worker on the first processor.
 *
 *   media_relay CALLS SUITE|plain SUITE|plain
 *
 * A line for each call comes in and goes out (bench.h). Ends with its input.
 */
#include "base/mq.h"
#include "base/obj.h"
#include "bench.h"
#include "media/media.h"

static struct mcall *call[CALLS_MAX];

static struct mleg_crypto crypto(
	enum conf_suite suite, const struct secret *key)
{
	return (struct mleg_crypto){
		.plain = suite == CONF_SUITE_COUNT,
		.suite = suite,
		.key = *key,
	};
}

static void start_call(
	unsigned n, struct media *m, const enum conf_suite suite[2])
{
	struct mcall_params p = { .local = { loopback(0), loopback(0) },
		.inactivity_ms = 60000 };
	struct side side[2];

	read_call(side);
	errno = mcall_new(&call[n], m, &p);
	check(errno == 0, "call");
	for (int i = 0; i < 2; i++) {
		struct addr local = mcall_local(call[n], i);
		struct mleg_set set = {
			.rtp = loopback(side[i].port),
			.latch = side[i].plain ? MLEG_LATCH_NEVER
					       : MLEG_LATCH_AUTH,
			.send = true,
			.receive = true,
			.rx = crypto(suite[i], &side[i].rx),
			.tx = crypto(suite[i], &side[i].tx),
		};

		(void)printf("%u%c", addr_port(&local), i == 0 ? ' ' : '\n');
		mcall_set(call[n], i, &set);
	}
}

int main(int argc, char **argv)
{
	/* Below the ports that the system gives to the generator. */
	struct media_params p = {
		.workers = 1, .rtp_min = 1024, .rtp_max = 32767
	};
	unsigned calls = argc == 4 ? number(argv[1], CALLS_MAX) : 0;
	enum conf_suite suite[2];
	struct media *m = NULL;
	char word[LINE_ROOM];

	check(calls > 0, "usage: media_relay CALLS SUITE|plain SUITE|plain");
	suite[0] = suite_word(argv[2]);
	suite[1] = suite_word(argv[3]);
	pin(0);
	p.events = mq_new(1024);
	errno = media_start(&m, &p);
	check(errno == 0, "media");
	(void)puts("ready");
	(void)fflush(stdout);
	for (unsigned i = 0; i < calls; i++)
		start_call(i, m, suite);
	(void)fflush(stdout);
	while (read_word(word))
		;
	for (unsigned i = 0; i < calls; i++)
		mcall_close(call[i]);
	media_stop(m);
	mq_run(p.events);
	mq_free(p.events);
	return 0;
}

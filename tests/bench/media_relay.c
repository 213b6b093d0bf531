/*
 * Lineside's media without its signalling, as tests/bench/media measures it:
 * one worker on the first processor.
 *
 *   media_relay CALLS WAY WAY
 *
 * The ways and the line for each call that comes in and goes out: bench.h.
 * With codecs each call has a transcoder. Ends with its input.
 */
#include "base/mq.h"
#include "base/obj.h"
#include "bench.h"
#include "media/media.h"
#include "media/xcode.h"

static struct mcall *call[CALLS_MAX];

static struct xcode_farm *farm;
static struct xcode *xcode[CALLS_MAX];

static struct mleg_crypto crypto(
	enum conf_suite suite, const struct secret *key)
{
	return (struct mleg_crypto){
		.plain = suite == CONF_SUITE_COUNT,
		.suite = suite,
		.key = *key,
	};
}

static void open_farm(void)
{
	static struct conf_dspfarm profile = { .tag = 1,
		.universal = true,
		.security = true,
		.max_sessions = CALLS_MAX };
	const struct conf conf = { .dspfarms = &profile };

	for (const struct conf_codec *c = conf_codecs; c->ios_name; c++)
		if (c->transcoded)
			profile.codec[profile.ncodecs++] = c;
	farm = xcode_farm_new();
	xcode_farm_configure(farm, &conf);
}

static struct xcode_side side_of(const struct way *w)
{
	return (struct xcode_side){ .codec = w->codec,
		.ptime_ms = 20,
		.from = w->pt,
		.to = w->pt,
		.event_from = XCODE_NO_PT,
		.event_to = XCODE_NO_PT,
		.noise_from = XCODE_NO_PT,
		.noise_to = XCODE_NO_PT };
}

static void transcode(unsigned n, const struct way way[2])
{
	const struct xcode_want w = {
		.side = { side_of(&way[0]), side_of(&way[1]) }, .secure = true
	};

	errno = xcode_reserve(&xcode[n], farm, &w, NULL);
	check(errno == 0, "transcoder");
	mcall_transcode(call[n], xcode[n]);
}

static void start_call(unsigned n, struct media *m, const struct way way[2])
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
			.rx = crypto(way[i].suite, &side[i].rx),
			.tx = crypto(way[i].suite, &side[i].tx),
		};

		(void)printf("%u%c", addr_port(&local), i == 0 ? ' ' : '\n');
		mcall_set(call[n], i, &set);
	}
	mcall_apply(call[n]);
	if (way[0].codec != way[1].codec)
		transcode(n, way);
}

int main(int argc, char **argv)
{
	/* Below the ports that the system gives to the generator. */
	struct media_params p = {
		.workers = 1, .rtp_min = 1024, .rtp_max = 32767
	};
	unsigned calls = argc == 4 ? number(argv[1], CALLS_MAX) : 0;
	struct way way[2];
	struct media *m = NULL;
	char word[LINE_ROOM];

	check(calls > 0, "usage: media_relay CALLS WAY WAY");
	way[0] = way_word(argv[2]);
	way[1] = way_word(argv[3]);
	open_farm();
	pin(0);
	p.events = mq_new(1024);
	errno = media_start(&m, &p);
	check(errno == 0, "media");
	(void)puts("ready");
	(void)fflush(stdout);
	for (unsigned i = 0; i < calls; i++)
		start_call(i, m, way);
	(void)fflush(stdout);
	while (read_word(word))
		;
	for (unsigned i = 0; i < calls; i++) {
		mcall_close(call[i]);
		obj_unref(xcode[i]);
	}
	media_stop(m);
	obj_unref(farm);
	mq_run(p.events);
	mq_free(p.events);
	return 0;
}

/*
 * What choosing dial-peers costs a call: the one it comes in by, its numbers
 * rewritten, the ones it may go out by; with ten dial-peers and with ten
 * thousand. Nanoseconds of CPU a call, medians of five runs, alternating.
 * The last line is a target: goal NAME measured wanted ok|short.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "b2bua/route/numbers.h"
#include "b2bua/route/route.h"
#include "base/obj.h"
#include "base/wire.h"

enum { FEW = 10, MANY = 10000, CALLS = 20000, RUNS = 5 };

static struct conf *configuration(unsigned peers)
{
	struct conf_errs errs = { 0 };
	struct text t = { 0 };
	struct conf *c;

	text_add(&t, SLICE_LIT("sip-listener A\n side access\n"
			       " address ipv4 127.0.0.1 port 5070\n"
			       "sip-listener C\n side core\n"
			       " address ipv4 127.0.0.1 port 5080\n"
			       "voice service voip\n no srtp\n"
			       "sip-ua\n registrar ipv4:127.0.0.2\n"
			       "voice translation-rule 1\n"
			       " rule 1 /^9\\(.*\\)/ /\\1/\n"
			       "voice translation-profile IN\n"
			       " translate called 1\n"));
	for (unsigned i = 0; i < peers; i++)
		text_printf(&t,
			"dial-peer voice %u voip\n"
			" incoming called-number 9%06u\n"
			" translation-profile incoming IN\n"
			"dial-peer voice %u voip\n"
			" destination-pattern %06u...\n"
			" session target ipv4:127.0.0.3\n",
			i + 1, i, i + 100001, i);
	c = conf_parse(text_slice(&t), "bench", &errs);
	conf_errs_print(&errs, "bench", stderr);
	conf_errs_free(&errs);
	text_free(&t);
	need(c != NULL);
	return c;
}

static void one_call(const struct conf *c, unsigned i)
{
	char called[NUMBER_SIZE];
	struct route_ask ask = { .listener = c->listeners,
		.calling = SLICE_LIT("2001") };
	const struct conf_dial_peer *in, *out[ROUTE_MAX];

	(void)snprintf(called, sizeof(called), "9%06u123", i);
	ask.called = slice_str(called);
	in = route_incoming(c, &ask);
	need(in != NULL && in->tag == i + 1);
	(void)numbers_translate(in->xlate_in, CONF_XLATE_CALLED, called, NULL);
	need(route_outgoing(c, CONF_ACCESS, in, slice_str(called),
		     slice_of(NULL, 0), out) == 1 &&
		out[0]->tag == i + 100001);
}

static double run(const struct conf *c, unsigned peers)
{
	struct timespec from, to;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (unsigned i = 0; i < CALLS; i++)
		one_call(c, i * 7919 % peers);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	return ((double)(to.tv_sec - from.tv_sec) * 1e9 +
		       (double)(to.tv_nsec - from.tv_nsec)) /
	       CALLS;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int main(void)
{
	struct conf *few = configuration(FEW), *many = configuration(MANY);
	double a[RUNS], b[RUNS], ratio;

	for (int i = 0; i < RUNS; i++) {
		a[i] = run(few, FEW);
		b[i] = run(many, MANY);
	}
	qsort(a, RUNS, sizeof(a[0]), ascending);
	qsort(b, RUNS, sizeof(b[0]), ascending);
	ratio = b[RUNS / 2] / a[RUNS / 2];
	printf("%d dial-peers: %.0f ns a call; %d: %.0f ns\n", FEW, a[RUNS / 2],
		MANY, b[RUNS / 2]);
	printf("goal routes-%d-to-%d %.2f 3 %s\n", MANY, FEW, ratio,
		ratio <= 3 ? "ok" : "short");
	obj_unref(few);
	obj_unref(many);
	return ratio <= 3 ? 0 : 1;
}

/* call threshold, call spike, emergency: how many calls are taken. */
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_int.h"

enum { STEPS = 5, SIZE_MS = 200 };

static void set_threshold(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *low = line_after(l, "low");
	const struct word *high = line_after(l, "high");

	c->threshold.low = c->threshold.high = 0;
	if (l->no || l->def)
		return;
	if (low->number > high->number) {
		line_error(l, high,
			"the low mark is where calls are taken again",
			"the high mark is below the low one");
		return;
	}
	c->threshold.low = (unsigned)low->number;
	c->threshold.high = (unsigned)high->number;
}

static void show_threshold(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->threshold.high != 0)
		show_line(s, "call threshold global total-calls low %u high %u",
			s->conf->threshold.low, s->conf->threshold.high);
}

static void set_spike(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *steps = line_after(l, "steps");
	const struct word *size = line_after(l, "size");

	c->spike.calls = 0;
	c->spike.steps = steps != NULL ? (unsigned)steps->number : STEPS;
	c->spike.size_ms = size != NULL ? (unsigned)size->number : SIZE_MS;
	if (!l->no && !l->def)
		c->spike.calls = (unsigned)line_arg(l, 0)->number;
}

static void show_spike(const struct show *s, const struct cmd *row)
{
	const struct conf *c = s->conf;

	(void)row;
	if (c->spike.calls == 0)
		return;
	if (c->spike.steps == STEPS && c->spike.size_ms == SIZE_MS)
		show_line(s, "call spike %u", c->spike.calls);
	else
		show_line(s, "call spike %u steps %u size %u", c->spike.calls,
			c->spike.steps, c->spike.size_ms);
}

static void drop_numbers(struct conf *c)
{
	for (size_t i = 0; i < c->voip.nemergency; i++)
		free(c->voip.emergency[i]);
	c->voip.nemergency = 0;
}

static void set_emergency(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *w;

	drop_numbers(c);
	if (l->no || l->def)
		return;
	for (size_t i = 0; (w = line_arg(l, i)) != NULL; i++)
		c->voip.emergency[c->voip.nemergency++] = slice_dup(w->text);
}

static void show_emergency(const struct show *s, const struct cmd *row)
{
	const struct conf *c = s->conf;

	(void)row;
	if (c->voip.nemergency == 0)
		return;
	fprintf(s->out, "%*semergency", (int)s->indent, "");
	for (size_t i = 0; i < c->voip.nemergency; i++)
		fprintf(s->out, " %s", c->voip.emergency[i]);
	fputc('\n', s->out);
}

void limits_free(struct conf *c)
{
	drop_numbers(c);
}

/* clang-format off */
#define NO_MEASURE "calls are counted, not processors or interfaces: " \
	"write 'call threshold global total-calls low N high N'"

const struct cmd limit_global_cmds[] = {
	{ "call threshold global total-calls low <1-1000000> high <1-1000000> "
	  "[busyout|treatment]", K_FN, .set = set_threshold,
	  .show = show_threshold,
	  .help = "From how many calls on new ones are refused",
	  .more = "503 from the high mark on, until the calls are down to the "
		  "low one. Emergency calls are exempt." },
	{ "call spike <1-1000000> [steps <3-10>] [size <100-2000>]", K_FN,
	  .set = set_spike, .show = show_spike,
	  .help = "How many calls may come at once",
	  .more = "More within the last `steps` spans of `size` milliseconds "
		  "are 503. Default: 5 spans of 200, a second. Emergency "
		  "calls are exempt." },
	{ "call threshold global {cpu-avg|cpu-5sec|total-mem|proc-mem|io-mem} "
	  "[LINE]", K_REFUSED, .more = NO_MEASURE },
	{ "call threshold interface LINE", K_REFUSED, .more = NO_MEASURE },
	{ "call treatment LINE", K_NOTICE,
	  .more = "calls beyond a limit are answered 503" },
	{ NULL },
};

#define TEN "WORD [WORD [WORD [WORD [WORD [WORD [WORD [WORD [WORD [WORD]]]]]]]]]"

const struct cmd voip_limit_cmds[] = {
	{ "emergency " TEN, K_FN, .set = set_emergency, .show = show_emergency,
	  .help = "Numbers that no limit refuses, up to ten",
	  .more = "As they are called, before translation: `max-conn`, `call "
		  "threshold` and `call spike` do not hold for them." },
	{ NULL },
};
/* clang-format on */

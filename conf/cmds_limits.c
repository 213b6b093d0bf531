/* call threshold, call spike, emergency: how many calls are taken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

enum { STEPS = 5, SIZE_MS = 200 };

const char *const conf_threshold_names[CONF_THRESHOLDS] = {
	[CONF_TOTAL_CALLS] = "total-calls",
	[CONF_CPU_5SEC] = "cpu-5sec",
	[CONF_CPU_AVG] = "cpu-avg",
	[CONF_TOTAL_MEM] = "total-mem",
	[CONF_MEDIA_LOAD] = "media-load",
	[CONF_OPEN_FILES] = "open-files",
};

static const struct conf_marks threshold_defaults[CONF_THRESHOLDS] = {
	[CONF_MEDIA_LOAD] = { 75, 90 },
	[CONF_OPEN_FILES] = { 90, 95 },
};

void limits_defaults(struct conf *c)
{
	memcpy(c->threshold, threshold_defaults, sizeof(c->threshold));
}

/* The word behind "call threshold global". */
static enum conf_threshold threshold_of(const struct cmd *row)
{
	const char *word = row->syntax + strlen("call threshold global ");
	size_t i = 0;

	while (strncmp(word, conf_threshold_names[i],
		       strlen(conf_threshold_names[i])) != 0)
		need(++i < CONF_THRESHOLDS);
	return (enum conf_threshold)i;
}

static void set_threshold(struct line *l)
{
	enum conf_threshold which = threshold_of(l->row);
	struct conf_marks *m = &l->p->conf->threshold[which];
	const struct word *low = line_after(l, "low");
	const struct word *high = line_after(l, "high");

	*m = l->def ? threshold_defaults[which] : (struct conf_marks){ 0 };
	if (l->no || l->def)
		return;
	if (low->number > high->number) {
		line_error(l, high,
			"the low mark is where calls are taken again",
			"the high mark is below the low one");
		return;
	}
	m->low = (unsigned)low->number;
	m->high = (unsigned)high->number;
}

static void show_threshold(const struct show *s, const struct cmd *row)
{
	enum conf_threshold which = threshold_of(row);
	const struct conf_marks *m = &s->conf->threshold[which];
	const struct conf_marks *d = &threshold_defaults[which];

	if (m->low == d->low && m->high == d->high)
		return;
	show_line(s, "%scall threshold global %s low %u high %u",
		m->high == 0 ? "no " : "", conf_threshold_names[which],
		m->high == 0 ? d->low : m->low,
		m->high == 0 ? d->high : m->high);
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
#define NO_POOL "memory is not divided: " \
	"write 'call threshold global total-mem low N high N'"
#define NO_INTERFACE "interfaces are not watched: " \
	"write 'call threshold global media-load low N high N'"
#define PERCENT " low <1-100> high <1-100> [busyout|treatment]"
#define MARKS "503 with Retry-After from the high mark on, until it is down to " \
	"the low one; `show call threshold status` tells. Emergency calls are " \
	"exempt."
#define THRESHOLD(name, what, more_) \
	{ "call threshold global " name PERCENT, K_FN, .set = set_threshold, \
	  .show = show_threshold, .help = what, .more = more_ MARKS }

const struct cmd limit_global_cmds[] = {
	{ "call threshold global total-calls low <1-1000000> high <1-1000000> "
	  "[busyout|treatment]", K_FN, .set = set_threshold,
	  .show = show_threshold,
	  .help = "From how many calls on new ones are refused",
	  .more = MARKS },
	THRESHOLD("cpu-5sec", "From which use of the processors on, in percent",
		"Of all processors of the host, over five seconds. "),
	THRESHOLD("cpu-avg", "From which use of the processors on, in percent",
		"Of all processors of the host, over a minute. "),
	THRESHOLD("total-mem", "From which use of the memory on, in percent",
		"Of the host's memory, less what the system calls available. "),
	THRESHOLD("media-load", "From which load of the media threads on",
		"Percent of its time that the thread works which the next call "
		"would go to; above some 90 packets begin to wait. Default: low "
		"75 high 90; `no` takes calls at any load. "),
	THRESHOLD("open-files", "From how many open files on, in percent",
		"Of those that the system lets the process have: a call needs "
		"four, three or two with `rtcp-mux`, a connection one. Raise "
		"LimitNOFILE= of the unit. Default: low 90 high 95; `no` takes "
		"calls until none is left. "),
	{ "call spike <1-1000000> [steps <3-10>] [size <100-2000>]", K_FN,
	  .set = set_spike, .show = show_spike,
	  .help = "How many calls may come at once",
	  .more = "More within the last `steps` spans of `size` milliseconds "
		  "are 503. Default: 5 spans of 200, a second. Emergency "
		  "calls are exempt." },
	{ "call threshold global {proc-mem|io-mem} [LINE]", K_REFUSED,
	  .more = NO_POOL },
	{ "call threshold interface LINE", K_REFUSED, .more = NO_INTERFACE },
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

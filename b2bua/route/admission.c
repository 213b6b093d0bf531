/* See admission.h. */
#include "b2bua/route/admission.h"

#include <string.h>

#include "base/log.h"

bool admission_emergency(const struct conf *c, struct slice called)
{
	for (size_t i = 0; i < c->voip.nemergency; i++)
		if (slice_eq_str(called, c->voip.emergency[i]))
			return true;
	return false;
}

/* The call in its step; true: too many came in the last steps. */
static bool spikes(struct admission *a, const struct conf *c, uint64_t now_ms)
{
	uint64_t step = now_ms / c->spike.size_ms;
	unsigned steps = c->spike.steps, sum = 0;

	if (c->spike.calls == 0)
		return false;
	if (step - a->step >= ADMISSION_STEPS_MAX)
		memset(a->calls, 0, sizeof(a->calls));
	else
		while (a->step < step)
			a->calls[++a->step % ADMISSION_STEPS_MAX] = 0;
	a->step = step;
	a->calls[step % ADMISSION_STEPS_MAX]++;
	for (unsigned i = 0; i < steps && i <= step; i++)
		sum += a->calls[(step - i) % ADMISSION_STEPS_MAX];
	return sum > c->spike.calls;
}

/* Above from the high mark on, until the low one is reached again. */
static bool is_above(const struct conf_marks *m, bool before, unsigned now)
{
	if (m->high == 0)
		return false;
	return now >= m->high || (before && now > m->low);
}

static void tell(enum conf_threshold i, bool above, unsigned now,
	const struct conf_marks *m)
{
	if (above)
		log_event(MSG_CALL_THRESHOLD, NULL,
			L_STR("what", conf_threshold_names[i]),
			L_INT("value", now), L_INT("high", m->high),
			L_INT("low", m->low));
	else
		log_event(MSG_CALL_THRESHOLD_BELOW, NULL,
			L_STR("what", conf_threshold_names[i]),
			L_INT("value", now));
}

void admission_look(struct admission *a, const struct conf *c,
	const struct admission_figures *f)
{
	unsigned above = 0;

	for (unsigned i = 0; i < CONF_THRESHOLDS; i++) {
		const struct conf_marks *m = &c->threshold[i];
		unsigned bit = 1u << i;
		bool before = (a->above & bit) != 0;
		bool now = is_above(m, before, f->now[i]);

		if (now)
			above |= bit;
		if (now != before)
			tell((enum conf_threshold)i, now, f->now[i], m);
	}
	a->above = above;
}

enum admitted admission_judge(struct admission *a, const struct conf *c,
	const struct admission_figures *f, struct slice called, uint64_t now_ms)
{
	unsigned calls = f->now[CONF_TOTAL_CALLS];
	bool spike = spikes(a, c, now_ms);
	enum admitted verdict = ADMIT;

	admission_look(a, c, f);
	if (c->voip.max_calls != 0 && calls >= c->voip.max_calls)
		verdict = ADMIT_NOT_LIMIT;
	else if (a->above != 0)
		verdict = ADMIT_NOT_THRESHOLD;
	else if (spike)
		verdict = ADMIT_NOT_SPIKE;
	return verdict != ADMIT && admission_emergency(c, called)
		       ? ADMIT_EMERGENCY
		       : verdict;
}

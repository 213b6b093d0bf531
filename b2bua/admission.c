/* See admission.h. */
#include "b2bua/admission.h"

#include <string.h>

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
static bool above(struct admission *a, const struct conf *c, size_t calls)
{
	if (c->threshold.high == 0)
		return a->above = false;
	if (calls >= c->threshold.high)
		a->above = true;
	else if (calls <= c->threshold.low)
		a->above = false;
	return a->above;
}

enum admitted admission_judge(struct admission *a, const struct conf *c,
	size_t calls, struct slice called, uint64_t now_ms)
{
	bool spike = spikes(a, c, now_ms), many = above(a, c, calls);
	enum admitted verdict = ADMIT;

	if (c->voip.max_calls != 0 && calls >= c->voip.max_calls)
		verdict = ADMIT_NOT_LIMIT;
	else if (many)
		verdict = ADMIT_NOT_THRESHOLD;
	else if (spike)
		verdict = ADMIT_NOT_SPIKE;
	return verdict != ADMIT && admission_emergency(c, called)
		       ? ADMIT_EMERGENCY
		       : verdict;
}

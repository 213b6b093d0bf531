/* The calendar of a certificate. */
#include "certs/enrol/renew.h"

#include "base/need.h"

enum {
	DAY = 86400,
	JITTER_MAX = 3600, /* seconds; and at most a hundredth of the life */
	WAIT_FIRST = 60,
	WAIT_MAX = 3600,
	DENIED_WAIT = DAY, /* a person said no: not to be asked each minute */
	LOOK_AGAIN = 6 * 3600, /* clocks are set, machines sleep */
};

static const int thresholds[] = { 30, 14, 7, 1 };

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t at_least_one(int64_t v)
{
	return v < 1 ? 1 : v;
}

/* Later by up to a hundredth, so that a site's boxes do not ask at once. */
static int64_t due_time(const struct renew *r)
{
	int64_t life = r->not_after - r->not_before;
	int64_t spread = least(life / 100, JITTER_MAX);
	int64_t due = r->not_before + life * r->p.percent / 100;

	if (spread > 0)
		due += (int64_t)(r->p.seed % (uint64_t)(spread + 1));
	return least(due, r->not_after);
}

void renew_begin(struct renew *r, const struct renew_params *p,
	int64_t not_before, int64_t not_after, bool pending, int64_t now)
{
	*r = (struct renew){ .p = *p,
		.not_before = not_before,
		.not_after = not_after,
		.warned = 1 + thresholds[0] };
	if (!p->automatic) {
		r->state = RENEW_OFF;
		return;
	}
	r->state = pending ? RENEW_PENDING : RENEW_WAITING;
	r->due = not_after == 0 ? now : due_time(r);
	r->at = pending ? now : r->due;
	r->set_at = r->at == now ? now : 0;
}

/* Floor, so that the last day is day 0 and yesterday is -1. */
static int64_t days_left(const struct renew *r, int64_t now)
{
	int64_t left = r->not_after - now;

	return left >= 0 ? left / DAY : -1 - (-left - 1) / DAY;
}

/*
 * One announcement per threshold, one when it is over. What will be renewed
 * in time is not worth a warning, nor that a certificate of an hour has less
 * than a day left.
 */
static bool should_warn(struct renew *r, int64_t now)
{
	int64_t life = r->not_after - r->not_before;
	int64_t left = r->not_after - now;

	if (r->not_after == 0 || r->warned < 0)
		return false;
	if (left < 0) {
		r->warned = -1;
		return true;
	}
	if (r->state != RENEW_OFF && r->attempts == 0)
		return false;
	for (size_t i = ARRAY_SIZE(thresholds); i-- > 0;) {
		int t = thresholds[i];

		if (left > (int64_t)t * DAY || life <= (int64_t)t * DAY ||
			t >= r->warned)
			continue;
		r->warned = t;
		return true;
	}
	return false;
}

/* The clock was set back behind the last attempt: as long a wait, from now. */
static void follow_clock(struct renew *r, int64_t now)
{
	if (r->set_at == 0 || now >= r->set_at)
		return;
	r->at = now + (r->at - r->set_at);
	r->set_at = now;
}

struct renew_step renew_tick(struct renew *r, int64_t now)
{
	struct renew_step s = { .action = RENEW_NOTHING };

	s.days = days_left(r, now);
	s.warn = should_warn(r, now);
	follow_clock(r, now);
	if (r->state == RENEW_OFF || r->state == RENEW_ASKING || now < r->at)
		return s;
	r->state = RENEW_ASKING;
	s.action = RENEW_ASK;
	return s;
}

/* Doubled each time, but never so long that too few tries are left. */
static int64_t wait_after(const struct renew *r, int64_t now)
{
	unsigned shift = r->attempts > 1 ? r->attempts - 1 : 0;
	int64_t wait = shift > 6 ? WAIT_MAX : (int64_t)WAIT_FIRST << shift;
	int64_t left = r->not_after - now;

	wait = least(wait, WAIT_MAX);
	if (r->not_after != 0)
		wait = least(wait,
			at_least_one((r->not_after - r->not_before) / 10));
	if (r->not_after != 0 && left > 0)
		wait = least(wait, at_least_one(left / 4));
	return wait;
}

void renew_done(struct renew *r, enum obtain_outcome outcome,
	unsigned retry_after_s, int64_t now)
{
	int64_t left = r->not_after - now;
	int64_t wait;

	if (r->state != RENEW_ASKING)
		return; /* begun anew meanwhile */
	r->set_at = now;
	switch (outcome) {
	case OBTAIN_DONE:
		r->attempts = r->asked = 0;
		r->state = RENEW_WAITING;
		r->at = r->due = now + LOOK_AGAIN;
		return;
	case OBTAIN_PENDING:
		r->asked++;
		wait = retry_after_s != 0 ? retry_after_s : r->p.pending_s;
		if (r->not_after != 0 && left > 0)
			wait = least(wait, at_least_one(left / 4));
		if (r->p.pending_max != 0 && r->asked > r->p.pending_max)
			wait = LOOK_AGAIN; /* it may yet be granted */
		r->state = RENEW_PENDING;
		r->at = now + at_least_one(wait);
		return;
	case OBTAIN_DENIED:
		r->attempts++;
		wait = r->not_after != 0 && left > 0
			       ? least(DENIED_WAIT, at_least_one(left / 4))
			       : DENIED_WAIT;
		r->state = RENEW_RETRYING;
		r->at = now + wait;
		return;
	case OBTAIN_FAILED:
		break;
	}
	r->attempts++;
	wait = wait_after(r, now);
	if (retry_after_s != 0 && retry_after_s > wait &&
		(left <= 0 || retry_after_s < left / 2))
		wait = retry_after_s;
	r->state = RENEW_RETRYING;
	r->at = now + wait;
}

/* The next threshold, the end, or the next attempt. */
int64_t renew_next(const struct renew *r, int64_t now)
{
	int64_t next = now + LOOK_AGAIN;

	if (r->state != RENEW_OFF && r->state != RENEW_ASKING)
		next = least(next, r->at);
	if (r->not_after >= now) {
		next = least(next, r->not_after + 1);
		for (size_t i = 0; i < ARRAY_SIZE(thresholds); i++) {
			int64_t t = r->not_after - (int64_t)thresholds[i] * DAY;

			if (t > now)
				next = least(next, t);
		}
	}
	return next > now ? next : now + 1;
}

const char *renew_state_name(enum renew_state s)
{
	static const char *const names[] = { "off", "waiting", "asking",
		"pending", "retrying" };

	return names[s];
}

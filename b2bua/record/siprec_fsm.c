/*
 * A recording's life as a table, like a call's (call_fsm.c). An action may
 * post one event of our own, which is taken right after it.
 *
 *   IDLE → CALLING → UP ⇄ ASKING, ASKED → ENDING → OVER
 *
 * OVER stays until the call has ended, for show.
 */
#include "b2bua/record/siprec_int.h"
#include "base/metric.h"
#include "base/obj.h"

struct rule {
	enum rec_state state;
	enum rec_event event;
	rec_action_fn *action;
	enum rec_state next;
};

static const struct rule rules[] = {
	/* clang-format off */
	{ REC_IDLE,    RE_BEGIN,    rec_begin,        REC_CALLING },

	{ REC_CALLING, RE_ANSWER,   rec_answered,     REC_UP      },
	{ REC_CALLING, RE_REJECT,   rec_next,         REC_CALLING },
	{ REC_CALLING, RE_TIMEOUT,  rec_next,         REC_CALLING },
	{ REC_CALLING, RE_CHANGE,   rec_note_change,  REC_CALLING },
	{ REC_CALLING, RE_REQUEST,  rec_refuse_early, REC_CALLING },
	{ REC_CALLING, RE_END,      rec_give_up,      REC_OVER    },
	{ REC_CALLING, RE_FAIL,     rec_failed,       REC_OVER    },

	{ REC_UP,      RE_CHANGE,   rec_change,       REC_ASKING  },
	{ REC_UP,      RE_INVITE,   rec_asked,        REC_ASKED   },
	{ REC_UP,      RE_REQUEST,  rec_request,      REC_UP      },
	{ REC_UP,      RE_BYE,      rec_left,         REC_OVER    },
	{ REC_UP,      RE_END,      rec_hang_up,      REC_ENDING  },
	{ REC_UP,      RE_FAIL,     rec_hang_up,      REC_ENDING  },

	{ REC_ASKING,  RE_REPLY,    rec_reply,        REC_UP      },
	{ REC_ASKING,  RE_CHANGE,   rec_note_change,  REC_ASKING  },
	{ REC_ASKING,  RE_INVITE,   rec_glare,        REC_ASKING  }, /* RFC 3261 14.2 */
	{ REC_ASKING,  RE_REQUEST,  rec_request,      REC_ASKING  },
	{ REC_ASKING,  RE_BYE,      rec_left,         REC_OVER    },
	{ REC_ASKING,  RE_END,      rec_hang_up,      REC_ENDING  },
	{ REC_ASKING,  RE_FAIL,     rec_hang_up,      REC_ENDING  },

	{ REC_ASKED,   RE_SETTLED,  rec_settled,      REC_UP      },
	{ REC_ASKED,   RE_NO_ACK,   rec_no_ack,       REC_ENDING  },
	{ REC_ASKED,   RE_CHANGE,   rec_note_change,  REC_ASKED   },
	{ REC_ASKED,   RE_REQUEST,  rec_request,      REC_ASKED   },
	{ REC_ASKED,   RE_BYE,      rec_left,         REC_OVER    },
	{ REC_ASKED,   RE_END,      rec_hang_up,      REC_ENDING  },

	{ REC_ENDING,  RE_BYE_DONE, rec_over,         REC_OVER    },
	{ REC_ENDING,  RE_BYE,      rec_left_too,     REC_ENDING  }, /* both at once */
	{ REC_ENDING,  RE_REPLY,    rec_late_reply,   REC_ENDING  },
	{ REC_ENDING,  RE_INVITE,   rec_gone,         REC_ENDING  },
	{ REC_ENDING,  RE_REQUEST,  rec_gone,         REC_ENDING  },
	{ REC_ENDING,  RE_SETTLED,  rec_ignore,       REC_ENDING  },
	{ REC_ENDING,  RE_CHANGE,   rec_ignore,       REC_ENDING  },
	{ REC_ENDING,  RE_END,      rec_ignore,       REC_ENDING  },

	{ REC_OVER,    RE_END,      rec_ignore,       REC_OVER    },
	/* clang-format on */
};

static uint64_t taken[ARRAY_SIZE(rules)]; /* of the sip thread */

static const char *const state_names[REC_STATE_COUNT] = {
	[REC_IDLE] = "idle",
	[REC_CALLING] = "calling",
	[REC_UP] = "up",
	[REC_ASKING] = "asking",
	[REC_ASKED] = "asked",
	[REC_ENDING] = "ending",
	[REC_OVER] = "over",
};

static const char *const event_names[REC_EVENT_COUNT] = {
	[RE_BEGIN] = "BEGIN",
	[RE_ANSWER] = "ANSWER",
	[RE_REJECT] = "REJECT",
	[RE_TIMEOUT] = "TIMEOUT",
	[RE_CHANGE] = "CHANGE",
	[RE_REPLY] = "REPLY",
	[RE_INVITE] = "INVITE",
	[RE_REQUEST] = "REQUEST",
	[RE_SETTLED] = "SETTLED",
	[RE_NO_ACK] = "NO_ACK",
	[RE_BYE] = "BYE",
	[RE_BYE_DONE] = "BYE_DONE",
	[RE_END] = "END",
	[RE_FAIL] = "FAIL",
};

const char *rec_state_name(enum rec_state s)
{
	return state_names[s];
}

size_t siprec_rules(struct siprec_rule_use *out, size_t max)
{
	size_t n = ARRAY_SIZE(rules) < max ? ARRAY_SIZE(rules) : max;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct siprec_rule_use){
			.state = state_names[rules[i].state],
			.event = event_names[rules[i].event],
			.taken = taken[i]
		};
	return n;
}

void rec_post(struct recording *r, enum rec_event what)
{
	need(!r->posted);
	r->posted = true;
	r->post = what;
}

static const struct rule *find_rule(enum rec_state s, enum rec_event e)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].state == s && rules[i].event == e)
			return &rules[i];
	return NULL;
}

static void step(struct recording *r, const struct rec_said *e)
{
	const struct rule *rule = find_rule(r->state, e->what);

	log_debug(DEBUG_SIP_CALLS, &r->log, "recording %s + %s%s",
		state_names[r->state], event_names[e->what],
		rule == NULL ? ": nothing listed" : "");
	if (rule == NULL) {
		metric_inc(M_CALL_UNEXPECTED);
		if (e->txn != NULL)
			core_refuse(r->core, e->txn, REFUSE_OUT_OF_ORDER);
		return;
	}
	taken[rule - rules]++;
	rule->action(r, e);
	r->state = rule->next;
}

void rec_event(struct recording *r, const struct rec_said *e)
{
	struct rec_said own = *e;

	obj_ref(r);
	step(r, e);
	while (r->posted) {
		r->posted = false;
		own = (struct rec_said){ .what = r->post };
		step(r, &own);
	}
	if (r->state == REC_OVER && r->call == NULL)
		rec_forget(r);
	obj_unref(r);
}

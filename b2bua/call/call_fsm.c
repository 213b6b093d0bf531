/*
 * A call's life as a table. A is who called us, B whom we call. An action may
 * post one event of our own (FAIL, TELL, HANGUP, QUIET), which is taken right after
 * it. A pair that is not listed changes nothing and is counted.
 *
 *   IDLE → DIALING → RINGING → ANSWERED → UP → (REFERRED →) ENDING → DONE
 *                  → TELLING → ENDING, where a caller hears why not
 *
 * ENDING lasts until BYEs and a cancelled INVITE have their final answers, so
 * that what crosses on the wire finds somebody to answer it.
 */
#include "b2bua/call/call_int.h"
#include "b2bua/call/desc.h"
#include "base/metric.h"
#include "base/obj.h"

struct rule {
	enum call_state state;
	enum call_event event;
	call_action_fn *action;
	enum call_state next;
};

static const struct rule rules[] = {
	/* clang-format off */
	{ CALL_IDLE,     EV_INVITE,   call_begin,          CALL_DIALING  },

	{ CALL_IDLE,     EV_TRANSFER, transfer_begin,      CALL_DIALING  }, /* a REFER answered here */

	{ CALL_DIALING,  EV_PROGRESS, call_progress,       CALL_RINGING  },
	{ CALL_DIALING,  EV_JOIN,     transfer_dial,       CALL_DIALING  },
	{ CALL_DIALING,  EV_ANSWER,   call_answer,         CALL_ANSWERED },
	{ CALL_DIALING,  EV_REJECT,   call_reject,         CALL_DIALING  },
	{ CALL_DIALING,  EV_CANCEL,   call_cancelled,      CALL_ENDING   },
	{ CALL_DIALING,  EV_REQUEST,  call_defer,          CALL_DIALING  },
	{ CALL_DIALING,  EV_REPLY,    call_reply,          CALL_DIALING  }, /* to what was asked of a leg that came */
	{ CALL_DIALING,  EV_BYE,      call_early_bye,      CALL_ENDING   },
	{ CALL_DIALING,  EV_TIMEOUT,  call_ring_timeout,   CALL_DIALING  },
	{ CALL_DIALING,  EV_FAIL,     call_give_up,        CALL_ENDING   },
	{ CALL_DIALING,  EV_HANGUP,   call_give_up,        CALL_ENDING   },

	{ CALL_DIALING,  EV_TELL,     call_tell,           CALL_TELLING  },

	{ CALL_TELLING,  EV_PLAYED,   call_told,           CALL_ENDING   },
	{ CALL_TELLING,  EV_TIMEOUT,  call_told,           CALL_ENDING   },
	{ CALL_TELLING,  EV_CANCEL,   call_cancelled,      CALL_ENDING   },
	{ CALL_TELLING,  EV_BYE,      call_early_bye,      CALL_ENDING   },
	{ CALL_TELLING,  EV_REQUEST,  call_tell_only,      CALL_TELLING  },
	{ CALL_TELLING,  EV_PRACK,    call_tell_only,      CALL_TELLING  },
	{ CALL_TELLING,  EV_FAIL,     call_give_up,        CALL_ENDING   },
	{ CALL_TELLING,  EV_HANGUP,   call_give_up,        CALL_ENDING   },

	{ CALL_RINGING,  EV_PROGRESS, call_progress,       CALL_RINGING  },
	{ CALL_RINGING,  EV_ANSWER,   call_answer,         CALL_ANSWERED },
	{ CALL_RINGING,  EV_REJECT,   call_reject,         CALL_DIALING  },
	{ CALL_RINGING,  EV_CANCEL,   call_cancelled,      CALL_ENDING   },
	{ CALL_RINGING,  EV_REQUEST,  call_request,        CALL_RINGING  },
	{ CALL_RINGING,  EV_REPLY,    call_reply,          CALL_RINGING  },
	{ CALL_RINGING,  EV_PRACK,    call_prack,          CALL_RINGING  },
	{ CALL_RINGING,  EV_BYE,      call_early_bye,      CALL_ENDING   },
	{ CALL_RINGING,  EV_TIMEOUT,  call_ring_timeout,   CALL_RINGING  },
	{ CALL_RINGING,  EV_PICKUP,   call_pick_up,        CALL_ANSWERED },
	{ CALL_RINGING,  EV_HANGUP,   call_give_up,        CALL_ENDING   },

	{ CALL_ANSWERED, EV_ACK,      call_confirm,        CALL_UP       },
	{ CALL_ANSWERED, EV_JOIN,     transfer_join,       CALL_ANSWERED },
	{ CALL_ANSWERED, EV_REJECT,   transfer_join_refused, CALL_ANSWERED },
	{ CALL_ANSWERED, EV_NO_ACK,   call_give_up,        CALL_ENDING   },
	{ CALL_ANSWERED, EV_REQUEST,  call_request,        CALL_ANSWERED },
	{ CALL_ANSWERED, EV_REPLY,    call_reply,          CALL_ANSWERED },
	{ CALL_ANSWERED, EV_PRACK,    call_prack,          CALL_ANSWERED },
	{ CALL_ANSWERED, EV_BYE,      call_bye,            CALL_ENDING   },
	{ CALL_ANSWERED, EV_FAIL,     call_give_up,        CALL_ENDING   },
	{ CALL_ANSWERED, EV_HANGUP,   call_give_up,        CALL_ENDING   },

	{ CALL_UP,       EV_REQUEST,  call_request,        CALL_UP       },
	{ CALL_UP,       EV_REPLY,    call_reply,          CALL_UP       },
	{ CALL_UP,       EV_ACK,      call_re_ack,         CALL_UP       },
	{ CALL_UP,       EV_CANCEL,   call_re_cancel,      CALL_UP       },
	{ CALL_UP,       EV_NO_ACK,   call_give_up,        CALL_ENDING   },
	{ CALL_UP,       EV_REFRESH,  call_refresh,        CALL_UP       },
	{ CALL_UP,       EV_EXPIRED,  call_expired,        CALL_ENDING   },
	{ CALL_UP,       EV_BYE,      call_bye,            CALL_ENDING   },
	{ CALL_UP,       EV_FAIL,     call_give_up,        CALL_ENDING   },
	{ CALL_UP,       EV_HANGUP,   call_give_up,        CALL_ENDING   },

	{ CALL_UP,       EV_MOVED,    call_ignore,         CALL_REFERRED },

	{ CALL_REFERRED, EV_REQUEST,  call_defer,          CALL_REFERRED },
	{ CALL_REFERRED, EV_REPLY,    call_drop_reply,     CALL_REFERRED },
	{ CALL_REFERRED, EV_RETURN,   call_ignore,         CALL_UP       },
	{ CALL_REFERRED, EV_BYE,      call_bye,            CALL_ENDING   },
	{ CALL_REFERRED, EV_HANGUP,   call_give_up,        CALL_ENDING   },
	{ CALL_REFERRED, EV_TIMEOUT,  call_give_up,        CALL_ENDING   },

	{ CALL_ENDING,   EV_PROGRESS, call_ignore,         CALL_ENDING   },
	{ CALL_ENDING,   EV_ANSWER,   call_crossed_answer, CALL_ENDING   }, /* our CANCEL (RFC 3261 9.1) */
	{ CALL_ENDING,   EV_REJECT,   call_b_is_gone,      CALL_ENDING   },
	{ CALL_ENDING,   EV_ACK,      call_late_ack,       CALL_ENDING   },
	{ CALL_ENDING,   EV_NO_ACK,   call_late_ack,       CALL_ENDING   },
	{ CALL_ENDING,   EV_BYE,      call_bye_crossed,    CALL_ENDING   },
	{ CALL_ENDING,   EV_REQUEST,  call_gone,           CALL_ENDING   },
	{ CALL_ENDING,   EV_PRACK,    call_gone,           CALL_ENDING   },
	{ CALL_ENDING,   EV_REPLY,    call_drop_reply,     CALL_ENDING   },
	{ CALL_ENDING,   EV_BYE_DONE, call_bye_done,       CALL_ENDING   },
	{ CALL_ENDING,   EV_HANGUP,   call_ignore,         CALL_ENDING   },
	{ CALL_ENDING,   EV_RETURN,   call_ignore,         CALL_ENDING   },
	{ CALL_ENDING,   EV_TIMEOUT,  call_release,        CALL_DONE     },
	{ CALL_ENDING,   EV_QUIET,    call_release,        CALL_DONE     },
	/* clang-format on */
};

static uint64_t taken[ARRAY_SIZE(rules)]; /* of the sip thread */

static const char *const state_names[CALL_STATE_COUNT] = {
	[CALL_IDLE] = "idle",
	[CALL_DIALING] = "dialing",
	[CALL_TELLING] = "telling",
	[CALL_RINGING] = "ringing",
	[CALL_ANSWERED] = "answered",
	[CALL_UP] = "up",
	[CALL_REFERRED] = "referred",
	[CALL_ENDING] = "ending",
	[CALL_DONE] = "done",
};

static const char *const event_names[CALL_EVENT_COUNT] = {
	[EV_INVITE] = "INVITE",
	[EV_PROGRESS] = "PROGRESS",
	[EV_ANSWER] = "ANSWER",
	[EV_REJECT] = "REJECT",
	[EV_ACK] = "ACK",
	[EV_NO_ACK] = "NO_ACK",
	[EV_CANCEL] = "CANCEL",
	[EV_REQUEST] = "REQUEST",
	[EV_BYE] = "BYE",
	[EV_REPLY] = "REPLY",
	[EV_PRACK] = "PRACK",
	[EV_BYE_DONE] = "BYE_DONE",
	[EV_FAIL] = "FAIL",
	[EV_TELL] = "TELL",
	[EV_PLAYED] = "PLAYED",
	[EV_HANGUP] = "HANGUP",
	[EV_TIMEOUT] = "TIMEOUT",
	[EV_REFRESH] = "REFRESH",
	[EV_EXPIRED] = "EXPIRED",
	[EV_QUIET] = "QUIET",
	[EV_TRANSFER] = "TRANSFER",
	[EV_JOIN] = "JOIN",
	[EV_MOVED] = "MOVED",
	[EV_RETURN] = "RETURN",
	[EV_PICKUP] = "PICKUP",
};

const char *call_state_name(enum call_state s)
{
	return state_names[s];
}

const char *call_event_name(enum call_event e)
{
	return event_names[e];
}

size_t call_rules(struct call_rule_use *out, size_t max)
{
	size_t n = ARRAY_SIZE(rules) < max ? ARRAY_SIZE(rules) : max;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct call_rule_use){ .state = rules[i].state,
			.event = rules[i].event,
			.taken = taken[i] };
	return n;
}

void call_post(struct call *c, enum call_event what)
{
	need(!c->posted || what == EV_QUIET);
	if (c->posted)
		return;
	c->posted = true;
	c->post = what;
}

static const struct rule *find_rule(enum call_state s, enum call_event e)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].state == s && rules[i].event == e)
			return &rules[i];
	return NULL;
}

static void step(struct call *c, const struct event *e)
{
	const struct rule *r = find_rule(c->state, e->what);

	log_debug(DEBUG_SIP_CALLS, &c->leg[e->side].log, "%s + %s from %c%s",
		state_names[c->state], event_names[e->what], 'A' + e->side,
		r == NULL ? ": nothing listed" : "");
	if (r == NULL) {
		metric_inc(M_CALL_UNEXPECTED);
		if (e->txn != NULL)
			core_refuse(c->core, e->txn, REFUSE_OUT_OF_ORDER);
		return;
	}
	taken[r - rules]++;
	r->action(c, e);
	c->state = r->next;
	if (c->state == CALL_ENDING)
		call_count(c, false);
	if (c->state == CALL_ENDING && call_quiet(c))
		call_post(c, EV_QUIET);
}

void call_event(struct call *c, const struct event *e)
{
	struct desc_memo *read = c->core->read;
	struct event own = *e;

	obj_ref(c); /* the last action may release it */
	desc_memo_begin(read);
	step(c, e);
	while (c->posted) {
		c->posted = false;
		own.what = c->post;
		own.txn = NULL; /* the first action answered it */
		step(c, &own);
	}
	desc_memo_end(read);
	obj_unref(c);
}

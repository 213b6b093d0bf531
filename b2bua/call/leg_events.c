/* What the port tells of a leg's dialog: everything becomes an event of its
 * call. */
#include "b2bua/call/call_int.h"
#include "b2bua/dtmf/keys_int.h"

static void on_request(void *arg, struct sip_txn *t, const struct sip_msg *m)
{
	struct leg *l = arg;
	struct sip_msg *now = leg_profile_received(l, m);

	call_event(l->call,
		&(struct event){
			.what = m->method == SIP_BYE ? EV_BYE : EV_REQUEST,
			.side = l->side,
			.txn = t,
			.m = now != NULL ? now : m });
	sip_msg_free(now);
}

static void on_ack(void *arg, const struct sip_msg *m)
{
	struct leg *l = arg;
	struct sip_msg *now;

	if (l->joining && m != NULL)
		return; /* repeated, of an exchange before it came */
	now = leg_profile_received(l, m);
	call_event(l->call,
		&(struct event){ .what = m != NULL ? EV_ACK : EV_NO_ACK,
			.side = l->side,
			.m = now != NULL ? now : m });
	sip_msg_free(now);
}

static void on_prack(void *arg, struct sip_txn *t, const struct sip_msg *m)
{
	struct leg *l = arg;
	struct event e = {
		.what = EV_PRACK, .side = l->side, .txn = t, .m = m
	};

	if (t == NULL) {
		call_fail(l->call, REFUSE_NO_PRACK);
		e.what = EV_HANGUP;
	}
	call_event(l->call, &e);
}

static void on_cancel(void *arg, const struct sip_msg *m)
{
	struct leg *l = arg;

	call_event(l->call,
		&(struct event){ .what = EV_CANCEL, .side = l->side, .m = m });
}

/* What the caller is told instead of a challenge that is not for him. */
static void without_challenge(struct sip_msg *out, const struct sip_msg *m)
{
	size_t n = 0;

	*out = *m;
	out->status = 403;
	out->reason = SLICE_LIT("Forbidden");
	for (size_t i = 0; i < m->nhdrs; i++)
		if (!slice_caseeq_str(m->hdr[i].name, "WWW-Authenticate") &&
			!slice_caseeq_str(m->hdr[i].name, "Proxy-Authenticate"))
			out->hdr[n++] = m->hdr[i];
	out->nhdrs = n;
}

static void on_response(void *arg, void *cookie, const struct sip_msg *m)
{
	struct leg *l = arg;
	struct event e = { .side = l->side, .m = m, .cookie = cookie };
	struct sip_msg *now, *best = NULL, told;
	bool refused = false;

	if (m->status >= 200 && leg_auth_again(l, cookie, m, &refused))
		return;
	if (refused) {
		without_challenge(&told, m);
		e.m = m = &told;
	}
	if (cookie == &cookie_invite)
		l->said = m->status;
	if (cookie == &cookie_invite || cookie == &cookie_rejoin) {
		e.what = m->status < 200   ? EV_PROGRESS
			 : m->status < 300 ? EV_ANSWER
					   : EV_REJECT;
		if (m->status >= 200)
			l->invite_pending = false;
	} else if (m->status < 200) {
		return; /* what a mid-call request takes is not passed */
	} else if (cookie == &cookie_bye) {
		e.what = EV_BYE_DONE;
		l->bye_pending = false;
	} else if (cookie == &cookie_key || cookie == &cookie_kpml) {
		keys_answered(l, cookie, m);
		return;
	} else if (cookie == &cookie_prack || cookie == &cookie_notify) {
		return; /* repeated or failing, B's INVITE tells; or nobody
			 * listens to how a transfer went */
	} else if (cookie == &cookie_join) {
		l->invite_pending = false;
		e.what = m->status < 300 ? EV_ACK : EV_REJECT;
		if (m->status < 300)
			leg_ack(l, &(struct leg_msg){ 0 });
	} else {
		e.what = EV_REPLY;
	}
	now = leg_profile_received(l, m);
	if (now != NULL)
		e.m = now;
	if (e.what != EV_REJECT || !ring_refused(l->call, e.m, &best)) {
		if (best != NULL)
			e.m = best;
		call_event(l->call, &e);
	}
	sip_msg_free(best);
	sip_msg_free(now);
}

const struct sip_dlg_user leg_dlg_user = {
	.request = on_request,
	.ack = on_ack,
	.prack = on_prack,
	.cancel = on_cancel,
	.response = on_response,
};

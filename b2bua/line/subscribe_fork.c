/*
 * A SUBSCRIBE or REFER that was forked on its way: each who took it notifies in
 * a dialog of his own (RFC 6665 4.1.4, 4.4.1). Each is a subscription of its
 * own then, with a dialog of its own towards who asked, who refreshes and ends
 * them one by one, or wants no second (481).
 */
#include "b2bua/line/subscribe_int.h"
#include "base/metric.h"
#include "base/obj.h"

/* Until a NOTIFY or a refresh says more. */
static int64_t lives(const struct sub *s)
{
	uint64_t now = s->core->port->ops->now_ms(s->core->port);

	if (!s->end[1].up)
		return s->asked_s;
	return s->ends_ms > now ? (int64_t)((s->ends_ms - now) / 1000) : 0;
}

static void name_like(struct sub *n, const struct sub *s)
{
	n->born_ms = s->core->port->ops->now_ms(s->core->port);
	n->event_value = mem_dup(s->event_value);
	slice_fit(slice_str(s->who), n->who, sizeof(n->who));
	slice_fit(slice_str(s->of), n->of, sizeof(n->of));
	slice_fit(slice_str(s->event), n->event, sizeof(n->event));
}

void sub_fork(void *arg, struct sip_dlg *d, struct sip_txn *t,
	const struct sip_msg *m)
{
	const struct sub_end *e = arg;
	const struct sub *s = e->sub;
	struct sip_port *port = s->core->port;
	struct sub *n;

	if (s->over || sub_family(s) >= SUBS_FORKS ||
		!sub_has_room(s->core, s->phone, &s->phone_addr)) {
		metric_inc(M_SUBS_REFUSED);
		core_refuse(s->core, t, REFUSE_NO_DIALOG);
		port->ops->dlg_close(port, d);
		return;
	}
	metric_inc(M_SUBS_FORKED);
	n = sub_new_like(s);
	n->refer = s->refer;
	n->forked = true;
	name_like(n, s);
	n->end[1].dlg = d;
	port->ops->dlg_set_user(port, d, &sub_dlg_user, &n->end[1]);
	n->end[0].dlg = port->ops->dlg_fork(
		port, s->end[0].dlg, &sub_dlg_user, &n->end[0]);
	n->end[0].up = n->end[1].up = true;
	sub_live(n, lives(s));
	sub_dlg_user.request(&n->end[1], t, m);
}

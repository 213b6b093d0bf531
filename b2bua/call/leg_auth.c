/* Challenges to requests of a leg: dlg_auth.h. */
#include "b2bua/call/call_int.h"

static struct dlg_asker asker(struct leg *l)
{
	return (struct dlg_asker){ .core = l->call->core,
		.conf = l->call->conf,
		.peer = l->peer,
		.dlg = l->dlg,
		.auth = &l->auth };
}

/* What a phone asks is answered by its own user. */
int leg_auth_send(
	struct leg *l, struct hdrs *h, struct sip_out *o, void *cookie)
{
	struct sip_port *port = l->call->core->port;
	const struct dlg_asker d = asker(l);

	if (l->where != CONF_CORE)
		return port->ops->send(port, l->dlg, o, cookie);
	return dlg_auth_send(&d, h, o, cookie);
}

bool leg_auth_again(
	struct leg *l, void *cookie, const struct sip_msg *m, bool *refused)
{
	struct dlg_asker d = asker(l);
	/* a call that was given up does not begin anew */
	bool wanted = cookie != &cookie_invite || l->call->state < CALL_ENDING;

	return dlg_auth_again(&d, cookie, m, wanted, refused);
}

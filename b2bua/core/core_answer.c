/*
 * The answers outside calls, and those in calls that no profile changes. A
 * refusal of ours is a row of refusals.def and tells its cause; there is no
 * way to give a bare status.
 */
#include "b2bua/core/core_int.h"
#include "b2bua/sip/cause.h"

void core_answer(
	struct core *c, struct sip_txn *t, int status, const struct sip_out *o)
{
	need(status < 300);
	c->port->ops->answer(c->port, t, status, NULL, o);
}

static void add_warning(
	const struct core *c, struct hdrs *h, unsigned code, const char *text)
{
	char value[CAUSE_TEXT];

	hdrs_add_str(h, "Warning",
		cause_warning(code,
			c->conf->hostname != NULL ? c->conf->hostname
						  : "lineside",
			text, value));
}

void core_add_why(const struct core *c, struct hdrs *h, const struct fail *f)
{
	char text[CAUSE_TEXT];

	hdrs_add_str(h, "Reason", cause_reason(fail_q850(f), text));
	if (f->warning != 0)
		add_warning(c, h, f->warning, f->text);
	if (f->name != NULL)
		hdrs_add_str(h, f->name, f->value);
}

void core_refuse_for(struct core *c, struct sip_txn *t, const struct fail *f)
{
	struct sip_out o = { .no_contact = true };
	struct hdrs h;

	need(f->status >= 300);
	hdrs_init(&h);
	core_add_why(c, &h, f);
	o.nhdrs = h.n;
	o.hdr = h.v;
	c->port->ops->answer(c->port, t, f->status, NULL, &o);
	hdrs_free(&h);
}

void core_refuse(struct core *c, struct sip_txn *t, enum refusal r)
{
	struct fail f = fail_of(r);

	core_refuse_for(c, t, &f);
}

void core_pass(struct core *c, struct sip_txn *t, const struct sip_msg *m,
	int status, struct sip_out *o)
{
	struct fail f;

	need(m->response && m->status >= 300 && status >= 300);
	if (m->local) {
		f = fail_silent(m);
		f.status = status;
		core_refuse_for(c, t, &f);
		return;
	}
	o->passed = true;
	c->port->ops->answer(c->port, t, status, NULL, o);
}

bool core_refuse_unsupported(
	struct core *c, struct sip_txn *t, const struct sip_msg *m)
{
	struct fail f = fail_of(REFUSE_EXTENSION);
	char tags[256];

	if (!headers_unsupported(m, tags, sizeof(tags)))
		return false;
	f.name = "Unsupported";
	f.value = tags;
	core_refuse_for(c, t, &f);
	return true;
}

void core_refuse_method(
	struct core *c, struct sip_txn *t, const struct sip_msg *m)
{
	struct fail f =
		fail_of(m->method == SIP_OTHER ? REFUSE_METHOD_UNKNOWN
					       : REFUSE_METHOD_NOT_HERE);

	f.name = "Allow";
	f.value = headers_allow;
	core_refuse_for(c, t, &f);
}

/* What is said to recorders: by the rules of their dial-peer's sip-profiles,
 * and with answers to their challenges. */
#include <stdlib.h>
#include <string.h>

#include "b2bua/record/siprec_int.h"
#include "b2bua/route/profile.h"
#include "base/obj.h"

char rec_cookie_invite, rec_cookie_again, rec_cookie_bye;

/* What most messages of ours say: that it is a recording client's. */
static void build(struct recording *r, struct hdrs *h, struct sip_out *o)
{
	hdrs_init(h);
	hdrs_add_str(h, "Allow", "INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS");
	hdrs_add_str(h, "Accept",
		"application/sdp, application/rs-metadata-request");
	o->contact_user = slice_str(r->conf->hostname);
	o->contact_params = SLICE_LIT(";+sip.src");
	o->max_forwards = -1;
}

static void add_body(
	struct hdrs *h, struct sip_out *o, const char *type, const char *body)
{
	hdrs_add_str(h, "Content-Type", type);
	if (strncmp(type, "multipart", 9) == 0)
		hdrs_add_str(h, "MIME-Version", "1.0");
	o->body = slice_str(body);
	o->nhdrs = h->n;
	o->hdr = h->v;
}

/* The SDP as the rules want it, to be wiped and freed; NULL: as it is. */
static char *by_rules(const struct recording *r, struct profile_msg *m,
	struct hdrs *h, struct sip_out *o)
{
	const struct conf_sip_profile *p =
		conf_peer_profile(r->conf, rec_peer(r), false);

	m->h = h;
	if (p != NULL)
		profile_apply(p, m);
	o->nhdrs = h->n;
	o->hdr = h->v;
	return m->new_body;
}

static char *request_by_rules(const struct recording *r, struct hdrs *h,
	struct sip_out *o, const char *sdp)
{
	struct profile_msg m = { .method =
					 slice_str(sip_method_text(o->method)),
		.ruri = o->ruri.n > 0 ? &o->ruri : NULL,
		.body = slice_str(sdp) };

	return by_rules(r, &m, h, o);
}

static struct dlg_asker asker(struct recording *r)
{
	return (struct dlg_asker){ .core = r->core,
		.conf = r->conf,
		.peer = rec_peer(r),
		.dlg = r->dlg,
		.auth = &r->auth };
}

int rec_send_invite(struct recording *r, const char *requri, void *cookie)
{
	const struct dlg_asker d = asker(r);
	struct sip_out o = { .method = SIP_INVITE, .ruri = slice_str(requri) };
	struct hdrs h;
	char *type, *body, *sdp;
	int err;

	build(r, &h, &o);
	hdrs_add_str(&h, "Require", "siprec");
	sdp = request_by_rules(r, &h, &o, r->coming);
	body = rec_body(r, sdp != NULL ? sdp : r->coming, &type);
	add_body(&h, &o, type, body);
	err = dlg_auth_send(&d, &h, &o, cookie);
	hdrs_free(&h);
	leg_text_set(&body, NULL); /* keys */
	leg_text_set(&sdp, NULL);
	free(type);
	return err;
}

void rec_ack(struct recording *r)
{
	struct sip_port *port = r->core->port;
	struct sip_out o = { .method = SIP_ACK, .max_forwards = -1 };
	struct hdrs h;

	hdrs_init(&h);
	(void)request_by_rules(r, &h, &o, NULL);
	dlg_auth_ack(r->auth, &h, &o);
	(void)port->ops->ack(port, r->dlg, &o);
	hdrs_free(&h);
}

void rec_answer(struct recording *r, const struct rec_said *e, const char *sdp)
{
	struct profile_msg m = { .response = true,
		.status = 200,
		.method = e->m->method_name,
		.body = slice_str(sdp) };
	struct sip_out o = { 0 };
	struct hdrs h;
	char *made;

	build(r, &h, &o);
	made = by_rules(r, &m, &h, &o);
	if (sdp != NULL)
		add_body(&h, &o, "application/sdp", made != NULL ? made : sdp);
	core_answer(r->core, e->txn, 200, &o);
	hdrs_free(&h);
	leg_text_set(&made, NULL);
}

void rec_bye(struct recording *r)
{
	const struct dlg_asker d = asker(r);
	struct sip_out o = { .method = SIP_BYE, .max_forwards = -1 };
	struct hdrs h;

	hdrs_init(&h);
	(void)request_by_rules(r, &h, &o, NULL);
	if (dlg_auth_send(&d, &h, &o, &rec_cookie_bye) != 0)
		rec_post(r, RE_BYE_DONE);
	hdrs_free(&h);
}

bool rec_sent_again(struct recording *r, void *cookie, const struct sip_msg *m,
	bool *disbelieved)
{
	struct dlg_asker d = asker(r);
	bool wanted = cookie == &rec_cookie_bye || r->state < REC_ENDING;

	return dlg_auth_again(&d, cookie, m, wanted, disbelieved);
}

struct sip_msg *rec_received(const struct recording *r, const struct sip_msg *m)
{
	return profile_received(
		conf_peer_profile(r->conf, rec_peer(r), true), m);
}

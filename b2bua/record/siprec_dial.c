/* To which recorder a recording goes: dial-peers of the media profile, and
 * their hosts, one after the other. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/record/siprec_int.h"
#include "b2bua/route/profile.h"
#include "b2bua/trunk/keepalive.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"

static uint32_t random_share(void *arg)
{
	(void)arg;
	return random_u32();
}

/* Hosts of the dial-peer; those that answer no OPTIONS are left out. */
static void enter_peer(struct recording *r)
{
	const struct conf_dial_peer *p = rec_peer(r);
	struct conf_host v[ROUTE_HOSTS_MAX];
	size_t n;

	r->nhosts = r->host_at = 0;
	if (p->shutdown) {
		rec_because(r, "the recorder's dial-peer is shut down");
		return;
	}
	n = route_hosts(r->conf, p, 0, random_share, NULL, v);
	for (size_t i = 0; i < n; i++)
		if (!keepalive_down(r->core->keepalives, r->conf, p, &v[i]))
			r->host[r->nhosts++] = v[i];
	if (r->nhosts == 0)
		rec_because(r, "the recorder is busied out");
}

static void set_policy(struct recording *r)
{
	const struct conf_dial_peer *p = rec_peer(r);

	r->policy = (struct neg_policy){
		.srtp = conf_peer_srtp(r->conf, p),
		.keys_allowed = p->transport == CONF_TLS || p->insecure_sdes,
		.form = conf_peer_srtp_offer(r->conf, p),
		.cm256_names = p->cm256_names,
		.unpadded_keys = p->unpadded_keys,
		.rtcp_mux = conf_peer_rtcp_mux(r->conf, p),
		.dscp = (uint8_t)conf_dscp_media(p),
		.codecs = p->codecs,
		.cryptos = conf_peer_cryptos(p),
	};
}

/* The recorder's number, where its dial-peer names one and no pattern. */
static struct slice number_of(const struct conf_dial_peer *p)
{
	struct slice s = slice_str(p->destination);

	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') && (i > 0 || s.p[i] != '+'))
			return (struct slice){ 0 };
	return s;
}

static char *uri_of(const struct recording *r)
{
	const struct conf_dial_peer *p = rec_peer(r);
	const struct conf_host *to = &r->host[r->host_at];
	struct slice number = number_of(p);
	struct text t = { 0 };
	char host[ADDR_TEXT];

	text_printf(&t, "sip:%.*s%s%s", SLICE_ARG(number),
		number.n > 0 ? "@" : "",
		addr_is_set(&to->addr) ? addr_uri_host(&to->addr, host)
				       : to->host);
	if (to->port != 0)
		text_printf(&t, ":%u", to->port);
	if (p->transport != CONF_UDP)
		text_printf(&t, ";transport=%s",
			p->transport == CONF_TLS ? "tls" : "tcp");
	return text_take(&t);
}

/* Who was called first and by whom is in the metadata; this is the box. */
static char *from_of(const struct recording *r)
{
	struct sip_port *port = r->core->port;
	char host[256];

	if (!port->ops->contact_host(port, r->listener, host, sizeof(host)))
		return mem_printf("<sip:anonymous@anonymous.invalid>");
	return mem_printf("<sip:%s%s%.*s>", r->call->leg[0].number,
		r->call->leg[0].number[0] != '\0' ? "@" : "",
		(int)strcspn(host, ";"), host);
}

static int open_dialog(
	struct recording *r, const struct sip_route *route, const char *uri)
{
	struct sip_port *port = r->core->port;
	char *from = from_of(r), *value = mem_printf("<%s>", uri);
	int err;

	profile_names(conf_peer_profile(r->conf, rec_peer(r), false), NULL,
		&from, &value);
	err = port->ops->dlg_uac(&r->dlg, port, route, slice_str(from),
		slice_str(value), &rec_dlg_user, r);
	free(from);
	free(value);
	return err;
}

/* The INVITE to the target of now; false: `reason` says why not. */
static bool invite(struct recording *r)
{
	struct sip_route route;
	const struct conf_listener *cl = core_route(
		r->core, r->conf, rec_peer(r), &r->host[r->host_at], &route);
	enum neg_result n;
	char *uri;
	int err;

	if (cl == NULL) {
		rec_because(r, "no sip-listener leads to the recorder");
		return false;
	}
	slice_fit(slice_str(cl->name), r->listener, sizeof(r->listener));
	r->where = cl->side;
	set_policy(r);
	err = rec_open_media(r);
	if (err != 0) {
		rec_because(r, "no media ports");
		return false;
	}
	n = rec_make_offer(r);
	if (n != NEG_OK) {
		rec_because(r, neg_text(n));
		return false;
	}
	uri = uri_of(r);
	err = open_dialog(r, &route, uri);
	if (err == 0)
		err = rec_send_invite(r, uri, &rec_cookie_invite);
	free(uri);
	if (err != 0)
		rec_because(r, "the recorder is unreachable");
	return err == 0;
}

static void on_timer(void *arg)
{
	rec_event(arg, &(struct rec_said){ .what = RE_TIMEOUT });
}

static void start_timer(struct recording *r)
{
	struct sip_port *port = r->core->port;

	port->ops->timer_stop(port, &r->timer);
	port->ops->timer_start(
		port, &r->timer, rec_peer(r)->ring_seconds * 1000, on_timer, r);
}

/* From the present target on, until one takes the INVITE. */
static void dial(struct recording *r)
{
	while (r->tried < r->to->n) {
		if (r->host_at < r->nhosts && invite(r)) {
			start_timer(r);
			return;
		}
		rec_close_dialog(r);
		if (++r->host_at < r->nhosts)
			continue;
		if (++r->tried < r->to->n)
			enter_peer(r);
	}
	r->tried = r->to->n - 1; /* the last one, for show */
	rec_post(r, RE_FAIL);
}

void rec_begin(struct recording *r, const struct rec_said *e)
{
	(void)e;
	enter_peer(r);
	dial(r);
}

static bool may_fall_back(const struct recording *r, const struct sip_msg *m)
{
	return r->policy.srtp == CONF_SRTP_FALLBACK && !r->plain && m != NULL &&
	       (m->status == 488 || m->status == 606 || m->status == 415);
}

static const char *more_of(const struct rec_said *e)
{
	if (e->disbelieved)
		return " again: the user name or password is wrong";
	if (e->m->status == 401 || e->m->status == 407)
		return ": its realm has no authentication here";
	return "";
}

static void left_because(struct recording *r, const struct rec_said *e)
{
	if (e->m == NULL || (e->m->local && e->m->status == 408))
		rec_because(r, "the recorder does not answer");
	else if (e->m->local)
		rec_because(r, "the recorder is unreachable");
	else
		(void)snprintf(r->reason, sizeof(r->reason),
			"the recorder answered %d%s", e->m->status, more_of(e));
}

void rec_next(struct recording *r, const struct rec_said *e)
{
	left_because(r, e);
	metric_inc(M_RECORDING_HUNTED);
	log_event(MSG_REC_REFUSED, &r->log,
		L_STR("recorder", r->host[r->host_at].host),
		L_INT("peer", rec_peer(r)->tag), L_STR("reason", r->reason));
	rec_close_dialog(r);
	if (may_fall_back(r, e->m)) {
		r->plain = true;
	} else {
		r->plain = false;
		r->host_at++;
		if (r->host_at >= r->nhosts && ++r->tried < r->to->n)
			enter_peer(r);
	}
	dial(r);
}

void rec_give_up(struct recording *r, const struct rec_said *e)
{
	(void)e;
	rec_stop_media(r);
	rec_close_dialog(r); /* cancels; a late 2xx is seen to by the port */
}

/* The thread of the services. Carrying out commands is in execute.c. */
#include "services_int.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/obj.h"

enum { SECOND_MS = 1000 };

static void each_second(void *arg)
{
	struct services *s = arg;

	host_look(&s->host);
	loop_timer_start(s->second, SECOND_MS);
}

static void *run(void *arg)
{
	struct services *s = arg;

	thread_enter(THR_SERVICES, "services");
	s->captures = captures_new();
	s->control = control_new(s->loop, s->p.control_fd, services_execute, s);
	s->second = loop_timer_new(s->loop, each_second, s);
	each_second(s);
	loop_run(s->loop);
	s->stopping = true;
	loop_timer_free(s->second);
	phone_trust_stop(s->trust);
	proxy_stop(s->proxy);
	control_free(s->control);
	captures_free(s->captures);
	s->captures = NULL;
	ca_service_stop(s->ca);
	return NULL;
}

/* The sip thread ties lines to devices by what their configurations say. */
static void on_lines(void *arg, const char *device, struct slice lines)
{
	struct services *s = arg;

	b2bua_tie(s->p.b2bua, slice_str(device), lines);
}

int services_start(struct services **out, const struct services_params *p)
{
	struct services *s = mem_new(sizeof(*s));

	s->p = *p;
	s->started_ms = clock_ms();
	s->loop = loop_new(THR_SERVICES, 0);
	s->proxy = proxy_new(s->loop);
	proxy_tell_lines(s->proxy, on_lines, s);

	int err = ca_service_new(&s->ca, s->loop);

	const struct capf_ca ca = { ca_service_certify, ca_service_issued,
		s->ca };

	s->trust = phone_trust_new(
		s->loop, proxy_phones(s->proxy), proxy_certs(s->proxy), &ca);

	if (err == 0)
		err = thread_start(&s->thread, run, s);
	if (err != 0) {
		ca_service_stop(s->ca);
		loop_free(s->loop);
		ca_service_free(s->ca);
		proxy_free(s->proxy);
		phone_trust_free(s->trust);
		free(s);
		s = NULL;
	}
	*out = s;
	return err;
}

void services_stop(struct services *s)
{
	loop_stop(s->loop);
	need(pthread_join(s->thread, NULL) == 0);
}

void services_free(struct services *s)
{
	if (s == NULL)
		return;
	loop_free(s->loop);
	ca_service_free(s->ca);
	proxy_free(s->proxy);
	phone_trust_free(s->trust);
	for (size_t i = 0; i < s->nresults; i++)
		obj_unref(s->result[i]);
	if (s->trustpoints != NULL)
		b2bua_query_free(s->trustpoints);
	obj_unref(s->renewals);
	obj_unref(s->conf);
	free(s);
}

struct publish_msg {
	struct mq_node node;
	struct services *s;
	struct conf *conf; /* one reference, or NULL */
	int http_fd; /* -1: none */
	struct proxy_work *proxies; /* NULL: none */
	struct reload_result *result; /* one reference */
};

static void on_trustpoints(struct b2bua_query *q)
{
	struct services *s = q->arg;

	if (s->trustpoints != NULL)
		b2bua_query_free(s->trustpoints);
	s->trustpoints = q;
}

static void ask_trustpoints(struct services *s)
{
	struct b2bua_query *q = mem_new(sizeof(*q));

	q->what = B2BUA_TRUSTPOINTS;
	q->reply = loop_queue(s->loop);
	q->done = on_trustpoints;
	q->arg = s;
	b2bua_ask(s->p.b2bua, q);
}

static void on_publish(struct mq_node *node)
{
	struct publish_msg *m = MQ_HOLDER(node, struct publish_msg, node);
	struct services *s = m->s;

	if (m->conf != NULL) {
		obj_unref(s->conf);
		s->conf = m->conf;
		ca_service_apply(s->ca, m->conf, m->http_fd);
		if (m->proxies != NULL)
			proxy_apply(s->proxy, m->proxies);
		if (!s->stopping)
			ask_trustpoints(s);
	}
	if (s->nresults == RELOAD_KEPT) {
		obj_unref(s->result[0]);
		for (size_t i = 1; i < s->nresults; i++)
			s->result[i - 1] = s->result[i];
		s->nresults--;
	}
	s->result[s->nresults++] = m->result;
	free(m);
}

void services_publish(struct services *s, struct conf *conf, int http_fd,
	struct proxy_work *proxies, struct reload_result *r)
{
	struct publish_msg *m = mem_new(sizeof(*m));

	m->node.run = on_publish;
	m->s = s;
	m->conf = obj_ref(conf);
	m->http_fd = http_fd;
	m->proxies = proxies;
	m->result = obj_ref(r);
	mq_push(loop_queue(s->loop), &m->node);
}

struct trust_msg {
	struct mq_node node;
	struct services *s;
	struct phone_trust_plan *plan;
};

static void on_trust(struct mq_node *node)
{
	struct trust_msg *m = MQ_HOLDER(node, struct trust_msg, node);

	phone_trust_apply(m->s->trust, m->plan);
	free(m);
}

void services_trust(struct services *s, struct phone_trust_plan *p)
{
	struct trust_msg *m = mem_new(sizeof(*m));

	m->node.run = on_trust;
	m->s = s;
	m->plan = p;
	mq_push(loop_queue(s->loop), &m->node);
}

struct accepted_msg {
	struct mq_node node;
	struct services *s;
	char device[FILE_DEVICE_TEXT];
	char *listener, *subject;
	struct addr peer;
	struct text cert;
};

/* Phones are those of access listeners: what a call manager shows is not
 * judged to be a phone's. */
static bool on_access(const struct services *s, const char *listener)
{
	const struct conf_listener *l =
		s->conf != NULL ? conf_find_listener(s->conf, listener) : NULL;

	return l != NULL && l->side == CONF_ACCESS;
}

static void on_accepted(struct mq_node *node)
{
	struct accepted_msg *m = MQ_HOLDER(node, struct accepted_msg, node);
	struct services *s = m->s;

	if (!s->stopping && on_access(s, m->listener) &&
		phonecerts_note(proxy_certs(s->proxy), m->device,
			text_slice(&m->cert), PHONECERT_SIP))
		phones_note(proxy_phones(s->proxy), m->device, &m->peer,
			PHONE_TLS, "its certificate by SIP: %s", m->subject);
	text_free(&m->cert);
	free(m->listener);
	free(m->subject);
	free(m);
}

void services_accepted(void *arg, const struct hs_accepted *a)
{
	struct services *s = arg;
	char device[FILE_DEVICE_TEXT];
	struct accepted_msg *m;

	if (a->cert.n > PHONECERT_SIZE_MAX ||
		!phonecert_device(slice_str(a->identity->device), device))
		return;
	m = mem_new(sizeof(*m));
	m->node.run = on_accepted;
	m->s = s;
	memcpy(m->device, device, sizeof(device));
	m->listener = mem_dup(a->listener != NULL ? a->listener : "");
	m->subject = mem_dup(a->identity->subject);
	m->peer = *a->peer;
	text_add(&m->cert, a->cert);
	mq_push(loop_queue(s->loop), &m->node);
}

/* ---- what logs say of phones, for their timelines ---- */

enum { TOLD_MAX = 4096 }; /* on their way; a flood's rest is not told */

struct told_msg {
	struct mq_node node;
	struct services *s;
	enum phone_what what;
	bool claimed; /* the name is one that nothing vouches for */
	char device[FILE_DEVICE_TEXT]; /* "": by the address */
	struct addr peer;
	char *text;
};

static void on_told(struct mq_node *node)
{
	struct told_msg *m = MQ_HOLDER(node, struct told_msg, node);
	struct services *s = m->s;
	struct phones *phones = s->stopping ? NULL : proxy_phones(s->proxy);

	atomic_fetch_sub(&s->told, 1);
	/* a stranger's word makes no phone known */
	if (phones != NULL &&
		(!m->claimed ||
			phones_find(phones, slice_str(m->device)) != NULL))
		phones_note(phones, m->device,
			addr_is_set(&m->peer) ? &m->peer : NULL, m->what, "%s",
			m->text);
	free(m->text);
	free(m);
}

/* False: it is nothing for timelines. */
static bool worth_telling(
	enum log_msg msg, enum phone_what *what, bool *claimed)
{
	*what = PHONE_SIP;
	*claimed = false;
	switch ((int)msg) {
	case MSG_TLS_PEER_REFUSED:
		*claimed = true;
		*what = PHONE_TLS;
		return true;
	case MSG_TLS_HANDSHAKE_FAILED:
	case MSG_PKI_LEGACY:
		*what = PHONE_TLS;
		return true;
	case MSG_REG_REGISTERED:
	case MSG_REG_UNREGISTERED:
	case MSG_REG_EXPIRED:
	case MSG_REG_FLOW_CLOSED:
	case MSG_REG_LINE_REFUSED:
	case MSG_REG_TAKEOVER_REFUSED:
	case MSG_REG_SHARE_REFUSED:
	case MSG_REG_FAILED:
	case MSG_SIP_PHONE_LIMIT:
		return true;
	default:
		return false;
	}
}

/* A phone's name somewhere in a certificate's subject or a device's name. */
static bool phone_of(const char *text, char out[FILE_DEVICE_TEXT])
{
	enum { NAME = 15 };

	for (const char *p = strcasestr(text, "SEP"); p != NULL;
		p = strcasestr(p + 1, "SEP"))
		if (strlen(p) >= NAME && !isalnum((unsigned char)p[NAME]) &&
			phonecert_device(slice_of(p, NAME), out))
			return true;
	out[0] = '\0';
	return false;
}

void services_logged(void *arg, enum log_msg msg, const struct log_arg *args)
{
	struct services *s = arg;
	const struct log_arg *device = log_arg_find(args, "device");
	const struct log_arg *peer = log_arg_find(args, "peer");
	struct told_msg *m;
	enum phone_what what;
	bool claimed;

	if (!worth_telling(msg, &what, &claimed) || device == NULL ||
		device->str == NULL || atomic_load(&s->told) >= TOLD_MAX)
		return;
	m = mem_new(sizeof(*m));
	/* Without a phone's name only the address tells who it was: enough for
	 * a handshake, too little for a registration. */
	if (!phone_of(device->str, m->device) && what != PHONE_TLS) {
		free(m);
		return;
	}
	atomic_fetch_add(&s->told, 1);
	m->node.run = on_told;
	m->s = s;
	m->what = what;
	m->claimed = claimed && m->device[0] != '\0';
	if (peer != NULL && peer->kind == LOG_ARG_ADDR)
		m->peer = *peer->addr;
	m->text = log_event_text(msg, args);
	mq_push(loop_queue(s->loop), &m->node);
}

struct renewals_msg {
	struct mq_node node;
	struct services *s;
	struct renewal_status *r; /* one reference */
};

static void on_renewals(struct mq_node *node)
{
	struct renewals_msg *m = MQ_HOLDER(node, struct renewals_msg, node);

	obj_unref(m->s->renewals);
	m->s->renewals = m->r;
	free(m);
}

void services_renewals(struct services *s, struct renewal_status *r)
{
	struct renewals_msg *m = mem_new(sizeof(*m));

	m->node.run = on_renewals;
	m->s = s;
	m->r = obj_ref(r);
	mq_push(loop_queue(s->loop), &m->node);
}

struct alive_msg {
	struct mq_node node;
	struct services *s;
	services_alive_fn *fn;
	void *arg;
	struct services_alive alive;
};

static void alive_on_main(struct mq_node *node)
{
	struct alive_msg *m = MQ_HOLDER(node, struct alive_msg, node);

	m->fn(m->arg, &m->alive);
	free(m);
}

/* Which certificate of ours ends first. */
static void find_first_end(
	const struct b2bua_query *q, struct services_alive *out)
{
	time_t now = time(NULL);

	for (size_t i = 0; q != NULL && i < q->ntrustpoints; i++) {
		const struct trustpoint_info *tp = &q->trustpoints[i];

		for (size_t k = 0; k < tp->ncerts; k++) {
			int64_t days = (tp->certs[k].not_after - now) / 86400;

			if (!tp->certs[k].own)
				continue;
			if (!out->has_certificate || days < out->days_left)
				out->days_left = days;
			out->has_certificate = true;
		}
	}
}

static void alive_on_services(struct b2bua_query *q)
{
	struct alive_msg *m = q->arg;

	m->alive.usage = q->usage;
	find_first_end(m->s->trustpoints, &m->alive);
	m->node.run = alive_on_main;
	mq_push(m->s->p.main, &m->node);
	b2bua_query_free(q);
}

void services_ask_alive(struct services *s, services_alive_fn *fn, void *arg)
{
	struct alive_msg *m = mem_new(sizeof(*m));
	struct b2bua_query *q = mem_new(sizeof(*q));

	*m = (struct alive_msg){ .s = s, .fn = fn, .arg = arg };
	q->reply = loop_queue(s->loop);
	q->done = alive_on_services;
	q->arg = m;
	b2bua_ask(s->p.b2bua, q);
}

/*
 * The SIP port with next to nothing above it: REGISTER and OPTIONS are
 * answered, an INVITE is bridged to a given host through the other side's
 * listener, whatever comes within a dialog goes to its other half.
 *
 *   port_echo CONFIGURATION HOST PORT [PEER-NAME]
 *
 * Prints "ready"; ends at SIGTERM, or when its standard input does, and then
 * tells what was left over and the counters that are not zero.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "b2bua/sofia/sip_nta.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/thread.h"

struct bridge;

struct half {
	struct bridge *bridge;
	struct sip_dlg *dlg;
};

struct bridge {
	struct bridge *next, **prev;
	struct half half[2]; /* 0: who called */
	struct sip_txn *invite;
	bool ending;
};

static struct stack *stack;
static struct sip_port *port;
static struct conf *conf;
static const char *target_host, *target_name;
static uint16_t target_port;
static struct bridge *bridges;
static size_t nflows_closed;

static struct half *other(struct half *h)
{
	return &h->bridge->half[h == &h->bridge->half[0]];
}

static void bridge_end(struct bridge *b)
{
	for (int i = 0; i < 2; i++)
		if (b->half[i].dlg != NULL)
			port->ops->dlg_close(port, b->half[i].dlg);
	*b->prev = b->next;
	if (b->next != NULL)
		b->next->prev = b->prev;
	free(b);
}

static struct sip_out out_of(const struct sip_msg *m)
{
	return (struct sip_out){
		.method = m->method,
		.method_name = "OTHER",
		.hdr = m->hdr,
		.nhdrs = m->nhdrs,
		.max_forwards = m->max_forwards > 0 ? m->max_forwards - 1 : -1,
		.body = m->body,
		.contact_user = SLICE_LIT("echo"),
	};
}

static void dlg_request(void *arg, struct sip_txn *t, const struct sip_msg *m)
{
	struct half *h = arg;
	struct sip_out o = out_of(m);
	char name[32];

	if (slice_copy(m->method_name, name, sizeof(name)))
		o.method_name = name;
	if (m->method == SIP_BYE) {
		port->ops->answer(port, t, 200, NULL, NULL);
		(void)!port->ops->send(port, other(h)->dlg, &o, NULL);
		bridge_end(h->bridge);
	} else if (port->ops->send(port, other(h)->dlg, &o, t) != 0) {
		port->ops->answer(port, t, 500, NULL, NULL);
	}
}

static void dlg_ack(void *arg, const struct sip_msg *m)
{
	struct half *h = arg;
	struct sip_out o;

	if (m == NULL) {
		bridge_end(h->bridge);
		return;
	}
	o = out_of(m);
	(void)!port->ops->ack(port, other(h)->dlg, &o);
}

static void dlg_cancel(void *arg, const struct sip_msg *m)
{
	struct half *h = arg;
	struct sip_out o = { 0 };

	if (m != NULL)
		o = out_of(m);
	h->bridge->invite = NULL;
	h->bridge->ending = true;
	port->ops->cancel(port, other(h)->dlg, &o);
}

static void dlg_response(void *arg, void *cookie, const struct sip_msg *m)
{
	struct half *h = arg;
	struct bridge *b = h->bridge;
	struct sip_out o = out_of(m);
	struct sip_txn *t = cookie;

	if (cookie == b) { /* the INVITE that began it */
		t = b->invite;
		if (t != NULL)
			port->ops->answer(port, t, m->status, NULL, &o);
		if (m->status >= 200)
			b->invite = NULL;
		if (m->status >= 300 || (m->status >= 200 && b->ending))
			bridge_end(b);
	} else if (t != NULL) {
		port->ops->answer(port, t, m->status, NULL, &o);
	}
}

static const struct sip_dlg_user dlg_user = {
	.request = dlg_request,
	.ack = dlg_ack,
	.cancel = dlg_cancel,
	.response = dlg_response,
};

static const struct conf_listener *listener_of_side(enum conf_side side)
{
	const struct conf_listener *l = conf->listeners;

	while (l != NULL && l->side != side)
		l = l->next;
	return l;
}

static char *name_addr(struct slice value)
{
	struct slice tag = SLICE_LIT(";tag=");

	return slice_dup(slice_head(value, slice_search(value, tag)));
}

static int call_on(
	struct bridge *b, const struct sip_msg *m, const struct sip_source *src)
{
	const struct conf_listener *l = listener_of_side(
		src->side == CONF_ACCESS ? CONF_CORE : CONF_ACCESS);
	struct sip_route route = { .listener = l->name,
		.host = target_host,
		.port = target_port,
		.transport = l->transport,
		.peer_name = target_name };
	char *from = name_addr(m->from), *to = name_addr(m->to), *ruri;
	struct sip_out o = out_of(m);
	int err = port->ops->dlg_uac(&b->half[1].dlg, port, &route,
		slice_str(from), slice_str(to), &dlg_user, &b->half[1]);

	ruri = mem_printf("sip:echo@%s:%u", target_host, target_port);
	o.ruri = slice_str(ruri);
	if (err == 0)
		err = port->ops->send(port, b->half[1].dlg, &o, b);
	free(ruri);
	free(from);
	free(to);
	return err;
}

static void on_invite(struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src)
{
	struct bridge *b = mem_new(sizeof(*b));

	b->half[0].bridge = b->half[1].bridge = b;
	b->next = bridges;
	b->prev = &bridges;
	if (b->next != NULL)
		b->next->prev = &b->next;
	bridges = b;
	b->invite = t;
	b->half[0].dlg = port->ops->dlg_uas(port, t, &dlg_user, &b->half[0]);
	if (call_on(b, m, src) != 0) {
		port->ops->answer(port, t, 503, NULL, NULL);
		bridge_end(b);
	}
}

/* "X-Late: yes": the user takes its time before it makes a dialog. */
struct late {
	struct sip_timer *timer;
	struct sip_txn *txn;
	struct sip_msg *msg;
	struct sip_source src;
};

static void on_late(void *arg)
{
	struct late *l = arg;

	on_invite(l->txn, l->msg, &l->src);
	free(l->msg);
	free(l);
}

static void wait_before(struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src)
{
	struct late *l = mem_new(sizeof(*l));

	l->txn = t;
	l->msg = sip_msg_dup(m);
	l->src = *src; /* of which only the side is used */
	port->ops->timer_start(port, &l->timer, 500, on_late, l);
}

/* RFC 3261 10.3, as far as a test needs it: Contacts come back. */
static void on_register(struct sip_txn *t, const struct sip_msg *m)
{
	struct text contacts = { 0 };
	struct sip_out o = { 0 };

	for (size_t i = 0; i < m->ncontacts; i++)
		if (!m->contact[i].star && m->contact[i].expires != 0)
			text_printf(&contacts, "%s<%.*s>;expires=60",
				contacts.n > 0 ? ", " : "",
				SLICE_ARG(m->contact[i].uri));
	o.contacts = text_slice(&contacts);
	port->ops->answer(port, t, 200, NULL, &o);
	text_free(&contacts);
}

static void on_request(void *arg, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src)
{
	(void)arg;
	if (m->method == SIP_INVITE && sip_msg_header(m, "X-Late").n > 0)
		wait_before(t, m, src);
	else if (m->method == SIP_INVITE)
		on_invite(t, m, src);
	else if (m->method == SIP_REGISTER)
		on_register(t, m);
	else
		port->ops->answer(port, t, 200, NULL, NULL);
}

static void on_flow_closed(void *arg, struct sip_flow *f)
{
	(void)arg;
	(void)f;
	nflows_closed++;
}

static const struct sip_user user = {
	.request = on_request,
	.flow_closed = on_flow_closed,
};

/* ---- running ---- */

static void run_stop(struct mq_node *node)
{
	(void)node;
	stack_stop(stack);
}

static struct mq_node stop_node = { .run = run_stop };

/* The end of standard input, so that a test that dies takes us along. */
static void *wait_for_end(void *queue)
{
	char buf[64];

	while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
		;
	mq_push(queue, &stop_node);
	return NULL;
}

static int open_listeners(void)
{
	struct conf_errs errs = { 0 };
	int bad = 0;

	for (const struct conf_listener *l = conf->listeners; l; l = l->next) {
		struct trustpoint *mine = NULL;
		struct endpoint *e;
		int err = 0;

		if (l->trustpoint != NULL)
			err = trustpoint_load(&mine, l->trustpoint, &errs);
		if (err == 0)
			err = endpoint_open(&e, port, l, conf, mine);
		if (err == 0)
			endpoint_publish(e, l, conf, mine);
		else
			fprintf(stderr, "%s: %s\n", l->name, strerror(err));
		if (err != 0)
			bad = 1;
		obj_unref(mine);
	}
	conf_errs_print(&errs, "port_echo", stderr);
	conf_errs_free(&errs);
	return bad;
}

static void print_counters(void)
{
	for (int i = 0; i < METRIC_COUNT; i++)
		if (metric_read((enum metric)i) > 0)
			printf("%s %llu\n", metric_rows[i].name,
				(unsigned long long)metric_read(
					(enum metric)i));
	printf("flows_closed %zu\n", nflows_closed);
}

static bool quiet(void *arg)
{
	return sip_nta_quiet(arg);
}

int main(int argc, char **argv)
{
	struct conf_errs errs = { 0 };
	struct sip_nta_params np = { 0 };
	struct hs_pool *hs = NULL;
	struct mq *queue = mq_new(1024);
	pthread_t thread;
	const char *why;
	int bad;

	if (argc < 4)
		return 2;
	conf = conf_load(argv[1], &errs);
	conf_errs_print(&errs, argv[1], stderr);
	conf_errs_free(&errs);
	target_host = argv[2];
	target_port = (uint16_t)strtoul(argv[3], NULL, 10);
	target_name = argc > 4 ? argv[4] : NULL;
	(void)signal(SIGPIPE, SIG_IGN);
	log_debug_set(DEBUG_SIP_MESSAGES, getenv("PORT_ECHO_DEBUG") != NULL);
	if (conf == NULL || hs_pool_start(&hs, 1) != 0 ||
		stack_new(&stack, queue, &why) != 0)
		return 1;
	np.stack = stack;
	np.hs = hs;
	port = sip_nta_new(&np);
	sip_nta_set_user(port, &user, NULL);
	sip_nta_set_conf(port, conf);
	bad = open_listeners();
	if (bad == 0 && thread_start(&thread, wait_for_end, queue) == 0) {
		puts("ready");
		(void)fflush(stdout);
		stack_run(stack);
		(void)pthread_join(thread, NULL);
	}
	printf("bridges_left %d\n", bridges != NULL);
	while (bridges != NULL)
		bridge_end(bridges);
	printf("quiet %d\n", stack_run_until(stack, quiet, port, 2000));
	while (mq_run(queue) > 0)
		;
	sip_nta_free(port);
	print_counters();
	stack_free(stack);
	hs_pool_stop(hs); /* as in the daemon: handshakes outlive the port */
	while (mq_run(queue) > 0)
		;
	mq_free(queue);
	obj_unref(conf);
	return bad;
}

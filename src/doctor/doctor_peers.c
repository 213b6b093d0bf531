/*
 * Core nodes over TLS, one by one: connected to as a call would be, judged as
 * a call would judge them, asked with OPTIONS whether they accept us and what
 * time they have.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "certs/tls/handshake.h"
#include "certs/x509/crt.h"
#include "doctor/doctor_int.h"

enum {
	CONNECT_MS = 5000,
	JUDGED_MS = 250,
	ANSWER_MS = 4000,
	ANSWER_MAX = 8192,
	SIPS_PORT = 5061,
};

struct node {
	struct doctor_node n;
	const char *expected;
	const struct conf_trustpoint *named; /* its own; NULL: by address */
	const struct doctor_tp *tp;
	/* the outcome */
	bool told;
	int err;
	enum judge_reason reason; /* of EACCES */
	char *text;
	gnutls_session_t session;
	struct trustpoint *own;
	struct identity *id;
	int fd;
};

/* ---- the connection ---- */

static void done(struct hs *h)
{
	struct node *n = hs_arg(h);
	const char *text;

	n->told = true;
	n->err = hs_error(h, &text);
	n->reason = hs_reason(h);
	n->text = mem_dup(text);
	if (n->err == 0) {
		n->id = hs_take_identity(h);
		n->session = hs_take_session(h, &n->fd, &n->own);
	}
	hs_free(h);
}

static void handshake(struct node *n, struct hs_pool *pool, struct mq *reply)
{
	struct hs_params p = {
		.fd = socket(n->n.addr.sa.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
		.server_name = n->n.host,
		.expected_name = n->expected,
		.own = n->tp->t,
		.verify = true,
		.deadline_ms = CONNECT_MS,
		.peer = n->n.addr,
		.reply = reply,
		.done = done,
		.arg = n,
	};

	if (p.fd < 0 ||
		(connect(p.fd, &n->n.addr.sa, addr_len(&n->n.addr)) != 0 &&
			errno != EINPROGRESS)) {
		n->err = errno;
		n->text = mem_printf("the TCP connection failed: %s",
			strerrordesc_np(n->err));
		if (p.fd >= 0)
			(void)close(p.fd);
		return;
	}
	hs_start(pool, &p);
	while (!n->told) {
		struct pollfd w = { .fd = mq_fd(reply), .events = POLLIN };

		(void)poll(&w, 1, CONNECT_MS);
		(void)mq_run(reply);
	}
}

/* Of a certificate that is not accepted. */
static const char *mend_of_reason(enum judge_reason reason)
{
	switch ((int)reason) {
	case JUDGE_EXPIRED:
		return "renew the node's certificate, or the CA's that has "
		       "ended";
	case JUDGE_NOT_YET_VALID:
	case JUDGE_CLOCK:
		return "look at the clocks of both hosts, and at the dates of "
		       "the node's certificate";
	case JUDGE_UNKNOWN_CA:
		return "if it is the node's, append the certificate of that CA "
		       "to the ca-bundle of the trustpoint that judges it";
	case JUDGE_NAME:
		return "if it is that node, write 'peer-name NAME' with a name "
		       "of its certificate, or give it a certificate with the "
		       "name that was expected";
	case JUDGE_PURPOSE:
		return "give the node a certificate for servers: "
		       "extendedKeyUsage serverAuth";
	case JUDGE_WEAK:
		return "give the node a certificate with a longer key and "
		       "SHA-256";
	case JUDGE_REVOKED:
		return "give the node a new certificate, and find out why that "
		       "one was revoked";
	case JUDGE_REVOCATION_UNKNOWN:
		return "see that CRL or OCSP responder can be reached, or write "
		       "'none' behind the methods of 'revocation-check'";
	default:
		return "mend the node's certificate, or the ca-bundle or "
		       "peer-name that it is judged by";
	}
}

static const char *mend_of(int err, enum judge_reason reason)
{
	switch (err) {
	case EACCES:
		return mend_of_reason(reason);
	case EPROTO:
		return "look at the node's TLS settings, and whether it trusts "
		       "the CA of our certificate";
	case ETIMEDOUT:
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
		return "check address and port, that the node listens there "
		       "for TLS, and the firewalls in between";
	default:
		return "look at the node's own log";
	}
}

/* ---- what it says ---- */

enum heard { HEARD_ANSWER, HEARD_NOTHING, HEARD_END };

/* HEARD_END: with why. */
static enum heard listen_for(
	const struct node *n, char in[ANSWER_MAX], unsigned ms, char **why)
{
	uint64_t end = clock_ms() + ms;
	size_t at = 0;

	while (clock_ms() < end && at < ANSWER_MAX - 1) {
		struct pollfd w = { .fd = n->fd, .events = POLLIN };
		ssize_t got = gnutls_record_recv(
			n->session, in + at, ANSWER_MAX - 1 - at);
		char words[HS_ALERT_TEXT];

		if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED) {
			(void)poll(&w, 1, (int)(end - clock_ms()));
			continue;
		}
		if (got == GNUTLS_E_FATAL_ALERT_RECEIVED) {
			hs_alert_words(gnutls_alert_get(n->session), words);
			*why = mem_printf(
				"it refused us with the alert %s", words);
			return HEARD_END;
		}
		if (got <= 0) {
			*why = mem_dup("it closed the connection after the "
				       "handshake: it may not accept our "
				       "certificate or its name");
			return HEARD_END;
		}
		at += (size_t)got;
		in[at] = '\0';
		if (strstr(in, "\r\n\r\n") != NULL)
			return HEARD_ANSWER;
	}
	return HEARD_NOTHING;
}

/* NULL, or what is wrong. */
static char *ask_options(const struct node *n, char in[ANSWER_MAX])
{
	char *request, *why = NULL;
	bool sent;

	/* In TLS 1.3 it judges us after the handshake; what is sent then would
	 * make it a reset that overtakes the alert. */
	if (listen_for(n, in, JUDGED_MS, &why) == HEARD_END)
		return why;
	request = doctor_node_options(&n->n, n->fd, "TLS");
	sent = gnutls_record_send(n->session, request, strlen(request)) > 0;
	free(request);
	switch (listen_for(n, in, ANSWER_MS, &why)) {
	case HEARD_NOTHING:
		return mem_printf(sent ? "it did not answer OPTIONS in %d s"
				       : "it took nothing in %d s",
			ANSWER_MS / 1000);
	case HEARD_END:
		return why;
	case HEARD_ANSWER:
		break;
	}
	return doctor_node_answer(&n->n, slice_str(in));
}

static void check_answer(const struct node *n)
{
	char *in = mem_new(ANSWER_MAX);
	char *why = ask_options(n, in);

	if (why != NULL)
		doctor_node_say(&n->n, DOCTOR_ERROR, "reach",
			"look at the node's own log: which names and CAs it "
			"accepts on its trunk",
			"TLS came up, but %s", why);
	free(why);
	free(in);
}

/* ---- its certificate ---- */

static void check_chain(const struct node *n)
{
	unsigned count = 0;
	const gnutls_datum_t *der =
		gnutls_certificate_get_peers(n->session, &count);
	char *whose = mem_printf(
		"%s, %s:%u: its certificate", n->n.what, n->n.host, n->n.port);

	for (unsigned i = 0; der != NULL && i < count; i++) {
		gnutls_x509_crt_t crt;

		if (crt_import(&crt, &der[i]) != 0)
			continue;
		doctor_dates(n->n.d, n->n.pos, crt, whose);
		gnutls_x509_crt_deinit(crt);
	}
	free(whose);
}

/* TLS compares host names without regard to case; call managers that look for
 * a name in a list, and SCCP, do not. */
static void check_case(const struct node *n)
{
	const char *other = NULL;

	for (size_t i = 0; i < n->id->nsans; i++) {
		const char *san = n->id->san[i].value;

		if (strcmp(san, n->expected) == 0)
			return;
		if (strcasecmp(san, n->expected) == 0)
			other = san;
	}
	if (n->id->cn != NULL && strcmp(n->id->cn, n->expected) == 0)
		return;
	if (other == NULL && n->id->cn != NULL &&
		strcasecmp(n->id->cn, n->expected) == 0)
		other = n->id->cn;
	if (other != NULL)
		doctor_node_say(&n->n, DOCTOR_NOTE, "name",
			"write it the same way on both sides",
			"\"%s\" is configured, \"%s\" is in its certificate: "
			"only the case differs, which is right for TLS but "
			"not for SCCP and lists of names",
			n->expected, other);
}

/* That a call would use. */
static const struct conf_trustpoint *trust_of(const struct node *n)
{
	const struct conf *c = n->n.d->conf;
	const struct conf_trustpoint *t = n->named;

	if (t == NULL)
		t = conf_remote_trustpoint(c, &n->n.addr);
	return t != NULL ? t : c->ua.trustpoint;
}

static void check_node(struct node *n, struct hs_pool *pool, struct mq *reply)
{
	n->tp = doctor_tp(n->n.d, trust_of(n));
	if (n->tp == NULL || n->tp->t == NULL) {
		doctor_node_say(&n->n, DOCTOR_ERROR, "reach",
			"mend the trustpoint first",
			"not tried: its trustpoint cannot be used");
		return;
	}
	addr_set_port(&n->n.addr, n->n.port);
	handshake(n, pool, reply);
	if (n->err != 0) {
		doctor_node_say(&n->n, DOCTOR_ERROR, "reach",
			mend_of(n->err, n->reason), "%s", n->text);
		return;
	}
	check_case(n);
	check_chain(n);
	check_answer(n);
	(void)gnutls_bye(n->session, GNUTLS_SHUT_WR);
}

static void node_free(struct node *n)
{
	if (n->session != NULL) {
		gnutls_deinit(n->session);
		(void)close(n->fd);
	}
	obj_unref(n->own);
	obj_unref(n->id);
	free(n->text);
	free(n->n.what);
}

static void check(struct node n, struct hs_pool *pool, struct mq *reply)
{
	if (n.n.port == 0)
		n.n.port = SIPS_PORT;
	if (n.expected == NULL)
		n.expected = n.n.host;
	check_node(&n, pool, reply);
	node_free(&n);
}

struct round {
	struct hs_pool *pool;
	struct mq *reply;
};

static void check_one(
	void *arg, struct doctor_node node, const struct conf_dial_peer *p)
{
	const struct round *r = arg;

	check((struct node){ .n = node,
		      .expected = node.names,
		      .named = p != NULL ? p->trustpoint : NULL },
		r->pool, r->reply);
}

void doctor_peers(struct doctor *d)
{
	struct round r = { .reply = mq_new(16) };

	if (hs_pool_start(&r.pool, 1) != 0) {
		mq_free(r.reply);
		return;
	}
	doctor_each_node(d, true, check_one, &r);
	hs_pool_stop(r.pool);
	(void)mq_run(r.reply);
	mq_free(r.reply);
}

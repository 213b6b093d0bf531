/*
 * What happens in a handshake, and what its failures mean, in words: for the
 * log line, the counter, the alert that tells the peer, and the caller.
 */
#include "certs/tls/handshake_int.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/obj.h"
#include "base/thread.h"
#include "certs/store/trustpoint_int.h"
#include "certs/tls/hs_loop.h"

static void set_outcome(struct hs *h, int err, const char *fmt, ...)
	PRINTF(3, 4);

static void set_outcome(struct hs *h, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	h->err = err;
	free(h->text);
	h->text = mem_vprintf(fmt, ap);
	va_end(ap);
}

static const char *place(const struct hs *h)
{
	if (h->params.listener != NULL)
		return h->params.listener;
	return h->params.server ? "a listener" : "our client";
}

static void log_outcome(const struct hs *h, enum log_msg msg)
{
	log_event(msg, NULL,
		L_STR("device", h->device[0] != '\0'
					? h->device
					: "a peer without certificate"),
		L_ADDR("peer", &h->params.peer), L_STR("listener", place(h)),
		L_STR("reason", h->text));
}

static int refuse(struct hs *h, gnutls_alert_description_t alert)
{
	log_outcome(h, MSG_TLS_PEER_REFUSED);
	/* TLS 1.2 does not know this one (RFC 8446 6.2). */
	if (alert == GNUTLS_A_CERTIFICATE_REQUIRED &&
		gnutls_protocol_get_version(h->session) < GNUTLS_TLS1_3)
		alert = GNUTLS_A_HANDSHAKE_FAILURE;
	(void)gnutls_alert_send(h->session, GNUTLS_AL_FATAL, alert);
	return h->err;
}

static int fail(struct hs *h, enum metric counter)
{
	metric_inc(counter);
	log_outcome(h, MSG_TLS_HANDSHAKE_FAILED);
	return h->err;
}

void hs_give_up(struct hs *h, int err)
{
	if (err == ECANCELED) {
		set_outcome(h, err, "cancelled");
		metric_inc(M_TLS_CANCELLED);
		return;
	}
	if (err == EAGAIN) {
		set_outcome(h, err,
			"%u handshakes are under way, no more are begun",
			h->pool->limit);
		metric_inc(M_TLS_BUSY);
		log_outcome(h, MSG_TLS_BUSY);
		return;
	}
	set_outcome(h, err,
		h->connecting ? "no answer to the TCP connection in %u.%u s"
			      : "the handshake was not finished in %u.%u s",
		h->params.deadline_ms / 1000, h->params.deadline_ms / 100 % 10);
	(void)fail(h, M_TLS_TIMEOUT);
}

/* What is asked of CRLs and responders, with what the peer stapled. */
static void begin_query(struct hs *h)
{
	struct revoke_query *q = &h->query;
	gnutls_datum_t d = { 0 };

	q->revoke = h->pool->revoke;
	q->trust = h->params.own;
	q->now = time(NULL);
	if (q->began_ms == 0)
		q->began_ms = clock_ms();
	q->queue = h->thread->queue;
	q->woken = hs_woken;
	q->arg = h;
	q->nstaples = 0;
	for (unsigned i = 0; i < REVOKE_STAPLES_MAX; i++)
		if (gnutls_ocsp_status_request_get2(h->session, i, &d) == 0)
			q->staple[q->nstaples++] = slice_of(d.data, d.size);
}

static void name_device(struct hs *h, const gnutls_datum_t *der)
{
	gnutls_x509_crt_t crt;

	if (crt_import(&crt, der) == 0) {
		crt_subject(crt, h->device);
		gnutls_x509_crt_deinit(crt);
	}
}

/* Judges what the peer presented; also when nothing was. */
static bool judge_peer(struct hs *h)
{
	unsigned n = 0;
	const gnutls_datum_t *chain =
		gnutls_certificate_get_peers(h->session, &n);
	struct judge_params p = {
		.chain = chain,
		.chain_len = chain != NULL ? n : 0,
		.anchors = trustpoint_anchors(h->params.own),
		.peer_is_client = h->params.server,
		.expected_name = h->params.expected_name,
		.now = time(NULL),
	};

	h->judged = true;
	trustpoint_judge_by(h->params.own, &p);
	if (trustpoint_revocation(h->params.own)->n > 0) {
		begin_query(h);
		p.status = revoke_status;
		p.status_arg = &h->query;
	}
	if (p.chain_len > 0)
		name_device(h, &chain[0]);
	return judge_chain(&h->verdict, &p);
}

/* GnuTLS calls this before it goes on; not when a session is resumed. */
static int verify(gnutls_session_t session)
{
	return judge_peer(gnutls_session_get_ptr(session)) ? 0 : -1;
}

/* One counter per reason, in the order of enum judge_reason. */
static int refuse_judged(struct hs *h)
{
	static const enum metric counters[JUDGE_REASONS] = {
		[JUDGE_OK] = M_TLS_REFUSED_OTHER,
		[JUDGE_NO_CERTIFICATE] = M_TLS_REFUSED_NO_CERTIFICATE,
		[JUDGE_MALFORMED] = M_TLS_REFUSED_MALFORMED,
		[JUDGE_UNKNOWN_CA] = M_TLS_REFUSED_UNKNOWN_CA,
		[JUDGE_BAD_SIGNATURE] = M_TLS_REFUSED_BAD_SIGNATURE,
		[JUDGE_EXPIRED] = M_TLS_REFUSED_EXPIRED,
		[JUDGE_NOT_YET_VALID] = M_TLS_REFUSED_NOT_YET_VALID,
		[JUDGE_NOT_A_CA] = M_TLS_REFUSED_NOT_A_CA,
		[JUDGE_PURPOSE] = M_TLS_REFUSED_PURPOSE,
		[JUDGE_WEAK] = M_TLS_REFUSED_WEAK,
		[JUDGE_NAME] = M_TLS_REFUSED_NAME,
		[JUDGE_PATH_LENGTH] = M_TLS_REFUSED_PATH_LENGTH,
		[JUDGE_CONSTRAINT] = M_TLS_REFUSED_CONSTRAINT,
		[JUDGE_CLOCK] = M_TLS_REFUSED_CLOCK,
		[JUDGE_REVOKED] = M_TLS_REFUSED_REVOKED,
		[JUDGE_REVOCATION_UNKNOWN] = M_TLS_REFUSED_NO_STATUS,
		[JUDGE_OTHER] = M_TLS_REFUSED_OTHER,
	};

	metric_inc(counters[h->verdict.reason]);
	set_outcome(h, EACCES, "%s", h->verdict.text);
	return refuse(h, h->verdict.alert);
}

/* clang-format off */
static const struct {
	gnutls_alert_description_t alert;
	const char *meaning;
} alerts[] = {
	{ GNUTLS_A_UNKNOWN_CA, "it does not trust the CA of our certificate" },
	{ GNUTLS_A_BAD_CERTIFICATE, "it does not accept our certificate" },
	{ GNUTLS_A_CERTIFICATE_UNKNOWN, "it does not accept our certificate" },
	{ GNUTLS_A_UNSUPPORTED_CERTIFICATE, "it cannot use our kind of certificate" },
	{ GNUTLS_A_CERTIFICATE_EXPIRED, "it finds our certificate expired" },
	{ GNUTLS_A_CERTIFICATE_REVOKED, "it finds our certificate revoked" },
	{ GNUTLS_A_CERTIFICATE_REQUIRED, "it wants a certificate from us" },
	{ GNUTLS_A_ACCESS_DENIED, "it denies us access" },
	{ GNUTLS_A_HANDSHAKE_FAILURE, "no common cipher, or it wants a certificate from us" },
	{ GNUTLS_A_PROTOCOL_VERSION, "no common TLS version" },
	{ GNUTLS_A_INSUFFICIENT_SECURITY, "our ciphers or certificate are too weak for it" },
	{ GNUTLS_A_UNRECOGNIZED_NAME, "it does not know the server name we asked for" },
};
/* clang-format on */

void hs_alert_words(gnutls_alert_description_t alert, char out[HS_ALERT_TEXT])
{
	const char *name = gnutls_alert_get_name(alert);
	const char *meaning = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(alerts); i++)
		if (alerts[i].alert == alert)
			meaning = alerts[i].meaning;
	(void)snprintf(out, HS_ALERT_TEXT, "\"%s\"%s%s",
		name != NULL ? name : "unknown", meaning != NULL ? ": " : "",
		meaning != NULL ? meaning : "");
}

static int fail_by_alert(struct hs *h)
{
	char words[HS_ALERT_TEXT];

	hs_alert_words(gnutls_alert_get(h->session), words);
	set_outcome(h, EPROTO, "the peer refused us with the alert %s", words);
	return fail(h, M_TLS_REFUSED_US);
}

/* What a peer said first when that was no TLS record. */
static bool is_tls(const struct hs *h)
{
	enum { ALERT = 21, HANDSHAKE = 22 };

	return h->first_n == 0 || h->first[0] == HANDSHAKE ||
	       h->first[0] == ALERT;
}

static int fail_not_tls(struct hs *h)
{
	struct text said = { 0 };

	(void)crt_clean(slice_of(h->first, h->first_n), &said);
	set_outcome(h, EPROTO,
		"the peer does not speak TLS, it began with "
		"\"%s\"",
		said.p);
	text_free(&said);
	return fail(h, M_TLS_NOT_TLS);
}

static int fail_by_error(struct hs *h, int err)
{
	switch (err) {
	case GNUTLS_E_FATAL_ALERT_RECEIVED:
		return fail_by_alert(h);
	case GNUTLS_E_PREMATURE_TERMINATION:
	case GNUTLS_E_PULL_ERROR:
	case GNUTLS_E_PUSH_ERROR:
	case GNUTLS_E_SESSION_EOF:
		set_outcome(h, ECONNRESET,
			"the peer closed the connection during the handshake");
		return fail(h, M_TLS_CLOSED);
	case GNUTLS_E_NO_CIPHER_SUITES:
	case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
	case GNUTLS_E_NO_COMMON_KEY_SHARE:
	case GNUTLS_E_INSUFFICIENT_CREDENTIALS:
		set_outcome(h, EPROTO,
			"no common TLS version or cipher (%s); we speak TLS "
			"1.2 and 1.3 with ECDHE and AES-GCM or ChaCha20",
			gnutls_strerror(err));
		return fail(h, M_TLS_NO_COMMON);
	default:
		set_outcome(h, EPROTO, "%s", gnutls_strerror(err));
		return fail(h, M_TLS_PROTOCOL);
	}
}

static int handshake_failed(struct hs *h, int err)
{
	if (h->judged && h->verdict.reason != JUDGE_OK)
		return refuse_judged(h);
	(void)gnutls_alert_send_appropriate(h->session, err);
	if (!is_tls(h))
		return fail_not_tls(h);
	return fail_by_error(h, err);
}

static void say_established(const struct hs *h)
{
	char peer[ADDR_TEXT];

	log_debug(DEBUG_TLS, NULL, "%s %s with \"%s\" (%s), %s %s%s", place(h),
		addr_text(&h->params.peer, peer), h->identity->device,
		h->device[0] != '\0' ? h->device : "no certificate",
		h->identity->tls_version, h->identity->tls_cipher,
		gnutls_session_is_resumed(h->session) ? ", resumed" : "");
}

static void say_excused(const struct hs *h)
{
	if (!h->judged || h->verdict.excused[0] == '\0')
		return;
	metric_inc(M_PKI_LEGACY);
	log_event(MSG_PKI_LEGACY, NULL, L_STR("device", h->device),
		L_ADDR("peer", &h->params.peer), L_STR("listener", place(h)),
		L_STR("reason", h->verdict.excused));
}

static int established(struct hs *h)
{
	char *why = NULL;
	int err;

	if (h->params.verify && h->verdict.reason != JUDGE_OK)
		return refuse_judged(h);
	err = identity_from_session(&h->identity, h->session,
		h->params.verify ? h->verdict.anchor : NULL,
		h->params.verify ? h->params.rules : NULL, &why);
	if (err != 0 && !h->params.verify) {
		h->identity = identity_none();
		err = 0;
	}
	if (err != 0) {
		set_outcome(h, EACCES, "%s", why);
		free(why);
		metric_inc(M_TLS_REFUSED_IDENTITY);
		return refuse(h, GNUTLS_A_ACCESS_DENIED);
	}
	free(why);
	if (!h->params.verify)
		h->identity->certified = false;
	h->identity->named = h->params.server && h->params.verify &&
			     h->params.expected_name != NULL;
	gnutls_session_set_verify_function(h->session, NULL);
	gnutls_handshake_set_hook_function(
		h->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE, NULL);
	gnutls_session_set_ptr(h->session, NULL);
	metric_inc(h->params.server ? M_TLS_SERVER_OK : M_TLS_CLIENT_OK);
	say_excused(h);
	if (gnutls_session_is_resumed(h->session))
		metric_inc(M_TLS_RESUMED);
	say_established(h);
	return 0;
}

/*
 * The verdict may still wait for an answer about revocation. GnuTLS cannot be
 * interrupted for that in the middle, so it ends the handshake and the peer,
 * which nobody has heard yet, is accepted or refused afterwards.
 */
static int finished(struct hs *h)
{
	/* Resumed: what was good then need not be good now. */
	if (h->params.verify && !h->judged)
		(void)judge_peer(h);
	h->asking = h->query.pending && h->verdict.reason == JUDGE_OK;
	if (!h->asking)
		return established(h);
	h->events = 0;
	return EAGAIN;
}

int hs_ask_again(struct hs *h)
{
	revoke_again(&h->query);
	(void)judge_peer(h);
	return finished(h);
}

/* Before GnuTLS verifies what the peer signed with the key that it showed. */
static int before_message(gnutls_session_t session, unsigned type,
	unsigned when, unsigned incoming, const gnutls_datum_t *message)
{
	struct hs *h = gnutls_session_get_ptr(session);
	const gnutls_datum_t *chain;
	unsigned n = 0;

	(void)when;
	(void)message;
	if (incoming == 0 ||
		(type != GNUTLS_HANDSHAKE_CERTIFICATE_VERIFY &&
			type != GNUTLS_HANDSHAKE_SERVER_KEY_EXCHANGE))
		return 0;
	chain = gnutls_certificate_get_peers(session, &n);
	if (chain == NULL || n == 0 || judge_key(&h->verdict, &chain[0]))
		return 0;
	name_device(h, &chain[0]);
	h->judged = true;
	return GNUTLS_E_CERTIFICATE_ERROR;
}

static int begin_tls(struct hs *h)
{
	int on = 1;
	int err = hs_session_new(h);

	/* Or the tickets of TLS 1.3 wait 40 ms for an acknowledgement. */
	(void)setsockopt(
		h->params.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (err < 0) {
		set_outcome(h, EPROTO, "a TLS session cannot be set up: %s",
			gnutls_strerror(err));
		return fail(h, M_TLS_PROTOCOL);
	}
	gnutls_session_set_ptr(h->session, h);
	gnutls_handshake_set_hook_function(h->session, GNUTLS_HANDSHAKE_ANY,
		GNUTLS_HOOK_PRE, before_message);
	if (h->params.verify)
		gnutls_session_set_verify_function(h->session, verify);
	return 0;
}

/* EAGAIN while the connection is being made. */
static int check_connect(struct hs *h)
{
	struct sockaddr_storage peer;
	socklen_t n = sizeof(peer);
	socklen_t size = sizeof(int);
	int err = 0;

	if (getsockopt(h->params.fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0)
		err = errno;
	if (err == 0 &&
		getpeername(h->params.fd, (struct sockaddr *)&peer, &n) != 0)
		err = errno == ENOTCONN ? EAGAIN : errno;
	if (err == EAGAIN) {
		h->events = EPOLLOUT;
		return EAGAIN;
	}
	if (err == 0) {
		h->connecting = false;
		return 0;
	}
	set_outcome(
		h, err, "the TCP connection failed: %s", strerrordesc_np(err));
	metric_inc(M_TLS_NOT_CONNECTED);
	return err;
}

static void remember_first(struct hs *h)
{
	ssize_t n = recv(h->params.fd, h->first, sizeof(h->first),
		MSG_PEEK | MSG_DONTWAIT);

	h->first_n = n > 0 ? (size_t)n : 0;
}

int hs_step(struct hs *h)
{
	int err = h->connecting ? check_connect(h) : 0;

	if (err == 0 && h->session == NULL)
		err = begin_tls(h);
	if (err != 0)
		return err;
	if (h->first_n == 0)
		remember_first(h);
	do {
		err = gnutls_handshake(h->session);
	} while (err < 0 && err != GNUTLS_E_AGAIN &&
		 gnutls_error_is_fatal(err) == 0);
	if (err == 0)
		return finished(h);
	if (err != GNUTLS_E_AGAIN)
		return handshake_failed(h, err);
	h->events = gnutls_record_get_direction(h->session) != 0 ? EPOLLOUT
								 : EPOLLIN;
	return EAGAIN;
}

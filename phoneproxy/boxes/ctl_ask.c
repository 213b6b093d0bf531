#include "phoneproxy/boxes/ctl_ask.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/secret.h"
#include "base/thread.h"
#include "certs/store/seal.h"
#include "certs/tls/handshake.h"
#include "phoneproxy/signed/content.h"

enum {
	CONNECT_MS = 5000,
	ANSWER_MS = 10000,
	JUDGED_MS = 250,
	PASSWORD_FILE_MAX = 4096,
};

struct asking {
	const struct conf_ctl_server *server;
	bool told;
	int err;
	char *text;
	gnutls_session_t session;
	struct trustpoint *own;
	int fd;
};

/* ---- the connection ---- */

static void done(struct hs *h)
{
	struct asking *a = hs_arg(h);
	const char *text;

	a->told = true;
	a->err = hs_error(h, &text);
	if (a->err == 0)
		a->session = hs_take_session(h, &a->fd, &a->own);
	else
		a->text = mem_dup(text);
	hs_free(h);
}

static void handshake(struct asking *a, struct trustpoint *own)
{
	const struct addr *to = &a->server->addr;
	char host[ADDR_TEXT];
	struct mq *reply = mq_new(16);
	struct hs_pool *pool = NULL;
	struct hs_params p = {
		.fd = socket(to->sa.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
		.server_name = a->server->peer_name,
		.expected_name = a->server->peer_name != NULL
					 ? a->server->peer_name
					 : addr_host(to, host),
		.own = own,
		.verify = true,
		.deadline_ms = CONNECT_MS,
		.peer = *to,
		.listener = "ctl-client",
		.reply = reply,
		.done = done,
		.arg = a,
	};

	if (p.fd < 0 || (connect(p.fd, &to->sa, addr_len(to)) != 0 &&
				errno != EINPROGRESS))
		a->err = errno;
	else
		a->err = hs_pool_start(&pool, 1);
	if (a->err != 0) {
		if (p.fd >= 0)
			(void)close(p.fd);
		mq_free(reply);
		return;
	}
	hs_start(pool, &p);
	while (!a->told) {
		struct pollfd w = { .fd = mq_fd(reply), .events = POLLIN };

		(void)poll(&w, 1, CONNECT_MS);
		(void)mq_run(reply);
	}
	hs_pool_stop(pool);
	mq_free(reply);
}

static char *explain_connection(const struct asking *a)
{
	char text[ADDR_TEXT];
	const char *mend;

	(void)addr_text(&a->server->addr, text);
	switch (a->err) {
	case EACCES:
		mend = "mend its certificate, or the ca-bundle or peer-name "
		       "that it is judged by";
		break;
	case EPROTO:
	case ECONNRESET:
		mend = "see that `credentials` listen there, and whether they "
		       "accept our certificate";
		break;
	default:
		mend = "see that it runs, its 'ip source-address', and the "
		       "firewalls in between";
	}
	return mem_printf("%s: %s; %s", text,
		a->text != NULL ? a->text : strerrordesc_np(a->err), mend);
}

/* ---- question and answer ---- */

/* Waits until `end`; false: it is over. */
static bool wait_for(const struct asking *a, short events, uint64_t end)
{
	uint64_t now = clock_ms();
	struct pollfd w = { .fd = a->fd, .events = events };

	if (now >= end)
		return false;
	(void)poll(&w, 1, (int)(end - now));
	return true;
}

static bool again(ssize_t n)
{
	return n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED;
}

/* In TLS 1.3 it judges us after the handshake; what is sent before it has
 * would make its refusal a reset. 0, or an error with words. */
static int be_judged(struct asking *a, char **why)
{
	uint64_t end = clock_ms() + JUDGED_MS;
	char room[1], words[HS_ALERT_TEXT];
	ssize_t n = GNUTLS_E_AGAIN;

	do
		n = gnutls_record_recv(a->session, room, sizeof(room));
	while (again(n) && wait_for(a, POLLIN, end));
	if (again(n))
		return 0;
	if (n == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		hs_alert_words(gnutls_alert_get(a->session), words);
		*why = mem_printf("it refused us with the alert %s", words);
		return EACCES;
	}
	*why = mem_dup(n > 0 ? "it speaks before it is asked: that is not "
			       "Lineside's protocol"
			     : "it closed the connection after the handshake: "
			       "it may not accept our certificate");
	return n > 0 ? EBADMSG : EACCES;
}

static int send_all(struct asking *a, struct slice bytes, uint64_t end)
{
	while (bytes.n > 0) {
		ssize_t n = gnutls_record_send(a->session, bytes.p, bytes.n);

		if (again(n) && wait_for(a, POLLOUT, end))
			continue;
		if (n <= 0)
			return again(n) ? ETIMEDOUT : ECONNRESET;
		bytes = slice_from(bytes, (size_t)n);
	}
	return 0;
}

/* One frame into *in. */
static int receive(struct asking *a, struct text *in, uint64_t end)
{
	char room[16384];
	size_t size = 0;
	ssize_t n;
	int err;

	for (;;) {
		err = ctlx_frame(text_slice(in), &size);
		if (err != 0 || (size > 0 && in->n > size))
			return err != 0 ? err : EBADMSG;
		if (size > 0 && in->n == size)
			return 0;
		n = gnutls_record_recv(a->session, room, sizeof(room));
		if (again(n) && wait_for(a, POLLIN, end))
			continue;
		if (n <= 0)
			return again(n) ? ETIMEDOUT : ECONNRESET;
		text_add(in, slice_of(room, (size_t)n));
	}
}

static int explain_answer(int err, char **why)
{
	switch (err) {
	case ETIMEDOUT:
		*why = mem_dup("it did not answer in time");
		return err;
	case ECONNRESET:
		*why = mem_dup("it closed the connection without an answer");
		return err;
	case ENOTSUP:
		*why = mem_dup("it speaks another version of the protocol: "
			       "update the older box");
		return EBADMSG;
	case EACCES:
		*why = mem_dup("it offers a signer of trust lists, which none "
			       "but this box may be");
		return err;
	default:
		*why = mem_dup("what it answers is not Lineside's protocol");
		return EBADMSG;
	}
}

static int explain_refusal(uint8_t reason, char **why)
{
	switch (reason) {
	case CTLX_LOGIN:
		*why = mem_dup("user or password is wrong: compare with its "
			       "'ctl-service admin'");
		return EACCES;
	case CTLX_LOCKED:
		*why = mem_dup("the password was wrong too often: it listens "
			       "to us again in 15 minutes");
		return EACCES;
	default:
		*why = mem_dup("it did not understand the question");
		return EBADMSG;
	}
}

static int open_password(const struct conf *c, const struct conf_secret *s,
	struct text *out, char **why)
{
	char *clear;
	int err = seal_password(
		&clear, s, c->master_key_file, c->master_key_credential, why);

	if (clear != NULL) {
		text_add(out, slice_str(clear));
		mem_wipe(clear, strlen(clear));
	}
	free(clear);
	return err;
}

/* The first line of a file, or what the configuration says. Wipe it. */
static int password_of(const struct conf *c,
	const struct conf_ctl_server *server, struct text *out, char **why)
{
	struct content *file = NULL;
	struct slice rest, line = { 0 };
	int err;

	if (server->password.text != NULL)
		return open_password(c, &server->password, out, why);
	err = content_read(&file, server->password_file, PASSWORD_FILE_MAX);
	if (err != 0) {
		*why = mem_printf("password file %s cannot be read: %s",
			server->password_file, strerrordesc_np(err));
		return err;
	}
	rest = content_slice(file);
	if (slice_line(&rest, &line))
		text_add(out, line);
	mem_wipe(file->bytes.p, file->bytes.n);
	obj_unref(file);
	if (out->n > 0 && out->n <= CTLX_TEXT_MAX)
		return 0;
	*why = mem_printf("the first line of password file %s is %s",
		server->password_file, out->n == 0 ? "empty" : "too long");
	return EINVAL;
}

static int ask(
	struct asking *a, struct text *out, struct slice password, char **why)
{
	uint64_t end = clock_ms() + ANSWER_MS;
	struct ctlx_msg *m = mem_new(sizeof(*m));
	struct text question = { 0 }, answer = { 0 };
	int err;

	m->type = CTLX_ASK;
	m->user = slice_str(a->server->username);
	m->secret = password;
	err = ctlx_build(&question, m);
	if (err != 0)
		*why = mem_dup("user or password is longer than 255 bytes");
	else
		err = be_judged(a, why);
	if (err == 0) {
		err = send_all(a, text_slice(&question), end);
		if (err == 0)
			err = receive(a, &answer, end);
		if (err == 0)
			err = ctlx_parse(m, text_slice(&answer));
		if (err == 0 && m->type == CTLX_ASK)
			err = EBADMSG;
		if (err != 0)
			err = explain_answer(err, why);
		else if (m->type == CTLX_REFUSED)
			err = explain_refusal(m->reason, why);
	}
	if (err == 0)
		text_add(out, text_slice(&answer));
	if (question.p != NULL)
		mem_wipe(question.p, question.n);
	text_free(&question);
	text_free(&answer);
	free(m);
	return err;
}

static int ask_over_tls(struct asking *a, const struct conf *c,
	struct text *out, struct trustpoint *own, char **why)
{
	struct text password = { 0 };
	char *what = NULL, text[ADDR_TEXT];
	int err = password_of(c, a->server, &password, &what);

	if (err == 0)
		handshake(a, own);
	if (err == 0 && a->err != 0) {
		*why = explain_connection(a);
		err = a->err;
	} else if (err == 0) {
		err = ask(a, out, text_slice(&password), &what);
		(void)gnutls_bye(a->session, GNUTLS_SHUT_WR);
		gnutls_deinit(a->session);
		(void)close(a->fd);
	}
	if (what != NULL)
		*why = mem_printf(
			"%s: %s", addr_text(&a->server->addr, text), what);
	free(what);
	if (password.p != NULL)
		mem_wipe(password.p, password.n);
	text_free(&password);
	return err;
}

int ctl_ask(struct text *out, const struct conf *c,
	const struct conf_ctl_server *server, struct trustpoint *own,
	char **why)
{
	struct asking a = { .server = server, .fd = -1 };
	int err;

	*why = NULL;
	err = ask_over_tls(&a, c, out, own, why);
	obj_unref(a.own);
	free(a.text);
	return err;
}

#include "phoneproxy/tftp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "phoneproxy/serve/gate.h"
#include "phoneproxy/serve/tftp_serve.h"

enum {
	BURST = 64, /* packets read before others get their turn */
	PORT_TRIES = 32,
	BUCKETS = 256,
	PER_MINUTE = 15, /* times max-concurrent-sessions, of one source: as
			  * many phones of a site that starts */
	UNHEARD_MS = 2000, /* then it makes room */
};

struct session {
	struct session *next, **prev; /* in its bucket */
	struct tftp *tftp;
	struct ppset *set; /* referenced */
	struct addr peer;
	int fd; /* its own; -1: the one that was asked */
	struct event *event; /* of its own socket */
	struct loop_timer *timer;
	struct files_wait *wait; /* for the file */
	struct content *content; /* referenced; NULL until it is there */
	struct tftp_serve serve;
	struct file_name name;
	uint64_t began;
	size_t nrequest;
	char request[TFTP_REQUEST_MAX];
};

struct tftp {
	struct loop *loop;
	struct files *files;
	struct ppset *set; /* referenced */
	struct addr at;
	int fd;
	struct event *event;
	struct gate *gate;
	struct tftp_counts counts;
	struct session *bucket[BUCKETS];
};

static struct session **bucket_of(struct tftp *t, const struct addr *peer)
{
	return &t->bucket[addr_hash(peer, true) % BUCKETS];
}

static struct session *find(struct tftp *t, const struct addr *peer)
{
	struct session *s = *bucket_of(t, peer);

	while (s != NULL && !addr_equal(&s->peer, peer))
		s = s->next;
	return s;
}

static void send_to(int fd, const struct addr *to, struct slice packet)
{
	/* What does not leave is repeated like what is lost. */
	if (sendto(fd, packet.p, packet.n, MSG_DONTWAIT | MSG_NOSIGNAL, &to->sa,
		    addr_len(to)) < 0)
		errno = 0;
}

static void send_error(
	int fd, const struct addr *to, enum tftp_code code, const char *text)
{
	uint8_t room[TFTP_BLKSIZE];
	struct wbuf w = wbuf_of(room, sizeof(room));

	tftp_put_error(&w, code, text);
	send_to(fd, to, slice_of(room, w.at));
}

static int session_fd(const struct session *s)
{
	return s->fd >= 0 ? s->fd : s->tftp->fd;
}

static void session_send(void *arg, struct slice packet)
{
	const struct session *s = arg;

	send_to(session_fd(s), &s->peer, packet);
}

static void session_free(struct session *s)
{
	*s->prev = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	s->tftp->counts.sessions--;
	gate_leave(s->tftp->gate, &s->peer);
	files_cancel(s->wait);
	if (s->event != NULL)
		event_free(s->event);
	if (s->fd >= 0)
		(void)close(s->fd);
	loop_timer_free(s->timer);
	obj_unref(s->content);
	obj_unref(s->set);
	free(s);
}

/* How it ended, for the phone's story. */
static void note_end(struct session *s)
{
	struct phones *p = files_phones(s->tftp->files);

	if (s->serve.state == TFTP_DONE) {
		s->tftp->counts.done++;
		phones_note(p, s->name.device, &s->peer, PHONE_TRANSFER,
			"%s received whole, %u ms, %u packets repeated",
			s->name.asked, (unsigned)(clock_ms() - s->began),
			s->serve.repeated);
		return;
	}
	s->tftp->counts.unfinished++;
	metric_inc(M_PP_TFTP_UNFINISHED);
	phones_note(p, s->name.device, &s->peer, PHONE_TRANSFER,
		"%s not received: %s", s->name.asked,
		tftp_state_name(s->serve.state));
}

static void begin(struct tftp *t, const struct addr *peer, struct slice packet);

/* After a packet or the timer. `packet` is what superseded the transfer. */
static void session_go_on(struct session *s, struct slice packet)
{
	uint64_t now = clock_ms(), due;
	struct tftp *t = s->tftp;
	struct addr peer = s->peer;

	if (s->serve.state == TFTP_RUNNING) {
		due = tftp_serve_due(&s->serve);
		loop_timer_start(s->timer, due > now ? due - now : 1);
		return;
	}
	bool again = s->serve.state == TFTP_SUPERSEDED;

	note_end(s);
	session_free(s);
	if (again && packet.n > 0)
		begin(t, &peer, packet);
}

static void on_timer(void *arg)
{
	struct session *s = arg;

	if (s->content == NULL) { /* the file did not come in time */
		send_error(session_fd(s), &s->peer, TFTP_E_OTHER, "Try again");
		session_free(s);
		return;
	}
	tftp_serve_timer(&s->serve, clock_ms());
	session_go_on(s, (struct slice){ .n = 0 });
}

static void on_file(void *arg, enum files_end end, struct content *content)
{
	struct session *s = arg;
	struct tftp_limits limits = tftp_defaults;
	struct tftp_packet p;

	s->wait = NULL;
	if (end != FILES_FOUND) {
		if (end == FILES_ABSENT)
			send_error(session_fd(s), &s->peer, TFTP_E_NOT_FOUND,
				"File not found");
		else
			send_error(session_fd(s), &s->peer, TFTP_E_OTHER,
				"Not available");
		session_free(s);
		return;
	}
	s->content = obj_ref(content);
	limits.session_ms = s->set->conf->session_seconds * 1000;
	/* Of the port that everybody knows, acknowledgements can be forged
	 * blindly: each shall bring one block to who never asked. */
	if (s->fd < 0)
		limits.window_max = 1;
	need(tftp_parse(&p, slice_of(s->request, s->nrequest)) == 0);
	tftp_serve_start(&s->serve, &limits, slice_of(s->request, s->nrequest),
		&p, content_slice(content), clock_ms(), session_send, s);
	session_go_on(s, (struct slice){ .n = 0 });
}

/* ---- a transfer's own socket ---- */

/* RFC 1350 4; but not to an error: its sender may answer in the same way. */
static void refuse_stranger(
	int fd, const struct addr *from, struct slice packet)
{
	struct tftp_packet p;

	metric_inc(M_PP_TFTP_BAD);
	if (tftp_parse(&p, packet) == 0 && p.op != TFTP_ERROR)
		send_error(fd, from, TFTP_E_TID, "Unknown transfer");
}

static void on_session_packet(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	struct sockaddr_storage ss;
	char room[TFTP_PACKET_MAX];

	(void)what;
	for (int i = 0; i < BURST; i++) {
		socklen_t size = sizeof(ss);
		ssize_t n = recvfrom(fd, room, sizeof(room), MSG_DONTWAIT,
			(struct sockaddr *)&ss, &size);
		struct addr from;

		if (n < 0)
			break;
		from = addr_from_sockaddr((struct sockaddr *)&ss);
		if (!addr_equal(&from, &s->peer)) {
			refuse_stranger(fd, &from, slice_of(room, (size_t)n));
			continue;
		}
		if (s->content == NULL)
			continue;
		tftp_serve_packet(
			&s->serve, slice_of(room, (size_t)n), clock_ms());
		if (s->serve.state != TFTP_RUNNING)
			break;
	}
	if (s->content != NULL)
		session_go_on(s, (struct slice){ .n = 0 });
}

/* Any free port of the range, tried from a random one on. */
static int own_socket(struct session *s)
{
	const struct conf_phone_proxy *x = s->set->conf;
	unsigned span = (unsigned)(x->port_max - x->port_min) + 1;
	uint16_t start;
	int err = EADDRINUSE;

	random_bytes(&start, sizeof(start));
	for (unsigned i = 0; i < span && i < PORT_TRIES; i++) {
		struct addr a = s->tftp->at;
		int fd = socket(a.sa.sa_family,
			SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (fd < 0)
			return errno;
		addr_set_port(&a, (uint16_t)(x->port_min + (start + i) % span));
		if (bind(fd, &a.sa, addr_len(&a)) == 0) {
			s->fd = fd;
			s->event = event_new(loop_base(s->tftp->loop), fd,
				EV_READ | EV_PERSIST, on_session_packet, s);
			need(s->event != NULL &&
				event_add(s->event, NULL) == 0);
			return 0;
		}
		err = errno;
		(void)close(fd);
	}
	return err;
}

/* ---- requests ---- */

static struct session *session_new(
	struct tftp *t, const struct addr *peer, struct slice packet)
{
	struct session *s = mem_new(sizeof(*s)), **head = bucket_of(t, peer);

	s->tftp = t;
	s->set = obj_ref(t->set);
	s->peer = *peer;
	s->fd = -1;
	s->began = clock_ms();
	memcpy(s->request, packet.p, packet.n);
	s->nrequest = packet.n;
	s->timer = loop_timer_new(t->loop, on_timer, s);
	s->next = *head;
	s->prev = head;
	if (s->next != NULL)
		s->next->prev = &s->next;
	*head = s;
	t->counts.sessions++;
	return s;
}

static void refuse_busy(
	struct tftp *t, const struct addr *peer, const char *reason)
{
	char text[ADDR_TEXT];

	t->counts.busy++;
	metric_inc(M_PP_TFTP_BUSY);
	log_event(MSG_PHONE_BUSY, NULL, L_STR("proxy", t->set->conf->name),
		L_STR("peer", addr_text(peer, text)), L_STR("reason", reason),
		L_INT("count", t->counts.sessions));
	send_error(t->fd, peer, TFTP_E_OTHER, "Too many transfers, try again");
}

static bool older(const struct session *a, const struct session *b)
{
	return b == NULL || a->began < b->began;
}

/* The address of a request may be forged. Who was sent something and has said
 * nothing since makes room, the oldest first. */
static bool make_room(struct tftp *t)
{
	struct session *oldest = NULL;
	uint64_t now = clock_ms();

	if (t->counts.sessions < t->set->conf->max_sessions)
		return true;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct session *s = t->bucket[i]; s != NULL; s = s->next)
			if (s->content != NULL && !s->serve.heard &&
				now - s->began >= UNHEARD_MS &&
				older(s, oldest))
				oldest = s;
	if (oldest == NULL)
		return false;
	oldest->serve.state = TFTP_GIVEN_UP;
	note_end(oldest);
	session_free(oldest);
	return true;
}

/* NULL: it may begin. */
static const char *hindrance(struct tftp *t, const struct addr *peer)
{
	static const char *const reasons[GATE_VERDICTS] = {
		[GATE_TOTAL] = "too many sources ask",
		[GATE_SOURCE] = "it has half of all that there may be",
		[GATE_RATE] = "it asks too often",
	};

	if (!make_room(t))
		return "max-concurrent-sessions is reached";
	return reasons[gate_enter(t->gate, peer, clock_ms())];
}

static void serve(struct tftp *t, const struct addr *peer, struct slice packet,
	const struct tftp_packet *p)
{
	struct session *s = session_new(t, peer, packet);
	bool known = file_name_parse(&s->name, p->file);
	struct files_asked a = { .set = s->set,
		.name = known ? &s->name : NULL,
		.from = *peer,
		.by = "TFTP" };

	if (s->set->conf->port_min != 0 && own_socket(s) != 0) {
		send_error(t->fd, peer, TFTP_E_OTHER, "No port, try again");
		session_free(s);
		return;
	}
	loop_timer_start(
		s->timer, s->set->conf->session_seconds * UINT64_C(1000));

	/* It may answer from within, and the session be gone. */
	struct files_wait *w = files_get(t->files, &a, on_file, s);

	if (w != NULL)
		s->wait = w;
}

static void begin(struct tftp *t, const struct addr *peer, struct slice packet)
{
	struct tftp_packet p;
	const char *hinders;
	int err = tftp_parse(&p, packet);

	if (err != 0 || (p.op != TFTP_RRQ && p.op != TFTP_WRQ) ||
		packet.n > TFTP_REQUEST_MAX) {
		metric_inc(M_PP_TFTP_BAD);
		return; /* an answer would only help those who probe */
	}
	if (p.op == TFTP_WRQ) {
		metric_inc(M_PP_TFTP_BAD);
		send_error(t->fd, peer, TFTP_E_ACCESS, "Nothing is written");
		return;
	}
	t->counts.requests++;
	metric_inc(M_PP_TFTP_REQUESTS);
	if (!p.octet) {
		send_error(t->fd, peer, TFTP_E_ILLEGAL, "Mode octet only");
		return;
	}
	hinders = hindrance(t, peer);
	if (hinders != NULL)
		refuse_busy(t, peer, hinders);
	else
		serve(t, peer, packet, &p);
}

static bool is_request(struct slice packet)
{
	struct tftp_packet p;

	return tftp_parse(&p, packet) == 0 && p.op == TFTP_RRQ;
}

static void on_known_peer(struct session *s, struct slice packet)
{
	if (s->content == NULL)
		return; /* the file is still being fetched */
	if (s->fd >= 0 && !is_request(packet)) {
		metric_inc(M_PP_TFTP_BAD); /* has its own port for that */
		return;
	}
	tftp_serve_packet(&s->serve, packet, clock_ms());
	session_go_on(s, packet);
}

static void on_packet(evutil_socket_t fd, short what, void *arg)
{
	struct tftp *t = arg;
	struct sockaddr_storage ss;
	char room[TFTP_PACKET_MAX];

	(void)what;
	for (int i = 0; i < BURST; i++) {
		socklen_t size = sizeof(ss);
		ssize_t n = recvfrom(fd, room, sizeof(room), MSG_DONTWAIT,
			(struct sockaddr *)&ss, &size);
		struct session *s;
		struct addr from;

		if (n < 0)
			break;
		from = addr_from_sockaddr((struct sockaddr *)&ss);
		s = find(t, &from);
		if (s != NULL)
			on_known_peer(s, slice_of(room, (size_t)n));
		else
			begin(t, &from, slice_of(room, (size_t)n));
	}
}

static struct gate_limits limits_of(const struct ppset *set)
{
	unsigned most = set->conf->max_sessions;

	return (struct gate_limits){
		.total = most > 0 ? most : 1, /* 0 is no limit, there */
		.per_source = (most + 1) / 2,
		.per_minute = PER_MINUTE * most,
	};
}

struct tftp *tftp_open(struct loop *l, struct files *files, int fd,
	const struct addr *at, struct ppset *set)
{
	struct tftp *t = mem_new(sizeof(*t));
	const struct gate_limits gate = limits_of(set);

	*t = (struct tftp){ .loop = l,
		.files = files,
		.fd = fd,
		.at = *at,
		.set = obj_ref(set),
		.gate = gate_new(&gate) };
	t->event =
		event_new(loop_base(l), fd, EV_READ | EV_PERSIST, on_packet, t);
	need(t->event != NULL && event_add(t->event, NULL) == 0);
	return t;
}

void tftp_use(struct tftp *t, struct ppset *set)
{
	const struct gate_limits gate = limits_of(set);

	obj_unref(t->set);
	t->set = obj_ref(set);
	gate_set(t->gate, &gate);
}

void tftp_close(struct tftp *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (t->bucket[i] != NULL)
			/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): unlinks */
			session_free(t->bucket[i]);
	event_free(t->event);
	gate_free(t->gate);
	obj_unref(t->set);
	free(t);
}

void tftp_count(const struct tftp *t, struct tftp_counts *out)
{
	*out = t->counts;
}

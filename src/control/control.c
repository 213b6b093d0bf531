/* The server of the control socket. */
#include "control/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/obj.h"

struct control {
	struct loop *loop; /* borrowed */
	int fd;
	struct event *accept_event;
	struct loop_timer *again; /* accepting, after descriptors ran out */
	control_run_fn *run;
	void *arg;
	struct control_client *clients; /* each referenced */
	size_t nclients;
};

struct control_client {
	struct control_client *next, **prev; /* in the list while connected */
	struct control *control; /* NULL once it hung up */
	int fd;
	struct ucred cred;
	struct event *read_event, *write_event;
	struct loop_timer *timer;
	size_t n; /* bytes read */
	char in[REQUEST_MAX];
	struct text out; /* framed */
	size_t sent;
};

static void client_free(void *p)
{
	struct control_client *c = p;

	need(c->control == NULL);
	text_free(&c->out);
}

/* Hangs up; the memory stays while somebody still has to answer. */
static void client_close(struct control_client *c)
{
	struct control *ctl = c->control;

	if (ctl == NULL)
		return;
	event_free(c->read_event);
	event_free(c->write_event);
	loop_timer_free(c->timer);
	close(c->fd);
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	ctl->nclients--;
	c->control = NULL;
	obj_unref(c);
}

static void on_deadline(void *arg)
{
	client_close(arg);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct control_client *c = arg;
	struct slice rest = slice_from(text_slice(&c->out), c->sent);

	(void)what;
	ssize_t n = send(fd, rest.p, rest.n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		client_close(c);
		return;
	}
	c->sent += (size_t)n;
	if (c->sent == c->out.n)
		client_close(c);
	else
		loop_timer_start(c->timer, CONTROL_STALL_MS);
}

static void add_frames(struct text *to, char kind, struct slice s)
{
	while (s.n > 0) {
		struct slice part = slice_head(s, FRAME_MAX);

		text_printf(to, "%c %zu\n", kind, part.n);
		text_add(to, part);
		s = slice_from(s, part.n);
	}
}

/* Both ways: half a connection still takes an answer. */
static bool peer_has_left(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

void control_answer(
	struct control_client *c, struct slice out, struct slice err, int code)
{
	if (c->control != NULL) {
		add_frames(&c->out, 'O', out);
		add_frames(&c->out, 'E', err);
		text_printf(&c->out, "X %d\n", code);
		need(event_add(c->write_event, NULL) == 0);
		loop_timer_start(c->timer, CONTROL_STALL_MS);
	}
	obj_unref(c);
}

bool control_waits(const struct control_client *c)
{
	return c->control != NULL && !peer_has_left(c->fd);
}

uid_t control_uid(const struct control_client *c)
{
	return c->cred.uid;
}

pid_t control_pid(const struct control_client *c)
{
	return c->cred.pid;
}

static const char *complaint(int err)
{
	if (err == EPROTO)
		return "% The daemon speaks another version of the control protocol\n";
	if (err == E2BIG)
		return "% The command is too long\n";
	return "% Not a command line\n";
}

/* The line is whole: no more is read from this client. */
static void client_ask(struct control_client *c, struct slice line)
{
	struct request r;
	int err = request_parse(line, &r);

	event_del(c->read_event);
	loop_timer_stop(c->timer);
	obj_ref(c); /* dropped by control_answer() */
	if (err != 0)
		control_answer(c, (struct slice){ .n = 0 },
			slice_str(complaint(err)), EXIT_USAGE);
	else
		c->control->run(c->control->arg, c, &r);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct control_client *c = arg;
	ssize_t n = recv(fd, c->in + c->n, sizeof(c->in) - c->n, MSG_DONTWAIT);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_close(c);
		return;
	}
	c->n += (size_t)n;

	struct slice got = slice_of(c->in, c->n);
	size_t end = slice_find(got, '\n');

	if (end < got.n || got.n == sizeof(c->in))
		client_ask(c, slice_head(got, end));
}

static void client_new(struct control *ctl, int fd)
{
	struct control_client *c = obj_new(sizeof(*c), client_free);
	socklen_t size = sizeof(c->cred);

	c->control = ctl;
	c->fd = fd;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c->cred, &size) != 0)
		c->cred = (struct ucred){ .uid = (uid_t)-1, .gid = (gid_t)-1 };
	c->read_event = event_new(
		loop_base(ctl->loop), fd, EV_READ | EV_PERSIST, on_readable, c);
	c->write_event = event_new(loop_base(ctl->loop), fd,
		EV_WRITE | EV_PERSIST, on_writable, c);
	need(c->read_event != NULL && c->write_event != NULL);
	need(event_add(c->read_event, NULL) == 0);
	c->timer = loop_timer_new(ctl->loop, on_deadline, c);
	loop_timer_start(c->timer, CONTROL_ASK_MS);
	c->next = ctl->clients;
	c->prev = &ctl->clients;
	if (c->next != NULL)
		c->next->prev = &c->next;
	ctl->clients = c;
	ctl->nclients++;
}

/* Said without waiting: whoever cannot take these few bytes gets none. */
static void turn_away(int fd)
{
	struct text t = { 0 };

	add_frames(&t, 'E', SLICE_LIT("% Too many clients, try again\n"));
	text_printf(&t, "X %d\n", EXIT_FAILED);
	if (send(fd, t.p, t.n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		errno = 0;
	text_free(&t);
	close(fd);
}

static void accept_again(void *arg)
{
	struct control *ctl = arg;

	need(event_add(ctl->accept_event, NULL) == 0);
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
	struct control *ctl = arg;
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (peer < 0 && (errno == EMFILE || errno == ENFILE)) {
		/* Readable all the time, and nothing to be done now. */
		event_del(ctl->accept_event);
		loop_timer_start(ctl->again, 1000);
	}
	if (peer < 0)
		return;
	if (ctl->nclients >= CONTROL_CLIENTS_MAX)
		turn_away(peer);
	else
		client_new(ctl, peer);
}

/* Is there a socket file that nobody listens on? */
static bool left_over(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool dead;

	if (fd < 0)
		return false;
	dead = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) != 0 &&
	       errno == ECONNREFUSED;
	close(fd);
	return dead;
}

static int bind_path(int fd, const struct sockaddr_un *sun)
{
	/* From the first moment nobody else may connect. */
	mode_t old = umask(0117);
	int err = 0;

	if (bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) != 0)
		err = errno;
	if (err == EADDRINUSE && left_over(sun) && unlink(sun->sun_path) == 0)
		err = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) != 0
			      ? errno
			      : 0;
	umask(old);
	return err;
}

int control_listen(const char *path, int *fd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int err;

	*fd = -1;
	if (!slice_copy(slice_str(path), sun.sun_path, sizeof(sun.sun_path)))
		return ENAMETOOLONG;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return errno;
	err = bind_path(*fd, &sun);
	if (err == 0 && listen(*fd, CONTROL_CLIENTS_MAX) != 0)
		err = errno;
	if (err != 0) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

struct control *control_new(
	struct loop *l, int fd, control_run_fn *run, void *arg)
{
	struct control *ctl = mem_new(sizeof(*ctl));

	*ctl = (struct control){ .loop = l, .fd = fd, .run = run, .arg = arg };
	ctl->again = loop_timer_new(l, accept_again, ctl);
	ctl->accept_event = event_new(
		loop_base(l), fd, EV_READ | EV_PERSIST, on_connection, ctl);
	need(ctl->accept_event != NULL);
	need(event_add(ctl->accept_event, NULL) == 0);
	return ctl;
}

void control_free(struct control *ctl)
{
	if (ctl == NULL)
		return;
	while (ctl->clients != NULL)
		client_close(ctl->clients);
	event_free(ctl->accept_event);
	loop_timer_free(ctl->again);
	close(ctl->fd);
	free(ctl);
}

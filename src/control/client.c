/* One connection per question; the daemon closes after its answer. */
#include "control/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int say_no_daemon(const char *path, int err, FILE *to)
{
	if (err == EACCES || err == EPERM) {
		fprintf(to,
			"%% Not allowed to use %s: be root or in the group that owns it\n",
			path);
		return EXIT_REFUSED;
	}
	fprintf(to,
		"%% linesided is not running (%s: %s): start it, or name its "
		"control-socket with -s\n",
		path, strerrordesc_np(err));
	return EXIT_NOT_RUNNING;
}

static int client_connect(const char *path, int *fd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	*fd = -1;
	if (!slice_copy(slice_str(path), sun.sun_path, sizeof(sun.sun_path)))
		return ENAMETOOLONG;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return errno;
	if (connect(*fd, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		return errno;
	return 0;
}

static int send_all(int fd, struct slice s)
{
	while (s.n > 0) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		s = slice_from(s, (size_t)n);
	}
	return 0;
}

static int copy_bytes(FILE *in, uint64_t n, FILE *to)
{
	char buf[4096];

	while (n > 0) {
		size_t want = n < sizeof(buf) ? (size_t)n : sizeof(buf);
		size_t got = fread(buf, 1, want, in);

		if (got == 0)
			return EPROTO;
		if (fwrite(buf, 1, got, to) != got)
			return EIO;
		n -= got;
	}
	return 0;
}

/* Frames until the exit code; see request.h. */
static int read_answer(FILE *in, FILE *out, FILE *err, int *code)
{
	char head[32];
	uint64_t n, total = 0;
	int failed;

	while (fgets(head, sizeof(head), in) != NULL) {
		struct slice s = slice_trim(slice_str(head));

		if (s.n < 3 || s.p[1] != ' ' ||
			slice_uint(slice_from(s, 2), FRAME_MAX, &n) != 0)
			return EPROTO;
		if (s.p[0] == 'X') {
			*code = (int)(n & 0xff);
			return 0;
		}
		total += n;
		if ((s.p[0] != 'O' && s.p[0] != 'E') ||
			total > CLIENT_ANSWER_MAX)
			return EPROTO;
		failed = copy_bytes(in, n, s.p[0] == 'O' ? out : err);
		if (failed != 0)
			return failed;
	}
	return EPROTO;
}

static int converse(
	int fd, struct slice request, FILE *out, FILE *err, int *code)
{
	FILE *in;
	int failed = send_all(fd, request);

	/* A daemon that has too many clients answers and hangs up before it
	 * has read anything: its answer is there all the same. */
	if (failed != 0 && failed != EPIPE)
		return failed;
	in = fdopen(dup(fd), "r");
	if (in == NULL)
		return errno;
	failed = read_answer(in, out, err, code);
	fclose(in);
	return failed;
}

int client_ask(const char *socket_path, enum request_form form,
	const char *line, FILE *out, FILE *err)
{
	struct text t = { 0 };
	int fd, code = EXIT_FAILED;
	int failed = client_connect(socket_path, &fd);

	if (failed != 0) {
		if (fd >= 0)
			close(fd);
		return say_no_daemon(socket_path, failed, err);
	}
	text_printf(&t, "lineside/1 %s %s\n", request_form_name(form), line);
	failed = converse(fd, text_slice(&t), out, err, &code);
	text_free(&t);
	close(fd);
	fflush(out);
	if (failed != 0) {
		fprintf(err, "%% The answer broke off: %s\n",
			strerrordesc_np(failed));
		return EXIT_FAILED;
	}
	return code;
}

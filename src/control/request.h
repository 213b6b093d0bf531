/*
 * What comes in on the control socket: one line that says which form of answer
 * is wanted and the operator's words. Bytes in, request out; knows no socket.
 *
 *   lineside/1 text show call active voice brief
 *
 * The answer is a row of frames: "O LENGTH\n" and that many bytes for standard
 * output, "E LENGTH\n" likewise for standard error, and at the end "X CODE\n".
 */
#ifndef LINESIDE_REQUEST_H
#define LINESIDE_REQUEST_H

#include "show/words.h"

enum {
	REQUEST_MAX = WORDS_LINE_MAX + 32, /* bytes, line feed included */
	FRAME_MAX = 1 << 16, /* bytes of one frame */
};

enum request_form {
	REQUEST_TEXT,
	REQUEST_JSON,
	REQUEST_HELP, /* "?" */
	REQUEST_COMPLETE, /* tab */
	REQUEST_FORMS
};

/* Exit codes of the lineside program, and of an answer. */
enum exit_code {
	EXIT_OK,
	EXIT_FAILED,
	EXIT_USAGE,
	EXIT_NOT_RUNNING,
	EXIT_REFUSED,
};

struct request {
	enum request_form form;
	struct slice line; /* the operator's part, borrowed from the input */
	struct words words;
};

const char *request_form_name(enum request_form f);

/* `line` without its line feed. EBADMSG: not a request; EPROTO: another
 * version's; E2BIG: too long. */
int request_parse(struct slice line, struct request *out) MUST_USE;

#endif

/*
 * Log lines. Every message is a row of messages.def: facility, severity,
 * mnemonic, text with {named} places, what it means, what to do. So
 * %SIP-4-PEER_DOWN has its manual entry from birth, and every line is also
 * structured (journal fields, JSON) without further work.
 *
 *   log_event(MSG_SIP_PEER_DOWN, ctx, L_STR("peer", name), L_INT("status", 503));
 *
 * Foreign text is escaped; a message that a peer can provoke is rate-limited
 * by the row. Keys, passwords and SDES lines are never given to these
 * functions, at any level. Any thread.
 */
#ifndef LINESIDE_BASE_LOG_H
#define LINESIDE_BASE_LOG_H

#include "base/addr.h"
#include "base/need.h"
#include "base/slice.h"

enum log_severity { /* syslog's numbers */
	LOG_SEV_EMERGENCY,
	LOG_SEV_ALERT,
	LOG_SEV_CRITICAL,
	LOG_SEV_ERROR, /* someone must act now */
	LOG_SEV_WARNING, /* some day */
	LOG_SEV_NOTICE,
	LOG_SEV_INFO, /* a change of state that some show also tells */
	LOG_SEV_DEBUG, /* behind a debug switch */
};

enum log_msg {
#define MESSAGE(fac, sev, mnemonic, limit, text, meaning, action)              \
	MSG_##fac##_##mnemonic,
#include "base/messages.def"
#undef MESSAGE
	MSG_COUNT
};

struct log_row {
	const char *facility, *mnemonic, *text, *meaning, *action;
	enum log_severity severity;
	unsigned limit; /* lines per second; 0: unlimited */
};
extern const struct log_row log_rows[MSG_COUNT];

/* Who a line is about: set once, borrowed by each call; NULL is fine. */
struct log_ctx {
	uint32_t call; /* our number of the call; 0: none */
	char leg; /* 'A' or 'B'; 0: none */
	const char *phone; /* device name; NULL or "": none */
	const char *sip_call_id; /* of the leg; NULL or "": none */
	char *kept; /* the room of both, where log_ctx_keep() was called */
};
enum { LOG_PHONE_MAX = 63, LOG_CALL_ID_MAX = 127 };
/* For who keeps a context: the two texts become copies, cut off there, which
 * log_ctx_forget() frees; `ctx` held none, or such. */
void log_ctx_keep(
	struct log_ctx *ctx, struct slice phone, struct slice sip_call_id);
void log_ctx_forget(struct log_ctx *ctx);

struct log_arg {
	const char *name; /* as in the text's {name} */
	enum {
		LOG_ARG_STR,
		LOG_ARG_SLICE,
		LOG_ARG_OURS,
		LOG_ARG_INT,
		LOG_ARG_ADDR
	} kind;
	union {
		const char *str;
		struct slice slice;
		int64_t num;
		const struct addr *addr;
	};
};
#define L_STR(n, v)                                                            \
	((struct log_arg){ .name = n, .kind = LOG_ARG_STR, .str = v })
#define L_SLICE(n, v)                                                          \
	((struct log_arg){ .name = n, .kind = LOG_ARG_SLICE, .slice = v })
/* Made by ourselves, of one line: neither cut nor escaped. */
#define L_OURS(n, v)                                                           \
	((struct log_arg){ .name = n, .kind = LOG_ARG_OURS, .str = v })
#define L_INT(n, v)                                                            \
	((struct log_arg){                                                     \
		.name = n, .kind = LOG_ARG_INT, .num = (int64_t)(v) })
#define L_ADDR(n, v)                                                           \
	((struct log_arg){ .name = n, .kind = LOG_ARG_ADDR, .addr = v })

/* The first, empty one makes a list without arguments well-formed. */
#define log_event(msg, ctx, ...)                                               \
	log_write((msg), (ctx),                                                \
		(const struct log_arg[]){                                      \
			{ .name = "" }, ##__VA_ARGS__, { .name = NULL } } +    \
			1)

/* `args` ends with a NULL name. A place without an argument prints "?". */
void log_write(enum log_msg msg, const struct log_ctx *ctx,
	const struct log_arg *args);

/*
 * Somebody who is told of every event as it happens, whatever the level and the
 * limits: on the thread of who logs; must not log. After log_watch(NULL, NULL)
 * nobody is told any more, nor is being told. Main thread.
 */
typedef void log_watch_fn(
	void *arg, enum log_msg msg, const struct log_arg *args);
void log_watch(log_watch_fn *fn, void *arg);
/* The argument of that name; NULL: there is none. */
const struct log_arg *log_arg_find(
	const struct log_arg *args, const char *name);
/* The row's text with its places filled in; free() it. */
char *log_event_text(enum log_msg msg, const struct log_arg *args) MUST_USE;

enum log_debug { /* switches of "debug …" and "undebug all" */
	DEBUG_SIP_MESSAGES, /* "debug ccsip messages": keys are masked */
	DEBUG_SIP_CALLS, /* "debug ccsip calls" */
	DEBUG_TLS, /* "debug crypto pki transactions" */
	DEBUG_MEDIA, /* "debug voip rtp session" */
	DEBUG_CONFIG,
	DEBUG_COUNT
};
bool log_debug_on(enum log_debug sw);
void log_debug_set(enum log_debug sw, bool on);
const char *log_debug_name(enum log_debug sw);
void log_debug_line(enum log_debug sw, const struct log_ctx *ctx,
	const char *fmt, ...) PRINTF(3, 4);
#define log_debug(sw, ctx, ...)                                                \
	(log_debug_on(sw) ? log_debug_line((sw), (ctx), __VA_ARGS__) : (void)0)

struct log_params {
	enum log_severity level; /* up to and including */
	bool to_stderr;
	bool to_journal; /* sd-journal when the process runs under systemd */
	bool json; /* one object per line */
	const char *file; /* NULL: none; opened for append, 0640 */
};
/* Before the first call lines go to stderr. Main thread. errno of open(). */
int log_setup(const struct log_params *p) MUST_USE;
void log_reopen(void); /* after logrotate: SIGUSR1 */

/* Recent lines, for "show logging": oldest first. */
void log_recent(void (*each)(void *arg, const char *line), void *arg);

#endif

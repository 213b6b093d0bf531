/*
 * The operator's commands: one row gives the words, the help, what has to be
 * asked of the sip thread, and the function that answers. control.c carries
 * them out on the services thread.
 */
#ifndef LINESIDE_COMMAND_H
#define LINESIDE_COMMAND_H

#include <time.h>

#include "b2bua/b2bua.h"
#include "base/table.h"
#include "ca/ca_service.h"
#include "capf_command.h"
#include "captures.h"
#include "conf/conf.h"
#include "control/request.h"
#include "media/media.h"
#include "phoneproxy/proxy.h"
#include "pki/renewal_status.h"
#include "reload_result.h"
#include "show/words.h"

/* What an answer is made from; all borrowed. Nothing in it changes. */
struct show {
	const struct conf *conf; /* the one in force */
	const struct b2bua_query *query; /* what the row asked for; or NULL */
	/* The trustpoints since the last reload; NULL: not yet here. */
	const struct b2bua_query *trustpoints;
	const struct renewal_status *renewals; /* NULL: not yet here */
	const struct media_usage *media;
	const struct memory_use *memory;
	const struct proxy *proxy; /* NULL: none */
	const struct phone_trust *trust; /* CAPF, TVS, relays */
	struct captures *captures; /* NULL: none */
	const struct reload_result *const *reloads; /* oldest first */
	size_t nreloads;
	uint64_t now_ms; /* since 1970 */
	uint64_t up_ms; /* since the start */
	const struct match *match; /* the words that were filled in */
};

enum command_kind {
	COMMAND_TOPIC, /* no command: help for a word that others go on from */
	COMMAND_SHOW, /* fills a table: `show` */
	COMMAND_TEXT, /* writes text: `text` */
	COMMAND_DEBUG, /* switches a debug on or off */
	COMMAND_CLEAR_CALL,
	COMMAND_CLEAR_CERT,
	COMMAND_CLEAR_COUNTERS,
	COMMAND_RELOAD,
	COMMAND_CA, /* asked of the CA: `verb` */
	COMMAND_CAPF, /* of the CAPF server: `capf` */
	COMMAND_CAPTURE, /* of a call: arg[0], then what the words say */
	COMMAND_CAPTURE_STOP,
};

/* 0, or an errno value when there is nothing to show: the exit code is 1 then
 * and what was filled in is shown all the same. */
typedef int show_fn(struct table *t, const struct show *s);
typedef void show_text_fn(FILE *out, const struct show *s);

struct command {
	struct command_words words;
	enum command_kind kind;
	unsigned ask; /* of enum b2bua_what */
	show_fn *show;
	show_text_fn *text;
	int debug; /* which switch; -1: all */
	bool on; /* COMMAND_DEBUG: its new state */
	enum ca_verb verb; /* COMMAND_CA */
	enum capf_verb capf; /* COMMAND_CAPF */
};

extern const struct command commands[];
extern const size_t ncommands;
/* For words_match() and its kin. */
const struct command_words *command_row(size_t i);

#endif

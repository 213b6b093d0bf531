/* The story being played, for the files that play it. */
#ifndef LINESIDE_TESTS_SCENARIO_STORY_H
#define LINESIDE_TESTS_SCENARIO_STORY_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "base/metric.h"
#include "base/obj.h"
#include "far_end.h"

enum {
	WORDS_MAX = 64,
	LINES_MAX = 4096,
	VARS_MAX = 32,
	SDPS_MAX = 64,
	CROSS_MAX = 8
};

struct story {
	const char *file;
	unsigned line;
	struct world *w;
	char *conf;
	size_t nsdps, nvars;
	struct {
		char name[NAME_SIZE];
		char *text;
	} sdp[SDPS_MAX];
	struct {
		char name[NAME_SIZE];
		char *value;
	} var[VARS_MAX];
	char *cross[CROSS_MAX]; /* lines that may cross what follows */
	size_t ncross;
	const char *doing; /* told with a failure; NULL: nothing */
	uint64_t metric[METRIC_COUNT];
	struct mleg_crypto tx[2], rx[2]; /* at the last "media" line */
};
extern struct story st;

struct words { /* of a line */
	size_t n;
	char *v[WORDS_MAX];
};

/* story_play.c */
void story_open(void); /* a world, in which nobody is yet */
void story_play(const char *file);
void story_line(char *text);
void story_close(void); /* the core goes; nothing may be left over */

/* story_words.c */
void story_split(struct words *out, char *line);
char *story_substitute(const char *line); /* $NAME */
char *story_with_keys(const char *text); /* @key:NAME:BYTES@ */
void story_set_var(const char *name, const char *value);
const char *story_sdp(const char *name);

/* story_world.c: who is there, and their connections */
void story_start(void);
void story_reload(void);
void story_phone(const struct words *w);
void story_host(const struct words *w);
void story_alias(const struct words *w);
void story_party_line(struct party *p, const struct words *w);

/* story_send.c: "P1> …" */
void story_send(struct party *p, const struct words *w);
void story_send_free(void);

/* story_check.c: "P1< …" and looks at state */
void story_get(struct party *p, const struct words *w);
void story_media(const struct words *w);
void story_counter(const struct words *w);
void story_expect(const struct words *w);
void story_call(const struct words *w);
void story_ringing(const struct words *w);
void story_sub(const struct words *w);
void story_reg(const struct words *w);
void story_peer(const struct words *w);

#endif

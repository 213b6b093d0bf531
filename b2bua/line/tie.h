/*
 * What ties a line to a phone. A rule of phone-identity may name the line that a
 * certificate may register; the configuration that the phone boots from names
 * the lines of the device. Both must agree with what it registers, as far as
 * they are known. Of the sip thread.
 */
#ifndef LINESIDE_B2BUA_TIE_H
#define LINESIDE_B2BUA_TIE_H

#include "certs/judge/identity.h"

enum {
	TIES_MAX = 20000, /* devices; then the one told of longest ago goes */
	TIE_LINES_MAX = 128, /* of a device */
};

enum tie {
	TIE_NONE, /* nothing says whose line it is */
	TIE_RULE, /* the rule that matched the certificate names it */
	TIE_CONFIG, /* the device's configuration has it */
	TIE_OTHER_RULE, /* the rule names another line */
	TIE_OTHER_CONFIG, /* the device's configuration has not got it */
};
const char *tie_name(enum tie t); /* "rule" */
/* Why a line is refused: a sentence's end. */
const char *tie_reason(enum tie t);
static inline bool tie_broken(enum tie t)
{
	return t == TIE_OTHER_RULE || t == TIE_OTHER_CONFIG;
}

struct ties;
struct ties *ties_new(void) MUST_USE;
void ties_free(struct ties *t);
size_t ties_count(const struct ties *t);

/* The lines of a device's configuration, a line feed behind each; of no bytes:
 * nothing is known of it any more. */
void ties_set(struct ties *t, struct slice device, struct slice lines);
enum tie ties_judge(
	const struct ties *t, const struct identity *who, struct slice line);

#endif

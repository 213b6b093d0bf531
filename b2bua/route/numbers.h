/*
 * Numbers of a call on their way through: translation profiles applied to
 * numbers, URIs and the headers that carry them. Pure.
 */
#ifndef LINESIDE_B2BUA_NUMBERS_H
#define LINESIDE_B2BUA_NUMBERS_H

#include "b2bua/route/headers.h"
#include "conf/conf.h"

enum { NUMBER_SIZE = 64 };

/*
 * The number by the profile's rules (p may be NULL). True: it is another one
 * now. What no rule matches stays, and so does what a rule makes unusable,
 * which is counted. *rule (may be NULL): which did it; 0: none.
 */
bool numbers_translate(const struct conf_xlate_profile *p,
	enum conf_xlate_what what, char number[NUMBER_SIZE], unsigned *rule);
/* A reject rule of the profile names one of the two numbers. */
bool numbers_blocked(const struct conf_xlate_profile *p, const char *called,
	const char *calling);

/* The URI with another user part, the rest as it is; free() it. What is not
 * a URI stays. */
char *numbers_uri(struct slice uri, const char *user) MUST_USE;
/* The same of a name-addr (its display name kept). */
char *numbers_name_addr(struct slice value, const char *user) MUST_USE;

/* Headers that name the caller (P-Asserted-Identity, P-Preferred-Identity,
 * Remote-Party-ID) with `was` become `now`. */
void numbers_caller_headers(struct hdrs *h, const char *was, const char *now);
/* The first Diversion, by the profile's rules. */
void numbers_diversion(struct hdrs *h, const struct conf_xlate_profile *p);

#endif

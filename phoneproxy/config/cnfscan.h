/*
 * Walking over the markup of a configuration's bytes. Before libxml2 sees a
 * document, to keep from it what it takes quadratic time for; afterwards, to
 * find the places of elements.
 */
#ifndef LINESIDE_PHONEPROXY_CNFSCAN_H
#define LINESIDE_PHONEPROXY_CNFSCAN_H

#include "base/slice.h"

enum { CNF_ATTRIBUTES_MAX = 64 }; /* of one element */

enum cnf_markup {
	MARKUP_START, /* <a …> or <a …/> */
	MARKUP_END, /* </a> */
	MARKUP_OTHER, /* comment, CDATA, processing instruction */
	MARKUP_NONE, /* no '<' any more */
	MARKUP_DTD,
	MARKUP_BAD, /* begins, but does not end as it should */
};

/* The markup at or behind *at: where it begins and, in *at, ends. */
enum cnf_markup cnfscan_next(struct slice xml, size_t *at, size_t *start);
/* The name in a tag, without prefix; `at` is behind '<'. */
struct slice cnfscan_name(struct slice xml, size_t at);

/*
 * Fit to be parsed: an encoding whose markup is that of ASCII, no DTD, proper
 * comments, few attributes. ENOTSUP, EACCES, EBADMSG, E2BIG.
 */
int cnfscan_check(struct slice xml) MUST_USE;

#endif

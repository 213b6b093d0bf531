/*
 * Requests that came by more than one way (RFC 3261 8.2.2.2): From tag,
 * Call-ID, CSeq and Request-URI of one that is here already, but of another
 * branch. The Request-URI is ours to add: behind each token of ours is another
 * phone, and a proxy that forks to several of them sends all else alike. Sip
 * thread.
 */
#ifndef LINESIDE_B2BUA_NTA_MERGED_H
#define LINESIDE_B2BUA_NTA_MERGED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
	MERGED_MAX = 4096, /* that are remembered */
	MERGED_MS = 32000, /* 64·T1: nobody repeats a request for longer */
};

struct merged_set {
	uint64_t seed; /* what others can write decides no place */
	struct merged {
		uint64_t what, branch;
		uint64_t until_ms;
	} * v; /* MERGED_MAX; NULL: nothing came yet */
};

struct merged_request {
	struct slice call_id, from_tag, method, ruri, branch;
	uint32_t cseq;
};

/* It has come by another way before. Remembers it. */
bool merged_before(
	struct merged_set *s, const struct merged_request *r, uint64_t now_ms);
void merged_free(struct merged_set *s);

#endif

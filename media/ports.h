/*
 * RTP port pairs: even port for RTP, the odd one above for RTCP. Pairs are
 * taken on one thread (sip) and given back on any. A pair given back rests
 * for some seconds, so that late packets of the old call do not meet a new
 * one; unless no other is left. A pair whose sockets stay open for a next call
 * (spares.h) is kept: nobody else may have its number.
 */
#ifndef LINESIDE_MEDIA_PORTS_H
#define LINESIDE_MEDIA_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/need.h"

struct ports;

enum { PORTS_REST_MS = 5000 };

struct ports *ports_new(uint16_t min, uint16_t max) MUST_USE;
void ports_free(struct ports *ps);
/* Pairs in use stay in use. */
void ports_set_range(struct ports *ps, uint16_t min, uint16_t max);
/* EAGAIN: all are in use. The place in the range is random. */
int ports_take(struct ports *ps, uint64_t now_ms, uint16_t *out) MUST_USE;
void ports_give(struct ports *ps, uint64_t now_ms, uint16_t port);

/* Any thread. A pair in use is kept from now on; false: the range has no room
 * for that, or moved, and it stays in use. */
bool ports_keep(struct ports *ps, uint16_t port) MUST_USE;
void ports_use_kept(struct ports *ps, uint16_t port);
void ports_give_kept(struct ports *ps, uint64_t now_ms, uint16_t port);
/* So many are in use or kept that what is kept had better be given back. */
bool ports_few(struct ports *ps);

unsigned ports_used(struct ports *ps); /* any thread */
unsigned ports_kept(struct ports *ps); /* any thread */
unsigned ports_count(struct ports *ps); /* pairs in the range; any thread */

#endif

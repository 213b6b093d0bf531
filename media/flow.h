/*
 * One direction through the software transcoder: packets of one codec in,
 * packets of another out. Order is restored over a few packets, what was lost
 * is concealed, packet times differ freely. What leaves is decided by the
 * timestamps of what came; a clock is needed only while the near end pauses
 * (silence that it does not send) and the far end could not be told so.
 */
#ifndef LINESIDE_MEDIA_FLOW_H
#define LINESIDE_MEDIA_FLOW_H

#include "media/rtcp_map.h"
#include "media/xcode.h"

struct flow;

struct flow *flow_new(
	const struct xcode_side *from, const struct xcode_side *to) MUST_USE;
void flow_free(struct flow *f); /* NULL is fine */
/* As xcode_put() and xcode_get(). */
void flow_put(struct flow *f, const struct pkt *in, uint64_t now_ns);
int flow_get(struct flow *f, struct pkt *out, struct xcode_out *about);
/* It pauses, and by now so much noise is due as flow_get() will give. False:
 * it does not pause. To be called again within some milliseconds. */
bool flow_rest(struct flow *f, uint64_t now_ns);
/* Does it? */
bool flow_pauses(const struct flow *f);
/* As xcode_press() and the heard() of xcode_ops. */
bool flow_press(struct flow *f, uint8_t key, unsigned ms);
bool flow_heard(struct flow *f, bool broke_off, struct xcode_key *out);
void flow_stats(const struct flow *f, struct xcode_stats *out);

/* Its numbers as they came and as they left, for RTCP. */
void flow_map(const struct flow *f, struct rtcp_map *out);

#endif

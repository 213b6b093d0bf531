/* Keys of the two legs. See bridge.h. */
#include "media/bridge.h"

#include "base/metric.h"

void bridge_tell_key(
	struct bridge *br, int side, const struct keys_heard *heard)
{
	if (heard->any)
		br->event(br->arg, &(struct media_event){ .kind = MEDIA_KEY,
					   .side = side,
					   .key = heard->key,
					   .ms = heard->ms });
}

void bridge_tell_tones(struct bridge *br, int side, uint64_t now_ns)
{
	struct xcode_key k;

	while (xcode_heard(br->xcode, side, now_ns, &k))
		br->event(br->arg, &(struct media_event){ .kind = MEDIA_KEY,
					   .side = side,
					   .key = k.key,
					   .ms = (uint16_t)(k.ms == 0 ? 1
							    : k.ms > UINT16_MAX
								    ? UINT16_MAX
								    : k.ms),
					   .sound = true });
}

void bridge_tick_keys(struct bridge *br, uint64_t now_ns)
{
	for (int side = 0; side < 2; side++) {
		struct keys_heard heard;

		if (br->xcode != NULL)
			bridge_tell_tones(br, side, now_ns);
		if (br->keys[side] == NULL)
			continue;
		keys_tick(br->keys[side], now_ns, &heard);
		bridge_tell_key(br, side, &heard);
	}
}

bool bridge_press(
	struct bridge *br, int side, uint8_t key, unsigned ms, uint64_t now_ns)
{
	struct keys *k = br->keys[side];

	if (k == NULL) {
		metric_inc(M_KEYS_LOST);
		return false;
	}
	if (!keys_are_tones(k))
		return keys_press(k, key, ms, now_ns);
	if (!keys_press_tone(k, now_ns))
		return false;
	/* who hears a sound of ours instead has no key to be told */
	if (br->xcode == NULL || br->player[1 - side] != NULL ||
		!xcode_press(br->xcode, side, key, ms)) {
		metric_inc(M_KEYS_LOST);
		return false;
	}
	return true;
}

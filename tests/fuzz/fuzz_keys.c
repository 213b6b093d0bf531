/*
 * Keys of a telephone in bodies of SIP. The first byte chooses the reader; what
 * is read is written again, and reads as the same.
 */
#include "b2bua/dtmf/key_body.h"

#include "media/dtmf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void info(struct slice type, struct slice s)
{
	struct key_press k, again;
	struct text t = { 0 };

	if (key_info_read(&k, type, s) != 0)
		return;
	need(k.key < KEY_COUNT && k.ms >= KEY_MS_MIN && k.ms <= KEY_MS_MAX);
	key_info_write(&t, &k);
	need(key_info_read(&again, SLICE_LIT("application/dtmf-relay"),
		     text_slice(&t)) == 0);
	need(again.key == k.key && again.ms == k.ms);
	text_free(&t);
}

static void event(struct slice s)
{
	char bytes[KEY_EVENT];
	struct key_press k, again;

	if (key_event_read(&k, s) != 0)
		return;
	need(k.key < KEY_COUNT && k.ms >= KEY_MS_MIN && k.ms <= KEY_MS_MAX);
	key_event_write(bytes, &k);
	need(key_event_read(&again, slice_of(bytes, sizeof(bytes))) == 0);
	need(again.key == k.key && again.end == k.end && again.ms == k.ms);
}

static void kpml(struct slice s)
{
	struct key_wish w;
	struct key_report r, again;
	struct text t = { 0 };

	if (key_wish_read(&w, s) == 0) {
		uint8_t key = 5;

		need(w.keys != 0 && w.keys >> KEY_COUNT == 0);
		key_report_write(&t, 200, "OK", &key, w.tag);
		need(key_report_read(&again, text_slice(&t)) == 0);
		need(again.n == 1 && again.key[0] == 5);
		text_free(&t);
	}
	if (key_report_read(&r, s) == 0) {
		need(r.n <= KEY_DIGITS_MAX && r.code <= 999);
		for (size_t i = 0; i < r.n; i++)
			need(r.key[i] < KEY_COUNT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_from(slice_of(data, size), 1);
	unsigned ms = 1;

	if (size == 0)
		return 0;
	if (data[0] == 'r')
		info(SLICE_LIT("application/dtmf-relay"), s);
	else if (data[0] == 'd')
		info(SLICE_LIT("Application/DTMF; x=y"), s);
	else if (data[0] == 'n')
		event(s);
	else if (data[0] == 'c')
		need(!key_call_info_read(s, &ms) || (ms > 0 && ms <= 60000));
	else
		kpml(s);
	return 0;
}

/*
 * Keys of a telephone in bodies and headers of SIP, read from bytes and written
 * to text. Keys are numbered as RTP events are (media/dtmf.h): 0 to 9, 10 *,
 * 11 #, 12 to 15 A to D; 16 is a flash of the hook. Any thread.
 */
#ifndef LINESIDE_B2BUA_KEY_BODY_H
#define LINESIDE_B2BUA_KEY_BODY_H

#include "base/slice.h"
#include "base/wire.h"

enum {
	KEY_FLASH = 16,
	KEY_COUNT, /* of them */
	KEY_BODY_MAX = 4096, /* bytes; longer is malformed */
	KEY_DIGITS_MAX = 32, /* in one report */
	/* As Cisco's gateways bound an INFO's Duration, in ms */
	KEY_MS_MIN = 100,
	KEY_MS_DEFAULT = 250,
	KEY_MS_MAX = 5000,
	KEY_NOTIFY_MS = 2000, /* sip-ua, notify telephone-event max-duration */
};

/* "0123456789*#ABCD!"; -1, '?': none. */
int key_of_char(char c);
char key_char(uint8_t key);

struct key_press {
	uint8_t key;
	bool end; /* NOTIFY: it was let go */
	unsigned ms;
};

/*
 * An INFO's body, by its Content-Type: application/dtmf-relay ("Signal=5",
 * "Duration=160") or application/dtmf ("5"). ENOTSUP: another type, not ours
 * to read; EBADMSG: no key in it. ms is within the bounds above.
 */
int key_info_read(
	struct key_press *out, struct slice type, struct slice body) MUST_USE;
void key_info_write(struct text *out, const struct key_press *k);

/* audio/telephone-event with rate=1000: as in RTP. EBADMSG: not four bytes. */
int key_event_read(struct key_press *out, struct slice body) MUST_USE;
enum { KEY_EVENT = 4 };
void key_event_write(char out[KEY_EVENT], const struct key_press *k);
/* `<sip:h>;method="NOTIFY;Event=telephone-event;Duration=2000"` among the
 * values of a Call-Info; the duration in *ms. */
bool key_call_info_read(struct slice value, unsigned *ms);

/* ---- KPML (RFC 4730) ---- */

enum key_persist { KEY_ONE_SHOT, KEY_PERSIST, KEY_SINGLE_NOTIFY };

struct key_wish { /* a kpml-request */
	uint32_t keys; /* that are to be told, a bit each */
	enum key_persist persist;
	char tag[64]; /* of the regex; to be given back */
};
/*
 * EBADMSG: not a kpml-request. ENOTSUP: patterns of more than one key; keys
 * are told one by one.
 */
int key_wish_read(struct key_wish *out, struct slice body) MUST_USE;
void key_wish_write(struct text *out); /* every key, for good */

struct key_report { /* a kpml-response */
	unsigned code; /* 200: digits; others end it (RFC 4730 6) */
	size_t n;
	uint8_t key[KEY_DIGITS_MAX];
};
int key_report_read(struct key_report *out, struct slice body) MUST_USE;
void key_report_write(struct text *out, unsigned code, const char *text,
	const uint8_t *key, const char *tag); /* key NULL: none */

#endif

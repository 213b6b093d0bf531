/*
 * Phones by name, and what happened to each in order: every file asked for
 * and how it was answered. Bounded in phones and in events; the one not heard
 * of for longest makes room. Of one thread.
 */
#ifndef LINESIDE_PHONEPROXY_PHONE_H
#define LINESIDE_PHONEPROXY_PHONE_H

#include "base/addr.h"
#include "phoneproxy/config/filename.h"

enum {
	PHONES_MAX = 5000,
	PHONE_EVENTS = 64,
	PHONE_EVENT_TEXT = 224,
};

enum phone_what {
	PHONE_FILE, /* asked for a file */
	PHONE_TRANSFER, /* how sending it ended */
	PHONE_CAPF,
	PHONE_TLS,
	PHONE_TVS,
	PHONE_SERVICE, /* of service-map */
	PHONE_SIP, /* registrations, and what was refused */
	PHONE_WHATS
};
const char *phone_what_name(enum phone_what w); /* "file" */

struct phone_event {
	uint64_t at_ms; /* since 1970 */
	enum phone_what what;
	char text[PHONE_EVENT_TEXT];
};

struct phone {
	struct phone *next, **prev; /* by last event, newest first */
	struct phone *same_hash;
	char name[FILE_DEVICE_TEXT];
	struct addr from; /* where it was heard of last */
	uint64_t events; /* ever */
	struct phone_event event[PHONE_EVENTS]; /* ring: events % PHONE_… */
};

struct phones;
struct phones *phones_new(void) MUST_USE;
void phones_free(struct phones *p);

/* NULL: not known. */
const struct phone *phones_find(const struct phones *p, struct slice name);
const struct phone *phones_first(const struct phones *p); /* newest first */
size_t phones_count(const struct phones *p);
/* The i-th of the events that are kept, oldest first; NULL behind the last. */
const struct phone_event *phone_event(const struct phone *ph, size_t i);

/*
 * Notes an event of the phone `name`; "" when the file named none: then of the
 * phone last heard of at `from`, if there is just one. `from` NULL: unknown.
 */
void phones_note(struct phones *p, const char *name, const struct addr *from,
	enum phone_what what, const char *fmt, ...) PRINTF(5, 6);

#endif

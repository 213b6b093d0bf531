/*
 * What the CAPF server knows of each phone: its authentication string, what is
 * planned, what was done, and its certificate. In memory for who asks, in an
 * SQLite file (WAL) for good; writing is the helper's. On one thread but where
 * said otherwise.
 */
#ifndef LINESIDE_PHONEPROXY_CAPF_STORE_H
#define LINESIDE_PHONEPROXY_CAPF_STORE_H

#include "base/secret.h"
#include "base/work.h"
#include "phoneproxy/capf/capf_server.h"

enum {
	CAPF_STRING_MIN = 4,
	CAPF_STRING_MAX = 10,
	CAPF_STRING_DIGITS = 6, /* when nobody says how many */
	CAPF_PHONES_MAX = 100000,
};

struct capf_phone {
	char name[CAPF_DEVICE_LEN + 1];
	enum capf_operation pending; /* wanted once; CAPF_NOTHING: no wish */
	char string[CAPF_STRING_MAX + 1]; /* "": none */
	unsigned wrong; /* tries of a string, since the last good one */
	uint64_t locked_ms; /* until then no string is tried; not stored */
	enum capf_operation done; /* last success */
	int64_t done_at; /* seconds since 1970; 0: never */
	int64_t not_after; /* of its certificate; 0: none that we know */
};

struct capf_store;

/*
 * Any thread, blocking. Makes the file (mode 0600) when it is not there. Words
 * otherwise: free() them. Authentication strings are sealed in it under
 * `master` (copied) when that has bytes, and those that stand there in clear
 * are sealed at once. EACCES: some are sealed under another one, or there is
 * none; nothing was changed.
 */
int capf_store_open(struct capf_store **out, const char *path,
	const struct secret *master, char **why) MUST_USE;
/* From then on writing is `w`'s and answers come by `reply`. */
void capf_store_use(struct capf_store *s, struct work *w, struct mq *reply);
/* What is on its way to the helper keeps it open. NULL is fine. */
void capf_store_close(struct capf_store *s);

/* "SEP001122334455", in capitals; false: no such name. */
bool capf_name(struct slice s, char out[CAPF_DEVICE_LEN + 1]);
struct capf_phone *capf_store_find(struct capf_store *s, struct slice name);
/* Makes one when there is none. NULL: there are too many. Not yet saved. */
struct capf_phone *capf_store_get(struct capf_store *s, const char *name);
size_t capf_store_count(const struct capf_store *s);
struct capf_phone *capf_store_at(struct capf_store *s, size_t i); /* by name */

/* New digits. */
void capf_string_make(char out[CAPF_STRING_MAX + 1], unsigned digits);
bool capf_string_ok(struct slice s); /* 4 to 10 digits */

typedef void capf_saved_fn(void *arg, int err);

/*
 * Writes phones as they are now, all or none, on the helper's thread; `fn` (may
 * be NULL) is told. `cert`: replaces that of v[0]; of no bytes: removes it;
 * NULL: leaves it. EAGAIN: too much waits, nothing was begun.
 */
int capf_store_save(struct capf_store *s, struct capf_phone *const *v, size_t n,
	const struct slice *cert, capf_saved_fn *fn, void *arg) MUST_USE;
/* The certificate of a phone, DER, appended. Blocking. ENOENT. Any thread. */
int capf_store_cert(
	struct capf_store *s, const char *name, struct text *der) MUST_USE;

#endif

/*
 * The certificates of phones as they were last seen: given by our CAPF server,
 * or shown by the phone on TLS. Whoever holds the key can read what is
 * encrypted for it. In memory, and in an SQLite file (WAL) that a helper
 * thread writes, so that a restart forgets none. On one thread.
 */
#ifndef LINESIDE_PHONEPROXY_PHONECERT_H
#define LINESIDE_PHONEPROXY_PHONECERT_H

#include "base/wire.h"
#include "phoneproxy/config/filename.h"

enum phonecert_how {
	PHONECERT_CAPF, /* issued or fetched */
	PHONECERT_SIP, /* shown on SIP over TLS, and accepted */
	PHONECERT_HTTPS, /* likewise, on HTTPS */
	PHONECERT_HOWS
};
const char *phonecert_how_text(enum phonecert_how h); /* "seen on SIP" */

enum {
	PHONECERTS_MAX = 20000, /* then the one seen longest ago makes room */
	PHONECERT_SIZE_MAX = 8192, /* of a certificate; longer: not kept */
};

struct phonecert {
	char name[FILE_DEVICE_TEXT];
	enum phonecert_how how;
	int64_t at; /* first seen, seconds since 1970 */
	struct text der;
};

struct phonecerts;
struct phonecerts *phonecerts_new(void) MUST_USE; /* in memory only */
/*
 * Blocking: reads the file (made with mode 0600 when it is not there), starts
 * the helper. Words when that fails, free() them: then all stays in memory.
 */
int phonecerts_open(
	struct phonecerts *c, const char *path, char **why) MUST_USE;
bool phonecerts_is_open(const struct phonecerts *c);
/* Writes what waits. NULL is fine. */
void phonecerts_free(struct phonecerts *c);

/* NULL: none is known. Borrowed until the next note or drop. */
const struct phonecert *phonecerts_find(
	const struct phonecerts *c, const char *name);
/*
 * This is the phone's now. False: nothing is new, or it is older than the one
 * we know and of the same issuer (a connection from before the phone got its
 * new one). `der` must have been judged.
 */
bool phonecerts_note(struct phonecerts *c, const char *name, struct slice der,
	enum phonecert_how how);
/* It has none any more. False: none was known. */
bool phonecerts_drop(struct phonecerts *c, const char *name);
size_t phonecerts_count(const struct phonecerts *c);
const struct phonecert *phonecerts_at(
	const struct phonecerts *c, size_t i); /* by name */

/* "SEP001122334455" out of a device's name, which may be a manufacturer's
 * "CP-8841-SEP001122334455"; false: it is no phone of that kind. */
bool phonecert_device(struct slice device, char out[FILE_DEVICE_TEXT]);

#endif

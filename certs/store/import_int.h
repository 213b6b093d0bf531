/* What the reading of texts (import.c) and of objects (import_object.c) share. */
#ifndef LINESIDE_CERTS_IMPORT_INT_H
#define LINESIDE_CERTS_IMPORT_INT_H

#include "certs/store/import.h"

struct import_reader {
	struct import *in;
	const char *password;
	char **why;
	int err; /* the first one ends it */
	unsigned objects; /* read so far */
};

/* The first one counts, and is *r->why. */
int import_fail(struct import_reader *r, const char *fmt, ...) PRINTF(2, 3);
/* Something was passed over; each is said once. */
void import_note(struct import_reader *r, const char *text);
/* Objects, one after the other. */
void import_der(struct import_reader *r, struct slice s);
/* A private key, armoured or not. */
void import_key(struct import_reader *r, struct slice bytes);

#endif

/*
 * Secrets that are only ever compared, kept as IOS keeps type 8: "$8$", 14
 * characters of salt, "$", PBKDF2-HMAC-SHA-256 (20,000 rounds) in the alphabet
 * of crypt(3). Any thread; checking takes some milliseconds on purpose.
 */
#ifndef LINESIDE_CERTS_SECRET8_H
#define LINESIDE_CERTS_SECRET8_H

#include "base/slice.h"

enum { SECRET8_TEXT = 3 + 14 + 1 + 43 + 1 };

/* With a fresh salt. */
void secret8_make(struct slice secret, char out[SECRET8_TEXT]);
/* Whether it is that secret; false for what is no type 8. In constant time. */
bool secret8_matches(const char *type8, struct slice secret);
/* For secrets that stand in clear: the same without PBKDF2. */
bool secret_text_matches(const char *clear, struct slice secret);

#endif

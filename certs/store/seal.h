/*
 * Secrets at rest: AES-256-GCM under the master key (keystore_master() reads
 * it). Private keys are sealed by the keystore, passwords and authentication
 * strings as words (IOS's `password 6 …`). Any thread; pure but for the nonce
 * of a box.
 */
#ifndef LINESIDE_CERTS_SEAL_H
#define LINESIDE_CERTS_SEAL_H

#include "base/secret.h"
#include "conf/conf.h"

enum {
	SEAL_NONCE = 12,
	SEAL_TAG = 16,
	SEAL_OVERHEAD = SEAL_NONCE + SEAL_TAG,
	SEAL_SECRET_MAX = 512, /* bytes of a secret that becomes a word */
};

/* `box` has room for text.n + SEAL_OVERHEAD. `about` is authenticated with it
 * and not kept in it. EINVAL: `master` is not KEYSTORE_MASTER bytes. */
int seal_box(uint8_t *box, struct slice text, struct slice about,
	const struct secret *master) MUST_USE;
/* `out` has room for box.n; *n is what was written. EBADMSG: too short.
 * EACCES: another master key, another `about`, or it was changed. */
int seal_open(uint8_t *out, size_t *n, struct slice box, struct slice about,
	const struct secret *master) MUST_USE;

/*
 * A short secret as one word of base64. The same secret for the same purpose
 * under the same key gives the same word, so that what is printed twice can be
 * compared; nothing else can be told from it but the secret's length.
 * `purpose` ("password") must be the same to open it. EINVAL: no master key;
 * E2BIG: longer than SEAL_SECRET_MAX.
 */
int seal_word(char **out, struct slice secret, const char *purpose,
	const struct secret *master) MUST_USE;
/* The secret with a NUL: wipe and free it. EINVAL: no master key; EBADMSG;
 * EACCES: see *why (free() it), which names the remedy. */
int seal_open_word(char **out, struct slice word, const char *purpose,
	const struct secret *master, char **why) MUST_USE;

/* A password of the configuration in clear; NULL and 0 when there is none.
 * Wipe it. ENOENT, EACCES, EBADMSG: see *why. */
int seal_password(char **out, const struct conf_secret *s,
	const char *master_file, const char *master_credential,
	char **why) MUST_USE;
/* What such a password is written as, after `6`. */
int seal_password_word(char **out, const char *clear,
	const struct secret *master, char **why) MUST_USE;
/* Can every password of the configuration be had, and are the sealed ones as
 * the password policy wants them? Said in errs. */
void seal_check_conf(const struct conf *c, struct conf_errs *errs);
/* show running-config with passwords sealed if `password encryption aes` asks
 * for it, otherwise hidden. */
void seal_print_conf(const struct conf *c, FILE *out);

#endif

/*
 * Trust lists, CTL and ITL: reading, verifying, writing, and whether a phone
 * would take one. Bytes in, bytes out; a list read points into its bytes.
 */
#ifndef LINESIDE_PHONEPROXY_CTL_H
#define LINESIDE_PHONEPROXY_CTL_H

#include "phoneproxy/signed/tlvhead.h"

enum role { /* what a record's certificate may do */
	ROLE_SAST = 0, /* sign trust lists */
	ROLE_CCM = 1, /* serve SIP or SCCP over TLS */
	ROLE_CCM_TFTP = 2,
	ROLE_TFTP = 3, /* sign configuration files; EC: serve HTTPS */
	ROLE_CAPF = 4,
	ROLE_APP_SERVER = 7,
	ROLE_TVS = 21,
};
const char *role_name(unsigned role); /* "CCM+TFTP"; "unknown" */

enum { CTL_RECORDS_MAX = 256, SAST_MAX = 2 };

struct ctl_record { /* what is missing is empty */
	size_t at, size; /* in the file */
	bool has_role;
	uint16_t role; /* enum role, as far as known */
	struct slice dns, subject, issuer, serial, key, signature, cert, ip4;
};

struct ctl {
	struct slice file; /* borrowed */
	struct tlvhead head;
	size_t nrecords;
	struct ctl_record *record; /* owned */
};

/* Form only. On failure there is nothing to free. */
enum fault ctl_read(struct ctl *out, struct slice file) MUST_USE;
void ctl_free(struct ctl *c);
bool ctl_is_itl(const struct ctl *c);

/*
 * Consistent in itself: signed by one of its own SAST records (same serial
 * and issuer as the header), whose index goes to *signer (may be NULL). Trust
 * is another question: see ctl_plan.
 */
enum fault ctl_verify(const struct ctl *c, size_t *signer) MUST_USE;

/* One or two SAST records, with different certificates and keys. */
enum fault ctl_check_sasts(const struct ctl *c) MUST_USE;

struct ctl_entry {
	enum role role;
	struct slice cert; /* DER, RSA or EC */
};

struct ctl_new {
	const char *file_name; /* "CTLFile.tlv", also when served as CTLSEP… */
	enum digest digest; /* SHA-1 is the one that all phones take */
	/* { 1, 0 }; { 1, 1 } makes newer phones use HTTPS on 6971. NULL: the
	 * item is left out. */
	const uint8_t *signer_version;
	uint32_t timestamp; /* a new one only when content changes */
	const struct ctl_entry *entry;
	size_t nentries;
};

/*
 * Appends the list to *out, with the records in the order given; nothing on
 * failure. The signer must be one of the SAST entries, of which there are one
 * or two, with different certificates and keys.
 */
enum fault ctl_write(struct text *out, const struct ctl_new *p,
	const struct signer *signer) MUST_USE;

enum ctl_verdict {
	CTL_FIRST, /* the phone holds no list: takes it unseen */
	CTL_UNCHANGED, /* holds this very list */
	CTL_ACCEPTED, /* signed by a SAST of the list it holds */
	CTL_NEEDS_TVS, /* stranger; newer phones ask the TVS they know of */
	CTL_NEEDS_RESET, /* stranger: list deleted by hand, or factory reset */
	CTL_BROKEN, /* not even consistent in itself */
};
const char *ctl_verdict_name(enum ctl_verdict v); /* "needs-tvs" */

/*
 * What a phone that holds these lists (either may be NULL) does with `next`.
 * A CTL it holds judges; an ITL does only when there is no CTL. Pure.
 */
enum ctl_verdict ctl_plan(const struct ctl *held_ctl,
	const struct ctl *held_itl, const struct ctl *next);

#endif

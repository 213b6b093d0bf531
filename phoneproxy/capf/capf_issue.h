/*
 * The making of phones' certificates (LSC) from their bare public keys, by a
 * trustpoint that holds a CA's certificate and key. Signing takes time: on the
 * helper's thread.
 */
#ifndef LINESIDE_PHONEPROXY_CAPF_ISSUE_H
#define LINESIDE_PHONEPROXY_CAPF_ISSUE_H

#include "base/wire.h"
#include "certs/store/trustpoint.h"

enum { CAPF_WHY = 256 };

/* Can it issue? Says otherwise in words. EACCES: it is no CA, or has no key;
 * EKEYEXPIRED. Any thread, as the next. */
int capf_issuer_check(const struct trustpoint *ca, char why[CAPF_WHY]) MUST_USE;

/*
 * A certificate (DER appended to *out) for `device` with the key `spki`, valid
 * for so many days and no longer than its issuer. EBADMSG: the key cannot be
 * read. See capf_issuer_check for others.
 */
int capf_issue(struct text *out, const struct trustpoint *ca,
	const char *device, struct slice spki, unsigned days,
	char why[CAPF_WHY]) MUST_USE;

/*
 * May the holder of this certificate speak for the device? Chain to the
 * anchors, dates, and its name: the device's, alone or behind "-" as in the
 * manufacturer's "CP-8841-SEP001122334455". `by`: anchors, and the rules of
 * their trustpoint; `issuer`: one CA that is accepted as it is. Either may be
 * NULL. Words otherwise.
 */
bool capf_cert_trusted(struct slice cert, struct slice device,
	const struct trustpoint *by, gnutls_x509_crt_t also,
	char why[CAPF_WHY]);
/* Its name and its dates alone: who issued it is for others to say. */
bool capf_cert_fits(struct slice cert, struct slice device, char why[CAPF_WHY]);

#endif

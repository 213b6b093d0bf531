/* Between judge.c (the chain) and judge_name.c (the name in it). */
#ifndef LINESIDE_CERTS_JUDGE_INT_H
#define LINESIDE_CERTS_JUDGE_INT_H

#include "certs/judge.h"

/* Fills the verdict; always false. */
bool judge_refuse(struct judge_verdict *out, enum judge_reason reason,
	const char *fmt, ...) PRINTF(3, 4);
/* Is `expected` (NULL: any) a name of this certificate? */
bool judge_name(
	struct judge_verdict *out, gnutls_x509_crt_t crt, const char *expected);

#endif

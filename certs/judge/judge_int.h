/* Between judge.c, judge_path.c (the chain) and judge_name.c (the name). */
#ifndef LINESIDE_CERTS_JUDGE_INT_H
#define LINESIDE_CERTS_JUDGE_INT_H

#include "certs/judge/judge.h"

/* Fills the verdict; always false. */
bool judge_refuse(struct judge_verdict *out, enum judge_reason reason,
	const char *fmt, ...) PRINTF(3, 4);
/* The chain in order, without doubles, up to what an anchor issued. */
struct judge_path {
	unsigned given, n;
	gnutls_x509_crt_t all[JUDGE_CHAIN_MAX]; /* owned, as sent */
	gnutls_x509_crt_t crt[JUDGE_CHAIN_MAX]; /* of `all` */
	gnutls_x509_crt_t anchor; /* owned; issued the last; NULL: unknown */
};

/* Reads what was sent; false and the verdict when that is not possible. */
bool judge_path_import(struct judge_verdict *out, struct judge_path *path,
	const struct judge_params *p);
void judge_path_build(struct judge_path *path, const struct judge_params *p);
void judge_path_free(struct judge_path *path);

/* judge_policy.c. `legacy` may excuse a fault: then it is noted. */
const struct judge_legacy *judge_legacy(const struct judge_params *p);
bool judge_strength(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p);
bool judge_hashes(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p);
bool judge_dates(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p);
bool judge_status(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p);
/* judge_limits.c: what issuers may issue. */
bool judge_refuse_issuer(
	struct judge_verdict *out, const struct judge_path *path);
bool judge_whole_chain(struct judge_verdict *out, const struct judge_path *path,
	const struct judge_params *p);

/* Is `expected` (NULL: any) a name of this certificate? */
bool judge_name(
	struct judge_verdict *out, gnutls_x509_crt_t crt, const char *expected);

#endif

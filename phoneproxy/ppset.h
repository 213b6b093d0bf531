/*
 * A voice-phone-proxy made ready: rules for rewriting, trust lists, signers,
 * local files, the call manager's servers. Counted and immutable; a reload
 * makes a new one, transfers keep theirs.
 */
#ifndef LINESIDE_PHONEPROXY_PPSET_H
#define LINESIDE_PHONEPROXY_PPSET_H

#include "phoneproxy/config/cnfxml.h"
#include "phoneproxy/signed/trustlist.h"

struct pp_server { /* of the call manager, with port */
	struct addr addr, local;
};

struct pp_local { /* load-cfg-file */
	const char *alias;
	struct content *plain, *sgn; /* sgn NULL: not signed */
};

struct pp_cert { /* phone-certificate */
	const char *name; /* of the phone */
	struct text der;
};

struct ppset {
	struct conf *keep; /* `conf` is part of it */
	const struct conf_phone_proxy *conf;
	struct trustlist *list; /* NULL: nothing is signed */
	struct trustpoint *https; /* referenced; NULL: no HTTPS */
	struct trustpoint *mutual; /* HTTPS with phones' certificates; NULL */
	size_t nservers, nlocals;
	struct pp_server server[CONF_PP_LINES_MAX];
	struct pp_local local[CONF_PP_FILES_MAX];
	size_t ncerts;
	struct pp_cert *cert;
	struct cnf_rules rules; /* of phones that nothing is said of */
	size_t nmembers;
	/* What `rules` points to: */
	struct cnf_member *member;
	struct cnf_relay *relay, *capf;
	const char **inside;
	char **text; /* every string of those, owned */
	size_t ntexts;
};

/* One for `x`, which is complete. `list` is referenced. Reads local files and
 * asks DNS: blocking. */
int ppset_make(struct ppset **out, struct conf *c,
	const struct conf_phone_proxy *x, struct trustlist *list,
	struct conf_errs *errs) MUST_USE;

/* Signed as NAME, now. */
enum fault ppset_sign(const struct ppset *s, struct text *out, const char *name,
	struct slice payload) MUST_USE;
/* Encrypted for the phone with this certificate, and signed as NAME. */
enum fault ppset_encrypt(const struct ppset *s, struct text *out,
	const char *name, struct slice cert, struct slice xml) MUST_USE;
/* The rules for one phone's configuration; borrows from the set. */
void ppset_rules(
	const struct ppset *s, const char *device, struct cnf_rules *out);
/* What phone-certificate gave, DER; of no bytes: nothing. Borrowed. */
struct slice ppset_phone_cert(const struct ppset *s, const char *device);

#endif

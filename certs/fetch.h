/*
 * Small HTTP(S) exchanges for PKI: CRLs, OCSP, SCEP, EST. Blocking, so never
 * on the sip thread or in a handshake; bounded in time and size; follows no
 * redirect to another scheme, reads no file.
 */
#ifndef LINESIDE_CERTS_FETCH_H
#define LINESIDE_CERTS_FETCH_H

#include "base/slice.h"
#include "certs/store/trustpoint.h"

struct fetch_params {
	const char *url; /* http:// or https:// */
	const char *method; /* "GET", "POST" */
	const char *content_type; /* of the body; NULL: none */
	const char *accept; /* NULL: none */
	const char *user, *password; /* HTTP Basic (EST); NULL: none */
	struct slice body;
	unsigned timeout_ms; /* for everything, the name look-up included */
	size_t size_max; /* of the answer; larger is EFBIG */
	const struct trustpoint *trust; /* https: its anchors; NULL: none */
	struct slice anchors; /* https: more anchors, PEM */
	struct slice identity; /* https: our certificate and its key, PEM */
	const char *key_url; /* https: the key is not in `identity` but on a
			      * token: pkcs11:…; NULL: it is there */
	const char *key_pin; /* of that token; NULL: none */
	bool unverified; /* https: whoever answers; what came proves nothing */
	/* A local address to send from, or "if!NAME": an interface; NULL: any */
	const char *source;
};

struct fetch_result {
	int status; /* HTTP status */
	char *content_type; /* without parameters, lower case; "" */
	uint8_t *body;
	size_t n;
	unsigned retry_after_s; /* 0: not said */
	char error[256]; /* in words, when fetch() failed */
};

/* 0 when an HTTP answer came, whatever its status. ETIMEDOUT, ECONNREFUSED,
 * EHOSTUNREACH, EFBIG, EPROTO, EACCES (TLS), ECANCELED. fetch_free() in each
 * case. */
int fetch(struct fetch_result *out, const struct fetch_params *p) MUST_USE;
void fetch_free(struct fetch_result *r);
/* The process ends: fetches under way end within about a second, later ones at
 * once, with ECANCELED. Any thread. */
void fetch_stop_all(void);

#endif

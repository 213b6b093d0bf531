/*
 * One CAPF session of a server of ours, inside TLS: a state machine without
 * sockets, clock or keys. Whole frames come in, frames go out by a callback;
 * who the phone is, what is planned for it and who signs its certificate is
 * asked of the owner.
 */
#ifndef LINESIDE_PHONEPROXY_CAPF_SERVER_H
#define LINESIDE_PHONEPROXY_CAPF_SERVER_H

#include "phoneproxy/capf/capf_auth.h"

enum capf_operation {
	CAPF_NOTHING, /* the session ends at once */
	CAPF_UPGRADE, /* install or renew */
	CAPF_FETCH,
	CAPF_DELETE,
};

enum capf_auth {
	CAPF_BY_NULL_STRING,
	CAPF_BY_STRING,
	CAPF_BY_CERTIFICATE, /* LSC or MIC, which `trusted` tells apart */
};

struct capf_plan { /* for one phone; strings stay until the session's end */
	enum capf_operation operation;
	enum capf_auth auth;
	const char *auth_string;
	bool accept_only_sha1; /* proofs of old phones */
	uint8_t key_type, curve; /* CAPF_RSA, CAPF_EC; CAPF_P256 … */
	uint16_t key_size; /* RSA */
};

enum capf_end { /* how a session ended; 0 while it goes on */
	CAPF_GOING_ON,
	CAPF_ENDED_DONE, /* the operation succeeded */
	CAPF_ENDED_NOTHING, /* none was planned */
	CAPF_ENDED_UNKNOWN, /* no such device */
	CAPF_ENDED_STRING, /* wrong authentication string */
	CAPF_ENDED_PROOF, /* see `proof` */
	CAPF_ENDED_UNTRUSTED, /* the certificate is not of this device's */
	CAPF_ENDED_PHONE, /* the phone reports a failure */
	CAPF_ENDED_KEY, /* the phone's key is not of the kind asked for */
	CAPF_ENDED_ISSUING, /* the issuer refused or failed */
	CAPF_ENDED_PROTOCOL, /* malformed, or out of order */
	CAPF_ENDED_TIMEOUT,
};
const char *capf_end_text(enum capf_end e); /* a sentence */

struct capf_server;

struct capf_server_ops {
	/* False: the device is unknown. */
	bool (*plan)(void *arg, struct slice device, struct capf_plan *out);
	/* Is this certificate one that may speak for the device: name, chain,
	 * validity? Possession of its key was proven. */
	bool (*trusted)(void *arg, struct slice device, struct slice cert);
	/* Starts issuing; capf_server_issued answers, at once or later. */
	void (*issue)(void *arg, struct capf_server *s, struct slice device,
		struct slice public_key);
	/* One frame, for one TLS write. */
	void (*send)(void *arg, struct slice frame);
};

struct capf_times {
	unsigned answer_ms; /* for everything but keys */
	unsigned keygen_ms; /* begins anew with each "in progress" */
	unsigned keygen_retries; /* how often that may happen */
};
extern const struct capf_times capf_times_default; /* 30 s; 30 min, 3 */

struct capf_server { /* read `end`, `proof`, `device`, `operation`, `cert` */
	enum capf_end end; /* not CAPF_GOING_ON: close the connection */
	enum capf_proof proof;
	uint32_t session;
	uint8_t expects; /* the phone's next command; 0: none, issuing */
	char device[CAPF_DEVICE_LEN + 1];
	struct capf_plan plan;
	struct text cert; /* owned: issued, or fetched */
	unsigned progress; /* "in progress" received */
	uint64_t due; /* ms */
	struct capf_times times;
	const struct capf_server_ops *ops;
	void *arg;
};

/* Sends the first frame: in CAPF the server speaks first. */
void capf_server_start(struct capf_server *s, uint32_t session,
	const struct capf_times *times, const struct capf_server_ops *ops,
	void *arg, uint64_t now);
/* One whole frame, as capf_frame measures it. */
void capf_server_frame(struct capf_server *s, struct slice frame, uint64_t now);
/* The certificate (DER); empty: it was refused. Ignored when nobody waits. */
void capf_server_issued(struct capf_server *s, struct slice cert, uint64_t now);
/* To be called at `due`, earlier does no harm. */
void capf_server_timer(struct capf_server *s, uint64_t now);
uint64_t capf_server_due(const struct capf_server *s);
void capf_server_free(struct capf_server *s);

#endif

/*
 * The configuration as plain data: what the language says, nothing of how it
 * is carried out. A struct conf is complete and immutable once conf_parse()
 * gave it out; it is counted (obj_ref/obj_unref) and readable on any thread.
 * All references between sections are resolved pointers into the same conf.
 */
#ifndef LINESIDE_CONF_MODEL_H
#define LINESIDE_CONF_MODEL_H

#include "base/addr.h"
#include "base/log.h"

enum {
	CONF_NAME_MAX = 63,
	CONF_CODECS_MAX = 24,
	CONF_CRYPTOS_MAX = 8,
	CONF_TAG_MAX = 2147483647,
};

/* Where a section began, for messages that come later than parsing. */
struct conf_pos {
	unsigned line, column;
};

enum conf_side { CONF_ACCESS, CONF_CORE };
enum conf_transport { CONF_UDP, CONF_TCP, CONF_TLS };

/* crypto pki trustpoint NAME. Paths are as written. */
struct conf_trustpoint {
	struct conf_trustpoint *next;
	struct conf_pos pos;
	char *name, *description;
	char *cert_file; /* PEM, leaf first or in any order; NULL: none */
	char *key_file; /* PEM; NULL when there is no certificate */
	char *ca_file; /* PEM bundle of trust anchors; NULL: none */
};

struct conf_codec {
	const char *ios_name; /* "g711ulaw": static */
	const char *rtp_name; /* "PCMU": as in a=rtpmap, static */
	unsigned rate; /* clock rate, Hz */
	int static_pt; /* payload type of RFC 3551, or -1 */
};
extern const struct conf_codec conf_codecs[]; /* ends with ios_name NULL */

/* voice class codec N */
struct conf_codec_class {
	struct conf_codec_class *next;
	struct conf_pos pos;
	unsigned tag; /* 0: of a dial-peer's `codec NAME`; comes first */
	size_t n;
	struct {
		unsigned preference;
		const struct conf_codec *codec;
	} entry[CONF_CODECS_MAX]; /* in order of preference */
};

enum conf_suite { /* SRTP crypto suites, best first: the default order */
	CONF_AEAD_AES_256_GCM,
	CONF_AEAD_AES_128_GCM,
	CONF_AES_CM_128_HMAC_SHA1_80,
	CONF_AES_CM_128_HMAC_SHA1_32,
	CONF_SUITE_COUNT
};
const char *conf_suite_name(enum conf_suite s); /* as in a=crypto */

/* voice class srtp-crypto N */
struct conf_crypto_class {
	struct conf_crypto_class *next;
	struct conf_pos pos;
	unsigned tag;
	size_t n;
	struct {
		unsigned preference;
		enum conf_suite suite;
	} entry[CONF_CRYPTOS_MAX]; /* in order of preference */
};

/* voice class phone-identity N: which certificate is which phone. */
enum conf_id_field {
	CONF_ID_CN,
	CONF_ID_SAN_DNS,
	CONF_ID_SAN_URI,
	CONF_ID_SAN_EMAIL,
};
struct conf_id_rule {
	unsigned number;
	enum conf_id_field field;
	char *pattern; /* PCRE2; matched case-sensitively, checked to compile */
	void *code; /* pcre2_code *, compiled */
	char *line; /* template for the line it may register ("\1"); NULL: any */
};
struct conf_id_class {
	struct conf_id_class *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	size_t n;
	struct conf_id_rule *rule; /* by ascending number */
};

/* sip-listener NAME */
struct conf_listener {
	struct conf_listener *next;
	struct conf_pos pos;
	char *name, *description;
	enum conf_side side;
	struct addr addr; /* with port; may be the any-address */
	struct addr advertise; /* host put into Via/Contact; AF_UNSPEC: addr */
	enum conf_transport transport;
	const struct conf_trustpoint *trustpoint; /* TLS: never NULL */
	bool client_verify; /* TLS: demand a certificate; default true */
	const struct conf_id_class *identity; /* NULL: CN, else first SAN */
	unsigned max_connections; /* default 20000 */
	unsigned max_per_source; /* connections from one address; default 100 */
	unsigned handshake_seconds; /* TLS handshake deadline; default 10 */
	unsigned message_seconds; /* a whole SIP message; default 10 */
	unsigned
		idle_seconds; /* connection nobody registered on; default 120 */
};

enum conf_srtp {
	CONF_SRTP_INHERIT, /* dial-peer says nothing: voice service voip's */
	CONF_SRTP_OFF, /* no srtp */
	CONF_SRTP_REQUIRED, /* srtp */
	CONF_SRTP_FALLBACK, /* srtp fallback */
};

enum conf_target { CONF_TARGET_NONE, CONF_TARGET_HOST, CONF_TARGET_REGISTRAR };

/* dial-peer voice N voip */
struct conf_dial_peer {
	struct conf_dial_peer *next; /* ascending tags */
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool shutdown;
	char *destination; /* destination-pattern; NULL: none */
	char *incoming_called; /* incoming called-number; NULL: none */
	const struct conf_listener *incoming_listener; /* NULL: any */
	unsigned preference; /* 0 first … 10 last */
	enum conf_target target;
	char *target_host; /* CONF_TARGET_HOST: name or address text */
	struct addr target_addr; /* with port; set when the host is numeric */
	uint16_t target_port; /* 0: 5060, or 5061 for TLS */
	bool transport_set;
	enum conf_transport transport;
	const struct conf_listener
		*bind; /* sends from; NULL: first that fits */
	const struct conf_trustpoint *trustpoint; /* client's; NULL: default */
	char *peer_name; /* expected in a TLS server's certificate; NULL: host */
	const struct conf_codec_class *codecs; /* NULL: all that we know */
	const struct conf_crypto_class *cryptos; /* NULL: default order */
	enum conf_srtp srtp; /* as written; see conf_peer_srtp() */
	bool insecure_sdes; /* keys over a signalling leg that is not TLS */
	bool latch_once; /* plain RTP: take the first source seen */
	bool requri_passing; /* keep the request-URI's host; see docs */
	unsigned ring_seconds; /* no final answer: 408; default 180 */
};

enum conf_registrar { CONF_REG_NONE, CONF_REG_HOST, CONF_REG_EMBEDDED };

struct conf {
	char *file; /* name it was read from */
	char *hostname; /* default "lineside" */
	struct conf_trustpoint *trustpoints;
	struct conf_codec_class *codec_classes;
	struct conf_crypto_class *crypto_classes;
	struct conf_id_class *id_classes;
	struct conf_listener *listeners;
	struct conf_dial_peer *dial_peers;

	struct { /* voice service voip */
		enum conf_srtp srtp; /* never INHERIT; default REQUIRED */
		uint16_t rtp_min,
			rtp_max; /* default 16384-32766, even-odd pairs */
		unsigned inactivity_seconds; /* 0: never; default 60 */
		struct addr
			media_addr[2]; /* by side: bound; AF_UNSPEC: listener */
		struct addr
			media_advertise[2]; /* put into SDP; AF_UNSPEC: bound */
		unsigned expires_max,
			expires_min; /* access; default 3600, 60 */
		unsigned max_calls; /* 0: no limit but the ports */
	} voip;

	struct { /* sip-ua */
		enum conf_registrar registrar;
		char *registrar_host;
		struct addr registrar_addr; /* as target_addr */
		uint16_t registrar_port; /* as target_port */
		enum conf_transport registrar_transport; /* default UDP */
		char *registrar_peer_name; /* expected TLS name; NULL: host */
		unsigned
			registrar_expires; /* asked of the core; default 3600 */
		const struct conf_trustpoint *trustpoint; /* default for TLS */
	} ua;

	struct log_params logging;
	char *control_socket; /* default /run/lineside/control */
	char *user; /* dropped to after binding; NULL: stay */
	unsigned media_workers; /* 0: one per processor */
	unsigned tls_workers; /* default 2 */
};

#endif

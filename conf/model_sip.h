/*
 * SIP beside dial-peers: where it is listened for, whom it is spoken with, how
 * messages are changed, names that are looked up.
 */
#ifndef LINESIDE_CONF_MODEL_SIP_H
#define LINESIDE_CONF_MODEL_SIP_H

#include "conf/model_pki.h"

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
	/* TLS: clients are judged by its authorities and rules. NULL: by those
	 * of `trustpoint`. */
	const struct conf_trustpoint *client_vtp;
	const struct conf_tls_profile *tls_profile; /* NULL: none */
	/* One of them must be in a client's certificate, blanks between; made
	 * of the profile. NULL: any */
	char *client_names;
	bool client_verify; /* TLS: demand a certificate; default true */
	bool tls_terminator; /* TLS: peers' Via may say TCP */
	const struct conf_id_class *identity; /* NULL: CN, else first SAN */
	unsigned max_connections; /* default 20000 */
	unsigned max_per_source; /* connections from one address; default 100 */
	unsigned phone_bindings; /* of one phone; default 64 */
	unsigned phone_requests; /* of one phone, a minute; default 1200 */
	unsigned handshake_seconds; /* TLS handshake deadline; default 10 */
	unsigned message_seconds; /* a whole SIP message; default 10 */
	unsigned
		idle_seconds; /* connection nobody registered on; default 120 */
	struct conf_dscp dscp;
};

/* session refresh */
enum conf_refresh {
	CONF_REFRESH_INHERIT, /* as what is around says */
	CONF_REFRESH_ASK,
	CONF_REFRESH_OFF, /* where the far end asks alone */
};

/* outbound-proxy */
struct conf_proxy {
	bool set; /* a line says so; false: as what is around says */
	struct conf_host to; /* host NULL: none */
	char *peer_name; /* expected TLS name; NULL: host */
	bool reuse; /* calls go to the address that they are registered at */
};

/* voice class sip-profiles N */
enum conf_sip_op {
	CONF_SIP_ADD,
	CONF_SIP_MODIFY,
	CONF_SIP_REMOVE,
	CONF_SIP_COPY,
};
enum conf_sdp_part {
	CONF_SDP_ANY,
	CONF_SDP_SESSION,
	CONF_SDP_AUDIO,
	CONF_SDP_VIDEO,
};
struct conf_sip_rule {
	unsigned number;
	bool response;
	char *method; /* NULL: any */
	int status; /* of a response; 0: any */
	bool sdp; /* an SDP line, else a header */
	bool peer; /* COPY: of the message that is passed on */
	char *name; /* of the header; as CUBE calls the SDP line */
	char letter; /* SDP */
	enum conf_sdp_part part;
	enum conf_sip_op op;
	char *pattern; /* MODIFY, COPY */
	void *code; /* of regex.h */
	char *text; /* ADD: the line; MODIFY: what takes its place */
	unsigned variable; /* COPY */
};
struct conf_sip_profile {
	struct conf_sip_profile *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	size_t n;
	struct conf_sip_rule *rule; /* by number */
};
struct conf_profiles { /* NULL: as what is around says */
	const struct conf_sip_profile *out, *in;
};

/* interface NAME: a name for addresses of this host */
struct conf_interface {
	struct conf_interface *next;
	struct conf_pos pos;
	char *name, *description;
	struct addr addr[2]; /* IPv4, IPv6; without port, or unset */
};
struct conf_binds { /* NULL: as what is around says */
	const struct conf_interface *control, *media;
};

/* OPTIONS that ask whether a target takes calls: see b2bua/trunk/keepalive.h */
enum {
	CONF_KEEPALIVE_UP = 60, /* defaults: seconds, attempts */
	CONF_KEEPALIVE_DOWN = 30,
	CONF_KEEPALIVE_RETRY = 5,
};
struct conf_keepalive {
	unsigned up, down; /* seconds between two: while it is up, is not */
	unsigned retry; /* in a row without a good answer: it is down */
};
/* voice class sip-options-keepalive N */
struct conf_keepalive_class {
	struct conf_keepalive_class *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	struct conf_keepalive set;
};

/* credentials, authentication: what challenges of a realm are answered with */
struct conf_auth {
	struct conf_pos pos;
	char *number; /* of credentials: registered. NULL: authentication */
	char *username, *realm;
	struct conf_secret password;
};
struct conf_auths {
	size_t n;
	struct conf_auth *v;
};

/* asserted-id, privacy, privacy-policy, localhost: how who calls is named to a
 * far end. What is 0 or NULL is as what is around says; conf_peer_caller(). */
enum conf_asserted {
	CONF_ASSERTED_INHERIT,
	CONF_ASSERTED_PASS, /* as it comes */
	CONF_ASSERTED_NONE, /* who is there is not trusted */
	CONF_ASSERTED_PAI, /* and what follows: in that header */
	CONF_ASSERTED_PPI,
	CONF_ASSERTED_RPI,
};
enum { /* bits */
	CONF_PRIVACY_HEADER = 1,
	CONF_PRIVACY_HISTORY = 2,
	CONF_PRIVACY_ID = 4,
	CONF_PRIVACY_SESSION = 8,
	CONF_PRIVACY_USER = 16,
	CONF_PRIVACY_CRITICAL = 32,
	CONF_POLICY_PASSTHRU = 1,
	CONF_POLICY_SEND_ALWAYS = 2,
	CONF_POLICY_STRIP_DIVERSION = 4,
	CONF_POLICY_STRIP_HISTORY = 8,
};
struct conf_caller {
	enum conf_asserted asserted;
	unsigned privacy, policy;
	char *localhost;
	bool contact; /* localhost stands in Contact, too */
	bool host_registrar; /* the registrar's stands in Diversion, 302 */
	const char *registrar; /* conf_peer_caller(): it; NULL: ours */
};

/* Reliable provisional responses (RFC 3262) on a leg. */
enum conf_rel1xx {
	CONF_REL1XX_INHERIT, /* of a dial-peer: as `voice service voip` says */
	CONF_REL1XX_SUPPORTED,
	CONF_REL1XX_REQUIRE,
	CONF_REL1XX_DISABLE,
};

/* ip host NAME: instead of what name servers say */
enum {
	CONF_HOST_ADDRS_MAX = 8,
	CONF_HOST_SRVS_MAX = 16,
	CONF_NAME_SERVERS_MAX = 6
};
struct conf_host_srv {
	uint16_t priority, weight, port;
	char *target;
};
struct conf_host_name {
	struct conf_host_name *next; /* as written */
	char *name;
	size_t naddrs, nsrvs;
	struct addr addr[CONF_HOST_ADDRS_MAX]; /* without port */
	struct conf_host_srv srv[CONF_HOST_SRVS_MAX];
};

/* ip address trusted: who may call on the core side; see conf_trusted_net() */
enum { CONF_TRUSTED_MAX = 100 };
struct conf_trusted {
	bool on; /* authenticate; default true */
	bool silent; /* silent-discard untrusted; default true */
	bool by_certificate; /* who shows a good one is trusted */
	unsigned cause; /* Q.850, unless silent; default 21 */
	size_t n; /* besides targets and registrars */
	struct conf_net net[CONF_TRUSTED_MAX];
};

/* crypto signaling remote-addr: by which trustpoint TLS is spoken there */
enum { CONF_REMOTES_MAX = 32 };
struct conf_remote {
	struct conf_net net; /* unset: an entry that was taken back */
	struct conf_pos pos;
	const struct conf_trustpoint *trustpoint;
};

enum conf_registrar { CONF_REG_NONE, CONF_REG_HOST, CONF_REG_EMBEDDED };

#endif

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

/* How a trustpoint comes by its certificates. */
enum conf_enrollment {
	CONF_ENROLL_NONE, /* they are files of the operator's */
	CONF_ENROLL_TERMINAL, /* imported with `lineside pki import` */
	CONF_ENROLL_SELFSIGNED,
	CONF_ENROLL_SCEP, /* asked of `url` */
	CONF_ENROLL_EST,
};
enum conf_revocation { CONF_REVOKE_NONE, CONF_REVOKE_CRL, CONF_REVOKE_OCSP };
enum conf_tls_usage { CONF_USAGE_BOTH, CONF_USAGE_CLIENT, CONF_USAGE_SERVER };
enum conf_key_kind { CONF_KEY_RSA, CONF_KEY_EC };
enum conf_hash { CONF_SHA256, CONF_SHA384, CONF_SHA512 };
enum { CONF_REVOKES_MAX = 3, CONF_SANS_MAX = 32 };

/* What old roots and old phones cannot do better; ends by itself. */
struct conf_legacy {
	int64_t until; /* seconds since 1970; 0: no exception */
	bool md5, sha1, short_keys, expired_anchors;
};

enum conf_ca_mode { CONF_CA_ROOT, CONF_CA_RA, CONF_CA_SUBORDINATE };

/* A password as it was written: in clear, or (`6`) sealed under the master key,
 * which certs/store/seal.h opens. */
struct conf_secret {
	char *text; /* NULL: none */
	bool sealed;
	struct conf_pos pos; /* of its word */
};

/* crypto pki trustpoint NAME. Paths are as written. */
struct conf_trustpoint {
	struct conf_trustpoint *next;
	struct conf_pos pos;
	char *name, *description;
	char *cert_file; /* PEM, leaf first or in any order; NULL: none */
	char *key_file; /* PEM; NULL when there is no certificate */
	char *ca_file; /* PEM bundle of trust anchors; NULL: none */
	/* Its authorities are accepted, too; NULL: none */
	const struct conf_trustpoint *ca_trustpoint;
	char *key_url; /* pkcs11:…, instead of any key in a file; or NULL */
	char *key_pin_file; /* that token's PIN; NULL: none, or in the URL */
	struct { /* their lines, else the section's */
		struct conf_pos cert, key, ca;
	} at;

	enum conf_enrollment enrollment;
	char *url; /* SCEP, EST */
	char *ca_identifier; /* SCEP: of several CAs; NULL: none */
	char *username; /* EST: HTTP Basic; NULL: none */
	struct conf_secret password; /* challenge (SCEP), of the user (EST) */
	char *password_file; /* holds it; or NULL */
	struct addr source; /* requests are sent from; AF_UNSPEC: any */
	char *source_interface; /* or that interface; NULL: any */
	unsigned retry_minutes, retry_count; /* default 1, 10 */

	char *subject_name; /* RFC 4514; NULL: CN= the fqdn or hostname */
	char *fqdn; /* NULL: the hostname where it has a dot */
	bool no_fqdn; /* not in the request */
	struct addr ip_address; /* in the request; AF_UNSPEC: none */
	char *serial_number; /* in the subject; NULL: none */
	size_t nsans;
	char *san[CONF_SANS_MAX]; /* "dns:…", "ip:…", "uri:…", "email:…" */

	enum conf_key_kind key_kind;
	char *key_label; /* NULL: the trustpoint's name */
	unsigned key_bits; /* 0: 2048 or P-256 */
	enum conf_hash hash;
	enum conf_tls_usage usage;
	/* It is that of a `crypto pki server`: what the certificate is for;
	 * CONF_CA_ROOT: nothing of that kind. */
	enum conf_ca_mode authority;

	size_t nrevokes; /* 0: none */
	enum conf_revocation revoke[CONF_REVOKES_MAX]; /* in this order */
	char *crl_url, *ocsp_url; /* instead of the certificates'; NULL */
	unsigned revocation_seconds; /* a handshake waits; default 2 */
	bool auto_enroll; /* renewed by itself */
	unsigned renew_percent; /* of the lifetime; default 80 */
	bool regenerate; /* with a new key */
	/* chain-validation continue: only self-signed authorities end a path */
	bool chain_continue;
	struct conf_legacy legacy;

	/* Copied from struct conf so that a trustpoint tells all: */
	char *state_directory, *hostname;
	char *master_key_file, *master_key_credential; /* NULL: none */
};

enum conf_ca_level { CONF_CA_MINIMAL, CONF_CA_NAMES, CONF_CA_COMPLETE };

/* crypto pki server NAME */
struct conf_pki_server {
	struct conf_pki_server *next;
	struct conf_pos pos;
	char *name;
	bool shutdown; /* default true: `no shutdown` makes it serve */
	enum conf_ca_mode mode;
	/* RA, SUBORDINATE: its certificate and key; never NULL there */
	const struct conf_trustpoint *trustpoint;
	char *issuer_name; /* NULL: CN=name */
	char *database; /* directory; NULL: in the state directory */
	enum conf_ca_level level;
	bool grant_auto;
	bool rollover_ca, rollover_ra; /* renewals of CAs, RAs: no person */
	struct conf_secret password; /* challenge that grants */
	enum conf_hash hash;
	unsigned modulus; /* of its key; default 3072 */
	unsigned ca_days, crl_hours; /* default 1095, 168 */
	unsigned cert_minutes; /* default 525600 */
	unsigned rollover_days; /* 0: by hand */
	char *cdp_url, *ocsp_url; /* put into certificates; NULL: none */
	bool legacy; /* 3DES, SHA-1 and short keys are accepted */
};

struct conf_codec {
	const char *ios_name; /* "g711ulaw": static */
	const char *rtp_name; /* "PCMU": as in a=rtpmap, static */
	unsigned rate; /* clock rate, Hz */
	int static_pt; /* payload type of RFC 3551, or -1 */
	uint8_t channels; /* as in a=rtpmap */
	bool transcoded; /* media/codec.h has it */
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
	CONF_SUITE_DEFAULTS, /* those after it only where a class names them */
	CONF_AES_256_CM_HMAC_SHA1_80 = CONF_SUITE_DEFAULTS,
	CONF_AES_256_CM_HMAC_SHA1_32,
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
struct conf_dscp { /* ip qos dscp; see conf_dscp_media() */
	bool set;
	unsigned value; /* 0 to 63 */
};

/* voice class tls-profile N: one way of speaking TLS, for several */
enum { CONF_CN_SANS_MAX = 10 };
enum { CONF_SAN_SERVER = 1, CONF_SAN_CLIENT = 2 }; /* bits: whose names */
struct conf_tls_profile {
	struct conf_tls_profile *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	const struct conf_trustpoint *trustpoint, *client_vtp; /* or NULL */
	unsigned validate; /* CONF_SAN_… */
	char *name[CONF_CN_SANS_MAX]; /* cn-san, by number; NULL: none */
};

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

enum conf_srtp {
	CONF_SRTP_INHERIT, /* dial-peer says nothing: voice service voip's */
	CONF_SRTP_OFF, /* no srtp */
	CONF_SRTP_REQUIRED, /* srtp */
	CONF_SRTP_FALLBACK, /* srtp fallback */
	CONF_SRTP_PASS_THRU, /* srtp pass-thru: keys pass end to end */
};

enum conf_srtp_offer { /* srtp offer: how SRTP is offered */
	CONF_SRTP_OFFER_INHERIT, /* as voice service voip's */
	CONF_SRTP_OFFER_SAVP, /* RTP/SAVP alone */
	CONF_SRTP_OFFER_OPPORTUNISTIC, /* RTP/AVP with a=crypto: RFC 8643 */
	CONF_SRTP_OFFER_TWO_LINES, /* RTP/SAVP and RTP/AVP side by side */
};

enum conf_rtcp_mux { /* rtcp-mux: RTP and RTCP on one port (RFC 5761) */
	CONF_RTCP_MUX_INHERIT, /* as voice service voip's */
	CONF_RTCP_MUX_OFF, /* no rtcp-mux */
	CONF_RTCP_MUX_ANSWER, /* rtcp-mux answer */
	CONF_RTCP_MUX_OFFER, /* rtcp-mux */
};

enum conf_fax { /* fax protocol */
	CONF_FAX_INHERIT, /* as voice service voip's */
	CONF_FAX_T38, /* relayed */
	CONF_FAX_PASS_THROUGH, /* T.38 is refused: fax is heard as G.711 */
	CONF_FAX_NONE, /* the same, in other words */
};

/* voice-ctl-file NAME: what the phones' trust lists hold. */
enum conf_ctl_role {
	CONF_CTL_CAPF,
	CONF_CTL_CUCM_TFTP, /* ours: shown by SIP, signs the phones' files */
	CONF_CTL_SELFSIGNED, /* SAST: signs the list; the first one, SAST2 */
	CONF_CTL_APPLICATION, /* HTTPS servers */
	CONF_CTL_TVS, /* the call manager's */
};
enum {
	CONF_CTL_ENTRIES_MAX = 32,
	CONF_CTL_IMPORTS_MAX = 32,
	CONF_CTL_SERVERS_MAX = 16,
	CONF_CTL_PORT = 2444,
};
#define CONF_CTL_CLIENT "ctl-client" /* the name of that one's list */
struct conf_ctl_entry {
	enum conf_ctl_role role;
	unsigned sast; /* ctl-client: 1, 2; else 0 */
	struct addr server; /* ctl-client: as written; else unset */
	char *name; /* of the trustpoint */
	const struct conf_trustpoint *trustpoint;
};
struct conf_ctl_import { /* a certificate of an HTTPS server */
	unsigned tag;
	char *description, *path;
};
struct conf_ctl_server { /* another Lineside, asked for its certificates */
	struct addr addr; /* with port */
	char *peer_name; /* in its certificate; NULL: the address */
	char *username;
	struct conf_secret password;
	char *password_file; /* holds it instead; or NULL */
};
/* The digests that phones' files may be signed with. */
enum conf_file_hash {
	CONF_FILE_SHA1,
	CONF_FILE_SHA512,
	CONF_FILE_HASH_OF_LIST, /* a phone proxy that says nothing */
};
struct conf_ctl_file { /* or ctl-client */
	struct conf_ctl_file *next;
	struct conf_pos pos;
	char *name, *description;
	bool complete; /* in use */
	uint8_t hash; /* enum conf_file_hash, default SHA-1 */
	size_t n, nimports, nservers;
	struct conf_ctl_entry entry[CONF_CTL_ENTRIES_MAX];
	struct conf_ctl_import import[CONF_CTL_IMPORTS_MAX]; /* by tag */
	struct conf_ctl_server server[CONF_CTL_SERVERS_MAX];
	/* Servers are judged by it, and shown its certificate; NULL: none */
	const struct conf_trustpoint *trustpoint;
};

/* voice-phone-proxy NAME: the files and services that phones boot from. */
enum { CONF_PP_LINES_MAX = 16, CONF_PP_FILES_MAX = 64 };
enum { CONF_PHONE_NAME = 16 }; /* "SEP001122334455" */
enum conf_device_mode { /* what phones are told to protect their calls by */
	CONF_DEVICE_NONE,
	CONF_DEVICE_AUTHENTICATED, /* TLS that proves and does not hide */
	CONF_DEVICE_ENCRYPTED, /* TLS and SRTP */
};
enum conf_encrypted { /* configuration files that only the phone can read */
	CONF_ENCRYPTED_NONE,
	CONF_ENCRYPTED_KNOWN, /* for phones whose certificate is known */
	CONF_ENCRYPTED_REQUIRED, /* the others get none */
};
enum conf_pp_setting { /* disable service-settings, by element */
	CONF_SETTING_INHERIT, /* as `disable service-settings` says */
	CONF_SETTING_LEFT, /* as the call manager has it */
	CONF_SETTING_0, /* the value that is written */
	CONF_SETTING_1,
};
enum { CONF_PP_SETTINGS = 5 };
struct conf_pp_phone { /* what is said of one phone */
	char name[CONF_PHONE_NAME];
	bool mode_set, encrypted_set;
	enum conf_device_mode mode;
	enum conf_encrypted encrypted;
	char *cert_file; /* its certificate; NULL: none was given */
};
struct conf_pp_tftp { /* tftp-server */
	char *host; /* of the call manager; NULL: numeric */
	struct addr server; /* unless a name */
	struct addr local, access; /* sent from; phones ask here */
};
struct conf_pp_relay { /* service-map, capf-address; with ports */
	struct addr server, access;
};
struct conf_pp_file { /* load-cfg-file */
	char *path, *alias;
	bool sign;
};
struct conf_phone_proxy {
	struct conf_phone_proxy *next;
	struct conf_pos pos;
	char *name, *description;
	bool complete; /* in use */
	const struct conf_ctl_file *ctl_file; /* NULL: files are not signed */
	uint8_t hash; /* of signed files: enum conf_file_hash */
	bool access_secure;
	bool mode_set, encrypted_set;
	enum conf_device_mode mode; /* see conf_pp_mode() */
	enum conf_encrypted encrypted; /* see conf_pp_encrypted() */
	bool tie_lines; /* phones register the lines of their configuration */
	bool disable_settings;
	/* PC port, gratuitous ARP, voice VLAN, web access, span to PC port */
	enum conf_pp_setting setting[CONF_PP_SETTINGS];
	size_t ntftps, nservices, ncapfs, nfiles;
	struct conf_pp_tftp tftp[CONF_PP_LINES_MAX];
	struct conf_pp_relay service[CONF_PP_LINES_MAX];
	struct conf_pp_relay capf[CONF_PP_LINES_MAX];
	struct conf_pp_file file[CONF_PP_FILES_MAX];
	size_t nphones;
	struct conf_pp_phone *phone;
	unsigned session_seconds; /* default 180 */
	unsigned max_sessions; /* default 200 */
	uint16_t port_min, port_max; /* 0: all from the one that was asked */
	uint16_t tftp_port, http_port; /* default 69, 6970; 0: not served */
	uint16_t https_port; /* 0: not served */
	const struct conf_trustpoint *https; /* shown there; NULL: none */
	/* HTTPS for phones that show their certificate; 0: not served */
	uint16_t mutual_port;
	const struct conf_trustpoint *mutual; /* shown there, and judges */
	const struct conf_id_class *mutual_identity; /* NULL: CN, else SAN */
	bool fetch_http; /* asked of the call manager; else TFTP */
	uint16_t fetch_port; /* default 0: 69 or 6970 */
};

/* voice translation-rule N */
struct conf_xlate_rule {
	unsigned number;
	bool reject;
	char *match, *replace; /* between the slashes; reject: replace NULL */
	void *code; /* of regex.h */
};
struct conf_xlate_rules {
	struct conf_xlate_rules *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	size_t n;
	struct conf_xlate_rule *rule; /* by ascending number */
};

/* voice translation-profile NAME: which rules for which number. */
enum conf_xlate_what {
	CONF_XLATE_CALLED,
	CONF_XLATE_CALLING,
	CONF_XLATE_REDIRECT, /* of the first Diversion */
	CONF_XLATE_COUNT
};
struct conf_xlate_profile {
	struct conf_xlate_profile *next;
	struct conf_pos pos;
	char *name;
	const struct conf_xlate_rules *rules[CONF_XLATE_COUNT]; /* or NULL */
};

/* voice class e164-pattern-map N */
struct conf_e164_map {
	struct conf_e164_map *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool shutdown;
	char *url; /* path of a file with more of them; NULL: none */
	size_t n, ninline; /* the inline ones come first */
	char **pattern;
};

/* voice class uri NAME sip: what a URI must be. All that is set must fit. */
enum { CONF_URI_HOSTS_MAX = 10 };
struct conf_uri_host {
	char *text; /* name (without case), or regular expression */
	struct addr addr; /* set: this address, no text */
	void *code; /* set: text is an expression */
};
struct conf_uri_class {
	struct conf_uri_class *next;
	struct conf_pos pos;
	char *name, *description;
	char *pattern, *user; /* expressions; NULL: any */
	void *pattern_code, *user_code;
	size_t nhosts; /* one of them; 0: any */
	struct conf_uri_host host[CONF_URI_HOSTS_MAX];
};

struct conf_host {
	char *host; /* name or address text */
	struct addr addr; /* with port; set when the host is numeric */
	uint16_t port; /* 0: by transport, or by SRV */
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
};

/* voice class server-group N */
enum { CONF_SERVERS_MAX = 16, CONF_HUNT_RULES_MAX = 32 };
enum conf_hunt_scheme { CONF_HUNT_PREFERENCE, CONF_HUNT_ROUND_ROBIN };
struct conf_server {
	struct conf_host to;
	unsigned preference, weight; /* weight 0: none */
};
struct conf_hunt_rule {
	unsigned number;
	bool stop; /* else: go on */
	unsigned from, to; /* statuses */
};
struct conf_server_group {
	struct conf_server_group *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool shutdown;
	enum conf_hunt_scheme scheme;
	size_t n, nhunts;
	struct conf_server server[CONF_SERVERS_MAX]; /* by preference */
	struct conf_hunt_rule hunt[CONF_HUNT_RULES_MAX]; /* by number */
};

/* voice class dpg N: dial-peers by tag instead of by number called. */
struct conf_dial_peer;
enum { CONF_DPG_MAX = 20 };
struct conf_dpg {
	struct conf_dpg *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool shutdown;
	size_t n;
	struct {
		unsigned tag, preference;
		const struct conf_dial_peer *peer;
	} entry[CONF_DPG_MAX]; /* by preference */
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

/* voice class tenant N: for dial-peers that say nothing themselves */
struct conf_tenant {
	struct conf_tenant *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	struct conf_binds binds;
	struct conf_proxy outbound; /* as written; see conf_peer_proxy() */
	enum conf_refresh refresh; /* as written; see conf_peer_refresh() */
	struct conf_profiles profiles;
	bool transport_set;
	enum conf_transport transport;
	struct conf_host server; /* host NULL: sip-ua's */
	enum conf_srtp srtp; /* as written */
	enum conf_srtp_offer srtp_offer; /* as written */
	enum conf_rtcp_mux rtcp_mux; /* as written */
	const struct conf_crypto_class *cryptos; /* NULL: none named */
	const struct conf_tls_profile *tls_profile; /* NULL: none */
	struct conf_auths auths;
	struct conf_caller caller;
	struct { /* of its credentials; host NULL: none */
		struct conf_pos pos;
		struct conf_host to;
		enum conf_transport transport;
		unsigned expires; /* asked for, seconds */
		char *peer_name; /* expected TLS name; NULL: host */
		char *server_names; /* by a tls-profile, instead; or NULL */
	} registrar;
};

enum conf_target {
	CONF_TARGET_NONE,
	CONF_TARGET_HOST,
	CONF_TARGET_REGISTRAR,
	CONF_TARGET_SERVER, /* sip-server of sip-ua */
	CONF_TARGET_GROUP, /* session server-group */
};

/* Where a URI of a request stands: most trusted first, as CUBE tries. */
enum conf_uri_of {
	CONF_URI_VIA,
	CONF_URI_REQUEST,
	CONF_URI_TO,
	CONF_URI_FROM,
	CONF_URI_COUNT
};

/* dial-peer voice N voip */
/* Reliable provisional responses (RFC 3262) on a leg. */
enum conf_rel1xx {
	CONF_REL1XX_INHERIT, /* of a dial-peer: as `voice service voip` says */
	CONF_REL1XX_SUPPORTED,
	CONF_REL1XX_REQUIRE,
	CONF_REL1XX_DISABLE,
};

/* dtmf-relay: how keys of a telephone are told. */
enum conf_dtmf {
	CONF_DTMF_NTE, /* RTP events, RFC 4733 */
	CONF_DTMF_NOTIFY, /* Cisco's unsolicited NOTIFY */
	CONF_DTMF_KPML, /* RFC 4730 */
	CONF_DTMF_INFO, /* application/dtmf-relay */
	CONF_DTMF_COUNT
};

const char *conf_dtmf_name(enum conf_dtmf way); /* "rtp-nte" */

struct conf_dial_peer {
	struct conf_dial_peer *next; /* ascending tags */
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool shutdown;
	char *destination; /* destination-pattern; NULL: none */
	const struct conf_e164_map *destination_map; /* NULL: none */
	const struct conf_uri_class *destination_uri; /* NULL: none */
	const struct conf_dpg *group; /* calls that come in here go there */
	char *incoming_called; /* incoming called-number; NULL: none */
	const struct conf_e164_map *incoming_called_map; /* NULL: none */
	char *incoming_calling; /* answer-address; NULL: none */
	const struct conf_e164_map *incoming_calling_map; /* NULL: none */
	const struct conf_uri_class *incoming_uri[CONF_URI_COUNT];
	const struct conf_listener *incoming_listener; /* NULL: any */
	unsigned preference; /* 0 first … 10 last */
	enum conf_target target;
	char *target_host; /* CONF_TARGET_HOST: name or address text */
	struct addr target_addr; /* with port; set when the host is numeric */
	uint16_t target_port; /* 0: 5060, or 5061 for TLS */
	const struct conf_server_group *servers; /* CONF_TARGET_GROUP */
	struct conf_binds binds;
	struct conf_proxy outbound; /* as written; see conf_peer_proxy() */
	enum conf_refresh refresh; /* as written; see conf_peer_refresh() */
	struct conf_profiles profiles;
	const struct conf_tenant *tenant; /* NULL: none */
	bool huntstop; /* no other dial-peer after this one */
	/* numbers of calls that come in, that go out; NULL: as they are */
	const struct conf_xlate_profile *xlate_in, *xlate_out;
	const struct conf_xlate_profile *block; /* its reject rules refuse */
	unsigned block_cause; /* Q.850; default 21 */
	unsigned max_calls; /* 0: no limit */
	bool shared_line; /* several phones may hold one of its numbers */
	bool transport_set;
	enum conf_transport transport;
	const struct conf_listener
		*bind; /* sends from; NULL: first that fits */
	const struct conf_trustpoint *trustpoint; /* client's; NULL: default */
	char *peer_name; /* expected in a TLS server's certificate; NULL: host */
	char *server_names; /* by a tls-profile; see conf_peer_names() */
	const struct conf_codec_class *codecs; /* NULL: all that we know */
	const struct conf_crypto_class *cryptos; /* NULL: default order */
	enum conf_srtp srtp; /* as written; see conf_peer_srtp() */
	bool insecure_sdes; /* keys over a signalling leg that is not TLS */
	bool cm256_names; /* srtp quirk: AES_CM_256_… is what we write */
	bool unpadded_keys; /* srtp quirk: base64 without "=" */
	bool any_tag; /* srtp quirk: its answers have tag 1, whatever it is */
	bool clear_srtp, clear_srtcp, unsigned_srtp; /* srtp insecure-un… */
	bool insecure_udptl; /* fax in clear although SRTP is required */
	enum conf_fax fax; /* as written */
	bool audio_only; /* audio forced */
	enum conf_srtp_offer srtp_offer; /* as written */
	enum conf_rtcp_mux rtcp_mux; /* as written */
	bool srtp_cisco; /* srtp negotiate cisco */
	struct conf_dscp dscp_media, dscp_signaling; /* the second: imported */
	bool latch_once; /* plain RTP: take the first source seen */
	const struct conf_moh_group *moh; /* heard on hold; NULL: nothing */
	/* heard by callers before they are refused; NULL: nothing */
	const struct conf_announcement *announcement;
	bool ringback; /* callers of it hear ours */
	char *ringback_file; /* and this; NULL: the country's cadence */
	const struct conf_media_class *media_class; /* NULL: none */
	size_t ndtmf; /* 0: keys pass as they come */
	enum conf_dtmf dtmf[CONF_DTMF_COUNT]; /* best first */
	bool digit_drop; /* tones beside them are taken out */
	bool requri_passing; /* keep the request-URI's host; see docs */
	/* phone-proxy: phones that it serves find this call manager here */
	const struct conf_phone_proxy *phone_proxy; /* NULL: none */
	struct addr signal_addr; /* for phones */
	char *cucm; /* as their configuration names it */
	unsigned ring_seconds; /* no final answer: 408; default 180 */
	enum conf_rel1xx rel1xx; /* as written */
	bool early_offer; /* an INVITE without offer gets one of ours */
	bool moved; /* 3xx passes; default true */
	bool refer; /* REFER passes; default true */
	struct conf_auths auths; /* authentication; see conf_peer_auth() */
	struct conf_caller caller; /* as written; see conf_peer_caller() */
	bool keepalive_on; /* by its own line; see conf_peer_keepalive() */
	struct conf_keepalive keepalive;
	const struct conf_keepalive_class *keepalive_class; /* NULL: none */
};

/* capf-server: how phones prove themselves, what is done with them. */
enum conf_capf_auth {
	CONF_CAPF_AUTH_NONE, /* nothing is done */
	CONF_CAPF_AUTH_STRING,
	CONF_CAPF_NULL_STRING,
	CONF_CAPF_LSC,
	CONF_CAPF_MIC,
};
enum conf_capf_oper {
	CONF_CAPF_NOTHING,
	CONF_CAPF_UPGRADE,
	CONF_CAPF_FETCH,
	CONF_CAPF_DELETE,
};
enum { CONF_TVS_ANSWERS_MAX = 64 };
struct conf_capf_phone {
	char name[CONF_PHONE_NAME];
	enum conf_capf_oper oper;
	bool auth_set;
	enum conf_capf_auth auth; /* instead of the server's */
};
struct conf_tvs_answer {
	const struct conf_trustpoint *trustpoint;
	uint8_t role; /* as in trust lists */
};

/* voice moh-group N */
struct conf_moh_group {
	struct conf_moh_group *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	char *file; /* as written; NULL: none */
};

/* voice class announcement N */
enum { CONF_ANNOUNCEMENTS_MAX = 32 };
struct conf_refusal {
	unsigned status; /* 400 to 699; 1 to 127: a cause of Q.850 */
	char *file; /* as written */
};
struct conf_announcement {
	struct conf_announcement *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	char *file; /* for any other; NULL: none */
	size_t n;
	struct conf_refusal row[CONF_ANNOUNCEMENTS_MAX]; /* ascending */
};

/* What rings in a country: one frequency or two, on and off once or twice. */
enum { CONF_CPTONES = 20 };
struct conf_cptone {
	const char *name;
	uint16_t hz[2]; /* 0: one is enough */
	uint16_t ms[4]; /* on, off, on, off; 0: no more */
};
extern const struct conf_cptone conf_cptones[CONF_CPTONES];
/* media profile recorder N: dial-peers to recorders, in order of trying */
enum { CONF_RECORDERS_MAX = 5 };
struct conf_recorder {
	struct conf_recorder *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	size_t n;
	unsigned tag_of[CONF_RECORDERS_MAX];
	const struct conf_dial_peer *peer[CONF_RECORDERS_MAX];
};

/* media class N */
struct conf_media_class {
	struct conf_media_class *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	const struct conf_recorder *recorder; /* NULL: calls are not recorded */
};

/* dspfarm profile N transcode */
struct conf_dspfarm {
	struct conf_dspfarm *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool universal; /* between any two codecs; else one is G.711 */
	bool security; /* also where a leg speaks SRTP */
	bool shutdown; /* default true */
	unsigned max_sessions; /* default 0 */
	size_t ncodecs; /* default: G.711 and G.729 */
	const struct conf_codec *codec[CONF_CODECS_MAX];
};

enum { CONF_CAUSES = 128, CONF_EMERGENCY_MAX = 10 };
enum { CONF_CONTACTS_MAX = 16 }; /* of one line */
enum conf_hunt { CONF_HUNT_DEFAULT, CONF_HUNT_ON, CONF_HUNT_OFF };

struct conf_index; /* see index.h */
struct conf_peers { /* by ascending tags */
	size_t n;
	const struct conf_dial_peer **v;
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
struct conf_net {
	struct addr addr; /* without port */
	unsigned bits; /* that count, from the left */
};
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

/* What `call threshold global` watches; conf_threshold_names[] tells. */
enum conf_threshold {
	CONF_TOTAL_CALLS,
	/* percent: */
	CONF_CPU_5SEC, /* of the host's processors */
	CONF_CPU_AVG, /* over a minute */
	CONF_TOTAL_MEM, /* of the host's memory */
	CONF_MEDIA_LOAD, /* of a media thread's time; default 75, 90 */
	CONF_OPEN_FILES, /* of those that the process may have; 90, 95 */
	CONF_THRESHOLDS
};
extern const char *const conf_threshold_names[CONF_THRESHOLDS];

struct conf {
	char *file; /* name it was read from */
	char *hostname; /* default "lineside" */
	struct conf_trustpoint *trustpoints;
	struct conf_pki_server *pki_servers; /* at most one */
	struct conf_codec_class *codec_classes;
	struct conf_crypto_class *crypto_classes;
	struct conf_id_class *id_classes;
	struct conf_listener *listeners;
	struct conf_dial_peer *dial_peers;
	struct conf_ctl_file *ctl_files;
	struct conf_phone_proxy *phone_proxies;
	struct conf_dspfarm *dspfarms; /* ascending tags */
	struct conf_moh_group *moh_groups;
	struct conf_announcement *announcements;
	struct conf_recorder *recorders;
	struct conf_media_class *media_classes;
	struct conf_xlate_rules *xlate_rules;
	struct conf_xlate_profile *xlate_profiles;
	struct conf_e164_map *e164_maps;
	struct conf_uri_class *uri_classes;
	struct conf_server_group *server_groups;
	struct conf_dpg *dpgs;
	struct conf_interface *interfaces;
	struct conf_tenant *tenants;
	struct conf_sip_profile *sip_profiles;
	struct conf_keepalive_class *keepalive_classes;
	struct conf_tls_profile *tls_profiles;
	/* voice hunt, by Q.850 cause */
	uint8_t hunt[CONF_CAUSES]; /* enum conf_hunt */
	/* Dial-peers by patterns; built when all is read. */
	struct conf_index *by_destination, *by_called, *by_calling;
	/* … and without: come in by URI or listener; go out by URI; phones. */
	struct conf_peers come_in, go_by_uri, phones;

	struct { /* gw-accounting */
		bool file_on; /* the section is there */
		struct conf_pos pos;
		char *file; /* NULL: none */
		bool syslog; /* to the log */
	} accounting;

	struct { /* voice service voip */
		enum conf_srtp srtp; /* never INHERIT; default REQUIRED */
		enum conf_srtp_offer srtp_offer; /* INHERIT: SAVP */
		enum conf_rtcp_mux rtcp_mux; /* INHERIT: ANSWER */
		bool srtp_cisco; /* for every dial-peer */
		enum conf_fax fax; /* INHERIT: T38 */
		bool audio_only; /* for every dial-peer */
		uint16_t rtp_min,
			rtp_max; /* default 16384-32766, even-odd pairs */
		unsigned cptone; /* place in conf_cptones[] */
		unsigned inactivity_seconds; /* 0: never; default 60 */
		unsigned oneway_seconds; /* 0: not told of; default 10 */
		struct addr
			media_addr[2]; /* by side: bound; AF_UNSPEC: listener */
		struct addr
			media_advertise[2]; /* put into SDP; AF_UNSPEC: bound */
		unsigned expires_max,
			expires_min; /* access; default 3600, 60 */
		unsigned max_contacts; /* of one line; default 16 */
		/* registration passthrough rate-limit */
		bool reg_rate_limit;
		unsigned reg_expires; /* asked of the core then; 3600 */
		unsigned reg_fail_count; /* 0: each failure is passed on */
		unsigned max_calls; /* 0: no limit but the ports */
		size_t nemergency; /* numbers that no limit refuses */
		char *emergency[CONF_EMERGENCY_MAX];
		struct conf_binds binds;
		struct conf_proxy outbound; /* see conf_peer_proxy() */
		struct conf_profiles profiles;
		struct conf_trusted trusted;
		struct conf_caller caller;
		unsigned min_se; /* RFC 4028, seconds; default 90 */
		unsigned session_expires; /* asked for; default 1800 */
		/* we ask for it; default true; see conf_peer_refresh() */
		bool session_refresh;
		enum conf_rel1xx rel1xx; /* never INHERIT; default SUPPORTED */
		bool early_offer; /* for every dial-peer */
		bool moved; /* 3xx passes; default true */
		bool refer; /* REFER passes; default true */
	} voip;

	struct conf_marks { /* call threshold global; high 0: none */
		unsigned low, high;
	} threshold[CONF_THRESHOLDS];
	struct { /* call spike; calls 0: none */
		unsigned calls, steps, size_ms; /* default 5, 200 */
	} spike;

	size_t nname_servers; /* 0: those of /etc/resolv.conf */
	struct addr name_server[CONF_NAME_SERVERS_MAX]; /* with port */
	struct conf_host_name *host_names;

	struct { /* sip-ua */
		enum conf_registrar registrar;
		struct conf_pos registrar_pos; /* of that line */
		char *registrar_host;
		struct addr registrar_addr; /* as target_addr */
		uint16_t registrar_port; /* as target_port */
		enum conf_transport registrar_transport; /* default UDP */
		char *registrar_peer_name; /* expected TLS name; NULL: host */
		unsigned
			registrar_expires; /* asked of the core; default 3600 */
		const struct conf_trustpoint *trustpoint; /* default for TLS */
		struct conf_host server; /* sip-server; host NULL: none */
		unsigned retry_invite, retry_register; /* 0: until timer B, F */
		unsigned trying_ms; /* before the first; default 500 */
		struct conf_auths auths;
		/* of listeners of the core that name none; NULL: none */
		const struct conf_trustpoint *client_vtp;
		const struct conf_tls_profile *tls_profile; /* or NULL */
		unsigned validate; /* CONF_SAN_…, of those listeners */
		size_t nremotes; /* see conf_remote_trustpoint() */
		struct conf_remote remote[CONF_REMOTES_MAX];
	} ua;

	struct { /* ip http: where the CA or RA is asked */
		bool server;
		uint16_t port; /* default 80 */
		struct addr addr; /* AF_UNSPEC: any; without port */
	} http;
	struct { /* capf-server */
		bool on; /* the section is there */
		struct conf_pos pos;
		uint16_t port; /* default 3804 */
		struct addr source; /* listens here; AF_UNSPEC: everywhere */
		const struct conf_trustpoint *trustpoint; /* shown to phones */
		char *issuer_name; /* cert-enroll-trustpoint */
		const struct conf_trustpoint *issuer; /* a CA with its key */
		/* instead of it, a CA or RA of ours: exactly one is set */
		const struct conf_pki_server *server;
		struct conf_secret password; /* challenge, for the server */
		const struct conf_trustpoint *mic; /* roots of phones' MICs */
		enum conf_capf_auth auth;
		enum conf_key_kind key_kind; /* that phones make */
		unsigned key_bits; /* default 2048 */
		unsigned keygen_retry, keygen_minutes; /* default 3, 30 */
		unsigned cert_days; /* default 365 */
		enum conf_capf_oper oper; /* for all */
		unsigned max_sessions, max_per_source, max_per_minute;
		size_t nphones;
		struct conf_capf_phone *phone;
	} capf;

	struct { /* credentials: other boxes ask here for certificates */
		bool on;
		struct conf_pos pos;
		struct addr source; /* with port; unset: nowhere */
		const struct conf_trustpoint *trustpoint; /* shown to them */
		char *username;
		struct conf_secret secret;
		bool hashed; /* it is of type 8 */
	} credentials;

	struct { /* tvs-server */
		bool on;
		struct conf_pos pos;
		uint16_t port; /* default 2445 */
		struct addr source;
		const struct conf_trustpoint *trustpoint;
		unsigned ttl; /* default 86400 */
		size_t nanswers;
		struct conf_tvs_answer answer[CONF_TVS_ANSWERS_MAX];
	} tvs;

	struct log_params logging;
	char *state_directory; /* default /var/lib/lineside */
	/* Encrypts private keys at rest; at most one is given */
	bool password_encryption; /* show running-config seals passwords */
	bool password_policy; /* CME's: see conf_password_fault() */
	char *master_key_file; /* 32 bytes, or 64 hexadecimal digits */
	char *master_key_credential; /* systemd's, by name */
	char *control_socket; /* default /run/lineside/control */
	char *user; /* dropped to after binding; NULL: stay */
	unsigned media_workers; /* 0: one per processor */
	unsigned tls_workers; /* default 2 */
};

#endif

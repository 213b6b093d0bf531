/*
 * The configuration as plain data: what the language says, nothing of how it
 * is carried out. A struct conf is complete and immutable once conf_parse()
 * gave it out; it is counted (obj_ref/obj_unref) and readable on any thread.
 * All references between sections are resolved pointers into the same conf.
 * Its sections, by subject, are in the headers named below.
 */
#ifndef LINESIDE_CONF_MODEL_H
#define LINESIDE_CONF_MODEL_H

#include "base/log.h"
#include "conf/model_media.h"
#include "conf/model_numbers.h"
#include "conf/model_peers.h"
#include "conf/model_phones.h"
#include "conf/model_pki.h"
#include "conf/model_sip.h"

enum { CONF_CAUSES = 128, CONF_EMERGENCY_MAX = 10 };
enum { CONF_CONTACTS_MAX = 16 }; /* of one line */
enum conf_hunt { CONF_HUNT_DEFAULT, CONF_HUNT_ON, CONF_HUNT_OFF };

struct conf_index; /* see index.h */

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

/* What phones are given: trust lists, the phone proxy, CAPF and TVS. */
#ifndef LINESIDE_CONF_MODEL_PHONES_H
#define LINESIDE_CONF_MODEL_PHONES_H

#include "conf/model_pki.h"

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

#endif

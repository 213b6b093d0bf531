/* Trustpoints, an authority of our own, and who a certificate's holder is. */
#ifndef LINESIDE_CONF_MODEL_PKI_H
#define LINESIDE_CONF_MODEL_PKI_H

#include "conf/model_base.h"

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

#endif

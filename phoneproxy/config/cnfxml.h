/*
 * A phone's configuration rewritten from the call manager's view of the world
 * to that of a phone outside. Pure: rules and bytes in, bytes and findings
 * out.
 */
#ifndef LINESIDE_PHONEPROXY_CNFXML_H
#define LINESIDE_PHONEPROXY_CNFXML_H

#include "base/wire.h"

/* A call manager, and what phones get in its place: a port of its own, since
 * the phone's failover goes by member and we tell members apart by port. */
struct cnf_member {
	const char *inside; /* name or address, as processNodeName has it */
	const char *label; /* free text; NULL: the address */
	const char *address; /* access side */
	uint16_t sip_port, secured_port; /* 0: as it was */
};

/* Another server inside. */
struct cnf_relay {
	const char *inside;
	uint16_t inside_port; /* 0: any */
	const char *address; /* access side */
	uint16_t port; /* 0: as it was */
};

enum cnf_setting { /* "disable service-settings", within vendorConfig */
	CNF_PC_PORT,
	CNF_GARP,
	CNF_VOICE_VLAN_ACCESS,
	CNF_WEB_ACCESS,
	CNF_SPAN_TO_PC_PORT,
	CNF_SETTINGS
};

struct cnf_rules { /* all borrowed; { 0 } lets nothing inside through */
	/* A member that is not listed is removed. */
	const struct cnf_member *member;
	size_t nmembers;
	/* Servers of URLs (services, directories …). */
	const struct cnf_relay *relay;
	size_t nrelays;
	/* CAPF servers; one that is not listed is removed. */
	const struct cnf_relay *capf;
	size_t ncapfs;
	const char *tvs_address; /* NULL: servers of no relay are removed */
	uint16_t tvs_port; /* 0: as it was */
	const char *ntp; /* NULL: servers inside are removed, others stay */
	const char *http_proxy; /* host:port for URLs; NULL: none */
	const char *load_server; /* of firmware; NULL: none */
	bool keep_load; /* loadInformation: firmware can be fetched from us */
	bool keep_vpn; /* vpnGroup */
	bool keep_foreign_urls; /* of no relay and not inside; else emptied */
	unsigned security_mode; /* 1 none, 2 authenticated, 3 encrypted; 0 as
				   it was */
	unsigned transport; /* 1 TCP, 2 UDP, 3 TLS; 0 as it was */
	/* The file is for this certificate: encrConfig true, and certHash; NULL:
	 * it is not encrypted, and says so. */
	const char *cert_hash;
	/* Values by element, since sources differ about some; NULL: as it
	 * was. */
	const char *setting[CNF_SETTINGS];
	/* What is inside besides the servers above: "192.0.2.0/24",
	 * "192.0.2.11", "inside.example" with all names below it. */
	const char *const *inside;
	size_t ninside;
	bool private_is_inside; /* RFC 1918, RFC 4193, link-local */
};

struct cnf_leak {
	char *path; /* "device/vendorConfig" */
	const char *kind; /* "text", "attribute", "comment" */
	char *found; /* the name or address */
};

enum { CNF_WHY = 128, CNF_LEAKS_MAX = 100 };

struct cnf_result {
	struct text xml;
	unsigned members, members_removed, urls_emptied;
	/*
	 * The call manager sends the short form only (fullConfig false): it
	 * encrypts this phone's configuration, which must be turned off.
	 */
	bool short_form;
	/* The phone is told how to prove itself to a CAPF server (capfAuthMode
	 * is not 0), and where one is. */
	bool capf;
	struct text
		lines; /* that the phone registers: a line feed behind each */
	struct cnf_leak *leak; /* inside addresses still there */
	size_t nleaks; /* at most CNF_LEAKS_MAX are told */
	char why[CNF_WHY]; /* on failure, a sentence */
};

/*
 * E2BIG, EACCES (a DTD), ENOTSUP (encoding), EBADMSG as cnfdoc_read; EPROTO:
 * not a phone's configuration, or none of its call managers is known to the
 * rules. cnf_result_free in any case.
 */
int cnf_rewrite(struct cnf_result *out, struct slice xml,
	const struct cnf_rules *rules) MUST_USE;
void cnf_result_free(struct cnf_result *r);

/*
 * The short companion of an encrypted configuration, made from the full one
 * as the phone gets it and the hash of the phone's certificate (encfile.h's
 * cert_hash). Appends to *out. Errors as cnf_rewrite.
 */
int cnf_short_form(
	struct text *out, struct slice xml, const char *cert_hash) MUST_USE;

#endif

/* All that show tells of a certificate, as texts that are ours. */
#ifndef LINESIDE_CERTS_CERT_INFO_H
#define LINESIDE_CERTS_CERT_INFO_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <time.h>

struct cert_info { /* copies, freed with cert_info_free */
	char *subject, *issuer, *serial;
	char sha256[65], sha1[41], md5[33];
	time_t not_before, not_after;
	char *key; /* "RSA 2048", "EC P-256" */
	bool ca, own; /* own: our own leaf */
	/* For `verbose`; NULL: the certificate says nothing of it. Several
	 * values are separated by ", ". */
	unsigned version;
	char *signature; /* "RSA-SHA256" */
	char *key_usage, *purposes; /* "digitalSignature, …", "serverAuth, …" */
	char *names; /* alternative ones: "DNS:a, IP:b" */
	char *basic; /* "CA:TRUE, pathlen:0" */
	char *subject_key_id, *authority_key_id; /* hex */
	char *crl, *ocsp, *issuers; /* URLs */
};

void cert_info_fill(struct cert_info *out, gnutls_x509_crt_t crt, bool own);
void cert_info_free(struct cert_info *v, size_t n);

#endif

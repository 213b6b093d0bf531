/*
 * The HTTP face of a CA or RA: SCEP (RFC 8894), its CRL, its OCSP responder.
 * A request's parts in, an answer's parts out; knows no socket. Blocks: on
 * the helper thread only.
 */
#ifndef LINESIDE_CERTS_SCEP_SERVER_H
#define LINESIDE_CERTS_SCEP_SERVER_H

#include "certs/ca/ca.h"

enum { SCEP_REQUEST_MAX = 1 << 18 }; /* bytes of a query or a body */

struct scep_request {
	bool post;
	struct slice path; /* "/cgi-bin/pkiclient.exe", "/crl", "/ocsp/…" */
	struct slice query; /* after '?', as it came */
	struct slice body;
	const char *source; /* as in struct ca_request */
};

struct scep_response {
	int status; /* of HTTP */
	const char *content_type; /* static */
	struct bytes body;
};

void scep_serve(
	struct ca *ca, const struct scep_request *r, struct scep_response *out);
void scep_response_free(struct scep_response *r);

/*
 * A query's "operation" and "message", decoded. EBADMSG: malformed, or said
 * twice. An empty message is none.
 */
struct scep_query {
	char operation[32];
	struct bytes message; /* percent-encoding undone */
};
int scep_query_parse(struct scep_query *out, struct slice query) MUST_USE;
void scep_query_free(struct scep_query *q);

#endif

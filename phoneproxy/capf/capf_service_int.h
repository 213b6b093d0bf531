/* A session of capf_service.h, and what its files ask of each other. */
#ifndef LINESIDE_PHONEPROXY_CAPF_SERVICE_INT_H
#define LINESIDE_PHONEPROXY_CAPF_SERVICE_INT_H

#include "conf/conf.h"
#include "phoneproxy/capf/capf_server.h"
#include "phoneproxy/capf/capf_service.h"

/* A session. Counted: by its connection, and by a certificate in the making. */
struct capf_session {
	struct capf_service *service;
	struct capf_session *prev, *next;
	struct tls_conn *conn; /* NULL: gone */
	struct capf_service_params p; /* as they were at its beginning */
	struct capf_server server;
	char string[CAPF_STRING_MAX + 1]; /* the phone's, for the plan */
	struct text proof; /* the certificate that it proved itself by */
	bool accounted; /* its end is */
	struct capf_session_info info;
};

struct capf_service {
	struct loop *loop;
	struct capf_store *store;
	struct capf_service_params p;
	struct tls_port *port;
	struct capf_session *sessions;
	uint32_t next_id;
	uint64_t done, failed, nothing, count;
	unsigned issuing;
	size_t nkept;
	struct capf_session_info kept[CAPF_ENDED_KEPT]; /* newest first */
	capf_ended_fn *tell;
	void *tell_arg;
};

/* A certificate for it is no longer in the making. */
void capf_issuing_over(struct capf_session *s);

/* ---- capf_plan.c: of struct capf_server_ops ---- */

bool capf_on_plan(void *arg, struct slice device, struct capf_plan *out);
bool capf_on_trusted(void *arg, struct slice device, struct slice cert);

/* ---- capf_account.c ---- */

/* It has ended; for the second time nothing happens. */
void capf_account(struct capf_session *s);

#endif

/* What services.c and execute.c share. */
#ifndef LINESIDE_SERVICES_INT_H
#define LINESIDE_SERVICES_INT_H

#include <stdatomic.h>

#include "base/host.h"
#include "base/loop.h"
#include "ca/ca_service.h"
#include "captures.h"
#include "control/control.h"
#include "phone_trust.h"
#include "services.h"

struct job; /* a command on its way */

struct services {
	struct services_params p;
	struct loop *loop;
	pthread_t thread;
	uint64_t started_ms;
	/* Of the services thread: */
	struct control *control;
	struct ca_service *ca;
	struct loop_timer *second;
	struct host_watch host;
	struct proxy *proxy;
	struct captures *captures;
	struct phone_trust *trust;
	struct conf *conf; /* referenced; NULL until the first is in force */
	/* Asked once after each reload: the anchors of a trustpoint may be
	 * thousands, which is too much for each look at the metrics. */
	struct b2bua_query *trustpoints;
	struct renewal_status *renewals; /* referenced; NULL: not yet told */
	/* Commands whose question is with the sip thread; and those that wait,
	 * the first to go first. */
	unsigned asking;
	struct job *waiting, **waiting_end;
	size_t nresults;
	struct reload_result *result[RELOAD_KEPT]; /* oldest first */
	bool stopping;
	atomic_uint told;
	/* lines for timelines, on their way */ /* clients are gone: results are only freed */
};

/* A request of the control socket. */
control_run_fn services_execute;

#endif

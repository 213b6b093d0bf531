/*
 * The phone proxies of a configuration, as the daemon sees them.
 *
 *   prepare (main)      trustpoints and local files are read, trust lists made
 *                       and written aside, sockets bound: all that can fail
 *   publish (main)      trust lists come into force on disk; a message goes to
 *                       the services thread
 *   services thread     sockets that stay go on with the new configuration,
 *                       new ones are opened, old ones closed; transfers under
 *                       way keep the files they began with
 */
#ifndef LINESIDE_PHONEPROXY_PROXY_H
#define LINESIDE_PHONEPROXY_PROXY_H

#include "phoneproxy/httpd.h"
#include "phoneproxy/httpsd.h"
#include "phoneproxy/tftp.h"

struct proxy;

/* `l` is the services thread's, which need not run yet. */
struct proxy *proxy_new(struct loop *l) MUST_USE;
/* Services thread, when its loop has ended: nothing is served any more. */
void proxy_stop(struct proxy *p);
/* When the thread and its loop are gone. NULL is fine. */
void proxy_free(struct proxy *p);

/* What a reload prepares: main thread. */
struct proxy_sockets; /* those in force, main thread's view; counted */
struct proxy_plan;
/* `now` may be NULL. */
int proxy_prepare(struct proxy_plan **out, struct proxy_sockets *now,
	struct conf *c, struct conf_errs *errs) MUST_USE;
void proxy_discard(struct proxy_plan *plan); /* NULL is fine */
/* Trust lists come into force; what stays to be taken by the thread, and the
 * sockets from now on (one reference each). */
struct proxy_work;
void proxy_publish(struct proxy_plan *plan, struct proxy_work **work,
	struct proxy_sockets **now);
void proxy_work_free(struct proxy_work *w); /* that nobody takes */

/* Services thread. Takes it. */
void proxy_apply(struct proxy *p, struct proxy_work *w);

/* Services thread: a CA of ours revoked something. */
void proxy_revoked(struct proxy *p);

/* For show; services thread. */
struct phones *proxy_phones(const struct proxy *p);
struct phonecerts *proxy_certs(const struct proxy *p);
/* As files_tell_lines(). Before the thread runs, or on it. */
void proxy_tell_lines(struct proxy *p, files_lines_fn *fn, void *arg);
struct proxy_info {
	const struct ppset *set;
	size_t nports;
	struct tftp_counts tftp;
	struct httpd_counts http;
	bool has_tftp, has_http, has_https, has_mutual;
};
/* The i-th phone proxy; false behind the last. */
bool proxy_info(const struct proxy *p, size_t i, struct proxy_info *out);
void proxy_count_files(const struct proxy *p, struct files_counts *out);

#endif

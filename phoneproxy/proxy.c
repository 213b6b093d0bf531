#include "phoneproxy/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/obj.h"

enum { BACKLOG = 512, UDP_BUFFER = 1 << 20 };

enum kind { BY_TFTP, BY_HTTP, BY_HTTPS, BY_MUTUAL };

/* A bound socket: counted, so that the one who looks for it at a reload and
 * the one who serves it need not ask each other. */
struct bound {
	struct addr at;
	enum kind kind;
	int fd;
};

struct want { /* a socket and the phone proxy behind it */
	struct bound *socket; /* referenced */
	struct ppset *set; /* referenced */
};

struct proxy_sockets { /* counted */
	size_t n;
	struct bound **v; /* referenced */
};

struct proxy_work {
	size_t nwants, nsets;
	struct want *want;
	struct ppset **set; /* referenced; in the order of the text */
};

struct proxy_plan {
	struct proxy_work *work;
	size_t nlists;
	struct trustlist **list; /* referenced */
	const struct conf_ctl_file **file; /* of each list */
};

struct port { /* a socket being served */
	struct port *next;
	struct bound *socket; /* referenced */
	struct ppset *set; /* referenced */
	struct tftp *tftp; /* one of the three */
	struct httpd *httpd;
	struct httpsd *httpsd;
	bool stays; /* while a new configuration is applied */
};

struct proxy {
	struct loop *loop;
	struct files *files;
	struct port *ports;
	struct hs_pool *hs; /* owned; NULL: not yet needed */
	size_t nsets;
	struct ppset **set; /* referenced */
};

/* ---- sockets ---- */

static void bound_free(void *p)
{
	struct bound *b = p;

	if (b->fd >= 0)
		(void)close(b->fd);
}

static int open_socket(const struct addr *at, bool udp, int *fd)
{
	int type =
		(udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int on = 1, size = UDP_BUFFER;

	*fd = socket(at->sa.sa_family, type, 0);
	if (*fd < 0)
		return errno;
	if (udp)
		(void)setsockopt(
			*fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	else
		(void)setsockopt(
			*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->sa.sa_family == AF_INET6)
		(void)setsockopt(
			*fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(*fd, &at->sa, addr_len(at)) != 0 ||
		(!udp && listen(*fd, BACKLOG) != 0)) {
		int err = errno;

		(void)close(*fd);
		return err;
	}
	return 0;
}

static void sockets_free(void *p)
{
	struct proxy_sockets *s = p;

	for (size_t i = 0; i < s->n; i++)
		obj_unref(s->v[i]);
	free(s->v);
}

static struct bound *find_bound(
	const struct proxy_sockets *now, const struct addr *at, enum kind kind)
{
	for (size_t i = 0; now != NULL && i < now->n; i++)
		if (now->v[i]->kind == kind && addr_equal(&now->v[i]->at, at))
			return now->v[i];
	return NULL;
}

static void add_want(struct proxy_work *w, struct bound *b, struct ppset *set)
{
	w->want = mem_resize(w->want, w->nwants + 1, sizeof(*w->want));
	w->want[w->nwants++] =
		(struct want){ .socket = b, .set = obj_ref(set) };
}

static bool has_want(
	const struct proxy_work *w, const struct addr *at, enum kind kind)
{
	for (size_t i = 0; i < w->nwants; i++)
		if (w->want[i].socket->kind == kind &&
			addr_equal(&w->want[i].socket->at, at))
			return true;
	return false;
}

static const char *const kind_names[] = { "TFTP", "HTTP", "HTTPS",
	"HTTPS with client certificates" };

static const char *remedy(int err)
{
	if (err == EADDRNOTAVAIL)
		return "acc-addr must be an address of this machine";
	if (err == EACCES)
		return "ports below 1024 are taken at the start only: restart "
		       "linesided";
	return "see who uses the port: `ss -lnp`";
}

static int bind_one(struct proxy_work *w, const struct proxy_sockets *now,
	struct ppset *set, const struct addr *host, uint16_t port,
	enum kind kind, struct conf_errs *errs)
{
	struct addr at = *host;
	struct bound *b;
	char text[ADDR_TEXT];
	int err, fd;

	addr_set_port(&at, port);
	if (port == 0 || has_want(w, &at, kind))
		return 0;
	b = find_bound(now, &at, kind);
	if (b != NULL) {
		add_want(w, obj_ref(b), set);
		return 0;
	}
	err = open_socket(&at, kind == BY_TFTP, &fd);
	if (err != 0) {
		conf_errs_add(errs, false, set->conf->pos, remedy(err),
			"phone proxy %s cannot listen on %s (%s): %s",
			set->conf->name, addr_text(&at, text), kind_names[kind],
			strerrordesc_np(err));
		return err;
	}
	b = obj_new(sizeof(*b), bound_free);
	*b = (struct bound){ .at = at, .kind = kind, .fd = fd };
	add_want(w, b, set);
	return 0;
}

static int bind_all(struct proxy_work *w, const struct proxy_sockets *now,
	struct ppset *set, struct conf_errs *errs)
{
	const struct conf_phone_proxy *x = set->conf;
	int err = 0;

	for (size_t i = 0; i < x->ntftps && err == 0; i++) {
		const struct addr *at = &x->tftp[i].access;

		err = bind_one(w, now, set, at, x->tftp_port, BY_TFTP, errs);
		if (err == 0)
			err = bind_one(
				w, now, set, at, x->http_port, BY_HTTP, errs);
		if (err == 0 && set->https != NULL)
			err = bind_one(
				w, now, set, at, x->https_port, BY_HTTPS, errs);
		if (err == 0 && set->mutual != NULL)
			err = bind_one(w, now, set, at, x->mutual_port,
				BY_MUTUAL, errs);
	}
	return err;
}

/* ---- preparing ---- */

void proxy_work_free(struct proxy_work *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->nwants; i++) {
		obj_unref(w->want[i].socket);
		obj_unref(w->want[i].set);
	}
	for (size_t i = 0; i < w->nsets; i++)
		obj_unref(w->set[i]);
	free(w->want);
	free(w->set);
	free(w);
}

void proxy_discard(struct proxy_plan *plan)
{
	if (plan == NULL)
		return;
	proxy_work_free(plan->work);
	for (size_t i = 0; i < plan->nlists; i++)
		obj_unref(plan->list[i]);
	free(plan->list);
	free(plan->file);
	free(plan);
}

/* Made once, whoever serves it. */
static int list_of(struct trustlist **out, struct proxy_plan *plan,
	const struct conf *c, const struct conf_ctl_file *f,
	struct conf_errs *errs)
{
	const struct trustlist_how how = { 0 };
	int err;

	*out = NULL;
	if (f == NULL)
		return 0;
	for (size_t i = 0; i < plan->nlists; i++)
		if (plan->file[i] == f)
			*out = plan->list[i];
	if (*out != NULL)
		return 0;
	err = trustlist_make(out, c, f, &how, errs);
	if (err != 0)
		return err;
	plan->list = mem_resize(
		plan->list, plan->nlists + 1, sizeof(struct trustlist *));
	plan->file = mem_resize(plan->file, plan->nlists + 1,
		sizeof(const struct conf_ctl_file *));
	plan->list[plan->nlists] = *out;
	plan->file[plan->nlists++] = f;
	return 0;
}

static int prepare_one(struct proxy_plan *plan, struct proxy_sockets *now,
	struct conf *c, const struct conf_phone_proxy *x,
	struct conf_errs *errs)
{
	struct proxy_work *w = plan->work;
	struct trustlist *list;
	struct ppset *set;
	int err = list_of(&list, plan, c, x->ctl_file, errs);

	if (err == 0)
		err = ppset_make(&set, c, x, list, errs);
	if (err != 0)
		return err;
	w->set = mem_resize(w->set, w->nsets + 1, sizeof(struct ppset *));
	w->set[w->nsets++] = set;
	return bind_all(w, now, set, errs);
}

int proxy_prepare(struct proxy_plan **out, struct proxy_sockets *now,
	struct conf *c, struct conf_errs *errs)
{
	struct proxy_plan *plan = mem_new(sizeof(*plan));
	int err = 0;

	plan->work = mem_new(sizeof(*plan->work));
	for (const struct conf_phone_proxy *x = c->phone_proxies;
		x != NULL && err == 0; x = x->next)
		if (x->complete)
			err = prepare_one(plan, now, c, x, errs);
	if (err != 0) {
		proxy_discard(plan);
		plan = NULL;
	}
	*out = plan;
	return err;
}

static void keep_list(struct trustlist *t)
{
	struct ctl c;
	size_t records = 0;
	int err;

	if (!t->fresh || t->refused)
		return;
	err = trustlist_keep(t);
	if (err != 0)
		log_event(MSG_PHONE_LIST_LOST, NULL, L_STR("name", t->name),
			L_STR("reason", strerrordesc_np(err)));
	if (ctl_read(&c, content_slice(t->ctl)) == FAULT_NONE) {
		records = c.nrecords;
		ctl_free(&c);
	}
	log_event(MSG_PHONE_LIST_NEW, NULL, L_STR("name", t->name),
		L_INT("records", records), L_INT("bytes", t->ctl->bytes.n));
}

void proxy_publish(struct proxy_plan *plan, struct proxy_work **work,
	struct proxy_sockets **now)
{
	struct proxy_sockets *s = obj_new(sizeof(*s), sockets_free);
	const struct proxy_work *w = plan->work;

	for (size_t i = 0; i < plan->nlists; i++)
		keep_list(plan->list[i]);
	s->v = mem_array(w->nwants + 1, sizeof(struct bound *));
	for (size_t i = 0; i < w->nwants; i++)
		s->v[s->n++] = obj_ref(w->want[i].socket);
	*work = plan->work;
	*now = s;
	plan->work = NULL;
	proxy_discard(plan);
}

/* ---- serving ---- */

struct proxy *proxy_new(struct loop *l)
{
	struct proxy *p = mem_new(sizeof(*p));

	p->loop = l;
	xmlInitParser(); /* before any thread uses it */
	p->files = files_new(l);
	return p;
}

static void port_free(struct port *x)
{
	tftp_close(x->tftp);
	httpd_close(x->httpd);
	httpsd_close(x->httpsd);
	obj_unref(x->socket);
	obj_unref(x->set);
	free(x);
}

static void close_ports(struct proxy *p, bool all)
{
	struct port **at = &p->ports, *x;

	while ((x = *at) != NULL) {
		if (x->stays && !all) {
			at = &x->next;
			continue;
		}
		*at = x->next;
		port_free(x);
	}
}

void proxy_stop(struct proxy *p)
{
	close_ports(p, true);
	if (p->hs != NULL)
		hs_pool_stop(p->hs);
	p->hs = NULL;
	files_free(p->files);
	p->files = NULL;
}

static void drop_sets(struct proxy *p)
{
	for (size_t i = 0; i < p->nsets; i++)
		obj_unref(p->set[i]);
	free(p->set);
	p->set = NULL;
	p->nsets = 0;
}

void proxy_free(struct proxy *p)
{
	if (p == NULL)
		return;
	need(p->ports == NULL);
	files_free(p->files);
	drop_sets(p);
	free(p);
}

static struct port *port_new(struct proxy *p, const struct want *w)
{
	struct port *x = mem_new(sizeof(*x));
	const struct bound *b = w->socket;

	x->socket = obj_ref(b);
	x->next = p->ports;
	p->ports = x;
	switch (b->kind) {
	case BY_TFTP:
		x->tftp = tftp_open(p->loop, p->files, b->fd, &b->at, w->set);
		break;
	case BY_HTTP:
		x->httpd = httpd_open(p->loop, p->files, b->fd, w->set);
		break;
	case BY_HTTPS:
	case BY_MUTUAL:
		/* It closes its descriptor: it gets one of its own. */
		x->httpsd = httpsd_open(p->loop, p->files, p->hs,
			fcntl(b->fd, F_DUPFD_CLOEXEC, 0), w->set,
			b->kind == BY_MUTUAL);
		break;
	}
	return x;
}

static void serve(struct proxy *p, const struct want *w)
{
	struct port *x = p->ports;

	while (x != NULL && x->socket != w->socket)
		x = x->next;
	if (x == NULL)
		x = port_new(p, w);
	else if (x->tftp != NULL)
		tftp_use(x->tftp, w->set);
	else if (x->httpd != NULL)
		httpd_use(x->httpd, w->set);
	else
		httpsd_use(x->httpsd, w->set);
	obj_unref(x->set);
	x->set = obj_ref(w->set);
	x->stays = true;
}

static bool is_tls(const struct bound *b)
{
	return b->kind == BY_HTTPS || b->kind == BY_MUTUAL;
}

/* Handshakes have a thread of their own, once there are any. */
static int start_handshakes(struct proxy *p, const struct proxy_work *w)
{
	for (size_t i = 0; i < w->nwants && p->hs == NULL; i++)
		if (is_tls(w->want[i].socket))
			return hs_pool_start(&p->hs, 1);
	return 0;
}

void proxy_apply(struct proxy *p, struct proxy_work *w)
{
	if (p->files == NULL) { /* stopped */
		proxy_work_free(w);
		return;
	}
	bool tls = start_handshakes(p, w) == 0;

	for (struct port *x = p->ports; x != NULL; x = x->next)
		x->stays = false;
	for (size_t i = 0; i < w->nwants; i++)
		if (tls || !is_tls(w->want[i].socket))
			serve(p, &w->want[i]);
	close_ports(p, false);
	files_forget(p->files);
	drop_sets(p);
	p->set = w->set;
	p->nsets = w->nsets;
	w->set = NULL;
	w->nsets = 0;
	proxy_work_free(w);
}

void proxy_revoked(struct proxy *p)
{
	if (p->hs != NULL)
		hs_pool_revoked(p->hs);
}

/* ---- show ---- */

struct phones *proxy_phones(const struct proxy *p)
{
	return files_phones(p->files);
}

void proxy_tell_lines(struct proxy *p, files_lines_fn *fn, void *arg)
{
	files_tell_lines(p->files, fn, arg);
}

struct phonecerts *proxy_certs(const struct proxy *p)
{
	return files_certs(p->files);
}

void proxy_count_files(const struct proxy *p, struct files_counts *out)
{
	files_count(p->files, out);
}

static void add_tftp(struct tftp_counts *sum, const struct tftp *t)
{
	struct tftp_counts c;

	tftp_count(t, &c);
	sum->sessions += c.sessions;
	sum->requests += c.requests;
	sum->busy += c.busy;
	sum->unfinished += c.unfinished;
	sum->done += c.done;
}

static void add_http(struct httpd_counts *sum, const struct httpd *h)
{
	struct httpd_counts c;

	httpd_count(h, &c);
	sum->waiting += c.waiting;
	sum->requests += c.requests;
	sum->busy += c.busy;
}

bool proxy_info(const struct proxy *p, size_t i, struct proxy_info *out)
{
	*out = (struct proxy_info){ 0 };
	if (i >= p->nsets)
		return false;
	out->set = p->set[i];
	for (const struct port *x = p->ports; x != NULL; x = x->next) {
		if (x->set != out->set)
			continue;
		out->nports++;
		out->has_tftp = out->has_tftp || x->tftp != NULL;
		out->has_http = out->has_http || x->httpd != NULL;
		out->has_https = out->has_https || x->socket->kind == BY_HTTPS;
		out->has_mutual =
			out->has_mutual || x->socket->kind == BY_MUTUAL;
		if (x->tftp != NULL)
			add_tftp(&out->tftp, x->tftp);
		else if (x->httpd != NULL)
			add_http(&out->http, x->httpd);
	}
	return true;
}

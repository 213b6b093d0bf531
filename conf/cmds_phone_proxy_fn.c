/* What the lines of voice-phone-proxy set, and how they
 * are shown again. `no` with a line's arguments takes that line back, `no`
 * without arguments all of its kind. */
#include "conf/cmds_phone_proxy.h"

#include <stdlib.h>
#include <string.h>

static struct slice nothing(void)
{
	return (struct slice){ .p = NULL };
}

static bool reset(const struct line *l)
{
	return l->no || l->def;
}

static const struct word *cap_after(const struct line *l, const char *keyword)
{
	for (size_t i = 0; i + 1 < l->n; i++)
		if (l->cap[i].keyword && slice_eq_str(l->cap[i].text, keyword))
			return &l->cap[i + 1];
	return NULL;
}

/* "KEYWORD ipv4 A": the address, unset when it is a name. */
static struct addr addr_after(const struct line *l, const char *keyword)
{
	const struct word *kind = cap_after(l, keyword);
	struct addr a = { 0 };

	if (kind != NULL && !slice_eq_str(kind->text, "dns"))
		need(addr_parse(&a, kind[1].text, 0) == 0);
	return a;
}

static void show_ip(FILE *out, const struct addr *a)
{
	char text[ADDR_TEXT];

	fprintf(out, " %s %s", a->sa.sa_family == AF_INET6 ? "ipv6" : "ipv4",
		addr_host(a, text));
}

static void show_addr(FILE *out, const char *keyword, const struct addr *a)
{
	fprintf(out, " %s", keyword);
	show_ip(out, a);
}

static bool full(struct line *l, size_t n, size_t max)
{
	if (n < max)
		return false;
	line_error(l, NULL, "leave some of them out",
		"there are more than %zu such lines", max);
	return true;
}

/* ---- tftp-server ---- */

static bool same_name(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void drop_tftp(struct conf_phone_proxy *x, size_t i)
{
	free(x->tftp[i].host);
	memmove(&x->tftp[i], &x->tftp[i + 1],
		(--x->ntftps - i) * sizeof(x->tftp[0]));
}

void pp_set_tftp(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	const struct word *host = line_after(l, "dns");
	size_t i = 0;

	if (l->n == 0 || line_arg(l, 0) == NULL) {
		while (x->ntftps > 0)
			drop_tftp(x, x->ntftps - 1);
		return;
	}
	struct conf_pp_tftp t = {
		.server = addr_after(l, "address"),
		.local = addr_after(l, "local-addr"),
		.access = addr_after(l, "acc-addr"),
	};

	if (host != NULL)
		t.host = slice_dup(host->text);
	while (i < x->ntftps &&
		(!addr_equal(&x->tftp[i].server, &t.server) ||
			!same_name(x->tftp[i].host, t.host) ||
			!addr_equal(&x->tftp[i].local, &t.local) ||
			!addr_equal(&x->tftp[i].access, &t.access)))
		i++;
	if (i < x->ntftps && reset(l))
		drop_tftp(x, i);
	else if (i == x->ntftps && !reset(l) &&
		 !full(l, i, CONF_PP_LINES_MAX)) {
		x->tftp[x->ntftps++] = t;
		return;
	}
	free(t.host);
}

void pp_show_tftp(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	for (size_t i = 0; i < x->ntftps; i++) {
		const struct conf_pp_tftp *t = &x->tftp[i];

		fprintf(s->out, "%*stftp-server", (int)s->indent, "");
		if (t->host != NULL)
			fprintf(s->out, " address dns %s", t->host);
		else
			show_addr(s->out, "address", &t->server);
		show_addr(s->out, "local-addr", &t->local);
		show_addr(s->out, "acc-addr", &t->access);
		fputc('\n', s->out);
	}
}

/* ---- capf-address, service-map ---- */

static void set_relay(struct line *l, struct conf_pp_relay *v, size_t *n,
	const struct conf_pp_relay *r)
{
	size_t i = 0;

	while (i < *n && (!addr_equal(&v[i].server, &r->server) ||
				 !addr_equal(&v[i].access, &r->access)))
		i++;
	if (i < *n && reset(l))
		memmove(&v[i], &v[i + 1], (--*n - i) * sizeof(v[0]));
	else if (i == *n && !reset(l) && !full(l, *n, CONF_PP_LINES_MAX))
		v[(*n)++] = *r;
}

enum { CAPF_PORT = 3804 };

void pp_set_capf(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	const char *head =
		line_has(l, "capf-addr") ? "capf-addr" : "capf-address";

	if (line_arg(l, 0) == NULL) {
		x->ncapfs = 0;
		return;
	}
	struct conf_pp_relay r = { .server = addr_after(l, head),
		.access = addr_after(l, "acc-addr") };

	addr_set_port(&r.server, CAPF_PORT);
	addr_set_port(&r.access, CAPF_PORT);
	set_relay(l, x->capf, &x->ncapfs, &r);
}

void pp_show_capf(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	for (size_t i = 0; i < x->ncapfs; i++) {
		fprintf(s->out, "%*scapf-address", (int)s->indent, "");
		show_ip(s->out, &x->capf[i].server);
		show_addr(s->out, "acc-addr", &x->capf[i].access);
		fputc('\n', s->out);
	}
}

void pp_set_service(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;

	if (line_arg(l, 0) == NULL) {
		x->nservices = 0;
		return;
	}
	struct conf_pp_relay r = { .server = addr_after(l, "server-addr"),
		.access = addr_after(l, "acc-addr") };

	addr_set_port(&r.server, (uint16_t)line_arg(l, 1)->number);
	addr_set_port(&r.access, (uint16_t)line_arg(l, 3)->number);
	set_relay(l, x->service, &x->nservices, &r);
}

void pp_show_service(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	for (size_t i = 0; i < x->nservices; i++) {
		const struct conf_pp_relay *r = &x->service[i];

		fprintf(s->out, "%*sservice-map", (int)s->indent, "");
		show_addr(s->out, "server-addr", &r->server);
		fprintf(s->out, " port %u", addr_port(&r->server));
		show_addr(s->out, "acc-addr", &r->access);
		fprintf(s->out, " port %u\n", addr_port(&r->access));
	}
}

/* ---- port-range, fetch ---- */

void pp_set_range(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	const struct word *min = line_arg(l, 0), *max = line_arg(l, 1);

	x->port_min = x->port_max = 0;
	if (reset(l))
		return;
	if (min->number > max->number) {
		line_error(l, max, "write the lower one first",
			"the range ends before it begins");
		return;
	}
	x->port_min = (uint16_t)min->number;
	x->port_max = (uint16_t)max->number;
}

void pp_show_range(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	if (x->port_min != 0)
		show_line(s, "port-range %u %u", x->port_min, x->port_max);
}

void pp_set_https(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;

	x->https_port = reset(l) ? 0 : (uint16_t)line_arg(l, 0)->number;
	set_ref(l, &x->https, M_TRUSTPOINT, reset(l) ? NULL : line_arg(l, 1));
}

void pp_show_https(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	if (x->https_port != 0 && x->https != NULL)
		show_line(s, "https-port %u trustpoint %s", x->https_port,
			x->https->name);
}

void pp_set_mutual(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	const struct word *id = line_after(l, "phone-identity");

	x->mutual_port = reset(l) ? 0 : (uint16_t)line_arg(l, 0)->number;
	set_ref(l, &x->mutual, M_TRUSTPOINT, reset(l) ? NULL : line_arg(l, 1));
	set_ref(l, &x->mutual_identity, M_ID_CLASS, reset(l) ? NULL : id);
}

void pp_show_mutual(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	if (x->mutual_port == 0 || x->mutual == NULL)
		return;
	fprintf(s->out, "%*shttps-port %u trustpoint %s client-verify",
		(int)s->indent, "", x->mutual_port, x->mutual->name);
	if (x->mutual_identity != NULL)
		fprintf(s->out, " phone-identity %u", x->mutual_identity->tag);
	fputc('\n', s->out);
}

void pp_set_fetch(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	const struct word *port = reset(l) ? NULL : line_arg(l, 0);

	x->fetch_http = !reset(l) && line_has(l, "http");
	x->fetch_port = port != NULL ? (uint16_t)port->number : 0;
}

void pp_show_fetch(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	if (x->fetch_port != 0)
		show_line(s, "fetch %s port %u",
			x->fetch_http ? "http" : "tftp", x->fetch_port);
	else if (x->fetch_http)
		show_line(s, "fetch http");
}

/* ---- load-cfg-file ---- */

static void drop_file(struct conf_phone_proxy *x, size_t i)
{
	free(x->file[i].path);
	free(x->file[i].alias);
	memmove(&x->file[i], &x->file[i + 1],
		(--x->nfiles - i) * sizeof(x->file[0]));
}

void pp_set_file(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	const struct word *alias = line_after(l, "alias");
	size_t i = 0;

	if (alias == NULL) {
		while (x->nfiles > 0)
			drop_file(x, x->nfiles - 1);
		return;
	}
	while (i < x->nfiles && !slice_eq_str(alias->text, x->file[i].alias))
		i++;
	if (i < x->nfiles) /* said anew */
		drop_file(x, i);
	if (reset(l) || full(l, x->nfiles, CONF_PP_FILES_MAX))
		return;

	struct conf_pp_file *f = &x->file[x->nfiles++];

	*f = (struct conf_pp_file){ .sign = line_has(l, "sign") };
	set_str(&f->path, line_arg(l, 0)->text);
	set_str(&f->alias, alias->text);
}

void pp_show_files(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	for (size_t i = 0; i < x->nfiles; i++) {
		const struct conf_pp_file *f = &x->file[i];

		fprintf(s->out, "%*sload-cfg-file ", (int)s->indent, "");
		lex_quote(s->out, f->path);
		fprintf(s->out, " alias %s%s\n", f->alias,
			f->sign ? " sign" : "");
	}
}

/* ---- a dial-peer's ---- */

void set_peer_proxy(struct line *l)
{
	struct conf_dial_peer *d = l->obj;
	const struct word *kind = cap_after(l, "cucm");

	set_ref(l, &d->phone_proxy, M_PHONE_PROXY,
		reset(l) ? NULL : line_arg(l, 0));
	d->signal_addr = (struct addr){ 0 };
	set_str(&d->cucm, nothing());
	if (reset(l))
		return;
	d->signal_addr = addr_after(l, "signal-addr");
	set_str(&d->cucm, kind[1].text);
}

void show_peer_proxy(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;
	struct addr a;

	(void)row;
	if (d->phone_proxy == NULL)
		return;
	fprintf(s->out, "%*sphone-proxy %s", (int)s->indent, "",
		d->phone_proxy->name);
	show_addr(s->out, "signal-addr", &d->signal_addr);
	if (addr_parse(&a, slice_str(d->cucm), 0) == 0) {
		show_addr(s->out, "cucm", &a);
		fputc('\n', s->out);
	} else {
		fprintf(s->out, " cucm dns %s\n", d->cucm);
	}
}

#include "phoneproxy/ppset.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/obj.h"
#include "certs/store/import.h"
#include "phoneproxy/config/cnfhosts.h"
#include "phoneproxy/config/encfile.h"
#include "phoneproxy/signed/sgnfile.h"

enum { LOCAL_FILE_MAX = 64 << 20, CERT_FILE_MAX = 64 << 10 };

static void ppset_free(void *p)
{
	struct ppset *s = p;

	for (size_t i = 0; i < s->nlocals; i++) {
		obj_unref(s->local[i].plain);
		obj_unref(s->local[i].sgn);
	}
	for (size_t i = 0; i < s->ntexts; i++)
		free(s->text[i]);
	free(s->text);
	free(s->member);
	free(s->relay);
	free(s->capf);
	free(s->inside);
	obj_unref(s->list);
	for (size_t i = 0; i < s->ncerts; i++)
		text_free(&s->cert[i].der);
	free(s->cert);
	obj_unref(s->https);
	obj_unref(s->mutual);
	obj_unref(s->keep);
}

/* ---- rules ---- */

static const char *text_of(struct ppset *s, const char *host)
{
	s->text = mem_resize(s->text, s->ntexts + 1, sizeof(*s->text));
	s->text[s->ntexts] = mem_dup(host);
	return s->text[s->ntexts++];
}

static const char *host_of(struct ppset *s, const struct addr *a)
{
	char room[ADDR_TEXT];

	return text_of(s, addr_host(a, room));
}

/* Where phones find the call manager of this dial-peer. */
static void add_member(struct ppset *s, const struct conf_dial_peer *d)
{
	const struct conf_listener *l = d->incoming_listener;
	struct cnf_member *m = &s->member[s->nmembers++];

	*m = (struct cnf_member){ .inside = d->cucm,
		.address = host_of(s, &d->signal_addr) };
	if (l == NULL)
		return;
	if (l->transport == CONF_TLS)
		m->secured_port = addr_port(&l->addr);
	else
		m->sip_port = addr_port(&l->addr);
}

static void add_members(struct ppset *s)
{
	size_t n = 0;

	for (const struct conf_dial_peer *d = s->keep->dial_peers; d != NULL;
		d = d->next)
		n += d->phone_proxy == s->conf;
	s->member = mem_array(n + 1, sizeof(*s->member));
	for (const struct conf_dial_peer *d = s->keep->dial_peers; d != NULL;
		d = d->next)
		if (d->phone_proxy == s->conf && !d->shutdown)
			add_member(s, d);
	s->rules.member = s->member;
	s->rules.nmembers = s->nmembers;
}

static struct cnf_relay *relays_of(
	struct ppset *s, const struct conf_pp_relay *r, size_t n, size_t more)
{
	struct cnf_relay *v = mem_array(n + more + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = (struct cnf_relay){
			.inside = host_of(s, &r[i].server),
			.inside_port = addr_port(&r[i].server),
			.address = host_of(s, &r[i].access),
			.port = addr_port(&r[i].access),
		};
	return v;
}

static bool named(const struct cnf_relay *v, size_t n, const char *host)
{
	for (size_t i = 0; i < n; i++)
		if (host_equal(slice_str(v[i].inside), slice_str(host)))
			return true;
	return false;
}

/* Where phones reach a server of ours. */
static const char *own_address(struct ppset *s, const struct addr *source)
{
	return host_of(s, addr_is_set(source) && !addr_is_any(source)
				  ? source
				  : &s->conf->tftp[0].access);
}

static void add_capf(struct ppset *s, const char *inside)
{
	const struct conf *c = s->keep;

	if (named(s->capf, s->rules.ncapfs, inside))
		return;
	s->capf[s->rules.ncapfs++] = (struct cnf_relay){
		.inside = inside,
		.address = own_address(s, &c->capf.source),
		.port = c->capf.port,
	};
}

/*
 * capf-address for those it names; with a CAPF server of ours, that one stands
 * in the place of the call managers'.
 */
static void add_capfs(struct ppset *s)
{
	const struct conf_phone_proxy *x = s->conf;
	struct cnf_rules *r = &s->rules;

	s->capf = relays_of(s, x->capf, x->ncapfs, x->ntftps + s->nmembers);
	r->capf = s->capf;
	r->ncapfs = x->ncapfs;
	for (size_t i = 0; s->keep->capf.on && i < x->ntftps; i++)
		add_capf(s, x->tftp[i].host != NULL
				    ? x->tftp[i].host
				    : host_of(s, &x->tftp[i].server));
	for (size_t i = 0; s->keep->capf.on && i < s->nmembers; i++)
		add_capf(s, s->member[i].inside);
}

static void add_tvs(struct ppset *s)
{
	const struct conf *c = s->keep;

	if (!c->tvs.on)
		return;
	s->rules.tvs_address = own_address(s, &c->tvs.source);
	s->rules.tvs_port = c->tvs.port;
}

/* Every server that is named is inside; private networks are, too, unless
 * phones are served in one (a laboratory). */
static void add_inside(struct ppset *s)
{
	const struct conf_phone_proxy *x = s->conf;
	struct cnf_rules *r = &s->rules;

	s->inside = mem_array(2 * x->ntftps + 1, sizeof(*s->inside));
	r->private_is_inside = true;
	for (size_t i = 0; i < x->ntftps; i++) {
		const struct conf_pp_tftp *t = &x->tftp[i];
		struct cnf_rules nothing = { .private_is_inside = true };
		char room[ADDR_TEXT];

		s->inside[r->ninside++] =
			t->host != NULL ? t->host : host_of(s, &t->server);
		(void)addr_host(&t->access, room);
		if (host_inside(&nothing, slice_str(room)))
			r->private_is_inside = false;
	}
	r->inside = s->inside;
}

/* deviceSecurityMode, transportLayerProtocol */
static void set_mode(struct cnf_rules *r, enum conf_device_mode mode)
{
	r->security_mode = mode == CONF_DEVICE_ENCRYPTED       ? 3
			   : mode == CONF_DEVICE_AUTHENTICATED ? 2
							       : 1;
	r->transport = mode == CONF_DEVICE_NONE ? 0 : 3;
}

void ppset_rules(
	const struct ppset *s, const char *device, struct cnf_rules *out)
{
	*out = s->rules;
	set_mode(out, conf_pp_mode(s->conf, device));
}

static const char *setting_of(const struct conf_phone_proxy *x, size_t i)
{
	switch (x->setting[i]) {
	case CONF_SETTING_LEFT:
		return NULL;
	case CONF_SETTING_0:
		return "0";
	case CONF_SETTING_1:
		return "1";
	case CONF_SETTING_INHERIT:
		break;
	}
	return x->disable_settings ? "1" : NULL;
}

static void make_rules(struct ppset *s)
{
	const struct conf_phone_proxy *x = s->conf;
	struct cnf_rules *r = &s->rules;

	add_members(s);
	s->relay = relays_of(s, x->service, x->nservices, 0);
	r->relay = s->relay;
	r->nrelays = x->nservices;
	add_capfs(s);
	add_tvs(s);
	r->keep_load = true; /* firmware is fetched like any other file */
	set_mode(r, conf_pp_mode(x, NULL));
	for (size_t i = 0; i < CNF_SETTINGS; i++)
		r->setting[i] = setting_of(x, i);
	add_inside(s);
}

/* ---- servers ---- */

static int look_up(struct addr *out, const char *name, int family)
{
	const struct addrinfo hint = { .ai_family = family,
		.ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;

	if (getaddrinfo(name, NULL, &hint, &found) != 0)
		return ENOENT;
	*out = addr_from_sockaddr(found->ai_addr);
	freeaddrinfo(found);
	return 0;
}

static void find_servers(struct ppset *s, struct conf_errs *errs)
{
	const struct conf_phone_proxy *x = s->conf;
	uint16_t port = x->fetch_http ? 6970 : 69;

	if (x->fetch_port != 0)
		port = x->fetch_port;
	for (size_t i = 0; i < x->ntftps; i++) {
		const struct conf_pp_tftp *t = &x->tftp[i];
		struct pp_server *v = &s->server[s->nservers];

		*v = (struct pp_server){ .addr = t->server, .local = t->local };
		if (t->host != NULL && look_up(&v->addr, t->host,
					       t->local.sa.sa_family) != 0) {
			conf_errs_add(errs, true, x->pos,
				"`reload` asks again; an address needs no DNS",
				"phone proxy %s: DNS has no address for "
				"tftp-server %s, which is left out",
				x->name, t->host);
			continue;
		}
		addr_set_port(&v->addr, port);
		s->nservers++;
	}
}

/* ---- local files ---- */

static const char *without_flash(const char *path)
{
	return strncmp(path, "flash:", 6) == 0 ? path + 6 : path;
}

static enum digest digest_of_files(const struct ppset *s)
{
	if (s->conf->hash == CONF_FILE_HASH_OF_LIST)
		return s->list->digest;
	return s->conf->hash == CONF_FILE_SHA512 ? DIGEST_SHA512 : DIGEST_SHA1;
}

enum fault ppset_sign(const struct ppset *s, struct text *out, const char *name,
	struct slice payload)
{
	return sgnfile_write(out, name, digest_of_files(s),
		(uint32_t)time(NULL), &s->list->sign_file, payload);
}

enum fault ppset_encrypt(const struct ppset *s, struct text *out,
	const char *name, struct slice cert, struct slice xml)
{
	struct enckeys k;
	enum fault f = enckeys_fresh(&k, cert);

	if (f != FAULT_NONE)
		return f;
	f = encfile_write(out, name, digest_of_files(s), (uint32_t)time(NULL),
		&s->list->sign_file, &k, xml);
	enckeys_wipe(&k);
	return f;
}

static int sign_local(struct ppset *s, struct pp_local *l)
{
	char *name = mem_printf("%s.sgn", l->alias);
	struct text t = { 0 };
	enum fault f = ppset_sign(s, &t, name, content_slice(l->plain));

	free(name);
	if (f == FAULT_NONE)
		l->sgn = content_new(&t);
	text_free(&t);
	return f == FAULT_NONE ? 0 : EINVAL;
}

static int load_file(
	struct ppset *s, const struct conf_pp_file *f, struct conf_errs *errs)
{
	struct pp_local *l = &s->local[s->nlocals];
	int err =
		content_read(&l->plain, without_flash(f->path), LOCAL_FILE_MAX);

	if (err != 0) {
		conf_errs_add(errs, false, s->conf->pos,
			"see 'load-cfg-file' and who may read the file",
			"phone proxy %s: %s cannot be read: %s", s->conf->name,
			f->path, strerrordesc_np(err));
		return err;
	}
	l->alias = f->alias;
	s->nlocals++;
	if (!f->sign)
		return 0;
	if (s->list != NULL && sign_local(s, l) == 0)
		return 0;
	conf_errs_add(errs, false, s->conf->pos,
		"add 'ctl-file NAME', or leave 'sign' out",
		"phone proxy %s: %s cannot be signed", s->conf->name, f->path);
	return EINVAL;
}

/* ---- phones' certificates ---- */

struct slice ppset_phone_cert(const struct ppset *s, const char *device)
{
	for (size_t i = 0; i < s->ncerts; i++)
		if (strcmp(s->cert[i].name, device) == 0)
			return text_slice(&s->cert[i].der);
	return slice_of(NULL, 0);
}

/* Exactly one certificate, whatever the file's format. */
static int take_cert(struct pp_cert *out, struct slice file, char **why)
{
	gnutls_datum_t der = { 0 };
	struct import in;
	int err = import_parse(&in, file, NULL, why);

	if (err == 0 && in.n != 1) {
		err = EBADMSG;
		*why = mem_printf(
			"it holds %zu certificates, and one is wanted", in.n);
	}
	if (err == 0 && gnutls_x509_crt_export2(
				in.crt[0], GNUTLS_X509_FMT_DER, &der) < 0)
		err = EBADMSG;
	if (err == 0)
		text_add(&out->der, slice_of(der.data, der.size));
	gnutls_free(der.data);
	import_free(&in);
	return err;
}

static int load_cert(
	struct ppset *s, const struct conf_pp_phone *f, struct conf_errs *errs)
{
	struct pp_cert *c = &s->cert[s->ncerts];
	struct content *file = NULL;
	char *why = NULL;
	int err = content_read(&file, f->cert_file, CERT_FILE_MAX);

	if (err != 0)
		why = mem_dup(strerrordesc_np(err));
	else
		err = take_cert(c, content_slice(file), &why);
	if (err != 0)
		conf_errs_add(errs, false, s->conf->pos,
			"see 'phone-certificate': PEM or DER, one certificate",
			"phone proxy %s: the certificate of %s, %s, cannot be "
			"used: %s",
			s->conf->name, f->name, f->cert_file,
			why != NULL ? why : strerrordesc_np(err));
	else
		c->name = f->name;
	s->ncerts += err == 0;
	free(why);
	obj_unref(file);
	return err;
}

static int load_certs(struct ppset *s, struct conf_errs *errs)
{
	const struct conf_phone_proxy *x = s->conf;
	int err = 0;

	s->cert = mem_array(x->nphones + 1, sizeof(*s->cert));
	for (size_t i = 0; i < x->nphones && err == 0; i++)
		if (x->phone[i].cert_file != NULL)
			err = load_cert(s, &x->phone[i], errs);
	return err;
}

int ppset_make(struct ppset **out, struct conf *c,
	const struct conf_phone_proxy *x, struct trustlist *list,
	struct conf_errs *errs)
{
	struct ppset *s = obj_new(sizeof(*s), ppset_free);
	int err = 0;

	s->keep = obj_ref(c);
	s->conf = x;
	s->list = obj_ref(list);
	make_rules(s);
	find_servers(s, errs);
	if (x->https != NULL)
		err = trustpoint_load(&s->https, x->https, errs);
	if (err == 0 && x->mutual != NULL)
		err = trustpoint_load(&s->mutual, x->mutual, errs);
	if (err == 0)
		err = load_certs(s, errs);
	for (size_t i = 0; i < x->nfiles && err == 0; i++)
		err = load_file(s, &x->file[i], errs);
	if (err != 0)
		s = obj_unref(s);
	*out = s;
	return err;
}

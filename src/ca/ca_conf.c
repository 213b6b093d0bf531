/* A CA as it is configured: its parameters, its keys, its socket. */
#include "ca/ca_conf.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"
#include "certs/store/keystore.h"
#include "certs/store/pemfile.h"
#include "certs/store/seal.h"
#include "certs/store/store.h"

enum { BACKLOG = 128, UPSTREAM_MS = 10000 };

#define STORED "trustpoint" /* instead of the path of a key */

/* ---- keys, sealed or plain as all keys of ours ---- */

struct key_place {
	struct secret master;
	const struct conf_trustpoint *trustpoint; /* for STORED; may be NULL */
};

static int say(char *why, size_t size, int err, const char *path, char *text)
{
	snprintf(why, size, "%s: %s", path,
		text != NULL ? text : strerrordesc_np(err));
	free(text);
	return err;
}

/* As plain PEM. */
static int give(struct keystore *k, struct bytes *pem)
{
	struct secret none = { .n = 0 };
	char *text;
	int err = keystore_seal(k, &none, &text);

	if (err != 0)
		return err;
	*pem = bytes_of(slice_str(text));
	mem_wipe(text, strlen(text));
	free(text);
	return 0;
}

/* The key of the certificate that the trustpoint has now. */
static int stored_key(const struct conf_trustpoint *c, struct store *s,
	struct keystore **out, char **text)
{
	gnutls_x509_crt_t *v;
	uint8_t id[KEYSTORE_ID];
	size_t n, size = sizeof(id);
	int err = store_certs(s, c->name, STORE_OWN, &v, &n, text);

	*out = NULL;
	if (err != 0)
		return err;
	if (n == 0) {
		*text = mem_printf("it has no certificate yet: `lineside pki "
				   "enroll %s`",
			c->name);
		err = ENOENT;
	} else if (gnutls_x509_crt_get_key_id(
			   v[0], GNUTLS_KEYID_USE_SHA256, id, &size) != 0) {
		err = EBADMSG;
	} else {
		err = store_key(s, store_label(c), id, out, text);
	}
	pemfile_certs_free(v, n);
	return err;
}

static int load_stored(const struct key_place *place, struct bytes *pem,
	char *why, size_t size)
{
	const struct conf_trustpoint *c = place->trustpoint;
	struct keystore *k = NULL;
	struct store *s;
	char *text = NULL;
	int err = store_open(&s, c, false, &text);

	if (err == 0)
		err = stored_key(c, s, &k, &text);
	if (err == 0)
		err = give(k, pem);
	obj_unref(k);
	store_close(s);
	if (err != 0)
		return say(why, size, err, c->name, text);
	free(text);
	return 0;
}

static int load_key(
	void *arg, const char *path, struct bytes *pem, char *why, size_t size)
{
	const struct key_place *place = arg;
	struct keystore *k = NULL;
	struct bytes raw;
	char *text = NULL;
	int err;

	if (strcmp(path, STORED) == 0)
		return load_stored(place, pem, why, size);
	err = ca_keys_plain.load(NULL, path, &raw, why, size);
	if (err != 0)
		return err;
	err = keystore_unseal(&k, bytes_slice(&raw), &place->master, &text);
	bytes_wipe(&raw);
	if (err == 0)
		err = give(k, pem);
	obj_unref(k);
	if (err != 0)
		return say(why, size, err, path, text);
	free(text);
	return 0;
}

static int save_key(
	void *arg, const char *path, struct slice pem, char *why, size_t size)
{
	const struct key_place *place = arg;
	struct keystore *k = NULL;
	char *text = NULL, *reason = NULL;
	int err = keystore_parse(&k, pem, NULL, &reason);

	if (err == 0) {
		keystore_set_exportable(k, false);
		err = keystore_seal(k, &place->master, &text);
	}
	if (err == 0)
		err = ca_keys_plain.save(
			NULL, path, slice_str(text), why, size);
	else
		say(why, size, err, path, reason);
	if (text != NULL)
		mem_wipe(text, strlen(text));
	free(text);
	obj_unref(k);
	return err;
}

/* ---- parameters ---- */

const struct conf_pki_server *ca_conf_server(const struct conf *c)
{
	return c->pki_servers != NULL && !c->pki_servers->shutdown
		       ? c->pki_servers
		       : NULL;
}

static enum ca_mode mode_of(const struct conf_pki_server *s)
{
	static const enum ca_mode modes[] = {
		[CONF_CA_ROOT] = CA_ROOT,
		[CONF_CA_RA] = CA_RA,
		[CONF_CA_SUBORDINATE] = CA_SUBORDINATE,
	};

	return modes[s->mode];
}

struct paths {
	char *dir, *cert, *ca, *source;
};

static void fill_paths(
	struct paths *p, const struct conf *c, const struct conf_pki_server *s)
{
	const struct conf_trustpoint *t = s->trustpoint;

	p->dir = s->database != NULL ? mem_dup(s->database)
				     : mem_printf("%s/server/%s",
					       c->state_directory, s->name);
	if (s->mode == CONF_CA_ROOT)
		return;
	p->source = conf_trustpoint_source(t);
	p->cert = t->cert_file != NULL
			  ? mem_dup(t->cert_file)
			  : mem_printf("%s/pki/trustpoints/%s.own.pem",
				    c->state_directory, t->name);
	p->ca = t->ca_file != NULL ? mem_dup(t->ca_file)
				   : mem_printf("%s/pki/trustpoints/%s.ca.pem",
					     c->state_directory, t->name);
}

/* The directory above the database; ca_open() makes that itself. */
static int make_dirs(
	const struct conf *c, const struct conf_pki_server *s, char why[CA_WHY])
{
	char *above = mem_printf("%s/server", c->state_directory);
	int err = 0;

	if (s->database == NULL) {
		if ((mkdir(c->state_directory, 0750) != 0 && errno != EEXIST) ||
			(mkdir(above, 0700) != 0 && errno != EEXIST)) {
			err = errno;
			snprintf(why, CA_WHY,
				"%s: %s: make it, owned by the user that "
				"linesided runs as, or name another "
				"'state directory'",
				above, strerrordesc_np(err));
		}
	}
	free(above);
	return err;
}

static struct ca_params params_of(const struct conf_pki_server *s,
	const struct paths *paths, const char *password,
	struct key_place *place)
{
	const struct conf_trustpoint *t = s->trustpoint;
	bool given = s->mode != CONF_CA_ROOT;

	return (struct ca_params){
		.name = s->name,
		.dir = paths->dir,
		.mode = mode_of(s),
		.grant = s->grant_auto ? CA_GRANT_AUTO : CA_GRANT_MANUAL,
		.level = (enum ca_level)s->level,
		.hash = (enum ca_hash)s->hash,
		.issuer_name = s->issuer_name,
		.modulus = s->modulus,
		.cert_s = (uint64_t)s->cert_minutes * 60,
		.ca_s = (uint64_t)s->ca_days * 86400,
		.crl_s = (uint64_t)s->crl_hours * 3600,
		.rollover_s = (uint64_t)s->rollover_days * 86400,
		.renew_ca = s->rollover_ca,
		.renew_ra = s->rollover_ra,
		.password = password,
		.cdp_url = s->cdp_url,
		.ocsp_url = s->ocsp_url,
		.legacy = s->legacy,
		.cert_file = paths->cert,
		.key_file = !given		  ? NULL
			    : t->key_file != NULL ? t->key_file
						  : STORED,
		.ca_file = paths->ca,
		.upstream = given ? t->url : NULL,
		.source = paths->source,
		.upstream_timeout_ms = UPSTREAM_MS,
		.keys = { load_key, save_key, place },
	};
}

/* The CA lives longer than what it was made from: its place goes with it. */
int ca_conf_open(struct ca **out, const struct conf *c, char why[CA_WHY])
{
	static struct key_place place; /* of the one CA; helper thread */
	const struct conf_pki_server *s = ca_conf_server(c);
	struct paths paths = { .dir = NULL };
	struct ca_params p;
	char *text = NULL, *password = NULL;
	int err;

	*out = NULL;
	place.trustpoint = s->trustpoint;
	err = keystore_master(&place.master, c->master_key_file,
		c->master_key_credential, &text);
	if (err != 0)
		return say(why, CA_WHY, err, "pki master-key", text);
	err = seal_password(&password, &s->password, c->master_key_file,
		c->master_key_credential, &text);
	if (err != 0)
		return say(why, CA_WHY, err, "challenge-password", text);
	fill_paths(&paths, c, s);
	err = make_dirs(c, s, why);
	if (err == 0) {
		p = params_of(s, &paths, password, &place);
		err = ca_open(out, &p, why); /* keeps a copy */
	}
	if (password != NULL)
		mem_wipe(password, strlen(password));
	free(password);
	free(paths.dir);
	free(paths.cert);
	free(paths.ca);
	free(paths.source);
	return err;
}

/* ---- the socket ---- */

static struct addr http_addr(const struct conf *c)
{
	struct addr a = c->http.addr;

	if (!addr_is_set(&a))
		need(addr_parse(&a, SLICE_LIT("::"), 0) == 0);
	addr_set_port(&a, c->http.port);
	return a;
}

static int bind_it(const struct addr *a, bool both, int *fd)
{
	int on = 1, only6 = both ? 0 : 1, err = 0;

	*fd = socket(
		a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return errno;
	setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->sa.sa_family == AF_INET6)
		setsockopt(
			*fd, IPPROTO_IPV6, IPV6_V6ONLY, &only6, sizeof(only6));
	if (bind(*fd, &a->sa, addr_len(a)) != 0 || listen(*fd, BACKLOG) != 0) {
		err = errno;
		close(*fd);
		*fd = -1;
	}
	return err;
}

static bool wants_http(const struct conf *c)
{
	return c != NULL && c->http.server && ca_conf_server(c) != NULL;
}

int ca_conf_bind(const struct conf *now, const struct conf *next, int *fd,
	struct conf_errs *errs)
{
	struct addr a, old;
	char text[ADDR_TEXT];
	int err;

	*fd = -1;
	if (!wants_http(next))
		return 0;
	a = http_addr(next);
	if (wants_http(now)) {
		old = http_addr(now);
		if (addr_equal(&a, &old))
			return 0;
	}
	err = bind_it(&a, !addr_is_set(&next->http.addr), fd);
	if (err == EAFNOSUPPORT && !addr_is_set(&next->http.addr)) {
		need(addr_parse(&a, SLICE_LIT("0.0.0.0"), next->http.port) ==
			0); /* a host without IPv6 */
		err = bind_it(&a, false, fd);
	}
	if (err != 0)
		conf_errs_add(errs, false, (struct conf_pos){ 0 },
			"see 'ip http port' and 'ip http address'",
			"ip http server cannot listen on %s: %s",
			addr_text(&a, text), strerrordesc_np(err));
	return err;
}

/*
 * Trustpoints: what the files of the configuration hold, made ready. One
 * GnuTLS credentials object serves all sessions that use the trustpoint; it
 * is only read after loading.
 */
#include "certs/store/trustpoint.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/judge/judge.h"
#include "certs/store/keystore.h"
#include "certs/store/pemfile.h"
#include "certs/store/store.h"
#include "certs/store/trustpoint_int.h"
#include "certs/x509/crt.h"

enum {
	CA_NAMES_MAX = 16 << 10, /* a longer list is not sent to peers */
	DATE_WARNINGS_MAX = 5,
};

struct certs {
	gnutls_x509_crt_t *v;
	size_t n;
};

struct trustpoint {
	char *name;
	struct keystore *key; /* NULL: none */
	struct certs chain; /* ours, in order, without the root */
	struct certs anchors;
	gnutls_certificate_credentials_t cred;
	gnutls_x509_trust_list_t list; /* owned by cred */
	bool send_ca_names;
	struct revoke_rules revocation;
	struct judge_legacy legacy;
	bool whole_chain;
	uint8_t id[TRUSTPOINT_ID]; /* of chain, key and anchors */
};

static void trustpoint_free(void *p)
{
	struct trustpoint *t = p;

	if (t->cred != NULL)
		gnutls_certificate_free_credentials(t->cred);
	pemfile_certs_free(t->chain.v, t->chain.n);
	pemfile_certs_free(t->anchors.v, t->anchors.n);
	obj_unref(t->key);
	free(t->revocation.crl_url);
	free(t->revocation.ocsp_url);
	free(t->revocation.source);
	free(t->name);
}

/* One warning per certificate, but not pages of them. */
static void check_dates(struct pemfile *f, const struct certs *c)
{
	time_t now = time(NULL);
	unsigned said = 0;
	char name[CRT_NAME];
	char date[CRT_DATE];

	for (size_t i = 0; i < c->n && said < DATE_WARNINGS_MAX; i++) {
		time_t from = gnutls_x509_crt_get_activation_time(c->v[i]);
		time_t to = gnutls_x509_crt_get_expiration_time(c->v[i]);

		if (to < now)
			pemfile_warn(f, "renew it", "\"%s\" expired on %s",
				crt_subject(c->v[i], name), crt_date(to, date));
		else if (from > now)
			pemfile_warn(f, "check the clock of this machine",
				"\"%s\" is not valid before %s",
				crt_subject(c->v[i], name),
				crt_date(from, date));
		else
			continue;
		said++;
	}
}

/* The certificate of our key; of several the one that is valid longest. */
static gnutls_x509_crt_t find_leaf(
	const struct keystore *key, const struct certs *in)
{
	gnutls_x509_crt_t leaf = NULL;
	time_t until = 0;

	for (size_t i = 0; i < in->n; i++) {
		time_t to = gnutls_x509_crt_get_expiration_time(in->v[i]);

		if (!keystore_fits(key, in->v[i]))
			continue;
		if (leaf == NULL || to > until) {
			leaf = in->v[i];
			until = to;
		}
	}
	return leaf;
}

static gnutls_x509_crt_t find_issuer(
	gnutls_x509_crt_t of, const struct certs *among)
{
	for (size_t i = 0; i < among->n; i++)
		if (among->v[i] != of &&
			gnutls_x509_crt_check_issuer(of, among->v[i]) != 0)
			return among->v[i];
	return NULL;
}

static bool holds(const struct certs *c, gnutls_x509_crt_t crt)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i] == crt || gnutls_x509_crt_equals(c->v[i], crt) != 0)
			return true;
	return false;
}

static void add_copy(struct certs *c, gnutls_x509_crt_t crt)
{
	gnutls_datum_t der = { 0 };

	c->v = mem_resize(c->v, c->n + 1, sizeof(gnutls_x509_crt_t));
	need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) == 0);
	need(crt_import(&c->v[c->n++], &der) == 0);
	gnutls_free(der.data);
}

/*
 * Whether the peer can follow our chain up is seen only with its anchors; but
 * a leaf alone, or a file with certificates that hang in the air, is most
 * likely a file that lost an intermediate CA.
 */
static void check_gap(
	struct pemfile *f, const struct trustpoint *t, size_t unused)
{
	gnutls_x509_crt_t top = t->chain.v[t->chain.n - 1];
	char subject[CRT_NAME];
	char issuer[CRT_NAME];

	if (crt_self_issued(top) || (t->chain.n > 1 && unused == 0) ||
		find_issuer(top, &t->anchors) != NULL)
		return;
	pemfile_warn(f,
		"append the issuing CA's certificate unless every peer has it",
		"\"%s\" is issued by \"%s\", which is not in the file",
		crt_subject(top, subject), crt_issuer(top, issuer));
}

static int sort_chain(
	struct trustpoint *t, struct pemfile *f, const struct certs *in)
{
	gnutls_x509_crt_t next = find_leaf(t->key, in);
	char name[CRT_NAME];
	size_t unused = 0;

	if (next == NULL)
		return pemfile_bad(f,
			"name the key that the certificate was requested with",
			"the certificate \"%s\" does not belong to the key in "
			"the key file",
			crt_subject(in->v[0], name));
	while (next != NULL && t->chain.n < JUDGE_CHAIN_MAX &&
		!holds(&t->chain, next)) {
		/* Peers have the root, or would not believe ours. */
		if (t->chain.n > 0 && crt_self_issued(next))
			break;
		add_copy(&t->chain, next);
		next = find_issuer(next, in);
	}
	for (size_t i = 0; i < in->n; i++) {
		if (holds(&t->chain, in->v[i]) || crt_self_issued(in->v[i]))
			continue;
		unused++;
		pemfile_warn(f, "remove it",
			"\"%s\" is not part of the chain and is not sent",
			crt_subject(in->v[i], name));
	}
	check_gap(f, t, unused);
	return 0;
}

static void check_leaf(struct pemfile *f, gnutls_x509_crt_t leaf)
{
	unsigned usage = 0;

	if (crt_weak_key(leaf))
		pemfile_warn(f, "make a key of 2048 bits or more",
			"its key is so short that peers may refuse it");
	if (gnutls_x509_crt_get_key_usage(leaf, &usage, NULL) == 0 &&
		(usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0)
		pemfile_warn(f,
			"request one whose key usage has digitalSignature",
			"its key usage allows no signatures, which TLS 1.3 and "
			"ECDHE need: no handshake will succeed");
}

/* Of the line that names the file; the section's, if it was made here. */
static struct conf_pos place(
	const struct conf_trustpoint *c, struct conf_pos line)
{
	return line.line > 0 ? line : c->pos;
}

static int load_key(struct trustpoint *t, const struct conf_trustpoint *c,
	struct conf_errs *errs)
{
	char *why = NULL;
	int err;

	if (c->key_url == NULL)
		return keystore_load(
			&t->key, c->key_file, place(c, c->at.key), errs);
	err = keystore_open_url(&t->key, c->key_url, c->key_pin_file, &why);
	if (err != 0)
		conf_errs_add(errs, false, place(c, c->at.key), NULL,
			"trustpoint %s: %s", c->name, why);
	free(why);
	return err;
}

static int use_own(struct trustpoint *t, struct pemfile *f)
{
	check_dates(f, &t->chain);
	if (keystore_use(t->key, t->cred, t->chain.v, (unsigned)t->chain.n) !=
		0)
		return pemfile_bad(
			f, NULL, "GnuTLS does not accept key and certificate");
	check_leaf(f, t->chain.v[0]);
	return 0;
}

static int load_own(struct trustpoint *t, const struct conf_trustpoint *c,
	struct conf_errs *errs)
{
	struct pemfile f = { .path = c->cert_file,
		.what = "certificate",
		.pos = place(c, c->at.cert),
		.errs = errs };
	struct certs in = { 0 };
	int key_err = load_key(t, c, errs);
	int err = pemfile_read(&f);

	if (err == 0)
		err = pemfile_certs(&f, &in.v, &in.n);
	if (err == 0 && key_err == 0)
		err = sort_chain(t, &f, &in);
	if (err == 0 && key_err == 0)
		err = use_own(t, &f);
	pemfile_certs_free(in.v, in.n);
	pemfile_free(&f);
	return key_err != 0 ? key_err : err;
}

/* Takes the certificates. */
static void add_anchors(struct trustpoint *t, struct certs *more)
{
	size_t n = t->anchors.n;

	t->anchors.v = mem_resize(
		t->anchors.v, n + more->n + 1, sizeof(gnutls_x509_crt_t));
	for (size_t i = 0; i < more->n; i++)
		t->anchors.v[n++] = more->v[i];
	t->anchors.n = n;
	free(more->v);
	*more = (struct certs){ 0 };
}

static int load_bundle(struct trustpoint *t, const struct conf_trustpoint *c,
	struct conf_errs *errs)
{
	struct pemfile f = { .path = c->ca_file,
		.what = "CA bundle",
		.pos = place(c, c->at.ca),
		.errs = errs };
	struct certs in = { 0 };
	int err = pemfile_read(&f);

	if (err == 0)
		err = pemfile_certs(&f, &in.v, &in.n);
	pemfile_free(&f);
	if (err != 0)
		return err;
	check_dates(&f, &in);
	add_anchors(t, &in);
	return 0;
}

/* How long the authorities' names are, when all are told. */
static void count_names(struct trustpoint *t)
{
	size_t names = 0;

	for (size_t i = 0; i < t->anchors.n; i++) {
		gnutls_datum_t dn = { 0 };

		if (gnutls_x509_crt_get_raw_dn(t->anchors.v[i], &dn) == 0)
			names += dn.size + 2;
		gnutls_free(dn.data);
	}
	t->send_ca_names = names <= CA_NAMES_MAX;
}

/* ---- from the state directory ---- */

static int stored_key(struct trustpoint *t, const struct conf_trustpoint *c,
	struct store *s, gnutls_x509_crt_t own, char **why)
{
	uint8_t id[KEYSTORE_ID];
	size_t n = sizeof(id);
	int err;

	if (c->key_url != NULL) {
		err = keystore_open_url(
			&t->key, c->key_url, c->key_pin_file, why);
		if (err == 0 && !keystore_fits(t->key, own)) {
			*why = mem_dup("its certificate does not belong to "
				       "the key on the token");
			err = EBADMSG;
		}
		return err;
	}
	if (gnutls_x509_crt_get_key_id(own, GNUTLS_KEYID_USE_SHA256, id, &n) !=
		0)
		return EBADMSG;
	err = store_key(s, store_label(c), id, &t->key, why);
	if (err == ENOENT)
		*why = mem_dup("the key of its certificate is gone: "
			       "`lineside pki enroll` makes both anew");
	return err;
}

static int take_own(struct trustpoint *t, const struct conf_trustpoint *c,
	struct store *s, struct conf_errs *errs, char **why)
{
	struct pemfile f = {
		.what = "certificate", .pos = c->pos, .errs = errs
	};
	char *path = mem_printf(
		"%s/pki/trustpoints/%s.own.pem", c->state_directory, c->name);
	int err = store_certs(
		s, c->name, STORE_OWN, &t->chain.v, &t->chain.n, why);

	f.path = path;
	if (err == 0 && t->chain.n > 0) {
		err = stored_key(t, c, s, t->chain.v[0], why);
		if (err == 0)
			err = use_own(t, &f);
	} else if (err == 0 && c->usage != CONF_USAGE_CLIENT) {
		conf_errs_add(errs, true, c->pos,
			c->enrollment == CONF_ENROLL_TERMINAL
				? "`lineside pki request` and `lineside pki "
				  "import` bring it"
				: "`lineside pki enroll` brings it",
			"trustpoint %s has no certificate yet", c->name);
	}
	free(path);
	return err;
}

static int load_stored(struct trustpoint *t, const struct conf_trustpoint *c,
	bool own, struct conf_errs *errs)
{
	struct pemfile f = { .path = c->name,
		.what = "authorities'",
		.pos = c->pos,
		.errs = errs };
	struct certs anchors = { 0 };
	struct store *s = NULL;
	char *why = NULL;
	size_t before = errs->errors;
	int err = store_open(&s, c, false, &why);

	if (err == ENOENT && why == NULL)
		err = 0; /* nothing was ever kept */
	if (err == 0 && s != NULL)
		err = store_certs(s, c->name, STORE_ANCHORS, &anchors.v,
			&anchors.n, &why);
	if (err == 0) {
		check_dates(&f, &anchors);
		add_anchors(t, &anchors);
	}
	if (err == 0 && own && s != NULL)
		err = take_own(t, c, s, errs, &why);
	if (err != 0 && errs->errors == before)
		conf_errs_add(errs, false, c->pos, NULL, "trustpoint %s: %s",
			c->name, why != NULL ? why : strerrordesc_np(err));
	store_close(s);
	free(why);
	return err;
}

/* Its bundle, what it keeps, and those of another that it names. */
static int load_anchors(struct trustpoint *t, const struct conf_trustpoint *c,
	struct conf_errs *errs)
{
	const struct conf_trustpoint *other = c->ca_trustpoint;
	int err = 0;
	int more = 0;

	if (c->ca_file != NULL)
		err = load_bundle(t, c, errs);
	if (other != NULL && other->ca_file != NULL)
		more = load_bundle(t, other, errs);
	if (more == 0 && other != NULL && conf_trustpoint_stored(other))
		more = load_stored(t, other, false, errs);
	return err != 0 ? err : more;
}

/* The list gets copies: it frees what it holds, and `anchors` stays ours. */
static void fill_list(struct trustpoint *t)
{
	struct certs copy = { 0 };

	need(gnutls_x509_trust_list_init(&t->list, (unsigned)t->anchors.n) ==
		0); /* a bucket for each: look-ups stay short */
	for (size_t i = 0; i < t->anchors.n; i++)
		add_copy(&copy, t->anchors.v[i]);
	if (copy.n > 0)
		(void)gnutls_x509_trust_list_add_cas(t->list, copy.v,
			(unsigned)copy.n,
			GNUTLS_TL_USE_IN_TLS | GNUTLS_TL_NO_DUPLICATES);
	free(copy.v);
	gnutls_certificate_set_trust_list(t->cred, t->list, 0);
}

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void hash_certs(gnutls_hash_hd_t h, const struct certs *c, bool ordered)
{
	uint8_t(*ids)[32] = mem_array(c->n + 1, sizeof(*ids));

	for (size_t i = 0; i < c->n; i++)
		crt_fingerprint(c->v[i], ids[i]);
	if (!ordered)
		qsort(ids, c->n, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < c->n; i++)
		if (ordered || i == 0 || memcmp(ids[i], ids[i - 1], 32) != 0)
			(void)gnutls_hash(h, ids[i], sizeof(ids[i]));
	free(ids);
}

/* `none` alone, or first, asks nobody. */
static void set_rules(struct trustpoint *t, const struct conf_trustpoint *c)
{
	struct revoke_rules *r = &t->revocation;

	t->whole_chain = c->chain_continue;
	t->legacy = (struct judge_legacy){ .md5 = c->legacy.md5,
		.sha1 = c->legacy.sha1,
		.short_keys = c->legacy.short_keys,
		.expired_anchors = c->legacy.expired_anchors,
		.until = (time_t)c->legacy.until };
	if (c->nrevokes == 0 || c->revoke[0] == CONF_REVOKE_NONE)
		return;
	r->n = c->nrevokes;
	memcpy(r->method, c->revoke, sizeof(r->method));
	r->crl_url = mem_dup(c->crl_url);
	r->ocsp_url = mem_dup(c->ocsp_url);
	r->source = conf_trustpoint_source(c);
	r->wait_ms = c->revocation_seconds * 1000;
}

/* A peer that was accepted by other rules is judged anew. */
static void hash_rules(gnutls_hash_hd_t h, const struct trustpoint *t)
{
	const struct revoke_rules *r = &t->revocation;
	const struct judge_legacy *g = &t->legacy;
	char *text = mem_printf("%d %d %d %d %lld %d %zu %d %d %d %u %s %s %s",
		g->md5, g->sha1, g->short_keys, g->expired_anchors,
		(long long)g->until, t->whole_chain, r->n, (int)r->method[0],
		(int)r->method[1], (int)r->method[2], r->wait_ms,
		r->crl_url != NULL ? r->crl_url : "",
		r->ocsp_url != NULL ? r->ocsp_url : "",
		r->source != NULL ? r->source : "");

	(void)gnutls_hash(h, text, strlen(text));
	free(text);
}

static void make_id(struct trustpoint *t)
{
	static const uint8_t none[KEYSTORE_ID];
	gnutls_hash_hd_t h;

	need(gnutls_hash_init(&h, GNUTLS_DIG_SHA256) == 0);
	hash_certs(h, &t->chain, true);
	(void)gnutls_hash(
		h, t->key != NULL ? keystore_id(t->key) : none, KEYSTORE_ID);
	hash_certs(h, &t->anchors, false);
	hash_rules(h, t);
	gnutls_hash_deinit(h, t->id);
}

int trustpoint_load(struct trustpoint **out, const struct conf_trustpoint *c,
	struct conf_errs *errs)
{
	struct trustpoint *t = obj_new(sizeof(*t), trustpoint_free);
	int own = 0;
	int anchors = 0;

	t->name = mem_dup(c->name);
	need(gnutls_certificate_allocate_credentials(&t->cred) == 0);
	anchors = load_anchors(t, c, errs);
	if (conf_trustpoint_stored(c)) {
		own = load_stored(t, c, true, errs);
	} else if (c->cert_file != NULL &&
		   (c->key_file != NULL || c->key_url != NULL)) {
		own = load_own(t, c, errs);
	} else if (c->cert_file != NULL || c->key_file != NULL) {
		conf_errs_add(errs, false, c->pos,
			"a certificate and its key go together",
			"trustpoint %s has a %s file but no %s file", c->name,
			c->cert_file != NULL ? "certificate" : "key",
			c->cert_file != NULL ? "key" : "certificate");
		own = EBADMSG;
	}
	count_names(t);
	fill_list(t);
	set_rules(t, c);
	make_id(t);
	if (own != 0 || anchors != 0)
		t = obj_unref(t);
	*out = t;
	return own != 0 ? own : anchors;
}

static void copy_certs(struct certs *out, const struct certs *in)
{
	for (size_t i = 0; i < in->n; i++)
		add_copy(out, in->v[i]);
}

int trustpoint_combine(struct trustpoint **out, const struct trustpoint *own,
	const struct trustpoint *judges)
{
	const struct revoke_rules *r = &judges->revocation;
	struct trustpoint *t = obj_new(sizeof(*t), trustpoint_free);
	int err = 0;

	t->name = mem_dup(own->name);
	need(gnutls_certificate_allocate_credentials(&t->cred) == 0);
	copy_certs(&t->chain, &own->chain);
	copy_certs(&t->anchors, &judges->anchors);
	t->key = obj_ref(own->key);
	t->legacy = judges->legacy;
	t->whole_chain = judges->whole_chain;
	t->revocation = *r;
	t->revocation.crl_url = mem_dup(r->crl_url);
	t->revocation.ocsp_url = mem_dup(r->ocsp_url);
	t->revocation.source = mem_dup(r->source);
	if (t->key != NULL && t->chain.n > 0)
		err = keystore_use(
			t->key, t->cred, t->chain.v, (unsigned)t->chain.n);
	count_names(t);
	fill_list(t);
	make_id(t);
	if (err != 0)
		t = obj_unref(t);
	*out = t;
	return err;
}

const char *trustpoint_name(const struct trustpoint *t)
{
	return t->name;
}

bool trustpoint_has_key(const struct trustpoint *t)
{
	return t->key != NULL;
}

gnutls_x509_trust_list_t trustpoint_anchors(const struct trustpoint *t)
{
	return t->list;
}

gnutls_x509_crt_t trustpoint_chain(const struct trustpoint *t, size_t i)
{
	return i < t->chain.n ? t->chain.v[i] : NULL;
}

const struct keystore *trustpoint_key(const struct trustpoint *t)
{
	return t->key;
}

gnutls_x509_crt_t trustpoint_anchor(const struct trustpoint *t, size_t i)
{
	return i < t->anchors.n ? t->anchors.v[i] : NULL;
}

const struct revoke_rules *trustpoint_revocation(const struct trustpoint *t)
{
	return &t->revocation;
}

void trustpoint_judge_by(const struct trustpoint *t, struct judge_params *p)
{
	p->legacy = &t->legacy;
	p->whole_chain = t->whole_chain;
}

const uint8_t *trustpoint_id(const struct trustpoint *t)
{
	return t->id;
}

bool trustpoint_equal(const struct trustpoint *a, const struct trustpoint *b)
{
	return memcmp(a->id, b->id, sizeof(a->id)) == 0;
}

int trustpoint_use(const struct trustpoint *t, gnutls_session_t s)
{
	if (gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, t->cred) < 0)
		return EINVAL;
	gnutls_certificate_send_x509_rdn_sequence(s, t->send_ca_names ? 0 : 1);
	return 0;
}

struct cert_info *trustpoint_certs(const struct trustpoint *t, size_t *n)
{
	struct cert_info *v;

	*n = t->chain.n + t->anchors.n;
	v = mem_array(*n + 1, sizeof(*v));
	for (size_t i = 0; i < t->chain.n; i++)
		cert_info_fill(&v[i], t->chain.v[i], i == 0);
	for (size_t i = 0; i < t->anchors.n; i++)
		cert_info_fill(&v[t->chain.n + i], t->anchors.v[i], false);
	return v;
}

/*
 * What a trustpoint holds: read from the files that its section names, or from
 * the state directory. What is odd is said with the place in the configuration.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/judge/judge.h"
#include "certs/store/pemfile.h"
#include "certs/store/store.h"
#include "certs/store/trustpoint_load.h"
#include "certs/x509/crt.h"

enum { WARNINGS_MAX = 5 }; /* of one kind, about one file */

/* One warning per certificate, but not pages of them. */
static void check_dates(struct pemfile *f, const struct certs *c)
{
	time_t now = time(NULL);
	unsigned said = 0;
	char name[CRT_NAME];
	char date[CRT_DATE];

	for (size_t i = 0; i < c->n && said < WARNINGS_MAX; i++) {
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
	t->chain.v = mem_array(JUDGE_CHAIN_MAX, sizeof(gnutls_x509_crt_t));
	while (next != NULL && t->chain.n < JUDGE_CHAIN_MAX &&
		!holds(&t->chain, next)) {
		/* Peers have the root, or would not believe ours. */
		if (t->chain.n > 0 && crt_self_issued(next))
			break;
		t->chain.v[t->chain.n++] = crt_copy(next);
		next = find_issuer(next, in);
	}
	for (size_t i = 0; i < in->n; i++) {
		if (holds(&t->chain, in->v[i]) || crt_self_issued(in->v[i]))
			continue;
		if (unused++ < WARNINGS_MAX)
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

static int load_files(struct trustpoint *t, const struct conf_trustpoint *c,
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

/* ---- both ---- */

int trustpoint_load_anchors(struct trustpoint *t,
	const struct conf_trustpoint *c, struct conf_errs *errs)
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

int trustpoint_load_own(struct trustpoint *t, const struct conf_trustpoint *c,
	struct conf_errs *errs)
{
	if (conf_trustpoint_stored(c))
		return load_stored(t, c, true, errs);
	if (c->cert_file != NULL && (c->key_file != NULL || c->key_url != NULL))
		return load_files(t, c, errs);
	if (c->cert_file == NULL && c->key_file == NULL)
		return 0;
	conf_errs_add(errs, false, c->pos,
		"a certificate and its key go together",
		"trustpoint %s has a %s file but no %s file", c->name,
		c->cert_file != NULL ? "certificate" : "key",
		c->cert_file != NULL ? "key" : "certificate");
	return EBADMSG;
}

/* Opening a CA: its database, its key, its certificate; what show tells. */
#include "certs/ca/ca_int.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/thread.h"

enum { YEAR_2020 = 1577836800, KEPT_S = 7 * 86400 };

int ca_say(char why[CA_WHY], int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, CA_WHY, fmt, ap);
	va_end(ap);
	return err;
}

time_t ca_now(const struct ca *ca)
{
	return ca->p.now != NULL ? ca->p.now() : time(NULL);
}

int ca_clock(const struct ca *ca, char why[CA_WHY])
{
	if (ca_now(ca) >= YEAR_2020)
		return 0;
	return ca_say(why, EINVAL,
		"the clock is before 2020, and would give certificates wrong "
		"dates: set it (timedatectl, NTP)");
}

const EVP_MD *ca_md(const struct ca *ca)
{
	switch (ca->p.hash) {
	case CA_SHA384:
		return EVP_sha384();
	case CA_SHA512:
		return EVP_sha512();
	case CA_SHA256:
	default:
		return EVP_sha256();
	}
}

static time_t not_before(const X509 *crt)
{
	struct tm tm;

	return ASN1_TIME_to_tm(X509_get0_notBefore(crt), &tm) == 1 ? timegm(&tm)
								   : 0;
}

static void pair_free(struct ca_pair *pair)
{
	X509_free(pair->crt);
	EVP_PKEY_free(pair->key);
	free(pair->key_path);
	*pair = (struct ca_pair){ .crt = NULL };
}

/* ---- a root: what it is lies in the database ("own", "next") ---- */

/* The value: file of the key, line feed, certificate. */
static int put_pair(struct ca *ca, const char *which, const struct ca_pair *p,
	char why[CA_WHY])
{
	struct bytes der = ossl_cert_der(p->crt);
	struct text t = { 0 };
	int err;

	text_printf(&t, "%s\n", p->key_path);
	text_add(&t, bytes_slice(&der));
	err = ca_db_put(ca->db, which, text_slice(&t));
	if (err != 0)
		ca_say(why, err, "%s", ca_db_why(ca->db));
	text_free(&t);
	bytes_free(&der);
	return err;
}

static int load_key(
	struct ca *ca, struct ca_pair *pair, const char *path, char why[CA_WHY])
{
	struct bytes pem = { .n = 0 };
	int err = ca->p.keys.load(ca->p.keys.arg, path, &pem, why, CA_WHY);

	if (err == ENOENT)
		return ca_say(why, err,
			"%s: the private key of CA %s is gone: bring it back "
			"from a backup; without it nothing can be issued or "
			"revoked",
			path, ca->p.name);
	if (err == 0 && ossl_pem_key(&pair->key, bytes_slice(&pem)) != 0)
		err = ca_say(why, EBADMSG,
			"%s holds no private key in PEM that is not encrypted",
			path);
	bytes_wipe(&pem);
	if (err == 0 && X509_check_private_key(pair->crt, pair->key) != 1)
		err = ca_say(why, EBADMSG,
			"%s: this key does not belong to the certificate of "
			"%s",
			path, ca->p.name);
	ERR_clear_error();
	return err;
}

static char *key_file(const struct ca *ca, const char *name)
{
	return mem_printf("%s/%s", ca->p.dir, name);
}

static int get_pair(struct ca *ca, const char *which, struct ca_pair *pair,
	char why[CA_WHY])
{
	struct slice rest, name = { .n = 0 };
	struct bytes v;
	char *path;
	int err = ca_db_get(ca->db, which, &v);

	if (err != 0)
		return err == ENOENT
			       ? err
			       : ca_say(why, err, "%s", ca_db_why(ca->db));
	rest = bytes_slice(&v);
	if (!slice_line(&rest, &name) ||
		ossl_read_cert(&pair->crt, rest) != 0) {
		bytes_free(&v);
		return ca_say(why, EBADMSG,
			"the database in %s is damaged: restore it", ca->p.dir);
	}
	pair->key_path = slice_dup(name);
	bytes_free(&v);
	path = key_file(ca, pair->key_path);
	err = load_key(ca, pair, path, why);
	free(path);
	return err;
}

static int save_key(struct ca *ca, struct ca_pair *pair, char why[CA_WHY])
{
	struct bytes pem = ossl_key_pem(pair->key);
	char hex[17], *path;
	int err;

	random_hex(hex, 16);
	pair->key_path = mem_printf("ca-%s.key", hex);
	path = key_file(ca, pair->key_path);
	err = ca->p.keys.save(
		ca->p.keys.arg, path, bytes_slice(&pem), why, CA_WHY);
	free(path);
	bytes_wipe(&pem);
	return err;
}

/* The key is on disk before the certificate is, so that a certificate in the
 * database always has one. */
static int make_pair(struct ca *ca, const char *which, time_t from,
	struct ca_pair *pair, char why[CA_WHY])
{
	int err = ca_clock(ca, why);

	if (err != 0)
		return err;
	pair->key = EVP_RSA_gen(ca->p.modulus);
	if (pair->key == NULL)
		return ca_say(why, EIO, "no key of %u bits can be made",
			ca->p.modulus);
	err = ca_make_root(ca, pair->key, from, &pair->crt, why);
	if (err == 0)
		err = save_key(ca, pair, why);
	if (err == 0)
		err = put_pair(ca, which, pair, why);
	if (err != 0)
		pair_free(pair);
	return err;
}

static void drop_next(struct ca *ca, char why[CA_WHY])
{
	pair_free(&ca->next);
	if (ca_db_remove(ca->db, "next") != 0)
		ca_say(why, EIO, "%s", ca_db_why(ca->db));
}

/* An expired predecessor is only remembered: nobody needs its key. */
static int open_past(struct ca *ca, char why[CA_WHY])
{
	int err = get_pair(ca, "past", &ca->past, why);

	if (ca->past.crt == NULL)
		return err == ENOENT ? 0 : err;
	return ca_not_after(ca->past.crt) < ca_now(ca) ? 0 : err;
}

static int open_root(struct ca *ca, char why[CA_WHY])
{
	int err = get_pair(ca, "own", &ca->own, why);

	if (err == ENOENT && ca->own.crt == NULL) {
		err = make_pair(ca, "own", ca_now(ca), &ca->own, why);
		if (err == 0)
			log_event(MSG_PKI_CA_MADE, NULL,
				L_STR("server", ca->p.name));
		return err;
	}
	if (err == 0) {
		err = get_pair(ca, "next", &ca->next, why);
		if (err == ENOENT && ca->next.crt == NULL)
			err = 0;
	}
	/* Killed while the next one was taken into use. */
	if (err == 0 && ca->next.crt != NULL &&
		X509_cmp(ca->next.crt, ca->own.crt) == 0)
		drop_next(ca, why);
	if (err == 0)
		err = open_past(ca, why);
	return err;
}

/* ---- a subordinate or an RA: certificate and key are given ---- */

static int check_given(const struct ca *ca, char why[CA_WHY])
{
	bool rsa = EVP_PKEY_get_base_id(ca->own.key) == EVP_PKEY_RSA;

	if (!rsa)
		return ca_say(why, ENOTSUP,
			"%s: SCEP needs an RSA key, since requests are "
			"encrypted to it",
			ca->p.key_file);
	if (ca->p.mode == CA_SUBORDINATE && X509_check_ca(ca->own.crt) != 1)
		return ca_say(why, EACCES,
			"%s: this certificate must not issue others (no "
			"CA:TRUE): have the request granted as one of a CA",
			ca->p.cert_file);
	return 0;
}

/* Our certificate is the one that the key belongs to, wherever it stands. */
static int take_own(struct ca *ca, STACK_OF(X509) * certs, char why[CA_WHY])
{
	struct bytes pem;
	EVP_PKEY *key = NULL;
	X509 *own;
	int err = ca->p.keys.load(
		ca->p.keys.arg, ca->p.key_file, &pem, why, CA_WHY);

	if (err != 0)
		return err;
	err = ossl_pem_key(&key, bytes_slice(&pem));
	bytes_wipe(&pem);
	if (err != 0)
		return ca_say(
			why, err, "%s holds no private key", ca->p.key_file);
	own = ossl_cert_of_key(certs, key);
	ca->own.key = key;
	if (own == NULL)
		return ca_say(why, EBADMSG,
			"%s: none of its certificates belongs to the key in "
			"%s",
			ca->p.cert_file, ca->p.key_file);
	need(X509_up_ref(own) == 1);
	ca->own.crt = own;
	return check_given(ca, why);
}

static void add_issuers(struct ca *ca, STACK_OF(X509) * certs)
{
	for (int i = 0; i < sk_X509_num(certs); i++) {
		X509 *crt = sk_X509_value(certs, i);

		if (X509_cmp(crt, ca->own.crt) == 0 ||
			sk_X509_num(ca->issuers) >= OSSL_CERTS_MAX)
			continue;
		need(X509_up_ref(crt) == 1 &&
			sk_X509_push(ca->issuers, crt) > 0);
	}
}

static int read_certs(const char *path, STACK_OF(X509) * *out, char why[CA_WHY])
{
	struct bytes pem;
	int err = ca_read_file(path, &pem, why);

	*out = NULL;
	if (err != 0)
		return err;
	err = ossl_pem_certs(out, bytes_slice(&pem));
	bytes_free(&pem);
	return err == 0 ? 0
			: ca_say(why, err, "%s holds no certificate (PEM)",
				  path);
}

static int open_given(struct ca *ca, char why[CA_WHY])
{
	STACK_OF(X509) * certs, *above = NULL;
	int err = read_certs(ca->p.cert_file, &certs, why);

	if (err == 0)
		err = take_own(ca, certs, why);
	if (err == 0 && ca->p.ca_file != NULL)
		err = read_certs(ca->p.ca_file, &above, why);
	if (err == 0) {
		add_issuers(ca, above); /* RA: the CA comes first */
		add_issuers(ca, certs);
	}
	if (err == 0 && ca->p.mode == CA_RA && sk_X509_num(ca->issuers) == 0)
		err = ca_say(why, EBADMSG,
			"an RA must know the CA that it stands in front of: "
			"name its certificate in a 'ca-bundle file'");
	sk_X509_pop_free(certs, X509_free);
	sk_X509_pop_free(above, X509_free);
	return err;
}

/* ---- */

static const char *keep(struct ca *ca, const char *text)
{
	if (text == NULL)
		return NULL;
	need(ca->ntext < ARRAY_SIZE(ca->text));
	ca->text[ca->ntext] = mem_dup(text);
	return ca->text[ca->ntext++];
}

static void keep_params(struct ca *ca, const struct ca_params *p)
{
	ca->p = *p;
	ca->p.name = keep(ca, p->name);
	ca->p.dir = keep(ca, p->dir);
	ca->p.issuer_name = keep(ca, p->issuer_name);
	ca->p.password = keep(ca, p->password);
	ca->p.cdp_url = keep(ca, p->cdp_url);
	ca->p.ocsp_url = keep(ca, p->ocsp_url);
	ca->p.cert_file = keep(ca, p->cert_file);
	ca->p.key_file = keep(ca, p->key_file);
	ca->p.ca_file = keep(ca, p->ca_file);
	ca->p.upstream = keep(ca, p->upstream);
	ca->p.source = keep(ca, p->source);
}

int ca_open(struct ca **out, const struct ca_params *p, char why[CA_WHY])
{
	struct ca *ca = mem_new(sizeof(*ca));
	int err;

	need(on_thread(THR_HELPER) || on_thread(THR_MAIN));
	keep_params(ca, p);
	ca->issuers = sk_X509_new_null();
	need(ca->issuers != NULL);
	err = ca_clock(ca, why);
	if (err == 0)
		err = ca_db_open(&ca->db, ca->p.dir, why, CA_WHY);
	if (err == 0)
		err = p->mode == CA_ROOT ? open_root(ca, why)
					 : open_given(ca, why);
	if (err != 0) {
		ca_close(ca);
		ca = NULL;
	}
	*out = ca;
	return err;
}

void ca_close(struct ca *ca)
{
	if (ca == NULL)
		return;
	pair_free(&ca->own);
	pair_free(&ca->next);
	pair_free(&ca->past);
	sk_X509_pop_free(ca->issuers, X509_free);
	ca_db_close(ca->db);
	for (size_t i = 0; i < ca->ntext; i++) {
		mem_wipe(ca->text[i], strlen(ca->text[i]));
		free(ca->text[i]);
	}
	free(ca);
}

int ca_rollover(struct ca *ca, char why[CA_WHY])
{
	int err;

	if (ca->p.mode != CA_ROOT)
		return ca_say(why, ENOTSUP,
			"the certificate of %s comes from another CA: renew "
			"its trustpoint",
			ca->p.name);
	if (ca->next.crt != NULL)
		return ca_say(why, EALREADY,
			"the next certificate of %s is there already",
			ca->p.name);
	err = make_pair(ca, "next", ca_now(ca), &ca->next, why);
	if (err == 0)
		log_event(
			MSG_PKI_CA_ROLLOVER, NULL, L_STR("server", ca->p.name));
	return err;
}

const struct ca_pair *ca_past(const struct ca *ca)
{
	return ca->past.crt != NULL && ca->past.key != NULL &&
			       ca_not_after(ca->past.crt) >= ca_now(ca)
		       ? &ca->past
		       : NULL;
}

bool ca_issued_here(const struct ca *ca, X509 *crt)
{
	const struct ca_pair *past = ca_past(ca);

	return ossl_issued(crt, ca_issuer(ca)) ||
	       (past != NULL && ossl_issued(crt, past->crt));
}

/*
 * Half of the time that both certificates are valid is for everybody to learn
 * of the next one (GetNextCACert), the other half to get certificates of it.
 */
static time_t switch_time(const struct ca *ca)
{
	time_t from = not_before(ca->next.crt);
	time_t end = ca_not_after(ca->own.crt);

	return from < end ? from + (end - from) / 2 : end;
}

/* Killed between the steps, the same pair is two: mended when opened. */
static int take_next(struct ca *ca, char why[CA_WHY])
{
	int err = put_pair(ca, "past", &ca->own, why);

	if (err == 0)
		err = put_pair(ca, "own", &ca->next, why);
	if (err != 0)
		return err;
	pair_free(&ca->past);
	ca->past = ca->own;
	ca->own = ca->next;
	ca->next = (struct ca_pair){ .crt = NULL };
	log_event(MSG_PKI_CA_SWITCHED, NULL, L_STR("server", ca->p.name));
	err = ca_db_remove(ca->db, "crl");
	if (err == 0)
		err = ca_db_remove(ca->db, "next");
	return err == 0 ? 0 : ca_say(why, err, "%s", ca_db_why(ca->db));
}

static int tick(struct ca *ca, char why[CA_WHY])
{
	time_t now = ca_now(ca), end = ca_not_after(ca->own.crt);
	struct bytes crl = { .n = 0 };
	int err = ca_clock(ca, why);

	if (err == 0 && ca->p.mode == CA_ROOT && ca->next.crt == NULL &&
		ca->p.rollover_s > 0 && now >= end - (time_t)ca->p.rollover_s)
		err = ca_rollover(ca, why);
	if (err == 0 && ca->next.crt != NULL && now >= switch_time(ca))
		err = take_next(ca, why);
	if (err == 0 && ca->p.mode != CA_RA)
		err = ca_crl(ca, &crl, why);
	bytes_free(&crl);
	if (err == 0 && ca_db_tidy(ca->db, now - KEPT_S, now) != 0)
		err = ca_say(why, EIO, "%s", ca_db_why(ca->db));
	return err;
}

void ca_tick(struct ca *ca)
{
	char why[CA_WHY];

	if (tick(ca, why) != 0)
		log_event(MSG_PKI_CA_FAILED, NULL, L_STR("server", ca->p.name),
			L_STR("reason", why));
}

char *ca_chain_pem(const struct ca *ca)
{
	struct text t = { 0 };

	ossl_pem_add(&t, ca->own.crt);
	for (int i = 0; i < sk_X509_num(ca->issuers); i++)
		ossl_pem_add(&t, sk_X509_value(ca->issuers, i));
	return text_take(&t);
}

int ca_find(
	struct ca *ca, const uint8_t serial[CA_DB_SERIAL], struct bytes *der)
{
	struct ca_db_cert c;
	int err = ca_db_cert(ca->db, serial, &c);

	*der = (struct bytes){ .n = 0 };
	if (err == 0 && c.der.n == 0)
		err = ENOTSUP;
	if (err == 0) {
		*der = c.der;
		c.der = (struct bytes){ .n = 0 };
	}
	ca_db_cert_free(&c);
	return err;
}

static void fingerprint(const X509 *crt, const EVP_MD *md, char *hex)
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	need(X509_digest(crt, md, raw, &n) == 1);
	hex_encode(raw, n, hex);
}

int ca_info(struct ca *ca, struct ca_info *out, char why[CA_WHY])
{
	*out = (struct ca_info){
		.name = ca->p.name,
		.issuer_name = ca->p.issuer_name,
		.mode = ca->p.mode,
		.grant = ca->p.grant,
		.level = ca->p.level,
		.subject = ossl_name_text(X509_get_subject_name(ca->own.crt)),
		.not_before = not_before(ca->own.crt),
		.not_after = ca_not_after(ca->own.crt),
		.cert_s = ca->p.cert_s,
		.crl_s = ca->p.crl_s,
	};
	if (ca->next.crt != NULL)
		out->next_not_after = ca_not_after(ca->next.crt);
	fingerprint(ca->own.crt, EVP_sha256(), out->sha256);
	fingerprint(ca->own.crt, EVP_sha1(), out->sha1);
	fingerprint(ca->own.crt, EVP_md5(), out->md5);
	ca_crl_times(ca, &out->crl_number, &out->crl_next_update);
	if (ca_db_count(ca->db, &out->count) == 0)
		return 0;
	ca_info_free(out);
	return ca_say(why, EIO, "%s", ca_db_why(ca->db));
}

void ca_info_free(struct ca_info *i)
{
	free(i->subject);
	i->subject = NULL;
}

struct issued_teller {
	ca_issued_fn *fn;
	void *arg;
};

static void tell_issued(void *arg, const struct ca_db_cert *c)
{
	const struct issued_teller *t = arg;
	struct ca_issued i = {
		.state = c->state,
		.subject = c->subject,
		.not_after = (time_t)c->not_after,
		.revoked_at = (time_t)c->revoked_at,
	};

	hex_encode(c->serial, sizeof(c->serial), i.serial);
	t->fn(t->arg, &i);
}

int ca_each_issued(struct ca *ca, size_t max, ca_issued_fn *fn, void *arg,
	char why[CA_WHY])
{
	struct issued_teller t = { .fn = fn, .arg = arg };
	int err = ca_db_each_cert(ca->db, ca_now(ca), max, tell_issued, &t);

	return err == 0 ? 0 : ca_say(why, err, "%s", ca_db_why(ca->db));
}

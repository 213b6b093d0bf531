/* Certificates made by the run. */
#include "pki.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <gnutls/x509-ext.h>
#include <nettle/rsa.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/secret.h"
#include "base/wire.h"

#define OK(x) need((x) >= 0)

static void nettle_random(void *none, size_t n, uint8_t *out)
{
	(void)none;
	random_bytes(out, n);
}

static gnutls_datum_t number(const mpz_t z)
{
	gnutls_datum_t d = { .size = (unsigned)nettle_mpz_sizeinbase_256_u(z) };

	d.data = mem_new(d.size);
	nettle_mpz_get_str_256(d.size, d.data, z);
	return d;
}

/* Signatures by it are good, and take a hundred times as long to verify. */
static void make_long_exponent(gnutls_x509_privkey_t key)
{
	struct rsa_public_key pub;
	struct rsa_private_key priv;
	gnutls_datum_t d[5];

	rsa_public_key_init(&pub);
	rsa_private_key_init(&priv);
	need(rsa_generate_keypair(&pub, &priv, NULL, nettle_random, NULL, NULL,
		     2048, 1000) == 1);
	const mpz_t *in[] = { &pub.n, &pub.e, &priv.d, &priv.p, &priv.q };
	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		d[i] = number(*in[i]);
	OK(gnutls_x509_privkey_import_rsa_raw(
		key, &d[0], &d[1], &d[2], &d[3], &d[4], NULL));
	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		free(d[i].data);
	rsa_public_key_clear(&pub);
	rsa_private_key_clear(&priv);
}

static void make_key(gnutls_x509_privkey_t key, enum pki_key kind)
{
	static const struct {
		gnutls_pk_algorithm_t algo;
		unsigned bits;
	} kinds[] = {
		[PKI_EC256] = { GNUTLS_PK_ECDSA,
			GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) },
		[PKI_EC224] = { GNUTLS_PK_ECDSA,
			GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP224R1) },
		[PKI_EC384] = { GNUTLS_PK_ECDSA,
			GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1) },
		[PKI_ED25519] = { GNUTLS_PK_EDDSA_ED25519, 256 },
		[PKI_RSA1024] = { GNUTLS_PK_RSA, 1024 },
		[PKI_RSA2048] = { GNUTLS_PK_RSA, 2048 },
		[PKI_RSA3072] = { GNUTLS_PK_RSA, 3072 },
		[PKI_RSA4096] = { GNUTLS_PK_RSA, 4096 },
	};

	if (kind == PKI_RSA_LONG_E) {
		make_long_exponent(key);
		return;
	}
	OK(gnutls_x509_privkey_generate(
		key, kinds[kind].algo, kinds[kind].bits, 0));
}

static void add_san(gnutls_subject_alt_names_t sans, char *entry)
{
	char *value = strchr(entry, ':') + 1;
	gnutls_datum_t d = { .data = (unsigned char *)value,
		.size = (unsigned)strlen(value) };
	unsigned type = GNUTLS_SAN_DNSNAME;
	unsigned char ip[16];

	if (strncmp(entry, "URI", 3) == 0)
		type = GNUTLS_SAN_URI;
	else if (strncmp(entry, "EMAIL", 5) == 0)
		type = GNUTLS_SAN_RFC822NAME;
	else if (strncmp(entry, "IP", 2) == 0)
		type = GNUTLS_SAN_IPADDRESS;
	if (type == GNUTLS_SAN_IPADDRESS) {
		d.data = ip;
		d.size = strchr(value, ':') != NULL ? 16 : 4;
		need(inet_pton(d.size == 16 ? AF_INET6 : AF_INET, value, ip) ==
			1);
	}
	OK(gnutls_subject_alt_names_set(sans, type, &d, NULL));
}

static void add_sans(gnutls_x509_crt_t crt, const struct pki_spec *spec)
{
	gnutls_subject_alt_names_t sans;
	gnutls_datum_t ext;
	char *all = mem_dup(spec->san);
	char *save = NULL;

	OK(gnutls_subject_alt_names_init(&sans));
	for (char *e = strtok_r(all, ",", &save); e != NULL;
		e = strtok_r(NULL, ",", &save))
		add_san(sans, e);
	OK(gnutls_x509_ext_export_subject_alt_names(sans, &ext));
	for (unsigned i = 0; i < ext.size; i++)
		if (ext.data[i] == '^')
			ext.data[i] = '\0';
	OK(gnutls_x509_crt_set_extension_by_oid(
		crt, GNUTLS_X509EXT_OID_SAN, ext.data, ext.size, 0));
	gnutls_free(ext.data);
	gnutls_subject_alt_names_deinit(sans);
	free(all);
}

static void add_purposes(gnutls_x509_crt_t crt, const char *eku)
{
	static const struct {
		const char *name, *oid;
	} known[] = {
		{ "client", GNUTLS_KP_TLS_WWW_CLIENT },
		{ "server", GNUTLS_KP_TLS_WWW_SERVER },
		{ "email", GNUTLS_KP_EMAIL_PROTECTION },
		{ "any", GNUTLS_KP_ANY },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strstr(eku, known[i].name) != NULL)
			OK(gnutls_x509_crt_set_key_purpose_oid(
				crt, known[i].oid, 0));
}

static void add_constraint(gnutls_x509_crt_t crt, const char *dns)
{
	gnutls_x509_name_constraints_t nc;
	gnutls_datum_t d = { .data = (unsigned char *)mem_dup(dns),
		.size = (unsigned)strlen(dns) };

	OK(gnutls_x509_name_constraints_init(&nc));
	OK(gnutls_x509_name_constraints_add_permitted(
		nc, GNUTLS_SAN_DNSNAME, &d));
	OK(gnutls_x509_crt_set_name_constraints(crt, nc, 1));
	gnutls_x509_name_constraints_deinit(nc);
	free(d.data);
}

static void add_ocsp_url(gnutls_x509_crt_t crt, const char *url)
{
	gnutls_datum_t d = { .data = (unsigned char *)mem_dup(url),
		.size = (unsigned)strlen(url) };

	OK(gnutls_x509_crt_set_authority_info_access(
		crt, GNUTLS_IA_OCSP_URI, &d));
	free(d.data);
}

static void add_key_ids(const struct pki_cert *c, const struct pki_spec *spec)
{
	unsigned char id[64];
	size_t n = sizeof(id);
	const struct pki_cert *issuer = spec->issuer != NULL ? spec->issuer : c;

	OK(gnutls_x509_crt_get_key_id(c->crt, 0, id, &n));
	OK(gnutls_x509_crt_set_subject_key_id(c->crt, id, n));
	n = sizeof(id);
	if (gnutls_x509_crt_get_subject_key_id(issuer->crt, id, &n, NULL) == 0)
		OK(gnutls_x509_crt_set_authority_key_id(c->crt, id, n));
}

static void add_extensions(
	const struct pki_cert *c, const struct pki_spec *spec)
{
	unsigned usage = spec->usage;

	OK(gnutls_x509_crt_set_basic_constraints(
		c->crt, spec->ca, spec->path_limit ? 0 : -1));
	if (usage == 0)
		usage = spec->ca
				? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
				: GNUTLS_KEY_DIGITAL_SIGNATURE;
	OK(gnutls_x509_crt_set_key_usage(c->crt, usage));
	if (!spec->no_ids)
		add_key_ids(c, spec);
	if (spec->san != NULL)
		add_sans(c->crt, spec);
	if (spec->eku != NULL)
		add_purposes(c->crt, spec->eku);
	if (spec->crl_url != NULL)
		OK(gnutls_x509_crt_set_crl_dist_points(
			c->crt, GNUTLS_SAN_URI, spec->crl_url, 0));
	if (spec->ocsp_url != NULL)
		add_ocsp_url(c->crt, spec->ocsp_url);
	if (spec->permitted_dns != NULL)
		add_constraint(c->crt, spec->permitted_dns);
}

static void set_names(gnutls_x509_crt_t crt, const struct pki_spec *spec)
{
	if (spec->cn != NULL)
		OK(gnutls_x509_crt_set_dn_by_oid(crt,
			GNUTLS_OID_X520_COMMON_NAME, 0, spec->cn,
			(unsigned)(spec->cn_len > 0 ? spec->cn_len
						    : strlen(spec->cn))));
	else
		OK(gnutls_x509_crt_set_dn_by_oid(crt,
			GNUTLS_OID_X520_ORGANIZATION_NAME, 0, "Nameless", 8));
	if (spec->cn2 != NULL)
		OK(gnutls_x509_crt_set_dn_by_oid(crt,
			GNUTLS_OID_X520_COMMON_NAME, 0, spec->cn2,
			(unsigned)strlen(spec->cn2)));
}

static void set_dates(gnutls_x509_crt_t crt, const struct pki_spec *spec)
{
	const time_t day = 24 * 3600;
	bool plain = spec->from_days == 0 && spec->to_days == 0;
	time_t now = time(NULL);

	OK(gnutls_x509_crt_set_activation_time(
		crt, now + day * (plain ? -1 : spec->from_days)));
	OK(gnutls_x509_crt_set_expiration_time(
		crt, now + day * (plain ? 365 : spec->to_days)));
}

static void sign(const struct pki_cert *c, const struct pki_spec *spec)
{
	const struct pki_cert *issuer = spec->issuer != NULL ? spec->issuer : c;
	gnutls_digest_algorithm_t digest =
		spec->digest != 0 ? spec->digest : GNUTLS_DIG_SHA256;

	if (gnutls_x509_privkey_get_pk_algorithm(issuer->key) ==
		GNUTLS_PK_EDDSA_ED25519)
		digest = GNUTLS_DIG_SHA512;
	OK(gnutls_x509_crt_sign2(c->crt, issuer->crt, issuer->key, digest, 0));
}

struct pki_cert *pki_make(const struct pki_spec *spec)
{
	struct pki_cert *c = mem_new(sizeof(*c));
	unsigned char serial[8];

	OK(gnutls_x509_crt_init(&c->crt));
	OK(gnutls_x509_privkey_init(&c->key));
	if (spec->same_key != NULL)
		OK(gnutls_x509_privkey_cpy(c->key, spec->same_key->key));
	else
		make_key(c->key, spec->key);
	OK(gnutls_x509_crt_set_version(c->crt, spec->v1 ? 1 : 3));
	random_bytes(serial, sizeof(serial));
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40);
	OK(gnutls_x509_crt_set_serial(c->crt, serial, sizeof(serial)));
	OK(gnutls_x509_crt_set_key(c->crt, c->key));
	set_names(c->crt, spec);
	set_dates(c->crt, spec);
	if (!spec->v1)
		add_extensions(c, spec);
	sign(c, spec);
	OK(gnutls_x509_crt_export2(c->crt, GNUTLS_X509_FMT_DER, &c->der));
	if (spec->bad_signature)
		c->der.data[c->der.size - 1] ^= 1;
	/* Read back, so that the object is what a file would give. */
	gnutls_x509_crt_deinit(c->crt);
	OK(gnutls_x509_crt_init(&c->crt));
	OK(gnutls_x509_crt_import(c->crt, &c->der, GNUTLS_X509_FMT_DER));
	return c;
}

void pki_free(struct pki_cert *c)
{
	if (c == NULL)
		return;
	gnutls_x509_crt_deinit(c->crt);
	gnutls_x509_privkey_deinit(c->key);
	gnutls_free(c->der.data);
	free(c);
}

unsigned char *pki_crl(
	size_t *n, const struct pki_cert *issuer, int from_s, int until_s, ...)
{
	const struct pki_cert *c;
	gnutls_x509_crl_t crl;
	gnutls_datum_t der;
	unsigned char *out;
	time_t now = time(NULL);
	va_list ap;

	OK(gnutls_x509_crl_init(&crl));
	OK(gnutls_x509_crl_set_version(crl, 2));
	OK(gnutls_x509_crl_set_this_update(crl, now + from_s));
	OK(gnutls_x509_crl_set_next_update(crl, now + until_s));
	OK(gnutls_x509_crl_set_number(crl, "\x01", 1));
	va_start(ap, until_s);
	while ((c = va_arg(ap, const struct pki_cert *)) != NULL)
		OK(gnutls_x509_crl_set_crt(crl, c->crt, now - 3600));
	va_end(ap);
	OK(gnutls_x509_crl_sign2(
		crl, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0));
	OK(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der));
	out = mem_new(der.size);
	memcpy(out, der.data, der.size);
	*n = der.size;
	gnutls_free(der.data);
	gnutls_x509_crl_deinit(crl);
	return out;
}

char *pki_dir(void)
{
	char *dir = mem_dup("/tmp/lineside-pki-XXXXXX");

	need(mkdtemp(dir) != NULL);
	return dir;
}

void pki_dir_free(char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	need(d != NULL);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
	(void)rmdir(dir);
	free(dir);
}

static char *pem(gnutls_datum_t *d)
{
	char *out = mem_ndup((const char *)d->data, d->size);

	gnutls_free(d->data);
	return out;
}

char *pki_pem_cert(const struct pki_cert *c)
{
	gnutls_datum_t d;

	OK(gnutls_pem_base64_encode2("CERTIFICATE", &c->der, &d));
	return pem(&d);
}

char *pki_pem_key(const struct pki_cert *c)
{
	gnutls_datum_t d;

	OK(gnutls_x509_privkey_export2_pkcs8(
		c->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &d));
	return pem(&d);
}

char *pki_write_text(const char *dir, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	need(fd >= 0);
	need(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd);
	return path;
}

static void add_pem(struct text *t, char *taken)
{
	text_add(t, slice_str(taken));
	free(taken);
}

char *pki_write(
	const char *dir, const char *name, const struct pki_cert *key_of, ...)
{
	struct text t = { 0 };
	const struct pki_cert *c;
	char *path;
	va_list ap;

	va_start(ap, key_of);
	while ((c = va_arg(ap, const struct pki_cert *)) != NULL)
		add_pem(&t, pki_pem_cert(c));
	va_end(ap);
	if (key_of != NULL)
		add_pem(&t, pki_pem_key(key_of));
	path = pki_write_text(dir, name, t.p);
	text_free(&t);
	return path;
}

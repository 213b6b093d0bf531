/* Requests and self-signed certificates from what a trustpoint says. */
#include "certs/enrol/request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/store/seal.h"

enum { SAN_TYPES = 4, SERIAL = 16 };

static const char *fqdn_of(const struct conf_trustpoint *c)
{
	if (c->no_fqdn)
		return NULL;
	if (c->fqdn != NULL)
		return c->fqdn;
	return strchr(c->hostname, '.') != NULL ? c->hostname : NULL;
}

/* RFC 4514. */
static char *subject_of(const struct conf_trustpoint *c)
{
	struct text t = { 0 };
	const char *name = fqdn_of(c);

	if (c->serial_number != NULL)
		text_printf(&t, "serialNumber=%s,", c->serial_number);
	if (c->subject_name != NULL)
		text_printf(&t, "%s", c->subject_name);
	else
		text_printf(&t, "CN=%s", name != NULL ? name : c->hostname);
	return text_take(&t);
}

/* Both kinds of objects, through the same few functions. */
struct subject {
	gnutls_x509_crq_t crq;
	gnutls_x509_crt_t crt;
	char **why;
};

static int bad(struct subject *s, const char *what, const char *value, int err)
{
	if (err == 0)
		return 0;
	*s->why = mem_printf("%s \"%s\" cannot be put into a certificate: %s",
		what, value, gnutls_strerror(err));
	return EINVAL;
}

static int add_san(struct subject *s, gnutls_x509_subject_alt_name_t type,
	const void *p, size_t n)
{
	if (s->crq != NULL)
		return gnutls_x509_crq_set_subject_alt_name(
			s->crq, type, p, (unsigned)n, GNUTLS_FSAN_APPEND);
	return gnutls_x509_crt_set_subject_alt_name(
		s->crt, type, p, (unsigned)n, GNUTLS_FSAN_APPEND);
}

static int add_ip(struct subject *s, const struct addr *a)
{
	if (a->sa.sa_family == AF_INET6)
		return add_san(s, GNUTLS_SAN_IPADDRESS, &a->in6.sin6_addr, 16);
	return add_san(s, GNUTLS_SAN_IPADDRESS, &a->in4.sin_addr, 4);
}

static int add_named(struct subject *s, const char *san)
{
	static const struct {
		const char *head;
		gnutls_x509_subject_alt_name_t type;
	} types[SAN_TYPES] = { { "dns:", GNUTLS_SAN_DNSNAME },
		{ "uri:", GNUTLS_SAN_URI }, { "email:", GNUTLS_SAN_RFC822NAME },
		{ "ip:", GNUTLS_SAN_IPADDRESS } };
	const char *value = strchr(san, ':') + 1;
	struct addr a;

	for (size_t i = 0; i < SAN_TYPES; i++) {
		if (strncmp(san, types[i].head, strlen(types[i].head)) != 0)
			continue;
		if (types[i].type != GNUTLS_SAN_IPADDRESS)
			return add_san(s, types[i].type, value, strlen(value));
		return addr_parse(&a, slice_str(value), 0) == 0
			       ? add_ip(s, &a)
			       : GNUTLS_E_INVALID_REQUEST;
	}
	return GNUTLS_E_INVALID_REQUEST;
}

static int add_names(struct subject *s, const struct conf_trustpoint *c)
{
	const char *fqdn = fqdn_of(c);
	int err = 0;

	if (fqdn != NULL)
		err = bad(s, "the name", fqdn,
			add_san(s, GNUTLS_SAN_DNSNAME, fqdn, strlen(fqdn)));
	if (err == 0 && addr_is_set(&c->ip_address))
		err = bad(s, "ip-address", "", add_ip(s, &c->ip_address));
	for (size_t i = 0; i < c->nsans && err == 0; i++)
		err = bad(s, "the name", c->san[i], add_named(s, c->san[i]));
	return err;
}

static int add_purpose(struct subject *s, const char *oid)
{
	if (s->crq != NULL)
		return gnutls_x509_crq_set_key_purpose_oid(s->crq, oid, 0);
	return gnutls_x509_crt_set_key_purpose_oid(s->crt, oid, 0);
}

static int add_usage(struct subject *s, const struct conf_trustpoint *c,
	const struct keystore *k)
{
	bool rsa = gnutls_privkey_get_pk_algorithm(keystore_key(k), NULL) ==
		   GNUTLS_PK_RSA;
	bool ca = s->crq != NULL && c->authority == CONF_CA_SUBORDINATE;
	unsigned usage =
		GNUTLS_KEY_DIGITAL_SIGNATURE |
		(rsa ? GNUTLS_KEY_KEY_ENCIPHERMENT : 0) |
		(ca ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN : 0);
	int err = s->crq != NULL ? gnutls_x509_crq_set_key_usage(s->crq, usage)
				 : gnutls_x509_crt_set_key_usage(s->crt, usage);

	/* Purposes of a CA would limit what it issues. */
	if (err == 0 && !ca && c->usage != CONF_USAGE_CLIENT)
		err = add_purpose(s, GNUTLS_KP_TLS_WWW_SERVER);
	if (err == 0 && !ca && c->usage != CONF_USAGE_SERVER)
		err = add_purpose(s, GNUTLS_KP_TLS_WWW_CLIENT);
	return bad(s, "the usage of trustpoint", c->name, err);
}

/* Of a CA or RA of our own: what only a person grants. */
static int add_authority(struct subject *s, const struct conf_trustpoint *c)
{
	int err = 0;

	if (s->crq == NULL)
		return 0;
	if (c->authority == CONF_CA_RA)
		err = add_purpose(s, "1.3.6.1.5.5.7.3.28"); /* cmcRA */
	if (c->authority == CONF_CA_SUBORDINATE)
		err = gnutls_x509_crq_set_basic_constraints(s->crq, 1, 0);
	return bad(s, "the authority of trustpoint", c->name, err);
}

static int describe(struct subject *s, const struct conf_trustpoint *c,
	const struct keystore *k)
{
	char *dn = subject_of(c);
	const char *at = NULL;
	int err = s->crq != NULL ? gnutls_x509_crq_set_dn(s->crq, dn, &at)
				 : gnutls_x509_crt_set_dn(s->crt, dn, &at);

	err = bad(s, "the subject", dn, err);
	free(dn);
	if (err == 0)
		err = add_names(s, c);
	if (err == 0)
		err = add_usage(s, c, k);
	if (err == 0)
		err = add_authority(s, c);
	return err;
}

static int public_key(struct subject *s, const struct keystore *k)
{
	gnutls_pubkey_t pub = NULL;
	int err = gnutls_pubkey_init(&pub);

	if (err == 0)
		err = gnutls_pubkey_import_privkey(pub, keystore_key(k), 0, 0);
	if (err == 0)
		err = s->crq != NULL ? gnutls_x509_crq_set_pubkey(s->crq, pub)
				     : gnutls_x509_crt_set_pubkey(s->crt, pub);
	if (pub != NULL)
		gnutls_pubkey_deinit(pub);
	return bad(s, "the key", "", err);
}

static gnutls_digest_algorithm_t digest_of(const struct conf_trustpoint *c)
{
	static const gnutls_digest_algorithm_t of[] = { GNUTLS_DIG_SHA256,
		GNUTLS_DIG_SHA384, GNUTLS_DIG_SHA512 };

	return of[c->hash];
}

int request_make(gnutls_datum_t *out, const struct conf_trustpoint *c,
	const struct keystore *k, const char *challenge, char **why)
{
	struct subject s = { .why = why };
	int err;

	*out = (gnutls_datum_t){ 0 };
	*why = NULL;
	need(gnutls_x509_crq_init(&s.crq) == 0);
	err = bad(
		&s, "the version", "1", gnutls_x509_crq_set_version(s.crq, 1));
	if (err == 0)
		err = describe(&s, c, k);
	if (err == 0)
		err = public_key(&s, k);
	if (err == 0 && challenge != NULL)
		err = bad(&s, "the password", "…",
			gnutls_x509_crq_set_challenge_password(
				s.crq, challenge));
	if (err == 0)
		err = bad(&s, "the signature of", c->name,
			gnutls_x509_crq_privkey_sign(
				s.crq, keystore_key(k), digest_of(c), 0));
	if (err == 0)
		err = bad(&s, "the request of", c->name,
			gnutls_x509_crq_export2(
				s.crq, GNUTLS_X509_FMT_DER, out));
	gnutls_x509_crq_deinit(s.crq);
	return err;
}

char *request_pem(const gnutls_datum_t *csr)
{
	struct text b = { 0 }, t = { 0 };

	base64_encode(&b, slice_of(csr->data, csr->size), true);
	text_printf(&t, "-----BEGIN CERTIFICATE REQUEST-----\n");
	for (size_t i = 0; i < b.n; i += 64)
		text_printf(&t, "%.*s\n",
			SLICE_ARG(
				slice_head(slice_from(text_slice(&b), i), 64)));
	text_printf(&t, "-----END CERTIFICATE REQUEST-----\n");
	text_free(&b);
	return text_take(&t);
}

/* Ours alone, so that no two of our certificates look the same to a peer. */
static int fill_selfsigned(struct subject *s, const struct keystore *k,
	time_t now, unsigned lifetime_s)
{
	uint8_t serial[SERIAL];
	uint8_t id[20];
	size_t n = sizeof(id);
	int err;

	random_bytes(serial, sizeof(serial));
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* positive */
	err = gnutls_x509_crt_set_version(s->crt, 3);
	if (err == 0)
		err = gnutls_x509_crt_set_serial(
			s->crt, serial, sizeof(serial));
	if (err == 0)
		err = gnutls_x509_crt_set_activation_time(s->crt, now);
	if (err == 0)
		err = gnutls_x509_crt_set_expiration_time(
			s->crt, now + lifetime_s);
	if (err == 0)
		err = gnutls_x509_crt_set_basic_constraints(s->crt, 0, -1);
	if (err == 0)
		err = public_key(s, k) != 0 ? GNUTLS_E_INVALID_REQUEST : 0;
	if (err == 0)
		err = gnutls_x509_crt_get_key_id(s->crt, 0, id, &n);
	if (err == 0)
		err = gnutls_x509_crt_set_subject_key_id(s->crt, id, n);
	return *s->why != NULL ? EINVAL : bad(s, "the serial", "", err);
}

int selfsigned_make(gnutls_x509_crt_t *out, const struct conf_trustpoint *c,
	const struct keystore *k, time_t now, unsigned lifetime_s, char **why)
{
	struct subject s = { .why = why };
	int err;

	*why = NULL;
	need(gnutls_x509_crt_init(&s.crt) == 0);
	err = fill_selfsigned(&s, k, now, lifetime_s);
	if (err == 0)
		err = describe(&s, c, k);
	if (err == 0)
		err = bad(&s, "the signature of", c->name,
			gnutls_x509_crt_privkey_sign(s.crt, s.crt,
				keystore_key(k), digest_of(c), 0));
	if (err != 0) {
		gnutls_x509_crt_deinit(s.crt);
		s.crt = NULL;
	}
	*out = s.crt;
	return err;
}

static int password_of_line(
	const struct conf_trustpoint *c, char **out, char **why)
{
	char *text = NULL;
	int err = seal_password(out, &c->password, c->master_key_file,
		c->master_key_credential, &text);

	if (err != 0)
		*why = mem_printf("the password of trustpoint %s: %s", c->name,
			text != NULL ? text : strerrordesc_np(err));
	free(text);
	return err;
}

int request_password(const struct conf_trustpoint *c, char **out, char **why)
{
	char line[512] = "";
	FILE *f;

	*out = NULL;
	*why = NULL;
	if (c->password_file == NULL)
		return password_of_line(c, out, why);
	f = fopen(c->password_file, "re");
	if (f == NULL) {
		*why = mem_printf("the password file %s cannot be read: %s",
			c->password_file, strerrordesc_np(errno));
		return ENOENT;
	}
	setbuf(f, NULL);
	if (fgets(line, sizeof(line), f) != NULL)
		line[strcspn(line, "\r\n")] = '\0';
	(void)fclose(f);
	*out = mem_dup(line);
	mem_wipe(line, sizeof(line));
	return 0;
}

/* A certificate in words. */
#include "certs/x509/cert_info.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/x509/crt.h"

enum { LIST_MAX = 64, VALUE_MAX = 1024, ID_MAX = 64 };

/* NULL when nothing was added. */
static char *take(struct text *t)
{
	if (t->n > 0)
		return text_take(t);
	text_free(t);
	return NULL;
}

static void add(struct text *t, const char *head, struct slice value)
{
	struct text clean = { 0 };

	(void)crt_clean(value, &clean);
	text_printf(t, "%s%s%.*s", t->n > 0 ? ", " : "", head,
		SLICE_ARG(text_slice(&clean)));
	text_free(&clean);
}

static char *usage_of(gnutls_x509_crt_t crt)
{
	static const struct {
		unsigned bit;
		const char *name;
	} bits[] = {
		{ GNUTLS_KEY_DIGITAL_SIGNATURE, "digitalSignature" },
		{ GNUTLS_KEY_NON_REPUDIATION, "nonRepudiation" },
		{ GNUTLS_KEY_KEY_ENCIPHERMENT, "keyEncipherment" },
		{ GNUTLS_KEY_DATA_ENCIPHERMENT, "dataEncipherment" },
		{ GNUTLS_KEY_KEY_AGREEMENT, "keyAgreement" },
		{ GNUTLS_KEY_KEY_CERT_SIGN, "keyCertSign" },
		{ GNUTLS_KEY_CRL_SIGN, "cRLSign" },
		{ GNUTLS_KEY_ENCIPHER_ONLY, "encipherOnly" },
		{ GNUTLS_KEY_DECIPHER_ONLY, "decipherOnly" },
	};
	struct text t = { 0 };
	unsigned usage = 0;

	if (gnutls_x509_crt_get_key_usage(crt, &usage, NULL) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if ((usage & bits[i].bit) != 0)
			add(&t, "", slice_str(bits[i].name));
	return take(&t);
}

static const char *purpose_name(const char *oid)
{
	static const struct {
		const char *oid, *name;
	} known[] = {
		{ GNUTLS_KP_TLS_WWW_SERVER, "serverAuth" },
		{ GNUTLS_KP_TLS_WWW_CLIENT, "clientAuth" },
		{ GNUTLS_KP_CODE_SIGNING, "codeSigning" },
		{ GNUTLS_KP_EMAIL_PROTECTION, "emailProtection" },
		{ GNUTLS_KP_TIME_STAMPING, "timeStamping" },
		{ GNUTLS_KP_OCSP_SIGNING, "OCSPSigning" },
		{ GNUTLS_KP_IPSEC_IKE, "ipsecIKE" },
		{ GNUTLS_KP_ANY, "any" },
		{ "1.3.6.1.5.5.7.3.5", "ipsecEndSystem" },
		{ "1.3.6.1.5.5.7.3.6", "ipsecTunnel" },
		{ "1.3.6.1.5.5.7.3.7", "ipsecUser" },
		{ "1.3.6.1.5.5.7.3.28", "cmcRA" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(oid, known[i].oid) == 0)
			return known[i].name;
	return oid;
}

static char *purposes_of(gnutls_x509_crt_t crt)
{
	struct text t = { 0 };

	for (unsigned i = 0; i < LIST_MAX; i++) {
		char oid[128];
		size_t n = sizeof(oid);

		if (gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &n, NULL) <
			0)
			break;
		add(&t, "", slice_str(purpose_name(oid)));
	}
	return take(&t);
}

static bool add_name(void *arg, unsigned type, struct slice value)
{
	struct text *t = arg;
	char ip[INET6_ADDRSTRLEN] = "";

	switch (type) {
	case GNUTLS_SAN_DNSNAME:
		add(t, "DNS:", value);
		break;
	case GNUTLS_SAN_URI:
		add(t, "URI:", value);
		break;
	case GNUTLS_SAN_RFC822NAME:
		add(t, "email:", value);
		break;
	case GNUTLS_SAN_IPADDRESS:
		if (value.n != 4 && value.n != 16)
			break;
		(void)inet_ntop(value.n == 4 ? AF_INET : AF_INET6, value.p, ip,
			sizeof(ip));
		add(t, "IP:", slice_str(ip));
		break;
	default:
		add(t, "", SLICE_LIT("another kind of name"));
	}
	return true;
}

static char *names_of(gnutls_x509_crt_t crt)
{
	struct text t = { 0 };

	if (crt_each_san(crt, add_name, &t) != 0)
		add(&t, "", SLICE_LIT("cannot be read"));
	return take(&t);
}

static char *basic_of(gnutls_x509_crt_t crt)
{
	unsigned ca = 0;
	int path = -1;

	if (gnutls_x509_crt_get_basic_constraints(crt, NULL, &ca, &path) < 0)
		return NULL;
	if (path >= 0)
		return mem_printf(
			"CA:%s, pathlen:%d", ca ? "TRUE" : "FALSE", path);
	return mem_dup(ca ? "CA:TRUE" : "CA:FALSE");
}

static char *id_of(gnutls_x509_crt_t crt,
	int (*get)(gnutls_x509_crt_t, void *, size_t *, unsigned *))
{
	uint8_t id[ID_MAX];
	size_t n = sizeof(id);
	char *hex;

	if (get(crt, id, &n, NULL) < 0 || n == 0)
		return NULL;
	hex = mem_new(2 * n + 1);
	hex_encode(id, n, hex);
	return hex;
}

static char *crl_of(gnutls_x509_crt_t crt)
{
	struct text t = { 0 };

	if (!crt_short_list(crt, GNUTLS_X509EXT_OID_CRL_DIST_POINTS))
		return NULL;
	for (unsigned i = 0; i < LIST_MAX; i++) {
		char url[VALUE_MAX];
		size_t n = sizeof(url);
		int type = gnutls_x509_crt_get_crl_dist_points(
			crt, i, url, &n, NULL, NULL);

		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (type == (int)GNUTLS_SAN_URI && n <= sizeof(url))
			add(&t, "", slice_of(url, strnlen(url, n)));
	}
	return take(&t);
}

static char *access_of(gnutls_x509_crt_t crt, int what)
{
	struct text t = { 0 };
	gnutls_datum_t url = { 0 };

	if (!crt_short_list(crt, GNUTLS_X509EXT_OID_AUTHORITY_INFO_ACCESS))
		return NULL;
	for (unsigned i = 0; i < LIST_MAX; i++) {
		int err = gnutls_x509_crt_get_authority_info_access(
			crt, i, what, &url, NULL);

		if (err == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (err < 0)
			continue; /* of another kind */
		add(&t, "", slice_of(url.data, url.size));
		gnutls_free(url.data);
	}
	return take(&t);
}

static void fingerprint(gnutls_x509_crt_t crt, gnutls_digest_algorithm_t hash,
	size_t size, char *hex)
{
	uint8_t raw[32];
	size_t n = size;

	hex[0] = '\0';
	if (gnutls_x509_crt_get_fingerprint(crt, hash, raw, &n) == 0)
		hex_encode(raw, n, hex);
}

void cert_info_fill(struct cert_info *out, gnutls_x509_crt_t crt, bool own)
{
	int signature = gnutls_x509_crt_get_signature_algorithm(crt);
	int version = gnutls_x509_crt_get_version(crt);
	const char *name = signature > 0
				   ? gnutls_sign_get_name(
					     (gnutls_sign_algorithm_t)signature)
				   : NULL;

	*out = (struct cert_info){
		.subject = crt_subject_dup(crt),
		.issuer = crt_issuer_dup(crt),
		.serial = crt_serial_dup(crt),
		.not_before = gnutls_x509_crt_get_activation_time(crt),
		.not_after = gnutls_x509_crt_get_expiration_time(crt),
		.key = crt_key_dup(crt),
		.ca = gnutls_x509_crt_get_ca_status(crt, NULL) > 0,
		.own = own,
		.version = version > 0 ? (unsigned)version : 0,
		.signature = mem_dup(name),
		.key_usage = usage_of(crt),
		.purposes = purposes_of(crt),
		.names = names_of(crt),
		.basic = basic_of(crt),
		.subject_key_id =
			id_of(crt, gnutls_x509_crt_get_subject_key_id),
		.authority_key_id =
			id_of(crt, gnutls_x509_crt_get_authority_key_id),
		.crl = crl_of(crt),
		.ocsp = access_of(crt, GNUTLS_IA_OCSP_URI),
		.issuers = access_of(crt, GNUTLS_IA_CAISSUERS_URI),
	};
	fingerprint(crt, GNUTLS_DIG_SHA256, 32, out->sha256);
	fingerprint(crt, GNUTLS_DIG_SHA1, 20, out->sha1);
	fingerprint(crt, GNUTLS_DIG_MD5, 16, out->md5);
}

void cert_info_free(struct cert_info *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].subject);
		free(v[i].issuer);
		free(v[i].serial);
		free(v[i].key);
		free(v[i].signature);
		free(v[i].key_usage);
		free(v[i].purposes);
		free(v[i].names);
		free(v[i].basic);
		free(v[i].subject_key_id);
		free(v[i].authority_key_id);
		free(v[i].crl);
		free(v[i].ocsp);
		free(v[i].issuers);
	}
	free(v);
}

/* What this module asks of one certificate. */
#include "certs/x509/crt.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509-ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"

enum {
	KEY_BITS_MAX = 8192,
	EXPONENT_BITS_MAX = 64,
	LIST_SIZE_MAX = 8192, /* bytes */
};

int crt_import(gnutls_x509_crt_t *out, const gnutls_datum_t *der)
{
	*out = NULL;
	if (gnutls_x509_crt_init(out) < 0)
		return ENOMEM;
	if (gnutls_x509_crt_import(*out, der, GNUTLS_X509_FMT_DER) == 0)
		return 0;
	gnutls_x509_crt_deinit(*out);
	*out = NULL;
	return EBADMSG;
}

gnutls_x509_crt_t crt_copy(gnutls_x509_crt_t crt)
{
	gnutls_datum_t der = { 0 };
	gnutls_x509_crt_t out;

	need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) == 0);
	need(crt_import(&out, &der) == 0);
	gnutls_free(der.data);
	return out;
}

/* Length of the UTF-8 sequence at the front (RFC 3629), 0: not one. */
static size_t utf8_length(struct slice s)
{
	const uint8_t *b = (const uint8_t *)s.p;
	uint32_t c = b[0];
	uint32_t least;
	size_t n;

	if (c < 0x80)
		return c >= 0x20 && c != 0x7f ? 1 : 0;
	if (c >= 0xc2 && c < 0xe0) {
		n = 2;
		least = 0xa0; /* U+0080 to U+009F are controls */
		c &= 0x1f;
	} else if (c >= 0xe0 && c < 0xf0) {
		n = 3;
		least = 0x800;
		c &= 0x0f;
	} else if (c >= 0xf0 && c < 0xf5) {
		n = 4;
		least = 0x10000;
		c &= 0x07;
	} else {
		return 0;
	}
	if (n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b[i] & 0x3fu);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return n;
}

bool crt_clean(struct slice in, struct text *out)
{
	bool same = true;

	while (in.n > 0) {
		size_t n = utf8_length(in);

		if (n > 0) {
			text_add(out, slice_head(in, n));
		} else {
			text_addc(out, '?');
			same = false;
			n = 1;
		}
		in = slice_from(in, n);
	}
	return same;
}

typedef int dn_fn(gnutls_x509_crt_t crt, gnutls_datum_t *dn, unsigned flags);

static char *dn_dup(gnutls_x509_crt_t crt, dn_fn *get)
{
	gnutls_datum_t dn = { 0 };
	struct text t = { 0 };

	if (get(crt, &dn, 0) == 0)
		(void)crt_clean(slice_of(dn.data, dn.size), &t);
	gnutls_free(dn.data);
	if (t.n == 0)
		text_printf(&t, "(no name)");
	return text_take(&t);
}

static const char *dn_short(gnutls_x509_crt_t crt, dn_fn *get, char *out)
{
	static const char cut[] = "...";
	char *all = dn_dup(crt, get);
	size_t n = strlen(all);

	if (n >= CRT_NAME) {
		n = CRT_NAME - sizeof(cut);
		while (n > 0 && ((uint8_t)all[n] & 0xc0) == 0x80)
			n--; /* not within a character */
	}
	(void)snprintf(out, CRT_NAME, "%.*s%s", (int)n, all,
		all[n] != '\0' ? cut : "");
	free(all);
	return out;
}

const char *crt_subject(gnutls_x509_crt_t crt, char out[CRT_NAME])
{
	return dn_short(crt, gnutls_x509_crt_get_dn3, out);
}

const char *crt_issuer(gnutls_x509_crt_t crt, char out[CRT_NAME])
{
	return dn_short(crt, gnutls_x509_crt_get_issuer_dn3, out);
}

char *crt_subject_dup(gnutls_x509_crt_t crt)
{
	return dn_dup(crt, gnutls_x509_crt_get_dn3);
}

char *crt_issuer_dup(gnutls_x509_crt_t crt)
{
	return dn_dup(crt, gnutls_x509_crt_get_issuer_dn3);
}

const char *crt_date(time_t t, char out[CRT_DATE])
{
	struct tm tm;

	if (t == (time_t)-1 || gmtime_r(&t, &tm) == NULL ||
		strftime(out, CRT_DATE, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		(void)snprintf(out, CRT_DATE, "an unreadable date");
	return out;
}

char *crt_serial_dup(gnutls_x509_crt_t crt)
{
	uint8_t serial[128];
	size_t n = sizeof(serial);
	char hex[2 * sizeof(serial) + 1];

	if (gnutls_x509_crt_get_serial(crt, serial, &n) < 0)
		n = 0;
	hex_encode(serial, n, hex);
	return mem_dup(hex);
}

char *crt_key_dup(gnutls_x509_crt_t crt)
{
	unsigned bits = 0;
	int algo = gnutls_x509_crt_get_pk_algorithm(crt, &bits);
	gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
	const char *name;

	if (algo < 0)
		return mem_dup("unknown");
	if (algo == GNUTLS_PK_RSA)
		return mem_printf("RSA %u", bits);
	if (algo == GNUTLS_PK_RSA_PSS)
		return mem_printf("RSA-PSS %u", bits);
	if (algo == GNUTLS_PK_ECDSA &&
		gnutls_x509_crt_get_pk_ecc_raw(crt, &curve, NULL, NULL) == 0) {
		name = gnutls_ecc_curve_get_name(curve);
		if (name != NULL && strncmp(name, "SECP", 4) == 0)
			return mem_printf("EC P-%u", bits);
		return mem_printf("EC %s", name != NULL ? name : "unknown");
	}
	name = gnutls_pk_get_name((gnutls_pk_algorithm_t)algo);
	return mem_dup(name != NULL ? name : "unknown");
}

void crt_fingerprint(gnutls_x509_crt_t crt, uint8_t out[32])
{
	size_t n = 32;
	int err;

	err = gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, out, &n);
	need(err == 0 && n == 32);
}

bool crt_self_issued(gnutls_x509_crt_t crt)
{
	gnutls_datum_t subject = { 0 };
	gnutls_datum_t issuer = { 0 };
	bool same = gnutls_x509_crt_get_raw_dn(crt, &subject) == 0 &&
		    gnutls_x509_crt_get_raw_issuer_dn(crt, &issuer) == 0 &&
		    slice_eq(slice_of(subject.data, subject.size),
			    slice_of(issuer.data, issuer.size));

	gnutls_free(subject.data);
	gnutls_free(issuer.data);
	return same;
}

bool crt_weak_key(gnutls_x509_crt_t crt)
{
	unsigned bits = 0;
	int algo = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

	if (algo == GNUTLS_PK_RSA || algo == GNUTLS_PK_RSA_PSS)
		return bits < 2048;
	if (algo == GNUTLS_PK_ECDSA)
		return bits < 256;
	return algo != GNUTLS_PK_EDDSA_ED25519 && algo != GNUTLS_PK_EDDSA_ED448;
}

static size_t bits_of(const gnutls_datum_t *number)
{
	size_t at = 0, bits = 0;

	while (at < number->size && number->data[at] == 0)
		at++;
	if (at < number->size)
		for (unsigned b = number->data[at]; b > 0; b >>= 1)
			bits++;
	return at < number->size ? (number->size - at - 1) * 8 + bits : 0;
}

static bool short_exponent(gnutls_x509_crt_t crt)
{
	gnutls_datum_t m = { 0 }, e = { 0 };
	bool ok = gnutls_x509_crt_get_pk_rsa_raw(crt, &m, &e) == 0 &&
		  bits_of(&e) <= EXPONENT_BITS_MAX;

	gnutls_free(m.data);
	gnutls_free(e.data);
	return ok;
}

bool crt_cheap_key(gnutls_x509_crt_t crt, const char **why)
{
	unsigned bits = 0;
	int algo = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

	*why = NULL;
	if (algo == GNUTLS_PK_RSA || algo == GNUTLS_PK_RSA_PSS) {
		if (bits > KEY_BITS_MAX)
			*why = "has more than 8192 bits";
		else if (!short_exponent(crt))
			*why = "has an exponent of more than 64 bits";
	} else if (algo == GNUTLS_PK_DSA || algo == GNUTLS_PK_DH) {
		*why = "is neither RSA nor of an elliptic curve";
	}
	return *why == NULL;
}

bool crt_weak_signature(gnutls_x509_crt_t crt)
{
	int algo = gnutls_x509_crt_get_signature_algorithm(crt);

	return algo < 0 || gnutls_sign_is_secure2((gnutls_sign_algorithm_t)algo,
				   GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS) == 0;
}

/* The part that is signed: the first element within the outermost one. Our
 * caller's certificate was parsed, so the lengths are right. */
static gnutls_datum_t signed_part(const gnutls_datum_t *der)
{
	struct rbuf r = rbuf_of(slice_of(der->data, der->size));
	size_t from = 0;

	for (int level = 0; level < 2; level++) {
		size_t n;

		from = r.at;
		(void)rbuf_u8(&r);
		n = rbuf_u8(&r);
		if (n > 0x80) {
			size_t digits = n & 0x7f;

			n = 0;
			while (digits-- > 0)
				n = n << 8 | rbuf_u8(&r);
		}
		if (level == 1)
			(void)rbuf_bytes(&r, n);
	}
	return (gnutls_datum_t){ .data = der->data + from,
		.size = r.bad ? 0 : (unsigned)(r.at - from) };
}

static int verify_signature(
	gnutls_x509_crt_t crt, gnutls_pubkey_t key, const gnutls_datum_t *der)
{
	int algo = gnutls_x509_crt_get_signature_algorithm(crt);
	gnutls_datum_t tbs = signed_part(der);
	gnutls_datum_t sig = { 0 };
	size_t n = 0;
	int err;

	if (algo < 0 || tbs.size == 0)
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	(void)gnutls_x509_crt_get_signature(crt, NULL, &n);
	sig.data = mem_new(n + 1);
	err = gnutls_x509_crt_get_signature(crt, (char *)sig.data, &n);
	sig.size = (unsigned)n;
	if (err == 0)
		err = gnutls_pubkey_verify_data2(key,
			(gnutls_sign_algorithm_t)algo,
			GNUTLS_VERIFY_ALLOW_BROKEN |
				GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1,
			&tbs, &sig);
	free(sig.data);
	return err;
}

bool crt_signed_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	gnutls_pubkey_t key = NULL;
	gnutls_datum_t der = { 0 };
	int err = GNUTLS_E_CERTIFICATE_ERROR;
	const char *why;

	if (gnutls_x509_crt_check_issuer(crt, issuer) != 0 &&
		crt_cheap_key(issuer, &why) && gnutls_pubkey_init(&key) == 0 &&
		gnutls_pubkey_import_x509(key, issuer, 0) == 0 &&
		gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) == 0)
		err = verify_signature(crt, key, &der);
	if (key != NULL)
		gnutls_pubkey_deinit(key);
	gnutls_free(der.data);
	return err >= 0;
}

static bool is_common_name(const gnutls_x509_ava_st *ava)
{
	static const char oid[] = GNUTLS_OID_X520_COMMON_NAME;

	/* GnuTLS counts the NUL at its end. */
	return slice_eq(slice_of(ava->oid.data, ava->oid.size),
		slice_of(oid, sizeof(oid)));
}

/* UTF8String, PrintableString, TeletexString, IA5String: bytes are text. */
static bool is_text(const gnutls_x509_ava_st *ava)
{
	return ava->value_tag == 12 || ava->value_tag == 19 ||
	       ava->value_tag == 20 || ava->value_tag == 22;
}

static int find_common_name(gnutls_x509_dn_t dn, gnutls_x509_ava_st *found)
{
	gnutls_x509_ava_st ava;
	unsigned names = 0;

	for (int rdn = 0;; rdn++) {
		int i = 0;

		while (gnutls_x509_dn_get_rdn_ava(dn, rdn, i, &ava) == 0) {
			if (is_common_name(&ava)) {
				*found = ava;
				names++;
			}
			i++;
		}
		if (i == 0)
			break; /* the last RDN was before */
	}
	if (names == 0)
		return ENOENT;
	return names == 1 && is_text(found) ? 0 : EBADMSG;
}

/*
 * The attribute's bytes as they are encoded. gnutls_x509_crt_get_dn_by_oid()
 * would end them at the first NUL, and "SEP1\0.evil.example" would pass for
 * "SEP1".
 */
int crt_common_name(gnutls_x509_crt_t crt, char **out, size_t *n)
{
	gnutls_x509_ava_st ava;
	gnutls_x509_dn_t dn;
	int err;

	*out = NULL;
	*n = 0;
	if (gnutls_x509_crt_get_subject(crt, &dn) < 0)
		return EBADMSG;
	err = find_common_name(dn, &ava);
	if (err == 0) {
		*n = ava.value.size;
		*out = mem_ndup((const char *)ava.value.data, *n);
	}
	return err;
}

bool crt_short_list(gnutls_x509_crt_t crt, const char *oid)
{
	gnutls_datum_t ext = { 0 };
	bool ok = gnutls_x509_crt_get_extension_by_oid2(
			  crt, oid, 0, &ext, NULL) >= 0 &&
		  ext.size <= LIST_SIZE_MAX;

	gnutls_free(ext.data);
	return ok;
}

static int each_san(
	gnutls_subject_alt_names_t sans, crt_san_fn *each, void *arg)
{
	for (unsigned i = 0; i < CRT_SANS_MAX; i++) {
		gnutls_datum_t value = { 0 };
		unsigned type = 0;
		int err = gnutls_subject_alt_names_get(
			sans, i, &type, &value, NULL);

		if (err == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return 0;
		if (err < 0)
			return EBADMSG;
		if (!each(arg, type, slice_of(value.data, value.size)))
			return 0;
	}
	return 0;
}

int crt_each_san(gnutls_x509_crt_t crt, crt_san_fn *each, void *arg)
{
	gnutls_subject_alt_names_t sans = NULL;
	gnutls_datum_t ext = { 0 };
	int err = gnutls_x509_crt_get_extension_by_oid2(
		crt, GNUTLS_X509EXT_OID_SAN, 0, &ext, NULL);

	if (err == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return 0;
	if (err < 0)
		return EBADMSG;
	if (gnutls_subject_alt_names_init(&sans) < 0 ||
		gnutls_x509_ext_import_subject_alt_names(&ext, sans, 0) < 0)
		err = EBADMSG;
	else
		err = each_san(sans, each, arg);
	if (sans != NULL)
		gnutls_subject_alt_names_deinit(sans);
	gnutls_free(ext.data);
	return err;
}

/*
 * Fields of a certificate. GnuTLS judges the DER as a whole and gives names
 * and key; the parts that go into files byte for byte are cut from the DER.
 */
#include "phoneproxy/signed/certfield.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"
#include "phoneproxy/signed/rsablock.h"

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_SEQUENCE = 0x30,
	DER_CONTEXT_0 = 0xa0,
	DER_BMP_STRING = 0x1e,
	DER_T61_STRING = 0x14,
};

/* The next value with its tag; an empty one (tag 0) when there is none. */
static struct slice der_next(struct rbuf *r, uint8_t *tag)
{
	*tag = rbuf_u8(r);
	size_t n = rbuf_u8(r);

	if (n == 0x81)
		n = rbuf_u8(r);
	else if (n == 0x82)
		n = rbuf_u16(r);
	else if (n == 0x83)
		n = rbuf_u24(r);
	else if (n >= 0x80)
		r->bad = true;
	struct slice v = rbuf_bytes(r, n);

	if (r->bad)
		*tag = 0;
	return v;
}

static bool der_enter(struct rbuf *r, uint8_t want, struct rbuf *in)
{
	uint8_t tag;
	struct slice v = der_next(r, &tag);

	*in = rbuf_of(v);
	return tag == want;
}

static bool der_skip(struct rbuf *r, unsigned count)
{
	uint8_t tag = 1;

	while (count-- > 0 && tag != 0)
		der_next(r, &tag);
	return tag != 0;
}

static bool der_bits(struct rbuf *r, struct slice *out)
{
	uint8_t tag;
	struct slice v = der_next(r, &tag);

	if (tag != DER_BIT_STRING || v.n < 2 || v.p[0] != 0)
		return false;
	*out = slice_from(v, 1);
	return true;
}

/* RFC 5280, 4.1: serial, subjectPublicKey and signatureValue. */
static bool cut_fields(struct certfield *c)
{
	struct rbuf file = rbuf_of(c->der), cert, tbs, spki;
	struct slice v;
	uint8_t tag;

	if (!der_enter(&file, DER_SEQUENCE, &cert) || rbuf_left(&file) > 0 ||
		!der_enter(&cert, DER_SEQUENCE, &tbs))
		return false;
	v = der_next(&tbs, &tag);
	if (tag == DER_CONTEXT_0) /* version */
		v = der_next(&tbs, &tag);
	if (tag != DER_INTEGER || v.n == 0)
		return false;
	while (v.n > 1 && v.p[0] == 0)
		v = slice_from(v, 1);
	c->serial = v;
	/* algorithm, issuer, validity, subject */
	return der_skip(&tbs, 4) && der_enter(&tbs, DER_SEQUENCE, &spki) &&
	       der_skip(&spki, 1) && der_bits(&spki, &c->key) &&
	       der_skip(&cert, 1) && der_bits(&cert, &c->signature);
}

static const struct {
	const char *oid, *keyword;
} keywords[] = {
	{ GNUTLS_OID_X520_COMMON_NAME, "CN" },
	{ GNUTLS_OID_X520_ORGANIZATION_NAME, "O" },
	{ GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, "OU" },
	{ GNUTLS_OID_X520_LOCALITY_NAME, "L" },
	{ GNUTLS_OID_X520_STATE_OR_PROVINCE_NAME, "ST" },
	{ GNUTLS_OID_X520_COUNTRY_NAME, "C" },
	{ "2.5.4.9", "STREET" },
	{ GNUTLS_OID_LDAP_DC, "DC" },
	{ GNUTLS_OID_LDAP_UID, "UID" },
};

static const char *keyword_of(const char *oid)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (strcmp(keywords[i].oid, oid) == 0)
			return keywords[i].keyword;
	return oid;
}

static void add_utf8(struct text *t, uint32_t c)
{
	if (c < 0x80) {
		text_addc(t, (char)c);
	} else if (c < 0x800) {
		text_addc(t, (char)(0xc0 | c >> 6));
		text_addc(t, (char)(0x80 | (c & 0x3f)));
	} else {
		text_addc(t, (char)(0xe0 | c >> 12));
		text_addc(t, (char)(0x80 | (c >> 6 & 0x3f)));
		text_addc(t, (char)(0x80 | (c & 0x3f)));
	}
}

/* Old string types into UTF-8; the others are ASCII or UTF-8 already. */
static void to_utf8(struct text *t, const gnutls_x509_ava_st *ava)
{
	const uint8_t *b = ava->value.data;
	size_t n = ava->value.size;

	if (ava->value_tag == DER_BMP_STRING)
		for (size_t i = 0; i + 1 < n; i += 2)
			add_utf8(t, (uint32_t)b[i] << 8 | b[i + 1]);
	else if (ava->value_tag == DER_T61_STRING)
		for (size_t i = 0; i < n; i++)
			add_utf8(t, b[i]);
	else
		text_add(t, slice_of(b, n));
}

static void add_escaped(struct text *t, struct slice v)
{
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (c == '\0') {
			text_add(t, SLICE_LIT("\\00"));
			continue;
		}
		if (strchr("\\\"+,;<>", c) != NULL ||
			(i == 0 && (c == ' ' || c == '#')) ||
			(i + 1 == v.n && c == ' '))
			text_addc(t, '\\');
		text_addc(t, c);
	}
}

static void add_attribute(struct text *t, const gnutls_x509_ava_st *ava)
{
	struct text value = { 0 };
	char *oid = slice_dup(slice_of(ava->oid.data, ava->oid.size));

	to_utf8(&value, ava);
	if (t->n > 0)
		text_addc(t, ',');
	text_printf(t, "%s=", keyword_of(oid));
	add_escaped(t, text_slice(&value));
	text_free(&value);
	free(oid);
}

static char *name_text(gnutls_x509_dn_t dn)
{
	struct text t = { 0 };
	gnutls_x509_ava_st ava;

	for (int rdn = 0;; rdn++) {
		int i = 0;

		while (gnutls_x509_dn_get_rdn_ava(dn, rdn, i, &ava) == 0) {
			add_attribute(&t, &ava);
			i++;
		}
		if (i == 0)
			return text_take(&t);
	}
}

static int names_and_key(struct certfield *c, gnutls_x509_crt_t crt)
{
	gnutls_x509_dn_t dn;
	int err;

	err = gnutls_x509_crt_get_subject(crt, &dn);
	if (err < 0)
		return err;
	c->subject = name_text(dn);
	err = gnutls_x509_crt_get_issuer(crt, &dn);
	if (err < 0)
		return err;
	c->issuer = name_text(dn);
	err = gnutls_pubkey_init(&c->pubkey);
	need(err == 0);
	return gnutls_pubkey_import_x509(c->pubkey, crt, 0);
}

/* The attribute of this type in the rest of a Cisco name; each that occurs. */
static void add_cisco(struct text *t, gnutls_x509_dn_t dn, const char *keyword)
{
	gnutls_x509_ava_st ava;

	for (int rdn = 0;; rdn++) {
		int i = 0;

		for (; gnutls_x509_dn_get_rdn_ava(dn, rdn, i, &ava) == 0; i++) {
			char *oid =
				slice_dup(slice_of(ava.oid.data, ava.oid.size));
			bool is = strcmp(keyword_of(oid), keyword) == 0;

			free(oid);
			if (!is)
				continue;
			text_printf(t, "%s%s=", t->n > 0 ? ";" : "", keyword);
			to_utf8(t, &ava);
		}
		if (i == 0)
			return;
	}
}

static char *cisco_name(gnutls_x509_dn_t dn)
{
	static const char *const order[] = { "CN", "OU", "O", "L", "ST", "C" };
	struct text t = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		add_cisco(&t, dn, order[i]);
	return text_take(&t);
}

static int import(gnutls_x509_crt_t crt, struct slice der)
{
	gnutls_datum_t d = { .size = (unsigned)der.n };

	if (der.n > UINT16_MAX)
		return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
	memcpy(&d.data, &der.p, sizeof(d.data)); /* it is not written to */
	return gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_DER);
}

enum fault certfield_read(struct certfield *out, struct slice der)
{
	gnutls_x509_crt_t crt;
	int err;

	*out = (struct certfield){ .der = der };
	err = gnutls_x509_crt_init(&crt);
	need(err == 0);
	err = import(crt, der);
	if (err == 0)
		err = names_and_key(out, crt);
	gnutls_x509_crt_deinit(crt);
	if (err < 0 || !cut_fields(out)) {
		certfield_free(out);
		return FAULT_CERTIFICATE;
	}
	out->rsa_size = rsa_key_size(out->pubkey);
	return FAULT_NONE;
}

typedef int get_dn_fn(gnutls_x509_crt_t crt, gnutls_x509_dn_t *dn);

static char *cisco_of(const struct certfield *c, get_dn_fn *get)
{
	gnutls_x509_crt_t crt;
	gnutls_x509_dn_t dn;
	int err = gnutls_x509_crt_init(&crt);

	need(err == 0);
	/* It was read once, so it is read again. */
	char *name = import(crt, c->der) == 0 && get(crt, &dn) == 0
			     ? cisco_name(dn)
			     : mem_new(1);

	gnutls_x509_crt_deinit(crt);
	return name;
}

char *certfield_cisco_subject(const struct certfield *c)
{
	return cisco_of(c, gnutls_x509_crt_get_subject);
}

char *certfield_cisco_issuer(const struct certfield *c)
{
	return cisco_of(c, gnutls_x509_crt_get_issuer);
}

void certfield_free(struct certfield *c)
{
	free(c->subject);
	free(c->issuer);
	if (c->pubkey != NULL)
		gnutls_pubkey_deinit(c->pubkey);
	*c = (struct certfield){ 0 };
}

/* Where a certificate says that revocation can be asked about. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "certs/revoke/revoke.h"

static void put_tlv(struct text *out, uint8_t tag, struct slice v)
{
	text_addc(out, (char)tag);
	text_addc(out, (char)0x82);
	text_addc(out, (char)(v.n >> 8));
	text_addc(out, (char)v.n);
	text_add(out, v);
}

/* Puts `t` into an element of its own. */
static void wrap(struct text *t, uint8_t tag)
{
	struct text outer = { 0 };

	put_tlv(&outer, tag, text_slice(t));
	text_free(t);
	*t = outer;
}

static void add_url(
	struct text *list, enum conf_revocation method, const char *url)
{
	static const struct slice ocsp =
		SLICE_LIT("\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01");
	struct text one = { 0 };

	put_tlv(&one, 0x86, slice_str(url));
	if (method == CONF_REVOKE_CRL) {
		wrap(&one, 0xa0); /* fullName */
		wrap(&one, 0xa0); /* distributionPoint */
	} else {
		struct text with = { 0 };

		text_add(&with, ocsp);
		text_add(&with, text_slice(&one));
		text_free(&one);
		one = with;
	}
	wrap(&one, 0x30);
	text_add(list, text_slice(&one));
	text_free(&one);
}

/* How many of so many points are taken. */
static size_t urls_of(enum conf_revocation method, size_t points)
{
	const char *oid =
		method == CONF_REVOKE_CRL ? "2.5.29.31" : "1.3.6.1.5.5.7.1.1";
	char out[REVOKE_URLS][REVOKE_URL];
	gnutls_x509_crt_t crt;
	struct text list = { 0 };
	size_t n;

	for (size_t i = 0; i < points; i++)
		add_url(&list, method, i == 0 ? "http://a/" : "ldap://b/");
	wrap(&list, 0x30);
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_set_extension_by_oid(
				 crt, oid, list.p, list.n, 0),
		0);
	n = revoke_urls(crt, method, out);
	if (n > 0)
		assert_string_equal(out[0], "http://a/");
	gnutls_x509_crt_deinit(crt);
	text_free(&list);
	return n;
}

/* To read the n-th is to read them all, and that takes the square of their
 * number: who names a thousand names none. */
static void crowds_of_addresses_are_not_read(void **state)
{
	static const enum conf_revocation methods[] = { CONF_REVOKE_CRL,
		CONF_REVOKE_OCSP };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		assert_int_equal(urls_of(methods[i], 1), 1);
		assert_int_equal(urls_of(methods[i], 50), 1);
		assert_int_equal(urls_of(methods[i], 1500), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(crowds_of_addresses_are_not_read),
	};

	return RUN_TESTS(tests);
}

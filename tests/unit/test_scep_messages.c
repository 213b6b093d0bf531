/* SCEP: requests that are odd, and messages that are not what they say. */
#include <openssl/cms.h>

#include "ca_site.h"
#include "certs/ca/ca_int.h"
#include "certs/ca/scep_server.h"
#include "certs/enrol/scep_msg.h"
#include "test.h"

static void odd_requests(void **state)
{
	static const struct {
		const char *path, *query;
		int status;
		const char *holds;
	} rows[] = {
		{ "/", "", 404, NULL },
		{ "/scep", "", 400, "no operation" },
		{ "/scep", "operation=Dance", 400, "no operation" },
		{ "/scep", "operation=a&operation=b", 400, "query" },
		{ "/scep", "operation=%4", 400, "query" },
		{ "/scep", "operation=%zz", 400, "query" },
		{ "/scep", "operation=PKIOperation", 400, "no SCEP" },
		{ "/scep", "operation=PKIOperation&message=%25", 400,
			"base64" },
		{ "/scep", "operation=PKIOperation&message=AAAA", 400,
			"no SCEP" },
		{ "/scep", "operation=GetCACaps", 200, "AES\n" },
		{ "/scep", "operation=GetCACaps&message=x", 200, "Renewal" },
		{ "/cgi-bin/pkiclient.exe", "operation=GetNextCACert", 404,
			"no next" },
		{ "/ocsp/%%%", "", 400, NULL },
	};
	struct ca_params p = ca_site_params(ca_site_dir);
	struct ca *ca = ca_site_open(&p);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scep_response r = ca_site_ask(ca, rows[i].path,
			rows[i].query, (struct slice){ .n = 0 }, false);
		size_t at = slice_search(bytes_slice(&r.body),
			slice_str(rows[i].holds ? rows[i].holds : ""));

		if (r.status != rows[i].status ||
			(rows[i].holds != NULL && at >= r.body.n))
			fail_msg("%s?%s: %d %.*s", rows[i].path, rows[i].query,
				r.status, (int)r.body.n, (char *)r.body.p);
		scep_response_free(&r);
	}
	ca_close(ca);
}

static void next_certificate(void **state)
{
	struct ca_params p = ca_site_params(ca_site_dir);
	struct ca *ca = ca_site_open(&p);
	struct scep_response r;
	char why[CA_WHY];
	CMS_ContentInfo *cms;
	STACK_OF(X509) * certs;
	BIO *out = BIO_new(BIO_s_mem());
	char *q;
	long n;

	(void)state;
	assert_int_equal(ca_rollover(ca, why), 0);
	r = ca_site_ask(ca, "/scep", "operation=GetNextCACert",
		(struct slice){ .n = 0 }, false);
	assert_int_equal(r.status, 200);
	assert_int_equal(ossl_read(&cms, bytes_slice(&r.body),
				 ASN1_ITEM_rptr(CMS_ContentInfo)),
		0);
	assert_int_equal(CMS_verify(cms, NULL, NULL, NULL, out,
				 CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY),
		1);
	n = BIO_get_mem_data(out, &q);
	assert_int_equal(ossl_unbox(slice_of(q, (size_t)n), &certs, NULL), 0);
	assert_int_equal(X509_cmp(sk_X509_value(certs, 0), ca->next.crt), 0);
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(cms);
	BIO_free(out);
	scep_response_free(&r);
	ca_close(ca);
}

/* A request as a client would make it, in parts that a test turns. */
struct forged {
	enum scep_type type;
	const EVP_MD *md;
	const EVP_CIPHER *cipher;
	bool other_reader; /* encrypted to somebody else */
	bool other_key; /* wrapped by a key that is not the request's */
	size_t flip; /* turns this byte from the end; 0: none */
};

static X509 *self_signed(EVP_PKEY *key)
{
	X509 *crt = X509_new();
	X509_NAME *name;
	char why[64];

	assert_int_equal(ossl_name(&name, "CN=x", why, sizeof(why)), 0);
	ASN1_INTEGER_set(X509_get_serialNumber(crt), 1);
	X509_set_subject_name(crt, name);
	X509_set_issuer_name(crt, name);
	X509_gmtime_adj(X509_getm_notBefore(crt), -100);
	X509_gmtime_adj(X509_getm_notAfter(crt), 100000);
	X509_set_pubkey(crt, key);
	assert_true(X509_sign(crt, key, EVP_sha256()) > 0);
	X509_NAME_free(name);
	return crt;
}

static struct bytes forge(struct ca *ca, const struct forged *f)
{
	struct bytes csr =
		ca_site_csr(&(struct ca_site_csr){ .subject = "CN=x" });
	char *pem = ca_site_key_pem(), why[CA_WHY];
	struct bytes out;
	EVP_PKEY *key;
	X509 *own;
	struct scep_out o = { .type = f->type,
		.transaction = "T",
		.md = f->md ? f->md : EVP_sha256(),
		.cipher = f->cipher ? f->cipher : EVP_aes_128_cbc() };

	assert_int_equal(ossl_pem_key(&key, slice_str(pem)), 0);
	if (f->other_key) {
		EVP_PKEY_free(key);
		key = EVP_RSA_gen(2048);
	}
	own = self_signed(key);
	scep_fresh_nonce(&o.sender);
	o.signer = own;
	o.key = key;
	o.reader = f->other_reader ? own : ca->own.crt;
	o.content = bytes_slice(&csr);
	if (scep_build(&out, &o, why) != 0)
		fail_msg("%s", why);
	if (f->flip > 0)
		out.p[out.n - f->flip] ^= 1;
	X509_free(own);
	EVP_PKEY_free(key);
	free(pem);
	bytes_free(&csr);
	return out;
}

static void forgeries(void **state)
{
	static const struct {
		const char *name, *says;
		int http;
		enum scep_status status;
		struct forged f;
	} rows[] = {
		{ "good", "", 200, SCEP_PENDING, { .type = SCEP_PKCS_REQ } },
		{ "signature", "signature", 400, 0,
			{ .type = SCEP_PKCS_REQ, .flip = 1 } },
		{ "SHA-1", "SHA-256 is wanted", 400, 0,
			{ .type = SCEP_PKCS_REQ, .md = NULL } },
		{ "3DES", "AES is wanted", 200, SCEP_FAILURE,
			{ .type = SCEP_PKCS_REQ } },
		{ "other reader", "not encrypted for our key", 200,
			SCEP_FAILURE,
			{ .type = SCEP_PKCS_REQ, .other_reader = true } },
		{ "other key", "not signed with the key", 200, SCEP_FAILURE,
			{ .type = SCEP_PKCS_REQ, .other_key = true } },
		{ "answer", "an answer is no request", 200, SCEP_FAILURE,
			{ .type = SCEP_CERT_REP } },
		{ "poll for nothing", "no request", 200, SCEP_FAILURE,
			{ .type = SCEP_CERT_POLL, .other_key = true } },
		{ "certificate", "no such certificate", 200, SCEP_FAILURE,
			{ .type = SCEP_GET_CERT } },
		{ "CRL", "", 200, SCEP_SUCCESS, { .type = SCEP_GET_CRL } },
	};
	struct ca_params p = ca_site_params(ca_site_dir);
	struct ca *ca = ca_site_open(&p);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct forged f = rows[i].f;
		struct scep_response r;
		struct bytes message;
		struct scep_msg m;
		char why[CA_WHY];

		if (strcmp(rows[i].name, "SHA-1") == 0)
			f.md = EVP_sha1();
		if (strcmp(rows[i].name, "3DES") == 0)
			f.cipher = EVP_des_ede3_cbc();
		message = forge(ca, &f);
		r = ca_site_ask(ca, "/scep", "operation=PKIOperation",
			bytes_slice(&message), true);
		check_row(rows[i].name, r.status == rows[i].http);
		if (r.status != 200) {
			if (slice_search(bytes_slice(&r.body),
				    slice_str(rows[i].says)) >= r.body.n)
				fail_msg("%s: %.*s", rows[i].name,
					(int)r.body.n, (char *)r.body.p);
		} else {
			assert_int_equal(scep_parse(&m, bytes_slice(&r.body),
						 false, why),
				0);
			if (m.status != rows[i].status ||
				strstr(m.fail_text, rows[i].says) == NULL)
				fail_msg("%s: %d %s", rows[i].name, m.status,
					m.fail_text);
			scep_msg_free(&m);
		}
		scep_response_free(&r);
		bytes_free(&message);
	}
	ca_close(ca);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(odd_requests),
		SITE_TEST(next_certificate),
		SITE_TEST(forgeries),
	};

	return RUN_TESTS(tests);
}

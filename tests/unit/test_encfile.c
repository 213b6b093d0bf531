#include "test.h"
#include "vectors.h"

#include "phoneproxy/config/encfile.h"

static const struct row {
	const char *folder, *plain, *signer, *phone;
	enum digest digest;
	unsigned pad;
} rows[] = {
	{ "01-sha1", "plain-01", "ccmtftp", "phone-lsc-rsa", DIGEST_SHA1, 11 },
	{ "02-sha512-exact-block", "plain-02", "ccmtftp", "phone-lsc-rsa",
		DIGEST_SHA512, 16 },
	{ "03-sha512-one-pad", "plain-03", "tftp", "phone-mic", DIGEST_SHA512,
		1 },
};

static struct slice load(const char *folder, const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), "encrypted/%s%s", folder, file);
	return vector_load(path);
}

#define NAME "SEP001122334455.cnf.xml.enc.sgn"

/* Opened with the phone's key; with the same AES key made again the same. */
static void reads_and_writes_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *row = rows[i].folder;
		struct slice file = load(row, "/" NAME);
		struct slice plain = load(rows[i].plain, ".cnf.xml");
		struct signer s = pki_signer(rows[i].signer);
		gnutls_privkey_t phone = pki_key(rows[i].phone);
		struct encfile f;
		struct enckeys k = { 0 };
		struct text xml = { 0 }, again = { 0 };

		check_fault(row, encfile_read(&f, file), FAULT_NONE);
		check_fault(row, encfile_verify(&f, file, s.cert), FAULT_NONE);
		check_fault(row, encfile_decrypt(&xml, &f, unwrap_with, phone),
			FAULT_NONE);
		check_row(row, slice_eq(text_slice(&xml), plain));
		check_row(row, f.head.crypt.pad == rows[i].pad);
		assert_int_equal(
			unwrap_with(phone, f.head.crypt.key, k.aes), 0);
		memcpy(k.iv, f.head.crypt.iv.p, sizeof(k.iv));
		memcpy(k.wrapped, f.head.crypt.key.p, f.head.crypt.key.n);
		k.nwrapped = f.head.crypt.key.n;
		check_fault(row,
			encfile_write(&again, NAME, rows[i].digest,
				f.head.timestamp, &s, &k, plain),
			FAULT_NONE);
		check_row(row, slice_eq(text_slice(&again), file));
		enckeys_wipe(&k);
		text_free(&again);
		text_free(&xml);
		gnutls_privkey_deinit(phone);
		signer_free(&s);
		vector_free(plain);
		vector_free(file);
	}
}

static void makes_fresh_ones(void **state)
{
	(void)state;
	struct slice cert = pki_cert("phone-lsc-rsa");
	gnutls_privkey_t phone = pki_key("phone-lsc-rsa");
	gnutls_privkey_t other = pki_key("phone-mic");
	struct signer s = pki_signer("tftp");
	struct text one = { 0 }, two = { 0 }, xml = { 0 };
	struct enckeys k;
	struct encfile f;

	assert_int_equal(enckeys_fresh(&k, cert), FAULT_NONE);
	assert_int_equal(encfile_write(&one, NAME, DIGEST_SHA512, 7, &s, &k,
				 SLICE_LIT("<device/>")),
		FAULT_NONE);
	assert_int_equal(enckeys_fresh(&k, cert), FAULT_NONE);
	assert_int_equal(encfile_write(&two, NAME, DIGEST_SHA512, 7, &s, &k,
				 SLICE_LIT("<device/>")),
		FAULT_NONE);
	assert_false(slice_eq(text_slice(&one), text_slice(&two)));
	assert_int_equal(encfile_read(&f, text_slice(&two)), FAULT_NONE);
	assert_int_equal(
		encfile_decrypt(&xml, &f, unwrap_with, phone), FAULT_NONE);
	assert_true(slice_eq_str(text_slice(&xml), "<device/>"));
	assert_int_not_equal(
		encfile_decrypt(&xml, &f, unwrap_with, other), FAULT_NONE);
	text_free(&one);
	text_free(&two);
	text_free(&xml);
	signer_free(&s);
	gnutls_privkey_deinit(phone);
	gnutls_privkey_deinit(other);
	vector_free(cert);
}

static void refuses(void **state)
{
	(void)state;
	struct slice ec = pki_cert("phone-lsc-ec");
	struct slice file = load("01-sha1", "/" NAME);
	struct slice sgn = load("01-sha1", "/SEP001122334455.cnf.xml.sgn");
	struct slice tftp = pki_cert("tftp"), cert = pki_cert("ccmtftp");
	gnutls_privkey_t phone = pki_key("phone-lsc-rsa");
	struct enckeys k;
	struct encfile f;
	struct text xml = { 0 };

	assert_int_equal(enckeys_fresh(&k, ec), FAULT_KEY_KIND);
	assert_int_equal(encfile_read(&f, sgn), FAULT_VERSION);
	assert_int_equal(encfile_read(&f, file), FAULT_NONE);
	assert_int_equal(encfile_verify(&f, file, tftp), FAULT_SIGNER_UNKNOWN);
	f.head.crypt.pad = 12; /* one byte of text less */
	assert_int_equal(encfile_decrypt(&xml, &f, unwrap_with, phone),
		FAULT_PLAIN_DIGEST);
	f.head.crypt.pad = 17;
	assert_int_equal(encfile_decrypt(&xml, &f, unwrap_with, phone),
		FAULT_CIPHERTEXT);
	assert_int_equal(
		encfile_read(&f, slice_head(file, file.n - 1)), FAULT_NONE);
	assert_int_equal(encfile_verify(&f, slice_head(file, file.n - 1), cert),
		FAULT_CONTENT);
	assert_int_equal(encfile_decrypt(&xml, &f, unwrap_with, phone),
		FAULT_CIPHERTEXT);
	assert_int_equal(xml.n, 0);
	gnutls_privkey_deinit(phone);
	vector_free(cert);
	vector_free(tftp);
	vector_free(sgn);
	vector_free(file);
	vector_free(ec);
}

static enum fault judge(struct slice file, struct slice cert)
{
	struct encfile f;
	enum fault fault = encfile_read(&f, file);

	return fault != FAULT_NONE ? fault : encfile_verify(&f, file, cert);
}

static void refuses_every_cut_and_flip(void **state)
{
	(void)state;
	struct slice file = load("01-sha1", "/" NAME);
	struct slice cert = pki_cert("ccmtftp");

	refuses_cut_and_flip(judge, file, cert);
	vector_free(cert);
	vector_free(file);
}

static void hashes_certificates(void **state)
{
	(void)state;
	struct slice cert = pki_cert("phone-lsc-rsa");
	char hash[CERT_HASH_TEXT];

	cert_hash(cert, hash);
	assert_string_equal(hash, "df7d66b1e63b7ac8d79dfc562e6b6856");
	vector_free(cert);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_and_writes_all),
		T(makes_fresh_ones),
		T(refuses),
		T(refuses_every_cut_and_flip),
		T(hashes_certificates),
	};

	return RUN_TESTS(tests);
}

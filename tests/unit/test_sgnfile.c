#include "test.h"
#include "vectors.h"

#include "phoneproxy/signed/sgnfile.h"

static struct slice load(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "signed/%s", name);
	return vector_load(path);
}

/* Each verifies, strips to its payload, and is made again byte for byte. */
static void reads_and_writes_all(void **state)
{
	(void)state;
	static const struct {
		const char *file, *payload, *signer, *name;
		enum digest digest;
	} rows[] = {
		{ "01-sha1.sgn", "SEP001122334455.cnf.xml", "ccmtftp",
			"SEP001122334455.cnf.xml.sgn", DIGEST_SHA1 },
		{ "02-sha512.sgn", "SEP001122334455.cnf.xml", "ccmtftp",
			"SEP001122334455.cnf.xml.sgn", DIGEST_SHA512 },
		{ "03-sha512-tftp.sgn", "SEP001122334455.cnf.xml", "tftp",
			"SEP001122334455.cnf.xml.sgn", DIGEST_SHA512 },
		{ "04-path-in-name.sgn", "g3-tones.xml", "ccmtftp",
			"New_Zealand/g3-tones.xml.sgn", DIGEST_SHA1 },
		{ "05-empty-payload.sgn", "empty.xml", "tftp", "empty.xml.sgn",
			DIGEST_SHA1 },
		{ "06-binary-payload.sgn", "binary.raw", "tftp",
			"binary.raw.sgn", DIGEST_SHA512 },
		{ "07-rsa1024.sgn", "g3-tones.xml", "sast-rsa1024",
			"g3-tones.xml.sgn", DIGEST_SHA1 },
		{ "08-rsa4096.sgn", "g3-tones.xml", "sast-rsa4096",
			"g3-tones.xml.sgn", DIGEST_SHA512 },
		{ "pads-0.sgn", "g3-tones.xml", "tftp", NULL, DIGEST_SHA1 },
		{ "pads-1.sgn", "g3-tones.xml", "tftp", NULL, DIGEST_SHA1 },
		{ "pads-2.sgn", "g3-tones.xml", "tftp", NULL, DIGEST_SHA1 },
		{ "pads-3.sgn", "g3-tones.xml", "tftp", NULL, DIGEST_SHA1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *row = rows[i].file;
		struct slice file = load(row), payload = load(rows[i].payload);
		struct signer s = pki_signer(rows[i].signer);
		struct sgnfile f;
		struct text out = { 0 };

		check_fault(row, sgnfile_read(&f, file), FAULT_NONE);
		check_fault(row, sgnfile_verify(&f, file, s.cert), FAULT_NONE);
		check_row(row, slice_eq(f.payload, payload));
		check_row(row, f.head.digest == rows[i].digest);
		check_row(row,
			rows[i].name == NULL ||
				slice_eq_str(f.head.file_name, rows[i].name));
		char *name = slice_dup(f.head.file_name);

		check_fault(row,
			sgnfile_write(&out, name, rows[i].digest,
				f.head.timestamp, &s, payload),
			FAULT_NONE);
		check_row(row, slice_eq(text_slice(&out), file));
		free(name);
		text_free(&out);
		signer_free(&s);
		vector_free(payload);
		vector_free(file);
	}
}

static enum fault judge(struct slice file, struct slice cert)
{
	struct sgnfile f;
	enum fault fault = sgnfile_read(&f, file);

	return fault != FAULT_NONE ? fault : sgnfile_verify(&f, file, cert);
}

static void refuses_damage(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		enum fault fault;
	} rows[] = {
		{ "bad-01-payload-byte-flipped.sgn", FAULT_CONTENT },
		{ "bad-02-timestamp-changed.sgn", FAULT_CONTENT },
		{ "bad-03-payload-appended.sgn", FAULT_CONTENT },
		{ "bad-04-payload-cut.sgn", FAULT_CONTENT },
		{ "bad-05-digest-code-lowered-to-sha1.sgn", FAULT_DIGEST_INFO },
		{ "bad-06-digest-code-2.sgn", FAULT_DIGEST },
		{ "bad-07-header-only-cut.sgn", FAULT_HEADER_CUT },
		{ "bad-08-signature-without-digestinfo.sgn",
			FAULT_NO_DIGEST_INFO },
		{ "bad-09-digestinfo-without-null.sgn", FAULT_DIGEST_INFO },
		{ "bad-10-short-padding-trailing-garbage.sgn", FAULT_PADDING },
	};
	struct slice cert = pki_cert("ccmtftp");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice file = load(rows[i].file);

		check_fault(rows[i].file, judge(file, cert), rows[i].fault);
		vector_free(file);
	}
	vector_free(cert);
}

static void refuses_other_signers(void **state)
{
	(void)state;
	struct slice file = load("01-sha1.sgn"), cert = pki_cert("tftp");

	check_fault("tftp", judge(file, cert), FAULT_SIGNER_UNKNOWN);
	vector_free(cert);
	vector_free(file);
}

static void refuses_every_cut_and_flip(void **state)
{
	(void)state;
	struct slice file = load("07-rsa1024.sgn");
	struct slice cert = pki_cert("sast-rsa1024");

	refuses_cut_and_flip(judge, file, cert);
	vector_free(cert);
	vector_free(file);
}

static void refuses_to_write(void **state)
{
	(void)state;
	char longname[FILE_NAME_MAX + 2];
	static const struct {
		const char *row, *signer, *name;
		enum digest d;
		enum fault fault;
	} rows[] = {
		{ "EC", "tftp-ec", "a.sgn", DIGEST_SHA1, FAULT_KEY_KIND },
		{ "3072", "sast-rsa3072", "a.sgn", DIGEST_SHA1,
			FAULT_KEY_KIND },
		{ "SHA-256", "tftp", "a.sgn", DIGEST_SHA256, FAULT_DIGEST },
		{ "no name", "tftp", "", DIGEST_SHA1, FAULT_NAME },
		{ "long name", "tftp", NULL, DIGEST_SHA1, FAULT_NAME },
	};

	memset(longname, 'a', sizeof(longname) - 1);
	longname[sizeof(longname) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct signer s = pki_signer(rows[i].signer);
		struct text out = { 0 };

		check_fault(rows[i].row,
			sgnfile_write(&out,
				rows[i].name ? rows[i].name : longname,
				rows[i].d, 1, &s, SLICE_LIT("x")),
			rows[i].fault);
		check_row(rows[i].row, out.n == 0);
		signer_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_and_writes_all),
		T(refuses_damage),
		T(refuses_other_signers),
		T(refuses_every_cut_and_flip),
		T(refuses_to_write),
	};

	return RUN_TESTS(tests);
}

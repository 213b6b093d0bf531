#include "test.h"
#include "vectors.h"

#include "phoneproxy/signed/ctl.h"

enum { ENTRIES_MAX = 10 };

static const struct list {
	const char *file;
	enum digest digest;
	uint8_t minor; /* of the signer version */
	const char *entries; /* "ROLE certificate", the first signs */
} lists[] = {
	{ "ctl-01-sha1-v10", DIGEST_SHA1, 0,
		"0 sast1,0 sast2,2 ccmtftp,4 capf" },
	{ "ctl-02-sha512-v11-all-roles", DIGEST_SHA512, 1,
		"0 sast1,0 sast2,1 ccm,1 ccm-issued,3 tftp,3 tftp-ec,"
		"2 ccmtftp,4 capf,7 app,21 tvs" },
	{ "ctl-03-signed-by-sast2", DIGEST_SHA1, 0,
		"0 sast2,0 sast1,2 ccmtftp,4 capf" },
	{ "ctl-04-signed-by-stranger", DIGEST_SHA1, 0,
		"0 sast3-stranger,0 sast2,2 ccmtftp,4 capf" },
	{ "ctl-05-rsa1024", DIGEST_SHA1, 0, "0 sast-rsa1024,2 ccmtftp" },
	{ "ctl-06-rsa4096", DIGEST_SHA512, 1, "0 sast-rsa4096,2 ccmtftp" },
	{ "itl-01-sha512-v11", DIGEST_SHA512, 1,
		"0 sast1,2 ccmtftp,21 tvs,4 capf,3 tftp-ec" },
	{ "itl-02-sha1-v10", DIGEST_SHA1, 0, "0 sast1,1 ccm" },
	{ "pads-0", DIGEST_SHA1, 0, "0 sast1,4 capf" },
	{ "pads-1", DIGEST_SHA1, 0, "0 sast1,4 capf" },
	{ "pads-2", DIGEST_SHA1, 0, "0 sast1,4 capf" },
	{ "pads-3", DIGEST_SHA1, 0, "0 sast1,4 capf" },
};

static struct slice list_load(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "trust-list/%s.tlv", name);
	return vector_load(path);
}

struct made {
	struct ctl_entry entry[ENTRIES_MAX];
	size_t n;
	struct signer signer;
};

static void make(struct made *m, const char *entries)
{
	struct slice rest = slice_str(entries), item, word;

	*m = (struct made){ 0 };
	while (slice_cut(&rest, ',', &item)) {
		uint64_t role;

		assert_true(slice_word(&item, &word));
		assert_int_equal(slice_uint(word, 255, &role), 0);
		char *name = slice_dup(slice_trim(item));

		if (m->n == 0)
			m->signer = pki_signer(name);
		m->entry[m->n].role = (enum role)role;
		m->entry[m->n++].cert = pki_cert(name);
		free(name);
	}
}

static void unmake(struct made *m)
{
	for (size_t i = 0; i < m->n; i++)
		vector_free(m->entry[i].cert);
	signer_free(&m->signer);
}

/* Each is read as described, verifies, and is written again byte for byte. */
static void reads_and_writes_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct list *l = &lists[i];
		struct slice file = list_load(l->file);
		struct made m;
		struct ctl c;
		size_t signer = 99;
		struct text out = { 0 };

		make(&m, l->entries);
		check_fault(l->file, ctl_read(&c, file), FAULT_NONE);
		check_fault(l->file, ctl_verify(&c, &signer), FAULT_NONE);
		check_fault(l->file, ctl_check_sasts(&c), FAULT_NONE);
		check_row(l->file, signer == 0 && c.nrecords == m.n);
		check_row(l->file, c.head.digest == l->digest);
		check_row(l->file, c.head.signer_version[1] == l->minor);
		check_row(l->file,
			ctl_is_itl(&c) == (strncmp(l->file, "itl", 3) == 0));
		for (size_t k = 0; k < m.n; k++)
			check_row(
				l->file, c.record[k].role == m.entry[k].role &&
						 slice_eq(c.record[k].cert,
							 m.entry[k].cert));
		char *name = slice_dup(c.head.file_name);
		struct ctl_new p = { .file_name = name,
			.digest = l->digest,
			.signer_version = c.head.signer_version,
			.timestamp = c.head.timestamp,
			.entry = m.entry,
			.nentries = m.n };

		check_fault(
			l->file, ctl_write(&out, &p, &m.signer), FAULT_NONE);
		check_row(l->file, slice_eq(text_slice(&out), file));
		text_free(&out);
		free(name);
		ctl_free(&c);
		unmake(&m);
		vector_free(file);
	}
}

/* Cisco's order of items, its style of names, a record without certificate. */
static void reads_cisco_layout(void **state)
{
	(void)state;
	struct slice file = list_load("ctl-07-cisco-layout");
	struct ctl c;

	assert_int_equal(ctl_read(&c, file), FAULT_NONE);
	assert_int_equal(ctl_verify(&c, NULL), FAULT_NONE);
	assert_int_equal(ctl_check_sasts(&c), FAULT_NONE);
	assert_false(c.head.has_signer_version);
	assert_int_equal(c.nrecords, 5);
	assert_true(slice_eq_str(
		c.head.signer, "CN=SAST1;OU=Voice;O=Example Corp"));
	assert_true(slice_eq_str(c.record[2].dns, "cm1.example.net"));
	assert_true(slice_eq(c.record[2].ip4, SLICE_LIT("\xc0\x00\x02\x0a")));
	assert_int_equal(c.record[4].cert.n, 0);
	assert_int_equal(c.record[4].role, ROLE_CCM_TFTP);
	ctl_free(&c);
	vector_free(file);
}

static enum fault judge(struct slice file)
{
	struct ctl c;
	enum fault fault = ctl_read(&c, file);

	if (fault != FAULT_NONE)
		return fault;
	fault = ctl_verify(&c, NULL);
	ctl_free(&c);
	return fault;
}

static void refuses_damage(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		enum fault fault;
	} rows[] = {
		{ "bad-01-record-byte-flipped", FAULT_CONTENT },
		{ "bad-02-signature-byte-flipped", FAULT_SIGNATURE },
		{ "bad-03-header-length-changed", FAULT_HEADER_LENGTH },
		{ "bad-04-truncated-last-record", FAULT_RECORD_CUT },
		{ "bad-05-record-length-huge", FAULT_RECORD_BEYOND },
		{ "bad-06-signer-record-missing", FAULT_SIGNER_UNKNOWN },
		{ "bad-07-tlv-past-record-end", FAULT_RECORD_ITEM },
		{ "bad-08-trailing-bytes", FAULT_TRAILING },
		{ "bad-09-header-length-past-file", FAULT_HEADER_BEYOND },
		{ "bad-10-truncated-in-header", FAULT_HEADER_CUT },
		{ "bad-11-record-length-zero", FAULT_RECORD_SHORT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice file = list_load(rows[i].file);

		check_fault(rows[i].file, judge(file), rows[i].fault);
		vector_free(file);
	}
}

/*
 * However it is cut, nothing beyond the end is read, and nothing verifies: a
 * cut between records included.
 */
static void refuses_every_cut(void **state)
{
	(void)state;
	struct slice file = list_load("ctl-01-sha1-v10");

	for (size_t n = 0; n < file.n; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, file.p, n);
		if (judge(slice_of(copy, n)) == FAULT_NONE)
			fail_msg("a list cut to %zu bytes was taken", n);
		free(copy);
	}
	vector_free(file);
}

/* The signature covers each byte but those of its own head. */
static void refuses_every_flip(void **state)
{
	(void)state;
	struct slice file = list_load("ctl-05-rsa1024");
	char *copy = malloc(file.n);

	memcpy(copy, file.p, file.n);
	for (size_t i = 0; i < file.n; i++) {
		copy[i] = (char)(copy[i] ^ 0x10);
		if (judge(slice_of(copy, file.n)) == FAULT_NONE)
			fail_msg("byte %zu changed and not seen", i);
		copy[i] = file.p[i];
	}
	free(copy);
	vector_free(file);
}

static enum fault write_list(
	const char *entries, const char *signer, enum digest d)
{
	struct made m;
	struct text out = { 0 };
	enum fault fault;

	make(&m, entries);
	signer_free(&m.signer);
	m.signer = pki_signer(signer);
	struct ctl_new p = { .file_name = "CTLFile.tlv",
		.digest = d,
		.timestamp = 1795204580,
		.entry = m.entry,
		.nentries = m.n };

	fault = ctl_write(&out, &p, &m.signer);
	assert_true((fault == FAULT_NONE) == (out.n > 0));
	text_free(&out);
	unmake(&m);
	return fault;
}

static void writes_by_the_rules(void **state)
{
	(void)state;
	static const struct {
		const char *name, *entries, *signer;
		enum digest d;
		enum fault fault;
	} rows[] = {
		{ "either SAST signs", "0 sast1,0 sast2", "sast2",
			DIGEST_SHA512, FAULT_NONE },
		{ "EC record", "0 sast1,3 tftp-ec", "sast1", DIGEST_SHA1,
			FAULT_NONE },
		{ "no SAST", "2 ccmtftp", "ccmtftp", DIGEST_SHA1,
			FAULT_SIGNER_NOT_SAST },
		{ "a stranger signs", "0 sast1,0 sast2", "sast3-stranger",
			DIGEST_SHA1, FAULT_SIGNER_NOT_SAST },
		{ "three SASTs", "0 sast1,0 sast2,0 sast3-stranger", "sast1",
			DIGEST_SHA1, FAULT_MANY_SAST },
		{ "one SAST twice", "0 sast1,0 sast1", "sast1", DIGEST_SHA1,
			FAULT_SAME_SAST },
		{ "a modulus without code", "0 sast-rsa3072", "sast-rsa3072",
			DIGEST_SHA1, FAULT_KEY_KIND },
		{ "an EC signer", "0 tftp-ec", "tftp-ec", DIGEST_SHA1,
			FAULT_KEY_KIND },
		{ "SHA-256", "0 sast1", "sast1", DIGEST_SHA256, FAULT_DIGEST },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_fault(rows[i].name,
			write_list(rows[i].entries, rows[i].signer, rows[i].d),
			rows[i].fault);
}

/* A key that is not the certificate's is noticed before phones notice it. */
static void refuses_foreign_key(void **state)
{
	(void)state;
	struct made m;
	struct text out = { 0 };

	make(&m, "0 sast1");
	gnutls_privkey_deinit(m.signer.arg);
	m.signer.arg = pki_key("sast2");
	struct ctl_new p = { .file_name = "CTLFile.tlv",
		.digest = DIGEST_SHA1,
		.entry = m.entry,
		.nentries = m.n };

	check_fault("key", ctl_write(&out, &p, &m.signer), FAULT_SIGNATURE);
	assert_int_equal(out.n, 0);
	unmake(&m);
}

static void plans(void **state)
{
	(void)state;
	static const struct {
		const char *name, *ctl, *itl, *next;
		enum ctl_verdict verdict;
	} rows[] = {
		{ "new phone", NULL, NULL, "ctl-04-signed-by-stranger",
			CTL_FIRST },
		{ "same again", "ctl-01-sha1-v10", NULL, "ctl-01-sha1-v10",
			CTL_UNCHANGED },
		{ "SAST2 signs", "ctl-01-sha1-v10", NULL,
			"ctl-03-signed-by-sast2", CTL_ACCEPTED },
		{ "and back", "ctl-03-signed-by-sast2", NULL, "ctl-01-sha1-v10",
			CTL_ACCEPTED },
		{ "over Cisco's layout", "ctl-07-cisco-layout", NULL,
			"ctl-01-sha1-v10", CTL_ACCEPTED },
		{ "a stranger", "ctl-01-sha1-v10", NULL,
			"ctl-04-signed-by-stranger", CTL_NEEDS_RESET },
		{ "a stranger, and TVS", "ctl-02-sha512-v11-all-roles", NULL,
			"ctl-04-signed-by-stranger", CTL_NEEDS_TVS },
		{ "TVS of the ITL", "ctl-01-sha1-v10", "itl-01-sha512-v11",
			"ctl-04-signed-by-stranger", CTL_NEEDS_TVS },
		{ "ITL judged by CTL", "ctl-05-rsa1024", "itl-01-sha512-v11",
			"itl-02-sha1-v10", CTL_NEEDS_TVS },
		{ "ITL alone", NULL, "itl-02-sha1-v10", "itl-01-sha512-v11",
			CTL_ACCEPTED },
		{ "damaged", "ctl-01-sha1-v10", NULL,
			"bad-01-record-byte-flipped", CTL_BROKEN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *names[3] = { rows[i].ctl, rows[i].itl,
			rows[i].next };
		struct slice file[3] = { 0 };
		struct ctl c[3] = { 0 };

		for (size_t k = 0; k < 3; k++)
			if (names[k] != NULL) {
				file[k] = list_load(names[k]);
				assert_int_equal(
					ctl_read(&c[k], file[k]), FAULT_NONE);
			}
		enum ctl_verdict v = ctl_plan(names[0] ? &c[0] : NULL,
			names[1] ? &c[1] : NULL, &c[2]);

		if (v != rows[i].verdict)
			fail_msg("%s: %s, not %s", rows[i].name,
				ctl_verdict_name(v),
				ctl_verdict_name(rows[i].verdict));
		for (size_t k = 0; k < 3; k++) {
			ctl_free(&c[k]);
			vector_free(file[k]);
		}
	}
}

static void names_roles_and_faults(void **state)
{
	(void)state;
	assert_string_equal(role_name(ROLE_CCM_TFTP), "CCM+TFTP");
	assert_string_equal(role_name(99), "unknown");
	for (enum fault f = FAULT_NONE; f < FAULTS; f++) {
		assert_non_null(fault_name(f));
		assert_non_null(fault_text(f));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_and_writes_all),
		T(reads_cisco_layout),
		T(refuses_damage),
		T(refuses_every_cut),
		T(refuses_every_flip),
		T(writes_by_the_rules),
		T(refuses_foreign_key),
		T(plans),
		T(names_roles_and_faults),
	};

	return RUN_TESTS(tests);
}

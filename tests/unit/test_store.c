/* Keys and certificates in the state directory, and enrolments over them. */
#include "test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"
#include "certs/enrol/obtain.h"
#include "certs/enrol/request.h"
#include "certs/store/pemfile.h"
#include "certs/store/trustpoint.h"
#include "pki.h"

static struct pki_cert *root;
static char *dir;
static struct conf_trustpoint tp;

static int setup(void **state)
{
	(void)state;
	root = pki_make(&(struct pki_spec){ .cn = "Root", .ca = true });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_free(root);
	return 0;
}

static int fresh(void **state)
{
	(void)state;
	dir = pki_dir();
	tp = (struct conf_trustpoint){ .pos = { 3, 1 },
		.name = mem_dup("EDGE"),
		.state_directory = mem_printf("%s/state", dir),
		.hostname = mem_dup("edge.example.com"),
		.enrollment = CONF_ENROLL_SCEP,
		.url = mem_dup("http://ca.example"),
		.key_kind = CONF_KEY_EC };
	return 0;
}

static int gone(void **state)
{
	char *rm = mem_printf("rm -rf '%s/state'", dir);

	(void)state;
	/* Made by this test. NOLINTNEXTLINE(cert-env33-c) */
	assert_int_equal(system(rm), 0);
	free(rm);
	pki_dir_free(dir);
	free(tp.name);
	free(tp.state_directory);
	free(tp.hostname);
	free(tp.url);
	free(tp.master_key_file);
	return 0;
}

static struct store *opened(void)
{
	struct store *s;
	char *why;
	int err = store_open(&s, &tp, true, &why);

	if (err != 0)
		fail_msg("%s", why);
	assert_int_equal(store_lock(s, &why), 0);
	return s;
}

static void nothing_is_made_by_looking(void **state)
{
	struct store *s;
	char *why;

	(void)state;
	assert_int_equal(store_open(&s, &tp, false, &why), ENOENT);
	assert_null(why);
	assert_int_not_equal(access(tp.state_directory, F_OK), 0);
}

static void keys_are_private(void **state)
{
	struct store *s = opened();
	struct keystore *k, *again;
	struct stat st;
	char *why = NULL, *path;
	char hex[65];

	(void)state;
	assert_int_equal(store_key_current(s, "EDGE", &k, &why), ENOENT);
	assert_int_equal(obtain_key(s, &tp, &k, &why), 0);
	assert_int_equal(obtain_key(s, &tp, &again, &why), 0);
	assert_memory_equal(keystore_id(k), keystore_id(again), KEYSTORE_ID);
	obj_unref(again);
	hex_encode(keystore_id(k), KEYSTORE_ID, hex);
	path = mem_printf("%s/pki/keys/EDGE.%s.key", tp.state_directory, hex);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(store_key_remove(s, "EDGE", &why), 0);
	assert_int_not_equal(stat(path, &st), 0);
	assert_int_equal(store_key_remove(s, "EDGE", &why), ENOENT);
	free(why);
	free(path);
	obj_unref(k);
	store_close(s);
}

static char *read_file(const char *path)
{
	char *text = mem_new(65536);
	FILE *f = fopen(path, "re");

	if (f != NULL) {
		assert_true(fread(text, 1, 65535, f) > 0);
		fclose(f);
	}
	return text;
}

static void sealed_keys_open_with_the_master(void **state)
{
	char *master = pki_write_text(dir, "master",
		"000102030405060708090a0b0c0d0e0f"
		"101112131415161718191a1b1c1d1e1f\n");
	char *other = pki_write_text(dir, "other",
		"ff0102030405060708090a0b0c0d0e0f"
		"101112131415161718191a1b1c1d1e1f\n");
	struct store *s = opened();
	struct keystore *k, *back;
	char *why = NULL, *path, *text;
	char hex[65];
	size_t n;

	(void)state;
	assert_int_equal(obtain_key(s, &tp, &k, &why), 0);
	hex_encode(keystore_id(k), KEYSTORE_ID, hex);
	path = mem_printf("%s/pki/keys/EDGE.%s.key", tp.state_directory, hex);
	text = read_file(path);
	assert_non_null(strstr(text, "BEGIN PRIVATE KEY"));
	free(text);
	store_close(s);

	tp.master_key_file = mem_dup(master);
	s = opened();
	assert_int_equal(store_key_reseal(s, &n, &why), 0);
	assert_int_equal(n, 1);
	text = read_file(path);
	assert_null(strstr(text, "PRIVATE"));
	assert_true(slice_starts(slice_str(text), "# lineside sealed key\n"));
	free(text);
	assert_int_equal(store_key_current(s, "EDGE", &back, &why), 0);
	assert_memory_equal(keystore_id(k), keystore_id(back), KEYSTORE_ID);
	obj_unref(back);
	store_close(s);

	free(tp.master_key_file);
	tp.master_key_file = mem_dup(other);
	s = opened();
	assert_int_equal(store_key_current(s, "EDGE", &back, &why), EACCES);
	assert_non_null(strstr(why, "another master key"));
	store_close(s);
	free(why);
	why = NULL;

	free(tp.master_key_file);
	tp.master_key_file = NULL;
	s = opened();
	assert_int_equal(store_key_current(s, "EDGE", &back, &why), EACCES);
	assert_non_null(strstr(why, "no 'pki master-key'"));
	store_close(s);
	free(why);
	free(path);
	obj_unref(k);
	free(master);
	free(other);
}

/* "exportable" is part of what the seal protects. */
static void the_mark_cannot_be_forged(void **state)
{
	struct secret master = { .n = KEYSTORE_MASTER };
	struct keystore *k, *back = NULL;
	char *text, *forged, *why = NULL, *out;

	(void)state;
	assert_int_equal(keystore_generate(&k, CONF_KEY_EC, 0, false), 0);
	assert_int_equal(keystore_seal(k, &master, &text), 0);
	forged = mem_printf(
		"# lineside sealed key, exportable%s", strchr(text, '\n'));
	assert_int_equal(
		keystore_unseal(&back, slice_str(forged), &master, &why),
		EACCES);
	assert_null(back);
	free(why);
	assert_int_equal(keystore_export(k, "secret", &out), EACCES);
	keystore_set_exportable(k, true);
	free(text);
	assert_int_equal(keystore_seal(k, &master, &text), 0);
	assert_int_equal(
		keystore_unseal(&back, slice_str(text), &master, &why), 0);
	assert_true(keystore_exportable(back));
	assert_int_equal(keystore_export(back, "secret", &out), 0);
	assert_non_null(strstr(out, "BEGIN ENCRYPTED PRIVATE KEY"));
	obj_unref(back);
	assert_int_not_equal(
		keystore_parse(&back, slice_str(out), NULL, &why), 0);
	assert_non_null(strstr(why, "--password-file"));
	free(why);
	assert_int_equal(
		keystore_parse(&back, slice_str(out), "secret", &why), 0);
	assert_memory_equal(keystore_id(k), keystore_id(back), KEYSTORE_ID);
	obj_unref(back);
	obj_unref(k);
	free(out);
	free(text);
	free(forged);
}

/* ---- enrolment, with an authority that is a function ---- */

static enum enroll_outcome answer_with;
static unsigned asked;
static bool with_old, polled;
static int lifetime_days;

static void certify(struct enroll_result *out, const struct enroll_params *p)
{
	gnutls_datum_t der = { .data = (void *)(uintptr_t)p->csr.p,
		.size = (unsigned)p->csr.n };
	gnutls_datum_t made = { 0 };
	gnutls_x509_crq_t crq;
	gnutls_x509_crt_t crt;
	uint8_t serial[] = { 1, (uint8_t)asked };

	assert_int_equal(gnutls_x509_crq_init(&crq), 0);
	assert_int_equal(
		gnutls_x509_crq_import(crq, &der, GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crq_verify(crq, 0), 0);
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_set_crq(crt, crq), 0);
	assert_int_equal(gnutls_x509_crt_set_crq_extensions(crt, crq), 0);
	assert_int_equal(gnutls_x509_crt_set_version(crt, 3), 0);
	assert_int_equal(
		gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)), 0);
	gnutls_x509_crt_set_activation_time(crt, time(NULL) - 60);
	gnutls_x509_crt_set_expiration_time(
		crt, time(NULL) + lifetime_days * 86400LL);
	assert_int_equal(gnutls_x509_crt_sign2(crt, root->crt, root->key,
				 GNUTLS_DIG_SHA256, 0),
		0);
	assert_int_equal(
		gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &made), 0);
	out->cert = mem_new(made.size);
	out->cert_len = made.size;
	memcpy(out->cert, made.data, made.size);
	out->issuers = pki_pem_cert(root);
	gnutls_free(made.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_crq_deinit(crq);
}

static void authority(struct enroll_result *out, const struct enroll_params *p)
{
	*out = (struct enroll_result){ .outcome = answer_with };
	asked++;
	with_old = p->old_cert.n > 0;
	polled = p->transaction != NULL;
	if (answer_with == ENROLL_GRANTED)
		certify(out, p);
	else
		snprintf(out->text, sizeof(out->text), "so it is");
	if (answer_with == ENROLL_PENDING)
		snprintf(out->transaction, sizeof(out->transaction), "T1");
}

static struct obtain_result step(enum enroll_outcome with, bool renew)
{
	struct obtain_params p = {
		.c = &tp, .enroll = authority, .now = time(NULL), .renew = renew
	};
	struct obtain_result r;

	answer_with = with;
	obtain(&r, &p);
	return r;
}

static void authenticate(void)
{
	struct store *s = opened();
	char *why = NULL;

	assert_int_equal(
		store_set_certs(s, tp.name, STORE_ANCHORS, &root->crt, 1, &why),
		0);
	store_close(s);
}

static struct trustpoint *loaded(void)
{
	struct conf_errs errs = { 0 };
	struct trustpoint *t;

	assert_int_equal(trustpoint_load(&t, &tp, &errs), 0);
	conf_errs_print(&errs, "t", stderr);
	conf_errs_free(&errs);
	return t;
}

static size_t count_keys(void)
{
	char *ls = mem_printf(
		"ls '%s/pki/keys' | grep -c '[.]key$'", tp.state_directory);
	FILE *f = popen(ls, "r"); /* NOLINT(cert-env33-c) */
	unsigned n = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%u", &n), 1);
	pclose(f);
	free(ls);
	return n;
}

static void enrolment_comes_to_an_end(void **state)
{
	struct obtain_result r;
	struct trustpoint *t;
	struct cert_info *info;
	size_t n;

	(void)state;
	lifetime_days = 9;
	r = step(ENROLL_GRANTED, false);
	assert_int_equal(r.outcome, OBTAIN_FAILED);
	assert_non_null(strstr(r.text, "lineside pki authenticate EDGE"));
	authenticate();
	r = step(ENROLL_FAILED, false);
	assert_int_equal(r.outcome, OBTAIN_FAILED);
	assert_string_equal(r.text, "so it is");
	r = step(ENROLL_PENDING, false);
	assert_int_equal(r.outcome, OBTAIN_PENDING);
	assert_false(polled);
	t = loaded(); /* the daemon may start meanwhile */
	assert_false(trustpoint_has_key(t));
	obj_unref(t);
	r = step(ENROLL_GRANTED, false);
	assert_true(polled);
	assert_int_equal(r.outcome, OBTAIN_DONE);
	assert_int_equal(count_keys(), 1);
	t = loaded();
	assert_true(trustpoint_has_key(t));
	info = trustpoint_certs(t, &n);
	assert_int_equal(n, 2);
	assert_string_equal(info[0].subject, "CN=edge.example.com");
	assert_string_equal(info[0].key, "EC P-256");
	cert_info_free(info, n);
	obj_unref(t);
}

static void renewal_replaces(void **state)
{
	struct trustpoint *before, *after;

	(void)state;
	lifetime_days = 9;
	authenticate();
	assert_int_equal(step(ENROLL_GRANTED, false).outcome, OBTAIN_DONE);
	assert_false(with_old);
	before = loaded();
	lifetime_days = 20;
	tp.regenerate = true;
	assert_int_equal(step(ENROLL_PENDING, true).outcome, OBTAIN_PENDING);
	assert_true(with_old);
	assert_int_equal(count_keys(), 2); /* the old one serves until then */
	after = loaded();
	assert_true(trustpoint_equal(before, after));
	obj_unref(after);
	assert_int_equal(step(ENROLL_GRANTED, true).outcome, OBTAIN_DONE);
	assert_int_equal(count_keys(), 1);
	after = loaded();
	assert_false(trustpoint_equal(before, after));
	obj_unref(before);
	obj_unref(after);
}

static void denial_is_final(void **state)
{
	struct store_pending p;
	struct store *s;
	char *why = NULL;

	(void)state;
	authenticate();
	assert_int_equal(step(ENROLL_PENDING, false).outcome, OBTAIN_PENDING);
	assert_int_equal(step(ENROLL_DENIED, false).outcome, OBTAIN_DENIED);
	s = opened();
	assert_int_equal(store_pending(s, tp.name, &p, &why), ENOENT);
	store_close(s);
}

static void selfsigned_is_at_once(void **state)
{
	struct obtain_params p = { .c = &tp, .now = time(NULL) };
	struct obtain_result r;
	struct trustpoint *t;

	(void)state;
	tp.enrollment = CONF_ENROLL_SELFSIGNED;
	obtain(&r, &p);
	assert_int_equal(r.outcome, OBTAIN_DONE);
	t = loaded();
	assert_true(trustpoint_has_key(t));
	obj_unref(t);
}

static void an_unusable_directory_is_named(void **state)
{
	struct obtain_params p = { .c = &tp, .now = time(NULL) };
	struct obtain_result r;
	char *file = pki_write_text(dir, "file", "");

	(void)state;
	tp.enrollment = CONF_ENROLL_SELFSIGNED;
	free(tp.state_directory);
	tp.state_directory = mem_dup("/dev/full/x");
	obtain(&r, &p);
	assert_int_equal(r.outcome, OBTAIN_FAILED);
	assert_non_null(strstr(r.text, "/dev/full/x"));
	free(tp.state_directory);
	tp.state_directory = mem_printf("%s/state", dir);
	assert_int_equal(mkdir(tp.state_directory, 0700), 0);
	free(file);
}

static void requests_say_what_is_configured(void **state)
{
	struct keystore *k;
	gnutls_datum_t csr, text;
	gnutls_x509_crq_t crq;
	char *why;
	char subject[] = "CN=edge,O=A\\, B,C=DE", san[] = "uri:sip:a@b";
	char pass[] = "letmein";
	size_t n = 64;
	char got[64];

	(void)state;
	tp.subject_name = subject;
	tp.serial_number = san + 4;
	tp.san[0] = san;
	tp.nsans = 1;
	assert_int_equal(
		addr_parse(&tp.ip_address, slice_str("192.0.2.7"), 0), 0);
	assert_int_equal(keystore_generate(&k, CONF_KEY_RSA, 2048, false), 0);
	assert_int_equal(request_make(&csr, &tp, k, pass, &why), 0);
	assert_int_equal(gnutls_x509_crq_init(&crq), 0);
	assert_int_equal(
		gnutls_x509_crq_import(crq, &csr, GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crq_verify(crq, 0), 0);
	assert_int_equal(
		gnutls_x509_crq_get_challenge_password(crq, got, &n), 0);
	assert_string_equal(got, pass);
	assert_int_equal(
		gnutls_x509_crq_print(crq, GNUTLS_CRT_PRINT_FULL, &text), 0);
	assert_non_null(strstr((char *)text.data, "CN=edge,O=A\\, B,C=DE"));
	assert_non_null(strstr((char *)text.data, "DNSname: edge.example.com"));
	assert_non_null(strstr((char *)text.data, "IPAddress: 192.0.2.7"));
	assert_non_null(strstr((char *)text.data, "URI: sip:a@b"));
	assert_non_null(strstr((char *)text.data, "TLS WWW Client"));
	assert_non_null(strstr((char *)text.data, "RSA-SHA256"));
	gnutls_free(text.data);
	gnutls_free(csr.data);
	gnutls_x509_crq_deinit(crq);
	tp.subject_name = pass; /* no TYPE=VALUE */
	assert_int_equal(request_make(&csr, &tp, k, pass, &why), EINVAL);
	assert_non_null(strstr(why, "letmein"));
	free(why);
	obj_unref(k);
}

#define ROW(fn) cmocka_unit_test_setup_teardown(fn, fresh, gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(nothing_is_made_by_looking),
		ROW(keys_are_private),
		ROW(sealed_keys_open_with_the_master),
		ROW(the_mark_cannot_be_forged),
		ROW(enrolment_comes_to_an_end),
		ROW(renewal_replaces),
		ROW(denial_is_final),
		ROW(selfsigned_is_at_once),
		ROW(an_unusable_directory_is_named),
		ROW(requests_say_what_is_configured),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}

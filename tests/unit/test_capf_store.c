/* Phones in memory and in the file; certificates that are made for them. */
#include "test.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/obj.h"
#include "phoneproxy/capf/capf_issue.h"
#include "phoneproxy/capf/capf_store.h"
#include "pki.h"

static char *dir;
static const struct secret unsealed = { .n = 0 };

static int make_dir(void **state)
{
	(void)state;
	dir = pki_dir();
	return 0;
}

static int drop_dir(void **state)
{
	(void)state;
	pki_dir_free(dir);
	return 0;
}

static void names(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} rows[] = {
		{ "SEP001122334455", "SEP001122334455" },
		{ "sep0011aabbccdd", "SEP0011AABBCCDD" },
		{ "SEP00112233445", NULL },
		{ "SEP0011223344556", NULL },
		{ "SEP00112233445G", NULL },
		{ "ABC001122334455", NULL },
		{ "SEP../../../etc", NULL },
		{ "", NULL },
	};
	char got[CAPF_DEVICE_LEN + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool ok = capf_name(slice_str(rows[i].in), got);

		check_row(rows[i].in, ok == (rows[i].out != NULL));
		check_row(rows[i].in, !ok || strcmp(got, rows[i].out) == 0);
	}
}

static void strings(void **state)
{
	char s[CAPF_STRING_MAX + 1], other[CAPF_STRING_MAX + 1];

	(void)state;
	for (unsigned n = CAPF_STRING_MIN; n <= CAPF_STRING_MAX; n++) {
		capf_string_make(s, n);
		assert_int_equal(strlen(s), n);
		assert_true(capf_string_ok(slice_str(s)));
	}
	capf_string_make(other, CAPF_STRING_MAX);
	assert_string_not_equal(s, other);
	assert_false(capf_string_ok(slice_str("922")));
	assert_false(capf_string_ok(slice_str("12345678901")));
	assert_false(capf_string_ok(slice_str("12a4")));
}

struct saved {
	unsigned n;
	int err;
};

static void on_saved(void *arg, int err)
{
	struct saved *s = arg;

	s->n++;
	s->err = err;
}

/* What was saved is there when it is opened again, in order, and nothing that
 * was not. */
static void outlives(void **state)
{
	char *path = mem_printf("%s/capf.db", dir), *why = NULL;
	struct slice cert = SLICE_LIT("certificate"), none = { .p = "" };
	struct saved saved = { 0 };
	struct capf_store *s;
	struct capf_phone *v[2];
	struct text got = { 0 };
	struct mq *mq = mq_new(0);
	struct work *w;

	(void)state;
	assert_int_equal(work_start(&w, 10), 0);
	assert_int_equal(capf_store_open(&s, path, &unsealed, &why), 0);
	capf_store_use(s, w, mq);
	v[0] = capf_store_get(s, "SEP00000000000B");
	v[1] = capf_store_get(s, "SEP00000000000A");
	assert_non_null(capf_store_get(s, "SEP00000000000C")); /* not saved */
	assert_ptr_equal(capf_store_get(s, "SEP00000000000B"), v[0]);
	memcpy(v[0]->string, "0678", 5);
	v[0]->pending = CAPF_FETCH;
	v[0]->wrong = 3;
	v[1]->done = CAPF_UPGRADE;
	v[1]->done_at = 1700000000;
	v[1]->not_after = 1800000000;
	assert_int_equal(capf_store_save(s, v, 2, &cert, on_saved, &saved), 0);
	assert_int_equal(
		capf_store_save(s, &v[1], 1, NULL, on_saved, &saved), 0);
	capf_store_close(s); /* jobs keep it */
	work_stop(w);
	while (mq_run(mq) > 0)
		;
	assert_int_equal(saved.n, 2);
	assert_int_equal(saved.err, 0);

	assert_int_equal(work_start(&w, 10), 0);
	assert_int_equal(capf_store_open(&s, path, &unsealed, &why), 0);
	capf_store_use(s, w, mq);
	assert_int_equal(capf_store_count(s), 2);
	assert_string_equal(capf_store_at(s, 0)->name, "SEP00000000000A");
	v[0] = capf_store_find(s, slice_str("sep00000000000b"));
	assert_non_null(v[0]);
	assert_string_equal(v[0]->string, "0678");
	assert_int_equal(v[0]->pending, CAPF_FETCH);
	assert_int_equal(v[0]->wrong, 3);
	v[1] = capf_store_at(s, 0);
	assert_int_equal(v[1]->done, CAPF_UPGRADE);
	assert_int_equal(v[1]->done_at, 1700000000);
	assert_int_equal(v[1]->not_after, 1800000000);
	assert_null(capf_store_find(s, slice_str("SEP00000000000C")));
	assert_int_equal(capf_store_cert(s, "SEP00000000000B", &got), 0);
	assert_true(slice_eq(text_slice(&got), cert));
	assert_int_equal(capf_store_cert(s, "SEP00000000000A", &got), ENOENT);
	assert_int_equal(capf_store_save(s, v, 1, &none, on_saved, &saved), 0);
	work_stop(w);
	while (mq_run(mq) > 0)
		;
	assert_int_equal(capf_store_cert(s, "SEP00000000000B", &got), ENOENT);
	capf_store_close(s);
	text_free(&got);
	mq_free(mq);
	free(path);
}

/* Is it in the file, or in what SQLite keeps beside it? */
static bool on_disk(const char *path, const char *what)
{
	static const char *const ends[] = { "", "-wal" };
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		char *name = mem_printf("%s%s", path, ends[i]);
		FILE *f = fopen(name, "rb");
		char room[65536];
		size_t n = f != NULL ? fread(room, 1, sizeof(room), f) : 0;

		found = found || memmem(room, n, what, strlen(what)) != NULL;
		if (f != NULL)
			fclose(f);
		free(name);
	}
	return found;
}

/* A string that stood there in clear is sealed with the master key, and read
 * with no other. */
static void strings_are_sealed(void **state)
{
	const struct secret one = { .n = 32, .b = { 1 } };
	const struct secret two = { .n = 32, .b = { 2 } };
	char *path = mem_printf("%s/sealed.db", dir), *why = NULL;
	struct mq *mq = mq_new(0);
	struct capf_phone *p;
	struct capf_store *s;
	struct work *w;

	(void)state;
	assert_int_equal(work_start(&w, 10), 0);
	assert_int_equal(capf_store_open(&s, path, &unsealed, &why), 0);
	capf_store_use(s, w, mq);
	p = capf_store_get(s, "SEP00000000000B");
	memcpy(p->string, "4711081542", 11);
	assert_int_equal(capf_store_save(s, &p, 1, NULL, NULL, NULL), 0);
	work_stop(w);
	while (mq_run(mq) > 0)
		;
	capf_store_close(s);
	assert_true(on_disk(path, "4711081542"));
	for (int i = 0; i < 2; i++) { /* sealing, and reading what is sealed */
		assert_int_equal(capf_store_open(&s, path, &one, &why), 0);
		assert_string_equal(capf_store_at(s, 0)->string, "4711081542");
		capf_store_close(s);
		assert_false(on_disk(path, "4711081542"));
	}
	assert_int_equal(capf_store_open(&s, path, &two, &why), EACCES);
	assert_null(s);
	assert_non_null(strstr(why, "another master key"));
	free(why);
	assert_int_equal(capf_store_open(&s, path, &unsealed, &why), EACCES);
	assert_non_null(strstr(why, "pki master-key"));
	free(why);
	assert_int_equal(capf_store_open(&s, path, &one, &why), 0);
	assert_string_equal(capf_store_at(s, 0)->string, "4711081542");
	capf_store_close(s);
	mq_free(mq);
	free(path);
}

static void no_place_for_it(void **state)
{
	char *why = NULL;
	struct capf_store *s;

	(void)state;
	assert_int_equal(
		capf_store_open(&s, "/nonexistent/capf.db", &unsealed, &why),
		ENOENT);
	assert_null(s);
	assert_non_null(strstr(why, "/nonexistent/capf.db"));
	free(why);
}

/* ---- certificates ---- */

static struct trustpoint *load(const struct pki_cert *c, bool own)
{
	struct conf_trustpoint conf = { .name = dir };
	char *cert = pki_write(dir, "tp.pem", NULL, c, NULL);
	char *key = own ? pki_write(dir, "tp.key", c, NULL) : NULL;
	struct conf_errs errs = { 0 };
	struct trustpoint *t;

	if (own) {
		conf.cert_file = cert;
		conf.key_file = key;
	} else {
		conf.ca_file = cert;
	}
	assert_int_equal(trustpoint_load(&t, &conf, &errs), 0);
	conf_errs_free(&errs);
	free(cert);
	free(key);
	return t;
}

static struct text spki_of(const struct pki_cert *c)
{
	gnutls_datum_t d;
	gnutls_pubkey_t key;
	struct text out = { 0 };

	assert_int_equal(gnutls_pubkey_init(&key), 0);
	assert_int_equal(gnutls_pubkey_import_x509(key, c->crt, 0), 0);
	assert_int_equal(
		gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &d), 0);
	text_add(&out, slice_of(d.data, d.size));
	gnutls_free(d.data);
	gnutls_pubkey_deinit(key);
	return out;
}

static void issues(void **state)
{
	struct pki_cert *ca = pki_make(&(struct pki_spec){
		.cn = "LSC CA", .ca = true, .to_days = 10 });
	struct pki_cert *phone = pki_make(&(struct pki_spec){ .cn = "key" });
	struct pki_cert *other =
		pki_make(&(struct pki_spec){ .cn = "Other", .ca = true });
	struct trustpoint *issuer = load(ca, true);
	struct trustpoint *anchors = load(ca, false);
	struct trustpoint *strange = load(other, false);
	struct text key = spki_of(phone), der = { 0 };
	struct slice cert, name = slice_str("SEP001122334455");
	char why[CAPF_WHY];

	(void)state;
	assert_int_equal(capf_issuer_check(issuer, why), 0);
	assert_int_equal(capf_issue(&der, issuer, "SEP001122334455",
				 text_slice(&key), 365, why),
		0);
	cert = text_slice(&der);
	assert_true(capf_cert_trusted(cert, name, anchors, NULL, why));
	assert_true(capf_cert_trusted(cert, name, NULL, ca->crt, why));
	assert_false(capf_cert_trusted(cert, name, strange, NULL, why));
	assert_false(capf_cert_trusted(cert, name, NULL, other->crt, why));
	assert_false(capf_cert_trusted(cert, name, NULL, NULL, why));
	assert_false(capf_cert_trusted(
		cert, slice_str("SEP001122334456"), anchors, NULL, why));
	assert_false(capf_cert_trusted(
		slice_head(cert, cert.n / 2), name, anchors, NULL, why));
	/* not longer than its issuer */
	gnutls_datum_t d = { .data = (unsigned char *)der.p,
		.size = (unsigned)der.n };
	gnutls_x509_crt_t crt;

	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(
		gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_get_expiration_time(crt),
		gnutls_x509_crt_get_expiration_time(ca->crt));
	gnutls_x509_crt_deinit(crt);
	assert_int_equal(capf_issue(&der, issuer, "SEP001122334455",
				 SLICE_LIT("no key"), 365, why),
		EBADMSG);
	obj_unref(issuer);
	obj_unref(anchors);
	obj_unref(strange);
	text_free(&key);
	text_free(&der);
	pki_free(ca);
	pki_free(phone);
	pki_free(other);
}

static void manufacturers_names(void **state)
{
	static const struct {
		const char *cn;
		bool ok;
	} rows[] = {
		{ "CP-8841-SEP001122334455", true },
		{ "SEP001122334455", true },
		{ "CP-8841SEP001122334455", false },
		{ "SEP001122334455-X", false },
		{ "CP-8841-SEP001122334454", false },
	};
	struct pki_cert *ca =
		pki_make(&(struct pki_spec){ .cn = "MIC CA", .ca = true });
	struct trustpoint *mic = load(ca, false);
	char why[CAPF_WHY];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pki_cert *c = pki_make(
			&(struct pki_spec){ .cn = rows[i].cn, .issuer = ca });

		check_row(rows[i].cn,
			capf_cert_trusted(slice_of(c->der.data, c->der.size),
				slice_str("SEP001122334455"), mic, NULL,
				why) == rows[i].ok);
		pki_free(c);
	}
	obj_unref(mic);
	pki_free(ca);
}

static void not_everybody_issues(void **state)
{
	struct pki_cert *leaf = pki_make(&(struct pki_spec){ .cn = "leaf" });
	struct pki_cert *old = pki_make(&(struct pki_spec){
		.cn = "old", .ca = true, .from_days = -20, .to_days = -10 });
	struct trustpoint *a = load(leaf, true), *b = load(old, true),
			  *c = load(old, false);
	char why[CAPF_WHY];

	(void)state;
	assert_int_equal(capf_issuer_check(a, why), EACCES);
	assert_int_equal(capf_issuer_check(b, why), EKEYEXPIRED);
	assert_int_equal(capf_issuer_check(c, why), EACCES);
	obj_unref(a);
	obj_unref(b);
	obj_unref(c);
	pki_free(leaf);
	pki_free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(strings),
		cmocka_unit_test(outlives),
		cmocka_unit_test(strings_are_sealed),
		cmocka_unit_test(no_place_for_it),
		cmocka_unit_test(issues),
		cmocka_unit_test(manufacturers_names),
		cmocka_unit_test(not_everybody_issues),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}

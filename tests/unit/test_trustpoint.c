/* Trustpoints from files: what is accepted, what is said about the rest. */
#include "test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/store/trustpoint.h"
#include "pki.h"

static struct pki_cert *root, *inter, *leaf, *renewed, *other, *expired,
	*future, *rsa, *stray, *short_key, *no_sign;
static char *dir;

#define MAKE(...) pki_make(&(struct pki_spec){ __VA_ARGS__ })

static int setup(void **state)
{
	(void)state;
	dir = pki_dir();
	root = MAKE(.cn = "Root", .ca = true);
	inter = MAKE(.cn = "Inter", .issuer = root, .ca = true);
	leaf = MAKE(.cn = "edge", .issuer = inter);
	renewed = MAKE(.cn = "edge renewed", .issuer = inter, .same_key = leaf,
		.from_days = -1, .to_days = 700);
	other = MAKE(.cn = "other", .issuer = inter);
	expired = MAKE(.cn = "expired", .issuer = inter, .from_days = -9,
		.to_days = -1);
	future = MAKE(.cn = "future", .issuer = inter, .from_days = 2,
		.to_days = 9);
	rsa = MAKE(.cn = "rsa", .issuer = inter, .key = PKI_RSA2048);
	short_key = MAKE(.cn = "short", .issuer = inter, .key = PKI_RSA1024);
	no_sign = MAKE(.cn = "no sign", .issuer = inter,
		.usage = GNUTLS_KEY_KEY_ENCIPHERMENT);
	stray = MAKE(.cn = "stray", .issuer = root, .ca = true);
	return 0;
}

static int teardown(void **state)
{
	struct pki_cert *all[] = { root, inter, leaf, renewed, other, expired,
		future, rsa, stray, short_key, no_sign };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		pki_free(all[i]);
	pki_dir_free(dir);
	return 0;
}

/* Paths are taken. */
static int load(struct trustpoint **out, char *cert, char *key, char *ca,
	struct conf_errs *errs)
{
	char name[] = "EDGE";
	struct conf_trustpoint c = { .pos = { 7, 1 },
		.at = { .cert = { 8, 2 }, .key = { 9, 2 }, .ca = { 10, 2 } },
		.name = name,
		.cert_file = cert,
		.key_file = key,
		.ca_file = ca };
	int err = trustpoint_load(out, &c, errs);

	free(cert);
	free(key);
	free(ca);
	return err;
}

/* The line that names the file, or the section's. */
static unsigned line_of(const char *message)
{
	if (strncmp(message, "certificate file ", 17) == 0)
		return 8;
	if (strncmp(message, "key file ", 9) == 0)
		return 9;
	return strncmp(message, "CA bundle file ", 15) == 0 ? 10 : 7;
}

static bool said(const struct conf_errs *errs, bool warning, const char *what)
{
	for (size_t i = 0; i < errs->n; i++)
		if (errs->v[i].warning == warning &&
			errs->v[i].line == line_of(errs->v[i].message) &&
			strstr(errs->v[i].message, what) != NULL)
			return true;
	return false;
}

static void check_said(const char *row, const struct conf_errs *errs,
	bool warning, const char *what)
{
	if (said(errs, warning, what))
		return;
	conf_errs_print(errs, row, stderr);
	fail_msg("row \"%s\": not said: %s", row, what);
}

static char *cert_file(const struct pki_cert *a, const struct pki_cert *b,
	const struct pki_cert *c)
{
	return pki_write(dir, "cert.pem", NULL, a, b, c, NULL);
}

static char *key_file(const struct pki_cert *c)
{
	return pki_write(dir, "key.pem", c, NULL);
}

static char *ca_file(void)
{
	return pki_write(dir, "ca.pem", NULL, root, NULL);
}

static void chains_are_put_in_order(void **state)
{
	const struct {
		const char *name;
		const struct pki_cert *file[3], *key;
		const char *chain[3]; /* subjects */
		const char *warning;
	} rows[] = {
		{ "in order", { leaf, inter, root }, leaf,
			{ "CN=edge", "CN=Inter" }, NULL },
		{ "reversed", { root, inter, leaf }, leaf,
			{ "CN=edge", "CN=Inter" }, NULL },
		{ "doubled", { inter, leaf, inter }, leaf,
			{ "CN=edge", "CN=Inter" }, NULL },
		{ "self-signed CA", { root }, root, { "CN=Root" },
			"allows no signatures" },
		{ "a renewed one as well", { leaf, renewed, inter }, leaf,
			{ "CN=edge renewed", "CN=Inter" },
			"\"CN=edge\" is not part of the chain" },
		{ "a stray one", { leaf, stray, inter }, leaf,
			{ "CN=edge", "CN=Inter" },
			"\"CN=stray\" is not part of the chain" },
		{ "no issuer", { leaf }, leaf, { "CN=edge" },
			"\"CN=edge\" is issued by \"CN=Inter\", which is not "
			"in the file" },
		{ "expired", { expired, inter }, expired,
			{ "CN=expired", "CN=Inter" },
			"\"CN=expired\" expired on 20" },
		{ "not yet valid", { future, inter }, future,
			{ "CN=future", "CN=Inter" },
			"\"CN=future\" is not valid before 20" },
		{ "may not sign", { no_sign, inter }, no_sign,
			{ "CN=no sign", "CN=Inter" }, "allows no signatures" },
		{ "short key", { short_key, inter }, short_key,
			{ "CN=short", "CN=Inter" }, "so short" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_errs errs = { 0 };
		struct trustpoint *t;
		struct cert_info *info;
		size_t n, chain = 0;
		int err = load(&t,
			cert_file(rows[i].file[0], rows[i].file[1],
				rows[i].file[2]),
			key_file(rows[i].key), NULL, &errs);

		check_row(rows[i].name, err == 0 && errs.errors == 0);
		if (rows[i].warning != NULL)
			check_said(rows[i].name, &errs, true, rows[i].warning);
		else
			check_row(rows[i].name, errs.n == 0);
		info = trustpoint_certs(t, &n);
		while (chain < 3 && rows[i].chain[chain] != NULL)
			chain++;
		check_row(rows[i].name, n == chain);
		for (size_t k = 0; k < n; k++)
			check_row(rows[i].name,
				strcmp(info[k].subject, rows[i].chain[k]) ==
						0 &&
					info[k].own == (k == 0));
		cert_info_free(info, n);
		conf_errs_free(&errs);
		obj_unref(t);
	}
}

static char *der_file(const struct pki_cert *c)
{
	char *path = mem_printf("%s/der", dir);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(c->der.data, 1, c->der.size, f), c->der.size);
	assert_int_equal(fclose(f), 0);
	return path;
}

static char *text_file(const char *text)
{
	return pki_write_text(dir, "text", text);
}

/* The member in the middle is damaged. */
static char *bad_bundle(void)
{
	struct text t = { 0 };
	char *pem[3] = { pki_pem_cert(root), pki_pem_cert(inter),
		pki_pem_cert(leaf) };
	char *path;

	memcpy(strchr(pem[1], '\n') + 5, "****", 4);
	for (size_t i = 0; i < 3; i++) {
		text_add(&t, slice_str(pem[i]));
		free(pem[i]);
	}
	path = text_file(t.p);
	text_free(&t);
	return path;
}

/* The second lost its last lines. */
static char *cut_bundle(void)
{
	struct text t = { 0 };
	char *pem[2] = { pki_pem_cert(inter), pki_pem_cert(root) };
	char *path;

	text_add(&t, slice_head(slice_str(pem[0]), strlen(pem[0]) - 60));
	text_add(&t, slice_str("\n"));
	text_add(&t, slice_str(pem[1]));
	free(pem[0]);
	free(pem[1]);
	path = text_file(t.p);
	text_free(&t);
	return path;
}

static char *missing(void)
{
	return mem_printf("%s/missing", dir);
}

static const char encrypted[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
				"MIGb\n"
				"-----END ENCRYPTED PRIVATE KEY-----\n";
static const char encrypted_old[] = "-----BEGIN RSA PRIVATE KEY-----\n"
				    "Proc-Type: 4,ENCRYPTED\n"
				    "DEK-Info: AES-128-CBC,00\n\nMIGb\n"
				    "-----END RSA PRIVATE KEY-----\n";
static const char broken_key[] = "-----BEGIN PRIVATE KEY-----\n"
				 "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEH\n"
				 "-----END PRIVATE KEY-----\n";

static void bad_files_are_told(void **state)
{
	const struct {
		const char *name;
		char *cert, *key, *ca;
		int err;
		const char *says;
	} rows[] = {
		{ "no such certificate", missing(), key_file(leaf), NULL,
			ENOENT, "No such file" },
		{ "no such key", cert_file(leaf, inter, NULL), missing(), NULL,
			ENOENT, "key file" },
		{ "no such bundle", NULL, NULL, missing(), ENOENT,
			"CA bundle file" },
		{ "a directory", NULL, NULL, mem_dup(dir), EBADMSG,
			"not a regular file" },
		{ "key without certificate", NULL, missing(), NULL, EBADMSG,
			"no certificate file" },
		{ "certificate without key", missing(), NULL, NULL, EBADMSG,
			"no key file" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_errs errs = { 0 };
		struct trustpoint *t;

		check_row(rows[i].name,
			load(&t, rows[i].cert, rows[i].key, rows[i].ca,
				&errs) == rows[i].err);
		check_row(rows[i].name, t == NULL && errs.errors > 0);
		check_said(rows[i].name, &errs, false, rows[i].says);
		conf_errs_free(&errs);
	}
}

/* One file is bad, the others are good; each row is written anew. */
static void check_bad(
	const char *name, char *cert, char *key, char *ca, const char *says)
{
	struct conf_errs errs = { 0 };
	struct trustpoint *t;

	if (cert == NULL)
		cert = cert_file(leaf, inter, NULL);
	if (key == NULL)
		key = key_file(leaf);
	check_row(name, load(&t, cert, key, ca, &errs) == EBADMSG);
	assert_null(t);
	check_said(name, &errs, false, says);
	check_row(name, errs.v[0].hint != NULL);
	conf_errs_free(&errs);
}

static void bad_contents_are_told(void **state)
{
	(void)state;
	check_bad("other key", NULL, key_file(other), NULL,
		"\"CN=edge\" does not belong to the key");
	check_bad("DER", der_file(leaf), NULL, NULL, "holds no PEM");
	check_bad("empty", text_file(""), NULL, NULL, "holds no PEM");
	check_bad("key is a certificate", NULL, cert_file(leaf, NULL, NULL),
		NULL, "holds no private key");
	check_bad("encrypted", NULL, text_file(encrypted), NULL,
		"encrypted with a password");
	check_bad("encrypted as of old", NULL, text_file(encrypted_old), NULL,
		"encrypted with a password");
	check_bad("broken key", NULL, text_file(broken_key), NULL,
		"cannot be used");
	check_bad("bad member", NULL, NULL, bad_bundle(),
		"certificate 2, at line ");
	check_bad("cut member", NULL, NULL, cut_bundle(),
		"certificate 1, at line 1,");
}

static void unreadable_file_has_a_remedy(void **state)
{
	struct conf_errs errs = { 0 };
	struct trustpoint *t;
	char *cert = cert_file(leaf, inter, NULL);
	char *key = key_file(leaf);
	bool root_user = geteuid() == 0;
	int err;

	(void)state;
	assert_int_equal(chmod(key, 0), 0);
	/* Root reads everything. */
	if (root_user)
		assert_int_equal(seteuid(65534), 0);
	err = load(&t, cert, key, NULL, &errs);
	if (root_user)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(err, EACCES);
	check_said("mode 0", &errs, false, "Permission denied");
	assert_non_null(strstr(errs.v[0].hint, "chown"));
	conf_errs_free(&errs);
	key = mem_printf("%s/key.pem", dir);
	(void)unlink(key);
	free(key);
}

static void open_key_file_is_warned_of(void **state)
{
	struct conf_errs errs = { 0 };
	struct trustpoint *t;
	char *key = key_file(leaf);

	(void)state;
	assert_int_equal(chmod(key, 0644), 0);
	assert_int_equal(
		load(&t, cert_file(leaf, inter, NULL), key, NULL, &errs), 0);
	check_said("mode 0644", &errs, true, "(mode 0644)");
	conf_errs_free(&errs);
	obj_unref(t);
	key = mem_printf("%s/key.pem", dir);
	(void)unlink(key);
	free(key);
}

static char *export_key(const struct pki_cert *c, bool pkcs8)
{
	gnutls_datum_t d;
	char *path;

	if (pkcs8)
		assert_int_equal(gnutls_x509_privkey_export2_pkcs8(c->key,
					 GNUTLS_X509_FMT_PEM, NULL,
					 GNUTLS_PKCS_PLAIN, &d),
			0);
	else
		assert_int_equal(gnutls_x509_privkey_export2(
					 c->key, GNUTLS_X509_FMT_PEM, &d),
			0);
	path = text_file((const char *)d.data);
	gnutls_free(d.data);
	return path;
}

static char *ec_key_after_parameters(void)
{
	gnutls_datum_t d;
	char *text, *path;

	assert_int_equal(
		gnutls_x509_privkey_export2(leaf->key, GNUTLS_X509_FMT_PEM, &d),
		0);
	text = mem_printf("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
			  "-----END EC PARAMETERS-----\n%s",
		(const char *)d.data);
	gnutls_free(d.data);
	path = text_file(text);
	free(text);
	return path;
}

static void check_key(const char *name, const struct pki_cert *c, char *key)
{
	struct conf_errs errs = { 0 };
	struct trustpoint *t;
	int err = load(&t, cert_file(c, inter, NULL), key, NULL, &errs);

	if (err != 0)
		conf_errs_print(&errs, name, stderr);
	check_row(name, err == 0 && errs.n == 0 && trustpoint_has_key(t));
	conf_errs_free(&errs);
	obj_unref(t);
}

static void keys_of_every_kind_are_read(void **state)
{
	(void)state;
	check_key("RSA PKCS#8", rsa, export_key(rsa, true));
	check_key("RSA PKCS#1", rsa, export_key(rsa, false));
	check_key("EC PKCS#8", leaf, export_key(leaf, true));
	check_key("EC SEC1", leaf, export_key(leaf, false));
	check_key("EC SEC1 after parameters", leaf, ec_key_after_parameters());
	check_key("certificates before it", leaf,
		pki_write(dir, "both", leaf, leaf, inter, NULL));
}

static struct trustpoint *must_load(char *cert, char *key, char *ca)
{
	struct conf_errs errs = { 0 };
	struct trustpoint *t;

	assert_int_equal(load(&t, cert, key, ca, &errs), 0);
	conf_errs_free(&errs);
	return t;
}

static void equal_when_files_hold_the_same(void **state)
{
	struct trustpoint *a = must_load(
		cert_file(leaf, inter, NULL), key_file(leaf), ca_file());
	struct trustpoint *others[] = {
		must_load(cert_file(inter, leaf, NULL), key_file(leaf),
			pki_write(dir, "ca2", NULL, root, root, NULL)),
		must_load(cert_file(renewed, inter, NULL), key_file(leaf),
			ca_file()),
		must_load(cert_file(other, inter, NULL), key_file(other),
			ca_file()),
		must_load(cert_file(leaf, inter, NULL), key_file(leaf), NULL),
		must_load(cert_file(leaf, inter, NULL), key_file(leaf),
			pki_write(dir, "ca2", NULL, root, stray, NULL)),
		must_load(NULL, NULL, ca_file()),
	};

	(void)state;
	assert_true(trustpoint_equal(a, a));
	assert_true(trustpoint_equal(a, others[0]));
	for (size_t i = 1; i < ARRAY_SIZE(others); i++)
		assert_false(trustpoint_equal(a, others[i]));
	assert_false(trustpoint_has_key(others[5]));
	assert_string_equal(trustpoint_name(a), "EDGE");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		obj_unref(others[i]);
	obj_unref(a);
}

static void certificates_are_described(void **state)
{
	struct trustpoint *t = must_load(
		cert_file(rsa, inter, NULL), key_file(rsa), ca_file());
	struct cert_info *v;
	size_t n;

	(void)state;
	v = trustpoint_certs(t, &n);
	assert_int_equal(n, 3);
	assert_string_equal(v[0].key, "RSA 2048");
	assert_string_equal(v[0].issuer, "CN=Inter");
	assert_int_equal(strlen(v[0].serial), 16);
	assert_int_equal(strlen(v[0].sha256), 64);
	assert_int_equal(strlen(v[0].sha1), 40);
	assert_true(v[0].own && !v[0].ca && !v[1].own && v[1].ca);
	assert_string_equal(v[2].subject, "CN=Root");
	assert_string_equal(v[2].key, "EC P-256");
	assert_true(v[2].not_before < v[2].not_after);
	cert_info_free(v, n);
	obj_unref(t);
}

/* Files as large as they may be, of nothing but faults, and nearly so. */
static void faults_are_told_in_short(void **state)
{
	const struct {
		const char *name, *block;
		size_t told;
	} rows[] = {
		{ "begins", "-----BEGIN CERTIFICATE-----\n", 5 },
		{ "broken",
			"-----BEGIN CERTIFICATE-----\nMIIB\n-----END "
			"CERTIFICATE-----\n",
			5 },
		{ "another's ends", "-----END CERTIFICATE-----\n", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_errs errs = { 0 };
		struct trustpoint *t;
		struct text text = { 0 };
		size_t n = strlen(rows[i].block);

		while (text.n + n <= 10 << 20)
			text_add(&text, slice_of(rows[i].block, n));
		check_row(rows[i].name, load(&t, NULL, NULL, text_file(text.p),
						&errs) == EBADMSG);
		check_row(rows[i].name, errs.n == rows[i].told);
		conf_errs_free(&errs);
		text_free(&text);
	}
}

static void strays_are_told_in_short(void **state)
{
	struct conf_errs errs = { 0 };
	struct trustpoint *t;
	struct text text = { 0 };
	char *pem = pki_pem_cert(leaf);

	(void)state;
	text_add(&text, slice_str(pem));
	free(pem);
	for (unsigned i = 0; i < 8; i++) {
		char cn[16];
		struct pki_cert *c;

		(void)snprintf(cn, sizeof(cn), "stray %u", i);
		c = MAKE(.cn = cn, .issuer = root, .ca = true);
		pem = pki_pem_cert(c);
		text_add(&text, slice_str(pem));
		free(pem);
		pki_free(c);
	}
	assert_int_equal(
		load(&t, text_file(text.p), key_file(leaf), NULL, &errs), 0);
	assert_int_equal(errs.n, 5 + 1); /* and that the issuer is missing */
	obj_unref(t);
	conf_errs_free(&errs);
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(chains_are_put_in_order),
		T(bad_files_are_told),
		T(bad_contents_are_told),
		T(unreadable_file_has_a_remedy),
		T(open_key_file_is_warned_of),
		T(keys_of_every_kind_are_read),
		T(equal_when_files_hold_the_same),
		T(certificates_are_described),
		T(faults_are_told_in_short),
		T(strays_are_told_in_short),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}

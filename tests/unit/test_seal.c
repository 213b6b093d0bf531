/* Secrets at rest: what opens, what does not, what is said. */
#include "test.h"

#include <errno.h>

#include "base/obj.h"
#include "certs/store/keystore.h"
#include "certs/store/seal.h"
#include "pki.h"

static const struct secret master = { .n = KEYSTORE_MASTER, .b = { 1, 2, 3 } },
			   other = { .n = KEYSTORE_MASTER, .b = { 9 } },
			   none = { .n = 0 };

static char *sealed(const char *secret, const char *purpose)
{
	char *word;

	assert_int_equal(
		seal_word(&word, slice_str(secret), purpose, &master), 0);
	return word;
}

static void words_open(void **state)
{
	(void)state;
	static const char *const secrets[] = { "", "x", "Sesame öffne dich",
		"0123456789012345678901234567890123456789" };

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		char *word = sealed(secrets[i], "password"), *clear, *why;

		check_row(secrets[i], seal_open_word(&clear, slice_str(word),
					      "password", &master, &why) == 0 &&
					      strcmp(clear, secrets[i]) == 0 &&
					      why == NULL);
		free(clear);
		free(word);
	}
}

static void what_is_printed_twice_is_the_same(void **state)
{
	(void)state;
	char *a = sealed("Sesame", "password"),
	     *b = sealed("Sesame", "password");
	char *c = sealed("Sesame", "auth-string"),
	     *d = sealed("sesame", "password");

	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_string_not_equal(a, d);
	/* Nor do the nonces, which a common keystream would need. */
	assert_memory_not_equal(a, c, 16);
	assert_memory_not_equal(a, d, 16);
	free(a);
	free(b);
	free(c);
	free(d);
}

static void refused(const char *name, const char *word, const char *purpose,
	const struct secret *key, int want, const char *said)
{
	char *clear, *why = NULL;
	int err = seal_open_word(&clear, slice_str(word), purpose, key, &why);

	check_row(name, err == want && clear == NULL && why != NULL &&
				strstr(why, said) != NULL);
	free(why);
}

static void others_do_not(void **state)
{
	(void)state;
	char *word = sealed("Sesame", "password");
	char *changed = mem_dup(word);
	char *all = sealed("12345", "auth-string");

	changed[20] = changed[20] == 'A' ? 'B' : 'A';
	refused("another key", word, "password", &other, EACCES,
		"another master key");
	refused("no key", word, "password", &none, EINVAL, "pki master-key");
	refused("changed", changed, "password", &master, EACCES, "changed");
	refused("another purpose", all, "password", &master, EACCES, "changed");
	refused("cut off", "c2hvcnQ=", "password", &master, EBADMSG,
		"not whole");
	refused("not base64", "@@@", "password", &master, EBADMSG, "not whole");
	free(all);
	free(changed);
	free(word);
}

static void bounds(void **state)
{
	(void)state;
	char text[SEAL_SECRET_MAX + 2], *word;

	memset(text, 'x', sizeof(text));
	assert_int_equal(
		seal_word(&word, slice_of(text, SEAL_SECRET_MAX), "p", &master),
		0);
	free(word);
	assert_int_equal(seal_word(&word, slice_of(text, SEAL_SECRET_MAX + 1),
				 "p", &master),
		E2BIG);
	assert_int_equal(
		seal_word(&word, slice_of(text, 4), "p", &none), EINVAL);
}

/* Boxes are never the same twice, and are bound to what they are about. */
static void boxes(void **state)
{
	(void)state;
	uint8_t a[3 + SEAL_OVERHEAD], b[sizeof(a)], out[sizeof(a)];
	size_t n;

	assert_int_equal(
		seal_box(a, SLICE_LIT("key"), SLICE_LIT("head"), &master), 0);
	assert_int_equal(
		seal_box(b, SLICE_LIT("key"), SLICE_LIT("head"), &master), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(seal_open(out, &n, slice_of(a, sizeof(a)),
				 SLICE_LIT("head"), &master),
		0);
	assert_int_equal(n, 3);
	assert_memory_equal(out, "key", 3);
	assert_int_equal(seal_open(out, &n, slice_of(a, sizeof(a)),
				 SLICE_LIT("heaD"), &master),
		EACCES);
	for (size_t i = 0; i < sizeof(a); i++)
		assert_int_not_equal(seal_open(out, &n, slice_of(a, i),
					     SLICE_LIT("head"), &master),
			0);
}

/* ---- the configuration's ---- */

static char *shown(const struct conf *c)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	seal_print_conf(c, f);
	fclose(f);
	return text;
}

static struct conf *parsed(
	const char *fmt, const char *master_file, const char *password)
{
	struct conf_errs errs = { 0 };
	char *text = mem_printf(fmt, master_file, password);
	struct conf *c = conf_parse(slice_str(text), "t", &errs);

	conf_errs_print(&errs, "t", stdout);
	conf_errs_free(&errs);
	free(text);
	return c;
}

#define SITE                                                                   \
	"pki master-key file %s\n"                                             \
	"crypto pki trustpoint T\n"                                            \
	" enrollment url http://ca.example/scep\n"                             \
	" password %s\n"                                                       \
	"sip-listener A\n side access\n address ipv4 127.0.0.1 port 5070\n"    \
	"sip-listener C\n side core\n address ipv4 127.0.0.1 port 5080\n"      \
	"voice service voip\n no srtp\nsip-ua\n registrar embedded\n"

static void a_configuration_shows_no_password(void **state)
{
	(void)state;
	char *dir = pki_dir();
	char *key = pki_write_text(dir, "master",
		"00112233445566778899aabbccddeeff"
		"00112233445566778899aabbccddeeff\n");
	struct conf *c = parsed(SITE, key, "Sesame");
	struct conf *e =
		parsed("password encryption aes\n" SITE, key, "Sesame");
	char *hidden = shown(c), *first = shown(e), *second;
	struct conf_errs errs = { 0 };
	struct conf *again = conf_parse(slice_str(first), "again", &errs);
	char *clear, *why;

	assert_null(strstr(hidden, "Sesame"));
	assert_non_null(strstr(hidden, " password <hidden>\n"));
	assert_null(strstr(first, "Sesame"));
	assert_non_null(strstr(first, " password 6 "));
	assert_non_null(again);
	second = shown(again);
	assert_string_equal(first, second);
	assert_int_equal(seal_password(&clear, &again->trustpoints->password,
				 key, NULL, &why),
		0);
	assert_string_equal(clear, "Sesame");
	seal_check_conf(again, &errs);
	assert_int_equal(errs.errors, 0);

	/* Somebody has changed the master key. */
	free(pki_write_text(dir, "master",
		"ff112233445566778899aabbccddeeff"
		"00112233445566778899aabbccddeeff\n"));
	seal_check_conf(again, &errs);
	assert_int_equal(errs.errors, 1);
	assert_non_null(strstr(errs.v[0].message, "the password of T cannot be "
						  "had: it was sealed with "
						  "another master key"));
	conf_errs_free(&errs);
	free(clear);
	free(hidden);
	free(first);
	free(second);
	obj_unref(again);
	obj_unref(e);
	obj_unref(c);
	free(key);
	pki_dir_free(dir);
}

/* What is sealed is judged by the password policy, too: when it is opened. */
static void the_policy_reads_what_is_sealed(void **state)
{
	(void)state;
	char *dir = pki_dir();
	char *key = pki_write_text(dir, "master",
		"00112233445566778899aabbccddeeff"
		"00112233445566778899aabbccddeeff\n");
	static const struct {
		const char *password;
		size_t errors;
	} rows[] = { { "Sesame7", 0 }, { "Sesame", 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct secret opened;
		struct conf_errs errs = { 0 };
		char *word, *why, *sealed;
		struct conf *c;

		assert_int_equal(keystore_master(&opened, key, NULL, &why), 0);
		assert_int_equal(seal_password_word(&word, rows[i].password,
					 &opened, &why),
			0);
		sealed = mem_printf("6 %s", word);
		c = parsed("password-policy cme\n" SITE, key, sealed);
		assert_non_null(c);
		seal_check_conf(c, &errs);
		assert_int_equal(errs.errors, rows[i].errors);
		if (errs.errors > 0) {
			assert_string_equal(errs.v[0].message,
				"the password of T is against "
				"'password-policy cme': it has no digit");
			assert_int_equal(errs.v[0].line, 5);
		}
		conf_errs_free(&errs);
		obj_unref(c);
		free(sealed);
		free(word);
		secret_wipe(&opened);
	}
	free(key);
	pki_dir_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_open),
		cmocka_unit_test(what_is_printed_twice_is_the_same),
		cmocka_unit_test(others_do_not),
		cmocka_unit_test(bounds),
		cmocka_unit_test(boxes),
		cmocka_unit_test(a_configuration_shows_no_password),
		cmocka_unit_test(the_policy_reads_what_is_sealed),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL);
}

#include "test.h"
#include "vectors.h"

#include <stdlib.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf_text.h"
#include "phoneproxy/cnfsend.h"

#define SEP "SEP001122334455"

static void names_of_devices(void **state)
{
	(void)state;
	static const struct {
		const char *device, *name; /* NULL: it is none */
	} rows[] = {
		{ SEP, SEP },
		{ "sep0011223344ab", "SEP0011223344AB" },
		{ "CP-8841-" SEP, SEP },
		{ "XSEP001122334455", NULL },
		{ "SEP00112233445", NULL },
		{ "SEP0011223344556", NULL },
		{ "SEP00112233445G", NULL },
		{ "edge.example.com", NULL },
		{ "-" SEP, SEP },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char out[FILE_DEVICE_TEXT];
		bool ok = phonecert_device(slice_str(rows[i].device), out);

		check_row(rows[i].device, ok == (rows[i].name != NULL));
		check_row(rows[i].device,
			strcmp(out, ok ? rows[i].name : "") == 0);
	}
}

static void notes_and_drops(void **state)
{
	(void)state;
	struct slice lsc = pki_cert("phone-lsc-rsa"),
		     mic = pki_cert("phone-mic");
	struct phonecerts *c = phonecerts_new();
	const struct phonecert *p;

	assert_null(phonecerts_find(c, SEP));
	assert_true(phonecerts_note(c, SEP, mic, PHONECERT_SIP));
	assert_false(phonecerts_note(c, SEP, mic, PHONECERT_HTTPS));
	assert_true(phonecerts_note(c, SEP, lsc, PHONECERT_CAPF));
	p = phonecerts_find(c, SEP);
	assert_true(slice_eq(text_slice(&p->der), lsc));
	assert_int_equal(p->how, PHONECERT_CAPF);
	assert_true(phonecerts_note(c, "SEP000000000001", mic, PHONECERT_SIP));
	assert_int_equal(phonecerts_count(c), 2);
	assert_string_equal(phonecerts_at(c, 0)->name, "SEP000000000001");
	assert_false(phonecerts_note(c, SEP, slice_str(""), PHONECERT_SIP));
	assert_true(phonecerts_drop(c, SEP));
	assert_false(phonecerts_drop(c, SEP));
	assert_null(phonecerts_find(c, SEP));
	phonecerts_free(c);
	vector_free(lsc);
	vector_free(mic);
}

static void the_oldest_makes_room(void **state)
{
	(void)state;
	struct slice mic = pki_cert("phone-mic");
	struct phonecerts *c = phonecerts_new();

	for (unsigned i = 0; i <= PHONECERTS_MAX; i++) {
		char name[FILE_DEVICE_TEXT];

		snprintf(name, sizeof(name), "SEP%012X", i);
		assert_true(phonecerts_note(c, name, mic, PHONECERT_SIP));
	}
	assert_int_equal(phonecerts_count(c), PHONECERTS_MAX);
	phonecerts_free(c);
	vector_free(mic);
}

/* What was written is there again; what was dropped is not; a file of
 * something else is refused with words, and all goes on in memory. */
static void a_file_keeps_them(void **state)
{
	(void)state;
	struct slice lsc = pki_cert("phone-lsc-rsa"),
		     mic = pki_cert("phone-mic");
	char dir[] = "/tmp/phonecertXXXXXX", *why = NULL;

	assert_non_null(mkdtemp(dir));
	char *path = mem_printf("%s/phones.db", dir);
	struct phonecerts *c = phonecerts_new();

	assert_int_equal(phonecerts_open(c, path, &why), 0);
	assert_true(phonecerts_is_open(c));
	assert_true(phonecerts_note(c, SEP, mic, PHONECERT_SIP));
	assert_true(phonecerts_note(c, "SEP000000000001", mic, PHONECERT_SIP));
	assert_true(phonecerts_note(c, SEP, lsc, PHONECERT_HTTPS));
	assert_true(phonecerts_drop(c, "SEP000000000001"));
	phonecerts_free(c);
	c = phonecerts_new();
	assert_int_equal(phonecerts_open(c, path, &why), 0);
	assert_int_equal(phonecerts_count(c), 1);
	assert_true(slice_eq(text_slice(&phonecerts_at(c, 0)->der), lsc));
	assert_int_equal(phonecerts_at(c, 0)->how, PHONECERT_HTTPS);
	phonecerts_free(c);

	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (int i = 0; i < 500; i++)
		fputs("no database at all\n", f);
	fclose(f);
	c = phonecerts_new();
	assert_int_not_equal(phonecerts_open(c, path, &why), 0);
	assert_non_null(strstr(why, path));
	free(why);
	assert_false(phonecerts_is_open(c));
	assert_true(phonecerts_note(c, SEP, mic, PHONECERT_SIP));
	phonecerts_free(c);
	free(path);
	path = mem_printf("rm -r %s", dir);
	assert_int_equal(system(path), 0);
	free(path);
	vector_free(lsc);
	vector_free(mic);
}

/* ---- in which form ---- */

enum who { NOBODY, RSA_PHONE, EC_PHONE };

static const struct choice_row {
	const char *name, *lines; /* of the phone proxy */
	enum who known;
	const char *asked;
	bool owner;
	enum cnf_way way;
} choices[] = {
	{ "unknown", "", NOBODY, SEP ".cnf.xml.sgn", false, CNF_WHOLE },
	{ "unknown, encrypted", "", NOBODY, SEP ".cnf.xml.enc.sgn", false,
		CNF_NOT },
	{ "known", "", RSA_PHONE, SEP ".cnf.xml.sgn", false, CNF_SHORT },
	{ "known, plain name", "", RSA_PHONE, SEP ".cnf.xml", false,
		CNF_SHORT },
	{ "known, encrypted", "", RSA_PHONE, SEP ".cnf.xml.enc.sgn", false,
		CNF_ENCRYPTED },
	{ "known, and its own TLS", "", RSA_PHONE, SEP ".cnf.xml", true,
		CNF_WHOLE },
	{ "EC", "", EC_PHONE, SEP ".cnf.xml.sgn", false, CNF_WHOLE },
	{ "EC, encrypted", "", EC_PHONE, SEP ".cnf.xml.enc.sgn", false,
		CNF_NOT },
	{ "none for all", " encrypted-config none\n", RSA_PHONE,
		SEP ".cnf.xml.sgn", false, CNF_WHOLE },
	{ "none for all, encrypted", " encrypted-config none\n", RSA_PHONE,
		SEP ".cnf.xml.enc.sgn", false, CNF_NOT },
	{ "none for this one", " encrypted-config none phone " SEP "\n",
		RSA_PHONE, SEP ".cnf.xml.sgn", false, CNF_WHOLE },
	{ "required, unknown", " encrypted-config required\n", NOBODY,
		SEP ".cnf.xml.sgn", false, CNF_TO_CAPF },
	{ "required, EC", " encrypted-config required\n", EC_PHONE,
		SEP ".cnf.xml", false, CNF_TO_CAPF },
	{ "required, its own TLS", " encrypted-config required\n", NOBODY,
		SEP ".cnf.xml", true, CNF_WHOLE },
	{ "required of this one",
		" encrypted-config none\n encrypted-config required phone "
		"sep001122334455\n",
		RSA_PHONE, SEP ".cnf.xml", false, CNF_SHORT },
	{ "CAPF is relayed",
		" capf-address ipv4 192.0.2.11 acc-addr ipv4 127.0.0.1\n",
		RSA_PHONE, SEP ".cnf.xml.sgn", false, CNF_WHOLE },
	{ "CAPF is relayed, and it is wished all the same",
		" capf-address ipv4 192.0.2.11 acc-addr ipv4 127.0.0.1\n"
		" encrypted-config known\n",
		RSA_PHONE, SEP ".cnf.xml.sgn", false, CNF_SHORT },
	{ "everybody's", "", RSA_PHONE, "XMLDefault.cnf.xml", false,
		CNF_WHOLE },
	{ "no configuration", " encrypted-config required\n", RSA_PHONE,
		"Ringlist.xml.sgn", false, CNF_WHOLE },
};

static void in_which_form(void **state)
{
	(void)state;
	struct slice cert[] = { [NOBODY] = { .n = 0 },
		[RSA_PHONE] = pki_cert("phone-lsc-rsa"),
		[EC_PHONE] = pki_cert("phone-lsc-ec") };

	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		const struct choice_row *r = &choices[i];
		char *text = mem_printf(
			"%svoice-phone-proxy P\n%s", CONF_BASE, r->lines);
		struct conf_errs errs = { 0 };
		struct conf *conf = conf_parse(slice_str(text), "t", &errs);
		struct trustlist list = { 0 };
		struct phonecerts *certs = phonecerts_new();
		struct file_name name;
		struct cnf_choice c;

		check_row(r->name, conf != NULL);
		struct ppset set = {
			.keep = conf, .conf = conf->phone_proxies, .list = &list
		};

		(void)phonecerts_note(
			certs, SEP, cert[r->known], PHONECERT_SIP);
		check_row(r->name, file_name_parse(&name, slice_str(r->asked)));
		cnf_choose(&c, &set, certs, &name, r->owner);
		check_row(r->name, c.way == r->way);
		check_row(r->name,
			(c.way == CNF_SHORT || c.way == CNF_ENCRYPTED) ==
				(c.hash[0] != '\0'));
		check_row(r->name, (c.way != CNF_NOT && c.way != CNF_TO_CAPF) ||
					   c.why != NULL);
		phonecerts_free(certs);
		conf_errs_free(&errs);
		obj_unref(conf);
		free(text);
	}
	vector_free(cert[RSA_PHONE]);
	vector_free(cert[EC_PHONE]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_devices),
		cmocka_unit_test(notes_and_drops),
		cmocka_unit_test(the_oldest_makes_room),
		cmocka_unit_test(a_file_keeps_them),
		cmocka_unit_test(in_which_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

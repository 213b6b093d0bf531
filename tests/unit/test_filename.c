#include "test.h"

#include "phoneproxy/config/filename.h"

static const struct row {
	const char *asked;
	enum file_kind kind;
	enum file_form form;
	const char *device, *base;
} rows[] = {
	{ "CTLSEP001122334455.tlv", FILE_CTL, FORM_PLAIN, "SEP001122334455",
		"CTLSEP001122334455.tlv" },
	{ "ctlsepaabbccddeeff.TLV", FILE_CTL, FORM_PLAIN, "SEPAABBCCDDEEFF",
		"CTLSEPAABBCCDDEEFF.tlv" },
	{ "CTLfile.tlv", FILE_CTL, FORM_PLAIN, "", "CTLFile.tlv" },
	{ "ITLFile.tlv", FILE_ITL, FORM_PLAIN, "", "ITLFile.tlv" },
	{ "ITLSEP001122334455.tlv", FILE_ITL, FORM_PLAIN, "SEP001122334455",
		"ITLSEP001122334455.tlv" },
	{ "SEP001122334455.cnf.xml", FILE_CONFIG, FORM_PLAIN, "SEP001122334455",
		"SEP001122334455.cnf.xml" },
	{ "/SEP001122334455.cnf.xml.sgn", FILE_CONFIG, FORM_SIGNED,
		"SEP001122334455", "SEP001122334455.cnf.xml" },
	{ "SEP001122334455.cnf.xml.enc.sgn", FILE_CONFIG, FORM_ENCRYPTED,
		"SEP001122334455", "SEP001122334455.cnf.xml" },
	{ "XMLDefault.cnf.xml.sgn", FILE_DEFAULT_CONFIG, FORM_SIGNED, "",
		"XMLDefault.cnf.xml" },
	{ "New_Zealand/g3-tones.xml.sgn", FILE_OTHER, FORM_SIGNED, "",
		"New_Zealand/g3-tones.xml" },
	{ "Desktops/320x196x4/List.xml", FILE_OTHER, FORM_PLAIN, "",
		"Desktops/320x196x4/List.xml" },
	{ "sip88xx.14-2-1-0001-14.loads", FILE_OTHER, FORM_PLAIN, "",
		"sip88xx.14-2-1-0001-14.loads" },
	{ "x.cop.sgn", FILE_OTHER, FORM_PLAIN, "", "x.cop.sgn" },
};

static void understands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		struct slice asked = slice_str(r->asked);
		struct file_name f;

		check_row(r->asked, file_name_parse(&f, asked));
		check_row(r->asked, f.kind == r->kind && f.form == r->form);
		assert_string_equal(f.device, r->device);
		assert_string_equal(f.base, r->base);
		assert_string_equal(f.asked, r->asked + (r->asked[0] == '/'));
	}
}

static void refuses(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "/", "//etc/passwd",
		"../etc/passwd", "a/../b", "a/./b", "a//b", "a/", ".hidden",
		"a/.hidden", "a\\b", "a\nb", "a\x7f", "\xc3\xab.xml",
		"CTLSEP00112233445.tlv", "CTLSEP0011223344556.tlv",
		"CTLSEP00112233445g.tlv", "CTLFile.tlv.sgn", "Other.tlv",
		"ext_ITLSEP001122334455.tlv", "SEP0011.cnf.xml",
		"CSFbob.cnf.xml", "x/SEP001122334455.cnf.xml",
		"XMLDefault.cnf.xml.enc.sgn", "SIPDefault.cnf",
		"SIP001122334455.cnf.sgn", "SEP001122334455.cnf.xml.enc",
		".sgn", "a/.sgn", "SEP001122334455.cnf.xml.sgn.sgn",
		"SEP001122334455.cnf.xml.enc.sgn.sgn",
		"SEP001122334455.cnf.xml.enc.sgn.sgn.sgn",
		"XMLDefault.CNF.xml.sgn.SGN", "SEP001122334455.cnf.xml?x",
		"SEP001122334455.cnf.xml ", "SEP001122334455.cnf.xml;x",
		"SEP001122334455.cnf.xml.", "SEP001122334455.cnf%2exml",
		"x/SEP001122334455.cnf.xml.sgn.sgn" };
	char longname[FILE_TEXT_MAX + 2];
	struct file_name f;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		check_row(bad[i], !file_name_parse(&f, slice_str(bad[i])));
	memset(longname, 'a', sizeof(longname));
	assert_false(
		file_name_parse(&f, slice_of(longname, sizeof(longname) - 1)));
	assert_true(file_name_parse(&f, slice_of(longname, FILE_TEXT_MAX)));
	assert_false(file_name_parse(&f, SLICE_LIT("a\0b")));
}

static void takes_targets(void **state)
{
	(void)state;
	static const struct {
		const char *target, *asked; /* NULL: refused */
	} targets[] = {
		{ "/CTLSEP001122334455.tlv", "CTLSEP001122334455.tlv" },
		{ "/a%20b/c.xml", "a b/c.xml" },
		{ "/%43TLFile.tlv", "CTLFile.tlv" },
		{ "/a%2e%2E/b", "a../b" },
		{ "/%2e%2e/b", NULL },
		{ "/a%2fb", "a/b" },
		{ "/a%00b", NULL },
		{ "/a%0ab", NULL },
		{ "/a%5cb", NULL },
		{ "/a%2", NULL },
		{ "/a%", NULL },
		{ "/a%zz", NULL },
		{ "/a?b", NULL },
		{ "/", NULL },
		{ "a", NULL },
		{ "", NULL },
		{ "http://x/a", NULL },
	};
	char longname[3 * FILE_TEXT_MAX];
	struct file_name f;

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		bool is =
			file_name_from_target(&f, slice_str(targets[i].target));

		check_row(targets[i].target, is == (targets[i].asked != NULL));
		if (is)
			assert_string_equal(f.asked, targets[i].asked);
	}
	memset(longname, '/', sizeof(longname));
	assert_false(file_name_from_target(
		&f, slice_of(longname, sizeof(longname))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(understands),
		T(refuses),
		T(takes_targets),
	};

	return RUN_TESTS(tests);
}

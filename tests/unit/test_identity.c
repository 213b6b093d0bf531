/* From a certificate to a device and its line. */
#include "test.h"

#include <errno.h>

#include "base/obj.h"
#include "certs/judge/identity.h"
#include "certs/judge/judge.h"
#include "certs/x509/crt.h"
#include "conf/conf.h"
#include "pki.h"

/* Listeners and registrar only so that it is whole. */
static const char conf_text[] =
	"sip-listener A\n"
	" side access\n"
	" address ipv4 127.0.0.1 port 5060\n"
	" transport udp\n"
	"sip-ua\n"
	" registrar embedded\n"
	"voice class phone-identity 1\n"
	" rule 10 san-uri ^sip:([a-z]+)@example\\.com$ line \\1\n"
	" rule 20 subject-cn ^SEP[0-9A-F]{12}$\n"
	" rule 30 san-dns ^phone-([0-9]+)\\.example\\.com$ line \\1\n"
	" rule 40 san-email ^(.*)@example\\.com$ line \\1\n";

static struct pki_cert *root;
static struct conf *conf;

static int setup(void **state)
{
	struct conf_errs errs = { 0 };

	(void)state;
	root = pki_make(&(struct pki_spec){ .cn = "Root", .ca = true });
	conf = conf_parse(slice_str(conf_text), "test", &errs);
	conf_errs_print(&errs, "test", stderr);
	conf_errs_free(&errs);
	return conf == NULL;
}

static int teardown(void **state)
{
	(void)state;
	pki_free(root);
	obj_unref(conf);
	return 0;
}

static struct identity *identify(struct pki_spec spec, bool rules, char **why)
{
	struct identity *id;
	struct pki_cert *c;
	int err;

	spec.issuer = root;
	c = pki_make(&spec);
	err = identity_from_der(
		&id, &c->der, rules ? conf->id_classes : NULL, why);
	assert_int_equal(err, *why != NULL ? EACCES : 0);
	assert_int_equal(id == NULL, err != 0);
	pki_free(c);
	return id;
}

static void names_become_devices(void **state)
{
	/* clang-format off */
	static const struct {
		struct pki_spec spec;
		bool rules;
		const char *device, *line; /* device NULL: refused */
		const char *why;
	} rows[] = {
		{ { .cn = "SEP001122334455" }, false, "SEP001122334455", NULL, NULL },
		{ { .cn = "SEP001122334455", .san = "DNS:a.example.com" }, false, "SEP001122334455", NULL, NULL },
		{ { .san = "DNS:a.example.com,DNS:b.example.com" }, false, "a.example.com", NULL, NULL },
		{ { .san = "IP:192.0.2.1" }, false, NULL, NULL, "neither a common name" },
		{ { .cn = "SEP001122334455" }, true, "SEP001122334455", NULL, NULL },
		{ { .cn = "SEP001122334455", .san = "DNS:phone-1.example.com" }, true, "SEP001122334455", NULL, NULL },
		{ { .cn = "x", .san = "DNS:y,DNS:phone-1.example.com" }, true, "phone-1.example.com", "1", NULL },
		{ { .cn = "SEP001122334455", .san = "DNS:phone-1.example.com,URI:sip:ann@example.com" }, true, "sip:ann@example.com", "ann", NULL },
		{ { .cn = "x", .san = "EMAIL:ann@example.com" }, true, "ann@example.com", "ann", NULL },
		{ { .cn = "sep001122334455" }, true, NULL, NULL, "CN \"sep001122334455\" (it would but for" },
		{ { .cn = "phone-1.example.com" }, true, NULL, NULL, "no rule of phone-identity 1" },
		{ { .san = "IP:192.0.2.1" }, true, NULL, NULL, "without any name" },
		{ { .cn = "SEP\0" "001122334455", .cn_len = 16 }, false, NULL, NULL, "common name" },
		{ { .cn = "SEP001122334455\n" }, true, NULL, NULL, "not plain text" },
		{ { .cn = "SEP001122334455\x7f" }, false, NULL, NULL, "not plain text" },
		{ { .cn = "SEP001122334455", .cn2 = "SEPFFFFFFFFFFFF" }, false, NULL, NULL, "several common names" },
		{ { .cn = "SEP001122334455", .san = "DNS:a^b" }, true, NULL, NULL, "alternative name" },
		{ { .cn = "SEP001122334455", .san = "URI:sip:a^b" }, true, NULL, NULL, "alternative name" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *why = NULL;
		struct identity *id =
			identify(rows[i].spec, rows[i].rules, &why);

		if ((id != NULL) != (rows[i].device != NULL) ||
			(why != NULL && strstr(why, rows[i].why) == NULL))
			fail_msg("row %zu: %s", i, why);
		if (id != NULL) {
			assert_string_equal(id->device, rows[i].device);
			assert_true(id->certified);
			if (rows[i].line != NULL)
				assert_string_equal(id->line, rows[i].line);
			else
				assert_null(id->line);
		}
		free(why);
		obj_unref(id);
	}
}

static void certificate_is_kept_in_mind(void **state)
{
	char *why = NULL;
	struct identity *id = identify(
		(struct pki_spec){ .cn = "a",
			.san = "DNS:b,IP:192.0.2.1,URI:sip:c,EMAIL:d@e" },
		false, &why);

	(void)state;
	assert_non_null(id);
	assert_string_equal(id->subject, "CN=a");
	assert_string_equal(id->issuer, "CN=Root");
	assert_int_equal(strlen(id->serial), 16);
	assert_string_equal(id->cn, "a");
	assert_int_equal(id->nsans, 3);
	assert_int_equal(id->san[0].field, CONF_ID_SAN_DNS);
	assert_int_equal(id->san[1].field, CONF_ID_SAN_URI);
	assert_string_equal(id->san[1].value, "sip:c");
	assert_int_equal(id->san[2].field, CONF_ID_SAN_EMAIL);
	assert_true(id->not_before < id->not_after);
	obj_unref(id);
}

static void same_device_after_renewal(void **state)
{
	char *why = NULL;
	struct identity *a =
		identify((struct pki_spec){ .cn = "a" }, false, &why);
	struct identity *again =
		identify((struct pki_spec){ .cn = "a" }, false, &why);
	struct identity *b =
		identify((struct pki_spec){ .cn = "b" }, false, &why);
	struct identity *none = identity_none();
	struct pki_cert *self = pki_make(&(struct pki_spec){ .cn = "a" });
	struct identity *foreign;

	(void)state;
	assert_int_equal(
		identity_from_der(&foreign, &self->der, NULL, &why), 0);
	assert_true(identity_same_device(a, a));
	assert_true(identity_same_device(a, again));
	assert_false(identity_same_device(a, b));
	assert_false(identity_same_device(a, foreign));
	assert_false(identity_same_device(none, none));
	assert_false(identity_same_device(none, a));
	assert_false(none->certified);
	assert_string_equal(none->device, "");
	pki_free(self);
	obj_unref(foreign);
	obj_unref(none);
	obj_unref(b);
	obj_unref(again);
	obj_unref(a);
}

/* Two authorities of one name, trusted by different listeners. */
static void a_namesake_of_the_authority_is_another(void **state)
{
	struct pki_cert *twin =
		pki_make(&(struct pki_spec){ .cn = "Root", .ca = true });
	struct pki_cert *const roots[] = { root, root, twin };
	struct identity *id[3];
	char *why = NULL;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct pki_cert *c = pki_make(
			&(struct pki_spec){ .cn = "SEP1", .issuer = roots[i] });
		gnutls_x509_crt_t anchor;
		struct judge_verdict v;
		struct judge_params p = { .chain = &c->der,
			.chain_len = 1,
			.peer_is_client = true,
			.now = time(NULL) };

		assert_int_equal(crt_import(&anchor, &roots[i]->der), 0);
		assert_int_equal(gnutls_x509_trust_list_init(&p.anchors, 0), 0);
		assert_int_equal(gnutls_x509_trust_list_add_cas(
					 p.anchors, &anchor, 1, 0),
			1);
		assert_true(judge_chain(&v, &p));
		gnutls_x509_trust_list_deinit(p.anchors, 1);
		assert_int_equal(
			identity_from_der(&id[i], &c->der, NULL, &why), 0);
		memcpy(id[i]->anchor, v.anchor, sizeof(v.anchor));
		pki_free(c);
	}
	assert_string_equal(id[0]->issuer, id[2]->issuer);
	assert_string_equal(id[0]->device, id[2]->device);
	assert_true(identity_same_device(id[0], id[1]));
	assert_false(identity_same_device(id[0], id[2]));
	for (size_t i = 0; i < 3; i++)
		obj_unref(id[i]);
	pki_free(twin);
}

static void garbage_has_no_identity(void **state)
{
	unsigned char junk[] = "junk";
	gnutls_datum_t der = { .data = junk, .size = sizeof(junk) };
	struct identity *id;
	char *why;

	(void)state;
	assert_int_equal(identity_from_der(&id, &der, NULL, &why), EACCES);
	assert_null(id);
	assert_non_null(why);
	free(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(names_become_devices),
		T(certificate_is_kept_in_mind),
		T(same_device_after_renewal),
		T(a_namesake_of_the_authority_is_another),
		T(garbage_has_no_identity),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}

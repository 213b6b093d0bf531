#include "test.h"
#include "vectors.h"

#include "phoneproxy/signed/certfield.h"

/* As the independent tool wrote them into its files. */
static void takes_fields(void **state)
{
	(void)state;
	static const struct {
		const char *name, *subject, *issuer, *serial;
		size_t rsa, key;
	} rows[] = {
		{ "ccmtftp",
			"CN=proxy.example.net,O=Example\\, Inc.,"
			"OU=Voice \\+ Video,L=Krakow,ST=Malopolska,C=PL",
			NULL, "9869d9fb5cf621be3e49733d24e4cfe7", 256, 270 },
		{ "ccm-issued",
			"C=GB,O=Example Corp,OU=Voice,CN=sub1.example.net",
			"C=GB,O=Example Corp,OU=PKI,CN=Example Voice CA",
			"83e9080000005545af31", 256, 270 },
		{ "phone-mic",
			"2.5.4.5=PID:CP-8841 SN:FCH00000001,"
			"CN=CP-8841-SEP001122334455",
			"C=GB,O=Example Corp,OU=PKI,CN=Example Voice CA", "0a",
			256, 270 },
		{ "tftp-ec", "CN=https.example.net,O=Example Corp,OU=Voice",
			NULL, "79c7c7fe8a1c3d72b9ebcf956006a378", 0, 97 },
		{ "sast-rsa4096", "CN=SAST-4096,O=Example Corp,OU=Voice", NULL,
			"146ff71fa02e34364c559a38addb8f9f", 512, 526 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *issuer =
			rows[i].issuer ? rows[i].issuer : rows[i].subject;
		struct slice der = pki_cert(rows[i].name);
		struct certfield c;
		char serial[2 * SERIAL_MAX + 1];

		check_fault(rows[i].name, certfield_read(&c, der), FAULT_NONE);
		assert_string_equal(c.subject, rows[i].subject);
		assert_string_equal(c.issuer, issuer);
		hex_encode(c.serial.p, c.serial.n, serial);
		assert_string_equal(serial, rows[i].serial);
		check_row(rows[i].name, c.rsa_size == rows[i].rsa);
		check_row(rows[i].name, c.key.n == rows[i].key);
		certfield_free(&c);
		vector_free(der);
	}
}

/* As in ctl-07, which follows Cisco's dumps. */
static void writes_cisco_names(void **state)
{
	(void)state;
	struct slice der = pki_cert("ccmtftp"), lsc = pki_cert("phone-lsc-ec");
	struct certfield c;
	char *name;

	assert_int_equal(certfield_read(&c, der), FAULT_NONE);
	name = certfield_cisco_subject(&c);
	assert_string_equal(name, "CN=proxy.example.net;OU=Voice + Video;"
				  "O=Example, Inc.;L=Krakow;ST=Malopolska;"
				  "C=PL");
	free(name);
	certfield_free(&c);
	assert_int_equal(certfield_read(&c, lsc), FAULT_NONE);
	name = certfield_cisco_issuer(&c);
	assert_string_equal(
		name, "CN=Example Voice CA;OU=PKI;O=Example Corp;C=GB");
	free(name);
	certfield_free(&c);
	vector_free(lsc);
	vector_free(der);
}

static void refuses_damage(void **state)
{
	(void)state;
	struct slice der = pki_cert("tftp-ec");
	struct certfield c;

	for (size_t n = 0; n < der.n; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, der.p, n);
		assert_int_equal(certfield_read(&c, slice_of(copy, n)),
			FAULT_CERTIFICATE);
		assert_null(c.subject);
		free(copy);
	}
	struct text more = { 0 };

	text_add(&more, der);
	text_addc(&more, 'x');
	assert_int_equal(
		certfield_read(&c, text_slice(&more)), FAULT_CERTIFICATE);
	text_free(&more);
	vector_free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(takes_fields),
		T(writes_cisco_names),
		T(refuses_damage),
	};

	return RUN_TESTS(tests);
}

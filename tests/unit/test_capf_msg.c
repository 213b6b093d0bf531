#include "frames.h"
#include "test.h"

#include <nettle/sha1.h>

#include "phoneproxy/capf/capf_auth.h"
#include "phoneproxy/capf/capf_msg.h"

static const char *const sessions[] = {
	"01-install-rsa2048-no-password",
	"02-install-rsa1024-password",
	"03-wrong-password",
	"04-install-ec-secp256r1",
	"05-install-ec-secp384r1",
	"06-install-ec-secp521r1",
	"07-install-cert-auth-rsa-lsc",
	"08-install-cert-auth-ec-lsc-rsa-sudi",
	"09-cert-auth-unknown-issuer",
	"10-cert-auth-without-certificate",
	"11-fetch-present",
	"12-fetch-absent",
	"13-delete-present",
	"14-delete-absent",
	"15-no-operation",
	"16-unknown-device",
	"17-install-rsa2048-through-relay",
	"18-install-external-issuer",
};

static void load(struct session *s, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "capf/%s.json", name);
	session_load(s, path);
}

static void check_cuts(const char *name, struct slice frame)
{
	struct capf_msg m;
	size_t size;

	for (size_t n = 0; n < frame.n; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, frame.p, n);
		check_row(name, capf_frame(slice_of(copy, n), &size) == 0);
		check_row(name, size == (n < CAPF_HEAD ? 0 : frame.n));
		check_row(name, capf_parse(&m, slice_of(copy, n)) == EBADMSG);
		free(copy);
	}
}

static void check_frame(const struct session *s, size_t i, const char *name)
{
	json_t *elements = session_elements(s, i), *e;
	struct capf_msg m;
	struct text out = { 0 };
	uint32_t have = 0;
	size_t k;

	check_cuts(name, s->frame[i]);
	check_row(name, capf_parse(&m, s->frame[i]) == 0);
	check_row(name, m.command == session_number(s, i, "command"));
	check_row(name, m.session == session_number(s, i, "session_id"));
	json_array_foreach(elements, k, e) have |=
		CAPF_HAVE(json_integer_value(json_object_get(e, "tag")));
	check_row(name, m.have == have);
	check_row(name, capf_build(&out, &m) == 0);
	check_row(name, slice_eq(text_slice(&out), s->frame[i]));
	text_free(&out);
}

/* Each recorded frame is read, and built again byte for byte. */
static void reads_and_builds_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		struct session s;

		load(&s, sessions[i]);
		for (size_t k = 0; k < s.n; k++)
			check_frame(&s, k, sessions[i]);
		session_free(&s);
	}
}

/* An enrolment, frame by frame. */
static void understands(void **state)
{
	(void)state;
	struct session s;
	struct capf_msg m;

	load(&s, "02-install-rsa1024-password");
	assert_int_equal(capf_parse(&m, s.frame[0]), 0);
	assert_int_equal(m.command, CAPF_AUTH_REQUEST);
	assert_int_equal(m.version, CAPF_PROTOCOL_VERSION);
	assert_int_equal(capf_parse(&m, s.frame[1]), 0);
	assert_true(slice_eq_str(m.password, "123456"));
	assert_true(slice_eq_str(m.device, "SEP001122334455"));
	assert_int_equal(m.reason, CAPF_SUCCESS);
	assert_int_equal(capf_parse(&m, s.frame[2]), 0);
	assert_int_equal(m.key_size, 1024);
	assert_int_equal(m.key_type, CAPF_RSA);
	assert_int_equal(capf_parse(&m, s.frame[3]), 0);
	assert_int_equal(m.command, CAPF_IN_PROGRESS);
	assert_int_equal(capf_parse(&m, s.frame[4]), 0);
	assert_int_equal(m.public_key.n, 162);
	assert_int_equal(capf_parse(&m, s.frame[5]), 0);
	assert_int_equal(m.cert_type, CAPF_LSC);
	assert_int_equal((uint8_t)m.cert.p[0], 0x30);
	assert_string_equal(
		capf_command_name(m.command), "store certificate request");
	session_free(&s);
	load(&s, "06-install-ec-secp521r1");
	assert_int_equal(capf_parse(&m, s.frame[2]), 0);
	assert_int_equal(m.key_type, CAPF_EC);
	assert_int_equal(m.curve, CAPF_P521);
	session_free(&s);
	load(&s, "16-unknown-device");
	assert_int_equal(capf_parse(&m, s.frame[s.n - 1]), 0);
	assert_int_equal(m.command, CAPF_END);
	assert_int_equal(m.reason, CAPF_UNKNOWN_DEVICE);
	session_free(&s);
	assert_string_equal(capf_command_name(200), "unknown");
}

static void refuses(void **state)
{
	(void)state;
	static const struct {
		const char *name, *hex;
		int err;
	} rows[] = {
		{ "an old auth request",
			"5501000000010004"
			"08000100",
			0 },
		{ "unknown element", "550f00000001000701000101630000", 0 },
		{ "not CAPF", "570f00000001000401000101", EBADMSG },
		{ "command 0", "550000000001000401000101", EBADMSG },
		{ "command 24", "551800000001000401000101", EBADMSG },
		{ "reason of two bytes", "550f0000000100050100020101",
			EBADMSG },
		{ "reason twice", "550f0000000100080100010101000101", EBADMSG },
		{ "element past the end", "550f00000001000401000201", EBADMSG },
		{ "trailing byte", "550f0000000100040100010100", EBADMSG },
		{ "password without NUL",
			"5502000000010004"
			"0b000131",
			EBADMSG },
		{ "NUL in the device",
			"5502000000010006"
			"0d0003410000",
			EBADMSG },
		{ "device too long",
			"5502000000010014"
			"0d00114141414141414141414141414141414100",
			EBADMSG },
		{ "certificate of wrong length",
			"5509000000010009"
			"0400060100050001"
			"30",
			EBADMSG },
		{ "empty certificate",
			"5509000000010008"
			"0400050100020001",
			EBADMSG },
		{ "SUDI cut",
			"550200000001000a"
			"10000700000230000100",
			EBADMSG },
		{ "SHA-2 of another kind",
			"5502000000010007"
			"14000401000155",
			EBADMSG },
		{ "no public key", "5504000000010003090000", EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice frame = from_hex(rows[i].hex);
		struct capf_msg m;

		check_row(rows[i].name, capf_parse(&m, frame) == rows[i].err);
		vector_free(frame);
	}
}

static void proves(void **state)
{
	(void)state;
	static const struct {
		const char *session;
		enum capf_proof proof;
	} rows[] = {
		{ "07-install-cert-auth-rsa-lsc", CAPF_PROVEN },
		{ "08-install-cert-auth-ec-lsc-rsa-sudi", CAPF_PROVEN },
		/* its keys are right: the issuer is another question */
		{ "09-cert-auth-unknown-issuer", CAPF_PROVEN },
		{ "10-cert-auth-without-certificate", CAPF_PROOF_MISSING },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct session s;
		struct capf_msg m;

		load(&s, rows[i].session);
		assert_int_equal(capf_parse(&m, s.frame[1]), 0);
		check_row(rows[i].session,
			capf_check_proof(&m, false) == rows[i].proof);
		session_free(&s);
	}
}

static void sees_through_false_proofs(void **state)
{
	(void)state;
	struct session s;
	struct slice other = pki_cert("phone-mic"), ec = pki_cert("tftp-ec");
	struct capf_msg good, m;

	load(&s, "07-install-cert-auth-rsa-lsc");
	assert_int_equal(capf_parse(&good, s.frame[1]), 0);
	m = good;
	m.device = SLICE_LIT("SEP001122334456");
	assert_int_equal(capf_check_proof(&m, false), CAPF_PROOF_SHA1);
	m.have &= ~CAPF_HAVE(CAPF_SIGNED_DATA);
	assert_int_equal(capf_check_proof(&m, false), CAPF_PROOF_SHA512);
	m.have &= ~CAPF_HAVE(CAPF_SHA2_SIGNED);
	assert_int_equal(capf_check_proof(&m, false), CAPF_PROOF_MISSING);
	m = good;
	m.session++; /* repeated in another session */
	assert_int_equal(capf_check_proof(&m, false), CAPF_PROOF_SUDI_SHA1);
	m = good;
	m.sudi_sha512 = m.sudi_sha1;
	assert_int_equal(capf_check_proof(&m, false), CAPF_PROOF_SUDI_SHA512);
	m = good;
	m.have &= ~CAPF_HAVE(CAPF_SHA2_SIGNED);
	assert_int_equal(capf_check_proof(&m, false), CAPF_PROOF_ONLY_SHA1);
	assert_int_equal(capf_check_proof(&m, true), CAPF_PROVEN);
	m = good;
	m.cert = other;
	assert_int_equal(capf_check_proof(&m, false), CAPF_PROOF_SHA1);
	m.cert = SLICE_LIT("no certificate");
	assert_int_equal(capf_check_proof(&m, false), CAPF_PROOF_CERTIFICATE);
	m = good;
	m.sudi_cert = ec;
	assert_int_equal(capf_check_proof(&m, false), CAPF_PROOF_CERTIFICATE);
	session_free(&s);
	vector_free(ec);
	vector_free(other);
}

static struct slice ecdsa(
	gnutls_privkey_t key, gnutls_sign_algorithm_t alg, struct slice data)
{
	gnutls_datum_t in, out;
	void *p;

	memcpy(&p, &data.p, sizeof(p));
	in = (gnutls_datum_t){ p, (unsigned)data.n };
	assert_int_equal(gnutls_privkey_sign_data2(key, alg, 0, &in, &out), 0);
	return slice_of(out.data, out.size);
}

/* Hashes shorter and longer than the curve. */
static void proves_with_each_curve(void **state)
{
	(void)state;
	static const char *const curves[] = { "04-install-ec-secp256r1",
		"05-install-ec-secp384r1", "06-install-ec-secp521r1" };

	for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
		char path[128];
		struct session s;
		struct capf_msg m;
		struct text data = { 0 };

		snprintf(path, sizeof(path), "../capf/%s.device", curves[i]);
		gnutls_privkey_t key = pki_key(path);

		load(&s, curves[i]);
		assert_int_equal(capf_parse(&m, s.frame[5]), 0);
		m.device = SLICE_LIT("SEP001122334455");
		text_add(&data, m.device);
		text_addc(&data, '\0');
		text_add(&data, m.cert);
		m.have = CAPF_HAVE(CAPF_CERT) | CAPF_HAVE(CAPF_SIGNED_DATA) |
			 CAPF_HAVE(CAPF_SHA2_SIGNED);
		m.signed_data =
			ecdsa(key, GNUTLS_SIGN_ECDSA_SHA1, text_slice(&data));
		m.sha2_signed =
			ecdsa(key, GNUTLS_SIGN_ECDSA_SHA512, text_slice(&data));
		check_row(
			curves[i], capf_check_proof(&m, false) == CAPF_PROVEN);
		m.device = SLICE_LIT("SEP001122334456");
		check_row(curves[i],
			capf_check_proof(&m, false) == CAPF_PROOF_SHA1);
		vector_free(m.signed_data);
		vector_free(m.sha2_signed);
		gnutls_privkey_deinit(key);
		text_free(&data);
		session_free(&s);
	}
}

/* The digests that the authors of the recordings give. */
static void hashes_alike(void **state)
{
	(void)state;
	struct session s;
	struct capf_msg m;
	struct text data = { 0 };
	uint8_t hash[DIGEST_MAX];
	char hex[2 * DIGEST_MAX + 1];

	load(&s, "08-install-cert-auth-ec-lsc-rsa-sudi");
	assert_int_equal(capf_parse(&m, s.frame[1]), 0);
	text_add(&data, m.device);
	text_addc(&data, '\0');
	text_add(&data, m.cert);
	struct slice all = text_slice(&data);

	assert_int_equal(all.n, 716);
	digest_of(DIGEST_SHA1, &all, 1, hash);
	hex_encode(hash, SHA1_DIGEST_SIZE, hex);
	assert_string_equal(hex, "7d8762dbce4e299029fb02ea46bc4d14956a4acd");
	text_free(&data);
	session_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_and_builds_all),
		T(understands),
		T(refuses),
		T(proves),
		T(sees_through_false_proofs),
		T(proves_with_each_curve),
		T(hashes_alike),
	};

	return RUN_TESTS(tests);
}

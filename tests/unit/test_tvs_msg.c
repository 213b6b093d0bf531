#include "frames.h"
#include "test.h"

#include "phoneproxy/tvs/tvs_answer.h"
#include "phoneproxy/tvs/tvs_msg.h"

static const char *const sessions[] = { "tvs/01-valid-ccm.json",
	"tvs/02-valid-many-roles.json", "tvs/03-invalid.json",
	"tvs/04-valid-ec-certificate.json", "tvs/05-valid-tvs-role.json" };

static void check_frame(const char *name, struct slice frame)
{
	struct tvs_msg m;
	struct text out = { 0 };
	size_t size;

	for (size_t n = 0; n < frame.n; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, frame.p, n);
		check_row(name, tvs_frame(slice_of(copy, n), &size) == 0);
		check_row(name, size == (n < TVS_HEAD ? 0 : frame.n));
		check_row(name, tvs_parse(&m, slice_of(copy, n)) == EBADMSG);
		free(copy);
	}
	check_row(name, tvs_parse(&m, frame) == 0);
	check_row(name, tvs_build(&out, &m) == 0);
	check_row(name, slice_eq(text_slice(&out), frame));
	text_free(&out);
}

/* Each recorded frame is read, and built again byte for byte. */
static void reads_and_builds_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		struct session s;

		session_load(&s, sessions[i]);
		for (size_t k = 0; k < s.n; k++)
			check_frame(sessions[i], s.frame[k]);
		session_free(&s);
	}
}

static void understands(void **state)
{
	(void)state;
	struct session s;
	struct slice cert = pki_cert("app");
	struct tvs_msg m;

	session_load(&s, sessions[1]);
	assert_int_equal(tvs_parse(&m, s.frame[0]), 0);
	assert_int_equal(m.command, TVS_VERIFY_REQUEST);
	assert_true(slice_eq_str(m.device, "CP-8841-SEP001122334455"));
	assert_true(slice_eq(m.cert, cert));
	assert_int_equal(tvs_parse(&m, s.frame[1]), 0);
	assert_int_equal(m.command, TVS_VERIFY_RESPONSE);
	assert_int_equal(m.status, TVS_VALID);
	assert_true(slice_eq(m.roles, SLICE_LIT("\1\3\4\7")));
	assert_true(m.has_ttl && m.ttl == 3600);
	session_free(&s);
	session_load(&s, sessions[2]);
	assert_int_equal(tvs_parse(&m, s.frame[1]), 0);
	assert_int_equal(m.status, TVS_INVALID);
	assert_false(m.has_ttl);
	session_free(&s);
	vector_free(cert);
}

/* Sizes as in the one log of a query that was published. */
static void queries(void **state)
{
	(void)state;
	static const char subject[] =
		"CN=signer-of-the-cluster.example.net;OU=Voice;O=Example Corp;"
		"C=NZ";
	static const char issuer[] = "CN=Issuing CA;O=Example";
	uint8_t der[1451] = { 0x30 }, serial[19] = { 0x12 };
	struct tvs_msg m = {
		.command = TVS_QUERY_REQUEST,
		.session = 1001,
		.device = SLICE_LIT("CP-8841-SEP001122334455"),
		.subject = slice_str(subject),
		.issuer = slice_head(slice_str(issuer), 21),
		.serial = slice_of(serial, sizeof(serial)),
	};
	struct tvs_msg back;
	struct text out = { 0 };

	assert_int_equal(tvs_build(&out, &m), 0);
	assert_int_equal(out.n, TVS_HEAD + 0x8f);
	assert_int_equal(tvs_parse(&back, text_slice(&out)), 0);
	assert_true(slice_eq(back.subject, m.subject));
	assert_true(slice_eq(back.issuer, m.issuer));
	assert_true(slice_eq(back.serial, m.serial));
	text_free(&out);
	m = (struct tvs_msg){ .command = TVS_QUERY_RESPONSE,
		.session = 1001,
		.cert = slice_of(der, sizeof(der)),
		.roles = SLICE_LIT("\0\3"),
		.has_ttl = true,
		.ttl = TVS_TTL_DEFAULT };
	assert_int_equal(tvs_build(&out, &m), 0);
	assert_int_equal(out.n, TVS_HEAD + 0x5be);
	out.p[3] = (char)0xf7; /* as a server was seen to send */
	assert_int_equal(tvs_parse(&back, text_slice(&out)), 0);
	assert_int_equal(back.cert.n, 0x5ab);
	assert_int_equal(back.roles.n, 2);
	text_free(&out);
}

static void refuses(void **state)
{
	(void)state;
	static const struct {
		const char *name, *hex;
		int err;
	} rows[] = {
		{ "not TVS", "550101000000000100040700010a", EBADMSG },
		{ "other version", "5702020000000001000407000100", EBADMSG },
		{ "unknown element", "57010200000000010009070001002000022a2a",
			0 },
		{ "status of two bytes",
			"57010200000000010005070002"
			"0000",
			EBADMSG },
		{ "status twice", "570102000000000100080700010007000100",
			EBADMSG },
		{ "no status",
			"5701020000000001"
			"0000",
			EPROTO },
		{ "unknown command",
			"5701050000000001"
			"0000",
			ENOTSUP },
		{ "element past the end",
			"57010200000000010004070002"
			"00",
			EBADMSG },
		{ "trailing byte",
			"5701020000000001000407000100"
			"00",
			EBADMSG },
		{ "request without certificate",
			"57010100000000010005010002"
			"0141",
			EPROTO },
		{ "device without prefix",
			"57010100000000010005010002"
			"4141",
			EBADMSG },
		{ "device with a NUL",
			"57010100000000010005010002"
			"0100",
			EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice frame = from_hex(rows[i].hex);
		struct tvs_msg m;

		check_row(rows[i].name, tvs_parse(&m, frame) == rows[i].err);
		vector_free(frame);
	}
}

static void refuses_to_build(void **state)
{
	(void)state;
	char *big = calloc(1, UINT16_MAX);
	struct tvs_msg m = { .command = TVS_VERIFY_REQUEST,
		.device = SLICE_LIT("CP-8841-SEP001122334455"),
		.cert = slice_of(big, UINT16_MAX) };
	struct text out = { 0 };

	assert_int_equal(tvs_build(&out, &m), EINVAL);
	assert_int_equal(out.n, 0);
	free(big);
}

/* Given the phone's frame we send what the known server sent. */
static void answers_as_recorded(void **state)
{
	(void)state;
	static const struct {
		const char *cert;
		struct tvs_known known;
		uint32_t ttl;
		bool valid;
	} rows[] = {
		{ "ccm", { .roles = { 1 }, .nroles = 1 }, TVS_TTL_DEFAULT,
			true },
		{ "app", { .roles = { 1, 3, 4, 7 }, .nroles = 4 }, 3600, true },
		{ "ccm", { .roles = { 1 }, .nroles = 1 }, TVS_TTL_DEFAULT,
			false },
		{ "tftp-ec", { .roles = { 3 }, .nroles = 1 }, TVS_TTL_MAX,
			true },
		{ "sast1", { .roles = { 0, 21 }, .nroles = 2 }, 1, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tvs_known k = rows[i].known;
		struct session s;
		struct text out = { 0 };
		struct tvs_answer what;

		session_load(&s, sessions[i]);
		k.cert = pki_cert(rows[i].cert);
		check_row(sessions[i], tvs_answer_frame(&out, &what, s.frame[0],
					       &k, 1, rows[i].ttl) == 0);
		check_row(sessions[i], slice_eq(text_slice(&out), s.frame[1]));
		check_row(sessions[i], what.valid == rows[i].valid);
		check_row(sessions[i], (what.known == &k) == rows[i].valid);
		/* A server's frame is none to answer. */
		check_row(sessions[i], tvs_answer_frame(&out, &what, s.frame[1],
					       &k, 1, 1) == EPROTO);
		text_free(&out);
		vector_free(k.cert);
		session_free(&s);
	}
}

static void answers_queries(void **state)
{
	(void)state;
	static const uint8_t serial[] = { 0x98, 0x69, 0xd9, 0xfb, 0x5c, 0xf6,
		0x21, 0xbe, 0x3e, 0x49, 0x73, 0x3d, 0x24, 0xe4, 0xcf, 0xe7 };
	static const char cisco[] =
		"CN=proxy.example.net;OU=Voice + Video;O=Example, Inc.;"
		"L=Krakow;ST=Malopolska;C=PL";
	static const char plain[] =
		"CN=proxy.example.net,O=Example\\, Inc.,OU=Voice \\+ Video,"
		"L=Krakow,ST=Malopolska,C=PL";
	const struct {
		const char *name, *subject, *issuer;
		struct slice serial;
		bool valid;
	} rows[] = {
		{ "Cisco's style", cisco, cisco, slice_of(serial, 16), true },
		{ "the other style", plain, NULL, slice_of(serial, 16), true },
		{ "subject alone", cisco, NULL, slice_of(NULL, 0), true },
		{ "other subject", "CN=x", NULL, slice_of(serial, 16), false },
		{ "other issuer", cisco, "CN=x", slice_of(serial, 16), false },
		{ "other serial", cisco, NULL, slice_of(serial, 15), false },
	};
	struct tvs_known k[2] = { { .cert = pki_cert("tftp") },
		{ .cert = pki_cert("ccmtftp"),
			.roles = { ROLE_SAST, ROLE_TFTP },
			.nroles = 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tvs_msg m = { .command = TVS_QUERY_REQUEST,
			.session = 1001,
			.device = SLICE_LIT("CP-8841-SEP001122334455"),
			.subject = slice_str(rows[i].subject),
			.issuer = slice_str(rows[i].issuer),
			.serial = rows[i].serial };
		struct text query = { 0 }, out = { 0 };
		struct tvs_answer what;

		assert_int_equal(tvs_build(&query, &m), 0);
		check_row(rows[i].name,
			tvs_answer_frame(&out, &what, text_slice(&query), k, 2,
				86400) == 0);
		assert_int_equal(tvs_parse(&m, text_slice(&out)), 0);
		check_row(rows[i].name, m.command == TVS_QUERY_RESPONSE);
		check_row(
			rows[i].name, (m.status == TVS_VALID) == rows[i].valid);
		check_row(rows[i].name, rows[i].valid
						? slice_eq(m.cert, k[1].cert)
						: m.cert.n == 0);
		assert_string_equal(what.device, "CP-8841-SEP001122334455");
		text_free(&query);
		text_free(&out);
	}
	vector_free(k[0].cert);
	vector_free(k[1].cert);
}

static void names_devices(void **state)
{
	(void)state;
	static const struct {
		const char *device, *sep;
	} rows[] = {
		{ "CP-8841-SEP001122334455", "SEP001122334455" },
		{ "SEPAABBCCDDEEFF", "SEPAABBCCDDEEFF" },
		{ "CP-8841-SEP00112233445g", "" },
		{ "CP-8841-SEP00112233445a", "" },
		{ "CP-8841xSEP001122334455", "" },
		{ "SEP00112233445", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char out[TVS_SEP_TEXT];
		bool is = tvs_sep_name(slice_str(rows[i].device), out);

		check_row(rows[i].device, is == (rows[i].sep[0] != '\0'));
		assert_string_equal(out, rows[i].sep);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_and_builds_all),
		T(understands),
		T(queries),
		T(refuses),
		T(refuses_to_build),
		T(answers_as_recorded),
		T(answers_queries),
		T(names_devices),
	};

	return RUN_TESTS(tests);
}

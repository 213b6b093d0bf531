/*
 * A zoo of chains with their verdicts. Where OpenSSL looks at the same things
 * its `openssl verify` must agree.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/judge.h"
#include "pki.h"

extern char **environ;

enum beast {
	ROOT,
	INTER,
	OTHER_ROOT,
	FAKE_ROOT,
	OLD_ROOT,
	NEW_ROOT,
	PATH_ROOT,
	EMAIL_CA,
	NAMES_CA,
	EXPIRED_CA,
	NOT_A_CA,
	NO_SIGN_CA,
	WEAK_CA,
	SHA1_ROOT,
	V1_ROOT,
	NO_ID_ROOT,
	NO_ID_TWIN,
	RSA_ROOT,
	FAKE_INTER,
	LEAF,
	LEAF_OF_ROOT,
	SELF,
	SELF_SHA1,
	EXPIRED,
	FUTURE,
	NO_EKU,
	CLIENT_ONLY,
	SERVER_ONLY,
	EMAIL_ONLY,
	ANY_EKU,
	SIGN_ONLY,
	CRL_ONLY,
	SHA1,
	RSA1024,
	EC224,
	EC384,
	ED,
	RSA,
	BAD_SIG,
	FORGED,
	OF_OLD,
	UNDER_PATH,
	UNDER_PATH2,
	OF_EMAIL_CA,
	OF_NAMES_CA,
	IN_NAMES_CA,
	OF_EXPIRED_CA,
	OF_NOT_A_CA,
	OF_NO_SIGN_CA,
	OF_WEAK_CA,
	OF_SHA1_ROOT,
	OF_V1,
	OF_TWIN,
	OF_RSA_ROOT,
	CN_ONLY,
	WILD,
	WILD_TLD,
	IP4,
	IP6,
	SIP_URI,
	NUL_SAN,
	TWO_CNS,
	UPPER,
	SAN_HIDES_CN,
	BEASTS
};

static struct pki_cert *zoo[BEASTS];

#define BOTH .eku = "client,server"

static void make(enum beast b, struct pki_spec spec, int issuer)
{
	char cn[32];

	(void)snprintf(cn, sizeof(cn), "beast %d", (int)b);
	if (spec.cn == NULL)
		spec.cn = cn;
	if (issuer >= 0)
		spec.issuer = zoo[issuer];
	zoo[b] = pki_make(&spec);
}

#define CERT(b, issuer, ...)                                                   \
	make((b), (struct pki_spec){ __VA_ARGS__ }, (issuer))

static void make_cas(void)
{
	CERT(ROOT, -1, .cn = "Root", .ca = true);
	CERT(INTER, ROOT, .cn = "Inter", .ca = true);
	CERT(OTHER_ROOT, -1, .cn = "Other root", .ca = true);
	CERT(FAKE_ROOT, -1, .cn = "Root", .ca = true);
	CERT(FAKE_INTER, FAKE_ROOT, .cn = "Inter", .ca = true, .no_ids = true);
	CERT(OLD_ROOT, -1, .cn = "Renewed", .ca = true, .from_days = -9,
		.to_days = -1);
	CERT(NEW_ROOT, -1, .cn = "Renewed", .ca = true,
		.same_key = zoo[OLD_ROOT]);
	CERT(PATH_ROOT, -1, .cn = "Path root", .ca = true, .path_limit = true);
	CERT(EMAIL_CA, ROOT, .cn = "Mail CA", .ca = true, .eku = "email");
	CERT(NAMES_CA, ROOT, .cn = "Names CA", .ca = true,
		.permitted_dns = "example.com");
	CERT(EXPIRED_CA, ROOT, .cn = "Old CA", .ca = true, .from_days = -9,
		.to_days = -1);
	CERT(NOT_A_CA, ROOT, .cn = "No CA");
	CERT(NO_SIGN_CA, ROOT, .cn = "No sign CA", .ca = true,
		.usage = GNUTLS_KEY_CRL_SIGN);
	CERT(WEAK_CA, ROOT, .cn = "Weak CA", .ca = true, .key = PKI_RSA1024);
	CERT(SHA1_ROOT, -1, .cn = "SHA1 root", .ca = true,
		.digest = GNUTLS_DIG_SHA1);
	CERT(V1_ROOT, -1, .cn = "V1 root", .v1 = true);
	CERT(NO_ID_ROOT, -1, .cn = "Twin", .ca = true, .no_ids = true);
	CERT(NO_ID_TWIN, -1, .cn = "Twin", .ca = true, .no_ids = true);
	CERT(RSA_ROOT, -1, .cn = "RSA root", .ca = true, .key = PKI_RSA2048);
	CERT(UNDER_PATH, PATH_ROOT, .cn = "Too deep", .ca = true);
}

static void make_leaves(void)
{
	CERT(LEAF, INTER, BOTH, .san = "DNS:phone.example.com");
	CERT(LEAF_OF_ROOT, ROOT, BOTH);
	CERT(SELF, -1, .cn = "Self", BOTH);
	CERT(SELF_SHA1, -1, .cn = "Self", BOTH, .digest = GNUTLS_DIG_SHA1);
	CERT(EXPIRED, INTER, BOTH, .from_days = -9, .to_days = -1);
	CERT(FUTURE, INTER, BOTH, .from_days = 1, .to_days = 9);
	CERT(NO_EKU, INTER, .cn = "no eku");
	CERT(CLIENT_ONLY, INTER, .eku = "client");
	CERT(SERVER_ONLY, INTER, .eku = "server");
	CERT(EMAIL_ONLY, INTER, .eku = "email");
	CERT(ANY_EKU, INTER, .eku = "any");
	CERT(SIGN_ONLY, INTER, BOTH, .usage = GNUTLS_KEY_DIGITAL_SIGNATURE);
	CERT(CRL_ONLY, INTER, BOTH, .usage = GNUTLS_KEY_CRL_SIGN);
	CERT(SHA1, INTER, BOTH, .digest = GNUTLS_DIG_SHA1);
	CERT(RSA1024, INTER, BOTH, .key = PKI_RSA1024);
	CERT(EC224, INTER, BOTH, .key = PKI_EC224);
	CERT(EC384, INTER, BOTH, .key = PKI_EC384);
	CERT(ED, INTER, BOTH, .key = PKI_ED25519);
	CERT(RSA, INTER, BOTH, .key = PKI_RSA2048);
	CERT(BAD_SIG, INTER, BOTH, .bad_signature = true);
	CERT(FORGED, FAKE_INTER, BOTH, .no_ids = true);
	CERT(OF_OLD, NEW_ROOT, BOTH);
	CERT(UNDER_PATH2, UNDER_PATH, BOTH);
	CERT(OF_EMAIL_CA, EMAIL_CA, BOTH);
	CERT(OF_NAMES_CA, NAMES_CA, BOTH, .san = "DNS:phone.example.org");
	CERT(IN_NAMES_CA, NAMES_CA, BOTH, .san = "DNS:phone.example.com");
	CERT(OF_EXPIRED_CA, EXPIRED_CA, BOTH);
	CERT(OF_NOT_A_CA, NOT_A_CA, BOTH);
	CERT(OF_NO_SIGN_CA, NO_SIGN_CA, BOTH);
	CERT(OF_WEAK_CA, WEAK_CA, BOTH);
	CERT(OF_SHA1_ROOT, SHA1_ROOT, BOTH);
	CERT(OF_V1, V1_ROOT, BOTH);
	CERT(OF_TWIN, NO_ID_TWIN, BOTH, .no_ids = true);
	CERT(OF_RSA_ROOT, RSA_ROOT, BOTH);
}

static void make_named(void)
{
	CERT(CN_ONLY, ROOT, .cn = "cm.example.com");
	CERT(SAN_HIDES_CN, ROOT, .cn = "cm.example.com",
		.san = "DNS:other.example.com");
	CERT(WILD, ROOT, .san = "DNS:*.example.com");
	CERT(WILD_TLD, ROOT, .san = "DNS:*.com");
	CERT(IP4, ROOT, .san = "IP:192.0.2.1");
	CERT(IP6, ROOT, .san = "IP:2001:db8::1");
	CERT(SIP_URI, ROOT, .san = "URI:sip:example.com");
	CERT(NUL_SAN, ROOT, .san = "DNS:cm.example.com^.evil.example");
	CERT(TWO_CNS, ROOT, .cn = "cm.example.com", .cn2 = "b.example.com");
	CERT(UPPER, ROOT, .san = "DNS:CM.Example.COM");
}

static int setup(void **state)
{
	(void)state;
	make_cas();
	make_leaves();
	make_named();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < BEASTS; i++)
		pki_free(zoo[i]);
	return 0;
}

struct row {
	const char *name;
	int chain[JUDGE_CHAIN_MAX + 3]; /* each + 1, ends with 0 */
	int anchors[4]; /* the same */
	bool server; /* the peer is one */
	enum judge_reason reason;
	const char *says; /* in the text; NULL: anything */
	bool openssl_differs; /* it does not look, or has other rules */
};

/* clang-format off */
#define C(...) { __VA_ARGS__ }
#define B(x) ((x) + 1)
static const struct row rows[] = {
	{ "good", C(B(LEAF), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "good as server", C(B(LEAF), B(INTER)), C(B(ROOT)), 1, JUDGE_OK, "" },
	{ "with the root", C(B(LEAF), B(INTER), B(ROOT)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "wrong order", C(B(LEAF), B(ROOT), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "doubles", C(B(LEAF), B(LEAF), B(INTER), B(INTER), B(LEAF)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "strangers in between", C(B(LEAF), B(OTHER_ROOT), B(RSA), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "issued by the anchor", C(B(LEAF_OF_ROOT)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "intermediate is the anchor", C(B(LEAF)), C(B(INTER)), 0, JUDGE_OK, "" },
	{ "leaf is the anchor", C(B(LEAF)), C(B(LEAF)), 0, JUDGE_OK, "" },
	{ "self-signed is the anchor", C(B(SELF)), C(B(SELF)), 1, JUDGE_OK, "" },
	{ "self-signed by SHA-1 is the anchor", C(B(SELF_SHA1)), C(B(SELF_SHA1)), 1, JUDGE_OK, "" },
	{ "several anchors", C(B(LEAF), B(INTER)), C(B(OTHER_ROOT), B(SELF), B(ROOT)), 0, JUDGE_OK, "" },
	{ "no certificate", C(0), C(B(ROOT)), 0, JUDGE_NO_CERTIFICATE, "no certificate", true },
	{ "eleven certificates", C(B(LEAF), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER)), C(B(ROOT)), 0, JUDGE_OTHER, "11 certificates", true },
	{ "other CA", C(B(LEAF), B(INTER)), C(B(OTHER_ROOT)), 0, JUDGE_UNKNOWN_CA, "\"CN=Root\", which is not among" },
	{ "no anchors", C(B(LEAF), B(INTER)), C(0), 0, JUDGE_UNKNOWN_CA, "CN=Root" },
	{ "own root sent along", C(B(LEAF), B(INTER), B(ROOT)), C(B(OTHER_ROOT)), 0, JUDGE_UNKNOWN_CA, "the CA \"CN=Root\", which is signed by itself" },
	{ "missing intermediate", C(B(LEAF)), C(B(ROOT)), 0, JUDGE_UNKNOWN_CA, "issued by \"CN=Inter\"" },
	{ "self-signed stranger", C(B(SELF)), C(B(ROOT)), 0, JUDGE_UNKNOWN_CA, "signed by itself" },
	{ "CA of the same name", C(B(LEAF_OF_ROOT)), C(B(FAKE_ROOT)), 0, JUDGE_UNKNOWN_CA, "of that name has another key" },
	{ "expired", C(B(EXPIRED), B(INTER)), C(B(ROOT)), 0, JUDGE_EXPIRED, "the certificate" },
	{ "not yet valid", C(B(FUTURE), B(INTER)), C(B(ROOT)), 0, JUDGE_NOT_YET_VALID, "not valid before" },
	{ "expired CA", C(B(OF_EXPIRED_CA), B(EXPIRED_CA)), C(B(ROOT)), 0, JUDGE_EXPIRED, "\"CN=Old CA\"" },
	{ "expired anchor", C(B(OF_OLD)), C(B(OLD_ROOT)), 0, JUDGE_EXPIRED, "trusted CA" },
	{ "anchor was renewed", C(B(OF_OLD)), C(B(OLD_ROOT), B(NEW_ROOT)), 0, JUDGE_OK, "" },
	{ "anchor was renewed, new first", C(B(OF_OLD)), C(B(NEW_ROOT), B(OLD_ROOT)), 0, JUDGE_OK, "" },
	{ "no purpose named", C(B(NO_EKU), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "client's as client", C(B(CLIENT_ONLY), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "client's as server", C(B(CLIENT_ONLY), B(INTER)), C(B(ROOT)), 1, JUDGE_PURPOSE, "TLS server" },
	{ "server's as server", C(B(SERVER_ONLY), B(INTER)), C(B(ROOT)), 1, JUDGE_OK, "" },
	{ "server's as client", C(B(SERVER_ONLY), B(INTER)), C(B(ROOT)), 0, JUDGE_PURPOSE, "TLS client" },
	{ "mail only", C(B(EMAIL_ONLY), B(INTER)), C(B(ROOT)), 0, JUDGE_PURPOSE, "extended key usage" },
	{ "any purpose", C(B(ANY_EKU), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "", true },
	{ "CA for mail only", C(B(OF_EMAIL_CA), B(EMAIL_CA)), C(B(ROOT)), 0, JUDGE_PURPOSE, "Mail CA" },
	{ "may sign", C(B(SIGN_ONLY), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "may sign CRLs only", C(B(CRL_ONLY), B(INTER)), C(B(ROOT)), 0, JUDGE_PURPOSE, "key usage" },
	{ "SHA-1", C(B(SHA1), B(INTER)), C(B(ROOT)), 0, JUDGE_WEAK, "SHA1" },
	{ "SHA-1 of the anchor itself", C(B(OF_SHA1_ROOT)), C(B(SHA1_ROOT)), 0, JUDGE_OK, "" },
	{ "RSA 1024", C(B(RSA1024), B(INTER)), C(B(ROOT)), 0, JUDGE_WEAK, "RSA 1024" },
	{ "RSA 1024 of a CA", C(B(OF_WEAK_CA), B(WEAK_CA)), C(B(ROOT)), 0, JUDGE_WEAK, "Weak CA" },
	{ "P-224", C(B(EC224), B(INTER)), C(B(ROOT)), 0, JUDGE_WEAK, "EC P-224", true },
	{ "P-384", C(B(EC384), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "Ed25519", C(B(ED), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "RSA 2048", C(B(RSA), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "of an RSA root", C(B(OF_RSA_ROOT)), C(B(RSA_ROOT)), 0, JUDGE_OK, "" },
	{ "wrong signature", C(B(BAD_SIG), B(INTER)), C(B(ROOT)), 0, JUDGE_BAD_SIGNATURE, "wrong" },
	{ "forged under a good CA", C(B(FORGED), B(INTER)), C(B(ROOT)), 0, JUDGE_BAD_SIGNATURE, "" },
	{ "issuer is no CA", C(B(OF_NOT_A_CA), B(NOT_A_CA)), C(B(ROOT)), 0, JUDGE_NOT_A_CA, "\"CN=No CA\"" },
	{ "issuer must not sign", C(B(OF_NO_SIGN_CA), B(NO_SIGN_CA)), C(B(ROOT)), 0, JUDGE_NOT_A_CA, "key usage" },
	{ "anchor is no CA", C(B(OF_NOT_A_CA)), C(B(NOT_A_CA)), 0, JUDGE_NOT_A_CA, "" },
	{ "anchor of version 1", C(B(OF_V1)), C(B(V1_ROOT)), 0, JUDGE_OK, "" },
	{ "path too long", C(B(UNDER_PATH2), B(UNDER_PATH)), C(B(PATH_ROOT)), 0, JUDGE_PATH_LENGTH, "\"CN=Path root\" allows 0 CAs" },
	{ "outside the names of the CA", C(B(OF_NAMES_CA), B(NAMES_CA)), C(B(ROOT)), 0, JUDGE_CONSTRAINT, "\"CN=Names CA\" may not issue" },
	{ "within the names of the CA", C(B(IN_NAMES_CA), B(NAMES_CA)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "two anchors of one name", C(B(OF_TWIN)), C(B(NO_ID_ROOT), B(NO_ID_TWIN)), 0, JUDGE_OK, "", true },
	{ "two intermediates of one name", C(B(LEAF), B(FAKE_INTER), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "", true },
};
/* clang-format on */

static gnutls_x509_trust_list_t anchors_of(const int *list)
{
	gnutls_x509_trust_list_t out;

	assert_int_equal(gnutls_x509_trust_list_init(&out, 0), 0);
	for (size_t i = 0; list[i] != 0; i++)
		assert_int_equal(gnutls_x509_trust_list_add_cas(
					 out, &zoo[list[i] - 1]->crt, 1, 0),
			1);
	return out;
}

static void judge_row(const struct row *row, struct judge_verdict *v)
{
	gnutls_datum_t chain[ARRAY_SIZE(row->chain)];
	struct judge_params p = {
		.chain = chain,
		.anchors = anchors_of(row->anchors),
		.peer_is_client = !row->server,
		.now = time(NULL),
	};

	while (row->chain[p.chain_len] != 0) {
		chain[p.chain_len] = zoo[row->chain[p.chain_len] - 1]->der;
		p.chain_len++;
	}
	(void)judge_chain(v, &p);
	gnutls_x509_trust_list_deinit(p.anchors, 0);
}

static void zoo_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct judge_verdict v;

		judge_row(&rows[i], &v);
		if (v.reason != rows[i].reason ||
			(rows[i].says[0] != '\0' &&
				strstr(v.text, rows[i].says) == NULL))
			fail_msg("row \"%s\": %s, \"%s\"", rows[i].name,
				judge_reason_name(v.reason), v.text);
		check_row(rows[i].name,
			(v.text[0] == '\0') == (v.reason == JUDGE_OK));
	}
}

static char *write_list(const char *dir, const char *name, const int *list)
{
	struct text t = { 0 };
	char *path;

	text_printf(&t, "\n");
	for (size_t i = 0; list[i] != 0; i++) {
		char *pem = pki_pem_cert(zoo[list[i] - 1]);

		text_add(&t, slice_str(pem));
		free(pem);
	}
	path = pki_write_text(dir, name, t.p);
	text_free(&t);
	return path;
}

static bool openssl_accepts(const char *dir, const struct row *row)
{
	const int leaf[2] = { row->chain[0], 0 };
	char *files[3] = { write_list(dir, "roots", row->anchors),
		write_list(dir, "rest", row->chain + 1),
		write_list(dir, "leaf", leaf) };
	const char *const words[] = { "openssl", "verify", "-no-CApath",
		"-no-CAstore", "-partial_chain", "-auth_level", "2", "-purpose",
		row->server ? "sslserver" : "sslclient", "-CAfile", files[0],
		"-untrusted",
		row->chain[0] != 0 && row->chain[1] != 0 ? files[1] : files[2],
		files[2] };
	char *argv[ARRAY_SIZE(words) + 1] = { NULL };
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		argv[i] = mem_dup(words[i]);
	assert_int_equal(posix_spawn_file_actions_init(&fa), 0);
	for (int fd = 1; fd <= 2; fd++)
		assert_int_equal(posix_spawn_file_actions_addopen(
					 &fa, fd, "/dev/null", O_WRONLY, 0),
			0);
	assert_int_equal(
		posix_spawnp(&pid, "openssl", &fa, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	posix_spawn_file_actions_destroy(&fa);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		free(argv[i]);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		free(files[i]);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void openssl_agrees(void **state)
{
	char *dir = pki_dir();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!rows[i].openssl_differs)
			check_row(rows[i].name,
				openssl_accepts(dir, &rows[i]) ==
					(rows[i].reason == JUDGE_OK));
	pki_dir_free(dir);
}

static void names_are_compared(void **state)
{
	static const struct {
		enum beast leaf;
		const char *expected;
		bool ok;
	} names[] = {
		{ LEAF_OF_ROOT, NULL, true },
		{ CN_ONLY, "cm.example.com", true },
		{ CN_ONLY, "CM.EXAMPLE.com", true },
		{ CN_ONLY, "cm.example.com.", true },
		{ CN_ONLY, "cm.example.org", false },
		{ CN_ONLY, "m.example.com", false },
		{ CN_ONLY, "", false },
		{ CN_ONLY, ".", false },
		{ SAN_HIDES_CN, "cm.example.com", false },
		{ SAN_HIDES_CN, "other.example.com", true },
		{ UPPER, "cm.example.com", true },
		{ WILD, "cm.example.com", true },
		{ WILD, "a.b.example.com", false },
		{ WILD, "example.com", false },
		{ WILD, ".example.com", false },
		{ WILD_TLD, "example.com", false },
		{ IP4, "192.0.2.1", true },
		{ IP4, "192.0.2.2", false },
		{ IP4, "::ffff:192.0.2.1", false },
		{ IP4, "192.0.2.1.", false },
		{ IP6, "2001:db8:0::1", true },
		{ IP6, "2001:db8::2", false },
		{ SIP_URI, "example.com", true },
		{ SIP_URI, "cm.example.com", false },
		{ NUL_SAN, "cm.example.com", false },
		{ TWO_CNS, "cm.example.com", false },
		{ TWO_CNS, "b.example.com", false },
	};
	const int root[2] = { ROOT + 1, 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct judge_params p = {
			.chain = &zoo[names[i].leaf]->der,
			.chain_len = 1,
			.anchors = anchors_of(root),
			.expected_name = names[i].expected,
			.now = time(NULL),
		};
		struct judge_verdict v;
		bool ok = judge_chain(&v, &p);

		gnutls_x509_trust_list_deinit(p.anchors, 0);
		if (ok != names[i].ok ||
			v.reason != (ok ? JUDGE_OK : JUDGE_NAME))
			fail_msg("row %zu, %s: %s", i, names[i].expected,
				v.text);
	}
}

static void both_names_are_told(void **state)
{
	const int root[2] = { ROOT + 1, 0 };
	struct judge_params p = {
		.chain = &zoo[SAN_HIDES_CN]->der,
		.chain_len = 1,
		.anchors = anchors_of(root),
		.expected_name = "cm.example.com",
		.now = time(NULL),
	};
	struct judge_verdict v;

	(void)state;
	assert_false(judge_chain(&v, &p));
	assert_non_null(strstr(v.text, "\"cm.example.com\" was expected"));
	assert_non_null(strstr(v.text, "\"other.example.com\""));
	gnutls_x509_trust_list_deinit(p.anchors, 0);
}

static void clock_is_the_callers(void **state)
{
	const int root[2] = { ROOT + 1, 0 };
	struct judge_params p = {
		.chain = &zoo[LEAF_OF_ROOT]->der,
		.chain_len = 1,
		.peer_is_client = true,
		.anchors = anchors_of(root),
		.now = time(NULL),
	};
	struct judge_verdict v;

	(void)state;
	assert_true(judge_chain(&v, &p));
	p.now += 366 * 24 * 3600;
	assert_false(judge_chain(&v, &p));
	assert_int_equal(v.reason, JUDGE_EXPIRED);
	assert_int_equal(v.alert, GNUTLS_A_CERTIFICATE_EXPIRED);
	p.now = 0;
	assert_false(judge_chain(&v, &p));
	assert_int_equal(v.reason, JUDGE_CLOCK);
	assert_non_null(strstr(v.text, "1970-01-01"));
	p.now = time(NULL) - 3 * 24 * 3600; /* before the anchor's time */
	assert_false(judge_chain(&v, &p));
	assert_int_equal(v.reason, JUDGE_NOT_YET_VALID);
	gnutls_x509_trust_list_deinit(p.anchors, 0);
}

static void garbage_is_malformed(void **state)
{
	unsigned char junk[] = "\x30\x82\x01\x00 no certificate";
	gnutls_datum_t chain[2] = { zoo[LEAF]->der,
		{ .data = junk, .size = sizeof(junk) } };
	const int root[2] = { ROOT + 1, 0 };
	struct judge_params p = { .chain = chain,
		.chain_len = 2,
		.anchors = anchors_of(root),
		.now = time(NULL) };
	struct judge_verdict v;

	(void)state;
	assert_false(judge_chain(&v, &p));
	assert_int_equal(v.reason, JUDGE_MALFORMED);
	assert_non_null(strstr(v.text, "certificate 2 of 2"));
	/* Every prefix of a good one. */
	p.chain_len = 1;
	for (chain[0].size = 0; chain[0].size < zoo[LEAF]->der.size;
		chain[0].size++) {
		assert_false(judge_chain(&v, &p));
		assert_int_equal(v.reason, JUDGE_MALFORMED);
	}
	gnutls_x509_trust_list_deinit(p.anchors, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(zoo_is_judged),
		T(openssl_agrees),
		T(names_are_compared),
		T(both_names_are_told),
		T(clock_is_the_callers),
		T(garbage_is_malformed),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}

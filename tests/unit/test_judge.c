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
#include "certs/judge/judge.h"
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
	NUL_CN,
	CN_ADDRESS,
	HUGE_SAN,
	UNDER_PATH_OK,
	SLOW,
	SLOW_CA,
	OF_SLOW_CA,
	CIRCLE_START,
	CIRCLE_A,
	CIRCLE_B,
	OF_CIRCLE,
	MADE_BY_OPENSSL, /* by zoo.sh, in the order of `foreign` */
	MD5 = MADE_BY_OPENSSL,
	RSA512,
	E3,
	NEGATIVE,
	LONG_SERIAL,
	PSS,
	PSS_MAX,
	CRITICAL,
	UNKNOWN,
	P521,
	K256,
	IDN,
	SSL_ROOT,
	BEASTS
};

static const char *const foreign[BEASTS - MADE_BY_OPENSSL] = { "md5", "rsa512",
	"e3", "negative", "long-serial", "pss", "pss-max", "critical",
	"unknown", "p521", "k256", "idn", "rsa-root" };

enum { CROWD = 5000 };
static struct pki_cert *crowd[CROWD];

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
	CERT(NUL_CN, ROOT, .cn = "cm.example.com\0.evil.example", .cn_len = 28);
	CERT(CN_ADDRESS, ROOT, .cn = "192.0.2.1");
	CERT(UNDER_PATH_OK, PATH_ROOT, BOTH);
	CERT(UPPER, ROOT, .san = "DNS:CM.Example.COM");
}

/* What its maker pays once, and who looks at it each time. */
static void make_dear(void)
{
	CERT(SLOW, INTER, .cn = "Slow", BOTH, .key = PKI_RSA_LONG_E);
	CERT(SLOW_CA, ROOT, .cn = "Slow CA", .ca = true, .same_key = zoo[SLOW]);
	CERT(OF_SLOW_CA, SLOW_CA, BOTH);
	CERT(CIRCLE_START, -1, .cn = "Circle B", .ca = true);
	CERT(CIRCLE_A, CIRCLE_START, .cn = "Circle A", .ca = true);
	CERT(CIRCLE_B, CIRCLE_A, .cn = "Circle B", .ca = true,
		.same_key = zoo[CIRCLE_START]);
	CERT(OF_CIRCLE, CIRCLE_A, BOTH);
}

/* A certificate of 64 KB, nearly all of it names. */
static void make_huge(void)
{
	struct text t = { 0 };

	text_printf(&t, "DNS:cm.example.com");
	for (unsigned i = 0; t.n < 64 << 10; i++)
		text_printf(&t, ",DNS:name-%u.of-many.example.com", i);
	CERT(HUGE_SAN, ROOT, .san = t.p);
	text_free(&t);
}

static void make_crowd(void)
{
	char cn[32];

	for (unsigned i = 0; i < CROWD; i++) {
		(void)snprintf(cn, sizeof(cn), "Anchor %u", i);
		crowd[i] = pki_make(&(struct pki_spec){
			.cn = cn, .ca = true, .same_key = zoo[ROOT] });
	}
}

static int run(const char *const *words)
{
	char *argv[32] = { NULL };
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int status;

	for (size_t i = 0; words[i] != NULL; i++)
		argv[i] = mem_dup(words[i]);
	assert_int_equal(posix_spawn_file_actions_init(&fa), 0);
	for (int fd = 1; fd <= 2; fd++)
		assert_int_equal(posix_spawn_file_actions_addopen(
					 &fa, fd, "/dev/null", O_WRONLY, 0),
			0);
	assert_int_equal(
		posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	posix_spawn_file_actions_destroy(&fa);
	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void import(enum beast b, const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s.pem", dir, name);
	struct pki_cert *c = mem_new(sizeof(*c));
	gnutls_datum_t pem;

	need(gnutls_load_file(path, &pem) == 0);
	need(gnutls_x509_crt_init(&c->crt) == 0);
	need(gnutls_x509_crt_import(c->crt, &pem, GNUTLS_X509_FMT_PEM) == 0);
	need(gnutls_x509_crt_export2(c->crt, GNUTLS_X509_FMT_DER, &c->der) ==
		0);
	need(gnutls_x509_privkey_init(&c->key) == 0);
	gnutls_free(pem.data);
	free(path);
	zoo[b] = c;
}

static void make_foreign(void)
{
	char *dir = pki_dir();
	char *script = mem_printf("%s/tests/unit/zoo.sh", getenv("SRCDIR"));

	need(run((const char *const[]){ "sh", script, dir, NULL }) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		import((enum beast)(MADE_BY_OPENSSL + (int)i), dir, foreign[i]);
	pki_dir_free(dir);
	free(script);
}

static int setup(void **state)
{
	(void)state;
	make_cas();
	make_leaves();
	make_named();
	make_dear();
	make_huge();
	make_crowd();
	make_foreign();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < BEASTS; i++)
		pki_free(zoo[i]);
	for (size_t i = 0; i < CROWD; i++)
		pki_free(crowd[i]);
	return 0;
}

struct row {
	const char *name;
	int chain[JUDGE_CHAIN_MAX + 3]; /* each + 1, ends with 0 */
	int anchors[4]; /* the same */
	bool server; /* the peer is one */
	enum judge_reason reason;
	const char *says; /* in the text; NULL: anything */
	const char *differs; /* why `openssl verify` decides otherwise */
	const char *expect; /* name that is asked for; NULL: any */
	bool crowd; /* among 5,000 anchors */
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
	{ "no certificate", C(0), C(B(ROOT)), 0, JUDGE_NO_CERTIFICATE, "no certificate" },
	{ "eleven certificates", C(B(LEAF), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER), B(INTER)), C(B(ROOT)), 0, JUDGE_OTHER, "11 certificates",
		"At most ten certificates are read from a peer: what a chain may cost is bounded. OpenSSL passes over doubles." },
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
	{ "any purpose", C(B(ANY_EKU), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "",
		"OpenSSL does not take anyExtendedKeyUsage for serverAuth or clientAuth. RFC 5280 4.2.1.12 leaves that to the application; GnuTLS and we accept it, as some phone makers' CAs write it." },
	{ "CA for mail only", C(B(OF_EMAIL_CA), B(EMAIL_CA)), C(B(ROOT)), 0, JUDGE_PURPOSE, "Mail CA" },
	{ "may sign", C(B(SIGN_ONLY), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "" },
	{ "may sign CRLs only", C(B(CRL_ONLY), B(INTER)), C(B(ROOT)), 0, JUDGE_PURPOSE, "key usage" },
	{ "SHA-1", C(B(SHA1), B(INTER)), C(B(ROOT)), 0, JUDGE_WEAK, "SHA1" },
	{ "SHA-1 of the anchor itself", C(B(OF_SHA1_ROOT)), C(B(SHA1_ROOT)), 0, JUDGE_OK, "" },
	{ "RSA 1024", C(B(RSA1024), B(INTER)), C(B(ROOT)), 0, JUDGE_WEAK, "RSA 1024" },
	{ "RSA 1024 of a CA", C(B(OF_WEAK_CA), B(WEAK_CA)), C(B(ROOT)), 0, JUDGE_WEAK, "Weak CA" },
	{ "P-224", C(B(EC224), B(INTER)), C(B(ROOT)), 0, JUDGE_WEAK, "EC P-224",
		"Curves below P-256 are refused; OpenSSL at level 2 asks for 112 bits, which P-224 has." },
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
	{ "two anchors of one name", C(B(OF_TWIN)), C(B(NO_ID_ROOT), B(NO_ID_TWIN)), 0, JUDGE_OK, "",
		"Without key identifiers only the signature tells two CAs of one name apart. We look at all of them, OpenSSL at the first." },
	{ "two intermediates of one name", C(B(LEAF), B(FAKE_INTER), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "",
		"The same among what was sent: we take the one that signed, OpenSSL the first." },
	{ "path just short enough", C(B(UNDER_PATH_OK)), C(B(PATH_ROOT)), 0, JUDGE_OK, "" },
	{ "MD5", C(B(MD5)), C(B(SSL_ROOT)), 0, JUDGE_WEAK, "MD5" },
	{ "RSA 512", C(B(RSA512)), C(B(SSL_ROOT)), 0, JUDGE_WEAK, "RSA 512" },
	{ "RSA with exponent 3", C(B(E3)), C(B(SSL_ROOT)), 0, JUDGE_OK, "" },
	{ "RSA with exponent of 1000 bits", C(B(SLOW), B(INTER)), C(B(ROOT)), 0, JUDGE_OTHER, "\"CN=Slow\" has an exponent of more than 64 bits",
		.differs = "To verify with such a key takes a hundred times as long. OpenSSL looks at that from 3072 bits on." },
	{ "CA with exponent of 1000 bits", C(B(OF_SLOW_CA), B(SLOW_CA)), C(B(ROOT)), 0, JUDGE_OTHER, "\"CN=Slow CA\" has an exponent", .differs = "The same." },
	{ "two CAs that issued each other", C(B(OF_CIRCLE), B(CIRCLE_A), B(CIRCLE_B)), C(B(ROOT)), 0, JUDGE_UNKNOWN_CA, "" },
	{ "negative serial number", C(B(NEGATIVE)), C(B(SSL_ROOT)), 0, JUDGE_OK, "" },
	{ "serial number of 24 bytes", C(B(LONG_SERIAL)), C(B(SSL_ROOT)), 0, JUDGE_OK, "" },
	{ "RSA-PSS signature", C(B(PSS)), C(B(SSL_ROOT)), 0, JUDGE_OK, "" },
	{ "unknown critical extension", C(B(CRITICAL)), C(B(SSL_ROOT)), 0, JUDGE_OTHER, "" },
	{ "unknown extension", C(B(UNKNOWN)), C(B(SSL_ROOT)), 0, JUDGE_OK, "" },
	{ "P-521", C(B(P521)), C(B(SSL_ROOT)), 0, JUDGE_OK, "" },
	{ "secp256k1", C(B(K256)), C(B(SSL_ROOT)), 0, JUDGE_WEAK, "", .differs = "No curve of TLS 1.3, and GnuTLS does not know it: such a key cannot be used in our handshakes." },
	{ "RSA-PSS, salt longer than the hash", C(B(PSS_MAX)), C(B(SSL_ROOT)), 0, JUDGE_BAD_SIGNATURE, "", .differs = "GnuTLS wants the salt as long as the hash, as RFC 8446 4.2.3 does. `-sigopt rsa_pss_saltlen:digest` makes such a signature." },
	{ "one of 5,000 anchors", C(B(LEAF), B(INTER)), C(B(ROOT)), 0, JUDGE_OK, "", .crowd = true },
	{ "none of 5,000 anchors", C(B(LEAF), B(INTER)), C(B(OTHER_ROOT)), 0, JUDGE_UNKNOWN_CA, "", .crowd = true },
	{ "64 KB of names", C(B(HUGE_SAN)), C(B(ROOT)), 1, JUDGE_OK, "", .expect = "cm.example.com" },
	{ "64 KB of names, another", C(B(HUGE_SAN)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "x.example.com" },
	{ "DNS name", C(B(LEAF), B(INTER)), C(B(ROOT)), 1, JUDGE_OK, "", .expect = "phone.example.com" },
	{ "DNS name in capitals", C(B(UPPER)), C(B(ROOT)), 1, JUDGE_OK, "", .expect = "cm.example.com" },
	{ "another DNS name", C(B(LEAF), B(INTER)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "cm.example.com" },
	{ "common name", C(B(CN_ONLY)), C(B(ROOT)), 1, JUDGE_OK, "", .expect = "cm.example.com" },
	{ "common name beside a DNS name", C(B(SAN_HIDES_CN)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "cm.example.com" },
	{ "two common names", C(B(TWO_CNS)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "cm.example.com",
	  .differs = "A subject with several common names names nobody: none of them counts. OpenSSL takes any of them." },
	{ "NUL in the common name", C(B(NUL_CN)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "cm.example.com" },
	{ "NUL in a DNS name", C(B(NUL_SAN)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "cm.example.com" },
	{ "wildcard", C(B(WILD)), C(B(ROOT)), 1, JUDGE_OK, "", .expect = "cm.example.com" },
	{ "wildcard, two labels", C(B(WILD)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "a.b.example.com" },
	{ "wildcard, no label", C(B(WILD)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "example.com" },
	{ "wildcard for a top level", C(B(WILD_TLD)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "example.com" },
	{ "IDN", C(B(IDN)), C(B(SSL_ROOT)), 1, JUDGE_OK, "", .expect = "xn--mnchen-3ya.example" },
	{ "IDN, another", C(B(IDN)), C(B(SSL_ROOT)), 1, JUDGE_NAME, "", .expect = "mnchen.example" },
	{ "IPv4 address", C(B(IP4)), C(B(ROOT)), 1, JUDGE_OK, "", .expect = "192.0.2.1" },
	{ "another IPv4 address", C(B(IP4)), C(B(ROOT)), 1, JUDGE_NAME, "", .expect = "192.0.2.2" },
	{ "IPv6 address", C(B(IP6)), C(B(ROOT)), 1, JUDGE_OK, "", .expect = "2001:db8::1" },
	{ "address as common name", C(B(CN_ADDRESS)), C(B(ROOT)), 1, JUDGE_OK, "", .expect = "192.0.2.1",
	  .differs = "Without any alternative name the common name counts, for addresses, too: call managers' own certificates are often made so. OpenSSL looks for addresses among the alternative names only." },
	{ "SIP domain as URI", C(B(SIP_URI)), C(B(ROOT)), 1, JUDGE_OK, "", .expect = "example.com",
	  .differs = "RFC 5922: a SIP domain is certified by a URI among the alternative names. OpenSSL knows DNS names and addresses." },
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
		.expected_name = row->expect,
		.now = time(NULL),
	};

	for (size_t i = 0; row->crowd && i < CROWD; i++)
		assert_int_equal(gnutls_x509_trust_list_add_cas(
					 p.anchors, &crowd[i]->crt, 1, 0),
			1);
	while (row->chain[p.chain_len] != 0) {
		chain[p.chain_len] = zoo[row->chain[p.chain_len] - 1]->der;
		p.chain_len++;
	}
	(void)judge_chain(v, &p);
	gnutls_x509_trust_list_deinit(p.anchors, 0);
}

static void zoo_is_judged(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct judge_verdict v;

		judge_row(&rows[i], &v);
		if (v.reason == rows[i].reason &&
			strstr(v.text, rows[i].says) != NULL &&
			(v.text[0] == '\0') == (v.reason == JUDGE_OK))
			continue;
		print_error("row \"%s\": %s, \"%s\"\n", rows[i].name,
			judge_reason_name(v.reason), v.text);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void add_pem(struct text *t, const struct pki_cert *c)
{
	char *pem = pki_pem_cert(c);

	text_add(t, slice_str(pem));
	free(pem);
}

static char *write_list(
	const char *dir, const char *name, const int *list, bool with_crowd)
{
	struct text t = { 0 };
	char *path;

	text_printf(&t, "\n");
	for (size_t i = 0; with_crowd && i < CROWD; i++)
		add_pem(&t, crowd[i]);
	for (size_t i = 0; list[i] != 0; i++)
		add_pem(&t, zoo[list[i] - 1]);
	path = pki_write_text(dir, name, t.p);
	text_free(&t);
	return path;
}

static bool openssl_accepts(const char *dir, const struct row *row)
{
	const int leaf[2] = { row->chain[0], 0 };
	char *files[3] = { write_list(dir, "roots", row->anchors, row->crowd),
		write_list(dir, "rest", row->chain + 1, false),
		write_list(dir, "leaf", leaf, false) };
	const char *words[] = { "openssl", "verify", "-no-CApath",
		"-no-CAstore", "-partial_chain", "-auth_level", "2", "-purpose",
		row->server ? "sslserver" : "sslclient", "-CAfile", files[0],
		"-untrusted",
		row->chain[0] != 0 && row->chain[1] != 0 ? files[1] : files[2],
		"-verify_hostname", row->expect, files[2], NULL };
	size_t at = ARRAY_SIZE(words) - 4;
	int status;

	if (row->expect == NULL) {
		words[at] = files[2];
		words[at + 1] = NULL;
	} else if (strspn(row->expect, "0123456789abcdef.:") ==
		   strlen(row->expect)) {
		words[at] = "-verify_ip";
	}
	status = run(words);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		free(files[i]);
	return status == 0;
}

/* An explanation of what is no disagreement would be wrong as well. */
static void openssl_agrees_or_it_is_explained(void **state)
{
	char *dir = pki_dir();
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool same = openssl_accepts(dir, &rows[i]) ==
			    (rows[i].reason == JUDGE_OK);

		if (same == (rows[i].differs == NULL))
			continue;
		print_error("row \"%s\" %s\n", rows[i].name,
			same ? "agrees" : "disagrees");
		wrong++;
	}
	assert_int_equal(wrong, 0);
	pki_dir_free(dir);
}

/* docs/certificates-judged.md, from the same rows. */
static void print_table(FILE *out)
{
	fprintf(out,
		"# Certificates, judged\n\n"
		"%zu chains, made by a test, with our verdict and that of "
		"`openssl verify` (level 2, partial chains, purpose by role). "
		"Generated from the test: `test_judge --table`. Where the two "
		"differ, why.\n\n"
		"| chain | we | OpenSSL | why they differ |\n|---|---|---|---|\n",
		ARRAY_SIZE(rows));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		bool ok = r->reason == JUDGE_OK;

		fprintf(out, "| %s%s%s%s | %s%s | %s | %s |\n", r->name,
			r->expect != NULL ? " (`" : "",
			r->expect != NULL ? r->expect : "",
			r->expect != NULL ? "` wanted)" : "",
			ok ? "accept" : "refuse: ",
			ok ? "" : judge_reason_name(r->reason),
			(r->differs == NULL) == ok ? "accepts" : "refuses",
			r->differs != NULL ? r->differs : "");
	}
}

static void the_table_is_current(void **state)
{
	char *path =
		mem_printf("%s/docs/certificates-judged.md", getenv("SRCDIR"));
	gnutls_datum_t kept = { 0 };
	char *now = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&now, &n);

	(void)state;
	print_table(f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(gnutls_load_file(path, &kept), 0);
	if (kept.size != n || memcmp(kept.data, now, n) != 0)
		fail_msg("run `test_judge --table > %s`", path);
	gnutls_free(kept.data);
	free(now);
	free(path);
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
		{ CN_ONLY, "a.example.com cm.example.com", true },
		{ CN_ONLY, "192.0.2.1 cm.example.com", true },
		{ CN_ONLY, "a.example.com b.example.com", false },
		{ IP4, "a.example.com 192.0.2.1", true },
		{ CN_ONLY, "*.example.com", true },
		{ CN_ONLY, "*.example.org", false },
		{ CN_ONLY, "*.com", false },
		{ WILD, "*.example.com", true },
		{ IP4, "*.0.2.1", false },
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

static void legacy_excuses(void **state)
{
	static const struct {
		const char *name;
		int chain[3], anchor;
		struct judge_legacy legacy;
		bool past; /* its day is over */
		enum judge_reason reason;
		const char *excused;
	} cases[] = {
		{ "MD5", { B(MD5) }, B(SSL_ROOT), { .md5 = true }, false,
			JUDGE_OK, "\"CN=md5\" is signed with RSA-MD5" },
		{ "MD5, day over", { B(MD5) }, B(SSL_ROOT), { .md5 = true },
			true, JUDGE_WEAK, "" },
		{ "MD5, SHA-1 excused", { B(MD5) }, B(SSL_ROOT),
			{ .sha1 = true }, false, JUDGE_WEAK, "" },
		{ "SHA-1", { B(SHA1), B(INTER) }, B(ROOT), { .sha1 = true },
			false, JUDGE_OK, "SHA1" },
		{ "SHA-1, MD5 excused", { B(SHA1), B(INTER) }, B(ROOT),
			{ .md5 = true }, false, JUDGE_WEAK, "" },
		{ "RSA 512", { B(RSA512) }, B(SSL_ROOT), { .short_keys = true },
			false, JUDGE_OK, "is RSA 512" },
		{ "RSA 1024", { B(RSA1024), B(INTER) }, B(ROOT),
			{ .short_keys = true }, false, JUDGE_OK, "RSA 1024" },
		{ "RSA 1024, only hashes excused", { B(RSA1024), B(INTER) },
			B(ROOT), { .md5 = true, .sha1 = true }, false,
			JUDGE_WEAK, "" },
		{ "expired anchor", { B(OF_OLD) }, B(OLD_ROOT),
			{ .expired_anchors = true }, false, JUDGE_OK,
			"\"CN=Renewed\" expired on" },
		{ "expired leaf", { B(EXPIRED), B(INTER) }, B(ROOT),
			{ .md5 = true,
				.sha1 = true,
				.short_keys = true,
				.expired_anchors = true },
			false, JUDGE_EXPIRED, "" },
		{ "nothing to excuse", { B(LEAF), B(INTER) }, B(ROOT),
			{ .md5 = true,
				.sha1 = true,
				.short_keys = true,
				.expired_anchors = true },
			false, JUDGE_OK, "" },
		{ "forged all the same", { B(FORGED), B(INTER) }, B(ROOT),
			{ .md5 = true,
				.sha1 = true,
				.short_keys = true,
				.expired_anchors = true },
			false, JUDGE_BAD_SIGNATURE, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct judge_legacy legacy = cases[i].legacy;
		const int anchor[2] = { cases[i].anchor, 0 };
		gnutls_datum_t chain[3];
		struct judge_params p = { .chain = chain,
			.peer_is_client = true,
			.anchors = anchors_of(anchor),
			.legacy = &legacy,
			.now = time(NULL) };
		struct judge_verdict v;

		while (cases[i].chain[p.chain_len] != 0) {
			chain[p.chain_len] =
				zoo[cases[i].chain[p.chain_len] - 1]->der;
			p.chain_len++;
		}
		legacy.until = p.now + (cases[i].past ? 0 : 60);
		(void)judge_chain(&v, &p);
		if (v.reason != cases[i].reason ||
			strstr(v.excused, cases[i].excused) == NULL ||
			(v.excused[0] == '\0') != (cases[i].excused[0] == '\0'))
			fail_msg("row \"%s\": %s, \"%s\", excused \"%s\"",
				cases[i].name, judge_reason_name(v.reason),
				v.text, v.excused);
		gnutls_x509_trust_list_deinit(p.anchors, 0);
	}
}

static void the_whole_chain_is_wanted(void **state)
{
	const int inter[2] = { B(INTER), 0 };
	const int both[3] = { B(INTER), B(ROOT), 0 };
	struct judge_params p = { .chain = &zoo[LEAF]->der,
		.chain_len = 1,
		.peer_is_client = true,
		.anchors = anchors_of(inter),
		.now = time(NULL) };
	struct judge_verdict v;

	(void)state;
	assert_true(judge_chain(&v, &p));
	p.whole_chain = true;
	assert_false(judge_chain(&v, &p));
	assert_int_equal(v.reason, JUDGE_UNKNOWN_CA);
	assert_non_null(strstr(v.text, "\"CN=Inter\" is no root"));
	gnutls_x509_trust_list_deinit(p.anchors, 0);
	p.anchors = anchors_of(both);
	assert_true(judge_chain(&v, &p));
	gnutls_x509_trust_list_deinit(p.anchors, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(zoo_is_judged),
		T(openssl_agrees_or_it_is_explained),
		T(the_table_is_current),
		T(legacy_excuses),
		T(the_whole_chain_is_wanted),
		T(names_are_compared),
		T(both_names_are_told),
		T(clock_is_the_callers),
		T(garbage_is_malformed),
	};

	if (argc == 2 && strcmp(argv[1], "--table") == 0) {
		print_table(stdout);
		return fflush(stdout);
	}
	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}

/*
 * RSA signatures by libcrypto, as GnuTLS verifies them: each algorithm by
 * itself, in handshakes of both versions, and from many threads at once.
 */
#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/obj.h"
#include "certs/store/keystore.h"
#include "certs/store/keystore_rsa.h"
#include "pki.h"

enum { SIZES = 3, THREADS = 4, TIMES = 20 };

static struct pki_cert *own[SIZES], *other, *ec;
static unsigned char text[] = "what a handshake has so far";
static const gnutls_datum_t data = { .data = text, .size = sizeof(text) };

static int setup(void **state)
{
	static const enum pki_key kinds[SIZES] = { PKI_RSA2048, PKI_RSA3072,
		PKI_RSA4096 };

	(void)state;
	for (int i = 0; i < SIZES; i++)
		own[i] = pki_make(&(struct pki_spec){
			.cn = "own", .key = kinds[i], .eku = "client,server" });
	other = pki_make(
		&(struct pki_spec){ .cn = "other", .key = PKI_RSA2048 });
	ec = pki_make(&(struct pki_spec){ .cn = "ec" });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < SIZES; i++)
		pki_free(own[i]);
	pki_free(other);
	pki_free(ec);
	return 0;
}

static gnutls_privkey_t signer(const struct pki_cert *c)
{
	gnutls_privkey_t key;

	assert_int_equal(keystore_rsa_key(&key, c->key), 0);
	return key;
}

static gnutls_pubkey_t public_of(const struct pki_cert *c)
{
	gnutls_pubkey_t pub;

	assert_int_equal(gnutls_pubkey_init(&pub), 0);
	assert_int_equal(gnutls_pubkey_import_x509(pub, c->crt, 0), 0);
	return pub;
}

/* ---- by themselves ---- */

static const gnutls_sign_algorithm_t algos[] = {
	GNUTLS_SIGN_RSA_SHA1,
	GNUTLS_SIGN_RSA_SHA224,
	GNUTLS_SIGN_RSA_SHA256,
	GNUTLS_SIGN_RSA_SHA384,
	GNUTLS_SIGN_RSA_SHA512,
	GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
	GNUTLS_SIGN_RSA_PSS_RSAE_SHA384,
	GNUTLS_SIGN_RSA_PSS_RSAE_SHA512,
};

enum { ALGOS = sizeof(algos) / sizeof(*algos) };

static void check_algo(gnutls_privkey_t key, const struct pki_cert *c,
	gnutls_sign_algorithm_t algo)
{
	const char *name = gnutls_sign_get_name(algo);
	gnutls_datum_t less = { .data = text, .size = sizeof(text) - 1 };
	gnutls_pubkey_t pub = public_of(c), wrong = public_of(other);
	gnutls_datum_t sig = { 0 };
	unsigned flags = GNUTLS_VERIFY_ALLOW_BROKEN;

	check_row(name,
		gnutls_privkey_sign_data2(key, algo, 0, &data, &sig) == 0);
	check_row(name,
		gnutls_pubkey_verify_data2(pub, algo, flags, &data, &sig) >= 0);
	check_row(name,
		gnutls_pubkey_verify_data2(pub, algo, flags, &less, &sig) < 0);
	check_row(name, gnutls_pubkey_verify_data2(
				wrong, algo, flags, &data, &sig) < 0);
	gnutls_free(sig.data);
	gnutls_pubkey_deinit(wrong);
	gnutls_pubkey_deinit(pub);
}

static void each_algorithm(void **state)
{
	(void)state;
	for (int i = 0; i < SIZES; i++) {
		gnutls_privkey_t key = signer(own[i]);

		for (int a = 0; a < ALGOS; a++)
			check_algo(key, own[i], algos[a]);
		gnutls_privkey_deinit(key);
	}
}

/* PKCS#1 v1.5 is the same bytes whoever makes it. */
static void same_bytes(void **state)
{
	gnutls_privkey_t key = signer(own[0]), theirs;
	gnutls_datum_t a = { 0 }, b = { 0 };

	(void)state;
	assert_int_equal(gnutls_privkey_init(&theirs), 0);
	assert_int_equal(gnutls_privkey_import_x509(theirs, own[0]->key, 0), 0);
	for (unsigned flags = 0;; flags = GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA) {
		gnutls_datum_t hash = { .data = text, .size = 20 };

		assert_int_equal(gnutls_privkey_sign_hash(key, GNUTLS_DIG_SHA1,
					 flags, &hash, &a),
			0);
		assert_int_equal(gnutls_privkey_sign_hash(theirs,
					 GNUTLS_DIG_SHA1, flags, &hash, &b),
			0);
		assert_int_equal(a.size, b.size);
		assert_memory_equal(a.data, b.data, a.size);
		gnutls_free(a.data);
		gnutls_free(b.data);
		if (flags != 0)
			break;
	}
	gnutls_privkey_deinit(theirs);
	gnutls_privkey_deinit(key);
}

static void refused(void **state)
{
	unsigned char much[256] = { 1 };
	gnutls_datum_t hash = { .data = much, .size = sizeof(much) };
	gnutls_datum_t sig = { 0 };
	gnutls_privkey_t key;
	unsigned bits;

	(void)state;
	assert_int_equal(keystore_rsa_key(&key, ec->key), ENOTSUP);
	assert_null(key);
	key = signer(own[0]);
	assert_int_equal(
		gnutls_privkey_get_pk_algorithm(key, &bits), GNUTLS_PK_RSA);
	assert_int_equal(bits, 2048);
	assert_true(gnutls_privkey_sign_data2(
			    key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &sig) < 0);
	/* A DigestInfo that leaves no room for the padding. */
	assert_true(
		gnutls_privkey_sign_hash(key, 0,
			GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA, &hash, &sig) < 0);
	assert_null(sig.data);
	gnutls_privkey_deinit(key);
}

static void *sign_often(void *arg)
{
	gnutls_pubkey_t pub = public_of(own[0]);

	for (int i = 0; i < TIMES; i++) {
		gnutls_sign_algorithm_t algo = algos[2 + i % (ALGOS - 2)];
		gnutls_datum_t sig = { 0 };

		need(gnutls_privkey_sign_data2(arg, algo, 0, &data, &sig) == 0);
		need(gnutls_pubkey_verify_data2(pub, algo, 0, &data, &sig) >=
			0);
		gnutls_free(sig.data);
	}
	gnutls_pubkey_deinit(pub);
	return NULL;
}

static void at_once(void **state)
{
	gnutls_privkey_t key = signer(own[0]);
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, sign_often, key), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	gnutls_privkey_deinit(key);
}

/* ---- in handshakes ---- */

static struct keystore *load(const struct pki_cert *c)
{
	char *pem = pki_pem_key(c), *why;
	struct keystore *k;

	assert_int_equal(keystore_parse(&k, slice_str(pem), NULL, &why), 0);
	free(pem);
	return k;
}

/* A certificate's credentials; from outside they show whose key it is. */
static gnutls_certificate_credentials_t credentials(
	struct pki_cert *c, bool external)
{
	gnutls_certificate_credentials_t cred;
	gnutls_x509_privkey_t key = NULL;
	struct keystore *k = load(c);

	assert_int_equal(gnutls_certificate_allocate_credentials(&cred), 0);
	assert_int_equal(keystore_use(k, cred, &c->crt, 1), 0);
	assert_int_equal(
		gnutls_certificate_get_x509_key(cred, 0, &key) != 0, external);
	if (key != NULL)
		gnutls_x509_privkey_deinit(key);
	obj_unref(k); /* the credentials need it no more */
	return cred;
}

static gnutls_session_t session(unsigned flags, int fd, const char *priority,
	gnutls_certificate_credentials_t cred)
{
	gnutls_session_t s;

	assert_int_equal(gnutls_init(&s, flags | GNUTLS_NONBLOCK), 0);
	assert_int_equal(gnutls_priority_set_direct(s, priority, NULL), 0);
	assert_int_equal(
		gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred), 0);
	gnutls_transport_set_int(s, fd);
	return s;
}

static void shake(const char *name, gnutls_session_t s, gnutls_session_t c)
{
	int a = GNUTLS_E_AGAIN, b = GNUTLS_E_AGAIN;

	for (int i = 0; i < 50 && (a != 0 || b != 0); i++) {
		if (b != 0)
			b = gnutls_handshake(c);
		if (a != 0)
			a = gnutls_handshake(s);
		check_row(name, a == 0 || gnutls_error_is_fatal(a) == 0);
		check_row(name, b == 0 || gnutls_error_is_fatal(b) == 0);
	}
	check_row(name, a == 0 && b == 0);
}

static void meet(gnutls_certificate_credentials_t cred, const char *version,
	gnutls_sign_algorithm_t algo)
{
	const char *name = gnutls_sign_get_name(algo);
	char priority[128];
	gnutls_session_t s, c;
	int fd[2];

	(void)snprintf(priority, sizeof(priority),
		"NORMAL:-VERS-ALL:+VERS-%s:-SIGN-ALL:+SIGN-%s", version, name);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	s = session(GNUTLS_SERVER, fd[0], priority, cred);
	gnutls_certificate_server_set_request(s, GNUTLS_CERT_REQUIRE);
	c = session(GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT, fd[1], priority,
		cred);
	shake(name, s, c);
	check_row(name, gnutls_sign_algorithm_get(s) == (int)algo);
	check_row(name, gnutls_sign_algorithm_get_client(s) == (int)algo);
	gnutls_deinit(s);
	gnutls_deinit(c);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

static void handshakes(void **state)
{
	(void)state;
	for (int i = 0; i < SIZES; i++) {
		gnutls_certificate_credentials_t cred =
			credentials(own[i], true);

		for (int a = 2; a < ALGOS; a++)
			meet(cred, "TLS1.2", algos[a]);
		for (int a = 5; a < ALGOS; a++)
			meet(cred, "TLS1.3", algos[a]);
		gnutls_certificate_free_credentials(cred);
	}
}

static void not_rsa(void **state)
{
	gnutls_certificate_credentials_t cred = credentials(ec, false);

	(void)state;
	meet(cred, "TLS1.3", GNUTLS_SIGN_ECDSA_SECP256R1_SHA256);
	gnutls_certificate_free_credentials(cred);
}

static void not_its_certificate(void **state)
{
	struct pki_cert *others[] = { other, own[1], ec };
	struct keystore *k = load(own[0]);

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		gnutls_certificate_credentials_t cred;

		need(gnutls_certificate_allocate_credentials(&cred) == 0);
		assert_int_equal(
			keystore_use(k, cred, &others[i]->crt, 1), EBADMSG);
		gnutls_certificate_free_credentials(cred);
	}
	obj_unref(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(each_algorithm), T(same_bytes),
		T(refused), T(at_once), T(handshakes), T(not_rsa),
		T(not_its_certificate) };

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}

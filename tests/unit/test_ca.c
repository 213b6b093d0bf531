/* The CA: policy, certificates, CRL and OCSP as OpenSSL and certtool see
 * them, its life across restarts. */
#include <errno.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"
#include "ca_site.h"
#include "certs/ca/ca_int.h"
#include "pki.h"
#include "test.h"

static char *dir;

static int setup(void **state)
{
	(void)state;
	ca_site_now = 1800000000;
	dir = pki_dir();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ca_site_new_key();
	pki_dir_free(dir);
	return 0;
}

static struct ca_answer submit_as(struct ca *ca, const struct ca_site_csr *c,
	const char *transaction, uint8_t who, struct slice signer)
{
	struct bytes csr = ca_site_csr(c);
	struct ca_request r = {
		.csr = bytes_slice(&csr),
		.transaction = transaction,
		.signer_id = { who },
		.signer = signer,
	};
	struct ca_answer a;

	ca_submit(ca, &r, &a);
	bytes_free(&csr);
	return a;
}

static struct ca_answer submit(
	struct ca *ca, const struct ca_site_csr *c, const char *transaction)
{
	return submit_as(ca, c, transaction, 1, (struct slice){ .n = 0 });
}

static struct ca_params params(enum ca_grant grant)
{
	struct ca_params p = ca_site_params(dir);

	p.grant = grant;
	return p;
}

static char *serial_of(const struct bytes *der)
{
	X509 *crt;
	BIGNUM *bn;
	char *hex, *out;

	assert_int_equal(ossl_read_cert(&crt, bytes_slice(der)), 0);
	bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(crt), NULL);
	hex = BN_bn2hex(bn);
	out = mem_dup(hex);
	OPENSSL_free(hex);
	BN_free(bn);
	X509_free(crt);
	return out;
}

static char *path_of(const char *name)
{
	return mem_printf("%s/%s", dir, name);
}

static void save(const char *name, struct slice s)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(s.p, 1, s.n, f), s.n);
	fclose(f);
	free(path);
}

static void run_ok(const char *want, const char *cmd)
{
	char *line = mem_printf("cd %s && { %s; } 2>&1", dir, cmd), *out;
	bool ok;

	out = ca_site_run(&ok, "%s", line);
	if (!ok || (want != NULL && strstr(out, want) == NULL))
		fail_msg("%s: wanted \"%s\", got:\n%s", cmd,
			want ? want : "success", out);
	free(out);
	free(line);
}

static void issued_as_asked(void **state)
{
	struct ca_params p = params(CA_GRANT_AUTO);
	struct ca_answer a;
	struct ca *ca;
	char *pem;

	(void)state;
	p.issuer_name = "CN=Voice CA,O=Example\\, Inc.,C=DE";
	p.cdp_url = "http://ca.example.com/crl";
	p.ocsp_url = "http://ca.example.com/ocsp";
	ca = ca_site_open(&p);
	a = submit(ca,
		&(struct ca_site_csr){ .subject = "CN=edge,O=Example",
			.san = "DNS:edge.example.com,IP:192.0.2.1",
			.eku = "serverAuth,codeSigning" },
		"t1");
	assert_int_equal(a.status, CA_GRANTED);
	save("cert.der", bytes_slice(&a.cert));
	pem = ca_chain_pem(ca);
	save("ca.pem", slice_str(pem));
	free(pem);
	run_ok("OK", "openssl x509 -inform der -in cert.der -out cert.pem && "
		     "openssl verify -x509_strict -attime 1800000100 "
		     "-CAfile ca.pem cert.pem");
	run_ok("subject=O = Example, CN = edge",
		"openssl x509 -in cert.pem -noout -subject");
	run_ok("issuer=C = DE, O = \"Example, Inc.\", CN = Voice CA",
		"openssl x509 -in cert.pem -noout -issuer");
	run_ok("DNS:edge.example.com, IP Address:192.0.2.1",
		"openssl x509 -in cert.pem -noout -ext subjectAltName");
	run_ok("URI:http://ca.example.com/crl",
		"openssl x509 -in cert.pem -noout -ext crlDistributionPoints");
	run_ok("http://ca.example.com/ocsp",
		"openssl x509 -in cert.pem -noout -ocsp_uri");
	run_ok(NULL, "! openssl x509 -in cert.pem -noout -ext "
		     "extendedKeyUsage | grep -q 'Code Signing'");
	run_ok("CA:TRUE", "openssl x509 -in ca.pem -noout -ext "
			  "basicConstraints,keyUsage");
	run_ok("Verified. The certificate is trusted",
		"certtool --verify --load-ca-certificate ca.pem --infile "
		"cert.pem --verify-allow-broken; certtool -i --infile "
		"cert.pem > /dev/null && echo 'Verified. The certificate is "
		"trusted'");
	ca_answer_free(&a);
	ca_close(ca);
}

static void refused(void **state)
{
	static const struct {
		const char *name, *text;
		struct ca_site_csr csr;
	} rows[] = {
		{ "short key", "1024 bits",
			{ .subject = "CN=a", .bits = 1024 } },
		{ "SHA-1", "SHA-256", { .subject = "CN=a", .sha1 = true } },
		{ "a curve of its own", "names no curve",
			{ .subject = "CN=a", .spelt_out = true } },
		{ "signature", "not signed with its own key",
			{ .subject = "CN=a", .bad_signature = true } },
		{ "nobody", "names nobody", { .subject = NULL } },
		{ "name kind", "of a kind",
			{ .subject = "CN=a", .san = "RID:1.2.3" } },
	};
	struct ca_params p = params(CA_GRANT_AUTO);
	struct ca *ca = ca_site_open(&p);
	struct ca_request r = { .csr = SLICE_LIT("garbage"),
		.transaction = "g" };
	struct ca_answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		a = submit(ca, &rows[i].csr, rows[i].name);
		if (a.status != CA_REJECTED ||
			strstr(a.text, rows[i].text) == NULL)
			fail_msg("%s: %d, %s", rows[i].name, a.status, a.text);
		ca_answer_free(&a);
	}
	ca_submit(ca, &r, &a);
	assert_int_equal(a.status, CA_REJECTED);
	ca_answer_free(&a);
	ca_close(ca);
	p.legacy = true;
	ca = ca_site_open(&p);
	a = submit(ca, &rows[0].csr, "legacy");
	assert_int_equal(a.status, CA_GRANTED);
	ca_answer_free(&a);
	ca_close(ca);
}

static void ec_keys(void **state)
{
	struct ca_params p = params(CA_GRANT_AUTO);
	struct ca *ca = ca_site_open(&p);
	struct ca_answer a = submit(ca,
		&(struct ca_site_csr){ .subject = "CN=ec", .ec = true }, "t");

	(void)state;
	assert_int_equal(a.status, CA_GRANTED);
	ca_answer_free(&a);
	ca_close(ca);
}

struct seen {
	size_t n;
	int64_t id[8];
	char kind[8][16];
};

static void see(void *arg, const struct ca_pending *p)
{
	struct seen *s = arg;

	assert_true(s->n < 8);
	snprintf(s->kind[s->n], sizeof(s->kind[0]), "%s", p->kind);
	s->id[s->n++] = p->id;
}

static struct seen pending(struct ca *ca)
{
	struct seen s = { .n = 0 };
	char why[CA_WHY];

	assert_int_equal(ca_each_pending(ca, see, &s, why), 0);
	return s;
}

static void by_hand(void **state)
{
	struct ca_params p = params(CA_GRANT_MANUAL);
	struct ca *ca = ca_site_open(&p);
	struct ca_site_csr one = { .subject = "CN=one" };
	struct ca_site_csr two = { .subject = "CN=two" };
	struct ca_site_csr sub = { .subject = "CN=sub", .ca = true };
	struct ca_answer a = submit(ca, &one, "t1");
	char why[CA_WHY];
	struct seen s;
	size_t n;

	(void)state;
	assert_int_equal(a.status, CA_PENDING);
	a = submit(ca, &one, "t1"); /* once more: no second request */
	assert_int_equal(a.status, CA_PENDING);
	a = submit(ca, &two, "t2");
	assert_int_equal(a.status, CA_PENDING);
	a = submit(ca, &sub, "t3");
	assert_int_equal(a.status, CA_PENDING);
	s = pending(ca);
	assert_int_equal(s.n, 3);
	assert_string_equal(s.kind[2], "CA");
	assert_int_equal(ca_grant(ca, s.id[0], why), 0);
	assert_int_equal(ca_grant(ca, s.id[0], why), ENOENT);
	assert_non_null(strstr(why, "info requests"));
	assert_int_equal(ca_reject(ca, s.id[1], why), 0);
	ca_poll(ca, "t1", (uint8_t[32]){ 1 }, &a);
	assert_int_equal(a.status, CA_GRANTED);
	ca_answer_free(&a);
	ca_poll(ca, "t1", (uint8_t[32]){ 2 }, &a); /* somebody else */
	assert_int_equal(a.status, CA_FAILED);
	ca_poll(ca, "t2", (uint8_t[32]){ 1 }, &a);
	assert_int_equal(a.status, CA_REJECTED);
	/* "all" never makes a CA */
	assert_int_equal(ca_grant_all(ca, &n, why), 0);
	assert_int_equal(n, 0);
	assert_int_equal(ca_grant(ca, s.id[2], why), 0);
	ca_poll(ca, "t3", (uint8_t[32]){ 1 }, &a);
	assert_int_equal(a.status, CA_GRANTED);
	save("sub.der", bytes_slice(&a.cert));
	run_ok("CA:TRUE, pathlen:0", "openssl x509 -inform der -in sub.der "
				     "-noout -ext basicConstraints");
	ca_answer_free(&a);
	a = submit(ca, &two, "t4");
	assert_int_equal(a.status, CA_PENDING);
	assert_int_equal(ca_reject_all(ca, &n, why), 0);
	assert_int_equal(n, 1);
	ca_close(ca);
}

static void passwords(void **state)
{
	struct ca_params p = params(CA_GRANT_MANUAL);
	struct ca_site_csr c = { .subject = "CN=one" };
	char once[17], why[CA_WHY];
	struct ca_answer a;
	struct ca *ca;

	(void)state;
	p.password = "long-secret";
	ca = ca_site_open(&p);
	assert_int_equal(ca_password(ca, 60, once, why), 0);
	c.password = once;
	a = submit(ca, &c, "t1");
	assert_int_equal(a.status, CA_GRANTED);
	ca_answer_free(&a);
	a = submit(ca, &c, "t2"); /* used up: a person decides */
	assert_int_equal(a.status, CA_PENDING);
	assert_int_equal(ca_password(ca, 60, once, why), 0);
	ca_site_now += 3601;
	a = submit(ca, &c, "t3");
	assert_int_equal(a.status, CA_PENDING);
	c.password = "long-secret";
	a = submit(ca, &c, "t4");
	assert_int_equal(a.status, CA_GRANTED);
	ca_answer_free(&a);
	ca_close(ca);
	p.grant = CA_GRANT_AUTO; /* with a password: only with it */
	ca = ca_site_open(&p);
	c.password = "wrong";
	a = submit(ca, &c, "t5");
	assert_int_equal(a.status, CA_REJECTED);
	assert_non_null(strstr(a.text, "password generate"));
	ca_close(ca);
}

static void renewals(void **state)
{
	struct ca_params p = params(CA_GRANT_MANUAL);
	struct ca *ca = ca_site_open(&p);
	struct ca_site_csr c = { .subject = "CN=one", .san = "DNS:a.b" };
	struct ca_site_csr other = { .subject = "CN=two", .san = "DNS:a.b" };
	struct ca_answer a = submit(ca, &c, "t1"), b;
	char why[CA_WHY], *serial;

	(void)state;
	assert_int_equal(ca_grant(ca, pending(ca).id[0], why), 0);
	ca_poll(ca, "t1", (uint8_t[32]){ 1 }, &a);
	assert_int_equal(a.status, CA_GRANTED);
	/* the same request, signed by what it brought, is a renewal */
	b = submit_as(ca, &c, "t1", 1, bytes_slice(&a.cert));
	assert_int_equal(b.status, CA_GRANTED);
	assert_false(slice_eq(bytes_slice(&a.cert), bytes_slice(&b.cert)));
	ca_answer_free(&b);
	b = submit_as(ca, &other, "t2", 1, bytes_slice(&a.cert));
	assert_int_equal(b.status, CA_PENDING); /* another name */
	serial = serial_of(&a.cert);
	assert_int_equal(ca_revoke(ca, serial, NULL, why), 0);
	b = submit_as(ca, &c, "t3", 1, bytes_slice(&a.cert));
	assert_int_equal(b.status, CA_REJECTED);
	assert_non_null(strstr(b.text, "revoked"));
	ca_answer_free(&a);
	a = submit_as(ca, &c, "t4", 1, (struct slice){ .n = 0 });
	assert_int_equal(a.status, CA_PENDING);
	free(serial);
	ca_close(ca);
}

static void revocation(void **state)
{
	struct ca_params p = params(CA_GRANT_AUTO);
	struct ca *ca = ca_site_open(&p);
	struct ca_answer a =
		submit(ca, &(struct ca_site_csr){ .subject = "CN=bad" }, "t1");
	struct ca_answer good =
		submit(ca, &(struct ca_site_csr){ .subject = "CN=good" }, "t2");
	char *serial = serial_of(&a.cert), why[CA_WHY], *pem;
	struct bytes crl, again;

	(void)state;
	assert_int_equal(ca_crl(ca, &crl, why), 0);
	assert_int_equal(ca_crl(ca, &again, why), 0);
	assert_true(slice_eq(bytes_slice(&crl), bytes_slice(&again)));
	bytes_free(&crl);
	bytes_free(&again);
	assert_int_equal(ca_revoke(ca, "xyz", NULL, why), EINVAL);
	assert_int_equal(ca_revoke(ca, "0123", NULL, why), ENOENT);
	assert_int_equal(ca_revoke(ca, serial, "boredom", why), EINVAL);
	assert_int_equal(ca_revoke(ca, serial, "keyCompromise", why), 0);
	assert_int_equal(ca_revoke(ca, serial, NULL, why), EALREADY);
	assert_int_equal(ca_crl(ca, &crl, why), 0);
	save("crl.der", bytes_slice(&crl));
	bytes_free(&crl);
	save("bad.der", bytes_slice(&a.cert));
	save("good.der", bytes_slice(&good.cert));
	pem = ca_chain_pem(ca);
	save("ca.pem", slice_str(pem));
	run_ok("verify OK",
		"openssl crl -inform der -in crl.der -CAfile ca.pem -noout");
	run_ok(serial, "openssl crl -inform der -in crl.der -noout -text");
	run_ok("Key Compromise",
		"openssl crl -inform der -in crl.der -noout -text");
	run_ok("X509v3 CRL Number: \n                2",
		"openssl crl -inform der -in crl.der -noout -text");
	run_ok("certificate revoked",
		"openssl x509 -inform der -in bad.der -out bad.pem; openssl "
		"crl -inform der -in crl.der -out crl.pem; openssl verify "
		"-crl_check -attime 1800000100 -CAfile ca.pem -CRLfile "
		"crl.pem bad.pem; true");
	run_ok("good.pem: OK",
		"openssl x509 -inform der -in good.der -out good.pem; openssl "
		"verify -crl_check -attime 1800000100 -CAfile ca.pem -CRLfile "
		"crl.pem good.pem");
	run_ok(NULL, "certtool --crl-info --inder --infile crl.der");
	ca_site_now += 4 * 86400; /* half its life: a new one, number 3 */
	assert_int_equal(ca_crl(ca, &crl, why), 0);
	save("crl3.der", bytes_slice(&crl));
	bytes_free(&crl);
	run_ok("X509v3 CRL Number: \n                3",
		"openssl crl -inform der -in crl3.der -noout -text");
	free(pem);
	free(serial);
	ca_answer_free(&good);
	ca_answer_free(&a);
	ca_close(ca);
}

static void ocsp_answers(void **state)
{
	struct ca_params p = params(CA_GRANT_AUTO);
	struct ca_site site;
	struct ca_answer bad, good;
	char *serial, why[CA_WHY], *pem, *cmd;
	struct bytes out;
	struct ca *ca;

	(void)state;
	p.now = NULL; /* openssl looks at the real clock */
	ca = ca_site_open(&p);
	bad = submit(ca, &(struct ca_site_csr){ .subject = "CN=bad" }, "t1");
	good = submit(ca, &(struct ca_site_csr){ .subject = "CN=good" }, "t2");
	serial = serial_of(&bad.cert);
	assert_int_equal(ca_revoke(ca, serial, "superseded", why), 0);
	save("bad.der", bytes_slice(&bad.cert));
	save("good.der", bytes_slice(&good.cert));
	pem = ca_chain_pem(ca);
	save("ca.pem", slice_str(pem));
	ca_site_start(&site, ca);
	cmd = mem_printf(
		"for c in bad good; do openssl x509 -inform der -in $c.der "
		"-out $c.pem; done; openssl ocsp -issuer ca.pem -cert bad.pem "
		"-cert good.pem -serial 0x4242 -CAfile ca.pem -url %s/ocsp",
		site.base);
	run_ok("Response verify OK", cmd);
	run_ok("bad.pem: revoked", cmd);
	run_ok("Reason: superseded", cmd);
	run_ok("good.pem: good", cmd);
	run_ok("0x4242: unknown", cmd);
	free(cmd);
	cmd = mem_printf(
		"openssl ocsp -sha256 -issuer ca.pem -cert good.pem "
		"-no_nonce -reqout req.der; openssl base64 -A -in req.der | "
		"sed 's/+/%%2B/g;s/\\//%%2F/g' > req.b64; curl -s "
		"%s/ocsp/$(cat req.b64) -o resp.der && openssl ocsp -respin "
		"resp.der -sha256 -issuer ca.pem -cert good.pem -CAfile "
		"ca.pem",
		site.base);
	run_ok("good.pem: good", cmd);
	free(cmd);
	ca_site_stop(&site);
	ca_ocsp(ca, SLICE_LIT("garbage"), &out);
	save("malformed.der", bytes_slice(&out));
	run_ok("malformedrequest",
		"openssl ocsp -respin malformed.der -noverify; true");
	bytes_free(&out);
	free(pem);
	free(serial);
	ca_answer_free(&good);
	ca_answer_free(&bad);
	ca_close(ca);
}

static void lives_on(void **state)
{
	struct ca_params p = params(CA_GRANT_MANUAL);
	struct ca *ca = ca_site_open(&p), *second;
	struct ca_answer a =
		submit(ca, &(struct ca_site_csr){ .subject = "CN=a" }, "t1");
	struct ca_info i, j;
	char why[CA_WHY];

	(void)state;
	assert_int_equal(a.status, CA_PENDING);
	assert_int_equal(ca_info(ca, &i, why), 0);
	assert_int_equal(ca_open(&second, &p, why), EBUSY);
	assert_non_null(strstr(why, "another process"));
	ca_close(ca);
	ca = ca_site_open(&p);
	assert_int_equal(ca_info(ca, &j, why), 0);
	assert_string_equal(i.sha256, j.sha256);
	assert_int_equal(j.count.pending, 1);
	ca_info_free(&i);
	ca_info_free(&j);
	assert_int_equal(ca_grant(ca, pending(ca).id[0], why), 0);
	ca_close(ca);
}

static void levels(void **state)
{
	static const enum ca_level level[] = { CA_MINIMAL, CA_NAMES,
		CA_COMPLETE };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(level); i++) {
		char *sub = mem_printf("%s/%zu", dir, i), *serial;
		struct ca_params p = params(CA_GRANT_AUTO);
		uint8_t number[CA_DB_SERIAL];
		struct ca_db_cert c;
		struct ca_answer a;
		struct bytes der;
		struct ca *ca;

		p.dir = sub;
		p.level = level[i];
		ca = ca_site_open(&p);
		a = submit(ca, &(struct ca_site_csr){ .subject = "CN=x" }, "t");
		serial = serial_of(&a.cert);
		assert_true(ca_serial(serial, number));
		assert_int_equal(ca_db_cert(ca->db, number, &c), 0);
		assert_true((c.subject != NULL) == (level[i] != CA_MINIMAL));
		assert_true((c.der.n > 0) == (level[i] == CA_COMPLETE));
		assert_int_equal(ca_find(ca, number, &der),
			level[i] == CA_COMPLETE ? 0 : ENOTSUP);
		bytes_free(&der);
		ca_db_cert_free(&c);
		free(serial);
		ca_answer_free(&a);
		ca_close(ca);
		free(sub);
	}
}

static void bad_places(void **state)
{
	struct ca_params p = params(CA_GRANT_AUTO);
	char why[CA_WHY], *path, *cmd;
	struct ca_answer a;
	struct ca *ca;
	bool ok;

	(void)state;
	ca_site_now = 1500000000;
	assert_int_equal(ca_open(&ca, &p, why), EINVAL);
	assert_non_null(strstr(why, "before 2020"));
	path = path_of("ca.db");
	assert_int_not_equal(access(path, F_OK), 0); /* nothing was made */
	ca_site_now = 1800000000;
	p.issuer_name = "no name";
	assert_int_equal(ca_open(&ca, &p, why), EINVAL);
	assert_non_null(strstr(why, "CN=Lineside CA"));
	p.issuer_name = NULL;
	ca_close(ca_site_open(&p));
	/* a newer version's */
	cmd = mem_printf(
		"python3 -c \"import sqlite3; c = sqlite3.connect('%s'); "
		"c.executescript('%%s'); c.commit()\"",
		path);
	free(ca_site_run(&ok, cmd, "PRAGMA user_version = 99"));
	assert_true(ok);
	assert_int_equal(ca_open(&ca, &p, why), ENOTSUP);
	assert_non_null(strstr(why, "newer Lineside"));
	/* the first version's */
	free(ca_site_run(&ok, cmd,
		"ALTER TABLE request DROP COLUMN source; "
		"PRAGMA user_version = 1"));
	assert_true(ok);
	free(cmd);
	ca = ca_site_open(&p);
	a = submit(ca, &(struct ca_site_csr){ .subject = "CN=x" }, "t");
	assert_int_equal(a.status, CA_GRANTED);
	ca_answer_free(&a);
	ca_close(ca);
	/* the key is lost */
	free(ca_site_run(&ok, "rm %s/*.key", dir));
	assert_int_equal(ca_open(&ca, &p, why), ENOENT);
	assert_non_null(strstr(why, "backup"));
	free(path);
}

static void rollover(void **state)
{
	struct ca_params p = params(CA_GRANT_AUTO);
	struct ca_info i, j;
	char why[CA_WHY];
	struct ca_answer a;
	struct ca *ca;

	(void)state;
	p.rollover_s = 30 * 86400;
	ca = ca_site_open(&p);
	ca_tick(ca);
	assert_int_equal(ca_info(ca, &i, why), 0);
	assert_int_equal(i.next_not_after, 0);
	ca_site_now = i.not_after - 29 * 86400;
	a = submit(ca, &(struct ca_site_csr){ .subject = "CN=x" }, "t");
	assert_int_equal(a.status, CA_GRANTED);
	save("late.der", bytes_slice(&a.cert));
	run_ok("notAfter=Jan 14 08:00:00 2030 GMT", /* the CA's own end */
		"openssl x509 -inform der -in late.der -noout -enddate");
	ca_answer_free(&a);
	ca_tick(ca);
	ca_info_free(&i);
	assert_int_equal(ca_info(ca, &i, why), 0);
	assert_true(i.next_not_after > i.not_after);
	assert_int_equal(ca_rollover(ca, why), EALREADY);
	ca_close(ca); /* the next one survives */
	ca_site_now = i.not_after + 1;
	ca = ca_site_open(&p);
	a = submit(ca, &(struct ca_site_csr){ .subject = "CN=y" }, "u");
	assert_int_equal(a.status, CA_FAILED);
	assert_non_null(strstr(a.text, "expired"));
	ca_tick(ca);
	assert_int_equal(ca_info(ca, &j, why), 0);
	assert_string_not_equal(i.sha256, j.sha256);
	assert_int_equal(j.not_after, i.next_not_after);
	assert_int_equal(j.next_not_after, 0);
	a = submit(ca, &(struct ca_site_csr){ .subject = "CN=z" }, "v");
	assert_int_equal(a.status, CA_GRANTED);
	ca_answer_free(&a);
	ca_info_free(&i);
	ca_info_free(&j);
	ca_close(ca);
	ca_close(ca_site_open(&p));
}

/* ---- phones, whose keys come without a request ---- */

/* The bare key of a request that was made for nothing else. */
static struct bytes bare_key(bool fresh)
{
	struct bytes csr, out;
	X509_REQ *req;

	if (fresh)
		ca_site_new_key();
	csr = ca_site_csr(&(struct ca_site_csr){ .subject = "CN=x" });
	assert_int_equal(
		ossl_read(&req, bytes_slice(&csr), ASN1_ITEM_rptr(X509_REQ)),
		0);
	out = ossl_der(
		X509_REQ_get_X509_PUBKEY(req), ASN1_ITEM_rptr(X509_PUBKEY));
	X509_REQ_free(req);
	bytes_free(&csr);
	return out;
}

static struct ca_answer certify(
	struct ca *ca, bool fresh, struct slice proof, const char *password)
{
	struct bytes key = bare_key(fresh);
	const struct ca_vouched v = {
		.device = "SEP001122334455",
		.spki = bytes_slice(&key),
		.proof = proof,
		.password = password,
		.max_s = 3600,
	};
	struct ca_answer a;

	ca_certify(ca, &v, &a);
	bytes_free(&key);
	return a;
}

static void count_request(void *arg, const struct ca_pending *p)
{
	int64_t *id = arg;

	assert_string_equal(p->kind, "phone");
	*id = p->id;
}

/* A person's word is good for one certificate, of whatever key. */
static void phones_by_hand(void **state)
{
	const struct slice none = { .n = 0 };
	struct ca_params p = params(CA_GRANT_MANUAL);
	struct ca *ca = ca_site_open(&p);
	struct ca_answer a = certify(ca, true, none, NULL);
	char why[CA_WHY];
	int64_t id = 0;
	X509 *crt;

	(void)state;
	assert_int_equal(a.status, CA_PENDING);
	ca_answer_free(&a);
	a = certify(ca, false, none, NULL); /* asks once more */
	assert_int_equal(a.status, CA_PENDING);
	ca_answer_free(&a);
	assert_int_equal(ca_each_pending(ca, count_request, &id, why), 0);
	assert_int_equal(ca_grant(ca, id, why), 0);
	a = certify(ca, true, none, NULL);
	assert_int_equal(a.status, CA_GRANTED);
	assert_int_equal(ossl_read_cert(&crt, bytes_slice(&a.cert)), 0);
	assert_int_equal(ca_not_after(crt), ca_site_now + 3600);
	X509_free(crt);
	ca_answer_free(&a);
	a = certify(ca, false, none, NULL);
	assert_int_equal(a.status, CA_PENDING);
	ca_answer_free(&a);
	ca_close(ca);
}

/* The policy of every request; an LSC renews until it was revoked. */
static void phones_by_policy(void **state)
{
	const struct slice none = { .n = 0 };
	struct ca_params p = params(CA_GRANT_AUTO);
	struct ca *ca;
	struct ca_answer a, lsc;
	char why[CA_WHY], *serial;

	(void)state;
	p.password = "geheim";
	ca = ca_site_open(&p);
	a = certify(ca, true, none, "falsch");
	assert_int_equal(a.status, CA_REJECTED);
	ca_answer_free(&a);
	lsc = certify(ca, true, none, "geheim");
	assert_int_equal(lsc.status, CA_GRANTED);
	a = certify(ca, true, bytes_slice(&lsc.cert), NULL);
	assert_int_equal(a.status, CA_GRANTED);
	ca_answer_free(&a);
	serial = serial_of(&lsc.cert);
	assert_int_equal(ca_revoke(ca, serial, NULL, why), 0);
	a = certify(ca, true, bytes_slice(&lsc.cert), "geheim");
	assert_int_equal(a.status, CA_REJECTED);
	assert_non_null(strstr(a.text, "was revoked"));
	ca_answer_free(&a);
	ca_answer_free(&lsc);
	free(serial);
	ca_close(ca);
}

/* What nobody signed is taken from who vouches for it, and from nobody else;
 * a key that is none makes no request. */
static void unsigned_requests(void **state)
{
	char *path = mem_printf("%s/tests/fuzz/corpus/ca_csr/"
				"unsigned-for-a-phone",
		getenv("SRCDIR") ? getenv("SRCDIR") : ".");
	struct ca_params p = params(CA_GRANT_AUTO);
	struct ca *ca = ca_site_open(&p);
	struct bytes csr;
	char why[CA_WHY];
	struct ca_answer a;

	(void)state;
	assert_int_equal(ca_read_file(path, &csr, why), 0);
	struct ca_request r = { .csr = bytes_slice(&csr), .transaction = "t" };

	ca_submit(ca, &r, &a);
	assert_int_equal(a.status, CA_REJECTED);
	assert_non_null(strstr(a.text, "not signed with its own key"));
	ca_answer_free(&a);
	r.vouched = true;
	ca_submit(ca, &r, &a);
	assert_int_equal(a.status, CA_GRANTED);
	ca_answer_free(&a);
	const struct ca_vouched bad = { .device = "SEP001122334455",
		.spki = SLICE_LIT("no key") };

	ca_certify(ca, &bad, &a);
	assert_int_equal(a.status, CA_FAILED);
	assert_non_null(strstr(a.text, "key cannot be read"));
	ca_answer_free(&a);
	bytes_free(&csr);
	free(path);
	ca_close(ca);
}

/* One source has no more than a tenth of what may wait; an RA, whoever is
 * vouched for and other sources are not held back by it. */
static void one_source_waits(void **state)
{
	struct ca_params p = params(CA_GRANT_MANUAL);
	struct ca *ca = ca_site_open(&p);
	struct bytes csr =
		ca_site_csr(&(struct ca_site_csr){ .subject = "CN=A" });
	struct ca_request r = { .csr = bytes_slice(&csr),
		.source = "192.0.2.1" };
	char transaction[16];
	struct ca_answer a;

	(void)state;
	r.transaction = transaction;
	for (int i = 0; i < 102; i++) {
		(void)snprintf(transaction, sizeof(transaction), "t%d", i);
		r.source = i == 101 ? "192.0.2.2" : "192.0.2.1";
		ca_submit(ca, &r, &a);
		assert_int_equal(a.status, i == 100 ? CA_FAILED : CA_PENDING);
		if (i == 100)
			assert_non_null(strstr(a.text, "of one source"));
		ca_answer_free(&a);
	}
	r.source = NULL;
	r.transaction = "ours";
	ca_submit(ca, &r, &a);
	assert_int_equal(a.status, CA_PENDING);
	ca_answer_free(&a);
	bytes_free(&csr);
	ca_close(ca);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(issued_as_asked),
		TEST(refused),
		TEST(ec_keys),
		TEST(by_hand),
		TEST(passwords),
		TEST(renewals),
		TEST(revocation),
		TEST(ocsp_answers),
		TEST(lives_on),
		TEST(levels),
		TEST(bad_places),
		TEST(rollover),
		TEST(phones_by_hand),
		TEST(phones_by_policy),
		TEST(unsigned_requests),
		TEST(one_source_waits),
	};

	return RUN_TESTS(tests);
}

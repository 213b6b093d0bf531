/*
 * Asks a SCEP server for COUNT certificates, one after another, and writes
 * down each that it got: "SERIAL DER" in hex, a line each, on disk before the
 * next is asked for. Goes on when the server dies, for at most a minute.
 *
 *   scep_load URL PASSWORD COUNT OUT
 */
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "base/wire.h"
#include "certs/enrol/enroll.h"

enum { PATIENCE_MS = 60000, TRY_MS = 5000, AGAIN_MS = 20 };

struct load {
	const char *url, *password;
	gnutls_x509_privkey_t x509;
	gnutls_privkey_t key;
	gnutls_datum_t ca; /* DER */
	int out;
};

static void pause_ms(long ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

static void make_key(struct load *l)
{
	need(gnutls_x509_privkey_init(&l->x509) == 0);
	need(gnutls_x509_privkey_generate(l->x509, GNUTLS_PK_RSA, 2048, 0) ==
		0);
	need(gnutls_privkey_init(&l->key) == 0);
	need(gnutls_privkey_import_x509(l->key, l->x509, 0) == 0);
}

static gnutls_datum_t make_csr(const struct load *l, unsigned n)
{
	gnutls_x509_crq_t crq;
	gnutls_datum_t der;
	char dn[32];

	snprintf(dn, sizeof(dn), "CN=load-%u", n);
	need(gnutls_x509_crq_init(&crq) == 0);
	need(gnutls_x509_crq_set_version(crq, 1) == 0);
	need(gnutls_x509_crq_set_dn(crq, dn, NULL) == 0);
	need(gnutls_x509_crq_set_key(crq, l->x509) == 0);
	need(gnutls_x509_crq_set_challenge_password(crq, l->password) == 0);
	need(gnutls_x509_crq_privkey_sign(crq, l->key, GNUTLS_DIG_SHA256, 0) ==
		0);
	need(gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_DER, &der) == 0);
	gnutls_x509_crq_deinit(crq);
	return der;
}

static bool get_ca(struct load *l)
{
	char *pem, text[512];
	gnutls_x509_crt_t crt;
	gnutls_datum_t d;

	if (enroll_ca_certs(&(struct enroll_params){ .url = l->url,
				    .timeout_ms = TRY_MS },
		    &pem, text, sizeof(text)) != 0)
		return false;
	d = (gnutls_datum_t){ (unsigned char *)pem, (unsigned)strlen(pem) };
	need(gnutls_x509_crt_init(&crt) == 0);
	need(gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_PEM) == 0);
	need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &l->ca) == 0);
	gnutls_x509_crt_deinit(crt);
	free(pem);
	return true;
}

static void write_down(const struct load *l, const struct enroll_result *r)
{
	gnutls_datum_t d = { r->cert, (unsigned)r->cert_len };
	char serial[64], hex[2 * 64 + 1], *der = mem_new(2 * r->cert_len + 1);
	size_t n = sizeof(serial);
	gnutls_x509_crt_t crt;
	char *line;

	need(gnutls_x509_crt_init(&crt) == 0);
	need(gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_DER) == 0);
	need(gnutls_x509_crt_get_serial(crt, serial, &n) == 0);
	gnutls_x509_crt_deinit(crt);
	hex_encode(serial, n, hex);
	hex_encode(r->cert, r->cert_len, der);
	line = mem_printf("%s %s\n", hex, der);
	need(write(l->out, line, strlen(line)) == (ssize_t)strlen(line));
	need(fdatasync(l->out) == 0);
	free(line);
	free(der);
}

static bool one(const struct load *l, unsigned n, uint64_t until)
{
	gnutls_datum_t csr = make_csr(l, n);
	struct enroll_params p = {
		.protocol = ENROLL_SCEP,
		.url = l->url,
		.csr = slice_of(csr.data, csr.size),
		.key = l->key,
		.ca = slice_of(l->ca.data, l->ca.size),
		.timeout_ms = TRY_MS,
	};
	bool got = false, denied = false;

	while (!got && !denied && clock_ms() < until) {
		struct enroll_result r;

		enroll(&r, &p);
		got = r.outcome == ENROLL_GRANTED;
		denied = r.outcome == ENROLL_DENIED;
		if (got)
			write_down(l, &r);
		else if (denied || clock_ms() >= until)
			fprintf(stderr, "%u: %s\n", n, r.text);
		else
			pause_ms(AGAIN_MS);
		enroll_result_free(&r);
	}
	gnutls_free(csr.data);
	return got;
}

int main(int argc, char **argv)
{
	struct load l = { .out = -1 };
	uint64_t until = clock_ms() + PATIENCE_MS;
	unsigned long count = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	bool ok;

	if (count == 0) {
		fputs("usage: scep_load URL PASSWORD COUNT OUT\n", stderr);
		return 2;
	}
	l.url = argv[1];
	l.password = argv[2];
	l.out = open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	need(l.out >= 0);
	make_key(&l);
	while (!(ok = get_ca(&l)) && clock_ms() < until)
		pause_ms(AGAIN_MS);
	for (unsigned n = 0; ok && n < count; n++)
		ok = one(&l, n, clock_ms() + PATIENCE_MS);
	gnutls_free(l.ca.data);
	gnutls_privkey_deinit(l.key);
	gnutls_x509_privkey_deinit(l.x509);
	close(l.out);
	return ok ? 0 : 1;
}

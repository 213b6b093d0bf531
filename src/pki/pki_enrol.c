/* request, enroll. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/obj.h"
#include "certs/enrol/request.h"
#include "pki/pki_int.h"

enum { ASK_MS = 60000 };

/*
 * The same key again, so that a certificate that was issued for the request
 * before fits as well. Nothing of it is written down but the key.
 */
int pki_request(struct pki *p)
{
	struct keystore *key = NULL;
	gnutls_datum_t csr = { 0 };
	char *pem;
	int code = pki_stored(p);
	int err;

	if (code == 0)
		code = pki_store(p, true);
	if (code != 0)
		return code;
	err = obtain_key(p->store, p->t, &key, &p->why);
	if (err == 0)
		err = request_make(&csr, p->t, key, NULL, &p->why);
	obj_unref(key);
	if (err != 0)
		return pki_failed(p, err);
	pem = request_pem(&csr);
	gnutls_free(csr.data);
	code = pki_write(p, slice_str(pem), 0644);
	free(pem);
	if (code == 0)
		fprintf(stderr,
			"Give it to your authority; what comes back goes to "
			"`lineside pki import %s`.\n",
			p->t->name);
	return code;
}

static bool has_certificate(struct pki *p)
{
	gnutls_x509_crt_t *v = NULL;
	size_t n = 0;
	bool has = store_certs(p->store, p->t->name, STORE_OWN, &v, &n,
			   &p->why) == 0 &&
		   n > 0;

	for (size_t i = 0; i < n; i++)
		gnutls_x509_crt_deinit(v[i]);
	free(v);
	return has;
}

static int outcome(struct pki *p, const struct obtain_result *r)
{
	if (r->next_ca[0] != '\0')
		fprintf(stderr,
			"Trustpoint %s: the authority has a successor, which "
			"is believed from now on: %s.\n",
			p->t->name, r->next_ca);
	switch (r->outcome) {
	case OBTAIN_DONE:
		fprintf(stderr, "Trustpoint %s: %s.\n", p->t->name, r->text);
		return pki_reload(p);
	case OBTAIN_PENDING:
		fprintf(stderr, "Trustpoint %s: %s.\n%s\n", p->t->name, r->text,
			p->t->auto_enroll
				? "linesided asks again by itself."
				: "`lineside pki enroll` asks again; with "
				  "'auto-enroll' linesided does.");
		return p->t->auto_enroll ? pki_reload(p) : EXIT_OK;
	case OBTAIN_DENIED:
	case OBTAIN_FAILED:
		break;
	}
	return pki_refuse("%s", r->text);
}

int pki_enroll(struct pki *p)
{
	struct obtain_params op = { .c = p->t,
		.enroll = enroll,
		.next_ca = enroll_next_ca,
		.now = time(NULL),
		.timeout_ms = ASK_MS };
	struct obtain_result r;
	int code = pki_stored(p);

	if (code != 0)
		return code;
	if (p->t->enrollment == CONF_ENROLL_TERMINAL)
		return pki_request(p);
	code = pki_store(p, true);
	if (code != 0)
		return code;
	op.renew = has_certificate(p);
	if (p->restart)
		store_clear_pending(p->store, p->t->name);
	store_close(p->store);
	p->store = NULL;
	obtain(&r, &op);
	return outcome(p, &r);
}

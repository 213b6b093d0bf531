/* authenticate, import, export, forget. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/obj.h"
#include "certs/enrol/enroll.h"
#include "certs/store/import.h"
#include "certs/x509/crt.h"
#include "pki/pki_int.h"

enum { ASK_MS = 30000 };

static void describe(gnutls_x509_crt_t crt)
{
	struct text t = { 0 };
	char *subject = crt_subject_dup(crt), *issuer = crt_issuer_dup(crt);
	char *key = crt_key_dup(crt);
	char from[CRT_DATE], to[CRT_DATE];

	printf("%s\n", subject);
	if (!crt_self_issued(crt))
		printf("  issued by %s\n", issuer);
	printf("  valid from %s to %s, %s\n",
		crt_date(gnutls_x509_crt_get_activation_time(crt), from),
		crt_date(gnutls_x509_crt_get_expiration_time(crt), to), key);
	import_fingerprints(&t, crt);
	fputs(t.p, stdout);
	text_free(&t);
	free(subject);
	free(issuer);
	free(key);
}

static void describe_all(const struct import_choice *c)
{
	for (size_t i = 0; i < c->n; i++)
		describe(c->crt[i]);
	fflush(stdout);
}

static void print_notes(const struct text *notes)
{
	struct slice rest = text_slice(notes), line;

	while (slice_line(&rest, &line))
		fprintf(stderr, "Note: %.*s\n", SLICE_ARG(line));
}

static struct import_want want_of(
	const struct pki *p, const struct obtain_known *k)
{
	return (struct import_want){ .now = time(NULL),
		.legacy = &p->t->legacy,
		.fingerprint = p->fingerprint,
		.anchor = k->anchor,
		.nanchors = k->nanchors,
		.chain = k->chain,
		.nchain = k->nchain,
		.usage = p->t->usage };
}

static int refused(struct pki *p, char *why)
{
	int code = pki_refuse("%s", why);

	fputs("Nothing was changed.\n", stderr);
	(void)p;
	free(why);
	return code;
}

/* ---- authenticate ---- */

static bool asks_authority(const struct conf_trustpoint *t)
{
	return t->enrollment == CONF_ENROLL_SCEP ||
	       t->enrollment == CONF_ENROLL_EST;
}

static int fetch_authorities(struct pki *p, char **text, size_t *n)
{
	const struct conf_trustpoint *t = p->t;
	char *source = conf_trustpoint_source(t);
	const struct enroll_params ep = {
		.protocol = t->enrollment == CONF_ENROLL_EST ? ENROLL_EST
							     : ENROLL_SCEP,
		.url = t->url,
		.ca_identifier = t->ca_identifier,
		.source = source,
		.timeout_ms = ASK_MS,
	};
	char why[512] = "";
	int err = enroll_ca_certs(&ep, text, why, sizeof(why));

	free(source);
	if (err != 0)
		return pki_refuse("%s does not tell its certificates: %s",
			t->url, why[0] != '\0' ? why : strerrordesc_np(err));
	*n = strlen(*text);
	return 0;
}

static int accepted(const struct pki *p)
{
	if (p->fingerprint != NULL || p->accept)
		return 0;
	fputs("Compare the fingerprint with one that the authority's operator "
	      "told you.\n",
		stderr);
	if (pki_confirm("% Do you accept this certificate? [yes/no]: "))
		return 0;
	return pki_refuse("not accepted: nothing was changed (unattended: "
			  "--fingerprint HEX)");
}

/* What is there, and what came. */
static int add_anchors(struct pki *p, const struct obtain_known *k,
	const struct import_choice *c)
{
	size_t old = p->replace ? 0 : k->nanchors, n = old;
	gnutls_x509_crt_t *all =
		mem_array(old + c->n + 1, sizeof(gnutls_x509_crt_t));
	int err;

	for (size_t i = 0; i < old; i++)
		all[i] = k->anchor[i];
	for (size_t i = 0; i < c->n; i++) {
		bool there = false;

		for (size_t j = 0; j < old && !there; j++)
			there = gnutls_x509_crt_equals(
					k->anchor[j], c->crt[i]) != 0;
		if (!there)
			all[n++] = c->crt[i];
	}
	err = store_set_certs(
		p->store, p->t->name, STORE_ANCHORS, all, n, &p->why);
	free(all);
	return err == 0 ? 0 : pki_failed(p, err);
}

static int authenticate(struct pki *p, const struct import *in)
{
	struct obtain_known k = { .anchor = NULL };
	struct import_choice c = { .n = 0 };
	struct import_want w;
	char *why = NULL;
	int code = pki_store(p, true);

	if (code != 0)
		return code;
	if (obtain_known(p->store, p->t->name, &k, &p->why) != 0) {
		obtain_known_free(&k);
		return pki_failed(p, EBADMSG);
	}
	w = want_of(p, &k);
	if (p->replace)
		w.nanchors = 0;
	if (import_anchors(&c, in, &w, &why) != 0) {
		code = refused(p, why);
	} else {
		describe_all(&c);
		print_notes(&c.notes);
		code = accepted(p);
		if (code == 0)
			code = add_anchors(p, &k, &c);
	}
	import_choice_free(&c);
	obtain_known_free(&k);
	return code == 0 ? pki_reload(p) : code;
}

int pki_authenticate(struct pki *p)
{
	struct import in = { .n = 0 };
	char *text = NULL, *why = NULL;
	size_t n = 0;
	int code = pki_stored(p);

	if (code != 0 || p->n > 1)
		return code != 0 ? code : pki_usage();
	if (p->fingerprint != NULL && !import_is_fingerprint(p->fingerprint))
		return pki_refuse("'%s' is no fingerprint: 64, 40 or 32 "
				  "hexadecimal digits",
			p->fingerprint);
	if (p->t->enrollment == CONF_ENROLL_SELFSIGNED)
		return pki_refuse("trustpoint %s is self-signed and believes "
				  "nobody: name its peers' authorities with "
				  "'ca-bundle'",
			p->t->name);
	code = p->n == 0 && asks_authority(p->t)
		       ? fetch_authorities(p, &text, &n)
		       : pki_read(p->n > 0 ? p->word[0] : NULL, &text, &n);
	if (code == 0 && import_parse(&in, slice_of(text, n), NULL, &why) != 0)
		code = refused(p, why);
	else if (code == 0)
		code = authenticate(p, &in);
	import_free(&in);
	free(text);
	return code;
}

/* ---- import ---- */

/* The key that came along, else that of the request, else the present one. */
static int choose_key(struct pki *p, const struct import *in,
	struct import_want *w, struct keystore **key,
	struct store_pending *pending)
{
	const struct conf_trustpoint *t = p->t;
	int err;

	if (in->key != NULL) {
		if (t->key_url != NULL)
			return pki_refuse("the key of trustpoint %s is on a "
					  "token: import the certificate "
					  "without a key",
				t->name);
		keystore_set_exportable(in->key, p->exportable);
		return 0;
	}
	if (store_pending(p->store, t->name, pending, &p->why) == 0) {
		w->key_id = pending->key_id;
		return 0;
	}
	if (t->key_url != NULL)
		err = keystore_open_url(
			key, t->key_url, t->key_pin_file, &p->why);
	else
		err = store_key_current(p->store, store_label(t), key, &p->why);
	if (err == 0)
		w->key_id = keystore_id(*key);
	return err == 0 || err == ENOENT ? 0 : pki_failed(p, err);
}

static int import_into(struct pki *p, const struct import *in)
{
	struct store_pending pending = { .csr = NULL };
	struct obtain_known k = { .anchor = NULL };
	struct import_choice c = { .n = 0 };
	struct keystore *key = NULL;
	struct import_want w;
	char *why = NULL;
	int err = obtain_known(p->store, p->t->name, &k, &p->why);
	int code = err == 0 ? 0 : pki_failed(p, err);

	w = want_of(p, &k);
	if (code == 0)
		code = choose_key(p, in, &w, &key, &pending);
	if (code == 0 && import_own(&c, in, &w, &why) != 0) {
		code = refused(p, why);
	} else if (code == 0) {
		describe_all(&c);
		print_notes(&c.notes);
		err = obtain_install(p->store, p->t, &c, in->key,
			in->key != NULL ? keystore_id(in->key) : w.key_id,
			&p->why);
		code = err == 0 ? 0 : pki_failed(p, err);
	}
	import_choice_free(&c);
	obtain_known_free(&k);
	store_pending_free(&pending);
	obj_unref(key);
	return code;
}

/* IOS says `import NAME certificate`, `import NAME pkcs12 FILE`. */
static const char *file_word(const struct pki *p)
{
	static const char *const kinds[] = { "certificate", "cert", "pkcs12",
		"pem", "terminal" };
	int i = 0;

	for (size_t k = 0; k < ARRAY_SIZE(kinds) && i < p->n; k++)
		if (strcmp(p->word[i], kinds[k]) == 0) {
			i++;
			k = (size_t)-1;
		}
	return i < p->n ? p->word[i] : NULL;
}

int pki_import(struct pki *p)
{
	struct import in = { .n = 0 };
	char *text = NULL, *why = NULL, *password = NULL;
	size_t n = 0;
	int code = pki_stored(p);

	if (code == 0)
		code = pki_read(file_word(p), &text, &n);
	if (code == 0)
		code = pki_password(p, false, &password);
	if (code == 0 &&
		import_parse(&in, slice_of(text, n), password, &why) != 0) {
		/* Perhaps only the password is missing. */
		if (password == NULL && strstr(why, "password") != NULL &&
			pki_password(p, true, &password) == 0 &&
			password != NULL) {
			import_free(&in);
			free(why);
			if (import_parse(&in, slice_of(text, n), password,
				    &why) != 0)
				code = refused(p, why);
		} else {
			code = refused(p, why);
		}
	}
	if (text != NULL)
		mem_wipe(text, n);
	free(text);
	pki_wipe(password);
	if (code == 0) {
		print_notes(&in.notes);
		code = pki_store(p, true);
	}
	if (code == 0)
		code = import_into(p, &in);
	import_free(&in);
	return code == 0 ? pki_reload(p) : code;
}

/* ---- export ---- */

static void add_pem(struct text *out, gnutls_x509_crt_t crt)
{
	gnutls_datum_t pem = { 0 };

	need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem) == 0);
	text_add(out, slice_of(pem.data, pem.size));
	gnutls_free(pem.data);
}

static void add_certs(
	struct pki *p, struct text *out, const struct obtain_known *k)
{
	bool all = !p->ca && !p->own && !p->key;

	if (p->ca || all) {
		if (all)
			fputs("% CA certificates first, then ours:\n", stderr);
		for (size_t i = 0; i < k->nanchors; i++)
			add_pem(out, k->anchor[i]);
	}
	if (p->own || all)
		for (size_t i = 0; i < k->nchain; i++)
			add_pem(out, k->chain[i]);
}

static int own_key(
	struct pki *p, const struct obtain_known *k, struct keystore **key)
{
	uint8_t id[KEYSTORE_ID];
	size_t n = sizeof(id);
	int err;

	if (p->t->key_url != NULL)
		return pki_refuse("the key is on a token and stays there");
	if (k->nchain == 0)
		return pki_refuse(
			"trustpoint %s has no certificate yet", p->t->name);
	if (gnutls_x509_crt_get_key_id(
		    k->chain[0], GNUTLS_KEYID_USE_SHA256, id, &n) != 0)
		return EXIT_FAILED;
	err = store_key(p->store, store_label(p->t), id, key, &p->why);
	return err == 0 ? 0 : pki_failed(p, err);
}

static int add_key(struct pki *p, struct text *out,
	const struct obtain_known *k, bool pkcs12)
{
	struct keystore *key = NULL;
	gnutls_datum_t der = { 0 };
	char *password = NULL, *pem = NULL;
	int code = own_key(p, k, &key);
	int err = 0;

	if (code == 0)
		code = pki_password(p, true, &password);
	if (code == 0 && (password == NULL || password[0] == '\0'))
		code = pki_refuse("a key is exported under a password only: "
				  "--password-file FILE");
	if (code == 0 && pkcs12)
		err = keystore_export_pkcs12(
			key, password, p->t->name, k->chain, k->nchain, &der);
	else if (code == 0)
		err = keystore_export(key, password, &pem);
	if (err == EACCES)
		code = pki_refuse("the key is not exportable; only one that "
				  "was made or imported so is");
	else if (err != 0)
		code = pki_failed(p, err);
	text_add(out, slice_of(der.data, der.size));
	text_add(out, slice_str(pem));
	gnutls_free(der.data);
	pki_wipe(pem);
	pki_wipe(password);
	obj_unref(key);
	return code;
}

int pki_export(struct pki *p)
{
	bool pkcs12 = p->n > 0 && strcmp(p->word[0], "pkcs12") == 0;
	struct obtain_known k = { .anchor = NULL };
	struct text t = { 0 };
	int code = pki_stored(p);

	if (code == 0)
		code = pki_store(p, false);
	if (code == 0 && obtain_known(p->store, p->t->name, &k, &p->why) != 0)
		code = pki_failed(p, EBADMSG);
	if (code == 0 && !pkcs12)
		add_certs(p, &t, &k);
	if (code == 0 && (pkcs12 || p->key))
		code = add_key(p, &t, &k, pkcs12);
	if (code == 0 && t.n == 0)
		code = pki_refuse("trustpoint %s has none yet", p->t->name);
	if (code == 0)
		code = pki_write(
			p, text_slice(&t), pkcs12 || p->key ? 0600 : 0644);
	text_free(&t);
	obtain_known_free(&k);
	return code;
}

int pki_forget(struct pki *p)
{
	int code = pki_stored(p);
	int err;

	if (code == 0)
		code = pki_store(p, false);
	if (code != 0)
		return code;
	if (!p->accept &&
		!pki_confirm("% Its certificates are removed. [yes/no]: "))
		return pki_refuse("nothing was changed (unattended: --accept)");
	err = store_forget(p->store, p->t->name, &p->why);
	if (err != 0)
		return pki_failed(p, err);
	store_key_prune(p->store);
	return pki_reload(p);
}

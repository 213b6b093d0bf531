/*
 * Trustpoints: what the files of the configuration hold, made ready. One
 * GnuTLS credentials object serves all sessions that use the trustpoint; it
 * is only read after loading.
 */
#include <errno.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/store/pemfile.h"
#include "certs/store/trustpoint_load.h"
#include "certs/x509/crt.h"

enum { CA_NAMES_MAX = 16 << 10 }; /* a longer list is not sent to peers */

static void trustpoint_free(void *p)
{
	struct trustpoint *t = p;

	if (t->cred != NULL)
		gnutls_certificate_free_credentials(t->cred);
	pemfile_certs_free(t->chain.v, t->chain.n);
	pemfile_certs_free(t->anchors.v, t->anchors.n);
	obj_unref(t->key);
	free(t->revocation.crl_url);
	free(t->revocation.ocsp_url);
	free(t->revocation.source);
	free(t->name);
}

/* How long the authorities' names are, when all are told. */
static void count_names(struct trustpoint *t)
{
	size_t names = 0;

	for (size_t i = 0; i < t->anchors.n; i++) {
		gnutls_datum_t dn = { 0 };

		if (gnutls_x509_crt_get_raw_dn(t->anchors.v[i], &dn) == 0)
			names += dn.size + 2;
		gnutls_free(dn.data);
	}
	t->send_ca_names = names <= CA_NAMES_MAX;
}

/* The list gets copies: it frees what it holds, and `anchors` stays ours. */
static void fill_list(struct trustpoint *t)
{
	gnutls_x509_crt_t *copy =
		mem_array(t->anchors.n + 1, sizeof(gnutls_x509_crt_t));

	need(gnutls_x509_trust_list_init(&t->list, (unsigned)t->anchors.n) ==
		0); /* a bucket for each: look-ups stay short */
	for (size_t i = 0; i < t->anchors.n; i++)
		copy[i] = crt_copy(t->anchors.v[i]);
	if (t->anchors.n > 0)
		(void)gnutls_x509_trust_list_add_cas(t->list, copy,
			(unsigned)t->anchors.n,
			GNUTLS_TL_USE_IN_TLS | GNUTLS_TL_NO_DUPLICATES);
	free(copy);
	gnutls_certificate_set_trust_list(t->cred, t->list, 0);
}

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void hash_certs(gnutls_hash_hd_t h, const struct certs *c, bool ordered)
{
	uint8_t(*ids)[32] = mem_array(c->n + 1, sizeof(*ids));

	for (size_t i = 0; i < c->n; i++)
		crt_fingerprint(c->v[i], ids[i]);
	if (!ordered)
		qsort(ids, c->n, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < c->n; i++)
		if (ordered || i == 0 || memcmp(ids[i], ids[i - 1], 32) != 0)
			(void)gnutls_hash(h, ids[i], sizeof(ids[i]));
	free(ids);
}

/* `none` alone, or first, asks nobody. */
static void set_rules(struct trustpoint *t, const struct conf_trustpoint *c)
{
	struct revoke_rules *r = &t->revocation;

	t->whole_chain = c->chain_continue;
	t->legacy = (struct judge_legacy){ .md5 = c->legacy.md5,
		.sha1 = c->legacy.sha1,
		.short_keys = c->legacy.short_keys,
		.expired_anchors = c->legacy.expired_anchors,
		.until = (time_t)c->legacy.until };
	if (c->nrevokes == 0 || c->revoke[0] == CONF_REVOKE_NONE)
		return;
	r->n = c->nrevokes;
	memcpy(r->method, c->revoke, sizeof(r->method));
	r->crl_url = mem_dup(c->crl_url);
	r->ocsp_url = mem_dup(c->ocsp_url);
	r->source = conf_trustpoint_source(c);
	r->wait_ms = c->revocation_seconds * 1000;
}

/* A peer that was accepted by other rules is judged anew. */
static void hash_rules(gnutls_hash_hd_t h, const struct trustpoint *t)
{
	const struct revoke_rules *r = &t->revocation;
	const struct judge_legacy *g = &t->legacy;
	char *text = mem_printf("%d %d %d %d %lld %d %zu %d %d %d %u %s %s %s",
		g->md5, g->sha1, g->short_keys, g->expired_anchors,
		(long long)g->until, t->whole_chain, r->n, (int)r->method[0],
		(int)r->method[1], (int)r->method[2], r->wait_ms,
		r->crl_url != NULL ? r->crl_url : "",
		r->ocsp_url != NULL ? r->ocsp_url : "",
		r->source != NULL ? r->source : "");

	(void)gnutls_hash(h, text, strlen(text));
	free(text);
}

static void make_id(struct trustpoint *t)
{
	static const uint8_t none[KEYSTORE_ID];
	gnutls_hash_hd_t h;

	need(gnutls_hash_init(&h, GNUTLS_DIG_SHA256) == 0);
	hash_certs(h, &t->chain, true);
	(void)gnutls_hash(
		h, t->key != NULL ? keystore_id(t->key) : none, KEYSTORE_ID);
	hash_certs(h, &t->anchors, false);
	hash_rules(h, t);
	gnutls_hash_deinit(h, t->id);
}

int trustpoint_load(struct trustpoint **out, const struct conf_trustpoint *c,
	struct conf_errs *errs)
{
	struct trustpoint *t = obj_new(sizeof(*t), trustpoint_free);
	int own = 0;
	int anchors = 0;

	t->name = mem_dup(c->name);
	need(gnutls_certificate_allocate_credentials(&t->cred) == 0);
	anchors = trustpoint_load_anchors(t, c, errs);
	own = trustpoint_load_own(t, c, errs);
	count_names(t);
	fill_list(t);
	set_rules(t, c);
	make_id(t);
	if (own != 0 || anchors != 0)
		t = obj_unref(t);
	*out = t;
	return own != 0 ? own : anchors;
}

static void copy_certs(struct certs *out, const struct certs *in)
{
	out->v = mem_array(in->n + 1, sizeof(gnutls_x509_crt_t));
	for (size_t i = 0; i < in->n; i++)
		out->v[out->n++] = crt_copy(in->v[i]);
}

int trustpoint_combine(struct trustpoint **out, const struct trustpoint *own,
	const struct trustpoint *judges)
{
	const struct revoke_rules *r = &judges->revocation;
	struct trustpoint *t = obj_new(sizeof(*t), trustpoint_free);
	int err = 0;

	t->name = mem_dup(own->name);
	need(gnutls_certificate_allocate_credentials(&t->cred) == 0);
	copy_certs(&t->chain, &own->chain);
	copy_certs(&t->anchors, &judges->anchors);
	t->key = obj_ref(own->key);
	t->legacy = judges->legacy;
	t->whole_chain = judges->whole_chain;
	t->revocation = *r;
	t->revocation.crl_url = mem_dup(r->crl_url);
	t->revocation.ocsp_url = mem_dup(r->ocsp_url);
	t->revocation.source = mem_dup(r->source);
	if (t->key != NULL && t->chain.n > 0)
		err = keystore_use(
			t->key, t->cred, t->chain.v, (unsigned)t->chain.n);
	count_names(t);
	fill_list(t);
	make_id(t);
	if (err != 0)
		t = obj_unref(t);
	*out = t;
	return err;
}

const char *trustpoint_name(const struct trustpoint *t)
{
	return t->name;
}

bool trustpoint_has_key(const struct trustpoint *t)
{
	return t->key != NULL;
}

gnutls_x509_trust_list_t trustpoint_anchors(const struct trustpoint *t)
{
	return t->list;
}

gnutls_x509_crt_t trustpoint_chain(const struct trustpoint *t, size_t i)
{
	return i < t->chain.n ? t->chain.v[i] : NULL;
}

const struct keystore *trustpoint_key(const struct trustpoint *t)
{
	return t->key;
}

gnutls_x509_crt_t trustpoint_anchor(const struct trustpoint *t, size_t i)
{
	return i < t->anchors.n ? t->anchors.v[i] : NULL;
}

const struct revoke_rules *trustpoint_revocation(const struct trustpoint *t)
{
	return &t->revocation;
}

void trustpoint_judge_by(const struct trustpoint *t, struct judge_params *p)
{
	p->legacy = &t->legacy;
	p->whole_chain = t->whole_chain;
}

const uint8_t *trustpoint_id(const struct trustpoint *t)
{
	return t->id;
}

bool trustpoint_equal(const struct trustpoint *a, const struct trustpoint *b)
{
	return memcmp(a->id, b->id, sizeof(a->id)) == 0;
}

int trustpoint_use(const struct trustpoint *t, gnutls_session_t s)
{
	if (gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, t->cred) < 0)
		return EINVAL;
	gnutls_certificate_send_x509_rdn_sequence(s, t->send_ca_names ? 0 : 1);
	return 0;
}

struct cert_info *trustpoint_certs(const struct trustpoint *t, size_t *n)
{
	struct cert_info *v;

	*n = t->chain.n + t->anchors.n;
	v = mem_array(*n + 1, sizeof(*v));
	for (size_t i = 0; i < t->chain.n; i++)
		cert_info_fill(&v[i], t->chain.v[i], i == 0);
	for (size_t i = 0; i < t->anchors.n; i++)
		cert_info_fill(&v[t->chain.n + i], t->anchors.v[i], false);
	return v;
}

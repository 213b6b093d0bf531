/* Who gets a certificate: at once, after a person said so, or not at all. */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/thread.h"
#include "certs/ca/ca_int.h"

static const char phone_kind[] = "phone"; /* in the database */

enum { REPEAT_S = 600 }; /* so long the same request is a repetition */

enum decision { GRANT, WAIT, REFUSE };

struct verdict {
	enum decision decision;
	const char *kind; /* as in the database */
	bool itself; /* what asks is renewed, and was of the same kind */
	bool once; /* by this one-time password */
	uint8_t once_hash[32];
};

void ca_answer_free(struct ca_answer *a)
{
	bytes_free(&a->cert);
}

static void digest(struct slice s, uint8_t out[32])
{
	need(EVP_Digest(s.p, s.n, out, NULL, EVP_sha256(), NULL) == 1);
}

static bool same_text(const char *a, const char *b)
{
	uint8_t x[32], y[32];

	digest(slice_str(a), x);
	digest(slice_str(b), y);
	return CRYPTO_memcmp(x, y, sizeof(x)) == 0;
}

/* ---- the signer: a certificate of ours makes it a renewal ---- */

static bool is_ra(X509 *crt)
{
	EXTENDED_KEY_USAGE *eku =
		X509_get_ext_d2i(crt, NID_ext_key_usage, NULL, NULL);
	bool ra = false;

	for (int i = 0; i < sk_ASN1_OBJECT_num(eku); i++)
		ra = ra ||
		     OBJ_obj2nid(sk_ASN1_OBJECT_value(eku, i)) == NID_cmcRA;
	EXTENDED_KEY_USAGE_free(eku);
	ERR_clear_error();
	return ra;
}

X509 *ca_issuer(const struct ca *ca)
{
	return ca->p.mode == CA_RA ? sk_X509_value(ca->issuers, 0)
				   : ca->own.crt;
}

/* 0, or EACCES with words: it was ours and is not good any more. */
static int check_ours(struct ca *ca, X509 *crt, char why[CA_WHY])
{
	uint8_t serial[CA_DB_SERIAL];
	struct ca_db_cert c;
	enum ca_db_state state;

	if (ca_not_after(crt) < ca_now(ca))
		return ca_say(why, EACCES,
			"the certificate that signed the request has expired");
	if (ca->p.mode == CA_RA)
		return 0; /* the CA knows whether it was revoked */
	if (!ca_serial_of(X509_get0_serialNumber(crt), serial) ||
		ca_db_cert(ca->db, serial, &c) != 0)
		return ca_say(why, EACCES,
			"the certificate that signed the request is not in "
			"the database");
	state = c.state;
	ca_db_cert_free(&c);
	return state == CA_DB_REVOKED
		       ? ca_say(why, EACCES,
				 "the certificate that signed the request was "
				 "revoked")
		       : 0;
}

/* An RA of this CA, that was not revoked, signed the message: it vouches. */
static bool from_ra(struct ca *ca, const struct ca_request *r)
{
	char why[CA_WHY];
	X509 *crt;
	bool ra;

	if (r->signer.n == 0 || ossl_read_cert(&crt, r->signer) != 0)
		return false;
	ra = is_ra(crt) && ca_issued_here(ca, crt) &&
	     check_ours(ca, crt, why) == 0;
	X509_free(crt);
	return ra;
}

/* ---- the decision ---- */

static bool password_grants(
	struct ca *ca, const struct ca_csr *c, struct verdict *v)
{
	if (c->password == NULL)
		return false;
	if (ca->p.password != NULL && same_text(c->password, ca->p.password))
		return true;
	digest(slice_str(c->password), v->once_hash);
	v->once = ca_db_password_good(ca->db, v->once_hash, ca_now(ca));
	return v->once;
}

static void by_signer(struct ca *ca, const struct ca_request *r,
	const struct ca_csr *c, struct verdict *v, char why[CA_WHY])
{
	X509 *crt;

	if (r->signer.n == 0 || ossl_read_cert(&crt, r->signer) != 0)
		return;
	if (ca_issued_here(ca, crt)) {
		if (check_ours(ca, crt, why) != 0) {
			v->decision = REFUSE;
		} else if (ca_csr_same_names(c, crt)) {
			v->kind = "renewal";
			v->decision = GRANT;
			v->itself =
				c->kind == CA_KIND_CA
					? X509_check_ca(crt) == 1
					: c->kind != CA_KIND_RA || is_ra(crt);
		} else if (is_ra(crt)) {
			v->decision = GRANT; /* the RA looked at who asks */
		}
		/* An RA does not know what the CA revoked meanwhile, and what
		 * it passes on the CA grants. */
		if (v->decision == GRANT && ca->p.mode == CA_RA)
			v->decision = WAIT;
	}
	X509_free(crt);
}

/* A person granted the device a certificate when it asked with an earlier
 * key: good once. */
static void by_approval(
	struct ca *ca, const struct ca_request *r, struct verdict *v)
{
	struct ca_db_request old;

	v->kind = phone_kind;
	if (ca_db_request_find(ca->db, r->transaction, &old) != 0)
		return;
	if (old.state == CA_REQ_APPROVED && strcmp(old.kind, phone_kind) == 0 &&
		ca_db_request_reject(ca->db, old.id,
			"the phone has taken it up with a new key",
			ca_now(ca)) == 0)
		v->decision = GRANT;
	ca_db_request_free(&old);
}

static struct verdict decide(struct ca *ca, const struct ca_request *r,
	const struct ca_csr *c, char why[CA_WHY])
{
	struct verdict v = { .decision = WAIT, .kind = "" };

	by_signer(ca, r, c, &v, why);
	if (v.decision == REFUSE)
		return v;
	if (c->kind == CA_KIND_CA && ca->p.mode != CA_RA &&
		X509_get_pathlen(ca->own.crt) == 0) {
		v.decision = REFUSE;
		ca_say(why, EACCES,
			"%s may not certify CAs (its path length is 0): ask "
			"the CA above it",
			ca->p.name);
		return v;
	}
	if (v.decision == GRANT && v.itself &&
		((c->kind == CA_KIND_CA && ca->p.renew_ca) ||
			(c->kind == CA_KIND_RA && ca->p.renew_ra)))
		return v;
	if (c->kind != CA_KIND_USUAL) { /* not without a person */
		v.decision = WAIT;
		v.kind = c->kind == CA_KIND_CA ? "CA" : "RA";
		return v;
	}
	if (v.decision == WAIT && password_grants(ca, c, &v))
		v.decision = GRANT;
	if (v.decision == WAIT && r->vouched)
		by_approval(ca, r, &v);
	if (v.decision == GRANT || ca->p.grant == CA_GRANT_MANUAL)
		return v;
	if (ca->p.password == NULL) {
		v.decision = GRANT;
		return v;
	}
	v.decision = REFUSE;
	ca_say(why, EACCES,
		"the challenge password is wrong or missing: `lineside pki "
		"server %s password generate` makes one",
		ca->p.name);
	return v;
}

/* ---- carrying it out ---- */

static void fail(struct ca_answer *out, enum ca_status status)
{
	out->status = status;
	if (status == CA_REJECTED || status == CA_FAILED)
		metric_inc(M_PKI_CA_REFUSED);
}

static void issue(struct ca *ca, const struct ca_csr *c, int64_t id,
	struct ca_answer *out)
{
	int err = ca_issue(ca, c, id, &out->cert, out->text);

	if (err == 0)
		out->status = CA_GRANTED;
	else
		fail(out, CA_FAILED);
}

static void forward(struct ca *ca, int64_t id, struct ca_answer *out)
{
	struct ca_db_request r;
	int err = ca_db_request_approve(ca->db, id, NULL, ca_now(ca));

	if (err == 0)
		err = ca_db_request_get(ca->db, id, &r);
	if (err != 0) {
		ca_say(out->text, err, "%s", ca_db_why(ca->db));
		fail(out, CA_FAILED);
		return;
	}
	ca_ra_forward(ca, &r, out);
	ca_db_request_free(&r);
}

static void grant(struct ca *ca, const struct ca_csr *c, int64_t id,
	struct ca_answer *out)
{
	if (ca->p.mode == CA_RA)
		forward(ca, id, out);
	else
		issue(ca, c, id, out);
}

static int enter(struct ca *ca, const struct ca_request *r,
	const struct ca_csr *c, const struct verdict *v, int64_t *id,
	char why[CA_WHY])
{
	struct ca_db_request sr = {
		.transaction = mem_dup(r->transaction),
		.csr = bytes_of(r->csr),
		.subject = mem_dup(c->subject),
		.kind = mem_dup(v->kind),
		.state =
			v->decision == GRANT ? CA_REQ_APPROVED : CA_REQ_PENDING,
		.received = ca_now(ca),
		/* an RA speaks for many */
		.source = mem_dup(
			r->source != NULL && !from_ra(ca, r) ? r->source : ""),
	};
	int err;

	digest(r->csr, sr.csr_id);
	memcpy(sr.signer_id, r->signer_id, sizeof(sr.signer_id));
	err = ca_db_request_add(ca->db, &sr, v->once ? v->once_hash : NULL, id);
	if (err != 0)
		ca_say(why, err, "%s", ca_db_why(ca->db));
	ca_db_request_free(&sr);
	return err;
}

static void fresh(struct ca *ca, const struct ca_request *r,
	const struct ca_csr *c, struct ca_answer *out)
{
	struct verdict v = decide(ca, r, c, out->text);
	int64_t id = 0;

	if (v.decision == REFUSE) {
		fail(out, CA_REJECTED);
		return;
	}
	if (enter(ca, r, c, &v, &id, out->text) != 0) {
		fail(out, CA_FAILED);
		return;
	}
	if (v.decision == GRANT) {
		grant(ca, c, id, out);
		return;
	}
	log_event(MSG_PKI_CA_PENDING, NULL, L_STR("server", ca->p.name),
		L_INT("id", id), L_STR("subject", c->subject),
		L_STR("kind", v.kind[0] != '\0' ? v.kind : "phone or server"));
	out->status = CA_PENDING;
}

/* Granted, and we were killed, or the disk was full, before it was issued. */
static void resume(
	struct ca *ca, const struct ca_db_request *r, struct ca_answer *out)
{
	struct ca_csr c;

	if (ca->p.mode == CA_RA) {
		ca_ra_forward(ca, r, out);
	} else if (ca_csr_read(&c, bytes_slice(&r->csr), ca->p.legacy, true,
			   out->text) != 0) {
		fail(out, CA_REJECTED);
	} else {
		issue(ca, &c, r->id, out);
		ca_csr_free(&c);
	}
}

/* What became of a request that we know. */
static void known(struct ca *ca, struct ca_db_request *r, struct ca_answer *out)
{
	switch (r->state) {
	case CA_REQ_GRANTED:
		out->status = CA_GRANTED;
		out->cert = r->der;
		r->der = (struct bytes){ .n = 0 };
		break;
	case CA_REQ_REJECTED:
		out->status = CA_REJECTED;
		ca_say(out->text, EACCES, "%s",
			r->text != NULL ? r->text : "rejected");
		break;
	case CA_REQ_APPROVED:
		resume(ca, r, out);
		break;
	case CA_REQ_PENDING:
	default:
		out->status = CA_PENDING;
	}
}

/* The same request once more, not a renewal with the same words: that one is
 * signed by the certificate which the first brought. */
static bool repeats(struct ca *ca, const struct ca_request *r,
	const struct ca_db_request *old)
{
	uint8_t id[32];
	bool open =
		old->state == CA_REQ_PENDING || old->state == CA_REQ_APPROVED;

	digest(r->csr, id);
	if (memcmp(id, old->csr_id, sizeof(id)) != 0 ||
		memcmp(r->signer_id, old->signer_id, sizeof(id)) != 0)
		return false;
	if (!open && ca_now(ca) > old->changed + REPEAT_S)
		return false;
	return r->signer.n == 0 || !slice_eq(r->signer, bytes_slice(&old->der));
}

void ca_submit(struct ca *ca, const struct ca_request *r, struct ca_answer *out)
{
	struct ca_db_request old;
	struct ca_csr c = { .req = NULL };

	need(on_thread(THR_HELPER));
	*out = (struct ca_answer){ .status = CA_FAILED };
	metric_inc(M_PKI_CA_REQUESTS);
	if (ca_db_request_find(ca->db, r->transaction, &old) == 0 &&
		!(r->vouched && old.state != CA_REQ_PENDING) &&
		repeats(ca, r, &old))
		known(ca, &old, out);
	else if (ca_csr_read(&c, r->csr, ca->p.legacy,
			 r->vouched || from_ra(ca, r), out->text) != 0)
		fail(out, CA_REJECTED);
	else {
		c.max_s = r->max_s;
		fresh(ca, r, &c, out);
	}
	ca_db_request_free(&old);
	ca_csr_free(&c);
}

void ca_poll(struct ca *ca, const char *transaction,
	const uint8_t signer_id[32], struct ca_answer *out)
{
	struct ca_db_request r;

	need(on_thread(THR_HELPER));
	*out = (struct ca_answer){ .status = CA_FAILED };
	if (ca_db_request_find(ca->db, transaction, &r) == 0 &&
		memcmp(signer_id, r.signer_id, sizeof(r.signer_id)) == 0)
		known(ca, &r, out);
	else
		ca_say(out->text, ENOENT,
			"no request of this transaction waits here");
	ca_db_request_free(&r);
}

/* ---- the operator ---- */

static int pending(
	struct ca *ca, int64_t id, struct ca_db_request *r, char why[CA_WHY])
{
	int err = ca_db_request_get(ca->db, id, r);

	if (err == 0 && r->state == CA_REQ_PENDING)
		return 0;
	ca_db_request_free(r);
	return ca_say(why, ENOENT,
		"no request %lld waits: `lineside pki server %s info "
		"requests` lists them",
		(long long)id, ca->p.name);
}

int ca_grant(struct ca *ca, int64_t id, char why[CA_WHY])
{
	struct ca_answer a = { .status = CA_FAILED };
	struct ca_db_request r;
	struct ca_csr c;
	int err = pending(ca, id, &r, why);

	if (err != 0)
		return err;
	if (strcmp(r.kind, phone_kind) == 0) { /* it comes again: by_approval */
		err = ca_db_request_approve(ca->db, id, NULL, ca_now(ca));
		if (err != 0)
			ca_say(why, err, "%s", ca_db_why(ca->db));
		ca_db_request_free(&r);
		return err;
	}
	err = ca_csr_read(&c, bytes_slice(&r.csr), ca->p.legacy, true, why);
	if (err == 0)
		grant(ca, &c, id, &a);
	if (err == 0 && (a.status == CA_FAILED || a.status == CA_REJECTED))
		err = ca_say(why, EIO, "%s", a.text);
	ca_answer_free(&a);
	ca_csr_free(&c);
	ca_db_request_free(&r);
	return err;
}

int ca_reject(struct ca *ca, int64_t id, char why[CA_WHY])
{
	struct ca_db_request r;
	int err = pending(ca, id, &r, why);

	if (err != 0)
		return err;
	err = ca_db_request_reject(ca->db, id,
		"the operator of the CA rejected the request", ca_now(ca));
	if (err != 0)
		ca_say(why, err, "%s", ca_db_why(ca->db));
	else
		log_event(MSG_PKI_CA_REJECTED, NULL,
			L_STR("server", ca->p.name), L_INT("id", id),
			L_STR("subject", r.subject));
	ca_db_request_free(&r);
	return err;
}

struct ids {
	int64_t id[CA_DB_PENDING_MAX];
	size_t n;
	bool all; /* also what asks to be a CA */
};

static void collect(void *arg, const struct ca_db_request *r)
{
	struct ids *ids = arg;
	bool special = strcmp(r->kind, "CA") == 0 || strcmp(r->kind, "RA") == 0;

	if ((ids->all || !special) && ids->n < ARRAY_SIZE(ids->id))
		ids->id[ids->n++] = r->id;
}

typedef int one_fn(struct ca *ca, int64_t id, char why[CA_WHY]);

static int each(
	struct ca *ca, bool all, one_fn *fn, size_t *n, char why[CA_WHY])
{
	struct ids *ids = mem_new(sizeof(*ids));
	int err;

	*n = 0;
	ids->all = all;
	err = ca_db_each_request(ca->db, CA_REQ_PENDING, collect, ids);
	if (err != 0)
		ca_say(why, err, "%s", ca_db_why(ca->db));
	for (size_t i = 0; err == 0 && i < ids->n; i++) {
		err = fn(ca, ids->id[i], why);
		*n += err == 0;
	}
	free(ids);
	return err;
}

int ca_grant_all(struct ca *ca, size_t *n, char why[CA_WHY])
{
	return each(ca, false, ca_grant, n, why);
}

int ca_reject_all(struct ca *ca, size_t *n, char why[CA_WHY])
{
	return each(ca, true, ca_reject, n, why);
}

int ca_password(struct ca *ca, unsigned minutes, char out[17], char why[CA_WHY])
{
	uint8_t hash[32];
	int err = ca_clock(ca, why);

	if (err != 0)
		return err;
	random_hex(out, 16);
	digest(slice_str(out), hash);
	err = ca_db_password_add(
		ca->db, hash, ca_now(ca) + (int64_t)minutes * 60);
	return err == 0 ? 0 : ca_say(why, err, "%s", ca_db_why(ca->db));
}

struct teller {
	ca_pending_fn *fn;
	void *arg;
};

static void tell(void *arg, const struct ca_db_request *r)
{
	const struct teller *t = arg;
	struct ca_pending p = {
		.id = r->id,
		.subject = r->subject,
		.kind = r->kind,
		.transaction = r->transaction,
		.source = r->source,
		.state = r->state,
		.received = (time_t)r->received,
	};

	hex_encode(r->csr_id, sizeof(r->csr_id), p.sha256);
	t->fn(t->arg, &p);
}

int ca_each_pending(
	struct ca *ca, ca_pending_fn *fn, void *arg, char why[CA_WHY])
{
	struct teller t = { .fn = fn, .arg = arg };
	int err = ca_db_each_request(ca->db, CA_REQ_PENDING, tell, &t);

	if (err == 0)
		err = ca_db_each_request(ca->db, CA_REQ_APPROVED, tell, &t);
	return err == 0 ? 0 : ca_say(why, err, "%s", ca_db_why(ca->db));
}

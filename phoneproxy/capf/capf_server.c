/*
 * A CAPF session, server's side. After the phone's first frame the plan
 * decides: one request, its answer, the end.
 */
#include "phoneproxy/capf/capf_server.h"

#include <gnutls/abstract.h>
#include <string.h>

#include "base/secret.h"
#include "phoneproxy/signed/rsablock.h"

const struct capf_times capf_times_default = {
	.answer_ms = 30000,
	.keygen_ms = 1800000,
	.keygen_retries = 3,
};

const char *capf_end_text(enum capf_end e)
{
	static const char *const texts[] = {
		[CAPF_GOING_ON] = "The session goes on.",
		[CAPF_ENDED_DONE] = "The operation succeeded.",
		[CAPF_ENDED_NOTHING] = "Nothing was planned for the phone.",
		[CAPF_ENDED_UNKNOWN] = "The device is unknown.",
		[CAPF_ENDED_STRING] = "The authentication string is wrong.",
		[CAPF_ENDED_PROOF] = "The proof by certificate failed.",
		[CAPF_ENDED_UNTRUSTED] =
			"The certificate is not trusted for this device.",
		[CAPF_ENDED_PHONE] = "The phone reports a failure.",
		[CAPF_ENDED_KEY] =
			"The phone's key is not of the kind asked for.",
		[CAPF_ENDED_ISSUING] = "No certificate was issued.",
		[CAPF_ENDED_PROTOCOL] = "The phone sent what was not expected.",
		[CAPF_ENDED_TIMEOUT] = "The phone did not answer in time.",
	};

	return texts[e];
}

static void send_msg(struct capf_server *s, const struct capf_msg *m)
{
	struct text frame = { 0 };

	/* Too long only when an issuer made a certificate of 64 kB. */
	if (capf_build(&frame, m) == 0)
		s->ops->send(s->arg, text_slice(&frame));
	text_free(&frame);
}

static void finish(struct capf_server *s, enum capf_end end, uint8_t reason)
{
	struct capf_msg m = { .command = CAPF_END,
		.session = s->session,
		.have = CAPF_HAVE(CAPF_REASON),
		.reason = reason };

	s->end = end;
	send_msg(s, &m);
}

/* Phones learn no more of a failure than the reference server tells them. */
static void fail(struct capf_server *s, enum capf_end end)
{
	finish(s, end, CAPF_INVALID);
}

static void request(struct capf_server *s, struct capf_msg *m, uint8_t expects,
	unsigned wait_ms, uint64_t now)
{
	m->session = s->session;
	s->expects = expects;
	s->due = now + wait_ms;
	send_msg(s, m);
}

void capf_server_start(struct capf_server *s, uint32_t session,
	const struct capf_times *times, const struct capf_server_ops *ops,
	void *arg, uint64_t now)
{
	struct capf_msg m = { .command = CAPF_AUTH_REQUEST,
		.have = CAPF_HAVE(CAPF_VERSION) | CAPF_HAVE(CAPF_AUTH_TYPE),
		.version = CAPF_PROTOCOL_VERSION };

	*s = (struct capf_server){
		.session = session, .times = *times, .ops = ops, .arg = arg
	};
	request(s, &m, CAPF_AUTH_RESPONSE, s->times.answer_ms, now);
}

static void request_key(struct capf_server *s, uint64_t now)
{
	const struct capf_plan *p = &s->plan;
	struct capf_msg m = { .command = CAPF_KEY_REQUEST,
		.have = CAPF_HAVE(CAPF_KEY_TYPE),
		.key_type = p->key_type,
		.key_size = p->key_size,
		.curve = p->curve };

	m.have |= p->key_type == CAPF_EC ? CAPF_HAVE(CAPF_CURVE)
					 : CAPF_HAVE(CAPF_KEY_SIZE);
	request(s, &m, CAPF_KEY_RESPONSE, s->times.keygen_ms, now);
}

static void begin(struct capf_server *s, uint64_t now)
{
	struct capf_msg m = { 0 };

	switch (s->plan.operation) {
	case CAPF_UPGRADE:
		request_key(s, now);
		return;
	case CAPF_FETCH:
		m.command = CAPF_FETCH_REQUEST;
		request(s, &m, CAPF_FETCH_RESPONSE, s->times.answer_ms, now);
		return;
	case CAPF_DELETE:
		m.command = CAPF_DELETE_REQUEST;
		request(s, &m, CAPF_DELETE_RESPONSE, s->times.answer_ms, now);
		return;
	case CAPF_NOTHING:
	default:
		finish(s, CAPF_ENDED_NOTHING, CAPF_NO_ACTION);
		return;
	}
}

/* In a time that does not tell how many digits were right. */
static bool same_string(struct slice given, const char *want)
{
	struct secret a = { 0 }, b = { 0 };
	size_t n = strlen(want);

	if (n == 0 || n > SECRET_MAX || given.n > SECRET_MAX)
		return false;
	a.n = (uint8_t)given.n;
	b.n = (uint8_t)n;
	if (given.n > 0)
		memcpy(a.b, given.p, given.n);
	memcpy(b.b, want, n);
	bool same = secret_equal(&a, &b);

	secret_wipe(&a);
	secret_wipe(&b);
	return same;
}

static enum capf_end check_certificate(
	struct capf_server *s, const struct capf_msg *m)
{
	s->proof = capf_check_proof(m, s->plan.accept_only_sha1);
	if (s->proof != CAPF_PROVEN)
		return CAPF_ENDED_PROOF;
	return s->ops->trusted(s->arg, m->device, m->cert)
		       ? CAPF_GOING_ON
		       : CAPF_ENDED_UNTRUSTED;
}

static enum capf_end authenticate(
	struct capf_server *s, const struct capf_msg *m)
{
	switch (s->plan.auth) {
	case CAPF_BY_STRING:
		return s->plan.auth_string != NULL &&
				       same_string(
					       m->password, s->plan.auth_string)
			       ? CAPF_GOING_ON
			       : CAPF_ENDED_STRING;
	case CAPF_BY_CERTIFICATE:
		return check_certificate(s, m);
	case CAPF_BY_NULL_STRING:
	default:
		return CAPF_GOING_ON;
	}
}

static void on_auth(
	struct capf_server *s, const struct capf_msg *m, uint64_t now)
{
	if (m->device.n == 0 ||
		!slice_copy(m->device, s->device, sizeof(s->device))) {
		fail(s, CAPF_ENDED_PROTOCOL);
		return;
	}
	if (!s->ops->plan(s->arg, m->device, &s->plan)) {
		finish(s, CAPF_ENDED_UNKNOWN, CAPF_UNKNOWN_DEVICE);
		return;
	}
	/* Nothing to do is said to anybody: there is nothing to protect. */
	enum capf_end end = s->plan.operation == CAPF_NOTHING
				    ? CAPF_GOING_ON
				    : authenticate(s, m);

	if (end != CAPF_GOING_ON)
		fail(s, end);
	else
		begin(s, now);
}

static gnutls_ecc_curve_t curve_of(uint8_t curve)
{
	return curve == CAPF_P256   ? GNUTLS_ECC_CURVE_SECP256R1
	       : curve == CAPF_P384 ? GNUTLS_ECC_CURVE_SECP384R1
				    : GNUTLS_ECC_CURVE_SECP521R1;
}

static bool key_fits(const struct capf_plan *p, gnutls_pubkey_t key)
{
	gnutls_ecc_curve_t curve;
	unsigned bits;
	int kind = gnutls_pubkey_get_pk_algorithm(key, &bits);

	if (p->key_type == CAPF_RSA)
		return kind == GNUTLS_PK_RSA && bits <= p->key_size &&
		       bits + 8 > p->key_size;
	return kind == GNUTLS_PK_ECDSA &&
	       gnutls_pubkey_export_ecc_raw2(key, &curve, NULL, NULL, 0) == 0 &&
	       curve == curve_of(p->curve);
}

/* Is the phone's key what was asked for? It comes without any proof. */
static bool check_key(const struct capf_plan *p, struct slice spki)
{
	gnutls_datum_t d = { .size = (unsigned)spki.n };
	gnutls_pubkey_t key;
	int err = gnutls_pubkey_init(&key);

	need(err == 0);
	memcpy(&d.data, &spki.p, sizeof(d.data)); /* it is not written to */
	bool fits = gnutls_pubkey_import(key, &d, GNUTLS_X509_FMT_DER) == 0 &&
		    key_fits(p, key);

	gnutls_pubkey_deinit(key);
	return fits;
}

static void on_key(struct capf_server *s, const struct capf_msg *m)
{
	struct slice device = slice_str(s->device);

	if (!capf_has(m, CAPF_PUBLIC_KEY)) {
		fail(s, CAPF_ENDED_PHONE);
		return;
	}
	if (!check_key(&s->plan, m->public_key)) {
		fail(s, CAPF_ENDED_KEY);
		return;
	}
	s->expects = 0;
	s->due = UINT64_MAX; /* the issuer's own limits apply */
	s->ops->issue(s->arg, s, device, m->public_key);
}

void capf_server_issued(struct capf_server *s, struct slice cert, uint64_t now)
{
	struct capf_msg m = { .command = CAPF_STORE_REQUEST,
		.have = CAPF_HAVE(CAPF_CERT_TYPE) | CAPF_HAVE(CAPF_CERT),
		.cert_type = CAPF_LSC,
		.cert = cert };

	if (s->end != CAPF_GOING_ON || s->expects != 0)
		return;
	if (cert.n == 0) {
		fail(s, CAPF_ENDED_ISSUING);
		return;
	}
	text_add(&s->cert, cert);
	request(s, &m, CAPF_STORE_RESPONSE, s->times.answer_ms, now);
}

/*
 * The known server ends a fetch alike whether or not there was a certificate,
 * and a deletion too: what the phone reports is for our ears.
 */
static uint8_t end_reason(uint8_t command, bool good)
{
	if (command == CAPF_FETCH_RESPONSE)
		return CAPF_NO_ACTION;
	return good || command == CAPF_DELETE_RESPONSE ? CAPF_SUCCESS
						       : CAPF_INVALID;
}

static void on_result(struct capf_server *s, const struct capf_msg *m)
{
	bool fetched = m->command == CAPF_FETCH_RESPONSE;
	bool good = m->reason == CAPF_SUCCESS &&
		    (!fetched || capf_has(m, CAPF_CERT));

	if (good && fetched)
		text_add(&s->cert, m->cert);
	finish(s, good ? CAPF_ENDED_DONE : CAPF_ENDED_PHONE,
		end_reason(m->command, good));
}

static void on_progress(struct capf_server *s, uint64_t now)
{
	if (s->expects != CAPF_KEY_RESPONSE ||
		++s->progress > s->times.keygen_retries)
		fail(s, CAPF_ENDED_PROTOCOL);
	else
		s->due = now + s->times.keygen_ms;
}

void capf_server_frame(struct capf_server *s, struct slice frame, uint64_t now)
{
	struct capf_msg m;

	if (s->end != CAPF_GOING_ON)
		return;
	if (capf_parse(&m, frame) != 0 || m.session != s->session) {
		fail(s, CAPF_ENDED_PROTOCOL);
		return;
	}
	if (m.command == CAPF_IN_PROGRESS)
		on_progress(s, now);
	else if (m.command != s->expects)
		fail(s, CAPF_ENDED_PROTOCOL);
	else if (m.command == CAPF_AUTH_RESPONSE)
		on_auth(s, &m, now);
	else if (m.command == CAPF_KEY_RESPONSE)
		on_key(s, &m);
	else
		on_result(s, &m);
}

void capf_server_timer(struct capf_server *s, uint64_t now)
{
	if (s->end == CAPF_GOING_ON && now >= s->due)
		fail(s, CAPF_ENDED_TIMEOUT);
}

uint64_t capf_server_due(const struct capf_server *s)
{
	return s->end == CAPF_GOING_ON ? s->due : UINT64_MAX;
}

void capf_server_free(struct capf_server *s)
{
	text_free(&s->cert);
}

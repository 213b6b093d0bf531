/* The end of a session: what is remembered of it, of its phone, and told. */
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/metric.h"
#include "phoneproxy/capf/capf_service_int.h"

static void save(
	struct capf_session *s, struct capf_phone *p, const struct slice *cert)
{
	if (capf_store_save(s->service->store, &p, 1, cert, NULL, NULL) != 0)
		log_event(MSG_PHONE_CAPF_STORE, NULL,
			L_STR("reason", "too much waits to be written"));
}

static int64_t end_of(struct slice cert)
{
	gnutls_datum_t der = { .size = (unsigned)cert.n };
	gnutls_x509_crt_t crt;
	int64_t at = 0;

	memcpy(&der.data, &cert.p, sizeof(der.data)); /* not written to */
	need(gnutls_x509_crt_init(&crt) == 0);
	if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) == 0)
		at = gnutls_x509_crt_get_expiration_time(crt);
	gnutls_x509_crt_deinit(crt);
	return at;
}

/* The string was for once; what was wanted is done. */
static void note_done(struct capf_session *s)
{
	struct capf_phone *p =
		capf_store_get(s->service->store, s->info.device);
	struct slice cert = text_slice(&s->server.cert);
	enum capf_operation o = s->server.plan.operation;

	if (p == NULL)
		return;
	if (s->server.plan.auth == CAPF_BY_STRING)
		mem_wipe(p->string, sizeof(p->string));
	p->wrong = 0;
	p->pending = CAPF_NOTHING;
	p->done = o;
	p->done_at = time(NULL);
	p->not_after = o == CAPF_DELETE ? 0 : end_of(cert);
	save(s, p, &cert);
}

static void note_wrong(struct capf_session *s)
{
	struct capf_phone *p =
		capf_store_find(s->service->store, slice_str(s->info.device));

	metric_inc(M_PHONE_CAPF_WRONG_STRING);
	if (p == NULL || p->string[0] == '\0' || clock_ms() < p->locked_ms)
		return; /* there was nothing to be guessed */
	p->wrong++;
	if (p->wrong >= CAPF_WITHDRAW_TRIES) {
		log_event(MSG_PHONE_CAPF_WITHDRAWN, NULL,
			L_STR("device", p->name), L_INT("tries", p->wrong),
			L_ADDR("peer", &s->info.peer));
		mem_wipe(p->string, sizeof(p->string));
		p->wrong = 0;
	} else if (p->wrong % CAPF_LOCK_TRIES == 0) {
		p->locked_ms = clock_ms() + CAPF_LOCK_MS;
		log_event(MSG_PHONE_CAPF_LOCKED, NULL, L_STR("device", p->name),
			L_INT("seconds", CAPF_LOCK_MS / 1000),
			L_INT("tries", p->wrong),
			L_ADDR("peer", &s->info.peer));
	}
	save(s, p, NULL);
}

static void remember(struct capf_session *s)
{
	struct capf_service *v = s->service;

	if (v->nkept < CAPF_ENDED_KEPT)
		v->nkept++;
	memmove(&v->kept[1], &v->kept[0], (v->nkept - 1) * sizeof(v->kept[0]));
	v->kept[0] = s->info;
}

static void tell(const struct capf_session *s)
{
	const struct capf_session_info *i = &s->info;
	const char *text = capf_session_text(i);

	if (i->end == CAPF_ENDED_DONE)
		log_event(MSG_PHONE_CAPF_DONE, NULL,
			L_STR("operation", capf_operation_name(i->operation)),
			L_STR("device", i->device), L_ADDR("peer", &i->peer));
	else if (i->end != CAPF_ENDED_NOTHING)
		log_event(MSG_PHONE_CAPF_FAILED, NULL,
			L_STR("operation", capf_operation_name(i->operation)),
			L_STR("device",
				i->device[0] != '\0' ? i->device : "a phone"),
			L_ADDR("peer", &i->peer), L_STR("reason", text));
	if (s->service->tell != NULL && i->device[0] != '\0')
		s->service->tell(
			s->service->tell_arg, i, text_slice(&s->server.cert));
}

void capf_account(struct capf_session *s)
{
	struct capf_service *v = s->service;

	capf_issuing_over(s);
	if (s->accounted)
		return;
	s->accounted = true;
	s->info.end = s->server.end;
	s->info.proof = s->server.proof;
	s->info.ended = time(NULL);
	if (s->info.end == CAPF_ENDED_DONE) {
		v->done++;
		metric_inc(M_PHONE_CAPF_DONE);
		note_done(s);
	} else if (s->info.end == CAPF_ENDED_NOTHING) {
		v->nothing++;
	} else {
		v->failed++;
		metric_inc(M_PHONE_CAPF_FAILED);
		if (s->info.end == CAPF_ENDED_STRING)
			note_wrong(s);
	}
	remember(s);
	tell(s);
}

/* What is planned for a phone, and whether it is believed to be that phone. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "phoneproxy/capf/capf_service_int.h"

enum { DAY_S = 86400 };

static const struct conf_capf_phone *phone_line(
	const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->capf.nphones; i++)
		if (strcmp(c->capf.phone[i].name, name) == 0)
			return &c->capf.phone[i];
	return NULL;
}

/* Done before; of a certificate, with its last quarter not begun. */
static bool is_done(
	const struct conf *c, const struct capf_phone *p, enum capf_operation o)
{
	int64_t days = c->capf.cert_days / 4;

	if (days > CAPF_RENEW_DAYS)
		days = CAPF_RENEW_DAYS;
	if (p == NULL || p->done != o)
		return false;
	return o != CAPF_UPGRADE || p->not_after > time(NULL) + days * DAY_S;
}

static enum capf_operation operation_of(enum conf_capf_oper o)
{
	return o == CONF_CAPF_UPGRADE  ? CAPF_UPGRADE
	       : o == CONF_CAPF_FETCH  ? CAPF_FETCH
	       : o == CONF_CAPF_DELETE ? CAPF_DELETE
				       : CAPF_NOTHING;
}

static enum capf_operation choose(const struct conf *c,
	const struct conf_capf_phone *line, const struct capf_phone *phone)
{
	enum capf_operation o;

	if (phone != NULL && phone->pending != CAPF_NOTHING)
		return phone->pending;
	o = operation_of(line != NULL ? line->oper : c->capf.oper);
	return is_done(c, phone, o) ? CAPF_NOTHING : o;
}

static void choose_key(const struct conf *c, struct capf_plan *out)
{
	out->key_type = c->capf.key_kind == CONF_KEY_EC ? CAPF_EC : CAPF_RSA;
	out->key_size = (uint16_t)c->capf.key_bits;
	out->curve = c->capf.key_bits == 256   ? CAPF_P256
		     : c->capf.key_bits == 384 ? CAPF_P384
					       : CAPF_P521;
}

/* Locked or without a string: no string fits, and the phone is told no more. */
static void choose_string(
	struct capf_session *s, const struct capf_phone *phone)
{
	s->string[0] = '\0';
	if (phone != NULL && clock_ms() >= phone->locked_ms)
		memcpy(s->string, phone->string, sizeof(s->string));
}

bool capf_on_plan(void *arg, struct slice device, struct capf_plan *out)
{
	struct capf_session *s = arg;
	const struct conf *c = s->p.conf;
	char name[CAPF_DEVICE_LEN + 1];
	const struct conf_capf_phone *line;
	const struct capf_phone *phone;
	enum conf_capf_auth auth;

	if (!capf_name(device, name))
		return false;
	memcpy(s->info.device, name, sizeof(name));
	line = phone_line(c, name);
	phone = capf_store_find(s->service->store, device);
	if (line == NULL && phone == NULL && c->capf.oper == CONF_CAPF_NOTHING)
		return false;
	auth = line != NULL && line->auth_set ? line->auth : c->capf.auth;
	*out = (struct capf_plan){ .accept_only_sha1 = true };
	out->operation = auth == CONF_CAPF_AUTH_NONE ? CAPF_NOTHING
						     : choose(c, line, phone);
	out->auth = auth == CONF_CAPF_AUTH_STRING   ? CAPF_BY_STRING
		    : auth == CONF_CAPF_NULL_STRING ? CAPF_BY_NULL_STRING
						    : CAPF_BY_CERTIFICATE;
	choose_string(s, phone);
	out->auth_string = s->string;
	choose_key(c, out);
	s->info.operation = out->operation;
	return true;
}

static enum conf_capf_auth auth_of(const struct capf_session *s)
{
	const struct conf_capf_phone *line =
		phone_line(s->p.conf, s->info.device);

	return line != NULL && line->auth_set ? line->auth
					      : s->p.conf->capf.auth;
}

/* Of a CA of ours, one that it revoked is refused when it is to be renewed. */
static bool own_cert(const struct capf_session *s, struct slice device,
	struct slice cert, char why[CAPF_WHY])
{
	const struct capf_ca *ca = &s->p.ca;

	if (ca->certify == NULL)
		return capf_cert_trusted(cert, device, NULL,
			trustpoint_chain(s->p.issuer, 0), why);
	if (!capf_cert_fits(cert, device, why))
		return false;
	if (ca->issued(ca->arg, cert))
		return true;
	snprintf(why, CAPF_WHY, "it was not issued by our CA");
	return false;
}

/* LSC: by who issues here, or by the issuer's own authorities. */
bool capf_on_trusted(void *arg, struct slice device, struct slice cert)
{
	struct capf_session *s = arg;
	char why[CAPF_WHY] = "";
	bool mic = auth_of(s) == CONF_CAPF_MIC;

	if (mic ? capf_cert_trusted(cert, device, s->p.mic, NULL, why)
		: own_cert(s, device, cert, why)) {
		text_free(&s->proof);
		text_add(&s->proof, cert);
		return true;
	}
	log_debug(DEBUG_TLS, NULL,
		"CAPF: the certificate of %.*s is refused: %s",
		SLICE_ARG(device), why);
	return false;
}

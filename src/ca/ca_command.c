/* The operator's commands about the CA, on the helper thread. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/obj.h"
#include "base/secret.h"
#include "ca/ca_service_int.h"
#include "show/view.h"

enum { PASSWORD_MINUTES = 60, MINUTES_MAX = 7 * 1440, CERTS_MAX = 1000 };

static const char *const modes[] = {
	[CA_ROOT] = "root",
	[CA_SUBORDINATE] = "subordinate",
	[CA_RA] = "registration authority",
};
static const char *const levels[] = {
	[CA_MINIMAL] = "Minimum - serial numbers and revocations",
	[CA_NAMES] = "Names - subject names, too",
	[CA_COMPLETE] = "Complete - all issued certificates, too",
};

/* A sentence, as other commands that do something give it. */
static void said(struct ca_ask *a, bool ok, const char *fmt, ...) PRINTF(3, 4);
static void said(struct ca_ask *a, bool ok, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	a->ok = ok;
	table_block(a->table, "result", NULL);
	table_pair_bool(a->table, "ok", NULL, ok);
	table_pair(a->table, "message", NULL, text);
	table_note(a->table, "%s%s", ok ? "" : "% ", text);
	free(text);
}

static uint64_t ms_of(time_t t)
{
	return t > 0 ? (uint64_t)t * 1000 : 0;
}

static void print_info(struct ca_ask *a, const struct ca_info *i)
{
	struct view v = view_begin(a->table, "servers", ": ", 0);
	char from[VIEW_TIME];

	view_line(&v, "Certificate Server %s:", i->name);
	view_str(&v, "name", NULL, i->name);
	view_str(&v, "status", "    Status", "enabled");
	view_str(&v, "state", "    State", "enabled");
	view_str(&v, "mode", "    Mode", modes[i->mode]);
	view_str(&v, "subject", "    Issuer name", i->subject);
	view_str(&v, "md5", "    CA cert fingerprint (MD5)", i->md5);
	view_str(&v, "sha1", "    CA cert fingerprint (SHA1)", i->sha1);
	view_str(&v, "sha256", "    CA cert fingerprint (SHA256)", i->sha256);
	view_str(&v, "grant", "    Granting mode is",
		i->grant == CA_GRANT_AUTO ? "auto" : "manual");
	view_str(&v, "not_before", "    CA certificate start",
		view_iso_time(ms_of(i->not_before), from));
	view_str(&v, "not_after", "    CA certificate expiration timer",
		view_iso_time(ms_of(i->not_after), from));
	if (i->next_not_after != 0)
		view_str(&v, "next_not_after", "    Next CA certificate until",
			view_iso_time(ms_of(i->next_not_after), from));
	if (i->mode != CA_RA) {
		view_str(&v, "crl_next_update", "    CRL NextUpdate timer",
			view_iso_time(ms_of(i->crl_next_update), from));
		view_num(&v, "crl_number", "    CRL number", i->crl_number);
	}
	view_str(&v, "database_level", "    Current storage level",
		levels[i->level]);
	view_num(&v, "issued", "    Certificates issued", i->count.issued);
	view_num(&v, "revoked", "    Certificates revoked", i->count.revoked);
	view_num(&v, "pending", "    Requests pending", i->count.pending);
	view_end(&v);
}

static void info(struct ca_ask *a, struct ca *ca)
{
	char why[CA_WHY];
	struct ca_info i;

	view_array(a->table, "servers");
	if (ca_info(ca, &i, why) != 0) {
		said(a, false, "%s", why);
		return;
	}
	print_info(a, &i);
	a->ok = true;
	ca_info_free(&i);
}

static const struct table_col request_cols[] = {
	{ "id", "ReqID", true },
	{ "state", "State", false },
	{ "kind", "Kind", false },
	{ "received", "Received", false },
	{ "source", "From", false },
	{ "sha256", "Fingerprint (SHA256)", false },
	{ "subject", "SubjectName", false },
};

static void add_request(void *arg, const struct ca_pending *p)
{
	struct ca_ask *a = arg;
	char at[VIEW_TIME];

	table_num(a->table, p->id);
	table_str(a->table,
		p->state == CA_REQ_APPROVED ? "forwarded" : "pending");
	table_str(a->table, p->kind);
	table_str(a->table, view_iso_time(ms_of(p->received), at));
	table_str(a->table, p->source);
	table_str(a->table, p->sha256);
	table_str(a->table, p->subject);
}

static void requests(struct ca_ask *a, struct ca *ca)
{
	char why[CA_WHY];

	table_rows(a->table, "requests",
		"Enrollment Request Database:", request_cols,
		ARRAY_SIZE(request_cols));
	a->ok = ca_each_pending(ca, add_request, a, why) == 0;
	if (!a->ok)
		said(a, false, "%s", why);
}

static const struct table_col cert_cols[] = {
	{ "serial", "Serial", false },
	{ "state", "State", false },
	{ "not_after", "Until", false },
	{ "revoked_at", "Revoked", false },
	{ "subject", "Subject", false },
};

static void add_cert(void *arg, const struct ca_issued *c)
{
	struct ca_ask *a = arg;
	char at[VIEW_TIME];

	table_str(a->table, c->serial);
	table_str(a->table, c->state == CA_DB_REVOKED ? "revoked" : "valid");
	table_str(a->table, view_iso_time(ms_of(c->not_after), at));
	table_str(a->table, c->revoked_at != 0
				    ? view_iso_time(ms_of(c->revoked_at), at)
				    : NULL);
	table_str(a->table, c->subject);
}

static void certificates(struct ca_ask *a, struct ca *ca)
{
	char why[CA_WHY];

	table_rows(a->table, "certificates", NULL, cert_cols,
		ARRAY_SIZE(cert_cols));
	a->ok = ca_each_issued(ca, CERTS_MAX, add_cert, a, why) == 0;
	if (!a->ok)
		said(a, false, "%s", why);
}

static bool number(
	struct ca_ask *a, const char *text, uint64_t max, uint64_t *out)
{
	if (text != NULL && slice_uint(slice_str(text), max, out) == 0)
		return true;
	said(a, false, "'%s' is no number, or too large a one",
		text != NULL ? text : "");
	return false;
}

typedef int one_fn(struct ca *ca, int64_t id, char why[CA_WHY]);
typedef int all_fn(struct ca *ca, size_t *n, char why[CA_WHY]);

static void one(struct ca_ask *a, struct ca *ca, one_fn *fn, const char *what)
{
	char why[CA_WHY];
	uint64_t id;

	if (!number(a, a->arg[0], INT64_MAX, &id))
		return;
	if (fn(ca, (int64_t)id, why) == 0)
		said(a, true, "Request %llu was %s", (unsigned long long)id,
			what);
	else
		said(a, false, "%s", why);
}

static void all(struct ca_ask *a, struct ca *ca, all_fn *fn, const char *what)
{
	char why[CA_WHY];
	size_t n;

	if (fn(ca, &n, why) == 0)
		said(a, true, "%zu requests were %s", n, what);
	else
		said(a, false, "%s (%zu requests were %s)", why, n, what);
}

static void revoke(struct ca_ask *a, struct ca *ca)
{
	char why[CA_WHY];

	if (ca_revoke(ca, a->arg[0], a->arg[1], why) == 0)
		said(a, true, "Certificate %s was revoked, and a new CRL made",
			a->arg[0]);
	else
		said(a, false, "%s", why);
}

static void password(struct ca_ask *a, struct ca *ca)
{
	uint64_t minutes = PASSWORD_MINUTES;
	char why[CA_WHY], once[17];

	if (a->arg[0] != NULL && !number(a, a->arg[0], MINUTES_MAX, &minutes))
		return;
	if (ca_password(ca, (unsigned)minutes, once, why) != 0) {
		said(a, false, "%s", why);
		return;
	}
	a->ok = true;
	table_block(a->table, "result", NULL);
	table_pair_bool(a->table, "ok", NULL, true);
	table_pair(a->table, "password", NULL, once);
	table_pair_num(a->table, "minutes", NULL, (int64_t)minutes);
	table_note(a->table,
		"One-time password %s grants one request within %llu minutes",
		once, (unsigned long long)minutes);
	mem_wipe(once, sizeof(once));
}

static void rollover(struct ca_ask *a, struct ca *ca)
{
	char why[CA_WHY];

	if (ca_rollover(ca, why) == 0)
		said(a, true,
			"The next certificate is there; it is used from the "
			"middle of the time until this one expires");
	else
		said(a, false, "%s", why);
}

static void carry_out(struct ca_ask *a, struct ca *ca)
{
	switch (a->verb) {
	case CA_INFO:
	case CA_SHOW:
		info(a, ca);
		break;
	case CA_REQUESTS:
		requests(a, ca);
		break;
	case CA_CERTIFICATES:
		certificates(a, ca);
		break;
	case CA_GRANT:
		one(a, ca, ca_grant, "granted");
		break;
	case CA_GRANT_ALL:
		all(a, ca, ca_grant_all, "granted");
		break;
	case CA_REJECT:
		one(a, ca, ca_reject, "rejected");
		break;
	case CA_REJECT_ALL:
		all(a, ca, ca_reject_all, "rejected");
		break;
	case CA_REVOKE:
		revoke(a, ca);
		break;
	case CA_PASSWORD:
		password(a, ca);
		break;
	case CA_ROLLOVER:
		rollover(a, ca);
		break;
	}
}

void ca_command_run(struct work_job *job)
{
	struct ca_ask *a = MQ_HOLDER(job, struct ca_ask, job);
	struct ca_service *s = a->service;
	const struct conf_pki_server *c =
		s->conf != NULL ? s->conf->pki_servers : NULL;

	a->table = table_new();
	if (c == NULL || (a->name != NULL && strcmp(a->name, c->name) != 0))
		said(a, false, "There is no crypto pki server %s",
			a->name != NULL ? a->name : "");
	else if (s->ca == NULL)
		said(a, false, "%s is not served: %s", c->name, s->why);
	else
		carry_out(a, s->ca);
}

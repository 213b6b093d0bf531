/* show crypto pki: the certificates that are in use, as they were loaded. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "show/show_int.h"
#include "show/view.h"

static bool selected(const struct show *s, const struct trustpoint_info *tp)
{
	return s->match->nargs == 0 || slice_eq_str(s->match->arg[0], tp->name);
}

static int complain(struct table *t, const struct show *s)
{
	if (s->match->nargs == 0)
		return 0;
	table_note(t, "%% There is no trustpoint %.*s",
		SLICE_ARG(s->match->arg[0]));
	return ENOENT;
}

static uint64_t ms_of(time_t t)
{
	return t > 0 ? (uint64_t)t * 1000 : 0;
}

/* Where its bytes are: a file of the operator's, or the state directory. */
static char *storage_of(const struct show *s, const struct trustpoint_info *tp,
	const struct cert_info *c)
{
	const struct conf_trustpoint *t =
		conf_find_trustpoint(s->conf, tp->name);
	const char *file = t == NULL ? NULL : c->ca ? t->ca_file : t->cert_file;

	if (t == NULL)
		return NULL;
	if (file != NULL)
		return mem_dup(file);
	return mem_printf("%s/pki/trustpoints/%s.%s.pem", t->state_directory,
		t->name, c->ca && !c->own ? "ca" : "own");
}

/* Not all certificates have all of it. */
static void optional(
	struct view *v, const char *key, const char *label, const char *value)
{
	view_str(v, key, value != NULL ? label : NULL, value);
}

static void extensions(struct view *v, const struct cert_info *c)
{
	view_line(v, "  X509v3 extensions");
	optional(v, "key_usage", "    Key Usage", c->key_usage);
	optional(
		v, "extended_key_usage", "    Extended Key Usage", c->purposes);
	optional(v, "basic_constraints", "    Basic Constraints", c->basic);
	optional(v, "subject_alt_name", "    Subject Alt Name", c->names);
	optional(v, "subject_key_id", "    Subject Key ID", c->subject_key_id);
	optional(v, "authority_key_id", "    Authority Key ID",
		c->authority_key_id);
	optional(v, "crl", "    CRL Distribution", c->crl);
	optional(v, "ocsp", "    OCSP URL", c->ocsp);
	optional(v, "ca_issuers", "    CA Issuers URL", c->issuers);
}

static void certificate(struct table *t, const struct show *s,
	const struct trustpoint_info *tp, const struct cert_info *c,
	bool verbose)
{
	struct view v = view_begin(t, "certificates", ": ", 24);
	char from[VIEW_TIME], to[VIEW_TIME];
	time_t now = (time_t)(s->now_ms / 1000);
	int64_t days = (c->not_after - now) / 86400;
	char *storage = verbose ? storage_of(s, tp, c) : NULL;

	view_line(&v, c->ca ? "CA Certificate" : "Certificate");
	view_str(&v, "status", "  Status",
		now < c->not_before  ? "Not yet valid"
		: now > c->not_after ? "Expired"
				     : "Available");
	if (verbose)
		view_num(&v, "version", "  Version", c->version);
	view_str(&v, "serial", "  Serial Number (hex)", c->serial);
	view_str(&v, "usage", "  Certificate Usage",
		c->ca ? "Signature" : "General Purpose");
	view_str(&v, "issuer", "  Issuer", c->issuer);
	view_str(&v, "subject", "  Subject", c->subject);
	view_line(&v, "  Validity Date");
	view_str(&v, "not_before", "    start date",
		view_iso_time(ms_of(c->not_before), from));
	view_str(&v, "not_after", "    end   date",
		view_iso_time(ms_of(c->not_after), to));
	view_num(&v, "days_left", "    days left", days);
	view_str(&v, "key", "  Subject Key", c->key);
	if (verbose) {
		view_str(
			&v, "signature", "  Signature Algorithm", c->signature);
		view_str(&v, "md5", "  Fingerprint MD5", c->md5);
	}
	view_str(&v, "sha1", "  Fingerprint SHA1", c->sha1);
	view_str(&v, "sha256", "  Fingerprint SHA256", c->sha256);
	if (verbose)
		extensions(&v, c);
	view_str(&v, "trustpoint", "  Associated Trustpoints", tp->name);
	if (verbose)
		optional(&v, "storage", "  Storage", storage);
	view_bool(&v, "own", NULL, c->own, "", "");
	view_bool(&v, "ca", NULL, c->ca, "", "");
	view_line(&v, "%s", "");
	view_end(&v);
	free(storage);
}

static int certificates(struct table *t, const struct show *s, bool verbose)
{
	size_t n = 0;

	view_array(t, "certificates");
	for (size_t i = 0; i < s->query->ntrustpoints; i++) {
		const struct trustpoint_info *tp = &s->query->trustpoints[i];

		if (!selected(s, tp))
			continue;
		n++;
		for (size_t k = 0; k < tp->ncerts; k++)
			certificate(t, s, tp, &tp->certs[k], verbose);
	}
	return n > 0 ? 0 : complain(t, s);
}

int show_certificates(struct table *t, const struct show *s)
{
	return certificates(t, s, false);
}

int show_certificates_verbose(struct table *t, const struct show *s)
{
	return certificates(t, s, true);
}

static const struct cert_info *own_certificate(const struct trustpoint_info *tp)
{
	for (size_t i = 0; i < tp->ncerts; i++)
		if (tp->certs[i].own)
			return &tp->certs[i];
	return NULL;
}

static const struct renewal_row *renewal_of(
	const struct show *s, const char *name)
{
	for (size_t i = 0; s->renewals != NULL && i < s->renewals->n; i++)
		if (strcmp(s->renewals->row[i].trustpoint, name) == 0)
			return &s->renewals->row[i];
	return NULL;
}

/* "off", "waiting until …", "pending, asked again …". */
static void renewal(struct view *v, const struct show *s, const char *name)
{
	static const char *const words[] = { "off", "at", "under way",
		"waits for the authority, asked again",
		"failed, next attempt" };
	const struct renewal_row *r = renewal_of(s, name);
	char next[VIEW_TIME];

	if (r == NULL)
		return;
	(void)view_iso_time(ms_of(r->next), next);
	view_str(v, "renewal", NULL, renew_state_name(r->state));
	if (r->state == RENEW_OFF || r->state == RENEW_ASKING)
		view_line(v, "  %-26s: %s", "Renewal", words[r->state]);
	else
		view_line(
			v, "  %-26s: %s %s", "Renewal", words[r->state], next);
	if (r->next != 0)
		view_str(v, "renewal_at", NULL, next);
	view_num(v, "renewal_failures", NULL, r->attempts);
	if (r->renewed != 0)
		view_str(v, "renewed", "  Last renewed",
			view_iso_time(ms_of(r->renewed), next));
	if (r->text[0] != '\0')
		view_str(v, "renewal_result", "  Last attempt", r->text);
}

/* Of the same name as one that is valid and ends before it, or was there
 * before it: its successor. */
static bool is_successor(
	const struct trustpoint_info *tp, const struct cert_info *c)
{
	time_t now = time(NULL);

	for (size_t i = 0; i < tp->ncerts; i++) {
		const struct cert_info *o = &tp->certs[i];

		if (c->ca && o->ca && o->not_after >= now &&
			(o->not_after < c->not_after ||
				(o->not_after == c->not_after && o < c)) &&
			strcmp(o->subject, c->subject) == 0)
			return true;
	}
	return false;
}

static void authority(struct view *v, const struct trustpoint_info *tp,
	const struct cert_info *c)
{
	bool next = is_successor(tp, c);
	char from[VIEW_TIME], to[VIEW_TIME];

	(void)view_iso_time(ms_of(c->not_before), from);
	(void)view_iso_time(ms_of(c->not_after), to);
	view_line(v,
		"  %s CA certificate configured:", next ? "Next" : "Issuing");
	view_line(v, "    Subject Name: %s", c->subject);
	view_line(v, "    Fingerprint SHA256: %s", c->sha256);
	view_line(v, "    Valid: %s to %s", from, to);
	if (!next)
		return;
	view_str(v, "next_ca", NULL, c->subject);
	view_str(v, "next_ca_sha256", NULL, c->sha256);
	view_str(v, "next_ca_not_after", NULL, to);
}

static void trustpoint(
	struct table *t, const struct show *s, const struct trustpoint_info *tp)
{
	struct view v = view_begin(t, "trustpoints", ": ", 28);
	const struct cert_info *own = own_certificate(tp);
	int64_t anchors = 0;

	for (size_t i = 0; i < tp->ncerts; i++)
		anchors += tp->certs[i].ca;
	view_line(&v, "Trustpoint %s:", tp->name);
	view_str(&v, "name", NULL, tp->name);
	for (size_t i = 0; i < tp->ncerts; i++) {
		if (tp->certs[i].ca)
			authority(&v, tp, &tp->certs[i]);
	}
	if (own != NULL) {
		view_line(
			&v, "  Router General Purpose certificate configured:");
		view_line(&v, "    Subject Name: %s", own->subject);
		view_line(&v, "    Fingerprint SHA256: %s", own->sha256);
	}
	view_str(&v, "subject", NULL, own ? own->subject : NULL);
	view_num(&v, "ca_certificates", "  CA certificates", anchors);
	view_line(&v, "  State:");
	view_bool(&v, "keys", "    Keys generated", own != NULL, "Yes", "No");
	view_bool(&v, "ca_authenticated", "    Issuing CA authenticated",
		anchors > 0, "Yes", "No");
	view_bool(&v, "certificate", "    Certificate request(s)", own != NULL,
		"Yes", "None");
	renewal(&v, s, tp->name);
	view_line(&v, "%s", "");
	view_end(&v);
}

int show_trustpoints(struct table *t, const struct show *s)
{
	size_t n = 0;

	view_array(t, "trustpoints");
	for (size_t i = 0; i < s->query->ntrustpoints; i++) {
		if (!selected(s, &s->query->trustpoints[i]))
			continue;
		n++;
		trustpoint(t, s, &s->query->trustpoints[i]);
	}
	return n > 0 ? 0 : complain(t, s);
}

/* ---- show crypto pki horizon ---- */

struct end {
	int64_t at;
	const char *kind, *name, *subject, *renewal;
};

static int by_end(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void add_end(struct end **v, size_t *n, struct end e)
{
	*v = mem_resize(*v, *n + 1, sizeof(**v));
	(*v)[(*n)++] = e;
}

static const char *renewed_how(const struct show *s, const char *name, bool own)
{
	const struct renewal_row *r = own ? renewal_of(s, name) : NULL;

	if (!own || r == NULL)
		return NULL;
	return r->state == RENEW_OFF ? "by hand" : renew_state_name(r->state);
}

static size_t gather_ends(const struct show *s, struct end **v)
{
	const struct b2bua_query *q = s->query;
	size_t n = 0;

	for (size_t i = 0; i < q->ntrustpoints; i++) {
		const struct trustpoint_info *tp = &q->trustpoints[i];

		for (size_t k = 0; k < tp->ncerts; k++)
			add_end(v, &n,
				(struct end){ tp->certs[k].not_after,
					tp->certs[k].own  ? "own"
					: tp->certs[k].ca ? "authority"
							  : "chain",
					tp->name, tp->certs[k].subject,
					renewed_how(s, tp->name,
						tp->certs[k].own) });
	}
	for (size_t i = 0; i < q->nconns; i++)
		if (q->conns[i].not_after != 0)
			add_end(v, &n,
				(struct end){ q->conns[i].not_after, "peer",
					q->conns[i].listener,
					q->conns[i].device[0] != '\0'
						? q->conns[i].device
						: q->conns[i].identity,
					NULL });
	return n;
}

int show_horizon(struct table *t, const struct show *s)
{
	static const struct table_col cols[] = {
		{ "days_left", "Days", true },
		{ "not_after", "Ends", false },
		{ "kind", "What", false },
		{ "where", "Where", false },
		{ "subject", "Whose", false },
		{ "renewal", "Renewal", false },
	};
	struct end *v = NULL;
	size_t n = gather_ends(s, &v);
	int64_t now = (int64_t)(s->now_ms / 1000);
	char date[VIEW_TIME];

	if (n > 1)
		qsort(v, n, sizeof(*v), by_end);
	table_rows(t, "horizon", NULL, cols, ARRAY_SIZE(cols));
	for (size_t i = 0; i < n; i++) {
		int64_t left = v[i].at - now;

		/* The last day is 0, what ended yesterday -1. */
		table_num(
			t, left >= 0 ? left / 86400 : -1 - (-left - 1) / 86400);
		table_str(t, view_iso_time(ms_of(v[i].at), date));
		table_str(t, v[i].kind);
		table_str(t, v[i].name);
		table_str(t, v[i].subject);
		table_str(t, v[i].renewal);
	}
	free(v);
	return 0;
}

/* show crypto pki: the certificates that are in use, as they were loaded. */
#include <errno.h>

#include "show_int.h"
#include "view.h"

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

static void certificate(struct table *t, const struct show *s,
	const struct trustpoint_info *tp, const struct cert_info *c)
{
	struct view v = view_begin(t, "certificates", ": ", 24);
	char from[VIEW_TIME], to[VIEW_TIME];
	time_t now = (time_t)(s->now_ms / 1000);
	int64_t days = (c->not_after - now) / 86400;

	view_line(&v, c->ca ? "CA Certificate" : "Certificate");
	view_str(&v, "status", "  Status",
		now < c->not_before  ? "Not yet valid"
		: now > c->not_after ? "Expired"
				     : "Available");
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
	view_str(&v, "sha1", "  Fingerprint SHA1", c->sha1);
	view_str(&v, "sha256", "  Fingerprint SHA256", c->sha256);
	view_str(&v, "trustpoint", "  Associated Trustpoints", tp->name);
	view_bool(&v, "own", NULL, c->own, "", "");
	view_bool(&v, "ca", NULL, c->ca, "", "");
	view_line(&v, "%s", "");
	view_end(&v);
}

int show_certificates(struct table *t, const struct show *s)
{
	size_t n = 0;

	view_array(t, "certificates");
	for (size_t i = 0; i < s->query->ntrustpoints; i++) {
		const struct trustpoint_info *tp = &s->query->trustpoints[i];

		if (!selected(s, tp))
			continue;
		n++;
		for (size_t k = 0; k < tp->ncerts; k++)
			certificate(t, s, tp, &tp->certs[k]);
	}
	return n > 0 ? 0 : complain(t, s);
}

static const struct cert_info *own_certificate(const struct trustpoint_info *tp)
{
	for (size_t i = 0; i < tp->ncerts; i++)
		if (tp->certs[i].own)
			return &tp->certs[i];
	return NULL;
}

static void trustpoint(struct table *t, const struct trustpoint_info *tp)
{
	struct view v = view_begin(t, "trustpoints", ": ", 28);
	const struct cert_info *own = own_certificate(tp);
	int64_t anchors = 0;

	for (size_t i = 0; i < tp->ncerts; i++)
		anchors += tp->certs[i].ca;
	view_line(&v, "Trustpoint %s:", tp->name);
	view_str(&v, "name", NULL, tp->name);
	for (size_t i = 0; i < tp->ncerts; i++) {
		if (!tp->certs[i].ca)
			continue;
		view_line(&v, "  Issuing CA certificate configured:");
		view_line(&v, "    Subject Name: %s", tp->certs[i].subject);
		view_line(
			&v, "    Fingerprint SHA256: %s", tp->certs[i].sha256);
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
		trustpoint(t, &s->query->trustpoints[i]);
	}
	return n > 0 ? 0 : complain(t, s);
}

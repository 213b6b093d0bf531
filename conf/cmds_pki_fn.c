/* What the lines of a trustpoint set, and how they are shown again. */
#include "conf/cmds_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/wire.h"

static bool reset(const struct line *l)
{
	return l->no || l->def;
}

static struct slice nothing(void)
{
	return (struct slice){ .p = NULL };
}

void pki_set_master_key(struct line *l)
{
	struct conf *c = l->p->conf;
	bool file = !reset(l) && line_has(l, "file");

	set_str(&c->master_key_file, file ? line_arg(l, 0)->text : nothing());
	set_str(&c->master_key_credential,
		reset(l) || file ? nothing() : line_arg(l, 0)->text);
}

/* Of another box: its master key does not come along. */
void pki_note_encryption(struct line *l)
{
	struct conf *c = l->p->conf;

	if (!l->p->import || !c->password_encryption ||
		c->master_key_file != NULL || c->master_key_credential != NULL)
		return;
	c->password_encryption = false;
	line_error(l, NULL,
		"passwords are shown as <hidden>: import with "
		"--master-key-file KEY to have them encrypted",
		"there is no master key");
}

void pki_show_master_key(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->master_key_file != NULL)
		show_quoted(s, "pki master-key file", s->conf->master_key_file);
	if (s->conf->master_key_credential != NULL)
		show_line(s, "pki master-key credential %s",
			s->conf->master_key_credential);
}

/* `no key`, `no ca-bundle`: what several rows begin with. */
void pki_reset_key(struct line *l)
{
	struct conf_trustpoint *t = l->obj;

	set_str(&t->key_file, nothing());
	set_str(&t->key_url, nothing());
	set_str(&t->key_pin_file, nothing());
}

void pki_reset_anchors(struct line *l)
{
	struct conf_trustpoint *t = l->obj;

	set_str(&t->ca_file, nothing());
	set_ref(l, &t->ca_trustpoint, M_TRUSTPOINT, NULL);
}

void pki_set_enrollment(struct line *l)
{
	struct conf_trustpoint *t = l->obj;

	set_str(&t->url, nothing());
	if (reset(l))
		t->enrollment = CONF_ENROLL_NONE;
	else
		t->enrollment = line_has(l, "selfsigned")
					? CONF_ENROLL_SELFSIGNED
					: CONF_ENROLL_TERMINAL;
}

void pki_show_enrollment(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;

	(void)row;
	if (t->enrollment == CONF_ENROLL_TERMINAL)
		show_line(s, "enrollment terminal");
	if (t->enrollment == CONF_ENROLL_SELFSIGNED)
		show_line(s, "enrollment selfsigned");
}

void pki_set_url(struct line *l)
{
	struct conf_trustpoint *t = l->obj;

	if (reset(l)) {
		if (t->url != NULL)
			t->enrollment = CONF_ENROLL_NONE;
		set_str(&t->url, nothing());
		return;
	}
	t->enrollment = line_has(l, "est") ? CONF_ENROLL_EST : CONF_ENROLL_SCEP;
	set_str(&t->url, line_arg(l, 0)->text);
}

void pki_show_url(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;

	(void)row;
	if (t->url != NULL)
		show_line(s, "enrollment url %s%s", t->url,
			t->enrollment == CONF_ENROLL_EST ? " profile est" : "");
}

static void set_addr(struct line *l, struct addr *a)
{
	const struct word *w = reset(l) ? NULL : line_arg(l, 0);

	*a = (struct addr){ 0 };
	if (w != NULL) /* the kind of the argument was checked */
		need(addr_parse(a, w->text, 0) == 0);
}

void pki_set_source(struct line *l)
{
	struct conf_trustpoint *t = l->obj;

	set_addr(l, &t->source);
	set_str(&t->source_interface, nothing());
}

void pki_set_source_interface(struct line *l)
{
	struct conf_trustpoint *t = l->obj;

	t->source = (struct addr){ 0 };
	set_str(&t->source_interface,
		reset(l) ? nothing() : line_arg(l, 0)->text);
}

void pki_show_source_interface(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;

	(void)row;
	if (t->source_interface != NULL)
		show_line(s, "source interface %s", t->source_interface);
}

void pki_show_source(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;
	char host[ADDR_TEXT];

	(void)row;
	if (addr_is_set(&t->source))
		show_line(s, "source %s %s",
			t->source.sa.sa_family == AF_INET6 ? "ipv6" : "ipv4",
			addr_host(&t->source, host));
}

/* Each part must be TYPE=VALUE; GnuTLS knows the rest. */
static bool is_subject(struct slice s)
{
	struct slice rest = s, part;
	bool any = false;

	while (slice_cut(&rest, ',', &part)) {
		struct slice p = slice_trim(part);
		size_t eq = slice_find(p, '=');

		if (part.n > 0 && part.p[part.n - 1] == '\\')
			return true; /* an escaped comma */
		if (eq == 0 || eq >= p.n - 1)
			return false;
		any = true;
	}
	return any;
}

void pki_set_subject(struct line *l)
{
	struct conf_trustpoint *t = l->obj;
	const struct word *w = reset(l) ? NULL : line_arg(l, 0);

	if (w != NULL && !is_subject(w->text)) {
		line_error(l, w, "write it like CN=edge.example.com,O=Example",
			"'%.*s' is not a subject name", SLICE_ARG(w->text));
		return;
	}
	set_str(&t->subject_name, w == NULL ? nothing() : w->text);
}

void pki_show_subject(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;

	(void)row;
	if (t->subject_name != NULL)
		show_line(s, "subject-name %s", t->subject_name);
}

void pki_set_fqdn(struct line *l)
{
	struct conf_trustpoint *t = l->obj;
	const struct word *w = reset(l) ? NULL : line_arg(l, 0);

	t->no_fqdn = !reset(l) && w == NULL;
	set_str(&t->fqdn, w == NULL ? nothing() : w->text);
}

void pki_show_fqdn(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;

	(void)row;
	if (t->no_fqdn || t->fqdn != NULL)
		show_line(s, "fqdn %s", t->no_fqdn ? "none" : t->fqdn);
}

void pki_set_ip(struct line *l)
{
	set_addr(l, &((struct conf_trustpoint *)l->obj)->ip_address);
}

void pki_show_ip(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;
	char host[ADDR_TEXT];

	(void)row;
	if (addr_is_set(&t->ip_address))
		show_line(s, "ip-address %s", addr_host(&t->ip_address, host));
}

void pki_set_serial(struct line *l)
{
	struct conf_trustpoint *t = l->obj;
	const struct word *w = reset(l) ? NULL : line_arg(l, 0);

	set_str(&t->serial_number, w == NULL ? nothing() : w->text);
}

void pki_show_serial(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;

	(void)row;
	if (t->serial_number != NULL)
		show_quoted(s, "serial-number", t->serial_number);
}

static char *san_of(struct slice w)
{
	static const char *const types[] = { "dns:", "ip:", "uri:", "email:" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (slice_casestarts(w, types[i]))
			return mem_printf("%s%.*s", types[i],
				SLICE_ARG(slice_from(w, strlen(types[i]))));
	return mem_printf("dns:%.*s", SLICE_ARG(w));
}

static bool san_fine(const char *san)
{
	struct slice value = slice_str(strchr(san, ':') + 1);
	struct addr a;

	if (slice_starts(slice_str(san), "ip:"))
		return addr_parse(&a, value, 0) == 0;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] <= ' ' || value.p[i] == ',')
			return false;
	return value.n > 0;
}

static void drop_sans(struct conf_trustpoint *t, const char *san)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->nsans; i++) {
		if (san == NULL || strcmp(t->san[i], san) == 0)
			free(t->san[i]);
		else
			t->san[kept++] = t->san[i];
	}
	t->nsans = kept;
}

void pki_set_san(struct line *l)
{
	struct conf_trustpoint *t = l->obj;
	const struct word *w = l->def ? NULL : line_arg(l, 0);
	char *san = w != NULL ? san_of(w->text) : NULL;

	drop_sans(t, san);
	if (san != NULL && !l->no && !san_fine(san)) {
		line_error(l, w,
			"write dns:NAME, ip:ADDRESS, uri:URI or "
			"email:ADDRESS, one on each line",
			"'%.*s' is not a name for a certificate",
			SLICE_ARG(w->text));
	} else if (san != NULL && !l->no && t->nsans == CONF_SANS_MAX) {
		line_error(l, w, NULL, "there are %d names already",
			CONF_SANS_MAX);
	} else if (san != NULL && !l->no) {
		t->san[t->nsans++] = san;
		return;
	}
	free(san);
}

void pki_show_san(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;

	(void)row;
	for (size_t i = 0; i < t->nsans; i++)
		show_quoted(s, "subject-alt-name", t->san[i]);
}

static void set_key(struct line *l, enum conf_key_kind kind)
{
	struct conf_trustpoint *t = l->obj;

	if (reset(l)) {
		if (t->key_kind != kind)
			return;
		t->key_kind = CONF_KEY_RSA;
		t->key_bits = 0;
		set_str(&t->key_label, nothing());
		return;
	}
	t->key_kind = kind;
	set_str(&t->key_label, line_arg(l, 0)->text);
	t->key_bits = 0;
}

void pki_set_rsa(struct line *l)
{
	struct conf_trustpoint *t = l->obj;

	set_key(l, CONF_KEY_RSA);
	/* A second number is that of an encryption key, which TLS has not. */
	if (!reset(l) && line_arg(l, 1) != NULL)
		t->key_bits = (unsigned)line_arg(l, 1)->number;
}

void pki_set_ec(struct line *l)
{
	struct conf_trustpoint *t = l->obj;

	set_key(l, CONF_KEY_EC);
	if (!reset(l) && l->n > 2)
		t->key_bits = line_has(l, "384") ? 384 : 256;
}

static void show_key(
	const struct show *s, const char *head, enum conf_key_kind kind)
{
	const struct conf_trustpoint *t = s->obj;

	if (t->key_label == NULL || t->key_kind != kind)
		return;
	if (t->key_bits != 0)
		show_line(s, "%s %s %u", head, t->key_label, t->key_bits);
	else
		show_line(s, "%s %s", head, t->key_label);
}

void pki_show_rsa(const struct show *s, const struct cmd *row)
{
	(void)row;
	show_key(s, "rsakeypair", CONF_KEY_RSA);
}

void pki_show_ec(const struct show *s, const struct cmd *row)
{
	(void)row;
	show_key(s, "eckeypair", CONF_KEY_EC);
}

static const char *const methods[] = { "none", "crl", "ocsp" };

static enum conf_revocation method_of(struct slice w)
{
	enum conf_revocation m = CONF_REVOKE_NONE;

	while (m + 1 < ARRAY_SIZE(methods) && !slice_eq_str(w, methods[m]))
		m++;
	return m;
}

/* Behind `none` nothing is ever tried. */
void pki_set_revocation(struct line *l)
{
	struct conf_trustpoint *t = l->obj;

	t->nrevokes = 0;
	if (reset(l))
		return;
	for (size_t i = 1; i < l->n; i++) {
		enum conf_revocation m = method_of(l->cap[i].text);

		for (size_t k = 0; k < t->nrevokes; k++) {
			if (t->revoke[k] != m &&
				t->revoke[k] != CONF_REVOKE_NONE)
				continue;
			line_error(l, &l->cap[i], "remove it",
				"'%s' after '%s' is never tried", methods[m],
				methods[t->revoke[k]]);
			return;
		}
		t->revoke[t->nrevokes++] = m;
	}
	if (t->nrevokes == 1 && t->revoke[0] == CONF_REVOKE_NONE)
		t->nrevokes = 0;
}

void pki_show_revocation(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;
	struct text line = { 0 };

	(void)row;
	if (t->nrevokes == 0)
		return;
	text_printf(&line, "revocation-check");
	for (size_t i = 0; i < t->nrevokes; i++)
		text_printf(&line, " %s", methods[t->revoke[i]]);
	show_line(s, "%s", line.p);
	text_free(&line);
}

void pki_set_auto(struct line *l)
{
	struct conf_trustpoint *t = l->obj;
	const struct word *w = reset(l) ? NULL : line_arg(l, 0);

	t->auto_enroll = !reset(l);
	t->renew_percent = w != NULL ? (unsigned)w->number : 80;
	t->regenerate = !reset(l) && line_has(l, "regenerate");
}

void pki_show_auto(const struct show *s, const struct cmd *row)
{
	const struct conf_trustpoint *t = s->obj;

	(void)row;
	if (t->auto_enroll)
		show_line(s, "auto-enroll %u%s", t->renew_percent,
			t->regenerate ? " regenerate" : "");
}

bool pki_day(struct slice s, int64_t *out)
{
	struct tm tm = { .tm_hour = 23, .tm_min = 59, .tm_sec = 59 };
	struct tm back;
	uint64_t v[3] = { 0 };
	struct slice rest = s, part;
	time_t t;

	for (size_t i = 0; i < 3; i++)
		if (!slice_cut(&rest, '-', &part) ||
			slice_uint(part, 9999, &v[i]) != 0)
			return false;
	if (rest.n > 0 || v[0] < 1970)
		return false;
	tm.tm_year = (int)v[0] - 1900;
	tm.tm_mon = (int)v[1] - 1;
	tm.tm_mday = (int)v[2];
	t = timegm(&tm);
	if (t < 0 || gmtime_r(&t, &back) == NULL)
		return false;
	*out = t;
	return back.tm_mon == (int)v[1] - 1 && back.tm_mday == (int)v[2];
}

void pki_set_legacy(struct line *l)
{
	struct conf_trustpoint *t = l->obj;
	struct conf_legacy g = { 0 };
	const struct word *w = reset(l) ? NULL : line_arg(l, 0);

	t->legacy = g;
	if (w == NULL)
		return;
	if (!pki_day(w->text, &g.until)) {
		line_error(l, w, "write it like 2027-06-30",
			"'%.*s' is not a day", SLICE_ARG(w->text));
		return;
	}
	g.md5 = line_has(l, "md5");
	g.sha1 = line_has(l, "sha1");
	g.short_keys = line_has(l, "short-keys");
	g.expired_anchors = line_has(l, "expired-anchors");
	if (!g.md5 && !g.sha1 && !g.short_keys && !g.expired_anchors)
		g.md5 = g.sha1 = g.short_keys = g.expired_anchors = true;
	t->legacy = g;
}

void pki_show_legacy(const struct show *s, const struct cmd *row)
{
	const struct conf_legacy *g =
		&((const struct conf_trustpoint *)s->obj)->legacy;
	time_t until = g->until;
	char day[32];
	struct tm tm;

	(void)row;
	if (g->until == 0)
		return;
	need(gmtime_r(&until, &tm) != NULL);
	need(strftime(day, sizeof(day), "%Y-%m-%d", &tm) > 0);
	show_line(s, "legacy until %s%s%s%s%s", day, g->md5 ? " md5" : "",
		g->sha1 ? " sha1" : "", g->short_keys ? " short-keys" : "",
		g->expired_anchors ? " expired-anchors" : "");
}

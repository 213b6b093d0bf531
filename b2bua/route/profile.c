/* See profile.h. */
#include "b2bua/route/profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/wire.h"
#include "conf/regex.h"

enum { VALUE_MAX = 4096, VARIABLES = 100 };

struct run { /* of one profile over one message */
	struct profile_msg *m;
	char *variable[VARIABLES]; /* owned; NULL: empty */
};

static bool applies(const struct conf_sip_rule *r, const struct profile_msg *m)
{
	return r->response == m->response &&
	       (r->method == NULL || slice_caseeq_str(m->method, r->method)) &&
	       (!m->response || r->status == 0 || r->status == m->status);
}

static bool clean(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return false;
	return true;
}

/* \u01 … \u99 put in, before groups are. */
static char *with_variables(const struct run *x, const char *text)
{
	struct text t = { 0 };

	for (const char *p = text; *p != '\0'; p++) {
		bool variable = p[0] == '\\' && p[1] == 'u' && p[2] >= '0' &&
				p[2] <= '9' && p[3] >= '0' && p[3] <= '9';
		const char *value;

		if (!variable) {
			text_addc(&t, *p);
			continue;
		}
		value = x->variable[(p[2] - '0') * 10 + p[3] - '0'];
		/* a backslash of the value is no group */
		for (; value != NULL && *value != '\0'; value++) {
			if (*value == '\\')
				text_addc(&t, '\\');
			text_addc(&t, *value);
		}
		p += 3;
	}
	return text_take(&t);
}

/* The line after the rule; NULL: it does not match, or cannot be used. */
static char *modified(
	const struct run *x, const struct conf_sip_rule *r, struct slice line)
{
	struct regex_found f;
	struct text t = { 0 };
	char *template;

	if (regex_find(r->code, line, 0, &f) != 0)
		return NULL;
	template = with_variables(x, r->text);
	text_add(&t, slice_head(line, f.from[0]));
	regex_fill(&t, slice_str(template), false, line, &f);
	text_add(&t, slice_from(line, f.to[0]));
	free(template);
	if (t.n <= VALUE_MAX && clean(text_slice(&t)))
		return text_take(&t);
	metric_inc(M_SIP_PROFILE_FAILED);
	text_free(&t);
	return NULL;
}

static void keep(
	struct run *x, const struct conf_sip_rule *r, struct slice line)
{
	struct regex_found f;
	unsigned g;

	if (regex_find(r->code, line, 0, &f) != 0)
		return;
	g = f.set[1] ? 1 : 0;
	free(x->variable[r->variable]);
	x->variable[r->variable] =
		slice_dup(slice_of(line.p + f.from[g], f.to[g] - f.from[g]));
}

/* ---- headers ---- */

static char *as_line(struct slice name, struct slice value)
{
	return mem_printf("%.*s: %.*s", SLICE_ARG(name), SLICE_ARG(value));
}

/* "Name: value" to its value; false: it has another name now, or none. */
static bool value_of(struct slice line, struct slice name, struct slice *value)
{
	size_t colon = slice_find(line, ':');

	*value = slice_trim(slice_from(line, colon + 1));
	return colon < line.n &&
	       slice_caseeq(slice_trim(slice_head(line, colon)), name);
}

/* A value that the list owns from here on. */
static bool own(struct hdrs *h, struct slice value, struct slice *out)
{
	char *copy;

	if (h->nowned == HDRS_OWNED_MAX) {
		metric_inc(M_SIP_PROFILE_FAILED);
		return false;
	}
	copy = slice_dup(value);
	h->owned[h->nowned++] = copy;
	*out = slice_str(copy);
	return true;
}

static void change_value(struct run *x, const struct conf_sip_rule *r,
	struct slice name, struct slice *at)
{
	char *line = as_line(name, *at);
	char *now = modified(x, r, slice_str(line));
	struct slice value;

	if (now != NULL && !value_of(slice_str(now), name, &value))
		metric_inc(M_SIP_PROFILE_FAILED);
	else if (now != NULL && value.n > 0)
		(void)own(x->m->h, value, at);
	free(now);
	free(line);
}

/* From, To and the Request-URI are not in the list. */
static struct slice *special(
	const struct run *x, const struct conf_sip_rule *r, bool *is)
{
	static const char *const names[] = { "From", "To", "SIP-Req-URI" };
	struct slice *const v[] = { x->m->from, x->m->to, x->m->ruri };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcasecmp(r->name, names[i]) != 0)
			continue;
		*is = true;
		return v[i];
	}
	*is = false;
	return NULL;
}

static void add_header(struct run *x, const struct conf_sip_rule *r)
{
	struct hdrs *h = x->m->h;
	char *line = with_variables(x, r->text);
	struct slice value, kept;

	if (!clean(slice_str(line)) || strlen(line) > VALUE_MAX ||
		!value_of(slice_str(line), slice_str(r->name), &value) ||
		h->n == HDRS_MAX)
		metric_inc(M_SIP_PROFILE_FAILED);
	else if (own(h, value, &kept))
		h->v[h->n++] = (struct sip_hdr){ .name = slice_str(r->name),
			.value = kept };
	free(line);
}

static void remove_header(struct hdrs *h, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++)
		if (!slice_caseeq_str(h->v[i].name, name))
			h->v[kept++] = h->v[i];
	h->n = kept;
}

static void keep_line(struct run *x, const struct conf_sip_rule *r,
	struct slice name, struct slice value)
{
	char *line = as_line(name, value);

	keep(x, r, slice_str(line));
	free(line);
}

static void copy_peer(struct run *x, const struct conf_sip_rule *r)
{
	const struct sip_msg *m = x->m->peer;
	struct slice name = slice_str(r->name);

	if (m == NULL)
		return;
	if (slice_caseeq_str(name, "From"))
		keep_line(x, r, name, m->from);
	else if (slice_caseeq_str(name, "To"))
		keep_line(x, r, name, m->to);
	else if (slice_caseeq_str(name, "SIP-Req-URI"))
		keep_line(x, r, name, m->ruri);
	else if (sip_msg_header(m, r->name).n > 0)
		keep_line(x, r, name, sip_msg_header(m, r->name));
}

static void each_header(struct run *x, const struct conf_sip_rule *r)
{
	struct hdrs *h = x->m->h;

	for (size_t i = 0; i < h->n; i++) {
		if (!slice_caseeq_str(h->v[i].name, r->name))
			continue;
		if (r->op == CONF_SIP_COPY)
			keep_line(x, r, h->v[i].name, h->v[i].value);
		else
			change_value(x, r, h->v[i].name, &h->v[i].value);
	}
}

static void header_rule(struct run *x, const struct conf_sip_rule *r)
{
	bool is_special;
	struct slice *at = special(x, r, &is_special);

	if (r->peer) {
		copy_peer(x, r);
	} else if (is_special) {
		if (at != NULL && r->op == CONF_SIP_MODIFY)
			change_value(x, r, slice_str(r->name), at);
		if (at != NULL && r->op == CONF_SIP_COPY)
			keep_line(x, r, slice_str(r->name), *at);
	} else if (r->op == CONF_SIP_ADD) {
		add_header(x, r);
	} else if (r->op == CONF_SIP_REMOVE) {
		remove_header(x->m->h, r->name);
	} else {
		each_header(x, r);
	}
}

/* ---- SDP ---- */

static enum conf_sdp_part part_of(struct slice media)
{
	if (slice_starts(media, "m=audio "))
		return CONF_SDP_AUDIO;
	if (slice_starts(media, "m=video "))
		return CONF_SDP_VIDEO;
	return CONF_SDP_ANY;
}

static bool in_part(const struct conf_sip_rule *r, enum conf_sdp_part part)
{
	return r->part == CONF_SDP_ANY || r->part == part;
}

static void put_line(struct text *t, struct slice line)
{
	text_add(t, line);
	text_add(t, SLICE_LIT("\r\n"));
}

static void sdp_line(struct run *x, const struct conf_sip_rule *r,
	struct text *out, struct slice line)
{
	char *now;

	if (r->op == CONF_SIP_REMOVE)
		return;
	if (r->op == CONF_SIP_COPY)
		keep(x, r, line);
	now = r->op == CONF_SIP_MODIFY ? modified(x, r, line) : NULL;
	/* a line stays of its kind; what is empty now is gone */
	if (now == NULL)
		put_line(out, line);
	else if (now[0] == r->letter && now[1] == '=')
		put_line(out, slice_str(now));
	if (now != NULL)
		mem_wipe(now, strlen(now));
	free(now);
}

static void add_sdp(
	struct run *x, const struct conf_sip_rule *r, struct text *out)
{
	char *line = with_variables(x, r->text);

	if (clean(slice_str(line)))
		put_line(out, slice_str(line));
	free(line);
}

/* What is added stands at the end of its section. */
static char *sdp_rule(
	struct run *x, const struct conf_sip_rule *r, struct slice body)
{
	struct text out = { 0 };
	enum conf_sdp_part part = CONF_SDP_SESSION;
	bool added = r->op != CONF_SIP_ADD;
	struct slice line;

	while (slice_line(&body, &line)) {
		if (slice_starts(line, "m=")) {
			if (!added && in_part(r, part)) {
				add_sdp(x, r, &out);
				added = true;
			}
			part = part_of(line);
		}
		if (r->op != CONF_SIP_ADD && line.n > 1 &&
			line.p[0] == r->letter && line.p[1] == '=' &&
			in_part(r, part))
			sdp_line(x, r, &out, line);
		else
			put_line(&out, line);
	}
	if (!added && in_part(r, part))
		add_sdp(x, r, &out);
	return text_take(&out);
}

static void body_rule(struct run *x, const struct conf_sip_rule *r)
{
	struct profile_msg *m = x->m;
	struct slice body =
		m->new_body != NULL ? slice_str(m->new_body) : m->body;
	char *now;

	if (body.n == 0)
		return;
	now = sdp_rule(x, r, body);
	if (strlen(now) > PROFILE_BODY_MAX) {
		metric_inc(M_SIP_PROFILE_FAILED);
		mem_wipe(now, strlen(now));
		free(now);
		return;
	}
	if (m->new_body != NULL)
		mem_wipe(m->new_body, strlen(m->new_body));
	free(m->new_body);
	m->new_body = now;
}

void profile_apply(const struct conf_sip_profile *p, struct profile_msg *m)
{
	struct run x = { .m = m };

	for (size_t i = 0; i < p->n; i++) {
		const struct conf_sip_rule *r = &p->rule[i];

		if (!applies(r, m))
			continue;
		if (r->sdp)
			body_rule(&x, r);
		else
			header_rule(&x, r);
	}
	for (size_t i = 0; i < VARIABLES; i++)
		free(x.variable[i]);
}

/* ---- received ---- */

static bool is_sdp(const struct sip_msg *m)
{
	return slice_casestarts(
		sip_msg_header(m, "Content-Type"), "application/sdp");
}

static bool any_applies(
	const struct conf_sip_profile *p, const struct profile_msg *m)
{
	for (size_t i = 0; i < p->n; i++)
		if (applies(&p->rule[i], m))
			return true;
	return false;
}

struct sip_msg *profile_received(
	const struct conf_sip_profile *p, const struct sip_msg *m)
{
	struct sip_msg *now, *copy;
	struct hdrs *h;
	struct profile_msg pm = { .response = m->response,
		.method = m->method_name,
		.status = m->status,
		.body = is_sdp(m) ? m->body : (struct slice){ 0 } };

	if (p == NULL || m->local || !any_applies(p, &pm))
		return NULL;
	now = mem_new(sizeof(*now));
	h = mem_new(sizeof(*h));
	*now = *m;
	hdrs_init(h);
	h->n = m->nhdrs;
	memcpy(h->v, m->hdr, m->nhdrs * sizeof(m->hdr[0]));
	pm.h = h;
	if (!m->response) {
		pm.from = &now->from;
		pm.to = &now->to;
		pm.ruri = &now->ruri;
	}
	profile_apply(p, &pm);
	now->nhdrs = h->n < SIP_HDRS_MAX ? h->n : SIP_HDRS_MAX;
	memcpy(now->hdr, h->v, now->nhdrs * sizeof(now->hdr[0]));
	if (pm.new_body != NULL)
		now->body = slice_str(pm.new_body);
	copy = sip_msg_dup(now);
	if (pm.new_body != NULL)
		mem_wipe(pm.new_body, strlen(pm.new_body));
	free(pm.new_body);
	hdrs_free(h);
	free(h);
	free(now);
	return copy;
}

void profile_names(const struct conf_sip_profile *p, const struct sip_msg *peer,
	char **from, char **to)
{
	struct slice f = slice_str(*from), t = slice_str(*to);
	struct profile_msg m = { .method = SLICE_LIT("INVITE"),
		.from = &f,
		.to = &t,
		.peer = peer };
	struct hdrs h;
	char *was[2] = { *from, *to };

	if (p == NULL)
		return;
	hdrs_init(&h);
	m.h = &h;
	profile_apply(p, &m);
	*from = slice_dup(f);
	*to = slice_dup(t);
	free(was[0]);
	free(was[1]);
	hdrs_free(&h);
}

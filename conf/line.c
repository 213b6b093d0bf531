/*
 * What the functions behind rows ask of their line, and what they set by it.
 */
#include <stdlib.h>

#include "base/wire.h"
#include "conf/conf_int.h"

const struct word *line_arg(const struct line *l, size_t i)
{
	for (size_t k = 0; k < l->n; k++)
		if (!l->cap[k].keyword && i-- == 0)
			return &l->cap[k];
	return NULL;
}

const struct word *line_after(const struct line *l, const char *keyword)
{
	for (size_t k = 0; k + 1 < l->n; k++)
		if (l->cap[k].keyword && slice_eq_str(l->cap[k].text, keyword))
			return l->cap[k + 1].keyword ? NULL : &l->cap[k + 1];
	return NULL;
}

bool line_has(const struct line *l, const char *keyword)
{
	for (size_t k = 0; k < l->n; k++)
		if (l->cap[k].keyword && slice_eq_str(l->cap[k].text, keyword))
			return true;
	return false;
}

void line_error(struct line *l, const struct word *w, const char *hint,
	const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	conf_errs_add(l->p->errs, false, w != NULL ? w->pos : l->pos, hint,
		"%s", text);
	free(text);
}

void set_str(char **field, struct slice value)
{
	free(*field);
	*field = value.p == NULL ? NULL : slice_dup(value);
}

void set_ref(
	struct line *l, void *slot, enum cmd_mode mode, const struct word *name)
{
	struct parse *p = l->p;

	ptr_set(slot, NULL);
	if (p->nrefs == p->refs_room) {
		p->refs_room = p->refs_room * 2 + 64;
		p->refs = mem_resize(p->refs, p->refs_room, sizeof(*p->refs));
	}
	p->refs[p->nrefs++] = (struct ref){ l->obj, slot, mode,
		name == NULL ? NULL : slice_dup(name->text), p->nrefs_ever++,
		name == NULL ? l->pos : name->pos };
}

bool line_phone(struct line *l, const struct word *w, char out[CONF_PHONE_NAME])
{
	bool ok = w->text.n == CONF_PHONE_NAME - 1 &&
		  slice_casestarts(w->text, "SEP");

	for (size_t i = 0; ok && i < w->text.n; i++) {
		char c = w->text.p[i];

		out[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
		ok = i < 3 || hex_digit(c) >= 0;
	}
	if (!ok)
		line_error(l, w, "write it like SEP001122334455",
			"'%.*s' is not a phone's name", SLICE_ARG(w->text));
	out[CONF_PHONE_NAME - 1] = '\0';
	return ok;
}

struct addr line_addr(const struct line *l, uint16_t port)
{
	const struct word *w = line_after(l, "ipv4");
	struct addr a = { 0 };

	if (w == NULL)
		w = line_after(l, "ipv6");
	if (w != NULL)
		need(addr_parse(&a, w->text, port) == 0); /* was checked */
	return a;
}

enum conf_transport line_transport(const struct line *l)
{
	if (line_has(l, "tls"))
		return CONF_TLS;
	return line_has(l, "tcp") ? CONF_TCP : CONF_UDP;
}

enum conf_fax line_fax(const struct line *l)
{
	if (line_has(l, "t38"))
		return CONF_FAX_T38;
	return line_has(l, "none") ? CONF_FAX_NONE : CONF_FAX_PASS_THROUGH;
}

enum conf_srtp line_srtp(const struct line *l)
{
	if (l->def)
		return CONF_SRTP_INHERIT;
	if (l->no)
		return CONF_SRTP_OFF;
	if (line_has(l, "pass-thru"))
		return CONF_SRTP_PASS_THRU;
	return line_has(l, "fallback") ? CONF_SRTP_FALLBACK
				       : CONF_SRTP_REQUIRED;
}

enum conf_srtp_offer line_srtp_offer(const struct line *l)
{
	if (l->no || l->def)
		return CONF_SRTP_OFFER_INHERIT;
	if (line_has(l, "two-lines"))
		return CONF_SRTP_OFFER_TWO_LINES;
	return line_has(l, "opportunistic") ? CONF_SRTP_OFFER_OPPORTUNISTIC
					    : CONF_SRTP_OFFER_SAVP;
}

enum conf_rtcp_mux line_rtcp_mux(const struct line *l)
{
	if (l->def)
		return CONF_RTCP_MUX_INHERIT;
	if (l->no)
		return CONF_RTCP_MUX_OFF;
	return line_has(l, "answer") ? CONF_RTCP_MUX_ANSWER
				     : CONF_RTCP_MUX_OFFER;
}

enum conf_rel1xx line_rel1xx(const struct line *l)
{
	if (line_has(l, "disable"))
		return CONF_REL1XX_DISABLE;
	return line_has(l, "require") ? CONF_REL1XX_REQUIRE
				      : CONF_REL1XX_SUPPORTED;
}

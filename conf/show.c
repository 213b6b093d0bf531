/*
 * show running-config: the tables again, printing what differs from the
 * default. What is printed parses back to the same model.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

void show_line(const struct show *s, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	fprintf(s->out, "%*s%s\n", (int)s->indent, "", text);
	free(text);
}

void show_with_above(const struct show *s, const struct cmd *row)
{
	(void)s;
	(void)row;
}

void show_quoted(const struct show *s, const char *head, const char *value)
{
	fprintf(s->out, "%*s%s ", (int)s->indent, "", head);
	lex_quote(s->out, value);
	fputc('\n', s->out);
}

const char *addr_words(const struct addr *a, char out[ADDR_WORDS])
{
	char host[ADDR_TEXT];

	snprintf(out, ADDR_WORDS, "%s %s",
		a->sa.sa_family == AF_INET6 ? "ipv6" : "ipv4",
		addr_host(a, host));
	return out;
}

const char *show_transport(enum conf_transport t)
{
	static const char *const text[] = { "udp", "tcp", "tcp tls" };

	return text[t];
}

const char *show_fax(enum conf_fax f)
{
	static const char *const text[] = { "", "t38", "pass-through g711ulaw",
		"none" };

	return text[f];
}

const char *show_srtp(enum conf_srtp s)
{
	static const char *const text[] = { "", "no srtp", "srtp",
		"srtp fallback", "srtp pass-thru" };

	return text[s];
}

const char *show_srtp_offer(enum conf_srtp_offer o)
{
	static const char *const text[] = { "", "savp", "opportunistic",
		"two-lines" };

	return text[o];
}

const char *show_rtcp_mux(enum conf_rtcp_mux m)
{
	static const char *const text[] = { "", "no rtcp-mux",
		"rtcp-mux answer", "rtcp-mux" };

	return text[m];
}

const char *show_rel1xx(enum conf_rel1xx r)
{
	static const char *const text[] = { "system", "supported 100rel",
		"require 100rel", "disable" };

	return text[r];
}

/* The row's syntax with one value. */
static void show_value(
	const struct show *s, const struct cmd *row, const char *value)
{
	fprintf(s->out, "%*s", (int)s->indent, "");
	syntax_fill(s->out, row->syntax, value);
	fputc('\n', s->out);
}

static void show_uint(const struct show *s, const struct cmd *row)
{
	unsigned v = field_uint(s->obj, row);
	char text[16];

	snprintf(text, sizeof(text), "%u", v);
	if (v == row->def)
		return;
	if ((row->flags & C_NO_IS_OFF) && v == row->off)
		fprintf(s->out, "%*sno ", (int)s->indent, "");
	else {
		show_value(s, row, text);
		return;
	}
	fprintf(s->out, "%.*s\n", (int)strcspn(row->syntax, "<") - 1,
		row->syntax);
}

static void show_flag(const struct show *s, const struct cmd *row)
{
	unsigned v = field_uint(s->obj, row);

	if (v != row->def)
		show_line(s, "%s%s", v ? "" : "no ", row->syntax);
}

static void show_choice(const struct show *s, const struct cmd *row)
{
	unsigned v = field_uint(s->obj, row);
	const char *p = strchr(row->syntax, '{');

	if (v == row->def && !(row->flags & C_ALWAYS))
		return;
	fprintf(s->out, "%*s%.*s", (int)s->indent, "", (int)(p - row->syntax),
		row->syntax);
	for (p++; v > 0; v--)
		p = syntax_after(p) + 1;
	fprintf(s->out, "%.*s\n", SLICE_ARG(syntax_token(p)));
}

static void show_ref(const struct show *s, const struct cmd *row)
{
	const void *to = ptr_get((const char *)s->obj + row->offset);
	char room[16];

	if (to != NULL)
		show_value(s, row, section_id(row->enter, to, room));
}

static void show_str(const struct show *s, const struct cmd *row)
{
	const char *v = ptr_get((const char *)s->obj + row->offset);

	if (v != NULL)
		show_value(s, row, v);
}

/* A section without a list: only when something stands in it. */
static void show_single(const struct show *s, const struct cmd *row)
{
	char *body = NULL;
	size_t n = 0;
	struct show inner = *s;

	inner.out = open_memstream(&body, &n);
	need(inner.out != NULL);
	inner.indent++;
	show_rows(&inner, row->enter);
	fclose(inner.out);
	if (n > 0) {
		if (s->indent == 0)
			fputs("!\n", s->out);
		show_line(s, "%s", row->syntax);
		fputs(body, s->out);
	}
	free(body);
}

/* ctl-client's list is in the list of voice-ctl-files. */
static bool of_mode(enum cmd_mode m, const char *id)
{
	if (modes[m].only != NULL)
		return strcmp(id, modes[m].only) == 0;
	return m != M_CTL_FILE || strcmp(id, CONF_CTL_CLIENT) != 0;
}

static void show_sections(const struct show *s, const struct cmd *row)
{
	struct show inner = *s;
	char room[16];

	inner.indent++;
	for (inner.obj = section_first(s->conf, row->enter); inner.obj != NULL;
		inner.obj = section_next(inner.obj)) {
		const char *id = section_id(row->enter, inner.obj, room);

		if (strcmp(id, "0") == 0 && modes[row->enter].by_tag)
			continue; /* belongs to a dial-peer */
		if (!of_mode(row->enter, id))
			continue;
		fputs("!\n", s->out);
		show_value(s, row, id);
		show_rows(&inner, row->enter);
	}
}

static void show_row(const struct show *s, const struct cmd *row)
{
	switch (row->kind) {
	case K_UINT:
		show_uint(s, row);
		break;
	case K_STR:
		show_str(s, row);
		break;
	case K_FLAG:
		show_flag(s, row);
		break;
	case K_CHOICE:
		show_choice(s, row);
		break;
	case K_REF:
		show_ref(s, row);
		break;
	case K_ENTER:
		if (modes[row->enter].size == 0)
			show_single(s, row);
		else
			show_sections(s, row);
		break;
	case K_NONE:
		if (row->flags & C_ALWAYS)
			show_line(s, "%s", row->syntax);
		break;
	case K_FN:
	case K_EXIT:
	case K_END:
	case K_NOTICE:
	case K_REFUSED:
		break;
	}
}

void show_rows(const struct show *s, enum cmd_mode m)
{
	FOR_EACH_ROW(row, m)
	{
		if (row->flags & C_HIDDEN)
			continue;
		if (row->show != NULL)
			row->show(s, row);
		else
			show_row(s, row);
	}
}

static void print(struct show s)
{
	s.obj = s.conf;
	show_rows(&s, M_GLOBAL);
	fputs("!\nend\n", s.out);
}

void conf_print(const struct conf *c, FILE *out)
{
	print((struct show){ .conf = c, .out = out });
}

void conf_print_sealed(
	const struct conf *c, FILE *out, conf_seal_fn *seal, void *arg)
{
	print((struct show){ .conf = c, .out = out, .seal = seal, .arg = arg });
}

void conf_print_clear(const struct conf *c, FILE *out)
{
	print((struct show){ .conf = c, .out = out, .clear = true });
}

/* voice class sip-profiles: headers and SDP lines, changed on their way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"
#include "conf/regex.h"

enum { RULES_MAX = 200 };

/* What the stack writes, and what dialogs hang on. */
static const char *const untouchable[] = { "Via", "Route", "Record-Route",
	"Call-ID", "CSeq", "Contact", "Max-Forwards", "Content-Length",
	"Content-Type", "RSeq", "RAck", "Replaces" };

/* CUBE's names of SDP lines: the letter, and in which section. */
static const struct {
	const char *name;
	char letter;
	enum conf_sdp_part part;
} lines[] = {
	{ "Attribute", 'a', CONF_SDP_ANY },
	{ "Bandwidth-Info", 'b', CONF_SDP_SESSION },
	{ "Connection-Info", 'c', CONF_SDP_SESSION },
	{ "Session-Name", 's', CONF_SDP_SESSION },
	{ "Session-Information", 'i', CONF_SDP_SESSION },
	{ "Session-Attribute", 'a', CONF_SDP_SESSION },
	{ "Audio-Attribute", 'a', CONF_SDP_AUDIO },
	{ "Audio-Bandwidth-Info", 'b', CONF_SDP_AUDIO },
	{ "Audio-Connection-Info", 'c', CONF_SDP_AUDIO },
	{ "Audio-Media", 'm', CONF_SDP_AUDIO },
	{ "Video-Attribute", 'a', CONF_SDP_VIDEO },
	{ "Video-Bandwidth-Info", 'b', CONF_SDP_VIDEO },
	{ "Video-Connection-Info", 'c', CONF_SDP_VIDEO },
	{ "Video-Media", 'm', CONF_SDP_VIDEO },
};

void sip_rule_free(struct conf_sip_rule *r)
{
	regex_free(r->code);
	free(r->method);
	free(r->name);
	free(r->pattern);
	free(r->text);
}

static bool token(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' ||
			strchr("()<>@,;:\\\"/[]?={}", s.p[i]) != NULL)
			return false;
	return s.n > 0;
}

/* "Allow-Header" is CUBE's word for Allow. */
static struct slice header_name(struct slice word)
{
	size_t end = strlen("-Header");

	if (word.n > end &&
		slice_caseeq_str(slice_from(word, word.n - end), "-Header"))
		word = slice_head(word, word.n - end);
	return word;
}

/* What says the same: many rules give Contact a name. */
static const char *untouched_hint(const char *header)
{
	if (strcmp(header, "Contact") == 0)
		return "leave the rule out: 'localhost dns:NAME contact' of a "
		       "'voice class tenant' puts a name there";
	return "leave the rule out";
}

static bool read_header(
	struct line *l, const struct word *w, struct conf_sip_rule *r)
{
	struct slice name = header_name(w->text);

	for (size_t i = 0; i < ARRAY_SIZE(untouchable); i++) {
		if (!slice_caseeq_str(name, untouchable[i]) ||
			r->op == CONF_SIP_COPY)
			continue;
		line_error(l, w, untouched_hint(untouchable[i]),
			"%s is written by Lineside alone", untouchable[i]);
		return false;
	}
	if (!token(name)) {
		line_error(l, w, NULL, "'%.*s' is not the name of a header",
			SLICE_ARG(slice_head(w->text, 60)));
		return false;
	}
	r->name = slice_dup(name);
	return true;
}

static bool read_sdp(
	struct line *l, const struct word *w, struct conf_sip_rule *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (!slice_caseeq_str(w->text, lines[i].name))
			continue;
		r->name = slice_dup(slice_str(lines[i].name));
		r->letter = lines[i].letter;
		r->part = lines[i].part;
		return true;
	}
	line_error(l, w,
		"Attribute, Audio-Attribute, Audio-Media, Audio-Bandwidth-Info, "
		"Audio-Connection-Info, Connection-Info, Session-Name, "
		"Video-Attribute …",
		"'%.*s' is not the name of an SDP line",
		SLICE_ARG(slice_head(w->text, 60)));
	return false;
}

/* What is added is a whole line: "Name: value", "a=value". */
static bool read_added(
	struct line *l, const struct word *w, struct conf_sip_rule *r)
{
	size_t colon = slice_find(w->text, ':');
	bool fine =
		r->sdp ? w->text.n > 2 && w->text.p[0] == r->letter &&
				 w->text.p[1] == '='
		       : colon < w->text.n &&
				 slice_caseeq_str(
					 slice_trim(slice_head(w->text, colon)),
					 r->name);

	if (!fine) {
		line_error(l, w, NULL, "write the whole line: \"%s%s …\"",
			r->sdp ? (char[]){ r->letter, '=', '\0' } : r->name,
			r->sdp ? "" : ":");
		return false;
	}
	r->text = slice_dup(w->text);
	return true;
}

/* u01 … u99, in which \u01 finds it again. */
static bool read_variable(
	struct line *l, const struct word *w, struct conf_sip_rule *r)
{
	uint64_t n = 0;

	if (w->text.n == 3 && (w->text.p[0] | 0x20) == 'u' &&
		slice_uint(slice_from(w->text, 1), 99, &n) == 0 && n > 0) {
		r->variable = (unsigned)n;
		return true;
	}
	line_error(l, w, NULL, "variables are u01 to u99");
	return false;
}

static bool read_pattern(
	struct line *l, const struct word *w, struct conf_sip_rule *r)
{
	struct word at = *w;
	char why[160];
	size_t offset = 0;

	r->code = regex_compile(w->text, why, sizeof(why), &offset);
	at.pos.column += (unsigned)offset;
	if (r->code == NULL) {
		line_error(l, &at, NULL, "wrong regular expression: %s", why);
		return false;
	}
	r->pattern = slice_dup(w->text);
	return true;
}

static bool read_replacement(
	struct line *l, const struct word *w, struct conf_sip_rule *r)
{
	struct word at = *w;
	size_t offset = 0;

	if (!regex_template_ok(w->text, regex_groups(r->code), &offset)) {
		at.pos.column += (unsigned)offset;
		line_error(l, &at, NULL, "the pattern has no such group");
		return false;
	}
	r->text = slice_dup(w->text);
	return true;
}

/* The words behind the name, from the `i`-th argument on. */
static bool read_change(struct line *l, size_t i, struct conf_sip_rule *r)
{
	switch (r->op) {
	case CONF_SIP_ADD:
		return read_added(l, line_arg(l, i), r);
	case CONF_SIP_MODIFY:
		return read_pattern(l, line_arg(l, i), r) &&
		       read_replacement(l, line_arg(l, i + 1), r);
	case CONF_SIP_COPY:
		return read_pattern(l, line_arg(l, i), r) &&
		       read_variable(l, line_arg(l, i + 1), r);
	case CONF_SIP_REMOVE:
		break;
	}
	return true;
}

static bool read_what(struct line *l, size_t *i, struct conf_sip_rule *r)
{
	const struct word *w = line_arg(l, (*i)++);
	uint64_t status = 0;

	r->response = line_has(l, "response");
	if (!r->response) {
		if (!slice_caseeq_str(w->text, "ANY"))
			r->method = slice_dup(w->text);
		return true;
	}
	if (!slice_caseeq_str(w->text, "ANY") &&
		(slice_uint(w->text, 699, &status) != 0 || status < 100)) {
		line_error(l, w, "write a status from 100 to 699, or ANY",
			"'%.*s' is not a status", SLICE_ARG(w->text));
		return false;
	}
	r->status = (int)status;
	if (line_has(l, "method")) {
		w = line_arg(l, (*i)++);
		if (!slice_caseeq_str(w->text, "ANY"))
			r->method = slice_dup(w->text);
	}
	return true;
}

static bool read_sip_rule(struct line *l, size_t i, struct conf_sip_rule *r)
{
	r->op = line_has(l, "add")	? CONF_SIP_ADD
		: line_has(l, "modify") ? CONF_SIP_MODIFY
		: line_has(l, "copy")	? CONF_SIP_COPY
					: CONF_SIP_REMOVE;
	r->sdp = line_has(l, "sdp-header");
	r->peer = line_has(l, "peer-header");
	if (!read_what(l, &i, r))
		return false;
	if (!(r->sdp ? read_sdp : read_header)(l, line_arg(l, i++), r))
		return false;
	return read_change(l, i, r);
}

static void drop_rule(struct conf_sip_profile *p, size_t i)
{
	sip_rule_free(&p->rule[i]);
	memmove(&p->rule[i], &p->rule[i + 1],
		(p->n - i - 1) * sizeof(p->rule[0]));
	p->n--;
}

/* Behind all that have a lower number; without one, behind all. */
static void insert_rule(struct conf_sip_profile *p, struct conf_sip_rule r)
{
	size_t i = 0;

	if (r.number == 0)
		r.number = p->n > 0 ? p->rule[p->n - 1].number + 1 : 1;
	while (i < p->n && p->rule[i].number < r.number)
		i++;
	if (i < p->n && p->rule[i].number == r.number)
		drop_rule(p, i);
	p->rule = mem_resize(p->rule, p->n + 1, sizeof(p->rule[0]));
	memmove(&p->rule[i + 1], &p->rule[i], (p->n - i) * sizeof(p->rule[0]));
	p->rule[i] = r;
	p->n++;
}

static void unset_sip_rule(struct conf_sip_profile *p, const struct word *n)
{
	for (size_t i = p->n; i-- > 0;)
		if (n == NULL || p->rule[i].number == n->number)
			drop_rule(p, i);
}

static void set_sip_rule(struct line *l)
{
	struct conf_sip_profile *p = l->obj;
	const struct word *number = line_after(l, "rule");
	struct conf_sip_rule r = { 0 };

	if (l->no || l->def) {
		if (l->def || number != NULL)
			unset_sip_rule(p, number);
		else
			line_error(l, NULL, "write 'no rule N'",
				"rules are removed by their number");
		return;
	}
	if (p->n == RULES_MAX) {
		line_error(l, NULL, NULL, "a profile has at most %d rules",
			RULES_MAX);
		return;
	}
	if (!read_sip_rule(l, number != NULL ? 1 : 0, &r)) {
		sip_rule_free(&r);
		return;
	}
	if (number != NULL)
		r.number = (unsigned)number->number;
	insert_rule(p, r);
}

static void put_word(FILE *out, const char *word)
{
	fputs(" \"", out);
	for (; *word != '\0'; word++) {
		if (*word == '"' || *word == '\\')
			fputc('\\', out);
		fputc(*word, out);
	}
	fputc('"', out);
}

static void show_sip_rule(const struct show *s, const struct conf_sip_rule *r)
{
	static const char *const ops[] = { "add", "modify", "remove", "copy" };

	fprintf(s->out, "%*srule %u ", (int)s->indent, "", r->number);
	if (!r->response)
		fprintf(s->out, "request %s",
			r->method != NULL ? r->method : "ANY");
	else if (r->status == 0)
		fputs("response ANY", s->out);
	else
		fprintf(s->out, "response %d", r->status);
	if (r->response && r->method != NULL)
		fprintf(s->out, " method %s", r->method);
	fprintf(s->out, " %s %s %s",
		r->sdp	  ? "sdp-header"
		: r->peer ? "peer-header sip"
			  : "sip-header",
		r->name, ops[r->op]);
	if (r->pattern != NULL)
		put_word(s->out, r->pattern);
	if (r->text != NULL)
		put_word(s->out, r->text);
	if (r->op == CONF_SIP_COPY)
		fprintf(s->out, " u%02u", r->variable);
	fputc('\n', s->out);
}

static void show_sip_rules(const struct show *s, const struct cmd *row)
{
	const struct conf_sip_profile *p = s->obj;

	(void)row;
	for (size_t i = 0; i < p->n; i++)
		show_sip_rule(s, &p->rule[i]);
}

/* ---- who uses them ---- */

static void set_profiles(struct line *l)
{
	size_t offset = l->row->offset;
	struct conf_profiles *p =
		(struct conf_profiles *)(void *)((char *)l->obj + offset);
	const struct word *tag = l->no || l->def ? NULL : line_arg(l, 0);

	if (l->n == 0 || !line_has(l, "inbound"))
		set_ref(l, &p->out, M_SIP_PROFILE, tag);
	if (l->n == 0 || line_has(l, "inbound"))
		set_ref(l, &p->in, M_SIP_PROFILE, tag);
}

static void show_profiles(const struct show *s, const struct cmd *row)
{
	const void *at = (const char *)s->obj + row->offset;
	const struct conf_profiles *p = at;
	const char *head = strncmp(row->syntax, "voice-class", 11) == 0
				   ? "voice-class sip profiles"
				   : "sip-profiles";

	if (p->out != NULL)
		show_line(s, "%s %u", head, p->out->tag);
	if (p->in != NULL)
		show_line(s, "%s %u inbound", head, p->in->tag);
}

const struct conf_sip_profile *conf_peer_profile(
	const struct conf *c, const struct conf_dial_peer *p, bool inbound)
{
	const struct conf_profiles *const v[] = { p != NULL ? &p->profiles
							    : NULL,
		p != NULL && p->tenant != NULL ? &p->tenant->profiles : NULL,
		&c->voip.profiles };

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		const struct conf_sip_profile *one = v[i] == NULL ? NULL
						     : inbound	  ? v[i]->in
								  : v[i]->out;

		if (one != NULL)
			return one;
	}
	return NULL;
}

/* clang-format off */
#define RULE \
	"[rule <1-1073741823>] {request WORD|response WORD [method WORD]} " \
	"{sip-header|sdp-header|peer-header sip} WORD " \
	"{add TEXT|modify TEXT TEXT|remove|copy TEXT WORD}"

const struct cmd profile_global_cmds[] = {
	{ "voice class sip-profiles <1-10000>", K_ENTER,
	  .enter = M_SIP_PROFILE,
	  .help = "How headers and SDP lines are changed" },
	{ NULL },
};

const struct cmd sip_profile_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_sip_profile, description),
	  .help = "What this is for" },
	{ RULE, K_FN, .set = set_sip_rule, .show = show_sip_rules,
	  .help = "One change of a header or an SDP line",
	  .more = "Rules are carried out by number. The first WORD is a method "
		  "or a status, or ANY. `add` and `modify` are about whole "
		  "lines (\"X-Site: 7\", \"a=ptime:20\"): a Perl-compatible "
		  "expression may match anywhere in one, and \\1 … \\9 stand for "
		  "its groups. `copy` keeps the first group as u01 … u99, for "
		  "\\u01 in later rules of the same message; of `peer-header "
		  "sip` it takes the message that is being passed on. "
		  "SIP-Req-URI, From and To can be changed in the INVITE that "
		  "begins a call." },
	{ NULL },
};

const struct cmd peer_profile_cmds[] = {
	{ "voice-class sip profiles <1-10000> [inbound]", K_FN,
	  F_PTR(conf_dial_peer, profiles), .set = set_profiles,
	  .show = show_profiles,
	  .help = "Changes of headers and SDP, sent or received",
	  .more = "A line here goes before the tenant's, that before `voice "
		  "service voip`'s." },
	{ NULL },
};

const struct cmd voip_profile_cmds[] = {
	{ "sip-profiles <1-10000> [inbound]", K_FN, F_PTR(conf, voip.profiles),
	  .set = set_profiles, .show = show_profiles,
	  .help = "Changes of headers and SDP, sent or received" },
	{ "sip-profiles inbound", K_NONE, .help = "Allow them for what is received",
	  .more = "Accepted for CUBE's sake; it is so anyway." },
	{ NULL },
};

const struct cmd tenant_profile_cmds[] = {
	{ "sip-profiles <1-10000> [inbound]", K_FN, F_PTR(conf_tenant, profiles),
	  .set = set_profiles, .show = show_profiles,
	  .help = "Changes of headers and SDP, sent or received" },
	{ NULL },
};
/* clang-format on */

/* See headers.h. */
#include "b2bua/route/headers.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"

#define MORE_METHODS(_)                                                        \
	_("ACK")                                                               \
	_("CANCEL")                                                            \
	_("BYE")                                                               \
	_("OPTIONS")                                                           \
	_("INFO")                                                              \
	_("UPDATE")                                                            \
	_("PRACK")                                                             \
	_("REFER")                                                             \
	_("NOTIFY")                                                            \
	_("SUBSCRIBE")                                                         \
	_("MESSAGE")                                                           \
	_("PUBLISH")
#define LISTED(method) ", " method
#define IN_TABLE(method) SLICE_LIT(method),
const char headers_allow[] = "INVITE" MORE_METHODS(LISTED);
static const struct slice allowed[] = { SLICE_LIT("INVITE"),
	MORE_METHODS(IN_TABLE) };
const char headers_product[] = "Lineside";

enum rule {
	PASS, /* what the table does not name */
	DROP, /* never passes */
	DROP_FROM_ACCESS, /* a claim that only the core may make */
	DROP_TO_ACCESS, /* shows the inside */
	BODY, /* goes with a body that passes */
	SUPPORTED,
	REQUIRE,
	ALLOW,
	CHALLENGE,
	PRODUCT, /* replaced towards the access side */
};

static const struct {
	const char *name;
	enum rule rule;
} rules[] = {
	/* clang-format off */
	/* ours alone: the port writes them, or they are per hop */
	{ "Via",                  DROP }, { "Route",               DROP },
	{ "Record-Route",         DROP }, { "Contact",             DROP },
	{ "From",                 DROP }, { "To",                  DROP },
	{ "Call-ID",              DROP }, { "CSeq",                DROP },
	{ "Max-Forwards",         DROP }, { "Max-Breadth",         DROP },
	{ "Content-Length",       DROP }, { "Timestamp",           DROP },
	{ "Proxy-Require",        DROP }, { "Require",             REQUIRE },
	{ "Path",                 DROP }, { "Service-Route",       DROP },
	{ "Flow-Timer",           DROP }, { "Unsupported",         PASS },
	/* of one leg alone: session_timer.c, call_rel.c */
	{ "Session-Expires",      DROP }, { "Min-SE",              DROP },
	{ "x",                    DROP },
	{ "RSeq",                 DROP }, { "RAck",                DROP },
	/* name dialogs and places of the other side: refer.c rewrites them */
	{ "Replaces",             DROP }, { "Join",                DROP },
	{ "Target-Dialog",        DROP }, { "Refer-To",            DROP },
	{ "Referred-By",          DROP }, { "Refer-Sub",           PASS },
	{ "In-Reply-To",          DROP }, { "Session-ID",          PASS },
	/* identities: believed from the core, never from a phone */
	{ "P-Asserted-Identity",  DROP_FROM_ACCESS },
	{ "P-Preferred-Identity", DROP_FROM_ACCESS },
	{ "Remote-Party-ID",      DROP_FROM_ACCESS },
	{ "P-Asserted-Service",   DROP_FROM_ACCESS },
	{ "P-Called-Party-ID",    DROP_FROM_ACCESS },
	{ "P-Served-User",        DROP_FROM_ACCESS },
	{ "P-Access-Network-Info",DROP_FROM_ACCESS },
	{ "P-Visited-Network-ID", DROP_FROM_ACCESS },
	{ "P-User-Database",      DROP_FROM_ACCESS },
	{ "P-Profile-Key",        DROP_FROM_ACCESS },
	/* accounting and topology of the core */
	{ "P-Charging-Vector",    DROP },
	{ "P-Charging-Function-Addresses", DROP },
	{ "Organization",         DROP_TO_ACCESS },
	{ "Error-Info",           DROP_TO_ACCESS },
	{ "History-Info",         DROP_TO_ACCESS },
	{ "Server",               PRODUCT },
	{ "User-Agent",           PRODUCT },
	{ "Content-Type",         BODY }, { "Content-Encoding",    BODY },
	{ "Content-Language",     BODY }, { "Content-Disposition", BODY },
	{ "Content-ID",           BODY }, { "MIME-Version",        BODY },
	{ "Supported",            SUPPORTED },
	{ "Allow",                ALLOW },
	{ "WWW-Authenticate",     CHALLENGE },
	{ "Proxy-Authenticate",   CHALLENGE },
	/* clang-format on */
};

/* Extensions that need more of a B2BUA than passing headers; "timer" and what
 * is said of SRTP are each leg's own. */
static const char *const not_carried[] = { "100rel", "timer", "outbound",
	HEADERS_SRTP_FALLBACK, "path", "gruu", "multiple-refer", "from-change",
	"precondition", "sec-agree" };

/* Those that may be required: they work by passing headers. */
static const char *const carried[] = { "timer", "100rel", "privacy", "histinfo",
	"resource-priority", "answermode", "uui", "replaces", "join", "tdialog",
	"norefersub", "eventlist" };

/* Of those: what the far end of the other leg has to know. */
static const char *const end_to_end[] = { "replaces", "join", "tdialog",
	"norefersub", "eventlist", "resource-priority", "answermode" };

void hdrs_init(struct hdrs *h)
{
	h->n = h->nowned = 0;
}

void hdrs_free(struct hdrs *h)
{
	for (size_t i = 0; i < h->nowned; i++)
		free(h->owned[i]);
	h->n = h->nowned = 0;
}

static void add_borrowed(struct hdrs *h, struct slice name, struct slice value)
{
	if (h->n < HDRS_MAX)
		h->v[h->n++] = (struct sip_hdr){ .name = name, .value = value };
}

/* `value` is ours from here on. */
static void add_owned(struct hdrs *h, struct slice name, char *value)
{
	if (h->nowned == HDRS_OWNED_MAX) {
		free(value);
		return;
	}
	h->owned[h->nowned++] = value;
	add_borrowed(h, name, slice_str(value));
}

void hdrs_add(struct hdrs *h, const char *name, struct slice value)
{
	add_owned(h, slice_str(name), slice_dup(value));
}

void hdrs_add_str(struct hdrs *h, const char *name, const char *value)
{
	hdrs_add(h, name, slice_str(value));
}

void hdrs_replace(struct hdrs *h, size_t i, char *value)
{
	if (h->nowned == HDRS_OWNED_MAX) {
		free(value);
		return;
	}
	h->owned[h->nowned++] = value;
	h->v[i].value = slice_str(value);
}

/* One more of a list. */
static void add_word(struct text *t, struct slice word)
{
	if (t->n > 0)
		text_add(t, SLICE_LIT(", "));
	text_add(t, word);
}

static bool listed(struct slice tag, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_caseeq_str(tag, list[i]))
			return true;
	return false;
}

static void pass_supported(struct hdrs *out, const struct sip_hdr *h)
{
	struct text t = { 0 };
	struct slice rest = h->value, tag;

	while (slice_cut(&rest, ',', &tag)) {
		tag = slice_trim(tag);
		if (tag.n == 0 ||
			listed(tag, not_carried, ARRAY_SIZE(not_carried)))
			continue;
		add_word(&t, tag);
	}
	if (t.n > 0)
		add_owned(out, h->name, text_take(&t));
	else
		text_free(&t);
}

static bool in_list(struct slice list, struct slice word)
{
	struct slice one;

	while (slice_cut(&list, ',', &one))
		if (slice_caseeq(slice_trim(one), word))
			return true;
	return false;
}

static void pass_require(struct hdrs *out, const struct sip_hdr *h)
{
	struct slice rest = h->value, tag;
	char text[32];

	while (slice_cut(&rest, ',', &tag)) {
		tag = slice_trim(tag);
		if (listed(tag, end_to_end, ARRAY_SIZE(end_to_end)) &&
			slice_copy(tag, text, sizeof(text)))
			hdrs_add_tag(out, "Require", text);
	}
}

/* What both the other end and we are able to do. */
static void pass_allow(struct hdrs *out, const struct sip_hdr *h)
{
	struct text t = { 0 };
	struct slice rest = h->value, method;
	uint32_t both = 0; /* a bit for each of `allowed` */

	while (slice_cut(&rest, ',', &method)) {
		method = slice_trim(method);
		for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
			if (slice_caseeq(method, allowed[i]))
				both |= UINT32_C(1) << i;
	}
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		if ((both >> i & 1) != 0)
			add_word(&t, allowed[i]);
	if (t.n > 0)
		add_owned(out, h->name, text_take(&t));
	else
		text_free(&t);
}

/* qop="auth,auth-int" without auth-int; auth-int alone becomes auth, and the
 * server decides about the answer. */
static char *without_auth_int(struct slice value, size_t at, size_t end)
{
	struct text t = { 0 };
	struct slice list = slice_head(slice_from(value, at), end - at), one;
	size_t kept = 0;

	text_add(&t, slice_head(value, at));
	while (slice_cut(&list, ',', &one)) {
		one = slice_trim(one);
		if (slice_caseeq_str(one, "auth-int") || one.n == 0)
			continue;
		text_printf(
			&t, "%s%.*s", kept++ > 0 ? "," : "", SLICE_ARG(one));
	}
	if (kept == 0)
		text_add(&t, SLICE_LIT("auth"));
	text_add(&t, slice_from(value, end));
	return text_take(&t);
}

static void pass_challenge(struct hdrs *out, const struct sip_hdr *h)
{
	size_t at = 0;

	for (; at + 5 < h->value.n; at++) {
		struct slice here = slice_from(h->value, at);
		size_t end;

		if (!slice_casestarts(here, "qop=\""))
			continue;
		end = at + 5 + slice_find(slice_from(here, 5), '"');
		add_owned(
			out, h->name, without_auth_int(h->value, at + 5, end));
		return;
	}
	add_borrowed(out, h->name, h->value);
}

/* ASCII only; as good as lower case for telling letters apart. */
static char folded(char c)
{
	return (char)(c | 0x20);
}

/* Most names differ from most rules in their first letter. */
static enum rule find_rule(struct slice name)
{
	char first = name.n > 0 ? folded(name.p[0]) : '\0';

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (folded(rules[i].name[0]) == first &&
			slice_caseeq_str(name, rules[i].name))
			return rules[i].rule;
	return PASS;
}

static void pass_one(struct hdrs *out, const struct sip_hdr *h,
	enum conf_side from, enum conf_side to, enum hdr_body body)
{
	switch (find_rule(h->name)) {
	case DROP:
		return;
	case DROP_FROM_ACCESS:
		if (from == CONF_ACCESS)
			return;
		break;
	case DROP_TO_ACCESS:
		if (to == CONF_ACCESS)
			return;
		break;
	case BODY:
		if (body != HDR_BODY_PASS)
			return;
		break;
	case SUPPORTED:
		pass_supported(out, h);
		return;
	case REQUIRE:
		pass_require(out, h);
		return;
	case ALLOW:
		pass_allow(out, h);
		return;
	case CHALLENGE:
		pass_challenge(out, h);
		return;
	case PRODUCT:
		if (to == CONF_ACCESS) {
			add_borrowed(out, h->name, slice_str(headers_product));
			return;
		}
		break;
	case PASS:
		break;
	}
	add_borrowed(out, h->name, h->value);
}

void headers_pass(struct hdrs *out, const struct sip_msg *m,
	enum conf_side from, enum conf_side to, enum hdr_body body)
{
	for (size_t i = 0; i < m->nhdrs; i++)
		pass_one(out, &m->hdr[i], from, to, body);
	if (body == HDR_BODY_SDP)
		add_borrowed(out, SLICE_LIT("Content-Type"),
			SLICE_LIT("application/sdp"));
}

bool headers_has_tag(const struct sip_msg *m, const char *name, const char *tag)
{
	for (size_t i = 0; i < m->nhdrs; i++)
		if (slice_caseeq_str(m->hdr[i].name, name) &&
			in_list(m->hdr[i].value, slice_str(tag)))
			return true;
	return false;
}

void hdrs_add_tag(struct hdrs *h, const char *name, const char *tag)
{
	for (size_t i = 0; i < h->n; i++) {
		if (!slice_caseeq_str(h->v[i].name, name))
			continue;
		if (in_list(h->v[i].value, slice_str(tag)) ||
			h->nowned == HDRS_OWNED_MAX)
			return;
		h->owned[h->nowned] =
			mem_printf("%.*s, %s", SLICE_ARG(h->v[i].value), tag);
		h->v[i].value = slice_str(h->owned[h->nowned++]);
		return;
	}
	hdrs_add_str(h, name, tag);
}

bool headers_unsupported(const struct sip_msg *m, char *out, size_t size)
{
	struct text t = { 0 };

	out[0] = '\0';
	for (size_t i = 0; i < m->nhdrs; i++) {
		struct slice rest = m->hdr[i].value, tag;

		if (!slice_caseeq_str(m->hdr[i].name, "Require") &&
			!slice_caseeq_str(m->hdr[i].name, "Proxy-Require"))
			continue;
		while (slice_cut(&rest, ',', &tag)) {
			tag = slice_trim(tag);
			if (tag.n == 0 || tag.n > 64 || t.n > 512 ||
				listed(tag, carried, ARRAY_SIZE(carried)))
				continue;
			add_word(&t, tag);
		}
	}
	if (t.n > 0)
		slice_fit(text_slice(&t), out, size);
	text_free(&t);
	return out[0] != '\0';
}

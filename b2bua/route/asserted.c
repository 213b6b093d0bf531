/* See asserted.h. */
#include "b2bua/route/asserted.h"

#include <stdlib.h>
#include <string.h>

#include "b2bua/sip/uri.h"
#include "base/obj.h"
#include "base/wire.h"

const char asserted_anonymous[] =
	"\"Anonymous\" <sip:anonymous@anonymous.invalid>";

static const char *const identities[] = { "P-Asserted-Identity",
	"Remote-Party-ID", "P-Preferred-Identity" };

static const struct {
	const char *word;
	unsigned bit;
} words[] = { { "header", CONF_PRIVACY_HEADER },
	{ "history", CONF_PRIVACY_HISTORY }, { "id", CONF_PRIVACY_ID },
	{ "session", CONF_PRIVACY_SESSION }, { "user", CONF_PRIVACY_USER },
	{ "critical", CONF_PRIVACY_CRITICAL }, { "none", PRIVACY_NONE } };

/* "id;user", or as a list with commas. */
static unsigned privacy_bits(struct slice value)
{
	unsigned bits = 0;

	while (value.n > 0) {
		size_t end = slice_find(value, ';');
		struct slice word;

		if (slice_find(value, ',') < end)
			end = slice_find(value, ',');
		word = slice_trim(slice_head(value, end));
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (slice_caseeq_str(word, words[i].word))
				bits |= words[i].bit;
		value = slice_from(value, end + 1);
	}
	return bits;
}

static unsigned bits_of(const struct sip_hdr *v, size_t n)
{
	unsigned bits = 0;

	for (size_t i = 0; i < n; i++)
		if (slice_caseeq_str(v[i].name, "Privacy"))
			bits |= privacy_bits(v[i].value);
	return bits;
}

unsigned privacy_asked(const struct sip_msg *m)
{
	return bits_of(m->hdr, m->nhdrs);
}

/* RFC 3323 4.2: `none` is the caller's word against all other. */
bool privacy_hides(unsigned asked)
{
	return (asked & PRIVACY_NONE) == 0 &&
	       (asked & (CONF_PRIVACY_ID | CONF_PRIVACY_USER |
				CONF_PRIVACY_HEADER)) != 0;
}

/* ---- the list ---- */

static void drop(struct hdrs *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		if (!slice_caseeq_str(h->v[i].name, name))
			h->v[n++] = h->v[i];
	h->n = n;
}

static void drop_identities(struct hdrs *h)
{
	for (size_t i = 0; i < ARRAY_SIZE(identities); i++)
		drop(h, identities[i]);
}

static struct slice first(const struct hdrs *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (slice_caseeq_str(h->v[i].name, name))
			return h->v[i].value;
	return (struct slice){ 0 };
}

/* ---- hosts ---- */

/* `out` becomes the URI with another host, port left out. */
static bool uri_at(struct text *out, struct slice uri, const char *host)
{
	struct sip_uri u;
	size_t begin, end;

	if (sip_uri_parse(uri, &u) != 0 || u.host.n == 0 ||
		slice_caseeq_str(u.scheme, "tel"))
		return false;
	begin = (size_t)(u.host.p - uri.p);
	end = begin + u.host.n;
	if (begin > 0 && uri.p[begin - 1] == '[') {
		begin--;
		end++;
	}
	if (end < uri.n && uri.p[end] == ':')
		while (end < uri.n && uri.p[end] != ';' && uri.p[end] != '?')
			end++;
	text_add(out, slice_head(uri, begin));
	text_add(out, slice_str(host));
	text_add(out, slice_from(uri, end));
	return true;
}

static bool is_numeric(struct slice uri)
{
	struct sip_uri u;
	struct addr a;

	return sip_uri_parse(uri, &u) == 0 && u.host.n > 0 &&
	       addr_parse(&a, u.host, 0) == 0;
}

char *asserted_at(struct slice value, const char *host)
{
	struct sip_name_addr na;
	struct text t = { 0 };

	if (sip_name_addr_parse(value, &na) != 0)
		return slice_dup(value);
	text_printf(&t, "%.*s%s<", SLICE_ARG(na.display),
		na.display.n > 0 ? " " : "");
	if (!uri_at(&t, na.uri, host)) {
		text_free(&t);
		return slice_dup(value);
	}
	text_printf(&t, ">%.*s", SLICE_ARG(na.params));
	return text_take(&t);
}

/* Addresses of the other side become ours; names are nobody's address, and
 * stay unless we have one ourselves. */
static void hide_hosts(struct hdrs *h, const char *name, const char *local,
	const struct asserted_way *w)
{
	for (size_t i = 0; i < h->n; i++) {
		struct slice rest = h->v[i].value, one;
		struct text t = { 0 };
		bool changed = false;

		if (!slice_caseeq_str(h->v[i].name, name))
			continue;
		while (sip_name_addr_cut(&rest, &one)) {
			struct sip_name_addr na;
			bool ours = sip_name_addr_parse(one, &na) == 0 &&
				    (local != NULL || is_numeric(na.uri));
			char *value =
				ours ? asserted_at(one,
					       local != NULL ? local : w->host)
				     : slice_dup(one);

			changed |= ours;
			text_printf(&t, "%s%s", t.n > 0 ? ", " : "", value);
			free(value);
		}
		if (changed)
			hdrs_replace(h, i, text_take(&t));
		else
			text_free(&t);
	}
}

/* ---- identities ---- */

/* Of several, the first SIP URI (RFC 3325 9.1: one SIP, one tel). */
static struct slice pick(struct slice list)
{
	struct slice one, found = { 0 };

	while (sip_name_addr_cut(&list, &one)) {
		struct sip_name_addr na;

		if (sip_name_addr_parse(one, &na) != 0)
			continue;
		if (found.n == 0 || slice_casestarts(na.uri, "sip"))
			found = one;
		if (slice_casestarts(na.uri, "sip"))
			break;
	}
	return found;
}

/* What the caller is known by, and whether Remote-Party-ID hides it. */
static struct slice identity_of(
	const struct hdrs *h, const struct asserted_way *w, bool *hidden)
{
	struct sip_name_addr na;
	struct slice value, one;

	*hidden = false;
	for (size_t i = 0; i < ARRAY_SIZE(identities); i++) {
		one = pick(first(h, identities[i]));
		if (one.n == 0)
			continue;
		if (i == 1 && sip_name_addr_parse(one, &na) == 0 &&
			sip_param(na.params, "privacy", &value))
			*hidden = !slice_caseeq_str(value, "off");
		return one;
	}
	return w->begins ? w->who : (struct slice){ 0 };
}

static void write_identity(
	struct hdrs *h, const struct asserted_way *w, unsigned asked)
{
	static const char *const names[] = {
		[CONF_ASSERTED_PAI] = "P-Asserted-Identity",
		[CONF_ASSERTED_PPI] = "P-Preferred-Identity",
		[CONF_ASSERTED_RPI] = "Remote-Party-ID",
	};
	enum conf_asserted form = w->said_to.asserted;
	struct sip_name_addr na;
	bool hidden;
	struct slice id;
	char *value;

	if (first(h, names[form]).n > 0 && form != CONF_ASSERTED_RPI) {
		for (size_t i = 0; i < ARRAY_SIZE(identities); i++)
			if (strcmp(identities[i], names[form]) != 0)
				drop(h, identities[i]);
		return; /* as it came: it may be two */
	}
	id = identity_of(h, w, &hidden);
	if (id.n == 0 || sip_name_addr_parse(id, &na) != 0)
		return;
	value = form == CONF_ASSERTED_RPI
			? mem_printf("%.*s%s<%.*s>;party=%s;screen=yes;"
				     "privacy=%s",
				  SLICE_ARG(na.display),
				  na.display.n > 0 ? " " : "",
				  SLICE_ARG(na.uri),
				  w->request ? "calling" : "called",
				  hidden || privacy_hides(asked) ? "full"
								 : "off")
			: mem_printf("%.*s%s<%.*s>", SLICE_ARG(na.display),
				  na.display.n > 0 ? " " : "",
				  SLICE_ARG(na.uri));
	drop_identities(h);
	hdrs_add(h, names[form], slice_str(value));
	if (hidden && asked == 0 && form != CONF_ASSERTED_RPI)
		hdrs_add_str(h, "Privacy", "id");
	free(value);
}

/* ---- privacy ---- */

static void set_privacy(struct hdrs *h, unsigned bits)
{
	struct text t = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (bits & words[i].bit)
			text_printf(
				&t, "%s%s", t.n > 0 ? ";" : "", words[i].word);
	drop(h, "Privacy");
	hdrs_add(h, "Privacy", text_slice(&t));
	if (bits & CONF_PRIVACY_CRITICAL) /* RFC 3323 4.3 */
		hdrs_add_tag(h, "Proxy-Require", "privacy");
	text_free(&t);
}

static void apply_policy(struct hdrs *h, const struct asserted_way *w)
{
	unsigned policy = w->said_to.policy, asked = bits_of(h->v, h->n);
	bool asks = (asked & ~(unsigned)PRIVACY_NONE) != 0;

	if (asks && (policy & CONF_POLICY_STRIP_DIVERSION))
		drop(h, "Diversion");
	if (asks && (policy & CONF_POLICY_STRIP_HISTORY))
		drop(h, "History-Info");
	if (asked == 0 && w->begins && (policy & CONF_POLICY_SEND_ALWAYS))
		hdrs_add_str(h, "Privacy", "none");
}

bool asserted_concerns(const struct hdrs *h, const struct asserted_way *w)
{
	static const char *const others[] = { "Privacy", "Diversion",
		"History-Info" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (first(h, others[i]).n > 0 || first(h, identities[i]).n > 0)
			return true;
	return w->begins && w->to == CONF_CORE &&
	       (w->said_to.asserted >= CONF_ASSERTED_PAI ||
		       w->said_to.privacy != 0 || w->said_to.policy != 0);
}

void asserted_pass(struct hdrs *h, const struct asserted_way *w)
{
	bool to_trusted =
		w->to == CONF_CORE && w->said_to.asserted != CONF_ASSERTED_NONE;
	const char *local = w->said_to.localhost;
	unsigned asked;

	if (w->said_from.asserted == CONF_ASSERTED_NONE)
		drop_identities(h);
	if (w->begins && w->to == CONF_CORE && w->said_to.privacy != 0)
		set_privacy(h, w->said_to.privacy);
	asked = bits_of(h->v, h->n);
	if (w->to == CONF_CORE && w->said_to.asserted >= CONF_ASSERTED_PAI)
		write_identity(h, w, asked);
	/* RFC 3325 5: before it goes to who is not trusted */
	if (!to_trusted && (w->to == CONF_CORE || privacy_hides(asked)))
		drop_identities(h);
	if (w->to == CONF_CORE)
		apply_policy(h, w);
	for (size_t i = 0; i < ARRAY_SIZE(identities); i++)
		hide_hosts(h, identities[i], local, w);
	hide_hosts(h, "Diversion",
		w->said_to.registrar != NULL ? w->said_to.registrar : local, w);
	hide_hosts(h, "History-Info", local, w);
}

/*
 * The rules of rewriting, a row for each element that may name something
 * inside or that must differ for a phone outside.
 */
#include "phoneproxy/config/cnfrules.h"

#include <stdio.h>
#include <string.h>

#include "base/obj.h"
#include "phoneproxy/config/cnfhosts.h"

enum { MODE_TEXT = 12, FOUND_MAX = 64 };

static struct slice text_of(const struct cnf_work *w, int element)
{
	if (element == CNF_NO_ELEMENT || w->d.element[element].text == NULL)
		return slice_of(NULL, 0);
	return slice_trim(slice_str(w->d.element[element].text));
}

static void set(struct cnf_work *w, int element, const char *text)
{
	if (element == CNF_NO_ELEMENT)
		return;
	cnf_set(&w->edits, &w->d, element, text);
	w->d.element[element].gone = true;
}

static void set_port(struct cnf_work *w, int element, uint16_t port)
{
	char text[8];

	snprintf(text, sizeof(text), "%u", port);
	if (port != 0)
		set(w, element, text);
}

/* Bounded: each word of the result is compared with each of these. */
static void note_found(struct cnf_work *w, struct slice host)
{
	struct slice rest = text_slice(&w->found), line;

	if (host.n == 0 || w->nfound == FOUND_MAX)
		return;
	while (slice_line(&rest, &line))
		if (slice_caseeq(line, host))
			return;
	text_add(&w->found, host);
	text_addc(&w->found, '\n');
	w->nfound++;
}

static void clear(struct cnf_work *w, int element)
{
	set(w, element, "");
}

static void remove_it(struct cnf_work *w, int element)
{
	cnf_remove(&w->edits, &w->d, element);
	w->d.element[element].gone = true;
}

static const struct cnf_member *find_member(
	const struct cnf_work *w, struct slice host)
{
	for (size_t i = 0; host.n > 0 && i < w->rules->nmembers; i++)
		if (host_equal(slice_str(w->rules->member[i].inside), host))
			return &w->rules->member[i];
	return NULL;
}

/* callManagerGroup/members/member */
static void call_manager(struct cnf_work *w, int cm)
{
	const struct cnfdoc *d = &w->d;
	int node = cnfdoc_child(d, cm, "processNodeName");
	int ports = cnfdoc_child(d, cm, "ports");
	int secured = cnfdoc_child(d, ports, "securedSipPort");
	const struct cnf_member *m = find_member(w, text_of(w, node));

	note_found(w, text_of(w, node));
	if (m == NULL) {
		w->out->members_removed++;
		remove_it(w, d->element[cm].parent);
		return;
	}
	w->known = mem_resize(w->known, w->nknown + 1, sizeof(w->known[0]));
	w->known[w->nknown++] = cm;
	set(w, node, m->address);
	set(w, cnfdoc_child(d, cm, "name"), m->label ? m->label : m->address);
	set_port(w, cnfdoc_child(d, ports, "sipPort"), m->sip_port);
	set_port(w, secured, m->secured_port);
	if (secured == CNF_NO_ELEMENT && ports != CNF_NO_ELEMENT &&
		m->secured_port != 0) {
		char text[8];

		snprintf(text, sizeof(text), "%u", m->secured_port);
		struct cnf_child child = { "securedSipPort", slice_str(text) };

		cnf_add(&w->edits, d, ports, &child, 1);
	}
}

static void ntp_name(struct cnf_work *w, int element)
{
	struct slice host = text_of(w, element);

	if (w->rules->ntp != NULL) {
		note_found(w, host);
		set(w, element, w->rules->ntp);
	} else if (host_inside(w->rules, host)) {
		remove_it(w, w->d.element[element].parent);
	}
}

static const struct cnf_relay *find_relay(
	const struct cnf_relay *v, size_t n, struct slice host, unsigned port)
{
	for (size_t i = 0; host.n > 0 && i < n; i++)
		if (host_equal(slice_str(v[i].inside), host) &&
			(v[i].inside_port == 0 || v[i].inside_port == port))
			return &v[i];
	return NULL;
}

static int parent_of(const struct cnf_work *w, int element)
{
	return element != CNF_NO_ELEMENT ? w->d.element[element].parent
					 : CNF_NO_ELEMENT;
}

/* Where phones find a server that is relayed; NULL: it is not. */
static const struct cnf_relay *relay_of(
	const struct cnf_work *w, int host, int port)
{
	uint64_t n = 0;

	if (slice_uint(text_of(w, port), UINT16_MAX, &n) != 0)
		n = 0;
	return find_relay(w->rules->relay, w->rules->nrelays, text_of(w, host),
		(unsigned)n);
}

/* Ours answers for all of them; else those stay that are relayed. */
static void tvs_member(struct cnf_work *w, int element)
{
	int address = cnfdoc_child(&w->d, element, "address");
	int port = cnfdoc_child(&w->d, element, "port");
	const struct cnf_relay *r = relay_of(w, address, port);

	if (!cnfdoc_is(&w->d, parent_of(w, parent_of(w, element)), "TVS"))
		return;
	note_found(w, text_of(w, address));
	if (w->rules->tvs_address != NULL) {
		set(w, address, w->rules->tvs_address);
		set_port(w, port, w->rules->tvs_port);
	} else if (r != NULL) {
		set(w, address, r->address);
		set_port(w, port, r->port);
	} else {
		remove_it(w, element);
	}
}

/* Without a member it goes as a whole. */
static void tvs(struct cnf_work *w, int element)
{
	int members = cnfdoc_child(&w->d, element, "members");
	int m = CNF_NO_ELEMENT;

	if (members != CNF_NO_ELEMENT)
		m = w->d.element[members].first_child;
	for (; m != CNF_NO_ELEMENT; m = w->d.element[m].next)
		if (w->rules->tvs_address != NULL ||
			relay_of(w, cnfdoc_child(&w->d, m, "address"),
				cnfdoc_child(&w->d, m, "port")) != NULL)
			return;
	remove_it(w, element);
}

static void capf(struct cnf_work *w, int element)
{
	int node = cnfdoc_child(&w->d, element, "processNodeName");
	int port = cnfdoc_child(&w->d, element, "phonePort");
	uint64_t n = 0;

	if (slice_uint(text_of(w, port), UINT16_MAX, &n) != 0)
		n = 0;
	note_found(w, text_of(w, node));
	const struct cnf_relay *r = find_relay(w->rules->capf, w->rules->ncapfs,
		text_of(w, node), (unsigned)n);

	if (r == NULL) {
		remove_it(w, element);
		return;
	}
	set(w, node, r->address);
	set_port(w, port, r->port);
	w->capf_found = true;
}

/* The magic word means the members; a literal address is put like theirs. */
static void line_proxy(struct cnf_work *w, int element)
{
	static const char magic[] = "USECALLMANAGER";
	struct slice host = text_of(w, element);
	int port = cnfdoc_child(&w->d, w->d.element[element].parent, "port");

	if (host.n == 0 || slice_caseeq_str(host, magic))
		return;
	const struct cnf_member *m = find_member(w, host);

	note_found(w, host);
	set(w, element, m == NULL ? magic : m->address);
	if (m != NULL)
		set_port(w, port,
			w->rules->transport == 3 ? m->secured_port
						 : m->sip_port);
}

static void put_host(struct text *t, const char *host)
{
	text_printf(
		t, strchr(host, ':') && host[0] != '[' ? "[%s]" : "%s", host);
}

static void url(struct cnf_work *w, int element)
{
	struct slice text = text_of(w, element);
	struct url u;

	if (slice_search(text, SLICE_LIT("://")) == text.n)
		return; /* nothing, or "Application:Cisco/…" */
	const struct cnf_relay *r =
		url_split(&u, text) ? find_relay(w->rules->relay,
					      w->rules->nrelays, u.host, u.port)
				    : NULL;

	if (r == NULL) {
		if (w->rules->keep_foreign_urls && u.host.n > 0 &&
			!host_inside(w->rules, u.host))
			return;
		note_found(w, u.host);
		w->out->urls_emptied++;
		clear(w, element);
		return;
	}
	struct text t = { 0 };

	note_found(w, u.host);
	text_add(&t, u.scheme);
	text_add(&t, SLICE_LIT("://"));
	text_add(&t, u.user);
	put_host(&t, r->address);
	if (u.has_port || r->port != 0)
		text_printf(&t, ":%u", r->port ? r->port : u.port);
	text_add(&t, u.rest);
	set(w, element, t.p);
	text_free(&t);
}

static void http_proxy(struct cnf_work *w, int element)
{
	set(w, element, w->rules->http_proxy ? w->rules->http_proxy : "");
}

static void load_server(struct cnf_work *w, int element)
{
	note_found(w, text_of(w, element));
	set(w, element, w->rules->load_server ? w->rules->load_server : "");
}

static void load(struct cnf_work *w, int element)
{
	if (!w->rules->keep_load)
		remove_it(w, element);
}

static void vpn(struct cnf_work *w, int element)
{
	if (!w->rules->keep_vpn)
		remove_it(w, element);
}

static void clear_host(struct cnf_work *w, int element)
{
	note_found(w, text_of(w, element));
	clear(w, element);
}

/* What the call manager encrypts for is no matter: we encrypt, or do not. */
static void cert_hash(struct cnf_work *w, int element)
{
	set(w, element, w->rules->cert_hash ? w->rules->cert_hash : "");
}

static void encr_config(struct cnf_work *w, int element)
{
	set(w, element, w->rules->cert_hash != NULL ? "true" : "false");
}

static void capf_auth(struct cnf_work *w, int element)
{
	uint64_t mode = 0;

	w->capf_wanted =
		slice_uint(text_of(w, element), UINT8_MAX, &mode) == 0 &&
		mode != 0;
}

static void full_config(struct cnf_work *w, int element)
{
	w->out->short_form = slice_caseeq_str(text_of(w, element), "false");
}

/* clang-format off */
static const struct row {
	const char *parent; /* NULL: any */
	const char *name; /* with '*': begins like this */
	void (*rewrite)(struct cnf_work *w, int element);
} rows[] = {
	{ "device",       "fullConfig",         full_config },
	{ "ntp",          "name",               ntp_name },
	{ "member",       "callManager",        call_manager },
	{ "srstInfo",     "ipAddr*",            clear_host },
	{ "srstInfo",     "sipIpAddr*",         clear_host },
	{ NULL,           "TVS",                tvs },
	{ NULL,           "member",             tvs_member },
	{ "sipProxies",   "backupProxy*",       clear },
	{ "sipProxies",   "emergencyProxy*",    clear },
	{ "sipProxies",   "outboundProxy*",     clear },
	{ "line",         "proxy",              line_proxy },
	{ NULL,           "loadInformation*",   load },
	{ "vendorConfig", "loadServer",         load_server },
	{ "vendorConfig", "ipv6LoadServer",     load_server },
	{ "vendorConfig", "logServer",          clear_host },
	{ "vendorConfig", "ipv6LogServer",      clear_host },
	{ NULL,           "authenticationURL",  url },
	{ NULL,           "directoryURL",       url },
	{ NULL,           "idleURL",            url },
	{ NULL,           "informationURL",     url },
	{ NULL,           "messagesURL",        url },
	{ NULL,           "servicesURL",        url },
	{ NULL,           "secureAuthenticationURL", url },
	{ NULL,           "secureDirectoryURL", url },
	{ NULL,           "secureIdleURL",      url },
	{ NULL,           "secureInformationURL", url },
	{ NULL,           "secureMessagesURL",  url },
	{ NULL,           "secureServicesURL",  url },
	{ "phoneService", "url",                url },
	{ NULL,           "proxyServerURL",     http_proxy },
	{ "capfList",     "capf",               capf },
	{ NULL,           "vpnGroup",           vpn },
	{ "device",       "capfAuthMode",       capf_auth },
	{ "device",       "certHash",           cert_hash },
	{ "device",       "encrConfig",         encr_config },
};

static const char *const settings[CNF_SETTINGS] = {
	[CNF_PC_PORT] = "pcPort",
	[CNF_GARP] = "garp",
	[CNF_VOICE_VLAN_ACCESS] = "voiceVlanAccess",
	[CNF_WEB_ACCESS] = "webAccess",
	[CNF_SPAN_TO_PC_PORT] = "spanToPCPort",
};
/* clang-format on */

static bool row_fits(const struct row *r, const struct cnf_work *w, int element)
{
	const struct cnf_element *e = &w->d.element[element];
	size_t n = strlen(r->name);

	if (r->parent != NULL && !cnfdoc_is(&w->d, e->parent, r->parent))
		return false;
	if (r->name[n - 1] == '*')
		return strncmp(e->name, r->name, n - 1) == 0;
	return strcmp(e->name, r->name) == 0;
}

static void apply_row(struct cnf_work *w, int element)
{
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
		if (row_fits(&rows[k], w, element)) {
			rows[k].rewrite(w, element);
			return;
		}
}

void cnf_apply_rows(struct cnf_work *w)
{
	for (int i = 0; i < w->d.nelements; i++)
		if (!cnfdoc_in_gone(&w->d, i))
			apply_row(w, i);
	for (size_t i = 0; i < w->nknown; i++)
		if (!cnfdoc_in_gone(&w->d, w->known[i]))
			w->out->members++;
}

/* Every child of that name, should there be several; false: there is none. */
static bool set_children(
	struct cnf_work *w, int parent, const char *name, const char *text)
{
	bool any = false;

	if (parent == CNF_NO_ELEMENT)
		return false;
	for (int i = w->d.element[parent].first_child; i != CNF_NO_ELEMENT;
		i = w->d.element[i].next)
		if (cnfdoc_is(&w->d, i, name)) {
			set(w, i, text);
			any = true;
		}
	return any;
}

/* A number of the rules for an element of the root; true: it is missing. */
static bool set_mode(struct cnf_work *w, const char *name, unsigned value,
	char text[MODE_TEXT], struct cnf_child *missing)
{
	if (value == 0)
		return false;
	snprintf(text, MODE_TEXT, "%u", value);
	*missing = (struct cnf_child){ name, slice_str(text) };
	return !set_children(w, 0, name, text);
}

/* Sets what vendorConfig has; the number of those that are missing. */
static size_t apply_settings(struct cnf_work *w, int vendor,
	struct text value[CNF_SETTINGS], struct cnf_child missing[CNF_SETTINGS])
{
	size_t n = 0;

	for (size_t i = 0; i < CNF_SETTINGS; i++) {
		if (w->rules->setting[i] == NULL ||
			set_children(
				w, vendor, settings[i], w->rules->setting[i]))
			continue;
		cnf_escape(&value[i], &w->d, w->rules->setting[i]);
		missing[n++] = (struct cnf_child){ settings[i],
			text_slice(&value[i]) };
	}
	return n;
}

static void add_elements(
	struct text *out, const struct cnf_child *child, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_printf(out, "<%s>%.*s</%s>", child[i].name,
			SLICE_ARG(child[i].xml), child[i].name);
}

/* Of an encrypted file: what the rows did not find to be set. */
static size_t missing_hash(struct cnf_work *w, struct cnf_child out[2])
{
	size_t n = 0;

	if (w->rules->cert_hash == NULL)
		return 0;
	if (cnfdoc_child(&w->d, 0, "certHash") == CNF_NO_ELEMENT)
		out[n++] = (struct cnf_child){ "certHash",
			slice_str(w->rules->cert_hash) };
	if (cnfdoc_child(&w->d, 0, "encrConfig") == CNF_NO_ELEMENT)
		out[n++] =
			(struct cnf_child){ "encrConfig", SLICE_LIT("true") };
	return n;
}

/*
 * What must be there whether or not the call manager wrote it. A vendorConfig
 * that is missing altogether is added for its settings.
 */
void cnf_ensure(struct cnf_work *w)
{
	int vendor = cnfdoc_child(&w->d, 0, "vendorConfig");
	struct text value[CNF_SETTINGS] = { 0 }, all = { 0 };
	struct cnf_child missing[CNF_SETTINGS], root[5];
	char mode[MODE_TEXT], transport[MODE_TEXT];
	size_t n = apply_settings(w, vendor, value, missing), nroot = 0;

	if (vendor != CNF_NO_ELEMENT) {
		cnf_add(&w->edits, &w->d, vendor, missing, n);
	} else if (n > 0) {
		add_elements(&all, missing, n);
		root[nroot++] =
			(struct cnf_child){ "vendorConfig", text_slice(&all) };
	}
	nroot += set_mode(w, "deviceSecurityMode", w->rules->security_mode,
		mode, &root[nroot]);
	nroot += set_mode(w, "transportLayerProtocol", w->rules->transport,
		transport, &root[nroot]);
	nroot += missing_hash(w, &root[nroot]);
	cnf_add(&w->edits, &w->d, 0, root, nroot);
	text_free(&all);
	for (size_t i = 0; i < CNF_SETTINGS; i++)
		text_free(&value[i]);
}

/* show voice-phone-proxy, ctl-file, phone: what phones boot from, and how it
 * went. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "certs/x509/crt.h"
#include "phoneproxy/config/encfile.h"
#include "show/show_int.h"
#include "show/view.h"

static bool selected(const struct show *s, const char *name)
{
	return s->match->nargs == 0 || slice_eq_str(s->match->arg[0], name);
}

static int none(struct table *t, const struct show *s, const char *what)
{
	if (s->match->nargs == 0)
		return 0;
	table_note(
		t, "%% There is no %s %.*s", what, SLICE_ARG(s->match->arg[0]));
	return ENOENT;
}

static bool info_of(const struct show *s, size_t i, struct proxy_info *out)
{
	return s->proxy != NULL && proxy_info(s->proxy, i, out);
}

/* ---- show voice-phone-proxy ---- */

static void counts(struct view *v, const struct proxy_info *i)
{
	view_line(v, "  TFTP:");
	view_bool(v, "tftp", "    served", i->has_tftp, "yes", "no");
	view_num(v, "tftp_sessions", "    transfers now",
		(int64_t)i->tftp.sessions);
	view_num(v, "tftp_sessions_max", "    at most",
		i->set->conf->max_sessions);
	view_num(v, "tftp_requests", "    requests", (int64_t)i->tftp.requests);
	view_num(v, "tftp_done", "    received whole", (int64_t)i->tftp.done);
	view_num(v, "tftp_unfinished", "    unfinished",
		(int64_t)i->tftp.unfinished);
	view_num(v, "tftp_busy", "    refused as too many",
		(int64_t)i->tftp.busy);
	view_line(v, "  HTTP:");
	view_bool(v, "http", "    served", i->has_http, "yes", "no");
	view_bool(v, "https", "    by HTTPS, too", i->has_https, "yes", "no");
	view_bool(v, "https_mutual", "    by HTTPS with phones' certificates",
		i->has_mutual, "yes", "no");
	view_num(v, "http_waiting", "    waiting for a file",
		(int64_t)i->http.waiting);
	view_num(v, "http_requests", "    requests", (int64_t)i->http.requests);
	view_num(v, "http_busy", "    refused as too many",
		(int64_t)i->http.busy);
}

static const char *mode_word(enum conf_device_mode m)
{
	static const char *const words[] = {
		[CONF_DEVICE_NONE] = "none",
		[CONF_DEVICE_AUTHENTICATED] = "authenticated",
		[CONF_DEVICE_ENCRYPTED] = "encrypted",
	};

	return words[m];
}

static const char *encrypted_word(enum conf_encrypted e)
{
	static const char *const words[] = {
		[CONF_ENCRYPTED_NONE] = "none",
		[CONF_ENCRYPTED_KNOWN] = "known",
		[CONF_ENCRYPTED_REQUIRED] = "required",
	};

	return words[e];
}

static void phone_proxy(struct table *t, const struct proxy_info *i)
{
	struct view v = view_begin(t, "phone_proxies", ": ", 28);
	const struct ppset *set = i->set;
	char text[ADDR_TEXT];

	view_line(&v, "Phone proxy %s:", set->conf->name);
	view_str(&v, "name", NULL, set->conf->name);
	view_str(&v, "description", "  Description", set->conf->description);
	view_str(&v, "ctl_file", "  Trust list",
		set->list != NULL ? set->list->name : NULL);
	view_bool(&v, "access_secure", "  Phones use TLS and SRTP",
		conf_pp_mode(set->conf, NULL) == CONF_DEVICE_ENCRYPTED, "yes",
		"no");
	view_str(&v, "device_security_mode", "  Device security mode",
		mode_word(conf_pp_mode(set->conf, NULL)));
	view_str(&v, "encrypted_config", "  Encrypted configuration",
		encrypted_word(conf_pp_encrypted(set->keep, set->conf, NULL)));
	view_num(&v, "phones_apart", "  Phones with rules of their own",
		(int64_t)set->conf->nphones);
	view_num(&v, "members", "  Call managers for phones",
		(int64_t)set->nmembers);
	view_num(&v, "ports", "  Sockets", (int64_t)i->nports);
	for (size_t k = 0; k < set->nservers; k++)
		view_line(&v, "  Files come from           : %s by %s",
			addr_text(&set->server[k].addr, text),
			set->conf->fetch_http ? "HTTP" : "TFTP");
	view_num(&v, "servers", NULL, (int64_t)set->nservers);
	view_num(&v, "local_files", "  Files of this machine",
		(int64_t)set->nlocals);
	counts(&v, i);
	view_line(&v, "%s", "");
	view_end(&v);
}

int show_phone_proxies(struct table *t, const struct show *s)
{
	struct files_counts files;
	struct proxy_info info;
	size_t n = 0;

	view_array(t, "phone_proxies");
	for (size_t i = 0; info_of(s, i, &info); i++) {
		if (!selected(s, info.set->conf->name))
			continue;
		n++;
		phone_proxy(t, &info);
	}
	if (n == 0)
		return none(t, s, "voice-phone-proxy in use with the name");
	proxy_count_files(s->proxy, &files);
	table_block(t, "files", NULL);
	table_pair_num(t, "fetching", "Asked of call managers now",
		(int64_t)files.fetching);
	table_pair_num(t, "cached", "Kept", (int64_t)files.cached);
	table_pair_num(
		t, "cached_bytes", "Bytes kept", (int64_t)files.cached_bytes);
	table_pair_num(t, "phones", "Phones heard of",
		(int64_t)phones_count(proxy_phones(s->proxy)));
	return 0;
}

/* ---- show ctl-file ---- */

static const struct table_col record_cols[] = {
	{ "list", "List", false },
	{ "file", "File", false },
	{ "role", "Role", false },
	{ "subject", "Subject", false },
	{ "serial", "Serial", false },
};

static void record(struct table *t, const char *list, const char *file,
	const struct ctl_record *r)
{
	char hex[2 * SERIAL_MAX + 1] = "";

	if (r->serial.n <= SERIAL_MAX)
		hex_encode(r->serial.p, r->serial.n, hex);
	table_str(t, list);
	table_str(t, file);
	table_str(t, r->has_role ? role_name(r->role) : NULL);
	table_slice(t, r->subject);
	table_str(t, hex);
}

static void records(
	struct table *t, const struct trustlist *list, const struct content *c)
{
	struct ctl ctl;

	if (ctl_read(&ctl, content_slice(c)) != FAULT_NONE)
		return;
	for (size_t i = 0; i < ctl.nrecords; i++)
		record(t, list->name, ctl_is_itl(&ctl) ? "ITL" : "CTL",
			&ctl.record[i]);
	ctl_free(&ctl);
}

static bool seen_before(const struct proxy *p, size_t i)
{
	struct proxy_info a, b;

	(void)proxy_info(p, i, &a);
	for (size_t k = 0; k < i && proxy_info(p, k, &b); k++)
		if (a.set->list == b.set->list)
			return true;
	return false;
}

int show_ctl_files(struct table *t, const struct show *s)
{
	struct proxy_info info;
	size_t n = 0;

	table_rows(t, "records", NULL, record_cols, ARRAY_SIZE(record_cols));
	for (size_t i = 0; info_of(s, i, &info); i++) {
		const struct trustlist *list = info.set->list;

		if (list == NULL || !selected(s, list->name) ||
			seen_before(s->proxy, i))
			continue;
		n++;
		records(t, list, list->ctl);
		records(t, list, list->itl);
		if (list->refused)
			table_note(t,
				"%s is an earlier list: phones would refuse "
				"the one that is configured",
				list->name);
	}
	return n > 0 ? 0 : none(t, s, "trust list in use with the name");
}

/* ---- show phone ---- */

static const struct table_col phone_cols[] = {
	{ "name", "Phone", false },
	{ "address", "Last heard at", false },
	{ "events", "Events", true },
	{ "last", "Last event", false },
	{ "at", "At", false },
};

int show_phones(struct table *t, const struct show *s)
{
	table_rows(t, "phones", NULL, phone_cols, ARRAY_SIZE(phone_cols));
	const struct phone *ph =
		s->proxy != NULL ? phones_first(proxy_phones(s->proxy)) : NULL;

	for (; ph != NULL; ph = ph->next) {
		const struct phone_event *e = NULL, *next;
		char text[VIEW_TIME];

		for (size_t i = 0; (next = phone_event(ph, i)) != NULL; i++)
			e = next;
		table_str(t, ph->name);
		table_addr(t, &ph->from);
		table_num(t, (int64_t)ph->events);
		table_str(t, e != NULL ? e->text : NULL);
		table_str(t, e != NULL ? view_iso_time(e->at_ms, text) : NULL);
	}
	return 0;
}

static const struct table_col cert_cols[] = {
	{ "name", "Phone", false },
	{ "how", "Known", false },
	{ "at", "Since", false },
	{ "subject", "Subject", false },
	{ "issuer", "Issuer", false },
	{ "key", "Key", false },
	{ "cert_hash", "certHash", false },
};

static void cert_row(struct table *t, const struct phonecert *p)
{
	gnutls_datum_t der = { .size = (unsigned)p->der.n };
	char hash[CERT_HASH_TEXT], at[VIEW_TIME];
	char *subject = NULL, *issuer = NULL, *key = NULL;
	gnutls_x509_crt_t crt;

	memcpy(&der.data, &p->der.p, sizeof(der.data)); /* not written to */
	if (crt_import(&crt, &der) == 0) {
		subject = crt_subject_dup(crt);
		issuer = crt_issuer_dup(crt);
		key = crt_key_dup(crt);
		gnutls_x509_crt_deinit(crt);
	}
	cert_hash(text_slice(&p->der), hash);
	table_str(t, p->name);
	table_str(t, phonecert_how_text(p->how));
	table_str(t, view_iso_time((uint64_t)p->at * 1000, at));
	table_str(t, subject);
	table_str(t, issuer);
	table_str(t, key);
	table_str(t, hash);
	free(subject);
	free(issuer);
	free(key);
}

int show_phone_certs(struct table *t, const struct show *s)
{
	const struct phonecerts *c =
		s->proxy != NULL ? proxy_certs(s->proxy) : NULL;

	table_rows(t, "certificates", NULL, cert_cols, ARRAY_SIZE(cert_cols));
	for (size_t i = 0; c != NULL && i < phonecerts_count(c); i++)
		cert_row(t, phonecerts_at(c, i));
	return 0;
}

static const struct table_col event_cols[] = {
	{ "at", "At", false },
	{ "what", "What", false },
	{ "text", "Event", false },
};

static const struct table_col line_cols[] = {
	{ "aor", "Line", false },
	{ "listener", "Listener", false },
	{ "address", "From", false },
	{ "connected", "Connected", false },
	{ "expires_s", "Expires", true },
};

static void registrations(
	struct table *t, const struct show *s, const char *name)
{
	table_rows(t, "registrations", "Registered now:", line_cols,
		ARRAY_SIZE(line_cols));
	for (size_t i = 0; i < s->query->nregs; i++) {
		const struct reg_info *r = &s->query->regs[i];

		/* "CP-8841-SEP001122334455" is the same phone's own. */
		if (strcasestr(r->device, name) == NULL)
			continue;
		table_str(t, r->aor);
		table_str(t, r->listener);
		table_addr(t, &r->flow_addr);
		table_bool(t, r->connected);
		table_num(t, r->expires_s);
	}
}

struct log_search {
	struct table *t;
	const char *name;
};

static void log_line(void *arg, const char *line)
{
	struct log_search *ls = arg;

	if (strcasestr(line, ls->name) != NULL)
		table_str(ls->t, line);
}

static const struct table_col log_cols[] = {
	{ "line", "Line", false },
};

int show_phone_timeline(struct table *t, const struct show *s)
{
	char name[FILE_DEVICE_TEXT] = "";
	const struct phone *ph = NULL;
	const struct phone_event *e;

	if (s->proxy != NULL &&
		slice_copy(s->match->arg[0], name, sizeof(name))) {
		for (char *p = name; *p != '\0'; p++)
			if (*p >= 'a' && *p <= 'z')
				*p = (char)(*p - 'a' + 'A');
		ph = phones_find(proxy_phones(s->proxy), slice_str(name));
	}
	if (ph == NULL) {
		table_note(t, "%% Nothing was heard of phone %.*s",
			SLICE_ARG(s->match->arg[0]));
		return ENOENT;
	}
	table_rows(t, "timeline", NULL, event_cols, ARRAY_SIZE(event_cols));
	for (size_t i = 0; (e = phone_event(ph, i)) != NULL; i++) {
		char at[VIEW_TIME];

		table_str(t, view_time(e->at_ms, at));
		table_str(t, phone_what_name(e->what));
		table_str(t, e->text);
	}
	registrations(t, s, name);
	table_rows(t, "log",
		"Log lines that name it (TLS, registration):", log_cols,
		ARRAY_SIZE(log_cols));
	struct log_search ls = { .t = t, .name = name };

	log_recent(log_line, &ls);
	return 0;
}

/* show capf-server, show tvs-server, show service-map. */
#include <errno.h>
#include <time.h>

#include "show/show_int.h"
#include "show/view.h"

static int not_there(struct table *t, const char *what, const char *why)
{
	table_note(t, "%% There is no %s: %s", what,
		why != NULL ? why : "it is not configured");
	return ENOENT;
}

static const char *name_of(const struct conf_trustpoint *t)
{
	return t != NULL ? t->name : NULL;
}

static const char *auth_word(enum conf_capf_auth a)
{
	static const char *const words[] = {
		[CONF_CAPF_AUTH_NONE] = "none",
		[CONF_CAPF_AUTH_STRING] = "auth-string",
		[CONF_CAPF_NULL_STRING] = "null-string",
		[CONF_CAPF_LSC] = "LSC",
		[CONF_CAPF_MIC] = "MIC",
	};

	return words[a];
}

static const char *oper_word(enum conf_capf_oper o)
{
	static const char *const words[] = {
		[CONF_CAPF_NOTHING] = "none",
		[CONF_CAPF_UPGRADE] = "upgrade",
		[CONF_CAPF_FETCH] = "fetch",
		[CONF_CAPF_DELETE] = "delete",
	};

	return words[o];
}

static void show_door(struct view *v, const struct doorway_count *d)
{
	view_num(v, "open", "    Connections", d->open);
	view_num(v, "accepted", "    Accepted", (int64_t)d->accepted);
	view_num(v, "refused_total", "    Refused: too many in all",
		(int64_t)d->refused[GATE_TOTAL]);
	view_num(v, "refused_source", "    Refused: too many of one source",
		(int64_t)d->refused[GATE_SOURCE]);
	view_num(v, "refused_rate", "    Refused: one source too fast",
		(int64_t)d->refused[GATE_RATE]);
}

static void show_setup(struct view *v, const struct conf *c)
{
	view_line(v, "CAPF Server Configuration Details");
	view_str(v, "trustpoint", "    Trustpoint for TLS With Phone",
		name_of(c->capf.trustpoint));
	view_str(v, "issuer", "    Trustpoint for CA operation",
		c->capf.issuer_name);
	view_addr(v, "source", "    Source Address", &c->capf.source);
	view_num(v, "port", "    Listening Port", c->capf.port);
	view_str(v, "auth_mode", "    Authentication Mode",
		auth_word(c->capf.auth));
	view_str(v, "cert_oper", "    Operation for all",
		oper_word(c->capf.oper));
	view_str(v, "key_kind", "    Phone Key Kind",
		c->capf.key_kind == CONF_KEY_EC ? "EC" : "RSA");
	view_num(v, "key_size", "    Phone Key Size", c->capf.key_bits);
	view_num(v, "keygen_retries", "    Phone KeyGen Retries",
		c->capf.keygen_retry);
	view_num(v, "keygen_minutes", "    Phone KeyGen Timeout (minutes)",
		c->capf.keygen_minutes);
	view_num(v, "cert_days", "    Certificate Lifetime (days)",
		c->capf.cert_days);
}

int show_capf_summary(struct table *t, const struct show *s)
{
	struct capf_service *service = phone_trust_capf(s->trust);
	struct capf_summary sum;
	struct view v;

	view_array(t, "capf_server");
	if (service == NULL)
		return not_there(t, "capf-server", phone_trust_why(s->trust));
	capf_service_summary(service, &sum);
	v = view_begin(t, "capf_server", ": ", 0);
	show_setup(&v, s->conf);
	view_line(&v, "Totals");
	view_num(&v, "phones", "    Phones known",
		(int64_t)capf_store_count(capf_service_store(service)));
	view_num(&v, "sessions", "    Sessions", (int64_t)sum.sessions);
	view_num(&v, "done", "    Succeeded", (int64_t)sum.done);
	view_num(&v, "failed", "    Failed", (int64_t)sum.failed);
	view_num(&v, "nothing", "    Nothing planned", (int64_t)sum.nothing);
	view_num(&v, "issuing", "    Certificates being made", sum.issuing);
	show_door(&v, &sum.door);
	view_end(&v);
	return 0;
}

static const struct table_col string_cols[] = {
	{ "device", "Phone", false },
	{ "auth_string", "Auth-String", false },
	{ "planned", "Planned", false },
	{ "wrong", "Wrong", true },
	{ "locked", "Locked", false },
	{ "done", "Done", false },
	{ "done_at", "At", false },
	{ "not_after", "Certificate until", false },
};

static void show_date(struct table *t, int64_t at)
{
	char text[VIEW_TIME];

	table_str(t, at > 0 ? view_iso_time((uint64_t)at * 1000, text) : NULL);
}

int show_capf_strings(struct table *t, const struct show *s)
{
	struct capf_service *service = phone_trust_capf(s->trust);
	struct capf_store *store;

	table_rows(t, "phones", "Authentication strings of phones", string_cols,
		ARRAY_SIZE(string_cols));
	if (service == NULL)
		return not_there(t, "capf-server", phone_trust_why(s->trust));
	store = capf_service_store(service);
	for (size_t i = 0; i < capf_store_count(store); i++) {
		const struct capf_phone *p = capf_store_at(store, i);

		table_str(t, p->name);
		table_str(t, p->string);
		table_str(t, capf_operation_name(p->pending));
		table_num(t, p->wrong);
		table_bool(t, clock_ms() < p->locked_ms);
		table_str(t,
			p->done_at > 0 ? capf_operation_name(p->done) : NULL);
		show_date(t, p->done_at);
		show_date(t, p->not_after);
	}
	return 0;
}

static const struct table_col session_cols[] = {
	{ "device", "Phone", false },
	{ "peer", "From", false },
	{ "operation", "Operation", false },
	{ "began", "Began", false },
	{ "ended", "Ended", false },
	{ "result", "Result", false },
};

static void add_session(void *arg, const struct capf_session_info *i)
{
	struct table *t = arg;

	table_str(t, i->device);
	table_addr(t, &i->peer);
	table_str(t, capf_operation_name(i->operation));
	show_date(t, i->began);
	show_date(t, i->ended);
	table_str(t, capf_session_text(i));
}

int show_capf_sessions(struct table *t, const struct show *s)
{
	struct capf_service *service = phone_trust_capf(s->trust);

	table_rows(t, "sessions", NULL, session_cols, ARRAY_SIZE(session_cols));
	if (service == NULL)
		return not_there(t, "capf-server", phone_trust_why(s->trust));
	capf_service_sessions(service, add_session, t);
	return 0;
}

int show_tvs(struct table *t, const struct show *s)
{
	struct tvs_service *service = phone_trust_tvs(s->trust);
	struct tvs_count n;
	struct view v;

	view_array(t, "tvs_server");
	if (service == NULL)
		return not_there(t, "tvs-server", NULL);
	tvs_service_count(service, &n);
	v = view_begin(t, "tvs_server", ": ", 0);
	view_line(&v, "Trust verification service");
	view_str(&v, "trustpoint", "    Trustpoint for TLS with phones",
		name_of(s->conf->tvs.trustpoint));
	view_num(&v, "port", "    Listening port", s->conf->tvs.port);
	view_num(&v, "ttl", "    Answers hold (seconds)", s->conf->tvs.ttl);
	view_num(&v, "known", "    Certificates known", (int64_t)n.known);
	view_num(&v, "answers", "    Answers", (int64_t)n.answers);
	view_num(&v, "invalid", "    of them: not valid", (int64_t)n.invalid);
	view_num(&v, "malformed", "    Not understood", (int64_t)n.malformed);
	show_door(&v, &n.door);
	view_end(&v);
	return 0;
}

static const struct table_col relay_cols[] = {
	{ "proxy", "Phone proxy", false },
	{ "access", "Access", false },
	{ "server", "Server", false },
	{ "open", "Open", true },
	{ "accepted", "Accepted", true },
	{ "refused", "Refused", true },
	{ "silent", "Silent", true },
	{ "dialled", "Dialled", true },
	{ "unreachable", "Unreachable", true },
	{ "idle", "Idle", true },
	{ "broken", "Broken", true },
	{ "bytes_in", "Bytes in", true },
	{ "bytes_out", "Bytes out", true },
};

int show_relays(struct table *t, const struct show *s)
{
	const struct phone_relays *relays = phone_trust_relays(s->trust);

	table_rows(t, "relays", NULL, relay_cols, ARRAY_SIZE(relay_cols));
	for (size_t i = 0; i < phone_relays_count(relays); i++) {
		struct phone_relay_info r;

		phone_relays_at(relays, i, &r);
		table_str(t, r.proxy);
		table_addr(t, &r.access);
		table_addr(t, &r.server);
		table_num(t, r.count.door.open);
		table_num(t, (int64_t)r.count.door.accepted);
		table_num(t, (int64_t)(r.count.door.refused[GATE_TOTAL] +
				       r.count.door.refused[GATE_SOURCE] +
				       r.count.door.refused[GATE_RATE]));
		table_num(t, (int64_t)r.count.silent);
		table_num(t, (int64_t)r.count.dialled);
		table_num(t, (int64_t)r.count.unreachable);
		table_num(t, (int64_t)r.count.idle);
		table_num(t, (int64_t)r.count.broken);
		table_num(t, (int64_t)r.count.bytes_in);
		table_num(t, (int64_t)r.count.bytes_out);
	}
	return 0;
}

/* The record of a call, as JSON. See cdr.h; the fields are in cdr.def. */
#include "b2bua/call/cdr.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "b2bua/call/call_int.h"
#include "base/obj.h"
#include "media/quality.h"

struct record { /* what the table refers to */
	const char *host;
	int64_t id, redirects; /* -1: none */
	bool emergency;
	int64_t now, setup, alert, connect; /* ms since 1970; 0: never */
	int64_t seconds, transcoder, tried;
	const char *who, *text;
	unsigned q850;
	int status;
	bool media;
	int64_t peer[2];
	const char *calling[2], *called[2], *transport[2];
	char signalling[2][ADDR_TEXT], media_local[2][ADDR_TEXT],
		media_remote[2][ADDR_TEXT];
	struct call_info info;
	struct quality q[2];
};

static void put_num(json_t *o, const char *name, int64_t v)
{
	if (v >= 0)
		json_object_set_new(o, name, json_integer(v));
}

/* What far ends say of themselves need not be UTF-8. */
static void put_str(json_t *o, const char *name, const char *s)
{
	struct text t = { 0 };
	json_t *v;

	if (s == NULL || s[0] == '\0')
		return;
	v = json_string(s);
	if (v == NULL) {
		text_escape(&t, slice_str(s));
		v = json_string(t.p);
		text_free(&t);
	}
	if (v != NULL)
		json_object_set_new(o, name, v);
}

static void put_flag(json_t *o, const char *name, bool v)
{
	json_object_set_new(o, name, json_boolean(v));
}

/* "2026-11-20T12:00:01.123Z" */
static void put_time(json_t *o, const char *name, int64_t ms)
{
	time_t s = ms / 1000;
	struct tm tm;
	char text[64];
	size_t n;

	if (ms == 0 || gmtime_r(&s, &tm) == NULL)
		return;
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(
		text + n, sizeof(text) - n, ".%03uZ", (unsigned)(ms % 1000));
	put_str(o, name, text);
}

/* ---- gathering ---- */

static int64_t wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* On the wall, of a moment by the call's clock. */
static int64_t at(const struct record *r, uint64_t now, uint64_t when)
{
	return when != 0 ? r->now - (int64_t)(now - when) : 0;
}

static void gather_times(struct record *r, const struct call *c)
{
	struct sip_port *port = c->core->port;
	uint64_t now = port->ops->now_ms(port);

	r->now = wall_ms();
	r->setup = at(r, now, c->born_ms);
	r->alert = at(r, now, c->alert_ms);
	r->connect = at(r, now, c->up_ms);
	r->seconds = c->up_ms != 0 ? (int64_t)(now - c->up_ms) / 1000 : 0;
}

static void gather_cause(struct record *r, const struct call *c)
{
	const struct fail *f = &c->fail;

	r->status = c->up_ms != 0 || c->leg[0].confirmed ? 200
		    : f->status != 0			 ? f->status
							 : 487;
	r->q850 = call_end_cause(c);
	r->text = f->status != 0 ? f->text : NULL;
}

static void text_of(const struct addr *a, char out[ADDR_TEXT])
{
	out[0] = '\0';
	if (addr_is_set(a))
		addr_text(a, out);
}

static const char *transport_text(enum conf_transport t)
{
	static const char *const v[] = {
		[CONF_UDP] = "udp", [CONF_TCP] = "tcp", [CONF_TLS] = "tls"
	};

	return v[t];
}

static void gather_leg(struct record *r, const struct call *c, int i)
{
	const struct leg_info *l = &r->info.leg[i];

	r->transport[i] = transport_text(l->transport);
	r->peer[i] = l->dial_peer != 0 ? (int64_t)l->dial_peer : -1;
	r->calling[i] = i == 1 && c->from_number != NULL ? c->from_number
							 : c->leg[0].number;
	r->called[i] = c->leg[1].number;
	if (i == 0 && c->leg[0].contact_user != NULL)
		r->called[i] = c->leg[0].contact_user; /* as it came */
	quality_read(&r->q[i], &l->stats, l->codec);
	text_of(&l->signalling, r->signalling[i]);
	text_of(&l->media_local, r->media_local[i]);
	text_of(&l->media_remote, r->media_remote[i]);
}

static void gather(struct record *r, const struct call *c, const char *who)
{
	memset(r, 0, sizeof(*r));
	call_describe(c, &r->info);
	r->host = c->conf->hostname;
	r->id = c->id;
	r->redirects = c->redirects;
	r->emergency = c->emergency;
	gather_times(r, c);
	gather_cause(r, c);
	r->who = who;
	r->media = c->media != NULL;
	r->transcoder =
		r->info.transcoder != 0 ? (int64_t)r->info.transcoder : -1;
	r->tried = c->attempts;
	gather_leg(r, c, 0);
	gather_leg(r, c, 1);
}

/* ---- writing ---- */

#define NUM(scope, name, value, help) WRITE_##scope(put_num(o, name, value);)
#define STR(scope, name, value, help) WRITE_##scope(put_str(o, name, value);)
#define TIME(scope, name, value, help) WRITE_##scope(put_time(o, name, value);)
#define FLAG(scope, name, value, help) WRITE_##scope(put_flag(o, name, value);)

static void write_leg(json_t *o, const struct record *r, int i)
{
	const struct leg_info *l = &r->info.leg[i];

#define WRITE_CALL(statement)
#define WRITE_LEG(statement) statement
#include "b2bua/call/cdr.def"
#undef WRITE_CALL
#undef WRITE_LEG
}

static void write_call(json_t *o, const struct record *r)
{
#define WRITE_CALL(statement) statement
#define WRITE_LEG(statement)
#include "b2bua/call/cdr.def"
#undef WRITE_CALL
#undef WRITE_LEG
}

/* The record as its line; frees it. */
static char *line_of(struct record *r)
{
	json_t *o = json_object(), *legs = json_array();
	char *text, *line;

	write_call(o, r);
	for (int i = 0; i < 2; i++) {
		json_t *leg = json_object();

		if (i == 1 && r->info.leg[1].sip_call_id[0] == '\0') {
			json_decref(leg);
			break;
		}
		write_leg(leg, r, i);
		json_array_append_new(legs, leg);
	}
	json_object_set_new(o, "legs", legs);
	text = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);
	need(text != NULL);
	line = mem_printf("%s\n", text);
	free(text);
	json_decref(o);
	free(r);
	return line;
}

char *cdr_line(const struct call *c, const char *who)
{
	struct record *r = mem_new(sizeof(*r));

	gather(r, c, who);
	return line_of(r);
}

/* ---- of what never was a call ---- */

static void user_text(struct slice uri, char *out, size_t size)
{
	struct sip_uri u;

	if (sip_uri_parse(uri, &u) == 0)
		slice_fit(slice_head(u.user, size - 1), out, size);
}

static void gather_source(struct leg_info *l, const struct sip_msg *m,
	const struct sip_source *src)
{
	const struct identity *id = src->identity;

	l->incoming = true;
	l->transport = src->transport;
	slice_fit(slice_head(m->call_id, sizeof(l->sip_call_id) - 1),
		l->sip_call_id, sizeof(l->sip_call_id));
	slice_fit(slice_str(id->tls_version), l->tls_version,
		sizeof(l->tls_version));
	slice_fit(slice_str(id->tls_cipher), l->tls_cipher,
		sizeof(l->tls_cipher));
	slice_fit(slice_head(slice_str(id->subject), sizeof(l->identity) - 1),
		l->identity, sizeof(l->identity));
	if (id->certified)
		slice_fit(slice_head(slice_str(id->device), 63), l->peer_name,
			sizeof(l->peer_name));
}

char *cdr_line_refused(const struct core *core, const struct sip_msg *m,
	const struct sip_source *src, const struct fail *why)
{
	struct record *r = mem_new(sizeof(*r));
	char calling[64] = "", called[64] = "";
	struct sip_name_addr from;

	r->host = core->conf->hostname;
	r->id = r->redirects = r->transcoder = r->peer[0] = -1;
	r->setup = r->now = wall_ms();
	r->who = "lineside";
	r->status = why->status;
	r->q850 = fail_q850(why);
	r->text = why->text;
	if (sip_name_addr_parse(m->from, &from) == 0)
		user_text(from.uri, calling, sizeof(calling));
	user_text(m->ruri, called, sizeof(called));
	r->calling[0] = calling;
	r->called[0] = called;
	gather_source(&r->info.leg[0], m, src);
	r->transport[0] = transport_text(src->transport);
	text_of(&src->addr, r->signalling[0]);
	return line_of(r);
}

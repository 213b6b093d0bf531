/* show registrations, show sip connection, show sip-ua status. */
#include <string.h>

#include "show/show_int.h"
#include "show/view.h"

const char *word_transport(enum conf_transport t)
{
	switch (t) {
	case CONF_UDP:
		return "udp";
	case CONF_TCP:
		return "tcp";
	case CONF_TLS:
		return "tls";
	}
	return "?";
}

const char *word_side(enum conf_side s)
{
	return s == CONF_ACCESS ? "access" : "core";
}

static const struct table_col reg_cols[] = {
	{ "line", "Line", false },
	{ "device", "Device", false },
	{ "flow", "Connection", false },
	{ "connected", "Up", false },
	{ "expires_s", "Expires", true },
	{ "listener", "Listener", false },
	{ "tied", "Tied by", false },
	{ "contact", "Contact", false },
	{ "identity", NULL, false },
	{ "token", NULL, false },
	{ "instance", NULL, false },
	{ "core_s", NULL, true },
	{ "answered_here", NULL, true },
};

int show_registrations(struct table *t, const struct show *s)
{
	const struct b2bua_query *q = s->query;
	size_t up = 0;

	table_rows(t, "registrations", NULL, reg_cols, ARRAY_SIZE(reg_cols));
	for (size_t i = 0; i < q->nregs; i++) {
		const struct reg_info *r = &q->regs[i];

		up += r->connected;
		table_str(t, r->aor);
		table_str(t, r->device);
		table_addr(t, &r->flow_addr);
		table_bool(t, r->connected);
		table_num(t, r->expires_s);
		table_str(t, r->listener);
		table_str(t, r->tied);
		table_str(t, r->contact);
		table_str(t, r->identity);
		table_str(t, r->token);
		table_str(t, r->instance);
		table_num(t, r->core_s);
		table_num(t, r->here);
	}
	table_block(t, "summary", NULL);
	table_pair_num(t, "total", NULL, (int64_t)q->nregs);
	table_pair_num(t, "connected", NULL, (int64_t)up);
	table_note(t, "Total registrations: %zu, with a connection: %zu",
		q->nregs, up);
	return 0;
}

/* The transport that the words name: "… connection tcp tls …". */
static enum conf_transport wanted(const struct show *s)
{
	struct slice words = slice_str(command_row(s->match->row)->words);
	struct slice w;
	enum conf_transport t = CONF_UDP;

	while (slice_word(&words, &w)) {
		if (slice_eq_str(w, "tcp"))
			t = CONF_TCP;
		if (slice_eq_str(w, "tls"))
			t = CONF_TLS;
	}
	return t;
}

static const struct table_col conn_cols[] = {
	{ "remote", "Remote-Agent", false },
	{ "local", "Local-Address", false },
	{ "direction", "Direction", false },
	{ "side", "Side", false },
	{ "listener", "Listener", false },
	{ "device", "Device", false },
	{ "tls_version", "TLS", false },
	{ "tls_cipher", "Cipher", false },
	{ "age_s", "Age", true },
	{ "identity", NULL, false },
};

static void conn_row(struct table *t, const struct conn_info *c)
{
	table_addr(t, &c->remote);
	table_addr(t, &c->local);
	table_str(t, c->outbound ? "out" : "in");
	table_str(t, word_side(c->side));
	table_str(t, c->listener);
	table_str(t, c->device[0] ? c->device : NULL);
	table_str(t, c->tls_version[0] ? c->tls_version : NULL);
	table_str(t, c->tls_cipher[0] ? c->tls_cipher : NULL);
	table_num(t, (int64_t)(c->age_ms / 1000));
	table_str(t, c->identity[0] ? c->identity : NULL);
}

static size_t count_conns(const struct show *s, enum conf_transport what)
{
	size_t n = 0;

	for (size_t i = 0; i < s->query->nconns; i++)
		n += s->query->conns[i].transport == what;
	return n;
}

static const struct table_col listen_cols[] = {
	{ "listener", "Listener", false },
	{ "side", "Side", false },
	{ "transport", "Transport", false },
	{ "address", "Local-Address", false },
	{ "connections", "Connections", true },
	{ "handshakes", "Handshakes", true },
	{ "retiring", "Retiring", false },
};

static void listen_row(struct table *t, const struct listener_info *l)
{
	table_str(t, l->name);
	table_str(t, word_side(l->side));
	table_str(t, word_transport(l->transport));
	table_addr(t, &l->addr);
	table_num(t, (int64_t)l->connections);
	table_num(t, (int64_t)l->handshakes);
	table_bool(t, l->retiring);
}

int show_connections(struct table *t, const struct show *s)
{
	enum conf_transport what = wanted(s);
	size_t n = count_conns(s, what), shaking = 0;

	for (size_t i = 0; i < s->query->nlisteners; i++)
		if (s->query->listeners[i].transport == what)
			shaking += s->query->listeners[i].handshakes;
	table_block(t, "summary", NULL);
	table_pair_num(t, "active", "Total active connections", (int64_t)n);
	table_pair_num(
		t, "handshakes", "Handshakes under way", (int64_t)shaking);
	table_note(t, "%s", "");
	table_rows(t, "listeners",
		"-------------- SIP Transport Layer Listen Sockets ---------------",
		listen_cols, ARRAY_SIZE(listen_cols));
	for (size_t i = 0; i < s->query->nlisteners; i++)
		if (s->query->listeners[i].transport == what)
			listen_row(t, &s->query->listeners[i]);
	return 0;
}

int show_connections_detail(struct table *t, const struct show *s)
{
	enum conf_transport what = wanted(s);
	int err = show_connections(t, s);

	table_note(t, "%s", "");
	table_rows(t, "connections",
		"--------- Printing Detailed Connection Report ---------",
		conn_cols, ARRAY_SIZE(conn_cols));
	for (size_t i = 0; i < s->query->nconns; i++)
		if (s->query->conns[i].transport == what)
			conn_row(t, &s->query->conns[i]);
	return err;
}

static const char *registrar_text(const struct conf *c)
{
	switch (c->ua.registrar) {
	case CONF_REG_NONE:
		return "none";
	case CONF_REG_EMBEDDED:
		return "embedded";
	case CONF_REG_HOST:
		return c->ua.registrar_host;
	}
	return "none";
}

int show_sip_status(struct table *t, const struct show *s)
{
	const struct conf *c = s->conf;

	table_block(t, "user_agent", "SIP User Agent Status");
	table_pair(t, "registrar", "Registrar", registrar_text(c));
	table_pair(t, "srtp", "SRTP policy", word_srtp(c->voip.srtp));
	table_pair_fmt(t, "rtp_ports", "RTP port range", "%u-%u",
		c->voip.rtp_min, c->voip.rtp_max);
	table_pair_num(t, "inactivity_s", "Media inactivity seconds",
		c->voip.inactivity_seconds);
	table_pair_num(t, "calls", "Calls", (int64_t)s->query->usage.calls);
	table_pair_num(t, "registrations", "Registrations",
		(int64_t)s->query->usage.registrations);
	table_pair_num(t, "subscriptions", "Subscriptions",
		(int64_t)s->query->usage.subscriptions);
	table_note(t, "%s", "");
	table_rows(t, "listeners", "Listeners", listen_cols,
		ARRAY_SIZE(listen_cols));
	for (size_t i = 0; i < s->query->nlisteners; i++)
		listen_row(t, &s->query->listeners[i]);
	return 0;
}

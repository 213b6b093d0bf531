/* show dial-peer voice: the routes as configured, defaults filled in. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "show/keepalive_state.h"
#include "show/show_int.h"
#include "show/view.h"

const char *word_srtp(enum conf_srtp s)
{
	switch (s) {
	case CONF_SRTP_INHERIT:
		return "inherit";
	case CONF_SRTP_OFF:
		return "off";
	case CONF_SRTP_REQUIRED:
		return "required";
	case CONF_SRTP_FALLBACK:
		return "fallback";
	case CONF_SRTP_PASS_THRU:
		return "pass-thru";
	}
	return "?";
}

static const struct table_col peer_cols[] = {
	{ "tag", "TAG", true },
	{ "type", "TYPE", false },
	{ "admin", "ADMIN", false },
	{ "keepalive", "KEEPALIVE", false },
	{ "destination", "DEST-PATTERN", false },
	{ "preference", "PREF", true },
	{ "target", "SESS-TARGET", false },
	{ "transport", "TRANSPORT", false },
	{ "srtp", "SRTP", false },
	{ "current", "CALLS", true },
	{ "description", "DESCRIPTION", false },
};

/* As it is written behind "session target". free() it. */
static char *target_text(const struct conf_dial_peer *p)
{
	struct text t = { 0 };

	if (p->target == CONF_TARGET_REGISTRAR)
		text_add(&t, SLICE_LIT("registrar"));
	if (p->target == CONF_TARGET_SERVER)
		text_add(&t, SLICE_LIT("sip-server"));
	if (p->target == CONF_TARGET_GROUP)
		text_printf(&t, "server-group %u", p->servers->tag);
	if (p->target == CONF_TARGET_HOST)
		text_printf(&t, "%s:%s",
			!addr_is_set(&p->target_addr)		  ? "dns"
			: p->target_addr.sa.sa_family == AF_INET6 ? "ipv6"
								  : "ipv4",
			p->target_host);
	if (p->target == CONF_TARGET_HOST && p->target_port != 0)
		text_printf(&t, ":%u", p->target_port);
	return text_take(&t);
}

static const char *transport_text(const struct conf_dial_peer *p)
{
	return p->transport_set ? word_transport(p->transport) : NULL;
}

static int to_tag(const void *key, const void *row)
{
	const unsigned *tag = key;
	const struct tally *one = row;

	return (*tag > one->tag) - (*tag < one->tag);
}

/* All zero, where nothing is known of it yet. */
static const struct tally *tally_row(const struct show *s, unsigned tag)
{
	static const struct tally none;
	const struct tally *found =
		s->query->ntallies == 0
			? NULL
			: bsearch(&tag, s->query->tallies, s->query->ntallies,
				  sizeof(none), to_tag);

	return found != NULL ? found : &none;
}

static void peer_row(
	struct table *t, const struct show *s, const struct conf_dial_peer *p)
{
	const struct tally *tally = tally_row(s, p->tag);
	const struct conf *c = s->conf;
	char *target = target_text(p);

	table_num(t, p->tag);
	table_str(t, "voip");
	table_str(t, p->shutdown ? "down" : "up");
	table_str(t, keepalive_state(s->query, c, p));
	table_str(t, p->destination);
	table_num(t, p->preference);
	table_str(t, target);
	table_str(t, transport_text(p));
	table_str(t, word_srtp(conf_peer_srtp(c, p)));
	table_num(t, tally->current);
	table_str(t, p->description);
	free(target);
}

int show_dial_peer_summary(struct table *t, const struct show *s)
{
	table_rows(t, "dial_peers", "dial-peer hunt: longest match, preference",
		peer_cols, ARRAY_SIZE(peer_cols));
	for (const struct conf_dial_peer *p = s->conf->dial_peers; p;
		p = p->next)
		peer_row(t, s, p);
	return 0;
}

static void tag_pair(
	struct view *v, const char *key, const char *label, const unsigned *tag)
{
	char text[16] = "";

	if (tag != NULL)
		snprintf(text, sizeof(text), "%u", *tag);
	view_str(v, key, label, tag != NULL ? text : NULL);
}

/* What else than a pattern leads here, or comes in here. */
static void peer_conditions(struct view *v, const struct conf_dial_peer *p)
{
	static const struct {
		const char *key, *label;
	} uris[] = {
		[CONF_URI_VIA] = { "incoming_uri_via", "incoming uri via" },
		[CONF_URI_REQUEST] = { "incoming_uri_request",
			"incoming uri request" },
		[CONF_URI_TO] = { "incoming_uri_to", "incoming uri to" },
		[CONF_URI_FROM] = { "incoming_uri_from", "incoming uri from" },
	};

	tag_pair(v, "destination_map", "destination e164-map",
		p->destination_map ? &p->destination_map->tag : NULL);
	view_str(v, "destination_uri", "destination uri",
		p->destination_uri ? p->destination_uri->name : NULL);
	tag_pair(v, "destination_dpg", "destination dpg",
		p->group ? &p->group->tag : NULL);
	tag_pair(v, "incoming_called_map", "incoming called map",
		p->incoming_called_map ? &p->incoming_called_map->tag : NULL);
	view_str(v, "answer_address", "answer-address", p->incoming_calling);
	tag_pair(v, "incoming_calling_map", "incoming calling map",
		p->incoming_calling_map ? &p->incoming_calling_map->tag : NULL);
	for (size_t i = 0; i < CONF_URI_COUNT; i++)
		view_str(v, uris[i].key, uris[i].label,
			p->incoming_uri[i] ? p->incoming_uri[i]->name : NULL);
	tag_pair(v, "tenant", "tenant", p->tenant ? &p->tenant->tag : NULL);
}

static void peer_routing(
	struct view *v, const struct conf *c, const struct conf_dial_peer *p)
{
	const struct conf_proxy *proxy = conf_peer_proxy(c, p);
	char *target = target_text(p);

	view_num(v, "tag", "tag", p->tag);
	view_str(v, "description", "description", p->description);
	view_bool(v, "shutdown", "Admin state", p->shutdown, "down", "up");
	view_str(v, "destination", "destination-pattern", p->destination);
	view_str(v, "incoming_called", "incoming called-number",
		p->incoming_called);
	view_str(v, "incoming_listener", "incoming listener",
		p->incoming_listener ? p->incoming_listener->name : NULL);
	peer_conditions(v, p);
	view_num(v, "preference", "preference", p->preference);
	view_bool(
		v, "huntstop", "huntstop", p->huntstop, "enabled", "disabled");
	view_num(v, "max_conn", "max-conn", p->max_calls);
	view_str(v, "target", "session-target", target);
	view_str(v, "outbound_proxy", "outbound-proxy",
		proxy != NULL ? proxy->to.host : NULL);
	view_str(v, "transport", "session-transport", transport_text(p));
	view_str(v, "bind", "bind", p->bind ? p->bind->name : NULL);
	view_str(v, "trustpoint", "trustpoint",
		p->trustpoint ? p->trustpoint->name : NULL);
	view_str(v, "peer_certificate_name", "peer certificate name",
		p->peer_name);
	view_str(v, "translation_in", "translation-profile incoming",
		p->xlate_in ? p->xlate_in->name : NULL);
	view_str(v, "translation_out", "translation-profile outgoing",
		p->xlate_out ? p->xlate_out->name : NULL);
	view_str(v, "call_block", "call-block incoming",
		p->block ? p->block->name : NULL);
	view_num(v, "ring_seconds", "ring seconds", p->ring_seconds);
	free(target);
}

static void codec_list(struct view *v, const struct conf_codec_class *cc)
{
	struct text t = { 0 };

	for (size_t i = 0; cc != NULL && i < cc->n; i++)
		text_printf(&t, "%s%s", i > 0 ? " " : "",
			cc->entry[i].codec->ios_name);
	view_str(v, "codecs", "codec preference",
		cc != NULL ? t.p : "all known");
	text_free(&t);
}

static void suite_list(struct view *v, const struct conf_crypto_class *cc)
{
	struct text t = { 0 };

	for (size_t i = 0; cc != NULL && i < cc->n; i++)
		text_printf(&t, "%s%s", i > 0 ? " " : "",
			conf_suite_name(cc->entry[i].suite));
	view_str(v, "suites", "srtp-crypto preference",
		cc != NULL ? t.p : "default order");
	text_free(&t);
}

static void peer_calls(struct view *v, const struct tally *one)
{
	static const char *const labels[TALLY_ENDS] = {
		[TALLY_BUSY] = "Failed: busy",
		[TALLY_NO_ANSWER] = "Failed: no answer",
		[TALLY_REJECTED] = "Failed: rejected",
		[TALLY_NO_ROUTE] = "Failed: no route",
		[TALLY_RESOURCES] = "Failed: resources",
		[TALLY_MEDIA] = "Failed: media",
		[TALLY_CANCELLED] = "Failed: cancelled",
		[TALLY_OTHER] = "Failed: other",
	};
	char key[32];

	view_num(v, "current", "Current Calls", one->current);
	view_num(v, "calls_in", "Incoming Calls", (int64_t)one->in);
	view_num(v, "calls_out", "Outgoing Calls", (int64_t)one->out);
	view_num(v, "answered", "Successful Calls", (int64_t)one->answered);
	view_num(v, "seconds", "Connect Time", (int64_t)one->seconds);
	for (size_t i = 0; i < TALLY_ENDS; i++) {
		(void)snprintf(
			key, sizeof(key), "failed_%s", tally_end_names[i]);
		view_num(v, key, labels[i], (int64_t)one->failed[i]);
	}
	view_num(v, "refused_max_conn", "Refused Calls", (int64_t)one->full);
	view_num(v, "last_cause", "Last Disconnect Cause", one->last_q850);
}

static void peer_full(
	struct table *t, const struct show *s, const struct conf_dial_peer *p)
{
	const struct conf *c = s->conf;
	struct view v = view_begin(t, "dial_peers", " = ", 24);

	view_line(&v, "VoiceOverIpPeer%u", p->tag);
	peer_routing(&v, s->conf, p);
	view_str(&v, "keepalive", "options-keepalive",
		keepalive_state(s->query, c, p));
	codec_list(&v, p->codecs);
	view_str(&v, "srtp", "SRTP", word_srtp(conf_peer_srtp(c, p)));
	view_bool(&v, "srtp_inherited", NULL, p->srtp == CONF_SRTP_INHERIT, "",
		"");
	suite_list(&v, conf_peer_cryptos(p));
	view_bool(&v, "insecure_sdes", "keys without TLS", p->insecure_sdes,
		"allowed", "refused");
	view_bool(&v, "latch_once", "plain RTP latching", p->latch_once,
		"first source", "off");
	peer_calls(&v, tally_row(s, p->tag));
	view_line(&v, "%s", "");
	view_end(&v);
}

int show_dial_peers(struct table *t, const struct show *s)
{
	view_array(t, "dial_peers");
	for (const struct conf_dial_peer *p = s->conf->dial_peers; p;
		p = p->next)
		peer_full(t, s, p);
	return 0;
}

int show_dial_peer(struct table *t, const struct show *s)
{
	const struct conf_dial_peer *p;
	uint64_t tag;

	view_array(t, "dial_peers");
	if (slice_uint(s->match->arg[0], CONF_TAG_MAX, &tag) != 0)
		tag = 0;
	p = conf_find_dial_peer(s->conf, (unsigned)tag);
	if (p == NULL) {
		table_note(t, "%% There is no dial-peer %.*s",
			SLICE_ARG(s->match->arg[0]));
		return ENOENT;
	}
	peer_full(t, s, p);
	return 0;
}

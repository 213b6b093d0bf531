/* The sections of the language: which tables, which struct, which list. */
#include <stdlib.h>

#include "conf/conf_int.h"
#include "conf/cmds_ctl.h"
#include "conf/identity.h"
#include "conf/regex.h"
#include "conf/xlate.h"

static void free_trustpoint(void *section)
{
	struct conf_trustpoint *t = section;

	free(t->name);
	free(t->description);
	free(t->cert_file);
	free(t->key_file);
	free(t->ca_file);
	free(t->crl_url);
	free(t->ocsp_url);
	free(t->key_url);
	free(t->key_pin_file);
	free(t->url);
	free(t->ca_identifier);
	free(t->username);
	free(t->source_interface);
	secret_free(&t->password);
	free(t->password_file);
	free(t->subject_name);
	free(t->fqdn);
	free(t->serial_number);
	for (size_t i = 0; i < t->nsans; i++)
		free(t->san[i]);
	free(t->key_label);
	free(t->state_directory);
	free(t->hostname);
	free(t->master_key_file);
	free(t->master_key_credential);
	free(t);
}

static void free_pki_server(void *section)
{
	struct conf_pki_server *s = section;

	free(s->name);
	free(s->issuer_name);
	free(s->database);
	secret_free(&s->password);
	free(s->cdp_url);
	free(s->ocsp_url);
	free(s);
}

static void free_id_class(void *section)
{
	struct conf_id_class *k = section;

	for (size_t i = 0; i < k->n; i++)
		id_rule_free(&k->rule[i]);
	free(k->rule);
	free(k->description);
	free(k);
}

static void free_listener(void *section)
{
	struct conf_listener *l = section;

	free(l->name);
	free(l->description);
	free(l->client_names);
	free(l);
}

static void free_dial_peer(void *section)
{
	struct conf_dial_peer *d = section;

	free(d->description);
	free(d->destination);
	auths_free(&d->auths);
	caller_free(&d->caller);
	outbound_free(&d->outbound);
	free(d->incoming_called);
	free(d->incoming_calling);
	free(d->target_host);
	free(d->peer_name);
	free(d->server_names);
	free(d->cucm);
	free(d->ringback_file);
	free(d);
}

static void free_ctl_file(void *section)
{
	struct conf_ctl_file *c = section;

	for (size_t i = 0; i < c->n; i++)
		free(c->entry[i].name);
	for (size_t i = 0; i < c->nimports; i++)
		ctl_import_free(&c->import[i]);
	for (size_t i = 0; i < c->nservers; i++)
		ctl_server_free(&c->server[i]);
	free(c->name);
	free(c->description);
	free(c);
}

static void free_moh_group(void *section)
{
	struct conf_moh_group *m = section;

	free(m->description);
	free(m->file);
	free(m);
}

static void free_announcement(void *section)
{
	struct conf_announcement *a = section;

	for (size_t i = 0; i < a->n; i++)
		free(a->row[i].file);
	free(a->description);
	free(a->file);
	free(a);
}

static void free_recorder(void *section)
{
	struct conf_recorder *r = section;

	free(r->description);
	free(r);
}

static void free_media_class(void *section)
{
	struct conf_media_class *c = section;

	free(c->description);
	free(c);
}

static void free_dspfarm(void *section)
{
	struct conf_dspfarm *d = section;

	free(d->description);
	free(d);
}

static void free_phone_proxy(void *section)
{
	struct conf_phone_proxy *x = section;

	for (size_t i = 0; i < x->ntftps; i++)
		free(x->tftp[i].host);
	for (size_t i = 0; i < x->nfiles; i++) {
		free(x->file[i].path);
		free(x->file[i].alias);
	}
	for (size_t i = 0; i < x->nphones; i++)
		free(x->phone[i].cert_file);
	free(x->phone);
	free(x->name);
	free(x->description);
	free(x);
}

static void free_xlate_rules(void *section)
{
	struct conf_xlate_rules *x = section;

	for (size_t i = 0; i < x->n; i++)
		xlate_rule_free(&x->rule[i]);
	free(x->rule);
	free(x->description);
	free(x);
}

static void free_xlate_profile(void *section)
{
	struct conf_xlate_profile *x = section;

	free(x->name);
	free(x);
}

static void free_e164_map(void *section)
{
	struct conf_e164_map *m = section;

	for (size_t i = 0; i < m->n; i++)
		free(m->pattern[i]);
	free(m->pattern);
	free(m->url);
	free(m->description);
	free(m);
}

static void free_uri_class(void *section)
{
	struct conf_uri_class *u = section;

	for (size_t i = 0; i < u->nhosts; i++) {
		free(u->host[i].text);
		regex_free(u->host[i].code);
	}
	regex_free(u->pattern_code);
	regex_free(u->user_code);
	free(u->pattern);
	free(u->user);
	free(u->name);
	free(u->description);
	free(u);
}

static void free_server_group(void *section)
{
	struct conf_server_group *g = section;

	for (size_t i = 0; i < g->n; i++)
		free(g->server[i].to.host);
	free(g->description);
	free(g);
}

static void free_dpg(void *section)
{
	struct conf_dpg *g = section;

	free(g->description);
	free(g);
}

static void free_interface(void *section)
{
	struct conf_interface *i = section;

	free(i->name);
	free(i->description);
	free(i);
}

static void free_sip_profile(void *section)
{
	struct conf_sip_profile *p = section;

	for (size_t i = 0; i < p->n; i++)
		sip_rule_free(&p->rule[i]);
	free(p->rule);
	free(p->description);
	free(p);
}

static void free_keepalive(void *section)
{
	struct conf_keepalive_class *k = section;

	free(k->description);
	free(k);
}

static void free_tls_profile(void *section)
{
	struct conf_tls_profile *t = section;

	for (size_t i = 0; i < CONF_CN_SANS_MAX; i++)
		free(t->name[i]);
	free(t->description);
	free(t);
}

static void free_tenant(void *section)
{
	struct conf_tenant *t = section;

	free(t->server.host);
	free(t->registrar.to.host);
	free(t->registrar.peer_name);
	free(t->registrar.server_names);
	auths_free(&t->auths);
	caller_free(&t->caller);
	outbound_free(&t->outbound);
	free(t->description);
	free(t);
}

/* clang-format off */
#define TABLES(...) (const struct cmd *const[]){ __VA_ARGS__, common_cmds, NULL }
#define LIST(type, member, id_member) \
	.size = sizeof(struct type), .list = offsetof(struct conf, member), \
	.id = offsetof(struct type, id_member)

const struct mode modes[M_COUNT] = {
	[M_GLOBAL] = { "Global commands", "Sections, and what concerns the "
		"daemon as a whole.",
		.tables = TABLES(system_cmds, pki_cmds, http_cmds, voice_class_cmds,
			limit_global_cmds, accounting_global_cmds, name_cmds,
			bind_global_cmds, keepalive_global_cmds, tls_global_cmds, profile_global_cmds, number_global_cmds, route_global_cmds,
			listener_global_cmds, voip_global_cmds,
			ua_global_cmds, dial_peer_global_cmds,
			ctl_global_cmds, phone_proxy_global_cmds,
			capf_global_cmds, dspfarm_global_cmds, sound_global_cmds,
			recording_global_cmds,
			foreign_cmds) },
	[M_TRUSTPOINT] = { "crypto pki trustpoint NAME",
		"Certificates that belong together: ours with its key, and "
		"the authorities that may have issued a peer's.",
		.tables = TABLES(trustpoint_cmds, revoke_cmds),
		LIST(conf_trustpoint, trustpoints, name),
		.free = free_trustpoint },
	[M_PKI_SERVER] = { "crypto pki server NAME",
		"A certification authority of our own, or a registration "
		"authority in front of another.",
		.tables = TABLES(pki_server_cmds),
		LIST(conf_pki_server, pki_servers, name),
		.free = free_pki_server },
	[M_CODEC_CLASS] = { "voice class codec N",
		"A list of codecs for dial-peers to name.",
		.tables = TABLES(codec_class_cmds),
		LIST(conf_codec_class, codec_classes, tag), .by_tag = true, .free = free },
	[M_CRYPTO_CLASS] = { "voice class srtp-crypto N",
		"A list of SRTP crypto suites for dial-peers to name.",
		.tables = TABLES(crypto_class_cmds),
		LIST(conf_crypto_class, crypto_classes, tag), .by_tag = true, .free = free },
	[M_ID_CLASS] = { "voice class phone-identity N",
		"Rules that tell from a certificate which phone it is and "
		"which line it may register.",
		.tables = TABLES(id_class_cmds),
		LIST(conf_id_class, id_classes, tag), .by_tag = true, .free = free_id_class },
	[M_LISTENER] = { "sip-listener NAME",
		"An address, port and transport where SIP is spoken, with "
		"phones (access) or with the call manager (core).",
		.tables = TABLES(listener_cmds, listener_tls_cmds,
			listener_qos_cmds),
		LIST(conf_listener, listeners, name), .free = free_listener },
	[M_VOIP] = { "voice service voip",
		"What holds for all calls.",
		.tables = TABLES(voip_cmds, voip_trusted_cmds,
			voip_limit_cmds, voip_sound_cmds) },
	[M_VOIP_SIP] = { "voice service voip, sip",
		"What holds for SIP in all calls.", .parent = M_VOIP,
		.tables = TABLES(voip_sip_cmds, voip_bind_cmds,
			voip_proxy_cmds, voip_session_cmds,
			voip_profile_cmds, sip_trusted_cmds,
			sip_caller_cmds) },
	[M_TRUSTED] = { "voice service voip, ip address trusted list",
		"Who may call on the core side, besides the targets of "
		"dial-peers and registrars.", .parent = M_VOIP,
		.tables = TABLES(trusted_cmds) },
	[M_UA] = { "sip-ua",
		"What we are towards the call manager.",
		.tables = TABLES(ua_cmds, ua_proxy_cmds, ua_tls_cmds, ua_remote_cmds, ua_caller_cmds, ua_retry_cmds,
			ua_trunk_cmds) },
	[M_DIAL_PEER] = { "dial-peer voice N voip",
		"Which calls go where, and how each side of a call is "
		"protected.",
		.tables = TABLES(dial_peer_cmds, peer_bind_cmds,
			peer_proxy_cmds, peer_session_cmds,
			peer_profile_cmds, peer_qos_cmds,
			peer_keepalive_cmds, peer_recording_cmds,
			peer_trunk_cmds, peer_sound_cmds,
			peer_caller_cmds),
		LIST(conf_dial_peer, dial_peers, tag), .by_tag = true, .free = free_dial_peer },
	[M_CTL_FILE] = { "voice-ctl-file NAME",
		"Trust lists (CTL, ITL): which certificates phones believe, "
		"and for what.",
		.tables = TABLES(ctl_file_cmds, ctl_common_cmds),
		LIST(conf_ctl_file, ctl_files, name), .free = free_ctl_file },
	[M_CTL_CLIENT] = { "ctl-client",
		"The trust list of several boxes that phones move between, in "
		"CME's words: this one makes it, and asks the others for "
		"their certificates. A phone proxy serves it with `ctl-file "
		"ctl-client`.",
		.tables = TABLES(ctl_client_cmds, ctl_common_cmds),
		LIST(conf_ctl_file, ctl_files, name), .free = free_ctl_file,
		.only = CONF_CTL_CLIENT },
	[M_CREDENTIALS] = { "credentials",
		"Where the box that makes the trust list asks for this one's "
		"certificates. A protocol of Lineside's own: it does not "
		"speak with IOS.",
		.tables = TABLES(credentials_cmds) },
	[M_PHONE_PROXY] = { "voice-phone-proxy NAME",
		"What phones outside boot from: the call manager's files, "
		"rewritten to name us instead of it, and signed.",
		.tables = TABLES(phone_proxy_cmds, phone_policy_cmds),
		LIST(conf_phone_proxy, phone_proxies, name),
		.free = free_phone_proxy },
	[M_CAPF] = { "capf-server",
		"The CAPF server: gives phones their certificates (LSC), "
		"shows or removes them.",
		.tables = TABLES(capf_cmds) },
	[M_TVS] = { "tvs-server",
		"The trust verification service: phones ask it about "
		"certificates that are not in their lists. To have the call "
		"manager's answer instead, leave it out and relay the port "
		"with `service-map`.",
		.tables = TABLES(tvs_cmds) },
	[M_MOH_GROUP] = { "voice moh-group N",
		"A sound that who is put on hold hears.",
		.tables = TABLES(moh_cmds),
		LIST(conf_moh_group, moh_groups, tag), .by_tag = true,
		.free = free_moh_group },
	[M_ANNOUNCEMENT] = { "voice class announcement N",
		"What callers hear before they are refused, by the status of "
		"the refusal.",
		.tables = TABLES(announcement_cmds),
		LIST(conf_announcement, announcements, tag), .by_tag = true,
		.free = free_announcement },
	[M_RECORDER] = { "media profile recorder N",
		"Where calls are recorded: recorders that speak SIPREC (RFC "
		"7866), each behind a dial-peer.",
		.tables = TABLES(recorder_cmds),
		LIST(conf_recorder, recorders, tag), .by_tag = true,
		.free = free_recorder },
	[M_MEDIA_CLASS] = { "media class N",
		"What is done with the media of calls whose dial-peer names "
		"it: they are recorded.",
		.tables = TABLES(media_class_cmds),
		LIST(conf_media_class, media_classes, tag), .by_tag = true,
		.free = free_media_class },
	[M_DSPFARM] = { "dspfarm profile N transcode [universal] [security]",
		"Transcoders: what joins the two sides of a call when they "
		"have no codec in common.",
		.tables = TABLES(dspfarm_cmds),
		LIST(conf_dspfarm, dspfarms, tag), .by_tag = true,
		.free = free_dspfarm },
	[M_XLATE_RULES] = { "voice translation-rule N",
		"How numbers are rewritten: the first rule that matches does "
		"it.",
		.tables = TABLES(xlate_rules_cmds),
		LIST(conf_xlate_rules, xlate_rules, tag), .by_tag = true,
		.free = free_xlate_rules },
	[M_XLATE_PROFILE] = { "voice translation-profile NAME",
		"Which rules rewrite which number of a call.",
		.tables = TABLES(xlate_profile_cmds),
		LIST(conf_xlate_profile, xlate_profiles, name),
		.free = free_xlate_profile },
	[M_E164_MAP] = { "voice class e164-pattern-map N",
		"A list of dial patterns for dial-peers to name.",
		.tables = TABLES(e164_map_cmds),
		LIST(conf_e164_map, e164_maps, tag), .by_tag = true,
		.free = free_e164_map },
	[M_URI_CLASS] = { "voice class uri NAME sip",
		"What a URI must be for a dial-peer to match.",
		.tables = TABLES(uri_class_cmds),
		LIST(conf_uri_class, uri_classes, name),
		.free = free_uri_class },
	[M_SERVER_GROUP] = { "voice class server-group N",
		"Servers that take the same calls, in their order.",
		.tables = TABLES(server_group_cmds),
		LIST(conf_server_group, server_groups, tag), .by_tag = true,
		.free = free_server_group },
	[M_DPG] = { "voice class dpg N",
		"Dial-peers that calls go to because of where they came in.",
		.tables = TABLES(dpg_cmds),
		LIST(conf_dpg, dpgs, tag), .by_tag = true, .free = free_dpg },
	[M_INTERFACE] = { "interface NAME",
		"A name for an address of this host, as CUBE's `bind` wants "
		"it.",
		.tables = TABLES(interface_cmds),
		LIST(conf_interface, interfaces, name),
		.free = free_interface },
	[M_TENANT] = { "voice class tenant N",
		"What several dial-peers have in common.",
		.tables = TABLES(tenant_cmds, tenant_proxy_cmds,
			tenant_session_cmds, tenant_profile_cmds,
			tenant_tls_cmds, tenant_trunk_cmds, tenant_caller_cmds),
		LIST(conf_tenant, tenants, tag), .by_tag = true,
		.free = free_tenant },
	[M_SIP_PROFILE] = { "voice class sip-profiles N",
		"Changes of headers and SDP lines, in messages that are sent "
		"or received.",
		.tables = TABLES(sip_profile_cmds),
		LIST(conf_sip_profile, sip_profiles, tag), .by_tag = true,
		.free = free_sip_profile },
	[M_KEEPALIVE] = { "voice class sip-options-keepalive N",
		"How dial-peers ask their targets whether they live.",
		.tables = TABLES(keepalive_cmds),
		LIST(conf_keepalive_class, keepalive_classes, tag),
		.by_tag = true, .free = free_keepalive },
	[M_TLS_PROFILE] = { "voice class tls-profile N",
		"How TLS is spoken: which certificate is shown, and which "
		"names the far ends' certificates must have.",
		.tables = TABLES(tls_profile_cmds),
		LIST(conf_tls_profile, tls_profiles, tag), .by_tag = true,
		.free = free_tls_profile },
	[M_ACCOUNTING] = { "gw-accounting file",
		"A record of each call, as a line of JSON in a file.",
		.tables = TABLES(accounting_cmds) },
	[M_SKIP] = { "a section that is not carried", "",
		.tables = TABLES(common_cmds) },
};
/* clang-format on */

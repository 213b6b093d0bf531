/* Tables of the show commands. Pure: what they print comes in struct show. */
#ifndef LINESIDE_SHOW_H
#define LINESIDE_SHOW_H

#include "command.h"

/* show_calls.c, show_sip_calls.c */
show_fn show_call_voice, show_call_voice_brief, show_call_summary;
show_fn show_call_voice_stats;
show_fn show_rtp_connections, show_sip_calls;
/* show_media.c */
show_fn show_media_workers, show_call_threshold, show_captures;
/* show_recording.c */
show_fn show_recordings;
show_fn show_call_oneway;
show_fn show_call_ringing;
show_fn show_subscriptions;
/* show_dspfarm.c */
show_fn show_dspfarm_profile, show_dspfarm_active, show_dspfarm_all;
/* show_sip.c */
show_fn show_hosts;
show_fn show_registrations, show_connections, show_connections_detail;
show_fn show_sip_status;
/* show_peer.c */
show_fn show_dial_peers, show_dial_peer_summary, show_dial_peer;
/* show_keepalive.c */
show_fn show_trusted;
show_fn show_keepalives, show_keepalive;
/* show_trunk.c */
show_fn show_trunks;
/* show_pki.c */
show_fn show_certificates, show_certificates_verbose, show_trustpoints,
	show_horizon;
/* show_proxy.c */
show_fn show_phone_proxies, show_ctl_files, show_phones, show_phone_timeline;
show_fn show_phone_certs;
/* show_ctl.c */
show_fn show_ctl_client, show_credentials;
/* show_capf.c */
show_fn show_capf_summary, show_capf_strings, show_capf_sessions;
show_fn show_tvs, show_relays;
/* show_explain.c */
show_fn show_explain, show_explain_listener, show_explain_source;
show_fn show_explain_both, show_translation_test;
/* show_system.c */
show_fn show_version, show_counters, show_logging, show_reload;
show_fn show_messages, show_debugging, show_memory;
void show_reload_result(struct table *t, const struct reload_result *r);
show_text_fn show_running_config;
/* metrics.c */
show_text_fn show_metrics;

/* version.c: "lineside 0.1.0" and the libraries with their backends. */
void version_table(struct table *t);

#endif

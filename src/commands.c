/* The operator's commands, all of them. */
#include "command.h"
#include "show/show.h"

#define TOPIC(w, h)                                                            \
	{                                                                      \
		{ w, h, true }, .kind = COMMAND_TOPIC                          \
	}
#define SHOW(w, h, a, f)                                                       \
	{                                                                      \
		{ w, h, false }, .kind = COMMAND_SHOW, .ask = (a), .show = (f) \
	}
#define ASK_CA(w, h, v)                                                        \
	{                                                                      \
		{ w, h, false }, .kind = COMMAND_CA, .verb = (v)               \
	}
#define DEBUGS(w, h, sw)                                                       \
	{ { "debug " w, h, false }, .kind = COMMAND_DEBUG, .debug = (sw),      \
		.on = true },                                                  \
		{ { "undebug " w, h, false }, .kind = COMMAND_DEBUG,           \
			.debug = (sw) },                                       \
	{                                                                      \
		{ "no debug " w, h, false }, .kind = COMMAND_DEBUG,            \
					     .debug = (sw)                     \
	}

#define CAPTURE(w, h)                                                          \
	{                                                                      \
		{ w, h, false }, .kind = COMMAND_CAPTURE, .ask = CALLS         \
	}
#define CAPF(w, h, v)                                                          \
	{                                                                      \
		{ "capf-server " w, h, false }, .kind = COMMAND_CAPF,          \
						.capf = (v)                    \
	}

enum {
	CALLS = B2BUA_CALLS,
	REGS = B2BUA_REGISTRATIONS,
	CONNS = B2BUA_CONNECTIONS | B2BUA_LISTENERS,
	LISTENERS = B2BUA_LISTENERS,
	CERTS = B2BUA_TRUSTPOINTS,
	FARM = B2BUA_DSPFARM,
	ALIVE = B2BUA_KEEPALIVES,
	PEERS = B2BUA_KEEPALIVES | B2BUA_PEERS,
	HOSTS = B2BUA_HOSTS,
	USAGE = B2BUA_USAGE,
};

/* clang-format off */
const struct command commands[] = {
	TOPIC("show", "Show what is configured and what goes on"),
	TOPIC("show call", "Calls"),
	TOPIC("show call active", "Calls that are up or being set up"),
	SHOW("show call active voice", "Every particular of each leg", CALLS, show_call_voice),
	SHOW("show call active voice brief", "A few lines for each leg, SRTP on or off", CALLS, show_call_voice_brief),
	SHOW("show call active voice stats", "Loss, jitter, delay and MOS of each leg, both ways", CALLS, show_call_voice_stats),
	SHOW("show call summary", "A line for each call", CALLS, show_call_summary),
	SHOW("show call ringing", "Calls that nobody has answered yet: which phones ring, and what each said", B2BUA_RINGS, show_call_ringing),
	SHOW("show call one-way", "Streams that went one way lately, and why", B2BUA_ONEWAYS, show_call_oneway),
	TOPIC("show call threshold", "What new calls are refused by"),
	SHOW("show call threshold status", "How far each `call threshold` is from its marks", USAGE, show_call_threshold),
	TOPIC("show ip", "Addresses"),
	TOPIC("show ip address", "Addresses"),
	TOPIC("show ip address trusted", "Who is heard on the core side"),
	SHOW("show ip address trusted list", "Addresses that are heard on the core side, and why", B2BUA_TRUSTED, show_trusted),
	TOPIC("show voip", "Media"),
	TOPIC("show voip rtp", "RTP and SRTP streams"),
	SHOW("show voip rtp connections", "Ports and addresses of the streams", CALLS, show_rtp_connections),
	SHOW("show voip rtp workers", "Load of the media threads", 0, show_media_workers),
	TOPIC("show voip recmsp", "Recorded media"),
	SHOW("show voip recmsp session", "Recordings of calls, as `show media-recording`", B2BUA_RECORDINGS, show_recordings),
	SHOW("show media-recording", "Recordings of calls: where to, how much, or why not", B2BUA_RECORDINGS, show_recordings),
	TOPIC("show sip-ua", "The SIP user agent"),
	SHOW("show sip-ua calls", "Dialogs, with the crypto suites of their streams", CALLS, show_sip_calls),
	SHOW("show sip-ua subscriptions", "Who is told of what: lamps, messages, presence, transfers", B2BUA_SUBSCRIPTIONS, show_subscriptions),
	SHOW("show sip-ua status", "Policy and listening sockets", LISTENERS, show_sip_status),
	SHOW("show sip-ua registrations", "Registered phones and their connections", REGS, show_registrations),
	TOPIC("show sip-ua registration", "Registered phones"),
	TOPIC("show sip-ua registration passthrough", "Registrations that went to the core"),
	SHOW("show sip-ua registration passthrough status", "Registered phones and their connections", REGS, show_registrations),
	TOPIC("show sip-ua register", "Our own registrations"),
	SHOW("show sip-ua register status", "Numbers of trunks that we register", B2BUA_TRUNKS, show_trunks),
	TOPIC("show sip-ua connections", "SIP connections"),
	TOPIC("show sip-ua connections tcp", "TCP, and TLS on it"),
	TOPIC("show sip-ua connections tcp tls", "TLS"),
	SHOW("show sip-ua connections tcp tls brief", "Totals and listening sockets", CONNS, show_connections),
	SHOW("show sip-ua connections tcp tls detail", "Each connection with its peer", CONNS, show_connections_detail),
	SHOW("show sip-ua connections tcp brief", "Totals and listening sockets", CONNS, show_connections),
	SHOW("show sip-ua connections tcp detail", "Each connection with its peer", CONNS, show_connections_detail),
	TOPIC("show sip", "SIP transport"),
	TOPIC("show sip connection", "SIP connections"),
	TOPIC("show sip connection tcp", "TCP, and TLS on it"),
	TOPIC("show sip connection tcp tls", "TLS"),
	SHOW("show sip connection tcp tls brief", "Totals and listening sockets", CONNS, show_connections),
	SHOW("show sip connection tcp tls detail", "Each connection with its peer", CONNS, show_connections_detail),
	SHOW("show sip connection tcp brief", "Totals and listening sockets", CONNS, show_connections),
	SHOW("show sip connection tcp detail", "Each connection with its peer", CONNS, show_connections_detail),
	SHOW("show sip-ua dns", "Names, the addresses they lead to, and which of these failed", HOSTS, show_hosts),
	SHOW("show hosts", "Names, the addresses they lead to, and which of these failed", HOSTS, show_hosts),
	SHOW("show registrations", "Registered phones and their connections", REGS, show_registrations),
	TOPIC("show dspfarm", "Transcoders"),
	SHOW("show dspfarm all", "Profiles and sessions", FARM | CALLS, show_dspfarm_all),
	SHOW("show dspfarm profile", "Each profile, and how many of its sessions are in use", FARM, show_dspfarm_profile),
	TOPIC("show dspfarm dsp", "Sessions"),
	SHOW("show dspfarm dsp active", "What is transcoded now", CALLS, show_dspfarm_active),
	TOPIC("show dial-peer", "Dial-peers"),
	SHOW("show dial-peer voice", "Every particular of each dial-peer, its calls", PEERS, show_dial_peers),
	SHOW("show dial-peer voice summary", "A line for each dial-peer", PEERS, show_dial_peer_summary),
	SHOW("show dial-peer voice <number>", "One dial-peer", PEERS, show_dial_peer),
	TOPIC("show voice", "What dial-peers refer to"),
	TOPIC("show voice class", "What dial-peers refer to"),
	SHOW("show voice class sip-options-keepalive", "Targets that are asked whether they live, and what they said", ALIVE, show_keepalives),
	SHOW("show voice class sip-options-keepalive <number>", "Those of one profile", ALIVE, show_keepalive),
	TOPIC("show crypto", "Keys and certificates"),
	TOPIC("show crypto pki", "Public key infrastructure"),
	SHOW("show crypto pki certificates", "Our certificates and the CAs we trust", CERTS, show_certificates),
	SHOW("show crypto pki certificates verbose", "With their extensions, and where they are kept", CERTS, show_certificates_verbose),
	SHOW("show crypto pki certificates verbose <name>", "Those of one trustpoint", CERTS, show_certificates_verbose),
	SHOW("show crypto pki certificates <name>", "Those of one trustpoint", CERTS, show_certificates),
	SHOW("show crypto pki trustpoints", "What each trustpoint holds", CERTS, show_trustpoints),
	SHOW("show crypto pki trustpoints status", "What each trustpoint holds", CERTS, show_trustpoints),
	SHOW("show crypto pki horizon", "Every certificate in play, by the days that are left", CERTS | B2BUA_CONNECTIONS, show_horizon),
	ASK_CA("show crypto pki server", "The CA or RA of our own", CA_SHOW),
	TOPIC("show crypto pki server <name>", "Its name"),
	ASK_CA("show crypto pki server <name> certificates", "What it issued and has not expired, the last 1000", CA_CERTIFICATES),
	TOPIC("pki", "Keys and certificates"),
	TOPIC("pki server", "The CA or RA of our own"),
	TOPIC("pki server <name>", "Its name"),
	ASK_CA("pki server <name> info", "Its state", CA_INFO),
	ASK_CA("pki server <name> info requests", "Requests that wait, with fingerprints", CA_REQUESTS),
	TOPIC("pki server <name> grant", "Have certificates issued"),
	ASK_CA("pki server <name> grant all", "For every request that waits, but those of CAs and RAs", CA_GRANT_ALL),
	ASK_CA("pki server <name> grant <number>", "For one request", CA_GRANT),
	TOPIC("pki server <name> reject", "Refuse requests"),
	ASK_CA("pki server <name> reject all", "Every one that waits", CA_REJECT_ALL),
	ASK_CA("pki server <name> reject <number>", "One", CA_REJECT),
	TOPIC("pki server <name> revoke", "Take a certificate back"),
	ASK_CA("pki server <name> revoke <name>", "Its serial number, hexadecimal", CA_REVOKE),
	ASK_CA("pki server <name> revoke <name> <name>", "The reason: keyCompromise, superseded, …", CA_REVOKE),
	TOPIC("pki server <name> password", "One-time passwords"),
	ASK_CA("pki server <name> password generate", "Grants one request within an hour", CA_PASSWORD),
	ASK_CA("pki server <name> password generate <number>", "Within so many minutes", CA_PASSWORD),
	ASK_CA("pki server <name> rollover", "Make the CA's next certificate", CA_ROLLOVER),
	SHOW("show voice-phone-proxy", "What phones boot from, and who does", 0, show_phone_proxies),
	SHOW("show voice-phone-proxy <name>", "One phone proxy", 0, show_phone_proxies),
	SHOW("show ctl-file", "The trust lists in force, record by record", 0, show_ctl_files),
	SHOW("show ctl-file <name>", "One trust list", 0, show_ctl_files),
	SHOW("show ctl-client", "The trust list of several boxes, and what each gave", 0, show_ctl_client),
	SHOW("show credentials", "Our certificates for the box that makes the trust list", 0, show_credentials),
	TOPIC("show phone", "Phones that boot from here"),
	SHOW("show phone summary", "A line for each phone", 0, show_phones),
	SHOW("show phone certificates", "The certificates that phones have, as last seen", 0, show_phone_certs),
	SHOW("show phone <name>", "Everything that happened to it, in order", REGS, show_phone_timeline),
	SHOW("show phone <name> timeline", "Everything that happened to it, in order", REGS, show_phone_timeline),
	TOPIC("show capf-server", "The CAPF server of our own"),
	SHOW("show capf-server summary", "How it is set up, and totals", 0, show_capf_summary),
	SHOW("show capf-server auth-string", "Phones with their authentication strings and what is planned", 0, show_capf_strings),
	SHOW("show capf-server sessions", "Sessions under way, and the last that ended", 0, show_capf_sessions),
	SHOW("show tvs-server", "The trust verification service of our own", 0, show_tvs),
	SHOW("show service-map", "Relays to CAPF and other services inside", 0, show_relays),
	TOPIC("capf-server", "The CAPF server of our own"),
	TOPIC("capf-server auth-string", "What users type at their phones"),
	TOPIC("capf-server auth-string generate", "Make one; the phone gets a certificate when it is typed"),
	CAPF("auth-string generate all", "For every phone that is known", CAPF_GENERATE_ALL),
	CAPF("auth-string generate <name>", "For a phone, like SEP001122334455", CAPF_GENERATE),
	CAPF("auth-string generate <name> <name>", "These 4 to 10 digits", CAPF_GENERATE),
	TOPIC("capf-server auth-string delete", "Take it back"),
	CAPF("auth-string delete all", "Of every phone", CAPF_STRING_DELETE_ALL),
	CAPF("auth-string delete <name>", "Of a phone", CAPF_STRING_DELETE),
	TOPIC("capf-server cert-oper", "What is done when a phone comes next"),
	CAPF("cert-oper upgrade <name>", "It gets a certificate", CAPF_PLAN_UPGRADE),
	CAPF("cert-oper fetch <name>", "It shows its certificate", CAPF_PLAN_FETCH),
	CAPF("cert-oper delete <name>", "It loses its certificate", CAPF_PLAN_DELETE),
	CAPF("cert-oper none <name>", "Nothing", CAPF_PLAN_NONE),
	SHOW("show counters", "Every counter with its meaning", 0, show_counters),
	SHOW("show debugging", "Which debug switches are on", 0, show_debugging),
	SHOW("show logging", "Where log lines go, and the recent ones", 0, show_logging),
	TOPIC("show memory", "Memory of the process"),
	SHOW("show memory statistics", "What the process takes, and how much of its heap is in use", 0, show_memory),
	SHOW("show messages", "The manual of all log messages", 0, show_messages),
	SHOW("show reload", "The last 20 reloads with every error", 0, show_reload),
	{ { "show running-config", "The configuration in force", false }, .kind = COMMAND_TEXT, .text = show_running_config },
	SHOW("show version", "Version, libraries, time since the start", 0, show_version),
	{ { "metrics", "Counters and gauges as OpenMetrics text", false }, .kind = COMMAND_TEXT,
		.ask = LISTENERS | B2BUA_PEERS, .text = show_metrics },
	TOPIC("explain", "What would happen"),
	TOPIC("explain call", "Which dial-peers a call would take, and why not the others"),
	SHOW("explain call <name> <name>", "From whom and to whom: numbers or SIP URIs", CALLS | REGS | ALIVE | B2BUA_TRUSTED, show_explain),
	SHOW("explain call <name> <name> listener <name>", "The sip-listener that it comes in on", CALLS | REGS | ALIVE | B2BUA_TRUSTED, show_explain_listener),
	SHOW("explain call <name> <name> source <name>", "The address that it comes from", CALLS | REGS | ALIVE | B2BUA_TRUSTED, show_explain_source),
	SHOW("explain call <name> <name> listener <name> source <name>", "The address that it comes from", CALLS | REGS | ALIVE | B2BUA_TRUSTED, show_explain_both),
	TOPIC("test", "Try something"),
	TOPIC("test voice", "What calls are made of"),
	TOPIC("test voice translation-rule", "Number translation"),
	SHOW("test voice translation-rule <number> <name>", "What the rules make of a number", 0, show_translation_test),
	SHOW("show capture", "Captures of calls: those that run, and the last that ended", 0, show_captures),
	TOPIC("capture", "Write a call to a file, in clear"),
	TOPIC("capture call", "Signalling and media of both legs, as pcapng"),
	CAPTURE("capture call <number>", "The call's number, as in show call active voice brief"),
	TOPIC("capture call <number> seconds", "How long, 1 to 3600; 60 when nothing is said"),
	CAPTURE("capture call <number> seconds <number>", "So many seconds"),
	TOPIC("capture call <number> seconds <number> file", "Its file's name"),
	CAPTURE("capture call <number> seconds <number> file <name>", "Within state-directory/captures"),
	TOPIC("capture call <number> file", "Its file's name"),
	CAPTURE("capture call <number> file <name>", "Within state-directory/captures"),
	TOPIC("capture stop", "End a capture"),
	{ { "capture stop <number>", "The call's number", false }, .kind = COMMAND_CAPTURE_STOP },
	TOPIC("clear", "End something"),
	TOPIC("clear call", "Hang up a call"),
	{ { "clear call <number>", "The call's number, as in show call active voice brief", false },
		.kind = COMMAND_CLEAR_CALL, .ask = CALLS },
	{ { "clear counters", "Begin the counters of dial-peers anew", false }, .kind = COMMAND_CLEAR_COUNTERS },
	TOPIC("clear phone", "Phones that boot from here"),
	TOPIC("clear phone certificate", "Forget the certificate of a phone that has lost its key"),
	{ { "clear phone certificate <name>", "Its name, like SEP001122334455", false }, .kind = COMMAND_CLEAR_CERT },
	{ { "reload", "Read the configuration file again, as SIGHUP does", false }, .kind = COMMAND_RELOAD },
	TOPIC("debug", "Switch debug lines on"),
	TOPIC("undebug", "Switch debug lines off"),
	TOPIC("no", "Undo"),
	TOPIC("no debug", "Switch debug lines off"),
	TOPIC("debug ccsip", "SIP"),
	TOPIC("debug crypto", "TLS"),
	TOPIC("debug crypto pki", "Certificates"),
	TOPIC("debug voip", "Media"),
	TOPIC("debug voip rtp", "RTP"),
	DEBUGS("ccsip messages", "SIP messages, keys masked", DEBUG_SIP_MESSAGES),
	DEBUGS("ccsip calls", "Call logic", DEBUG_SIP_CALLS),
	DEBUGS("crypto pki transactions", "TLS handshakes and certificates", DEBUG_TLS),
	DEBUGS("voip rtp session", "Media legs", DEBUG_MEDIA),
	DEBUGS("configuration", "Reloads and the control socket", DEBUG_CONFIG),
	{ { "undebug all", "Every switch", false }, .kind = COMMAND_DEBUG, .debug = -1 },
	{ { "no debug all", "Every switch", false }, .kind = COMMAND_DEBUG, .debug = -1 },
};
/* clang-format on */
const size_t ncommands = ARRAY_SIZE(commands);

const struct command_words *command_row(size_t i)
{
	need(i < ncommands);
	return &commands[i].words;
}

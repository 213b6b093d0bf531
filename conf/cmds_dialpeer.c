/* dial-peer voice N voip: who is called how. */
#include "conf/cmds_dialpeer.h"

/* clang-format off */
#define IP "{ipv4 A.B.C.D|ipv6 X:X::X}"
#define DTMF_WAY "{rtp-nte [digit-drop]|sip-notify|sip-kpml|sip-info}"
#define NEGOTIATES "what both sides know is negotiated: leave the line out"

const struct cmd dial_peer_global_cmds[] = {
	{ "dial-peer voice <1-2147483647> voip", K_ENTER, .enter = M_DIAL_PEER,
	  .help = "Which calls go where, and how" },
	{ "dial-peer voice <1-2147483647> {pots|vofr|mmoip} [LINE]", K_NOTICE,
	  .flags = C_SECTION, .more = "there are no voice ports" },
	{ NULL },
};

const struct cmd dial_peer_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_dial_peer, description),
	  .help = "What this is for" },
	{ "shutdown", K_FLAG, F(conf_dial_peer, shutdown),
	  .help = "Do not use this dial-peer" },
	{ "destination-pattern PATTERN", K_STR, F_PTR(conf_dial_peer, destination),
	  .help = "Numbers that are called by this dial-peer",
	  .more = "The pattern matches the beginning of the number; among "
		  "several, the one that names most characters explicitly "
		  "wins, then the lower preference." },
	{ "incoming called-number PATTERN", K_STR,
	  F_PTR(conf_dial_peer, incoming_called),
	  .help = "Calls to these numbers come in by this dial-peer" },
	{ "destination e164-pattern-map <1-10000>", K_REF,
	  F_PTR(conf_dial_peer, destination_map), .enter = M_E164_MAP,
	  .help = "Numbers that are called by this dial-peer, as a list" },
	{ "destination uri NAME", K_REF, F_PTR(conf_dial_peer, destination_uri),
	  .enter = M_URI_CLASS,
	  .help = "Request-URIs that are called by this dial-peer",
	  .more = "Goes before numbers." },
	{ "destination dpg <1-10000>", K_REF, F_PTR(conf_dial_peer, group),
	  .enter = M_DPG,
	  .help = "Where calls go that come in by this dial-peer",
	  .more = "Instead of a choice by the number called. Transfers that "
		  "come from there and end here may go back to this "
		  "dial-peer where the group names it." },
	{ "incoming called e164-pattern-map <1-10000>", K_REF,
	  F_PTR(conf_dial_peer, incoming_called_map), .enter = M_E164_MAP,
	  .help = "Calls to these numbers come in by this dial-peer" },
	{ "incoming calling e164-pattern-map <1-10000>", K_REF,
	  F_PTR(conf_dial_peer, incoming_calling_map), .enter = M_E164_MAP,
	  .help = "Calls of these callers come in by this dial-peer" },
	{ "answer-address PATTERN", K_STR,
	  F_PTR(conf_dial_peer, incoming_calling),
	  .help = "Calls of these callers come in by this dial-peer" },
	{ "incoming uri {via|request|to|from} NAME", K_FN,
	  .set = peer_set_incoming_uri, .show = peer_show_incoming_uri,
	  .help = "Calls with such a URI come in by this dial-peer",
	  .more = "Tried in this order, and before numbers. For an address, "
		  "`via` is where the request really came from; for a name, "
		  "what the request says." },
	{ "incoming listener NAME", K_REF, F_PTR(conf_dial_peer, incoming_listener),
	  .enter = M_LISTENER,
	  .help = "Calls on this listener come in by this dial-peer" },
	{ "preference <0-10>", K_UINT, F(conf_dial_peer, preference),
	  .help = "Order among equal matches, 0 first" },
	{ "huntstop", K_FLAG, F(conf_dial_peer, huntstop),
	  .help = "No other dial-peer is tried after this one" },
	{ "max-conn <1-1000000>", K_UINT, F(conf_dial_peer, max_calls),
	  .help = "Calls at a time, coming in or going out here",
	  .more = "Beyond it a call that comes in is 503 and one that goes out "
		  "takes the next dial-peer. Emergency calls are exempt." },
	{ "shared-line", K_FLAG, F(conf_dial_peer, shared_line),
	  .help = "Several phones may register one of its numbers, and ring "
		  "together",
	  .more = "For `session target registrar`. Phones that are tied to the "
		  "line (by a rule of `phone-identity`, or by the configuration "
		  "that they fetched here) share it without this command. With "
		  "it, any phone that its listener takes may register and call "
		  "as a number of this dial-peer, as far as the call manager "
		  "lets it; each that does so beside another is told in the log. "
		  "See `registrar max-contacts`." },
	{ "translation-profile {incoming|outgoing} NAME", K_FN,
	  .set = peer_set_xlate, .show = peer_show_xlate,
	  .help = "How numbers of calls are rewritten" },
	{ "call-block translation-profile incoming NAME", K_REF,
	  F_PTR(conf_dial_peer, block), .enter = M_XLATE_PROFILE,
	  .help = "Calls that its reject rules name are refused" },
	{ "call-block disconnect-cause incoming {call-reject|invalid-number|"
	  "unassigned-number|user-busy}", K_FN, .set = peer_set_block_cause,
	  .show = peer_show_block_cause, .help = "What a blocked caller is told",
	  .more = "Default: `call-reject`, which is 403." },
	{ "session protocol sipv2", K_NONE, .flags = C_ALWAYS,
	  .help = "SIP",
	  .more = "Accepted for CUBE's sake; it is so anyway." },
	{ "session target {registrar|sip-server|server-group <1-10000>|TARGET}", K_FN,
	  .set = peer_set_target, .show = peer_show_target, .flags = C_ONCE,
	  .help = "Where calls are sent",
	  .more = "`registrar`: to the phone that registered the number. "
		  "`sip-server`: to that of `sip-ua`." },
	{ "session server-group <1-10000>", K_FN, .set = peer_set_target,
	  .show = show_with_above, .help = "Where calls are sent: to one of several" },
	{ "session transport {udp|tcp [tls]}", K_FN, .set = peer_set_transport,
	  .show = peer_show_transport, .help = "What carries SIP there",
	  .more = "Default: `udp`." },
	{ "bind listener NAME", K_REF, F_PTR(conf_dial_peer, bind),
	  .enter = M_LISTENER,
	  .help = "The listener that calls are sent from",
	  .more = "Without it, the first that fits target and transport." },
	{ "trustpoint NAME", K_REF, F_PTR(conf_dial_peer, trustpoint),
	  .enter = M_TRUSTPOINT, .show = show_peer_trustpoint,
	  .help = "Our certificate and the authorities for this target",
	  .more = "Without it, `crypto signaling default trustpoint`." },
	{ "peer-name HOST", K_STR, F_PTR(conf_dial_peer, peer_name),
	  .help = "Name that the target's certificate must have",
	  .more = "Without it, the host of `session target`, or a name of the "
		  "tenant's `tls-profile`." },
	{ "codec transparent", K_FN, .set = peer_set_any_codec, .show = show_with_above,
	  .flags = C_HIDDEN, .help = "CUBE's spelling of `no codec`: any",
	  .more = "So is a dial-peer that says nothing of codecs." },
	{ "codec", K_FN, .flags = C_HIDDEN | C_NO_ONLY, .set = peer_set_any_codec,
	  .show = show_with_above, .help = "Any codec",
	  .more = "write 'codec g711ulaw'" },
	{ "codec CODEC [bytes <10-320>] [fixed-bytes]", K_FN,
	  .set = peer_set_one_codec, .show = peer_show_one_codec,
	  .help = "The only codec",
	  .more = "`bytes` is read and not used: packets are as long as ends "
		  "agree (`ptime`)." },
	{ "voice-class codec <1-10000> [offer-all]", K_REF, F_PTR(conf_dial_peer, codecs),
	  .enter = M_CODEC_CLASS, .show = peer_show_codec_class,
	  .help = "Codecs in order of preference",
	  .more = "Without it, any codec. `offer-all` is read and not used: a "
		  "codec that the other side does not speak is offered where a "
		  "`dspfarm profile` can join them." },
	{ "voice-class srtp-crypto <1-10000>", K_REF, F_PTR(conf_dial_peer, cryptos),
	  .enter = M_CRYPTO_CLASS,
	  .help = "SRTP crypto suites in order of preference",
	  .more = "Without it: AEAD_AES_256_GCM, AEAD_AES_128_GCM, "
		  "AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32." },
	{ "voice-class sip srtp-crypto <1-10000>", K_REF,
	  F_PTR(conf_dial_peer, cryptos), .enter = M_CRYPTO_CLASS,
	  .flags = C_HIDDEN,
	  .help = "CUBE's spelling of voice-class srtp-crypto" },
	{ "srtp [fallback|pass-thru]", K_FN,
	  .set = peer_set_srtp, .show = peer_show_srtp,
	  .help = "Insist on encrypted media, prefer it, or let keys pass",
	  .more = "`srtp`: a call without it is refused with 488. `srtp "
		  "fallback`: RTP where the other side offers nothing else; "
		  "logged, counted and shown. `srtp pass-thru`, where both "
		  "dial-peers of a call have it: keys and suites pass from end "
		  "to end, those that are unknown here as well, and packets "
		  "are relayed unread: nothing is checked, transcoded, "
		  "recorded or played; where one alone has it, that one is as "
		  "with `srtp`. `no srtp`: RTP. Without a line, what the "
		  "tenant says, else `voice service voip`." },
	{ "srtp insecure-sdes", K_FLAG, F(conf_dial_peer, insecure_sdes),
	  .help = "Send keys although the signalling is not TLS",
	  .more = "Whoever reads the signalling can then decrypt the media." },
	{ "srtp quirk aes-cm-256-names", K_FLAG, F(conf_dial_peer, cm256_names),
	  .help = "Write AES_CM_256_… for AES_256_CM_…",
	  .more = "For a far end that knows these suites by their other name "
		  "alone. Both are understood; an answer has the offer's." },
	{ "srtp quirk unpadded-keys", K_FLAG, F(conf_dial_peer, unpadded_keys),
	  .help = "Write keys without the = at their end",
	  .more = "For a far end that takes no others. Both are understood; "
		  "an answer is written as the offer is." },
	{ "srtp quirk answer-tag", K_FLAG, F(conf_dial_peer, any_tag),
	  .help = "Know what an answer chose by its suite",
	  .more = "For a far end that answers with tag 1, whichever line of "
		  "the offer it took." },
	{ "srtp insecure-unencrypted-srtp", K_FLAG,
	  F(conf_dial_peer, clear_srtp),
	  .help = "Take SRTP that is authenticated and not encrypted",
	  .more = "Offers that say UNENCRYPTED_SRTP (RFC 4568 6.3.2) and "
		  "nothing better: whoever sees the packets hears the call. "
		  "Logged, counted and shown. We never offer it." },
	{ "srtp insecure-unencrypted-srtcp", K_FLAG,
	  F(conf_dial_peer, clear_srtcp),
	  .help = "Take SRTP whose reports are not encrypted",
	  .more = "Offers that say UNENCRYPTED_SRTCP and nothing better: who "
		  "talks and how it sounds can be read. Logged, counted and "
		  "shown." },
	{ "srtp insecure-unauthenticated-srtp", K_FLAG,
	  F(conf_dial_peer, unsigned_srtp),
	  .help = "Take SRTP that is encrypted and not authenticated",
	  .more = "Offers that say UNAUTHENTICATED_SRTP (RFC 4568 6.3.3) and "
		  "nothing better: packets can be forged and changed, and the "
		  "address in SDP alone tells who may send. Logged, counted "
		  "and shown." },
	{ "srtp insecure-udptl", K_FLAG, F(conf_dial_peer, insecure_udptl),
	  .help = "Fax (T.38) in clear although SRTP is required",
	  .more = "UDPTL has no encryption: without this it is refused on a "
		  "leg with `srtp`. Logged, counted and shown." },
	{ "srtp offer {savp|opportunistic|two-lines}", K_FN, .set = peer_set_srtp_offer,
	  .show = peer_show_srtp_offer,
	  .help = "How SRTP is offered here",
	  .more = "`savp`: RTP/SAVP, which leaves only SRTP to be answered. "
		  "`opportunistic`: RTP/AVP with a=crypto (RFC 8643), which who "
		  "has no SRTP answers with RTP: taken with `srtp fallback` "
		  "alone. `two-lines`: with `srtp fallback`, the sound, or the "
		  "picture of a call that has nothing else, as "
		  "RTP/SAVP and once more as RTP/AVP; the far end refuses one "
		  "of them. Without a line, what the tenant says, else `voice "
		  "service voip`." },
	{ "voice-class sip srtp negotiate cisco", K_FLAG,
	  F(conf_dial_peer, srtp_cisco),
	  .help = "RTP may answer an offer of SRTP",
	  .more = "Said and heard as `Supported: X-cisco-srtp-fallback`: with "
		  "`srtp fallback` we say it; where the far end says it, and "
		  "its offer of SRTP cannot be taken here (`no srtp`, no "
		  "suite in common, no TLS), RTP is answered instead of 488. "
		  "Logged, counted and shown. Also in `sip` of `voice "
		  "service voip`, for all." },
	{ "rtcp-mux [answer]", K_FN, .set = peer_set_rtcp_mux,
	  .show = peer_show_rtcp_mux,
	  .help = "RTP and RTCP on one port (RFC 5761)",
	  .more = "`rtcp-mux`: offered here, and taken. `rtcp-mux answer`: "
		  "taken where the far end offers it. `no rtcp-mux`: neither; "
		  "an offer that leaves nothing else (`a=rtcp-mux-only`) is "
		  "488. The other leg of a call may do otherwise. Without a "
		  "line, what the tenant says, else `voice service voip`." },
	{ "media latch once", K_FLAG, F(conf_dial_peer, latch_once),
	  .help = "Plain RTP: send to where the first packet came from",
	  .more = "For phones behind address translation. Whoever sends the "
		  "first packet gets the media." },
	{ "requri-passing", K_FLAG, F(conf_dial_peer, requri_passing),
	  .help = "Keep the host of the request-URI" },
	{ "voice-class sip requri-passing", K_FLAG,
	  F(conf_dial_peer, requri_passing), .flags = C_HIDDEN,
	  .help = "CUBE's spelling of requri-passing" },
	{ "timeout ring <1-3600>", K_UINT, F(conf_dial_peer, ring_seconds),
	  .def = 180, .help = "Seconds until an answer must have come" },
	{ "voice-class sip rel1xx {supported 100rel|require 100rel|disable|"
	  "system}", K_FN, .set = peer_set_rel1xx, .show = peer_show_rel1xx,
	  .help = "Reliable provisional responses (PRACK)",
	  .more = "`require 100rel`: a call that does not know them is "
		  "refused with 421. Without a line, or with `system`, what "
		  "`voice service voip` says." },
	{ "voice-class sip early-offer forced", K_FLAG,
	  F(conf_dial_peer, early_offer),
	  .help = "Calls to here always bring an offer",
	  .more = "One without is given ours, of this dial-peer's codecs." },
	{ "supplementary-service sip moved-temporarily", K_FLAG,
	  F(conf_dial_peer, moved), .def = true,
	  .help = "Redirections from here pass to the caller",
	  .more = "Default; see the same command of `voice service voip`." },
	{ "supplementary-service sip refer", K_FLAG,
	  F(conf_dial_peer, refer), .def = true,
	  .help = "Transfers in calls by this dial-peer pass",
	  .more = "Default; see the same command of `voice service voip`. "
		  "`no` for the dial-peer of either leg, or for all, and "
		  "transfers end here." },
	{ "dtmf-relay " DTMF_WAY " [" DTMF_WAY " [" DTMF_WAY " [" DTMF_WAY "]]]",
	  K_FN, .set = peer_set_dtmf, .show = peer_show_dtmf,
	  .help = "How keys of a telephone are told here, best first",
	  .more = "`rtp-nte`: RTP events (RFC 4733). `sip-notify`: Cisco's "
		  "unsolicited NOTIFY. `sip-kpml`: SUBSCRIBE and NOTIFY of "
		  "RFC 4730. `sip-info`: application/dtmf-relay. The first "
		  "of the list that the far end knows is used; what the other "
		  "side tells in another way is made into it, each key once "
		  "(events are taken out, as on CUBE with `digit-drop`). "
		  "Events are offered on this leg also when the other side "
		  "has none: a transcoder (`dspfarm profile`) then makes "
		  "events of the tones that it hears, and tones of events; "
		  "and so between tones and the ways of SIP. `digit-drop`: "
		  "a transcoder takes tones out of what comes from this "
		  "side, where its keys go on in another way, so that they "
		  "are not heard twice. Without `rtp-nte` in the list events "
		  "are not offered. Without the line, keys pass as they "
		  "come." },
	{ "vad", K_NONE, .flags = C_NO_ONLY, .help = "Silence suppression",
	  .more = NEGOTIATES },
	{ "session target {ras|loopback|enum} [LINE]", K_REFUSED,
	  .more = "write ipv4:, ipv6:, dns:, sip-server or registrar" },
	{ "session protocol {cisco|multicast}", K_REFUSED,
	  .more = "write 'session protocol sipv2'" },
	{ "dtmf-relay {h245-alphanumeric|h245-signal|cisco-rtp} [LINE]",
	  K_REFUSED, .more = "write 'dtmf-relay rtp-nte'" },
	{ "phone-proxy NAME signal-addr " IP " cucm {ipv4 A.B.C.D|ipv6 X:X::X|"
	  "dns HOST}", K_FN, .set = set_peer_proxy, .show = show_peer_proxy,
	  .help = "Phones of a phone proxy find a call manager here",
	  .more = "In configuration files, `cucm` is replaced by "
		  "`signal-addr` and the port of `incoming listener`. A call "
		  "manager that no dial-peer names is removed from them." },
	{ "voice-class sip asymmetric "
	  "[LINE]", K_REFUSED, .more = "leave the line out" },
	{ "fax protocol {system|t38|none|pass-through {g711ulaw|g711alaw}}",
	  K_FN, .set = peer_set_fax, .show = peer_show_fax,
	  .help = "What is made of fax",
	  .more = "See the same command of `voice service voip`, which holds "
		  "without a line or with `system`. Where `srtp` is required, "
		  "T.38 wants `srtp insecure-udptl`." },
	{ "fax protocol t38 {version|ls-redundancy|fallback|nse} LINE", K_FN,
	  .set = peer_set_fax, .show = show_with_above, .flags = C_HIDDEN,
	  .help = "CUBE's spelling of fax protocol t38",
	  .more = "Redundancy and version are the machines' own." },
	{ "redirect ip2ip", K_NONE,
	  .help = "Redirections of calls between SIP and SIP",
	  .more = "Accepted for CUBE's sake; `supplementary-service sip "
		  "moved-temporarily` decides." },
	{ "voice-class sip g729 annexb-all", K_NONE,
	  .help = "G.729 with and without Annex B",
	  .more = "Accepted for CUBE's sake; it is so anyway." },
	{ "fax rate LINE", K_NOTICE, .more = "machines agree on it themselves" },
	{ "fax-relay LINE", K_NOTICE, .more = "T.38 passes as it comes" },
	{ "voice-class sip audio forced", K_FLAG,
	  F(conf_dial_peer, audio_only),
	  .help = "Sound alone: video and other streams are refused",
	  .more = "See `audio forced`." },
	{ NULL },
};
/* clang-format on */

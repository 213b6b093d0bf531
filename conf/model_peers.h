/* Dial-peers, what stands around them (tenants), and where they lead. */
#ifndef LINESIDE_CONF_MODEL_PEERS_H
#define LINESIDE_CONF_MODEL_PEERS_H

#include "conf/model_media.h"
#include "conf/model_numbers.h"
#include "conf/model_phones.h"
#include "conf/model_sip.h"

/* voice class server-group N */
enum { CONF_SERVERS_MAX = 16, CONF_HUNT_RULES_MAX = 32 };
enum conf_hunt_scheme { CONF_HUNT_PREFERENCE, CONF_HUNT_ROUND_ROBIN };
struct conf_server {
	struct conf_host to;
	unsigned preference, weight; /* weight 0: none */
};
struct conf_hunt_rule {
	unsigned number;
	bool stop; /* else: go on */
	unsigned from, to; /* statuses */
};
struct conf_server_group {
	struct conf_server_group *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool shutdown;
	enum conf_hunt_scheme scheme;
	size_t n, nhunts;
	struct conf_server server[CONF_SERVERS_MAX]; /* by preference */
	struct conf_hunt_rule hunt[CONF_HUNT_RULES_MAX]; /* by number */
};

/* voice class dpg N: dial-peers by tag instead of by number called. */
struct conf_dial_peer;
enum { CONF_DPG_MAX = 20 };
struct conf_dpg {
	struct conf_dpg *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool shutdown;
	size_t n;
	struct {
		unsigned tag, preference;
		const struct conf_dial_peer *peer;
	} entry[CONF_DPG_MAX]; /* by preference */
};

/* voice class tenant N: for dial-peers that say nothing themselves */
struct conf_tenant {
	struct conf_tenant *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	struct conf_binds binds;
	struct conf_proxy outbound; /* as written; see conf_peer_proxy() */
	enum conf_refresh refresh; /* as written; see conf_peer_refresh() */
	struct conf_profiles profiles;
	bool transport_set;
	enum conf_transport transport;
	struct conf_host server; /* host NULL: sip-ua's */
	enum conf_srtp srtp; /* as written */
	enum conf_srtp_offer srtp_offer; /* as written */
	enum conf_rtcp_mux rtcp_mux; /* as written */
	const struct conf_crypto_class *cryptos; /* NULL: none named */
	const struct conf_tls_profile *tls_profile; /* NULL: none */
	struct conf_auths auths;
	struct conf_caller caller;
	struct { /* of its credentials; host NULL: none */
		struct conf_pos pos;
		struct conf_host to;
		enum conf_transport transport;
		unsigned expires; /* asked for, seconds */
		char *peer_name; /* expected TLS name; NULL: host */
		char *server_names; /* by a tls-profile, instead; or NULL */
	} registrar;
};

enum conf_target {
	CONF_TARGET_NONE,
	CONF_TARGET_HOST,
	CONF_TARGET_REGISTRAR,
	CONF_TARGET_SERVER, /* sip-server of sip-ua */
	CONF_TARGET_GROUP, /* session server-group */
};

/* dial-peer voice N voip */
struct conf_dial_peer {
	struct conf_dial_peer *next; /* ascending tags */
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool shutdown;
	char *destination; /* destination-pattern; NULL: none */
	const struct conf_e164_map *destination_map; /* NULL: none */
	const struct conf_uri_class *destination_uri; /* NULL: none */
	const struct conf_dpg *group; /* calls that come in here go there */
	char *incoming_called; /* incoming called-number; NULL: none */
	const struct conf_e164_map *incoming_called_map; /* NULL: none */
	char *incoming_calling; /* answer-address; NULL: none */
	const struct conf_e164_map *incoming_calling_map; /* NULL: none */
	const struct conf_uri_class *incoming_uri[CONF_URI_COUNT];
	const struct conf_listener *incoming_listener; /* NULL: any */
	unsigned preference; /* 0 first … 10 last */
	enum conf_target target;
	char *target_host; /* CONF_TARGET_HOST: name or address text */
	struct addr target_addr; /* with port; set when the host is numeric */
	uint16_t target_port; /* 0: 5060, or 5061 for TLS */
	const struct conf_server_group *servers; /* CONF_TARGET_GROUP */
	struct conf_binds binds;
	struct conf_proxy outbound; /* as written; see conf_peer_proxy() */
	enum conf_refresh refresh; /* as written; see conf_peer_refresh() */
	struct conf_profiles profiles;
	const struct conf_tenant *tenant; /* NULL: none */
	bool huntstop; /* no other dial-peer after this one */
	/* numbers of calls that come in, that go out; NULL: as they are */
	const struct conf_xlate_profile *xlate_in, *xlate_out;
	const struct conf_xlate_profile *block; /* its reject rules refuse */
	unsigned block_cause; /* Q.850; default 21 */
	unsigned max_calls; /* 0: no limit */
	bool shared_line; /* several phones may hold one of its numbers */
	bool transport_set;
	enum conf_transport transport;
	const struct conf_listener
		*bind; /* sends from; NULL: first that fits */
	const struct conf_trustpoint *trustpoint; /* client's; NULL: default */
	char *peer_name; /* expected in a TLS server's certificate; NULL: host */
	char *server_names; /* by a tls-profile; see conf_peer_names() */
	const struct conf_codec_class *codecs; /* NULL: all that we know */
	const struct conf_crypto_class *cryptos; /* NULL: default order */
	enum conf_srtp srtp; /* as written; see conf_peer_srtp() */
	bool insecure_sdes; /* keys over a signalling leg that is not TLS */
	bool cm256_names; /* srtp quirk: AES_CM_256_… is what we write */
	bool unpadded_keys; /* srtp quirk: base64 without "=" */
	bool any_tag; /* srtp quirk: its answers have tag 1, whatever it is */
	bool clear_srtp, clear_srtcp, unsigned_srtp; /* srtp insecure-un… */
	bool insecure_udptl; /* fax in clear although SRTP is required */
	enum conf_fax fax; /* as written */
	bool audio_only; /* audio forced */
	enum conf_srtp_offer srtp_offer; /* as written */
	enum conf_rtcp_mux rtcp_mux; /* as written */
	bool srtp_cisco; /* srtp negotiate cisco */
	struct conf_dscp dscp_media, dscp_signaling; /* the second: imported */
	bool latch_once; /* plain RTP: take the first source seen */
	const struct conf_moh_group *moh; /* heard on hold; NULL: nothing */
	/* heard by callers before they are refused; NULL: nothing */
	const struct conf_announcement *announcement;
	bool ringback; /* callers of it hear ours */
	char *ringback_file; /* and this; NULL: the country's cadence */
	const struct conf_media_class *media_class; /* NULL: none */
	size_t ndtmf; /* 0: keys pass as they come */
	enum conf_dtmf dtmf[CONF_DTMF_COUNT]; /* best first */
	bool digit_drop; /* tones beside them are taken out */
	bool requri_passing; /* keep the request-URI's host; see docs */
	/* phone-proxy: phones that it serves find this call manager here */
	const struct conf_phone_proxy *phone_proxy; /* NULL: none */
	struct addr signal_addr; /* for phones */
	char *cucm; /* as their configuration names it */
	unsigned ring_seconds; /* no final answer: 408; default 180 */
	enum conf_rel1xx rel1xx; /* as written */
	bool early_offer; /* an INVITE without offer gets one of ours */
	bool moved; /* 3xx passes; default true */
	bool refer; /* REFER passes; default true */
	struct conf_auths auths; /* authentication; see conf_peer_auth() */
	struct conf_caller caller; /* as written; see conf_peer_caller() */
	bool keepalive_on; /* by its own line; see conf_peer_keepalive() */
	struct conf_keepalive keepalive;
	const struct conf_keepalive_class *keepalive_class; /* NULL: none */
};

struct conf_peers { /* by ascending tags */
	size_t n;
	const struct conf_dial_peer **v;
};

#endif

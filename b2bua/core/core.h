/*
 * Calls and registrations: everything above sip_port. One per process, on the
 * sip thread; knows no Sofia.
 */
#ifndef LINESIDE_B2BUA_CORE_H
#define LINESIDE_B2BUA_CORE_H

#include "b2bua/sip/sip_port.h"
#include "b2bua/trunk/keepalive.h"
#include "b2bua/trunk/trunk.h"
#include "media/media.h"
#include "media/xcode.h"

struct core;

/* Media as call logic uses it, so that scenarios run without sockets; the
 * real one is core_media_real. See media/media.h for the contracts. */
struct media_ops {
	int (*open)(struct mcall **out, struct media *m,
		const struct mcall_params *p);
	struct addr (*local)(const struct mcall *mc, int side);
	void (*set)(struct mcall *mc, int side, const struct mleg_set *set);
	void (*apply)(struct mcall *mc);
	bool (*is_beside)(const struct mcall *mc, const struct mcall *other);
	void (*inherit)(
		struct mcall *mc, int side, struct mcall *from, int from_side);
	void (*stats)(const struct mcall *mc, int side, struct mleg_stats *out);
	void (*transcode)(struct mcall *mc, struct xcode *x);
	int (*play)(struct mcall *mc, int side, struct sound *s,
		const struct xcode_side *to, bool once);
	void (*keys)(struct mcall *mc, int side, const struct mcall_keys *k);
	void (*press)(struct mcall *mc, int side, uint8_t key, unsigned ms);
	void (*capture)(struct mcall *mc, struct capture *c);
	void (*copy)(struct mcall *mc, struct mcall *to);
	void (*close)(struct mcall *mc);
	unsigned (*load)(struct media *m); /* as media_load() */
};
extern const struct media_ops core_media_real;

struct core_params {
	struct sip_port *port;
	const struct media_ops *media_ops;
	struct media *media; /* passed to media_ops->open; borrowed */
	struct conf *conf; /* referenced */
};

struct core *core_new(const struct core_params *p) MUST_USE;
/* Hangs up every call (BYE, CANCEL, 503), then frees. */
void core_free(struct core *c);
extern const struct sip_user core_sip_user; /* its arg is the core */

/* New calls and registrations use it; what is up keeps its own. */
void core_set_conf(struct core *c, struct conf *conf);
enum core_sound_kind {
	SOUND_MUSIC, /* of a voice moh-group */
	SOUND_RINGBACK,
	SOUND_REFUSAL, /* of a voice class announcement */
};
struct core_sound {
	enum core_sound_kind kind;
	unsigned tag; /* of the group, of the class */
	unsigned status; /* SOUND_REFUSAL: of which; 0: of any other */
	struct sound *sound;
};
/* The sounds of the configuration that was set last; referenced. */
void core_set_sounds(struct core *c, const struct core_sound *v, size_t n);
/* Sealed passwords of the configuration set last, opened. Copied. */
struct core_password {
	char *sealed, *clear;
};
void core_set_passwords(
	struct core *c, const struct core_password *v, size_t n);
/* Begins to register trunks: everything of the configuration is set. */
void core_register_trunks(struct core *c);
/* A dial-peer's trustpoints made ready (by name); NULL: the listener's. */
void core_set_trustpoints(
	struct core *c, struct trustpoint *const *v, size_t n);

/* The lines of a device's configuration (see tie.h): it may register and call
 * from no others. Of no bytes: not known. */
void core_tie(struct core *c, struct slice device, struct slice lines);

/* What the call says and hears is put into the capture, which the call keeps
 * until it ends; false: there is no such call any more. */
bool core_capture(struct core *c, uint32_t id, struct capture *cap);
/* Hangs up one call by its number; false: there is none. */
bool core_clear_call(struct core *c, uint32_t id);

/* What show prints: copies, free() them. */
struct leg_info {
	bool incoming; /* we are the UAS */
	char number[64]; /* calling number of leg A, called of leg B */
	char peer_name[64]; /* device or dial-peer description */
	unsigned dial_peer; /* tag; 0: none */
	char sip_call_id[128];
	enum conf_transport transport;
	struct addr signalling; /* far end */
	char tls_version[16], tls_cipher[64]; /* "": not TLS */
	char identity[256]; /* subject of the peer's certificate; "" */
	char codec[32]; /* "PCMU/8000"; "" before the answer */
	bool srtp;
	char suite_local[40], suite_remote[40]; /* "": RTP */
	bool fallback; /* SRTP was wanted and is not in force */
	char weak[64]; /* "UNENCRYPTED_SRTCP": what SRTP goes without; "" */
	bool pass_thru; /* SRTP under the far ends' keys, unread here */
	char dtmf[16]; /* how the far end is told of keys: "rtp-nte" */
	char streams[160]; /* beside the sound: "video: AEAD_AES_256_GCM" */
	struct addr media_local, media_remote;
	struct mleg_stats stats;
	char oneway[160]; /* why nothing is heard from it; "": it is */
	struct { /* RFC 4028 */
		unsigned expires; /* seconds; 0: no timer */
		bool ours; /* we refresh, else the far end */
		unsigned refresh_s; /* until our next refresh; 0: not ours */
		unsigned end_s; /* until the session ends without one */
	} session;
};
struct oneway_info { /* a stream that nothing was heard of */
	uint32_t call;
	char leg; /* 'A', 'B': not heard */
	char number[64]; /* of that leg */
	unsigned dial_peer; /* tag; 0: none */
	char media[16]; /* "audio", "video" */
	const char *cause, *code; /* static; the latter for programs: "never" */
	struct addr local, remote; /* ours; where it should come from */
	struct addr source; /* where something else came from; or `remote` */
	uint64_t ago_ms; /* it began */
	uint64_t for_ms; /* and lasted, so far */
	bool lasts;
};
struct recording_info { /* SIPREC */
	uint32_t call;
	char state[16]; /* "calling", "up", "asking", "over" … */
	char reason[96]; /* why it is over before its call; "" */
	unsigned dial_peer; /* to the recorder */
	char recorder[256]; /* its host */
	char session[32], group[32]; /* as in the metadata (RFC 7865) */
	char sip_call_id[128];
	bool srtp; /* both streams are encrypted */
	uint64_t up_ms; /* since the recorder took it, or 0 */
	struct mleg_stats stream[2]; /* what A says, what B says */
};
struct ring_info { /* whom a call that nobody has answered yet is offered to */
	uint32_t call;
	uint64_t age_ms; /* of the call */
	char from[64], number[64]; /* who calls, and the line */
	char device[64]; /* the phone's; "": it has no certificate */
	char listener[CONF_NAME_MAX + 1];
	unsigned dial_peer; /* tag; 0: none */
	struct addr addr; /* unset: not known yet */
	unsigned status; /* the last that it said; 0: nothing yet */
	char sip_call_id[128];
};
struct sub_info { /* a subscription, RFC 6665 */
	char who[64], of[64]; /* who asked, and about whom: users of From, To */
	char device[64]; /* the phone's; "": it has no certificate */
	char event[64]; /* "message-summary"; "refer" of a REFER */
	/* "asking", then what the last NOTIFY said: "active", "pending" … */
	char state[16];
	unsigned expires_s; /* left; what is not refreshed then is over */
	uint64_t age_ms, notified_ms; /* since the first and the last NOTIFY */
	unsigned notifies, refreshes; /* that came by */
	unsigned notifies_failed; /* that who asked did not take */
	struct {
		enum conf_side side;
		char listener[CONF_NAME_MAX + 1];
		struct addr addr; /* far end; unset: not known yet */
		char state[16]; /* of the dialog: "early", "confirmed" */
		unsigned waiting; /* requests that it has yet to answer */
		char sip_call_id[128];
	} leg[2]; /* of who asked, of who notifies */
};
struct call_info {
	uint32_t id;
	char state[16]; /* "dialing", "telling", "ringing", "up", "ending" */
	uint64_t age_ms, up_ms; /* since the INVITE; since the answer, or 0 */
	bool hold;
	unsigned transcoder; /* dspfarm profile; 0: none is needed */
	struct xcode_stats xcode[2]; /* of what comes from each side */
	struct leg_info leg[2]; /* B is zeroed while there is none */
	struct recording_info recording; /* dial_peer 0: none */
};
struct reg_info {
	char aor[128]; /* "2001@example.com" */
	char device[64], identity[256];
	char contact[256]; /* the phone's own */
	char token[64]; /* user part of ours towards the core */
	char listener[CONF_NAME_MAX + 1];
	struct addr flow_addr;
	bool connected; /* its flow is alive */
	uint32_t expires_s; /* left on the access side */
	uint32_t core_s; /* and at the core */
	uint32_t here; /* refreshes answered here: rate-limit */
	char instance[128]; /* +sip.instance; "" */
	char tied[16]; /* the line to the device, by: "rule" …; "no" */
};
struct xcode_pool_info *core_pools(struct core *c, size_t *n);
struct recording_info *core_recordings(struct core *c, size_t *n);
struct ring_info *core_rings(struct core *c, size_t *n);
struct sub_info *core_subscriptions(struct core *c, size_t *n);
struct tally *core_tallies(struct core *c, size_t *n); /* b2bua/route/tally.h */
void core_clear_tallies(struct core *c);
struct call_info *core_calls(struct core *c, size_t *n);
struct trunk_info *core_trunks(struct core *c, size_t *n);
/* Who is heard on the core side: see trusted.h. */
struct trusted_info *core_trusted(struct core *c, size_t *n);
struct reg_info *core_registrations(struct core *c, size_t *n);
struct keepalive_info *core_keepalives(struct core *c, size_t *n);
struct oneway_info *core_oneways(struct core *c, size_t *n); /* newest first */

struct threshold_info {
	unsigned now, low, high; /* high 0: not watched */
	bool above;
};
struct core_usage {
	struct threshold_info threshold[CONF_THRESHOLDS];
	size_t calls, legs, registrations, subscriptions;
	size_t peers_down; /* busied out by keepalives */
};
void core_usage(struct core *c, struct core_usage *out);

#endif

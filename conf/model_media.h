/*
 * What calls sound like: codecs, SRTP, keys of telephones, fax, transcoders,
 * sounds of our own, recording.
 */
#ifndef LINESIDE_CONF_MODEL_MEDIA_H
#define LINESIDE_CONF_MODEL_MEDIA_H

#include "conf/model_base.h"

enum { CONF_CODECS_MAX = 24, CONF_CRYPTOS_MAX = 8 };

struct conf_codec {
	const char *ios_name; /* "g711ulaw": static */
	const char *rtp_name; /* "PCMU": as in a=rtpmap, static */
	unsigned rate; /* clock rate, Hz */
	int static_pt; /* payload type of RFC 3551, or -1 */
	uint8_t channels; /* as in a=rtpmap */
	bool transcoded; /* media/codec.h has it */
};
extern const struct conf_codec conf_codecs[]; /* ends with ios_name NULL */

/* voice class codec N */
struct conf_codec_class {
	struct conf_codec_class *next;
	struct conf_pos pos;
	unsigned tag; /* 0: of a dial-peer's `codec NAME`; comes first */
	size_t n;
	struct {
		unsigned preference;
		const struct conf_codec *codec;
	} entry[CONF_CODECS_MAX]; /* in order of preference */
};

enum conf_suite { /* SRTP crypto suites, best first: the default order */
	CONF_AEAD_AES_256_GCM,
	CONF_AEAD_AES_128_GCM,
	CONF_AES_CM_128_HMAC_SHA1_80,
	CONF_AES_CM_128_HMAC_SHA1_32,
	CONF_SUITE_DEFAULTS, /* those after it only where a class names them */
	CONF_AES_256_CM_HMAC_SHA1_80 = CONF_SUITE_DEFAULTS,
	CONF_AES_256_CM_HMAC_SHA1_32,
	CONF_SUITE_COUNT
};
const char *conf_suite_name(enum conf_suite s); /* as in a=crypto */

/* voice class srtp-crypto N */
struct conf_crypto_class {
	struct conf_crypto_class *next;
	struct conf_pos pos;
	unsigned tag;
	size_t n;
	struct {
		unsigned preference;
		enum conf_suite suite;
	} entry[CONF_CRYPTOS_MAX]; /* in order of preference */
};

enum conf_srtp {
	CONF_SRTP_INHERIT, /* dial-peer says nothing: voice service voip's */
	CONF_SRTP_OFF, /* no srtp */
	CONF_SRTP_REQUIRED, /* srtp */
	CONF_SRTP_FALLBACK, /* srtp fallback */
	CONF_SRTP_PASS_THRU, /* srtp pass-thru: keys pass end to end */
};

enum conf_srtp_offer { /* srtp offer: how SRTP is offered */
	CONF_SRTP_OFFER_INHERIT, /* as voice service voip's */
	CONF_SRTP_OFFER_SAVP, /* RTP/SAVP alone */
	CONF_SRTP_OFFER_OPPORTUNISTIC, /* RTP/AVP with a=crypto: RFC 8643 */
	CONF_SRTP_OFFER_TWO_LINES, /* RTP/SAVP and RTP/AVP side by side */
};

enum conf_rtcp_mux { /* rtcp-mux: RTP and RTCP on one port (RFC 5761) */
	CONF_RTCP_MUX_INHERIT, /* as voice service voip's */
	CONF_RTCP_MUX_OFF, /* no rtcp-mux */
	CONF_RTCP_MUX_ANSWER, /* rtcp-mux answer */
	CONF_RTCP_MUX_OFFER, /* rtcp-mux */
};

enum conf_fax { /* fax protocol */
	CONF_FAX_INHERIT, /* as voice service voip's */
	CONF_FAX_T38, /* relayed */
	CONF_FAX_PASS_THROUGH, /* T.38 is refused: fax is heard as G.711 */
	CONF_FAX_NONE, /* the same, in other words */
};

/* dtmf-relay: how keys of a telephone are told. */
enum conf_dtmf {
	CONF_DTMF_NTE, /* RTP events, RFC 4733 */
	CONF_DTMF_NOTIFY, /* Cisco's unsolicited NOTIFY */
	CONF_DTMF_KPML, /* RFC 4730 */
	CONF_DTMF_INFO, /* application/dtmf-relay */
	CONF_DTMF_COUNT
};

const char *conf_dtmf_name(enum conf_dtmf way); /* "rtp-nte" */

/* dspfarm profile N transcode */
struct conf_dspfarm {
	struct conf_dspfarm *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool universal; /* between any two codecs; else one is G.711 */
	bool security; /* also where a leg speaks SRTP */
	bool shutdown; /* default true */
	unsigned max_sessions; /* default 0 */
	size_t ncodecs; /* default: G.711 and G.729 */
	const struct conf_codec *codec[CONF_CODECS_MAX];
};

/* voice moh-group N */
struct conf_moh_group {
	struct conf_moh_group *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	char *file; /* as written; NULL: none */
};

/* voice class announcement N */
enum { CONF_ANNOUNCEMENTS_MAX = 32 };
struct conf_refusal {
	unsigned status; /* 400 to 699; 1 to 127: a cause of Q.850 */
	char *file; /* as written */
};
struct conf_announcement {
	struct conf_announcement *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	char *file; /* for any other; NULL: none */
	size_t n;
	struct conf_refusal row[CONF_ANNOUNCEMENTS_MAX]; /* ascending */
};

/* What rings in a country: one frequency or two, on and off once or twice. */
enum { CONF_CPTONES = 20 };
struct conf_cptone {
	const char *name;
	uint16_t hz[2]; /* 0: one is enough */
	uint16_t ms[4]; /* on, off, on, off; 0: no more */
};
extern const struct conf_cptone conf_cptones[CONF_CPTONES];

/* media profile recorder N: dial-peers to recorders, in order of trying */
enum { CONF_RECORDERS_MAX = 5 };
struct conf_recorder {
	struct conf_recorder *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	size_t n;
	unsigned tag_of[CONF_RECORDERS_MAX];
	const struct conf_dial_peer *peer[CONF_RECORDERS_MAX];
};

/* media class N */
struct conf_media_class {
	struct conf_media_class *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	const struct conf_recorder *recorder; /* NULL: calls are not recorded */
};

#endif

/*
 * A media stream as it was described or negotiated, free of SDP text: what
 * call logic computes with and what a media leg is set to. Plain data.
 */
#ifndef LINESIDE_MEDIA_MDESC_H
#define LINESIDE_MEDIA_MDESC_H

#include <stddef.h>
#include <string.h>

#include "base/addr.h"
#include "base/secret.h"
#include "conf/model_media.h"

enum {
	MDESC_CODECS_MAX = 32,
	MDESC_CRYPTOS_MAX = 16,
	MDESC_MKI_MAX = 8,
};

/* RFC 4568 6.3.2, 6.3.3, as media has them. */
enum {
	MDESC_UNENCRYPTED_SRTP = 1,
	MDESC_UNENCRYPTED_SRTCP = 2,
	MDESC_UNAUTHENTICATED_SRTP = 4,
	MDESC_WEAK_COUNT = 3,
};

/* As the author of the description says it about itself. */
enum mdesc_dir {
	MDESC_SENDRECV,
	MDESC_SENDONLY,
	MDESC_RECVONLY,
	MDESC_INACTIVE,
};

struct mdesc_codec {
	uint8_t pt; /* 0…127 */
	uint32_t rate; /* Hz */
	uint8_t channels; /* 1, 2 */
	char name[32]; /* "PCMU", "telephone-event" */
	bool ours; /* what the other leg says of this number is not about it */
	char fmtp[256]; /* without "a=fmtp:PT "; "" when there is none */
};

struct mdesc_crypto {
	uint32_t tag; /* 1…999999999 */
	enum conf_suite suite;
	struct secret key; /* master key followed by master salt */
	bool cm256; /* written AES_CM_256_…, as some do */
	bool unpadded; /* base64 without "=" */
	uint8_t mki_len; /* 0: none */
	uint64_t mki;
	uint8_t weak; /* session parameters, MDESC_UN… bits */
};

struct mdesc {
	struct addr rtp; /* with port; port 0: stream refused */
	struct addr rtcp; /* AF_UNSPEC: RTP port + 1, or muxed */
	bool rtcp_mux; /* RTCP on RTP's port (RFC 5761) */
	bool rtcp_mux_only; /* and nowhere else (RFC 8858) */
	bool secure; /* RTP/SAVP(F) */
	bool osrtp; /* RTP/AVP(F) with crypto lines that can be used (RFC 8643) */
	bool opaque; /* its keys are the far ends' alone (srtp pass-thru) */
	bool feedback; /* …AVPF */
	bool raw; /* not RTP: udptl, UDP/BFCP; has no codecs and no keys */
	bool fax; /* udptl */
	enum mdesc_dir dir;
	unsigned ptime; /* ms; 0: unsaid */
	size_t crypto_lines; /* those left out with the rest */
	int crypto_err; /* why the last one left out was: as sdes_parse() */
	size_t ncodecs;
	struct mdesc_codec codec[MDESC_CODECS_MAX]; /* best first */
	size_t ncryptos;
	struct mdesc_crypto crypto[MDESC_CRYPTOS_MAX]; /* in the order given */
};

/*
 * Describes nothing, sendrecv. Of the lists only the lengths: eleven kilobytes
 * are too many to be zeroed for each description of a call.
 */
static inline void mdesc_clear(struct mdesc *m)
{
	memset(m, 0, offsetof(struct mdesc, codec));
	m->ncryptos = 0;
}

/* Describes nothing, and holds no keys. */
static inline void mdesc_wipe(struct mdesc *m)
{
	mdesc_clear(m);
	mem_wipe(m->crypto, sizeof(m->crypto));
}

#endif

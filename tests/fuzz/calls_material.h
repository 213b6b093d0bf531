/* What fuzz_calls.c puts its calls together from. */
#ifndef LINESIDE_TESTS_FUZZ_CALLS_MATERIAL_H
#define LINESIDE_TESTS_FUZZ_CALLS_MATERIAL_H

#include "b2bua/sip/sip_port.h"

/* Of two configurations the input chooses: transfers pass, registrations, too;
 * or both end here, and lines are shared. */
static const char conf_ends_here[] =
	"voice service voip\n"
	" no supplementary-service sip refer\n"
	" sip\n"
	"  registrar server expires max 3600 min 60\n"
	"sip-ua\n"
	" registrar embedded\n"
	"dial-peer voice 100 voip\n"
	" shared-line\n";
static const char conf_text[] = "hostname edge1\n"
				"crypto pki trustpoint EDGE\n"
				" certificate file /nowhere/edge.pem\n"
				" key file /nowhere/edge.key\n"
				" ca-bundle file /nowhere/cas.pem\n"
				"voice class codec 1\n"
				" codec preference 1 g711ulaw\n"
				" codec preference 2 g711alaw\n"
				"voice class codec 2\n"
				" codec preference 1 g711ulaw\n"
				" codec preference 2 g729r8\n"
				"voice class srtp-crypto 1\n"
				" crypto 1 AEAD_AES_256_GCM\n"
				" crypto 2 AES_CM_128_HMAC_SHA1_80\n"
				"sip-listener PHONES\n"
				" side access\n"
				" address ipv4 203.0.113.5 port 5061\n"
				" transport tcp tls\n"
				" trustpoint EDGE\n"
				"sip-listener INSIDE\n"
				" side core\n"
				" address ipv4 10.1.1.5 port 5060\n"
				" transport udp\n"
				"dspfarm profile 5 transcode security\n"
				" maximum sessions 2\n"
				" no shutdown\n"
				"voice service voip\n"
				" sip\n"
				"  early-offer forced\n"
				"sip-ua\n"
				" registrar ipv4:10.1.1.10:5060 expires 3600\n"
				"dial-peer voice 100 voip\n"
				" session target registrar\n"
				" session transport tcp tls\n"
				" incoming listener PHONES\n"
				" destination-pattern 2...\n"
				" voice-class codec 1\n"
				" voice-class srtp-crypto 1\n"
				" dtmf-relay rtp-nte\n"
				" srtp\n"
				"dial-peer voice 200 voip\n"
				" session target ipv4:10.1.1.10:5060\n"
				" session transport udp\n"
				" incoming listener INSIDE\n"
				" destination-pattern .T\n"
				" voice-class codec 2\n"
				" dtmf-relay rtp-nte\n"
				" no srtp\n"
				"dial-peer voice 201 voip\n"
				" session target ipv4:10.1.1.11:5060\n"
				" session transport udp\n"
				" destination-pattern .T\n"
				" preference 2\n"
				" voice-class codec 1\n"
				" srtp\n"
				" srtp fallback\n"
				" srtp insecure-sdes\n";

#define KEY "inline:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0"
#define KEY2 "inline:YUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0"
#define SDP(c)                                                                 \
	"v=0\r\no=x 1 1 IN IP4 " c "\r\ns=-\r\nc=IN IP4 " c "\r\nt=0 0\r\n"
#define OUT SDP("198.51.100.1")
#define IN SDP("10.1.1.20")
static const char *const bodies[] = {
	NULL,
	OUT
	"m=audio 4000 RTP/SAVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY "\r\n",
	IN
	"m=audio 6000 RTP/AVP 0 8 18 101\r\na=rtpmap:101 telephone-event/8000\r\n",
	IN "m=audio 6000 RTP/AVP 0\r\n",
	OUT
	"m=audio 4000 RTP/SAVP 0\r\na=crypto:2 AES_CM_128_HMAC_SHA1_80 " KEY2
	"\r\n",
	IN "m=audio 6000 RTP/AVP 18\r\n",
	OUT
	"m=audio 4000 RTP/SAVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY "\r\na=sendonly\r\n",
	IN "m=audio 6000 RTP/AVP 0 8\r\na=sendonly\r\n",
	IN "m=audio 6000 RTP/AVP 0 8\r\na=inactive\r\n",
	IN "m=audio 0 RTP/AVP 0\r\n",
	SDP("0.0.0.0") "m=audio 6000 RTP/AVP 0\r\n",
	IN "m=video 6002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
	"v=0\r\nthis is none\r\n",
};

static const struct sip_hdr headers[] = {
	{ SLICE_LIT("Supported"), SLICE_LIT("100rel, timer, replaces") },
	{ SLICE_LIT("Require"), SLICE_LIT("100rel") },
	{ SLICE_LIT("Require"), SLICE_LIT("timer") },
	{ SLICE_LIT("Require"), SLICE_LIT("nothing-we-know") },
	{ SLICE_LIT("Session-Expires"), SLICE_LIT("1800;refresher=uas") },
	{ SLICE_LIT("Session-Expires"), SLICE_LIT("90;refresher=uac") },
	{ SLICE_LIT("Session-Expires"), SLICE_LIT("4294967295;refresher=") },
	{ SLICE_LIT("Min-SE"), SLICE_LIT("3600") },
	{ SLICE_LIT("Retry-After"), SLICE_LIT("1") },
	{ SLICE_LIT("Allow"),
		SLICE_LIT("INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, REFER") },
	{ SLICE_LIT("Refer-To"), SLICE_LIT("<sip:2002@10.1.1.5>") },
	{ SLICE_LIT("Refer-To"),
		SLICE_LIT("<sip:3000@x?Replaces=dialog-1%3Bto-tag%3Dnear-1"
			  "%3Bfrom-tag%3Dfar-1>") },
	{ SLICE_LIT("Replaces"),
		SLICE_LIT("dialog-2;to-tag=near-2;from-tag=far-2") },
	{ SLICE_LIT("Replaces"),
		SLICE_LIT("dialog-1;to-tag=near-1;from-tag=far-1;early-only") },
#define NAMES(n)                                                               \
	{                                                                      \
		SLICE_LIT("Replaces"), SLICE_LIT("dialog-" n ";to-tag=near-" n \
						 ";from-tag=far-" n)           \
	}
	NAMES("1"),
	NAMES("3"),
	NAMES("4"),
#undef NAMES
#define NAMES(n)                                                               \
	{                                                                      \
		SLICE_LIT("Refer-To"),                                         \
			SLICE_LIT("<sip:2001@x?Replaces=dialog-" n             \
				  "%3Bto-tag%3Dnear-" n "%3Bfrom-tag%3Dfar-" n \
				  ">")                                         \
	}
	NAMES("2"),
	NAMES("3"),
	NAMES("4"),
#undef NAMES
	{ SLICE_LIT("Event"), SLICE_LIT("refer") },
	{ SLICE_LIT("Event"), SLICE_LIT("message-summary") },
	{ SLICE_LIT("Event"), SLICE_LIT("dialog") },
	{ SLICE_LIT("Subscription-State"), SLICE_LIT("active;expires=60") },
	{ SLICE_LIT("Subscription-State"), SLICE_LIT("terminated") },
	{ SLICE_LIT("Reason"), SLICE_LIT("Q.850;cause=16") },
};

#endif

# Several streams: each is SRTP outside and RTP inside, keeps its place, and is
# refused alone (RFC 3264 5.1, 6, 8).
sdp av
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
a=X-inside:secret
m=audio 4000 RTP/SAVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
m=video 4002 RTP/SAVPF 97 34
b=TIAS:512000
a=rtpmap:97 H264/90000
a=fmtp:97 profile-level-id=42e01f;packetization-mode=1
a=rtcp-fb:* nack pli
a=rtcp-fb:97 ccm fir
a=X-secret:7
a=content:main
a=mid:2
a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:@key:two:30@
a=sendrecv
m=application 4004 TCP/BFCP *
a=setup:active
.
sdp av-plain-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
a=X-ours:1
m=audio 6000 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
m=video 6002 RTP/AVPF 99
a=rtpmap:99 H264/90000
a=fmtp:99 profile-level-id=42e01f;packetization-mode=1
a=rtcp-fb:99 nack pli
a=X-trust:no
.
# encrypted outside, in clear inside; feedback profile and its lines stay;
# what nobody knows passes to the trusted side alone; BFCP over TCP is refused
P1> INVITE sip:3000@example.com from=2001 sdp=av
core< INVITE body~"m=audio 20002 RTP/AVP 0 101" body~"m=video 20006 RTP/AVPF 97 34" body~"a=rtcp-fb:* nack pli" body~"a=X-secret:7" body~"a=X-inside" body!crypto body!"a=mid" body!BFCP body~"b=TIAS:512000"
core> 200 INVITE sdp=av-plain-answer
core< ACK
P1< 200 INVITE body~"m=video 20004 RTP/SAVPF 99" body~"a=crypto:4 AES_CM_128_HMAC_SHA1_80" body~"m=application 0 TCP/BFCP *" body!X-trust body!X-ours body~"a=rtcp-fb:99 nack pli"
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 send recv latch=auth port=4002
media B rtp send recv port=6002
media +1 A srtp AES_CM_128_HMAC_SHA1_80 port=4000
media +1 B rtp port=6000
call A.streams="video: AES_CM_128_HMAC_SHA1_80" B.streams="video: RTP"
expect media=2
# RFC 3264 8.2: the stream is taken away, its section stays
sdp audio-left
v=0
o=phone 1 2 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
m=video 0 RTP/SAVPF 97
m=application 0 TCP/BFCP *
.
sdp audio-left-answer
v=0
o=core 7 8 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
m=video 0 RTP/AVPF 99
.
P1> INVITE sdp=audio-left
core< INVITE body~"m=video 0 RTP/" body~"m=audio 20002"
core> 200 INVITE sdp=audio-left-answer
core< ACK
P1< 200 INVITE body~"m=video 0 RTP/SAVPF 97" body~"m=application 0 TCP/BFCP"
P1> ACK
expect media=1
call A.streams="" B.streams=""
# RFC 3264 8.1: and comes back from the other side, with keys of its own
sdp core-video
v=0
o=core 7 9 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
m=video 6010 RTP/AVPF 99
a=rtpmap:99 H264/90000
m=video 6012 RTP/AVP 34
a=content:slides
.
sdp two-videos
v=0
o=phone 1 3 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
m=video 4010 RTP/SAVPF 99
a=rtpmap:99 H264/90000
a=crypto:1 AEAD_AES_256_GCM inline:@key:v1:44@
m=application 0 TCP/BFCP *
m=video 4012 RTP/SAVP 34
a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:@key:v2:30@
.
core> INVITE sdp=core-video
P1< INVITE body~"m=video 20008 RTP/SAVPF 99" body~"m=application 0 TCP/BFCP *" body~"m=video 20012 RTP/SAVP 34" body~"a=content:slides"
P1> 200 INVITE sdp=two-videos
P1< ACK
core< 200 INVITE body~"m=video 20010 RTP/AVPF 99" body~"m=video 20014 RTP/AVP 34" body!crypto body!BFCP
core> ACK
expect media=3
media A srtp AES_CM_128_HMAC_SHA1_80 port=4012
media +1 A srtp AEAD_AES_256_GCM port=4010
media +1 B rtp port=6010
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# two lines of one stream, SRTP and RTP: one is chosen, by policy
sdp two-lines
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/AVP 0
m=audio 4002 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
m=video 4004 RTP/AVP 34
m=video 4006 RTP/SAVP 34
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:two:30@
.
sdp one-of-each
v=0
o=core 7 9 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0
m=video 6010 RTP/AVP 34
.
P1> INVITE sip:3000@example.com from=2001 sdp=two-lines
core< INVITE body~"m=audio 200" body~"m=video 200" body!SAVP
core> 200 INVITE sdp=one-of-each
core< ACK
P1< 200 INVITE body~"m=audio 0 RTP/AVP 0" body~"RTP/SAVP 0" body~"m=video 0 RTP/AVP 34" body~"RTP/SAVP 34"
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 port=4006
media +1 A srtp AES_CM_128_HMAC_SHA1_80 port=4002
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
phone P4 udp
P4> INVITE sip:3000@example.com from=2004 sdp=two-lines
core< INVITE body!SAVP
core> 200 INVITE sdp=one-of-each
core< ACK
P4< 200 INVITE body~"m=audio 0 RTP/SAVP 0" body~"RTP/AVP 0" body~"m=video 0 RTP/SAVP 34" body~"RTP/AVP 34"
P4> ACK
media A rtp port=4004
media +1 A rtp port=4000
P4> BYE
P4< 200 BYE
core< BYE
core> 200 BYE
# a stream whose protection cannot be had is refused alone
sdp video-plain
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
m=video 4002 RTP/AVP 34
.
P1> INVITE sip:3000@example.com from=2001 sdp=video-plain
core< INVITE body!video
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~"m=video 0 RTP/AVP 34"
P1> ACK
expect media=1
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# no ports for it: the same

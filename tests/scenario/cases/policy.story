# SRTP is required outside: RTP, no usable key, no key at all are refused (RFC
# 4568 7.1.2, RFC 3264 6).
sdp savp-nokey
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
.
sdp savp-unencrypted
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@ UNENCRYPTED_SRTP
.
sdp broken
v=0
o=phone 1 1 IN IP4 198.51.100.1
m=audio
.
sdp video-only
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=video 4000 RTP/SAVP 31
.
sdp with-video
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@|2^20|7:4
m=video 4002 RTP/SAVP 31
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:two:30@
.
P1> INVITE sip:3000@example.com from=2001 sdp=plain
P1< 488 INVITE h~"Warning: 399 edge1 \"SRTP is required"
P1> INVITE sip:3000@example.com from=2001 sdp=savp-nokey
P1< 488 INVITE h~"no usable a=crypto"
P1> INVITE sip:3000@example.com from=2001 sdp=savp-unencrypted
P1< 488 INVITE h~"no usable a=crypto"
counter lineside_srtp_refused_total 3
P1> INVITE sip:3000@example.com from=2001 sdp=g729
P1< 488 INVITE h~"305" h~"in common at dial-peer 100, allowed: PCMU/8000 PCMA/8000"
P1> INVITE sip:3000@example.com from=2001 sdp=broken
P1< 400 INVITE
P1> INVITE sip:3000@example.com from=2001 sdp=video-only
P1< 488 INVITE h~"no usable a=crypto"
P1> INVITE sip:3000@example.com from=2001 body=x +Content-Type="text/plain"
P1< 415 INVITE
expect calls=0 media=0
# the phone's MKI is honoured, for each stream
P1> INVITE sip:3000@example.com from=2001 sdp=with-video
core< INVITE body~"m=video" body!crypto
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~"m=video 0 RTP/SAVP 31"
media A mki=7
P1> ACK
# a refused stream stays in what we offer later
core> INVITE sdp=plain-holds
P1< INVITE body~"m=video 0 RTP/SAVP 31"
P1> 200 INVITE sdp=with-video
P1< ACK
core< 200 INVITE body~"m=video 0 RTP/AVP 31"
core> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

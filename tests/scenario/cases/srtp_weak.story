# Session parameters of RFC 4568 6.3.2 and 6.3.3 that weaken SRTP: refused, but
# where they are named. Answers with a tag of their own: srtp quirk answer-tag.
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 srtp insecure-unencrypted-srtcp
 srtp insecure-unauthenticated-srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 srtp insecure-sdes
 srtp quirk answer-tag
dial-peer voice 300 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 srtp insecure-sdes
end
.
sdp clear
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@ UNENCRYPTED_SRTP
.
sdp unsigned
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@ UNENCRYPTED_SRTCP UNAUTHENTICATED_SRTP WSH=64
.
sdp unsigned-hold
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@ UNENCRYPTED_SRTCP UNAUTHENTICATED_SRTP WSH=64
a=sendonly
.
sdp choice
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@ UNENCRYPTED_SRTCP
a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:@key:two:30@
.
sdp aead
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AEAD_AES_256_GCM inline:@key:four:44@ UNENCRYPTED_SRTCP
.
sdp weak-answer
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:@key:three:30@ UNENCRYPTED_SRTCP
.
sdp tag-1
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:three:30@
.
sdp not-offered
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:@key:five:46@
.
# what is not named is refused
P1> INVITE sip:3000@example.com from=2001 sdp=clear
P1< 488 INVITE h~"session parameters or an MKI that are not taken"
# what is named is done, told, counted and in the answer (RFC 4568 6.3); nobody
# who is not in the description may move the address
counter lineside_srtp_weak_total 0
P1> INVITE sip:3000@example.com from=2001 sdp=unsigned
core< INVITE body~"RTP/SAVP 0" body!UNENCRYPTED body!UNAUTHENTICATED
core> 200 INVITE sdp=answer-256
core< ACK
P1< 200 INVITE body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" body~" UNENCRYPTED_SRTCP UNAUTHENTICATED_SRTP"
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 weak=6 latch=never send recv
media B srtp AEAD_AES_256_GCM weak=0 latch=auth
call A.srtp=1 A.weak="UNENCRYPTED_SRTCP UNAUTHENTICATED_SRTP" B.weak=""
counter lineside_srtp_weak_total 1
P1> INVITE sdp=unsigned-hold
core< INVITE body~a=sendonly
core> 200 INVITE sdp=answer-256
core< ACK
P1< 200 INVITE body~" UNENCRYPTED_SRTCP UNAUTHENTICATED_SRTP"
P1> ACK
media A tx=same rx=same weak=6
counter lineside_srtp_weak_total 1
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# a whole one goes before a weakened one, whatever the suite
P1> INVITE sip:3000@example.com from=2001 sdp=choice
core< INVITE
core> 200 INVITE sdp=answer-256
core< ACK
P1< 200 INVITE body~"a=crypto:2 AES_CM_128_HMAC_SHA1_32" body!UNENCRYPTED body!UNAUTHENTICATED
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_32 weak=0 latch=auth
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
P1> INVITE sip:3000@example.com from=2001 sdp=aead
P1< 488 INVITE h~"session parameters or an MKI that are not taken"
# nobody weakens what we offered
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=weak-answer
core< ACK, BYE
P1< 488 INVITE h~"no usable a=crypto"
core> 200 BYE
# tag 1 for the third line: known by its suite, for good
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE body~"a=crypto:3 AES_CM_128_HMAC_SHA1_80"
core> 200 INVITE sdp=tag-1
core< ACK
P1< 200 INVITE
P1> ACK
media B srtp AES_CM_128_HMAC_SHA1_80 send recv
P1> INVITE sdp=secure-hold
core< INVITE body~"a=crypto:3 AES_CM_128_HMAC_SHA1_80" body!"a=crypto:1"
core> 200 INVITE sdp=tag-1
core< ACK
P1< 200 INVITE
P1> ACK
media B srtp AES_CM_128_HMAC_SHA1_80 tx=same rx=same
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# but not a suite that was not offered, and not without the quirk
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=not-offered
core< ACK, BYE
P1< 488 INVITE h~"no usable a=crypto"
core> 200 BYE
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE body~"a=crypto:3 AES_CM_128_HMAC_SHA1_80"
core> 200 INVITE sdp=tag-1
core< ACK, BYE
P1< 488 INVITE h~"no usable a=crypto"
core> 200 BYE
expect calls=0 media=0

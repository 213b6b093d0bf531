# How SRTP is offered and what may be answered: RFC 8643 3 (opportunistic), and
# Cisco's X-cisco-srtp-fallback.
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
voice class srtp-crypto 1
 crypto 1 AEAD_AES_256_GCM
 crypto 2 AES_CM_128_HMAC_SHA1_80
voice class srtp-crypto 2
 crypto 1 AES_256_CM_HMAC_SHA1_80
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener OPEN
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 rtp-port range 16384 32766
 media inactivity 60
 sip
  srtp negotiate cisco
  registrar server expires max 3600 min 60
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 voice-class srtp-crypto 1
 srtp
dial-peer voice 600 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 7...
 voice-class codec 1
 srtp fallback
 srtp offer two-lines
 srtp insecure-sdes
dial-peer voice 500 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 6...
 voice-class codec 1
 srtp
 srtp insecure-sdes
 srtp quirk aes-cm-256-names
 srtp quirk unpadded-keys
 voice-class srtp-crypto 2
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener OPEN
 no srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 voice-class codec 1
 srtp fallback
 srtp offer opportunistic
 srtp insecure-sdes
 voice-class srtp-crypto 1
dial-peer voice 300 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 voice-class codec 1
 srtp
 srtp offer opportunistic
 srtp insecure-sdes
dial-peer voice 400 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 5...
 voice-class codec 1
 srtp fallback
 srtp offer savp
 srtp insecure-sdes
end
.
sdp osrtp
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
a=sendrecv
.
sdp osrtp-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0
a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:@key:three:30@
.
# RFC 8643 3.1: offered, and answered with a key: SRTP
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE body~"RTP/AVP" body!SAVP body~"a=crypto:1 AEAD_AES_256_GCM" body~"a=crypto:2 " h~"timer, X-cisco-srtp-fallback"
core> 200 INVITE sdp=osrtp-answer
core< ACK
P1< 200 INVITE body~RTP/SAVP
P1> ACK
media B srtp AES_CM_128_HMAC_SHA1_80 send recv latch=auth
call B.srtp=1 B.fallback=0 B.suite=AES_CM_128_HMAC_SHA1_80
counter lineside_srtp_fallback_total 0
# RFC 8643 3.3: what follows keeps the profile and the key
P1> INVITE sdp=secure-hold
core< INVITE body~"RTP/AVP" body!SAVP body~"a=crypto:2 " body!"a=crypto:1 "
core> 200 INVITE sdp=osrtp-answer
core< ACK
P1< 200 INVITE
P1> ACK
media B srtp AES_CM_128_HMAC_SHA1_80 tx=same rx=same
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# RFC 8643 3.2: answered without: RTP, and told
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE body~"a=crypto:"
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~RTP/SAVP
P1> ACK
media B rtp send recv
call B.srtp=0 B.fallback=1
counter lineside_srtp_fallback_total 1
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# the same where SRTP is required: the call is refused
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE body~"RTP/AVP" body~"a=crypto:1 " h!X-cisco
core> 200 INVITE sdp=plain-answer
core< ACK, BYE
P1< 488 INVITE h~"SRTP is required"
core> 200 BYE
# opportunistic offers to us: a key in the answer, the profile stays (RFC 8643
# 3.2)
P1> INVITE sip:3000@example.com from=2001 sdp=osrtp
core< INVITE body~"RTP/AVP"
core> 200 INVITE sdp=osrtp-answer
core< ACK
P1< 200 INVITE body~"RTP/AVP 0" body!SAVP body~"a=crypto:7 AES_CM_128_HMAC_SHA1_80"
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 latch=auth
call A.srtp=1 A.fallback=0
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# where SRTP is not configured they are RTP, and nobody fell back
phone P4 udp
P4> INVITE sip:3000@example.com from=2004 sdp=osrtp
core< INVITE
core> 200 INVITE sdp=osrtp-answer
core< ACK
P4< 200 INVITE body~"RTP/AVP 0" body!crypto
P4> ACK
media A rtp send recv
call A.srtp=0 A.fallback=0
P4> BYE
P4< 200 BYE
core< BYE
core> 200 BYE
# X-cisco-srtp-fallback from who offers SRTP: RTP is answered, and told
counter lineside_srtp_fallback_total 1
P4> INVITE sip:3000@example.com from=2004 sdp=secure
P4< 488 INVITE h~"SRTP is not configured"
P4> INVITE sip:5000@example.com from=2004 sdp=secure +Supported="timer,X-cisco-srtp-fallback"
core< INVITE body~"RTP/SAVP" h~"Supported: timer, X-cisco-srtp-fallback"
core> 200 INVITE sdp=plain-answer
core< ACK
P4< 200 INVITE body~"RTP/AVP 0" body!crypto
P4> ACK
media A rtp send recv
media B rtp send recv
call A.srtp=0 A.fallback=1 B.srtp=0 B.fallback=1
counter lineside_srtp_fallback_total 3
P4> BYE
P4< 200 BYE
core< BYE
core> 200 BYE
# where SRTP is required that word changes nothing
sdp savp-weak
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 F8_128_HMAC_SHA1_80 inline:@key:one:30@
.
P1> INVITE sip:5000@example.com from=2001 sdp=savp-weak +Supported="X-cisco-srtp-fallback"
P1< 488 INVITE h~"no usable a=crypto"
expect calls=0 legs=0 media=0
# one quirk each: names and padding as the far end wants them; the answer may
# have either (RFC 6188 4)
sdp cm256-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/SAVP 0
a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:@key:five:46@
.
P1> INVITE sip:6000@example.com from=2001 sdp=secure
core< INVITE body~"a=crypto:1 AES_CM_256_HMAC_SHA1_80 inline:"
core> 200 INVITE sdp=cm256-answer
core< ACK
P1< 200 INVITE
P1> ACK
media B srtp AES_256_CM_HMAC_SHA1_80 send recv
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# what is wrong with a key is told
sdp savp-length
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:29@
.
P1> INVITE sip:6000@example.com from=2001 sdp=savp-length
P1< 488 INVITE h~"the key has not the length of its suite"
sdp savp-clear
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@ UNAUTHENTICATED_SRTP
.
P1> INVITE sip:6000@example.com from=2001 sdp=savp-clear
P1< 488 INVITE h~"session parameters or an MKI that are not taken"
expect calls=0 legs=0 media=0
# two lines of one sound are offered: SRTP is taken, or RTP, told as a fallback;
# the other line keeps its place
sdp first-of-two
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/SAVP 0
a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:@key:six:30@
m=audio 0 RTP/AVP 0
.
sdp second-of-two
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 0 RTP/SAVP 0
m=audio 6002 RTP/AVP 0
.
P1> INVITE sip:7000@example.com from=2001 sdp=secure
core< INVITE body~"RTP/SAVP 0 8 101" body~"RTP/AVP 0 8 101" body~"a=crypto:1 AEAD"
core> 200 INVITE sdp=first-of-two
core< ACK
P1< 200 INVITE
P1> ACK
media B srtp AES_CM_128_HMAC_SHA1_80 send recv port=6000
call B.srtp=1 B.fallback=0
P1> INVITE sdp=secure-hold
core< INVITE body~"RTP/SAVP 0 8 101" body~"m=audio 0 RTP/AVP 0"
core> 200 INVITE sdp=first-of-two
core< ACK
P1< 200 INVITE
P1> ACK
media B srtp AES_CM_128_HMAC_SHA1_80 tx=same
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
P1> INVITE sip:7000@example.com from=2001 sdp=secure
core< INVITE body~"RTP/SAVP 0 8 101"
core> 200 INVITE sdp=second-of-two
core< ACK
P1< 200 INVITE body~RTP/SAVP
P1> ACK
media B rtp send recv port=6002
call B.srtp=0 B.fallback=1
counter lineside_srtp_fallback_total 4
P1> INVITE sdp=secure-hold
core< INVITE body~"m=audio 0 RTP/SAVP" body~"RTP/AVP 0" body!crypto
core> 200 INVITE sdp=second-of-two
core< ACK
P1< 200 INVITE
P1> ACK
media B rtp port=6002
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# both refused, or the whole: RTP is offered, as ever
P1> INVITE sip:7000@example.com from=2001 sdp=secure
core< INVITE body~"RTP/SAVP 0 8 101"
core> 488 INVITE
core< INVITE body!SAVP
core> 488 INVITE
P1< 488 INVITE
expect calls=0 legs=0 media=0
# a picture alone has its two lines as well (RFC 3264 6)
sdp video-alone
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=video 4002 RTP/SAVPF 97
a=rtpmap:97 H264/90000
a=rtcp-fb:97 nack pli
a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:@key:two:30@
.
sdp video-held
v=0
o=phone 1 2 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=video 4002 RTP/SAVPF 97
a=rtpmap:97 H264/90000
a=rtcp-fb:97 nack pli
a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:@key:two:30@
a=sendonly
.
sdp picture-first
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=video 6002 RTP/SAVPF 97
a=rtpmap:97 H264/90000
a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:@key:six:30@
m=video 0 RTP/AVPF 97
.
sdp picture-second
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=video 0 RTP/SAVPF 97
m=video 6004 RTP/AVPF 97
a=rtpmap:97 H264/90000
.
P1> INVITE sip:7000@example.com from=2001 sdp=video-alone
core< INVITE body~" RTP/SAVPF 97" body~" RTP/AVPF 97" body~"a=crypto:1 " body!m=audio
core> 200 INVITE sdp=picture-first
core< ACK
P1< 200 INVITE body~"RTP/SAVPF 97"
P1> ACK
media B srtp AES_CM_128_HMAC_SHA1_80 send recv port=6002
call A.streams="video: AES_CM_128_HMAC_SHA1_80" B.streams="video: AES_CM_128_HMAC_SHA1_80"
P1> INVITE sdp=video-held
core< INVITE body~" RTP/SAVPF 97" body~"m=video 0 RTP/AVPF 97"
core> 200 INVITE sdp=picture-first
core< ACK
P1< 200 INVITE
P1> ACK
media B srtp AES_CM_128_HMAC_SHA1_80 port=6002
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
P1> INVITE sip:7000@example.com from=2001 sdp=video-alone
core< INVITE body~" RTP/SAVPF 97" body~" RTP/AVPF 97"
core> 200 INVITE sdp=picture-second
core< ACK
P1< 200 INVITE body~"RTP/SAVPF 97"
P1> ACK
media B rtp send recv port=6004
call A.streams="video: AES_CM_128_HMAC_SHA1_80" B.streams="video: RTP"
counter lineside_srtp_clear_streams_total 1
P1> INVITE sdp=video-held
core< INVITE body~"m=video 0 RTP/SAVPF" body~" RTP/AVPF 97" body!crypto
core> 200 INVITE sdp=picture-second
core< ACK
P1< 200 INVITE
P1> ACK
media B rtp port=6004
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# refused as a whole, it is offered in clear
P1> INVITE sip:7000@example.com from=2001 sdp=video-alone
core< INVITE body~" RTP/SAVPF 97"
core> 488 INVITE
core< INVITE body!SAVP body~" RTP/AVPF 97"
core> 488 INVITE
P1< 488 INVITE
expect calls=0 legs=0 media=0

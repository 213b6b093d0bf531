# srtp fallback: SRTP is tried, RTP is taken when it is refused, and told (RFC
# 4568 7.1.3).
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
  registrar server expires max 3600 min 60
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 srtp fallback
 srtp insecure-sdes
 voice-class srtp-crypto 1
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener OPEN
 srtp fallback
 srtp insecure-sdes
 voice-class srtp-crypto 1
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern .T
 voice-class codec 1
 srtp fallback
 srtp insecure-sdes
 voice-class srtp-crypto 1
end
.
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE body~"RTP/SAVP" body~"a=crypto:1 "
core> 488 INVITE
core< INVITE body~"RTP/AVP" body!crypto
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~RTP/SAVP
P1> ACK
call A.fallback=0 A.srtp=1 B.fallback=1 B.srtp=0
counter lineside_srtp_fallback_total 1
# it stays so for the call: no second try
P1> INVITE sdp=secure-hold
core< INVITE body!SAVP
core> 200 INVITE sdp=plain-held
core< ACK
P1< 200 INVITE
P1> ACK
counter lineside_srtp_fallback_total 1
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# refused twice
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE body~SAVP
core> 488 INVITE
core< INVITE body!SAVP
core> 488 INVITE
P1< 488 INVITE
# a phone that offers RTP gets RTP
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE body~SAVP
core> 486 INVITE
P1< 486 INVITE
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE body~SAVP
core> 200 INVITE sdp=answer-80
core< ACK
P1< 200 INVITE body!SAVP
P1> ACK
call A.fallback=1 B.fallback=0 B.suite=AES_CM_128_HMAC_SHA1_80
counter lineside_srtp_fallback_total 2
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# RTP as the answer to SAVP is what was allowed, and told
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE body~SAVP h!X-cisco
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~RTP/SAVP
P1> ACK
media B rtp send recv
media A srtp AES_CM_128_HMAC_SHA1_80
call A.fallback=0 A.srtp=1 B.fallback=1 B.srtp=0
counter lineside_srtp_fallback_total 3
# what comes back to SRTP is SRTP again
P1> INVITE sdp=secure-rekey
core< INVITE body~RTP/SAVP
core> 200 INVITE sdp=answer-80
core< ACK
P1< 200 INVITE
P1> ACK
call B.fallback=0 B.srtp=1 B.suite=AES_CM_128_HMAC_SHA1_80
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0

# SRTP on both sides, each with its own suite and keys (RFC 4568 7.1.2, 6.2).
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
 voice-class srtp-crypto 1
 srtp
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener OPEN
 srtp
 srtp insecure-sdes
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern .T
 voice-class codec 1
 srtp
 srtp insecure-sdes
end
.
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE body~"crypto:1 AEAD_AES_256_GCM" body~"crypto:4 AES_CM_128_HMAC_SHA1_32"
core> 200 INVITE sdp=answer-256
core< ACK
P1< 200 INVITE body~"AES_CM_128_HMAC_SHA1_80" body!AEAD
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 latch=auth
media B srtp AEAD_AES_256_GCM latch=auth
call A.suite=AES_CM_128_HMAC_SHA1_80 B.suite=AEAD_AES_256_GCM
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

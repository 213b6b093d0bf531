# The embedded registrar: phones find each other without a call manager
# (RFC 3261 10.3).
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
 registrar embedded
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
 no srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern .T
 voice-class codec 1
 no srtp
end
.
phone P4 udp
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001>;q=0.5" expires=300
P1< 200 REGISTER contacts="<sip:2001@192.168.1.5:40001>;q=0.5;expires=300"
P2> REGISTER sip:example.com from=2002 to=sip:2002@example.com contact="<sip:2002@192.168.1.6:40002>" expires=30
P2< 423 REGISTER
P2> REGISTER sip:example.com from=2002 to=sip:2002@example.com contact="<sip:2002@192.168.1.6:40002>" expires=300
P2< 200 REGISTER
P4> REGISTER sip:example.com from=2004 to=sip:2004@example.com contact="<sip:2004@192.168.1.6:40002>" expires=300
P4< 403 REGISTER h~"certificate is needed"
expect regs=2
P1> INVITE sip:2002@example.com from=2001 sdp=secure
P2< INVITE ruri=sip:2002@192.168.1.6:40002 body~RTP/SAVP from~2001@example.com
P2> 180 INVITE
P1< 180 INVITE
P2> 200 INVITE sdp=answer-80
P2< ACK
P1< 200 INVITE body~RTP/SAVP
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80
media B srtp AES_CM_128_HMAC_SHA1_80
P2> BYE
P2< 200 BYE
P1< BYE
P1> 200 BYE
P2> REGISTER sip:example.com from=2002 to=sip:2002@example.com contact="*" expires=0
P2< 200 REGISTER contacts=
expect regs=1
P1> INVITE sip:2002@example.com from=2001 sdp=secure
core< INVITE
core> 404 INVITE
P1< 404 INVITE

# T.38 by UDPTL: sound becomes fax and sound again, in the same section and in
# one of its own (T.38 D.2, RFC 3264 8.3.3).
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
 no srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern .T
 voice-class codec 1
 no srtp
dial-peer voice 120 voip
 session target registrar
 session transport tcp tls
 destination-pattern 9...
 voice-class codec 1
 srtp
 srtp insecure-udptl
dial-peer voice 210 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 7...
 voice-class codec 1
 no srtp
 fax protocol pass-through g711ulaw
end
.
phone P4 udp
sdp fax
v=0
o=fax 1 2 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=image 4000 udptl t38
a=T38FaxVersion:0
a=T38MaxBitRate:14400
a=T38FaxRateManagement:transferredTCF
a=T38FaxUdpEC:t38UDPRedundancy
a=X-unknown:1
.
sdp fax-answer
v=0
o=core 7 8 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=image 6000 udptl t38
a=T38FaxVersion:0
a=T38FaxUdpEC:t38UDPRedundancy
.
sdp sound
v=0
o=fax 1 3 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/AVP 0
.
P4> INVITE sip:3000@example.com from=2004 sdp=sound
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P4< 200 INVITE
P4> ACK
media A rtp send recv
# the answerer hears fax tones, and asks for T.38 in the section of the sound
core> INVITE sdp=fax-answer
P4< INVITE body~"m=image 20000 udptl t38" body~T38FaxVersion:0 body!"m=audio" body!a=sendrecv
P4> 200 INVITE sdp=fax
P4< ACK
core< 200 INVITE body~"m=image 20002 udptl t38" body~"a=X-unknown:1" body~T38MaxBitRate:14400
core> ACK
media A raw send recv port=4000 latch=never
media B raw send recv port=6000
call A.codec=T.38 A.fallback=0 B.fallback=0
# and sound again, on the same ports
P4> INVITE sdp=sound
core< INVITE body~"m=audio 20002 RTP/AVP 0"
core> 200 INVITE sdp=plain-answer
core< ACK
P4< 200 INVITE body~"m=audio 20000 RTP/AVP 0"
P4> ACK
media A rtp send recv
call A.codec=PCMU/8000
# in a section of its own, while the sound is off
sdp fax-beside
v=0
o=fax 1 4 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 0 RTP/AVP 0
m=image 4010 udptl t38
a=T38FaxVersion:0
.
sdp fax-beside-answer
v=0
o=core 7 10 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 0 RTP/AVP 0
m=image 6010 udptl t38
.
P4> INVITE sdp=fax-beside
core< INVITE body~"m=audio 0 RTP/AVP 0" body~"m=image 20006 udptl t38"
core> 200 INVITE sdp=fax-beside-answer
core< ACK
P4< 200 INVITE body~"m=audio 0 RTP/AVP 0" body~"m=image 20004 udptl t38"
P4> ACK
media A raw send recv port=4010
media B raw send recv port=6010
media +1 A nosend norecv
call A.streams="image: in clear, no RTP" hold=0
# a machine that cannot: 488, and the sound goes on
P4> INVITE sdp=sound
core< INVITE body~"m=audio 20002" body~"m=image 0 udptl t38"
core> 200 INVITE sdp=plain-answer
core< ACK
P4< 200 INVITE body~"m=audio 20000"
P4> ACK
expect media=1
P4> INVITE sdp=fax
core< INVITE body~"m=image"
core> 488 INVITE
P4< 488 INVITE
media A rtp send recv
P4> BYE
P4< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# where SRTP is required UDPTL is refused, and said to be; sound goes on
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
core> INVITE sdp=fax-answer
core< 488 INVITE h~"Warning: 399 edge1 \"UDPTL is in clear, and SRTP is required here\""
P1> INVITE sdp=fax
P1< 488 INVITE h~"UDPTL is in clear"
counter lineside_srtp_refused_total 2
media A srtp AES_CM_128_HMAC_SHA1_80 send recv
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# fax protocol pass-through: T.38 is refused, whoever asks
P4> INVITE sip:7000@example.com from=2004 sdp=sound
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P4< 200 INVITE
P4> ACK
P4> INVITE sdp=fax
P4< 488 INVITE h~"T.38 is not configured here"
P4> BYE
P4< 200 BYE
core< BYE
core> 200 BYE
# named: it passes, is told and counted
P1> REGISTER sip:example.com to=sip:9001@example.com from=9001 contact=<sip:9001@198.51.100.1:5061> expires=600
core< REGISTER token=T9
core> 200 REGISTER contact=<sip:$T9@10.1.1.5>;expires=600
P1< 200 REGISTER
P4> INVITE sip:9001@example.com from=2004 sdp=fax
P1< INVITE body~"udptl t38"
P1> 200 INVITE sdp=fax
P1< ACK
P4< 200 INVITE body~"udptl t38"
P4> ACK
media B raw send recv
call B.fallback=1 B.srtp=0
counter lineside_srtp_fallback_total 1
P4> BYE
P4< 200 BYE
P1< BYE
P1> 200 BYE
expect calls=0 legs=0 media=0

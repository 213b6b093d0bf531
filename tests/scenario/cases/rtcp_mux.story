# RTCP on RTP's port on one leg, on a port of its own on the other.
conf
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
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
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
voice class tenant 7
 rtcp-mux
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener OPEN
 no srtp
 no rtcp-mux
dial-peer voice 300 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 no srtp
dial-peer voice 400 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 no srtp
 voice-class sip tenant 7
end
.
phone P9 udp
sdp muxed
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=rtpmap:0 PCMU/8000
a=rtcp-mux
a=rtcp:4017
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
.
sdp unmuxed
v=0
o=phone 1 2 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=rtpmap:0 PCMU/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
.
sdp apart
v=0
o=core 7 7 IN IP4 10.1.1.20
s=-
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0
a=rtcp:6100 IN IP4 10.1.1.21
.
# The phone's offer of it is taken, the core hears nothing of it, and where the
# core wants RTCP is where it goes (RFC 5761 5.1.1; RFC 3605 2.1)
P1> INVITE sip:3000@example.com from=2001 sdp=muxed
core< INVITE body!rtcp-mux body!a=rtcp body~"m=audio 20002 RTP/AVP 0"
core> 200 INVITE sdp=apart
core< ACK
P1< 200 INVITE body~"m=audio 20000 RTP/SAVP 0" body~"a=rtcp-mux" body~"a=rtcp:20000"
P1> ACK
media A mux srtp AES_CM_128_HMAC_SHA1_80 port=4000
media B nomux rtcp=6100 port=6000
# What is in force is offered again, with the old port to fall back to
sdp apart-held
v=0
o=core 7 8 IN IP4 10.1.1.20
s=-
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0
a=rtcp:6101
a=sendonly
.
core> INVITE sdp=apart-held
P1< INVITE body~"a=rtcp-mux" body!"a=rtcp:" body~"m=audio 20000"
P1> 200 INVITE sdp=muxed
P1< ACK
core< 200 INVITE body!rtcp-mux body!"a=rtcp:"
core> ACK
media A mux
media B nomux rtcp=6101
# and a phone that is done with it gets RTCP on the port above again
P1> INVITE sdp=unmuxed
core< INVITE body!rtcp-mux
core> 200 INVITE sdp=apart
core< ACK
P1< 200 INVITE body!rtcp-mux body!"a=rtcp:"
P1> ACK
media A nomux rtcp=0
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# It is offered where it is configured (here: by the tenant), and is in force
# when it is answered (RFC 5761 5.1.1)
sdp core-muxed
v=0
o=core 7 7 IN IP4 10.1.1.20
s=-
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0
a=rtcp-mux
.
P1> INVITE sip:4000@example.com from=2001 sdp=unmuxed
core< INVITE body~"a=rtcp-mux" body!"a=rtcp:"
core> 200 INVITE sdp=core-muxed
core< ACK
P1< 200 INVITE body!rtcp-mux
P1> ACK
media A nomux
media B mux
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# who does not answer it gets RTCP apart
P1> INVITE sip:4000@example.com from=2001 sdp=muxed
core< INVITE body~"a=rtcp-mux"
core> 200 INVITE sdp=apart
core< ACK
P1< 200 INVITE body~"a=rtcp-mux"
P1> ACK
media A mux
media B nomux rtcp=6100
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# an answer to what was not offered changes nothing
P1> INVITE sip:3000@example.com from=2001 sdp=muxed
core< INVITE body!rtcp-mux
core> 200 INVITE sdp=core-muxed
core< ACK
P1< 200 INVITE body~"a=rtcp-mux"
P1> ACK
media B nomux
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# Where it is switched off it is not answered; an offer that leaves nothing
# else is refused (RFC 8858 4)
sdp plain-muxed
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/AVP 0
a=rtcp-mux
.
P9> INVITE sip:3000@example.com from=2009 sdp=plain-muxed
core< INVITE body!rtcp-mux
core> 200 INVITE sdp=apart
core< ACK
P9< 200 INVITE body!rtcp-mux
P9> ACK
media A nomux rtcp=0
P9> BYE
P9< 200 BYE
core< BYE
core> 200 BYE
sdp mux-only
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/AVP 0
a=rtcp-mux
a=rtcp-mux-only
.
P9> INVITE sip:3000@example.com from=2009 sdp=mux-only
P9< 488 INVITE h~"rtcp-mux-only"
P9> ACK
# where it is taken it is like any other
sdp secure-mux-only
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=rtcp-mux-only
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
.
P1> INVITE sip:3000@example.com from=2001 sdp=secure-mux-only
core< INVITE body!rtcp-mux
core> 200 INVITE sdp=apart
core< ACK
P1< 200 INVITE body~"a=rtcp-mux" body!rtcp-mux-only
P1> ACK
media A mux
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# RTP of payload types 64 to 95 could be taken for RTCP: such a stream is not
# multiplexed (RFC 5761 4)
sdp odd-types
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 72
a=rtpmap:72 PCMU/8000
a=rtcp-mux
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
.
P1> INVITE sip:4000@example.com from=2001 sdp=odd-types
core< INVITE body!rtcp-mux body~"a=rtpmap:72 PCMU"
core> 200 INVITE sdp=apart
core< ACK
P1< 200 INVITE body!rtcp-mux
P1> ACK
media A nomux
media B nomux
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# Each stream has its own (RFC 5761 5.1.1)
sdp two
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
m=video 4002 RTP/SAVP 34
a=rtcp-mux
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:two:30@
.
sdp two-apart
v=0
o=core 7 7 IN IP4 10.1.1.20
s=-
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0
m=video 6002 RTP/AVP 34
a=rtcp:6200
.
P1> INVITE sip:3000@example.com from=2001 sdp=two
core< INVITE body!rtcp-mux body~"m=video"
core> 200 INVITE sdp=two-apart
core< ACK
P1< 200 INVITE body~"a=rtcp-mux"
P1> ACK
media A mux port=4002
media B nomux rtcp=6200
media +1 A nomux port=4000
media +1 B nomux
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

# Two sides without a codec in common: a transcoder joins them, takes no more
# calls than it may, and goes when it is not needed any more.
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 opus
voice class codec 2
 codec preference 1 g711alaw
 codec preference 2 g729r8
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice moh-group 1
 moh /nowhere/music.wav
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dspfarm profile 5 transcode security
 no codec g711alaw
 maximum sessions 1
 no shutdown
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 dtmf-relay rtp-nte
 moh-group 1
 srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern .T
 voice-class codec 2
 no srtp
end
.
sdp phone
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0 101
a=rtpmap:101 telephone-event/8000
a=ptime:30
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
.
sdp phone-hold
v=0
o=phone 1 2 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0 101
a=rtpmap:101 telephone-event/8000
a=ptime:30
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
a=sendonly
.
sdp phone-opus
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 96
a=rtpmap:96 opus/48000/2
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
.
sdp trunk
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 18 97
a=rtpmap:97 telephone-event/8000
.
sdp trunk-alaw
v=0
o=core 7 8 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 8 97
a=rtpmap:97 telephone-event/8000
.
sdp trunk-deaf
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 18
.
sdp trunk-silent
v=0
o=core 7 8 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 18
a=inactive
.
sdp phone-listens
v=0
o=phone 1 4 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0 101
a=rtpmap:101 telephone-event/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
a=recvonly
.
phone P1 device SEP01
phone P2 device SEP02
host core 10.1.1.10
# what the class has and the profile can make is offered: G.729, not A-law
P1> INVITE sip:3000@example.com from=2001 sdp=phone
core< INVITE body~"RTP/AVP 18 101" body~"a=rtpmap:18 G729/8000" body~"a=fmtp:18 annexb=no" body~"a=rtpmap:101 telephone-event/8000" body!crypto
core> 200 INVITE sdp=trunk
core< ACK
P1< 200 INVITE body~"RTP/SAVP 0 101" body~"a=rtpmap:0 PCMU/8000" body~a=crypto:1 body!G729
P1> ACK
call state=up transcoder=5 A.codec=PCMU/8000 B.codec=G729/8000
media A srtp AES_CM_128_HMAC_SHA1_80 send recv
counter lineside_transcoder_sessions_total 1
# the only session is in use: refused with its reason, before anybody rings
P2> INVITE sip:3001@example.com from=2002 sdp=phone
P2< 503 INVITE h~"399" h~"all transcoder sessions are in use"
P2> ACK
counter lineside_transcoder_refused_total 1
# hold: the same session goes on
P1> INVITE sdp=phone-hold
core< INVITE body~"RTP/AVP 18 101" body~a=sendonly
core> 200 INVITE sdp=trunk
core< ACK
P1< 200 INVITE
P1> ACK
call transcoder=5
counter lineside_transcoder_sessions_total 1
# G.729 is gone from the other side's mind: nothing joins A-law here
core> INVITE sdp=trunk-alaw
core< 488 INVITE h~"305"
core> ACK
call transcoder=5
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# the session is free again. Opus is in the phone's class, not in the profile.
P2> INVITE sip:3001@example.com from=2002 sdp=phone-opus
P2< 488 INVITE h~"305"
P2> ACK
# the far end has no events: the session makes them of its tones
P2> INVITE sip:3001@example.com from=2002 sdp=phone
core< INVITE
core> 200 INVITE sdp=trunk-deaf
core< ACK
P2< 200 INVITE body~"RTP/SAVP 0 101" body~"a=rtpmap:101 telephone-event/8000"
P2> ACK
call transcoder=5
# held without a sound: the phone is told to listen, to our music; who holds
# gets what may be answered (RFC 3264 6.1)
core> INVITE sdp=trunk-silent
P2< INVITE body~a=sendonly
P2> 200 INVITE sdp=phone-listens
P2< ACK
core< 200 INVITE body~a=inactive
core> ACK
media A send norecv
call hold=1
core> BYE
core< 200 BYE
P2< BYE
P2> 200 BYE
expect calls=0 legs=0 media=0

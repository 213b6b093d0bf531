# Calls without sound: video alone, floor control alone, and what becomes of TCP.
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
sdp video-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=video 6002 RTP/AVPF 99
a=rtpmap:99 H264/90000
.
# A picture without sound is encrypted outside and in clear inside, as beside one
# (RFC 3264 5, 6)
P1> INVITE sip:3000@example.com from=2001 sdp=video-alone
core< INVITE body~"m=video 200" body~" RTP/AVPF 97" body~"a=rtcp-fb:97 nack pli" body!crypto body!m=audio
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=video-answer
core< ACK
P1< 200 INVITE body~"m=video 200" body~" RTP/SAVPF 99" body~"a=crypto:4 AES_CM_128_HMAC_SHA1_80" body!m=audio
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 send recv latch=auth port=4002
media B rtp send recv port=6002
call state=up A.streams="video: AES_CM_128_HMAC_SHA1_80" B.streams="video: RTP"
# the picture alone tells whether the call is alive, and which way it goes
media oneway B never
call B.oneway="video: no packet ever came"
media oneway B heard
# a sound that comes later is the main stream: its codecs are chosen
# (RFC 3264 8.1)
sdp sound-comes
v=0
o=phone 1 2 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=video 4002 RTP/SAVPF 97
a=rtpmap:97 H264/90000
a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:@key:two:30@
m=audio 4000 RTP/SAVP 18 0
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
.
sdp sound-answer
v=0
o=core 7 8 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=video 6002 RTP/AVPF 99
a=rtpmap:99 H264/90000
m=audio 6000 RTP/AVP 0
.
P1> INVITE sdp=sound-comes
core< INVITE body~"m=video 200" body~" RTP/AVPF 97" body~"m=audio 200" body~" RTP/AVP 0"
core> 200 INVITE sdp=sound-answer
core< ACK
P1< 200 INVITE body~"m=video 200" body~" RTP/SAVPF 99" body~"m=audio 200" body~" RTP/SAVP 0"
P1> ACK
media +1 A srtp AES_CM_128_HMAC_SHA1_80 port=4000
media +1 B rtp port=6000
media A srtp AES_CM_128_HMAC_SHA1_80 port=4002
call A.codec=PCMU/8000
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# silence of the only stream ends the call
P1> INVITE sip:3000@example.com from=2001 sdp=video-alone
core< INVITE
core> 200 INVITE sdp=video-answer
core< ACK
P1< 200 INVITE
P1> ACK
media inactive
P1< BYE
P1> 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# An offer without description gets B's picture as offer (RFC 3264 5)
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE sdp=video-answer
P1< 200 INVITE body~"m=video 200" body~" RTP/SAVPF 99" body~crypto body!m=audio
sdp video-in-ack
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=video 4002 RTP/SAVPF 99
a=rtpmap:99 H264/90000
a=crypto:1 AEAD_AES_256_GCM inline:@key:v1:44@
.
P1> ACK sdp=video-in-ack
core< ACK body~"m=video 200" body~" RTP/AVPF 99"
media A srtp AEAD_AES_256_GCM
media B rtp
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# Refused by B: the caller hears that, and its section keeps its place
sdp video-refused
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=video 0 RTP/AVPF 97
.
P1> INVITE sip:3000@example.com from=2001 sdp=video-alone
core< INVITE
core> 200 INVITE sdp=video-refused
core< ACK
core< BYE
core> 200 BYE
P1< 488 INVITE h~"no stream of the offer is accepted"
P1> ACK
expect calls=0 legs=0 media=0
# Policy is the leg's: a picture in clear where SRTP is required is refused with
# the reason (RFC 4568 7.1.2)
sdp video-clear
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=video 4002 RTP/AVP 97
a=rtpmap:97 H264/90000
.
P1> INVITE sip:3000@example.com from=2001 sdp=video-clear
P1< 488 INVITE h~"SRTP is required here"
counter lineside_srtp_refused_total 1
P1> ACK
# Floor control by UDP alone is relayed (RFC 8856 4), by TCP it is not: nothing
# else is there (RFC 4145 4)
sdp bfcp-udp
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=application 4010 UDP/BFCP *
a=floorctrl:c-only
a=confid:4321
.
sdp bfcp-udp-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=application 6010 UDP/BFCP *
a=floorctrl:s-only
a=confid:4321
.
phone U1 udp
U1> INVITE sip:3000@example.com from=2101 sdp=bfcp-udp
core< INVITE body~"m=application 200" body~" UDP/BFCP *" body~"a=floorctrl:c-only" body!m=audio
core> 200 INVITE sdp=bfcp-udp-answer
core< ACK
U1< 200 INVITE body~"UDP/BFCP *" body~"a=floorctrl:s-only"
U1> ACK
media A raw port=4010
media B raw port=6010
media inactive
call state=up
U1> BYE
U1< 200 BYE
core< BYE
core> 200 BYE
sdp bfcp-tcp
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=application 9 TCP/BFCP *
a=setup:active
a=connection:new
.
U1> INVITE sip:3000@example.com from=2101 sdp=bfcp-tcp
U1< 488 INVITE h~"no stream is described that can be carried here"
U1> ACK
# beside a picture the TCP line is refused alone, its setup goes nowhere
# (RFC 3264 6)
sdp video-and-tcp
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=application 9 TCP/BFCP *
a=setup:active
a=connection:new
m=video 4002 RTP/AVP 97
a=rtpmap:97 H264/90000
m=message 7394 TCP/MSRP *
a=accept-types:text/plain
.
sdp video-clear-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=video 6002 RTP/AVP 97
a=rtpmap:97 H264/90000
.
U1> INVITE sip:3000@example.com from=2101 sdp=video-and-tcp
core< INVITE body~"m=video" body!TCP body!setup body!m=audio
core> 200 INVITE sdp=video-clear-answer
core< ACK
U1< 200 INVITE body~"m=application 0 TCP/BFCP *" body~"m=video 2" body~"m=message 0 TCP/MSRP *" body!setup
U1> ACK
media A rtp send recv port=4002
U1> BYE
U1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

# Whether a call is alive, and which of its streams go one way, is told by all
# of them (behaviour.md: Media).
sdp av
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
a=X-inside:secret
m=audio 4000 RTP/SAVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
m=video 4002 RTP/SAVPF 97 34
b=TIAS:512000
a=rtpmap:97 H264/90000
a=fmtp:97 profile-level-id=42e01f;packetization-mode=1
a=rtcp-fb:* nack pli
a=rtcp-fb:97 ccm fir
a=X-secret:7
a=content:main
a=mid:2
a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:@key:two:30@
a=sendrecv
m=application 4004 TCP/BFCP *
a=setup:active
.
sdp av-plain-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
a=X-ours:1
m=audio 6000 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
m=video 6002 RTP/AVPF 99
a=rtpmap:99 H264/90000
a=fmtp:99 profile-level-id=42e01f;packetization-mode=1
a=rtcp-fb:99 nack pli
a=X-trust:no
.
P1> INVITE sip:3000@example.com from=2001 sdp=av
core< INVITE
core> 200 INVITE sdp=av-plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
# +1 is the sound, the newest is the video: while it shows something, the call
# goes on without sound; and the other way round
media flows
media +1 inactive
counter lineside_calls_media_inactive_total 0
media quiet
media +1 flows
media inactive
counter lineside_calls_media_inactive_total 0
call state=up
# each stream is told of by itself
media oneway B never
call B.oneway="video: no packet ever came" A.oneway=""
media +1 oneway B stopped
call B.oneway="its packets stopped; video: no packet ever came"
counter lineside_media_oneway_never_total 1
counter lineside_media_oneway_stopped_total 1
expect oneways=2
media oneway B heard
expect oneways=1
call B.oneway="its packets stopped"
media oneway A auth
call A.oneway="video: its packets fail authentication"
# the video is taken away: nobody misses it
sdp audio-left
v=0
o=phone 1 2 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
m=video 0 RTP/SAVPF 97
m=application 0 TCP/BFCP *
.
sdp audio-left-answer
v=0
o=core 7 8 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
m=video 0 RTP/AVPF 99
.
P1> INVITE sdp=audio-left
core< INVITE
core> 200 INVITE sdp=audio-left-answer
core< ACK
P1< 200 INVITE
P1> ACK
expect media=1 oneways=1
call A.oneway="" B.oneway="its packets stopped"
# and the sound alone tells that the call is dead
media inactive
counter lineside_calls_media_inactive_total 1
P1< BYE
P1> 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0 oneways=0
# Floor control may be silent for long: it neither ends a call nor keeps one
sdp floor
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/AVP 0
m=application 4010 UDP/BFCP *
a=floorctrl:c-only
.
sdp floor-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0
m=application 6010 UDP/BFCP *
a=floorctrl:s-only
.
phone U1 udp
U1> INVITE sip:3000@example.com from=2101 sdp=floor
core< INVITE body~"UDP/BFCP"
core> 200 INVITE sdp=floor-answer
core< ACK
U1< 200 INVITE body~"UDP/BFCP"
U1> ACK
media A raw
media inactive
counter lineside_calls_media_inactive_total 1
media +1 inactive
counter lineside_calls_media_inactive_total 2
U1< BYE
U1> 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

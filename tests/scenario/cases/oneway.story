# One-way audio: told once by its cause, over when it is heard, the call goes on
# (behaviour.md: Media).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 183 INVITE sdp=plain-answer
P1< 183 INVITE
# while it rings nobody has to talk
media oneway A never
counter lineside_media_oneway_never_total 0
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media oneway A never
media oneway A never
counter lineside_media_oneway_never_total 1
media oneway A heard
media oneway A heard
media oneway A stopped
counter lineside_media_oneway_stopped_total 1
# another cause while it lasts is the same event
media oneway A auth
counter lineside_media_oneway_auth_failed_total 0
media oneway A held
media oneway A auth
counter lineside_media_oneway_auth_failed_total 1
media oneway B source
counter lineside_media_oneway_wrong_source_total 1
media oneway B heard
media oneway B silent
counter lineside_media_oneway_silent_total 1
media oneway B heard
media oneway B malformed
counter lineside_media_oneway_malformed_total 1
media oneway B heard
media oneway B send
counter lineside_media_oneway_unreachable_total 1
call state=up
P1> BYE
P1< 200 BYE
core< BYE
# a phone behind address translation: its description names the home
sdp home
v=0
o=phone 5 1 IN IP4 192.168.1.5
s=-
c=IN IP4 192.168.1.5
t=0 0
m=audio 4000 RTP/SAVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
a=sendrecv
.
P1> INVITE sip:3000@example.com from=2001 sdp=home
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media oneway A never
counter lineside_media_oneway_nat_total 1
counter lineside_media_oneway_never_total 1
media oneway A heard
# a wrong key has nothing to do with it
media oneway A auth
counter lineside_media_oneway_auth_failed_total 2
counter lineside_media_oneway_nat_total 1
P1> BYE
P1< 200 BYE
core< BYE

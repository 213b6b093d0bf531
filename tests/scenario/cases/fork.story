# Two branches ring with media of their own; the one that answers decides
# (RFC 3261 12.1.2, 13.2.2.4).
sdp branch2
v=0
o=core 9 9 IN IP4 10.1.1.21
s=call
c=IN IP4 10.1.1.21
t=0 0
m=audio 6100 RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
.
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 183 INVITE sdp=plain-answer
P1< 183 INVITE body~"SAVP 0 101"
media A srtp AES_CM_128_HMAC_SHA1_80
core> 183 INVITE sdp=branch2
P1< 183 INVITE body~"SAVP 8 101"
media B port=6100
media A tx=same
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~"SAVP 0 101"
media B port=6000
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# an early description that cannot be used is left out
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 183 INVITE sdp=g729
P1< 183 INVITE body=
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

# Ringback of our own: the called side rings without a sound, the caller hears
# one by early media (RFC 3960 3, 3.2), encrypted as its leg is, until there is an
# answer or a sound.
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
voice service voip
 cptone de
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 voice-class codec 1
 tone ringback alert-no-pi
 no srtp
dial-peer voice 201 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 voice-class codec 1
 no srtp
dial-peer voice 202 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 5...
 voice-class codec 1
 tone ringback file /nowhere/ring.wav
 no srtp
end
.
sdp alaw-answer
v=0
o=core 1 1 IN IP4 10.1.1.10
s=-
c=IN IP4 10.1.1.10
t=0 0
m=audio 6000 RTP/AVP 8
.
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 183 INVITE body~"RTP/SAVP" body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80" body~"RTP/SAVP 0 101"
media A srtp AES_CM_128_HMAC_SHA1_80 send hears=ringback
media B unset
# again: it goes on, and the caller is told the same
core> 180 INVITE
P1< 183 INVITE
media A hears=ringback tx=same
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
media A tx=same rx=same hears=nothing send recv
media B rtp send recv
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
counter lineside_media_ringback_total 1
# a sound of the called side takes its place
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 183 INVITE
media A hears=ringback
core> 183 INVITE sdp=plain-answer
P1< 183 INVITE body~"RTP/SAVP"
media A hears=nothing
core> 180 INVITE
P1< 180 INVITE body=
media A hears=nothing
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL
core> 487 INVITE
expect calls=0 legs=0 media=0
# the answer is another one than the caller was told: offered anew once it is
# up, for those who go by the first (RFC 3261 13.2.1)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 183 INVITE body~"RTP/SAVP 0 101"
core> 200 INVITE sdp=alaw-answer
core< ACK
P1< 200 INVITE body~"RTP/SAVP 8"
media A hears=nothing
P1> ACK
clock +0ms
P1< INVITE body~"RTP/SAVP 8"
P1> 200 INVITE sdp=secure
P1< ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# without the line, and where the caller has made no offer, 180 is 180
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE body=
media A unset
core> 486 INVITE
P1< 486 INVITE
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 180 INVITE
P1< 180 INVITE body=
core> 486 INVITE
P1< 486 INVITE
expect calls=0 legs=0 media=0
counter lineside_media_ringback_total 3
# from a file: the flag need not be written beside it
P1> INVITE sip:5000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 183 INVITE body~"RTP/SAVP"
media A srtp AES_CM_128_HMAC_SHA1_80 send hears=ringback
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media A hears=nothing
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0

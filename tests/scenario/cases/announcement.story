# A caller hears why it is refused: once, by early media, then comes the
# refusal as it would have come (RFC 3960 3).
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
voice class announcement 1
 description what phones hear
 refusal 404 /nowhere/nobody.wav
 refusal 408 /nowhere/late.wav
 refusal cause 1 /nowhere/nobody.wav
 refusal 486 /nowhere/busy.wav
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
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 voice-class announcement 1
 srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 voice-class codec 1
 no srtp
end
.
# refused by the called side
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 486 INVITE +Reason="Q.850;cause=17"
P1< 183 INVITE body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80"
call state=telling
media A srtp AES_CM_128_HMAC_SHA1_80 send hears=refusal once
media B unset
clock +3s
media played
P1< 486 INVITE h~"Q.850;cause=17"
expect calls=0 legs=0 media=0
counter lineside_media_announcements_total 1
# by us: nothing matches, and there is no other side whose media could be used
P1> INVITE sip:7777@example.com from=2001 sdp=secure
P1< 183 INVITE body~"RTP/SAVP"
media A hears=refusal
media played
P1< 404 INVITE h~"no dial-peer matches"
# a refusal that nothing is said about
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 603 INVITE
P1< 603 INVITE
# no offer, nothing to be heard by
P1> INVITE sip:7777@example.com from=2001
P1< 404 INVITE
# no ports: it comes at once
media full
P1> INVITE sip:7777@example.com from=2001 sdp=secure
P1< 404 INVITE
media free
# the caller hangs up meanwhile
P1> INVITE sip:7777@example.com from=2001 sdp=secure
P1< 183 INVITE
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
expect calls=0 legs=0 media=0
P1> INVITE sip:7777@example.com from=2001 sdp=secure
P1< 183 INVITE
P1> BYE
P1< 200 BYE, 487 INVITE
expect calls=0 legs=0 media=0
# the operator ends it; media is silent about its end
P1> INVITE sip:7777@example.com from=2001 sdp=secure
P1< 183 INVITE
media socket
P1< 500 INVITE
P1> INVITE sip:7777@example.com from=2001 sdp=secure
P1< 183 INVITE
clock +620s
P1< 404 INVITE
expect calls=0 legs=0 media=0
# what a caller wants meanwhile (RFC 3311 5.2, RFC 3262 3)
P1> INVITE sip:7777@example.com from=2001 sdp=secure +Supported=100rel
P1< 183 INVITE h~"RSeq" body~"RTP/SAVP"
P1> PRACK
P1< 200 PRACK
P1> UPDATE sdp=secure-hold
P1< 488 UPDATE
media played
P1< 404 INVITE
expect calls=0 legs=0 media=0
# nobody answers in time: the called side is cancelled, then the caller hears why
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
clock +180s
core< CANCEL
core> 487 INVITE
P1< 183 INVITE body~"RTP/SAVP"
call state=telling
media A hears=refusal once
media played
P1< 408 INVITE h~"nobody answered in time" h~"Q.850;cause=19"
expect calls=0 legs=0 media=0
# the called side says nothing to the CANCEL: the caller is told at once
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
clock +180s
core< CANCEL
clock +4s
P1< 408 INVITE h~"nobody answered in time"
core> 487 INVITE
expect calls=0 legs=0 media=0
# somebody answers in that very moment, and has the call (RFC 3261 9.1)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
clock +180s
core< CANCEL
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
call state=up
media A hears=nothing
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# the caller hangs up before the called side has gone
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
clock +180s
core< CANCEL
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core> 487 INVITE
expect calls=0 legs=0 media=0
# a cause of the called side that has a file, whatever its status
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 503 INVITE +Reason="Q.850;cause=1"
P1< 183 INVITE
media A hears=refusal once
media played
P1< 503 INVITE h~"cause=1"
# and one that has none
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 503 INVITE +Reason="Q.850;cause=38"
P1< 503 INVITE
expect calls=0 legs=0 media=0

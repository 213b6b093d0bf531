# Who may call what (behaviour.md: Choosing a dial-peer).
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
 destination-pattern 3...
 voice-class codec 1
 no srtp
dial-peer voice 300 voip
 session target ipv4:10.1.1.11:5060
 session transport udp
 destination-pattern 3...
 preference 5
 no srtp
dial-peer voice 310 voip
 session target ipv4:10.1.1.12:5060
 session transport udp
 destination-pattern 31..
 preference 9
 no srtp
end
.
host second 10.1.1.11
host third 10.1.1.12
P1> INVITE sip:9999@example.com from=2001 sdp=secure
P1< 404 INVITE h~"no dial-peer matches"
P1> INVITE sip:3000@example.com from=2001 sdp=secure mf=1
core< INVITE mf=0
core> 503 INVITE +Retry-After="5"
second< INVITE ruri=sip:3000@example.com
second> 408 INVITE local
P1< 504 INVITE
counter lineside_calls_hunted_total 1
# the longer match first, whatever its preference; ringing there, then lost
P1> INVITE sip:3100@example.com from=2001 sdp=secure
third< INVITE
third> 180 INVITE
P1< 180 INVITE
third> 503 INVITE
core< INVITE
core> 486 INVITE
P1< 486 INVITE
# required extensions, methods outside a dialog, bad Request-URIs (RFC 3261
# 8.2.1, 8.2.2.3, 8.2.2.1)
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Require="outbound, timer"
P1< 420 INVITE h~"Unsupported: outbound"
P1> INVITE sip:3000@example.com?Subject=x from=2001 sdp=secure
P1< 400 INVITE
P1> INVITE sip:3000@example.com nocontact from=2001 sdp=secure
P1< 400 INVITE
P1> JUMP sip:3000@example.com
P1< 501 JUMP
P1> BYE sip:3000@example.com
P1< 481 BYE
P1> UPDATE sip:3000@example.com
P1< 481 UPDATE
P1> OPTIONS sip:example.com
P1< 200 OPTIONS h~"Allow: INVITE" h~"Accept: application/sdp"
# the call that we sent, come back as it was: a loop (RFC 3261 16.3)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE save-callid=C
alias core#2 core
core#2> INVITE sip:3000@example.com from=2001 sdp=plain callid=$C
core#2< 482 INVITE
counter lineside_calls_loops_total 1
core> 486 INVITE
P1< 486 INVITE
# what a target was asked that is not called any more is answered by us
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
P1> INFO body=x +Content-Type="text/plain"
core< INFO
core> 503 INVITE
second< INVITE
P1< 480 INFO h~"not called any more"
second> 180 INVITE
P1< 180 INVITE
P1> INFO body=y +Content-Type="text/plain"
second< INFO
second> 200 INFO
P1< 200 INFO
second> 486 INVITE
P1< 486 INVITE
expect calls=0 legs=0 media=0

# 3xx followed here: no supplementary-service sip moved-temporarily (RFC 3261
# 8.1.3.4).
conf
hostname edge1
sip-listener OPEN
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 no srtp
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 110 voip
 session target registrar
 incoming listener OPEN
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 incoming listener INSIDE
 destination-pattern 3...
 no supplementary-service sip moved-temporarily
dial-peer voice 210 voip
 session target ipv4:10.1.1.10:5060
 destination-pattern 4...
end
.
phone P3 udp
P3> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE ruri=sip:3000@example.com
core> 302 INVITE contact=<sip:4000@10.1.1.77>
core< INVITE ruri=sip:4000@example.com
call B.number=4000
core> 200 INVITE sdp=plain-answer
core< ACK
P3< 200 INVITE
P3> ACK
counter lineside_calls_redirected_total 1
P3> BYE
P3< 200 BYE
core< BYE
core> 200 BYE
# one that passes them, one that leads nowhere, one without end
P3> INVITE sip:4000@example.com from=2001 sdp=plain
core< INVITE
core> 302 INVITE contact=<sip:3001@10.1.1.77>
P3< 302 INVITE contact=3001
P3> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
core> 301 INVITE contact=<sip:9@10.1.1.77>
P3< 404 INVITE h~Warning
P3> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
repeat 5
core> 302 INVITE contact=<sip:3000@10.1.1.77>
core< INVITE
again
core> 302 INVITE contact=<sip:3000@10.1.1.77>
P3< 302 INVITE
P3> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
core> 300 INVITE
P3< 480 INVITE
expect calls=0

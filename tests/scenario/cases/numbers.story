# Translation rules at both ends of a call, blocked callers, and where a call
# goes when one target after the other fails (RFC 3261 16.7).
conf
hostname edge1
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp
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
 sip-server ipv4:10.1.1.14
no voice hunt net-out-of-order
voice hunt user-busy
voice translation-rule 1
 rule 1 /^9\(.*\)/ /+49\1/
 rule 2 reject /^1900/
voice translation-rule 2
 rule 1 /^2\(...\)$/ /+49302\1/
voice translation-rule 3
 rule 1 /^\+49/ /0/
voice translation-profile IN
 translate called 1
 translate calling 2
 translate redirect-called 2
voice translation-profile OUT
 translate called 3
voice class server-group 1
 ipv4 10.1.1.11 preference 1
 ipv4 10.1.1.12 preference 2
 huntstop 1 resp-code 404
 hunt 2 resp-code 480
voice class server-group 2
 hunt-scheme round-robin
 ipv4 10.1.1.11
 ipv4 10.1.1.12
dial-peer voice 100 voip
 incoming called-number .
 translation-profile incoming IN
 call-block translation-profile incoming IN
 call-block disconnect-cause incoming unassigned-number
dial-peer voice 200 voip
 destination-pattern +49
 session server-group 1
 translation-profile outgoing OUT
dial-peer voice 210 voip
 destination-pattern +49
 session target ipv4:10.1.1.13
 preference 1
 huntstop
dial-peer voice 220 voip
 destination-pattern +49
 session target ipv4:10.1.1.10
 preference 2
dial-peer voice 300 voip
 destination-pattern 5
 session server-group 2
dial-peer voice 400 voip
 destination-pattern 6
 session target sip-server
 max-conn 1
dial-peer voice 410 voip
 destination-pattern 6
 preference 1
 session target ipv4:10.1.1.13
end
.
host first 10.1.1.11
host second 10.1.1.12
host third 10.1.1.13
host server 10.1.1.14
phone U1 udp
# in: 9… becomes +49…, the caller 2001 too; out: +49 becomes 0 for the group
U1> INVITE sip:930123@example.com from=2001 sdp=plain +P-Asserted-Identity="<sip:2001@x>" +Diversion="<sip:2002@x>;reason=user-busy" mf=20
first< INVITE ruri=sip:030123@example.com to=<sip:030123@example.com> from~"<sip:+49302001@example.com>" h~"Diversion: <sip:+49302002@x>;reason=user-busy" mf=19
call B.number=030123
# 503: the next of the group; 480: a rule of the group says so, too
first> 503 INVITE
second< INVITE ruri=sip:030123@example.com
second> 480 INVITE
# the next dial-peer has no outgoing rules: numbers as they came in
third< INVITE ruri=sip:+4930123@example.com to=<sip:+4930123@example.com>
# huntstop: no further dial-peer
third> 503 INVITE
U1< 503 INVITE
counter lineside_calls_hunted_total 2
# the group's huntstop ends the call
U1> INVITE sip:930124@example.com from=2001 sdp=plain
first< INVITE
first> 404 INVITE
U1< 404 INVITE
# voice hunt user-busy: busy leads on (486 is cause 17)
U1> INVITE sip:930125@example.com from=2001 sdp=plain
first< INVITE
first> 486 INVITE
second< INVITE
# no voice hunt net-out-of-order: the Reason's cause counts (RFC 6432 3), and
# ends it
second> 503 INVITE +Reason="Q.850;cause=38"
U1< 503 INVITE
# a blocked number: cause 1 is 404
U1> INVITE sip:1900555@example.com from=2001 sdp=plain
U1< 404 INVITE h~"a rule blocks this number" h~"cause=1;"
counter lineside_calls_blocked_total 1
# round-robin: each call begins with the next server
U1> INVITE sip:5001@example.com from=2001 sdp=plain
first< INVITE
first> 503 INVITE
second< INVITE
second> 600 INVITE
U1< 600 INVITE
U1> INVITE sip:5001@example.com from=2001 sdp=plain
second< INVITE
second> 503 INVITE
first< INVITE
first> 603 INVITE
U1< 603 INVITE
# sip-server; and at its max-conn the next dial-peer
U1> INVITE sip:6001@example.com from=3001 sdp=plain
server< INVITE ruri=sip:6001@example.com
server> 200 INVITE sdp=plain-answer
server< ACK
U1< 200 INVITE
U1> ACK
alias U2 U1
U2> INVITE sip:6002@example.com from=3002 sdp=plain
third< INVITE
counter lineside_calls_peer_full_total 1
third> 503 INVITE
U2< 503 INVITE
U1> BYE
U1< 200 BYE
server< BYE
server> 200 BYE
U2> INVITE sip:6002@example.com from=3002 sdp=plain
server< INVITE
server> 486 INVITE
third< INVITE
third> 480 INVITE
U2< 480 INVITE
expect calls=0 media=0

# What each dial-peer counts: calls in and out, and how they ended
# (behaviour.md: Why a call failed).
conf
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 no srtp
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 preference 1
dial-peer voice 201 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 3...
 preference 2
 max-conn 1
end
.
# answered, after ten seconds of ringing; 40 seconds long
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
peer 100 in=1 current=1
peer 200 out=1 current=1 in=0
core> 180 INVITE
P1< 180 INVITE
clock +10s
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
clock +40s
P1> BYE +Reason="Q.850;cause=16"
P1< 200 BYE
core< BYE
core> 200 BYE
peer 100 in=1 answered=1 seconds=40 current=0 cause=16
peer 200 out=1 answered=1 seconds=40 current=0
# busy: nobody else is tried
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
P1< 486 INVITE h~"Q.850;cause=17"
peer 100 in=2 busy=1 cause=17
peer 200 out=2 busy=1
# in trouble: the next one has it, and it is asked for credentials first
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
core> 503 INVITE
core< INVITE
peer 200 out=3 resources=1 current=0
peer 201 out=1 current=1
core> 407 INVITE +Proxy-Authenticate="Digest realm=\"x\", nonce=\"y\""
P1< 407 INVITE
peer 100 in=2 current=0 rejected=0
peer 201 out=0 current=0 rejected=0
# the caller does not wait
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL
core> 487 INVITE
peer 100 in=3 cancelled=1 current=0
peer 200 out=4 cancelled=1 current=0
# full: max-conn of the second one, while the first is in trouble
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
core> 503 INVITE
core< INVITE
peer 201 current=1 full=0
P2> INVITE sip:3000@example.com from=2002 sdp=plain
core< INVITE
core> 503 INVITE
P2< 503 INVITE h~"max-conn"
peer 201 current=1 full=1
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL
core> 487 INVITE
# a reload keeps them
reload
peer 200 out=6 resources=3 answered=1
# and nothing is written for a number that nobody has
P1> INVITE sip:9000@example.com from=2001 sdp=plain
P1< 404 INVITE
peer 100 no_route=1
expect calls=0 media=0

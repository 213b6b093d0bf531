# call threshold and call spike refuse, emergency calls are exempt, also from
# the max-conn of a dial-peer (RFC 3261 21.5.4, 20.33).
conf
hostname edge1
call threshold global total-calls low 1 high 2
call spike 3 steps 3 size 1000
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
 emergency 112
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern .T
 session target ipv4:10.1.1.10
 max-conn 2
end
.
phone U1 udp
alias U2 U1
alias U3 U1
alias core2 core
alias core3 core
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
U2> INVITE sip:3002@example.com from=2002 sdp=plain
core2< INVITE
clock +10s
# two calls: the high mark
U3> INVITE sip:3003@example.com from=2003 sdp=plain
U3< 503 INVITE h~"threshold of calls"
counter lineside_calls_refused_threshold_total 1
# not for an emergency; the dial-peer's max-conn does not hold either
U3> INVITE sip:112@example.com from=2003 sdp=plain
core3< INVITE ruri=sip:112@example.com
counter lineside_calls_emergency_total 1
core3> 486 INVITE
U3< 486 INVITE
core> 486 INVITE
U1< 486 INVITE
core2> 486 INVITE
U2< 486 INVITE
# none is left; but four within three seconds are too many
clock +10s
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE
U1> INVITE sip:3001@example.com from=2001 sdp=plain
U1< 503 INVITE h~"at once"
counter lineside_calls_refused_spike_total 1
clock +4s
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE
expect calls=0 media=0

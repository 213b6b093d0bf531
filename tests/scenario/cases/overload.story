# Busy processors, memory or media threads: 503 until they are down to the low
# mark, emergency calls excepted (RFC 3261 21.5.4, 20.33; RFC 3326 2).
conf
hostname edge1
call threshold global cpu-5sec low 60 high 80
call threshold global total-mem low 70 high 95
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
end
.
phone U1 udp
# below the high mark
load cpu-5sec 79
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE
load cpu-5sec 80
U1> INVITE sip:3001@example.com from=2001 sdp=plain
U1< 503 INVITE h~"threshold of cpu-5sec" h~"Retry-After: 2" h~"Q.850;cause=42"
counter lineside_calls_refused_threshold_total 1
# still above the low one; not for an emergency
load cpu-5sec 61
U1> INVITE sip:3001@example.com from=2001 sdp=plain
U1< 503 INVITE h~"threshold of cpu-5sec"
U1> INVITE sip:112@example.com from=2001 sdp=plain
core< INVITE
counter lineside_calls_emergency_total 1
core> 486 INVITE
U1< 486 INVITE
# down; memory is another
load cpu-5sec 60
load total-mem 95
U1> INVITE sip:3001@example.com from=2001 sdp=plain
U1< 503 INVITE h~"threshold of total-mem"
load total-mem 12
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE
# not asked for, so not watched
load cpu-avg 100
# media threads are watched without a word
load media-load 90
U1> INVITE sip:3001@example.com from=2001 sdp=plain
U1< 503 INVITE h~"threshold of media-load"
load media-load 75
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE
# and so are open files (behaviour.md: Choosing a dial-peer)
load open-files 95
U1> INVITE sip:3001@example.com from=2001 sdp=plain
U1< 503 INVITE h~"threshold of open-files" h~"Retry-After: 2"
load open-files 90
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE
# unless `no`
load media-load 100
conf
hostname edge1
no call threshold global media-load low 75 high 90
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
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern .T
 session target ipv4:10.1.1.10
end
.
reload
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE
expect calls=0 media=0

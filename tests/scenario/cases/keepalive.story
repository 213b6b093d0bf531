# Targets that are asked by OPTIONS whether they live (RFC 3261 11.1: an
# answer says what the server would say to an INVITE), and are busied out.
conf
hostname edge1
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
voice service voip
 no srtp
 emergency 112
voice class sip-options-keepalive 7
 up-interval 100
 down-interval 20
 retry 2
voice class server-group 1
 ipv4 10.1.1.11 preference 1
 ipv4 10.1.1.12 preference 2
voice class sip-profiles 3
 rule 1 request OPTIONS sip-header X-Probe add "X-Probe: edge1"
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener PHONES
 destination-pattern 2...
 voice-class sip options-keepalive up-interval 300 down-interval 20 retry 1
dial-peer voice 200 voip
 session server-group 1
 session transport udp
 destination-pattern 3...
 voice-class sip options-keepalive profile 7
 voice-class sip profiles 3
dial-peer voice 210 voip
 session target ipv4:10.1.1.13:5060
 session transport udp
 destination-pattern 3...
 preference 5
 voice-class sip options-keepalive up-interval 100 down-interval 20 retry 1
dial-peer voice 220 voip
 session target ipv4:10.1.1.13:5060
 session transport udp
 destination-pattern 4...
 voice-class sip options-keepalive up-interval 50 down-interval 20 retry 9
dial-peer voice 230 voip
 session target ipv4:10.1.1.13:5060
 session transport udp
 destination-pattern 112
 voice-class sip options-keepalive up-interval 100 down-interval 20 retry 1
end
.
phone U1 udp listener PHONES
host one 10.1.1.11
host two 10.1.1.12
host three 10.1.1.13
# each server of the group by itself; one question for three dial-peers; of
# the phones' dial-peer, the registrar
clock +3s
core< OPTIONS ruri=sip:10.1.1.10:5060
core> 200 OPTIONS
one< OPTIONS ruri=sip:10.1.1.11 h~"X-Probe: edge1" from~"<sip:INSIDE.lineside:5060>"
two< OPTIONS
three< OPTIONS ruri=sip:10.1.1.13:5060
counter lineside_sip_keepalives_sent_total 4
# whoever answers lives, also who does not know OPTIONS
one> 404 OPTIONS
two> 200 OPTIONS
three> 405 OPTIONS
# the shortest interval of those that share the target, less a fifth at most
clock +50s
three< OPTIONS
three> 503 OPTIONS
counter lineside_sip_peers_busied_out_total 1
U1> INVITE sip:4000@example.com from=2001 sdp=plain
U1< 503 INVITE h~"the target is busied out"
counter lineside_calls_busied_out_skipped_total 1
# a number that no limit refuses is tried all the same
U1> INVITE sip:112@example.com from=2001 sdp=plain
three< INVITE
three> 486 INVITE
U1< 486 INVITE
# while it is down it is asked more often; the first good answer is enough
clock +20s
three< OPTIONS
three> 408 OPTIONS local
clock +20s
three< OPTIONS
three> 200 OPTIONS
counter lineside_sip_peers_recovered_total 1
U1> INVITE sip:4000@example.com from=2001 sdp=plain
three< INVITE
three> 486 INVITE
U1< 486 INVITE
# of a group, what is down is left out at once: no time is lost with it
clock +10s
one< OPTIONS
two< OPTIONS
one> 408 OPTIONS local
two> 200 OPTIONS
clock +20s
one< OPTIONS
one> 505 OPTIONS
counter lineside_sip_peers_busied_out_total 2
U1> INVITE sip:3000@example.com from=2001 sdp=plain
two< INVITE
two> 486 INVITE
U1< 486 INVITE

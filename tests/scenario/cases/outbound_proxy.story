# What begins something is sent to an outbound proxy, and its Request-URI names
# the target (RFC 3261 8.1.2): a dial-peer's proxy goes before its tenant's,
# that before the one for all.
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
 sip
  outbound-proxy ipv4:10.1.1.20
voice class sip-options-keepalive 7
 up-interval 100
 down-interval 20
 retry 1
voice class tenant 1
 outbound-proxy ipv4:10.1.1.21:5070
voice class tenant 3
 outbound-proxy ipv4:10.1.1.23
 registrar ipv4:10.1.1.11 expires 600
 credentials number 4930100 username trunk password 0 s3cret realm provider.test
voice class tenant 2
 no outbound-proxy
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener PHONES
 destination-pattern 2...
dial-peer voice 300 voip
 session target ipv4:10.1.1.13:5062
 destination-pattern 3...
dial-peer voice 400 voip
 session target ipv4:10.1.1.13:5062
 destination-pattern 4...
 voice-class sip tenant 1
 voice-class sip options-keepalive profile 7
dial-peer voice 410 voip
 session target ipv4:10.1.1.13:5062
 destination-pattern 4...
 preference 5
 voice-class sip outbound-proxy ipv4:10.1.1.22
 voice-class sip tenant 1
 voice-class sip options-keepalive profile 7
dial-peer voice 500 voip
 session target ipv4:10.1.1.13:5062
 destination-pattern 5...
 voice-class sip tenant 2
dial-peer voice 600 voip
 session target ipv4:10.1.1.13:5062
 destination-pattern 6...
 voice-class sip tenant 1
 no voice-class sip outbound-proxy
end
.
phone U1 udp listener PHONES
host all 10.1.1.20
host tenant 10.1.1.21
host own 10.1.1.22
host login 10.1.1.23
host target 10.1.1.13
# a number of ours is registered through its tenant's; a target is asked by
# each way that leads to it
clock +3s
login< REGISTER ruri=sip:10.1.1.11 from=<sip:4930100@10.1.1.11> contact=4930100
login> 200 REGISTER expires=600
tenant< OPTIONS ruri=sip:10.1.1.13:5062 to=<sip:10.1.1.13:5062>
tenant> 200 OPTIONS
own< OPTIONS ruri=sip:10.1.1.13:5062
own> 200 OPTIONS
counter lineside_sip_keepalives_sent_total 2
# phones' registrations, and what else they ask of the registrar
U1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=600
all< REGISTER ruri=sip:example.com token=TOK
all> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=600
U1< 200 REGISTER
U1> MESSAGE sip:3000@203.0.113.5 from=2001 +Content-Type="text/plain" body=hello
all< MESSAGE ruri=sip:3000@10.1.1.10
all> 200 MESSAGE
U1< 200 MESSAGE
# calls: of the one for all …
U1> INVITE sip:3000@203.0.113.5 from=2001 sdp=plain
all< INVITE ruri=sip:3000@10.1.1.13:5062
all> 486 INVITE
U1< 486 INVITE
# … of the tenant, and when that way is down, of the next dial-peer's own
U1> INVITE sip:4000@203.0.113.5 from=2001 sdp=plain
tenant< INVITE ruri=sip:4000@10.1.1.13:5062
tenant> 503 INVITE
own< INVITE ruri=sip:4000@10.1.1.13:5062
own> 486 INVITE
U1< 486 INVITE
# … of none, as a tenant and as a dial-peer say
U1> INVITE sip:5000@203.0.113.5 from=2001 sdp=plain
target< INVITE ruri=sip:5000@10.1.1.13:5062
target> 486 INVITE
U1< 486 INVITE
U1> INVITE sip:6000@203.0.113.5 from=2001 sdp=plain
target< INVITE
target> 486 INVITE
U1< 486 INVITE
# never to a phone
all> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
U1< INVITE ruri=sip:2001@198.51.100.1:5061
U1> 486 INVITE
all< 486 INVITE
# the way that does not answer is busied out, not the target by another
clock +100s
tenant< OPTIONS
tenant> 408 OPTIONS local
own< OPTIONS
own> 200 OPTIONS
counter lineside_sip_peers_busied_out_total 1
U1> INVITE sip:4000@203.0.113.5 from=2001 sdp=plain
own< INVITE
own> 486 INVITE
U1< 486 INVITE
# unregistered where it was registered
stop
login< REGISTER ruri=sip:10.1.1.11 h~"Expires: 0"
login> 200 REGISTER

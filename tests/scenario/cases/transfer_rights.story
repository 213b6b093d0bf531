# REFER answered here (RFC 3515 5.1): who transfers reaches what an INVITE of his
# own would, whatever he who remains may dial. 10.1.1.10 is the call manager,
# 10.1.1.20 a provider, 10.1.1.30 another switch inside.
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
 phone-limit bindings 2 requests 10
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 no supplementary-service sip refer
 no supplementary-service sip moved-temporarily
 no srtp
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
voice translation-rule 1
 rule 1 reject /^3999/
 rule 2 /^77\(..\)$/ /30\1/
voice translation-profile SCREEN
 translate called 1
voice class uri 20 sip
 host ipv4:10.1.1.20
voice class uri 30 sip
 host ipv4:10.1.1.30
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 voice-class codec 1
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 incoming listener INSIDE
 destination-pattern 3...
 voice-class codec 1
dial-peer voice 300 voip
 session target ipv4:10.1.1.20:5060
 incoming uri via 20
 translation-profile incoming SCREEN
 call-block translation-profile incoming SCREEN
 destination-pattern 0T
 voice-class codec 1
dial-peer voice 400 voip
 session target ipv4:10.1.1.30:5060
 incoming uri via 30
 destination-pattern 4...
 voice-class codec 1
end
.
host gw 10.1.1.20
host pbx 10.1.1.30
alias P1#2 P1
alias core#2 core
alias gw#2 gw
alias pbx#2 pbx
# a phone calls out by the provider, whose far end has it call a number that is
# dear: the phone may dial it, an INVITE from the provider would not get there
P1> INVITE sip:0301@example.com from=2001 sdp=plain
gw< INVITE
gw> 200 INVITE sdp=plain-answer
gw< ACK
P1< 200 INVITE
P1> ACK
gw> REFER cseq=2 +Refer-To="<sip:0900123@10.1.1.5>"
gw< 202 REFER, NOTIFY body~"100 Trying", NOTIFY body~"SIP/2.0 404 Not Found" body~"no dial-peer matches where it was transferred"
gw> 200 NOTIFY
gw> 200 NOTIFY
expect calls=1
# what is blocked for its callers is for its transfers
gw> REFER cseq=3 +Refer-To="<sip:3999@10.1.1.5>"
gw< 202 REFER, NOTIFY, NOTIFY body~"Reason: Q.850;cause=21" body~"a rule blocks this number"
gw> 200 NOTIFY
gw> 200 NOTIFY
# to the call manager it may, with its numbers translated; not where that one
# would have it called (3xx)
gw> REFER cseq=4 +Refer-To="<sip:7701@10.1.1.5>"
gw< 202 REFER, NOTIFY
gw> 200 NOTIFY
core< INVITE ruri=sip:3001@10.1.1.10:5060
core> 302 INVITE contact=<sip:0900123@10.1.1.10>
gw< NOTIFY body~"SIP/2.0 404 Not Found" body~"no dial-peer matches where it was redirected"
gw> 200 NOTIFY
gw> REFER cseq=5 +Refer-To="<sip:7702@10.1.1.5>"
gw< 202 REFER, NOTIFY
gw> 200 NOTIFY
core< INVITE ruri=sip:3002@10.1.1.10:5060
core> 486 INVITE
gw< NOTIFY body~"486 Busy Here"
gw> 200 NOTIFY
# the phone transfers whom it called: what it may dial itself
P1> REFER cseq=2 +Refer-To="<sip:0900123@203.0.113.5>"
P1< 202 REFER, NOTIFY
P1> 200 NOTIFY
gw#2< INVITE ruri~0900123
gw#2> 486 INVITE
P1< NOTIFY body~"486 Busy Here"
P1> 200 NOTIFY
P1> BYE
P1< 200 BYE
gw< BYE
gw> 200 BYE
# a switch sends back to itself only what its group says; else by others' ways
# as before
P1> INVITE sip:4001@example.com from=2001 sdp=plain
pbx< INVITE
pbx> 200 INVITE sdp=plain-answer
pbx< ACK
P1< 200 INVITE
P1> ACK
pbx> REFER cseq=2 +Refer-To="<sip:4002@10.1.1.5>"
pbx< 202 REFER, NOTIFY, NOTIFY body~"404 Not Found"
pbx> 200 NOTIFY
pbx> 200 NOTIFY
pbx> REFER cseq=3 +Refer-To="<sip:0301@10.1.1.5>"
pbx< 202 REFER, NOTIFY
pbx> 200 NOTIFY
gw< INVITE ruri~0301
gw> 486 INVITE
pbx< NOTIFY body~"486 Busy Here"
pbx> 200 NOTIFY
P1> BYE
P1< 200 BYE
pbx< BYE
pbx> 200 BYE
counter lineside_calls_transfers_total 7
counter lineside_calls_transfers_refused_total 0
# ten requests a minute of a phone, of which a transfer is one
P1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
repeat 6
P1> REFER cseq=2 +Refer-To="<sip:5000@203.0.113.5>"
P1< 202 REFER, NOTIFY, NOTIFY body~"404 Not Found"
P1> 200 NOTIFY
P1> 200 NOTIFY
again
P1> REFER cseq=3 +Refer-To="<sip:5000@203.0.113.5>"
P1< 503 REFER h~"Retry-After: 10"
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# a group that names its own dial-peer, and a provider that is no target any
# more in the middle of a call
conf
hostname edge1
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
 no supplementary-service sip refer
 no srtp
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
voice class uri 30 sip
 host ipv4:10.1.1.30
voice class dpg 1
 dial-peer 400
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
dial-peer voice 400 voip
 session target ipv4:10.1.1.30:5060
 incoming uri via 30
 destination dpg 1
 destination-pattern 4...
end
.
clock +60s
P1> INVITE sip:0301@example.com from=2001 sdp=plain
gw< INVITE
gw> 200 INVITE sdp=plain-answer
gw< ACK
P1< 200 INVITE
P1> ACK
reload
gw> REFER cseq=2 +Refer-To="<sip:4001@10.1.1.5>"
gw< 403 REFER h~"who transfers may not call"
counter lineside_calls_transfers_refused_total 1
P1> BYE
P1< 200 BYE
gw< BYE
gw> 200 BYE
P1> INVITE sip:4001@example.com from=2001 sdp=plain
pbx< INVITE
pbx> 200 INVITE sdp=plain-answer
pbx< ACK
P1< 200 INVITE
P1> ACK
pbx> REFER cseq=2 +Refer-To="<sip:4002@10.1.1.5>"
pbx< 202 REFER, NOTIFY
pbx> 200 NOTIFY
pbx#2< INVITE ruri~4002
pbx#2> 486 INVITE
pbx< NOTIFY body~"486 Busy Here"
pbx> 200 NOTIFY
P1> BYE
P1< 200 BYE
pbx< BYE
pbx> 200 BYE
expect calls=0 media=0

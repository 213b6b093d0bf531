# RTP events of the phone, KPML of the trunk, both ways. RFC 4730 4, RFC 6665 4
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
 sip
  no session refresh
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
 dtmf-relay sip-kpml rtp-nte
dial-peer voice 201 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 dtmf-relay sip-info
end
.
sdp sound
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
a=sendrecv
.
# each side says in Allow-Events that it can, and asks when the call is up
P1> INVITE sip:3000@example.com from=2001 sdp=plain +Allow-Events="presence, kpml"
core< INVITE body~telephone-event h~"Allow-Events: presence, kpml"
core> 200 INVITE sdp=plain-answer +Allow-Events="presence, kpml"
core< ACK
P1< 200 INVITE body~telephone-event h~"Allow-Events: presence" h!kpml
P1> ACK
core< SUBSCRIBE h~"Event: kpml" h~"Expires: 7200" h~"Content-Type: application/kpml-request+xml" body~[x*#ABCD]
core> 202 SUBSCRIBE
# until it asks, the trunk is told by the next way of the list
call A.dtmf=rtp-nte B.dtmf=rtp-nte
media A events=pass
core> SUBSCRIBE +Event="kpml;id=4" expires=600 +Content-Type="application/kpml-request+xml" body="<?xml version='1.0'?><kpml-request xmlns='urn:ietf:params:xml:ns:kpml-request' version='1.0'><pattern persist='persist'><regex tag='a&amp;b'>[x*#]</regex></pattern></kpml-request>"
core< 200 SUBSCRIBE h~"Expires: 600", NOTIFY h~"Event: kpml;id=4" h~"Subscription-State: active;expires=600" body=
core> 200 NOTIFY
call B.dtmf=sip-kpml
media A events=taken
media A key 5 160
core< NOTIFY h~"Event: kpml;id=4" h~active h~application/kpml-response+xml body~"code=\"200\" text=\"OK\" digits=\"5\" tag=\"a&#38;b\"/>"
media A key \# 100
core> 200 NOTIFY
core< NOTIFY body~digits=\"#\"
core> 200 NOTIFY
# a key that was not asked for
media A key A 100
# a report of the trunk becomes events
core> NOTIFY +Event="kpml" +Subscription-State="active;expires=7000" +Content-Type="application/kpml-response+xml" body="<kpml-response xmlns='urn:ietf:params:xml:ns:kpml-response' version='1.0' code='200' text='OK' digits='42' tag='dtmf'/>"
core< 200 NOTIFY
media B pressed="4/250 2/250"
# and the same key by an event, right after: told twice
counter lineside_dtmf_repeated_total 0
media B key 4 0
counter lineside_dtmf_repeated_total 1
# what cannot be read, and what must not be read
core> NOTIFY +Event="kpml" +Subscription-State="active" body=<kpml
core< 400 NOTIFY h~"cannot be read"
core> NOTIFY +Event="kpml" +Subscription-State="active" body="<!DOCTYPE x [<!ENTITY a 'b'>]><kpml-response version='1.0' code='200' text='OK' digits='1'/>"
core< 400 NOTIFY
# it has had enough (RFC 4730 4.7), then asks for what cannot be told
core> SUBSCRIBE +Event="kpml;id=4" expires=0
core< 200 SUBSCRIBE h~"Expires: 0", NOTIFY h~"terminated;reason=timeout" body~code=\"487\"
core> 200 NOTIFY
call B.dtmf=rtp-nte
core> SUBSCRIBE +Event="kpml" +Content-Type="application/kpml-request+xml" body="<kpml-request version='1.0'><pattern><regex>xxxx</regex></pattern></kpml-request>"
core< 200 SUBSCRIBE, NOTIFY h~"terminated;reason=noresource" body~code=\"501\"
core> 200 NOTIFY
# once is once
core> SUBSCRIBE +Event="kpml" +Content-Type="application/kpml-request+xml" body="<kpml-request version='1.0'><pattern persist='one-shot'><regex>x</regex></pattern></kpml-request>"
core< 200 SUBSCRIBE h~"Expires: 7200", NOTIFY h~active
core> 200 NOTIFY
media A key 1 100
core< NOTIFY h~terminated body~digits=\"1\"
core> 200 NOTIFY
call B.dtmf=rtp-nte
# our own subscription is renewed in time; refused, it is not any more
clock +3600s
core< SUBSCRIBE h~"Event: kpml"
core> 489 SUBSCRIBE
clock +3600s
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# a dial-peer that has other ways does not take subscriptions to keys
P1> INVITE sip:4000@example.com from=2001 sdp=plain
core< INVITE body!telephone-event h!kpml
core> 200 INVITE sdp=sound +Allow-Events="kpml"
core< ACK
P1< 200 INVITE h!kpml
P1> ACK
core> SUBSCRIBE +Event="kpml" body=<x/>
core< 489 SUBSCRIBE h~"not told by KPML"
core> BYE
core< 200 BYE
P1< BYE
P1> 200 BYE

# RTP events of the phone, Cisco's unsolicited NOTIFY of the trunk: a key goes
# down, then it is let go. RFC 4733 2.3 (the body), RFC 6665 4.2 (the rest)
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
 dtmf-relay sip-notify
dial-peer voice 201 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 dtmf-relay sip-notify sip-info
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
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE body!telephone-event h~"Call-Info: <sip:" h~"method=\"NOTIFY;Event=telephone-event;Duration=2000\"" h~"Allow-Events: telephone-event"
core> 200 INVITE sdp=sound +Call-Info="<sip:10.1.1.10>; method=\"Notify;Event=telephone-event;Duration=700\""
core< ACK
P1< 200 INVITE body~telephone-event h!Call-Info
P1> ACK
call A.dtmf=rtp-nte B.dtmf=sip-notify
media A events=taken
# the shorter of both durations, then how long it was
media A key 5 160
core< NOTIFY h~"Event: telephone-event;rate=1000" h~"Subscription-State: active" h~"Content-Type: audio/telephone-event" hex=050a02bc
core> 200 NOTIFY
core< NOTIFY hex=058a00a0
core> 200 NOTIFY
# 0 is a byte of zero
media A key 0 160
core< NOTIFY hex=000a02bc
core> 200 NOTIFY
core< NOTIFY hex=008a00a0
core> 200 NOTIFY
# the trunk's: down, still down, let go
core> NOTIFY +Event="telephone-event;rate=1000" +Content-Type="audio/telephone-event" hex=0b0602bc
core< 200 NOTIFY
media B pressed=
core> NOTIFY +Event="telephone-event;rate=1000" +Content-Type="audio/telephone-event" hex=0b0602bc
core< 200 NOTIFY
core> NOTIFY +Event="telephone-event;rate=1000" +Content-Type="audio/telephone-event" hex=0b860400
core< 200 NOTIFY
media B pressed="\#/1024"
# another one goes down before the first was let go
core> NOTIFY +Event="telephone-event" hex=010602bc
core< 200 NOTIFY
core> NOTIFY +Event="telephone-event" hex=020602bc
core< 200 NOTIFY
core> NOTIFY +Event="telephone-event" hex=028600c8
core< 200 NOTIFY
media B pressed="\#/1024 1/700 2/200"
core> NOTIFY +Event="telephone-event" hex=0286
core< 400 NOTIFY h~"no key can be read"
core> NOTIFY +Event="telephone-event" hex=ff8600c8
core< 400 NOTIFY
# the trunk takes no more of them
media A key 7 160
core< NOTIFY
core> 489 NOTIFY
counter lineside_dtmf_lost_total 1
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# a trunk that says nothing of NOTIFY is told by the next way
P1> INVITE sip:4000@example.com from=2001 sdp=plain
core< INVITE
core> 200 INVITE sdp=sound
core< ACK
P1< 200 INVITE
P1> ACK
call B.dtmf=sip-info
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0

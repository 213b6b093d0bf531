# Keys in the sound of one side, by SIP on the other, and back: a transcoder hears
# and makes the tones (behaviour.md: Codecs). RFC 6086 4, RFC 4730 4.8
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
dspfarm profile 5 transcode security
 maximum sessions 1
 no shutdown
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 dtmf-relay sip-info
dial-peer voice 201 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 dtmf-relay sip-kpml
dial-peer voice 202 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 5...
 dtmf-relay sip-notify
dial-peer voice 203 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 6...
 dtmf-relay rtp-nte
dial-peer voice 204 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 8...
 dtmf-relay rtp-nte digit-drop
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
# INFO: a session between legs of one codec
P1> INVITE sip:3000@example.com from=2001 sdp=sound
core< INVITE body!telephone-event
core> 200 INVITE sdp=sound +Allow="INVITE, ACK, BYE, INFO"
core< ACK
P1< 200 INVITE
P1> ACK
call A.dtmf=inband B.dtmf=sip-info transcoder=5
media A ear=tell
media B ear=off tones=made
media A tone 5 80
core< INFO h~"Content-Type: application/dtmf-relay" body="Signal=5\r\nDuration=100\r\n"
core> 200 INFO
media A tone D 320
core< INFO body="Signal=D\r\nDuration=320\r\n"
core> 200 INFO
core> INFO +Content-Type="application/dtmf-relay" body="Signal=*\nDuration=160"
core< 200 INFO
media B pressed=*/160
counter lineside_dtmf_keys_total 3
# a flash of the hook is no tone
core> INFO +Content-Type="application/dtmf-relay" body="Signal=16\nDuration=160"
core< 200 INFO
counter lineside_dtmf_lost_total 1
# it tells by INFO as well, although nobody has said so: once
P1> INFO +Content-Type="application/dtmf-relay" body="Signal=D\nDuration=100"
P1< 200 INFO
counter lineside_dtmf_repeated_total 1
# the trunk takes no INFO any more: its keys are sound then
core> INVITE sdp=sound +Allow="INVITE, ACK, BYE"
P1< INVITE
P1> 200 INVITE sdp=sound
core< 200 INVITE
P1< ACK
core> ACK
call A.dtmf=inband B.dtmf=inband transcoder=0
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0
# it refuses INFO in the call: a session makes tones at once, of the key that was
# refused and of those that waited; then it hears those of the trunk
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE body!telephone-event
core> 200 INVITE sdp=sound
core< ACK
P1< 200 INVITE body~telephone-event
P1> ACK
call A.dtmf=rtp-nte B.dtmf=sip-info transcoder=0
media A events=taken
media A key 4 100
core< INFO
media A key 5 120
core> 415 INFO
call A.dtmf=rtp-nte B.dtmf=inband transcoder=5
media A ear=off tones=made
media B ear=events
media A pressed="4/100 5/120"
media A send tx=same rx=same
media B send tx=same rx=same
# another call finds no session left: its keys are lost, and are told of
P2> INVITE sip:3001@example.com from=2002 sdp=plain
core< INVITE
core> 200 INVITE sdp=sound
core< ACK
P2< 200 INVITE
P2> ACK
media A key 6 100
core< INFO
core> 415 INFO
counter lineside_dtmf_lost_total 2
P2> BYE
P2< 200 BYE
core< BYE
core> 200 BYE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0
# KPML: as tones until it asks for them
P1> INVITE sip:4000@example.com from=2001 sdp=sound
core< INVITE h~"Allow-Events: kpml"
core> 200 INVITE sdp=sound +Allow-Events="kpml"
core< ACK
P1< 200 INVITE
P1> ACK
core< SUBSCRIBE h~"Event: kpml"
core> 200 SUBSCRIBE
media A ear=tell
media A tone 1 90
media A pressed=1/100
core> SUBSCRIBE +Event="kpml" +Content-Type="application/kpml-request+xml" body="<kpml-request version='1.0'><pattern persist='persist'><regex>[x*#ABCD]</regex></pattern></kpml-request>"
core< 200 SUBSCRIBE, NOTIFY h~active
core> 200 NOTIFY
call A.dtmf=inband B.dtmf=sip-kpml
media A tone 2 90
core< NOTIFY body~digits=\"2\"
core> 200 NOTIFY
core> NOTIFY +Event="kpml" +Subscription-State="active;expires=7000" +Content-Type="application/kpml-response+xml" body="<kpml-response version='1.0' code='200' text='OK' digits='A#'/>"
core< 200 NOTIFY
media B pressed="A/250 #/250"
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# NOTIFY: down, and let go
P1> INVITE sip:5000@example.com from=2001 sdp=sound
core< INVITE h~telephone-event
core> 200 INVITE sdp=sound +Call-Info="<sip:core>;method=\"NOTIFY;Event=telephone-event;Duration=500\""
core< ACK
P1< 200 INVITE
P1> ACK
call A.dtmf=inband B.dtmf=sip-notify transcoder=5
media A tone 9 120
core< NOTIFY h~"Event: telephone-event"
core> 200 NOTIFY
core< NOTIFY h~"Event: telephone-event"
core> 200 NOTIFY
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# events: the transcoder sends them by itself
P1> INVITE sip:6000@example.com from=2001 sdp=sound
core< INVITE body~telephone-event
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
call A.dtmf=inband B.dtmf=rtp-nte transcoder=5
media A ear=events
media B ear=off events=pass
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# digit-drop: both tell by events; the tones beside them are taken out
P1> INVITE sip:8000@example.com from=2001 sdp=plain
core< INVITE body~telephone-event
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~telephone-event
P1> ACK
call A.dtmf=rtp-nte B.dtmf=rtp-nte transcoder=5
media A ear=off events=pass
media B ear=drop events=pass
# the only session is in use: INFO goes on as it comes, and the call as well
P2> INVITE sip:3000@example.com from=2002 sdp=sound
core< INVITE
core> 200 INVITE sdp=sound
core< ACK
P2< 200 INVITE
P2> ACK
media A ear=none
core> INFO +Content-Type="application/dtmf-relay" body="Signal=4\nDuration=160"
P2< INFO body~Signal=4
P2> 200 INFO
core< 200 INFO
P2> BYE
P2< 200 BYE
core< BYE
core> 200 BYE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0

# RTP events of the phone, INFO of the trunk: each key once, in its order.
# RFC 4733 2.5, RFC 6086 4
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
 dtmf-relay sip-info
dial-peer voice 201 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 dtmf-relay rtp-nte digit-drop sip-info
dial-peer voice 202 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 5...
 dtmf-relay sip-info rtp-nte
dial-peer voice 203 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 6...
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
# the trunk is not offered events; the phone keeps those that it offered
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE body!telephone-event body~PCMU
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=sound +Allow="INVITE, ACK, BYE, INFO"
core< ACK
P1< 200 INVITE body~telephone-event
P1> ACK
call A.dtmf=rtp-nte B.dtmf=sip-info transcoder=0
media A events=taken
media B events=pass
# from the phone: one INFO at a time, in their order, with their duration
media A key 5 160
core< INFO h~"Content-Type: application/dtmf-relay" body="Signal=5\r\nDuration=160\r\n"
media A key \# 20
media A key 0 900
core> 200 INFO
core< INFO body="Signal=#\r\nDuration=100\r\n"
core> 200 INFO
core< INFO body="Signal=0\r\nDuration=900\r\n"
core> 200 INFO
counter lineside_dtmf_keys_total 3
# and to it, in both ways of writing an INFO
core> INFO +Content-Type="application/dtmf-relay" body="Signal= *\nDuration= 320"
core< 200 INFO
core> INFO +Content-Type="application/dtmf" body="7"
core< 200 INFO
media B pressed="*/320 7/250"
# out of bounds, unreadable, and not about keys at all
core> INFO +Content-Type="application/dtmf-relay" body="Signal=11\r\nDuration=999999\r\n"
core< 200 INFO
media B pressed="*/320 7/250 #/5000"
core> INFO +Content-Type="application/dtmf-relay" body="Duration=160"
core< 400 INFO h~"no key can be read"
core> INFO +Content-Type="application/dtmf" body="zz"
core< 400 INFO
counter lineside_dtmf_malformed_total 2
core> INFO +Content-Type="text/plain" body="hello"
P1< INFO body=hello
P1> 200 INFO
core< 200 INFO
# the phone tells by INFO as well, right after: not twice
media A key 1 100
core< INFO body~Signal=1
core> 200 INFO
P1> INFO +Content-Type="application/dtmf-relay" body="Signal=1\nDuration=100"
P1< 200 INFO
counter lineside_dtmf_repeated_total 1
clock +3s
P1> INFO +Content-Type="application/dtmf-relay" body="Signal=2\nDuration=100"
P1< 200 INFO
core< INFO body="Signal=2\r\nDuration=100\r\n"
core> 200 INFO
# refused: told, and not tried again while nothing says that it would serve
clock +3s
media A key 3 100
core< INFO
core> 415 INFO
counter lineside_dtmf_lost_total 1
media A key 4 100
counter lineside_dtmf_lost_total 2
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0
# best first: events where the far end takes them, INFO where it does not
P1> INVITE sip:4000@example.com from=2001 sdp=plain
core< INVITE body~telephone-event
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
call A.dtmf=rtp-nte B.dtmf=rtp-nte
media A events=pass
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
P1> INVITE sip:4000@example.com from=2001 sdp=plain
core< INVITE
core> 200 INVITE sdp=sound
core< ACK
P1< 200 INVITE body~telephone-event
P1> ACK
call A.dtmf=rtp-nte B.dtmf=sip-info
media A events=taken
# nobody answers the INFO: the dialog is gone, both sides are hung up
media A key 5 160
core< INFO
core> 481 INFO local
P1< BYE h~"Reason: Q.850;cause=41"
core< BYE
P1> 200 BYE
core> 200 BYE
expect calls=0 media=0
# INFO is refused in the call: what was refused and what waited behind it goes by
# the next way at once, in its order
P1> INVITE sip:5000@example.com from=2001 sdp=plain
core< INVITE body~telephone-event
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
call A.dtmf=rtp-nte B.dtmf=sip-info
media A events=taken
media A key 1 100
core< INFO body~Signal=1
media A key 2 200
media A key 3 300
core> 501 INFO
media A events=taken
media A pressed="1/100 2/200 3/300"
call A.dtmf=rtp-nte B.dtmf=rtp-nte transcoder=0
counter lineside_dtmf_way_refused_total 2
counter lineside_dtmf_lost_total 2
media A key 4 100
media A pressed="1/100 2/200 3/300 4/100"
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# NOTIFY, of which the key going down was refused: the key as a whole by INFO;
# then that as well
P1> INVITE sip:6000@example.com from=2001 sdp=plain
core< INVITE
core> 200 INVITE sdp=sound +Call-Info="<sip:core>;method=\"NOTIFY;Event=telephone-event;Duration=500\""
core< ACK
P1< 200 INVITE
P1> ACK
call B.dtmf=sip-notify
media A key 7 160
core< NOTIFY h~"Event: telephone-event"
core> 489 NOTIFY
core< INFO body="Signal=7\r\nDuration=160\r\n"
core> 200 INFO
call B.dtmf=sip-info
counter lineside_dtmf_way_refused_total 3
media A key 8 160
core< INFO
core> 405 INFO
call B.dtmf=inband
counter lineside_dtmf_way_refused_total 4
counter lineside_dtmf_lost_total 3
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0
# phones that have only INFO: their keys become events, which are offered for
# them
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
 dtmf-relay sip-info
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
 dtmf-relay rtp-nte digit-drop sip-info
end
.
reload
P1> INVITE sip:4000@example.com from=2001 sdp=sound
core< INVITE body~telephone-event
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body!telephone-event
P1> ACK
call A.dtmf=sip-info B.dtmf=rtp-nte
P1> INFO +Content-Type="application/dtmf-relay" body="Signal=9\nDuration=120"
P1< 200 INFO
media A pressed=9/120
media B key 8 200
P1< INFO body="Signal=8\r\nDuration=200\r\n"
P1> 200 INFO
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0

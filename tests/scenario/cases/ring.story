# A line of several phones: all its contacts ring, the first that answers has
# the call (RFC 3261 16.7), the others are cancelled with a Reason (RFC 3326 2).
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
voice class srtp-crypto 1
 crypto 1 AEAD_AES_256_GCM
 crypto 2 AES_CM_128_HMAC_SHA1_80
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener FAR
 side access
 address ipv4 203.0.113.9 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 rtp-port range 16384 32766
 sip
  registrar server expires max 3600 min 60
  registrar max-contacts 3
sip-ua
 registrar embedded
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 20..
 voice-class codec 1
 voice-class srtp-crypto 1
 srtp
 shared-line
dial-peer voice 102 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 21..
 voice-class codec 1
 srtp fallback
 shared-line
dial-peer voice 103 voip
 session target registrar
 session transport tcp tls
 destination-pattern 22..
 srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 no srtp
dial-peer voice 201 voip
 session target ipv4:10.1.1.11:5060
 session transport udp
 destination-pattern 20..
 preference 5
 no srtp
end
.
sdp answer-two
v=0
o=phone 6 1 IN IP4 198.51.100.2
s=-
c=IN IP4 198.51.100.2
t=0 0
m=audio 4200 RTP/SAVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:@key:five:30@
a=sendrecv
.
phone Q1 device SEP0A
phone Q2 device SEP0B
phone Q3 device SEP0C
phone Q4 device SEP0D
phone F1 device SEP00112233440E listener FAR
host second 10.1.1.11
alias Q1#2 Q1
# who shares a line is told of
Q1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.1:40001>" expires=600
Q1< 200 REGISTER
counter lineside_registrations_shared_total 0
Q2> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.2:40002>" expires=600
Q2< 200 REGISTER contacts="<sip:2001@192.168.1.2:40002>;expires=600"
counter lineside_registrations_shared_total 1
clock +1s
# both ring, each with keys of its own; the first to answer has the call
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q2< INVITE ruri=sip:2001@192.168.1.2:40002 body~RTP/SAVP
Q1< INVITE ruri=sip:2001@192.168.1.1:40001 body~RTP/SAVP
counter lineside_calls_rung_together_total 1
ringing SEP0A=0 SEP0B=0
Q1> 180 INVITE
core< 180 INVITE
ringing SEP0A=180 SEP0B=0
Q2> 180 INVITE
core< 180 INVITE
ringing SEP0A=180 SEP0B=180
Q2> 200 INVITE sdp=answer-80
Q1< CANCEL h~"Reason: SIP;cause=200;text=\"Call completed elsewhere\"" h!Q.850
Q2< ACK
core< 200 INVITE body~"RTP/AVP 0"
media B srtp AES_CM_128_HMAC_SHA1_80 port=4100
Q1> 487 INVITE
ringing
core> ACK
call A number=3000
call B number=2001
Q2> BYE
Q2< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# the loser's answer crosses our CANCEL: it is acknowledged and hung up
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q1> 200 INVITE sdp=answer-80
Q2< CANCEL
Q1< ACK
core< 200 INVITE
Q2> 200 INVITE sdp=answer-two
Q2< ACK, BYE
core> ACK
media B port=4100
core> BYE
core< 200 BYE
Q1< BYE
Q1> 200 BYE
expect calls=0 legs=0 media=0
# media before the answer, of one and then of the other; the one that answers
# without repeating its description is heard again
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q1> 183 INVITE sdp=answer-80
core< 183 INVITE body~"RTP/AVP 0"
media B port=4100
Q2> 183 INVITE sdp=answer-two
core< 183 INVITE body~"RTP/AVP 0"
media B port=4200 tx=new rx=new
Q1> 200 INVITE
Q2< CANCEL
Q1< ACK
core< 200 INVITE body~"RTP/AVP 0"
media B port=4100 srtp AES_CM_128_HMAC_SHA1_80 send recv
Q2> 487 INVITE
core> ACK
core> BYE
core< 200 BYE
Q1< BYE
Q1> 200 BYE
expect calls=0 legs=0 media=0
# one is busy: the other rings on; the caller gives up, with his Reason
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q1> 486 INVITE
ringing SEP0A=486 SEP0B=0
Q2> 180 INVITE
core< 180 INVITE
ringing SEP0A=486 SEP0B=180
core> CANCEL +Reason="SIP;cause=200;text=\"Call completed elsewhere\""
core< 200 CANCEL, 487 INVITE
ringing
Q2< CANCEL h~"Call completed elsewhere"
Q2> 487 INVITE
expect calls=0 legs=0 media=0
# and both, when both ring; the last that says something counts for nothing
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q1> 180 INVITE
core< 180 INVITE
core> CANCEL
core< 200 CANCEL, 487 INVITE
Q1< CANCEL
Q2< CANCEL
Q1> 487 INVITE
Q2> 487 INVITE
expect calls=0 legs=0 media=0
# nobody takes it: a redirection before a refusal, whoever was last (RFC 3261
# 16.7, step 6)
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q1> 302 INVITE contact="<sip:2009@example.com>"
Q2> 486 INVITE
core< 302 INVITE contact=2009
expect calls=0 legs=0 media=0
# of refusals the one that says how to ask again
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q1> 484 INVITE
Q2> 404 INVITE
core< 484 INVITE
expect calls=0 legs=0 media=0
# a phone that is not reached says less than one that is busy
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q2> 486 INVITE
Q1> 408 INVITE local
core< 486 INVITE
# neither is there: the next dial-peer is tried
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q2> 503 INVITE local
Q1> 408 INVITE local
second< INVITE
ringing 2001=0
second> 486 INVITE
core< 486 INVITE
expect calls=0 legs=0 media=0
# one declines for all (6xx): the other need not ring any more
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q2> 180 INVITE
core< 180 INVITE
Q1> 603 INVITE
Q2< CANCEL h~"SIP;cause=603"
core< 603 INVITE
Q2> 487 INVITE
expect calls=0 legs=0 media=0
# what a phone was asked that is out is answered by us; the other rings on
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q1> 180 INVITE
core< 180 INVITE
core> INFO body=y +Content-Type="text/plain"
Q1< INFO
Q1> 486 INVITE
core< 480 INFO
Q2> 486 INVITE
core< 486 INVITE
expect calls=0 legs=0 media=0
# nobody answers in time
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
clock +180s
core< 408 INVITE
Q1< CANCEL h~"Reason: "
Q2< CANCEL h~"Reason: "
Q1> 487 INVITE
Q2> 487 INVITE
expect calls=0 legs=0 media=0
# a BYE before the answer is none of the called side's: that phone is out
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q2> 180 INVITE
core< 180 INVITE
Q2> BYE
Q2< 200 BYE, CANCEL
ringing SEP0A=0 SEP0B=480
Q2> 487 INVITE
Q1> 200 INVITE sdp=answer-80
Q1< ACK
core< 200 INVITE
core> ACK
Q1> BYE
Q1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# 422 (RFC 4028 6): that phone is asked once more, the other one rings on
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q1> 422 INVITE +Min-SE="3600"
Q1< INVITE h~"Min-SE: 3600" ruri=sip:2001@192.168.1.1:40001
ringing SEP0A=0 SEP0B=0
Q1> 180 INVITE
core< 180 INVITE
Q2> 486 INVITE
Q1> 200 INVITE sdp=answer-80
Q1< ACK
core< 200 INVITE
core> ACK
core> BYE
core< 200 BYE
Q1< BYE
Q1> 200 BYE
expect calls=0 legs=0 media=0
# UPDATE of a phone that rings passes, its answer goes back to it
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q1< INVITE
Q2< INVITE
Q1> 180 INVITE
core< 180 INVITE
Q2> 180 INVITE
core< 180 INVITE
Q1> INFO body=x +Content-Type="text/plain"
core< INFO
core> 200 INFO
Q1< 200 INFO
core> INFO body=y +Content-Type="text/plain"
Q1< INFO
Q1> 200 INFO
core< 200 INFO
# a phone comes back on another connection while it rings
Q2 close
Q2 reconnect
Q2> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.2:40003>" expires=600
Q2< 200 REGISTER
Q2 rebound
Q2> 200 INVITE sdp=answer-two
Q1< CANCEL
Q2< ACK
core< 200 INVITE
Q1> 487 INVITE
core> ACK
core> BYE
core< 200 BYE
Q2< BYE
Q2> 200 BYE
expect calls=0 legs=0 media=0
# a late offer: nobody is asked for reliable responses; the answer goes to the one
core> INVITE sip:2001@10.1.1.5 from=3000
Q1< INVITE body=
Q2< INVITE body=
Q1> 180 INVITE
core< 180 INVITE
Q1> 200 INVITE sdp=secure
Q2< CANCEL
core< 200 INVITE body~"RTP/AVP"
Q2> 487 INVITE
core> ACK sdp=plain-answer
Q1< ACK body~"RTP/SAVP"
core> BYE
core< 200 BYE
Q1< BYE
Q1> 200 BYE
expect calls=0 legs=0 media=0
tie SEP00112233440E 2001
# a third one, at another address of ours: it does not ring with the others
F1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40005>" expires=60
F1< 200 REGISTER
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q2< INVITE
Q1< INVITE
counter lineside_calls_contacts_left_out_total 1
core> CANCEL
core< 200 CANCEL, 487 INVITE
Q2< CANCEL
Q1< CANCEL
Q1> 487 INVITE
Q2> 487 INVITE
# a fourth contact is one too many; who has one renews it
Q3> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.3:40003>" expires=600
Q3< 403 REGISTER h~"the line has all its contacts"
counter lineside_registrations_line_full_total 1
Q1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.1:40001>" expires=600
Q1< 200 REGISTER
# with the others gone
F1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="*" expires=0
F1< 200 REGISTER
Q3> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.3:40003>" expires=600
Q3< 200 REGISTER
# one of three calls its own line: the others ring
Q3> INVITE sip:2001@example.com from=2001 sdp=secure
Q1< INVITE
Q2< INVITE
Q1> 486 INVITE
Q2> 603 INVITE
Q3< 603 INVITE
# connections of phones that are gone: the rest rings
Q1 close
Q3 close
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
Q2< INVITE
Q2> 486 INVITE
core< 486 INVITE
expect calls=0 legs=0 media=0
# SRTP that is refused falls back for that phone alone (srtp fallback)
Q2> REGISTER sip:example.com from=2101 to=sip:2101@example.com contact="<sip:2101@192.168.1.2:40002>" expires=600
Q2< 200 REGISTER
Q4> REGISTER sip:example.com from=2101 to=sip:2101@example.com contact="<sip:2101@192.168.1.4:40004>" expires=600
Q4< 200 REGISTER
core> INVITE sip:2101@10.1.1.5 from=3000 sdp=plain
Q2< INVITE body~RTP/SAVP
Q4< INVITE body~RTP/SAVP
Q4> 488 INVITE
Q4< INVITE body!SAVP
Q4> 180 INVITE
core< 180 INVITE
Q4> 200 INVITE sdp=plain-answer
Q2< CANCEL
Q4< ACK
core< 200 INVITE
Q2> 487 INVITE
core> ACK
media B rtp
Q4> BYE
Q4< 200 BYE
core< BYE
core> 200 BYE
# both refuse it either way: 488, and nobody is asked a third time
core> INVITE sip:2101@10.1.1.5 from=3000 sdp=plain
Q2< INVITE body~RTP/SAVP
Q4< INVITE body~RTP/SAVP
Q4> 488 INVITE
Q4< INVITE body!SAVP
Q4> 488 INVITE
Q2> 488 INVITE
Q2< INVITE body!SAVP
Q2> 486 INVITE
core< 488 INVITE
expect calls=0 legs=0 media=0
# without shared-line a line is one phone's, unless both are tied to it
Q2> REGISTER sip:example.com from=2201 to=sip:2201@example.com contact="<sip:2201@192.168.1.2:40002>" expires=600
Q2< 200 REGISTER
Q4> REGISTER sip:example.com from=2201 to=sip:2201@example.com contact="<sip:2201@192.168.1.4:40004>" expires=600
Q4< 403 REGISTER h~"another phone"
phone T1 device SEP001122334401
phone T2 device SEP001122334402
phone T3 device SEP001122334403
tie SEP001122334401 2202
tie SEP001122334402 2202
T1> REGISTER sip:example.com from=2202 to=sip:2202@example.com contact="<sip:2202@192.168.1.6:1>" expires=600
T1< 200 REGISTER
T2> REGISTER sip:example.com from=2202 to=sip:2202@example.com contact="<sip:2202@192.168.1.7:1>" expires=600
T2< 200 REGISTER
T3> REGISTER sip:example.com from=2202 to=sip:2202@example.com contact="<sip:2202@192.168.1.8:1>" expires=600
T3< 403 REGISTER h~"another phone"
T3> INVITE sip:3000@example.com from=2202 sdp=secure
T3< 403 INVITE
T2> INVITE sip:3000@example.com from=2202 sdp=secure
core< INVITE
core> 486 INVITE
T2< 486 INVITE
core> INVITE sip:2202@10.1.1.5 from=3000 sdp=plain
T1< INVITE
T2< INVITE
# shut down while they ring
clear
core< 480 INVITE
T1< CANCEL
T2< CANCEL
T1> 487 INVITE
T2> 487 INVITE
expect calls=0 legs=0 media=0

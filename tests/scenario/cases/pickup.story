# A call that rings is picked up by another phone: INVITE with Replaces of the
# leg that rings (RFC 3891 3; RFC 5359 2.16), where transfers end here.
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
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 no supplementary-service sip refer
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 voice-class srtp-crypto 1
 srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 voice-class codec 1
 no srtp
end
.
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001>" expires=600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@x>;expires=3600"
P1< 200 REGISTER
core> INVITE sip:$T@10.1.1.5 from=3000 sdp=plain
P1< INVITE
# not before it rings: the dialog is not there yet
P1> 180 INVITE
core< 180 INVITE
# the caller is answered by ourselves, who rings is told; then he gets the offer
P2> INVITE sip:2001@203.0.113.5 from=2002 sdp=secure-rekey +Require="replaces" +Replaces="dialog-2;to-tag=near-2;from-tag=far-2;early-only"
counter lineside_calls_picked_up_total 1
core< 200 INVITE body~"RTP/AVP 0 101" body~a=sendrecv
P1< CANCEL h~"Call completed elsewhere"
P1> 487 INVITE
clock +1s
core> INFO
core< 480 INFO
core> ACK
clock +1s
core< INVITE body~a=sendrecv h!Replaces
core> 200 INVITE sdp=plain-answer
core< ACK
P2< 200 INVITE body~"RTP/SAVP 0 101"
P2> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 send recv
media B rtp send recv
expect calls=1
call state=up A.number=2002 B.number=3000
P2> BYE
P2< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# media before the answer was the ringing phone's; its 200 crosses our CANCEL
core> INVITE sip:$T@10.1.1.5 from=3000 sdp=plain
P1< INVITE
P1> 183 INVITE sdp=answer-80
core< 183 INVITE body~a=sendrecv
P2> INVITE sip:2001@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-5;to-tag=near-5;from-tag=far-5"
core< 200 INVITE body~a=sendrecv
P1< CANCEL
P1> 200 INVITE sdp=answer-80
P1< ACK, BYE
core> ACK
clock +1s
core< INVITE
# who picks up changes his mind: nobody is left for the caller
P2> CANCEL
P2< 200 CANCEL, 487 INVITE
core< CANCEL
core> 487 INVITE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# he does so before the caller has acknowledged the answer
core> INVITE sip:$T@10.1.1.5 from=3000 sdp=plain
P1< INVITE
P1> 180 INVITE
core< 180 INVITE
P2> INVITE sip:2001@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-8;to-tag=near-8;from-tag=far-8"
core< 200 INVITE
P1< CANCEL
P1> 487 INVITE
P2> CANCEL
P2< 200 CANCEL, 487 INVITE
core> ACK
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# the caller is gone in that moment
core> INVITE sip:$T@10.1.1.5 from=3000 sdp=plain
P1< INVITE
P1> 180 INVITE
core< 180 INVITE
P2> INVITE sip:2001@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-11;to-tag=near-11;from-tag=far-11"
core< 200 INVITE
P1< CANCEL
P1> 487 INVITE
core> ACK
core> BYE
core< 200 BYE
P2< 481 INVITE
expect calls=0 legs=0 media=0
# a caller without offer cannot be answered so; and a leg that called us is not
# replaced while it is early (RFC 3891 3)
core> INVITE sip:$T@10.1.1.5 from=3000
P1< INVITE
P1> 180 INVITE
core< 180 INVITE
P2> INVITE sip:2001@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-14;to-tag=near-14;from-tag=far-14"
P2< 481 INVITE
core> CANCEL
core< 200 CANCEL, 487 INVITE
P1< CANCEL
P1> 487 INVITE
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-16;to-tag=near-16;from-tag=far-16"
P2< 481 INVITE
core> 486 INVITE
P1< 486 INVITE
expect calls=0 legs=0 media=0

# without an offer: who was answered makes one, and hangs up before it has the
# answer; its 2xx gets an ACK all the same (RFC 3261 13.2.2.4)
core> INVITE sip:$T@10.1.1.5 from=3000 sdp=plain
P1< INVITE
P1> 180 INVITE
core< 180 INVITE
P2> INVITE sip:2001@203.0.113.5 from=2002 +Replaces="dialog-20;to-tag=near-20;from-tag=far-20"
core< 200 INVITE
P1< CANCEL
P1> 487 INVITE
core> ACK
clock +1s
core< INVITE
core> 200 INVITE sdp=plain
P2< 200 INVITE
core> BYE
core< 200 BYE, ACK
P2> ACK
P2< BYE
P2> 200 BYE
expect calls=0 legs=0 media=0
# who was picked up rings in our words, since he is asked anew; he is in a call, and
# is not picked up once more (RFC 3891 3)
core> INVITE sip:$T@10.1.1.5 from=3000 sdp=plain
P1< INVITE
P1> 180 INVITE
core< 180 INVITE
P2> INVITE sip:2001@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-23;to-tag=near-23;from-tag=far-23"
core< 200 INVITE
P1< CANCEL
P1> 487 INVITE
core> ACK
clock +1s
core< INVITE
core> 180 INVITE
P2< 180 INVITE
core> INVITE sip:2002@10.1.1.5 from=3001 sdp=plain +Replaces="dialog-22;to-tag=near-22;from-tag=far-22"
core< 481 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P2< 200 INVITE
P2> ACK
P2> BYE
P2< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

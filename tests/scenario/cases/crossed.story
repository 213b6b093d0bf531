# What tests/scenario/cross.c found: things that crossed, and were left over.
include ../transfers.inc
# A asked for an offer, and B hangs up before A's answer: B's 2xx gets its ACK
# (RFC 3261 13.2.2.4)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> INVITE
core< INVITE
core> 200 INVITE sdp=plain
P1< 200 INVITE
P1> BYE
P1< 200 BYE
core< ACK, BYE
P1> ACK
core> 200 BYE
expect calls=0
# the same with the first INVITE
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE sdp=plain
P1< 200 INVITE
core> BYE
core< 200 BYE, ACK
P1> ACK
P1< BYE
P1> 200 BYE
expect calls=0
# who remains is asked to join the target, and is silent: it gets BYE, too (RFC
# 3261 12.2.1.2)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> REFER cseq=2 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE
core#2> 200 INVITE sdp=plain-answer
core#2< ACK
core< INVITE
core> 408 INVITE local
P1< NOTIFY body~"SIP/2.0 504", BYE
core< BYE
core#2< BYE
P1> 200 NOTIFY
P1> 200 NOTIFY
P1> 200 BYE
core> 200 BYE
core#2> 200 BYE
expect calls=0 media=0
# an answer comes after the leg has gone to the call of the transfer
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> INFO body=x +Content-Type="text/plain"
core< INFO
P1> REFER cseq=2 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE
P1> BYE
P1< 200 BYE, 487 INFO
core> 200 INFO
core#2> 200 INVITE sdp=plain-answer
core#2< ACK
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< NOTIFY body~"SIP/2.0 200"
P1> 200 NOTIFY
P1> 200 NOTIFY
expect calls=1
core> BYE
core< 200 BYE
core#2< BYE
core#2> 200 BYE
expect calls=0
# a connection is lost: the call that was to take a leg ends, and the one that
# had hung up with it
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-11;to-tag=near-11;from-tag=far-11"
core< INVITE
P1> BYE
P1< 200 BYE
P2 close
P2< 480 INVITE
core< CANCEL
core> 487 INVITE
core< BYE
core> 200 BYE
expect calls=0 media=0

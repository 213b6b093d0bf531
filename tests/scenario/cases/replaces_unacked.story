# Who takes the place of a leg without an offer never acknowledges: who made one gets
# its ACK, then BYE (RFC 3261 13.2.2.4, RFC 3891 3).
include ../transfers.inc
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P2> INVITE sip:3000@203.0.113.5 from=2002 +Replaces="dialog-1;to-tag=near-1;from-tag=far-1"
core< INVITE
core> 200 INVITE sdp=plain
P2< 200 INVITE
P2> noack
P1< BYE
P2< BYE
core< ACK, BYE
P1> 200 BYE
P2> 200 BYE
core> 200 BYE
expect calls=0 legs=0 media=0

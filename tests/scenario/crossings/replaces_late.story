# P2 takes the place of P1 without an offer: who is inside makes one.
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

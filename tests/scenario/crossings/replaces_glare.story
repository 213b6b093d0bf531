# The same, and who is inside met us with an offer of its own.
include ../transfers.inc
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> INFO body=x
core< INFO
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-1;to-tag=near-1;from-tag=far-1"
P1< 487 INFO
core< INVITE
core> 491 INVITE

# P2 has picked up without an offer: who calls has made one, and has no answer to it.
include ../transfers.inc
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001>" expires=600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@x>;expires=3600"
P1< 200 REGISTER
core> INVITE sip:$T@10.1.1.5 from=3000 sdp=plain
P1< INVITE
P1> 180 INVITE
core< 180 INVITE
P2> INVITE sip:2001@203.0.113.5 from=2002 +Replaces="dialog-2;to-tag=near-2;from-tag=far-2;early-only"
core< 200 INVITE
P1< CANCEL
P1> 487 INVITE
core> ACK
clock +1s
core< INVITE
core> 200 INVITE sdp=plain
P2< 200 INVITE

# A expires, and somebody may want to take the call.
include ../transfers.inc
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="timer" +Session-Expires="600;refresher=uac"
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
clock +567s
cross P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-1;to-tag=near-1;from-tag=far-1"

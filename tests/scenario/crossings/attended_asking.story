# Two calls of a phone are to become one: the second is asked.
include ../transfers.inc
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1#2> INVITE sip:3001@example.com from=2001 sdp=secure
core#2< INVITE
core#2> 200 INVITE sdp=plain-answer
core#2< ACK
P1#2< 200 INVITE
P1#2> ACK
P1> REFER cseq=3 +Refer-To="<sip:3001@203.0.113.5?Replaces=dialog-3%3Bto-tag%3Dnear-3%3Bfrom-tag%3Dfar-3>"
P1< 202 REFER, NOTIFY
core#2< INVITE

# The target rings; who remains asks for something.
include ../transfers.inc
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> REFER cseq=2 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE
P1> 200 NOTIFY
core#2> 180 INVITE
P1< NOTIFY
P1> 200 NOTIFY
core> INFO body=x
P1< INFO

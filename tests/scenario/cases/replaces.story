# Replaces answered here: attended transfer (RFC 5589 7), and INVITEs that take
# the place of a leg (RFC 3891 3).
include ../transfers.inc
# the phone talks to two, and joins them: neither knows of the other
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
expect calls=2
# of itself, or of a call that is not up
P1> REFER cseq=2 +Refer-To="<sip:3000@203.0.113.5?Replaces=dialog-1%3Bto-tag%3Dnear-1%3Bfrom-tag%3Dfar-1>"
P1< 603 REFER
P1> REFER cseq=3 +Refer-To="<sip:3001@203.0.113.5?Replaces=dialog-3%3Bto-tag%3Dnear-3%3Bfrom-tag%3Dfar-3>"
P1< 202 REFER, NOTIFY body~"100 Trying"
core#2< INVITE h!Replaces body~"m=audio" body~a=sendrecv
# somebody asks at the same time: once more later
core#2> 491 INVITE
clock +5s
core#2< INVITE body~a=sendrecv
core#2> 422 INVITE +Min-SE="2000"
clock +0s
core#2< INVITE h~2000
P1#2> INFO
P1#2< 500 INFO
core#2> 200 INVITE sdp=plain-answer
core#2< ACK
core< INVITE body~a=sendrecv
core> 200 INVITE sdp=plain-answer
core< ACK
P1< NOTIFY body~"200 OK"
P1#2< BYE h~cause=16
P1> 200 NOTIFY
P1> 200 NOTIFY
P1> BYE
P1< 200 BYE
P1#2> 200 BYE
expect calls=1
call state=up A.number=3000 B.number=3001
core#2> BYE
core#2< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0
# the second one refuses: all three are as before
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
P1> REFER cseq=3 +Refer-To="<sip:3001@203.0.113.5?Replaces=dialog-7%3Bto-tag%3Dnear-7%3Bfrom-tag%3Dfar-7>"
P1< 202 REFER, NOTIFY
core#2< INVITE
core#2> 488 INVITE
P1< NOTIFY body~"488"
P1> 200 NOTIFY
P1> 200 NOTIFY
P1> INFO body=x +Content-Type="text/plain"
core< INFO
core> 200 INFO
P1< 200 INFO
P1#2> INFO body=x +Content-Type="text/plain"
core#2< INFO
core#2> 200 INFO
P1#2< 200 INFO
# a leg that is asked for something is waited for, and may go meanwhile
P1#2> INVITE sdp=secure-hold
core#2< INVITE
P1> REFER cseq=4 +Refer-To="<sip:3001@203.0.113.5?Replaces=dialog-7%3Bto-tag%3Dnear-7%3Bfrom-tag%3Dfar-7>"
P1< 202 REFER, NOTIFY
clock +1s
P1#2> BYE
P1#2< 200 BYE, 487 INVITE
core#2< BYE
P1< NOTIFY body~"481"
core#2> 200 BYE
core#2< CANCEL
P1> 200 NOTIFY
P1> 200 NOTIFY
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0
# an INVITE in place of the phone: who is inside is asked with its description
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-9;to-tag=near-9;from-tag=far-9;early-only" +Require="replaces"
P2< 486 INVITE
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-9;to-tag=near-9;from-tag=far-9" +Replaces="x;to-tag=1;from-tag=2"
P2< 400 INVITE
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-9;to-tag=near-9;from-tag=far-9" +Require="replaces"
core< INVITE h!Replaces h!Require body~RTP/AVP
# another one at the same time: that leg is being asked
core#2> INVITE sip:3000@10.1.1.5 from=3003 sdp=plain +Replaces="dialog-10;to-tag=near-10;from-tag=far-10"
core#2< 481 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P2< 200 INVITE body~SAVP
P2> ACK
P1< BYE
P1> 200 BYE
counter lineside_calls_replaced_total 1
expect calls=1
call A.number=2002 B.number=3000
media A srtp AES_CM_128_HMAC_SHA1_80 send recv
P2> BYE
P2< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0
# refused, given up, crossing: who is inside stays with the phone
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE save-callid=C
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-15;to-tag=near-15;from-tag=far-15"
core< INVITE
core> 488 INVITE
P2< 488 INVITE
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-15;to-tag=near-15;from-tag=far-15"
core< INVITE
P2> CANCEL
P2< 200 CANCEL, 487 INVITE
core< CANCEL
core> 487 INVITE
expect calls=1
call state=up A.number=2001 B.number=3000
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-15;to-tag=near-15;from-tag=far-15"
core< INVITE
P2> CANCEL
P2< 200 CANCEL, 487 INVITE
core< CANCEL
core> 200 INVITE sdp=plain-answer
P1< BYE
core< ACK, BYE
core> 200 BYE
P1> 200 BYE
expect calls=0 media=0
# a call that is not answered cannot be taken; one that is over is declined
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-20;to-tag=near-20;from-tag=far-20"
P2< 481 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-20;to-tag=near-20;from-tag=far-20"
P2< 500 INVITE
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
P2> INVITE sip:3000@203.0.113.5 from=2002 sdp=secure-rekey +Replaces="dialog-20;to-tag=near-20;from-tag=far-20"
P2< 603 INVITE
core> 200 BYE
expect calls=0 media=0

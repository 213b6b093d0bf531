# REFER answered here, where it goes wrong: the target fails, somebody hangs up
# or asks at the same time.
include ../transfers.inc
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE h~replaces
P1> ACK
# no way there: said in the fragment, and the call goes on
P1> REFER cseq=2 +Refer-To="<sip:9@203.0.113.5>"
P1< 202 REFER, NOTIFY body~"100 Trying", NOTIFY body~"SIP/2.0 404 Not Found" body~"Warning: 399 edge1 \"no dial-peer matches where it was transferred\"" h~terminated
P1> 200 NOTIFY
P1> 200 NOTIFY
expect calls=1 legs=2
# busy (RFC 5589 6.3.1); the second REFER has its CSeq as id (RFC 3515 2.4.6)
P1> REFER cseq=3 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY h~"Event: refer;id=3"
core#2< INVITE
core#2> 486 INVITE
P1< NOTIFY body~"486 Busy Here" body~"Reason: Q.850;cause=17"
P1> 200 NOTIFY
P1> 200 NOTIFY
call state=up
P1> INFO body="x" +Content-Type="text/plain"
core< INFO
core> 200 INFO
P1< 200 INFO
# no NOTIFYs wanted (RFC 4488 4)
P1> REFER cseq=4 +Refer-To="<sip:3001@203.0.113.5>" +Refer-Sub="false"
P1< 202 REFER h~"Refer-Sub: false"
core#2< INVITE
core#2> 486 INVITE
# who remains refuses what the target speaks: both return to where they were
P1> REFER cseq=5 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE
core#2> 200 INVITE sdp=plain-answer
core#2< ACK
core< INVITE
P1> INFO
P1< 500 INFO
core> 488 INVITE
core#2< BYE
core#2> 200 BYE
P1< NOTIFY body~"488"
P1> 200 NOTIFY
P1> 200 NOTIFY
expect calls=1
call state=up A.number=2001 B.number=3000
P1> INFO body="x" +Content-Type="text/plain"
core< INFO
core> 200 INFO
P1< 200 INFO
P1> INVITE sdp=secure-hold
core< INVITE body~a=sendonly
core> 200 INVITE sdp=plain-held
core< ACK
P1< 200 INVITE
P1> ACK
# it asks for something itself: 491, and another try (RFC 3261 14.1)
P1> REFER cseq=6 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE
core#2> 200 INVITE sdp=plain-answer
core#2< ACK
core< INVITE
core> 491 INVITE
clock +2s
clock +3s
core< INVITE
core> 422 INVITE +Min-SE="2000"
clock +0s
core< INVITE h~"Session-Expires: 2000"
core> 200 INVITE sdp=plain-answer
core< ACK
P1< NOTIFY body~"200 OK"
P1> 200 NOTIFY
P1> 200 NOTIFY
# a transferor that does not hang up is hung up
expect calls=2
clock +4s
P1< BYE h~"cause=16"
P1> 200 BYE
expect calls=1
core#2> BYE
core#2< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 media=0
# who remains hangs up while the target rings
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> REFER cseq=2 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE
core#2> 180 INVITE
P1< NOTIFY
core> BYE
core< 200 BYE
P1< NOTIFY body~"487 Request Terminated" h~terminated, BYE
core#2< CANCEL
core#2> 487 INVITE
P1> 200 BYE
P1> 200 NOTIFY
P1> 200 NOTIFY
P1> 200 NOTIFY
expect calls=0 media=0
# the transferor has gone, then the target refuses: nobody is left to talk to
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> REFER cseq=2 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE
P1> BYE
P1< 200 BYE
core> INVITE sdp=plain
core< 500 INVITE h~Retry-After
core#2> 603 INVITE
P1< NOTIFY body~"603 Decline"
core< BYE h~"cause=21"
core> 200 BYE
P1> 200 NOTIFY
P1> 200 NOTIFY
expect calls=0 media=0
# and: who remains goes as well
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> REFER cseq=2 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE
P1> BYE
P1< 200 BYE
core> BYE
core< 200 BYE
core#2< CANCEL
P1< NOTIFY body~"487"
core#2> 200 INVITE sdp=plain-answer
core#2< ACK, BYE
core#2> 200 BYE
P1> 200 NOTIFY
P1> 200 NOTIFY
expect calls=0 media=0
# the target answers while who remains is asked for something
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> REFER cseq=2 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE
P1> INVITE sdp=secure-hold
core< INVITE
P1> INFO
core< INFO
core> INFO
P1< INFO
core#2> 200 INVITE sdp=plain-answer
core#2< ACK
core#2> INFO
core#2< 480 INFO
clock +1s
core> 200 INVITE sdp=plain-held
core< ACK
P1< 200 INVITE
P1> ACK
clock +1s
P1< 487 INFO
core< 487 INFO
core< INVITE
core> 200 INFO
P1> 200 INFO
# the whole thing is cleared meanwhile
clear
core< BYE
core#2< BYE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< NOTIFY body~"480", BYE
core> 200 BYE
core#2> 200 BYE
P1> 200 BYE
P1> 200 NOTIFY
P1> 200 NOTIFY
expect calls=0 media=0

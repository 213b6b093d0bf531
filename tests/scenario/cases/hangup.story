# We end it: operator, media that died, shutdown, at any stage (RFC 3261 15, RFC
# 3326 2).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
clear
P1< BYE h~Q.850
core< BYE h~Q.850
# crossing what the operator has ended already
P1> 200 BYE
clear
core> 200 BYE
expect calls=0
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media latched
media inactive
P1< BYE h~"cause=102"
core< BYE h~"cause=102"
P1> 200 BYE
core> 200 BYE
counter lineside_calls_media_inactive_total 1
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media socket
P1< BYE
core< BYE
P1> 200 BYE
core> 200 BYE
# so is silence while it rings, however often it is told
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 183 INVITE sdp=plain-answer
P1< 183 INVITE
media inactive
media inactive
call state=ringing
core> 486 INVITE
P1< 486 INVITE
# silence while held was agreed on
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> INVITE sdp=secure-hold
core< INVITE
core> 200 INVITE sdp=plain-held
core< ACK
P1< 200 INVITE
P1> ACK
media inactive
call state=up
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
clear
P1< 480 INVITE
core< CANCEL
core> 487 INVITE
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
clear
P1< 480 INVITE
core< CANCEL
core> 487 INVITE
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
clear
core< BYE
core> 200 BYE
P1> ACK
P1< BYE
P1> 200 BYE
expect calls=0
# shutdown with one call up and one ringing
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
alias P1#2 P1
alias core#2 core
P1#2> INVITE sip:3001@example.com from=2001 sdp=secure
core#2< INVITE
expect calls=2 legs=4 media=2
stop
P1< BYE
core< BYE
P1#2< 503 INVITE
core#2< CANCEL

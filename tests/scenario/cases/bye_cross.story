# BYE crosses BYE: both are answered 200 (RFC 3261 15.1.2).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> BYE
core< 200 BYE
core> 481 BYE
expect calls=0
# from the other side
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
core> BYE +Reason="Q.850;cause=16"
core< 200 BYE
P1< BYE h~"Q.850;cause=16"
P1> BYE
P1< 200 BYE
P1> 200 BYE
expect calls=0
# no answer to our BYE at all: the port's 408 (RFC 3261 15.1.1)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
core> BYE
core< 200 BYE
P1< BYE
P1> 408 BYE local
expect calls=0 media=0

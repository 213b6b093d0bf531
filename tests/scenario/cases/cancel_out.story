# Cancelled while ringing: B's INVITE ends with 487, nothing is left
# (RFC 3261 9.1, 9.2).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
P1> CANCEL +Reason="SIP;cause=200;text=\"Call completed elsewhere\""
P1< 200 CANCEL, 487 INVITE
core< CANCEL h~"completed elsewhere"
call state=ending
expect media=0
core> 487 INVITE
expect calls=0 legs=0 media=0
counter lineside_calls_cancelled_total 1
# and before B has said anything
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL
core> 180 INVITE
core> 487 INVITE
expect calls=0

# BYE in an early dialog ends it, from the caller, and from a callee that
# ought to have said 603 (RFC 3261 15, 15.1.2).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> BYE
core< 200 BYE, CANCEL
P1< 480 INVITE
core> 487 INVITE
expect calls=0
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
P1> INFO
P1< 500 INFO
P1> BYE
P1< 200 BYE, 487 INVITE
core< CANCEL
core> 487 INVITE
expect calls=0

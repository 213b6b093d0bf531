# B's 200 crosses our CANCEL: it is acknowledged and hung up (RFC 3261 9.1).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL
core> 200 INVITE sdp=plain-answer
core< ACK, BYE
core> 200 BYE
expect calls=0 media=0
# B never answers the cancelled INVITE: the port's 408, or at last our own timer
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL
core> 408 INVITE local
expect calls=0
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL
clock +41s
expect calls=0

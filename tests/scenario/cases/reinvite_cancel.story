# A re-INVITE is cancelled in time (RFC 3261 9.1).
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
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL
core> 487 INVITE
call state=up hold=0
# The 200 crosses: the core is offered again what was in force (RFC 3261
# 14.1).
P1> INVITE sdp=secure-hold
core< INVITE body~sendonly
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL
core> 200 INVITE sdp=plain-held
core< ACK, INVITE body~sendrecv
core> 200 INVITE sdp=plain-answer
core< ACK
media A send recv
media B send recv
call state=up hold=0
# the same for one without description: nothing to go back to
core> INVITE
P1< INVITE
core> CANCEL
core< 200 CANCEL, 487 INVITE
P1< CANCEL
P1> 200 INVITE sdp=secure
P1< ACK, BYE
core< BYE
P1> 200 BYE
core> 200 BYE
expect calls=0

# B hangs up before A's ACK came: A's BYE waits for it (RFC 3261 15).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
core> BYE
core< 200 BYE
expect calls=1
P1> ACK
P1< BYE
P1> 200 BYE
expect calls=0
# the ACK never comes
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
core> BYE
core< 200 BYE
P1> noack
P1< BYE
P1> 481 BYE
expect calls=0
# A hangs up instead of acknowledging
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0
# nobody acknowledges: both are hung up
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> noack
P1< BYE h~"Q.850;cause=102"
core< BYE h~"Q.850;cause=102"
core> 200 BYE
expect calls=1
P1> ACK
P1> 200 BYE
expect calls=0

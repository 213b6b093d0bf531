# A re-INVITE is under way when a BYE comes, from either side: it
# gets 487 (RFC 3261 15.1.2), what answers it an ACK (RFC 3261 13.2.2.4).
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
core> BYE
core< 200 BYE
P1< 487 INVITE, BYE
core> 487 INVITE
P1> 200 BYE
expect calls=0
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
P1> BYE
P1< 200 BYE, 487 INVITE
core< BYE
core> 200 INVITE sdp=plain-held
core< ACK
core> 200 BYE
expect calls=0
# an INFO is under way, and one comes when it is over
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> INFO body=x
core< INFO
core> BYE
core< 200 BYE
P1< 487 INFO, BYE
core> 200 INFO
core> INFO
core< 481 INFO
P1> 200 BYE
expect calls=0

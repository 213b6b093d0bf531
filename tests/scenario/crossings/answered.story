P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE

P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE tag=b1
P1< 180 INVITE

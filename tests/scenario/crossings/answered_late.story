P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE sdp=plain
P1< 200 INVITE

# A has given up, B may still answer.
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
P1> CANCEL
P1< 200 CANCEL, 487 INVITE
core< CANCEL

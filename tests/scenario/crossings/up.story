P1> INVITE sip:3000@example.com from=2001 sdp=secure +Allow="INVITE, UPDATE"
core< INVITE
core> 200 INVITE sdp=plain-answer +Allow="INVITE, UPDATE"
core< ACK
P1< 200 INVITE
P1> ACK

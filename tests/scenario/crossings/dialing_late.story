# The same without SDP.
P1> INVITE sip:3000@example.com from=2001
core< INVITE

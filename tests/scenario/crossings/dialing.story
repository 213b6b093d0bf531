# B has the INVITE, and has said nothing.
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE

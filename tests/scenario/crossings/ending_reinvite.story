# The operator has hung up before the ACK to a new offer.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Allow="INVITE, UPDATE"
core< INVITE
core> 200 INVITE sdp=plain-answer +Allow="INVITE, UPDATE"
core< ACK
P1< 200 INVITE
P1> ACK
P1> INVITE sdp=secure-hold
core< INVITE
core> 200 INVITE sdp=plain-held
core< ACK
P1< 200 INVITE
core> INFO body=x
P1< INFO
clear
core< 487 INFO
P1< BYE
core< BYE

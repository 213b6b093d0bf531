# The operator has hung up, both legs get BYE; an INFO was under way.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Allow="INVITE, UPDATE"
core< INVITE
core> 200 INVITE sdp=plain-answer +Allow="INVITE, UPDATE"
core< ACK
P1< 200 INVITE
P1> ACK
P1> INFO body=x
core< INFO
clear
P1< 487 INFO, BYE
core< BYE

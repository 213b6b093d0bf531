# Our refresh of B is due; A has offered what is in force, its ACK is to come.
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer +Session-Expires="600;refresher=uac" +Require="timer"
core< ACK
P1< 200 INVITE
P1> ACK
clock +299s
P1> INVITE sdp=secure
P1< 200 INVITE

# A expires; B has offered what is in force, its ACK is to come.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="timer" +Session-Expires="600;refresher=uac"
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
core> INVITE sdp=plain-holds
P1< INVITE
P1> 200 INVITE sdp=secure +Session-Expires="600;refresher=uas" +Require="timer"
P1< ACK
core< 200 INVITE
core> ACK
clock +567s
core> INVITE sdp=plain-holds
core< 200 INVITE

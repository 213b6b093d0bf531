# Nobody has refreshed A: its session ends next.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="timer" +Session-Expires="600;refresher=uac"
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
clock +567s

# Each leg has a session timer of its own (RFC 4028 3).
# below our minimum: 422 (RFC 4028 9)
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="timer" +Session-Expires="60"
P1< 422 INVITE h~"Min-SE: 90"
counter lineside_calls_session_too_short_total 1
# A chooses itself (RFC 4028 9, table 2), B us; B wants more first (RFC 4028
# 7.3)
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="timer, x" +Session-Expires="600;refresher=uac" +Allow="INVITE, ACK, BYE, UPDATE"
core< INVITE h~"Session-Expires: 1800" h!refresher h!Min-SE h~"Supported: x, timer"
core> 422 INVITE +Min-SE="3600"
core< INVITE h~"Session-Expires: 3600" h~"Min-SE: 3600"
core> 200 INVITE sdp=plain-answer +Session-Expires="3600;refresher=uac" +Require="timer" +Allow="INVITE, ACK, BYE, UPDATE"
core< ACK
P1< 200 INVITE h~"Session-Expires: 600;refresher=uac" h~"Require: timer" h~"Supported: timer"
P1> ACK
# A refreshes by UPDATE, and by a re-INVITE that changes nothing (RFC 4028 7.4)
clock +300s
P1> UPDATE +Supported="timer" +Session-Expires="600;refresher=uac"
P1< 200 UPDATE h~"Session-Expires: 600;refresher=uac"
call A.session=600:theirs:568 B.session=3600:ours:1500:3268
clock +500s
call A.session=600:theirs:68 B.session=3600:ours:1000:2768
P1> INVITE sdp=secure +Supported="timer" +Session-Expires="600;refresher=uac"
P1< 200 INVITE h~"Session-Expires: 600;refresher=uac" body~"RTP/SAVP 0 101"
media A rx=new tx=new
core> INVITE sdp=plain-holds
core< 491 INVITE
P1> ACK
P1> UPDATE +Session-Expires="30;refresher=uac"
P1< 422 UPDATE h~"Min-SE: 90"
# ours is due on B at half of it: UPDATE without a body
clock +500s
P1> UPDATE +Supported="timer" +Session-Expires="600;refresher=uac"
P1< 200 UPDATE
clock +499s
clock +1s
core< UPDATE body= h~"Session-Expires: 3600;refresher=uac" h~"Min-SE: 3600" h~"Supported: timer"
core> 200 UPDATE +Session-Expires="3600;refresher=uac"
# a passed offer refreshes both
P1> INVITE sdp=secure-hold +Supported="timer" +Session-Expires="600;refresher=uac"
core< INVITE h~"Session-Expires: 3600;refresher=uac" body~sendonly
core> 200 INVITE sdp=plain-held +Session-Expires="3600;refresher=uas"
core< ACK
P1< 200 INVITE h~"Session-Expires: 600;refresher=uac"
P1> ACK
media A rx=same tx=same
# nobody refreshes A: 32 s before its end the call ends (RFC 4028 10)
clock +567s
expect calls=1
clock +1s
P1< BYE h~"Reason: Q.850;cause=102"
core< BYE h~"Reason: Q.850;cause=102"
P1> 200 BYE
core> 200 BYE
counter lineside_calls_session_expired_total 1
expect calls=0
# A knows no timers: none on A. B makes us refresh, takes no UPDATE in spite
# of its Allow, then meets us with one of its own
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer +Session-Expires="100;refresher=uac" +Allow="INVITE, UPDATE"
core< ACK
P1< 200 INVITE h!Session-Expires
P1> ACK
clock +50s
core< UPDATE h~"Session-Expires: 100;refresher=uac"
core> 405 UPDATE
clock +0s
core< INVITE body~"m=audio" h~"Session-Expires: 100;refresher=uac"
P1> INVITE sdp=secure-hold
P1< 491 INVITE
core> 491 INVITE
clock +4s
core< INVITE
core> 200 INVITE sdp=plain-answer +Session-Expires="100;refresher=uac"
core< ACK
media B send recv
# while an exchange is under way ours waits
clock +48s
P1> INVITE sdp=secure-hold
core< INVITE
clock +3s
core> 488 INVITE
P1< 488 INVITE
clock +1s
core< INVITE
# it says nothing that helps: once more before the end, then the call ends
core> 500 INVITE
clock +16s
P1< BYE
core< BYE
P1> 200 BYE
core> 200 BYE
# the far end that refreshes is us (uas), and it has forgotten the call: 481
# (RFC 3261 12.2.1.2)
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="timer" +Session-Expires="200;refresher=uas" +Min-SE="120" +Allow="INVITE, UPDATE"
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE h~"Session-Expires: 200;refresher=uas" h!Require
P1> ACK
clock +100s
P1< UPDATE h~"Session-Expires: 200;refresher=uac"
P1> 422 UPDATE +Min-SE="5000"
clock +0s
P1< UPDATE h~"Session-Expires: 5000" h~"Min-SE: 5000"
P1> 481 UPDATE
P1< BYE
core< BYE
P1> 200 BYE
core> 200 BYE
expect calls=0
# a passed request of A is too short for B: A may come again
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer +Session-Expires="1800;refresher=uas"
core< ACK
P1< 200 INVITE
P1> ACK
P1> INVITE sdp=secure-hold
core< INVITE
core> 422 INVITE +Min-SE="7200"
P1< 500 INVITE h~Retry-After
P1> INVITE sdp=secure-hold
core< INVITE h~"Session-Expires: 7200"
core> 200 INVITE sdp=plain-held +Session-Expires="7200;refresher=uas"
core< ACK
P1< 200 INVITE
P1> ACK
P1> UPDATE +Remote-Party-ID="<sip:2001@x>"
core< UPDATE
core> 422 UPDATE +Min-SE="8000"
P1< 500 UPDATE
clear
P1< BYE
core< BYE
P1> 200 BYE
core> 200 BYE
# a refresh under way when the call ends
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer +Session-Expires="90;refresher=uac" +Allow="UPDATE"
core< ACK
P1< 200 INVITE
P1> ACK
clock +45s
core< UPDATE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 UPDATE
core> 200 BYE
expect calls=0

# UPDATE with and without description, INFO and OPTIONS in a dialog (RFC 3311
# 5.1, 5.2; RFC 6086 4.2; RFC 3261 11.2).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80
P1> UPDATE sdp=secure-hold
core< UPDATE body~sendonly
core> 200 UPDATE sdp=plain-held
P1< 200 UPDATE body~RTP/SAVP
media A rx=same tx=same
# the caller's name has changed: the phone is told (RFC 3325 9.1)
core> UPDATE +P-Asserted-Identity="<sip:3009@x>" +Session-Expires="1800;refresher=uac"
P1< UPDATE h~"P-Asserted-Identity: <sip:3009@x>" body=
P1> 200 UPDATE
core< 200 UPDATE h~"Session-Expires: 1800;refresher=uac"
P1> INFO body="Signal=5" +Content-Type="application/dtmf-relay"
core< INFO body=Signal=5 h~"Content-Type: application/dtmf-relay"
core> 200 INFO
P1< 200 INFO
core> OPTIONS
P1< OPTIONS
P1> 200 OPTIONS
core< 200 OPTIONS
# an INFO that nobody answers, then one to a dialog that is gone (RFC 3261
# 12.2.1.2)
P1> INFO
core< INFO
core> 503 INFO
P1< 503 INFO
P1> UPDATE sdp=secure
core< UPDATE
core> 500 UPDATE
P1< 500 UPDATE
P1> MESSAGE body=hello +Content-Type="text/plain"
core< MESSAGE body=hello h~"Content-Type: text/plain"
core> 202 MESSAGE
P1< 202 MESSAGE
core> SUBSCRIBE +Event="kpml" body=<kpml/> +Content-Type="application/kpml-request+xml"
P1< SUBSCRIBE h~"Event: kpml" body=<kpml/>
P1> 200 SUBSCRIBE
core< 200 SUBSCRIBE
P1> NOTIFY +Event="kpml" body=<digit/> +Content-Type="application/kpml-response+xml" +Subscription-State="active"
core< NOTIFY h~"Event: kpml" body=<digit/>
core> 200 NOTIFY
P1< 200 NOTIFY
P1> NOTIFY +Event="kpml" +Subscription-State="active"
core< NOTIFY
core> 481 NOTIFY
P1< 481 NOTIFY
call state=up
P1> PUBLISH
P1< 405 PUBLISH h~"Allow: INVITE"
P1> FROBNICATE
P1< 501 FROBNICATE
# not more than eight wait at a time
repeat 8
P1> INFO
core< INFO
again
P1> INFO
P1< 500 INFO h~Retry-After
repeat 8
core> 200 INFO
P1< 200 INFO
again
P1> INFO
core< INFO
core> 481 INFO
P1< 500 INFO, BYE
core< BYE
P1> 200 BYE
core> 200 BYE
expect calls=0
# before the answer
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> UPDATE sdp=plain
core< 491 UPDATE
P1> UPDATE sdp=secure
P1< 500 UPDATE
core> INFO body=x
P1< INFO
P1> 200 INFO
core< 200 INFO
P1> BYE
P1< 200 BYE, 487 INVITE
core< CANCEL
core> 487 INVITE
expect calls=0

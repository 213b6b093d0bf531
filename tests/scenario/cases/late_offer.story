# INVITE without description: B's offer in its 200, A's answer in its ACK (RFC
# 3261 13.2.1, 13.2.2.4; RFC 6337 3.1.2).
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=3600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
core> INVITE sip:$T@INSIDE.lineside from=3000 
P1< INVITE body=
P1> 180 INVITE sdp=secure
core< 180 INVITE body=
P1> 200 INVITE sdp=secure
core< 200 INVITE body~"RTP/AVP 0 8 101" body!crypto
core> ACK sdp=plain-answer
P1< ACK body~"RTP/SAVP 0 101" body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80"
call state=up B.srtp=1 B.suite=AES_CM_128_HMAC_SHA1_80
media A rtp send recv
media B srtp AES_CM_128_HMAC_SHA1_80 send recv
core> BYE
core< 200 BYE
P1< BYE
P1> 200 BYE
expect calls=0
# towards the core, where we make the offer with keys
P1> INVITE sip:3000@example.com from=2001
core< INVITE body=
core> 200 INVITE sdp=plain
P1< 200 INVITE body~"RTP/SAVP 0 8 101" body~"a=crypto:1 AEAD_AES_256_GCM"
P1> ACK sdp=answer-256
core< ACK body~"RTP/AVP 0 101"
media A srtp AEAD_AES_256_GCM send recv
call A.suite=AEAD_AES_256_GCM
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# an ACK without the answer ends it
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE sdp=plain
P1< 200 INVITE
P1> ACK
core< ACK body=, BYE
P1< BYE
P1> 200 BYE
core> 200 BYE
expect calls=0
# a plain answer to our keys is no way down
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE sdp=plain
P1< 200 INVITE
P1> ACK sdp=plain-answer
core< ACK body=, BYE
P1< BYE
P1> 200 BYE
core> 200 BYE
# a 200 without the offer
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE
core< ACK, BYE
P1< 488 INVITE h~Warning
core> 200 BYE
# no codec of ours in it
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE sdp=g729
core< ACK, BYE
P1< 488 INVITE h~"305"
core> 200 BYE
expect calls=0
# nobody acknowledges: B gets its ACK, then BYE (RFC 3261 13.3.1.4)
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE sdp=plain
P1< 200 INVITE
P1> noack
P1< BYE
core< ACK, BYE
core> 200 BYE
P1> 200 BYE
expect calls=0

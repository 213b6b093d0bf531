# Hold and resume twenty times: the contexts of SRTP go on; then a new key
# (RFC 3264 8.4, RFC 4568 7.1.4).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 send recv
repeat 20
P1> INVITE sdp=secure-hold
core< INVITE body~a=sendonly body~"RTP/AVP 0 8 101"
core> 200 INVITE sdp=plain-held
core< ACK
P1< 200 INVITE body~a=recvonly
P1> ACK
media A tx=same rx=same
media A recv nosend
call hold=1 state=up
P1> INVITE sdp=secure
core< INVITE body~a=sendrecv
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~a=sendrecv
P1> ACK
media A tx=same rx=same send recv
call hold=0
again
P1> INVITE sdp=secure-rekey
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media A tx=new rx=new
# held by the core: our key on the phone's side stays, its key may too
core> INVITE sdp=plain-holds
P1< INVITE body~a=sendonly body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80" body!crypto:2
P1> 100 INVITE
P1> 200 INVITE sdp=secure-rekey
P1< ACK
core< 200 INVITE
core> ACK
media A tx=same rx=same
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

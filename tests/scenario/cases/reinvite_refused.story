# A refused re-INVITE changes nothing; 481 and no answer end the call (RFC
# 3261 14.1, 12.2.1.2).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80
P1> INVITE sdp=secure-rekey
core< INVITE
core> 488 INVITE +Warning="305 x \"no\""
P1< 488 INVITE h~"305 x"
media A tx=same rx=same
call state=up
# what the policy does not allow is not passed on
P1> INVITE sdp=plain
P1< 488 INVITE h~"SRTP is required"
P1> INVITE sdp=g729
P1< 488 INVITE h~"no audio codec in common"
P1> INVITE body=hello +Content-Type="text/plain"
P1< 415 INVITE
P1> INVITE sdp=secure +Require="outbound"
P1< 420 INVITE h~"Unsupported: outbound"
# late offer within the call, answered, and answered badly
core> INVITE
P1< INVITE body=
P1> 200 INVITE sdp=secure
core< 200 INVITE body~RTP/AVP
core> ACK sdp=plain-answer
P1< ACK body~RTP/SAVP
media A rx=same
P1> INVITE sdp=secure-hold
core< INVITE
core> 481 INVITE
P1< 481 INVITE, BYE
core< BYE
P1> 200 BYE
core> 481 BYE
expect calls=0
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> INVITE sdp=secure-hold
core< INVITE
core> 408 INVITE local
P1< 504 INVITE, BYE
core< BYE
P1> 200 BYE
core> 408 BYE local
expect calls=0
# an answer that does not fit cannot be taken back: the call ends
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> INVITE sdp=secure-hold
core< INVITE
core> 200 INVITE sdp=g729
core< ACK
P1< 488 INVITE, BYE
core< BYE
P1> 200 BYE
core> 200 BYE
expect calls=0
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
core> INVITE
P1< INVITE
P1> 200 INVITE sdp=secure
core< 200 INVITE
core> ACK
P1< ACK, BYE
core< BYE
P1> 200 BYE
core> 200 BYE
expect calls=0
# the ACK to a re-INVITE never comes (RFC 3261 13.3.1.4)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1> INVITE sdp=secure-hold
core< INVITE
core> 200 INVITE sdp=plain-held
core< ACK
P1< 200 INVITE
P1> noack
P1< BYE
core< BYE
P1> 200 BYE
core> 200 BYE
expect calls=0

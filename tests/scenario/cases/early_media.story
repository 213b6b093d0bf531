# 183 with a description: media before the answer, then 180 without, then the
# 200 repeats it; the version of our description does not grow (RFC 6337 3.1.1,
# RFC 3264 8).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 183 INVITE sdp=plain-answer
P1< 183 INVITE body~"RTP/SAVP" save-body=B
media A srtp AES_CM_128_HMAC_SHA1_80 send recv
media B rtp send recv
core> 180 INVITE
P1< 180 INVITE body=
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~"RTP/SAVP"
media A tx=same rx=same
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# a 200 without description after early media is tolerated
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 183 INVITE sdp=plain-answer
P1< 183 INVITE
core> 200 INVITE
core< ACK
P1< 200 INVITE body~"RTP/SAVP"
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

# Both sides offer at once: each gets 491 and tries again by its own timer
# (RFC 3261 14.1, 14.2).
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
core> INVITE sdp=plain-holds
core< 491 INVITE
core> 491 INVITE
P1< 491 INVITE
counter lineside_calls_glare_total 1
core> INVITE sdp=plain-holds
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
# the same side again before its first is answered: 500 with Retry-After (RFC
# 3261 14.2)
P1> INVITE sdp=secure-hold
core< INVITE
P1> INVITE sdp=secure
P1< 500 INVITE h~Retry-After
core> 200 INVITE sdp=plain-held
core< ACK
P1< 200 INVITE
# and before the ACK (RFC 3311 5.2)
core> UPDATE sdp=plain
core< 491 UPDATE
P1> ACK
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0
# before the first ACK
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
core> INVITE sdp=plain-holds
core< 491 INVITE
P1> UPDATE sdp=secure-hold
P1< 500 UPDATE
core> INFO body=x
P1< INFO
P1> 200 INFO
core< 200 INFO
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0 legs=0 media=0

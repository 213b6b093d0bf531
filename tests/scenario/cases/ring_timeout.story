# Nobody answers for 180 seconds.
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
clock +179s
clock +2s
P1< 408 INVITE h~"Q.850;cause=19"
core< CANCEL
core> 487 INVITE
expect calls=0
# not even 180
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
clock +181s
P1< 408 INVITE
core< CANCEL
core> 487 INVITE
expect calls=0

# Nobody answers for 180 seconds (RFC 3261 13.3.1.1).
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
# a phone that nobody picks up
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>" expires=3600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
core> INVITE sip:$T@INSIDE.lineside:5060 from=3000 host=10.1.1.10 sdp=plain
P1< INVITE
P1> 180 INVITE
core< 180 INVITE
clock +181s
core< 408 INVITE h~"Q.850;cause=19"
P1< CANCEL
P1> 487 INVITE
expect calls=0

# Replaces between phones that call each other directly (RFC 3891 3): what names
# a dialog in the words of whom it is for passes as it is; what names ours with
# the sender's call is told as the other leg has it.
phone P3 device SEP03
alias P1#2 P1
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001>" expires=600
core< REGISTER
core> 200 REGISTER expires=600
P1< 200 REGISTER
P2> INVITE sip:2001@example.com from=2002 sdp=secure
P1< INVITE
P1> 200 INVITE sdp=answer-80
P1< ACK
P2< 200 INVITE
P2> ACK
# P3 was referred by P2: it was told P1's own dialog, and tells it to P1
P3> INVITE sip:2001@example.com from=2003 sdp=secure +Require="replaces" +Replaces="dialog-2;to-tag=far-2;from-tag=near-2;early-only"
P1#2< INVITE h~"Require: replaces" h~"Replaces: dialog-2;to-tag=far-2;from-tag=near-2;early-only"
P1#2> 603 INVITE
P3< 603 INVITE
P3> INVITE sip:2001@example.com from=2003 sdp=secure +Replaces="dialog-1;to-tag=near-1;from-tag=far-1"
P1#2< INVITE h~"Replaces: dialog-2;to-tag=far-2;from-tag=near-2"
P1#2> 603 INVITE
P3< 603 INVITE
# towards the core, which may keep the call itself, both are its own dialog
P3> INVITE sip:3001@example.com from=2003 sdp=secure +Replaces="dialog-2;to-tag=far-2;from-tag=near-2"
core< INVITE h~"Replaces: dialog-1;to-tag=near-1;from-tag=far-1"
core> 481 INVITE
P3< 500 INVITE
P1> BYE
P1< 200 BYE
P2< BYE
P2> 200 BYE
expect calls=0 legs=0 media=0

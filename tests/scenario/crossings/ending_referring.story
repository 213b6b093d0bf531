# A has hung up after a REFER, whose NOTIFYs come slowly.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Allow="INVITE, UPDATE"
core< INVITE
core> 200 INVITE sdp=plain-answer +Allow="INVITE, UPDATE"
core< ACK
P1< 200 INVITE
P1> ACK
P1> REFER +Refer-To="<sip:3009@example.com>"
core< REFER
core> 202 REFER
P1< 202 REFER
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
clock +30s
core> NOTIFY +Event=refer +Subscription-State="active;expires=60" +Content-Type=message/sipfrag body="SIP/2.0 100 Trying"
P1< NOTIFY

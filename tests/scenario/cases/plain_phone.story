# A phone without TLS: digest is the core's, RTP both sides, and back (RFC
# 3261 22.3).
phone P4 udp
P4> REGISTER sip:example.com from=2100 to=sip:2100@example.com contact="<sip:2100@198.51.100.3:5060>" expires=300
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@x>;expires=3600"
P4< 200 REGISTER contacts~expires=300
reg 2100 connected=1
core> INVITE sip:$T@INSIDE.lineside from=3000 sdp=plain
P4< INVITE body~RTP/AVP
P4> 200 INVITE sdp=plain-answer
P4< ACK
core< 200 INVITE
core> ACK
media B rtp latch=never
call B.peer=110
P4> BYE
P4< 200 BYE
core< BYE
core> 200 BYE
expect calls=0

# The operator hangs up before A's ACK, a PRACK is owed as well.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel"
core< INVITE
core> 183 INVITE sdp=plain-answer tag=b1
P1< 183 INVITE h~RSeq
core> 200 INVITE sdp=plain-answer tag=b1
core< ACK
P1< 200 INVITE
clear
core< BYE

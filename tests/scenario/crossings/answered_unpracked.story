# The 200 has overtaken the PRACK, and an INFO waits.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel"
core< INVITE
core> 183 INVITE sdp=plain-answer tag=b1
P1< 183 INVITE h~RSeq
core> 200 INVITE sdp=plain-answer tag=b1
core< ACK
P1< 200 INVITE
core> INFO body=x
P1< INFO

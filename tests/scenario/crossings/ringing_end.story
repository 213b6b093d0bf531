# Nobody answers for nearly too long. An early response is not acknowledged, an
# INFO not answered.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel"
core< INVITE
core> 180 INVITE
P1< 180 INVITE
clock +170s
core> 183 INVITE sdp=plain-answer tag=b1
P1< 183 INVITE h~RSeq
P1> INFO body=x
core< INFO

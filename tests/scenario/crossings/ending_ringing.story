# The operator has hung up while B rings; a PRACK and an answer are owed.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel"
core< INVITE
core> 183 INVITE sdp=plain-answer tag=b1
P1< 183 INVITE h~RSeq
core> INFO body=x
P1< INFO
clear
core< 487 INFO
P1< 480 INVITE
core< CANCEL

# P1 rings, with sound that was not acknowledged, and was asked something. P2
# may pick up the call.
include ../transfers.inc
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001>" expires=600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@x>;expires=3600"
P1< 200 REGISTER
core> INVITE sip:$T@10.1.1.5 from=3000 sdp=plain +Supported="100rel"
P1< INVITE
P1> 183 INVITE sdp=answer-80
core< 183 INVITE h~RSeq
core> INFO body=x
P1< INFO
cross P2> INVITE sip:2001@203.0.113.5 from=2002 sdp=secure-rekey +Require="replaces" +Replaces="dialog-2;to-tag=near-2;from-tag=far-2;early-only"

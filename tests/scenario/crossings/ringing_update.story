# Both are settled, and A has offered anew by UPDATE.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel" +Allow="INVITE, UPDATE, PRACK"
core< INVITE
core> 183 INVITE sdp=plain-answer rseq=7 tag=b1 +Allow="INVITE, UPDATE, PRACK"
core< PRACK
P1< 183 INVITE h~RSeq
core> 200 PRACK
P1> PRACK
P1< 200 PRACK
core> 183 INVITE rseq=8 tag=b1
core< PRACK
P1< 183 INVITE
core> 200 PRACK
P1> UPDATE sdp=secure-hold
core< UPDATE

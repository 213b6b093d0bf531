# Early media that both sides acknowledge: A has not yet.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel" +Allow="INVITE, UPDATE, PRACK"
core< INVITE
core> 183 INVITE sdp=plain-answer rseq=7 tag=b1 +Allow="INVITE, UPDATE, PRACK"
core< PRACK
P1< 183 INVITE h~RSeq

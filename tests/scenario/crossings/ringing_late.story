# B's offer came in a reliable response, A's answer will in its PRACK.
P1> INVITE sip:3000@example.com from=2001 +Supported="100rel" +Allow="INVITE, UPDATE, PRACK"
core< INVITE
core> 183 INVITE sdp=plain rseq=3 tag=b1
P1< 183 INVITE

# Reliable responses on each leg by itself: B is acknowledged by us, A by itself
# (RFC 3262 3, 4).
sdp plain-wide
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
.
sdp plain-alaw
v=0
o=core 8 8 IN IP4 10.1.1.21
s=call
c=IN IP4 10.1.1.21
t=0 0
m=audio 6002 RTP/AVP 8
a=rtpmap:8 PCMA/8000
.
# both know them: early media on both, the 2xx brings no description twice (RFC
# 3262 5)
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel"
core< INVITE h~"Supported: timer, 100rel"
core> 183 INVITE sdp=plain-answer rseq=7 tag=b1
core< PRACK h~"RAck: 7 1 b1" body=
P1< 183 INVITE h~RSeq body~"RTP/SAVP 0 101"
media A srtp AES_CM_128_HMAC_SHA1_80 send recv
core> 200 PRACK
P1> PRACK
P1< 200 PRACK
core> 180 INVITE rseq=8 tag=b1
core< PRACK h~"RAck: 8 1 b1"
P1< 180 INVITE h~RSeq body=
core> 200 PRACK
P1> PRACK
P1< 200 PRACK
core> 200 INVITE sdp=plain-answer tag=b1
core< ACK
P1< 200 INVITE body=
P1> ACK
call state=up A.srtp=1
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0
# only B: acknowledged, A hears nothing of it
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 183 INVITE sdp=plain-answer rseq=1 tag=b1
core< PRACK
P1< 183 INVITE h!RSeq body~"RTP/SAVP 0 101"
core> 481 PRACK
core> 200 INVITE tag=b1
core< ACK
P1< 200 INVITE body~"RTP/SAVP 0 101"
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# A requires: all are reliable, whatever B does (RFC 3262 3)
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Require="100rel"
core< INVITE h!Require
core> 180 INVITE
P1< 180 INVITE h~RSeq
P1> noprack
P1< 504 INVITE h~"Warning: 399"
core< CANCEL
core> 487 INVITE
expect calls=0
# A only supports: what says little needs no PRACK, early media does
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel" +Allow="INVITE, UPDATE"
core< INVITE
core> 180 INVITE
P1< 180 INVITE h!RSeq
core> 183 INVITE sdp=plain-answer
P1< 183 INVITE h~RSeq body~SAVP
# a new offer in its PRACK cannot go on while B's answer is not for good
P1> PRACK sdp=secure-hold
P1< 488 PRACK h~"Warning: 399"
P1> PRACK body=x +Content-Type="text/plain"
P1< 415 PRACK
core> 200 INVITE sdp=plain-answer tag=b1
core< ACK
P1< 200 INVITE body=
# the answer overtakes the PRACK
P1> PRACK
P1< 200 PRACK
P1> ACK
P1> BYE
P1< 200 BYE
core< BYE
P1> PRACK
P1< 481 PRACK
core> 200 BYE
# new offers before the final answer, by PRACK and UPDATE (RFC 3311 5.1)
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel" +Allow="INVITE, UPDATE, PRACK"
core< INVITE
core> 183 INVITE sdp=plain-answer rseq=1 tag=b1 +Allow="INVITE, UPDATE"
core< PRACK
core> 200 PRACK
P1< 183 INVITE h~RSeq
P1> PRACK sdp=secure-hold
core< UPDATE body~sendonly
core> 200 UPDATE sdp=plain-held
P1< 200 PRACK body~recvonly h!Session-Expires
core> UPDATE sdp=plain-wide
P1< UPDATE body~SAVP
P1> 200 UPDATE sdp=secure
core< 200 UPDATE body~"RTP/AVP 0"
core> 200 INVITE tag=b1
core< ACK
P1< 200 INVITE body=
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 send recv
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# without offer: B's reliable response offers, A's PRACK answers (RFC 3262 5)
P1> INVITE sip:3000@example.com from=2001 +Supported="100rel"
core< INVITE body= h~100rel
core> 183 INVITE sdp=plain rseq=3 tag=b1
P1< 183 INVITE h~RSeq body~"RTP/SAVP 0 8 101" body~"crypto:1 AEAD_AES_256_GCM"
core> 183 INVITE sdp=plain rseq=4 tag=b1
core< PRACK h~"RAck: 4 1 b1"
P1< 183 INVITE body=
P1> PRACK sdp=answer-256
core< PRACK h~"RAck: 3 1 b1" body~"RTP/AVP 0 101"
P1< 200 PRACK
core> 200 PRACK
core> 200 PRACK
media A srtp AEAD_AES_256_GCM send recv
core> 200 INVITE tag=b1
core< ACK body=
P1< 200 INVITE body=
P1> PRACK
P1< 200 PRACK
P1> ACK
call A.suite=AEAD_AES_256_GCM
core> BYE
core< 200 BYE
P1< BYE
P1> 200 BYE
# its answer is none
P1> INVITE sip:3000@example.com from=2001 +Supported="100rel"
core< INVITE
core> 183 INVITE sdp=plain rseq=3 tag=b1
P1< 183 INVITE
P1> PRACK
core< PRACK body=
P1< 200 PRACK, 488 INVITE
core< CANCEL
core> 487 INVITE
core> 487 PRACK
# A could not pass B's offer on: B is not asked for reliable ones
P1> INVITE sip:3000@example.com from=2001
core< INVITE h!100rel
core> 486 INVITE
P1< 486 INVITE
# B's 2xx overtakes A's PRACK: what was owed is paid, and it cannot be used
P1> INVITE sip:3000@example.com from=2001 +Supported="100rel"
core< INVITE
core> 183 INVITE sdp=plain rseq=3 tag=b1
P1< 183 INVITE
core> 200 INVITE tag=b1
core< PRACK, ACK, BYE
P1< 488 INVITE
core> 200 PRACK
core> 200 BYE
# one fork answers early for good, another one in the end (RFC 3261 13.2.2.4)
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel"
core< INVITE
core> 183 INVITE sdp=plain-answer rseq=1 tag=f1
core< PRACK h~"1 1 f1"
P1< 183 INVITE h~RSeq body~SAVP
core> 183 INVITE sdp=plain-answer rseq=9 tag=f2
core< PRACK h~"9 1 f2"
P1< 183 INVITE h~RSeq body=
core> 200 INVITE sdp=plain-alaw tag=f2
core< ACK
P1< 200 INVITE body=
P1> PRACK
P1< 200 PRACK
P1> ACK
clock +0s
P1< INVITE body~"SAVP 8"
P1> 200 INVITE sdp=secure
P1< ACK
core> 200 PRACK
core> 200 PRACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=0
# tags have no length of their own, and two may differ behind the 47th byte alone
# (RFC 3261 19.3)
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel"
core< INVITE
core> 183 INVITE sdp=plain-answer rseq=1 tag=9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-1
core< PRACK h~"1 1 9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-1"
P1< 183 INVITE h~RSeq body~SAVP
core> 183 INVITE rseq=9 tag=9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-2
core< PRACK h~"9 1 9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-2"
P1< 183 INVITE body=
core> 200 PRACK
core> 200 PRACK
P1> PRACK
P1< 200 PRACK
core> 200 INVITE sdp=plain-alaw tag=9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-1
core< ACK
P1< 200 INVITE body=
P1> ACK
clock +0s
call state=up A.srtp=1 A.codec=PCMU/8000
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# the other fork's answer is its own, and a new offer for A
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="100rel"
core< INVITE
core> 183 INVITE sdp=plain-answer rseq=1 tag=9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-1
core< PRACK h~"1 1 9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-1"
P1< 183 INVITE h~RSeq body~SAVP
core> 200 PRACK
P1> PRACK
P1< 200 PRACK
core> 200 INVITE sdp=plain-alaw tag=9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-2
core< ACK
P1< 200 INVITE body=
P1> ACK
clock +0s
P1< INVITE body~"SAVP 8"
P1> 200 INVITE sdp=secure
P1< ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# a late offer: its PRACK names the early dialog that made it
P1> INVITE sip:3000@example.com from=2001 +Supported="100rel"
core< INVITE body=
core> 183 INVITE sdp=plain rseq=3 tag=9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-1
P1< 183 INVITE h~RSeq body~"RTP/SAVP 0 8 101"
P1> PRACK sdp=answer-256
core< PRACK h~"3 1 9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-1" body~"RTP/AVP 0 101"
P1< 200 PRACK
core> 200 PRACK
core> 200 INVITE tag=9fxced76sl-4ea0b6c2-d14f-4a3b-9c55-0d2f6b1a7e80-node77-1
core< ACK body=
P1< 200 INVITE body=
P1> ACK
core> BYE
core< 200 BYE
P1< BYE
P1> 200 BYE
expect calls=0

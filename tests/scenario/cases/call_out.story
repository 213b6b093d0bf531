# A phone calls inside: SRTP outside, RTP inside, both directions of BYE
# (RFC 3261 13.2.1, 15.1.1; RFC 4568 7.1.2).
P1> INVITE sip:3000@example.com from=2001 sdp=secure +User-Agent="phone/1" +Supported="100rel, timer" +Allow="INVITE, ACK, BYE, CANCEL, REFER" +X-Own="a b" +P-Asserted-Identity="<sip:boss@x>" mf=10
core< INVITE ruri=sip:3000@example.com mf=9 h~"X-Own: a b" h~"Supported: timer, 100rel" h!P-Asserted h~"Allow: INVITE, ACK, CANCEL, BYE, REFER, PRACK" h~"User-Agent: phone/1" body~"m=audio 20002 RTP/AVP 0 8 101" body!crypto body~"IN IP4 10.1.1.5" body!198.51
core> 180 INVITE
P1< 180 INVITE
call state=ringing A.number=2001 B.number=3000 A.peer=100 B.peer=200
core> 200 INVITE sdp=plain-answer +Server="cucm"
core< ACK
P1< 200 INVITE body~"m=audio 20000 RTP/SAVP 0 101" body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" body~"IN IP4 203.0.113.5" body!10.1.1 h~"Server: Lineside" h!cucm
media A srtp AES_CM_128_HMAC_SHA1_80 send recv latch=auth port=4000
media B rtp send recv latch=never port=6000
P1> ACK
call state=up A.srtp=1 B.srtp=0 A.fallback=0 A.codec=PCMU/8000 A.suite=AES_CM_128_HMAC_SHA1_80
expect calls=1 legs=2 media=1
P1> BYE +Reason="SIP;cause=200"
P1< 200 BYE
core< BYE h~"Reason: SIP;cause=200"
call state=ending
expect media=0
core> 200 BYE
expect calls=0 legs=0 media=0
counter lineside_calls_answered_total 1
counter lineside_srtp_legs_total 1
counter lineside_srtp_fallback_total 0

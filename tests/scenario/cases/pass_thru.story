# srtp pass-thru: keys and suites pass from end to end as they are written (RFC
# 4568 5.1.1), packets are relayed unread; beside a leg that is not so, as srtp.
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 srtp pass-thru
 no supplementary-service sip refer
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
voice class tenant 1
 srtp pass-thru
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
dial-peer voice 300 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 voice-class codec 1
 voice-class sip tenant 1
 dtmf-relay sip-info
 srtp insecure-sdes
dial-peer voice 400 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 no srtp
dial-peer voice 600 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 6...
 voice-class sip early-offer forced
 srtp insecure-sdes
end
.
alias core#2 core
sdp foreign
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0 8 18 101
a=rtpmap:101 telephone-event/8000
a=crypto:1 ARIA_256_CTR_HMAC_SHA1_80 inline:c2VjcmV0IG9mIHRoZSBlbmRz|2^31 KDR=3
a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@ UNENCRYPTED_SRTCP
a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:@key:two:30@|7:4
a=sendrecv
.
sdp foreign-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/SAVP 0 101
a=rtpmap:101 telephone-event/8000
a=crypto:1 ARIA_256_CTR_HMAC_SHA1_80 inline:YW5vdGhlciBvbmUgb2YgdGhl|2^31 KDR=3
.
sdp known-answer
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/SAVP 0 101
a=rtpmap:101 telephone-event/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:four:30@
.
sdp keyless
v=0
o=phone 1 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 0
.
# a suite that nobody here knows, with parameters that we would refuse
P1> INVITE sip:3000@example.com from=2001 sdp=foreign
core< INVITE body~"RTP/SAVP 0 8 101" body~"a=crypto:1 ARIA_256_CTR_HMAC_SHA1_80 inline:c2VjcmV0IG9mIHRoZSBlbmRz|2^31 KDR=3" body~"a=crypto:2 AES_CM_128_HMAC_SHA1_80" body~UNENCRYPTED_SRTCP body~"|7:4"
core> 200 INVITE sdp=foreign-answer
core< ACK
P1< 200 INVITE body~"RTP/SAVP 0 101" body~"a=crypto:1 ARIA_256_CTR_HMAC_SHA1_80 inline:YW5vdGhlciBvbmUgb2YgdGhl|2^31 KDR=3" body!AES
P1> ACK
media A opaque send recv latch=never
media B opaque send recv latch=never port=6000
call A.srtp=1 A.pass_thru=1 A.fallback=0 A.suite=unknown B.suite=unknown B.pass_thru=1
counter lineside_srtp_pass_thru_total 2
counter lineside_srtp_fallback_total 0
# keys of a telephone are in the packets, for the ends alone: what is told by
# INFO cannot become events
core> INFO +Content-Type=application/dtmf-relay body="Signal=5"
P1< INFO
P1> 200 INFO
core< 200 INFO
media A opaque pressed=
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# an answer has to bring keys where SRTP was offered (RFC 4568 5.1.3)
P1> INVITE sip:3000@example.com from=2001 sdp=foreign
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK, BYE
P1< 488 INVITE h~"does not fit the offer"
core> 200 BYE
P1> INVITE sip:3000@example.com from=2001 sdp=keyless
P1< 488 INVITE h~"no usable a=crypto"
# a suite that is known is told; hold and its end pass with the ends' keys
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80"
core> 200 INVITE sdp=known-answer
core< ACK
P1< 200 INVITE
P1> ACK
media A opaque
call A.suite=AES_CM_128_HMAC_SHA1_80 B.suite=AES_CM_128_HMAC_SHA1_80 A.pass_thru=1
P1> INVITE sdp=secure-hold
core< INVITE body~a=sendonly body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80"
core> 200 INVITE sdp=known-answer
core< ACK
P1< 200 INVITE body~a=recvonly
P1> ACK
media A opaque nosend recv
P1> INVITE sdp=secure-rekey
core< INVITE body~a=sendrecv
core> 200 INVITE sdp=known-answer
core< ACK
P1< 200 INVITE
P1> ACK
media B opaque send recv
# joined with somebody else by us, each leg has keys of ours again
P1> REFER cseq=21 +Refer-To="<sip:3001@203.0.113.5>"
P1< 202 REFER, NOTIFY
core#2< INVITE body~"RTP/SAVP" body~"a=crypto:1 AEAD_AES_256_GCM"
P1> 200 NOTIFY
core#2> 200 INVITE sdp=answer-256
core#2< ACK
core< INVITE body~"a=crypto:1 AEAD_AES_256_GCM" body!ARIA
core> 200 INVITE sdp=answer-256
core< ACK
P1< NOTIFY body~"SIP/2.0 200 OK"
P1> 200 NOTIFY
media A srtp AEAD_AES_256_GCM send recv latch=auth
media B srtp AEAD_AES_256_GCM send recv latch=auth
call A.pass_thru=0 B.pass_thru=0 A.suite=AEAD_AES_256_GCM
P1> BYE
P1< 200 BYE
core> BYE
core< 200 BYE
core#2< BYE
core#2> 200 BYE
expect calls=0 media=0
# the offer comes late: the same the other way round
P1> INVITE sip:3000@example.com from=2001
core< INVITE body=
core> 200 INVITE sdp=foreign
P1< 200 INVITE body~"a=crypto:1 ARIA_256_CTR_HMAC_SHA1_80 inline:c2VjcmV0IG9mIHRoZSBlbmRz|2^31 KDR=3"
P1> ACK sdp=foreign-answer
core< ACK body~"inline:YW5vdGhlciBvbmUgb2YgdGhl|2^31 KDR=3"
media A opaque send recv
media B opaque send recv
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# an offer of ours brings keys of ours
P1> INVITE sip:6000@example.com from=2001
core< INVITE body~"RTP/SAVP" body~"a=crypto:1 AEAD_AES_256_GCM"
core> 200 INVITE sdp=answer-256
core< ACK
P1< 200 INVITE body~"a=crypto:1 AEAD_AES_256_GCM"
P1> ACK sdp=answer-256
media A srtp AEAD_AES_256_GCM
media B srtp AEAD_AES_256_GCM
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# RTP is the ends' choice, and told
P1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE body~"RTP/AVP" body!crypto
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
media A rtp send recv
call A.srtp=0 A.pass_thru=0 A.fallback=1
counter lineside_srtp_fallback_total 2
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# where the other leg is not so: keys of ours, and no RTP
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE body~"RTP/AVP" body!crypto
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80"
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 latch=auth
media B rtp
call A.pass_thru=0 A.srtp=1
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
P1> INVITE sip:4000@example.com from=2001 sdp=plain
P1< 488 INVITE h~"SRTP is required here"
# the padlock vouches for what is known to encrypt, and for nothing else
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=600
core< REGISTER token=TOK
core> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=600
P1< 200 REGISTER
core> INVITE sip:$TOK@10.1.1.5 from=3000 sdp=secure +Call-Info="<urn:x>; security=Encrypted"
P1< INVITE h~"security=Encrypted" body~"a=crypto:1 AES_CM_128_HMAC_SHA1_80"
P1> 486 INVITE
core< 486 INVITE
core> INVITE sip:$TOK@10.1.1.5 from=3000 sdp=foreign +Call-Info="<urn:x>; security=Encrypted"
P1< INVITE h~"security=Authenticated" body~ARIA
P1> 486 INVITE
core< 486 INVITE
core> INVITE sip:$TOK@10.1.1.5 from=3000 sdp=plain +Call-Info="<urn:x>; security=Encrypted"
P1< INVITE h~"security=Authenticated" body!crypto
P1> 486 INVITE
core< 486 INVITE
expect calls=0 media=0

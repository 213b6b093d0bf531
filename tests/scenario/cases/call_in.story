# The core calls a phone by its token: RTP inside, fresh keys outside, all our
# suites offered, the phone's own URI and domain, no inside address shown (RFC
# 3261 12.1.1, RFC 4568 7.1.1).
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=3600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
core> INVITE sip:$T@INSIDE.lineside:5060 from=3000 host=10.1.1.10 sdp=plain +Server="cucm" +P-Asserted-Identity="<sip:3000@10.1.1.10>" +X-Farm="core7" +Organization="inside"
P1< INVITE ruri=sip:2001@192.168.1.5:40001;transport=tls from="\"Far End\" <sip:3000@example.com>" to=<sip:2001@example.com> body~"RTP/SAVP 0 8 101" body~"a=crypto:1 AEAD_AES_256_GCM inline:" body~"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" body!10.1.1 body!core h!cucm h!inside h~P-Asserted-Identity h~"X-Farm: core7"
P1> 180 INVITE
core< 180 INVITE
P1> 200 INVITE sdp=answer-256
P1< ACK
core< 200 INVITE body~"RTP/AVP 0 101" body!crypto
core> ACK
call state=up A.srtp=0 B.srtp=1 B.suite=AEAD_AES_256_GCM B.number=2001 B.peer=100 A.peer=200
media A rtp send recv latch=never
media B srtp AEAD_AES_256_GCM send recv latch=auth port=4100
core> BYE
core< 200 BYE
P1< BYE
P1> 200 BYE
expect calls=0 regs=1
# who asks for privacy is nobody to a phone, which is not trusted (RFC 3325 5, 7);
# `none` is his word, too (RFC 3323 4.2)
core> INVITE sip:$T@INSIDE.lineside:5060 from=3000 host=10.1.1.10 sdp=plain +P-Asserted-Identity="<sip:3000@10.1.1.10>" +Remote-Party-ID="<sip:3000@10.1.1.10>" +Privacy="id"
P1< INVITE from="\"Anonymous\" <sip:anonymous@anonymous.invalid>" contact=anonymous h!3000@ h!Identity h!Remote
P1> 486 INVITE
core< 486 INVITE
core> INVITE sip:$T@INSIDE.lineside:5060 from=3000 host=10.1.1.10 sdp=plain +P-Asserted-Identity="<sip:3000@10.1.1.10>" +Privacy="none"
P1< INVITE from="\"Far End\" <sip:3000@example.com>" contact=3000 h~"P-Asserted-Identity: <sip:3000@PHONES.lineside>"
P1> 486 INVITE
core< 486 INVITE

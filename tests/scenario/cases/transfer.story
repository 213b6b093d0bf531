# REFER answered here: no supplementary-service sip refer. RFC 3515 2.4, RFC
# 5589 6; the side that remains is joined with the target by re-INVITE.
include ../transfers.inc
# a phone sends who is inside to somebody else inside
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE h~"REFER"
P1> ACK
media A srtp AES_CM_128_HMAC_SHA1_80 send recv
# nothing that can be called (RFC 3515 2.4.2)
P1> REFER
P1< 400 REFER h~"a REFER needs a Refer-To"
P1> REFER +Refer-To="<http://example.com/>"
P1< 400 REFER h~"names nothing that can be called"
P1> REFER +Refer-To="<sip:3001@203.0.113.5;method=BYE>"
P1< 400 REFER h~"only calls are transferred"
counter lineside_calls_transfers_refused_total 3
# on hold first, as phones do (RFC 5589 6)
P1> INVITE sdp=secure-hold
core< INVITE body~a=sendonly
core> 200 INVITE sdp=plain-held
core< ACK
P1< 200 INVITE
P1> ACK
P1> REFER cseq=21 +Refer-To="Bob <sip:3001@203.0.113.5:5061;transport=tls>" +Referred-By="<sip:2001@example.com>"
P1< 202 REFER, NOTIFY h~"Event: refer" h!id= h~"Subscription-State: active" body~"SIP/2.0 100 Trying"
# no hold in what is offered, keys of nobody
core#2< INVITE ruri=sip:3001@10.1.1.10:5060 from~3000 h~"Referred-By: <sip:2001@" h!Replaces body~"m=audio" body~a=sendrecv body!crypto
P1> 200 NOTIFY
core#2> 180 INVITE
P1< NOTIFY body~"SIP/2.0 180 Ringing" h~active
P1> 200 NOTIFY
# a second one has to wait
P1> REFER cseq=22 +Refer-To="<sip:3002@203.0.113.5>"
P1< 500 REFER h~"a transfer is under way"
core#2> 180 INVITE
expect calls=2
core#2> 200 INVITE sdp=plain-answer
# and now who remains hears of it (RFC 3261 14.1: the same dialog)
core#2< ACK
core< INVITE body~a=sendrecv body~RTP/AVP
core> 200 INVITE sdp=plain-answer
core< ACK
P1< NOTIFY body~"SIP/2.0 200 OK" h~"Subscription-State: terminated;reason=noresource"
P1> 200 NOTIFY
call state=up hold=0 A.number=3000 B.number=3001
media A rtp send recv
media B rtp send recv
P1> INFO
P1< 500 INFO h~Retry-After
P1> BYE
P1< 200 BYE
expect calls=1
core> BYE
core< 200 BYE
core#2< BYE
core#2> 200 BYE
expect calls=0 media=0
counter lineside_calls_transfers_total 1
# somebody inside sends a phone on: its keys are new in its new call
core> INVITE sip:2001@10.1.1.5 from=3000 sdp=plain
core< 480 INVITE
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=600
core< REGISTER token=TOK
core> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=600
P1< 200 REGISTER
core> INVITE sip:$TOK@10.1.1.5 from=3000 sdp=plain
P1< INVITE body~SAVP
P1> 200 INVITE sdp=answer-80
P1< ACK
core< 200 INVITE
core> ACK
media B srtp AES_CM_128_HMAC_SHA1_80 send recv
core> REFER cseq=5 +Refer-To="<sip:3005@10.1.1.10>"
core< 202 REFER, NOTIFY body~"100 Trying"
core> 200 NOTIFY
core#2< INVITE ruri~3005 from~2001 body!crypto
# who refers does not wait (RFC 5589 6.1): the phone stays
core> BYE
core< 200 BYE
expect calls=2 legs=3
core#2> 183 INVITE sdp=plain-answer
core< NOTIFY body~"183 Session Progress"
core#2> 200 INVITE sdp=plain-answer
core#2< ACK
P1< INVITE body~SAVP body~crypto
P1> 200 INVITE sdp=answer-80
P1< ACK
core< NOTIFY body~"200 OK"
core> 200 NOTIFY
core> 200 NOTIFY
expect calls=1
media A srtp AES_CM_128_HMAC_SHA1_80 send recv inherited
P1> BYE
P1< 200 BYE
core#2< BYE
core#2> 200 BYE
expect calls=0 media=0

# REFER passes (RFC 3515 2.4): the target in words of the other side, the
# outcome back, the subscription tracked.
sdp fragment
SIP/2.0 486 Busy Here
Contact: <sip:3001@10.1.1.77>
.
alias P1#2 P1
alias core#2 core
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="replaces, norefersub" +Allow="INVITE, ACK, BYE, REFER, NOTIFY"
core< INVITE h~"Supported: replaces, norefersub, timer, 100rel" h~"REFER, NOTIFY"
core> 200 INVITE sdp=plain-answer +Supported="replaces"
core< ACK
P1< 200 INVITE h~"Supported: replaces"
P1> ACK
P1> REFER
P1< 400 REFER h~"Refer-To"
# blind, the target at our address; NOTIFY overtakes the 202
P1> REFER cseq=21 +Refer-To="Bob <sip:3001@203.0.113.5:5061;transport=tls>;x=y" +Referred-By="<sip:2001@example.com>"
core< REFER h~"Refer-To: Bob <sip:3001@10.1.1.10:5060>;x=y" h~"Referred-By: <sip:2001@example.com>"
core> NOTIFY +Event="refer;id=2" +Subscription-State="active;expires=60" body="SIP/2.0 100 Trying" +Content-Type="message/sipfrag"
P1< NOTIFY h~"Event: refer;id=21" body="SIP/2.0 100 Trying" h~"Subscription-State: active"
core> 202 REFER
P1< 202 REFER
P1> 200 NOTIFY
core< 200 NOTIFY
core> NOTIFY +Event="refer" +Subscription-State="terminated;reason=noresource" text=fragment +Content-Type="message/sipfrag;version=2.0"
P1< NOTIFY h~"Event: refer" h!id= body~"486 Busy Here" body!10.1.1.77
P1> 200 NOTIFY
core< 200 NOTIFY
# it was the last one
core> NOTIFY +Event="refer;id=2" +Subscription-State="active"
core< 481 NOTIFY
# refused, or without a subscription (RFC 4488 4)
P1> REFER cseq=22 +Refer-To="<sip:3001@example.com>"
core< REFER h~"Refer-To: <sip:3001@example.com>"
core> 603 REFER cseq=3
P1< 603 REFER
core> NOTIFY +Event="refer" +Subscription-State="active"
core< 481 NOTIFY
P1> REFER cseq=23 +Refer-To="<tel:+4930>" +Refer-Sub="false"
core< REFER h~"Refer-To: <tel:+4930>" h~"Refer-Sub: false"
core> 202 REFER +Refer-Sub="false"
P1< 202 REFER h~"Refer-Sub: false"
core> NOTIFY +Event="refer" +Subscription-State="active"
core< 481 NOTIFY
P1> REFER cseq=24 +Refer-To="<sip:3001@example.com>"
core< REFER
core> 202 REFER cseq=5 +Refer-Sub="false"
P1< 202 REFER
core> NOTIFY +Event="refer" +Subscription-State="active"
core< 481 NOTIFY
# the core refers the phone: it asks us for the target
core> REFER +Refer-To="<sip:3002@10.1.1.10;method=INVITE?X-A=b%20c>" +Referred-By="<sip:3000@10.1.1.10>"
P1< REFER h~"Refer-To: <sip:3002@PHONES.lineside:5060;method=INVITE?X-A=b%20c>" h!10.1.1
P1> 202 REFER
core< 202 REFER
P1> NOTIFY +Event="refer" +Subscription-State="terminated" body="SIP/2.0 200 OK" +Content-Type="message/sipfrag"
core< NOTIFY body="SIP/2.0 200 OK"
core> 200 NOTIFY
P1< 200 NOTIFY
# attended: the dialog of the second call, as the core has it (RFC 3891 3)
P1#2> INVITE sip:3003@example.com from=2001 sdp=secure
core#2< INVITE save-callid=C2
core#2> 200 INVITE sdp=plain-answer
core#2< ACK
P1#2< 200 INVITE
P1#2> ACK
P1> REFER cseq=30 +Refer-To="<sip:3003@example.com?Replaces=dialog-3%3Bto-tag%3Dnear-3%3Bfrom-tag%3Dfar-3%3Bearly-only&X=1>"
core< REFER h~"<sip:3003@example.com?Replaces=dialog-4%3Bto-tag%3Dfar-4%3Bfrom-tag%3Dnear-4%3Bearly-only&X=1>"
core> 202 REFER
P1< 202 REFER
# one that is nobody's stays as it is, and so does what is no dialog at all
P1> REFER cseq=31 +Refer-To="<sip:3003@example.com?Replaces=other%3Bto-tag%3Dx%3Bfrom-tag%3Dy>"
core< REFER h~"Replaces=other%3Bto-tag%3Dx%3Bfrom-tag%3Dy>"
core> 500 REFER cseq=7
P1< 500 REFER
P1> REFER cseq=32 +Refer-To="<sip:3003@example.com?Replaces=%zz;%4>" +Target-Dialog="dialog-3;local-tag=far-3;remote-tag=near-3"
core< REFER h~"Replaces=%zz;%4>" h~"Target-Dialog: dialog-4;remote-tag=far-4;local-tag=near-4"
core> 500 REFER cseq=8
P1< 500 REFER
# four at a time
P1> REFER cseq=33 +Refer-To="<sip:3003@example.com>"
core< REFER
P1> REFER cseq=34 +Refer-To="<sip:3003@example.com>"
core< REFER
P1> REFER cseq=35 +Refer-To="<sip:3003@example.com>"
core< REFER
P1> REFER cseq=36 +Refer-To="<sip:3003@example.com>"
P1< 500 REFER
core> 500 REFER cseq=11
core> 500 REFER cseq=10
core> 500 REFER cseq=9
P1< 500 REFER, 500 REFER, 500 REFER
# the transferor hangs up first; the outcome still comes (RFC 5057 4.1)
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
expect calls=2
core> INFO
core< 481 INFO
core> NOTIFY +Event="refer" +Subscription-State="terminated;reason=noresource" body="SIP/2.0 200 OK" +Content-Type="message/sipfrag"
P1< NOTIFY body="SIP/2.0 200 OK"
P1> 200 NOTIFY
core< 200 NOTIFY
expect calls=1
P1#2> BYE
P1#2< 200 BYE
core#2< BYE
core#2> 200 BYE
expect calls=0
# somebody takes the place of a phone in its call: the dialog as the phone has
# it, required end to end
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=600
core< REGISTER token=TOK
core> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=600
P1< 200 REGISTER
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
core#2> INVITE sip:$TOK@10.1.1.5 from=3003 sdp=plain +Require="replaces" +Replaces="dialog-6;to-tag=near-6;from-tag=far-6" +Join="dialog-x;to-tag=1;from-tag=2"
P1#2< INVITE h~"Require: replaces" h~"Replaces: dialog-5;to-tag=far-5;from-tag=near-5" h~"Join: dialog-x"
P1#2> 200 INVITE sdp=answer-80
P1#2< ACK
core#2< 200 INVITE
core#2> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
core#2> BYE
core#2< 200 BYE
P1#2< BYE
P1#2> 200 BYE
expect calls=0
# by which the phone itself calls somebody it has in a call: as seen inside
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P2> INVITE sip:3000@example.com from=2002 sdp=secure +Replaces="dialog-9;to-tag=far-9;from-tag=near-9"
core#2< INVITE h~"Replaces: dialog-10;to-tag=near-10;from-tag=far-10"
core#2> 486 INVITE
P2< 486 INVITE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE

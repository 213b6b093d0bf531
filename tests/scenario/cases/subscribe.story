# Subscriptions between a phone and its call manager (RFC 6665 4.1, 4.2).
alias P1#2 P1
alias core#2 core
P1> SUBSCRIBE sip:2001@example.com from=2001 +Event="message-summary" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE ruri=sip:2001@example.com h~"Event: message-summary" contact=2001
core> 404 SUBSCRIBE
P1< 404 SUBSCRIBE
P1> SUBSCRIBE sip:2001@example.com from=2001
P1< 489 SUBSCRIBE
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=600
core< REGISTER token=TOK
core> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=600
P1< 200 REGISTER
# challenged, then taken; the NOTIFY overtakes the 200 (RFC 6665 4.1.2.4)
P1> SUBSCRIBE sip:2001@203.0.113.5 from=2001 expires=3600 +Event="message-summary" +Accept="application/simple-message-summary" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE ruri=sip:2001@10.1.1.10 contact=$TOK h~"Expires: 3600"
core> 401 SUBSCRIBE +WWW-Authenticate="Digest realm=x, qop=auth"
P1< 401 SUBSCRIBE h~"Digest realm"
P1> SUBSCRIBE sip:2001@203.0.113.5 from=2001 expires=90000 +Event="message-summary" +Authorization="Digest y" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE ruri=sip:2001@203.0.113.5 h~"Expires: 86400" h~"Authorization: Digest y"
sub message-summary state=asking A=early B=early notifies=0
core> NOTIFY +Event="message-summary" +Subscription-State="active;expires=3600" +Content-Type="application/simple-message-summary" body="Messages-Waiting: yes"
P1< NOTIFY body="Messages-Waiting: yes" h~"application/simple-message-summary" h~"active;expires=3600"
core> 200 SUBSCRIBE expires=3600
P1< 200 SUBSCRIBE h~"Expires: 3600"
sub message-summary who=2001 of=2001 state=active A=confirmed B=confirmed expires=3600 notifies=1 failed=0 waiting=1
P1> 200 NOTIFY
core< 200 NOTIFY
sub message-summary waiting=0 refreshes=0
counter lineside_subscriptions_total 3
# refreshed, by either Expires; NOTIFYs go where the phone is
clock +3000s
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=600
core#2< REGISTER token=TOK
core#2> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=600
P1< 200 REGISTER
P1> SUBSCRIBE expires=1000 +Event="message-summary"
core< SUBSCRIBE h~"Expires: 1000"
core> 200 SUBSCRIBE expires=1000
P1< 200 SUBSCRIBE
sub message-summary expires=1000 refreshes=1
P1 close
P1 reconnect
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=600
core#2< REGISTER token=TOK
core#2> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=600
P1< 200 REGISTER
P1 rebound
core> NOTIFY +Event="message-summary" +Subscription-State="active;expires=900" body=x
P1< NOTIFY
P1> 200 NOTIFY
core< 200 NOTIFY
# other requests within pass, what makes no sense does not
P1> INFO body=x
core< INFO body=x
core> 200 INFO
P1< 200 INFO
P1> BYE
P1< 405 BYE
core> PRACK
core< 481 PRACK
# eight wait at a time
repeat 8
core> NOTIFY +Event="message-summary" +Subscription-State="active"
P1< NOTIFY
again
core> NOTIFY +Event="message-summary" +Subscription-State="active"
core< 500 NOTIFY
repeat 8
P1> 200 NOTIFY
core< 200 NOTIFY
again
# ended by the phone: the last NOTIFY still comes (RFC 6665 4.1.2.3)
P1> SUBSCRIBE expires=0 +Event="message-summary"
core< SUBSCRIBE h~"Expires: 0"
core> 200 SUBSCRIBE expires=0
P1< 200 SUBSCRIBE
core> NOTIFY +Event="message-summary" +Subscription-State="terminated;reason=timeout"
P1< NOTIFY h~"terminated;reason=timeout"
P1> 200 NOTIFY
core< 200 NOTIFY
core> NOTIFY +Event="message-summary" +Subscription-State="active"
core< 481 NOTIFY
# nobody refreshes it
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=100 +Event="dialog" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE
core> 202 SUBSCRIBE expires=100
P1< 202 SUBSCRIBE
clock +131s
counter lineside_subscriptions_expired_total 0
clock +1s
counter lineside_subscriptions_expired_total 1
# the phone has forgotten it (481), or is not there: 408 of our own (RFC 6665
# 4.2.2)
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=100 +Event="presence" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE
core> 200 SUBSCRIBE expires=100
P1< 200 SUBSCRIBE
core> NOTIFY +Event="presence" +Subscription-State="active" body=<presence/>
P1< NOTIFY
P1> 481 NOTIFY
core< 481 NOTIFY
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=100 +Event="presence" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE
core> 200 SUBSCRIBE expires=100
P1< 200 SUBSCRIBE
core> NOTIFY +Event="presence" +Subscription-State="active" body=<presence/>
P1< NOTIFY
P1> 503 NOTIFY local
core< 480 NOTIFY
core> NOTIFY +Event="presence" +Subscription-State="active" body=<presence/>
core< 481 NOTIFY
# the call manager subscribes to keys of the phone, outside a call (KPML)
core> SUBSCRIBE sip:$TOK@10.1.1.5 from=3000 host=10.1.1.10 expires=60 +Event="kpml" contact=<sip:10.1.1.10> +Content-Type="application/kpml-request+xml" body=<kpml-request/>
P1< SUBSCRIBE ruri=sip:2001@198.51.100.1:5061 from~"sip:3000@example.com" to=<sip:2001@example.com> contact=3000 body=<kpml-request/>
P1> 200 SUBSCRIBE expires=60
core< 200 SUBSCRIBE contact=$TOK
P1> NOTIFY +Event="kpml" +Subscription-State="terminated" body=<digit/>
core< NOTIFY body=<digit/>
core> 200 NOTIFY
P1< 200 NOTIFY
# remotecc: a REFER outside calls, its bodies by Content-ID untouched
P1> REFER sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> +Refer-To="<cid:1234@198.51.100.1>" +Content-Id="<1234@198.51.100.1>" +Content-Type="application/x-cisco-remotecc-request+xml" +Require="norefersub" +Referred-By="<sip:2001@203.0.113.5>" body=<x-cisco-remotecc-request/>
core< REFER h~"Refer-To: <cid:1234@198.51.100.1>" h~"Content-Id: <1234@198.51.100.1>" h~"Require: norefersub" h~"Referred-By: <sip:2001@10.1.1.10:5060>" body=<x-cisco-remotecc-request/>
core> 202 REFER
P1< 202 REFER
core> NOTIFY +Event="refer" +Subscription-State="terminated;reason=noresource" body=<x-cisco-remotecc-response/> +Content-Type="application/x-cisco-remotecc-response+xml"
P1< NOTIFY body=<x-cisco-remotecc-response/>
P1> 200 NOTIFY
core< 200 NOTIFY
core> REFER sip:$TOK@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Refer-To="<sip:3001@10.1.1.10>" +Refer-Sub="false" +Content-Type="multipart/mixed;boundary=b" body="--b two parts --b--"
P1< REFER h~"Refer-To: <sip:3001@PHONES.lineside:5060>" h~"multipart/mixed;boundary=b" body="--b two parts --b--"
P1> 202 REFER +Refer-Sub="false"
core< 202 REFER
core> REFER sip:$TOK@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Refer-To="<sip:3001@10.1.1.10>"
P1< REFER
P1> 202 REFER +Refer-Sub="false"
core< 202 REFER
# so many of one phone, and no more
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=100 +Event="dialog" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE
core> 200 SUBSCRIBE expires=100
P1< 200 SUBSCRIBE
repeat 255
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=100 +Event="dialog" contact=<sip:2001@198.51.100.1:5061>
core#2< SUBSCRIBE
core#2> 200 SUBSCRIBE expires=100
P1< 200 SUBSCRIBE
again
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=100 +Event="dialog" contact=<sip:2001@198.51.100.1:5061>
P1< 503 SUBSCRIBE h~"too many subscriptions"
counter lineside_subscriptions_refused_total 1
P2> SUBSCRIBE sip:3000@example.com from=2002 expires=100 +Event="dialog" contact=<sip:2002@198.51.100.2:5061>
core#2< SUBSCRIBE
core#2> 200 SUBSCRIBE expires=100
P2< 200 SUBSCRIBE
clock +200s
# nobody can be reached; one is under way when we stop
route none
P2> SUBSCRIBE sip:3000@example.com from=2002 expires=100 +Event="dialog" contact=<sip:2002@198.51.100.2:5061>
P2< 480 SUBSCRIBE
route any
P2> SUBSCRIBE sip:3000@example.com from=2002 expires=100 +Event="dialog" contact=<sip:2002@198.51.100.2:5061>
core< SUBSCRIBE
stop
P2< 500 SUBSCRIBE

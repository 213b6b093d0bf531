# A SUBSCRIBE that is forked behind the call manager: each who notifies is a
# subscription of its own, and a dialog of its own for who asked (RFC 6665
# 4.1.4, RFC 6665 4.4.1)
alias P1#2 P1
alias P1#3 P1
alias core#2 core
alias core#3 core
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=3600
core< REGISTER token=TOK
core> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=3600
P1< 200 REGISTER
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=600 +Event="dialog;id=7" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE
core> NOTIFY +Event="dialog;id=7" +Subscription-State="active;expires=600" body=<one/>
P1< NOTIFY body=<one/>
# the other one's comes before the answer to SUBSCRIBE, too
core#2> NOTIFY beside=core +Event="dialog;id=7" +Subscription-State="active;expires=500" body=<two/>
P1#2< NOTIFY body=<two/> h~"Event: dialog;id=7" contact=3000
P1#2> 200 NOTIFY
core#2< 200 NOTIFY
core> 200 SUBSCRIBE expires=600
P1< 200 SUBSCRIBE
P1> 200 NOTIFY
core< 200 NOTIFY
counter lineside_subscriptions_total 1
counter lineside_subscriptions_forked_total 1
sub dialog who=2001 of=3000 state=active A=confirmed B=confirmed expires=500 notifies=1
# each refreshed in its own dialog
P1#2> SUBSCRIBE expires=900 +Event="dialog;id=7"
core#2< SUBSCRIBE ruri= h~"Expires: 900"
core#2> 200 SUBSCRIBE expires=800
P1#2< 200 SUBSCRIBE h~"Expires: 800"
P1> SUBSCRIBE expires=700 +Event="dialog;id=7"
core< SUBSCRIBE ruri= h~"Expires: 700"
core> 200 SUBSCRIBE expires=700
P1< 200 SUBSCRIBE
# one of several is not begun anew elsewhere: that would be all of them
P1#2> SUBSCRIBE expires=900 +Event="dialog;id=7"
core#2< SUBSCRIBE
core#2> 503 SUBSCRIBE local
P1#2< 503 SUBSCRIBE
counter lineside_subscriptions_moved_total 0
# a third is not wanted by the phone: over for him alone (RFC 6665 4.1.2.4)
core#3> NOTIFY beside=core +Event="dialog;id=7" +Subscription-State="active;expires=500" body=<three/>
P1#3< NOTIFY body=<three/>
P1#3> 481 NOTIFY
core#3< 481 NOTIFY
core#3> NOTIFY +Event="dialog;id=7" +Subscription-State="active;expires=500"
core#3< 481 NOTIFY
core#2> NOTIFY +Event="dialog;id=7" +Subscription-State="active;expires=500" body=<more/>
P1#2< NOTIFY body=<more/>
P1#2> 200 NOTIFY
core#2< 200 NOTIFY
# the first is ended, the second goes on, on the phone's new connection
P1> SUBSCRIBE expires=0 +Event="dialog;id=7"
core< SUBSCRIBE h~"Expires: 0"
core> 200 SUBSCRIBE expires=0
P1< 200 SUBSCRIBE
core> NOTIFY +Event="dialog;id=7" +Subscription-State="terminated;reason=timeout"
P1< NOTIFY h~terminated
P1> 200 NOTIFY
core< 200 NOTIFY
P1> SUBSCRIBE expires=600 +Event="dialog;id=7"
P1< 481 SUBSCRIBE
P1 close
P1 reconnect
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=3600
core< REGISTER
core> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=3600
P1< 200 REGISTER
P1#2 rebound
# one more beside the second, whose first NOTIFY is its last
core#3> NOTIFY beside=core#2 +Event="dialog;id=7" +Subscription-State="terminated;reason=noresource"
P1< NOTIFY h~noresource
P1> 200 NOTIFY
core#3< 200 NOTIFY
core#3> NOTIFY +Event="dialog;id=7" +Subscription-State="active"
core#3< 481 NOTIFY
# nobody refreshes it
clock +531s
counter lineside_subscriptions_expired_total 0
clock +1s
counter lineside_subscriptions_expired_total 1
core#3> NOTIFY beside=core#2 +Event="dialog;id=7" +Subscription-State="active"
core#3< 481 NOTIFY
# eight notify of one, and no more; what lasts as long as was asked for
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=300 +Event="presence" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE
core#2> NOTIFY beside=core +Event="presence" +Subscription-State="active" body=<x/>
P1#2< NOTIFY
P1#2> 200 NOTIFY
core#2< 200 NOTIFY
core#2> NOTIFY beside=core +Event="presence" +Subscription-State="active" body=<x/>
P1#3< NOTIFY
P1#3> 200 NOTIFY
core#2< 200 NOTIFY
repeat 5
core#2> NOTIFY beside=core +Event="presence" +Subscription-State="active" body=<x/>
P1< NOTIFY
P1> 200 NOTIFY
core#2< 200 NOTIFY
again
sub presence expires=300 notifies=1
core#2> NOTIFY beside=core +Event="presence" +Subscription-State="active" body=<x/>
core#2< 481 NOTIFY
counter lineside_subscriptions_forked_total 10
counter lineside_subscriptions_refused_total 1
# none of them took it by its answer
core> 404 SUBSCRIBE
P1< 404 SUBSCRIBE
clock +400s
counter lineside_subscriptions_expired_total 8
# a REFER that is forked reports twice
P1> REFER sip:3000@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> +Refer-To="<sip:3001@example.com>"
core< REFER
core> 202 REFER
P1< 202 REFER
core> NOTIFY +Event="refer" +Subscription-State="active;expires=60" body="SIP/2.0 100 Trying"
P1< NOTIFY
P1> 200 NOTIFY
core< 200 NOTIFY
core#2> NOTIFY beside=core +Event="refer;id=2" +Subscription-State="terminated;reason=noresource" body="SIP/2.0 200 OK"
P1#2< NOTIFY body="SIP/2.0 200 OK"
stop
core#2< 500 NOTIFY

# The node that notifies is gone when the phone refreshes: another one is asked
# in its place, or the phone is told (RFC 6665 4.1.2.2, RFC 6665 4.1.3).
alias P1#2 P1
alias core#2 core
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=3600
core< REGISTER token=TOK
core> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=3600
P1< 200 REGISTER
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=600 +Event="dialog;id=7" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE ruri=sip:3000@example.com contact=$TOK
core> 200 SUBSCRIBE expires=600
P1< 200 SUBSCRIBE
core> NOTIFY +Event="dialog;id=7" +Subscription-State="active;expires=600" body=<one/>
P1< NOTIFY body=<one/>
P1> 200 NOTIFY
core< 200 NOTIFY
# its connection is closed: the same refresh begins one elsewhere, in its words
P1> SUBSCRIBE expires=600 +Event="dialog;id=7" +Accept="application/dialog-info+xml"
core< SUBSCRIBE ruri=
core> 503 SUBSCRIBE local
core< SUBSCRIBE ruri=sip:3000@example.com contact=$TOK from~"<sip:2001@example.com>" to~"<sip:3000@example.com>" h~"Event: dialog;id=7" h~"Accept: application/dialog-info+xml" h~"Expires: 600"
counter lineside_subscriptions_moved_total 1
sub dialog B=early waiting=0
# another refresh meanwhile waits for its turn
P1> SUBSCRIBE expires=600 +Event="dialog;id=7"
P1< 500 SUBSCRIBE
# what it notifies before its answer passes, in the phone's dialog
core> NOTIFY +Event="dialog;id=7" +Subscription-State="active;expires=500" body=<two/>
P1< NOTIFY body=<two/>
P1> 200 NOTIFY
core< 200 NOTIFY
core> 200 SUBSCRIBE expires=500
P1< 200 SUBSCRIBE h~"Expires: 500"
sub dialog B=confirmed expires=500 refreshes=1 state=active
P1> SUBSCRIBE expires=600 +Event="dialog;id=7"
core< SUBSCRIBE ruri=
core> 200 SUBSCRIBE expires=600
P1< 200 SUBSCRIBE
# it says nothing: 8 seconds, while a NOTIFY of its waits for the phone
core> NOTIFY +Event="dialog;id=7" +Subscription-State="active;expires=500" body=<three/>
P1< NOTIFY body=<three/>
P1> INFO body=x
core< INFO
P1> SUBSCRIBE expires=600 +Event="dialog;id=7" +Authorization="Digest old"
core< SUBSCRIBE
clock +8s
P1< 480 INFO
core< 500 NOTIFY
core< SUBSCRIBE ruri=sip:3000@example.com h~"Authorization: Digest old"
P1> 200 NOTIFY
# the other one does not know it and asks: the phone answers in its dialog
core> 401 SUBSCRIBE +WWW-Authenticate="Digest realm=two"
P1< 401 SUBSCRIBE h~"Digest realm=two"
sub dialog B=early
P1> SUBSCRIBE expires=600 +Event="dialog;id=7" +Authorization="Digest new"
core< SUBSCRIBE ruri=sip:3000@example.com h~"Authorization: Digest new"
core> 200 SUBSCRIBE expires=600
P1< 200 SUBSCRIBE
counter lineside_subscriptions_moved_total 2
# nobody is there: the answer says so, and a last NOTIFY
P1> SUBSCRIBE expires=600 +Event="dialog;id=7"
core< SUBSCRIBE
core> 408 SUBSCRIBE local
core< SUBSCRIBE
core> 503 SUBSCRIBE local
P1< 503 SUBSCRIBE h~"Reason: Q.850;cause=41" h~"the other side is unreachable"
P1< NOTIFY h~"Event: dialog;id=7" h~"Subscription-State: terminated;reason=probation;retry-after=30"
P1> SUBSCRIBE expires=600 +Event="dialog;id=7"
P1< 481 SUBSCRIBE
P1> 200 NOTIFY
counter lineside_subscriptions_lost_total 1
# the end of one is not begun anew
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=600 +Event="presence" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE
core> 200 SUBSCRIBE expires=600
P1< 200 SUBSCRIBE
P1> SUBSCRIBE expires=0 +Event="presence"
core< SUBSCRIBE
core> 503 SUBSCRIBE local
P1< 503 SUBSCRIBE
counter lineside_subscriptions_moved_total 3
# the phone does not hear the last NOTIFY either: it ends all the same
P1> SUBSCRIBE expires=600 +Event="presence"
core< SUBSCRIBE
core> 503 SUBSCRIBE local
core< SUBSCRIBE
core> 404 SUBSCRIBE
P1< 404 SUBSCRIBE
P1< NOTIFY h~"Event: presence" h~terminated
clock +42s
core> NOTIFY +Event="presence" +Subscription-State="active"
core< 481 NOTIFY
# stopped while one moves
P1> SUBSCRIBE sip:3000@example.com from=2001 expires=600 +Event="presence" contact=<sip:2001@198.51.100.1:5061>
core< SUBSCRIBE
core> 200 SUBSCRIBE expires=600
P1< 200 SUBSCRIBE
P1> SUBSCRIBE expires=600 +Event="presence"
core< SUBSCRIBE
core> 503 SUBSCRIBE local
core< SUBSCRIBE
stop
P1< 500 SUBSCRIBE

# Requests outside dialogs that begin none: passed with their answer (RFC
# 3261 16.3, RFC 3428 6).
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=600
core< REGISTER token=TOK
core> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=600
P1< 200 REGISTER
P1> MESSAGE sips:3000@example.com from=2001 mf=20 +Content-Type="text/plain" body=hello +P-Asserted-Identity="<sip:boss@x>" +X-Own="1"
core< MESSAGE ruri=sip:3000@10.1.1.10 mf=19 body=hello h~"Content-Type: text/plain" h~"X-Own: 1" h!boss contacts= from~"<sip:2001@example.com>"
core> 407 MESSAGE +Proxy-Authenticate="Digest realm=x"
P1< 407 MESSAGE h~"Digest realm=x" h!Reason
P1> PUBLISH sip:2001@example.com from=2001 expires=300 +Event="presence" +Content-Type="application/pidf+xml" body=<presence/> +SIP-If-Match="e1"
core< PUBLISH h~"Expires: 300" h~"SIP-If-Match: e1" body=<presence/>
core> 200 PUBLISH expires=300 +SIP-ETag="e2"
P1< 200 PUBLISH h~"Expires: 300" h~"SIP-ETag: e2"
P1> INFO sip:3000@example.com from=2001 body=x +Content-Type="text/plain"
core< INFO
core> 503 INFO local
P1< 503 INFO h~"Reason: Q.850;cause=41" h~"the other side is unreachable"
# from inside, by token and by number: the phone alone
core> NOTIFY sip:$TOK@10.1.1.5 from=3000 host=10.1.1.10 +Event="service-control" +Subscription-State="active" +Content-Type="text/plain" body=action=reset
P1< NOTIFY ruri=sip:2001@198.51.100.1:5061 h~"Event: service-control" body=action=reset from~"sip:3000@example.com" to=<sip:2001@example.com>
P1> 200 NOTIFY
core< 200 NOTIFY
core> NOTIFY sip:2001@10.1.1.5 from=3000 +Event="message-summary" +Subscription-State="active" body="Messages-Waiting: no"
P1< NOTIFY body="Messages-Waiting: no"
P1> 489 NOTIFY
core< 489 NOTIFY
core> MESSAGE sip:2009@10.1.1.5 from=3000
core< 404 MESSAGE h~"no such phone" h~"Reason: Q.850;cause=1;"
core> MESSAGE sip:ls-0123456789abcdef01234567@10.1.1.5 from=3000
core< 404 MESSAGE
P1 close
core> MESSAGE sip:$TOK@10.1.1.5 from=3000
core< 480 MESSAGE
# who may not speak for a line, who says nothing that can be used
P2> MESSAGE sip:3000@example.com from=2001
P2< 403 MESSAGE
P2> SUBSCRIBE sip:3000@example.com from=2001 +Event="dialog"
P2< 403 SUBSCRIBE
P2> MESSAGE sip:3000@example.com?X=1 from=2002
P2< 400 MESSAGE
counter lineside_sip_outside_requests_total 5
# one is under way when we stop
P2> MESSAGE sip:3000@example.com from=2002 body=x
core< MESSAGE
route none
P2> MESSAGE sip:3000@example.com from=2002 body=x
P2< 480 MESSAGE
stop
P2< 503 MESSAGE
core> 200 MESSAGE

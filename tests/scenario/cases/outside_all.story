# A request outside dialogs to a line of several phones reaches them all; the first 2xx
# is the answer, else the best refusal (RFC 3261 16.6, RFC 3261 16.7). SUBSCRIBE and REFER
# are for one phone: each is asked in turn, until one can.
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
voice class srtp-crypto 1
 crypto 1 AEAD_AES_256_GCM
 crypto 2 AES_CM_128_HMAC_SHA1_80
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener FAR
 side access
 address ipv4 203.0.113.9 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 rtp-port range 16384 32766
 sip
  registrar server expires max 3600 min 60
  registrar max-contacts 3
sip-ua
 registrar embedded
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 20..
 voice-class codec 1
 voice-class srtp-crypto 1
 srtp
 shared-line
dial-peer voice 102 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 21..
 voice-class codec 1
 srtp fallback
 shared-line
dial-peer voice 103 voip
 session target registrar
 session transport tcp tls
 destination-pattern 22..
 srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 no srtp
dial-peer voice 201 voip
 session target ipv4:10.1.1.11:5060
 session transport udp
 destination-pattern 20..
 preference 5
 no srtp
end
.
phone Q1 device SEP0A
phone Q2 device SEP0B
phone Q3 device SEP0C
Q1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.1:40001>" expires=600
Q1< 200 REGISTER
# one phone alone: no more than one request
core> NOTIFY sip:2001@10.1.1.5 from=3000 +Event="message-summary" +Subscription-State="active" body="Messages-Waiting: yes"
Q1< NOTIFY ruri=sip:2001@192.168.1.1:40001
Q1> 200 NOTIFY
core< 200 NOTIFY
counter lineside_sip_outside_forked_total 0
Q2> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.2:40002>" expires=600
Q2< 200 REGISTER
Q3> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.3:40003>" expires=600
Q3< 200 REGISTER
# message waiting: all lamps; the first 2xx goes at once (RFC 3261 16.7, step 5)
core> NOTIFY sip:2001@10.1.1.5 from=3000 mf=20 +Event="message-summary" +Subscription-State="active" +Content-Type="application/simple-message-summary" body="Messages-Waiting: yes"
Q1< NOTIFY ruri=sip:2001@192.168.1.1:40001 mf=19 h~"Event: message-summary" body="Messages-Waiting: yes" to=<sip:2001@example.com>
Q2< NOTIFY ruri=sip:2001@192.168.1.2:40002 body="Messages-Waiting: yes"
Q3< NOTIFY ruri=sip:2001@192.168.1.3:40003 body="Messages-Waiting: yes"
counter lineside_sip_outside_forked_total 1
counter lineside_sip_outside_requests_total 2
Q2> 489 NOTIFY
Q1> 200 NOTIFY
core< 200 NOTIFY
Q3> 603 NOTIFY
# nobody takes it: the best refusal when all are there (RFC 3261 16.7, step 6)
core> MESSAGE sip:2001@10.1.1.5 from=3000 +Content-Type="text/plain" body=hello
Q1< MESSAGE body=hello
Q2< MESSAGE body=hello
Q3< MESSAGE body=hello
Q1> 503 MESSAGE local
Q2> 415 MESSAGE +Accept="text/html"
Q3> 404 MESSAGE
core< 415 MESSAGE h~"Accept: text/html"
# a 6xx is the last word, but not before a 2xx that comes yet
core> MESSAGE sip:2001@10.1.1.5 from=3000 body=hello
Q1< MESSAGE
Q2< MESSAGE
Q3< MESSAGE
Q2> 480 MESSAGE
Q1> 603 MESSAGE
Q3> 404 MESSAGE
core< 603 MESSAGE
core> MESSAGE sip:2001@10.1.1.5 from=3000 body=hello
Q1< MESSAGE
Q2< MESSAGE
Q3< MESSAGE
Q1> 603 MESSAGE
Q3> 202 MESSAGE
core< 202 MESSAGE
Q2> 408 MESSAGE local
# nobody answers at all: that is ours to say
core> MESSAGE sip:2001@10.1.1.5 from=3000 body=hello
Q1< MESSAGE
Q2< MESSAGE
Q3< MESSAGE
Q1> 408 MESSAGE local
Q2> 408 MESSAGE local
Q3> 408 MESSAGE local
core< 504 MESSAGE h~"the other side did not answer"
# who sends it has it already
Q1> MESSAGE sip:2001@example.com from=2001 body=mine
Q2< MESSAGE body=mine
Q3< MESSAGE body=mine
Q2> 200 MESSAGE
Q1< 200 MESSAGE
Q3> 200 MESSAGE
core> INFO sip:2001@10.1.1.5 from=3000 body=x
Q1< INFO
Q2< INFO
Q3< INFO body=x
Q2> 405 INFO
Q3> 200 INFO
core< 200 INFO
Q1> 481 INFO
core> PUBLISH sip:2001@10.1.1.5 from=3000 +Event="presence" expires=60 body=<presence/>
Q1< PUBLISH
Q2< PUBLISH
Q3< PUBLISH body=<presence/>
Q1> 405 PUBLISH
Q2> 200 PUBLISH expires=30 +SIP-ETag="x1"
core< 200 PUBLISH h~"Expires: 30" h~"SIP-ETag: x1"
Q3> 405 PUBLISH
# a phone that cannot, or is not there, leaves it to the next; the newest first (RFC
# 6665 4.1.4)
counter lineside_sip_outside_next_contact_total 0
core> SUBSCRIBE sip:2001@10.1.1.5 from=3000 contact=<sip:10.1.1.10> expires=60 +Event="kpml" body=<kpml-request/>
Q3< SUBSCRIBE ruri=sip:2001@192.168.1.3:40003 h~"Event: kpml" body=<kpml-request/>
Q3> 489 SUBSCRIBE
Q2< SUBSCRIBE ruri=sip:2001@192.168.1.2:40002 h~"Expires: 60" body=<kpml-request/>
sub kpml who=3000 of=2001 state=asking A=early B=early
Q2> 480 SUBSCRIBE
Q1< SUBSCRIBE ruri=sip:2001@192.168.1.1:40001 body=<kpml-request/>
Q1> NOTIFY +Event="kpml" +Subscription-State="active;expires=60"
core< NOTIFY h~"Event: kpml"
core> 200 NOTIFY
Q1< 200 NOTIFY
Q1> 200 SUBSCRIBE expires=60
core< 200 SUBSCRIBE h~"Expires: 60"
counter lineside_sip_outside_next_contact_total 2
sub kpml who=3000 of=2001 state=active A=confirmed B=confirmed notifies=1
core> SUBSCRIBE expires=0 +Event="kpml"
Q1< SUBSCRIBE h~"Expires: 0"
Q1> 200 SUBSCRIBE expires=0
core< 200 SUBSCRIBE
Q1> NOTIFY +Event="kpml" +Subscription-State="terminated" body=<digit/>
core< NOTIFY body=<digit/>
core> 200 NOTIFY
Q1< 200 NOTIFY
# none can: the best refusal; what a phone decides is not asked of another
core> SUBSCRIBE sip:2001@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Event="kpml"
Q3< SUBSCRIBE
Q3> 503 SUBSCRIBE local
Q2< SUBSCRIBE
Q2> 489 SUBSCRIBE +Allow-Events="presence"
Q1< SUBSCRIBE
Q1> 501 SUBSCRIBE
core< 489 SUBSCRIBE h~"Allow-Events: presence"
core> SUBSCRIBE sip:2001@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Event="kpml"
Q3< SUBSCRIBE
Q3> 405 SUBSCRIBE
Q2< SUBSCRIBE
Q2> 403 SUBSCRIBE
core< 403 SUBSCRIBE
# one that says nothing for five seconds, and one whose connection goes
core> SUBSCRIBE sip:2001@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Event="kpml"
Q3< SUBSCRIBE
clock +4s
clock +1s
Q2< SUBSCRIBE
Q2> 202 SUBSCRIBE expires=30
core< 202 SUBSCRIBE h~"Expires: 30"
clock +70s
# who has notified has taken it
core> SUBSCRIBE sip:2001@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Event="kpml"
Q3< SUBSCRIBE
Q3> NOTIFY +Event="kpml" +Subscription-State="pending"
core< NOTIFY
clock +6s
core> 200 NOTIFY
Q3< 200 NOTIFY
Q3> 480 SUBSCRIBE
core< 480 SUBSCRIBE
# a REFER is done once: silence is no refusal
core> REFER sip:2001@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Refer-To="<sip:3001@10.1.1.10>"
Q3< REFER
clock +6s
Q3> 480 REFER
Q2< REFER
Q2> 202 REFER
core< 202 REFER
Q2> NOTIFY +Event="refer" +Subscription-State="terminated;reason=noresource"
core< NOTIFY
core> 200 NOTIFY
Q2< 200 NOTIFY
core> REFER sip:2001@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Refer-To="<sip:3001@10.1.1.10>" +Refer-Sub="false"
Q3< REFER h~"Refer-Sub: false"
Q3> 501 REFER
Q2< REFER h~"Refer-Sub: false"
Q2> 202 REFER +Refer-Sub="false"
core< 202 REFER
core> REFER sip:2001@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Refer-To="<sip:3001@10.1.1.10>" +Refer-Sub="false"
Q3< REFER
Q3> 480 REFER
Q2< REFER
Q2> 405 REFER
Q1< REFER
Q1> 603 REFER
core< 603 REFER
# one phone watches another: its connection is followed, and the other's is not
# taken for it
phone Q4 device SEP0D
Q4> REGISTER sip:example.com from=2101 to=sip:2101@example.com contact="<sip:2101@192.168.1.4:40004>" expires=600
Q4< 200 REGISTER
Q1> SUBSCRIBE sip:2101@example.com from=2001 expires=300 +Event="dialog" contact=<sip:2001@192.168.1.1:40001>
Q4< SUBSCRIBE
Q4> 200 SUBSCRIBE expires=300
Q1< 200 SUBSCRIBE
Q4 close
Q4 reconnect
Q4> REGISTER sip:example.com from=2101 to=sip:2101@example.com contact="<sip:2101@192.168.1.4:40004>" expires=600
Q4< 200 REGISTER
Q1 rebound
Q1 close
Q1 reconnect
Q1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.1:40001>" expires=600
Q1< 200 REGISTER
Q1 rebound
Q4> NOTIFY +Event="dialog" +Subscription-State="terminated"
Q1< NOTIFY
Q1> 200 NOTIFY
Q4< 200 NOTIFY
# a contact that is away is left out
Q2 close
core> MESSAGE sip:2001@10.1.1.5 from=3000 body=hello
Q1< MESSAGE
Q3< MESSAGE
Q3> 480 MESSAGE
# the next is asked only while it is there
core> SUBSCRIBE sip:2001@10.1.1.5 from=3000 contact=<sip:10.1.1.10> +Event="kpml"
Q1< SUBSCRIBE
Q3 close
Q1> 480 SUBSCRIBE
core< 480 SUBSCRIBE
# stopped while they are asked
stop
core< 503 MESSAGE h~"Reason: Q.850;cause=41"
Q1> 200 MESSAGE

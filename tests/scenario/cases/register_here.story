# registration passthrough rate-limit: the core is asked for an hour, the phone
# for two minutes, and its refreshes are answered here (RFC 3261 10.3).
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
sip-listener OPEN
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 rtp-port range 16384 32766
 media inactivity 60
 sip
  registrar server expires max 120 min 60
  registration passthrough rate-limit expires 3600 fail-count 2
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 voice-class srtp-crypto 1
 srtp
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener OPEN
 no srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern .T
 voice-class codec 1
 no srtp
end
.
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
core< REGISTER contacts~";expires=3600" h~"Expires: 3600" token=T save-callid=C
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER contacts~"sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\";expires=1"
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER contacts~";expires=120"
counter lineside_registrations_answered_here_total 1
reg 2001 connected=1 expires=120 device=SEP01
# Another contact of the same instance is not known: it is for the core.
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
core< REGISTER contacts~$T callid=$C
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER contacts~40009
# Nor what asks for something else: a body, a question, an end.
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120 +Content-Type="application/x-cisco-remotecc-request+xml" body=<x/>
core< REGISTER
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com
core< REGISTER
core> 200 REGISTER
P1< 200 REGISTER
# Another phone is refused, whatever is known.
P2> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P2< 403 REGISTER
counter lineside_registrations_answered_here_total 1
# When the core's own registration comes to its end it is asked again.
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
core< REGISTER contacts~$T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
# A node failed: the next refresh goes to wherever the name leads now, once.
ways
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
core< REGISTER contacts~$T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
clock +100s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
P1< 200 REGISTER
# The core is silent: the phone stays, twice; then it is told.
ways
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
core< REGISTER contacts~$T
core> 503 REGISTER
P1< 200 REGISTER contacts~";expires=60"
clock +50s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
core< REGISTER contacts~$T
core> 503 REGISTER
P1< 200 REGISTER contacts~";expires=60"
clock +50s
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=120
core< REGISTER contacts~$T
core> 503 REGISTER
P1< 503 REGISTER
counter lineside_registrations_kept_total 2
# It leaves: the core hears of it.
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40009;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=0
core< REGISTER contacts~";expires=0"
core> 200 REGISTER
P1< 200 REGISTER
expect regs=0

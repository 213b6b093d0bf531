# No phone starves the others: bindings and requests a minute of each (RFC
# 3261 21.5.4, 20.33).
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
 phone-limit bindings 2 requests 6
sip-listener OPEN
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
 max-connections 10 per-source 1
 phone-limit bindings 2 requests 6
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
sip-ua
 registrar embedded
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern .T
 no srtp
end
.
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5>"
P1< 200 REGISTER
P1> REGISTER sip:example.com from=2002 to=sip:2002@example.com contact="<sip:2002@192.168.1.5>"
P1< 200 REGISTER
# the third is one too many, and refreshing is none
P1> REGISTER sip:example.com from=2003 to=sip:2003@example.com contact="<sip:2003@192.168.1.5>"
P1< 503 REGISTER h~Warning
counter lineside_registrations_share_refused_total 1
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5>"
P1< 200 REGISTER
# another phone has a share of its own
P2> REGISTER sip:example.com from=2004 to=sip:2004@example.com contact="<sip:2004@192.168.1.6>"
P2< 200 REGISTER
expect regs=3
# what is given up may be taken anew
P1> REGISTER sip:example.com from=2002 to=sip:2002@example.com contact="<sip:2002@192.168.1.5>" expires=0
P1< 200 REGISTER
P1> REGISTER sip:example.com from=2003 to=sip:2003@example.com contact="<sip:2003@192.168.1.5>"
P1< 200 REGISTER
# that were six in no time
P1> REGISTER sip:example.com from=2003 to=sip:2003@example.com contact="<sip:2003@192.168.1.5>"
P1< 503 REGISTER h~Retry-After
P1> INVITE sip:3000@example.com from=2001 sdp=secure
P1< 503 INVITE
counter lineside_sip_phone_limit_total 2
P2> INVITE sip:3000@example.com from=2004 sdp=secure
core< INVITE
core> 486 INVITE
P2< 486 INVITE
# a sixth of a minute gives one request back
clock +10s
P1> REGISTER sip:example.com from=2003 to=sip:2003@example.com contact="<sip:2003@192.168.1.5>"
P1< 200 REGISTER
P1> REGISTER sip:example.com from=2003 to=sip:2003@example.com contact="<sip:2003@192.168.1.5>"
P1< 503 REGISTER
# without certificates an address has its share
phone P4 udp
P4> REGISTER sip:example.com from=2100 to=sip:2100@example.com contact="<sip:2100@198.51.100.3>"
P4< 403 REGISTER
P4> REGISTER sip:example.com from=2100 to=sip:2100@example.com contact="<sip:2100@198.51.100.3>"
P4< 403 REGISTER
P4> REGISTER sip:example.com from=2100 to=sip:2100@example.com contact="<sip:2100@198.51.100.3>"
P4< 403 REGISTER
P4> REGISTER sip:example.com from=2100 to=sip:2100@example.com contact="<sip:2100@198.51.100.3>"
P4< 403 REGISTER
P4> REGISTER sip:example.com from=2100 to=sip:2100@example.com contact="<sip:2100@198.51.100.3>"
P4< 403 REGISTER
P4> REGISTER sip:example.com from=2100 to=sip:2100@example.com contact="<sip:2100@198.51.100.3>"
P4< 403 REGISTER
P4> REGISTER sip:example.com from=2100 to=sip:2100@example.com contact="<sip:2100@198.51.100.3>"
P4< 503 REGISTER h~Retry-After

# `ip address trusted list`: on the core side targets, registrars and the list
# are heard; who else asks gets nothing, as from a CUBE (silent-discard
# untrusted), or 403 with the cause (behaviour.md: Who is heard on the core side).
conf
hostname edge1
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
sip-ua
 registrar ipv4:10.1.1.30
voice service voip
 no srtp
 ip address trusted list
  ipv4 192.0.2.0 255.255.255.192
  ipv4 192.0.2.77
voice class server-group 1
 ipv4 10.1.1.21
 ipv4 10.1.1.22
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener PHONES
dial-peer voice 200 voip
 session server-group 1
 session transport udp
 destination-pattern 3...
dial-peer voice 210 voip
 session target dns:pbx.test
 session transport udp
 destination-pattern 4...
dial-peer voice 220 voip
 session target ipv4:10.1.1.40
 session transport udp
 destination-pattern 5...
 shutdown
end
.
name pbx.test 10.1.1.51 10.1.1.52
host second 10.1.1.22
host registrar 10.1.1.30
host named 10.1.1.52
host moved 10.1.1.53
host listed 192.0.2.63
host alone 192.0.2.77
host beside 192.0.2.64
host off 10.1.1.40
host stranger 198.51.100.66
host certified 198.51.100.67 certified
phone U1 udp listener PHONES
# heard: answered, though nobody is called so
second> INVITE sip:9@INSIDE.lineside:5060 from=1 host=h sdp=plain
second< 404 INVITE
registrar> INVITE sip:9@INSIDE.lineside:5060 from=1 host=h sdp=plain
registrar< 404 INVITE
named> INVITE sip:9@INSIDE.lineside:5060 from=1 host=h sdp=plain
named< 404 INVITE
listed> INVITE sip:9@INSIDE.lineside:5060 from=1 host=h sdp=plain
listed< 404 INVITE
alone> OPTIONS sip:INSIDE.lineside:5060 from=1 host=h
alone< 200 OPTIONS
counter lineside_sec_untrusted_requests_total 0
# not heard, a good certificate or not: beyond the mask, a dial-peer that is shut down, a stranger, whatever
# is asked; no call comes of it
beside> INVITE sip:9@INSIDE.lineside:5060 from=1 host=h sdp=plain
off> INVITE sip:9@INSIDE.lineside:5060 from=1 host=h sdp=plain
stranger> INVITE sip:3001@INSIDE.lineside:5060 from=1 host=h sdp=plain
certified> OPTIONS sip:INSIDE.lineside:5060 from=1 host=h
stranger> REGISTER sip:INSIDE.lineside from=2001 contact="<sip:2001@x>"
stranger> MESSAGE sip:2001@INSIDE.lineside:5060 from=1 host=h
stranger> SUBSCRIBE sip:2001@INSIDE.lineside:5060 from=1 host=h +Event="presence"
counter lineside_sec_untrusted_requests_total 7
counter lineside_calls_total 4
expect calls=0
# phones are not asked: their listener decides
U1> INVITE sip:9@example.com from=2001 sdp=plain
U1< 404 INVITE
# where the name leads now; what is known stays while nobody answers
moved> OPTIONS sip:INSIDE.lineside:5060 from=1 host=h
counter lineside_sec_untrusted_requests_total 8
name pbx.test 10.1.1.53
clock +11s
moved> OPTIONS sip:INSIDE.lineside:5060 from=1 host=h
moved< 200 OPTIONS
named> OPTIONS sip:INSIDE.lineside:5060 from=1 host=h
counter lineside_sec_untrusted_requests_total 9
name pbx.test
clock +11s
moved> OPTIONS sip:INSIDE.lineside:5060 from=1 host=h
moved< 200 OPTIONS
# told instead of dropped: cause 57 is 403 (RFC 3398 7.2.4.1)
conf
hostname edge1
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
sip-ua
 registrar ipv4:10.1.1.30
voice service voip
 no srtp
 ip address trusted call-block cause 57
 ip address trusted certificate
 sip
  no silent-discard untrusted
dial-peer voice 100 voip
 incoming called-number .
end
.
reload
listed> INVITE sip:9@INSIDE.lineside:5060 from=1 host=h sdp=plain
listed< 403 INVITE h~"Reason: Q.850;cause=57"
stranger> OPTIONS sip:INSIDE.lineside:5060 from=1 host=h
stranger< 403 OPTIONS
registrar> OPTIONS sip:INSIDE.lineside:5060 from=1 host=h
registrar< 200 OPTIONS
counter lineside_sec_untrusted_requests_total 11
# a certificate makes trusted, once that is asked for by name
certified> OPTIONS sip:INSIDE.lineside:5060 from=1 host=h
certified< 200 OPTIONS

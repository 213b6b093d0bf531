# Who calls, from one leg to the other: asserted-id, privacy, privacy-policy,
# localhost (RFC 3325 5, RFC 3323 4.2, RFC 5806 6, RFC 7044 5).
conf
hostname edge1
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener SECURE
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
sip-ua
 registrar embedded
voice service voip
 no srtp
voice class tenant 1
 asserted-id pai
 privacy-policy strip diversion
 privacy-policy strip history-info
dial-peer voice 90 voip
 session target ipv4:10.1.1.10
 session transport udp
 incoming called-number [37]...
dial-peer voice 95 voip
 session target ipv4:10.1.1.15
 session transport udp
 voice-class sip asserted-id none
 incoming called-number 6...
 destination-pattern 66..
dial-peer voice 100 voip
 session target registrar
 session transport udp
 destination-pattern 2...
 incoming listener PHONES
dial-peer voice 200 voip
 session target ipv4:10.1.1.11
 session transport udp
 destination-pattern 30..
 voice-class sip tenant 1
dial-peer voice 210 voip
 session target ipv4:10.1.1.12
 session transport udp
 destination-pattern 31..
 voice-class sip asserted-id rpi
 voice-class sip privacy-policy send-always
dial-peer voice 220 voip
 session target ipv4:10.1.1.13
 session transport udp
 destination-pattern 32..
 voice-class sip asserted-id pai
 voice-class sip privacy id critical
 voice-class sip localhost dns:sbc.example.com contact
dial-peer voice 230 voip
 session target ipv4:10.1.1.14
 session transport udp
 destination-pattern 33..
dial-peer voice 240 voip
 session target ipv4:10.1.1.12
 session transport udp
 destination-pattern [67]...
 voice-class sip asserted-id ppi
end
.
host core 10.1.1.10
host paiway 10.1.1.11
host rpiway 10.1.1.12
host hidden 10.1.1.13
host asis 10.1.1.14
host outsider 10.1.1.15
phone U1 udp listener PHONES
phone P2 device SEP02 listener SECURE
# Remote-Party-ID becomes P-Asserted-Identity, `privacy=full` Privacy: id; what
# asks for privacy takes no Diversion along; an address inside is not told
core> INVITE sip:3001@INSIDE.lineside:5060 from=2001 host=10.1.1.10 sdp=plain +Remote-Party-ID="\"Ann\" <sip:+4930100@10.1.1.10:5060;x=1>;party=calling;privacy=full" +Diversion="<sip:2009@10.1.1.10>;reason=no-answer" +History-Info="<sip:2009@10.1.1.10>;index=1"
paiway< INVITE h~"P-Asserted-Identity: \"Ann\" <sip:+4930100@INSIDE.lineside;x=1>" h!Remote-Party h~"Privacy: id" h!Diversion h!History
paiway> 180 INVITE +P-Asserted-Identity="\"Bob\" <sip:3001@10.1.1.11>"
core< 180 INVITE h~"P-Asserted-Identity: \"Bob\" <sip:3001@INSIDE.lineside>"
paiway> 486 INVITE
core< 486 INVITE
# without privacy they pass, with our address for theirs; names stay (RFC 5806 4,
# RFC 7044 10)
core> INVITE sip:3001@INSIDE.lineside:5060 from=2001 host=10.1.1.10 sdp=plain +P-Asserted-Identity="<sip:2001@pbx.example.com>" +P-Asserted-Identity="<tel:+4930100>" +Diversion="\"A, B\" <sip:2009@10.1.1.10:5060>;reason=no-answer, <sip:2008@pbx.example.com>;counter=1" +History-Info="<sip:2009@[2001:db8::1]?Reason=SIP%3Bcause%3D302>;index=1"
paiway< INVITE h~"P-Asserted-Identity: <sip:2001@pbx.example.com>" h~"P-Asserted-Identity: <tel:+4930100>" h~"Diversion: \"A, B\" <sip:2009@INSIDE.lineside>;reason=no-answer, <sip:2008@pbx.example.com>;counter=1" h~"History-Info: <sip:2009@INSIDE.lineside?Reason=SIP%3Bcause%3D302>;index=1" h!Privacy
paiway> 486 INVITE
core< 486 INVITE
# RFC 3325 9.1 to Remote-Party-ID: the SIP URI of two; send-always says none
core> INVITE sip:3101@INSIDE.lineside:5060 from=2001 host=10.1.1.10 sdp=plain +P-Asserted-Identity="<tel:+4930100>, \"Ann\" <sip:+4930100@pbx.example.com>"
rpiway< INVITE h~"Remote-Party-ID: \"Ann\" <sip:+4930100@pbx.example.com>;party=calling;screen=yes;privacy=off" h!P-Asserted h~"Privacy: none"
rpiway> 180 INVITE +P-Asserted-Identity="<sip:3101@far.example.com>"
core< 180 INVITE h~"P-Asserted-Identity: <sip:3101@far.example.com>"
rpiway> 486 INVITE
core< 486 INVITE
core> INVITE sip:3101@INSIDE.lineside:5060 from=2001 host=10.1.1.10 sdp=plain +P-Asserted-Identity="<sip:+4930100@pbx.example.com>" +Privacy="user;id"
rpiway< INVITE h~";privacy=full" h~"Privacy: user;id"
rpiway> 486 INVITE
core< 486 INVITE
# hidden by order of the dial-peer (RFC 3323 4.1, 4.3): From, Contact and all that
# is ours by name; who is trusted has the number in P-Asserted-Identity, of From
core> INVITE sip:3201@INSIDE.lineside:5060 from=2001 host=10.1.1.10 sdp=plain
hidden< INVITE from="\"Anonymous\" <sip:anonymous@anonymous.invalid>" contact=anonymous@sbc.example.com h~"P-Asserted-Identity: \"Far End\" <sip:2001@sbc.example.com>" h~"Privacy: id;critical" h~"Proxy-Require: privacy"
hidden> 200 INVITE sdp=plain-answer
hidden< ACK
core< 200 INVITE contact=3201
core> ACK
core> BYE
core< 200 BYE
hidden< BYE
hidden> 200 BYE
# nothing configured: they pass as they came, Privacy with them, to who is
# trusted (RFC 3325 5)
core> INVITE sip:3301@INSIDE.lineside:5060 from=2001 host=10.1.1.10 sdp=plain +P-Asserted-Identity="<sip:2001@pbx.example.com>" +Remote-Party-ID="<sip:2001@pbx.example.com>;party=calling" +P-Preferred-Identity="<sip:2001@pbx.example.com>" +Privacy="id"
asis< INVITE h~P-Asserted-Identity h~Remote-Party-ID h~P-Preferred-Identity h~"Privacy: id" from="\"Far End\" <sip:2001@10.1.1.10>"
asis> 486 INVITE
core< 486 INVITE
# from who is not trusted nothing is believed, to him nothing is told
outsider> INVITE sip:6001@INSIDE.lineside:5060 from=5001 host=10.1.1.15 sdp=plain +P-Asserted-Identity="<sip:911@pbx.example.com>"
rpiway< INVITE h!Identity h!911
rpiway> 486 INVITE +P-Asserted-Identity="<sip:7001@far.example.com>"
outsider< 486 INVITE h!Identity
# P-Preferred-Identity of From, for a provider that decides itself (RFC 3325 9.2)
core> INVITE sip:7002@INSIDE.lineside:5060 from=2001 host=pbx.example.com sdp=plain
rpiway< INVITE h~"P-Preferred-Identity: \"Far End\" <sip:2001@pbx.example.com>"
rpiway> 486 INVITE
core< 486 INVITE
# a phone without certificate is nobody to vouch for
U1> INVITE sip:3001@example.com from=2005 sdp=plain +P-Asserted-Identity="<sip:911@example.com>"
paiway< INVITE h!Identity
paiway> 486 INVITE
U1< 486 INVITE
# one that shows its own is
P2> INVITE sip:3001@example.com from=2006 sdp=plain
paiway< INVITE h~"P-Asserted-Identity: \"Far End\" <sip:2006@example.com>"
paiway> 486 INVITE
P2< 486 INVITE

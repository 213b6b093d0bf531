# voice class sip-profiles: what is sent and what is received, changed by rules
# (behaviour.md: Numbers).
conf
hostname edge1
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp
sip-listener OPEN
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice class sip-profiles 1
 rule 10 request INVITE peer-header sip From copy "sip:([^@]*)@" u01
 rule 20 request INVITE sip-header X-Line add "X-Line: line-\u01"
 rule 30 request INVITE sip-header X-Secret remove
 rule 40 request ANY sip-header X-Note modify "X-Note: (.*)$" "X-Note: <\1>"
 rule 50 request INVITE sip-header SIP-Req-URI modify "example.com" "pbx.example"
 rule 60 request INVITE sip-header From modify "example.com" "edge.example"
 rule 70 request INVITE sdp-header Audio-Attribute modify "ptime:20" "ptime:30"
 rule 80 request INVITE sdp-header Audio-Attribute add "a=x-site:7"
 rule 90 request INVITE sdp-header Session-Name modify "s=.*" "s=ours"
 rule 100 request BYE sip-header X-Bye add "X-Bye: sent"
voice class sip-profiles 2
 rule 1 response 200 method INVITE sip-header X-Answer modify "secret" "public"
 rule 2 response ANY sip-header X-Drop remove
 rule 3 response 200 sdp-header Audio-Attribute remove
voice class sip-profiles 3
 rule 1 response 486 sip-header Retry-After add "Retry-After: 5"
voice service voip
 no srtp
 sip
  sip-profiles 3
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern 3
 session target ipv4:10.1.1.10
 voice-class sip profiles 1
 voice-class sip profiles 2 inbound
end
.
phone U1 udp
U1> INVITE sip:3001@example.com from=2001 sdp=plain +X-Secret="a" +X-Secret="b" +X-Note="hello"
core< INVITE ruri=sip:3001@pbx.example from~"sip:2001@edge.example" to~"3001@example.com" h~"X-Line: line-2001" h!"X-Secret" h~"X-Note: <hello>" body~"a=ptime:30" body~"a=x-site:7" body~"s=ours"
core> 180 INVITE +X-Drop="1"
U1< 180 INVITE h!"X-Drop"
core> 200 INVITE sdp=plain-answer +X-Answer="a secret"
core< ACK
U1< 200 INVITE h~"X-Answer: a public" body!"telephone-event"
U1> ACK
U1> BYE
U1< 200 BYE
core< BYE h~"X-Bye: sent"
core> 200 BYE
# the profile of voice service voip is for dial-peers that name none
U1> INVITE sip:3001@example.com from=2001 sdp=plain
core< INVITE
core> 486 INVITE
U1< 486 INVITE h~"Retry-After: 5"
expect calls=0 media=0

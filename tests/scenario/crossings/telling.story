# Nobody takes it, and A hears why: the announcement is reliable, and no PRACK
# has come.
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
voice class announcement 1
 description what phones hear
 refusal 404 /nowhere/nobody.wav
 refusal 486 /nowhere/busy.wav
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 voice-class announcement 1
 srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 voice-class codec 1
 no srtp
end
.
P1> INVITE sip:7777@example.com from=2001 sdp=secure +Supported=100rel
P1< 183 INVITE h~"RSeq"

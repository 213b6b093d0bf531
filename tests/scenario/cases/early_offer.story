# An INVITE without offer gets one of ours on its way (early-offer forced), and
# A is offered what B has answered (RFC 3261 13.2.1).
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 sip
  early-offer forced
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
dial-peer voice 100 voip
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern 3...
 voice-class codec 1
 no srtp
dial-peer voice 210 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 no srtp
end
.
sdp plain-alaw
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 8
.
sdp both
v=0
o=core 7 7 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 0 8
.
sdp answer-alaw
v=0
o=phone 5 1 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4100 RTP/SAVP 8
a=crypto:1 AEAD_AES_256_GCM inline:@key:four:44@
.
P1> INVITE sip:3000@example.com from=2001
core< INVITE body~"m=audio 20002 RTP/AVP 0 8 96" body~"c=IN IP4 10.1.1.5" body!192.0.2 h~application/sdp
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK body=
P1< 200 INVITE body~"RTP/SAVP 0" body~AEAD_AES_256_GCM body!10.1.1
P1> ACK sdp=answer-256
media A srtp AEAD_AES_256_GCM send recv
media B rtp send recv port=6000
call state=up A.codec=PCMU/8000 B.codec=PCMU/8000 A.suite=AEAD_AES_256_GCM
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# B's early answer is for good and for us alone; A chooses the second codec
P1> INVITE sip:3000@example.com from=2001
core< INVITE h~100rel
core> 183 INVITE sdp=both rseq=1 tag=b1
core< PRACK body=
core> 200 PRACK
P1< 183 INVITE body=
core> 183 INVITE sdp=both
P1< 183 INVITE body=
core> 200 INVITE tag=b1
core< ACK
P1< 200 INVITE body~"RTP/SAVP 0 8"
P1> ACK sdp=answer-alaw
clock +0s
core< INVITE body~"RTP/AVP 8"
core> 200 INVITE sdp=plain-alaw
core< ACK
call A.codec=PCMA/8000 B.codec=PCMA/8000
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# A's answer cannot be used; B's neither; a peer without a codec class
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1< BYE
core< BYE
core> 200 BYE
P1> 200 BYE
P1> INVITE sip:3000@example.com from=2001
core< INVITE
core> 200 INVITE sdp=g729
core< ACK, BYE
P1< 488 INVITE
core> 200 BYE
P1> INVITE sip:4000@example.com from=2001
core< INVITE body~"RTP/AVP 0 8 9 18 96"
core> 486 INVITE
P1< 486 INVITE
expect calls=0

# A recorder behind a provider's door: suites, credentials and sip-profiles of its
# dial-peer's tenant (RFC 3261 22.2, RFC 7866 6.1).
conf
hostname edge1
crypto pki trustpoint EDGE
 certificate file /nowhere/edge.pem
 key file /nowhere/edge.key
 ca-bundle file /nowhere/cas.pem
voice class srtp-crypto 7
 crypto 1 AEAD_AES_128_GCM
voice class sip-profiles 1
 rule 10 request INVITE sip-header X-Site add "X-Site: 7"
 rule 20 request INVITE sip-header SIP-Req-URI modify "10.1.1.30" "rec.example"
 rule 30 request INVITE sip-header From modify "<sip:2001@[^>]*>" "<sip:edge1@rec.example>"
 rule 40 request INVITE sdp-header Session-Name modify "s=.*" "s=recorded"
 rule 50 request ACK sip-header X-Ack add "X-Ack: yes"
 rule 60 request BYE sip-header X-Bye add "X-Bye: yes"
 rule 70 response 200 method INVITE sip-header X-Paused add "X-Paused: yes"
 rule 80 response 200 sdp-header Session-Name modify "s=.*" "s=paused"
voice class sip-profiles 2
 rule 10 response 200 method INVITE sdp-header Audio-Attribute remove
voice class tenant 7
 srtp-crypto 7
 sip-profiles 1
 authentication username edge password 0 s3cret realm rec.test
sip-listener OPEN
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener INSIDETLS
 side core
 address ipv4 10.1.1.5 port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 rtp-port range 16384 32766
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
media profile recorder 1
 media-recording 900 901
media class 1
 recorder profile 1 siprec
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener OPEN
 media-class 1
 no srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern .T
 no srtp
dial-peer voice 900 voip
 session target ipv4:10.1.1.30
 session transport tcp tls
 trustpoint EDGE
 voice-class sip tenant 7
 srtp
dial-peer voice 901 voip
 session target ipv4:10.1.1.31
 session transport udp
 voice-class sip profiles 2 inbound
 no srtp
end
.
sdp rec-answer
v=0
o=srs 9 1 IN IP4 10.1.1.30
s=-
c=IN IP4 10.1.1.30
t=0 0
m=audio 7000 RTP/SAVP 0 101
a=crypto:1 AEAD_AES_128_GCM inline:@key:rone:28@
a=recvonly
m=audio 7002 RTP/SAVP 0 101
a=crypto:1 AEAD_AES_128_GCM inline:@key:rtwo:28@
a=recvonly
.
sdp rec-held
v=0
o=srs 9 2 IN IP4 10.1.1.30
s=-
c=IN IP4 10.1.1.30
t=0 0
m=audio 7000 RTP/SAVP 0 101
a=crypto:1 AEAD_AES_128_GCM inline:@key:rone:28@
a=inactive
m=audio 7002 RTP/SAVP 0 101
a=crypto:1 AEAD_AES_128_GCM inline:@key:rtwo:28@
a=inactive
.
sdp rec-told-inactive
v=0
o=srs 9 1 IN IP4 10.1.1.31
s=-
c=IN IP4 10.1.1.31
t=0 0
m=audio 7000 RTP/AVP 0 101
a=inactive
m=audio 7002 RTP/AVP 0 101
a=inactive
.
host rec 10.1.1.30
host rec2 10.1.1.31
phone U1 udp listener OPEN
U1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
U1< 200 INVITE
U1> ACK
# the tenant's suite and rules; the challenge is answered, the body goes again
rec< INVITE ruri=sip:rec.example;transport=tls from~"<sip:edge1@rec.example>" h!"Authorization" h~"X-Site: 7" h~"Require: siprec" h~"Content-Type: multipart/mixed" body~"s=recorded" body~"AEAD_AES_128_GCM" body!"HMAC" body~"<datamode>complete</datamode>"
rec> 401 INVITE +WWW-Authenticate="Digest realm=\"rec.test\", nonce=\"a1\", algorithm=SHA-256, qop=\"auth\""
rec< INVITE h~"Authorization: Digest username=\"edge\", realm=\"rec.test\", nonce=\"a1\", uri=\"sip:rec.example;transport=tls\"" h~"nc=00000001" h~"X-Site: 7" body~"s=recorded" body~"<datamode>complete</datamode>"
call recording=calling recorder=900
rec> 200 INVITE sdp=rec-answer
rec< ACK h~"nonce=\"a1\"" h~"nc=00000001" h~"X-Ack: yes"
media A srtp AEAD_AES_128_GCM send norecv port=7000 copied
call recording=up recording.srtp=1
counter lineside_sip_challenges_answered_total 1
# the recorder pauses: our answer by the rules
rec> INVITE sdp=rec-held
rec< 200 INVITE h~"X-Paused: yes" body~"s=paused" body~a=inactive
rec> ACK
# the call is held: its re-INVITE is signed at once, and challenged anew
core> INVITE sdp=plain-holds
U1< INVITE
U1> 200 INVITE sdp=plain
U1< ACK
core< 200 INVITE
core> ACK
rec< INVITE h~"nonce=\"a1\"" h~"nc=00000002" body~"s=recorded"
rec> 401 INVITE +WWW-Authenticate="Digest realm=\"rec.test\", nonce=\"a2\", stale=true, algorithm=SHA-256, qop=\"auth\""
rec< INVITE h~"nonce=\"a2\"" h~"nc=00000001" body~"<datamode>complete</datamode>"
rec> 200 INVITE sdp=rec-answer
rec< ACK h~"nonce=\"a2\""
U1> BYE
U1< 200 BYE
core< BYE
core> 200 BYE
rec< BYE h~"nonce=\"a2\"" h~"nc=00000002" h~"X-Bye: yes"
rec> 407 BYE +Proxy-Authenticate="Digest realm=\"rec.test\", nonce=\"p1\", qop=\"auth\""
rec< BYE h~"Proxy-Authorization: Digest username=\"edge\", realm=\"rec.test\", nonce=\"p1\""
rec> 200 BYE
expect calls=0 media=0
counter lineside_sip_challenges_answered_total 3
counter lineside_recordings_failed_total 0
# a password that is not believed: the next recorder, whose answers are read
# by the rules for what comes in
U1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
U1< 200 INVITE
U1> ACK
rec< INVITE
rec> 401 INVITE +WWW-Authenticate="Digest realm=\"rec.test\", nonce=\"b1\", qop=\"auth\""
rec< INVITE h~"nonce=\"b1\""
rec> 401 INVITE +WWW-Authenticate="Digest realm=\"rec.test\", nonce=\"b2\", qop=\"auth\""
rec2< INVITE h!"X-Site" body!"s=recorded"
counter lineside_sip_challenges_refused_total 1
counter lineside_recordings_refused_total 1
rec2> 200 INVITE sdp=rec-told-inactive
rec2< ACK h!"X-Ack"
media A rtp send norecv copied
call recording=up recorder=901 recording.srtp=0
U1> BYE
U1< 200 BYE
core< BYE
core> 200 BYE
rec2< BYE
rec2> 200 BYE
# a realm that is nobody's: none records it, and the reason says what to do
U1> INVITE sip:3000@example.com from=2001 sdp=plain
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
U1< 200 INVITE
U1> ACK
rec< INVITE
rec> 500 INVITE
rec2< INVITE
rec2> 407 INVITE +Proxy-Authenticate="Digest realm=\"else.test\", nonce=\"c1\", qop=\"auth\""
call state=up recording=over
counter lineside_recordings_failed_total 1
U1> BYE
U1< 200 BYE
core< BYE
core> 200 BYE

# A call is recorded (RFC 7866 6.1, 7.1, 9.1): two streams of ours to the recorder, SRTP by
# keys of its own, metadata beside them; hold and resume are told; its end.
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
 media inactivity 60
 sip
  registrar server expires max 3600 min 60
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
media profile recorder 1
 media-type audio
 media-recording 900 901
media profile recorder 2
 media-recording 902
media class 1
 recorder profile 1 siprec
media class 2
 recorder profile 2 siprec
dial-peer voice 900 voip
 session target ipv4:10.1.1.30
 session transport tcp tls
 destination-pattern 8500
 trustpoint EDGE
 voice-class srtp-crypto 1
 timeout ring 20
 srtp
dial-peer voice 901 voip
 session target ipv4:10.1.1.31
 session transport tcp tls
 destination-pattern 8501
 trustpoint EDGE
 srtp fallback
dial-peer voice 902 voip
 session target ipv4:10.1.1.32
 session transport udp
 bind listener INSIDE
 no srtp
dial-peer voice 210 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 destination-pattern 4...
 media-class 2
 no srtp
dial-peer voice 200 voip
 session target ipv4:10.1.1.10:5060
 session transport udp
 incoming listener INSIDE
 destination-pattern .T
 media-class 1
 voice-class codec 1
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
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:1 AEAD_AES_256_GCM inline:@key:rone:44@
a=label:1
a=recvonly
m=audio 7002 RTP/SAVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=crypto:1 AEAD_AES_256_GCM inline:@key:rtwo:44@
a=label:2
a=recvonly
.
sdp rec-held
v=0
o=srs 9 2 IN IP4 10.1.1.30
s=-
c=IN IP4 10.1.1.30
t=0 0
m=audio 7000 RTP/SAVP 0 101
a=crypto:1 AEAD_AES_256_GCM inline:@key:rone:44@
a=inactive
m=audio 7002 RTP/SAVP 0 101
a=crypto:1 AEAD_AES_256_GCM inline:@key:rtwo:44@
a=inactive
.
sdp rec-plain
v=0
o=srs 9 1 IN IP4 10.1.1.32
s=-
c=IN IP4 10.1.1.32
t=0 0
m=audio 7000 RTP/AVP 0 101
a=recvonly
m=audio 7002 RTP/AVP 0 101
a=recvonly
.
sdp rec-one
v=0
o=srs 9 1 IN IP4 10.1.1.32
s=-
c=IN IP4 10.1.1.32
t=0 0
m=audio 7000 RTP/AVP 0
a=recvonly
m=audio 0 RTP/AVP 0
.
sdp rec-none
v=0
o=srs 9 1 IN IP4 10.1.1.32
s=-
c=IN IP4 10.1.1.32
t=0 0
m=audio 0 RTP/AVP 0
m=audio 0 RTP/AVP 0
.
sdp rec-pause
v=0
o=srs 9 2 IN IP4 10.1.1.32
s=-
c=IN IP4 10.1.1.32
t=0 0
m=audio 7000 RTP/AVP 0 101
a=inactive
m=audio 7002 RTP/AVP 0 101
a=inactive
.
sdp snapshot
<?xml version="1.0"?>
<requestsnapshot xmlns="urn:ietf:params:xml:ns:recording:1"/>
.
sdp moved
v=0
o=core 7 10 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6010 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=sendrecv
.
host rec 10.1.1.30
host rec2 10.1.1.31
host rec3 10.1.1.32
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="timer, record-aware"
core< INVITE body~"a=record:on"
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body~"a=record:on" body~"RTP/SAVP"
# recorded once it is up, no earlier
expect media=1
P1> ACK
rec< INVITE ruri=sip:8500@10.1.1.30;transport=tls to~"<sip:8500@10.1.1.30" from~"<sip:2001@INSIDETLS.lineside" contact="edge1;+sip.src" h~"Require: siprec" h~"Content-Type: multipart/mixed;boundary=" h~"MIME-Version: 1.0" body~"Content-Type: application/sdp" body~"Content-Disposition: session;handling=required" body~"Content-Type: application/rs-metadata+xml" body~"Content-Disposition: recording-session" body~"m=audio 20004 RTP/SAVP 0 101" body~"m=audio 20006 RTP/SAVP 0 101" body~"a=label:1" body~"a=label:2" body~a=sendonly body!a=sendrecv body~"c=IN IP4 10.1.1.5" body~"a=crypto:1 AEAD_AES_256_GCM" body~"<datamode>complete</datamode>" body~"aor=\"sip:2001@example.com\"" body~"<name>Far End</name>" body~"aor=\"sip:3000@example.com\"" body~"<label>1</label>" body~<send> body~<recv>
call recording=calling recorder=900
expect calls=1 legs=2 media=2
media A unset
rec> 180 INVITE
rec> 200 INVITE sdp=rec-answer
rec< ACK
media A srtp AEAD_AES_256_GCM send norecv port=7000 copied
media B srtp AEAD_AES_256_GCM send norecv port=7002 copied
media +1 A srtp AES_CM_128_HMAC_SHA1_80 send recv
call state=up recording=up recording.srtp=1
counter lineside_recordings_total 1
# on hold nobody is heard: both streams rest, keys stay
media A srtp AEAD_AES_256_GCM
media B srtp AEAD_AES_256_GCM
core> INVITE sdp=plain-holds
P1< INVITE body~a=sendonly body~"a=record:on"
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE body~a=recvonly
rec< INVITE ruri= h~"Require: siprec" body~"a=label:1" body~"a=inactive" body~"a=sendonly" body~"<datamode>complete"
rec> 200 INVITE sdp=rec-answer
rec< ACK
core> ACK
media A nosend tx=same rx=same
media B send tx=same rx=same
core> INVITE sdp=plain-answer
P1< INVITE body~a=sendrecv
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
rec< INVITE body!a=inactive
rec> 200 INVITE sdp=rec-answer
rec< ACK
core> ACK
media A send tx=same
media B send tx=same
# nothing that the recorder would know has changed: it is left alone
core> INVITE sdp=moved
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
media +1 B port=6010
P1> BYE
P1< 200 BYE
core< BYE
rec< BYE
expect media=0
core> 200 BYE
expect calls=0 media=0
rec> 200 BYE
counter lineside_recordings_failed_total 0
# the other way round, without SRTP there: media class of the called side;
# one stream is enough
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE body!a=record
P1> ACK
rec3< INVITE ruri=sip:10.1.1.32 body~"RTP/AVP 0 101" body!crypto
rec3> 200 INVITE sdp=rec-one
rec3< ACK
media A rtp send norecv copied
media B nosend norecv
call recording=up recording.srtp=0
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
rec3< BYE
rec3> 200 BYE

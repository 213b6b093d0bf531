# What crosses on the wire: a call that ends while a recorder is asked, BYEs of
# both, re-INVITEs of both, requests of the recorder (RFC 7866 9.2).
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
 codec g711ulaw
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
sdp pcma
v=0
o=core 7 11 IN IP4 10.1.1.20
s=call
c=IN IP4 10.1.1.20
t=0 0
m=audio 6000 RTP/AVP 8
a=rtpmap:8 PCMA/8000
.
sdp secure-pcma
v=0
o=phone 1 4 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 4000 RTP/SAVP 8
a=rtpmap:8 PCMA/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@key:one:30@
.
host rec 10.1.1.30
host rec2 10.1.1.31
host rec3 10.1.1.32
# the call ends before the recorder has answered; its 200 crosses the CANCEL
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE
rec3> 180 INVITE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
rec3< CANCEL
expect calls=0 media=0
rec3> 200 INVITE sdp=rec-plain
rec3< ACK, BYE
# the call is held while the recorder is asked: it is told once it is there
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE body!a=inactive
rec3> UPDATE
rec3< 500 UPDATE
core> INVITE sdp=plain-holds
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
rec3> 200 INVITE sdp=rec-plain
rec3< ACK, INVITE body~a=inactive
# meanwhile it is resumed: told when this is answered
core> INVITE sdp=plain-answer
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
rec3> 200 INVITE sdp=rec-plain
rec3< ACK, INVITE body!a=inactive
# glare: 491 for the recorder's, and ours is tried again (RFC 3261 14)
rec3> INVITE sdp=rec-pause
rec3< 491 INVITE
rec3> UPDATE sdp=rec-pause
rec3< 491 UPDATE
rec3> OPTIONS
rec3< 200 OPTIONS contact="edge1;+sip.src"
rec3> 491 INVITE
clock +4s
rec3< INVITE body!a=inactive
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
# the recorder pauses; the answer is ours, and the call changes before its ACK
rec3> INVITE sdp=rec-pause
rec3< 200 INVITE body~"m=audio" body~a=inactive h~"Content-Type: application/sdp" contact="edge1;+sip.src"
media A nosend norecv copied
core> INVITE sdp=plain-holds
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
rec3> OPTIONS
rec3< 200 OPTIONS
rec3> ACK
rec3< INVITE body~a=inactive
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
# an offer that cannot be taken: 488, and all is as it was
rec3> INVITE sdp=secure
rec3< 488 INVITE
call recording=up
# it asks for the metadata: a snapshot, in a request of ours
rec3> UPDATE +Content-Type="application/rs-metadata-request" text=snapshot
rec3< 200 UPDATE, INVITE body~"<datamode>complete</datamode>"
rec3> UPDATE +Content-Type="application/rs-metadata-request" text=snapshot
rec3< 200 UPDATE
rec3> 200 INVITE sdp=rec-plain
rec3< ACK, INVITE body~"<datamode>complete</datamode>"
# refused: what is in force goes on
rec3> 500 INVITE
call recording=up
# it wants to be made an offer; the answer comes with its ACK
rec3> INVITE
rec3< 200 INVITE body~"m=audio 20" body~"a=label:2"
rec3> ACK sdp=rec-plain
rec3> INFO
rec3< 405 INFO
# both hang up at once
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
rec3< BYE
rec3> BYE
rec3< 200 BYE
rec3> INVITE
rec3< 481 INVITE
rec3> OPTIONS
rec3< 481 OPTIONS
rec3> 200 BYE
# the call ends while our re-INVITE waits; its 200 is acknowledged even so
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
core> INVITE sdp=plain-holds
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
rec3< INVITE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
rec3< BYE
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
rec3> 200 BYE
# the recorder hangs up while it is asked
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
core> INVITE sdp=plain-holds
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
rec3< INVITE
rec3> BYE
rec3< 200 BYE, CANCEL
rec3> 487 INVITE
call state=up recording=over
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# it has forgotten the dialog (481)
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
core> INVITE sdp=plain-holds
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
rec3< INVITE
rec3> 481 INVITE
rec3< BYE
core> INVITE sdp=plain-answer
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
rec3> 481 BYE
# the call changes to a codec that this recorder is not to have
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE body~"RTP/AVP 0 101"
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
core> INVITE sdp=pcma
P1< INVITE
P1> 200 INVITE sdp=secure-pcma
P1< ACK
core< 200 INVITE
core> ACK
rec3< BYE
rec3> 200 BYE
call state=up recording=over
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# it never acknowledges our answer
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
rec3> INVITE sdp=rec-pause
rec3< 200 INVITE
rec3> noack
rec3< BYE
call state=up recording=ending
rec3> 200 BYE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# it hangs up instead of acknowledging; or the call does
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
rec3> INVITE sdp=rec-pause
rec3< 200 INVITE
rec3> BYE
rec3< 200 BYE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
rec3> INVITE sdp=rec-pause
rec3< 200 INVITE
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
rec3< BYE
rec3> ACK
rec3> 200 BYE
expect calls=0 legs=0 media=0
counter lineside_recordings_total 8
# a stop ends what is left: the call, and its recording
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE
rec3> 200 INVITE sdp=rec-plain
rec3< ACK
stop
P1< BYE
core< BYE
rec3< BYE

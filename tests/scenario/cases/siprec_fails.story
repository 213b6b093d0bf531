# Recorders that refuse, do not answer, hang up: the call goes on as if
# nothing were. The next recorder of the profile is tried (behaviour.md: Recording).
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
host rec 10.1.1.30
host rec2 10.1.1.31
host rec3 10.1.1.32
# the second one takes it, without SRTP: once more in clear (srtp fallback)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec< INVITE
rec> 486 INVITE
rec2< INVITE body~RTP/SAVP
rec2> 488 INVITE
rec2< INVITE body~RTP/AVP body!crypto
rec2> 200 INVITE sdp=rec-plain
rec2< ACK
call state=up recording=up recorder=901 recording.srtp=0
counter lineside_recordings_refused_total 2
# it hangs up: who is recording-aware is told, the call goes on
rec2> BYE
rec2< 200 BYE
call state=up recording=over
counter lineside_recordings_recorder_left_total 1
counter lineside_recordings_failed_total 1
expect calls=1 media=1
# and a change of the call is nobody's business any more
core> INVITE sdp=plain-holds
P1< INVITE
P1> 200 INVITE sdp=secure
P1< ACK
core< 200 INVITE
core> ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# none takes it: one does not ring for ever, the other refuses for good
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Supported="record-aware"
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec< INVITE
rec> 180 INVITE
clock +20s
rec< CANCEL
rec2< INVITE
rec2> 503 INVITE local
call state=up recording=over
counter lineside_recordings_failed_total 2
rec> 487 INVITE
# the phone that knows of recordings is told
clock +1s
P1< INVITE body~"a=record:off"
P1> 200 INVITE sdp=secure
P1< ACK
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# no way there at all
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
route none
P1> ACK
call state=up recording=over
route some
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# no ports for it
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
media full
P1> ACK
media free
call state=up recording=over
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
# an answer that records nothing, one that cannot be read, none at all
P1> INVITE sip:4000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
rec3< INVITE
rec3> 200 INVITE sdp=rec-none
rec3< ACK, BYE
expect media=1
call state=up recording=ending
rec3> 200 BYE
call recording=over
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
rec3> 200 INVITE sdp=plain
rec3< ACK, BYE
expect media=1
call state=up recording=ending
rec3> 200 BYE
call recording=over
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
rec3> 200 INVITE body=hello
rec3< ACK, BYE
expect media=1
call state=up recording=ending
rec3> 200 BYE
call recording=over
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE
counter lineside_recordings_failed_total 7

# Whom session timers are asked of (RFC 4028 7.1): a dial-peer says it, else its
# tenant, else it holds for all. Who asks for one has it all the same (9).
conf
hostname edge1
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 no srtp
 no ip address trusted authenticate
 sip
  no session refresh
voice class tenant 1
 session refresh
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 300 voip
 session target ipv4:10.1.1.13
 destination-pattern 3...
dial-peer voice 400 voip
 session target ipv4:10.1.1.13
 destination-pattern 4...
 voice-class sip session refresh
dial-peer voice 500 voip
 session target ipv4:10.1.1.13
 destination-pattern 5...
 voice-class sip tenant 1
dial-peer voice 600 voip
 session target ipv4:10.1.1.13
 destination-pattern 6...
 voice-class sip tenant 1
 no voice-class sip session refresh
end
.
host caller 10.1.1.12
host target 10.1.1.13
caller> INVITE sip:3000@10.1.1.5 from=2001 sdp=plain
target< INVITE h!"Session-Expires"
target> 486 INVITE
caller< 486 INVITE
caller> INVITE sip:4000@10.1.1.5 from=2001 sdp=plain
target< INVITE h~"Session-Expires: 1800"
target> 486 INVITE
caller< 486 INVITE
caller> INVITE sip:5000@10.1.1.5 from=2001 sdp=plain
target< INVITE h~"Session-Expires: 1800"
target> 486 INVITE
caller< 486 INVITE
caller> INVITE sip:6000@10.1.1.5 from=2001 sdp=plain
target< INVITE h!"Session-Expires"
target> 486 INVITE
caller< 486 INVITE
# the caller knows timers and asks for none: he is not asked; who asks has one
caller> INVITE sip:3000@10.1.1.5 from=2001 sdp=plain +Supported="timer"
target< INVITE
target> 200 INVITE sdp=plain-answer
caller< 200 INVITE h!"Session-Expires"
caller> ACK
target< ACK
caller> BYE
caller< 200 BYE
target< BYE
target> 200 BYE
caller> INVITE sip:3000@10.1.1.5 from=2001 sdp=plain +Supported="timer" +Session-Expires="600;refresher=uac"
target< INVITE h!"Session-Expires"
target> 200 INVITE sdp=plain-answer
caller< 200 INVITE h~"Session-Expires: 600;refresher=uac"
caller> ACK
target< ACK
caller> BYE
caller< 200 BYE
target< BYE
target> 200 BYE

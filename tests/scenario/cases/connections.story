# Connections come and go: the token stays, dialogs follow the phone
# (RFC 5626 5.3).
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=3600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 200 INVITE sdp=plain-answer
core< ACK
P1< 200 INVITE
P1> ACK
P1 close
reg 2001 connected=0
call state=up
core> INVITE sip:$T@INSIDE.lineside from=3001 sdp=plain
core< 480 INVITE
core> OPTIONS sip:$T@INSIDE.lineside
core< 480 OPTIONS
P1 reconnect
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40777;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=3600
core< REGISTER contacts~$T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER contacts~40777
reg 2001 connected=1
expect regs=1
P1 rebound
P1> BYE
P1< 200 BYE
core< BYE
core> 200 BYE

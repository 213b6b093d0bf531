# A caller whose connection closes while it rings is gone; the core's OPTIONS
# goes to the phone itself (RFC 3261 11).
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=3600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
core> OPTIONS sip:$T@INSIDE.lineside from=ping
P1< OPTIONS ruri=sip:2001@192.168.1.5:40001;transport=tls from=<sip:2001@example.com>
P1> 200 OPTIONS +User-Agent="phone/1"
core< 200 OPTIONS h~"User-Agent: phone/1"
core> OPTIONS sip:$T@INSIDE.lineside from=ping
P1< OPTIONS
P1> 408 OPTIONS local
core< 504 OPTIONS
core> OPTIONS sip:ls-unknown@INSIDE.lineside
core< 480 OPTIONS
core> OPTIONS sip:INSIDE.lineside
core< 200 OPTIONS
core> INVITE sip:ls-unknown@INSIDE.lineside from=3001 sdp=plain
core< 480 INVITE h~"not registered any more"
# by number too, as from a trunk
core> INVITE sip:2001@INSIDE.lineside from=3001 sdp=plain
P1< INVITE ruri=sip:2001@192.168.1.5:40001;transport=tls
P1> 486 INVITE
core< 486 INVITE
core> INVITE sip:2002@INSIDE.lineside from=3001 sdp=plain
core< 480 INVITE
# anonymous stays so
core> INVITE sip:$T@INSIDE.lineside from=anonymous host=anonymous.invalid sdp=plain
P1< INVITE from="\"Anonymous\" <sip:anonymous@anonymous.invalid>"
P1> 603 INVITE
core< 603 INVITE
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE contact=$T
core> 180 INVITE
P1< 180 INVITE
P1 close
P1< 480 INVITE
core< CANCEL
core> 487 INVITE
expect calls=0

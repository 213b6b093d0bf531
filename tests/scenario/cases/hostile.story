# What a phone may try with its Contact and its names.
# A parameter of ours to leave out, in quotes: the rest must not change sides
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.1>;x=\";expires=1\";y=\", <sip:evil@192.0.2.66>;z=\"" expires=600
core< REGISTER contacts~";x=\";expires=1\";y=\", <sip:evil@192.0.2.66>;z=\";expires=3600" token=T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside>;expires=600"
P1< 200 REGISTER
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.1>" expires=0
core< REGISTER
core> 200 REGISTER
P1< 200 REGISTER
expect regs=0
# another phone's line under other spellings
phone P3 device SEP03
P1> REGISTER sip:example.com from=alice to=sip:alice@example.com contact="<sip:alice@10.0.0.1>" expires=600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@x>;expires=600"
P1< 200 REGISTER
P3> REGISTER sip:example.com from=ALICE to=sip:ALICE@example.com contact="<sip:a@10.0.0.3>" expires=600
P3< 403 REGISTER h~"registered by another phone"
P3> REGISTER sip:example.com from=%61lice to=sip:%61lice@example.com contact="<sip:a@10.0.0.3>" expires=600
P3< 400 REGISTER
P3> INVITE sip:3000@example.com from=Alice sdp=secure
P3< 403 INVITE
P3> INVITE sip:3000@example.com from=%61lice sdp=secure
P3< 403 INVITE
P3> INVITE sip:3000@example.com from=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa sdp=secure
P3< 400 INVITE
# parameters without end
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.1>;x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" expires=600
P1< 400 REGISTER
# OPTIONS to us, that wants more than we know (RFC 3261 8.2.2.3)
P1> OPTIONS sip:203.0.113.5 from=2001 +Require="nothingWeKnow, timer" +Proxy-Require="norThis"
P1< 420 OPTIONS h~"Unsupported: nothingWeKnow, norThis"

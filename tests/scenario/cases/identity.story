# A line belongs to the certificate that may register it, and to the phone that
# holds it (RFC 3261 10.3).
phone P3 device SEP03 line 2003
P3> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.9>"
P3< 403 REGISTER h~"may not register line 2001"
counter lineside_registrations_line_refused_total 1
P3> INVITE sip:3000@example.com from=2001 sdp=secure
P3< 403 INVITE h~Warning
# From and To must be the same line
P1> REGISTER sip:example.com from=2009 to=sip:2001@example.com contact="<sip:2001@10.0.0.9>"
P1< 403 REGISTER
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=3600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
P2> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.9>"
P2< 403 REGISTER h~"registered by another phone"
counter lineside_registrations_takeover_refused_total 1
P2> INVITE sip:3000@example.com from=2001 sdp=secure
P2< 403 INVITE
# a phone without certificate neither
phone P4 udp
P4> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.9>"
P4< 403 REGISTER
# once it has expired the line is free
clock +3601s
expect regs=0
counter lineside_registrations_expired_total 1
P2> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.9>" expires=600
core< REGISTER token=U
core> 200 REGISTER contact="<sip:$U@x>;expires=3600"
P2< 200 REGISTER contacts="<sip:2001@10.0.0.9>;expires=600"
reg 2001 device=SEP02
# from inside nobody registers, and From or To must be readable
core> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.9>"
core< 403 REGISTER
P2> REGISTER sip:example.com from=2001 to=sip:example.com contact="<sip:2001@10.0.0.9>"
P2< 400 REGISTER

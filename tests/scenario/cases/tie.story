# A phone registers, and calls from, the lines of its own configuration
# (RFC 3261 10.3).
phone P5 device SEP001122334455
phone P6 device SEP00112233445A
tie SEP001122334455 2001 2002
P5> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.9>"
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@x>;expires=3600"
P5< 200 REGISTER
P5> REGISTER sip:example.com from=2009 to=sip:2009@example.com contact="<sip:2009@10.0.0.9>"
P5< 403 REGISTER h~"not in this phone's configuration"
counter lineside_registrations_line_refused_total 1
P5> INVITE sip:3000@example.com from=2009 sdp=secure
P5< 403 INVITE
P5> INVITE sip:3000@example.com from=2002 sdp=secure
core< INVITE
core> 486 INVITE
P5< 486 INVITE
# a phone that took no configuration here is not tied, and shown so
P6> REGISTER sip:example.com from=2009 to=sip:2009@example.com contact="<sip:2009@10.0.0.8>"
core< REGISTER token=U
core> 200 REGISTER contact="<sip:$U@x>;expires=3600"
P6< 200 REGISTER
# its line was taken away and given to another: the next refresh is refused
tie SEP001122334455 2002
P5> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.9>"
P5< 403 REGISTER

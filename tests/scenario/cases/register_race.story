# Two phones ask for a line at once, and the core would let both have it (RFC
# 3261 10.3).
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.1>" expires=600
core< REGISTER token=T
P2> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.2>" expires=600
core< REGISTER token=U
core> 200 REGISTER contact="<sip:$U@x>;expires=600"
P2< 200 REGISTER
core> 200 REGISTER contact="<sip:$T@x>;expires=600"
core< REGISTER contacts~$T contacts~";expires=0"
core> 401 REGISTER
P1< 403 REGISTER h~"registered by another phone"
counter lineside_registrations_withdrawn_total 1
counter lineside_registrations_not_withdrawn_total 1
expect regs=1
reg 2001 device=SEP02
# A binding does not expire while its renewal is on the way.
clock +599s
P2> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@10.0.0.2>" expires=600
core< REGISTER contacts~$U
clock +2s
core> 200 REGISTER contact="<sip:$U@x>;expires=600"
P2< 200 REGISTER contacts~"sip:2001@10.0.0.2"
expect regs=1
core> OPTIONS sip:$U@INSIDE.lineside
P2< OPTIONS
P2> 200 OPTIONS
core< 200 OPTIONS

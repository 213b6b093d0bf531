# Expiry 0, "*", bounds, several contacts, questions, a core that fails (RFC
# 3261 10.2.2, 10.2.3, 10.2.8).
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=3600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;expires=0"
core< REGISTER contacts~";expires=0" h~"Expires: 0" contacts~$T
core> 401 REGISTER +WWW-Authenticate="Digest realm=\"x\""
P1< 401 REGISTER
expect regs=1
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="*" expires=0 +Authorization="Digest y"
core< REGISTER contacts~"$T@INSIDE.lineside:5060>;expires=0"
core> 200 REGISTER
P1< 200 REGISTER contacts=
expect regs=0
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="*" expires=60
P1< 400 REGISTER
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5>;expires=30"
P1< 423 REGISTER h~"Min-Expires: 60"
clock +41s
# one that the core does not know any more is dropped all the same
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\"" expires=3600
core< REGISTER token=T
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=3600"
P1< 200 REGISTER
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;expires=0"
core< REGISTER
core> 408 REGISTER local
P1< 504 REGISTER h~"Retry-After"
expect regs=0
# a question: what is registered
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com
core< REGISTER contacts= h!Expires
core> 200 REGISTER contact="<sip:other@10.1.1.1>;expires=100"
P1< 200 REGISTER contacts=
# a core that wants longer ones than we asked for
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001>" expires=600
core< REGISTER h~"Expires: 3600"
core> 423 REGISTER +Min-Expires="7200"
P1< 503 REGISTER h~"Retry-After: 1"
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001>" expires=600
core< REGISTER h~"Expires: 7200" token=T
core> 200 REGISTER contact="<sip:$T@x>;expires=7200"
P1< 200 REGISTER contacts~expires=600
# refresh keeps the token
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001>" expires=600
core< REGISTER contacts~$T
core> 403 REGISTER
P1< 403 REGISTER
counter lineside_registrations_failed_total 2
expect regs=1
# two contacts at once, and one too many
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@a>, <sip:2001@b>" expires=600
core< REGISTER token=U
core> 200 REGISTER expires=600
P1< 200 REGISTER contacts~"<sip:2001@b>;expires=600" contacts~"<sip:2001@a>;expires=600" contacts~40001
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@c>, <sip:2001@d>" expires=600
P1< 503 REGISTER h~"too many contacts"
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:1@c>, <sip:2@d>, <sip:3@d>, <sip:4@d>, <sip:5@d>" expires=600
P1< 400 REGISTER
clock +601s
expect regs=0
# nobody there
route none
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@a>" expires=600
P1< 503 REGISTER h~"cannot be reached"

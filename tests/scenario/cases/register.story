# REGISTER goes through: challenge and credentials relayed, Contact ours towards
# the core and the phone's own towards the phone, expiry bounded outside (RFC
# 3261 10.2.1, 10.3).
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\";reg-id=1;expires=7200" mf=70
core< REGISTER ruri=sip:example.com to=<sip:2001@example.com> from="\"Far End\" <sip:2001@example.com>" contacts~"@INSIDE.lineside:5060>;+sip.instance=\"<urn:uuid:1>\";expires=3600" contacts!reg-id contacts!192.168 mf=69 token=T save-callid=C save-cseq=N1
core> 401 REGISTER +WWW-Authenticate="Digest realm=\"x\", nonce=\"n\", qop=\"auth,auth-int\""
P1< 401 REGISTER h~"qop=\"auth\"" h~"nonce=\"n\"" h!auth-int
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\";expires=7200" +Authorization="Digest username=\"2001\""
core< REGISTER h~"Authorization: Digest username=\"2001\"" contacts~$T callid=$C h~"Expires: 3600"
core> 200 REGISTER contact="<sip:$T@INSIDE.lineside:5060>;expires=1800" +Server="cucm" +Date="today"
P1< 200 REGISTER contacts="<sip:2001@192.168.1.5:40001;transport=tls>;+sip.instance=\"<urn:uuid:1>\";expires=1800" h~"Server: Lineside" h~"Date: today" h!cucm
reg 2001 connected=1 expires=1800 device=SEP01
expect regs=1

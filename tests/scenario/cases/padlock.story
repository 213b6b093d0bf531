# What the core says of security holds for the leg of the phone, or is cut down
# to what that leg has; more than was said it never becomes (behaviour.md:
# Calls).
P1> REGISTER sip:example.com to=sip:2001@example.com from=2001 contact=<sip:2001@198.51.100.1:5061> expires=600
core< REGISTER token=TOK
core> 200 REGISTER contact=<sip:$TOK@10.1.1.5>;expires=600
P1< 200 REGISTER
core> INVITE sip:$TOK@10.1.1.5 from=3000 sdp=plain +Call-Info="<urn:x-cisco-remotecc:callinfo>; security=Encrypted; orientation=from"
P1< INVITE h~"<urn:x-cisco-remotecc:callinfo>; security=Encrypted; orientation=from"
P1> 486 INVITE
core< 486 INVITE
core> INVITE sip:$TOK@10.1.1.5 from=3000 sdp=plain +Call-Info="<urn:x-cisco-remotecc:callinfo>; security=NotAuthenticated"
P1< INVITE h~"security=NotAuthenticated"
P1> 486 INVITE +Call-Info="<x>; security=Encrypted"
core< 486 INVITE h~security=Encrypted
phone P4 udp
P4> REGISTER sip:example.com to=sip:2004@example.com from=2004 contact=<sip:2004@198.51.100.9> expires=600
core< REGISTER token=T4
core> 200 REGISTER contact=<sip:$T4@10.1.1.5>;expires=600
P4< 200 REGISTER
core> INVITE sip:$T4@10.1.1.5 from=3000 sdp=plain +Call-Info="<urn:x>; security=Encrypted; x=y" +Call-Info="<urn:icon>"
P4< INVITE h~"<urn:x>; security=NotAuthenticated; x=y" h~"Call-Info: <urn:icon>"
P4> 486 INVITE
core< 486 INVITE

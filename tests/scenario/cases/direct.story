# With a core registrar too, a longer pattern may send calls between phones
# directly; a phone that is away is then asked of the core (RFC 3261 16.5).
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@192.168.1.5:40001>" expires=600
core< REGISTER
core> 200 REGISTER expires=600
P1< 200 REGISTER
P2> INVITE sip:2001@example.com from=2002 sdp=secure
P1< INVITE body~RTP/SAVP
P1> 486 INVITE
P2< 486 INVITE
P1 close
P2> INVITE sip:2001@example.com from=2002 sdp=secure
core< INVITE body~RTP/AVP
core> 603 INVITE
P2< 603 INVITE

# What the core refuses is told to the caller, with its headers and a cause (RFC
# 3261 16.7, RFC 3326 2).
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 180 INVITE
P1< 180 INVITE
core> 486 INVITE +X-Why="busy" +Server="cucm"
P1< 486 INVITE h~"X-Why: busy" h~"Reason: Q.850;cause=17" h!cucm
expect calls=0 media=0
counter lineside_calls_failed_total 1
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 404 INVITE +Reason="Q.850;cause=1;text=\"no\""
P1< 404 INVITE h~"text=\"no\""
# digest: the challenge goes out, the credentials come in, the Request-URI is
# then left as it was signed (RFC 3261 22.3)
P1> INVITE sip:3000@203.0.113.5 from=2001 sdp=secure
core< INVITE ruri=sip:3000@10.1.1.10:5060
core> 407 INVITE +Proxy-Authenticate="Digest realm=\"x\", qop=\"auth-int,auth\""
P1< 407 INVITE h~"qop=\"auth\""
counter lineside_calls_failed_total 2
P1> INVITE sip:3000@203.0.113.5 from=2001 sdp=secure +Proxy-Authorization="Digest u"
core< INVITE ruri=sip:3000@203.0.113.5 h~"Proxy-Authorization: Digest u"
core> 603 INVITE
P1< 603 INVITE
# nobody there: UDP timeout, port unreachable (RFC 3261 8.1.3.1)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 408 INVITE local
P1< 504 INVITE h~"Q.850;cause=102"
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 503 INVITE local
P1< 503 INVITE
# redirected: the number stays, the host is ours (RFC 3261 8.1.3.4)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 302 INVITE contact="<sip:4000@10.1.1.99>"
P1< 302 INVITE contact=4000
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 300 INVITE contact="<sip:4000@10.1.1.99>"
P1< 480 INVITE
# an answer without description
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE
core< ACK, BYE
P1< 488 INVITE h~Warning
core> 200 BYE
# an answer with a codec that was not offered (RFC 3264 6.1)
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE sdp=g729
core< ACK, BYE
P1< 488 INVITE h~"305 edge1"
core> 200 BYE
# an answer that nobody can read: nothing is wrong with the caller's request
P1> INVITE sip:3000@example.com from=2001 sdp=secure
core< INVITE
core> 200 INVITE +Content-Type="application/sdp" body="v=0\r\nm=audio\r\n"
core< ACK, BYE h~"Q.850;cause=111" h~"SIP;cause=502;text=\"the session description cannot be read\""
P1< 502 INVITE h~"Q.850;cause=111" h~"399 edge1 \"the session description"
core> 200 BYE
# the listener, ports and route that are not there
route none
P1> INVITE sip:3000@example.com from=2001 sdp=secure
P1< 480 INVITE
route all
media full
P1> INVITE sip:3000@example.com from=2001 sdp=secure
P1< 503 INVITE h~"no media ports"
media free
expect calls=0 media=0

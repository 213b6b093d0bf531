# A provider's trunk: numbers registered, challenges answered (RFC 3261 22,
# RFC 7616 3.4, RFC 8760 2.4), only of realms that are configured.
conf
hostname edge1
sip-listener PHONES
 side access
 address ipv4 203.0.113.5 port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
sip-ua
 registrar ipv4:10.1.1.10:5060 expires 3600
voice service voip
 no srtp
voice class tenant 1
 registrar ipv4:10.1.1.11 expires 600
 credentials number 4930100 username trunk password 0 s3cret realm provider.test
 authentication username calls password 0 0ther realm calls.test
dial-peer voice 110 voip
 session target registrar
 session transport udp
 incoming listener PHONES
dial-peer voice 200 voip
 session target ipv4:10.1.1.11
 session transport udp
 destination-pattern 3...
 voice-class sip tenant 1
end
.
phone U1 udp listener PHONES
host provider 10.1.1.11
clock +1s
provider< REGISTER ruri=sip:10.1.1.11 from=<sip:4930100@10.1.1.11> contact=4930100 h~"Expires: 600" h!"Authorization"
# of two algorithms the better one; a realm of nobody's is left alone
provider> 401 REGISTER +WWW-Authenticate="Digest realm=\"provider.test\", nonce=\"a1\"" +WWW-Authenticate="Digest realm=\"provider.test\", nonce=\"a2\", algorithm=SHA-256, qop=\"auth\"" +WWW-Authenticate="Digest realm=\"else.test\", nonce=\"a3\""
provider< REGISTER h~"Authorization: Digest username=\"trunk\", realm=\"provider.test\", nonce=\"a2\", uri=\"sip:10.1.1.11\"" h~"algorithm=SHA-256" h~"nc=00000001" h!"else.test" h!"s3cret"
# too short for the registrar (RFC 3261 10.2.8); the nonce counts on
provider> 423 REGISTER +Min-Expires="900"
provider< REGISTER h~"Expires: 900" h~"nc=00000002"
provider> 200 REGISTER contact=<sip:4930100@10.1.1.5:5060>;expires=100
counter lineside_trunk_registrations_total 1
# refreshed before it ends, with the credentials that were good
clock +81s
provider< REGISTER h~"nc=00000003"
# stale is no wrong password (RFC 7616 3.3)
provider> 401 REGISTER +WWW-Authenticate="Digest realm=\"provider.test\", nonce=\"b1\", stale=true, algorithm=SHA-256, qop=\"auth\""
provider< REGISTER h~"nonce=\"b1\"" h~"nc=00000001"
provider> 200 REGISTER contact=<sip:4930100@10.1.1.5:5060>;expires=100
# a registrar that challenges for ever is not answered for ever
clock +81s
provider< REGISTER
provider> 401 REGISTER +WWW-Authenticate="Digest realm=\"provider.test\", nonce=\"c1\", qop=\"auth\""
provider< REGISTER h~"nonce=\"c1\""
provider> 401 REGISTER +WWW-Authenticate="Digest realm=\"provider.test\", nonce=\"c2\", qop=\"auth\""
counter lineside_sip_challenges_refused_total 1
counter lineside_trunk_registrations_failed_total 1
# a minute, less up to a half (RFC 5626 4.5); then two; calls meanwhile show that
# nothing is asked earlier
clock +29s
U1> INVITE sip:3000@example.com from=2001 sdp=plain
provider< INVITE
provider> 486 INVITE
U1< 486 INVITE
clock +31s
provider< REGISTER
provider> 503 REGISTER
counter lineside_trunk_registrations_failed_total 2
clock +59s
U1> INVITE sip:3000@example.com from=2001 sdp=plain
provider< INVITE
provider> 486 INVITE
U1< 486 INVITE
clock +61s
provider< REGISTER
provider> 200 REGISTER expires=600
# an INVITE: the challenge is ours, and the phone hears nothing of it
U1> INVITE sip:3000@example.com from=2001 sdp=plain
provider< INVITE h!"Authorization" save-ruri=TARGET
provider> 407 INVITE +Proxy-Authenticate="Digest realm=\"calls.test\", nonce=\"d1\", qop=\"auth\""
provider< INVITE h~"Proxy-Authorization: Digest username=\"calls\", realm=\"calls.test\", nonce=\"d1\", uri=\"$TARGET\"" h~"nc=00000001"
provider> 180 INVITE
U1< 180 INVITE
provider> 200 INVITE sdp=plain-answer
U1< 200 INVITE
# the ACK has what the INVITE had (RFC 3261 22.1)
U1> ACK
provider< ACK h~"nonce=\"d1\"" h~"nc=00000001"
# BYE, challenged anew
U1> BYE
U1< 200 BYE
provider< BYE h~"uri=\"sip:target-of-" h~"nc=00000002"
provider> 407 BYE +Proxy-Authenticate="Digest realm=\"calls.test\", nonce=\"d2\", stale=true, qop=\"auth\""
provider< BYE h~"nonce=\"d2\"" h~"nc=00000001"
provider> 200 BYE
# a realm that is not ours passes to who called
U1> INVITE sip:3000@example.com from=2001 sdp=plain
provider< INVITE
provider> 407 INVITE +Proxy-Authenticate="Digest realm=\"else.test\", nonce=\"e1\", qop=\"auth\""
U1< 407 INVITE h~"else.test"
# given up meanwhile: the challenge begins nothing anew
U1> INVITE sip:3000@example.com from=2001 sdp=plain
provider< INVITE
U1> CANCEL
U1< 200 CANCEL, 487 INVITE
provider< CANCEL
provider> 401 INVITE +WWW-Authenticate="Digest realm=\"calls.test\", nonce=\"f1\""
# a password that is not believed is our fault, after one try: no challenge of
# the provider's for the caller
U1> INVITE sip:3000@example.com from=2001 sdp=plain
provider< INVITE
provider> 407 INVITE +Proxy-Authenticate="Digest realm=\"calls.test\", nonce=\"g1\", qop=\"auth\""
provider< INVITE
provider> 407 INVITE +Proxy-Authenticate="Digest realm=\"calls.test\", nonce=\"g2\", qop=\"auth\""
U1< 403 INVITE h!"Authenticate"
counter lineside_sip_challenges_refused_total 2
# what is registered is unregistered when it goes
stop
provider< REGISTER h~"Expires: 0"
provider> 200 REGISTER

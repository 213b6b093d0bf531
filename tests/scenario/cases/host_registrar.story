# host-registrar, between two trunks and no phone: a provider is told of
# diversions and redirections by its own domain (RFC 5806 6, RFC 3261 8.1.3.4).
conf
hostname edge1
sip-listener INSIDE
 side core
 address ipv4 10.1.1.5 port 5060
 transport udp
voice service voip
 no srtp
voice class tenant 1
 registrar dns:provider.test expires 600
 credentials number 4930100 username trunk password 0 s3cret realm provider.test
 host-registrar
dial-peer voice 100 voip
 description the call manager
 session target ipv4:10.1.1.10
 session transport udp
 destination-pattern 1...
dial-peer voice 200 voip
 description the provider
 session target ipv4:10.1.1.11
 session transport udp
 destination-pattern 3...
 answer-address 0893
 voice-class sip tenant 1
dial-peer voice 210 voip
 description another one
 session target ipv4:10.1.1.12
 session transport udp
 destination-pattern 4...
end
.
host core 10.1.1.10
host provider 10.1.1.11
host other 10.1.1.12
name provider.test 10.1.1.11
core> INVITE sip:3001@INSIDE.lineside:5060 from=1001 host=10.1.1.10 sdp=plain +Diversion="<sip:1009@10.1.1.10>;reason=user-busy"
provider< INVITE ruri=sip:3001@10.1.1.11 h~"Diversion: <sip:1009@provider.test>;reason=user-busy"
provider> 486 INVITE
core< 486 INVITE
# who says nothing of it has our address
core> INVITE sip:4001@INSIDE.lineside:5060 from=1001 host=10.1.1.10 sdp=plain +Diversion="<sip:1009@10.1.1.10>;reason=user-busy"
other< INVITE h~"Diversion: <sip:1009@INSIDE.lineside>;reason=user-busy"
other> 486 INVITE
core< 486 INVITE
# redirected inside: Contact is the provider's, not 10.1.1.77's and not ours
provider> INVITE sip:1000@INSIDE.lineside:5060 from=0893 host=10.1.1.11 sdp=plain
core< INVITE ruri=sip:1000@10.1.1.10
core> 302 INVITE contact=<sip:1005@10.1.1.77>
provider< 302 INVITE contacts=<sip:1005@provider.test>
other> INVITE sip:1000@INSIDE.lineside:5060 from=0894 host=10.1.1.12 sdp=plain
core< INVITE ruri=sip:1000@10.1.1.10
core> 302 INVITE contact=<sip:1005@10.1.1.77>
other< 302 INVITE contact=1005

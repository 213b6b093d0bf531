# What a caller's provider signed (RFC 8224 4: Identity over From, To and Date)
# passes between trunks as it came: several headers, of any kind (ppt), long
# ones too. What the signature covers is left alone.
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
 registrar embedded
voice service voip
 no srtp
 ip address trusted list
  ipv4 10.1.1.11
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 session target ipv4:10.1.1.12
 session transport udp
 destination-pattern +49.......
end
.
host provider 10.1.1.11
host carrier 10.1.1.12
provider> INVITE sip:+493012345@INSIDE.lineside:5060 from=+12155551212 host=10.1.1.11 sdp=plain +Date="Sat, 21 Nov 2026 06:00:00 GMT" +Identity="eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiJ9.eyJhdHRlc3QiOiJBIn0.c2lnbmF0dXJl;info=<https://cert.example.org/shaken.pem>;alg=ES256;ppt=shaken" +Identity="eyJwcHQiOiJkaXYifQ.e30.c2ln;info=<https://cert.example.org/div.pem>;ppt=div" +Identity="e30.e30.AAAA;info=<https://x.test/c>;ppt=\"never-heard-of\""
carrier< INVITE h~"Identity: eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiJ9.eyJhdHRlc3QiOiJBIn0.c2lnbmF0dXJl;info=<https://cert.example.org/shaken.pem>;alg=ES256;ppt=shaken" h~"Identity: eyJwcHQiOiJkaXYifQ.e30.c2ln;info=<https://cert.example.org/div.pem>;ppt=div" h~"Identity: e30.e30.AAAA;info=<https://x.test/c>;ppt=\"never-heard-of\"" h~"Date: Sat, 21 Nov 2026 06:00:00 GMT"
carrier> 428 INVITE
provider< 428 INVITE

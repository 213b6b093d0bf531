/*
 * Every command of the language: as it is written in full, shortened, taken
 * back; what show running-config then says.
 */
#include "test.h"
#include "conf_text.h"

struct row {
	const char *section; /* NULL: global */
	const char *lines;
	const char *shown; /* is in show running-config; NULL: nothing to see */
	const char *absent; /* is not */
};

#define TP "crypto pki trustpoint T\n ca-bundle file ca.pem\n"
#define FULL_TP TP " certificate file c.pem\n key file k.pem\n"
#define CODECS "voice class codec 7\n codec preference 1 opus\n"
#define CRYPTOS "voice class srtp-crypto 7\n crypto 1 AES_CM_128_HMAC_SHA1_80\n"
#define IDS "voice class phone-identity 7\n rule 1 subject-cn x\n"
#define LISTENER                                                               \
	"sip-listener L\n side core\n address ipv4 127.0.0.1 port 5090\n"
#define TLS_LISTENER FULL_TP IDS LISTENER " transport tcp tls\n trustpoint T\n"
#define PEER "dial-peer voice 5 voip\n incoming listener BASE-A\n"
#define VOIP "voice service voip\n"
#define TENANT "voice class tenant 5\n"

static const struct row system_rows[] = {
	{ NULL, "hostname edge1", "hostname edge1\n", "hostname lineside" },
	{ NULL, "hostname a\nno hostname", "hostname lineside\n", NULL },
	{ NULL, "HostName a\nhostn b", "hostname b\n", "hostname a" },
	{ NULL, "logging level debugging", "logging level debugging\n", NULL },
	{ NULL, "logging level 3", "logging level errors\n", NULL },
	{ NULL, "log lev w", "logging level warnings\n", NULL },
	{ NULL, "logging level errors\nno logging level", "\n",
		"logging level" },
	{ NULL, "no logging stderr", "no logging stderr\n", NULL },
	{ NULL, "no logging stderr\nlogging stderr", "\n", "logging stderr" },
	{ NULL, "no logging stderr\ndefault logging stderr", "\n",
		"logging stderr" },
	{ NULL, "no logging journal", "no logging journal\n", NULL },
	{ NULL, "logging file /var/log/x", "logging file /var/log/x\n", NULL },
	{ NULL, "logging file \"/a b\"", "logging file \"/a b\"\n", NULL },
	{ NULL, "logging file x\nno logging file x", "\n", "logging file" },
	{ NULL, "logging format json", "logging format json\n", NULL },
	{ NULL, "logging format json\nlogging format text", "\n",
		"logging format" },
	{ NULL, "logging console debugging", "logging level debugging\n",
		"logging console" },
	{ NULL, "no logging console", "no logging stderr\n", NULL },
	{ NULL, "logging buffered 9999999 debugging",
		"logging level debugging\n", "buffered" },
	{ NULL, "logging buffered errors", "logging level errors\n", NULL },
	{ NULL, "logging buffered 65536", "\n", "logging level" },
	{ NULL, "no logging buffered", "\n", "logging" },
	{ NULL, "control-socket /tmp/s", "control-socket /tmp/s\n", NULL },
	{ NULL, "control-socket /tmp/s\nno control-socket", "\n",
		"control-socket" },
	{ NULL, "user lineside", "user lineside\n", NULL },
	{ NULL, "user lineside\nno user", "\n", "user" },
	{ NULL, "media workers 3", "media workers 3\n", NULL },
	{ NULL, "med wo 3\nno media workers", "\n", "media workers" },
	{ NULL, "tls workers 4", "tls workers 4\n", NULL },
	{ NULL, "tls workers 4\ntls workers 2", "\n", "tls workers" },
	{ NULL, "! hostname x\n\n  ! y\nend\nhostname z", "hostname z\n",
		NULL },
};

static const struct row pki_rows[] = {
	{ TP, " description what it is  ", " description what it is\n", NULL },
	{ TP, " desc a \"b\"\n no description", "T\n", "description" },
	{ TP, " certificate file c.pem\n key file k.pem",
		" certificate file c.pem\n key file k.pem\n"
		" ca-bundle file ca.pem\n",
		NULL },
	{ FULL_TP, " no certificate file\n no key file", "T\n", "key" },
	{ FULL_TP, " no ca-bundle", "T\n", "ca-bundle" },
	{ TP, " enrollment terminal\n revocation-check none",
		"T\n ca-bundle file ca.pem\n enrollment terminal\n",
		"revocation" },
	{ TP, " enrollment terminal\n no enrollment", "T\n", "enrollment" },
	{ TP, " enrollment url http://ca:80/x\n enrollment selfsigned",
		" enrollment selfsigned\n", "url" },
	{ TP,
		" enrollment url https://ca profile est\n"
		" enrollment username u\n password file p\n",
		" enrollment url https://ca profile est\n"
		" enrollment username u\n password file p\n",
		"scep" },
	{ TP,
		" enr url http://ca profile scep\n enr ident CA-1\n"
		" enr retry count 3\n enr retry per 2\n enr mode ra\n"
		" password \"s e\"\n source ipv6 fd00::1",
		" enrollment url http://ca\n enrollment identifier CA-1\n"
		" enrollment retry count 3\n enrollment retry period 2\n"
		" password 6 Li4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi5zIGU=\n"
		" source ipv6 fd00::1\n",
		"mode" },
	{ TP, " enr url http://ca\n password 0 6\n no password",
		" enrollment url http://ca\n", "mode" },
	{ TP, " enr url http://ca\n password 6 Li4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi5zIGU=",
		" enrollment url http://ca\n"
		" password 6 Li4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi5zIGU=\n",
		NULL },
	{ TP,
		" enr url http://ca\n source ipv4 192.0.2.1\n"
		" source interface eth0.5",
		" source interface eth0.5\n", "192.0.2" },
	{ TP,
		" enr url http://ca\n source interface eth0\n"
		" source ipv4 192.0.2.1",
		" source ipv4 192.0.2.1\n", "eth0" },
	{ TP, " enrollment url http://ca\n no enrollment url", "T\n",
		"enrollment" },
	{ TP,
		" subject-name CN=a\\, b, O=c d\n fqdn a.example\n"
		" ip-address 192.0.2.1\n serial-number FTX1\n",
		" subject-name CN=a\\, b, O=c d\n fqdn a.example\n"
		" ip-address 192.0.2.1\n serial-number FTX1\n",
		NULL },
	{ TP,
		" fqdn none\n ip-address none\n serial-number none\n"
		" serial none",
		" fqdn none\n", "ip-address" },
	{ TP,
		" subject-alt-name a.example\n subject-alt-name IP:fd00::1\n"
		" subject-alt-name uri:sip:x@y\n subject-alt-name email:q@r\n"
		" no subject-alt-name dns:a.example",
		" subject-alt-name ip:fd00::1\n"
		" subject-alt-name uri:sip:x@y\n"
		" subject-alt-name email:q@r\n",
		"a.example" },
	{ TP, " subject-alt-name a\n no subject-alt-name", "T\n", "alt-name" },
	{ TP, " rsakeypair K 3072 3072", " rsakeypair K 3072\n", NULL },
	{ TP, " rsakeypair K 3072\n no rsakeypair", "T\n", "keypair" },
	{ TP, " rsakeypair K 3072\n eckeypair L\n no rsakeypair",
		" eckeypair L\n", "rsa" },
	{ TP, " eckeypair L 384", " eckeypair L 384\n", NULL },
	{ TP, " hash sha512\n usage client", " hash sha512\n usage client\n",
		NULL },
	{ TP, " hash sha512\n no hash", "T\n", "hash" },
	{ TP, " revocation-check ocsp crl none",
		" revocation-check ocsp crl none\n", NULL },
	{ TP, " revocation-check crl\n no revocation-check", "T\n",
		"revocation" },
	{ TP, " enrollment url http://ca\n auto-enroll", " auto-enroll 80\n",
		"regenerate" },
	{ TP, " enrollment url http://ca\n auto-enroll 70 regenerate",
		" auto-enroll 70 regenerate\n", NULL },
	{ TP, " chain-validation continue", " chain-validation continue\n",
		NULL },
	{ TP, " legacy until 2027-06-30",
		" legacy until 2027-06-30 md5 sha1 short-keys "
		"expired-anchors\n",
		NULL },
	{ TP, " legacy until 2028-02-29 sha1 expired-anchors",
		" legacy until 2028-02-29 sha1 expired-anchors\n", "md5" },
	{ TP,
		" certificate file c\n key url pkcs11:token=t;object=o\n"
		" key pin-file p",
		" key url pkcs11:token=t;object=o\n key pin-file p\n", NULL },
	{ FULL_TP, " no key\n no certificate file", "T\n", "key" },
	{ FULL_TP, "crypto pki trustpoint U\n ca-bundle trustpoint T",
		"U\n ca-bundle trustpoint T\n", NULL },
	{ FULL_TP,
		"crypto pki trustpoint U\n ca-bundle trustpoint T\n"
		" ca-bundle file u\n no ca-bundle trustpoint",
		"U\n ca-bundle file u\n", "trustpoint T\n!" },
	{ NULL, "pki master-key file /m", "pki master-key file /m\n", NULL },
	{ NULL, "pki master-key file /m\npki master-key credential c",
		"pki master-key credential c\n", "file" },
	{ NULL, "pki master-key file /m\nno pki master-key", "\n", "pki" },
	{ NULL, "key config-key password-encrypt file /m",
		"pki master-key file /m\n", NULL },
	{ NULL, "pki master-key file /m\npassword encryption aes",
		"password encryption aes\n", NULL },
	{ NULL, "state directory /x\n", "state directory /x\n", NULL },
	{ NULL, "state directory /x\nno state directory", "\n", "state" },
	{ TP, "crypto pki trustpoint T\n ca-bundle file new.pem",
		" ca-bundle file new.pem\n", "ca.pem" },
	{ TP, " crl query http://a/b.crl", " crl query http://a/b.crl\n",
		NULL },
	{ TP, " ocsp url http://a/", " ocsp url http://a/\n", NULL },
	{ TP, " ocsp url http://a/\n no ocsp url", "T\n", "ocsp" },
	{ TP, " revocation timeout 5", " revocation timeout 5\n", NULL },
	{ TP, " revocation timeout 2", "T\n", "timeout" },
	{ TP, "no crypto pki trustpoint T", "!\n", "trustpoint" },
	{ TP, "no crypto pki trustpoint U", "trustpoint T\n", NULL },
};

static const struct row class_rows[] = {
	{ CODECS, " codec preference 3 g711ulaw\n codec preference 2 g729r8",
		"voice class codec 7\n codec preference 1 opus\n"
		" codec preference 2 g729r8\n codec preference 3 g711ulaw\n",
		NULL },
	{ CODECS, " cod pref 1 g711a", " codec preference 1 g711alaw\n",
		"opus" },
	{ CODECS, " codec preference 2 g728\n no codec preference 1 opus",
		" codec preference 2 g728\n", "opus" },
	{ CODECS, " no codec preference 9", "opus", NULL },
	{ CODECS, " no codec preference\n codec preference 4 isac",
		"codec 7\n codec preference 4 isac\n", NULL },
	{ CODECS, "no voice class codec 7", "!\n", "voice class" },
	{ CRYPTOS, " crypto 2 AEAD_AES_256_GCM",
		" crypto 1 AES_CM_128_HMAC_SHA1_80\n"
		" crypto 2 AEAD_AES_256_GCM\n",
		NULL },
	{ CRYPTOS, " crypto 1 aes_cm_128_hmac_sha1_32",
		" crypto 1 AES_CM_128_HMAC_SHA1_32\n", "_80" },
	{ CRYPTOS, " crypto 4 AEAD_AES_128_GCM\n no crypto 1",
		"-crypto 7\n crypto 4 AEAD_AES_128_GCM\n", NULL },
	{ CRYPTOS, " no crypto\n crypto 4 AEAD_AES_128_GCM",
		"-crypto 7\n crypto 4 AEAD_AES_128_GCM\n", NULL },
	{ CRYPTOS, "no voice class srtp-crypto 7", "!\n", "voice class" },
	{ IDS, " rule 9 san-uri sip:(.*)@x line \\1\n description d",
		" description d\n rule 1 subject-cn x\n"
		" rule 9 san-uri sip:(.*)@x line \\1\n",
		NULL },
	{ IDS, " rule 2 san-email \"a \\d\" line \"p \\\\0\"",
		" rule 2 san-email \"a \\\\d\" line \"p \\\\0\"\n", NULL },
	{ IDS, " rule 2 san-d y\n no rule 1", "7\n rule 2 san-dns y\n", NULL },
	{ IDS, " no rule\n rule 2 san-dns y", "7\n rule 2 san-dns y\n", NULL },
	{ IDS, "no voice class phone-identity 7", "!\n", "voice class" },
};

#define CA "crypto pki server CA\n"

static const struct row ca_rows[] = {
	{ CA, "ip http server", "ip http server\n", "ip http port" },
	{ NULL, "ip http server\nno ip http server", "\n", "ip http" },
	{ NULL, "ip http port 8080", "ip http port 8080\n", NULL },
	{ NULL, "ip http port 8080\ndefault ip http port", "\n", "ip http" },
	{ NULL, "ip http address ipv4 127.0.0.5",
		"ip http address ipv4 127.0.0.5\n", NULL },
	{ NULL, "ip http address ipv6 ::1\nno ip http address", "\n",
		"ip http" },
	{ "ip http server\n" CA, " no shutdown", CA " no shutdown\n", NULL },
	{ CA, " no shutdown\n shutdown", CA, "shutdown" },
	{ CA, " issuer-name CN=A B,O=C", " issuer-name CN=A B,O=C\n", NULL },
	{ CA, " database level complete", " database level complete\n", NULL },
	{ CA, " database level names\n no database level names", CA,
		"database" },
	{ CA, " database level minimal", CA, "database" },
	{ CA, " database url /srv/ca", " database url /srv/ca\n", NULL },
	{ CA, " grant auto", " grant auto\n", NULL },
	{ CA, " grant auto\n no grant auto", CA, "grant" },
	{ CA, " grant auto\n grant manual", CA, "grant" },
	{ CA, " grant auto rollover ca-cert\n grant auto rollover ra-cert",
		" grant auto rollover ca-cert\n"
		" grant auto rollover ra-cert\n",
		NULL },
	{ CA, " grant auto rollover ca-cert\n no grant auto rollover ca-cert",
		CA, "rollover" },
	{ CA, " challenge-password x",
		" challenge-password 6 Li4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi54\n",
		NULL },
	{ CA, " lifetime certificate 30", " lifetime certificate 30\n", NULL },
	{ CA, " lifetime certificate 0 0 2", " lifetime certificate 0 0 2\n",
		NULL },
	{ CA, " lifetime certificate 1 6", " lifetime certificate 1 6 0\n",
		NULL },
	{ CA, " lifetime certificate 365", CA, "lifetime" },
	{ CA, " lifetime ca-certificate 1826",
		" lifetime ca-certificate 1826\n", NULL },
	{ CA, " lifetime crl 24", " lifetime crl 24\n", NULL },
	{ CA, " hash sha512", " hash sha512\n", NULL },
	{ CA, " modulus 4096", " modulus 4096\n", NULL },
	{ CA, " auto-rollover", " auto-rollover\n", NULL },
	{ CA, " auto-rollover 60", " auto-rollover 60\n", NULL },
	{ CA, " auto-rollover 60\n no auto-rollover", CA, "rollover" },
	{ CA, " cdp-url http://a/crl", " cdp-url http://a/crl\n", NULL },
	{ CA, " ocsp-url http://a/ocsp", " ocsp-url http://a/ocsp\n", NULL },
	{ CA, " legacy", " legacy\n", NULL },
	{ FULL_TP " rsakeypair K\n enrollment url http://ca\n" CA,
		" mode ra\n trustpoint T", " mode ra\n trustpoint T\n", NULL },
	{ FULL_TP CA, " mode sub-cs\n trustpoint T",
		" mode sub-cs\n trustpoint T\n", NULL },
};

static const struct row listener_rows[] = {
	{ LISTENER, " description d", "sip-listener L\n description d\n side",
		NULL },
	{ LISTENER, " side access",
		" side access\n address ipv4 127.0.0.1 "
		"port 5090\n transport udp\n",
		NULL },
	{ LISTENER, " address ipv6 ::1", " address ipv6 ::1 port 5060\n",
		"5090" },
	{ LISTENER, " addr ipv4 127.0.0.9 po 5099",
		" address ipv4 127.0.0.9 port 5099\n", "5090" },
	{ LISTENER, " advertise ipv4 192.0.2.1", " advertise ipv4 192.0.2.1\n",
		NULL },
	{ LISTENER, " advertise ipv4 192.0.2.1\n no advertise", "L\n",
		"advertise" },
	{ LISTENER, " transport tcp", " transport tcp\n", NULL },
	{ LISTENER, " transport tcp\n no transport",
		" port 5090\n transport udp\n", NULL },
	{ TLS_LISTENER, " no address\n address ipv4 127.0.0.2",
		" address ipv4 127.0.0.2 port 5061\n transport tcp tls\n"
		" trustpoint T\n",
		NULL },
	{ TLS_LISTENER, " phone-identity 7", " phone-identity 7\n", NULL },
	{ TLS_LISTENER, " phone-identity 7\n no phone-identity", "L\n",
		"phone-identity 7\n!" },
	{ TLS_LISTENER, " client-verify required", "L\n", "client-verify" },
	{ LISTENER, " max-connections 5", " max-connections 5 per-source 100\n",
		NULL },
	{ LISTENER, " max-connections 5 per-source 2",
		" max-connections 5 per-source 2\n", NULL },
	{ LISTENER, " max-connections 5\n no max-connections", "L\n",
		"max-conn" },
	{ LISTENER, " timeout handshake 3", " timeout handshake 3\n", NULL },
	{ LISTENER, " timeout message 3", " timeout message 3\n", NULL },
	{ LISTENER, " timeout idle 3", " timeout idle 3\n", NULL },
	{ LISTENER, " timeout idle 3\n no timeout idle", "L\n", "timeout" },
	{ LISTENER, " tim idl 120", "L\n", "timeout" },
	{ LISTENER, "no sip-listener L", "!\n", "sip-listener L" },
	{ LISTENER,
		"no sip-listener L\nsip-listener L\n side access\n"
		" address ipv4 127.0.0.3",
		"L\n side access\n address ipv4 127.0.0.3 port 5060\n"
		" transport udp\n",
		NULL },
};

static const struct row voip_rows[] = {
	{ VOIP, " srtp", "sip to sip\n srtp\n", NULL },
	{ VOIP, " srtp fallback", "\n srtp fallback\n", NULL },
	{ VOIP, " srtp\n no srtp fallback", "\n no srtp\n", NULL },
	{ VOIP, " default srtp", "\n srtp\n", NULL },
	{ VOIP, " srtp pass-thru", "\n srtp pass-thru\n", NULL },
	{ PEER, " srtp pass-thru\n srtp insecure-sdes", " srtp pass-thru\n",
		NULL },
	{ PEER, " srtp pass-thru\n default srtp", "!\n", "pass-thru" },
	{ TENANT, " srtp fallback\n srtp offer opportunistic",
		" srtp fallback\n srtp offer opportunistic\n", NULL },
	{ TENANT, " srtp pass-thru\n default srtp", "!\n", "pass-thru" },
	{ TENANT, " rtcp-mux", " rtcp-mux\n", NULL },
	{ TENANT, " rtcp-mux\n default rtcp-mux", "!\n", "rtcp-mux" },
	{ VOIP, " rtcp-mux", " rtcp-mux\n", NULL },
	{ VOIP, " no rtcp-mux", " no rtcp-mux\n", NULL },
	{ VOIP, " rtcp-mux\n default rtcp-mux", "!\n", "rtcp-mux" },
	{ PEER, " rtcp-mux\n rtcp-mux answer", " rtcp-mux answer\n", NULL },
	{ PEER, " no rtcp-mux", " no rtcp-mux\n", NULL },
	{ CRYPTOS TENANT, " srtp-crypto 7", " srtp-crypto 7\n", NULL },
	{ VOIP, " allow-connections sip to sip", " allow-conn", NULL },
	{ VOIP, " rtp-port range 20000 20010", " rtp-port range 20000 20010\n",
		"16384" },
	{ VOIP, " rtp-port range 20000 20010\n no rtp-port",
		" rtp-port range 16384 32766\n", NULL },
	{ VOIP, " media inactivity 5", " media inactivity 5\n", NULL },
	{ VOIP, " no media inactivity", " no media inactivity\n", NULL },
	{ VOIP, " no media inactivity\n default media inactivity", "!\n",
		"inactivity" },
	{ VOIP, " media one-way 5", " media one-way 5\n", NULL },
	{ VOIP, " no media one-way", " no media one-way\n", NULL },
	{ VOIP, " timer receive-rtp 200", " media inactivity 200\n", "timer" },
	{ VOIP, " media address access ipv4 127.0.0.5",
		" media address access ipv4 127.0.0.5\n", "core ipv4" },
	{ VOIP, " media address core ipv6 ::1 advertise 2001:db8::1",
		" media address core ipv6 ::1 advertise 2001:db8::1\n", NULL },
	{ VOIP, " media address core ipv6 ::1\n no media address core", "!\n",
		"media address" },
	{ VOIP, " max-conn 10", " max-conn 10\n", NULL },
	{ VOIP,
		" ip address trusted list\n  ipv4 192.0.2.0 255.255.255.0\n"
		"  ipv4 10.1.1.1\n  ipv6 2001:db8::/32\n  ipv6 ::1",
		" ip address trusted list\n  ipv4 192.0.2.0 255.255.255.0\n"
		"  ipv4 10.1.1.1\n  ipv6 2001:db8::/32\n  ipv6 ::1\n",
		NULL },
	{ VOIP,
		" ip address trusted list\n  ipv4 10.1.1.1\n  ipv4 10.1.1.2\n"
		"  ipv4 10.1.1.1\n  no ipv4 10.1.1.2",
		"list\n  ipv4 10.1.1.1\n!", "10.1.1.2" },
	{ VOIP,
		" ip address trusted list\n  ipv4 10.1.1.1\n  exit\n"
		" no ip address trusted list",
		"!\n", "trusted" },
	{ VOIP, " ip address trusted authenticate", "!\n", "trusted" },
	{ VOIP, " ip address trusted certificate",
		" ip address trusted certificate\n", NULL },
	{ VOIP, " ip-address trusted call-block cause 57",
		" ip address trusted call-block cause 57\n", NULL },
	{ VOIP, " ip address trusted call-block cause call-reject", "!\n",
		"call-block" },
	{ VOIP, " sip\n  asserted-id pai\n  privacy-policy passthru",
		" sip\n  asserted-id pai\n  privacy-policy passthru\n", NULL },
	{ VOIP,
		" sip\n  privacy id critical\n  no privacy\n"
		"  privacy-policy send-always\n  privacy-policy strip diversion\n"
		"  no privacy-policy send-always",
		" sip\n  privacy-policy strip diversion\n", "send-always" },
	{ VOIP, " sip\n  no silent-discard untrusted",
		" sip\n  no silent-discard untrusted\n", NULL },
	{ VOIP, " max-conn 10\n no max-conn", "!\n", "max-conn" },
	{ VOIP, " sip\n  registrar server expires max 300 min 200",
		" sip\n  registrar server expires max 300 min 200\n", NULL },
	{ VOIP, " sip\n  registrar server expires max 600",
		"  registrar server expires max 600 min 60\n", NULL },
	{ VOIP, " sip\n  registrar server", "!\n", "\n sip\n" },
	{ VOIP, " sip\n  min-se 120 session-expires 600",
		"  min-se 120 session-expires 600\n", NULL },
	{ VOIP, " sip\n  min-se 2000", "  min-se 2000 session-expires 2000\n",
		NULL },
	{ VOIP, " sip\n  min-se 2000\n  no min-se", "!\n", "min-se" },
	{ VOIP, " sip\n  no session refresh", "  no session refresh\n", NULL },
	{ VOIP, " sip\n  no session refresh\n  session refresh", "!\n",
		"session refresh" },
	{ VOIP, " sip\n  outbound-proxy dns:p.example:5070 peer-name x.example",
		"  outbound-proxy dns:p.example:5070 peer-name x.example\n",
		NULL },
	{ VOIP,
		" sip\n  outbound-proxy ipv4:10.0.0.1 reuse\n"
		"  no outbound-proxy",
		"!\n", "outbound-proxy" },
	{ "sip-ua\n", " outbound-proxy ipv4:10.0.0.1",
		"  outbound-proxy ipv4:10.0.0.1\n", NULL },
	{ TENANT, " no session refresh", " no session refresh\n", NULL },
	{ TENANT, " session refresh\n default session refresh", "!\n",
		"session refresh" },
	{ PEER, " voice-class sip session refresh",
		" voice-class sip session refresh\n", NULL },
	{ PEER,
		" no voice-class sip session refresh\n"
		" voice-class sip session refresh system",
		"!\n", "session refresh" },
	{ TENANT, " outbound-proxy ipv6:[::1]:5070",
		" outbound-proxy ipv6:[::1]:5070\n", NULL },
	{ TENANT, " no outbound-proxy", " no outbound-proxy\n", NULL },
	{ TENANT, " no outbound-proxy\n outbound-proxy system", "!\n",
		"outbound-proxy" },
	{ TENANT, " no outbound-proxy\n default outbound-proxy", "!\n",
		"outbound-proxy" },
	{ PEER, " voice-class sip outbound-proxy dns:p.example",
		" voice-class sip outbound-proxy dns:p.example\n", NULL },
	{ PEER, " no voice-class sip outbound-proxy",
		" no voice-class sip outbound-proxy\n", NULL },
	{ PEER,
		" no voice-class sip outbound-proxy\n"
		" voice-class sip outbound-proxy system",
		"!\n", "outbound-proxy" },
	{ VOIP, " sip\n  rel1xx disable", "  rel1xx disable\n", NULL },
	{ VOIP, " sip\n  rel1xx require 100rel", "  rel1xx require 100rel\n",
		NULL },
	{ VOIP, " sip\n  rel1xx disable\n  no rel1xx", "!\n", "rel1xx" },
	{ VOIP, " sip\n  early-offer forced", "  early-offer forced\n", NULL },
	{ VOIP, " srtp offer opportunistic", " srtp offer opportunistic\n",
		NULL },
	{ VOIP, " srtp offer opportunistic\n srtp offer savp", "!\n",
		"srtp offer" },
	{ VOIP, " sip\n  srtp negotiate cisco", "  srtp negotiate cisco\n",
		NULL },
	{ VOIP, " sip\n  srtp negotiate cisco\n  no srtp negotiate cisco",
		"!\n", "negotiate" },
	{ PEER, " srtp quirk aes-cm-256-names",
		" srtp quirk aes-cm-256-names\n", NULL },
	{ PEER, " srtp quirk unpadded-keys", " srtp quirk unpadded-keys\n",
		NULL },
	{ PEER, " srtp quirk answer-tag", " srtp quirk answer-tag\n", NULL },
	{ PEER,
		" srtp insecure-unencrypted-srtp\n"
		" srtp insecure-unencrypted-srtcp\n"
		" srtp insecure-unauthenticated-srtp",
		" srtp insecure-unencrypted-srtp\n"
		" srtp insecure-unencrypted-srtcp\n"
		" srtp insecure-unauthenticated-srtp\n",
		NULL },
	{ PEER, " srtp insecure-udptl", " srtp insecure-udptl\n", NULL },
	{ PEER, " fax protocol t38 version 0 ls-redundancy 0 hs-redundancy 0",
		" fax protocol t38\n", NULL },
	{ PEER, " fax protocol none", " fax protocol none\n", NULL },
	{ PEER, " fax protocol none\n fax protocol system", "!\n",
		"fax protocol" },
	{ PEER, " voice-class sip audio forced",
		" voice-class sip audio forced\n", NULL },
	{ VOIP, " fax protocol pass-through g711ulaw",
		" fax protocol pass-through g711ulaw\n", NULL },
	{ VOIP, " fax protocol none\n fax protocol t38", "!\n",
		"fax protocol" },
	{ VOIP, " sip\n  audio forced", "  audio forced\n", NULL },
	{ PEER, " srtp offer two-lines", " srtp offer two-lines\n", NULL },
	{ PEER, " srtp offer savp", " srtp offer savp\n", NULL },
	{ PEER, " srtp offer savp\n no srtp offer", "!\n", "srtp offer" },
	{ PEER, " voice-class sip srtp negotiate cisco",
		" voice-class sip srtp negotiate cisco\n", NULL },
	{ VOIP, " no supplementary-service sip moved-temporarily",
		" no supplementary-service sip moved-temporarily\n", NULL },
	{ VOIP, " no supplementary-service sip refer",
		" no supplementary-service sip refer\n", NULL },
	{ VOIP, " no sup sip refer\n supplementary-service sip refer", "!\n",
		"supplementary" },
	{ VOIP, " supplementary-service media-renegotiate", "!\n",
		"supplementary" },
	{ VOIP, " sip\n  registrar ser exp max 600\n  no registrar server",
		"!\n", "\n sip\n" },
	{ VOIP,
		" sip\n  registrar server expires max 120 min 60\n"
		"  registration passthrough static rate-limit expires 900 "
		"fail-count 4",
		"  registration passthrough rate-limit expires "
		"900 fail-count 4\n",
		NULL },
	{ VOIP, " sip\n  registration passthrough", "!\n", "passthrough" },
	{ "sip-ua\n", " retry invite 2\n retry register 3\n timers trying 300",
		" retry invite 2\n retry register 3\n timers trying 300\n",
		NULL },
	{ "",
		"ip name-server 10.0.0.1 10.0.0.2\nip name-server 10.0.0.2 "
		"2001:db8::1\nno ip name-server 10.0.0.1",
		"ip name-server 10.0.0.2\nip name-server 2001:db8::1\n",
		"10.0.0.1" },
	{ "", "ip name-server 10.0.0.1 port 5353",
		"ip name-server 10.0.0.1 port 5353\n", NULL },
	{ "",
		"ip host a.test 10.0.0.1 10.0.0.2\n"
		"ip host _sip._udp.x.test srv 1 50 5070 a.test\n"
		"ip host b.test 10.0.0.3\nno ip host b.test 10.0.0.3",
		"ip host _sip._udp.x.test srv 1 50 5070 a.test\n"
		"ip host a.test 10.0.0.1 10.0.0.2\n",
		"b.test" },
	{ VOIP, " sip\n  registrar server\n  exit\n max-conn 4", " max-conn 4",
		NULL },
	{ VOIP,
		" max-conn 4\nno voice service voip\nvoice service voip\n"
		" no srtp",
		" no srtp\n", "max-conn" },
	{ VOIP, " no supplementary-service h450.2", "!\n", "supplementary" },
};

static const struct row ua_rows[] = {
	{ "sip-ua\n", " registrar ipv4:127.0.0.9:5088 expires 60",
		" registrar ipv4:127.0.0.9:5088 expires 60\n", NULL },
	{ "sip-ua\n", " registrar ipv4:127.0.0.9",
		" registrar ipv4:127.0.0.9\n", NULL },
	{ LISTENER " transport tcp\nsip-ua\n", " registrar dns:cm.example tcp",
		" registrar dns:cm.example tcp\n", NULL },
	{ TLS_LISTENER "sip-ua\n crypto signaling default trustpoint T\n",
		" registrar dns:cm.example:5061 tcp tls peer-name x.example",
		" registrar dns:cm.example:5061 tcp tls peer-name x.example\n"
		" crypto signaling default trustpoint T\n",
		NULL },
	{ "sip-listener 6\n side core\n address ipv6 ::1\nsip-ua\n",
		" registrar ipv6:[::1]:5070 ", " registrar ipv6:[::1]:5070\n",
		NULL },
	{ "sip-ua\n", " reg emb exp 90", " registrar embedded expires 90\n",
		NULL },
	{ TLS_LISTENER "crypto pki trustpoint V\n ca-bundle file v.pem\n"
		       "sip-ua\n",
		" crypto signaling default trustpoint T client-vtp V",
		" crypto signaling default trustpoint T client-vtp V\n", NULL },
	{ FULL_TP "sip-ua\n",
		" crypto signaling remote-addr 10.1.0.0 255.255.0.0 "
		"trustpoint T strict-cipher cn-san-validate server\n"
		" crypto signaling remote-addr 10.2.0.0 /16 trustpoint T\n"
		" crypto signaling remote-addr fd00:: /8 trustpoint T\n"
		" no crypto signaling remote-addr 10.2.0.0 255.255.0.0",
		" crypto signaling remote-addr 10.1.0.0 /16 trustpoint T\n"
		" crypto signaling remote-addr fd00:: /8 trustpoint T\n",
		"10.2" },
	{ FULL_TP "sip-ua\n",
		" crypto signaling remote-addr 10.2.0.0 /16 trustpoint T\n"
		" no crypto signaling remote-addr",
		"!\n", "10.2" },
	{ FULL_TP "sip-ua\n crypto signaling default trustpoint T\n",
		" no crypto signaling default trustpoint", "sip-ua\n",
		"signaling" },
};

static const struct row peer_rows[] = {
	{ PEER, " description d", "5 voip\n description d\n", NULL },
	{ PEER, " shutdown", "\n shutdown\n", NULL },
	{ PEER, " shutdown\n no shutdown", "\n", "shutdown" },
	{ PEER, " destination-pattern 5...\n session target registrar",
		" destination-pattern 5...\n", NULL },
	{ PEER, " destination-p 5...\n no destination-p", "\n", "destination" },
	{ PEER, " incoming called-number .", " incoming called-number .\n",
		NULL },
	{ PEER, " incoming listener BASE-C", " incoming listener BASE-C\n",
		"BASE-A\n session" },
	{ PEER, " inc called-n 1\n no incoming listener",
		" incoming called-number 1\n session", NULL },
	{ PEER, " preference 3", " preference 3\n", NULL },
	{ PEER, " preference 3\n no preference", "\n", "preference" },
	{ PEER, " session protocol sipv2", " session protocol sipv2\n", NULL },
	{ PEER, " session target ipv4:127.0.0.9",
		" session target ipv4:127.0.0.9\n", NULL },
	{ PEER, " sess tar IPV4:127.0.0.9:70",
		" session target ipv4:127.0.0.9:70\n", NULL },
	{ PEER, " session target dns:h.example:5070",
		" session target dns:h.example:5070\n", NULL },
	{ PEER, " session target reg", " session target registrar\n", NULL },
	{ PEER, " session target reg\n no session target", "\n", "target" },
	{ LISTENER " no address\n address ipv6 ::1\n" PEER,
		" session target ipv6:[::1]:5070",
		" session target ipv6:[::1]:5070\n", NULL },
	{ PEER, " session transport udp", " session transport udp\n", NULL },
	{ LISTENER " transport tcp\n" PEER,
		" session transport tcp\n session target ipv4:127.0.0.1",
		" session target ipv4:127.0.0.1\n session transport tcp\n",
		NULL },
	{ PEER, " session transport udp\n no session transport", "\n",
		"session transport" },
	{ TLS_LISTENER PEER,
		" session transport tcp tls\n session target ipv4:127.0.0.1\n"
		" trustpoint T\n peer-name h.example\n bind listener L",
		" session transport tcp tls\n bind listener L\n"
		" trustpoint T\n peer-name h.example\n",
		NULL },
	{ TLS_LISTENER PEER,
		" trustpoint T\n peer-name h\n bind listener L\n"
		" no trustpoint\n no peer-name\n no bind listener",
		"voip\n", "bind" },
	{ PEER, " codec g729r8", "\n codec g729r8\n", "voice class" },
	{ PEER, " codec g729r8\n no codec", "\n", "codec" },
	{ CODECS PEER, " codec g729r8\n voice-class codec 7",
		"\n voice-class codec 7\n", "g729" },
	{ CODECS PEER, " voice-class codec 7\n codec opus", "\n codec opus\n",
		"voice-class" },
	{ CODECS PEER, " voice-class codec 7\n no voice-class codec", "\n",
		"voice-class" },
	{ CRYPTOS PEER, " voice-class srtp-crypto 7",
		"\n voice-class srtp-crypto 7\n", NULL },
	{ CRYPTOS PEER, " voice-class sip srtp-crypto 7",
		"\n voice-class srtp-crypto 7\n", "-class sip" },
	{ CRYPTOS PEER, " voice-cl srtp 7\n no voice-class srtp-crypto", "\n",
		"voice-class" },
	{ PEER, " srtp\n srtp insecure-sdes", " srtp\n srtp insecure-sdes\n",
		NULL },
	{ PEER, " srtp fallback\n srtp insecure-sdes", " srtp fallback\n",
		NULL },
	{ PEER, " srtp\n no srtp fallback", "sipv2\n no srtp\n", NULL },
	{ PEER, " srtp\n default srtp", "sipv2\n!", NULL },
	{ PEER, " srtp insecure-sdes\n no srtp insecure-sdes", "\n",
		"insecure" },
	{ PEER, " media latch once", " media latch once\n", NULL },
	{ PEER, " media latch once\n no media latch once", "\n", "latch" },
	{ PEER, " voice-class sip rel1xx disable",
		" voice-class sip rel1xx disable\n", NULL },
	{ PEER, " voice-class sip rel1xx require 100rel",
		" voice-class sip rel1xx require 100rel\n", NULL },
	{ PEER,
		" voice-class sip rel1xx disable\n"
		" voice-class sip rel1xx system",
		"!\n", "rel1xx" },
	{ PEER, " voice-class sip early-offer forced",
		" voice-class sip early-offer forced\n", NULL },
	{ PEER, " no supplementary-service sip moved-temporarily",
		" no supplementary-service sip moved-temporarily\n", NULL },
	{ PEER, " no supplementary-service sip refer",
		" no supplementary-service sip refer\n", NULL },
	{ PEER, " requri-passing", " requri-passing\n", NULL },
	{ PEER, " voice-class sip requri-passing", "\n requri-passing\n",
		NULL },
	{ PEER, " huntstop\n max-conn 7", " huntstop\n max-conn 7\n", NULL },
	{ PEER, " huntstop\n no huntstop\n max-conn 7\n no max-conn", "\n",
		"max-conn" },
	{ PEER, " answer-address 5...", "\n answer-address 5...\n", NULL },
	{ PEER,
		" session target ipv4:127.0.0.9\n no session target\n"
		" session target sip-server\n"
		"sip-ua\n sip-server ipv4:127.0.0.8:5070",
		" session target sip-server\n", "127.0.0.9" },
	{ PEER, "sip-ua\n sip-server dns:pbx.example.com\n no sip-server", "\n",
		"sip-server" },
	{ PEER,
		" session target server-group 3\n"
		"voice class server-group 3\n ipv4 127.0.0.9\n"
		"dial-peer voice 5 voip",
		" session server-group 3\n", "session target" },
	{ PEER,
		" session server-group 3\n session target ipv4:127.0.0.1\n"
		"voice class server-group 3\n ipv4 127.0.0.9",
		" session target ipv4:127.0.0.1\n", " session server-group" },
	{ PEER,
		" destination e164-pattern-map 4\n"
		" incoming called e164-pattern-map 4\n"
		" incoming calling e164-pattern-map 4\n"
		" session target registrar\n"
		"voice class e164-pattern-map 4\n e164 55..",
		" destination e164-pattern-map 4\n"
		" incoming called e164-pattern-map 4\n"
		" incoming calling e164-pattern-map 4\n",
		NULL },
	{ PEER,
		" destination uri HQ\n incoming uri via HQ\n"
		" incoming uri from HQ\n incoming uri to HQ\n"
		" no incoming uri to HQ\n destination dpg 2\n"
		" session target registrar\n"
		"voice class uri HQ sip\n host ipv4:127.0.0.9\n"
		"voice class dpg 2\n dial-peer 5",
		" destination uri HQ\n destination dpg 2\n"
		" incoming uri via HQ\n incoming uri from HQ\n",
		"uri to" },
	{ PEER,
		" translation-profile incoming IN\n"
		" translation-profile outgoing OUT\n"
		" no translation-profile outgoing OUT\n"
		" call-block translation-profile incoming IN\n"
		" call-block disconnect-cause incoming user-busy\n"
		"voice translation-profile IN\n translate called 1\n"
		"voice translation-profile OUT\n"
		"voice translation-rule 1\n rule 1 /a/ /b/",
		" translation-profile incoming IN\n"
		" call-block translation-profile incoming IN\n"
		" call-block disconnect-cause incoming user-busy\n",
		"profile outgoing" },
	{ PEER,
		" voice-class sip asserted-id rpi\n"
		" voice-class sip privacy user id critical\n"
		" voice-class sip privacy-policy strip history-info\n"
		" voice-class sip localhost dns:sbc.example.com preferred "
		"contact",
		" voice-class sip asserted-id rpi\n"
		" voice-class sip privacy id user critical\n"
		" voice-class sip privacy-policy strip history-info\n"
		" voice-class sip localhost dns:sbc.example.com contact\n",
		NULL },
	{ PEER,
		" voice-class sip asserted-id none\n"
		" voice-class sip asserted-id system\n"
		" voice-class sip localhost dns:a.test\n"
		" no voice-class sip localhost",
		" voice-class sip asserted-id system\n", "localhost" },
	{ PEER, " timeout ring 9", " timeout ring 9\n", NULL },
	{ PEER, " timeout ring 9\n no timeout ring", "\n", "timeout" },
	{ PEER, " dtmf-relay rtp-nte\n no vad", " dtmf-relay rtp-nte\n", NULL },
	{ PEER, " dtmf-relay rtp-nte\n no dtmf-relay rtp-nte", "\n", "dtmf" },
	{ PEER, " dtmf-relay rtp-nte digit-drop sip-kpml sip-info sip-notify",
		" dtmf-relay rtp-nte digit-drop sip-kpml sip-info sip-notify\n",
		NULL },
	{ PEER, " dtmf-relay sip-info sip-kpml\n dtmf-relay sip-notify",
		" dtmf-relay sip-notify\n", "sip-kpml" },
	{ PEER, " dtmf-relay sip-info\n no dtmf-relay", "\n", "dtmf" },
	{ NULL, "gw-accounting file\n primary ifs /var/log/c.json",
		"gw-accounting file\n primary ifs /var/log/c.json\n", NULL },
	{ NULL, "gw-accounting syslog", "gw-accounting syslog\n", NULL },
	{ PEER, "dial-p vo 5 vo\n pref 2",
		"5 voip\n incoming listener BASE-A\n"
		" preference 2\n",
		NULL },
	{ PEER, "no dial-peer voice 5 voip", "!\n", "dial-peer" },
	{ PEER, "no dial-peer voice 5", "!\n", "dial-peer" },
	{ PEER, "dial-peer voice 3 voip\n incoming called-number 3",
		"dial-peer voice 3 voip\n incoming called-number 3\n"
		" session protocol sipv2\n!\ndial-peer voice 5",
		NULL },
	{ "dial-peer voice 9 voip\n incoming listener LATER\n",
		"sip-listener LATER\n side core\n"
		" address ipv4 127.0.0.1 port 5091",
		" incoming listener LATER\n", NULL },
};

static void run_row(const struct row *r)
{
	struct conf_errs errs = { 0 };
	char *text = mem_printf("%s%s%s\n", CONF_BASE,
		r->section != NULL ? r->section : "end\n", r->lines);
	char *shown = conf_shown(text, &errs), *again;

	if (errs.n > 0)
		conf_errs_print(&errs, r->lines, stdout);
	check_row(r->lines, shown != NULL && errs.n == 0);
	if (strstr(shown, r->shown) == NULL ||
		(r->absent != NULL && strstr(shown, r->absent) != NULL))
		fail_msg("\"%s\" shows\n%s", r->lines, shown);
	again = conf_shown(shown, &errs);
	check_row(r->lines, again != NULL && errs.n == 0);
	assert_string_equal(shown, again);
	free(again);
	free(shown);
	free(text);
}

/* Sections that dial-peers refer to. */
static const struct row route_rows[] = {
	{ NULL,
		"interface GigabitEthernet0/0/1\n description inside\n"
		" ip address 127.0.0.1 255.0.0.0\n"
		" ip address 10.9.9.9 255.0.0.0 secondary\n"
		" ipv6 address 2001:db8::1/64\n",
		"interface GigabitEthernet0/0/1\n description inside\n"
		" ip address 127.0.0.1\n ipv6 address 2001:db8::1\n!\n",
		"10.9.9.9" },
	{ NULL,
		"interface Gi1\n ip address 127.0.0.1\n"
		"voice class tenant 3\n bind control source-interface Gi1\n"
		" bind media source-interface Gi1\n"
		" no bind media source-interface Gi1\n"
		" session transport tcp\n sip-server ipv4:127.0.0.9",
		"voice class tenant 3\n"
		" bind control source-interface Gi1\n"
		" session transport tcp\n sip-server ipv4:127.0.0.9\n!\n",
		"bind media" },
	{ NULL,
		"interface Gi1\n ip address 127.0.0.1\n"
		"voice service voip\n sip\n"
		"  bind all source-interface Gi1\n",
		"  bind control source-interface Gi1\n"
		"  bind media source-interface Gi1\n",
		NULL },
	{ NULL,
		"interface Gi1\n ip address 127.0.0.1\n"
		"voice class tenant 3\n session transport udp\n"
		"dial-peer voice 8 voip\n session target ipv4:127.0.0.2\n"
		" destination-pattern 8\n voice-class sip tenant 3\n"
		" voice-class sip bind control source-interface Gi1\n",
		" session target ipv4:127.0.0.2\n"
		" voice-class sip bind control source-interface Gi1\n"
		" voice-class sip tenant 3\n",
		"session transport udp\n voice-class" },
	{ NULL,
		"voice translation-rule 7\n description to the PSTN\n"
		" rule 20 /^9\\(.*\\)/ /\\1/\n rule 10 reject /^1900/\n"
		" rule 30 \"/a b/\" //\n rule 40 /x/ /y/\n no rule 40",
		"voice translation-rule 7\n description to the PSTN\n"
		" rule 10 reject /^1900/\n rule 20 /^9\\(.*\\)/ /\\1/\n"
		" rule 30 \"/a b/\" //\n!\n",
		"rule 40" },
	{ NULL,
		"voice translation-profile X\n translate called 7\n"
		" translate calling 7\n translate redirect-called 7\n"
		" no translate calling 7\n"
		"voice translation-rule 7\n rule 1 /a/ /b/",
		"voice translation-profile X\n translate called 7\n"
		" translate redirect-called 7\n!\n",
		"translate calling" },
	{ NULL,
		"voice class e164-pattern-map 3\n e164 55..\n e164 +49T\n"
		" e164 55..\n e164 9\n no e164 9\n shutdown\n"
		" url /etc/lineside/numbers",
		"voice class e164-pattern-map 3\n shutdown\n e164 55..\n"
		" e164 +49T\n url /etc/lineside/numbers\n!\n",
		"e164 9" },
	{ NULL,
		"voice class uri 5 sip\n host ipv4:10.0.0.1\n"
		" host ipv6:[2001:db8::1]\n host dns:a.example.com\n"
		" host \"ex .*\"\n host ipv4:10.0.0.2\n"
		" no host ipv4:10.0.0.2\n user-id ^55\n pattern x=y",
		"voice class uri 5 sip\n host ipv4:10.0.0.1\n"
		" host ipv6:[2001:db8::1]\n host dns:a.example.com\n"
		" host \"ex .*\"\n user-id ^55\n pattern x=y\n!\n",
		"10.0.0.2" },
	{ NULL,
		"voice class server-group 6\n description pair\n"
		" ipv4 10.0.0.2 preference 2\n ipv4 10.0.0.1 port 5070\n"
		" dns b.example.com preference 1 weight 30\n"
		" ipv6 2001:db8::2 preference 1 weight 70\n"
		" ipv4 10.0.0.3\n no ipv4 10.0.0.3\n"
		" huntstop 2 resp-code 404\n hunt 1 resp-code 400 to 403\n"
		" hunt 3 resp-code 500\n no hunt 3 resp-code 500",
		"voice class server-group 6\n description pair\n"
		" ipv4 10.0.0.1 port 5070\n"
		" dns b.example.com preference 1 weight 30\n"
		" ipv6 2001:db8::2 preference 1 weight 70\n"
		" ipv4 10.0.0.2 preference 2\n"
		" hunt 1 resp-code 400 to 403\n"
		" huntstop 2 resp-code 404\n!\n",
		"hunt 3" },
	{ NULL,
		"voice class server-group 6\n hunt-scheme round-robin\n"
		" ipv4 10.0.0.1",
		" hunt-scheme round-robin\n", NULL },
	{ NULL,
		"dial-peer voice 8 voip\n session target ipv4:127.0.0.2\n"
		" destination-pattern 8\n"
		"voice class dpg 9\n dial-peer 8 preference 3\n"
		" dial-peer 9\n no dial-peer 9",
		"voice class dpg 9\n dial-peer 8 preference 3\n!\n",
		"dial-peer 9" },
	{ NULL,
		"dial-peer voice 8 voip\n session target ipv4:127.0.0.2\n"
		" no srtp\n"
		"media profile recorder 3\n description x\n media-type audio\n"
		" media-recording 9\n media-recording 8\n"
		"media class 4\n description y\n recorder profile 3 siprec",
		"media profile recorder 3\n description x\n"
		" media-type audio\n media-recording 8\n!\n"
		"media class 4\n description y\n recorder profile 3 siprec\n",
		"media-recording 9" },
	{ NULL,
		"call threshold global total-calls low 5 high 9\n"
		"call spike 7\nvoice service voip\n emergency 911 112",
		"call threshold global total-calls low 5 high 9\n"
		"call spike 7\n",
		"steps" },
	{ NULL,
		"call threshold global total-calls low 5 high 9\n"
		"no call threshold global total-calls low 5 high 9\n"
		"call spike 7 steps 3 size 100\n",
		"call spike 7 steps 3 size 100\n", "threshold" },
	{ NULL,
		"call threshold global cpu-5sec low 60 high 80 treatment\n"
		"call threshold global cpu-avg low 50 high 70\n"
		"call threshold global total-mem low 80 high 95\n"
		"no call threshold global media-load low 75 high 90\n",
		"call threshold global cpu-5sec low 60 high 80\n"
		"call threshold global cpu-avg low 50 high 70\n"
		"call threshold global total-mem low 80 high 95\n"
		"no call threshold global media-load low 75 high 90\n",
		"total-calls" },
	{ NULL,
		"call threshold global cpu-avg low 50 high 70\n"
		"no call threshold global cpu-avg low 50 high 70\n"
		"call threshold global media-load low 40 high 60\n",
		"call threshold global media-load low 40 high 60\n",
		"cpu-avg" },
	{ NULL, "call threshold global open-files low 50 high 70",
		"call threshold global open-files low 50 high 70\n", NULL },
	{ NULL, "no call threshold global open-files",
		"no call threshold global open-files low 90 high 95\n", NULL },
	{ NULL, "voice service voip\n emergency 911\n emergency 110 +4930",
		" emergency 110 +4930\n", "911" },
	{ NULL,
		"call spike 7\nno call spike\nvoice service voip\n"
		" emergency 911\n no emergency 911",
		"!\n", "911" },
	{ NULL,
		"voice hunt user-busy\nno voice hunt temp-fail\n"
		"voice hunt 33\nvoice hunt no-answer\n"
		"default voice hunt no-answer",
		"voice hunt user-busy\nvoice hunt 33\n"
		"no voice hunt temp-fail\n",
		"no-answer" },
	{ NULL,
		"voice hunt all\nno voice hunt user-busy\n"
		"default voice hunt temp-fail",
		"voice hunt all\nno voice hunt user-busy\n"
		"default voice hunt temp-fail\n",
		NULL },
	{ NULL, "voice hunt all\nno voice hunt all", "no voice hunt all\n",
		NULL },
};

#define ROWS(fn, rows)                                                         \
	static void fn(void **state)                                           \
	{                                                                      \
		(void)state;                                                   \
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)                  \
			run_row(&(rows)[i]);                                   \
	}

ROWS(system_commands, system_rows)
ROWS(pki_commands, pki_rows)
ROWS(ca_commands, ca_rows)
ROWS(class_commands, class_rows)
ROWS(listener_commands, listener_rows)
ROWS(voip_commands, voip_rows)
ROWS(ua_commands, ua_rows)
ROWS(peer_commands, peer_rows)
ROWS(route_commands, route_rows)

/* What the model says when nothing is written. */
static void defaults(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(SLICE_LIT(CONF_BASE PEER), "f.conf", &errs);

	assert_non_null(c);
	assert_string_equal(c->file, "f.conf");
	assert_string_equal(c->hostname, "lineside");
	assert_string_equal(c->control_socket, "/run/lineside/control");
	assert_null(c->user);
	assert_int_equal(c->logging.level, LOG_SEV_INFO);
	assert_true(c->logging.to_stderr && c->logging.to_journal);
	assert_false(c->logging.json);
	assert_int_equal(c->media_workers, 0);
	assert_int_equal(c->tls_workers, 2);
	assert_int_equal(c->voip.rtp_min, 16384);
	assert_int_equal(c->voip.rtp_max, 32766);
	assert_int_equal(c->voip.inactivity_seconds, 60);
	assert_int_equal(c->voip.expires_max, 3600);
	assert_int_equal(c->voip.expires_min, 60);
	assert_int_equal(c->voip.max_calls, 0);
	assert_int_equal(c->ua.registrar_expires, 3600);
	assert_int_equal(c->listeners->max_connections, 20000);
	assert_int_equal(c->listeners->max_per_source, 100);
	assert_int_equal(c->listeners->handshake_seconds, 10);
	assert_int_equal(c->listeners->message_seconds, 10);
	assert_int_equal(c->listeners->idle_seconds, 120);
	assert_true(c->listeners->client_verify);
	assert_int_equal(c->dial_peers->ring_seconds, 180);
	assert_int_equal(c->dial_peers->srtp, CONF_SRTP_INHERIT);
	assert_int_equal(conf_peer_srtp(c, c->dial_peers), CONF_SRTP_OFF);
	assert_ptr_equal(c->dial_peers->incoming_listener, c->listeners);
	obj_unref(c);
	c = conf_parse(SLICE_LIT("voice service voip\n"
				 "sip-listener A\n side access\n"
				 " address ipv4 127.0.0.1\n"
				 "sip-ua\n registrar embedded\n"),
		"t", &errs);
	assert_non_null(c);
	assert_int_equal(c->voip.srtp, CONF_SRTP_REQUIRED);
	obj_unref(c);
}

/* A dial-peer that has those lines, a tenant with those and `voice service
 * voip` with those; unref it. */
static struct conf *inherited(
	const char *voip, const char *tenant, const char *peer)
{
	struct conf_errs errs = { 0 };
	struct text t = { 0 };
	struct conf *c;

	text_printf(&t,
		CONF_BASE "voice service voip\n %s\n" CRYPTOS
			  "voice class tenant 5\n %s\n" PEER
			  " voice-class sip tenant 5\n %s\n",
		voip, tenant, peer);
	c = conf_parse(text_slice(&t), "t", &errs);
	if (c == NULL)
		conf_errs_print(&errs, "t", stderr);
	assert_non_null(c);
	conf_errs_free(&errs);
	text_free(&t);
	return c;
}

/* Who says of srtp what, and what comes of it. */
static void srtp_is_inherited(void **state)
{
#define KEYED "srtp-crypto 7\n srtp offer opportunistic\n "
#define FREELY "srtp insecure-sdes\n "
	static const struct {
		const char *voip, *tenant, *peer;
		enum conf_srtp srtp;
	} table[] = {
		{ "srtp fallback", KEYED, FREELY, CONF_SRTP_FALLBACK },
		{ "srtp fallback", KEYED "no srtp", FREELY, CONF_SRTP_OFF },
		{ "srtp fallback", KEYED "srtp", FREELY, CONF_SRTP_REQUIRED },
		{ "srtp", KEYED "srtp pass-thru", FREELY, CONF_SRTP_PASS_THRU },
		{ "srtp", KEYED "srtp fallback", FREELY "no srtp",
			CONF_SRTP_OFF },
		{ "srtp pass-thru", KEYED, FREELY, CONF_SRTP_PASS_THRU },
		{ "srtp pass-thru", KEYED "default srtp", FREELY "srtp",
			CONF_SRTP_REQUIRED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct conf *c = inherited(
			table[i].voip, table[i].tenant, table[i].peer);

		assert_int_equal(
			conf_peer_srtp(c, c->dial_peers), table[i].srtp);
		assert_int_equal(conf_peer_srtp_offer(c, c->dial_peers),
			CONF_SRTP_OFFER_OPPORTUNISTIC);
		assert_ptr_equal(
			conf_peer_cryptos(c->dial_peers), c->crypto_classes);
		obj_unref(c);
	}
}

/* The same of RTCP on RTP's port. */
static void rtcp_mux_is_inherited(void **state)
{
	static const struct {
		const char *voip, *tenant, *peer;
		enum conf_rtcp_mux mux;
	} table[] = {
		{ "", "", "", CONF_RTCP_MUX_ANSWER },
		{ "rtcp-mux", "", "", CONF_RTCP_MUX_OFFER },
		{ "rtcp-mux", "no rtcp-mux", "", CONF_RTCP_MUX_OFF },
		{ "", "rtcp-mux", "", CONF_RTCP_MUX_OFFER },
		{ "no rtcp-mux", "rtcp-mux", "rtcp-mux answer",
			CONF_RTCP_MUX_ANSWER },
		{ "rtcp-mux", "", "no rtcp-mux", CONF_RTCP_MUX_OFF },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct conf *c = inherited(
			table[i].voip, table[i].tenant, table[i].peer);

		assert_int_equal(
			conf_peer_rtcp_mux(c, c->dial_peers), table[i].mux);
		obj_unref(c);
	}
}

static void finds(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(SLICE_LIT(CONF_BASE TLS_LISTENER PEER
					    " session target ipv4:127.0.0.9\n"),
		"t", &errs);

	assert_non_null(c);
	assert_string_equal(conf_find_trustpoint(c, "T")->name, "T");
	assert_null(conf_find_trustpoint(c, "t"));
	assert_string_equal(conf_find_listener(c, "BASE-C")->name, "BASE-C");
	assert_null(conf_find_listener(c, ""));
	assert_int_equal(conf_find_dial_peer(c, 5)->tag, 5);
	assert_null(conf_find_dial_peer(c, 6));
	assert_ptr_equal(conf_find_listener(c, "L")->trustpoint,
		conf_find_trustpoint(c, "T"));
	/* the address is ready for use, the port as it was written */
	assert_int_equal(addr_port(&c->dial_peers->target_addr), 5060);
	assert_int_equal(c->dial_peers->target_port, 0);
	obj_unref(c);
}

/* Networks by their leading bits; an IPv4 peer of an IPv6 socket is itself. */
static void trusted_networks(void **state)
{
	static const struct {
		const char *host, *entry; /* NULL: none */
	} hosts[] = {
		{ "10.1.1.127", "10.1.1.0" },
		{ "10.1.1.128", NULL },
		{ "::ffff:10.1.1.1", "10.1.1.0" },
		{ "192.0.2.9", "192.0.2.9" },
		{ "192.0.2.8", NULL },
		{ "2001:db8:7fff::1", "2001:db8::" },
		{ "2001:db8:8000::1", NULL },
		{ "::1", "::1" },
		{ "::2", NULL },
	};
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(
		SLICE_LIT(CONF_BASE PEER
			" session target ipv4:127.0.0.9\n"
			"voice service voip\n ip address trusted list\n"
			"  ipv4 10.1.1.0 255.255.255.128\n  ipv4 192.0.2.9\n"
			"  ipv6 2001:db8::/33\n  ipv6 ::1\n"),
		"t", &errs);

	(void)state;
	assert_non_null(c);
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		const struct conf_net *net;
		char host[ADDR_TEXT];
		struct addr a;

		assert_int_equal(
			addr_parse(&a, slice_str(hosts[i].host), 5060), 0);
		net = conf_trusted_net(c, &a);
		if (hosts[i].entry == NULL)
			assert_null(net);
		else
			assert_string_equal(
				addr_host(&net->addr, host), hosts[i].entry);
	}
	conf_errs_free(&errs);
	obj_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(system_commands),
		T(pki_commands),
		T(ca_commands),
		T(class_commands),
		T(listener_commands),
		T(voip_commands),
		T(ua_commands),
		T(peer_commands),
		T(route_commands),
		T(defaults),
		T(srtp_is_inherited),
		T(rtcp_mux_is_inherited),
		T(finds),
		T(trusted_networks),
	};

	return RUN_TESTS(tests);
}

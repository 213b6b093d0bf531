/*
 * Contradictions that are found when all is read. Each row is a configuration
 * that says nothing else, so that what is printed is complete.
 */
#include "test.h"
#include "conf_text.h"

/* Good sections; rows add lines to them and take lines back. */
#define TP                                                                     \
	"crypto pki trustpoint T\n certificate file c\n key file k\n"          \
	" ca-bundle file a\n"
#define PHONES                                                                 \
	"sip-listener P\n side access\n address ipv4 127.0.0.1\n"              \
	" transport tcp tls\n trustpoint T\n"
#define RULES                                                                  \
	" phone-identity 1\n"                                                  \
	"voice class phone-identity 1\n rule 1 subject-cn x\n"
#define INSIDE "sip-listener I\n side core\n address ipv4 127.0.0.2\n"
#define REG "sip-ua\n registrar ipv4:127.0.0.9\n"
#define GOOD TP PHONES INSIDE REG
#define CTL                                                                    \
	"voice-ctl-file L\n record-entry selfsigned trustpoint T\n"            \
	" record-entry cucm-tftp trustpoint T\n complete\n"
#define CLIENT                                                                 \
	"ctl-client\n sast1 trustpoint T\n"                                    \
	" server cucm-tftp 127.0.0.1 trustpoint T\n"                           \
	" server cme 127.0.0.9 username u password file /p\n"
#define PROXY                                                                  \
	"voice-phone-proxy X\n tftp-server address ipv4 127.0.0.9 local-addr " \
	"ipv4 127.0.0.2 acc-addr ipv4 127.0.0.1\n"
#define MEMBER                                                                 \
	"dial-peer voice 1 voip\n destination-pattern 9\n"                     \
	" session target ipv4:127.0.0.9\n no srtp\n"                           \
	" phone-proxy X signal-addr ipv4 127.0.0.1 cucm ipv4 127.0.0.9\n"
#define PEER "dial-peer voice 1 voip\n"

#define TRUNKS                                                                 \
	INSIDE PEER                                                            \
		" destination-pattern 1\n no srtp\n"                           \
		" session target ipv4:127.0.0.8\n"                             \
		"dial-peer voice 2 voip\n destination-pattern 2\n no srtp\n"   \
		" session target ipv4:127.0.0.9\n"
#define TLS1 "voice class tls-profile 1\n trustpoint T\n"
#define NAMES TLS1 " cn-san validate client\n cn-san 1 a.example.com\n"

#define CAPF "capf-server\n trustpoint-label T\n cert-enroll-trustpoint T\n"

#define POLICY "password-policy cme\n"
#define WRONG(where, whose)                                                    \
	where ": the password of " whose " is against 'password-policy cme': " \
	      "it has no digit, write 6 to 15 letters and digits, among them " \
	      "a capital letter, a small one and a digit\n"

static const struct {
	const char *name, *text, *said;
} rows[] = {
	{ "anybody may call",
		GOOD
		"voice service voip\n no ip address trusted authenticate\n",
		"t: warning: no ip address trusted authenticate: whoever "
		"reaches a core listener may place calls, write 'ip address "
		"trusted list' instead\n" },
	/* trunks alone */
	{ "two trunks and no phone", TRUNKS, "" },
	{ "two trunks that register",
		TRUNKS REG " credentials number 1 username "
			   "u password 0 Secret1 realm r\n",
		"" },
	{ "a registrar that nobody uses", TRUNKS REG,
		"t: phones have nowhere to connect to, add a 'sip-listener' "
		"with 'side access'\n" },
	{ "phones among them",
		TRUNKS "dial-peer voice 3 voip\n destination-pattern 3\n"
		       " no srtp\n session target registrar\n",
		"t: phones have nowhere to connect to, add a 'sip-listener' "
		"with 'side access'\n"
		"t: warning: there is no registrar, so phones cannot register, "
		"add 'registrar ipv4:A.B.C.D' or 'registrar embedded' below "
		"'sip-ua'\n"
		"t:15:2: dial-peer 3 calls phones that have registered, and "
		"there is no registrar, add 'registrar …' below 'sip-ua'\n" },
	/* voice class tls-profile */
	{ "names of clients, listed and called",
		GOOD NAMES "sip-listener J\n side core\n address ipv4 "
			   "127.0.0.3\n transport tcp tls\n tls-profile 1\n",
		"" },
	{ "names that nobody checks", GOOD TLS1 " cn-san 1 a.example.com\n",
		"t:17:2: warning: voice class tls-profile 1 lists names and "
		"does not say whose certificates must have one, add 'cn-san "
		"validate bidirectional', or 'server' or 'client'\n" },
	{ "names of clients nowhere", GOOD NAMES,
		"t:17:2: warning: voice class tls-profile 1 is on no "
		"sip-listener: no client's names are checked by it, add "
		"'tls-profile N' to the sip-listener that they connect to\n" },
	{ "a name that is none", GOOD TLS1 " cn-san 1 a*b\n",
		"t:17:11: 'a*b' is not a name that a certificate may have, "
		"write 'cn-san 1 sip.example.com' or '*.example.com'\n" },
	{ "names and no certificate",
		GOOD NAMES
		"sip-listener J\n side core\n address ipv4 127.0.0.3\n"
		" transport tcp tls\n tls-profile 1\n client-verify none\n",
		"t:24:2: warning: anybody may connect to sip-listener J "
		"without a certificate, write 'client-verify required'\n"
		"t:24:2: the names of clients are to be checked, and "
		"sip-listener J asks for no certificate, write 'client-verify "
		"required'\n" },
	{ "clients have the names that are called, and there are none",
		GOOD "sip-ua\n crypto signaling default trustpoint T "
		     "cn-san-validate client\nsip-listener J\n side core\n "
		     "address ipv4 127.0.0.3\n transport tcp tls\n trustpoint "
		     "T\n",
		"t:17:1: the names of clients are to be checked on "
		"sip-listener J, and none is listed or called by TLS, add "
		"'cn-san 1 NAME' to the voice class tls-profile\n" },
	{ "a network's certificate, and a listener that shows its own",
		GOOD "crypto pki trustpoint U\n certificate file c\n"
		     " key file k\n ca-bundle file a\n"
		     "sip-ua\n crypto signaling remote-addr 10.0.0.0 /8 "
		     "trustpoint U\nsip-listener J\n side core\n"
		     " address ipv4 127.0.0.3\n transport tcp tls\n"
		     " trustpoint T\n client-vtp U\n",
		"t:20:2: warning: sip-listener J has a client-vtp: who "
		"connects there from that network is shown its certificate, "
		"not that of trustpoint U, give that network a sip-listener "
		"of its own\n" },
	{ "a network whom nobody vouches for",
		GOOD "crypto pki trustpoint U\n certificate file c\n"
		     " key file k\nsip-ua\n crypto signaling remote-addr "
		     "10.0.0.0 /8 trustpoint U\n",
		"t:19:2: trustpoint U names no authorities, so nobody in that "
		"network can be trusted, add 'ca-bundle file PATH' to it\n" },
	{ "a profile and no TLS",
		GOOD TLS1 "sip-listener J\n side core\n address ipv4 "
			  "127.0.0.3\n tls-profile 1\n",
		"t:20:2: warning: tls-profile has no effect: sip-listener J "
		"does not speak TLS, write 'transport tcp tls', or leave it "
		"out\n" },
	{ "a terminator in front of phones",
		TP PHONES " tls-terminator\n" RULES INSIDE REG,
		"t:10:2: tls-terminator of sip-listener P would make one "
		"device of all phones behind one proxy, let phones speak TLS "
		"themselves and leave it out, or write 'side core'\n" },
	{ "a terminator and no TLS",
		GOOD "sip-listener J\n side core\n address "
		     "ipv4 127.0.0.3\n tls-terminator\n",
		"t:18:2: warning: tls-terminator has no effect: sip-listener J "
		"does not speak TLS, write 'transport tcp tls', or leave it "
		"out\n" },
	{ "a terminator",
		GOOD "sip-listener J\n side core\n address ipv4 "
		     "127.0.0.3\n transport tcp tls\n trustpoint "
		     "T\n tls-terminator\n",
		"" },
	/* password-policy; what is sealed: test_seal.c */
	{ "a policy and no password", POLICY GOOD, "" },
	{ "a policy above or below",
		GOOD "crypto pki trustpoint U\n enrollment url http://ca\n"
		     " password Sesame\n" POLICY,
		WRONG("t:17:11", "U") },
	{ "a policy taken back",
		POLICY GOOD
		"crypto pki trustpoint U\n enrollment url http://ca\n"
		" password Sesame\nno password-policy cme\n",
		"" },
	{ "a policy that is kept",
		POLICY GOOD
		"crypto pki trustpoint U\n enrollment url http://ca\n"
		" password Sesame7\n",
		"" },
	{ "of the CA inside",
		POLICY GOOD "crypto pki server C\n"
			    " challenge-password Sesame\n",
		WRONG("t:17:21", "C") },
	{ "of the CAPF server",
		POLICY GOOD CAPF " auth-mode auth-string\n"
				 " cert-enroll-password Sesame\n",
		"t:20:2: warning: the password has no effect: trustpoint T "
		"signs at once, leave it out\n" WRONG(
			"t:20:23", "capf-server") },
	{ "of another box",
		POLICY GOOD
		"ctl-client\n trustpoint T\n sast1 trustpoint T\n"
		" server cucm-tftp 127.0.0.1 trustpoint T\n"
		" server cme 127.0.0.9 username u password Sesame\n",
		WRONG("t:20:43", "ctl-client") },
	{ "for other boxes",
		POLICY GOOD "credentials\n ip source-address 127.0.0.1\n"
			    " trustpoint T\n"
			    " ctl-service admin u secret 0 Sesame\n",
		"t:16:1: warning: the secret of user u stands in clear in the "
		"configuration, `lineside ctl secret` makes a 'secret 8' of "
		"it\n" WRONG("t:19:31", "credentials") },
	{ "good", GOOD, "" },
	{ "nothing at all", "",
		"t: phones have nowhere to connect to, add a 'sip-listener' "
		"with 'side access'\n"
		"t: there is no listener towards the call manager, add a "
		"'sip-listener' with 'side core', or 'registrar embedded' "
		"below 'sip-ua'\n"
		"t: warning: there is no registrar, so phones cannot register, "
		"add 'registrar ipv4:A.B.C.D' or 'registrar embedded' below "
		"'sip-ua'\n" },
	{ "no core is needed", TP PHONES RULES "sip-ua\n registrar embedded\n",
		"" },
	{ "no rules and no passwords",
		TP PHONES "sip-ua\n registrar embedded\n",
		"t:9:2: warning: whoever has a certificate of its authorities "
		"may register any line on sip-listener P, add 'phone-identity "
		"N' and a 'voice class phone-identity N'\n" },
	{ "a core is needed",
		TP PHONES RULES
		"sip-ua\n registrar embedded\n" PEER
		" destination-pattern 9\n session target dns:x\n"
		" no srtp\n",
		"t: there is no listener towards the call manager, add a "
		"'sip-listener' with 'side core', or 'registrar embedded' "
		"below 'sip-ua'\n" },
	{ "no access", INSIDE REG,
		"t: phones have nowhere to connect to, add a 'sip-listener' "
		"with 'side access'\n" },

	/* capf-server, tvs-server */
	{ "capf", GOOD CAPF " auth-mode auth-string\n", "" },
	{ "capf without trustpoints",
		GOOD "capf-server\n auth-mode auth-string\n",
		"t:15:1: the CAPF server has no certificate to show, add "
		"'trustpoint-label NAME'\n"
		"t:15:1: the CAPF server has nobody to sign certificates, add "
		"'cert-enroll-trustpoint NAME'\n" },
	{ "capf taken back", GOOD "capf-server\nno capf-server\n", "" },
	{ "capf for nobody", GOOD CAPF,
		"t:15:1: warning: auth-mode none: phones are given nothing, "
		"add 'auth-mode auth-string'\n" },
	{ "capf by whatever is made of MICs", GOOD CAPF " auth-mode MIC\n",
		"t:15:1: auth-mode MIC needs the manufacturers' roots, add "
		"'mic-trustpoint NAME'\n" },
	{ "capf for everybody", GOOD CAPF " auth-mode null-string\n",
		"t:15:1: warning: with null-string, whoever reaches the port "
		"gets a certificate of any phone, use it for as long as phones "
		"are in your hands\n" },
	{ "capf for what is no phone",
		GOOD CAPF " auth-mode auth-string\n"
			  " cert-oper upgrade phone SEP12\n",
		"t:19:26: 'SEP12' is not a phone's name, write it like "
		"SEP001122334455\n" },
	{ "capf with short keys",
		GOOD CAPF " auth-mode auth-string\n phone-key-size 512\n",
		"t:19:2: 'phone-key-size 512' is not supported, write "
		"'phone-key-size 2048', or 1024 for the oldest phones\n" },
	{ "tvs without anything", GOOD "tvs-server\n",
		"t:15:1: the TVS server has no certificate to show, add "
		"'trustpoint-label NAME'\n"
		"t:15:1: warning: the TVS server finds no certificate good, "
		"add 'answer trustpoint NAME role ROLE'\n" },
	{ "tvs",
		GOOD "tvs-server\n trustpoint-label T\n"
		     " answer trustpoint T role capf\n",
		"" },

	/* trustpoints */
	{ "no key", GOOD "crypto pki trustpoint T\n no key file\n",
		"t:2:2: trustpoint T has a certificate and no key, add 'key "
		"file PATH'\n" },
	{ "no certificate", GOOD "crypto pki trustpoint U\n key file k\n",
		"t:16:2: trustpoint U has a key and no certificate, add "
		"'certificate file PATH'\n" },
	{ "no file", GOOD "crypto pki trustpoint U\n",
		"t:15:1: trustpoint U names no file, add 'certificate file', "
		"'key file' or 'ca-bundle file', or 'enrollment'\n" },
	{ "token without certificate",
		GOOD "crypto pki trustpoint U\n key url pkcs11:token=t\n",
		"t:16:2: trustpoint U has a key and no certificate, add "
		"'certificate file PATH' or 'enrollment'\n" },
	{ "two keys", GOOD "crypto pki trustpoint T\n key url pkcs11:token=t\n",
		"t:16:2: trustpoint T has two keys, remove one of them\n" },
	{ "short key",
		GOOD "crypto pki trustpoint U\n enrollment terminal\n"
		     " rsakeypair K 1024\n",
		"t:17:2: an RSA key of 1024 bits is too short: peers refuse "
		"it, write 2048 or more, or 'legacy until DAY short-keys'\n" },
	{ "short key excepted",
		GOOD "crypto pki trustpoint U\n"
		     " enrollment terminal\n rsakeypair K 1024\n"
		     " legacy until 2027-06-30 short-keys\n",
		"" },
	{ "auto-enroll of files",
		GOOD "crypto pki trustpoint T\n auto-enroll 70\n",
		"t:16:2: warning: auto-enroll has no effect: no authority is "
		"asked for the certificate of trustpoint T, add 'enrollment "
		"url URL'\n" },
	{ "SCEP with an EC key",
		GOOD "crypto pki trustpoint U\n"
		     " enrollment url http://ca\n eckeypair K\n",
		"t:17:2: SCEP works with RSA keys only, since answers are "
		"encrypted to them, write 'rsakeypair', or add 'profile est' "
		"to 'enrollment url'\n" },
	{ "SCEP with a key on a token",
		GOOD "crypto pki trustpoint U\n"
		     " enrollment url http://ca\n key url pkcs11:token=a\n",
		"t:17:2: SCEP needs the private key itself, and that of "
		"trustpoint U cannot leave its token, add 'profile est' to "
		"'enrollment url', or write 'enrollment terminal'\n" },
	{ "two passwords",
		GOOD
		"crypto pki trustpoint U\n"
		" enrollment url http://ca\n password x\n password file y\n",
		"t:18:2: trustpoint U has two passwords, remove one of them\n" },
	{ "EST without TLS",
		GOOD "crypto pki trustpoint U\n"
		     " enrollment url http://ca profile est\n",
		"t:16:2: EST is spoken over TLS alone, write https:// (RFC "
		"7030, 3.3)\n" },
	{ "authorities in a circle",
		GOOD "crypto pki trustpoint U\n"
		     " ca-bundle trustpoint U\n",
		"t:16:2: trustpoint U has the authorities of another, too, "
		"name one that has them itself\n" },
	{ "one label, two kinds",
		GOOD "crypto pki trustpoint U\n"
		     " enrollment terminal\n rsakeypair K\n"
		     "crypto pki trustpoint V\n enrollment terminal\n"
		     " eckeypair K\n",
		"t:20:2: the key K is of another kind or size in trustpoint "
		"U, use another label, or the same kind and size\n" },
	{ "a client's for a listener",
		GOOD "crypto pki trustpoint T\n usage client\n",
		"t:9:2: trustpoint T is for a client, and sip-listener P is a "
		"server, give sip-listener and dial-peers a trustpoint each, "
		"or write 'usage both'\n" },
	{ "enrolled, for a listener",
		GOOD "crypto pki trustpoint U\n enrollment terminal\n"
		     "sip-listener P\n trustpoint U\n",
		"" },

	/* a CA of our own */
	{ "CA and nothing else",
		"ip http server\ncrypto pki server CA\n no shutdown\n", "" },
	{ "CA that nobody can ask", GOOD "crypto pki server CA\n no shutdown\n",
		"t:15:1: warning: nobody can ask CA for a certificate, add "
		"'ip http server'\n" },
	{ "everybody gets one",
		"ip http server\n"
		"crypto pki server CA\n grant auto\n no shutdown\n",
		"t:3:2: warning: everybody who reaches CA gets a certificate "
		"by any name, add 'challenge-password WORD', or write 'grant "
		"manual'\n" },
	{ "outlives its CA",
		"ip http server\n"
		"crypto pki server CA\n lifetime ca-certificate 300\n"
		" no shutdown\n lifetime certificate 299\n",
		"t:5:2: warning: certificates of CA would outlive it: they "
		"end with the CA's own certificate, leave 30 days or more "
		"between them\n" },
	/* recording */
	{ "recorded",
		GOOD "media profile recorder 1\n media-recording 9\n"
		     "media class 2\n recorder profile 1 siprec\n"
		     "dial-peer voice 9 voip\n no srtp\n"
		     " session target ipv4:127.0.0.9\n",
		"" },
	{ "no such recorder",
		GOOD "media profile recorder 1\n media-recording 8 9\n"
		     "dial-peer voice 8 voip\n session target registrar\n"
		     " destination-pattern 8\n",
		"t:16:2: dial-peer 8 leads to no recorder, add 'session target "
		"ipv4:A.B.C.D' to it\nt:16:2: there is no dial-peer 9\n" },
	{ "recorders that record nothing",
		GOOD "media profile recorder 1\nmedia class 2\n",
		"t:15:1: warning: media profile recorder 1 records nowhere, "
		"add 'media-recording TAG', a dial-peer to the recorder\n"
		"t:16:1: warning: media class 2 does nothing, add 'recorder "
		"profile N siprec'\n" },
	{ "a recorder's own calls",
		GOOD "media profile recorder 1\n media-recording 9\n"
		     "media class 2\n recorder profile 1 siprec\n"
		     "dial-peer voice 9 voip\n no srtp\n media-class 2\n"
		     " session target ipv4:127.0.0.9\n",
		"t:16:2: warning: dial-peer 9 leads to a recorder: what goes "
		"there is not recorded in its turn, remove 'media-class' from "
		"the dial-peer\n" },
	{ "Cisco's own way of recording",
		GOOD "media class 2\n recorder profile 1\n"
		     " recorder parameter siprec\n  media-recording 9\n",
		"t:16:2: 'recorder profile 1' is not supported, recording is "
		"SIPREC (RFC 7866): add 'siprec'\n"
		"t:17:2: 'recorder parameter siprec' is not supported, write "
		"its lines below 'media profile recorder N', and 'recorder "
		"profile N siprec' here\n" },
	{ "two CAs",
		"ip http server\ncrypto pki server A\ncrypto pki server B\n",
		"t:3:1: there is a crypto pki server A already, remove one\n" },
	{ "RA without a trustpoint",
		"ip http server\ncrypto pki server A\n mode ra\n",
		"t:3:2: RA A has no trustpoint: its certificate comes from "
		"another CA, write a 'crypto pki trustpoint' of that name\n" },
	{ "RA in front of nothing",
		GOOD "ip http server\ncrypto pki server A\n mode ra\n"
		     " trustpoint T\n",
		"t:17:2: trustpoint T does not say which CA the RA A stands "
		"in front of, add 'enrollment url http://…' to the "
		"trustpoint\n" },
	{ "EC key of an RA",
		GOOD "ip http server\ncrypto pki trustpoint U\n eckeypair K\n"
		     " enrollment url http://ca\n"
		     "crypto pki server U\n mode ra\n",
		"t:17:2: SCEP works with RSA keys only, since answers are "
		"encrypted to them, write 'rsakeypair', or add 'profile est' "
		"to 'enrollment url'\n"
		"t:20:2: RA U needs an RSA key: SCEP encrypts requests to it, "
		"write 'rsakeypair' there\n" },
	{ "HTTP for nothing", GOOD "ip http server\n",
		"t:15:1: warning: ip http server has nothing to serve, write a "
		"'crypto pki server', or remove the line\n" },

	/* classes */
	{ "empty classes",
		GOOD "voice class codec 1\nvoice class srtp-crypto 2\n"
		     "voice class phone-identity 3\n",
		"t:15:1: voice class codec 1 has no codec, add 'codec "
		"preference 1 g711ulaw'\n"
		"t:16:1: voice class srtp-crypto 2 has no suite, add 'crypto 1 "
		"AEAD_AES_256_GCM'\n"
		"t:17:1: voice class phone-identity 3 has no rule, so it "
		"accepts no phone, add 'rule 10 subject-cn PATTERN'\n" },

	/* listeners */
	{ "TLS without trustpoint", GOOD "sip-listener P\n no trustpoint\n",
		"t:8:2: sip-listener P speaks TLS and has no trustpoint, add "
		"'trustpoint NAME'\n" },
	{ "trustpoint without certificate",
		GOOD "crypto pki trustpoint T\n no certificate file\n"
		     " no key file\n",
		"t:9:2: trustpoint T has no certificate that sip-listener P "
		"could show, add 'certificate file' and 'key file' to it, or "
		"'enrollment'\n" },
	{ "trustpoint without authorities",
		GOOD "crypto pki trustpoint T\n no ca-bundle file\n",
		"t:9:2: trustpoint T names no authorities, so sip-listener P "
		"can accept no client, add 'ca-bundle file PATH' to it\n" },
	{ "anybody may connect", GOOD "sip-listener P\n client-verify none\n",
		"t:16:2: warning: anybody may connect to sip-listener P "
		"without a certificate, write 'client-verify required'\n" },
	{ "identity of nobody",
		GOOD "voice class phone-identity 1\n rule 1 subject-cn x\n"
		     "sip-listener P\n client-verify none\n"
		     " phone-identity 1\n",
		"t:18:2: warning: anybody may connect to sip-listener P "
		"without a certificate, write 'client-verify required'\n"
		"t:19:2: warning: phone-identity has no effect for clients "
		"without a certificate, write 'client-verify required'\n" },
	{ "TLS lines without TLS", GOOD "sip-listener I\n trustpoint T\n",
		"t:16:2: warning: trustpoint has no effect: sip-listener I "
		"does not speak TLS, write 'transport tcp tls', or leave it "
		"out\n" },
	{ "same port",
		GOOD "sip-listener J\n side core\n"
		     " address ipv4 127.0.0.2 port 5060\n",
		"t:17:2: sip-listener J has the port of sip-listener I, use "
		"another port\n" },
	{ "TCP and TLS share ports",
		GOOD "sip-listener J\n side core\n transport tcp\n"
		     " address ipv4 127.0.0.1 port 5061\n",
		"t:18:2: sip-listener J has the port of sip-listener P, use "
		"another port\n" },
	{ "TCP and UDP do not",
		GOOD "sip-listener J\n side core\n transport tcp\n"
		     " address ipv4 127.0.0.2\n",
		"" },
	{ "any address", GOOD "sip-listener P\n address ipv4 0.0.0.0\n",
		"t:16:2: sip-listener P listens on any address and does not "
		"say which one peers are told, add 'advertise ipv4 A.B.C.D' "
		"(or ipv6), or name one address\n"
		"t:16:2: sip-listener P listens on any address, so there is "
		"none for media, add 'media address' to 'voice service "
		"voip'\n" },
	{ "any address, told",
		GOOD "sip-listener P\n address ipv4 0.0.0.0\n"
		     " advertise ipv4 127.0.0.1\nvoice service voip\n"
		     " media address access ipv4 0.0.0.0 advertise 127.0.0.1\n",
		"" },
	{ "advertise any", GOOD "sip-listener P\n advertise ipv4 0.0.0.0\n",
		"t:16:2: peers cannot be told an any-address, name one "
		"address\n" },
	{ "advertise another family",
		GOOD "sip-listener P\n advertise ipv6 2001:db8::1\n",
		"t:16:2: address and advertise are not of one family, use two "
		"listeners for IPv4 and IPv6\n" },
	{ "phones readable on the Internet",
		"sip-listener P\n side access\n address ipv4 203.0.113.5\n"
		" transport tcp\n" INSIDE REG,
		"t:4:2: warning: sip-listener P takes phones without TLS on a "
		"public address: numbers, passwords' digests and SRTP keys can "
		"be read and calls taken over on the way, use 'transport tcp "
		"tls' or a private address\n" },
	{ "private addresses",
		"sip-listener P1\n side access\n address ipv4 10.0.0.1\n"
		"sip-listener P2\n side access\n address ipv4 172.31.0.1\n"
		"sip-listener P3\n side access\n address ipv4 192.168.0.1\n"
		"sip-listener P4\n side access\n address ipv4 169.254.0.1\n"
		"sip-listener P5\n side access\n address ipv4 100.64.0.1\n"
		"sip-listener P6\n side access\n address ipv6 fd00::1\n"
		"sip-listener P7\n side access\n address ipv6 fe80::1\n"
		"sip-listener P8\n side access\n address ipv6 ::1\n" INSIDE REG,
		"" },
	{ "public behind translation",
		"sip-listener P\n side access\n address ipv4 10.0.0.1\n"
		" advertise ipv4 198.51.100.1\n" INSIDE REG,
		"t:1:1: warning: sip-listener P takes phones without TLS on a "
		"public address: numbers, passwords' digests and SRTP keys can "
		"be read and calls taken over on the way, use 'transport tcp "
		"tls' or a private address\n" },

	/* media and voice service voip */
	{ "empty range",
		GOOD "voice service voip\n rtp-port range 30000 20000\n",
		"t:16:2: the range 30000 to 20000 is empty, the smaller port "
		"comes first\n" },
	{ "odd range", GOOD "voice service voip\n rtp-port range 16385 20001\n",
		"t:16:2: RTP has even ports, the odd one after each is RTCP's, "
		"write 'rtp-port range 16386 20000'\n" },
	{ "few ports",
		GOOD "voice service voip\n rtp-port range 20000 20008\n"
		     " max-conn 3\n",
		"t:17:2: warning: 3 calls need two pairs of ports each, and "
		"there are only 5, widen 'rtp-port range'\n" },
	{ "enough ports",
		GOOD "voice service voip\n rtp-port range 20000 20006\n"
		     " max-conn 2\n",
		"" },
	{ "SIP among RTP",
		GOOD "sip-listener I\n address ipv4 127.0.0.2 port 20002\n",
		"t:16:2: warning: port 20002 of sip-listener I is also an RTP "
		"port, use a port outside 'rtp-port range'\n" },
	{ "media on any address",
		GOOD "voice service voip\n media address core ipv6 ::\n",
		"t:16:2: media address core is any address, and SDP must say "
		"one, add 'advertise A', or name one address\n" },
	{ "media of two families",
		GOOD "voice service voip\n media address core ipv6 ::1 "
		     "advertise 127.0.0.1\n",
		"t:16:2: media address core and its advertise are not of one "
		"family, both must be IPv4, or both IPv6\n" },
	{ "expiry upside down",
		GOOD "voice service voip\n sip\n"
		     "  registrar server expires max 60 min 90\n",
		"t:17:3: no registration can live for at least 90 and at most "
		"60 seconds, the minimum must not exceed the maximum\n" },

	/* registrar */
	{ "no registrar", TP PHONES INSIDE "sip-ua\n",
		"t:13:1: warning: there is no registrar, so phones cannot "
		"register, add 'registrar ipv4:A.B.C.D' or 'registrar embedded' "
		"below 'sip-ua'\n" },
	{ "registrar of another transport",
		GOOD "sip-ua\n registrar ipv4:127.0.0.9 tcp\n",
		"t:16:2: no core listener has the registrar's transport (tcp) "
		"and address family, add a 'sip-listener' with 'side core' for "
		"it\n" },
	{ "registrar of another family",
		GOOD "sip-ua\n registrar ipv6:[2001:db8::1]\n",
		"t:16:2: no core listener has the registrar's transport (udp) "
		"and address family, add a 'sip-listener' with 'side core' for "
		"it\n" },
	{ "registrar by TLS without trust",
		GOOD "sip-listener I\n transport tcp tls\n trustpoint T\n"
		     "sip-ua\n registrar dns:cm tcp tls\n",
		"t:19:2: the registrar is reached by TLS and no trustpoint "
		"says whom to trust, add 'crypto signaling default trustpoint "
		"NAME'\n" },
	{ "registrar by TLS without authorities",
		GOOD "crypto pki trustpoint U\n certificate file c\n"
		     " key file k\nsip-listener I\n transport tcp tls\n"
		     " trustpoint T\nsip-ua\n registrar dns:cm tcp tls\n"
		     " crypto signaling default trustpoint U\n",
		"t:23:2: trustpoint U names no authorities, so the registrar "
		"cannot be trusted, add 'ca-bundle file PATH' to it\n" },

	/* dial-peers */
	{ "no target", GOOD PEER " destination-pattern 9\n",
		"t:16:2: dial-peer 1 has a destination and no target, add "
		"'session target'\n" },
	{ "nothing said", GOOD PEER " preference 1\n",
		"t:15:1: dial-peer 1 has no target, add 'session target' and "
		"'destination-pattern', or 'incoming listener'\n" },
	{ "never chosen", GOOD PEER " session target registrar\n",
		"t:15:1: warning: no number leads to dial-peer 1, add "
		"'destination-pattern'\n" },
	{ "shut down", GOOD PEER " destination-pattern 9\n shutdown\n", "" },
	{ "incoming only", GOOD PEER " incoming called-number .\n", "" },
	{ "phones without a registrar",
		TP PHONES INSIDE PEER
		" destination-pattern 9\n session target registrar\n",
		"t: warning: there is no registrar, so phones cannot register, "
		"add 'registrar ipv4:A.B.C.D' or 'registrar embedded' below "
		"'sip-ua'\n"
		"t:15:2: dial-peer 1 calls phones that have registered, and "
		"there is no registrar, add 'registrar …' below 'sip-ua'\n" },
	{ "phones elsewhere",
		GOOD PEER " destination-pattern 9\n session target registrar\n"
			  " session transport udp\n no srtp\n",
		"t:18:2: no phone can be where dial-peer 1 calls, 'transport' "
		"of the listener and 'session transport' must agree\n" },
	{ "no such core listener",
		GOOD PEER " destination-pattern 9\n no srtp\n"
			  " session target ipv4:127.0.0.9\n"
			  " session transport tcp\n",
		"t:18:2: no core listener has the transport (tcp) and address "
		"family of dial-peer 1, add such a 'sip-listener', or change "
		"'session transport'\n" },
	{ "bound to another transport",
		GOOD PEER " destination-pattern 9\n no srtp\n"
			  " session target ipv4:127.0.0.9\n bind listener P\n",
		"t:19:2: dial-peer 1 uses udp and sip-listener P tcp tls, bind "
		"a listener of that transport\n" },
	{ "bound to another family",
		GOOD PEER " destination-pattern 9\n no srtp\n"
			  " session target ipv6:[::1]\n bind listener I\n",
		"t:19:2: the target of dial-peer 1 cannot be reached from the "
		"address of sip-listener I, bind a listener of the target's "
		"family\n" },
	{ "TLS target without trust",
		GOOD "sip-listener J\n side core\n address ipv4 127.0.0.3\n"
		     " transport tcp tls\n trustpoint T\n" PEER
		     " destination-pattern 9\n session target dns:x\n"
		     " session transport tcp tls\n",
		"t:23:2: dial-peer 1 uses TLS and no trustpoint says whom to "
		"trust, add 'trustpoint NAME', or 'crypto signaling default "
		"trustpoint NAME' below 'sip-ua'\n" },
	{ "TLS target without authorities",
		GOOD "sip-listener J\n side core\n address ipv4 127.0.0.3\n"
		     " transport tcp tls\n trustpoint T\n"
		     "crypto pki trustpoint U\n certificate file c\n"
		     " key file k\n" PEER
		     " destination-pattern 9\n session target dns:x\n"
		     " session transport tcp tls\n trustpoint U\n",
		"t:27:2: trustpoint U names no authorities, so the target of "
		"dial-peer 1 cannot be trusted, add 'ca-bundle file PATH' to "
		"it\n" },
	{ "TLS lines for a plain target",
		GOOD PEER " destination-pattern 9\n session target dns:x\n"
			  " no srtp\n peer-name x\n",
		"t:19:2: warning: peer-name has no effect: dial-peer 1 does "
		"not use TLS, write 'session transport tcp tls', or leave it "
		"out\n" },
	{ "keys readable",
		GOOD PEER " destination-pattern 9\n session target dns:x\n"
			  " srtp fallback\n",
		"t:18:2: dial-peer 1 would send SRTP keys readable over udp, "
		"use TLS there, write 'no srtp', or ask for it by name with "
		"'srtp insecure-sdes'\n" },
	{ "keys readable by default",
		GOOD PEER " destination-pattern 9\n session target dns:x\n",
		"t:15:1: dial-peer 1 would send SRTP keys readable over udp "
		"(srtp comes from voice service voip), use TLS there, write "
		"'no srtp', or ask for it by name with 'srtp insecure-sdes'\n" },
	{ "keys readable from phones",
		"sip-listener P\n side access\n address ipv4 10.0.0.1\n" INSIDE
			REG PEER " incoming listener P\n srtp\n",
		"t:11:2: dial-peer 1 would send SRTP keys readable over udp, "
		"on sip-listener P, use TLS there, write 'no srtp', or ask for "
		"it by name with 'srtp insecure-sdes'\n" },
	{ "keys readable to phones",
		"sip-listener P\n side access\n address ipv4 10.0.0.1\n" INSIDE
			REG PEER " session target registrar\n"
		" destination-pattern 1\n srtp\n",
		"t:12:2: dial-peer 1 would send SRTP keys readable over udp, "
		"on sip-listener P, use TLS there, write 'no srtp', or ask for "
		"it by name with 'srtp insecure-sdes'\n" },
	{ "keys readable, asked for by name",
		GOOD PEER " destination-pattern 9\n session target dns:x\n"
			  " srtp\n srtp insecure-sdes\n",
		"" },

	/* trust lists and phone proxies */
	{ "phone proxy", GOOD CTL PROXY " ctl-file L\n complete\n" MEMBER, "" },
	{ "no such trustpoint", GOOD CTL " record-entry capf trustpoint X\n",
		"t:19:2: there is no trustpoint X, write a section 'crypto "
		"pki trustpoint'\n" },
	{ "signer without key",
		GOOD "crypto pki trustpoint A\n ca-bundle file a\n" CTL
		     " record-entry selfsigned trustpoint A\n",
		"t:21:2: trustpoint A has no key to sign with, give it a "
		"certificate and key of ours\n" },
	{ "empty trust list", GOOD "voice-ctl-file L\n complete\n",
		"t:16:2: nothing signs trust list L, add 'record-entry "
		"selfsigned trustpoint NAME'\n"
		"t:16:2: nothing signs the files of phones that trust L, add "
		"'record-entry cucm-tftp trustpoint NAME'\n" },
	{ "a reserved name", GOOD "voice-ctl-file ctl-client\n",
		"t:15:16: 'ctl-client' is the name of ctl-client's list, "
		"choose another name\n" },
	{ "ctl-client", GOOD CLIENT " trustpoint T\n", "" },
	{ "ctl-client without signers",
		GOOD "ctl-client\n server capf 127.0.0.9 trustpoint T\n",
		"t:15:1: nothing signs trust list ctl-client, add 'sast1 "
		"trustpoint NAME'\n"
		"t:15:1: nothing signs the files of phones that trust "
		"ctl-client, add 'server cucm-tftp ADDRESS trustpoint NAME'\n" },
	{ "one signer twice",
		GOOD CLIENT " trustpoint T\n"
			    " sast2 trustpoint T\n",
		"t:20:2: sast1 and sast2 are one trustpoint: losing its key "
		"would lose both, give it another trustpoint\n" },
	{ "boxes that nobody vouches for", GOOD CLIENT,
		"t:18:2: nothing says which boxes to believe, add 'trustpoint "
		"NAME' with their authorities\n" },
	{ "boxes without authorities",
		GOOD CLIENT " trustpoint B\ncrypto pki trustpoint B\n"
			    " certificate file c\n key file k\n",
		"t:19:2: trustpoint B names no authorities that other boxes "
		"could be judged by, add 'ca-bundle file PATH' to it\n" },
	{ "no digest of phones", GOOD CTL " hash sha384\n",
		"t:19:2: 'hash sha384' is not supported, the files' format "
		"has no number for SHA-384, and no phone is known to take "
		"SHA-256: write 'hash sha512', or 'hash sha1' for old "
		"phones\n" },
	{ "credentials of nobody", GOOD "credentials\n",
		"t:15:1: credentials are offered nowhere, add 'ip "
		"source-address ADDRESS'\n"
		"t:15:1: nobody may ask for these credentials, add "
		"'ctl-service admin USER secret 8 …'; `lineside ctl secret` "
		"makes it\n"
		"t:15:1: credentials have no certificate to show, add "
		"'trustpoint NAME'\n" },
	{ "a secret in clear",
		GOOD "credentials\n ip source-address 127.0.0.1\n"
		     " trustpoint T\n ctl-service admin u secret 0 s\n",
		"t:15:1: warning: the secret of user u stands in clear in the "
		"configuration, `lineside ctl secret` makes a 'secret 8' of "
		"it\n" },
	{ "nothing to serve", GOOD "voice-phone-proxy X\n complete\n" MEMBER,
		"t:16:2: phone proxy X has no files to serve, add 'tftp-server "
		"address … local-addr … acc-addr …'\n" },
	{ "secure without trust list",
		GOOD PROXY " access-secure\n complete\n" MEMBER,
		"t:17:2: phones without a trust list cannot use TLS, add "
		"'ctl-file NAME'\n" },
	{ "authenticated without trust list",
		GOOD PROXY " device-security-mode authenticated phone "
			   "SEP001122334455\n complete\n" MEMBER,
		"t:17:2: phones without a trust list cannot use TLS, add "
		"'ctl-file NAME'\n" },
	{ "encrypted without trust list",
		GOOD PROXY " encrypted-config required\n complete\n" MEMBER,
		"t:17:2: encrypted configuration is signed, and nothing signs, "
		"add 'ctl-file NAME'\n" },
	{ "not a phone", GOOD PROXY " encrypted-config none phone SEP1\n",
		"t:17:30: 'SEP1' is not a phone's name, write it like "
		"SEP001122334455\n" },
	{ "client certificates of nobody",
		GOOD "crypto pki trustpoint A\n certificate file c\n key "
		     "file k\n" PROXY
		     " https-port 6972 trustpoint A client-verify\n"
		     " complete\n" MEMBER,
		"t:20:2: trustpoint A has nobody to judge phones by, add "
		"'ca-bundle file PATH' with the phones' authorities to it\n" },
	{ "no member", GOOD PROXY " complete\n",
		"t:17:2: warning: no configuration file can be served by phone "
		"proxy X: no dial-peer tells where its call manager is found, "
		"add 'phone-proxy … signal-addr … cucm …' to a dial-peer\n" },
};

/* `password-policy cme`, by a password alone: what is wrong with it. */
static const struct {
	const char *password, *fault;
} passwords[] = {
	{ "Abcd5", "it is not 6 to 15 characters long" },
	{ "Abcde6", NULL },
	{ "Abcdefghijklm15", NULL },
	{ "Abcdefghijklmn16", "it is not 6 to 15 characters long" },
	{ "abcde6", "it has no capital letter" },
	{ "ABCDE6", "it has no small letter" },
	{ "Abcdef", "it has no digit" },
	{ "Abcd-6", "it has other characters than letters and digits" },
	{ "Abcd 6", "it has other characters than letters and digits" },
	{ "Abc\xc3\xa9"
	  "6",
		"it has other characters than letters and digits" },
	{ "123456", "it has no capital letter" },
};

static void passwords_are_as_cme_wants_them(void **state)
{
	(void)state;
	struct conf c = { .password_policy = true }, none = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(passwords); i++) {
		const char *fault =
			conf_password_fault(&c, passwords[i].password);

		print_message("%s\n", passwords[i].password);
		assert_null(conf_password_fault(&none, passwords[i].password));
		if (passwords[i].fault == NULL)
			assert_null(fault);
		else
			assert_string_equal(fault, passwords[i].fault);
	}
}

static void contradictions_are_found(void **state)
{
	(void)state;
	unsigned wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *said = conf_complaints(rows[i].text);

		if (strcmp(said, rows[i].said) != 0) {
			print_message("\"%s\" says\n%sand not\n%s\n",
				rows[i].name, said, rows[i].said);
			wrong++;
		}
		free(said);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(contradictions_are_found),
		T(passwords_are_as_cme_wants_them),
	};

	return RUN_TESTS(tests);
}

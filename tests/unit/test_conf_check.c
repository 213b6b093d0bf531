/* Contradictions about calls: listeners, classes, media, dial-peers. */
#include "conf_check.h"

#define TRUNKS                                                                 \
	INSIDE PEER                                                            \
		" destination-pattern 1\n no srtp\n"                           \
		" session target ipv4:127.0.0.8\n"                             \
		"dial-peer voice 2 voip\n destination-pattern 2\n no srtp\n"   \
		" session target ipv4:127.0.0.9\n"

static const struct check rows[] = {
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

};

/* Every new one is shut down: who forgot it is told, who wrote it is not. */
static void a_transcoder_at_rest_is_told(void **state)
{
	(void)state;
	char *forgot = conf_complaints(
		GOOD "dspfarm profile 1 transcode\n maximum sessions 1\n");
	char *wrote = conf_complaints(
		GOOD "dspfarm profile 1 transcode\n maximum sessions 1\n"
		     " shutdown\n");

	assert_non_null(strstr(forgot,
		"note: dspfarm profile 1 joins no calls: a new one is shut "
		"down, add 'no shutdown', or 'shutdown' to leave it so\n"));
	assert_null(strstr(wrote, "dspfarm"));
	free(forgot);
	free(wrote);
}

static void contradictions_are_found(void **state)
{
	(void)state;
	check_rows(rows, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(contradictions_are_found),
		T(a_transcoder_at_rest_is_told),
	};

	return RUN_TESTS(tests);
}

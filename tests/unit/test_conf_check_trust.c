/*
 * Contradictions about who believes whom: certificates, passwords, trust lists
 * and what phones are given.
 */
#include "conf_check.h"

#define TLS1 "voice class tls-profile 1\n trustpoint T\n"
#define NAMES TLS1 " cn-san validate client\n cn-san 1 a.example.com\n"

#define CAPF "capf-server\n trustpoint-label T\n cert-enroll-trustpoint T\n"

#define POLICY "password-policy cme\n"
#define WRONG(where, whose)                                                    \
	where ": the password of " whose " is against 'password-policy cme': " \
	      "it has no digit, write 6 to 15 letters and digits, among them " \
	      "a capital letter, a small one and a digit\n"

static const struct check rows[] = {
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
	check_rows(rows, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(contradictions_are_found),
		T(passwords_are_as_cme_wants_them),
	};

	return RUN_TESTS(tests);
}

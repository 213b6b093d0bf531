/* Lines that are wrong: place, message and hint, exactly as printed. */
#include "test.h"
#include "conf_text.h"

#include <unistd.h>

static const struct {
	const char *lines, *said;
} rows[] = {
	/* words */
	{ "bogus", "t:12:1: unknown command 'bogus'\n" },
	{ "hostnaem x",
		"t:12:1: unknown command 'hostnaem', did you mean 'hostname'?\n" },
	{ "path", "t:12:1: unknown command 'path'\n" }, /* PATH is no keyword */
	{ "hostname",
		"t:12:9: the command is not complete, it goes on with HOST\n" },
	{ "hostname a b", "t:12:12: 'b' is one word too many\n" },
	{ "hostname a..b", "t:12:10: 'a..b' is not a host name\n" },
	{ "logging level loud",
		"t:12:15: unexpected 'loud', expected: emergencies, alerts, "
		"critical, errors, warnings, notifications, informational, "
		"debugging or <0-7>\n" },
	{ "logging levle errors",
		"t:12:9: unexpected 'levle', did you mean 'level'?\n" },
	{ "# note",
		"t:12:1: '#' begins no command, comments begin with '!'\n" },
	{ "logging file \"a b", "t:12:14: the quote is not closed\n" },
	{ "host\x01name x", "t:12:5: a control character stands here\n" },
	{ "hostname \xff", "t:12:10: this is not UTF-8 text\n" },
	{ "no", "t:12:3: the command is not complete, it goes on with "
		"hostname, logging, control-socket, state, user, media, tls, "
		"pki, password, password-policy, crypto, ip, voice, "
		"call, gw-accounting, interface, "
		"sip-listener, sip-ua, "
		"dial-peer, voice-ctl-file, ctl-client, credentials, "
		"voice-phone-proxy, capf-server, tvs-server, dspfarm, exit "
		"or end\n" },
	{ "no logging",
		"t:12:11: the command is not complete, it goes on with level, "
		"stderr, journal, file or format\n" },
	{ "media workers 0", "t:12:15: '0' is not a number from 1 to 64\n" },
	{ "media workers 65", "t:12:15: '65' is not a number from 1 to 64\n" },
	{ "media workers -1", "t:12:15: '-1' is not a number from 1 to 64\n" },
	{ "media workers 18446744073709551617",
		"t:12:15: '18446744073709551617' is not a number from 1 to "
		"64\n" },
	{ "sip x", "t:12:1: 'sip' is ambiguous, it may be sip-listener or "
		   "sip-ua\n" },
	{ "dial-peer voice 5 voip\n s",
		"t:13:2: 's' is ambiguous, it may be shutdown, shared-line, session, "
		"srtp or supplementary-service\n" },
	/* who is trusted */
	{ "voice service voip\n ip address trusted list\n"
	  "  ipv4 10.0.0.0 255.0.255.0",
		"t:14:17: '255.0.255.0' is not a network mask, write it as "
		"255.255.255.0\n" },
	{ "voice service voip\n ip address trusted list\n  ipv6 2001:db8::/129",
		"t:14:8: '2001:db8::/129' is not an IPv6 address or network, "
		"write 'ipv6 2001:db8::1' or '2001:db8::/32'\n" },
	{ "voice service voip\n ip address trusted list\n  ipv6 10.1.1.1",
		"t:14:8: '10.1.1.1' is not an IPv6 address or network, write "
		"'ipv6 2001:db8::1' or '2001:db8::/32'\n" },
	/* how callers are named */
	{ "voice service voip\n sip\n  localhost ipv4:10.1.1.1",
		"t:14:13: 'ipv4:10.1.1.1' is not a name alone, write "
		"'localhost dns:NAME'\n" },
	{ "voice service voip\n sip\n  privacy critical",
		"t:14:3: nothing is critical alone, name what shall be hidden: "
		"'privacy id critical'\n" },
	/* passwords: what was written is not repeated */
	{ "crypto pki trustpoint T\n ca-bundle file c\n password se cret",
		"t:14:14: there is a word too many, write a password that has "
		"blanks in quotes\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n password 7 0822455D",
		"t:14:13: type 7 hides nothing and is not read, write it in "
		"clear, or as `lineside pki password encrypt` prints it\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n password 6 c2hvcnQ=",
		"t:14:13: this is no encrypted password, copy all of it\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n password <hidden>",
		"t:14:11: <hidden> is what `show running-config` prints in its "
		"place, write the password; with 'password encryption aes' it "
		"is shown encrypted\n" },
	{ "password encryption aes",
		"t:12:1: there is no master key to encrypt passwords with, add "
		"'pki master-key file PATH'\n" },
	{ "key config-key password-encrypt Sesame",
		"t:12:1: 'key config-key password-encrypt' is not supported, "
		"the master key stands in a file of its own: write 'pki "
		"master-key file PATH'\n" },
	/* what was meant is read instead: nothing else is wrong with it */
	{ "sip-listner L\n side access\n address ipv4 127.0.0.1 port 5071\n"
	  "dial-peer voice 5 voip\n incoming listener L\n shutdown",
		"t:12:1: unknown command 'sip-listner', did you mean "
		"'sip-listener'?\n" },
	{ "crypto pki trustpiont T\n ca-bundle file c",
		"t:12:12: unexpected 'trustpiont', did you mean "
		"'trustpoint'?\n" },
	{ "sip-listener L\n side acess\n address ipv4 127.0.0.1 port 5071",
		"t:13:7: unexpected 'acess', did you mean 'access'?\n" },
	{ "dial-peer vioce 0 voip\n preference 99",
		"t:12:11: unexpected 'vioce', did you mean 'voice'?\n"
		"t:13:13: '99' is not a number from 0 to 10\n" },
	/* what follows from a line that cannot be read */
	{ "dial-peer voice 5 voip\n session target ipv4:1.2.3.4\n"
	  " destination-pattern 5-\n srtp",
		"t:14:23: '5-' is not a dial pattern: this character is not "
		"dialled\n" },
	{ "sip-ua\n registrar ipv6:fd00::1\n"
	  "dial-peer voice 5 voip\n session target ipv4:1.2.3.4\n"
	  " destination-pattern 5\n srtp",
		"t:13:17: 'ipv6:fd00::1' needs brackets: "
		"ipv6:[2001:db8::1]:5060\n"
		"t:17:2: perhaps only because of line 13: dial-peer 5 would "
		"send SRTP keys readable over udp, use TLS there, write 'no "
		"srtp', or ask for it by name with 'srtp insecure-sdes'\n" },
	{ "sip-listener a/b\n side access\n"
	  "dial-peer voice 5 voip\n incoming listener X\n shutdown",
		"t:12:14: 'a/b' is not a name: letters, digits, '-', '_' and "
		"'.' make names\n" },
	/* two servers where one can stand */
	{ "sip-ua\n registrar 2 ipv4:10.1.1.1",
		"t:13:2: 'registrar 2 ipv4:10.1.1.1' is not supported, there "
		"is one registrar: write 'registrar dns:NAME', and all servers "
		"as addresses of that name ('ip host')\n" },
	{ "dial-peer voice 5 voip\n shutdown\n"
	  " session target ipv4:10.1.1.1\n session target ipv4:10.1.1.2",
		"t:15:2: warning: this takes the place of line 14, leave one "
		"of them out; a name with several addresses ('ip host') or a "
		"server-group has several servers\n" },
	{ "dial-peer voice 5 voip\n shutdown\n"
	  " session target ipv4:10.1.1.1\n no session target\n"
	  " session target ipv4:10.1.1.2",
		"" },
	/* a section in two parts */
	{ "dial-peer voice 5 voip\n shutdown\n"
	  "voice class uri FAR sip\n host far.example\n"
	  "sip-ua\n dial-peer voice 5 voip\n description far\n"
	  "sip-ua\nvoice class uri FAR sip\n host dns:x.example\n"
	  "dial-peer voice 5 voip",
		"t:17:2: note: dial-peer voice 5 is opened again (first at "
		"line 12): its lines add to it\n"
		"t:20:1: note: voice class uri FAR is opened again (first at "
		"line 14): its lines add to it\n"
		"t:22:1: note: dial-peer voice 5 is opened again (first at "
		"line 12): its lines add to it\n" },
	{ "dial-peer voice 5 voip\n shutdown\nno dial-peer voice 5 voip\n"
	  "dial-peer voice 5 voip\n shutdown",
		"" },
	/* characters that look like others */
	{ "sip-listener\xc2\xa0L",
		"t:12:13: a no-break space (U+00A0) stands here, type it "
		"anew\n" },
	{ "voice\xe2\x80\x93service voip",
		"t:12:6: a dash (U+2013) stands here, type it anew\n" },
	{ "voice class phone-identity 1\n"
	  " rule 1 subject-cn \xe2\x80\x9c^SEP$\xe2\x80\x9d",
		"t:13:20: a typographic quote (U+201C) stands here, type it "
		"anew\n" },
	{ "dial-peer voice 5 voip\n shutdown\n"
	  " description na\xc3\xafve\xc2\xa0\xe2\x80\x9cQ\xe2\x80\x9d",
		"" },
	/* the right line in the wrong place */
	{ "session target registrar",
		"t:12:1: 'session' is not a command of this section, it "
		"belongs below 'dial-peer voice N voip'\n" },
	{ "sip-ua\n registrar server expires max 9",
		"t:13:2: 'registrar' is not a command of this section, it "
		"belongs below 'voice service voip, sip'\n" },
	/* a wrong head: its section is read all the same */
	{ "dial-peer voice 0 voip\n preference 99\n description d",
		"t:12:17: '0' is not a number from 1 to 2147483647\n"
		"t:13:13: '99' is not a number from 0 to 10\n" },
	{ "crypto pki trustpoint a/b\n certificate file x\n keyy file y",
		"t:12:23: 'a/b' is not a name: letters, digits, '-', '_' and "
		"'.' make names\n"
		"t:14:2: unknown command 'keyy', did you mean 'key'?\n" },
	/* names of other sections */
	{ "dial-peer voice 5 voip\n incoming listener BASE-B",
		"t:13:20: there is no sip-listener BASE-B, did you mean "
		"'BASE-A'?\n" },
	{ "dial-peer voice 5 voip\n incoming listener BASE-A\n"
	  " voice-class codec 3",
		"t:14:20: there is no voice class codec 3, write a section "
		"'voice class codec 3'\n" },
	{ "dial-peer voice 5 voip\n incoming listener X\n"
	  " incoming listener Y\n no incoming listener\n shutdown\n",
		"" },
	/* arguments */
	{ "dial-peer voice 5 voip\n shutdown\n session target ipv4:1.2.3",
		"t:14:22: 'ipv4:1.2.3' is not an IPv4 address\n" },
	{ "dial-peer voice 5 voip\n shutdown\n"
	  " session target ipv4:1.2.3.4:99999",
		"t:14:29: 'ipv4:1.2.3.4:99999' has no port from 1 to 65535 "
		"after its host\n" },
	{ "dial-peer voice 5 voip\n shutdown\n session target ipv6:::1",
		"t:14:22: 'ipv6:::1' needs brackets: ipv6:[2001:db8::1]:5060\n" },
	{ "dial-peer voice 5 voip\n shutdown\n session target dns:",
		"t:14:21: 'dns:' is not a host name\n" },
	{ "dial-peer voice 5 voip\n shutdown\n session target 10.0.0.1",
		"t:14:17: unexpected '10.0.0.1', did you mean "
		"'ipv4:10.0.0.1'?\n" },
	{ "dial-peer voice 5 voip\n shutdown\n session target gw.example.com",
		"t:14:17: unexpected 'gw.example.com', did you mean "
		"'dns:gw.example.com'?\n" },
	{ "dial-peer voice 5 voip\n shutdown\n session target nowhere",
		"t:14:17: unexpected 'nowhere', expected: registrar, "
		"sip-server, server-group or "
		"TARGET\n" },
	{ "dial-peer voice 5 voip\n shutdown\n session target registar",
		"t:14:17: unexpected 'registar', did you mean 'registrar'?\n" },
	{ "dial-peer voice 5 voip\n shutdown\n destination-pattern 5[3-",
		"t:14:23: '5[3-' is not a dial pattern: the bracket is not "
		"closed\n" },
	{ "dial-peer voice 5 voip\n shutdown\n destination-pattern 55-5",
		"t:14:24: '55-5' is not a dial pattern: this character is not "
		"dialled\n" },
	{ "dial-peer voice 5 voip\n shutdown\n codec g711",
		"t:14:8: unexpected 'g711', expected: g711ulaw, g711alaw, "
		"g722-64, g729r8, g729br8, g729ar8, g729abr8, g723r63, "
		"g726r16, g726r24, g726r32, aal2-g726r16, aal2-g726r24, "
		"aal2-g726r32, g728, gsmfr, ilbc, isac, opus, "
		"amr-nb, amr-wb, l16-8k, l16-16k, l16-44k or "
		"clear-channel\n" },
	{ "dial-peer voice 5 voip\n shutdown\n codec g711ulwa",
		"t:14:8: unexpected 'g711ulwa', did you mean 'g711ulaw'?\n" },
	{ "voice class srtp-crypto 1\n crypto 1 AEAD_AES_256_GMC",
		"t:13:11: unexpected 'AEAD_AES_256_GMC', did you mean "
		"'AEAD_AES_256_GCM'?\n" },
	{ "voice class codec 1\n codec preference 1 opus\n"
	  " codec preference 2 opus",
		"t:14:21: opus is already preference 1, leave one of the two "
		"lines out\n" },
	{ "voice class srtp-crypto 1\n crypto 1 AEAD_AES_256_GCM\n"
	  " crypto 3 AEAD_AES_256_GCM",
		"t:14:11: AEAD_AES_256_GCM is already preference 1, leave one "
		"of the two lines out\n" },
	{ "voice class phone-identity 1\n rule 1 subject-cn a\n"
	  " rule 2 subject-cn a(b",
		"t:14:23: wrong regular expression: missing closing "
		"parenthesis\n" },
	{ "voice class phone-identity 1\n rule 1 subject-cn a\n"
	  " rule 2 subject-cn a(b) line x\\2",
		"t:14:31: the pattern has no such group, \\1 is the first (…) "
		"of the pattern, \\\\ a backslash\n" },
	{ "sip-listener L\n transport tls",
		"t:13:12: unexpected 'tls', did you mean 'tcp tls'?\n" },
	{ "voice service voip\n no media address",
		"t:13:2: the side is not named, no media address "
		"{access|core}\n" },
	{ "no dial-peer voice",
		"t:12:1: the section to remove is not named\n" },
	{ "no sip-listener", "t:12:1: the section to remove is not named\n" },
	/* what CUBE has and we do not */
	{ "telephony-service\n max-dn 3\n foo\nhostname x",
		"t:12:1: 'telephony-service' is not supported, phones register "
		"at the call manager: remove the section\n" },
	{ "dspfarm profile 1 mtp\n codec g711ulaw\n trustpoint T",
		"t:12:1: 'dspfarm profile 1 mtp' is not supported, profiles "
		"are of type 'transcode': remove the section\n" },
	{ "ip http secure-server\nno ip http server",
		"t:12:1: 'ip http secure-server' is not supported, the CA alone "
		"is served over HTTP: 'ip http server'\n" },
	{ "crypto key generate rsa label x modulus 2048",
		"t:12:1: 'crypto key' is not supported, that is a command: "
		"`lineside pki key generate`\n" },
	{ "dial-peer voice 1 pots\n port 0/0/0\n destination-pattern 9T\n"
	  "voice-port 0/0/0\n",
		"t:12:1: warning: 'dial-peer voice 1 pots' is read but not "
		"carried out, there are no voice ports\n"
		"t:15:1: warning: 'voice-port' is read but not carried out, "
		"there are no voice ports\n" },
	{ "voice service voip\n h323\n  emptycapability\n sip\n"
	  "  bind all source-interface Gi0",
		"t:13:2: warning: 'h323' is read but not carried out, H.323 is "
		"not carried\n"
		"t:14:3: warning: 'emptycapability' is read but not carried "
		"out, H.323 is not carried\n"
		"t:16:29: there is no interface Gi0, write a section "
		"'interface Gi0'\n" },
	{ "voice service voip\n sip\n  outbound-proxy dhcp",
		"t:14:3: 'outbound-proxy dhcp' is not supported, write the "
		"proxy's address or name: 'outbound-proxy "
		"dns:proxy.example.com'\n" },
	{ "sip-ua\n crypto signaling remote-addr 10.0.0.0 /33 trustpoint T",
		"t:13:40: '/33' is not a network mask, write it as "
		"255.255.255.0, or as /24\n" },
	{ "sip-ua\n crypto signaling remote-addr 10.0.0.0 255.0.255.0 "
	  "trustpoint T",
		"t:13:40: '255.0.255.0' is not a network mask, write it as "
		"255.255.255.0, or as /24\n" },
	{ "sip-ua\n crypto signaling remote-addr 10.0.0.0 /8 tls-profile 1",
		"t:13:2: 'crypto signaling remote-addr 10.0.0.0 /8 tls-profile "
		"1' is not supported, the default holds there: write "
		"'tls-profile N' into the 'voice class tenant' of the "
		"dial-peers to that network, and into the sip-listener that it "
		"connects to\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n"
	  " revocation-check none crl",
		"t:14:24: 'crl' after 'none' is never tried, remove it\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n"
	  " revocation-check crl crl",
		"t:14:23: 'crl' after 'crl' is never tried, remove it\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n"
	  " enrollment url ftp://10.1.1.1",
		"t:14:17: 'ftp://10.1.1.1' is not a URL: write http://HOST/… "
		"or https://HOST/…\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n subject-name edge",
		"t:14:15: 'edge' is not a subject name, write it like "
		"CN=edge.example.com,O=Example\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n"
	  " legacy until 2027-02-30",
		"t:14:15: '2027-02-30' is not a day, write it like "
		"2027-06-30\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n"
	  " subject-alt-name ip:x",
		"t:14:19: 'ip:x' is not a name for a certificate, write "
		"dns:NAME, ip:ADDRESS, uri:URI or email:ADDRESS, one on each "
		"line\n" },
	{ "crypto pki trustpoint T\n ca-bundle file c\n hash md5",
		"t:14:2: 'hash md5' is not supported, write 'hash sha256'\n" },
	{ "dial-peer voice 5 voip\n shutdown\n vad",
		"t:14:2: only 'no vad' is supported, what both sides know is "
		"negotiated: leave the line out\n" },
};

static void lines_are_refused(void **state)
{
	(void)state;
	unsigned wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text =
			mem_printf("%send\n%s\n", CONF_BASE, rows[i].lines);
		char *said = conf_complaints(text);

		if (strcmp(said, rows[i].said) != 0) {
			print_message("\"%s\" says\n%sand not\n%s\n",
				rows[i].lines, said, rows[i].said);
			wrong++;
		}
		free(said);
		free(text);
	}
	assert_int_equal(wrong, 0);
}

static void one_run_shows_all(void **state)
{
	(void)state;
	char *said = conf_complaints("hostname\nfoo\nhostname x y\n");

	assert_non_null(strstr(said, "t:1:9:"));
	assert_non_null(strstr(said, "t:2:1:"));
	assert_non_null(strstr(said, "t:3:12:"));
	free(said);
}

static void too_many_errors_end_it(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	size_t n = 3000 * 2;
	char *text = mem_new(n);

	for (size_t i = 0; i < n; i += 2)
		memcpy(text + i, "x\n", 2);
	assert_null(conf_parse(slice_of(text, n), "t", &errs));
	assert_true(errs.n < 1010);
	conf_errs_free(&errs);
	free(text);
}

static void too_large_is_refused(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	size_t n = CONF_SIZE_MAX + 1;
	char *text = mem_new(n);

	memset(text, '\n', n);
	assert_null(conf_parse(slice_of(text, n), "t", &errs));
	assert_int_equal(errs.n, 1);
	assert_string_equal(
		errs.v[0].message, "the configuration is larger than 16 MB");
	conf_errs_free(&errs);
	free(text);
}

static void long_lines_are_refused(void **state)
{
	(void)state;
	char *line = mem_new(5000), *said;

	memset(line, 'a', 4999);
	said = conf_complaints(line);
	assert_non_null(
		strstr(said, "t:1:1: the line is longer than 4095 bytes\n"));
	free(said);
	free(line);
}

static void files_are_read(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	char name[] = "/tmp/lineside-conf-XXXXXX";
	int fd = mkstemp(name);
	struct conf *c;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, CONF_BASE, sizeof(CONF_BASE) - 1),
		sizeof(CONF_BASE) - 1);
	close(fd);
	c = conf_load(name, &errs);
	assert_non_null(c);
	assert_string_equal(c->file, name);
	obj_unref(c);
	unlink(name);
	assert_null(conf_load(name, &errs));
	assert_int_equal(errs.n, 1);
	assert_string_equal(errs.v[0].message,
		"cannot be opened: No such file or directory");
	conf_errs_free(&errs);
	assert_null(conf_load("/", &errs));
	assert_string_equal(
		errs.v[0].message, "cannot be read: Is a directory");
	conf_errs_free(&errs);
}

static void errors_are_sorted(void **state)
{
	(void)state;
	struct conf_errs e = { 0 };
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	conf_errs_add(&e, false, (struct conf_pos){ 3, 2 }, NULL, "c%d", 1);
	conf_errs_add(&e, true, (struct conf_pos){ 1, 9 }, "do so", "b");
	conf_errs_add(&e, false, (struct conf_pos){ 3, 2 }, NULL, "d");
	conf_errs_add(&e, false, (struct conf_pos){ 0 }, "h", "a");
	conf_errs_print(&e, "f", out);
	fclose(out);
	assert_string_equal(text,
		"f: a, h\nf:1:9: warning: b, do so\nf:3:2: c1\nf:3:2: d\n");
	assert_int_equal(e.errors, 3);
	conf_errs_free(&e);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_are_refused),
		T(one_run_shows_all),
		T(too_many_errors_end_it),
		T(too_large_is_refused),
		T(long_lines_are_refused),
		T(files_are_read),
		T(errors_are_sorted),
	};

	return RUN_TESTS(tests);
}

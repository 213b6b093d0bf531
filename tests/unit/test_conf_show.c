/* Sample files, show running-config, "?" and the reference manual. */
#include "test.h"
#include "conf_text.h"

#include <dirent.h>

#include "base/wire.h"
#include "conf/conf_int.h"

static char *load_shown(const char *path, struct conf **out)
{
	struct conf_errs errs = { 0 };
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	*out = conf_load(path, &errs);
	conf_errs_print(&errs, path, stdout);
	check_row(path, *out != NULL && errs.n == 0);
	conf_print_sealed(*out, f, conf_fake_seal, NULL);
	fclose(f);
	return text;
}

/* Every sample parses without a warning, and back to the same. */
static void samples_are_good(void **state)
{
	(void)state;
	char *dir = mem_printf("%s/conf/examples", getenv("SRCDIR"));
	DIR *d = opendir(dir);
	const struct dirent *e;
	unsigned n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		struct conf_errs errs = { 0 };
		char *path, *shown, *again;
		struct conf *c;

		if (strstr(e->d_name, ".conf") == NULL)
			continue;
		path = mem_printf("%s/%s", dir, e->d_name);
		shown = load_shown(path, &c);
		again = conf_shown(shown, &errs);
		check_row(path, again != NULL && errs.n == 0);
		assert_string_equal(shown, again);
		obj_unref(c);
		free(again);
		free(shown);
		free(path);
		n++;
	}
	closedir(d);
	free(dir);
	assert_true(n >= 4);
}

/* The sections' order in the text does not change what is said. */
static void order_is_irrelevant(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	static const char peer[] = "dial-peer voice 1 voip\n"
				   " incoming listener BASE-C\n"
				   " voice-class codec 4\n",
			  class[] = "voice class codec 4\n"
				    " codec preference 1 opus\n";
	char *a = mem_printf("%s%s%s", CONF_BASE, class, peer);
	char *b = mem_printf("%s%s%s", peer, class, CONF_BASE);
	char *shown_a = conf_shown(a, &errs), *shown_b = conf_shown(b, &errs);

	assert_int_equal(errs.n, 0);
	assert_string_equal(shown_a, shown_b);
	free(shown_a);
	free(shown_b);
	free(a);
	free(b);
}

/* All of the model, field by field, survives printing. */
static void a_full_text_survives(void **state)
{
	(void)state;
	static const char text[] =
		"hostname full\n"
		"logging level warnings\n"
		"no logging stderr\n"
		"no logging journal\n"
		"logging file \"/var/log/line side.log\"\n"
		"logging format json\n"
		"control-socket /run/x\n"
		"user lineside\n"
		"media workers 2\n"
		"tls workers 3\n"
		"!\n"
		"crypto pki trustpoint T\n"
		" description a \"quoted\" text\n"
		" certificate file c\n"
		" key file k\n"
		" ca-bundle file a\n"
		"!\n"
		"voice class codec 2\n"
		" codec preference 4 g729r8\n"
		"!\n"
		"voice class srtp-crypto 3\n"
		" crypto 2 AEAD_AES_128_GCM\n"
		"!\n"
		"voice class phone-identity 4\n"
		" description d\n"
		" rule 5 san-uri \"a b\" line x\n"
		"!\n"
		"voice class tls-profile 7\n"
		" description d\n"
		" trustpoint T\n"
		" client-vtp T\n"
		" cn-san validate bidirectional\n"
		" cn-san 1 sip.example.com\n"
		" cn-san 10 *.example.net\n"
		"!\n"
		"sip-listener P\n"
		" description d\n"
		" side access\n"
		" address ipv6 :: port 5071\n"
		" advertise ipv6 2001:db8::1\n"
		" transport tcp tls\n"
		" trustpoint T\n"
		" phone-identity 4\n"
		" max-connections 9 per-source 8\n"
		" phone-limit bindings 5 requests 6\n"
		" timeout handshake 7\n"
		" timeout message 6\n"
		" timeout idle 5\n"
		"!\n"
		"sip-listener C\n"
		" side core\n"
		" address ipv6 fd00::1 port 5062\n"
		" transport tcp tls\n"
		" tls-terminator\n"
		" tls-profile 7\n"
		"!\n"
		"voice service voip\n"
		" allow-connections sip to sip\n"
		" srtp fallback\n"
		" rtp-port range 20000 20100\n"
		" no media inactivity\n"
		" media address access ipv6 :: advertise 2001:db8::1\n"
		" media address core ipv6 fd00::1\n"
		" max-conn 4\n"
		" sip\n"
		"  registrar server expires max 300 min 30\n"
		"!\n"
		"sip-ua\n"
		" registrar ipv6:[fd00::9]:5063 expires 120 tcp tls "
		"peer-name cm.example\n"
		" crypto signaling default trustpoint T\n"
		"!\n"
		"dial-peer voice 10 voip\n"
		" description d\n"
		" destination-pattern ^5[1-3].T$\n"
		" incoming called-number +49\n"
		" incoming listener P\n"
		" preference 9\n"
		" session protocol sipv2\n"
		" session target registrar\n"
		" codec opus\n"
		" media latch once\n"
		" requri-passing\n"
		" timeout ring 30\n"
		"!\n"
		"dial-peer voice 20 voip\n"
		" shutdown\n"
		" session protocol sipv2\n"
		" session target ipv6:[fd00::9]\n"
		" session transport tcp tls\n"
		" bind listener C\n"
		" trustpoint T\n"
		" peer-name cm.example\n"
		" voice-class codec 2\n"
		" voice-class srtp-crypto 3\n"
		" srtp\n"
		" srtp insecure-sdes\n"
		"!\n"
		"end\n";
	struct conf_errs errs = { 0 };
	char *shown = conf_shown(text, &errs);

	conf_errs_print(&errs, "full", stdout);
	assert_int_equal(errs.n, 0);
	assert_string_equal(shown, text);
	free(shown);
}

static char *helped(const char *context, const char *line)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	conf_help(slice_str(context), slice_str(line), f);
	fclose(f);
	return text;
}

static const struct {
	const char *context, *line, *said;
} helps[] = {
	{ "", "hos?", "  hostname                Name of this system\n" },
	{ "", "logging format ",
		"  json                    One JSON object per line\n"
		"  text                    Plain text\n" },
	{ "", "media workers ?", "  <1-64>                  A number\n" },
	{ "", "media workers 3 ?", "  <cr>\n" },
	{ "dial-peer voice 1 voip", "session ?",
		"  protocol                SIP\n"
		"  target                  Where calls are sent\n"
		"  server-group            Where calls are sent: to one of "
		"several\n"
		"  transport               What carries SIP there\n" },
	{ "dial-peer voice 1 voip\n", "sess tra tcp ?",
		"  tls                     TLS over TCP\n"
		"  <cr>\n" },
	{ "dial-peer voice 1 voip\n", "codec g729r",
		"  g729r8                  A codec\n" },
	{ "voice service voip\n sip\n", "registrar server ?",
		"  expires                 Lifetime of registrations in "
		"seconds\n"
		"  <cr>\n" },
	{ "voice service voip\n sip\n exit", "max?",
		"  max-conn                Calls at a time\n" },
	{ "", "n",
		"  no                      Negate a command or set its "
		"default\n" },
	{ "", "no user ?",
		"  NAME                    A name: letters, digits, "
		"- _ .\n" },
	{ "", "foo ?", "% unknown command 'foo'\n" },
	{ "", "logging x ?", "% unexpected 'x'\n" },
	{ "", "sip x", "% 'sip' is ambiguous\n" },
	{ "", "\x01?", "" },
};

static void help_lists_what_comes(void **state)
{
	(void)state;
	char *said;

	for (size_t i = 0; i < ARRAY_SIZE(helps); i++) {
		said = helped(helps[i].context, helps[i].line);
		assert_string_equal(said, helps[i].said);
		free(said);
	}
	said = helped("", "?");
	assert_non_null(strstr(said, "\n  dial-peer  "));
	assert_null(strstr(said, "telephony-service")); /* not carried */
	free(said);
}

static void manual_tells_all(void **state)
{
	(void)state;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	conf_manual(f);
	fclose(f);
	for (enum cmd_mode m = M_GLOBAL; m < M_SKIP; m++)
		FOR_EACH_ROW(row, m)
		{
			char *name = mem_printf("`%s`", row->syntax);

			if (row->kind != K_EXIT)
				check_row(name, strstr(text, name) != NULL);
			free(name);
		}
	free(text);
}

/* A row that cannot be looked up or explained would be a hole. */
static void rows_are_complete(void **state)
{
	(void)state;
	for (enum cmd_mode m = M_GLOBAL; m < M_COUNT; m++)
		FOR_EACH_ROW(row, m)
		{
			bool foreign =
				row->kind == K_NOTICE || row->kind == K_REFUSED;

			check_row(row->syntax, foreign ? row->more != NULL
						       : row->help != NULL);
			check_row(row->syntax,
				row->kind != K_FN || row->set != NULL);
			check_row(row->syntax, row->kind != K_FN ||
						       row->show != NULL ||
						       (row->flags & C_HIDDEN));
		}
}

/* What no sample has of phone proxies; `no` takes single lines back. */
static void phone_proxies_survive(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	static const char *const lines[] = {
		(" tftp-server address dns cm.example local-addr ipv6 fd00::1 "
		 "acc-addr ipv6 2001:db8::1\n"),
		" port-range 30000 40000\n",
		" no tftp-port\n",
		" http-port 8970\n",
		" https-port 6971 trustpoint T\n",
		" fetch http port 8080\n",
		" load-cfg-file \"/a b\" alias tones.xml sign\n",
		" https-port 6972 trustpoint T client-verify phone-identity "
		"3\n",
		" device-security-mode authenticated\n",
		" device-security-mode none phone SEP001122334455\n",
		" encrypted-config required\n",
		" encrypted-config none phone SEP001122334455\n",
		" phone-certificate SEP0011223344AA file \"/a b.pem\"\n",
		" disable service-settings gratuitous-arp value 1\n",
		" no disable service-settings web-access\n",
		" session-timeout 60\n",
		" max-concurrent-sessions 0\n",
	};
	struct text t = { 0 };
	char *shown, *again;

	text_printf(&t,
		"%scrypto pki trustpoint T\n certificate file c\n"
		" key file k\n ca-bundle file b\n"
		"voice class phone-identity 3\n rule 1 subject-cn ^SEP.*\n"
		"voice-phone-proxy X\n",
		CONF_BASE);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		text_add(&t, slice_str(lines[i]));
	text_printf(&t,
		" capf-address ipv4 192.0.2.1 acc-addr ipv4 192.0.2.2\n"
		" no capf-address ipv4 192.0.2.1 acc-addr ipv4 192.0.2.2\n"
		" load-cfg-file /x alias gone.xml create\n"
		" no load-cfg-file /x alias gone.xml\n"
		" encrypted-config required phone SEP0011223344AA\n"
		" no encrypted-config required phone sep0011223344aa\n"
		" phone-certificate SEP00000000000A file gone.pem\n"
		" no phone-certificate SEP00000000000A file gone.pem\n"
		" disable service-settings pc-port value 0\n"
		" default disable service-settings pc-port\n");
	shown = conf_shown(t.p, &errs);
	assert_non_null(shown);
	assert_int_equal(errs.n, 0);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		check_row(lines[i], strstr(shown, lines[i]) != NULL);
	assert_null(strstr(shown, "capf-address"));
	assert_null(strstr(shown, "gone."));
	assert_null(strstr(shown, "required phone"));
	assert_null(strstr(shown, "pc-port"));
	again = conf_shown(shown, &errs);
	assert_non_null(again);
	assert_string_equal(shown, again);
	free(shown);
	free(again);
	text_free(&t);
}

/* So do those of several boxes' trust list, and of who gives it parts. */
static void trust_lists_survive(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	static const char text[] =
		"voice-ctl-file L\n"
		" import certificate 4 w /w.pem\n"
		" no import certificate 4\n"
		" hash sha512\n"
		"ctl-client\n"
		" sast2 trustpoint U\n"
		" sast1 trustpoint T\n"
		" server cme-tftp 10.0.0.1 trustpoint T\n"
		" server capf fd00::2 trustpoint T\n"
		" no server capf fd00::2 trustpoint T\n"
		" server cme 10.0.0.3 port 2500 peer-name b.example username "
		"admin password 0 \"a b\"\n"
		" server cme fd00::4 username admin password file /x\n"
		" server cme 10.0.0.5 username admin password plain\n"
		" server cme 10.0.0.6 username admin password plain\n"
		" no server cme 10.0.0.6\n"
		" trustpoint T\n"
		" import certificate 7 web /etc/web.pem\n"
		" import certificate 3 \"my web\" \"flash:a b.pem\"\n"
		"credentials\n"
		" ip source-address 10.0.0.1 port 2500\n"
		" trustpoint T\n"
		" ctl-service admin admin secret 8 "
		"$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk\n"
		"voice-phone-proxy X\n"
		" ctl-file ctl-client\n"
		" hash sha1\n";
	static const char want[] =
		"!\n"
		"voice-ctl-file L\n"
		" hash sha512\n"
		"!\n"
		"ctl-client\n"
		" sast1 trustpoint T\n"
		" sast2 trustpoint U\n"
		" server cucm-tftp 10.0.0.1 trustpoint T\n"
		" server cme 10.0.0.3 port 2500 peer-name b.example username "
		"admin password 6 "
		"Li4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi5hIGI=\n"
		" server cme fd00::4 username admin password file /x\n"
		" server cme 10.0.0.5 username admin password 6 "
		"Li4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi5wbGFpbg==\n"
		" trustpoint T\n"
		" import certificate 3 \"my web\" \"flash:a b.pem\"\n"
		" import certificate 7 web /etc/web.pem\n"
		"!\n"
		"credentials\n"
		" ip source-address 10.0.0.1 port 2500\n"
		" trustpoint T\n"
		" ctl-service admin admin secret 8 "
		"$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk\n"
		"!\n"
		"voice-phone-proxy X\n"
		" ctl-file ctl-client\n"
		" hash sha1\n";
	char *whole =
		mem_printf("%scrypto pki trustpoint T\n certificate file c\n"
			   " key file k\n ca-bundle file a\n"
			   "crypto pki trustpoint U\n certificate file c\n"
			   " key file k\n%s",
			CONF_BASE, text);
	char *shown = conf_shown(whole, &errs), *again, *gone;

	conf_errs_print(&errs, "t", stdout);
	assert_non_null(shown);
	assert_int_equal(errs.n, 0);
	check_row(shown, strstr(shown, want) != NULL);
	again = conf_shown(shown, &errs);
	assert_string_equal(shown, again);
	gone = mem_printf("%sno ctl-client\nno credentials\n"
			  "voice-phone-proxy X\n no ctl-file\n",
		shown);
	free(again);
	again = conf_shown(gone, &errs);
	assert_non_null(again);
	assert_null(strstr(again, "ctl-client"));
	assert_null(strstr(again, "credentials"));
	assert_int_equal(conf_said(&errs), 0);
	free(shown);
	free(again);
	free(gone);
	free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(samples_are_good),
		T(order_is_irrelevant),
		T(a_full_text_survives),
		T(phone_proxies_survive),
		T(trust_lists_survive),
		T(help_lists_what_comes),
		T(manual_tells_all),
		T(rows_are_complete),
	};

	return RUN_TESTS(tests);
}

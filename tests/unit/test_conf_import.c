/* Lines of CUBE's configurations: what becomes of each, carried or left out. */
#include "test.h"
#include "conf_text.h"

#define BEFORE                                                                 \
	"crypto pki trustpoint T\n certificate file c\n key file k\n"          \
	" ca-bundle file a\n"                                                  \
	"interface Gi1\n ip address 10.0.0.1 255.0.0.0\n"                      \
	"sip-ua\n crypto signaling default trustpoint T\n"
#define PEER                                                                   \
	BEFORE "dial-peer voice 1 voip\n destination-pattern 1\n"              \
	       " session target ipv4:10.0.0.9\n incoming called-number .\n"
#define TENANT                                                                 \
	PEER " session transport tcp tls\n voice-class sip tenant 1\n"         \
	     "voice class tenant 1\n"

static const struct {
	const char *text; /* its last line is the one in question */
	const char *carried; /* a line of the result; NULL: left out */
} rows[] = {
	{ BEFORE "sip-ua\n crypto signaling default trustpoint T "
		 "cn-san-validate server\n",
		" crypto signaling default trustpoint T cn-san-validate "
		"server\n" },
	{ BEFORE "sip-ua\n crypto signaling default trustpoint T strict-cipher "
		 "client-vtp T cn-san-validate bidirectional\n",
		" crypto signaling default trustpoint T cn-san-validate "
		"bidirectional client-vtp T\n" },
	{ BEFORE "voice class tls-profile 2\n trustpoint T\n cn-san 1 a.b\n"
		 " cn-san validate server\nsip-ua\n"
		 " crypto signaling default tls-profile 2\n",
		" crypto signaling default tls-profile 2\n" },
	{ TENANT " exit\nvoice class tls-profile 2\n trustpoint T\n"
		 "voice class tenant 1\n tls-profile 2\n",
		" transport tcp tls\n tls-profile 2\n" },
	{ BEFORE "sip-ua\n registrar dns:r.example scheme sips expires 240 "
		 "refresh-ratio 50 tcp tls\n credentials number 1 username 1 "
		 "password 0 Secret1 realm r\n host-registrar\n",
		" host-registrar\n" },
	{ TENANT " credentials number 1 username 1 password 0 Secret1 realm r\n"
		 " registrar dns:r.example scheme sips expires 240 "
		 "refresh-ratio 50 tcp tls\n",
		" registrar dns:r.example expires 240 tcp tls\n" },
	{ TENANT
		" credentials number 1 username 1 password 0 Secret1 realm r\n"
		" registrar 1 dns:r.example expires 240 refresh-ratio 50 tcp\n",
		" registrar dns:r.example expires 240 tcp\n" },
	{ TENANT " credentials number 1 username 1 password 0 Secret1 realm r\n"
		 " registrar 1 dns:r.example expires 240\n"
		 " registrar 2 dns:s.example expires 240\n",
		NULL },
	{ BEFORE "sip-ua\n credentials number 1 username 1 password 0 Secret1 "
		 "realm r\n registrar 1 dns:r.example expires 240 tcp\n",
		" registrar dns:r.example expires 240 tcp\n" },
	{ BEFORE "voice class codec 1\n codec preference 1 g711alaw\n exit\n"
		 "dial-peer voice 1 voip\n destination-pattern 1\n"
		 " session target ipv4:10.0.0.9\n incoming called-number .\n"
		 " voice-class codec 1 offer-all\n",
		" voice-class codec 1\n" },
	{ BEFORE "crypto pki trustpoint D\n enrollment terminal pem\n",
		"crypto pki trustpoint D\n enrollment terminal\n" },
	{ BEFORE "crypto pki trustpoint D\n enrollment pkcs12\n",
		"crypto pki trustpoint D\n enrollment terminal\n" },
	/* show running-config has all codecs, and `shutdown` where it is */
	{ BEFORE "dspfarm profile 1 transcode universal\n codec g711ulaw\n"
		 " codec opus\n maximum sessions 4\n"
		 " associate application CUBE\n",
		" no codec g711alaw\n no codec g729r8\n codec g711ulaw\n"
		" codec opus\n maximum sessions 4\n"
		" associate application CUBE\n no shutdown\n" },
	{ BEFORE "dspfarm profile 1 transcode universal\n codec g711ulaw\n"
		 " codec opus\n maximum sessions 4\n"
		 " associate application CUBE\n shutdown\n",
		" associate application CUBE\n!\n" },
	{ BEFORE "dspfarm profile 1 transcode\n maximum sessions 4\n"
		 " associate application CUBE\n",
		" codec g711ulaw\n codec g711alaw\n codec g729r8\n"
		" maximum sessions 4\n associate application CUBE\n"
		" no shutdown\n" },
	{ BEFORE "dspfarm profile 1 transcode universal\n codec g711ulaw\n"
		 " codec opus\n maximum sessions 4\n"
		 " associate application SCCP\n",
		NULL },
	{ TENANT " host-registrar\n", " host-registrar\n" },
	{ TENANT " g729 annexb-all\n", "" },
	{ TENANT " session refresh\n", " session refresh\n" },
	{ BEFORE, "  no session refresh\n" },
	{ BEFORE "voice service voip\n sip\n  session refresh\n",
		"voice service voip\n allow-connections sip to sip\n no srtp\n rtp-port range 16384 32766\n!\n" },
	{ TENANT " outbound-proxy dns:p.example:8934 reuse\n",
		" outbound-proxy dns:p.example:8934 reuse\n" },
	{ TENANT " no outbound-proxy\n", " no outbound-proxy\n" },
	{ BEFORE "voice service voip\n sip\n  outbound-proxy ipv4:10.0.0.7\n",
		"  outbound-proxy ipv4:10.0.0.7\n" },
	{ BEFORE "voice service voip\n sip\n  outbound-proxy dhcp\n", NULL },
	{ PEER " voice-class sip outbound-proxy dns:p.example\n",
		" voice-class sip outbound-proxy dns:p.example\n" },
	{ BEFORE "sip-ua\n crypto signaling remote-addr 10.9.0.0 "
		 "255.255.0.0 trustpoint T\n",
		" crypto signaling remote-addr 10.9.0.0 /16 trustpoint T\n" },
	{ BEFORE "sip-ua\n crypto signaling remote-addr 10.9.0.0 "
		 "255.255.0.0 trustpoint T client-vtp T\n",
		NULL },
	{ BEFORE "crypto pki trustpoint D\n revocation-check crl\n",
		"crypto pki trustpoint D\n enrollment terminal\n" },
	{ BEFORE "password encryption aes\n", NULL },
	{ TENANT " registrar ipv4:10.0.0.9\n credentials number 1 username "
		 "1 password 7 060506324F41 realm r\n",
		" credentials number 1 username 1 password <hidden> realm "
		"r\n" },
	{ PEER " authentication username u password 7 060506324F realm r\n",
		" authentication username u password <hidden> realm r\n" },
	{ PEER " authentication username u password 7 06050632ZZ realm r\n",
		NULL },
	{ PEER " authentication username u password 6 ]XQNHeD^S realm r\n",
		NULL },
	{ PEER " voice-class sip host-registrar\n",
		" voice-class sip host-registrar\n" },
	{ PEER " codec g711ulaw bytes 240\n", " codec g711ulaw\n" },
	{ PEER " codec transparent\n", "" },
	{ PEER " redirect ip2ip\n", "" },
	{ PEER " voice-class sip g729 annexb-all\n", "" },
	{ PEER " voice-class sip session refresh\n",
		" voice-class sip session refresh\n" },
	{ PEER " no vad\n", "" },
	{ PEER " fax protocol t38 version 0 ls-redundancy 0 hs-redundancy 0 "
	       "fallback none\n",
		" fax protocol t38\n" },
	{ PEER " ip qos dscp af31 signaling\n", " ip qos dscp af31\n" },
	{ PEER " ip qos dscp cs5 media\n", " ip qos dscp cs5 media\n" },
	{ PEER " media bulk-stats\n", NULL },
	{ PEER " fax rate 14400\n", NULL },
	{ PEER " voice-class sip asymmetric payload full\n", NULL },
	{ BEFORE
		"voice class codec 1\n codec preference 2 g711alaw bytes 160\n",
		" codec preference 2 g711alaw\n" },
	{ BEFORE "voice service voip\n redirect ip2ip\n", "" },
	{ BEFORE "voice service voip\n media bulk-stats\n", NULL },
	{ BEFORE "voice service voip\n sip\n  g729 annexb-all\n", "" },
	{ BEFORE "voice service voip\n sip\n  no session refresh\n",
		"  no session refresh\n" },
	{ BEFORE "sip-ua\n retry invite 2\n", " retry invite 2\n" },
	{ BEFORE "sip-ua\n timers trying 300\n", " timers trying 300\n" },
	{ BEFORE "sip-ua\n timers connect 100\n", NULL },
	{ BEFORE "sip-ua\n retry bye 3\n", NULL },
	/* a command of the global mode's name, in a section: it stays there */
	{ BEFORE "sip-ua\n aaa username calling-number\n", NULL },
	{ BEFORE "voice service voip\n presence enable\n", NULL },
};

/* Trunks alone: something has to call, and be called. */
static const char after[] = "\ndial-peer voice 9 voip\n destination-pattern 9\n"
			    " session target ipv4:10.0.0.8\n";

static char *import(const char *text, bool *left_out, struct conf_errs *errs)
{
	char *all = mem_printf("%s%s", text, after), *shown = NULL;
	struct conf_errs out = { 0 };
	struct conf *c = conf_import(slice_str(all), NULL, "t", &out, errs);
	size_t n;
	FILE *f = open_memstream(&shown, &n);

	*left_out = out.n > 0;
	if (c != NULL)
		conf_print(c, f);
	fclose(f);
	conf_errs_free(&out);
	obj_unref(c);
	free(all);
	return shown;
}

/* "cisco" as IOS writes it, from several places of its key. */
static void type_7_is_read(void **state)
{
	static const char *const words[] = { "060506324F41", "02050D480809",
		"094F471A1A0A", "104D000A0618" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char *text = mem_printf(PEER " authentication username u "
					     "password 7 %s realm r",
			words[i]);
		struct conf_errs errs = { 0 }, out = { 0 };
		struct conf *c =
			conf_import(slice_str(text), NULL, "t", &out, &errs);
		char *shown = NULL;
		size_t n;
		FILE *f = open_memstream(&shown, &n);

		assert_non_null(c);
		conf_print_clear(c, f);
		fclose(f);
		check_row(words[i],
			strstr(shown,
				" authentication username u password 0 cisco "
				"realm r\n") != NULL);
		free(shown);
		free(text);
		conf_errs_free(&errs);
		conf_errs_free(&out);
		obj_unref(c);
	}
}

static void lines_are_carried_or_left_out(void **state)
{
	(void)state;
	unsigned wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_errs errs = { 0 };
		const char *want = rows[i].carried;
		bool left_out;
		char *shown = import(rows[i].text, &left_out, &errs);

		if (errs.errors == 0 && left_out == (want == NULL) &&
			(want == NULL || strstr(shown, want) != NULL)) {
			free(shown);
			conf_errs_free(&errs);
			continue;
		}
		print_message("row %zu: %s, %s\n%s\n", i, rows[i].text,
			left_out ? "left out" : "carried", shown);
		conf_errs_print(&errs, "t", stdout);
		conf_errs_free(&errs);
		free(shown);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* What follows a line that belongs elsewhere is still of the section. */
static void a_section_goes_on(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	bool left_out;
	char *shown = import(BEFORE "sip-ua\n aaa username calling-number\n"
				    " retry invite 3\n",
		&left_out, &errs);

	assert_int_equal(errs.errors, 0);
	assert_true(left_out);
	assert_non_null(strstr(shown, " retry invite 3\n"));
	conf_errs_free(&errs);
	free(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_are_carried_or_left_out),
		T(type_7_is_read),
		T(a_section_goes_on),
	};

	return RUN_TESTS(tests);
}

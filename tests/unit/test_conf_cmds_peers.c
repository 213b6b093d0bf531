/* Commands: dial-peers, and the sections that they refer to. */
#include "conf_rows.h"

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

ROWS(peer_commands, peer_rows)
ROWS(route_commands, route_rows)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(peer_commands),
		T(route_commands),
	};

	return RUN_TESTS(tests);
}

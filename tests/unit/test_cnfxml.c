#include "test.h"
#include "vectors.h"

#include <libxml/parser.h>

#include "phoneproxy/config/cnfxml.h"
#include "phoneproxy/config/encfile.h"

#define PROXY "198.51.100.7"

static const struct cnf_member members[] = {
	{ "192.0.2.11", "proxy-a", PROXY, 5060, 5061 },
	{ "CM-B.inside.example.", "proxy-b", PROXY, 5160, 5161 },
};
static const struct cnf_relay relays[] = {
	{ "192.0.2.11", 8080, PROXY, 8080 },
	{ "192.0.2.11", 8443, PROXY, 8443 },
};
static const struct cnf_relay capfs[] = { { "192.0.2.11", 3804, PROXY, 3804 } };
static const char *const inside[] = { "192.0.2.0/24", "inside.example" };

static struct cnf_rules all_rules(void)
{
	return (struct cnf_rules){
		.member = members,
		.nmembers = ARRAY_SIZE(members),
		.relay = relays,
		.nrelays = ARRAY_SIZE(relays),
		.capf = capfs,
		.ncapfs = ARRAY_SIZE(capfs),
		.tvs_address = PROXY,
		.tvs_port = 2445,
		.ntp = PROXY,
		.keep_load = true,
		.security_mode = 3,
		.transport = 3,
		.setting = { "1", "1", "1", "1", "1" },
		.inside = inside,
		.ninside = ARRAY_SIZE(inside),
	};
}

/* The pair of files, byte for byte, and nothing inside is left. */
static void rewrites_as_documented(void **state)
{
	(void)state;
	struct slice from = vector_load("boot/config-from-call-manager.xml");
	struct slice to = vector_load("boot/config-to-phone.xml");
	struct cnf_rules rules = all_rules();
	struct cnf_result r;

	assert_int_equal(cnf_rewrite(&r, from, &rules), 0);
	if (!slice_eq(text_slice(&r.xml), to))
		fail_msg("%s", r.xml.p);
	assert_int_equal(r.members, 2);
	assert_int_equal(r.nleaks, 0);
	assert_false(r.short_form);
	cnf_result_free(&r);
	/* Written once, it stays. */
	struct cnf_member again = { PROXY, "proxy-a", PROXY, 0, 0 };
	struct cnf_relay relay = { PROXY, 0, PROXY, 0 };

	rules.member = &again;
	rules.relay = rules.capf = &relay;
	rules.nmembers = rules.nrelays = rules.ncapfs = 1;
	assert_int_equal(cnf_rewrite(&r, to, &rules), 0);
	assert_int_equal(r.nleaks, 0);
	cnf_result_free(&r);
	vector_free(to);
	vector_free(from);
}

/* Line ends of Windows: everything that is not rewritten keeps its bytes. */
static void keeps_line_ends(void **state)
{
	(void)state;
	struct slice from = vector_load("boot/config-from-call-manager.xml");
	struct slice to = vector_load("boot/config-to-phone.xml");
	struct cnf_rules rules = all_rules();
	struct text crlf = { 0 }, want = { 0 };
	struct slice rest = from, line;
	struct cnf_result r;

	while (slice_cut(&rest, '\n', &line))
		text_printf(&crlf, "%.*s\r\n", SLICE_ARG(line));
	rest = to;
	while (slice_cut(&rest, '\n', &line))
		text_printf(&want, "%.*s\r\n", SLICE_ARG(line));
	assert_int_equal(cnf_rewrite(&r, text_slice(&crlf), &rules), 0);
	assert_true(slice_eq(text_slice(&r.xml), text_slice(&want)));
	cnf_result_free(&r);
	text_free(&crlf);
	text_free(&want);
	vector_free(to);
	vector_free(from);
}

/* No rules: everything that may lead inside goes. */
static const struct cnf_rules nothing = { 0 };

static const struct cnf_rules keeping = {
	.keep_load = true,
	.keep_vpn = true,
	.keep_foreign_urls = true,
	.inside = inside,
	.ninside = ARRAY_SIZE(inside),
};

static const struct cnf_rules secure = {
	.member = members,
	.nmembers = 1,
	.relay = relays,
	.nrelays = 1,
	.transport = 3,
};

static const struct cnf_rules encrypting = { .cert_hash = "abc" };
static const struct cnf_rules hardened = {
	.security_mode = 3,
	.transport = 3,
	.setting = { [CNF_WEB_ACCESS] = "1", [CNF_GARP] = "0" },
};

static const struct cnf_rules trusting = {
	.tvs_address = PROXY,
	.tvs_port = 2445,
};

#define D(inner) "<device>" inner "</device>"
#define CM(node, ports)                                                        \
	"<member><callManager><name>x</name><ports>" ports                     \
	"</ports><processNodeName>" node "</processNodeName></callManager>"    \
	"</member>"

static void rewrites_each_element(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const struct cnf_rules *rules;
		const char *in, *out;
	} rows[] = {
		{ "unknown things stay", &nothing,
			"<?xml version='1.0'?>\n<device xsi:type='a' "
			"xmlns:xsi=\"u\" ctiid=\"7\"><!-- c --><x  a='1'/>"
			"<y>&#65;&amp;<![CDATA[<z>]]></y ></device>\n",
			"<?xml version='1.0'?>\n<device xsi:type='a' "
			"xmlns:xsi=\"u\" ctiid=\"7\"><!-- c --><x  a='1'/>"
			"<y>&#65;&amp;<![CDATA[<z>]]></y ></device>\n" },
		{ "unknown member removed, known kept", &secure,
			D("\n <m>\n  " CM("192.0.2.11", "") "\n  " CM(
				"other", "") "\n </m>\n"),
			D("\n <m>\n  <member><callManager><name>proxy-a</name>"
			  "<ports><securedSipPort>5061</securedSipPort></ports>"
			  "<processNodeName>" PROXY
			  "</processNodeName></callManager></member>"
			  "\n </m>\n <transportLayerProtocol>3"
			  "</transportLayerProtocol>"
			  "\n") },
		{ "SRST", &nothing,
			D("<srstInfo><srstOption>Enable</srstOption><ipAddr1>"
			  "192.0.2.1</ipAddr1><port1>2000</port1><sipIpAddr2>"
			  "r.example</sipIpAddr2></srstInfo>"),
			D("<srstInfo><srstOption>Enable</srstOption><ipAddr1>"
			  "</ipAddr1><port1>2000</port1><sipIpAddr2>"
			  "</sipIpAddr2></srstInfo>") },
		{ "TVS removed", &nothing,
			D("<a/>\n <TVS><members><member><port>2445</port>"
			  "<address>192.0.2.1</address></member></members>"
			  "</TVS>\n<b/>"),
			D("<a/>\n<b/>") },
		{ "TVS that is relayed, another that is not", &secure,
			D("<TVS><members><member><port>8080</port><address>"
			  "192.0.2.11</address></member><member><port>2445"
			  "</port><address>192.0.2.11</address></member>"
			  "</members></TVS><transportLayerProtocol>3"
			  "</transportLayerProtocol>"),
			D("<TVS><members><member><port>8080</port><address>" PROXY
			  "</address></member></members></TVS>"
			  "<transportLayerProtocol>3"
			  "</transportLayerProtocol>") },
		{ "TVS of ours", &trusting,
			D("<TVS><members><member><port>1</port><address>a"
			  "</address></member></members></TVS><members><member>"
			  "<address>192.0.2.1</address></member></members>"),
			D("<TVS><members><member><port>2445</port><address>" PROXY
			  "</address></member></members></TVS><members><member>"
			  "<address>192.0.2.1</address></member></members>") },
		{ "proxies emptied", &nothing,
			D("<sipProxies><backupProxy>a</backupProxy>"
			  "<backupProxyPort>1</backupProxyPort>"
			  "<emergencyProxy>b</emergencyProxy><outboundProxy>c"
			  "</outboundProxy><registerWithProxy>true"
			  "</registerWithProxy></sipProxies>"),
			D("<sipProxies><backupProxy></backupProxy>"
			  "<backupProxyPort></backupProxyPort>"
			  "<emergencyProxy></emergencyProxy><outboundProxy>"
			  "</outboundProxy><registerWithProxy>true"
			  "</registerWithProxy></sipProxies>") },
		{ "a line's literal proxy", &secure,
			D("<line><proxy>192.0.2.11</proxy><port>5060</port>"
			  "</line><line><proxy>192.0.2.99</proxy></line>"
			  "<line><proxy>UseCallManager</proxy></line>"
			  "<transportLayerProtocol>1</transportLayerProtocol>"),
			D("<line><proxy>" PROXY "</proxy><port>5061</port>"
			  "</line><line><proxy>USECALLMANAGER</proxy></line>"
			  "<line><proxy>UseCallManager</proxy></line>"
			  "<transportLayerProtocol>3"
			  "</transportLayerProtocol>") },
		{ "load, VPN, servers in vendorConfig", &nothing,
			D("<loadInformation>l</loadInformation><vpnGroup><a/>"
			  "</vpnGroup><vendorConfig><loadServer>s</loadServer>"
			  "<logServer>t</logServer></vendorConfig>"),
			D("<vendorConfig><loadServer></loadServer>"
			  "<logServer></logServer></vendorConfig>") },
		{ "the same, kept", &keeping,
			D("<loadInformation>l</loadInformation><vpnGroup><a/>"
			  "</vpnGroup>"),
			D("<loadInformation>l</loadInformation><vpnGroup><a/>"
			  "</vpnGroup>") },
		{ "URLs", &secure,
			D("<servicesURL>http://192.0.2.11:8080/a?b=1&amp;c=2"
			  "</servicesURL><directoryURL>http://192.0.2.11/x"
			  "</directoryURL><messagesURL>Application:Cisco/V"
			  "</messagesURL><idleURL>https://else.example/"
			  "</idleURL><phoneService><url>http://u:p@192.0.2.11"
			  ":8080</url></phoneService>"
			  "<transportLayerProtocol>3</transportLayerProtocol>"),
			D("<servicesURL>http://" PROXY ":8080/a?b=1&amp;c=2"
			  "</servicesURL><directoryURL></directoryURL>"
			  "<messagesURL>Application:Cisco/V</messagesURL>"
			  "<idleURL></idleURL><phoneService><url>"
			  "http://u:p@" PROXY ":8080</url></phoneService>"
			  "<transportLayerProtocol>3"
			  "</transportLayerProtocol>") },
		{ "URLs outside kept", &keeping,
			D("<idleURL>https://else.example/</idleURL>"
			  "<servicesURL>http://a.inside.example/</servicesURL>"
			  "<messagesURL>http://192.0.2.77:1/</messagesURL>"
			  "<directoryURL>ftp://x/</directoryURL>"),
			D("<idleURL>https://else.example/</idleURL>"
			  "<servicesURL></servicesURL><messagesURL>"
			  "</messagesURL><directoryURL></directoryURL>") },
		{ "NTP inside removed, public kept", &keeping,
			D("<ntp><name>192.0.2.1</name></ntp><ntp><name>"
			  "pool.example.org</name></ntp>"),
			D("<ntp><name>pool.example.org</name></ntp>") },
		{ "CAPF of nobody removed", &nothing,
			D("<capfAuthMode>2</capfAuthMode><capfList><capf>"
			  "<processNodeName>a</processNodeName></capf>"
			  "</capfList>"),
			D("<capfAuthMode>2</capfAuthMode><capfList>"
			  "</capfList>") },
		{ "encryption of the call manager's", &nothing,
			D("<certHash>0a</certHash><encrConfig>true"
			  "</encrConfig><proxyServerURL>p:1</proxyServerURL>"),
			D("<certHash></certHash><encrConfig>false"
			  "</encrConfig><proxyServerURL></proxyServerURL>") },
		{ "encryption of ours", &encrypting,
			D("<certHash>0a</certHash><encrConfig>false"
			  "</encrConfig>"),
			D("<certHash>abc</certHash><encrConfig>true"
			  "</encrConfig>") },
		{ "encryption of ours added", &encrypting, D("<a/>"),
			D("<a/><certHash>abc</certHash><encrConfig>true"
			  "</encrConfig>") },
		{ "modes and settings added", &hardened,
			D("\n  <vendorConfig>\n    <webAccess>0</webAccess>\n"
			  "  </vendorConfig>\n"),
			D("\n  <vendorConfig>\n    <webAccess>1</webAccess>\n"
			  "    <garp>0</garp>\n  </vendorConfig>\n"
			  "  <deviceSecurityMode>3</deviceSecurityMode>\n"
			  "  <transportLayerProtocol>3"
			  "</transportLayerProtocol>\n") },
		{ "modes twice", &hardened,
			D("<deviceSecurityMode>1</deviceSecurityMode>"
			  "<transportLayerProtocol>3</transportLayerProtocol>"
			  "<vendorConfig><garp>0</garp><webAccess/>"
			  "</vendorConfig>"
			  "<deviceSecurityMode>2</deviceSecurityMode>"),
			D("<deviceSecurityMode>3</deviceSecurityMode>"
			  "<transportLayerProtocol>3</transportLayerProtocol>"
			  "<vendorConfig><garp>0</garp><webAccess>1"
			  "</webAccess></vendorConfig>"
			  "<deviceSecurityMode>3</deviceSecurityMode>") },
		{ "into nothing", &hardened, "<device/>",
			D("<vendorConfig><garp>0</garp><webAccess>1"
			  "</webAccess></vendorConfig><deviceSecurityMode>3"
			  "</deviceSecurityMode><transportLayerProtocol>3"
			  "</transportLayerProtocol>") },
		{ "into empty elements", &hardened,
			D("<vendorConfig a='/>' /><deviceSecurityMode/>"
			  "<transportLayerProtocol/>"),
			D("<vendorConfig a='/>' ><garp>0</garp><webAccess>1"
			  "</webAccess></vendorConfig><deviceSecurityMode>3"
			  "</deviceSecurityMode><transportLayerProtocol>3"
			  "</transportLayerProtocol>") },
		{ "the default file", &secure,
			"<Default><callManagerGroup><members>" CM("192.0.2.11",
				"<securedSipPort>1</securedSipPort>") ""
								      "</members></callManagerGroup><loadInformation7 "
								      "model='x'>l</loadInformation7></Default>",
			"<Default><callManagerGroup><members><member>"
			"<callManager><name>proxy-a</name><ports>"
			"<securedSipPort>5061</securedSipPort></ports>"
			"<processNodeName>" PROXY "</processNodeName>"
			"</callManager></member></members></callManagerGroup>"
			"</Default>" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cnf_result r;
		int err = cnf_rewrite(&r, slice_str(rows[i].in), rows[i].rules);

		if (err != 0)
			fail_msg("%s: %s", rows[i].name, r.why);
		if (!slice_eq_str(text_slice(&r.xml), rows[i].out))
			fail_msg("%s:\n%s\n%s", rows[i].name, r.xml.p,
				rows[i].out);
		cnf_result_free(&r);
	}
}

/* Characters that the encoding lacks become references. */
static void keeps_encoding(void **state)
{
	(void)state;
	struct cnf_member m = { "cm", "Zo\xc3\xab & co", PROXY, 0, 0 };
	struct cnf_rules rules = { .member = &m, .nmembers = 1 };
	struct cnf_result r;

	assert_int_equal(cnf_rewrite(&r,
				 slice_str("<?xml version=\"1.0\" encoding="
					   "\"ISO-8859-1\"?><device><l>\xeb"
					   "</l>" CM("cm", "") "</device>"),
				 &rules),
		0);
	assert_non_null(strstr(r.xml.p, "<l>\xeb</l>"));
	assert_non_null(strstr(r.xml.p, "<name>Zo&#235; &amp; co</name>"));
	cnf_result_free(&r);
	assert_int_equal(
		cnf_rewrite(&r, slice_str(D(CM("cm", ""))), &rules), 0);
	assert_non_null(strstr(r.xml.p, "<name>Zo\xc3\xab &amp; co</name>"));
	cnf_result_free(&r);
}

static void finds_leaks(void **state)
{
	(void)state;
	static const struct {
		const char *name, *in, *path, *kind, *found;
	} rows[] = {
		{ "an address in a text", D("<x>see 192.0.2.7:80.</x>"),
			"device/x", "text", "192.0.2.7" },
		{ "in a comment", D("<x><!-- by a.inside.example. --></x>"),
			"device/x", "comment", "a.inside.example" },
		{ "in a comment before the root",
			"<!--INSIDE.example--><device/>", "", "comment",
			"INSIDE.example" },
		{ "in an attribute", D("<x a='http://192.0.2.7/'/>"),
			"device/x", "attribute", "192.0.2.7" },
		{ "written as references", D("<x>&#49;92.0.2.7</x>"),
			"device/x", "text", "192.0.2.7" },
		{ "in CDATA", D("<x><![CDATA[<192.0.2.7>]]></x>"), "device/x",
			"text", "192.0.2.7" },
		{ "a private one", D("<x>10.1.2.3</x>"), "device/x", "text",
			"10.1.2.3" },
		{ "IPv6", D("<x>[fd00::1]:80</x>"), "device/x", "text",
			"fd00::1" },
		{ "IPv4 within IPv6", D("<x>::ffff:192.0.2.7</x>"), "device/x",
			"text", "::ffff:192.0.2.7" },
		{ "taken away here, left there",
			D("<srstInfo><ipAddr1>203.0.113.9</ipAddr1></srstInfo>"
			  "<x>203.0.113.9</x>"),
			"device/x", "text", "203.0.113.9" },
		{ "what is ours is none", D("<x>192.168.1.1</x>"), NULL, NULL,
			NULL },
		{ "outside", D("<x>notinside.example 192.0.3.1</x>"), NULL,
			NULL, NULL },
		{ "no addresses", D("<x>1.2.3 10.1.2.3.4 14-2-1</x>"), NULL,
			NULL, NULL },
	};
	struct cnf_rules rules = { .ntp = "192.168.1.1",
		.inside = inside,
		.ninside = ARRAY_SIZE(inside),
		.private_is_inside = true };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cnf_result r;

		check_row(rows[i].name,
			cnf_rewrite(&r, slice_str(rows[i].in), &rules) == 0);
		check_row(rows[i].name, r.nleaks == (rows[i].path != NULL));
		if (rows[i].path != NULL) {
			assert_string_equal(r.leak[0].path, rows[i].path);
			assert_string_equal(r.leak[0].kind, rows[i].kind);
			assert_string_equal(r.leak[0].found, rows[i].found);
		}
		cnf_result_free(&r);
	}
}

static void notices_the_short_form(void **state)
{
	(void)state;
	struct cnf_rules rules = all_rules();
	struct cnf_result r;

	assert_int_equal(cnf_rewrite(&r,
				 slice_str(D("<fullConfig>false</fullConfig>"
					     "<encrConfig>true"
					     "</encrConfig>")),
				 &rules),
		0);
	assert_true(r.short_form);
	cnf_result_free(&r);
}

static void refuses(void **state)
{
	(void)state;
	struct text deep = { 0 }, wide = { 0 }, big = { 0 };
	struct text dashes = { 0 }, attributes = { 0 };
	struct cnf_rules rules = all_rules();

	for (int i = 0; i < 5000; i++)
		text_add(&deep, SLICE_LIT("<device>"));
	text_add(&wide, SLICE_LIT("<device>"));
	for (int i = 0; i < 30000; i++)
		text_add(&wide, SLICE_LIT("<a/>"));
	text_add(&wide, SLICE_LIT("</device>"));
	text_add(&big, SLICE_LIT("<device>"));
	for (int i = 0; i < 1 << 16; i++)
		text_add(&big, SLICE_LIT("0123456789abcdef"));
	text_add(&big, SLICE_LIT("</device>"));
	/* Quadratic time in the parser, minutes each, were they let in. */
	for (int i = 0; i < 250000; i++)
		text_add(&dashes, SLICE_LIT("<!--"));
	text_add(&attributes, SLICE_LIT("<device"));
	for (int i = 0; i < 80000; i++)
		text_printf(&attributes, " a%d=''", i);
	text_add(&attributes, SLICE_LIT("/>"));
	const struct {
		const char *name;
		struct slice in;
		int err;
	} rows[] = {
		{ "comments within a comment", text_slice(&dashes), EBADMSG },
		{ "too many attributes", text_slice(&attributes), E2BIG },
		{ "EBCDIC", SLICE_LIT("L\x6f\xa7\x94"), ENOTSUP },
		{ "an open tag", SLICE_LIT("<device a='>"), EBADMSG },
		{ "nothing", SLICE_LIT(""), EBADMSG },
		{ "no XML", SLICE_LIT("garbage"), EBADMSG },
		{ "open end", SLICE_LIT("<device><a></device>"), EBADMSG },
		{ "two roots", SLICE_LIT("<device/><device/>"), EBADMSG },
		{ "undefined entity", SLICE_LIT("<device>&x;</device>"),
			EBADMSG },
		{ "a DTD", SLICE_LIT("<!DOCTYPE device><device/>"), EACCES },
		{ "a file fetched",
			SLICE_LIT("<!DOCTYPE d [<!ENTITY x SYSTEM "
				  "'file:///etc/passwd'>]><device>&x;"
				  "</device>"),
			EACCES },
		{ "a bomb",
			SLICE_LIT("<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'>"
				  "<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
				  "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>"
				  "<device>&c;</device>"),
			EACCES },
		{ "too deep", text_slice(&deep), E2BIG },
		{ "too many", text_slice(&wide), E2BIG },
		{ "too big", text_slice(&big), E2BIG },
		{ "two bytes a character",
			SLICE_LIT("\xff\xfe<\0d\0e\0v\0i\0c\0e\0/\0>\0"),
			ENOTSUP },
		{ "another encoding",
			SLICE_LIT("<?xml version='1.0' encoding='UTF-7'?>"
				  "<device/>"),
			ENOTSUP },
		{ "not UTF-8", SLICE_LIT("<device>\xeb</device>"), EBADMSG },
		{ "another document", SLICE_LIT("<html/>"), EPROTO },
		{ "no call manager known", SLICE_LIT(D(CM("203.0.113.1", ""))),
			EPROTO },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cnf_result r;
		int err = cnf_rewrite(&r, rows[i].in, &rules);

		if (err != rows[i].err)
			fail_msg("%s: %s, %s", rows[i].name, strerror(err),
				r.why);
		check_row(rows[i].name, r.xml.n == 0 && r.why[0] != '\0');
		cnf_result_free(&r);
	}
	text_free(&attributes);
	text_free(&dashes);
	text_free(&deep);
	text_free(&wide);
	text_free(&big);
}

/* What the independent tool wrote beside its encrypted files. */
static void makes_the_companion(void **state)
{
	(void)state;
	static const struct {
		const char *folder, *plain, *phone;
	} rows[] = {
		{ "01-sha1", "plain-01", "phone-lsc-rsa" },
		{ "02-sha512-exact-block", "plain-02", "phone-lsc-rsa" },
		{ "03-sha512-one-pad", "plain-03", "phone-mic" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char path[128], hash[CERT_HASH_TEXT];
		struct slice cert = pki_cert(rows[i].phone), xml, sgn;
		struct tlvhead h;
		struct text out = { 0 };

		snprintf(path, sizeof(path), "encrypted/%s.cnf.xml",
			rows[i].plain);
		xml = vector_load(path);
		snprintf(path, sizeof(path),
			"encrypted/%s/SEP001122334455.cnf.xml.sgn",
			rows[i].folder);
		sgn = vector_load(path);
		cert_hash(cert, hash);
		check_fault(path, tlvhead_read(&h, sgn), FAULT_NONE);
		assert_int_equal(cnf_short_form(&out, xml, hash), 0);
		check_row(rows[i].folder,
			slice_eq(text_slice(&out), slice_from(sgn, h.size)));
		text_free(&out);
		vector_free(sgn);
		vector_free(xml);
		vector_free(cert);
	}
	struct text out = { 0 };

	assert_int_equal(
		cnf_short_form(&out, SLICE_LIT("<Default/>"), ""), EPROTO);
	assert_int_equal(
		cnf_short_form(&out, SLICE_LIT("<device>"), ""), EBADMSG);
	assert_int_equal(out.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rewrites_as_documented),
		T(keeps_line_ends),
		T(rewrites_each_element),
		T(keeps_encoding),
		T(finds_leaks),
		T(notices_the_short_form),
		T(refuses),
		T(makes_the_companion),
	};

	xmlInitParser();
	int failed = RUN_TESTS(tests);

	xmlCleanupParser();
	return failed;
}

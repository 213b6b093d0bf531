/* What the model holds and its look-ups tell: defaults, what is inherited. */
#include "conf_rows.h"

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
		T(defaults),
		T(srtp_is_inherited),
		T(rtcp_mux_is_inherited),
		T(finds),
		T(trusted_networks),
	};

	return RUN_TESTS(tests);
}

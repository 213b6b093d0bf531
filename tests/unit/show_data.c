/* Fabricated answers of the sip thread. */
#include "show_data.h"

#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/trusted.h"
#include "base/obj.h"

static struct addr addr(const char *host, uint16_t port)
{
	struct addr a;

	need(addr_parse(&a, slice_str(host), port) == 0);
	return a;
}

#define SET(field, ...) snprintf((field), sizeof(field), __VA_ARGS__)

static void leg_a(struct leg_info *l)
{
	l->incoming = true;
	SET(l->number, "2001");
	SET(l->peer_name, "SEP001122334455");
	l->dial_peer = 100;
	SET(l->sip_call_id, "a84b4c76e66710");
	l->transport = CONF_TLS;
	l->signalling = addr("198.51.100.7", 40001);
	SET(l->tls_version, "TLS1.3");
	SET(l->tls_cipher, "AES-256-GCM");
	SET(l->identity, "CN=SEP001122334455");
	SET(l->codec, "PCMU/8000");
	SET(l->dtmf, "rtp-nte");
	l->srtp = true;
	SET(l->suite_local, "AEAD_AES_256_GCM");
	SET(l->suite_remote, "AEAD_AES_256_GCM");
	l->media_local = addr("203.0.113.5", 16384);
	l->media_remote = addr("198.51.100.7", 30000);
	l->stats = (struct mleg_stats){
		.rx_packets = 990,
		.rx_bytes = 158400,
		.tx_packets = 1000,
		.tx_bytes = 160000,
		.lost = 10,
		.jitter_us = 1500,
		.rtt_us = 20400,
		.loss_reported = 3,
		.reported_of = 1000,
		.jitter_reported_us = 2500,
		.auth_failed = 2,
	};
}

static void leg_b(struct leg_info *l)
{
	SET(l->number, "3000");
	SET(l->peer_name, "the call manager inside");
	l->dial_peer = 200;
	SET(l->sip_call_id, "f81d4fae7dec11");
	l->transport = CONF_UDP;
	l->signalling = addr("10.1.1.10", 5060);
	SET(l->codec, "G729/8000");
	l->fallback = true;
	SET(l->oneway, "its packets stopped");
	l->media_local = addr("10.1.1.5", 16386);
	l->media_remote = addr("10.1.1.10", 20000);
	l->stats = (struct mleg_stats){
		.rx_packets = 1000,
		.rx_bytes = 160000,
		.tx_packets = 990,
		.tx_bytes = 158400,
	};
}

static void fill_calls(struct b2bua_query *q)
{
	struct call_info *c = mem_array(1, sizeof(*c));

	c->id = 7;
	SET(c->state, "up");
	c->age_ms = 23000;
	c->up_ms = 20000;
	c->transcoder = 1;
	c->xcode[0] = (struct xcode_stats){
		.packets = 990, .made = 1000, .concealed_ms = 200
	};
	c->xcode[1] = (struct xcode_stats){
		.packets = 1000, .made = 990, .late = 3, .bad = 1
	};
	leg_a(&c->leg[0]);
	leg_b(&c->leg[1]);
	c->leg[0].session.expires = 1800;
	c->leg[0].session.end_s = 1745;
	c->leg[1].session.expires = 3600;
	c->leg[1].session.ours = true;
	c->leg[1].session.refresh_s = 1777;
	c->leg[1].session.end_s = 3545;
	q->calls = c;
	q->ncalls = 1;
}

static void fill_tallies(struct b2bua_query *q)
{
	q->tallies = mem_array(1, sizeof(*q->tallies));
	q->tallies[0] = (struct tally){ .tag = 200,
		.in = 3,
		.out = 12,
		.answered = 10,
		.seconds = 1234,
		.failed = { [TALLY_BUSY] = 2, [TALLY_CANCELLED] = 1 },
		.full = 4,
		.current = 2,
		.last_q850 = 17 };
	q->ntallies = 1;
}

static void fill_keepalives(struct b2bua_query *q)
{
	q->keepalives = mem_array(1, sizeof(*q->keepalives));
	q->keepalives[0] = (struct keepalive_info){ .host = "10.1.1.10",
		.port = 5060,
		.transport = CONF_UDP,
		.listener = "INSIDE",
		.up = 60,
		.down = 30,
		.retry = 3,
		.asked = true,
		.busied_out = true,
		.failures = 4,
		.status = 503,
		.state_s = 95,
		.sent = 30,
		.failed = 5,
		.busyouts = 1 };
	q->nkeepalives = 1;
}

static void fill_trusted(struct b2bua_query *q)
{
	q->trusted = mem_array(4, sizeof(*q->trusted));
	q->trusted[q->ntrusted++] =
		(struct trusted_info){ .peer = 200, .host = "10.1.1.10" };
	q->trusted[0].addr = addr("10.1.1.10", 5060);
	q->trusted[q->ntrusted++] = (struct trusted_info){
		.peer = 210, .shutdown = true, .host = "pbx.example.com"
	};
	q->trusted[q->ntrusted++] =
		(struct trusted_info){ .host = "sip.example.net" };
	q->trusted[2].addr = addr("2001:db8::7", 5061);
}

static void fill_pools(struct b2bua_query *q)
{
	q->pools = mem_array(2, sizeof(*q->pools));
	q->pools[0] = (struct xcode_pool_info){
		.tag = 1, .max = 20, .used = 1, .served = 44
	};
	q->pools[1] = (struct xcode_pool_info){
		.tag = 9, .used = 2, .served = 3, .retiring = true
	};
	q->npools = 2;
}

static void fill_regs(struct b2bua_query *q)
{
	struct reg_info *r = mem_array(1, sizeof(*r));

	SET(r->aor, "2001@example.com");
	SET(r->device, "SEP001122334455");
	SET(r->identity, "CN=SEP001122334455");
	SET(r->tied, "rule");
	SET(r->contact, "sip:2001@198.51.100.7:40001;transport=tls");
	SET(r->token, "p5f2c");
	SET(r->listener, "PHONES");
	r->flow_addr = addr("198.51.100.7", 40001);
	r->connected = true;
	r->expires_s = 3300;
	SET(r->instance, "<urn:uuid:00000000-0000-0000-0000-001122334455>");
	q->regs = r;
	q->nregs = 1;
}

static void fill_conns(struct b2bua_query *q)
{
	struct conn_info *c = mem_array(1, sizeof(*c));

	SET(c->listener, "PHONES");
	c->transport = CONF_TLS;
	c->local = addr("203.0.113.5", 5061);
	c->remote = addr("198.51.100.7", 40001);
	SET(c->tls_version, "TLS1.3");
	SET(c->tls_cipher, "AES-256-GCM");
	SET(c->device, "SEP001122334455");
	SET(c->identity, "CN=SEP001122334455");
	c->age_ms = 65000;
	q->conns = c;
	q->nconns = 1;
}

static void fill_listeners(struct b2bua_query *q)
{
	struct listener_info *l = mem_array(2, sizeof(*l));

	SET(l[0].name, "PHONES");
	l[0].transport = CONF_TLS;
	l[0].addr = addr("203.0.113.5", 5061);
	l[0].connections = 1;
	l[0].handshakes = 3;
	SET(l[1].name, "INSIDE");
	l[1].side = CONF_CORE;
	l[1].addr = addr("10.1.1.5", 5060);
	q->listeners = l;
	q->nlisteners = 2;
}

static struct cert_info cert(bool own)
{
	struct cert_info c = {
		.subject = mem_dup(own ? "CN=edge1" : "CN=Phones CA"),
		.issuer = mem_dup("CN=Phones CA"),
		.serial = mem_dup(own ? "02" : "01"),
		.not_before = 1700000000,
		.not_after = 1800000000,
		.key = mem_dup("EC P-256"),
		.ca = !own,
		.own = own,
	};

	c.version = 3;
	c.signature = mem_dup("ECDSA-SHA256");
	c.key_usage =
		mem_dup(own ? "digitalSignature" : "keyCertSign, cRLSign");
	c.basic = mem_dup(own ? "CA:FALSE" : "CA:TRUE, pathlen:0");
	c.subject_key_id = mem_dup("0a0b");
	if (own) {
		c.purposes = mem_dup("serverAuth, clientAuth");
		c.names = mem_dup("DNS:edge1.example.com, IP:192.0.2.1");
		c.authority_key_id = mem_dup("0c0d");
		c.crl = mem_dup("http://ca.example.com/crl");
		c.ocsp = mem_dup("http://ca.example.com/ocsp");
	}
	SET(c.md5, "%032d", own);
	SET(c.sha256, "%064d", own);
	SET(c.sha1, "%040d", own);
	return c;
}

static void fill_trustpoints(struct b2bua_query *q)
{
	struct trustpoint_info *tp = mem_array(1, sizeof(*tp));

	SET(tp->name, "EDGE");
	tp->ncerts = 2;
	tp->certs = mem_array(2, sizeof(*tp->certs));
	tp->certs[0] = cert(true);
	tp->certs[1] = cert(false);
	q->trustpoints = tp;
	q->ntrustpoints = 1;
}

static void fill_recordings(struct b2bua_query *q)
{
	struct recording_info *r = mem_array(2, sizeof(*r));

	r[0].call = 7;
	SET(r[0].state, "up");
	r[0].dial_peer = 900;
	SET(r[0].recorder, "10.1.1.30");
	SET(r[0].session, "NrPCZiN7T2S67eu9diot0A==");
	SET(r[0].group, "5fr304WrR0KJdebb4yUaSQ==");
	SET(r[0].sip_call_id, "f81d4fae7dec22");
	r[0].srtp = true;
	r[0].up_ms = 20000;
	r[0].stream[0].tx_packets = 990;
	r[0].stream[1].tx_packets = 1000;
	r[0].stream[1].send_failed = 2;
	r[1].call = 6;
	SET(r[1].state, "over");
	SET(r[1].reason, "the recorder answered 486");
	r[1].dial_peer = 901;
	SET(r[1].session, "L3vhL+jCT1aWnpf9II5fbg==");
	SET(r[1].group, "5fr304WrR0KJdebb4yUaSQ==");
	q->recordings = r;
	q->nrecordings = 2;
}

static void fill_oneways(struct b2bua_query *q)
{
	struct oneway_info *v = mem_array(2, sizeof(*v));

	v[0] = (struct oneway_info){ .call = 7,
		.leg = 'A',
		.dial_peer = 100,
		.cause = "its SDP has a private address (NAT)",
		.code = "nat",
		.ago_ms = 40000,
		.for_ms = 40000,
		.lasts = true };
	SET(v[0].number, "2001");
	SET(v[0].media, "audio");
	v[0].local = addr("203.0.113.5", 20000);
	v[0].remote = v[0].source = addr("192.168.1.5", 4000);
	v[1] = (struct oneway_info){ .call = 5,
		.leg = 'B',
		.dial_peer = 200,
		.cause = "packets come from an address not allowed",
		.code = "wrong_source",
		.ago_ms = 600000,
		.for_ms = 12000 };
	SET(v[1].number, "3001");
	SET(v[1].media, "video");
	v[1].local = addr("10.1.1.5", 20002);
	v[1].remote = addr("10.1.1.20", 6000);
	v[1].source = addr("10.1.1.21", 6000);
	q->oneways = v;
	q->noneways = 2;
}

static void fill_rings(struct b2bua_query *q)
{
	struct ring_info *r = mem_array(3, sizeof(*r));

	for (size_t i = 0; i < 3; i++) {
		r[i].call = 9;
		r[i].age_ms = 4000;
		r[i].dial_peer = 100;
		SET(r[i].from, "3000");
		SET(r[i].number, "2001");
		SET(r[i].listener, "PHONES");
		SET(r[i].sip_call_id, "ring%zu", i);
	}
	SET(r[0].device, "SEP001122334455");
	r[0].addr = addr("198.51.100.7", 40001);
	r[0].status = 180;
	SET(r[1].device, "SEP00112233445A");
	r[1].addr = addr("198.51.100.8", 40002);
	SET(r[2].device, "SEP00112233445B");
	r[2].addr = addr("198.51.100.9", 40003);
	r[2].status = 486;
	q->rings = r;
	q->nrings = 3;
}

static void fill_subs(struct b2bua_query *q)
{
	struct sub_info *s = mem_array(2, sizeof(*s));

	SET(s[0].who, "2001");
	SET(s[0].of, "3000");
	SET(s[0].device, "SEP001122334455");
	SET(s[0].event, "dialog");
	SET(s[0].state, "active");
	s[0].expires_s = 1742;
	s[0].age_ms = 3661000;
	s[0].notified_ms = 12000;
	s[0].notifies = 9;
	s[0].notifies_failed = 1;
	s[0].refreshes = 2;
	s[0].leg[0].side = CONF_ACCESS;
	SET(s[0].leg[0].listener, "PHONES");
	s[0].leg[0].addr = addr("198.51.100.7", 49152);
	SET(s[0].leg[0].state, "confirmed");
	s[0].leg[0].waiting = 1;
	SET(s[0].leg[0].sip_call_id, "a84b4c76e66710");
	s[0].leg[1].side = CONF_CORE;
	SET(s[0].leg[1].listener, "INSIDE");
	s[0].leg[1].addr = addr("10.1.1.10", 5060);
	SET(s[0].leg[1].state, "confirmed");
	SET(s[0].leg[1].sip_call_id, "843817637684230");
	SET(s[1].who, "2002");
	SET(s[1].of, "2002");
	SET(s[1].event, "message-summary");
	SET(s[1].state, "asking");
	s[1].expires_s = 10;
	s[1].leg[0] = s[0].leg[0];
	s[1].leg[1].side = CONF_CORE;
	SET(s[1].leg[0].state, "early");
	SET(s[1].leg[1].state, "early");
	q->subs = s;
	q->nsubs = 2;
}

void show_data_fill(struct b2bua_query *q)
{
	q->usage = (struct core_usage){
		.calls = 1,
		.legs = 2,
		.registrations = 1,
		.threshold = { [CONF_TOTAL_CALLS] = { .now = 7,
				       .low = 5,
				       .high = 9 },
			[CONF_CPU_5SEC] = { .now = 91,
				.low = 60,
				.high = 80,
				.above = true },
			[CONF_MEDIA_LOAD] = { .now = 12,
				.low = 75,
				.high = 90 },
			[CONF_OPEN_FILES] = { .now = 61,
				.low = 90,
				.high = 95 } },
	};
	if (q->what & B2BUA_CALLS)
		fill_calls(q);
	if (q->what & B2BUA_DSPFARM)
		fill_pools(q);
	if (q->what & B2BUA_ONEWAYS)
		fill_oneways(q);
	if (q->what & B2BUA_RECORDINGS)
		fill_recordings(q);
	if (q->what & B2BUA_RINGS)
		fill_rings(q);
	if (q->what & B2BUA_SUBSCRIPTIONS)
		fill_subs(q);
	if (q->what & B2BUA_PEERS)
		fill_tallies(q);
	if (q->what & B2BUA_KEEPALIVES)
		fill_keepalives(q);
	if (q->what & B2BUA_TRUSTED)
		fill_trusted(q);
	if (q->what & B2BUA_REGISTRATIONS)
		fill_regs(q);
	if (q->what & B2BUA_CONNECTIONS)
		fill_conns(q);
	if (q->what & B2BUA_LISTENERS)
		fill_listeners(q);
	if (q->what & B2BUA_TRUSTPOINTS)
		fill_trustpoints(q);
}

static const char text[] = "hostname edge1\n"
			   "voice class codec 1\n"
			   " codec preference 1 g711ulaw\n"
			   " codec preference 2 g711alaw\n"
			   "sip-listener PHONES\n"
			   " side access\n"
			   " address ipv4 127.0.0.1 port 5060\n"
			   " transport udp\n"
			   "sip-listener INSIDE\n"
			   " side core\n"
			   " address ipv4 127.0.0.1 port 5062\n"
			   " transport udp\n"
			   "voice service voip\n"
			   " ip address trusted list\n"
			   "  ipv4 192.0.2.0 255.255.255.0\n"
			   "  ipv6 2001:db8::/32\n"
			   "sip-ua\n"
			   " registrar ipv4:10.1.1.10:5060\n"
			   "dspfarm profile 1 transcode security\n"
			   " description to the trunk\n"
			   " codec g722-64\n"
			   " maximum sessions 20\n"
			   " no shutdown\n"
			   "dspfarm profile 2 transcode universal\n"
			   "voice class sip-options-keepalive 1\n"
			   " retry 3\n"
			   "dial-peer voice 100 voip\n"
			   " description the phones outside\n"
			   " session target registrar\n"
			   " incoming listener PHONES\n"
			   " destination-pattern .T\n"
			   " voice-class codec 1\n"
			   " no srtp\n"
			   "dial-peer voice 200 voip\n"
			   " session target ipv4:10.1.1.10:5060\n"
			   " session transport udp\n"
			   " incoming listener INSIDE\n"
			   " destination-pattern .T\n"
			   " voice-class sip options-keepalive profile 1\n"
			   " no srtp\n";

struct conf *show_data_conf(void)
{
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(slice_str(text), "edge.conf", &errs);

	if (c == NULL)
		conf_errs_print(&errs, "edge.conf", stderr);
	conf_errs_free(&errs);
	need(c != NULL);
	return c;
}

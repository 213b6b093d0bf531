/* voice service voip, and sip below it: what holds for all calls. */
#include <stdio.h>
#include <string.h>

#include "conf/conf_int.h"

static void set_voip_srtp(struct line *l)
{
	l->p->conf->voip.srtp = l->def ? CONF_SRTP_REQUIRED : line_srtp(l);
}

static void show_voip_srtp(const struct show *s, const struct cmd *row)
{
	(void)row;
	show_line(s, "%s", show_srtp(s->conf->voip.srtp));
}

static void set_voip_srtp_offer(struct line *l)
{
	l->p->conf->voip.srtp_offer = line_srtp_offer(l);
}

static void show_voip_srtp_offer(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->voip.srtp_offer > CONF_SRTP_OFFER_SAVP)
		show_line(s, "srtp offer %s",
			show_srtp_offer(s->conf->voip.srtp_offer));
}

static void set_voip_rtcp_mux(struct line *l)
{
	l->p->conf->voip.rtcp_mux = line_rtcp_mux(l);
}

static void show_voip_rtcp_mux(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->voip.rtcp_mux != CONF_RTCP_MUX_INHERIT)
		show_line(s, "%s", show_rtcp_mux(s->conf->voip.rtcp_mux));
}

static void set_voip_fax(struct line *l)
{
	l->p->conf->voip.fax = l->no || l->def ? CONF_FAX_INHERIT : line_fax(l);
}

static void show_voip_fax(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->voip.fax > CONF_FAX_T38)
		show_line(s, "fax protocol %s", show_fax(s->conf->voip.fax));
}

static void set_rtp_range(struct line *l)
{
	struct conf *c = l->p->conf;

	c->voip.rtp_min = 16384;
	c->voip.rtp_max = 32766;
	if (l->no || l->def)
		return;
	c->voip.rtp_min = (uint16_t)line_arg(l, 0)->number;
	c->voip.rtp_max = (uint16_t)line_arg(l, 1)->number;
}

static void show_rtp_range(const struct show *s, const struct cmd *row)
{
	(void)row;
	show_line(s, "rtp-port range %u %u", s->conf->voip.rtp_min,
		s->conf->voip.rtp_max);
}

static void set_media_address(struct line *l)
{
	struct conf *c = l->p->conf;
	enum conf_side side = line_has(l, "core") ? CONF_CORE : CONF_ACCESS;
	const struct word *adv = line_after(l, "advertise");

	if (l->def && l->n == 0) {
		memset(c->voip.media_addr, 0, sizeof(c->voip.media_addr));
		memset(c->voip.media_advertise, 0,
			sizeof(c->voip.media_advertise));
		return;
	}
	if (l->n < 3) {
		line_error(l, NULL, "no media address {access|core}",
			"the side is not named");
		return;
	}
	c->voip.media_addr[side] = (struct addr){ 0 };
	c->voip.media_advertise[side] = (struct addr){ 0 };
	if (l->no || l->def)
		return;
	c->voip.media_addr[side] = line_addr(l, 0);
	if (adv != NULL)
		need(addr_parse(&c->voip.media_advertise[side], adv->text, 0) ==
			0);
}

static void show_media_address(const struct show *s, const struct cmd *row)
{
	static const char *const side[] = { "access", "core" };
	char text[ADDR_WORDS], host[ADDR_TEXT];

	(void)row;
	for (int i = CONF_ACCESS; i <= CONF_CORE; i++) {
		const struct addr *a = &s->conf->voip.media_addr[i];
		const struct addr *adv = &s->conf->voip.media_advertise[i];

		if (addr_is_set(a) && addr_is_set(adv))
			show_line(s, "media address %s %s advertise %s",
				side[i], addr_words(a, text),
				addr_host(adv, host));
		else if (addr_is_set(a))
			show_line(s, "media address %s %s", side[i],
				addr_words(a, text));
	}
}

enum { EXPIRES_MAX = 3600, EXPIRES_MIN = 60 };

static void set_expires(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *max = line_after(l, "max");
	const struct word *min = line_after(l, "min");

	c->voip.expires_max = EXPIRES_MAX;
	c->voip.expires_min = EXPIRES_MIN;
	if (l->no || l->def)
		return;
	if (max != NULL)
		c->voip.expires_max = (unsigned)max->number;
	if (min != NULL)
		c->voip.expires_min = (unsigned)min->number;
}

static void show_expires(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->voip.expires_max != EXPIRES_MAX ||
		s->conf->voip.expires_min != EXPIRES_MIN)
		show_line(s, "registrar server expires max %u min %u",
			s->conf->voip.expires_max, s->conf->voip.expires_min);
}

static void set_passthrough(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *expires = line_after(l, "expires");
	const struct word *fails = line_after(l, "fail-count");

	c->voip.reg_rate_limit = false;
	c->voip.reg_expires = EXPIRES_MAX;
	c->voip.reg_fail_count = 0;
	if (l->no || l->def)
		return;
	c->voip.reg_rate_limit = line_has(l, "rate-limit");
	if (expires != NULL)
		c->voip.reg_expires = (unsigned)expires->number;
	if (fails != NULL)
		c->voip.reg_fail_count = (unsigned)fails->number;
}

static void show_passthrough(const struct show *s, const struct cmd *row)
{
	const struct conf *c = s->conf;

	(void)row;
	if (!c->voip.reg_rate_limit)
		return;
	fprintf(s->out, "%*sregistration passthrough rate-limit",
		(int)s->indent, "");
	if (c->voip.reg_expires != EXPIRES_MAX)
		fprintf(s->out, " expires %u", c->voip.reg_expires);
	if (c->voip.reg_fail_count != 0)
		fprintf(s->out, " fail-count %u", c->voip.reg_fail_count);
	fputc('\n', s->out);
}

static void set_voip_rel1xx(struct line *l)
{
	l->p->conf->voip.rel1xx =
		l->no || l->def ? CONF_REL1XX_SUPPORTED : line_rel1xx(l);
}

static void show_voip_rel1xx(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->voip.rel1xx != CONF_REL1XX_SUPPORTED)
		show_line(s, "rel1xx %s", show_rel1xx(s->conf->voip.rel1xx));
}

/* clang-format off */
const struct cmd voip_global_cmds[] = {
	{ "voice service voip", K_ENTER, .enter = M_VOIP,
	  .help = "What holds for all calls" },
	{ NULL },
};

const struct cmd voip_cmds[] = {
	{ "allow-connections sip to sip", K_NONE, .flags = C_ALWAYS,
	  .help = "SIP to SIP calls",
	  .more = "Accepted for CUBE's sake; it is so anyway." },
	{ "srtp [fallback|pass-thru]", K_FN,
	  .set = set_voip_srtp, .show = show_voip_srtp,
	  .help = "Insist on encrypted media, prefer it, or let keys pass",
	  .more = "For dial-peers whose tenant, too, says nothing of srtp; "
		  "what it means is said there. Default: `srtp`. "
		  "`no srtp` is RTP; `no srtp fallback` too, as on CUBE." },
	{ "srtp offer {savp|opportunistic|two-lines}", K_FN, .set = set_voip_srtp_offer,
	  .show = show_voip_srtp_offer, .help = "How SRTP is offered",
	  .more = "For dial-peers that say nothing of it. Default: `savp`." },
	{ "rtcp-mux [answer]", K_FN, .set = set_voip_rtcp_mux,
	  .show = show_voip_rtcp_mux,
	  .help = "RTP and RTCP on one port (RFC 5761)",
	  .more = "For dial-peers whose tenant, too, says nothing of it; what "
		  "it means is said there. Default: `rtcp-mux answer`." },
	{ "rtp-port range <1024-65535> <1024-65535>", K_FN,
	  .set = set_rtp_range, .show = show_rtp_range,
	  .help = "UDP ports of RTP and RTCP",
	  .more = "Even numbers: the odd port after each is RTCP's. Default: "
		  "16384 32766." },
	{ "media inactivity <1-86400>", K_UINT, F(conf, voip.inactivity_seconds),
	  .def = 60, .off = 0, .flags = C_NO_IS_OFF,
	  .help = "End a call without packets for so many seconds",
	  .more = "`no media inactivity` never ends one." },
	{ "media one-way <1-3600>", K_UINT, F(conf, voip.oneway_seconds),
	  .def = 10, .off = 0, .flags = C_NO_IS_OFF,
	  .help = "Tell of a leg that is not heard for so many seconds",
	  .more = "`%MEDIA-4-ONEWAY` names the probable cause; the call goes "
		  "on. `no media one-way` never tells." },
	{ "timer receive-rtp <1-86400>", K_UINT, F(conf, voip.inactivity_seconds),
	  .def = 60, .off = 0, .flags = C_NO_IS_OFF | C_HIDDEN,
	  .help = "CUBE's spelling of media inactivity" },
	{ "media address {access|core} {ipv4 A.B.C.D|ipv6 X:X::X} "
	  "[advertise {A.B.C.D|X:X::X}]", K_FN,
	  .set = set_media_address, .show = show_media_address,
	  .help = "Where RTP is received on one side",
	  .more = "Without it, the address of that side's listener. "
		  "`advertise` is what SDP says instead." },
	{ "max-conn <1-1000000>", K_UINT, F(conf, voip.max_calls),
	  .help = "Calls at a time", .more = "Without it, as many as ports." },
	{ "sip", K_ENTER, .enter = M_VOIP_SIP, .help = "What holds for SIP" },
	{ "allow-connections {h323 to h323|h323 to sip|sip to h323}", K_NOTICE,
	  .more = "H.323 is not carried" },
	{ "h323", K_NOTICE, .flags = C_SECTION, .more = "H.323 is not carried" },
	{ "emptycapability", K_NOTICE, .more = "H.323 is not carried" },
	{ "supplementary-service media-renegotiate", K_NONE,
	  .help = "Media is negotiated anew when calls are joined",
	  .more = "Accepted for CUBE's sake; it is so anyway." },
	{ "supplementary-service sip moved-temporarily", K_FLAG,
	  F(conf, voip.moved), .def = true,
	  .help = "Redirections pass to the caller",
	  .more = "Default. `no supplementary-service sip "
		  "moved-temporarily`: a 3xx ends here, and the number that "
		  "it names is called, by the dial-peers." },
	{ "redirect ip2ip", K_NONE,
	  .help = "Redirections of calls between SIP and SIP",
	  .more = "Accepted for CUBE's sake; `supplementary-service sip "
		  "moved-temporarily` decides." },
	{ "supplementary-service sip refer", K_FLAG, F(conf, voip.refer),
	  .def = true, .help = "Transfers pass to the other side",
	  .more = "Default. `no supplementary-service sip refer`: a REFER is "
		  "answered here. The call to the target is ours, by the "
		  "dial-peers, and the side that remains is joined with it "
		  "by re-INVITE. An INVITE with Replaces that names a leg of "
		  "ours is taken here as well." },
	{ "supplementary-service {h450.2|h450.3|h450.7} [LINE]", K_NOTICE,
	  .more = "H.323 is not carried" },
	{ "fax protocol {t38|none|pass-through {g711ulaw|g711alaw}}", K_FN,
	  .set = set_voip_fax, .show = show_voip_fax,
	  .help = "What is made of fax",
	  .more = "For dial-peers that say nothing of it. `t38` (default): "
		  "T.38 by UDPTL passes between the legs. `none` and "
		  "`pass-through`: it is refused, so that machines stay with "
		  "G.711." },
	{ "fax protocol t38 {version|ls-redundancy|fallback|nse} LINE", K_FN,
	  .set = set_voip_fax, .show = show_with_above, .flags = C_HIDDEN,
	  .help = "CUBE's spelling of fax protocol t38",
	  .more = "Redundancy and version are the machines' own." },
	{ "fax rate LINE", K_NOTICE, .more = "machines agree on it themselves" },
	{ "modem LINE", K_REFUSED, .more = "modem relay is not carried" },
	{ NULL },
};

const struct cmd voip_sip_cmds[] = {
	{ "registrar server [expires max <1-86400> [min <1-86400>]]", K_FN,
	  .set = set_expires, .show = show_expires,
	  .help = "How long phones' registrations live",
	  .more = "A phone that asks for less is told 423, one that asks for "
		  "more gets the maximum. Default: max 3600 min 60." },
	{ "registrar max-contacts <1-16>", K_UINT, F(conf, voip.max_contacts),
	  .def = CONF_CONTACTS_MAX,
	  .help = "Contacts of one line, of all phones that share it",
	  .more = "One more is refused with 403. A call to the line rings at "
		  "all of them. Default: 16, the phones of a shared line of "
		  "CME." },
	{ "audio forced", K_FLAG, F(conf, voip.audio_only),
	  .help = "Sound alone: video and other streams are refused",
	  .more = "With port 0; the call goes on. Without it they pass, "
		  "encrypted on each leg as its sound is." },
	{ "srtp negotiate cisco", K_FLAG, F(conf, voip.srtp_cisco),
	  .help = "RTP may answer an offer of SRTP",
	  .more = "For every dial-peer; see `voice-class sip srtp negotiate "
		  "cisco`." },
	{ "registration passthrough [static] [rate-limit "
	  "[expires <60-65535>] [fail-count <2-20>]]", K_FN,
	  .set = set_passthrough, .show = show_passthrough,
	  .help = "Phones' registrations go to the call manager",
	  .more = "That is so anyway, and always to `sip-ua registrar`. "
		  "`rate-limit`: the call manager is asked for `expires` "
		  "(default 3600), and a phone's refreshes in between are "
		  "answered here, for what is known on its own connection. "
		  "`fail-count`: so many refreshes in a row that the call "
		  "manager does not answer leave the phone registered." },
	{ "registration passthrough [static] [rate-limit [expires "
	  "<60-65535>] [fail-count <2-20>]] registrar-index LINE", K_REFUSED,
	  .more = "there is one registrar: give its name several servers "
		  "('ip host _sip._udp.NAME srv …'), and leave "
		  "registrar-index out" },
	{ "g729 annexb-all", K_NONE, .help = "G.729 with and without Annex B",
	  .more = "Accepted for CUBE's sake; they are one format, and ends "
		  "agree on `annexb` themselves." },
	{ "rel1xx {supported 100rel|require 100rel|disable}", K_FN,
	  .set = set_voip_rel1xx, .show = show_voip_rel1xx,
	  .help = "Reliable provisional responses (PRACK)",
	  .more = "RFC 3262, for each leg by itself. Default: `supported "
		  "100rel`." },
	{ "early-offer forced", K_FLAG, F(conf, voip.early_offer),
	  .help = "An INVITE without offer is sent on with one of ours",
	  .more = "Without it, it passes as it came and the offer comes in "
		  "the answer." },
	{ NULL },
};
/* clang-format on */

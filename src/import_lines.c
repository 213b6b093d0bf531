/*
 * What `lineside import` says of each line that is not carried: its
 * consequence, by a table of what CUBE's commands do.
 */
#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "import_int.h"

#define HOST "the host's operating system does this: configure it there"
#define SHELL "none for calls: operators are users of this host"
#define SERVICES "none for calls: see `logging` and `lineside show` instead"
#define NO_PSTN "no voice ports here: calls of these dial-peers need a gateway"

/* The words a line begins with (without `no`), longest first among equals. */
static const struct {
	const char *words, *consequence;
} consequences[] = {
	/* clang-format off */
	{ "building configuration...", "none" },
	{ "current configuration", "none" },
	{ "version", "none" },
	{ "service", SERVICES },
	{ "boot", "none" }, { "boot-start-marker", "none" },
	{ "boot-end-marker", "none" },
	{ "platform", HOST },
	{ "license", "none: Lineside needs no licence" },
	{ "memory", HOST },
	{ "card", NO_PSTN },
	{ "controller", NO_PSTN },
	{ "voice-port", NO_PSTN },
	{ "voice service pots", NO_PSTN },
	{ "voice call", NO_PSTN },
	{ "voice rtp send-recv", "none: media flows both ways from the first packet" },
	{ "stcapp", "no analogue phones here: they need a gateway" },
	{ "service stcapp", "no analogue phones here: they need a gateway" },
	{ "ccm-manager", "MGCP is not carried" },
	{ "isdn", NO_PSTN },
	{ "diagnostic", "none" },
	{ "multilink", "none" },
	{ "redundancy", "no pair of hosts takes over calls: use one host, or two with numbers of their own" },
	{ "spanning-tree", "none" },
	{ "subscriber", "none" },
	{ "enable", SHELL }, { "username", SHELL }, { "aaa", SHELL },
	{ "line", SHELL }, { "login", SHELL }, { "privilege", SHELL },
	{ "transport", SHELL }, { "banner", "none" }, { "alias", "none" },
	{ "logging", SERVICES }, { "archive", SERVICES },
	{ "snmp-server", "no SNMP: `lineside metrics` has counters and gauges as OpenMetrics" },
	{ "ntp", HOST }, { "clock", HOST }, { "vrf", HOST },
	{ "ip route", HOST }, { "ip domain", HOST },
	{ "ip access-list", HOST }, { "access-list", HOST },
	{ "ip ssh", SHELL }, { "ip http", "the CA alone is served over HTTP" },
	{ "ip nat", HOST }, { "ip forward-protocol", HOST }, { "ip cef", HOST },
	{ "ip tcp", HOST }, { "ip ftp", HOST }, { "ip tftp", HOST },
	{ "ip rtcp", "none: RTCP of the two sides passes" },
	{ "ip", HOST }, { "ipv6", HOST },
	{ "route-map", HOST }, { "control-plane", HOST }, { "class-map", HOST },
	{ "policy-map", HOST }, { "crypto isakmp", HOST }, { "crypto ipsec", HOST },
	{ "crypto key", "make or import the key: `lineside pki key generate`, `lineside pki import`" },
	{ "crypto pki certificate", "the certificates are not taken from the configuration: export them there and `lineside pki import` them here" },
	{ "crypto pki", "do it with `lineside pki …`" },
	{ "mode border-element", "none: Lineside is one, without licence" },
	{ "address-hiding", "none: the sides never see each other's addresses" },
	{ "trace", "none: `lineside debug ccsip messages`" },
	{ "media statistics", "none: `show call active voice` has them" },
	{ "media bulk-stats", "none: `lineside metrics` has them" },
	{ "media flow-around", "media flows through Lineside all the same" },
	{ "media anti-trombone", "media flows through Lineside all the same" },
	{ "fax", "T.38 passes as the machines agree on it" },
	{ "fax-relay", "T.38 passes as the machines agree on it" },
	{ "modem", "modems are heard as audio (G.711)" },
	{ "allow-connections", "H.323 is not carried: those calls cannot be made" },
	{ "h323", "H.323 is not carried: those calls cannot be made" },
	{ "supplementary-service", "H.323's supplementary services are not carried" },
	{ "early-offer", "offers pass as they come: who insists on one in the INVITE may refuse calls that bring none" },
	{ "midcall-signaling", "none: re-INVITEs are passed, holds and codecs with them" },
	{ "rel1xx", "reliable provisional responses as docs/behaviour.md tells" },
	{ "header-passing", "none: headers pass as docs/behaviour.md tells" },
	{ "error-passthru", "none: failures pass with their status" },
	{ "referto-passing", "Refer-To is not passed on as it is" },
	{ "pass-thru", "unknown headers pass towards the core alone; SDP lines that are unknown do not pass" },
	{ "privacy", "Privacy passes as it comes" },
	{ "outbound-proxy", "requests go to the target itself: write the proxy's address or name" },
	{ "srtp-auth", "name the suites with `voice-class srtp-crypto`" },
	{ "registration passthrough", "registrations pass through to `sip-ua registrar`, whatever the dial-peer" },
	{ "registration", "none: registrations pass through anyway" },
	{ "authentication", "write it with its `realm`: whoever challenges would be answered" },
	{ "registrar", "a tenant has one registrar, sip-ua that of the phones" },
	{ "timers", "SIP's timers are those of RFC 3261, but for `timers trying`" },
	{ "timers connection establish", "write `timeout handshake` below sip-listener: 10 s if nothing is said" },
	{ "timers connection aging", "write `timeout idle` below sip-listener: 120 s if nothing is said" },
	{ "timers keepalive", "write the intervals of `voice-class sip options-keepalive`" },
	{ "timers options", "write the intervals of `voice-class sip options-keepalive`" },
	{ "timers expires", "how long it may ring: write `timeout ring` in the dial-peer" },
	{ "timers connect", "the next target is tried when `retry invite` is used up" },
	{ "timers register", "write `retry register`" },
	{ "retry", "those requests are given up after 32 s" },
	{ "retry keepalive", "write `retry` below `voice class sip-options-keepalive`" },
	{ "retry options", "write `retry` below `voice class sip-options-keepalive`" },
	{ "tcp-retry", "none: a target that takes no TCP is left for the next" },
	{ "transport tcp", "listeners say which transports are spoken: `sip-listener`; TLS is 1.2 or 1.3" },
	{ "transport switch", "requests of any size go by the dial-peer's transport: for large ones write `session transport tcp`" },
	{ "handle-replaces", "Replaces passes, or ends here with `no supplementary-service sip refer`" },
	{ "block", "provisional responses pass, with their SDP" },
	{ "voice-class sip block", "provisional responses pass, with their SDP" },
	{ "max-redirects", "`supplementary-service sip moved-temporarily` says what becomes of redirections" },
	{ "rtcp keepalive", "no RTCP is made where the far ends send none: `media inactivity` watches RTP" },
	{ "associate application", "no DSP farm is offered to the call manager: the profile is shut down here" },
	{ "transport udp", "listeners say which transports are spoken: `sip-listener`" },
	{ "url", "requests have sip: URIs; `session transport tcp tls` is what protects them" },
	{ "remote-party-id", "who calls passes as it comes: `asserted-id` says which header names him" },
	{ "max-forwards", "none: Max-Forwards passes, one less" },
	{ "disable-early-media", "early media passes as it comes" },
	{ "permit hostname", "who is heard is decided by address and certificate: `ip address trusted list`" },
	{ "set sip-status", "statuses and causes of Q.850 as docs/behaviour.md tells" },
	{ "set pstn-cause", "statuses and causes of Q.850 as docs/behaviour.md tells" },
	{ "g729-annexb", "none: ends agree on Annex B themselves" },
	{ "redirection", "`supplementary-service sip moved-temporarily` says what becomes of redirections" },
	{ "notify redirect", "`supplementary-service sip moved-temporarily` says what becomes of redirections" },
	{ "mwi-server", "the call manager tells phones of messages: it passes" },
	{ "calling-info", NO_PSTN },
	{ "suspend-resume", NO_PSTN },
	{ "xfer", "transfers pass, or end here with `no supplementary-service sip refer`" },
	{ "nat", "phones behind address translation are answered where they are" },
	{ "protocol mode", "listeners and targets say which protocol: IPv4 and IPv6 are joined" },
	{ "viaport", "none: responses go where the request came from" },
	{ "presence", "presence passes between phones and call manager" },
	{ "asymmetric", "none: each leg has payload types of its own" },
	{ "voice-class sip asymmetric", "none: each leg has payload types of its own" },
	{ "history-info", "none: History-Info passes between trunks" },
	{ "voice-class sip history-info", "none: History-Info passes between trunks" },
	{ "voice-class sip midcall-signaling", "none: re-INVITEs are passed, holds and codecs with them" },
	{ "voice-class sip error-passthru", "none: failures pass with their status" },
	{ "voice-class sip error-code-override", "a call that finds no target alive is answered 503" },
	{ "error-code-override", "a call that finds no target alive is answered 503" },
	{ "voice-class sip referto-passing", "Refer-To is not passed on as it is" },
	{ "voice-class sip header-passing", "none: headers pass as docs/behaviour.md tells" },
	{ "voice-class sip remote-party-id", "who calls passes as it comes: `voice-class sip asserted-id` says which header names him" },
	{ "voice-class sip url", "requests have sip: URIs; `session transport tcp tls` is what protects them" },
	{ "voice-class sip copy-list", "nothing is copied from one side to the other" },
	{ "voice-class stun-usage", "no ICE: media goes where SDP says, or where it comes from (`media latch`)" },
	{ "voice class stun-usage", "no ICE: media goes where SDP says, or where it comes from (`media latch`)" },
	{ "stun", "no ICE: media goes where SDP says, or where it comes from (`media latch`)" },
	{ "supplementary-service sip handle-replaces", "Replaces passes, or ends here with `no supplementary-service sip refer`" },
	{ "playout-delay", "none: packets are relayed as they come, and reordered where they are transcoded" },
	{ "req-qos", "no RSVP: mark packets with `ip qos dscp`" },
	{ "acc-qos", "no RSVP: mark packets with `ip qos dscp`" },
	{ "ip qos dscp", "all streams of a call are marked by `ip qos dscp … media`" },
	{ "snmp", "no SNMP: `lineside metrics` has counters and gauges as OpenMetrics" },
	{ "codec", "no such codec here: calls may have any, unless a `voice-class codec` is named" },
	{ "codec preference", "no such codec here: calls have the others of the class" },
	{ "crypto pki trustpool", "name the authorities' certificates in a file: `ca-bundle file` below the trustpoint" },
	{ "conn-reuse", "none: connections are reused" },
	{ "voice-class sip conn-reuse", "none: connections are reused" },
	{ "progress_ind", NO_PSTN },
	{ "connection-reuse", "none: connections are reused" },
	{ "keepalive", "peers are not asked whether they live: a dead one costs its calls the time of a timeout before the next is tried" },
	{ "options-ping", "far ends are not asked by OPTIONS within a call: `session refresh` and `media inactivity` end the calls of dead ones" },
	{ "voice class sip-hdr-passthrulist", "unknown headers pass towards the core alone" },
	{ "voice class sip-copylist", "headers pass as docs/behaviour.md tells; nothing is copied from one side to the other besides" },
	{ "voice class sip-event-list", "none" },
	{ "voice class media", "media of all calls is treated alike" },
	{ "voice class busyout", "a dial-peer is never out of service by itself" },
	{ "voice class", "what names it does without" },
	{ "voice-class sip pass-thru", "unknown headers pass towards the core alone; SDP lines that are unknown do not pass" },
	{ "voice-class sip early-offer", "offers pass as they come" },
	{ "voice-class sip outbound-proxy", "requests go to the target itself: write the proxy's address or name" },
	{ "voice-class sip rel1xx", "reliable provisional responses as docs/behaviour.md tells" },
	{ "voice-class sip", "calls of this dial-peer do without" },
	{ "dtmf-relay", "H.245 is not spoken: write `rtp-nte`, `sip-info`, `sip-kpml` or `sip-notify`" },
	{ "clid", "the caller's number passes as it comes: use translation rules" },
	{ "gw-accounting", "no RADIUS: records go to a file or the log (`gw-accounting file`, `gw-accounting syslog`)" },
	{ "call treatment", "calls beyond a limit are answered 503" },
	{ "call threshold", "calls, processors, memory and media threads are watched, not interfaces" },
	{ "dial-peer hunt", "longest match, preference, then lowest tag decide" },
	{ "dial-peer cor", "no classes of restriction: who may call what is decided by dial-peers" },
	{ "corlist", "no classes of restriction: who may call what is decided by dial-peers" },
	{ "dial-peer", NO_PSTN },
	{ "num-exp", "numbers are not expanded: use a translation rule" },
	{ "telephony-service", "no phones are served here: the call manager does" },
	{ "voice register", "no phones are served here: the call manager does" },
	{ "ephone", "no phones are served here: the call manager does" },
	{ "sccp", "no DSP farm is offered to others" },
	{ "dspfarm", "no DSP farm is offered to others" },
	{ "voice-card", "none: transcoding needs no hardware" },
	{ "application", "no scripts run" }, { "event", "no scripts run" },
	{ "mgcp", "MGCP is not carried" },
	{ "gateway", "H.323 is not carried" }, { "gatekeeper", "H.323 is not carried" },
	/* clang-format on */
};

/* `words` begin the text, each word in full. */
static bool begins(struct slice text, const char *words)
{
	struct slice want = slice_str(words), a, b;

	while (slice_word(&want, &a))
		if (!slice_word(&text, &b) || !slice_caseeq(a, b))
			return false;
	return true;
}

static const char *consequence_of(struct slice line, const struct conf_err *e)
{
	const char *best = NULL;
	size_t most = 0;
	struct slice first, rest = line;

	if (e->unreadable)
		return e->hint;
	if (slice_word(&rest, &first) && slice_caseeq_str(first, "no"))
		line = slice_trim(rest);
	for (size_t i = 0; i < ARRAY_SIZE(consequences); i++) {
		size_t n = strlen(consequences[i].words);

		if (n > most && begins(line, consequences[i].words)) {
			most = n;
			best = consequences[i].consequence;
		}
	}
	if (best != NULL)
		return best;
	/* "expected: …" is of the language, and says nothing of calls */
	return e->hint != NULL && strncmp(e->hint, "expected", 8) != 0
		       ? e->hint
		       : "not known to Lineside: calls do without it";
}

static struct slice nth_line(struct slice text, unsigned number)
{
	struct slice line = { 0 };

	for (unsigned i = 0; i < number; i++)
		if (!slice_line(&text, &line))
			return (struct slice){ 0 };
	return slice_trim(line);
}

/* What comes after these is nobody's to read; `crypto key` is a command. */
static bool hides_next(struct slice before, struct slice word)
{
	static const char *const words[] = { "password", "password-encrypt",
		"secret", "shared-secret", "key", "server-key", "key-string",
		"community", "md5", "passphrase" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_caseeq_str(word, words[i]))
			return !slice_caseeq_str(before, "crypto");
	return false;
}

/* They name a command behind such a word. */
static bool is_command(struct slice word)
{
	return slice_caseeq_str(word, "encryption") ||
	       slice_caseeq_str(word, "config-key");
}

/* The line without passwords: free() it. */
static char *told(struct slice line)
{
	static const struct slice hidden = { "<hidden>", 8 };
	struct slice word, before = { .n = 0 };
	struct text t = { 0 };
	bool hide = false;

	while (slice_word(&line, &word)) {
		bool type = hide && word.n == 1 && word.p[0] >= '0' &&
			    word.p[0] <= '9';
		bool secret = hide && !type && !is_command(word);
		struct slice said = secret ? hidden : word;

		text_printf(&t, "%s%.*s", t.n > 0 ? " " : "", SLICE_ARG(said));
		hide = type || hides_next(before, word);
		before = word;
	}
	return text_take(&t);
}

static const struct table_col cols[] = {
	{ "line", "LINE", true },
	{ "text", "NOT CARRIED", false },
	{ "consequence", "CONSEQUENCE", false },
};

static int by_line(const void *a, const void *b)
{
	const struct conf_err *x = a, *y = b;

	return x->line < y->line ? -1 : x->line > y->line;
}

size_t import_tell_left_out(
	struct table *t, struct slice text, struct conf_errs *errs)
{
	unsigned last = 0;
	size_t n = 0;

	if (errs->n > 1)
		qsort(errs->v, errs->n, sizeof(errs->v[0]), by_line);
	table_rows(t, "not_carried", NULL, cols, ARRAY_SIZE(cols));
	for (size_t i = 0; i < errs->n; i++) {
		const struct conf_err *e = &errs->v[i];
		struct slice line = nth_line(text, e->line);
		char *shown;

		if (e->line == last)
			continue; /* two things about one line */
		last = e->line;
		n++;
		shown = told(line);
		table_num(t, e->line);
		table_str(t, shown);
		free(shown);
		table_str(t, consequence_of(line, e));
	}
	return n;
}

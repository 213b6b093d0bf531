/* Whole messages as sent and received: masked for "debug ccsip messages", and
 * for who listens to them (wire_tap.h). */
#include "b2bua/sip/mask.h"
#include "b2bua/sip/wire_tap.h"
#include "b2bua/sofia/stream_int.h"
#include "base/log.h"

static struct addr peer_of(tport_t *tp, msg_t *msg)
{
	if (tport_is_secondary(tp))
		return addr_from_sockaddr((void *)abi_addrinfo(tp)->ai_addr);
	return addr_from_sockaddr((void *)msg_addr(msg));
}

/* One log line per line of the message: log lines have no line breaks. */
static void write_lines(
	const char *what, tport_t *tp, msg_t *msg, struct slice raw)
{
	struct addr peer = peer_of(tp, msg);
	char where[ADDR_TEXT];
	struct text masked = { 0 };
	struct slice rest, line;

	sip_mask(&masked, raw);
	log_debug(DEBUG_SIP_MESSAGES, NULL, "%s %s over %s:", what,
		addr_text(&peer, where), tport_name(tp)->tpn_proto);
	rest = text_slice(&masked);
	while (slice_line(&rest, &line))
		log_debug(DEBUG_SIP_MESSAGES, NULL, "  %.*s", SLICE_ARG(line));
	text_free(&masked);
}

static void tap(bool sent, tport_t *tp, msg_t *msg, struct slice raw)
{
	struct wire_message m = { .sent = sent,
		.peer = peer_of(tp, msg),
		.transport = tport_name(tp)->tpn_proto,
		.raw = raw };
	socklen_t len = sizeof(m.local);

	if (getsockname(abi_socket(tp), &m.local.sa, &len) != 0)
		m.local = m.peer; /* it was closed just now */
	wire_tap(&m);
}

bool wire_log_wanted(void)
{
	return log_debug_on(DEBUG_SIP_MESSAGES) || wire_tap_on();
}

static void tell(bool sent, tport_t *tp, msg_t *msg, struct slice raw)
{
	if (log_debug_on(DEBUG_SIP_MESSAGES))
		write_lines(sent ? "Sent to" : "Received from", tp, msg, raw);
	if (wire_tap_on())
		tap(sent, tp, msg, raw);
}

void wire_log_received(tport_t *tp, msg_t *msg)
{
	struct text raw = { 0 };
	msg_header_t *h = *msg_chain_head(msg);

	for (; h != NULL; h = h->sh_succ)
		if (h->sh_len > 0 && h->sh_data != NULL)
			text_add(&raw, slice_of(h->sh_data, h->sh_len));
	tell(false, tp, msg, text_slice(&raw));
	text_free(&raw);
}

void wire_log_sent(tport_t *tp, msg_t *msg, const msg_iovec_t iov[], size_t n)
{
	struct text raw = { 0 };

	for (size_t i = 0; i < n; i++)
		text_add(&raw, slice_of(iov[i].siv_base, iov[i].siv_len));
	tell(true, tp, msg, text_slice(&raw));
	text_free(&raw);
}

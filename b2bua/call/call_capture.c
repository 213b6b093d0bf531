/*
 * The capture of a call: its messages by their Call-ID, its descriptions as
 * they were when the capture began, its packets by the media worker. What is
 * written has no keys: a=crypto becomes a=hidden without its key, and RTP/SAVP
 * RTP/AVP, for the media that stands beside it is in clear.
 */
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/sip/mask.h"
#include "b2bua/sip/wire_tap.h"
#include "base/obj.h"
#include "media/capture.h"

enum { SAP_PORT = 9875 }; /* RFC 2974 */

/* ---- what is written ---- */

static void describe_line(struct text *out, struct slice line)
{
	static const char crypto[] = "a=crypto";
	static const struct slice savp = { "RTP/SAVP", 8 };
	size_t at = slice_search(line, savp);

	if (slice_starts(line, crypto)) {
		text_add(out, slice_str("a=hidden"));
		text_add(out, slice_from(line, strlen(crypto)));
	} else if (slice_starts(line, "m=") && at < line.n) {
		text_add(out, slice_head(line, at));
		text_add(out, slice_str("RTP/AVP"));
		text_add(out, slice_from(line, at + savp.n));
	} else {
		text_add(out, line);
	}
}

/* Lines of a message or a description, secrets masked. */
void call_capture_text(struct text *out, struct slice raw)
{
	struct text masked = { 0 };
	struct slice rest;

	sip_mask(&masked, raw);
	rest = text_slice(&masked);
	while (rest.n > 0) {
		size_t n = slice_find(rest, '\n');

		n = n < rest.n ? n + 1 : n;
		describe_line(out, slice_head(rest, n));
		rest = slice_from(rest, n);
	}
	text_free(&masked);
}

static void put_sap_head(struct text *out, const struct addr *from)
{
	static const char type[] = "application/sdp";
	bool v6 = from->sa.sa_family == AF_INET6;
	const char head[4] = { v6 ? 0x30 : 0x20, 0, 1, 1 };

	text_add(out, slice_of(head, sizeof(head)));
	text_add(out, v6 ? slice_of(&from->in6.sin6_addr, 16)
			 : slice_of(&from->in4.sin_addr, 4));
	text_add(out, slice_of(type, sizeof(type))); /* with its NUL */
}

/* A description that was agreed on before, as an announcement: readers learn
 * from it what the packets are. It was never sent. */
static void announce(struct leg *l, const char *sdp, bool ours)
{
	struct call *c = l->call;
	struct sip_port *port = c->core->port;
	struct sip_peer_info info = { 0 };
	struct addr local = c->core->media_ops->local(c->media, l->side);
	struct text t = { 0 };

	if (sdp == NULL || l->dlg == NULL)
		return;
	port->ops->dlg_info(port, l->dlg, &info);
	if (info.addr.sa.sa_family != local.sa.sa_family)
		info.addr = local;
	addr_set_port(&info.addr, SAP_PORT);
	addr_set_port(&local, SAP_PORT);
	put_sap_head(&t, ours ? &local : &info.addr);
	call_capture_text(&t, slice_str(sdp));
	capture_signal(c->capture,
		&(struct capture_from){ .side = (unsigned)l->side,
			.sent = ours,
			.from = ours ? &local : &info.addr,
			.to = ours ? &info.addr : &local },
		text_slice(&t),
		slice_str(
			ours ? "our description in force when the capture began; not sent now"
			     : "the far end's description in force when the capture began; not sent now"));
	text_free(&t);
}

static struct slice call_id_of(struct slice raw)
{
	struct slice line;

	while (slice_line(&raw, &line) && line.n > 0) {
		struct slice name =
			slice_trim(slice_head(line, slice_find(line, ':')));

		if (slice_caseeq_str(name, "Call-ID") ||
			slice_caseeq_str(name, "i"))
			return slice_trim(
				slice_from(line, slice_find(line, ':') + 1));
	}
	return (struct slice){ .n = 0 };
}

static void write_message(const struct leg *l, const struct wire_message *m)
{
	struct text t = { 0 };
	char comment[64];

	(void)snprintf(comment, sizeof(comment), "leg %c %s, SIP over %s",
		l->side == 0 ? 'A' : 'B', m->sent ? "sent" : "received",
		m->transport);
	call_capture_text(&t, m->raw);
	capture_signal(l->call->capture,
		&(struct capture_from){ .side = (unsigned)l->side,
			.sent = m->sent,
			.from = m->sent ? &m->local : &m->peer,
			.to = m->sent ? &m->peer : &m->local },
		text_slice(&t), slice_str(comment));
	text_free(&t);
}

static void on_message(void *arg, const struct wire_message *m)
{
	struct core *core = arg;
	struct slice id = call_id_of(m->raw);

	for (struct call *c = core->calls; c != NULL; c = c->next) {
		for (int i = 0; c->capture != NULL && i < 2; i++) {
			struct leg *l = &c->leg[i];

			if (l->dlg != NULL &&
				slice_eq(id,
					slice_str(core->port->ops->dlg_call_id(
						core->port, l->dlg))))
				write_message(l, m);
		}
	}
}

/* ---- begin and end ---- */

static void listen_if_needed(struct core *core)
{
	bool any = false;

	for (struct call *c = core->calls; c != NULL; c = c->next)
		any = any || c->capture != NULL;
	wire_tap_set(any ? on_message : NULL, core);
}

void call_capture_end(struct call *c, enum capture_end why)
{
	if (c->capture == NULL)
		return;
	capture_stop(c->capture, why);
	c->capture = obj_unref(c->capture);
	listen_if_needed(c->core);
}

void call_capture_media(struct call *c)
{
	if (c->capture == NULL)
		return;
	if (c->media != NULL)
		c->core->media_ops->capture(c->media, c->capture);
	for (size_t i = 0; i < SDP_MEDIA_MAX; i++) /* in the same worker */
		if (c->extra[i] != NULL)
			c->core->media_ops->capture(c->extra[i], c->capture);
}

bool core_capture(struct core *core, uint32_t id, struct capture *cap)
{
	struct call *c = core->calls;

	while (c != NULL && c->id != id)
		c = c->next;
	if (c == NULL || c->state >= CALL_ENDING)
		return false;
	call_capture_end(c, CAPTURE_STOPPED); /* of an earlier one, if any */
	c->capture = obj_ref(cap);
	for (int i = 0; i < 2 && c->media != NULL; i++) {
		announce(&c->leg[i], c->leg[i].now.remote, false);
		announce(&c->leg[i], c->leg[i].now.local, true);
	}
	call_capture_media(c);
	listen_if_needed(core);
	return true;
}

/* Looking things up in a received message, and keeping one. */
#include "b2bua/sip/sip_port.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"

static const char *const methods[] = {
	[SIP_INVITE] = "INVITE",
	[SIP_ACK] = "ACK",
	[SIP_BYE] = "BYE",
	[SIP_CANCEL] = "CANCEL",
	[SIP_REGISTER] = "REGISTER",
	[SIP_OPTIONS] = "OPTIONS",
	[SIP_UPDATE] = "UPDATE",
	[SIP_INFO] = "INFO",
	[SIP_PRACK] = "PRACK",
	[SIP_REFER] = "REFER",
	[SIP_NOTIFY] = "NOTIFY",
	[SIP_SUBSCRIBE] = "SUBSCRIBE",
	[SIP_MESSAGE] = "MESSAGE",
	[SIP_PUBLISH] = "PUBLISH",
};

const char *sip_method_text(enum sip_method m)
{
	return methods[m];
}

struct slice sip_msg_header(const struct sip_msg *m, const char *name)
{
	for (size_t i = 0; i < m->nhdrs; i++)
		if (slice_caseeq_str(m->hdr[i].name, name))
			return m->hdr[i].value;
	return (struct slice){ 0 };
}

/* Every slice of a message, one after the other; NULL at the end. */
static struct slice *nth_slice(struct sip_msg *m, size_t i)
{
	struct slice *const fixed[] = { &m->method_name, &m->reason, &m->ruri,
		&m->from, &m->to, &m->from_tag, &m->to_tag, &m->call_id,
		&m->via_host, &m->body };

	if (i < ARRAY_SIZE(fixed))
		return fixed[i];
	i -= ARRAY_SIZE(fixed);
	if (i < 2 * m->nhdrs)
		return i % 2 == 0 ? &m->hdr[i / 2].name : &m->hdr[i / 2].value;
	i -= 2 * m->nhdrs;
	if (i >= 3 * m->ncontacts)
		return NULL;
	switch (i % 3) {
	case 0:
		return &m->contact[i / 3].display;
	case 1:
		return &m->contact[i / 3].uri;
	default:
		return &m->contact[i / 3].params;
	}
}

/* Without the eight kilobytes of headers that most messages do not have. */
static void copy_used(struct sip_msg *to, const struct sip_msg *m)
{
	memcpy(to, m, offsetof(struct sip_msg, hdr));
	memcpy(to->hdr, m->hdr, m->nhdrs * sizeof(m->hdr[0]));
	to->body = m->body;
}

struct sip_msg *sip_msg_dup(const struct sip_msg *m)
{
	struct sip_msg probe, *copy;
	struct slice *s;
	size_t size = 0;
	char *p;

	copy_used(&probe, m);
	for (size_t i = 0; (s = nth_slice(&probe, i)) != NULL; i++)
		size += s->n;
	copy = mem_resize(NULL, 1, sizeof(*copy) + size);
	copy_used(copy, m);
	p = (char *)(copy + 1);
	for (size_t i = 0; (s = nth_slice(copy, i)) != NULL; i++) {
		if (s->n > 0)
			memcpy(p, s->p, s->n);
		s->p = p;
		p += s->n;
	}
	return copy;
}

void sip_msg_free(struct sip_msg *copy)
{
	char *text;

	if (copy == NULL)
		return;
	text = (char *)(copy + 1);
	mem_wipe(text + (copy->body.p - text), copy->body.n);
	free(copy);
}

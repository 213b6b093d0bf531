/*
 * A message from a stream, as it is taken: found by our framer, read by Sofia's
 * parser, turned into what call logic sees. Whatever is there lies within what
 * was sent, and texts end at the end of their line.
 */
#include "b2bua/sofia/framer.h"
#include "b2bua/sofia/nta_int.h"
#include "base/need.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool one_line(struct slice s)
{
	return slice_find(s, '\n') == s.n && slice_find(s, '\0') == s.n;
}

static void look(const struct sip_msg *m)
{
	need(one_line(m->ruri) && one_line(m->call_id));
	need(one_line(m->from) && one_line(m->to));
	need(m->ncontacts <= SIP_CONTACTS_MAX && m->nhdrs <= SIP_HDRS_MAX);
	for (size_t i = 0; i < m->ncontacts; i++)
		need(one_line(m->contact[i].uri));
	for (size_t i = 0; i < m->nhdrs; i++)
		need(one_line(m->hdr[i].name) && one_line(m->hdr[i].value));
	if (m->response)
		need(m->status >= 100 && m->status < 700);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_msg m;
	struct framer f = { 0 };
	size_t n = 0;
	msg_t *msg;
	sip_t *sip;

	if (framer_scan(&f, slice_of(data, size), &n) != FRAMER_MESSAGE)
		return 0;
	msg = msg_make(
		sip_default_mclass(), MSG_DO_EXTRACT_COPY, data, (ssize_t)n);
	sip = msg != NULL ? sip_object(msg) : NULL;
	if (sip != NULL && sip->sip_from != NULL && sip->sip_to != NULL &&
		sip->sip_call_id != NULL && sip->sip_cseq != NULL &&
		nta_msg_read(&m, msg))
		look(&m);
	msg_destroy(msg);
	return 0;
}

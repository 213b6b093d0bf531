/* See rs_metadata.h. The order of the elements is that of RFC 7865's schema. */
#include "b2bua/record/rs_metadata.h"

#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "b2bua/sip/uri.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/wire.h"

static const char rs_namespace[] = "urn:ietf:params:xml:ns:recording:1";

void rs_id_make(char out[RS_ID_SIZE])
{
	uint8_t uuid[16];
	struct text t = { 0 };

	random_bytes(uuid, sizeof(uuid));
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	base64_encode(&t, slice_of(uuid, sizeof(uuid)), true);
	need(slice_copy(text_slice(&t), out, RS_ID_SIZE));
	text_free(&t);
}

/* The writer fails for want of memory alone, which ends the process. */
static void check(int written)
{
	need(written >= 0);
}

static const xmlChar *chars(const char *s)
{
	return (const xmlChar *)s;
}

static void open_element(xmlTextWriterPtr w, const char *name)
{
	check(xmlTextWriterStartElement(w, chars(name)));
}

static void close_element(xmlTextWriterPtr w)
{
	check(xmlTextWriterEndElement(w));
}

static void attribute(xmlTextWriterPtr w, const char *name, const char *value)
{
	check(xmlTextWriterWriteAttribute(w, chars(name), chars(value)));
}

static void element(xmlTextWriterPtr w, const char *name, const char *value)
{
	check(xmlTextWriterWriteElement(w, chars(name), chars(value)));
}

/* Of what a far end says of itself: no bytes that XML cannot hold. */
static char *clean(struct slice s)
{
	struct text t = { 0 };

	text_escape(&t, s);
	return text_take(&t);
}

/* Its URI, as the schema wants one. */
static char *clean_uri(struct slice s)
{
	struct text t = { 0 };

	sip_uri_escape(&t, s);
	return text_take(&t);
}

static void time_element(xmlTextWriterPtr w, const char *name, int64_t at)
{
	time_t s = at;
	char text[32] = "1970-01-01T00:00:00Z";
	struct tm tm;

	if (gmtime_r(&s, &tm) != NULL)
		(void)!strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	element(w, name, text);
}

static void put_session(xmlTextWriterPtr w, const struct rs_metadata *m)
{
	open_element(w, "group");
	attribute(w, "group_id", m->group);
	time_element(w, "associate-time", m->since);
	close_element(w);
	open_element(w, "session");
	attribute(w, "session_id", m->session);
	element(w, "group-ref", m->group);
	time_element(w, "start-time", m->since);
	close_element(w);
}

static void put_participant(xmlTextWriterPtr w, const struct rs_party *p)
{
	char *aor = clean_uri(p->aor), *name = clean(p->name);

	open_element(w, "participant");
	attribute(w, "participant_id", p->participant);
	open_element(w, "nameID");
	attribute(w, "aor", aor);
	if (name[0] != '\0')
		element(w, "name", name);
	close_element(w);
	close_element(w);
	free(aor);
	free(name);
}

static void put_stream(xmlTextWriterPtr w, const struct rs_metadata *m,
	const struct rs_party *p)
{
	open_element(w, "stream");
	attribute(w, "stream_id", p->stream);
	attribute(w, "session_id", m->session);
	element(w, "label", p->label);
	close_element(w);
}

static void put_member(xmlTextWriterPtr w, const struct rs_metadata *m,
	const struct rs_party *p)
{
	open_element(w, "participantsessionassoc");
	attribute(w, "participant_id", p->participant);
	attribute(w, "session_id", m->session);
	time_element(w, "associate-time", p->since);
	close_element(w);
}

/* Who says what and who hears it; on hold, nobody does. */
static void put_way(xmlTextWriterPtr w, const struct rs_party *p,
	const struct rs_party *other)
{
	open_element(w, "participantstreamassoc");
	attribute(w, "participant_id", p->participant);
	if (p->sends)
		element(w, "send", p->stream);
	if (p->hears && other->sends)
		element(w, "recv", other->stream);
	close_element(w);
}

static void put_recording(xmlTextWriterPtr w, const struct rs_metadata *m)
{
	open_element(w, "recording");
	attribute(w, "xmlns", rs_namespace);
	element(w, "datamode", "complete");
	put_session(w, m);
	for (int i = 0; i < 2; i++)
		put_participant(w, &m->party[i]);
	for (int i = 0; i < 2; i++)
		put_stream(w, m, &m->party[i]);
	open_element(w, "sessionrecordingassoc");
	attribute(w, "session_id", m->session);
	time_element(w, "associate-time", m->since);
	close_element(w);
	for (int i = 0; i < 2; i++)
		put_member(w, m, &m->party[i]);
	for (int i = 0; i < 2; i++)
		put_way(w, &m->party[i], &m->party[1 - i]);
	close_element(w);
}

char *rs_metadata_write(const struct rs_metadata *m)
{
	xmlBufferPtr buf = xmlBufferCreate();
	xmlTextWriterPtr w;
	char *out;

	need(buf != NULL);
	w = xmlNewTextWriterMemory(buf, 0);
	need(w != NULL);
	check(xmlTextWriterSetIndent(w, 1));
	check(xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL));
	put_recording(w, m);
	check(xmlTextWriterEndDocument(w));
	xmlFreeTextWriter(w);
	out = mem_dup((const char *)xmlBufferContent(buf));
	xmlBufferFree(buf);
	return out;
}

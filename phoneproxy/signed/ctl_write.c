/*
 * Writing trust lists, in the item order of usecallmanager's tool, whose
 * files phones are known to take.
 */
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "phoneproxy/signed/ctl.h"
#include "phoneproxy/signed/ctl_tags.h"

static void put(struct wbuf *w, uint8_t tag, struct slice v)
{
	wbuf_u8(w, tag);
	size_t hole = wbuf_hole16(w);

	wbuf_bytes(w, v);
	wbuf_fill16(w, hole);
}

static void put_text(struct wbuf *w, uint8_t tag, const char *s)
{
	put(w, tag, slice_of(s, strlen(s) + 1)); /* the NUL counts */
}

static enum fault put_record(
	struct text *out, enum role role, const struct certfield *c)
{
	uint8_t *room = mem_new(UINT16_MAX);
	uint8_t code[2] = { (uint8_t)(role >> 8), (uint8_t)role };
	struct wbuf w = wbuf_of(room, UINT16_MAX);

	wbuf_u8(&w, REC_LENGTH);
	wbuf_u16(&w, 2);
	size_t hole = wbuf_hole16(&w);

	put_text(&w, REC_SUBJECT, c->subject);
	put_text(&w, REC_ISSUER, c->issuer);
	put(&w, REC_SERIAL, c->serial);
	put(&w, REC_ROLE, slice_of(code, 2));
	put(&w, REC_KEY, c->key);
	put(&w, REC_SIGNATURE, c->signature);
	put(&w, REC_CERT, c->der);
	if (!w.bad) {
		room[hole - 2] = (uint8_t)(w.at >> 8);
		room[hole - 1] = (uint8_t)w.at;
		text_add(out, slice_of(room, w.at));
	}
	free(room);
	return w.bad ? FAULT_TOO_BIG : FAULT_NONE;
}

static enum fault put_records(struct text *out, const struct ctl_new *p)
{
	enum fault fault = FAULT_NONE;

	if (p->nentries > CTL_RECORDS_MAX)
		return FAULT_RECORDS_MANY;
	for (size_t i = 0; i < p->nentries && fault == FAULT_NONE; i++) {
		struct certfield c;

		fault = certfield_read(&c, p->entry[i].cert);
		if (fault != FAULT_NONE)
			break;
		fault = put_record(out, p->entry[i].role, &c);
		certfield_free(&c);
	}
	return fault;
}

static bool is_sast_entry(const struct ctl_new *p, struct slice cert)
{
	for (size_t i = 0; i < p->nentries; i++)
		if (p->entry[i].role == ROLE_SAST &&
			slice_eq(p->entry[i].cert, cert))
			return true;
	return false;
}

/* What we made must hold by our own rules, or phones are locked out. */
static enum fault check_own(const struct text *file)
{
	struct ctl c;
	enum fault fault = ctl_read(&c, text_slice(file));

	if (fault != FAULT_NONE)
		return fault;
	fault = ctl_check_sasts(&c);
	if (fault == FAULT_NONE)
		fault = ctl_verify(&c, NULL);
	ctl_free(&c);
	return fault;
}

enum fault ctl_write(
	struct text *out, const struct ctl_new *p, const struct signer *signer)
{
	struct text records = { 0 }, file = { 0 };
	struct tlvhead_new head = {
		.version = { 1, 2 },
		.signer_version = p->signer_version,
		.digest = p->digest,
		.file_name = p->file_name,
		.timestamp = p->timestamp,
	};
	enum fault fault = put_records(&records, p);

	if (fault == FAULT_NONE && !is_sast_entry(p, signer->cert))
		fault = FAULT_SIGNER_NOT_SAST;
	if (fault == FAULT_NONE)
		fault = tlvhead_sign(
			&file, &head, signer, text_slice(&records));
	if (fault == FAULT_NONE)
		fault = check_own(&file);
	if (fault == FAULT_NONE)
		text_add(out, text_slice(&file));
	text_free(&file);
	text_free(&records);
	return fault;
}

/*
 * Trust lists read and judged. The header is tlvhead.c's; here are the
 * records behind it.
 */
#include "phoneproxy/signed/ctl.h"

#include <stdlib.h>

#include "base/obj.h"
#include "phoneproxy/signed/ctl_tags.h"
#include "phoneproxy/signed/tlvtags.h"

const char *role_name(unsigned role)
{
	switch (role) {
	case ROLE_SAST:
		return "SAST";
	case ROLE_CCM:
		return "CCM";
	case ROLE_CCM_TFTP:
		return "CCM+TFTP";
	case ROLE_TFTP:
		return "TFTP";
	case ROLE_CAPF:
		return "CAPF";
	case ROLE_APP_SERVER:
		return "APP-SERVER";
	case ROLE_TVS:
		return "TVS";
	default:
		return "unknown";
	}
}

static enum fault take(struct ctl_record *out, uint8_t tag, struct slice v)
{
	struct rbuf r = rbuf_of(v);

	switch (tag) {
	case REC_DNS:
		return tlv_text(v, &out->dns);
	case REC_SUBJECT:
		return tlv_text(v, &out->subject);
	case REC_ISSUER:
		return tlv_text(v, &out->issuer);
	case REC_ROLE:
		out->has_role = true;
		out->role = rbuf_u16(&r);
		return v.n == 2 ? FAULT_NONE : FAULT_RECORD_ITEM;
	case REC_SERIAL:
		out->serial = v;
		return v.n > 0 && v.n <= SERIAL_MAX ? FAULT_NONE
						    : FAULT_RECORD_ITEM;
	case REC_KEY:
		out->key = v;
		return FAULT_NONE;
	case REC_SIGNATURE:
		out->signature = v;
		return FAULT_NONE;
	case REC_CERT:
		out->cert = v;
		return FAULT_NONE;
	case REC_IP4:
		out->ip4 = v;
		return v.n == 4 ? FAULT_NONE : FAULT_RECORD_ITEM;
	default: /* steps over what is not known */
		return FAULT_NONE;
	}
}

/* The items behind a record's length, to its exact end. */
static enum fault read_items(struct ctl_record *out, struct slice items)
{
	struct rbuf r = rbuf_of(items);
	uint64_t seen = 0;

	while (rbuf_left(&r) > 0) {
		uint8_t tag = rbuf_u8(&r);
		size_t n = rbuf_u16(&r);
		struct slice v = rbuf_bytes(&r, n);

		if (r.bad)
			return FAULT_RECORD_ITEM;
		if (tag == REC_LENGTH)
			return FAULT_RECORD_BEYOND;
		if (tag < 64 && seen & UINT64_C(1) << tag)
			return FAULT_RECORD_TWICE;
		if (tag < 64)
			seen |= UINT64_C(1) << tag;
		enum fault fault = take(out, tag, v);

		if (fault != FAULT_NONE)
			return fault;
	}
	return FAULT_NONE;
}

/*
 * A record ends behind the end of the file. Its length is wrong when another
 * record begins inside it; otherwise the file was cut.
 */
static enum fault longer_than_file(struct slice rest)
{
	struct ctl_record unused = { 0 };

	return read_items(&unused, slice_from(rest, REC_HEAD)) ==
			       FAULT_RECORD_BEYOND
		       ? FAULT_RECORD_BEYOND
		       : FAULT_RECORD_CUT;
}

static enum fault read_record(struct ctl *c, size_t *at)
{
	struct slice rest = slice_from(c->file, *at);
	struct rbuf r = rbuf_of(rest);
	uint8_t tag = rbuf_u8(&r);
	uint16_t two = rbuf_u16(&r), size = rbuf_u16(&r);

	if (rest.n < REC_HEAD || tag != REC_LENGTH || two != 2)
		return c->nrecords > 0 ? FAULT_TRAILING : FAULT_RECORD_START;
	if (size < REC_HEAD)
		return FAULT_RECORD_SHORT;
	if (size > rest.n)
		return longer_than_file(rest);
	if (c->nrecords == CTL_RECORDS_MAX)
		return FAULT_RECORDS_MANY;
	c->record =
		mem_resize(c->record, c->nrecords + 1, sizeof(c->record[0]));
	struct ctl_record *rec = &c->record[c->nrecords++];

	*rec = (struct ctl_record){ .at = *at, .size = size };
	*at += size;
	return read_items(rec, slice_from(slice_head(rest, size), REC_HEAD));
}

enum fault ctl_read(struct ctl *out, struct slice file)
{
	enum fault fault;

	*out = (struct ctl){ .file = file };
	fault = tlvhead_read(&out->head, file);
	if (fault == FAULT_NONE && out->head.version[0] != 1)
		fault = FAULT_VERSION;
	size_t at = out->head.size;

	while (fault == FAULT_NONE && at < file.n)
		fault = read_record(out, &at);
	if (fault != FAULT_NONE)
		ctl_free(out);
	return fault;
}

void ctl_free(struct ctl *c)
{
	free(c->record);
	*c = (struct ctl){ 0 };
}

bool ctl_is_itl(const struct ctl *c)
{
	return slice_starts(c->head.file_name, "ITL");
}

static bool is_sast(const struct ctl_record *r)
{
	return r->has_role && r->role == ROLE_SAST;
}

/* Does this record's certificate verify the file's signature? */
static enum fault verify_by(const struct ctl *c, const struct ctl_record *r)
{
	struct certfield cert;
	enum fault fault = certfield_read(&cert, r->cert);

	if (fault != FAULT_NONE)
		return fault;
	fault = tlvhead_verify(&c->head, c->file, &cert);
	certfield_free(&cert);
	return fault;
}

enum fault ctl_verify(const struct ctl *c, size_t *signer)
{
	enum fault fault = FAULT_SIGNER_UNKNOWN;

	if (!digest_usable(c->head.digest))
		return FAULT_DIGEST;
	for (size_t i = 0; i < c->nrecords; i++) {
		const struct ctl_record *r = &c->record[i];

		if (!is_sast(r) || !slice_eq(r->serial, c->head.serial) ||
			(r->issuer.n > 0 && c->head.issuer.n > 0 &&
				!slice_eq(r->issuer, c->head.issuer)))
			continue;
		fault = verify_by(c, r);
		if (fault != FAULT_NONE)
			continue;
		if (signer != NULL)
			*signer = i;
		return FAULT_NONE;
	}
	return fault;
}

enum fault ctl_check_sasts(const struct ctl *c)
{
	const struct ctl_record *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->nrecords; i++) {
		const struct ctl_record *r = &c->record[i];

		if (!is_sast(r))
			continue;
		if (++n > SAST_MAX)
			return FAULT_MANY_SAST;
		if (first != NULL &&
			(slice_eq(r->cert, first->cert) ||
				(r->key.n > 0 && slice_eq(r->key, first->key))))
			return FAULT_SAME_SAST;
		first = r;
	}
	return n == 0 ? FAULT_NO_SAST : FAULT_NONE;
}

const char *ctl_verdict_name(enum ctl_verdict v)
{
	static const char *const names[] = {
		[CTL_FIRST] = "first",
		[CTL_UNCHANGED] = "unchanged",
		[CTL_ACCEPTED] = "accepted",
		[CTL_NEEDS_TVS] = "needs-tvs",
		[CTL_NEEDS_RESET] = "needs-reset",
		[CTL_BROKEN] = "broken",
	};

	return names[v];
}

/*
 * By serial and by the signature itself. Names are not compared: lists of
 * other makers write those of the same certificate in another style.
 */
static bool signed_by_sast_of(const struct ctl *held, const struct ctl *next)
{
	for (size_t i = 0; i < held->nrecords; i++) {
		const struct ctl_record *r = &held->record[i];

		if (is_sast(r) && slice_eq(r->serial, next->head.serial) &&
			verify_by(next, r) == FAULT_NONE)
			return true;
	}
	return false;
}

static bool knows_tvs(const struct ctl *held)
{
	for (size_t i = 0; held != NULL && i < held->nrecords; i++)
		if (held->record[i].has_role &&
			held->record[i].role == ROLE_TVS)
			return true;
	return false;
}

enum ctl_verdict ctl_plan(const struct ctl *held_ctl,
	const struct ctl *held_itl, const struct ctl *next)
{
	const struct ctl *same = ctl_is_itl(next) ? held_itl : held_ctl;
	const struct ctl *judge = held_ctl != NULL ? held_ctl : held_itl;

	if (ctl_verify(next, NULL) != FAULT_NONE)
		return CTL_BROKEN;
	if (judge == NULL)
		return CTL_FIRST;
	if (same != NULL && slice_eq(same->file, next->file))
		return CTL_UNCHANGED;
	if (signed_by_sast_of(judge, next))
		return CTL_ACCEPTED;
	return knows_tvs(held_ctl) || knows_tvs(held_itl) ? CTL_NEEDS_TVS
							  : CTL_NEEDS_RESET;
}

/* See dns_msg.h. Names are expanded by c-ares, which bounds its pointers. */
#include "b2bua/names/dns_msg.h"

#include <ares.h>
#include <string.h>
#include <strings.h>

#include "base/wire.h"

enum {
	HEADER = 12,
	WALK_MAX = 1000, /* records looked at */
	CLASS_IN = 1,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	RCODE_OK = 0,
	RCODE_NONE = 3,
};

struct reader {
	struct slice all;
	struct rbuf r;
};

struct rr { /* one record as it stands */
	char owner[DNS_NAME];
	uint16_t type, class;
	uint32_t ttl;
	size_t at, n; /* its data */
};

const char *dns_type_name(enum dns_type t)
{
	switch (t) {
	case DNS_A:
		return "A";
	case DNS_AAAA:
		return "AAAA";
	case DNS_SRV:
		return "SRV";
	case DNS_NAPTR:
		return "NAPTR";
	}
	return "?";
}

bool dns_name_ok(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > 253 || name[0] == '.')
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '-' || c == '_' ||
			    c == '.'))
			return false;
		if (c == '.' && name[i + 1] == '.')
			return false;
	}
	return true;
}

/* Compressed name at the reader; false: it is none, or too long. */
static bool read_name(struct reader *d, char out[DNS_NAME])
{
	const unsigned char *base = (const unsigned char *)d->all.p;
	char *name = NULL;
	long len = 0;
	bool fits;

	out[0] = '\0';
	if (d->r.bad || d->r.at >= d->r.n ||
		ares_expand_name(base + d->r.at, base, (int)d->all.n, &name,
			&len) != ARES_SUCCESS)
		return false;
	fits = slice_copy(slice_str(name), out, DNS_NAME);
	ares_free_string(name);
	(void)rbuf_bytes(&d->r, (size_t)len);
	return fits && !d->r.bad;
}

static bool read_rr(struct reader *d, struct rr *out)
{
	if (!read_name(d, out->owner))
		return false;
	out->type = rbuf_u16(&d->r);
	out->class = rbuf_u16(&d->r);
	out->ttl = rbuf_u32(&d->r);
	out->n = rbuf_u16(&d->r);
	out->at = d->r.at;
	(void)rbuf_bytes(&d->r, out->n);
	if (out->ttl > INT32_MAX) /* RFC 2181 8 */
		out->ttl = 0;
	return !d->r.bad;
}

/* The reader at a record's data. Names in it may point before. */
static struct reader data_of(const struct reader *d, const struct rr *rr)
{
	struct reader in = { .all = d->all, .r = rbuf_of(d->all) };

	in.r.at = rr->at;
	return in;
}

static bool read_text(struct reader *d, char *out, size_t size)
{
	size_t n = rbuf_u8(&d->r);

	return slice_copy(rbuf_bytes(&d->r, n), out, size) && !d->r.bad;
}

static bool read_addr(
	const struct reader *d, const struct rr *rr, struct dns_record *out)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (rr->type == DNS_A && rr->n == 4) {
		memcpy(&in4.sin_addr, d->all.p + rr->at, 4);
		out->addr = addr_from_sockaddr((struct sockaddr *)&in4);
	} else if (rr->type == DNS_AAAA && rr->n == 16) {
		memcpy(&in6.sin6_addr, d->all.p + rr->at, 16);
		out->addr = addr_from_sockaddr((struct sockaddr *)&in6);
	} else {
		return false;
	}
	return !addr_is_any(&out->addr);
}

static bool read_record(
	const struct reader *d, const struct rr *rr, struct dns_record *out)
{
	struct reader in = data_of(d, rr);
	char skipped[DNS_NAME];
	bool ok;

	*out = (struct dns_record){ 0 };
	if (rr->type == DNS_A || rr->type == DNS_AAAA)
		return read_addr(d, rr, out);
	out->priority = rbuf_u16(&in.r);
	out->weight = rbuf_u16(&in.r);
	if (rr->type == DNS_SRV) {
		out->port = rbuf_u16(&in.r);
		ok = read_name(&in, out->name);
	} else {
		ok = read_text(&in, out->flags, sizeof(out->flags)) &&
		     read_text(&in, out->service, sizeof(out->service)) &&
		     read_text(&in, skipped, sizeof(skipped)) && /* regexp */
		     read_name(&in, out->name);
	}
	/* RFC 2782: the root as target says that there is no such service */
	return ok && in.r.at <= rr->at + rr->n &&
	       (out->name[0] == '\0' || dns_name_ok(out->name));
}

static void shorten(struct dns_reply *out, uint32_t ttl)
{
	if (ttl < out->ttl)
		out->ttl = ttl;
}

/* The name behind `name` by the CNAMEs of the answer section; false: they go
 * in a circle, or on for too long. */
static bool follow(const struct reader *from, unsigned n, const char *name,
	struct dns_reply *out)
{
	bool more = true;

	if (!slice_copy(slice_str(name), out->name, sizeof(out->name)))
		return false;
	for (unsigned steps = 0; more; steps++) {
		struct reader d = *from;
		struct rr rr;

		if (steps > DNS_ALIASES_MAX)
			return false;
		more = false;
		for (unsigned i = 0; i < n && !more && read_rr(&d, &rr); i++) {
			struct reader in = data_of(&d, &rr);

			if (rr.type != TYPE_CNAME || rr.class != CLASS_IN ||
				strcasecmp(rr.owner, out->name) != 0)
				continue;
			if (!read_name(&in, out->name) ||
				!dns_name_ok(out->name))
				return false;
			shorten(out, rr.ttl);
			more = true;
		}
	}
	return true;
}

static void collect(const struct reader *from, unsigned n, enum dns_type type,
	struct dns_reply *out)
{
	struct reader d = *from;
	struct rr rr;

	for (unsigned i = 0; i < n && read_rr(&d, &rr); i++) {
		if (rr.type != type || rr.class != CLASS_IN ||
			strcasecmp(rr.owner, out->name) != 0)
			continue;
		if (out->n == DNS_RECORDS_MAX ||
			!read_record(&d, &rr, &out->v[out->n])) {
			out->dropped++;
			continue;
		}
		shorten(out, rr.ttl);
		out->n++;
	}
}

/* RFC 2308 5: how long there is nothing. */
static uint32_t negative_ttl(
	const struct reader *from, unsigned answers, unsigned authorities)
{
	struct reader d = *from;
	char name[DNS_NAME];
	struct rr rr;

	for (unsigned i = 0; i < answers + authorities && read_rr(&d, &rr);
		i++) {
		struct reader in = data_of(&d, &rr);
		uint32_t minimum;

		if (i < answers || rr.type != TYPE_SOA)
			continue;
		if (!read_name(&in, name) || !read_name(&in, name))
			break;
		(void)rbuf_bytes(&in.r, 16); /* serial to expire */
		minimum = rbuf_u32(&in.r);
		if (in.r.bad)
			break;
		return minimum < rr.ttl ? minimum : rr.ttl;
	}
	return DNS_NEGATIVE_S;
}

static bool skip_questions(struct reader *d, unsigned n)
{
	char name[DNS_NAME];

	for (; n > 0; n--) {
		if (!read_name(d, name))
			return false;
		(void)rbuf_u32(&d->r); /* type and class */
	}
	return !d->r.bad;
}

void dns_reply_read(struct dns_reply *out, struct slice bytes, const char *name,
	enum dns_type type)
{
	struct reader d = { .all = bytes, .r = rbuf_of(bytes) };
	unsigned questions, answers, authorities, rcode;

	memset(out, 0, sizeof(*out));
	out->found = DNS_BAD;
	out->ttl = UINT32_MAX;
	if (bytes.n < HEADER || bytes.n > UINT16_MAX)
		return;
	(void)rbuf_u16(&d.r);
	rcode = rbuf_u16(&d.r) & 0xf;
	questions = rbuf_u16(&d.r);
	answers = rbuf_u16(&d.r);
	authorities = rbuf_u16(&d.r);
	(void)rbuf_u16(&d.r);
	if (questions > 1 || !skip_questions(&d, questions))
		return;
	answers = answers > WALK_MAX ? WALK_MAX : answers;
	authorities = authorities > WALK_MAX ? WALK_MAX : authorities;
	if (rcode != RCODE_OK && rcode != RCODE_NONE) {
		out->found = DNS_REFUSED;
		return;
	}
	if (!follow(&d, answers, name, out))
		return;
	collect(&d, answers, type, out);
	if (out->n > 0) {
		out->found = DNS_FOUND;
	} else if (rcode == RCODE_OK && strcasecmp(out->name, name) != 0) {
		out->found = DNS_ALIAS;
	} else {
		out->found = DNS_NOTHING;
		shorten(out, negative_ttl(&d, answers, authorities));
	}
}

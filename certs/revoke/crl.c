/*
 * A CRL becomes a sorted table of serial numbers, once, so that a look-up
 * costs the same for lists of ten and of a million entries.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/revoke/revoke_read.h"
#include "certs/x509/crt.h"

enum {
	SERIAL_MAX = 24, /* RFC 5280 says 20; longer ones match nothing */
	ENTRIES_MAX = 1 << 20,
};

struct revoked {
	uint8_t n;
	uint8_t serial[SERIAL_MAX];
	time_t when;
};

struct crl {
	time_t this_update, next_update;
	struct crl_scope scope;
	size_t n;
	struct revoked *v; /* by serial */
};

static void crl_free(void *p)
{
	struct crl *c = p;

	free(c->v);
}

static int bad(char why[REVOKE_WHY], const char *fmt, ...) PRINTF(2, 3);

static int bad(char why[REVOKE_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, REVOKE_WHY, fmt, ap);
	va_end(ap);
	return EBADMSG;
}

/* The next tag and its content, definite lengths up to 64 KB. */
static uint8_t tlv(struct rbuf *r, struct slice *value)
{
	uint8_t tag = rbuf_u8(r);
	size_t n = rbuf_u8(r);

	if (n == 0x81)
		n = rbuf_u8(r);
	else if (n == 0x82)
		n = rbuf_u16(r);
	else if (n > 0x7f)
		r->bad = true;
	*value = rbuf_bytes(r, n);
	return tag;
}

/* DistributionPointName: true when it names no URL, or `url` among them. */
static bool names_url(struct slice point, const char *url)
{
	enum { FULL_NAME = 0xa0, URI = 0x86 };
	struct rbuf r = rbuf_of(point);
	struct slice names;
	struct slice name;
	bool others = false;

	if (tlv(&r, &names) != FULL_NAME || r.bad)
		return false;
	for (r = rbuf_of(names); rbuf_left(&r) > 0 && !r.bad;) {
		if (tlv(&r, &name) != URI)
			continue;
		if (slice_eq_str(name, url))
			return true;
		others = true;
	}
	return !others && !r.bad;
}

int crl_scope_read(struct crl_scope *out, struct slice der, const char *url,
	char why[REVOKE_WHY])
{
	enum {
		SEQUENCE = 0x30,
		POINT = 0xa0,
		USERS = 0x81,
		CAS = 0x82,
		REASONS = 0x83,
		INDIRECT = 0x84,
		ATTRIBUTES = 0x85
	};
	struct rbuf r = rbuf_of(der);
	struct slice all, value;

	if (tlv(&r, &all) != SEQUENCE || r.bad)
		return bad(why, "its distribution point cannot be read");
	for (r = rbuf_of(all); rbuf_left(&r) > 0 && !r.bad;) {
		uint8_t tag = tlv(&r, &value);
		bool set = value.n == 1 && value.p[0] != 0;

		if (tag == USERS)
			out->users_only = set;
		else if (tag == CAS)
			out->cas_only = set;
		else if (tag == REASONS || (set && tag == INDIRECT) ||
			 (set && tag == ATTRIBUTES))
			return bad(why,
				"it is not about all revoked certificates of "
				"its issuer");
		else if (tag == POINT && url != NULL && !names_url(value, url))
			return bad(why, "it is the CRL of another address");
	}
	return r.bad ? bad(why, "its distribution point cannot be read") : 0;
}

static int read_extension(struct crl *c, gnutls_x509_crl_t crl, unsigned i,
	const char *url, char *why)
{
	char oid[64];
	size_t n = sizeof(oid);
	unsigned critical = 0;
	gnutls_datum_t data = { 0 };
	int err;

	if (gnutls_x509_crl_get_extension_info(crl, i, oid, &n, &critical) < 0)
		return bad(why, "an extension cannot be read");
	if (strcmp(oid, "2.5.29.28") != 0)
		return critical ? bad(why,
					  "it has a critical extension (%s) "
					  "that is not understood",
					  oid)
				: 0;
	if (gnutls_x509_crl_get_extension_data2(crl, i, &data) < 0)
		return bad(why, "its distribution point cannot be read");
	err = crl_scope_read(
		&c->scope, slice_of(data.data, data.size), url, why);
	gnutls_free(data.data);
	return err;
}

static int read_extensions(
	struct crl *c, gnutls_x509_crl_t crl, const char *url, char *why)
{
	for (unsigned i = 0;; i++) {
		char oid[64];
		size_t n = sizeof(oid);
		int err = gnutls_x509_crl_get_extension_oid(crl, i, oid, &n);

		if (err == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return 0;
		if (err < 0)
			return bad(why, "an extension cannot be read");
		err = read_extension(c, crl, i, url, why);
		if (err != 0)
			return err;
	}
}

static int check_dates(
	struct crl *c, gnutls_x509_crl_t crl, time_t now, char *why)
{
	char date[CRT_DATE];

	c->this_update = gnutls_x509_crl_get_this_update(crl);
	c->next_update = gnutls_x509_crl_get_next_update(crl);
	if (c->this_update == (time_t)-1)
		return bad(why, "its dates cannot be read");
	if (c->next_update == (time_t)-1) /* RFC 5280 demands one */
		return bad(why, "it does not say when the next one comes");
	if (c->this_update > now + REVOKE_CLOCKS)
		return bad(why, "it is of the future, %s",
			crt_date(c->this_update, date));
	if (c->next_update < now - REVOKE_CLOCKS)
		return bad(why, "it is out of date since %s",
			crt_date(c->next_update, date));
	return 0;
}

/* GnuTLS looks at the dates by its own clock; check_dates() does by ours. */
static bool signature_ok(unsigned status)
{
	const unsigned dates = GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
			       GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;

	return status == 0 ||
	       ((status & dates) != 0 &&
		       (status & ~(dates | GNUTLS_CERT_INVALID)) == 0);
}

static int check_issuer(
	gnutls_x509_crl_t crl, gnutls_x509_crt_t issuer, char *why)
{
	unsigned status = 0;
	char name[CRT_NAME];

	if (gnutls_x509_crl_check_issuer(crl, issuer) == 0)
		return bad(
			why, "it is not by \"%s\"", crt_subject(issuer, name));
	if (gnutls_x509_crl_verify(crl, &issuer, 1,
		    GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) < 0 ||
		!signature_ok(status))
		return bad(why, "it is not signed by \"%s\"%s",
			crt_subject(issuer, name),
			status & GNUTLS_CERT_INSECURE_ALGORITHM
				? " with an algorithm to be trusted"
				: "");
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct revoked *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return memcmp(x->serial, y->serial, x->n);
}

/* Without the zeros in front, which DER wants and some leave out. */
static void set_serial(struct revoked *e, const uint8_t *p, size_t n)
{
	for (; n > 0 && *p == 0; n--)
		p++;
	e->n = (uint8_t)n;
	memcpy(e->serial, p, n);
}

static int read_entries(struct crl *c, gnutls_x509_crl_t crl, char *why)
{
	gnutls_x509_crl_iter_t iter = NULL;
	int count = gnutls_x509_crl_get_crt_count(crl);
	int err = 0;

	if (count < 0 || count > ENTRIES_MAX)
		return bad(why, "it has too many entries");
	c->v = mem_array((size_t)count + 1, sizeof(*c->v));
	while (err == 0 && c->n < (size_t)count) {
		uint8_t serial[256];
		size_t n = sizeof(serial);
		struct revoked *e = &c->v[c->n];

		err = gnutls_x509_crl_iter_crt_serial(
			crl, &iter, serial, &n, &e->when);
		if (err < 0 || n > SERIAL_MAX)
			continue;
		set_serial(e, serial, n);
		c->n++;
	}
	gnutls_x509_crl_iter_deinit(iter);
	/* An entry that cannot be read may be the one that matters. */
	if (err < 0 && err != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return bad(why, "entry %zu cannot be read", c->n + 1);
	qsort(c->v, c->n, sizeof(*c->v), compare);
	return 0;
}

static int import(gnutls_x509_crl_t crl, struct slice body)
{
	union {
		const char *in;
		unsigned char *gnutls; /* which does not write to it */
	} u = { .in = body.p };
	gnutls_datum_t d = { .data = u.gnutls, .size = (unsigned)body.n };

	return gnutls_x509_crl_import(crl, &d,
		       slice_starts(slice_trim(body), "-----BEGIN")
			       ? GNUTLS_X509_FMT_PEM
			       : GNUTLS_X509_FMT_DER) < 0
		       ? EBADMSG
		       : 0;
}

int crl_read(struct crl **out, struct slice body, gnutls_x509_crt_t issuer,
	const char *url, time_t now, char why[REVOKE_WHY])
{
	struct crl *c = obj_new(sizeof(*c), crl_free);
	gnutls_x509_crl_t crl;
	int err;

	need(gnutls_x509_crl_init(&crl) == 0);
	err = body.n > 0 ? import(crl, body) : EBADMSG;
	if (err != 0)
		err = bad(why, "the answer is no CRL");
	else
		err = check_issuer(crl, issuer, why);
	if (err == 0)
		err = check_dates(c, crl, now, why);
	if (err == 0)
		err = read_extensions(c, crl, url, why);
	if (err == 0)
		err = read_entries(c, crl, why);
	gnutls_x509_crl_deinit(crl);
	if (err != 0)
		c = obj_unref(c);
	*out = c;
	return err;
}

time_t crl_this_update(const struct crl *c)
{
	return c->this_update;
}

time_t crl_next_update(const struct crl *c)
{
	return c->next_update;
}

size_t crl_bytes(const struct crl *c)
{
	return sizeof(*c) + c->n * sizeof(*c->v);
}

void crl_lookup(
	const struct crl *c, gnutls_x509_crt_t crt, struct judge_status *out)
{
	uint8_t serial[256];
	size_t n = sizeof(serial);
	struct revoked key = { 0 };
	const struct revoked *found;
	bool ca = gnutls_x509_crt_get_ca_status(crt, NULL) > 0;

	out->kind = JUDGE_STATUS_UNKNOWN;
	out->when = 0;
	if ((ca && c->scope.users_only) || (!ca && c->scope.cas_only) ||
		gnutls_x509_crt_get_serial(crt, serial, &n) < 0 ||
		n > SERIAL_MAX)
		return;
	set_serial(&key, serial, n);
	found = bsearch(&key, c->v, c->n, sizeof(*c->v), compare);
	out->kind = found != NULL ? JUDGE_STATUS_REVOKED : JUDGE_STATUS_GOOD;
	if (found != NULL)
		out->when = found->when;
}

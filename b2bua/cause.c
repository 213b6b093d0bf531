/* See cause.h. The only place where errors become statuses. */
#include "b2bua/cause.h"

#include <errno.h>
#include <stdio.h>

static const struct {
	int err, status;
} errnos[] = {
	{ 0, 200 },
	{ EBADMSG, 400 },
	{ EACCES, 403 },
	{ ENOENT, 404 },
	{ ETIMEDOUT, 408 },
	{ ENOTSUP, 488 },
	{ EMSGSIZE, 513 },
	{ EAGAIN, 503 },
	{ EHOSTUNREACH, 480 }, /* the flow closed: the phone is away */
	{ ECONNREFUSED, 503 },
	{ ENETUNREACH, 503 },
	{ EADDRNOTAVAIL, 503 },
	{ EMFILE, 503 },
	{ ELOOP, 482 },
};

static const struct {
	int status;
	unsigned q850;
} causes[] = {
	{ 200, 16 },
	{ 400, 41 },
	{ 401, 21 },
	{ 402, 21 },
	{ 403, 21 },
	{ 404, 1 },
	{ 405, 63 },
	{ 406, 79 },
	{ 407, 21 },
	{ 408, 102 },
	{ 410, 22 },
	{ 413, 127 },
	{ 414, 127 },
	{ 415, 79 },
	{ 416, 127 },
	{ 420, 127 },
	{ 421, 127 },
	{ 423, 127 },
	{ 480, 18 },
	{ 481, 41 },
	{ 482, 25 },
	{ 483, 25 },
	{ 484, 28 },
	{ 485, 1 },
	{ 486, 17 },
	{ 487, 16 },
	{ 488, 65 },
	{ 500, 41 },
	{ 501, 79 },
	{ 502, 38 },
	{ 503, 41 },
	{ 504, 102 },
	{ 505, 127 },
	{ 513, 127 },
	{ 600, 17 },
	{ 603, 21 },
	{ 604, 1 },
	{ 606, 65 },
};

static const struct {
	unsigned q850;
	const char *text;
} texts[] = {
	{ 1, "unallocated number" },
	{ 16, "normal call clearing" },
	{ 17, "user busy" },
	{ 18, "no user responding" },
	{ 19, "no answer from user" },
	{ 21, "call rejected" },
	{ 22, "number changed" },
	{ 25, "exchange routing error" },
	{ 27, "destination out of order" },
	{ 28, "invalid number format" },
	{ 31, "normal, unspecified" },
	{ 38, "network out of order" },
	{ 41, "temporary failure" },
	{ 44, "requested circuit not available" },
	{ 63, "service not available" },
	{ 65, "bearer capability not implemented" },
	{ 79, "service not implemented" },
	{ 102, "recovery on timer expiry" },
	{ 127, "interworking, unspecified" },
};

int cause_status(int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].err == err)
			return errnos[i].status;
	return 500;
}

unsigned cause_q850(int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].status == status)
			return causes[i].q850;
	return 31;
}

const char *cause_q850_text(unsigned q850)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].q850 == q850)
			return texts[i].text;
	return "unspecified";
}

/* Among several Reasons (RFC 3326 2), in one header or more; 0: none. */
static unsigned q850_in(const struct sip_msg *m)
{
	for (size_t i = 0; i < m->nhdrs; i++) {
		struct slice rest = m->hdr[i].value, one, value;
		uint64_t q850;

		if (!slice_caseeq_str(m->hdr[i].name, "Reason"))
			continue;
		while (slice_cut(&rest, ',', &one)) {
			one = slice_trim(one);
			if (slice_casestarts(one, "Q.850") &&
				sip_param(slice_from(one, slice_find(one, ';')),
					"cause", &value) &&
				slice_uint(value, 127, &q850) == 0 && q850 > 0)
				return (unsigned)q850;
		}
	}
	return 0;
}

unsigned cause_told(const struct sip_msg *m)
{
	unsigned q850 = q850_in(m);

	return q850 != 0 ? q850 : cause_q850(m->status);
}

unsigned cause_hung_up(const struct sip_msg *m)
{
	unsigned q850 = q850_in(m);

	return q850 != 0 ? q850 : 16;
}

int cause_of_q850(unsigned q850)
{
	switch (q850) {
	case 1:
		return 404;
	case 17:
		return 486;
	case 21:
		return 403;
	case 28:
		return 484;
	default:
		return 480;
	}
}

int cause_pass(int status, bool local)
{
	if (local)
		return status == 408 ? 504 : status;
	switch (status) {
	case 300: /* a choice between addresses that only we could try */
	case 305:
	case 380:
		return 480;
	case 481: /* says something of our dialog, not of the caller's */
	case 421:
		return 500;
	default:
		return status >= 300 && status <= 699 ? status : 500;
	}
}

bool cause_hunts(int status, bool local)
{
	if (local)
		return status == 408 || status >= 500;
	return status == 503;
}

const char *cause_reason(unsigned q850, char out[CAUSE_TEXT])
{
	(void)snprintf(out, CAUSE_TEXT, "Q.850;cause=%u;text=\"%s\"", q850,
		cause_q850_text(q850));
	return out;
}

const char *cause_warning(
	unsigned code, const char *host, const char *text, char out[CAUSE_TEXT])
{
	int n = snprintf(out, CAUSE_TEXT - 1, "%03u %.64s \"", code, host);
	size_t at = n > 0 ? (size_t)n : 0;

	for (; *text != '\0' && at < CAUSE_TEXT - 2; text++) {
		unsigned char c = (unsigned char)*text;

		out[at++] = c < ' ' || c == '"' || c == '\\' || c == 0x7f
				    ? '\''
				    : (char)c;
	}
	out[at++] = '"';
	out[at] = '\0';
	return out;
}

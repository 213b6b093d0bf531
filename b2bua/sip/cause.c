/* See cause.h. */
#include "b2bua/sip/cause.h"

#include <stdio.h>

/*
 * RFC 3398 8.2.6.1, and what came after it. 488 and 606 are about what was
 * described, so 65 also without a Warning that says so.
 */
static const struct {
	int status;
	unsigned q850;
} causes[] = {
	/* clang-format off */
	{ 200, 16 },
	{ 400, 41 }, { 401, 21 }, { 402, 21 }, { 403, 21 }, { 404, 1 },
	{ 405, 63 }, { 406, 79 }, { 407, 21 }, { 408, 102 }, { 410, 22 },
	{ 413, 127 }, { 414, 127 }, { 415, 79 }, { 416, 127 }, { 417, 127 },
	{ 420, 127 }, { 421, 127 }, { 422, 127 }, { 423, 127 },
	{ 428, 21 }, { 433, 21 }, { 436, 21 }, { 437, 21 }, { 438, 21 },
	{ 430, 27 }, { 439, 27 }, { 440, 25 }, { 469, 79 }, { 470, 21 },
	{ 480, 18 }, { 481, 41 }, { 482, 25 }, { 483, 25 }, { 484, 28 },
	{ 485, 1 }, { 486, 17 }, { 487, 16 }, { 488, 65 }, { 489, 79 },
	{ 491, 41 }, { 493, 41 }, { 494, 21 },
	{ 500, 41 }, { 501, 79 }, { 502, 38 }, { 503, 41 }, { 504, 102 },
	{ 505, 127 }, { 513, 127 }, { 580, 47 },
	{ 600, 17 }, { 603, 21 }, { 604, 1 }, { 606, 65 }, { 607, 21 },
	{ 608, 21 },
	/* clang-format on */
};

/*
 * Q.850 2.2.7; the status is RFC 3398 7.2.4.1, and for what is not there that
 * of a cause of the same kind. 0: none, 480 serves.
 */
static const struct {
	unsigned q850;
	int status;
	const char *text;
} texts[] = {
	/* clang-format off */
	{ 1,   404, "unallocated number" },
	{ 2,   404, "no route to network" },
	{ 3,   404, "no route to destination" },
	{ 4,   0,   "send special information tone" },
	{ 5,   0,   "misdialled trunk prefix" },
	{ 6,   0,   "channel unacceptable" },
	{ 7,   0,   "call awarded" },
	{ 8,   0,   "preemption" },
	{ 9,   0,   "preemption, circuit reserved" },
	{ 14,  0,   "number ported" },
	{ 16,  0,   "normal call clearing" },
	{ 17,  486, "user busy" },
	{ 18,  408, "no user responding" },
	{ 19,  480, "no answer from user" },
	{ 20,  480, "subscriber absent" },
	{ 21,  403, "call rejected" },
	{ 22,  410, "number changed" },
	{ 23,  410, "redirection to new destination" },
	{ 24,  433, "call rejected due to feature" },
	{ 25,  483, "exchange routing error" },
	{ 26,  404, "non-selected user clearing" },
	{ 27,  502, "destination out of order" },
	{ 28,  484, "invalid number format" },
	{ 29,  501, "facility rejected" },
	{ 30,  501, "response to status enquiry" },
	{ 31,  480, "normal, unspecified" },
	{ 34,  503, "no circuit available" },
	{ 38,  503, "network out of order" },
	{ 39,  503, "permanent frame mode connection out of service" },
	{ 40,  503, "permanent frame mode connection operational" },
	{ 41,  503, "temporary failure" },
	{ 42,  503, "switching equipment congestion" },
	{ 43,  503, "access information discarded" },
	{ 44,  503, "requested circuit not available" },
	{ 46,  503, "precedence call blocked" },
	{ 47,  503, "resource unavailable" },
	{ 49,  503, "quality of service unavailable" },
	{ 50,  503, "facility not subscribed" },
	{ 53,  403, "outgoing calls barred within CUG" },
	{ 55,  403, "incoming calls barred within CUG" },
	{ 57,  403, "bearer capability not authorized" },
	{ 58,  503, "bearer capability not available" },
	{ 62,  488, "inconsistency in access information" },
	{ 63,  503, "service not available" },
	{ 65,  488, "bearer capability not implemented" },
	{ 66,  488, "channel type not implemented" },
	{ 69,  501, "facility not implemented" },
	{ 70,  488, "only restricted digital information" },
	{ 79,  501, "service not implemented" },
	{ 81,  500, "invalid call reference" },
	{ 82,  500, "identified channel does not exist" },
	{ 83,  500, "suspended call, other identity" },
	{ 84,  500, "call identity in use" },
	{ 85,  500, "no call suspended" },
	{ 86,  500, "call identity cleared" },
	{ 87,  403, "user not member of CUG" },
	{ 88,  503, "incompatible destination" },
	{ 90,  404, "non-existent CUG" },
	{ 91,  404, "invalid transit network selection" },
	{ 95,  500, "invalid message" },
	{ 96,  500, "mandatory information element missing" },
	{ 97,  500, "message type not implemented" },
	{ 98,  500, "message not compatible with call state" },
	{ 99,  500, "information element not implemented" },
	{ 100, 500, "invalid information element contents" },
	{ 101, 500, "message not compatible with call state" },
	{ 102, 504, "recovery on timer expiry" },
	{ 103, 500, "parameter not implemented" },
	{ 110, 500, "message with unrecognized parameter" },
	{ 111, 500, "protocol error" },
	{ 127, 500, "interworking, unspecified" },
	/* clang-format on */
};

bool cause_row(size_t i, struct cause_row *out)
{
	if (i < ARRAY_SIZE(causes)) {
		*out = (struct cause_row){ .status = causes[i].status,
			.q850 = causes[i].q850 };
		return true;
	}
	i -= ARRAY_SIZE(causes);
	if (i >= ARRAY_SIZE(texts))
		return false;
	*out = (struct cause_row){ .by_q850 = true,
		.status = texts[i].status,
		.q850 = texts[i].q850,
		.text = texts[i].text };
	return true;
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
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].q850 == q850 && texts[i].status != 0)
			return texts[i].status;
	return 480;
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

/*
 * RFC 3261 16.7, step 6: a 6xx before all, else of the lowest class; and of 4xx one
 * that says how to ask again before one that does not.
 */
static int rank(const struct sip_msg *m)
{
	static const int telling[] = { 401, 407, 415, 420, 484 };

	if (m->status >= 600)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(telling); i++)
		if (m->status == telling[i])
			return 2 * (m->status / 100);
	/* that nobody answered says less than what somebody said */
	return 2 * (m->status / 100) + (m->local ? 8 : 1);
}

void cause_keep_best(struct sip_msg **best, const struct sip_msg *m)
{
	if (*best != NULL && rank(*best) <= rank(m))
		return;
	sip_msg_free(*best);
	*best = sip_msg_dup(m);
}

bool cause_hunts(int status, bool local)
{
	if (local)
		return status == 408 || status >= 500;
	return status == 503;
}

/* Behind what is there: `before"text"`, as much of the text as fits. */
static void quote_text(
	char out[CAUSE_TEXT], size_t at, const char *before, const char *text)
{
	for (; *before != '\0' && at < CAUSE_TEXT - 3; before++)
		out[at++] = *before;
	out[at++] = '"';
	for (; *text != '\0' && at < CAUSE_TEXT - 2; text++) {
		unsigned char c = (unsigned char)*text;

		out[at++] = c < ' ' || c == '"' || c == '\\' || c == 0x7f
				    ? '\''
				    : (char)c;
	}
	out[at++] = '"';
	out[at] = '\0';
}

const char *cause_reason(unsigned q850, char out[CAUSE_TEXT])
{
	(void)snprintf(out, CAUSE_TEXT, "Q.850;cause=%u;text=\"%s\"", q850,
		cause_q850_text(q850));
	return out;
}

const char *cause_reason_sip(int status, const char *text, char out[CAUSE_TEXT])
{
	int n = snprintf(out, CAUSE_TEXT - 1, "SIP;cause=%d", status);

	if (text != NULL && n > 0)
		quote_text(out, (size_t)n, ";text=", text);
	return out;
}

const char *cause_warning(
	unsigned code, const char *host, const char *text, char out[CAUSE_TEXT])
{
	int n = snprintf(out, CAUSE_TEXT - 1, "%03u %.64s ", code, host);

	quote_text(out, n > 0 ? (size_t)n : 0, "", text);
	return out;
}

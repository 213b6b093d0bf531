/*
 * Sound, or another stream, that went one way within the last hour, by what the
 * running daemon tells (`show call one-way`): a finding for each dial-peer and
 * cause, with the remedy that goes with the cause.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "doctor/doctor_int.h"

enum { HOUR = 3600 };

/* By the cause, as `show call one-way` has it for programs; what stands for
 * %s is the far end's address, ours, and the address packets came from. */
static const struct {
	const char *reason;
	enum doctor_severity severity;
	const char *mend;
} cures[] = {
	{ "never", DOCTOR_WARNING,
		"let UDP pass from %s to %s in the firewalls between; look at the far end's route to it" },
	{ "stopped", DOCTOR_WARNING,
		"look at the path from %s to %s: a firewall that forgets flows, a link that failed, a far end that hung up without BYE" },
	{ "silent", DOCTOR_NOTE,
		"the far end at %s is muted or suppresses silence; if it does not, look there why it sends nothing to %s" },
	{ "auth_failed", DOCTOR_WARNING,
		"%s encrypts for %s with another key than it signals: look for a device between that changes SDP, or one that changes keys without saying so" },
	{ "wrong_source", DOCTOR_WARNING,
		"%s is told in SDP, but packets to %s come from %s: if that is the phone behind address translation, use `srtp`, or `media latch once` of the dial-peer" },
	{ "malformed", DOCTOR_WARNING,
		"what %s sends to %s is not RTP: switch ICE, DTLS or encryption of its own off there" },
	{ "unreachable", DOCTOR_WARNING,
		"%s cannot be sent to from %s either: look at the route to it, and whether it is the far end's address at all" },
	{ "nat", DOCTOR_WARNING,
		"the far end tells its private address %s in SDP: use `srtp`, which finds it, or `media latch once` of the dial-peer; it then sends to %s" },
};

/* One finding stands for them. */
static bool is_like(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "dial_peer"),
		       json_object_get(b, "dial_peer")) &&
	       strcmp(doctor_text(a, "reason"), doctor_text(b, "reason")) ==
		       0 &&
	       strcmp(doctor_text(a, "media"), doctor_text(b, "media")) == 0;
}

static bool is_recent(const json_t *row)
{
	return json_is_true(json_object_get(row, "lasts")) ||
	       json_integer_value(json_object_get(row, "ago_s")) < HOUR;
}

/* How many are like row i, with it; 0: a newer one stands for it. */
static unsigned alike(const json_t *rows, size_t i)
{
	unsigned n = 0;

	for (size_t k = 0; k < json_array_size(rows); k++) {
		const json_t *other = json_array_get(rows, k);

		if (!is_like(json_array_get(rows, i), other) ||
			!is_recent(other))
			continue;
		if (k < i)
			return 0;
		n++;
	}
	return n;
}

static void tell(struct doctor *d, const json_t *row, unsigned n)
{
	long long tag = json_integer_value(json_object_get(row, "dial_peer"));
	const struct conf_dial_peer *p =
		conf_find_dial_peer(d->conf, (unsigned)tag);
	bool lasts = json_is_true(json_object_get(row, "lasts"));
	char *mend = NULL;
	size_t k = 0;

	while (k < ARRAY_SIZE(cures) &&
		strcmp(cures[k].reason, doctor_text(row, "reason")) != 0)
		k++;
	if (k == ARRAY_SIZE(cures))
		return; /* of a newer daemon */
	mend = mem_printf(cures[k].mend, doctor_text(row, "remote"),
		doctor_text(row, "local"), doctor_text(row, "source"));
	doctor_say(d, cures[k].severity, "one-way",
		p != NULL ? p->pos : (struct conf_pos){ 0 }, mend,
		"dial-peer %lld: %s of %s %s one way%s, %u %s in the last hour: %s",
		tag, doctor_text(row, "media"), doctor_text(row, "number"),
		lasts ? "goes" : "went", lasts ? " now" : "", n,
		n == 1 ? "time" : "times", doctor_text(row, "cause"));
	free(mend);
}

void doctor_oneway(struct doctor *d)
{
	json_t *all = doctor_ask(d, "show call one-way");
	const json_t *rows = json_object_get(all, "one_way");

	for (size_t i = 0; i < json_array_size(rows); i++) {
		unsigned n = alike(rows, i);

		if (n > 0 && is_recent(json_array_get(rows, i)))
			tell(d, json_array_get(rows, i), n);
	}
	json_decref(all);
}

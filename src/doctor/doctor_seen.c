/*
 * What the running daemon has seen, when there is one: phones whose certificates
 * end soon (`show crypto pki horizon`), sound that goes one way (doctor_oneway.c).
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "control/client.h"
#include "doctor/doctor_int.h"

enum { PEERS_TOLD = 50 };

const char *doctor_text(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s != NULL ? s : "?";
}

char *doctor_ask_text(
	const struct doctor *d, enum request_form form, const char *question)
{
	char *answer = NULL, *complaint = NULL;
	size_t n = 0, m = 0;
	FILE *out = open_memstream(&answer, &n);
	FILE *err = open_memstream(&complaint, &m);
	int code;

	need(out != NULL && err != NULL);
	code = client_ask(d->conf->control_socket, form, question, out, err);
	need(fclose(out) == 0 && fclose(err) == 0);
	free(complaint);
	if (code == EXIT_OK)
		return answer;
	free(answer);
	return NULL;
}

json_t *doctor_ask(const struct doctor *d, const char *question)
{
	char *answer = doctor_ask_text(d, REQUEST_JSON, question);
	json_error_t where;
	json_t *all = answer != NULL ? json_loads(answer, 0, &where) : NULL;

	free(answer);
	return all;
}

/* Of the listener that they are connected to. */
static struct conf_pos place_of(const struct doctor *d, const char *listener)
{
	const struct conf_listener *l = conf_find_listener(d->conf, listener);

	return l != NULL ? l->pos : (struct conf_pos){ 0 };
}

/* How many there are; *more: where the first is that is not told. */
static unsigned tell(
	struct doctor *d, const json_t *horizon, struct conf_pos *more)
{
	unsigned soon = 0;
	size_t i;
	json_t *row;

	json_array_foreach(horizon, i, row)
	{
		long long left =
			json_integer_value(json_object_get(row, "days_left"));

		if (strcmp(doctor_text(row, "kind"), "peer") != 0 ||
			left >= (long long)d->p->days)
			continue;
		if (soon == PEERS_TOLD)
			*more = place_of(d, doctor_text(row, "where"));
		if (soon++ < PEERS_TOLD)
			doctor_say(d, DOCTOR_WARNING, "expiry",
				place_of(d, doctor_text(row, "where")),
				"renew the certificate of that device",
				"%s, connected to %s, shows a certificate that "
				"ends on %s",
				doctor_text(row, "subject"),
				doctor_text(row, "where"),
				doctor_text(row, "not_after"));
	}
	return soon;
}

static void certificates(struct doctor *d)
{
	json_t *all = doctor_ask(d, "show crypto pki horizon");
	struct conf_pos more = { 0 };
	unsigned soon = tell(d, json_object_get(all, "horizon"), &more);

	if (soon > PEERS_TOLD)
		doctor_say(d, DOCTOR_WARNING, "expiry", more,
			"`lineside show crypto pki horizon` lists all",
			"%u more connected peers have such certificates",
			soon - PEERS_TOLD);
	json_decref(all);
}

void doctor_seen(struct doctor *d)
{
	certificates(d);
	doctor_oneway(d);
}

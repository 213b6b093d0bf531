/*
 * Peers that the running daemon has seen, when there is one: phones whose
 * certificates end soon. Only what `show crypto pki horizon` tells.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "client.h"
#include "doctor_int.h"

enum { PEERS_TOLD = 50 };

static const char *text_of(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s != NULL ? s : "?";
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

		if (strcmp(text_of(row, "kind"), "peer") != 0 ||
			left >= (long long)d->p->days)
			continue;
		if (soon == PEERS_TOLD)
			*more = place_of(d, text_of(row, "where"));
		if (soon++ < PEERS_TOLD)
			doctor_say(d, DOCTOR_WARNING, "expiry",
				place_of(d, text_of(row, "where")),
				"renew the certificate of that device",
				"%s, connected to %s, shows a certificate that "
				"ends on %s",
				text_of(row, "subject"), text_of(row, "where"),
				text_of(row, "not_after"));
	}
	return soon;
}

/* The answer, or NULL: no daemon is fine. */
static char *ask(const struct doctor *d)
{
	char *answer = NULL, *complaint = NULL;
	size_t n = 0, m = 0;
	FILE *out = open_memstream(&answer, &n);
	FILE *err = open_memstream(&complaint, &m);
	int code;

	need(out != NULL && err != NULL);
	code = client_ask(d->conf->control_socket, REQUEST_JSON,
		"show crypto pki horizon", out, err);
	need(fclose(out) == 0 && fclose(err) == 0);
	free(complaint);
	if (code == EXIT_OK)
		return answer;
	free(answer);
	return NULL;
}

void doctor_seen(struct doctor *d)
{
	char *answer = ask(d);
	json_error_t err;
	json_t *all = answer != NULL ? json_loads(answer, 0, &err) : NULL;
	struct conf_pos more = { 0 };
	unsigned soon = tell(d, json_object_get(all, "horizon"), &more);

	if (soon > PEERS_TOLD)
		doctor_say(d, DOCTOR_WARNING, "expiry", more,
			"`lineside show crypto pki horizon` lists all",
			"%u more connected peers have such certificates",
			soon - PEERS_TOLD);
	json_decref(all);
	free(answer);
}

/* Answers of the trust verification service. */
#include "phoneproxy/tvs/tvs_answer.h"

#include <errno.h>
#include <stdlib.h>

static bool is_name(struct slice asked, const char *plain, char *cisco)
{
	bool is = slice_eq_str(asked, plain) || slice_eq_str(asked, cisco);

	free(cisco);
	return is;
}

static bool is_queried(const struct tvs_known *k, const struct tvs_msg *m)
{
	struct certfield c;

	if (certfield_read(&c, k->cert) != FAULT_NONE)
		return false;
	bool is = is_name(m->subject, c.subject, certfield_cisco_subject(&c)) &&
		  (m->issuer.n == 0 || is_name(m->issuer, c.issuer,
					       certfield_cisco_issuer(&c))) &&
		  (m->serial.n == 0 || slice_eq(m->serial, c.serial));

	certfield_free(&c);
	return is;
}

static const struct tvs_known *find(
	const struct tvs_known *v, size_t n, const struct tvs_msg *m)
{
	for (size_t i = 0; i < n; i++)
		if (m->command == TVS_VERIFY_REQUEST
				? slice_eq(v[i].cert, m->cert)
				: is_queried(&v[i], m))
			return &v[i];
	return NULL;
}

int tvs_answer_frame(struct text *out, struct tvs_answer *what,
	struct slice frame, const struct tvs_known *known, size_t n,
	uint32_t ttl)
{
	struct tvs_msg m, answer = { .has_status = true };

	*what = (struct tvs_answer){ 0 };
	int err = tvs_parse(&m, frame);

	if (err != 0)
		return err;
	if (m.command != TVS_VERIFY_REQUEST && m.command != TVS_QUERY_REQUEST)
		return EPROTO;
	what->asked = m.command;
	if (!slice_copy(m.device, what->device, sizeof(what->device)))
		return EBADMSG;
	const struct tvs_known *k = find(known, n, &m);

	what->known = k;
	what->valid = k != NULL;
	answer.session = m.session;
	answer.command = m.command == TVS_VERIFY_REQUEST ? TVS_VERIFY_RESPONSE
							 : TVS_QUERY_RESPONSE;
	answer.status = k != NULL ? TVS_VALID : TVS_INVALID;
	if (k != NULL) {
		answer.roles = slice_of(k->roles, k->nroles);
		answer.has_ttl = true;
		answer.ttl = ttl;
	}
	if (k != NULL && m.command == TVS_QUERY_REQUEST)
		answer.cert = k->cert;
	return tvs_build(out, &answer);
}

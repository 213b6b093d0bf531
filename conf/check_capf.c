/* Contradictions in capf-server and tvs-server. */
#include "conf/conf_int.h"

static void complain_at(struct parse *p, bool warning, struct conf_pos pos,
	const char *hint, const char *text)
{
	conf_errs_add(p->errs, warning, pos, hint, "%s", text);
}

static bool uses(const struct conf *c, enum conf_capf_auth a)
{
	if (c->capf.auth == a)
		return true;
	for (size_t i = 0; i < c->capf.nphones; i++)
		if (c->capf.phone[i].auth_set && c->capf.phone[i].auth == a)
			return true;
	return false;
}

static void check_server(struct parse *p)
{
	const struct conf *c = p->conf;
	struct conf_pos pos = c->capf.pos;

	if (c->capf.trustpoint == NULL)
		complain_at(p, false, pos, "add 'trustpoint-label NAME'",
			"the CAPF server has no certificate to show");
	else if (!conf_trustpoint_has_own(c->capf.trustpoint))
		complain(p, false, c, "trustpoint-label",
			"add 'certificate file' and 'key file' to it",
			"trustpoint %s has no certificate of ours",
			c->capf.trustpoint->name);
	if (c->capf.issuer == NULL)
		complain_at(p, false, pos, "add 'cert-enroll-trustpoint NAME'",
			"the CAPF server has nobody to sign certificates");
	else if (!conf_trustpoint_has_own(c->capf.issuer))
		complain(p, false, c, "cert-enroll-trustpoint",
			"add 'certificate file' and 'key file' to it",
			"trustpoint %s has no certificate of ours",
			c->capf.issuer->name);
}

static void check_modes(struct parse *p)
{
	const struct conf *c = p->conf;
	bool nothing = c->capf.auth == CONF_CAPF_AUTH_NONE;

	for (size_t i = 0; i < c->capf.nphones; i++)
		if (c->capf.phone[i].auth_set)
			nothing = false;
	if (nothing)
		complain_at(p, true, c->capf.pos, "add 'auth-mode auth-string'",
			"auth-mode none: phones are given nothing");
	if (uses(c, CONF_CAPF_MIC) && c->capf.mic == NULL)
		complain_at(p, false, c->capf.pos, "add 'mic-trustpoint NAME'",
			"auth-mode MIC needs the manufacturers' roots");
	else if (c->capf.mic != NULL &&
		 !conf_trustpoint_has_anchors(c->capf.mic))
		complain(p, false, c, "mic-trustpoint",
			"add 'ca-bundle file PATH' to it",
			"trustpoint %s names no authorities",
			c->capf.mic->name);
	if (uses(c, CONF_CAPF_NULL_STRING))
		complain_at(p, true, c->capf.pos,
			"use it for as long as phones are in your hands",
			"with null-string, whoever reaches the port gets a "
			"certificate of any phone");
}

static void check_tvs(struct parse *p)
{
	const struct conf *c = p->conf;

	if (c->tvs.trustpoint == NULL)
		complain_at(p, false, c->tvs.pos, "add 'trustpoint-label NAME'",
			"the TVS server has no certificate to show");
	else if (!conf_trustpoint_has_own(c->tvs.trustpoint))
		complain_at(p, false, c->tvs.pos,
			"add 'certificate file' and 'key file' to it",
			"the TVS server's trustpoint has no certificate of "
			"ours");
	if (c->tvs.nanswers == 0)
		complain_at(p, true, c->tvs.pos,
			"add 'answer trustpoint NAME role ROLE'",
			"the TVS server finds no certificate good");
}

void check_capf(struct parse *p)
{
	const struct conf *c = p->conf;

	if (c->capf.on) {
		check_server(p);
		check_modes(p);
	}
	if (c->tvs.on)
		check_tvs(p);
}

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

/* A `crypto pki server` has its name to itself, as in IOS. */
static void find_issuer(struct parse *p)
{
	struct conf *c = p->conf;
	const char *name = c->capf.issuer_name;

	if (name == NULL) {
		complain_at(p, false, c->capf.pos,
			"add 'cert-enroll-trustpoint NAME'",
			"the CAPF server has nobody to sign certificates");
		return;
	}
	c->capf.server = section_find(c, M_PKI_SERVER, slice_str(name), NULL);
	if (c->capf.server == NULL)
		c->capf.issuer = conf_find_trustpoint(c, name);
	if (c->capf.server != NULL && c->capf.server->shutdown)
		complain(p, false, c, "cert-enroll-trustpoint",
			"write 'no shutdown' there",
			"crypto pki server %s is shut down", name);
	else if (c->capf.server == NULL && c->capf.issuer == NULL)
		complain(p, false, c, "cert-enroll-trustpoint",
			"write a section 'crypto pki server' or 'crypto pki "
			"trustpoint'",
			"there is no CA or trustpoint %s", name);
	else if (c->capf.issuer != NULL &&
		 !conf_trustpoint_has_own(c->capf.issuer))
		complain(p, false, c, "cert-enroll-trustpoint",
			"add 'certificate file' and 'key file' to it",
			"trustpoint %s has no certificate of ours", name);
	if (c->capf.server == NULL && c->capf.password.text != NULL)
		complain(p, true, c, "cert-enroll-password", "leave it out",
			"the password has no effect: trustpoint %s signs at "
			"once",
			name);
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
	find_issuer(p);
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

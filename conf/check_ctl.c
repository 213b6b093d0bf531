/* Contradictions in trust lists and in who gives out certificates. */
#include <string.h>

#include "conf/conf_int.h"

static bool is_client(const struct conf_ctl_file *c)
{
	return strcmp(c->name, CONF_CTL_CLIENT) == 0;
}

/* The line that an entry came from begins with this. */
static const char *line_of(const struct conf_ctl_entry *e)
{
	if (e->sast > 0)
		return e->sast == 1 ? "sast1" : "sast2";
	return addr_is_set(&e->server) ? "server {" : "record-entry";
}

static void find_trustpoints(struct parse *p, struct conf_ctl_file *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct conf_ctl_entry *e = &c->entry[i];

		e->trustpoint = conf_find_trustpoint(p->conf, e->name);
		if (e->trustpoint == NULL)
			complain(p, false, c, line_of(e),
				"write a section 'crypto pki trustpoint'",
				"there is no trustpoint %s", e->name);
		else if ((e->role == CONF_CTL_CUCM_TFTP ||
				 e->role == CONF_CTL_SELFSIGNED) &&
			 !conf_trustpoint_has_own(e->trustpoint))
			complain(p, false, c, line_of(e),
				"give it a certificate and key of ours",
				"trustpoint %s has no key to sign with",
				e->name);
	}
}

static size_t count(const struct conf_ctl_file *c, enum conf_ctl_role role)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->entry[i].role == role;
	return n;
}

static void check_complete(struct parse *p, const struct conf_ctl_file *c)
{
	size_t sasts = count(c, CONF_CTL_SELFSIGNED);

	if (sasts == 0)
		complain(p, false, c, "complete",
			is_client(c)
				? "add 'sast1 trustpoint NAME'"
				: "add 'record-entry selfsigned trustpoint "
				  "NAME'",
			"nothing signs trust list %s", c->name);
	if (sasts > 2)
		complain(p, false, c, "record-entry", "keep one or two",
			"trust list %s has %zu signers, and phones take two",
			c->name, sasts);
	if (count(c, CONF_CTL_CUCM_TFTP) == 0)
		complain(p, false, c, "complete",
			is_client(c)
				? "add 'server cucm-tftp ADDRESS trustpoint "
				  "NAME'"
				: "add 'record-entry cucm-tftp trustpoint "
				  "NAME'",
			"nothing signs the files of phones that trust %s",
			c->name);
}

static void check_client(struct parse *p, const struct conf_ctl_file *c)
{
	if (c->n > 1 && c->entry[1].sast == 2 &&
		strcmp(c->entry[0].name, c->entry[1].name) == 0)
		complain(p, false, c, "sast2", "give it another trustpoint",
			"sast1 and sast2 are one trustpoint: losing its key "
			"would lose both");
	if (c->nservers > 0 && c->trustpoint == NULL)
		complain(p, false, c, "server cme",
			"add 'trustpoint NAME' with their authorities",
			"nothing says which boxes to believe");
	else if (c->nservers > 0 && !conf_trustpoint_has_anchors(c->trustpoint))
		complain(p, false, c, "trustpoint",
			"add 'ca-bundle file PATH' to it",
			"trustpoint %s names no authorities that other boxes "
			"could be judged by",
			c->trustpoint->name);
}

static void check_credentials(struct parse *p)
{
	const struct conf *c = p->conf;
	struct conf_pos pos = c->credentials.pos;

	if (!addr_is_set(&c->credentials.source))
		conf_errs_add(p->errs, false, pos,
			"add 'ip source-address ADDRESS'",
			"credentials are offered nowhere");
	if (c->credentials.username == NULL ||
		c->credentials.secret.text == NULL)
		conf_errs_add(p->errs, false, pos,
			"add 'ctl-service admin USER secret 8 …'; `lineside "
			"ctl secret` makes it",
			"nobody may ask for these credentials");
	else if (!c->credentials.hashed && !c->credentials.secret.sealed)
		conf_errs_add(p->errs, true, pos,
			"`lineside ctl secret` makes a 'secret 8' of it",
			"the secret of user %s stands in clear in the "
			"configuration",
			c->credentials.username);
	if (c->credentials.trustpoint == NULL)
		conf_errs_add(p->errs, false, pos, "add 'trustpoint NAME'",
			"credentials have no certificate to show");
	else if (!conf_trustpoint_has_own(c->credentials.trustpoint))
		conf_errs_add(p->errs, false, pos,
			"give it a certificate and key of ours",
			"trustpoint %s has no certificate to show",
			c->credentials.trustpoint->name);
}

void check_ctl(struct parse *p)
{
	for (struct conf_ctl_file *c = p->conf->ctl_files; c != NULL;
		c = c->next) {
		find_trustpoints(p, c);
		if (c->complete)
			check_complete(p, c);
		check_client(p, c);
	}
	if (p->conf->credentials.on)
		check_credentials(p);
}

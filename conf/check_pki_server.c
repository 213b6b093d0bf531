/* Contradictions in a CA or RA of our own. */
#include <stdlib.h>

#include "conf/conf_int.h"

enum { MARGIN_DAYS = 30 }; /* IOS: a certificate ends a month before its CA */

static void check_root(struct parse *p, const struct conf_pki_server *s)
{
	if (s->cert_minutes / 1440 + MARGIN_DAYS > s->ca_days)
		complain(p, true, s, "lifetime certificate",
			"leave 30 days or more between them",
			"certificates of %s would outlive it: they end with "
			"the CA's own certificate",
			s->name);
	if (s->rollover_days >= s->ca_days)
		complain(p, false, s, "auto-rollover", "write fewer days",
			"the next certificate of %s would be made before the "
			"first",
			s->name);
	if (parse_was_set(p, s, "trustpoint"))
		complain(p, true, s, "trustpoint",
			"write 'mode sub-cs' or 'mode ra', or leave it out",
			"trustpoint has no effect: %s makes its own key and "
			"certificate",
			s->name);
}

/* Its request asks for what an authority needs. */
static void mark(struct parse *p, const struct conf_pki_server *s)
{
	for (struct conf_trustpoint *t = p->conf->trustpoints; t != NULL;
		t = t->next)
		if (t == s->trustpoint)
			t->authority = s->mode;
}

static void check_given(struct parse *p, struct conf_pki_server *s)
{
	const struct conf_trustpoint *t = s->trustpoint;
	const char *what = s->mode == CONF_CA_RA ? "RA" : "subordinate CA";

	if (t == NULL && !parse_was_set(p, s, "trustpoint"))
		t = s->trustpoint = conf_find_trustpoint(p->conf, s->name);
	if (t == NULL) {
		if (!parse_was_set(p, s, "trustpoint"))
			complain(p, false, s, "mode",
				"write a 'crypto pki trustpoint' of that name",
				"%s %s has no trustpoint: its certificate "
				"comes from another CA",
				what, s->name);
		return;
	}
	mark(p, s);
	if (t->key_url != NULL)
		complain(p, false, s, "mode", "keep that key in a file",
			"the key of %s %s is on a token, and SCEP needs the "
			"key itself",
			what, s->name);
	else if (t->key_kind == CONF_KEY_EC)
		complain(p, false, s, "mode", "write 'rsakeypair' there",
			"%s %s needs an RSA key: SCEP encrypts requests to it",
			what, s->name);
	if (s->mode == CONF_CA_RA && t->enrollment != CONF_ENROLL_SCEP)
		complain(p, false, s, "mode",
			"add 'enrollment url http://…' to the trustpoint",
			"trustpoint %s does not say which CA the RA %s stands "
			"in front of",
			t->name, s->name);
}

static void check_server(struct parse *p, struct conf_pki_server *s)
{
	if (s != p->conf->pki_servers)
		complain(p, false, s, "crypto", "remove one",
			"there is a crypto pki server %s already",
			p->conf->pki_servers->name);
	if (s->mode == CONF_CA_ROOT)
		check_root(p, s);
	else
		check_given(p, s);
	if (s->shutdown)
		return;
	if (!p->conf->http.server)
		complain(p, true, s, "crypto", "add 'ip http server'",
			"nobody can ask %s for a certificate", s->name);
	if (s->grant_auto && s->password.text == NULL)
		complain(p, true, s, "grant",
			"add 'challenge-password WORD', or write 'grant "
			"manual'",
			"everybody who reaches %s gets a certificate by any "
			"name",
			s->name);
}

void check_pki_servers(struct parse *p)
{
	for (struct conf_pki_server *s = p->conf->pki_servers; s != NULL;
		s = s->next)
		check_server(p, s);
	if (p->conf->http.server && p->conf->pki_servers == NULL)
		complain(p, true, p->conf, "ip http server",
			"write a 'crypto pki server', or remove the line",
			"ip http server has nothing to serve");
}

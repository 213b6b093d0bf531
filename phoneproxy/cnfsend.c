#include "phoneproxy/cnfsend.h"

#include <string.h>

#include "phoneproxy/signed/certfield.h"

static const char unknown[] = "no certificate of the phone is known";
static const char not_rsa[] =
	"the phone's certificate has no RSA key, and the format has no other";

static bool is_rsa(struct slice der)
{
	struct certfield c;
	bool ok;

	if (certfield_read(&c, der) != FAULT_NONE)
		return false;
	ok = c.rsa_size > 0;
	certfield_free(&c);
	return ok;
}

/* What was seen goes before what the operator gave: it is newer. */
static void find_cert(struct cnf_choice *out, const struct ppset *s,
	const struct phonecerts *certs, const char *device)
{
	const struct phonecert *seen = phonecerts_find(certs, device);

	if (seen != NULL) {
		out->cert = text_slice(&seen->der);
		out->how = phonecert_how_text(seen->how);
		return;
	}
	out->cert = ppset_phone_cert(s, device);
	out->how = "given by phone-certificate";
}

/* NULL: it can be encrypted. */
static const char *hindrance(const struct cnf_choice *c)
{
	if (c->cert.n == 0)
		return unknown;
	return is_rsa(c->cert) ? NULL : not_rsa;
}

static void for_encrypted(struct cnf_choice *out, enum conf_encrypted policy)
{
	out->why = policy == CONF_ENCRYPTED_NONE
			   ? "encrypted-config none: it gets the signed one"
			   : hindrance(out);
	out->way = out->why == NULL ? CNF_ENCRYPTED : CNF_NOT;
}

static void for_signed(struct cnf_choice *out, enum conf_encrypted policy)
{
	if (policy == CONF_ENCRYPTED_NONE)
		return;
	out->why = hindrance(out);
	if (out->why == NULL)
		out->way = CNF_SHORT;
	else if (policy == CONF_ENCRYPTED_REQUIRED)
		out->way = CNF_TO_CAPF;
}

void cnf_choose(struct cnf_choice *out, const struct ppset *s,
	const struct phonecerts *certs, const struct file_name *n, bool owner)
{
	enum conf_encrypted policy;

	*out = (struct cnf_choice){ .way = CNF_WHOLE };
	if (n->kind != FILE_CONFIG)
		return;
	policy = conf_pp_encrypted(s->keep, s->conf, n->device);
	find_cert(out, s, certs, n->device);
	if (s->list == NULL) { /* nothing signs */
		if (n->form == FORM_ENCRYPTED)
			out->way = CNF_NOT;
		out->why = "there is no ctl-file to sign by";
	} else if (n->form == FORM_ENCRYPTED) {
		for_encrypted(out, policy);
	} else if (!owner) {
		for_signed(out, policy);
	}
	if (out->way == CNF_SHORT || out->way == CNF_ENCRYPTED)
		cert_hash(out->cert, out->hash);
}

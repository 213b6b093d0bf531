/* Contradictions in trustpoints. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

enum { RSA_LEAST = 2048 };

static void check_files(struct parse *p, const struct conf_trustpoint *t)
{
	bool key = t->key_file != NULL || t->key_url != NULL;

	if (t->cert_file != NULL && !key)
		complain(p, false, t, "certificate", "add 'key file PATH'",
			"trustpoint %s has a certificate and no key", t->name);
	if (t->key_file != NULL && t->cert_file == NULL)
		complain(p, false, t, "key file", "add 'certificate file PATH'",
			"trustpoint %s has a key and no certificate", t->name);
	if (t->key_file != NULL && t->key_url != NULL)
		complain(p, false, t, "key url", "remove one of them",
			"trustpoint %s has two keys", t->name);
	if (t->key_pin_file != NULL && t->key_url == NULL)
		complain(p, true, t, "key pin-file", "add 'key url pkcs11:…'",
			"key pin-file has no effect: the key of trustpoint %s "
			"is not on a token",
			t->name);
	if (!key && t->cert_file == NULL && t->ca_file == NULL &&
		t->ca_trustpoint == NULL && t->enrollment == CONF_ENROLL_NONE)
		complain(p, false, t, "crypto",
			"add 'certificate file', 'key file' or 'ca-bundle "
			"file', or 'enrollment'",
			"trustpoint %s names no file", t->name);
	if (t->key_url != NULL && t->cert_file == NULL &&
		t->enrollment == CONF_ENROLL_NONE)
		complain(p, false, t, "key url",
			"add 'certificate file PATH' or 'enrollment'",
			"trustpoint %s has a key and no certificate", t->name);
}

static void check_key(struct parse *p, const struct conf_trustpoint *t)
{
	if (t->key_kind == CONF_KEY_RSA && t->key_bits != 0 &&
		t->key_bits < RSA_LEAST && !t->legacy.short_keys)
		complain(p, false, t, "rsakeypair",
			"write 2048 or more, or 'legacy until DAY short-keys'",
			"an RSA key of %u bits is too short: peers refuse it",
			t->key_bits);
	if (t->key_url != NULL && t->key_label != NULL)
		complain(p, true, t,
			t->key_kind == CONF_KEY_EC ? "eckeypair" : "rsakeypair",
			"remove it",
			"the key of trustpoint %s is on a token: the label has "
			"no effect",
			t->name);
	if (t->key_url != NULL && t->regenerate)
		complain(p, false, t, "auto-enroll",
			"write it without "
			"'regenerate'",
			"a key on a token is not made anew by us");
}

static void check_enrolment(struct parse *p, const struct conf_trustpoint *t)
{
	bool asks = t->enrollment == CONF_ENROLL_SCEP ||
		    t->enrollment == CONF_ENROLL_EST;

	if (t->auto_enroll && !asks && t->enrollment != CONF_ENROLL_SELFSIGNED)
		complain(p, true, t, "auto-enroll", "add 'enrollment url URL'",
			"auto-enroll has no effect: no authority is asked for "
			"the certificate of trustpoint %s",
			t->name);
	if (t->auto_enroll && asks && t->cert_file != NULL)
		complain(p, true, t, "auto-enroll", "remove 'certificate file'",
			"auto-enroll has no effect: the certificate of "
			"trustpoint %s is a file of the operator's",
			t->name);
	if (t->password.text != NULL && t->password_file != NULL)
		complain(p, false, t, "password file", "remove one of them",
			"trustpoint %s has two passwords", t->name);
	if (t->enrollment == CONF_ENROLL_EST &&
		!slice_casestarts(slice_str(t->url), "https://"))
		complain(p, false, t, "enrollment url",
			"write https:// (RFC 7030, 3.3)",
			"EST is spoken over TLS alone");
	if (t->enrollment == CONF_ENROLL_SCEP && t->key_url != NULL)
		complain(p, false, t, "key url",
			"add 'profile est' to 'enrollment url', or write "
			"'enrollment terminal'",
			"SCEP needs the private key itself, and that of "
			"trustpoint %s cannot leave its token",
			t->name);
	else if (t->enrollment == CONF_ENROLL_SCEP &&
		 t->key_kind == CONF_KEY_EC)
		complain(p, false, t, "eckeypair",
			"write 'rsakeypair', or add 'profile est' to "
			"'enrollment url'",
			"SCEP works with RSA keys only, since answers are "
			"encrypted to them");
	if (t->username != NULL && t->enrollment != CONF_ENROLL_EST)
		complain(p, true, t, "enrollment username",
			"add 'profile est' to 'enrollment url'",
			"enrollment username has no effect without EST");
}

/* The authorities of another, whose are another's, … */
static void check_loop(struct parse *p, const struct conf_trustpoint *t)
{
	const struct conf_trustpoint *at = t->ca_trustpoint;

	if (at == NULL)
		return;
	if (at == t || at->ca_trustpoint != NULL)
		complain(p, false, t, "ca-bundle trustpoint",
			"name one that has them itself",
			"trustpoint %s has the authorities of another, too",
			at->name);
	else if (!conf_trustpoint_has_anchors(at))
		complain(p, false, t, "ca-bundle trustpoint",
			"add 'ca-bundle file PATH' to it",
			"trustpoint %s names no authorities", at->name);
}

/* What a trustpoint is told of the rest, so that it is whole by itself. */
static void complete(const struct parse *p, struct conf_trustpoint *t)
{
	const struct conf *c = p->conf;

	t->at.cert = parse_where(p, t, "certificate file", t->pos);
	t->at.key = parse_where(p, t, "key ", t->pos);
	t->at.ca = parse_where(p, t, "ca-bundle file", t->pos);
	set_str(&t->state_directory, slice_str(c->state_directory));
	set_str(&t->hostname, slice_str(c->hostname));
	if (c->master_key_file != NULL)
		set_str(&t->master_key_file, slice_str(c->master_key_file));
	if (c->master_key_credential != NULL)
		set_str(&t->master_key_credential,
			slice_str(c->master_key_credential));
}

static const char *label_of(const struct conf_trustpoint *t)
{
	return t->key_label != NULL ? t->key_label : t->name;
}

/* One label is one key. */
static void check_shared(struct parse *p, const struct conf_trustpoint *t)
{
	for (const struct conf_trustpoint *o = p->conf->trustpoints; o != t;
		o = o->next) {
		if (!conf_trustpoint_stored(o) || !conf_trustpoint_stored(t) ||
			o->key_url != NULL || t->key_url != NULL ||
			strcmp(label_of(o), label_of(t)) != 0)
			continue;
		if (o->key_kind == t->key_kind &&
			(o->key_bits == t->key_bits || o->key_bits == 0 ||
				t->key_bits == 0))
			continue;
		complain(p, false, t,
			t->key_kind == CONF_KEY_EC ? "eckeypair" : "rsakeypair",
			"use another label, or the same kind and size",
			"the key %s is of another kind or size in trustpoint "
			"%s",
			label_of(t), o->name);
	}
}

static void check_secrets(struct parse *p)
{
	const struct conf *c = p->conf;

	if (c->password_encryption && c->master_key_file == NULL &&
		c->master_key_credential == NULL)
		complain(p, false, c, "password encryption",
			"add 'pki master-key file PATH'",
			"there is no master key to encrypt passwords with");
}

void check_trustpoints(struct parse *p)
{
	check_secrets(p);
	for (struct conf_trustpoint *t = p->conf->trustpoints; t != NULL;
		t = t->next) {
		complete(p, t);
		check_files(p, t);
		check_key(p, t);
		check_enrolment(p, t);
		check_loop(p, t);
		check_shared(p, t);
	}
}

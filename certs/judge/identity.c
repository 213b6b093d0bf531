/*
 * From a certificate to a device: which of its names counts, by the
 * listener's rules.
 */
#include "certs/judge/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/x509/crt.h"
#include "conf/conf.h"

enum { NAME_MAX_BYTES = 255, LINE_MAX_BYTES = 256 };

static void identity_free(void *p)
{
	struct identity *id = p;

	for (size_t i = 0; i < id->nsans; i++)
		free(id->san[i].value);
	free(id->cn);
	free(id->serial);
	free(id->issuer);
	free(id->subject);
	free(id->line);
	free(id->device);
}

struct identity *identity_none(void)
{
	struct identity *id = obj_new(sizeof(*id), identity_free);

	id->device = mem_dup("");
	id->subject = mem_dup("");
	id->issuer = mem_dup("");
	id->serial = mem_dup("");
	return id;
}

/*
 * A name that displays as something else than it compares as is no name:
 * "SEP1\0.evil.example" passed for "SEP1" in more than one product.
 */
static int take_name(
	char **out, struct slice name, const char *what, char **why)
{
	struct text clean = { 0 };
	bool fine = crt_clean(slice_head(name, NAME_MAX_BYTES), &clean) &&
		    name.n > 0 && name.n <= NAME_MAX_BYTES;

	if (fine) {
		*out = text_take(&clean);
		return 0;
	}
	*why = mem_printf("the certificate's %s \"%.*s\" is %s", what,
		SLICE_ARG(text_slice(&clean)),
		name.n == 0		  ? "empty"
		: name.n > NAME_MAX_BYTES ? "too long"
					  : "not plain text (control "
					    "characters or NUL in it)");
	text_free(&clean);
	return EACCES;
}

struct collect {
	struct identity *id;
	char **why;
	int err;
};

static bool take_san(void *arg, unsigned type, struct slice value)
{
	struct collect *c = arg;
	struct identity *id = c->id;
	enum conf_id_field field;

	if (type == GNUTLS_SAN_DNSNAME)
		field = CONF_ID_SAN_DNS;
	else if (type == GNUTLS_SAN_URI)
		field = CONF_ID_SAN_URI;
	else if (type == GNUTLS_SAN_RFC822NAME)
		field = CONF_ID_SAN_EMAIL;
	else
		return true;
	if (id->nsans == IDENTITY_SANS_MAX)
		return false;
	c->err = take_name(
		&id->san[id->nsans].value, value, "alternative name", c->why);
	if (c->err != 0)
		return false;
	id->san[id->nsans++].field = field;
	return true;
}

static int collect_names(struct identity *id, gnutls_x509_crt_t crt, char **why)
{
	struct collect c = { .id = id, .why = why };
	char *cn = NULL;
	size_t n = 0;
	int err = crt_common_name(crt, &cn, &n);

	if (err == 0)
		err = take_name(&id->cn, slice_of(cn, n), "common name", why);
	else if (err == ENOENT)
		err = 0;
	else
		*why = mem_dup("the certificate has several common names, or "
			       "one that cannot be read");
	free(cn);
	if (err != 0)
		return EACCES;
	if (crt_each_san(crt, take_san, &c) != 0) {
		*why = mem_dup("the certificate's alternative names cannot be "
			       "read");
		return EACCES;
	}
	return c.err;
}

/* The names of one kind, CN first, in the certificate's order. */
static const char *name_at(
	const struct identity *id, enum conf_id_field field, size_t *i)
{
	if (field == CONF_ID_CN)
		return (*i)++ == 0 ? id->cn : NULL;
	while (*i < id->nsans) {
		size_t at = (*i)++;

		if (id->san[at].field == field)
			return id->san[at].value;
	}
	return NULL;
}

static bool rule_matches(
	struct identity *id, const struct conf_id_class *class, size_t rule)
{
	struct conf_id_class one = *class;
	char line[LINE_MAX_BYTES] = "";
	const char *name;
	size_t i = 0;

	one.rule = &class->rule[rule];
	one.n = 1;
	while ((name = name_at(id, one.rule->field, &i)) != NULL) {
		if (conf_identity_match(&one, one.rule->field, slice_str(name),
			    line, sizeof(line)) != 0)
			continue;
		free(id->device);
		id->device = mem_dup(name);
		id->line = line[0] != '\0' ? mem_dup(line) : NULL;
		return true;
	}
	return false;
}

/* Patterns are case-sensitive, people are not. */
static bool differs_in_case(const struct conf_id_class *rules,
	enum conf_id_field field, const char *name)
{
	char line[LINE_MAX_BYTES];
	char *other = mem_dup(name);
	bool found = false;

	for (int upper = 0; upper <= 1 && !found; upper++) {
		for (char *s = other; *s != '\0'; s++)
			if (upper && *s >= 'a' && *s <= 'z')
				*s = (char)(*s - 'a' + 'A');
			else if (!upper && *s >= 'A' && *s <= 'Z')
				*s = (char)(*s - 'A' + 'a');
		found = conf_identity_match(rules, field, slice_str(other),
				line, sizeof(line)) == 0;
	}
	free(other);
	return found;
}

static char *names_tried(
	const struct identity *id, const struct conf_id_class *rules)
{
	static const char *const kind[] = { "CN", "DNS", "URI", "email" };
	struct text t = { 0 };
	const char *sep = "";

	text_printf(&t, "no rule of phone-identity %u matches ", rules->tag);
	for (unsigned field = CONF_ID_CN; field <= CONF_ID_SAN_EMAIL; field++) {
		const char *name;
		size_t i = 0;

		while ((name = name_at(id, field, &i)) != NULL && t.n < 400) {
			text_printf(&t, "%s%s \"%s\"%s", sep, kind[field], name,
				differs_in_case(rules, field, name)
					? " (it would but for upper and lower "
					  "case)"
					: "");
			sep = ", ";
		}
	}
	if (sep[0] == '\0')
		text_printf(&t, "a certificate without any name");
	return text_take(&t);
}

static int choose_device(
	struct identity *id, const struct conf_id_class *rules, char **why)
{
	if (rules != NULL) {
		for (size_t i = 0; i < rules->n; i++)
			if (rule_matches(id, rules, i))
				return 0;
		*why = names_tried(id, rules);
		return EACCES;
	}
	if (id->cn == NULL && id->nsans == 0) {
		*why = mem_dup("the certificate has neither a common name nor "
			       "an alternative name");
		return EACCES;
	}
	free(id->device);
	id->device = mem_dup(id->cn != NULL ? id->cn : id->san[0].value);
	return 0;
}

static struct identity *describe(gnutls_x509_crt_t crt)
{
	struct identity *id = obj_new(sizeof(*id), identity_free);

	id->certified = true;
	id->device = mem_dup("");
	id->subject = crt_subject_dup(crt);
	id->issuer = crt_issuer_dup(crt);
	id->serial = crt_serial_dup(crt);
	id->not_before = gnutls_x509_crt_get_activation_time(crt);
	id->not_after = gnutls_x509_crt_get_expiration_time(crt);
	crt_fingerprint(crt, id->sha256);
	return id;
}

int identity_from_der(struct identity **out, const gnutls_datum_t *der,
	const struct conf_id_class *rules, char **why)
{
	gnutls_x509_crt_t crt;
	struct identity *id;
	int err;

	*out = NULL;
	*why = NULL;
	if (crt_import(&crt, der) != 0) {
		*why = mem_dup("the certificate cannot be read");
		return EACCES;
	}
	id = describe(crt);
	err = collect_names(id, crt, why);
	gnutls_x509_crt_deinit(crt);
	if (err == 0)
		err = choose_device(id, rules, why);
	if (err != 0)
		id = obj_unref(id);
	*out = id;
	return err;
}

static void describe_tls(struct identity *id, gnutls_session_t s)
{
	gnutls_protocol_t version = gnutls_protocol_get_version(s);
	const char *name = gnutls_protocol_get_name(version);
	const char *cipher = gnutls_cipher_get_name(gnutls_cipher_get(s));
	const char *group = gnutls_group_get_name(gnutls_group_get(s));

	(void)snprintf(id->tls_version, sizeof(id->tls_version), "%s",
		name != NULL ? name : "?");
	(void)snprintf(id->tls_cipher, sizeof(id->tls_cipher), "%s%s%s",
		cipher != NULL ? cipher : "?", group != NULL ? " ECDHE-" : "",
		group != NULL ? group : "");
}

int identity_from_session(struct identity **out, gnutls_session_t s,
	const uint8_t anchor[32], const struct conf_id_class *rules, char **why)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = NULL;
	int err = 0;

	*why = NULL;
	if (gnutls_certificate_type_get2(s, GNUTLS_CTYPE_PEERS) ==
		GNUTLS_CRT_X509)
		chain = gnutls_certificate_get_peers(s, &n);
	if (chain != NULL && n > 0)
		err = identity_from_der(out, &chain[0], rules, why);
	else
		*out = identity_none();
	if (err == 0)
		describe_tls(*out, s);
	if (err == 0 && anchor != NULL)
		memcpy((*out)->anchor, anchor, sizeof((*out)->anchor));
	return err;
}

bool identity_same_device(const struct identity *a, const struct identity *b)
{
	if (!a->certified || !b->certified)
		return false;
	if (memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0)
		return true;
	return strcmp(a->device, b->device) == 0 &&
	       strcmp(a->issuer, b->issuer) == 0 &&
	       memcmp(a->anchor, b->anchor, sizeof(a->anchor)) == 0;
}

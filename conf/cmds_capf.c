/* capf-server and tvs-server: the phones' certificates, and whom they ask
 * about others'. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

enum { CAPF_SESSIONS = 100, CAPF_PER_SOURCE = 20, CAPF_PER_MINUTE = 60 };

static void set_capf_on(struct line *l)
{
	l->p->conf->capf.on = !l->no && !l->def;
	l->p->conf->capf.pos = l->pos;
}

static void set_tvs_on(struct line *l)
{
	l->p->conf->tvs.on = !l->no && !l->def;
	l->p->conf->tvs.pos = l->pos;
}

/* ---- source-addr ---- */

static struct addr address_of(const struct line *l)
{
	const struct word *w = line_arg(l, 0);
	struct addr a = { 0 };

	if (!l->no && !l->def)
		need(addr_parse(&a, w->text, 0) == 0); /* was checked */
	return a;
}

static void set_capf_source(struct line *l)
{
	l->p->conf->capf.source = address_of(l);
}

static void set_tvs_source(struct line *l)
{
	l->p->conf->tvs.source = address_of(l);
}

static void show_source(const struct show *s, const struct addr *a)
{
	char host[ADDR_TEXT];

	if (addr_is_set(a))
		show_line(s, "source-addr %s", addr_host(a, host));
}

static void show_capf_source(const struct show *s, const struct cmd *row)
{
	(void)row;
	show_source(s, &s->conf->capf.source);
}

static void show_tvs_source(const struct show *s, const struct cmd *row)
{
	(void)row;
	show_source(s, &s->conf->tvs.source);
}

/* ---- auth-mode ---- */

static const char *const auth_words[] = { "none", "auth-string", "null-string",
	"LSC", "MIC" };

static enum conf_capf_auth auth_of(struct slice w)
{
	enum conf_capf_auth a = CONF_CAPF_AUTH_NONE;

	while (a < CONF_CAPF_MIC && !slice_eq_str(w, auth_words[a]))
		a++;
	return a;
}

static void set_auth(struct line *l)
{
	enum conf_capf_auth *a = &l->p->conf->capf.auth;

	*a = l->no || l->def ? CONF_CAPF_AUTH_NONE : auth_of(l->cap[1].text);
}

static void show_auth(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->capf.auth != CONF_CAPF_AUTH_NONE)
		show_line(s, "auth-mode %s", auth_words[s->conf->capf.auth]);
}

/* ---- the phones' keys ---- */

static void set_key_size(struct line *l)
{
	struct conf *c = l->p->conf;

	c->capf.key_bits = 2048;
	c->capf.key_kind = CONF_KEY_RSA;
	if (!l->no && !l->def)
		c->capf.key_bits =
			(unsigned)strtoul(l->cap[1].text.p, NULL, 10);
}

static void set_curve(struct line *l)
{
	struct conf *c = l->p->conf;

	if (l->def)
		return; /* phone-key-size says what is so */
	c->capf.key_kind = l->no ? CONF_KEY_RSA : CONF_KEY_EC;
	c->capf.key_bits =
		l->no ? 2048 : (unsigned)strtoul(l->cap[1].text.p, NULL, 10);
}

static void show_key_size(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->capf.key_kind == CONF_KEY_RSA &&
		s->conf->capf.key_bits != 2048)
		show_line(s, "phone-key-size %u", s->conf->capf.key_bits);
}

static void show_curve(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->capf.key_kind == CONF_KEY_EC)
		show_line(s, "phone-key-curve %u", s->conf->capf.key_bits);
}

/* ---- cert-oper ---- */

static const char *const oper_words[] = { "", "upgrade", "fetch", "delete" };

static enum conf_capf_oper oper_of(struct slice w)
{
	enum conf_capf_oper o = CONF_CAPF_UPGRADE;

	while (o < CONF_CAPF_DELETE && !slice_eq_str(w, oper_words[o]))
		o++;
	return o;
}

static void set_oper(struct line *l)
{
	enum conf_capf_oper *o = &l->p->conf->capf.oper;

	*o = l->no || l->def ? CONF_CAPF_NOTHING : oper_of(l->cap[1].text);
}

static void show_oper(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->capf.oper != CONF_CAPF_NOTHING)
		show_line(
			s, "cert-oper %s all", oper_words[s->conf->capf.oper]);
}

static struct conf_capf_phone *find_phone(struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->capf.nphones; i++)
		if (strcmp(c->capf.phone[i].name, name) == 0)
			return &c->capf.phone[i];
	return NULL;
}

static struct conf_capf_phone *add_phone(struct conf *c, const char *name)
{
	struct conf_capf_phone *f;

	c->capf.phone = mem_resize(
		c->capf.phone, c->capf.nphones + 1, sizeof(*c->capf.phone));
	f = &c->capf.phone[c->capf.nphones++];
	*f = (struct conf_capf_phone){ .oper = CONF_CAPF_NOTHING };
	memcpy(f->name, name, CONF_PHONE_NAME);
	return f;
}

static void remove_phone(struct conf *c, struct conf_capf_phone *f)
{
	size_t i = (size_t)(f - c->capf.phone);

	memmove(f, f + 1, (c->capf.nphones - i - 1) * sizeof(*f));
	c->capf.nphones--;
}

static void set_phone(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *w = line_after(l, "phone");
	const struct word *auth =
		line_has(l, "auth-mode") ? &l->cap[l->n - 1] : NULL;
	char name[CONF_PHONE_NAME];
	struct conf_capf_phone *f;

	if (l->def && l->n == 0) {
		c->capf.nphones = 0;
		return;
	}
	if (!line_phone(l, w, name))
		return;
	f = find_phone(c, name);
	if (l->no || l->def) {
		if (f != NULL)
			remove_phone(c, f);
		return;
	}
	if (f == NULL)
		f = add_phone(c, name);
	f->oper = oper_of(l->cap[1].text);
	f->auth_set = auth != NULL;
	f->auth = auth != NULL ? auth_of(auth->text) : CONF_CAPF_AUTH_NONE;
}

static void show_phones(const struct show *s, const struct cmd *row)
{
	(void)row;
	for (size_t i = 0; i < s->conf->capf.nphones; i++) {
		const struct conf_capf_phone *f = &s->conf->capf.phone[i];

		if (f->auth_set)
			show_line(s, "cert-oper %s phone %s auth-mode %s",
				oper_words[f->oper], f->name,
				auth_words[f->auth]);
		else
			show_line(s, "cert-oper %s phone %s",
				oper_words[f->oper], f->name);
	}
}

/* ---- max-sessions ---- */

static void set_sessions(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *per = line_after(l, "per-source");
	const struct word *rate = line_after(l, "per-minute");

	c->capf.max_sessions = CAPF_SESSIONS;
	c->capf.max_per_source = CAPF_PER_SOURCE;
	c->capf.max_per_minute = CAPF_PER_MINUTE;
	if (l->no || l->def)
		return;
	c->capf.max_sessions = (unsigned)line_arg(l, 0)->number;
	if (per != NULL)
		c->capf.max_per_source = (unsigned)per->number;
	if (rate != NULL)
		c->capf.max_per_minute = (unsigned)rate->number;
}

static void show_sessions(const struct show *s, const struct cmd *row)
{
	const struct conf *c = s->conf;

	(void)row;
	if (c->capf.max_sessions != CAPF_SESSIONS ||
		c->capf.max_per_source != CAPF_PER_SOURCE ||
		c->capf.max_per_minute != CAPF_PER_MINUTE)
		show_line(s, "max-sessions %u per-source %u per-minute %u",
			c->capf.max_sessions, c->capf.max_per_source,
			c->capf.max_per_minute);
}

/* ---- tvs-server ---- */

static const struct {
	const char *word;
	uint8_t code; /* in trust lists */
} roles[] = {
	{ "sast", 0 },
	{ "call-manager", 1 },
	{ "call-manager-tftp", 2 },
	{ "tftp", 3 },
	{ "capf", 4 },
	{ "application", 7 },
	{ "tvs", 21 },
};

static uint8_t role_code(struct slice w)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(roles) && !slice_eq_str(w, roles[i].word))
		i++;
	return roles[i].code;
}

static const char *role_word(uint8_t code)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(roles) && roles[i].code != code)
		i++;
	return roles[i].word;
}

static void set_answer(struct line *l)
{
	struct conf *c = l->p->conf;
	struct conf_tvs_answer *a;

	if (l->def && l->n == 0) {
		c->tvs.nanswers = 0;
		return;
	}
	if (l->no || l->def) {
		line_error(l, NULL,
			"write 'no tvs-server' and the section anew",
			"answers are not taken back one by one");
		return;
	}
	if (c->tvs.nanswers == CONF_TVS_ANSWERS_MAX) {
		line_error(l, NULL, NULL, "there are %d answers already",
			CONF_TVS_ANSWERS_MAX);
		return;
	}
	a = &c->tvs.answer[c->tvs.nanswers++];
	a->role = role_code(l->cap[l->n - 1].text);
	set_ref(l, &a->trustpoint, M_TRUSTPOINT, line_arg(l, 0));
}

static void show_answers(const struct show *s, const struct cmd *row)
{
	(void)row;
	for (size_t i = 0; i < s->conf->tvs.nanswers; i++)
		show_line(s, "answer trustpoint %s role %s",
			s->conf->tvs.answer[i].trustpoint->name,
			role_word(s->conf->tvs.answer[i].role));
}

/* clang-format off */
#define AUTH "{auth-string|LSC|MIC|none|null-string}"
#define PORT_HELP "The TCP port"

const struct cmd capf_global_cmds[] = {
	{ "capf-server", K_ENTER, .enter = M_CAPF, .set = set_capf_on,
	  .help = "Gives phones their certificates" },
	{ "tvs-server", K_ENTER, .enter = M_TVS, .set = set_tvs_on,
	  .help = "Tells phones which certificates are good" },
	{ NULL },
};

const struct cmd capf_cmds[] = {
	{ "port <2000-9999>", K_UINT, F(conf, capf.port), .def = 3804,
	  .help = PORT_HELP },
	{ "source-addr {A.B.C.D|X:X::X}", K_FN, .set = set_capf_source,
	  .show = show_capf_source, .help = "The address that it listens on",
	  .more = "Default: every IPv4 address." },
	{ "source addr {A.B.C.D|X:X::X}", K_FN, .flags = C_HIDDEN,
	  .set = set_capf_source, .help = "Another spelling of source-addr" },
	{ "trustpoint-label NAME", K_REF, F_PTR(conf, capf.trustpoint),
	  .enter = M_TRUSTPOINT, .help = "What it shows to phones",
	  .more = "Its certificate must be in the phones' trust list with the "
		  "role CAPF." },
	{ "cert-enroll-trustpoint NAME", K_STR, F_PTR(conf, capf.issuer_name),
	  .help = "Who signs the phones' certificates",
	  .more = "The name of a `crypto pki server`, a CA or an RA: its "
		  "policy, its database and its CRL are those of the phones' "
		  "certificates, too. Or a trustpoint with the certificate and "
		  "the key of a CA. Where phones speak SIP over TLS, the CA's "
		  "certificate goes into the `ca-bundle` of the listener's "
		  "trustpoint." },
	{ "cert-enroll-password [0|6|7] WORD", K_FN,
	  F_PTR(conf, capf.password), .set = set_secret, .show = show_secret,
	  .help = "The challenge password of that `crypto pki server`",
	  .more = "In clear, or after `6` as `lineside pki password encrypt` "
		  "prints it." },
	{ "cert-enroll-trustpoint NAME password LINE", K_REFUSED,
	  .more = "write 'cert-enroll-trustpoint NAME', and "
		  "'cert-enroll-password [0|6] WORD' below it" },
	{ "mic-trustpoint NAME", K_REF, F_PTR(conf, capf.mic),
	  .enter = M_TRUSTPOINT,
	  .help = "Whose manufacturer's certificates prove a phone",
	  .more = "For `auth-mode MIC`: its `ca-bundle` holds the roots, and "
		  "`legacy` says what is forgiven them." },
	{ "auth-mode " AUTH, K_FN, .set = set_auth, .show = show_auth,
	  .help = "How a phone proves who it is",
	  .more = "`auth-string`: digits that its user types, see `lineside "
		  "capf-server auth-string generate`. `null-string`: not at "
		  "all. `LSC`, `MIC`: by the certificate that it has. `none`, "
		  "the default: nothing is given to phones." },
	{ "phone-key-size {1024|2048|3072|4096}", K_FN, .set = set_key_size,
	  .show = show_key_size, .help = "The RSA keys that phones make",
	  .more = "Default: 2048. Those of 1024 bits are refused by SIP over "
		  "TLS unless the trustpoint there says `legacy`." },
	{ "phone-key-size 512", K_REFUSED, .more = "write 'phone-key-size "
		  "2048', or 1024 for the oldest phones" },
	{ "phone-key-curve {256|384|521}", K_FN, .set = set_curve,
	  .show = show_curve,
	  .help = "The phones' keys are ECDSA",
	  .more = "For phones whose trust list says so." },
	{ "keygen-retry <0-100>", K_UINT, F(conf, capf.keygen_retry), .def = 3,
	  .help = "How often a phone may say that it still works on its key" },
	{ "keygen-timeout <1-120>", K_UINT, F(conf, capf.keygen_minutes),
	  .def = 30, .help = "Minutes that it may work on it each time" },
	{ "cert-lifetime <1-3560>", K_UINT, F(conf, capf.cert_days), .def = 365,
	  .help = "Days that phones' certificates are valid",
	  .more = "Not longer than the CA's own." },
	{ "cert-oper {upgrade|fetch|delete} all", K_FN, .set = set_oper,
	  .show = show_oper, .help = "What is done with each phone",
	  .more = "Once for each; `upgrade` again when a certificate is about "
		  "to expire. Without it, with phones that an authentication "
		  "string or `cert-oper … phone` was made for." },
	{ "cert-oper {upgrade|fetch|delete} phone WORD [auth-mode " AUTH "]",
	  K_FN, .set = set_phone, .show = show_phones,
	  .help = "What is done with one phone",
	  .more = "By its name, like SEP001122334455." },
	{ "max-sessions <1-10000> [per-source <1-10000>] "
	  "[per-minute <1-100000>]", K_FN, .set = set_sessions,
	  .show = show_sessions, .help = "Sessions at a time",
	  .more = "In all, from one address, and how many new ones of one "
		  "address. Default: 100, 20, 60." },
	{ "auth-string LINE", K_REFUSED,
	  .more = "that is a command: `lineside capf-server auth-string …`" },
	{ NULL },
};

const struct cmd tvs_cmds[] = {
	{ "port <1024-65535>", K_UINT, F(conf, tvs.port), .def = 2445,
	  .help = PORT_HELP },
	{ "source-addr {A.B.C.D|X:X::X}", K_FN, .set = set_tvs_source,
	  .show = show_tvs_source, .help = "The address that it listens on",
	  .more = "Default: every IPv4 address." },
	{ "trustpoint-label NAME", K_REF, F_PTR(conf, tvs.trustpoint),
	  .enter = M_TRUSTPOINT, .help = "What it shows to phones",
	  .more = "Its certificate must be in the phones' trust list with the "
		  "role TVS." },
	{ "answer trustpoint NAME role {sast|call-manager|call-manager-tftp|"
	  "tftp|capf|application|tvs}", K_FN, .set = set_answer,
	  .show = show_answers, .help = "A certificate that is good",
	  .more = "The trustpoint's own, and its authorities. As many lines "
		  "as needed, several for one trustpoint with several roles." },
	{ "ttl <1-2592000>", K_UINT, F(conf, tvs.ttl), .def = 86400,
	  .help = "Seconds that phones remember an answer" },
	{ NULL },
};
/* clang-format on */

/*
 * What a voice-phone-proxy tells its phones to protect, for all and for one:
 * security mode, encrypted configuration files, settings that are turned off.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/cmds_phone_proxy.h"

static bool reset(const struct line *l)
{
	return l->no || l->def;
}

/* ---- phones ---- */

static const struct conf_pp_phone *find_phone(
	const struct conf_phone_proxy *x, const char *name)
{
	for (size_t i = 0; name != NULL && i < x->nphones; i++)
		if (strcmp(x->phone[i].name, name) == 0)
			return &x->phone[i];
	return NULL;
}

/* That of the line, made when there is none; NULL: the line is wrong. */
static struct conf_pp_phone *line_of(struct line *l, const char *keyword)
{
	struct conf_phone_proxy *x = l->obj;
	char name[CONF_PHONE_NAME];

	if (!line_phone(l, line_after(l, keyword), name))
		return NULL;
	for (size_t i = 0; i < x->nphones; i++)
		if (strcmp(x->phone[i].name, name) == 0)
			return &x->phone[i];
	x->phone = mem_resize(x->phone, x->nphones + 1, sizeof(*x->phone));
	struct conf_pp_phone *f = &x->phone[x->nphones++];

	*f = (struct conf_pp_phone){ .mode_set = false };
	memcpy(f->name, name, sizeof(name));
	return f;
}

/* ---- device-security-mode ---- */

static const char *const mode_words[] = { "none", "authenticated",
	"encrypted" };

static size_t word_of(const struct line *l, const char *const *words)
{
	size_t i = 0;

	while (!line_has(l, words[i]))
		i++;
	return i;
}

enum conf_device_mode conf_pp_mode(
	const struct conf_phone_proxy *x, const char *phone)
{
	const struct conf_pp_phone *f = find_phone(x, phone);

	if (f != NULL && f->mode_set)
		return f->mode;
	if (x->mode_set)
		return x->mode;
	return x->access_secure ? CONF_DEVICE_ENCRYPTED : CONF_DEVICE_NONE;
}

static void set_mode(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;

	x->mode_set = !reset(l);
	if (!reset(l))
		x->mode = (enum conf_device_mode)word_of(l, mode_words);
}

static void show_mode(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	if (x->mode_set)
		show_line(s, "device-security-mode %s", mode_words[x->mode]);
}

static void set_phone_mode(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	struct conf_pp_phone *f;

	if (line_after(l, "phone") == NULL) { /* all of them */
		for (size_t i = 0; i < x->nphones; i++)
			x->phone[i].mode_set = false;
		return;
	}
	f = line_of(l, "phone");
	if (f == NULL)
		return;
	f->mode_set = !reset(l);
	if (!reset(l))
		f->mode = (enum conf_device_mode)word_of(l, mode_words);
}

static void show_phone_modes(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	for (size_t i = 0; i < x->nphones; i++)
		if (x->phone[i].mode_set)
			show_line(s, "device-security-mode %s phone %s",
				mode_words[x->phone[i].mode], x->phone[i].name);
}

/* ---- encrypted-config ---- */

static const char *const enc_words[] = { "none", "known", "required" };

/*
 * A relayed CAPF gives phones new keys and we do not see them: a file for the
 * old one would leave the phone without any.
 */
enum conf_encrypted conf_pp_encrypted(const struct conf *c,
	const struct conf_phone_proxy *x, const char *phone)
{
	const struct conf_pp_phone *f = find_phone(x, phone);

	if (f != NULL && f->encrypted_set)
		return f->encrypted;
	if (x->encrypted_set)
		return x->encrypted;
	return x->ncapfs > 0 && !c->capf.on ? CONF_ENCRYPTED_NONE
					    : CONF_ENCRYPTED_KNOWN;
}

static void set_encrypted(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;

	x->encrypted_set = !l->def;
	x->encrypted = l->no || l->def
			       ? CONF_ENCRYPTED_NONE
			       : (enum conf_encrypted)word_of(l, enc_words);
}

static void show_encrypted(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	if (x->encrypted_set)
		show_line(s, "encrypted-config %s", enc_words[x->encrypted]);
}

static void set_phone_encrypted(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	struct conf_pp_phone *f;

	if (line_after(l, "phone") == NULL) {
		for (size_t i = 0; i < x->nphones; i++)
			x->phone[i].encrypted_set = false;
		return;
	}
	f = line_of(l, "phone");
	if (f == NULL)
		return;
	f->encrypted_set = !reset(l);
	if (!reset(l))
		f->encrypted = (enum conf_encrypted)word_of(l, enc_words);
}

static void show_phone_encrypted(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	for (size_t i = 0; i < x->nphones; i++)
		if (x->phone[i].encrypted_set)
			show_line(s, "encrypted-config %s phone %s",
				enc_words[x->phone[i].encrypted],
				x->phone[i].name);
}

/* ---- phone-certificate ---- */

static void set_cert(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	const struct word *file = line_after(l, "file");
	struct conf_pp_phone *f;

	if (line_after(l, "phone-certificate") == NULL) {
		for (size_t i = 0; i < x->nphones; i++)
			set_str(&x->phone[i].cert_file,
				(struct slice){ .p = NULL });
		return;
	}
	f = line_of(l, "phone-certificate");
	if (f != NULL)
		set_str(&f->cert_file, reset(l) || file == NULL
					       ? (struct slice){ .p = NULL }
					       : file->text);
}

static void show_certs(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	for (size_t i = 0; i < x->nphones; i++) {
		if (x->phone[i].cert_file == NULL)
			continue;
		fprintf(s->out, "%*sphone-certificate %s file ", (int)s->indent,
			"", x->phone[i].name);
		lex_quote(s->out, x->phone[i].cert_file);
		fputc('\n', s->out);
	}
}

/* ---- disable service-settings, one by one ---- */

static const char *const setting_words[CONF_PP_SETTINGS] = { "pc-port",
	"gratuitous-arp", "voice-vlan-access", "web-access",
	"span-to-pc-port" };

static void set_setting(struct line *l)
{
	struct conf_phone_proxy *x = l->obj;
	const struct word *value = line_after(l, "value");
	enum conf_pp_setting *v;

	if (l->def && l->n == 0) {
		memset(x->setting, 0, sizeof(x->setting)); /* inherit */
		return;
	}
	v = &x->setting[word_of(l, setting_words)];
	if (l->def)
		*v = CONF_SETTING_INHERIT;
	else if (l->no)
		*v = CONF_SETTING_LEFT;
	else
		*v = value != NULL && value->number == 0 ? CONF_SETTING_0
							 : CONF_SETTING_1;
}

static void show_settings(const struct show *s, const struct cmd *row)
{
	const struct conf_phone_proxy *x = s->obj;

	(void)row;
	for (size_t i = 0; i < CONF_PP_SETTINGS; i++)
		if (x->setting[i] == CONF_SETTING_LEFT)
			show_line(s, "no disable service-settings %s",
				setting_words[i]);
		else if (x->setting[i] != CONF_SETTING_INHERIT)
			show_line(s, "disable service-settings %s value %d",
				setting_words[i],
				x->setting[i] == CONF_SETTING_1);
}

/* clang-format off */
#define MODE "{authenticated|encrypted|none}"
#define ENCRYPTED "{known|none|required}"

const struct cmd phone_policy_cmds[] = {
	{ "device-security-mode " MODE, K_FN, .set = set_mode,
	  .show = show_mode, .help = "What phones are told to protect",
	  .more = "`encrypted`: TLS and SRTP, as `access-secure` says. "
		  "`authenticated`: TLS that proves who speaks and need "
		  "hide nothing, no SRTP. `none`: neither." },
	{ "device-security-mode " MODE " phone WORD", K_FN,
	  .set = set_phone_mode, .show = show_phone_modes,
	  .help = "What one phone is told to protect",
	  .more = "By its name, like SEP001122334455. Goes before what is "
		  "said for all." },
	{ "encrypted-config " ENCRYPTED, K_FN, .set = set_encrypted,
	  .show = show_encrypted,
	  .help = "Configuration files that only the phone can read",
	  .more = "`known`: for phones whose certificate is known, by CAPF, "
		  "by TLS or by `phone-certificate`; the others get theirs "
		  "signed. `required`: the others get none but the way to "
		  "CAPF. `none`: for nobody. Default: `known`; where CAPF is "
		  "relayed to the call manager, `none`, since then phones get "
		  "new keys that we do not see." },
	{ "encrypted-config " ENCRYPTED " phone WORD", K_FN,
	  .set = set_phone_encrypted, .show = show_phone_encrypted,
	  .help = "The same for one phone" },
	{ "phone-certificate WORD file PATH", K_FN, .set = set_cert,
	  .show = show_certs, .help = "The certificate of one phone",
	  .more = "PEM or DER. Its configuration is encrypted for it until a "
		  "newer one is seen." },
	{ "disable service-settings {pc-port|gratuitous-arp|voice-vlan-access|"
	  "web-access|span-to-pc-port} [value <0-1>]", K_FN,
	  .set = set_setting, .show = show_settings,
	  .help = "One of these settings, and what is written for it",
	  .more = "Default value: 1, which turns it off; sources differ about "
		  "voice-vlan-access, where some firmware wants 0. With `no`, "
		  "that one stays as the call manager has it." },
	{ NULL },
};
/* clang-format on */

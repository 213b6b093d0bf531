/* key generate, list, zeroize, seal. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/store/seal.h"
#include "pki/pki_int.h"

struct wanted {
	enum conf_key_kind kind;
	unsigned bits;
	const char *label;
	bool exportable;
};

static bool valued(
	const struct pki *p, int *i, const char *word, const char **value)
{
	if (strcmp(p->word[*i], word) != 0 || *i + 1 == p->n)
		return false;
	*value = p->word[++*i];
	return true;
}

/* As IOS writes it: rsa general-keys label L modulus 2048 exportable. */
static bool parse(const struct pki *p, struct wanted *w)
{
	const char *number = NULL;
	uint64_t bits;

	for (int i = 1; i < p->n; i++) {
		const char *s = p->word[i];

		if (strcmp(s, "rsa") == 0)
			w->kind = CONF_KEY_RSA;
		else if (strcmp(s, "ec") == 0 || strcmp(s, "ecdsa") == 0)
			w->kind = CONF_KEY_EC;
		else if (strcmp(s, "exportable") == 0)
			w->exportable = true;
		else if (strcmp(s, "general-keys") != 0 &&
			 !valued(p, &i, "label", &w->label) &&
			 !valued(p, &i, "modulus", &number) &&
			 !valued(p, &i, "keysize", &number))
			return false;
	}
	w->exportable = w->exportable || p->exportable;
	if (number == NULL)
		return true;
	if (slice_uint(slice_str(number), 8192, &bits) != 0)
		return false;
	w->bits = (unsigned)bits;
	return w->kind == CONF_KEY_EC ? bits == 256 || bits == 384
				      : bits >= 2048;
}

static bool is_label(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= CONF_NAME_MAX &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789-_.") == n;
}

static int make_key(struct pki *p, const struct wanted *w)
{
	struct keystore *k = NULL;
	char *what;
	int err = store_key_current(p->store, w->label, &k, &p->why);

	obj_unref(k);
	if (err != ENOENT)
		return pki_refuse("there is a key %s already: `lineside pki "
				  "key zeroize %s` removes it",
			w->label, w->label);
	err = keystore_generate(&k, w->kind, w->bits, w->exportable);
	if (err == 0)
		err = store_key_add(p->store, w->label, k, true, &p->why);
	if (err == 0) {
		what = keystore_describe(k);
		printf("Key %s: %s%s\n", w->label, what,
			w->exportable ? ", exportable" : "");
		free(what);
	}
	obj_unref(k);
	return err == 0 ? EXIT_OK : pki_failed(p, err);
}

static int generate(struct pki *p)
{
	struct wanted w = { .label = p->conf->hostname };
	int code;

	if (!parse(p, &w))
		return pki_refuse("lineside pki key generate [rsa|ec] [label "
				  "L] [modulus N] [exportable]; RSA has 2048 "
				  "to 8192 bits, EC 256 or 384");
	if (!is_label(w.label))
		return pki_refuse("'%s' is no label: letters, digits, '-', '_' "
				  "and '.' make one",
			w.label);
	code = pki_store(p, true);
	return code == 0 ? make_key(p, &w) : code;
}

static void list_one(void *arg, const char *label, const struct keystore *k,
	bool current, const char *why)
{
	unsigned *n = arg;
	char *what = k != NULL ? keystore_describe(k) : mem_dup("unreadable");
	char hex[2 * KEYSTORE_ID + 1] = "";

	(*n)++;
	if (k != NULL)
		hex_encode(keystore_id(k), KEYSTORE_ID, hex);
	printf("%-24s %-12s %-10s %-14s %.16s\n", label, what,
		current ? "current" : "former",
		k != NULL && keystore_exportable(k) ? "exportable" : "", hex);
	if (k == NULL && why != NULL)
		printf("  %s\n", why);
	free(what);
}

static int list(struct pki *p)
{
	unsigned n = 0;
	int code = pki_store(p, false);

	if (code == 0)
		store_each_key(p->store, list_one, &n);
	if (code == 0 && n == 0)
		puts("There is no key.");
	return code;
}

/* A certificate without its key cannot be loaded any more. */
static bool in_use(const struct pki *p, const char *label, const char **name)
{
	for (const struct conf_trustpoint *t = p->conf->trustpoints; t != NULL;
		t = t->next) {
		if (!conf_trustpoint_stored(t) || t->key_url != NULL ||
			strcmp(store_label(t), label) != 0)
			continue;
		*name = t->name;
		return true;
	}
	return false;
}

static int zeroize(struct pki *p)
{
	const char *name;
	int code;
	int err;

	if (p->n != 2)
		return pki_usage();
	if (in_use(p, p->word[1], &name) && !p->accept)
		fprintf(stderr,
			"Trustpoint %s needs it: its certificate will be of "
			"no use.\n",
			name);
	if (!p->accept && !pki_confirm("% The key is destroyed. [yes/no]: "))
		return pki_refuse("nothing was changed (unattended: --accept)");
	code = pki_store(p, false);
	if (code != 0)
		return code;
	err = store_key_remove(p->store, p->word[1], &p->why);
	if (err != 0)
		return pki_failed(p, err);
	for (const struct conf_trustpoint *t = p->conf->trustpoints; t != NULL;
		t = t->next)
		if (conf_trustpoint_stored(t) && t->key_url == NULL &&
			strcmp(store_label(t), p->word[1]) == 0)
			store_clear_pending(p->store, t->name);
	puts("The key is gone.");
	return EXIT_OK;
}

static int seal(struct pki *p)
{
	size_t n = 0;
	bool master = p->conf->master_key_file != NULL ||
		      p->conf->master_key_credential != NULL;
	int code = pki_store(p, false);
	int err;

	if (code != 0)
		return code;
	err = store_key_reseal(p->store, &n, &p->why);
	if (err != 0)
		return pki_failed(p, err);
	printf("%zu keys are %s now.\n", n,
		master ? "sealed with the master key"
		       : "stored without a master key");
	return EXIT_OK;
}

static int encrypt(struct pki *p, const char *clear)
{
	struct secret master;
	char *word = NULL;
	int err = keystore_master(&master, p->conf->master_key_file,
		p->conf->master_key_credential, &p->why);

	if (err == 0)
		err = seal_password_word(&word, clear, &master, &p->why);
	secret_wipe(&master);
	if (err != 0)
		return pki_failed(p, err);
	printf("6 %s\n", word);
	free(word);
	return EXIT_OK;
}

int pki_encrypt_password(struct pki *p)
{
	char *clear = NULL;
	int code;

	if (p->n != 1 || strcmp(p->word[0], "encrypt") != 0)
		return pki_usage();
	code = pki_password(p, true, &clear);
	if (code == 0 && (clear == NULL || clear[0] == '\0'))
		code = pki_refuse("there is no password: --password-file FILE "
				  "or --password-fd N");
	if (code == 0)
		code = encrypt(p, clear);
	pki_wipe(clear);
	return code;
}

int pki_key(struct pki *p)
{
	if (p->n >= 1 && strcmp(p->word[0], "generate") == 0)
		return generate(p);
	if (p->n == 1 && strcmp(p->word[0], "list") == 0)
		return list(p);
	if (p->n >= 1 && strcmp(p->word[0], "zeroize") == 0)
		return zeroize(p);
	if (p->n == 1 && strcmp(p->word[0], "seal") == 0)
		return seal(p);
	return pki_usage();
}

/*
 * Passwords in the configuration, as IOS writes them: `WORD` or `0 WORD` in
 * clear, `6 WORD` sealed. None is shown in clear again, but by
 * conf_print_clear().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/wire.h"
#include "conf/conf_int.h"

enum { SEALED_LEAST = 28, SEALED_MOST = 1024 }; /* bytes in base64 */
enum { POLICY_LEAST = 6, POLICY_MOST = 15 }; /* characters */

static const char hidden[] = "<hidden>";

void secret_free(struct conf_secret *s)
{
	if (s->text != NULL)
		mem_wipe(s->text, strlen(s->text));
	free(s->text);
	*s = (struct conf_secret){ .text = NULL };
}

static bool is_sealed(struct slice w)
{
	uint8_t room[SEALED_MOST];
	size_t n;

	return base64_decode(w, room, sizeof(room), &n) == 0 &&
	       n >= SEALED_LEAST;
}

/* Type 7 can be read, and the other box's type 6 by that box alone. */
static void take_foreign(
	struct line *l, struct conf_secret *s, const struct word *w)
{
	char *clear = line_has(l, "7") ? secret_type7(w->text) : NULL;

	if (clear != NULL) {
		*s = (struct conf_secret){ clear, false, w->pos };
		return;
	}
	if (line_has(l, "7"))
		line_error(l, w,
			"the password behind 7 is cut off or changed: write "
			"the line with the password in clear",
			"this is no password of type 7");
	else
		line_error(l, w,
			"the password can be read by that box alone, whose "
			"key it is encrypted under: write the line with the "
			"password in clear",
			"type 6 of another box is not read");
	l->p->errs->v[l->p->errs->n - 1].unreadable = true;
}

void secret_take(struct line *l, struct conf_secret *s, const struct word *w)
{
	bool sealed = line_has(l, "6");

	if (l->p->import && (sealed || line_has(l, "7")))
		take_foreign(l, s, w);
	else if (line_has(l, "7"))
		line_error(l, w,
			"write it in clear, or as `lineside pki password "
			"encrypt` prints it",
			"type 7 hides nothing and is not read");
	else if (slice_eq_str(w->text, hidden))
		line_error(l, w,
			"write the password; with 'password encryption aes' it "
			"is shown encrypted",
			"%s is what `show running-config` prints in its place",
			hidden);
	else if (sealed && !is_sealed(w->text))
		line_error(l, w, "copy all of it",
			"this is no encrypted password");
	else
		*s = (struct conf_secret){ slice_dup(w->text), sealed, w->pos };
}

const char *conf_password_fault(const struct conf *c, const char *clear)
{
	bool digit = false, upper = false, lower = false;
	size_t n = strlen(clear);

	if (!c->password_policy)
		return NULL;
	if (n < POLICY_LEAST || n > POLICY_MOST)
		return "it is not 6 to 15 characters long";
	for (size_t i = 0; i < n; i++) {
		bool d = clear[i] >= '0' && clear[i] <= '9';
		bool u = clear[i] >= 'A' && clear[i] <= 'Z';
		bool l = clear[i] >= 'a' && clear[i] <= 'z';

		if (!d && !u && !l)
			return "it has other characters than letters and "
			       "digits";
		digit |= d;
		upper |= u;
		lower |= l;
	}
	return !digit	? "it has no digit"
	       : !upper ? "it has no capital letter"
	       : !lower ? "it has no small letter"
			: NULL;
}

static void each_auth(const struct conf *c, const struct conf_auths *a,
	conf_secret_fn *fn, void *arg)
{
	for (size_t i = 0; i < a->n; i++)
		fn(arg, c, &a->v[i].password, a->v[i].username);
}

void conf_each_secret(const struct conf *c, conf_secret_fn *fn, void *arg)
{
	for (const struct conf_trustpoint *t = c->trustpoints; t != NULL;
		t = t->next)
		fn(arg, c, &t->password, t->name);
	for (const struct conf_pki_server *s = c->pki_servers; s != NULL;
		s = s->next)
		fn(arg, c, &s->password, s->name);
	for (const struct conf_ctl_file *f = c->ctl_files; f != NULL;
		f = f->next)
		for (size_t i = 0; i < f->nservers; i++)
			fn(arg, c, &f->server[i].password, f->name);
	if (!c->credentials.hashed)
		fn(arg, c, &c->credentials.secret, "credentials");
	fn(arg, c, &c->capf.password, "capf-server");
	each_auth(c, &c->ua.auths, fn, arg);
	for (const struct conf_tenant *t = c->tenants; t != NULL; t = t->next)
		each_auth(c, &t->auths, fn, arg);
	for (const struct conf_dial_peer *d = c->dial_peers; d != NULL;
		d = d->next)
		each_auth(c, &d->auths, fn, arg);
}

void conf_password_judge(const struct conf *c, const char *clear,
	struct conf_pos pos, const char *whose, struct conf_errs *errs)
{
	const char *fault = conf_password_fault(c, clear);

	if (fault != NULL)
		conf_errs_add(errs, false, pos,
			"write 6 to 15 letters and digits, among them a "
			"capital letter, a small one and a digit",
			"the password of %s is against 'password-policy "
			"cme': %s",
			whose, fault);
}

static void check_one(void *arg, const struct conf *c,
	const struct conf_secret *s, const char *whose)
{
	struct parse *p = arg;

	/* A sealed one is judged by who can open it: certs/store/seal.c. */
	if (s->text != NULL && !s->sealed)
		conf_password_judge(c, s->text, s->pos, whose, p->errs);
}

void check_passwords(struct parse *p)
{
	conf_each_secret(p->conf, check_one, p);
}

void set_secret(struct line *l)
{
	struct conf_secret *s =
		(struct conf_secret *)((char *)l->obj + l->row->offset);
	const struct word *w = l->no || l->def ? NULL : line_arg(l, 0);

	secret_free(s);
	if (w != NULL)
		secret_take(l, s, w);
}

static char *in_clear(const struct conf_secret *v)
{
	char *out = NULL;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	need(f != NULL);
	fputs("0 ", f);
	lex_quote(f, v->text);
	need(fclose(f) == 0);
	return out;
}

char *secret_shown(const struct show *s, const struct conf_secret *v)
{
	char *word = NULL, *shown;

	if (s->clear && !v->sealed)
		return in_clear(v);
	if (v->sealed)
		word = mem_dup(v->text);
	else if (s->seal != NULL)
		word = s->seal(s->arg, v->text);
	shown = mem_printf(
		"%s%s", word != NULL ? "6 " : "", word != NULL ? word : hidden);
	free(word);
	return shown;
}

/* The row's syntax up to its argument. */
void show_secret(const struct show *s, const struct cmd *row)
{
	const struct conf_secret *v =
		(const struct conf_secret *)((const char *)s->obj +
					     row->offset);
	char *shown;

	if (v->text == NULL)
		return;
	shown = secret_shown(s, v);
	show_line(s, "%.*s%s", (int)strcspn(row->syntax, "["), row->syntax,
		shown);
	mem_wipe(shown, strlen(shown));
	free(shown);
}

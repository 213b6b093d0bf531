/*
 * Passwords in the configuration, as IOS writes them: `WORD` or `0 WORD` in
 * clear, `6 WORD` sealed. None is shown in clear again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/wire.h"
#include "conf/conf_int.h"

enum { SEALED_LEAST = 28, SEALED_MOST = 1024 }; /* bytes in base64 */

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

void secret_take(struct line *l, struct conf_secret *s, const struct word *w)
{
	bool sealed = line_has(l, "6");

	if (line_has(l, "7"))
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
		*s = (struct conf_secret){ slice_dup(w->text), sealed };
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

char *secret_shown(const struct show *s, const struct conf_secret *v)
{
	char *word = NULL, *shown;

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
	free(shown);
}

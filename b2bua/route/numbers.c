/* See numbers.h. */
#include "b2bua/route/numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/sip/uri.h"
#include "base/metric.h"
#include "base/obj.h"

bool numbers_translate(const struct conf_xlate_profile *p,
	enum conf_xlate_what what, char number[NUMBER_SIZE], unsigned *rule)
{
	const struct conf_xlate_rules *x = p != NULL ? p->rules[what] : NULL;
	char out[NUMBER_SIZE];
	unsigned by = 0;
	int err = x == NULL ? ENOENT
			    : conf_xlate(x, slice_str(number), out, sizeof(out),
				      &by);
	bool changed = err == 0 && strcmp(out, number) != 0;

	if (err == ENOBUFS || err == E2BIG)
		metric_inc(M_CALL_TRANSLATION_FAILED);
	if (rule != NULL)
		*rule = err == 0 ? by : 0;
	if (changed)
		memcpy(number, out, sizeof(out));
	return changed;
}

static bool rejects(const struct conf_xlate_rules *x, const char *number)
{
	char out[NUMBER_SIZE];
	unsigned rule;

	return x != NULL && conf_xlate(x, slice_str(number), out, sizeof(out),
				    &rule) == EACCES;
}

bool numbers_blocked(const struct conf_xlate_profile *p, const char *called,
	const char *calling)
{
	return p != NULL &&
	       (rejects(p->rules[CONF_XLATE_CALLED], called) ||
		       rejects(p->rules[CONF_XLATE_CALLING], calling));
}

char *numbers_uri(struct slice uri, const char *user)
{
	struct sip_uri u;
	struct text t = { 0 };

	if (sip_uri_parse(uri, &u) != 0)
		return slice_dup(uri);
	text_printf(&t, "%.*s:", SLICE_ARG(u.scheme));
	sip_user_escape(&t, slice_str(user));
	if (u.user.n > 0 && u.host.n > 0) {
		/* what follows the user, as written */
		text_add(&t,
			slice_from(uri, (size_t)(u.user.p - uri.p) + u.user.n));
	} else if (u.host.n > 0) {
		text_addc(&t, '@');
		text_add(&t, slice_from(uri, u.scheme.n + 1));
	} else {
		text_add(&t, u.params); /* tel: */
	}
	return text_take(&t);
}

char *numbers_name_addr(struct slice value, const char *user)
{
	struct sip_name_addr na;
	char *uri, *out;

	if (sip_name_addr_parse(value, &na) != 0)
		return slice_dup(value);
	uri = numbers_uri(na.uri, user);
	out = mem_printf("%.*s%s<%s>%.*s", SLICE_ARG(na.display),
		na.display.n > 0 ? " " : "", uri, SLICE_ARG(na.params));
	free(uri);
	return out;
}

static bool digits_of(struct slice value, char out[NUMBER_SIZE])
{
	struct sip_name_addr na;
	struct sip_uri u;

	return sip_name_addr_parse(value, &na) == 0 &&
	       sip_uri_parse(na.uri, &u) == 0 &&
	       sip_user_digits(u.user, out, NUMBER_SIZE) == 0 && out[0] != '\0';
}

/* Each name-addr of the value whose number is `was`. */
static void replace_in(
	struct hdrs *h, size_t i, const char *was, const char *now)
{
	struct slice rest = h->v[i].value, one;
	struct text t = { 0 };
	char digits[NUMBER_SIZE];

	while (sip_name_addr_cut(&rest, &one)) {
		bool same = digits_of(one, digits) && strcmp(digits, was) == 0;
		char *value =
			same ? numbers_name_addr(one, now) : slice_dup(one);

		text_printf(&t, "%s%s", t.n > 0 ? ", " : "", value);
		free(value);
	}
	hdrs_replace(h, i, text_take(&t));
}

void numbers_caller_headers(struct hdrs *h, const char *was, const char *now)
{
	static const char *const names[] = { "P-Asserted-Identity",
		"P-Preferred-Identity", "Remote-Party-ID" };

	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			if (slice_caseeq_str(h->v[i].name, names[k]))
				replace_in(h, i, was, now);
}

void numbers_diversion(struct hdrs *h, const struct conf_xlate_profile *p)
{
	char was[NUMBER_SIZE], now[NUMBER_SIZE];
	struct slice rest, one;

	for (size_t i = 0; i < h->n; i++) {
		if (!slice_caseeq_str(h->v[i].name, "Diversion"))
			continue;
		rest = h->v[i].value;
		if (!sip_name_addr_cut(&rest, &one) || !digits_of(one, was))
			return;
		memcpy(now, was, sizeof(now));
		if (numbers_translate(p, CONF_XLATE_REDIRECT, now, NULL))
			replace_in(h, i, was, now);
		return;
	}
}

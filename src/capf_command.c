/* Changes in memory, the disk, then the answer. */
#include "capf_command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"

struct answer {
	capf_said_fn *fn;
	void *arg;
	struct table *table; /* what is said when all went well */
};

static void say(struct table *t, bool ok, const char *text)
{
	table_block(t, "result", NULL);
	table_pair_bool(t, "ok", NULL, ok);
	table_pair(t, "message", NULL, text);
	table_note(t, "%s%s", ok ? "" : "% ", text);
}

static void refuse(capf_said_fn *fn, void *arg, const char *text)
{
	struct table *t = table_new();

	say(t, false, text);
	fn(arg, t, false);
	table_free(t);
}

static void on_saved(void *arg, int err)
{
	struct answer *a = arg;

	if (err == 0)
		a->fn(a->arg, a->table, true);
	else
		refuse(a->fn, a->arg,
			"It holds until the next start only: the CAPF "
			"server's file cannot be written, see `show logging`");
	table_free(a->table);
	free(a);
}

/* The table is taken. */
static void save(struct capf_store *s, struct capf_phone **v, size_t n,
	struct table *t, capf_said_fn *fn, void *arg)
{
	struct answer *a = mem_new(sizeof(*a));

	*a = (struct answer){ .fn = fn, .arg = arg, .table = t };
	if (capf_store_save(s, v, n, NULL, on_saved, a) != 0)
		on_saved(a, EAGAIN);
}

static const struct table_col cols[] = {
	{ "device", "Phone", false },
	{ "auth_string", "Auth-String", false },
};

static void give_string(struct capf_phone *p, struct slice digits)
{
	if (digits.n > 0)
		need(slice_copy(digits, p->string, sizeof(p->string)));
	else
		capf_string_make(p->string, CAPF_STRING_DIGITS);
	p->wrong = 0;
	p->locked_ms = 0;
	if (p->pending == CAPF_NOTHING)
		p->pending = CAPF_UPGRADE;
}

static void take_string(struct capf_phone *p)
{
	mem_wipe(p->string, sizeof(p->string));
	p->wrong = 0;
	p->locked_ms = 0;
	if (p->pending == CAPF_UPGRADE)
		p->pending = CAPF_NOTHING;
}

static void add_row(struct table *t, const struct capf_phone *p)
{
	table_str(t, p->name);
	table_str(t, p->string);
}

/* Those in the file, and those that the configuration names. */
static void all_phones(struct capf_store *s, const struct conf *c, bool give,
	capf_said_fn *fn, void *arg)
{
	struct table *t = table_new();
	struct capf_phone **v;
	size_t n;

	for (size_t i = 0; give && i < c->capf.nphones; i++)
		if (capf_store_get(s, c->capf.phone[i].name) == NULL)
			break;
	n = capf_store_count(s);
	v = mem_array(n + 1, sizeof(void *));
	table_rows(t, "auth_strings", NULL, cols, ARRAY_SIZE(cols));
	for (size_t i = 0; i < n; i++) {
		v[i] = capf_store_at(s, i);
		if (give)
			give_string(v[i], slice_str(""));
		else
			take_string(v[i]);
		if (give)
			add_row(t, v[i]);
	}
	if (n == 0 || !give)
		table_note(t, "%zu phones", n);
	save(s, v, n, t, fn, arg);
	free(v);
}

static void generate(struct capf_store *s, struct capf_phone *p,
	struct slice digits, capf_said_fn *fn, void *arg)
{
	struct table *t = table_new();

	give_string(p, digits);
	table_rows(t, "auth_strings", NULL, cols, ARRAY_SIZE(cols));
	add_row(t, p);
	save(s, &p, 1, t, fn, arg);
}

static enum capf_operation plan_of(enum capf_verb v)
{
	return v == CAPF_PLAN_UPGRADE  ? CAPF_UPGRADE
	       : v == CAPF_PLAN_FETCH  ? CAPF_FETCH
	       : v == CAPF_PLAN_DELETE ? CAPF_DELETE
				       : CAPF_NOTHING;
}

static void change(struct capf_store *s, struct capf_phone *p,
	enum capf_verb verb, capf_said_fn *fn, void *arg)
{
	struct table *t = table_new();
	char *text;

	if (verb == CAPF_STRING_DELETE) {
		take_string(p);
		text = mem_printf(
			"%s has no authentication string any more", p->name);
	} else {
		p->pending = plan_of(verb);
		text = mem_printf("Planned for %s: %s", p->name,
			capf_operation_name(p->pending));
	}
	say(t, true, text);
	free(text);
	save(s, &p, 1, t, fn, arg);
}

static bool of_all(enum capf_verb v)
{
	return v == CAPF_GENERATE_ALL || v == CAPF_STRING_DELETE_ALL;
}

/* What is wrong with the words, or NULL. */
static const char *bad_words(enum capf_verb verb, const struct match *m,
	char name[CAPF_DEVICE_LEN + 1])
{
	if (of_all(verb))
		return NULL;
	if (!capf_name(m->arg[0], name))
		return "A phone's name is SEP and twelve hexadecimal digits";
	if (verb == CAPF_GENERATE && m->nargs > 1 && !capf_string_ok(m->arg[1]))
		return "An authentication string has 4 to 10 digits";
	return NULL;
}

void capf_command(const struct phone_trust *trust, const struct conf *c,
	enum capf_verb verb, const struct match *m, capf_said_fn *fn, void *arg)
{
	struct capf_service *service = phone_trust_capf(trust);
	struct capf_store *s;
	struct capf_phone *p;
	char name[CAPF_DEVICE_LEN + 1] = "";
	const char *bad = bad_words(verb, m, name);

	if (bad != NULL || service == NULL) {
		refuse(fn, arg,
			bad != NULL ? bad
				    : "There is no capf-server in the "
				      "configuration, or it is not served");
		return;
	}
	s = capf_service_store(service);
	if (of_all(verb)) {
		all_phones(s, c, verb == CAPF_GENERATE_ALL, fn, arg);
		return;
	}
	p = verb == CAPF_STRING_DELETE ? capf_store_find(s, slice_str(name))
				       : capf_store_get(s, name);
	if (p == NULL)
		refuse(fn, arg,
			verb == CAPF_STRING_DELETE
				? "There is no such phone"
				: "There are too many phones");
	else if (verb == CAPF_GENERATE)
		generate(s, p, m->nargs > 1 ? m->arg[1] : slice_str(""), fn,
			arg);
	else
		change(s, p, verb, fn, arg);
}

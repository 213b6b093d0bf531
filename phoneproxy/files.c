#include "phoneproxy/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "phoneproxy/config/cnfdoc.h"
#include "phoneproxy/corefetch.h"
#include "phoneproxy/files_cache.h"
#include "phoneproxy/files_make.h"

enum {
	FETCHES_MAX = 128, /* at a time; more is answered "down" */
	TOTAL_BYTES = 512 << 20, /* kept, and held by who is slow to take it */
};

/* Several phones may wait for one file of the call manager. */
struct fetching {
	struct fetching *next;
	struct files *files;
	struct ppset *set; /* borrowed from `fetch` */
	char *base;
	struct corefetch *fetch;
	struct files_wait *waits;
};

struct files_wait {
	struct files_wait *next, **prev;
	struct files_asked a; /* set: referenced; name: this one: */
	struct file_name name;
	files_fn *fn;
	void *arg;
};

struct files {
	struct loop *loop;
	struct files_desk desk; /* phones, certs: owned */
	struct fetching *fetching;
	size_t nfetching;
	struct files_cache cache;
};

void files_tell_lines(struct files *f, files_lines_fn *fn, void *arg)
{
	f->desk.lines = fn;
	f->desk.lines_arg = arg;
}

struct files *files_new(struct loop *l)
{
	struct files *f = mem_new(sizeof(*f));

	f->loop = l;
	f->desk.phones = phones_new();
	f->desk.certs = phonecerts_new();
	return f;
}

struct phonecerts *files_certs(struct files *f)
{
	return f->desk.certs;
}

struct phones *files_phones(struct files *f)
{
	return f->desk.phones;
}

void files_forget(struct files *f)
{
	files_cache_clear(&f->cache);
}

static void wait_free(struct files_wait *w)
{
	*w->prev = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	obj_unref(w->a.set);
	free(w);
}

static void fetching_free(struct fetching *x)
{
	struct fetching **at = &x->files->fetching;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	x->files->nfetching--;
	free(x->base);
	free(x);
}

void files_free(struct files *f)
{
	if (f == NULL)
		return;
	while (f->fetching != NULL) {
		need(f->fetching->waits == NULL);
		corefetch_cancel(f->fetching->fetch);
		fetching_free(f->fetching);
	}
	files_cache_clear(&f->cache);
	phones_free(f->desk.phones);
	phonecerts_free(f->desk.certs);
	free(f);
}

void files_cancel(struct files_wait *w)
{
	if (w != NULL)
		wait_free(w); /* the fetch goes on, for the cache */
}

void files_count(const struct files *f, struct files_counts *out)
{
	*out = (struct files_counts){ .fetching = f->nfetching,
		.cached = f->cache.n,
		.cached_bytes = f->cache.bytes };
}

/* ---- what a phone gets ---- */

static const char *form_text(enum file_form f)
{
	switch (f) {
	case FORM_SIGNED:
		return "signed";
	case FORM_ENCRYPTED:
		return "encrypted";
	case FORM_PLAIN:
		break;
	}
	return "plain";
}

/* The phone's story and the counters; `why` for what was not found. */
static void tell(struct files *f, const struct files_asked *a,
	const struct content *c, const char *why)
{
	const struct file_name *n = a->name;

	if (c != NULL)
		phones_note(f->desk.phones, n->device, &a->from, PHONE_FILE,
			"%s by %s: %s, %zu bytes", n->asked, a->by,
			form_text(n->form), c->bytes.n);
	else
		phones_note(f->desk.phones, n->device, &a->from, PHONE_FILE,
			"%s by %s: %s", n->asked, a->by,
			why != NULL ? why : "not found");
}

static void answer(struct files *f, struct files_wait *w, enum files_end end,
	struct content *c, const char *why)
{
	tell(f, &w->a, c, why);
	metric_inc(end == FILES_FOUND	 ? M_PP_FILES_SENT
		   : end == FILES_ABSENT ? M_PP_FILES_ABSENT
					 : M_PP_FILES_FAILED);
	w->fn(w->arg, end, c);
}

static void serve_wait(struct files *f, struct files_wait *w, int err,
	const char *why, struct slice raw)
{
	struct files_making m = { .desk = &f->desk, .a = &w->a };
	struct content *c = NULL;
	int made;

	if (err == ENOENT) {
		files_cache_keep(&f->cache, w->a.set, &w->name, NULL);
		answer(f, w, FILES_ABSENT, NULL, "the call manager has none");
	} else if (err != 0) {
		answer(f, w, FILES_DOWN, NULL, why);
	} else if ((made = files_make(&m, raw, &c)) != 0) {
		answer(f, w, made == ENOENT ? FILES_ABSENT : FILES_UNFIT, NULL,
			m.why);
	} else {
		files_tell_form(&m);
		files_cache_keep(&f->cache, w->a.set, &w->name, c);
		answer(f, w, FILES_FOUND, c, NULL);
	}
	obj_unref(c);
}

static void on_fetched(void *arg, int err, const char *why, struct text *bytes)
{
	struct fetching *x = arg;
	struct files *f = x->files;

	if (err != 0 && err != ENOENT)
		log_event(MSG_PHONE_NO_SERVER, NULL,
			L_STR("proxy", x->set->conf->name),
			L_STR("file", x->base), L_STR("reason", why));
	while (x->waits != NULL) {
		struct files_wait *w = x->waits;

		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): unlinks itself */
		serve_wait(f, w, err, why, text_slice(bytes));
		wait_free(w);
	}
	fetching_free(x);
}

static struct fetching *fetch(
	struct files *f, struct ppset *set, const char *base, size_t max)
{
	struct fetching *x = f->fetching;

	while (x != NULL && (x->set != set || strcmp(x->base, base) != 0))
		x = x->next;
	if (x != NULL || f->nfetching >= FETCHES_MAX ||
		content_total() >= TOTAL_BYTES)
		return x;
	x = mem_new(sizeof(*x));
	*x = (struct fetching){ .next = f->fetching,
		.files = f,
		.set = set,
		.base = mem_dup(base) };
	f->fetching = x;
	f->nfetching++;
	x->fetch = corefetch_start(f->loop, set, base, max, on_fetched, x);
	return x;
}

/* ---- what is here already ---- */

static struct content *trust_list(
	const struct ppset *s, const struct file_name *n)
{
	if (s->list == NULL)
		return NULL;
	return n->kind == FILE_CTL ? s->list->ctl : s->list->itl;
}

static struct content *local_file(
	const struct ppset *s, const struct file_name *n)
{
	for (size_t i = 0; i < s->nlocals; i++)
		if (strcmp(s->local[i].alias, n->base) == 0)
			return n->form == FORM_SIGNED ? s->local[i].sgn
						      : s->local[i].plain;
	return NULL;
}

struct found {
	struct content *c; /* NULL: absent */
	const char *why; /* it is */
};

/* Found, absent, or to be asked of the call manager (false). */
static bool at_once(
	struct files *f, const struct files_asked *a, struct found *out)
{
	const struct file_name *n = a->name;
	struct cnf_choice choice;

	out->c = NULL;
	out->why = "not known here";
	if (n == NULL)
		return true;
	if (n->kind == FILE_CTL || n->kind == FILE_ITL) {
		out->c = trust_list(a->set, n);
		return true;
	}
	out->c = local_file(a->set, n);
	if (out->c != NULL)
		return true;
	cnf_choose(&choice, a->set, f->desk.certs, n, a->owner);
	out->why = choice.why;
	if (choice.way == CNF_NOT)
		return true;
	out->why = "there is no ctl-file to sign by";
	if (n->form == FORM_SIGNED && a->set->list == NULL)
		return true;
	if (!files_cache_find(&f->cache, a->set, n, &out->c))
		return false;
	metric_inc(M_PP_CACHE_HITS);
	out->why = "the call manager has none";
	return true;
}

static void answer_at_once(struct files *f, const struct files_asked *a,
	const struct found *found, files_fn *fn, void *arg)
{
	struct content *c = found->c;

	if (a->name != NULL)
		tell(f, a, c, found->why);
	metric_inc(c != NULL ? M_PP_FILES_SENT : M_PP_FILES_ABSENT);
	obj_ref(c); /* a reload from within must not take it away */
	fn(arg, c != NULL ? FILES_FOUND : FILES_ABSENT, c);
	obj_unref(c);
}

struct files_wait *files_get(
	struct files *f, const struct files_asked *a, files_fn *fn, void *arg)
{
	struct fetching *x;
	struct files_wait *w;
	struct found found;

	if (at_once(f, a, &found)) {
		answer_at_once(f, a, &found, fn, arg);
		return NULL;
	}
	x = fetch(f, a->set, a->name->base,
		files_is_config(a->name) ? CNF_SIZE_MAX : CORE_FILE_MAX);
	if (x == NULL) {
		tell(f, a, NULL, "too much at a time");
		metric_inc(M_PP_FILES_FAILED);
		fn(arg, FILES_DOWN, NULL);
		return NULL;
	}
	w = mem_new(sizeof(*w));
	*w = (struct files_wait){ .next = x->waits,
		.prev = &x->waits,
		.a = *a,
		.name = *a->name,
		.fn = fn,
		.arg = arg };
	w->a.name = &w->name;
	obj_ref(a->set);
	if (w->next != NULL)
		w->next->prev = &w->next;
	x->waits = w;
	return w;
}

#include "phoneproxy/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "phoneproxy/cnfsend.h"
#include "phoneproxy/config/cnfdoc.h"
#include "phoneproxy/corefetch.h"

enum {
	CACHE_FILES = 1000,
	CACHE_BYTES = 64 << 20,
	CACHE_MS = 300000, /* a file that is there */
	CACHE_ABSENT_MS = 10000,
	FETCHES_MAX = 128, /* at a time; more is answered "down" */
};

/* An answer that is kept: never a configuration. */
struct kept {
	struct kept *next;
	struct ppset *set; /* referenced */
	char *asked;
	enum file_form form;
	struct content *content; /* NULL: absent */
	uint64_t until;
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
	struct ppset *set; /* referenced */
	struct file_name name;
	struct addr from;
	const char *by;
	bool owner;
	files_fn *fn;
	void *arg;
};

struct files {
	struct loop *loop;
	struct phones *phones;
	struct phonecerts *certs;
	struct fetching *fetching;
	struct kept *kept; /* newest first */
	size_t nkept, nfetching;
	uint64_t bytes;
	files_lines_fn *lines; /* NULL: nobody is told */
	void *lines_arg;
};

void files_tell_lines(struct files *f, files_lines_fn *fn, void *arg)
{
	f->lines = fn;
	f->lines_arg = arg;
}

struct files *files_new(struct loop *l)
{
	struct files *f = mem_new(sizeof(*f));

	f->loop = l;
	f->phones = phones_new();
	f->certs = phonecerts_new();
	return f;
}

struct phonecerts *files_certs(struct files *f)
{
	return f->certs;
}

struct phones *files_phones(struct files *f)
{
	return f->phones;
}

static void kept_free(struct files *f, struct kept *k)
{
	if (k->content != NULL)
		f->bytes -= k->content->bytes.n;
	f->nkept--;
	obj_unref(k->content);
	obj_unref(k->set);
	free(k->asked);
	free(k);
}

void files_forget(struct files *f)
{
	while (f->kept != NULL) {
		struct kept *k = f->kept;

		f->kept = k->next;
		kept_free(f, k);
	}
}

static void wait_free(struct files_wait *w)
{
	*w->prev = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	obj_unref(w->set);
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
	files_forget(f);
	phones_free(f->phones);
	phonecerts_free(f->certs);
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
		.cached = f->nkept,
		.cached_bytes = f->bytes };
}

/* ---- the cache ---- */

static struct kept *find_kept(
	struct files *f, const struct ppset *set, const struct file_name *n)
{
	struct kept **at = &f->kept, *k;
	uint64_t now = clock_ms();

	while ((k = *at) != NULL) {
		if (k->until <= now) {
			*at = k->next;
			kept_free(f, k);
			continue;
		}
		if (k->set == set && k->form == n->form &&
			strcmp(k->asked, n->asked) == 0)
			return k;
		at = &k->next;
	}
	return NULL;
}

static void drop_last(struct files *f)
{
	struct kept **at = &f->kept;

	need(*at != NULL);
	while ((*at)->next != NULL)
		at = &(*at)->next;
	struct kept *k = *at;

	*at = NULL;
	kept_free(f, k);
}

static bool keeps(const struct file_name *n)
{
	return n->kind == FILE_OTHER;
}

static void keep(
	struct files *f, const struct files_wait *w, struct content *content)
{
	size_t size = content != NULL ? content->bytes.n : 0;
	struct kept *k;

	if (!keeps(&w->name) || size > CACHE_BYTES / 4 ||
		find_kept(f, w->set, &w->name) != NULL)
		return;
	k = mem_new(sizeof(*k));
	*k = (struct kept){ .next = f->kept,
		.set = obj_ref(w->set),
		.asked = mem_dup(w->name.asked),
		.form = w->name.form,
		.content = obj_ref(content),
		.until = clock_ms() +
			 (content != NULL ? CACHE_MS : CACHE_ABSENT_MS) };
	f->kept = k;
	f->nkept++;
	f->bytes += size;
	while (f->nkept > CACHE_FILES || f->bytes > CACHE_BYTES)
		drop_last(f);
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
static void tell(struct files *f, const struct file_name *n,
	const struct addr *from, const char *by, const struct content *c,
	const char *why)
{
	if (c != NULL)
		phones_note(f->phones, n->device, from, PHONE_FILE,
			"%s by %s: %s, %zu bytes", n->asked, by,
			form_text(n->form), c->bytes.n);
	else
		phones_note(f->phones, n->device, from, PHONE_FILE,
			"%s by %s: %s", n->asked, by,
			why != NULL ? why : "not found");
}

static void log_leaks(const struct ppset *s, const struct file_name *n,
	const struct cnf_result *r)
{
	const struct log_ctx ctx = { .phone = n->device };

	metric_add(M_PP_LEAKS, r->nleaks);
	for (size_t i = 0; i < r->nleaks; i++)
		log_event(MSG_PHONE_LEAK, &ctx, L_STR("proxy", s->conf->name),
			L_STR("file", n->base), L_STR("path", r->leak[i].path),
			L_STR("found", r->leak[i].found));
}

struct making { /* of a phone's file */
	struct files *f;
	const struct files_wait *w;
	struct cnf_choice choice; /* of a configuration */
	char why[CNF_WHY]; /* there is none */
};

static void note_rewritten(const struct making *m, const struct cnf_result *r)
{
	const struct files_wait *w = m->w;

	log_leaks(w->set, &w->name, r);
	phones_note(m->f->phones, w->name.device, &w->from, PHONE_FILE,
		"rewritten: %u call managers, %u removed, %u URLs "
		"emptied, %zu inside names left%s",
		r->members, r->members_removed, r->urls_emptied, r->nleaks,
		r->short_form ? "; short form: turn encryption off in "
				"the call manager"
			      : "");
}

static void log_withheld(struct making *m)
{
	const struct files_wait *w = m->w;

	(void)snprintf(m->why, sizeof(m->why),
		"withheld, for it must be encrypted: %s", m->choice.why);
	metric_inc(M_PP_WITHHELD);
	log_event(MSG_PHONE_WITHHELD, NULL, L_STR("proxy", w->set->conf->name),
		L_STR("file", w->name.asked), L_ADDR("peer", &w->from),
		L_STR("reason", m->choice.why));
}

/* The companion instead of the whole file; ENOENT: there is nothing for this
 * phone. */
static int shorten(struct making *m, struct text *xml, bool capf)
{
	struct text out = { 0 };
	const struct cnf_choice *c = &m->choice;
	struct phones *phones = m->f->phones;

	if (c->way == CNF_TO_CAPF)
		log_withheld(m);
	if (c->way == CNF_TO_CAPF && !capf)
		return ENOENT;
	if (cnf_short_form(&out, text_slice(xml), c->hash) != 0) {
		(void)snprintf(m->why, sizeof(m->why),
			"its short form cannot be made");
		return EINVAL;
	}
	text_free(xml);
	*xml = out;
	if (c->way == CNF_SHORT)
		phones_note(phones, m->w->name.device, &m->w->from, PHONE_FILE,
			"the short form, for the whole one is encrypted for "
			"certificate %s, %s",
			c->hash, c->how);
	else
		phones_note(phones, m->w->name.device, &m->w->from, PHONE_FILE,
			"%s: the short form, which sends it to CAPF", m->why);
	return 0;
}

static void tell_lines(const struct making *m, const struct cnf_result *r)
{
	const struct files *f = m->f;

	if (f->lines != NULL && m->w->name.device[0] != '\0' &&
		m->w->set->conf->tie_lines && !r->short_form)
		f->lines(
			f->lines_arg, m->w->name.device, text_slice(&r->lines));
}

/* The configuration as the phone outside needs it. */
static int rewrite(struct making *m, struct text *bytes)
{
	const struct files_wait *w = m->w;
	struct cnf_result r = { 0 };
	struct cnf_rules rules;
	int err;

	ppset_rules(w->set, w->name.device, &rules);
	if (m->choice.hash[0] != '\0')
		rules.cert_hash = m->choice.hash;
	err = cnf_rewrite(&r, text_slice(bytes), &rules);
	if (err == 0) {
		text_free(bytes);
		*bytes = r.xml;
		r.xml = (struct text){ 0 };
		note_rewritten(m, &r);
		tell_lines(m, &r);
		if (m->choice.way == CNF_SHORT || m->choice.way == CNF_TO_CAPF)
			err = shorten(m, bytes, r.capf);
	} else {
		(void)snprintf(m->why, sizeof(m->why), "%s", r.why);
		metric_inc(M_PP_CONFIG_REFUSED);
		log_event(MSG_PHONE_CONFIG_REFUSED, NULL,
			L_STR("proxy", w->set->conf->name),
			L_STR("file", w->name.base), L_STR("reason", r.why));
	}
	cnf_result_free(&r);
	return err;
}

static bool is_config(const struct file_name *n)
{
	return n->kind == FILE_CONFIG || n->kind == FILE_DEFAULT_CONFIG;
}

/* Signed or encrypted as the name demands. */
static enum fault seal(struct making *m, struct text *bytes)
{
	const struct files_wait *w = m->w;
	struct text out = { 0 };
	enum fault fault = FAULT_NONE;

	if (w->name.form == FORM_SIGNED)
		fault = ppset_sign(
			w->set, &out, w->name.asked, text_slice(bytes));
	else if (w->name.form == FORM_ENCRYPTED)
		fault = ppset_encrypt(w->set, &out, w->name.asked,
			m->choice.cert, text_slice(bytes));
	else
		return FAULT_NONE;
	text_free(bytes);
	*bytes = out;
	return fault;
}

/* From the call manager's bytes to the phone's, in the form it asked for.
 * ENOENT: none for this phone. */
static int make(struct making *m, struct slice raw, struct content **out)
{
	const struct files_wait *w = m->w;
	struct text bytes = { 0 };
	int err = 0;

	cnf_choose(&m->choice, w->set, m->f->certs, &w->name, w->owner);
	if (m->choice.way == CNF_NOT) { /* the certificate went meanwhile */
		(void)snprintf(m->why, sizeof(m->why), "%s", m->choice.why);
		return ENOENT;
	}
	text_add(&bytes, raw);
	/* XMLDefault is no phone's full configuration, but names the call
	 * manager all the same. */
	if (is_config(&w->name))
		err = rewrite(m, &bytes);
	if (err == 0) {
		enum fault fault = seal(m, &bytes);

		if (fault != FAULT_NONE) {
			(void)snprintf(m->why, sizeof(m->why), "%s",
				fault_text(fault));
			err = EINVAL;
		}
	}
	if (err == 0)
		*out = content_new(&bytes);
	text_free(&bytes);
	return err;
}

static void count_form(const struct making *m)
{
	const struct files_wait *w = m->w;

	if (m->choice.way == CNF_ENCRYPTED) {
		metric_inc(M_PP_ENCRYPTED);
		phones_note(m->f->phones, w->name.device, &w->from, PHONE_FILE,
			"encrypted for certificate %s, %s", m->choice.hash,
			m->choice.how);
	} else if (m->choice.way == CNF_WHOLE && m->choice.why != NULL &&
		   m->choice.cert.n > 0) {
		phones_note(m->f->phones, w->name.device, &w->from, PHONE_FILE,
			"not encrypted: %s", m->choice.why);
	}
}

static void answer(struct files *f, struct files_wait *w, enum files_end end,
	struct content *c, const char *why)
{
	tell(f, &w->name, &w->from, w->by, c, why);
	metric_inc(end == FILES_FOUND	 ? M_PP_FILES_SENT
		   : end == FILES_ABSENT ? M_PP_FILES_ABSENT
					 : M_PP_FILES_FAILED);
	w->fn(w->arg, end, c);
}

static void serve_wait(struct files *f, struct files_wait *w, int err,
	const char *why, struct slice raw)
{
	struct making m = { .f = f, .w = w };
	struct content *c = NULL;
	int made;

	if (err == ENOENT) {
		keep(f, w, NULL);
		answer(f, w, FILES_ABSENT, NULL, "the call manager has none");
	} else if (err != 0) {
		answer(f, w, FILES_DOWN, NULL, why);
	} else if ((made = make(&m, raw, &c)) != 0) {
		answer(f, w, made == ENOENT ? FILES_ABSENT : FILES_UNFIT, NULL,
			m.why);
	} else {
		count_form(&m);
		keep(f, w, c);
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
	if (x != NULL || f->nfetching >= FETCHES_MAX)
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

/* Found, absent, or to be asked of the call manager (false). */
static bool at_once(struct files *f, const struct files_asked *a,
	struct content **c, const char **why)
{
	const struct file_name *n = a->name;
	struct cnf_choice choice;
	struct kept *k;

	*c = NULL;
	*why = "not known here";
	if (n == NULL)
		return true;
	if (n->kind == FILE_CTL || n->kind == FILE_ITL) {
		*c = trust_list(a->set, n);
		return true;
	}
	*c = local_file(a->set, n);
	if (*c != NULL)
		return true;
	cnf_choose(&choice, a->set, f->certs, n, a->owner);
	*why = choice.why;
	if (choice.way == CNF_NOT)
		return true;
	*why = "there is no ctl-file to sign by";
	if (n->form == FORM_SIGNED && a->set->list == NULL)
		return true;
	k = find_kept(f, a->set, n);
	if (k == NULL)
		return false;
	metric_inc(M_PP_CACHE_HITS);
	*c = k->content;
	*why = "the call manager has none";
	return true;
}

static void answer_at_once(struct files *f, const struct files_asked *a,
	struct content *c, const char *why, files_fn *fn, void *arg)
{
	if (a->name != NULL)
		tell(f, a->name, &a->from, a->by, c, why);
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
	struct content *c;
	const char *why;

	if (at_once(f, a, &c, &why)) {
		answer_at_once(f, a, c, why, fn, arg);
		return NULL;
	}
	x = fetch(f, a->set, a->name->base,
		is_config(a->name) ? CNF_SIZE_MAX : CORE_FILE_MAX);
	if (x == NULL) {
		tell(f, a->name, &a->from, a->by, NULL, "too much at a time");
		metric_inc(M_PP_FILES_FAILED);
		fn(arg, FILES_DOWN, NULL);
		return NULL;
	}
	w = mem_new(sizeof(*w));
	*w = (struct files_wait){ .next = x->waits,
		.prev = &x->waits,
		.set = obj_ref(a->set),
		.name = *a->name,
		.from = a->from,
		.by = a->by,
		.owner = a->owner,
		.fn = fn,
		.arg = arg };
	if (w->next != NULL)
		w->next->prev = &w->next;
	x->waits = w;
	return w;
}

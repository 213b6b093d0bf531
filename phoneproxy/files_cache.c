#include "phoneproxy/files_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/obj.h"

enum {
	CACHE_FILES = 1000,
	CACHE_BYTES = 64 << 20,
	CACHE_MS = 300000, /* a file that is there */
	CACHE_ABSENT_MS = 10000,
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

static void kept_free(struct files_cache *c, struct kept *k)
{
	if (k->content != NULL)
		c->bytes -= k->content->bytes.n;
	c->n--;
	obj_unref(k->content);
	obj_unref(k->set);
	free(k->asked);
	free(k);
}

void files_cache_clear(struct files_cache *c)
{
	while (c->first != NULL) {
		struct kept *k = c->first;

		c->first = k->next;
		kept_free(c, k);
	}
}

static struct kept *find_kept(struct files_cache *c, const struct ppset *set,
	const struct file_name *n)
{
	struct kept **at = &c->first, *k;
	uint64_t now = clock_ms();

	while ((k = *at) != NULL) {
		if (k->until <= now) {
			*at = k->next;
			kept_free(c, k);
			continue;
		}
		if (k->set == set && k->form == n->form &&
			strcmp(k->asked, n->asked) == 0)
			return k;
		at = &k->next;
	}
	return NULL;
}

static void drop_last(struct files_cache *c)
{
	struct kept **at = &c->first;

	need(*at != NULL);
	while ((*at)->next != NULL)
		at = &(*at)->next;
	struct kept *k = *at;

	*at = NULL;
	kept_free(c, k);
}

bool files_cache_find(struct files_cache *c, const struct ppset *set,
	const struct file_name *n, struct content **out)
{
	struct kept *k = find_kept(c, set, n);

	*out = k != NULL ? k->content : NULL;
	return k != NULL;
}

void files_cache_keep(struct files_cache *c, struct ppset *set,
	const struct file_name *n, struct content *content)
{
	size_t size = content != NULL ? content->bytes.n : 0;
	struct kept *k;

	if (n->kind != FILE_OTHER || size > CACHE_BYTES ||
		find_kept(c, set, n) != NULL)
		return;
	k = mem_new(sizeof(*k));
	*k = (struct kept){ .next = c->first,
		.set = obj_ref(set),
		.asked = mem_dup(n->asked),
		.form = n->form,
		.content = obj_ref(content),
		.until = clock_ms() +
			 (content != NULL ? CACHE_MS : CACHE_ABSENT_MS) };
	c->first = k;
	c->n++;
	c->bytes += size;
	while (c->n > CACHE_FILES || c->bytes > CACHE_BYTES)
		drop_last(c);
}

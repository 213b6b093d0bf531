/* See index.h. Nodes and entries are arrays that refer by number. */
#include "conf/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "conf/conf.h"

/* What patterns ask for by name; letters count without case. */
static const char alphabet[] = "0123456789*#+ABCD";
enum { KEYS = sizeof(alphabet) - 1 };

struct entry {
	const char *pattern; /* of the configuration */
	const struct conf_dial_peer *peer;
	uint32_t next; /* 0: last */
};

struct node {
	uint32_t child[KEYS]; /* 0: none */
	uint32_t first; /* entry; 0: none */
};

struct conf_index {
	size_t nnodes, nodes_room, nentries, entries_room;
	struct node *node; /* 0: the root */
	struct entry *entry; /* 0: not used */
};

static int key_of(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'd')
		c = (char)(c - 'a' + 'A');
	at = c == '\0' ? NULL : strchr(alphabet, c);
	return at == NULL ? -1 : (int)(at - alphabet);
}

static struct conf_index *index_new(void)
{
	struct conf_index *x = mem_new(sizeof(*x));

	x->nodes_room = x->entries_room = 16;
	x->node = mem_array(x->nodes_room, sizeof(*x->node));
	x->entry = mem_array(x->entries_room, sizeof(*x->entry));
	x->nnodes = x->nentries = 1;
	return x;
}

static void index_free(struct conf_index *x)
{
	if (x == NULL)
		return;
	free(x->node);
	free(x->entry);
	free(x);
}

static uint32_t node_new(struct conf_index *x)
{
	if (x->nnodes == x->nodes_room) {
		x->nodes_room *= 2;
		x->node = mem_resize(x->node, x->nodes_room, sizeof(*x->node));
	}
	x->node[x->nnodes] = (struct node){ .first = 0 };
	return (uint32_t)x->nnodes++;
}

/* The node behind all that the pattern asks for first. */
static uint32_t node_for(struct conf_index *x, const char *pattern)
{
	const char *p = pattern;
	uint32_t at = 0;

	if (*p == '^')
		p++;
	for (bool first = true;; first = false, p++) {
		int key;

		if (*p == ',') /* a pause while dialling */
			continue;
		key = key_of(*p);
		if (key < 0 || (*p == '+' && !first))
			return at;
		if (p[1] == '?' || p[1] == '%' ||
			(p[1] == '+' && !(first && *p == '+')))
			return at; /* may be missing, or come again */
		if (x->node[at].child[key] == 0) {
			uint32_t child = node_new(x); /* moves the nodes */

			x->node[at].child[key] = child;
		}
		at = x->node[at].child[key];
	}
}

static void add(struct conf_index *x, const struct conf_dial_peer *peer,
	const char *pattern)
{
	uint32_t at;

	if (pattern == NULL)
		return;
	at = node_for(x, pattern);
	if (x->nentries == x->entries_room) {
		x->entries_room *= 2;
		x->entry = mem_resize(
			x->entry, x->entries_room, sizeof(*x->entry));
	}
	x->entry[x->nentries] = (struct entry){
		.pattern = pattern, .peer = peer, .next = x->node[at].first
	};
	x->node[at].first = (uint32_t)x->nentries++;
}

static void add_map(struct conf_index *x, const struct conf_dial_peer *peer,
	const struct conf_e164_map *m)
{
	for (size_t i = 0; m != NULL && !m->shutdown && i < m->n; i++)
		add(x, peer, m->pattern[i]);
}

static void list_add(struct conf_peers *l, const struct conf_dial_peer *p)
{
	/* the room is the next power of two */
	if ((l->n & (l->n - 1)) == 0)
		l->v = mem_resize(
			l->v, l->n == 0 ? 1 : l->n * 2, sizeof(l->v[0]));
	l->v[l->n++] = p;
}

static bool comes_by_uri(const struct conf_dial_peer *p)
{
	for (size_t i = 0; i < CONF_URI_COUNT; i++)
		if (p->incoming_uri[i] != NULL)
			return true;
	return false;
}

static void add_peer(struct conf *c, const struct conf_dial_peer *p)
{
	bool numbers =
		p->incoming_called != NULL || p->incoming_called_map != NULL ||
		p->incoming_calling != NULL || p->incoming_calling_map != NULL;

	add(c->by_destination, p, p->destination);
	add_map(c->by_destination, p, p->destination_map);
	add(c->by_called, p, p->incoming_called);
	add_map(c->by_called, p, p->incoming_called_map);
	add(c->by_calling, p, p->incoming_calling);
	add_map(c->by_calling, p, p->incoming_calling_map);
	if (comes_by_uri(p) || (!numbers && p->incoming_listener != NULL))
		list_add(&c->come_in, p);
	if (p->destination_uri != NULL)
		list_add(&c->go_by_uri, p);
	if (p->target == CONF_TARGET_REGISTRAR && p->destination == NULL &&
		p->destination_map == NULL)
		list_add(&c->phones, p);
}

void conf_index_clear(struct conf *c)
{
	index_free(c->by_destination);
	index_free(c->by_called);
	index_free(c->by_calling);
	free(c->come_in.v);
	free(c->go_by_uri.v);
	free(c->phones.v);
	c->by_destination = c->by_called = c->by_calling = NULL;
	c->come_in = c->go_by_uri = c->phones = (struct conf_peers){ 0 };
}

void conf_index_build(struct conf *c)
{
	conf_index_clear(c);
	c->by_destination = index_new();
	c->by_called = index_new();
	c->by_calling = index_new();
	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next)
		if (!p->shutdown)
			add_peer(c, p);
}

static void visit(const struct conf_index *x, uint32_t node,
	struct slice number, conf_index_fn *fn, void *arg)
{
	for (uint32_t i = x->node[node].first; i != 0; i = x->entry[i].next) {
		const struct entry *e = &x->entry[i];
		int match = conf_pattern_match(e->pattern, number);

		if (match >= 0)
			fn(arg, e->peer, match);
	}
}

void conf_index_find(const struct conf_index *x, struct slice number,
	conf_index_fn *fn, void *arg)
{
	uint32_t at = 0;

	visit(x, at, number, fn, arg);
	for (size_t i = 0; i < number.n; i++) {
		int key = key_of(number.p[i]);

		if (key < 0)
			return;
		at = x->node[at].child[key];
		if (at == 0)
			return;
		visit(x, at, number, fn, arg);
	}
}

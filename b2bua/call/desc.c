/* See desc.h. */
#include "b2bua/call/desc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"

void desc_wipe(struct desc *d)
{
	mdesc_wipe(&d->m);
}

/* The lines of one text, in an equal one. */
static void copy_lines(struct sdp *to, const char *text, const struct sdp *from,
	const char *its)
{
	to->nlines = from->nlines;
	for (size_t i = 0; i < from->nlines; i++)
		to->line[i] = slice_of(
			text + (from->line[i].p - its), from->line[i].n);
	to->session = from->session;
	to->nmedia = from->nmedia;
	memcpy(to->media, from->media, sizeof(to->media));
}

static void copy_stream(struct mdesc *to, const struct mdesc *from)
{
	memcpy(to, from, offsetof(struct mdesc, codec));
	memcpy(to->codec, from->codec, from->ncodecs * sizeof(to->codec[0]));
	to->ncryptos = from->ncryptos;
	memcpy(to->crypto, from->crypto,
		from->ncryptos * sizeof(to->crypto[0]));
}

/* ---- what an event has read ---- */

enum { DESC_KEPT = 8 };

struct kept {
	char *text; /* owned */
	size_t size; /* of it */
	struct desc d; /* its lines point into the text */
};

struct desc_memo {
	unsigned depth; /* events under way */
	size_t n; /* ever kept in this one; the newest at (n - 1) % DESC_KEPT */
	struct kept kept[DESC_KEPT];
};

struct desc_memo *desc_memo_new(void)
{
	return mem_new(sizeof(struct desc_memo));
}

void desc_memo_free(struct desc_memo *memo)
{
	need(memo->depth == 0);
	free(memo);
}

void desc_memo_begin(struct desc_memo *memo)
{
	memo->depth++;
}

static void forget(struct kept *k)
{
	leg_text_set(&k->text, NULL); /* wipes */
	desc_wipe(&k->d);
}

void desc_memo_end(struct desc_memo *memo)
{
	need(memo->depth > 0);
	if (--memo->depth > 0)
		return;
	for (size_t i = 0; i < memo->n && i < DESC_KEPT; i++)
		forget(&memo->kept[i]);
	memo->n = 0;
}

static void keep(
	struct desc_memo *memo, struct slice text, const struct desc *d)
{
	struct kept *k = &memo->kept[memo->n % DESC_KEPT];

	if (memo->depth == 0)
		return;
	if (memo->n++ >= DESC_KEPT)
		forget(k);
	k->text = slice_dup(text);
	k->size = text.n;
	copy_lines(&k->d.sdp, k->text, &d->sdp, text.p);
	copy_stream(&k->d.m, &d->m);
	k->d.at = d->at;
}

static bool is_of(const struct kept *k, struct slice text)
{
	return slice_eq(text, slice_of(k->text, k->size));
}

/* An equal text that was read before; NULL: none. */
static const struct kept *find_text(
	const struct desc_memo *memo, struct slice text)
{
	for (size_t i = 0; i < memo->n && i < DESC_KEPT; i++)
		if (is_of(&memo->kept[i], text))
			return &memo->kept[i];
	return NULL;
}

static const struct kept *find_section(
	const struct desc_memo *memo, struct slice text, size_t at)
{
	for (size_t i = 0; i < memo->n && i < DESC_KEPT; i++)
		if (memo->kept[i].d.at == at && is_of(&memo->kept[i], text))
			return &memo->kept[i];
	return NULL;
}

/* ---- reading ---- */

static int split(
	struct sdp *out, const struct desc_memo *memo, struct slice text)
{
	const struct kept *k = find_text(memo, text);

	if (k == NULL)
		return sdp_split(out, text);
	copy_lines(out, text.p, &k->d.sdp, k->text);
	return 0;
}

/* The section d->at. */
static int read_section(
	struct desc *d, struct desc_memo *memo, struct slice text)
{
	const struct kept *k = find_section(memo, text, d->at);
	size_t refused;
	int err;

	if (k != NULL) {
		copy_stream(&d->m, &k->d.m);
		return 0;
	}
	err = sdp_read(&d->sdp, d->at, &d->m, &refused);
	if (err == 0)
		keep(memo, text, d);
	return err;
}

static enum neg_result read_text(struct desc *d, struct desc_memo *memo,
	struct slice text, const struct sdp_shape *shape, int stream)
{
	int err;

	if (split(&d->sdp, memo, text) != 0)
		return NEG_BAD_SDP;
	d->at = sdp_shape_find(shape, stream); /* the same section for good */
	if (d->at == shape->n || d->at >= d->sdp.nmedia) {
		if (stream != 0 || sdp_find_main(&d->sdp, &d->at) != 0)
			return NEG_NO_AUDIO;
	}
	err = read_section(d, memo, text);
	if (err == ENOTSUP)
		return NEG_NO_AUDIO;
	return err == 0 ? NEG_OK : NEG_BAD_SDP;
}

enum neg_result desc_read(
	struct desc *d, const struct leg *l, struct slice text, int stream)
{
	return read_text(d, l->call->core->read, text, &l->shape, stream);
}

enum neg_result desc_read_apart(
	struct desc *d, const struct leg *l, struct slice text)
{
	return read_text(
		d, l->call->core->read, text, &(struct sdp_shape){ 0 }, 0);
}

const char *desc_local(const struct leg *l)
{
	return l->next.local != NULL ? l->next.local : l->now.local;
}

const char *desc_remote(const struct leg *l)
{
	return l->next.remote != NULL ? l->next.remote : l->now.remote;
}

void desc_before_read(struct desc_before *v, const struct leg *l, int stream)
{
	v->b = (struct neg_before){ 0 };
	if (l->now.local == NULL || l->now.remote == NULL)
		return;
	if (l->joining && (stream != 0 || !transfer_inherits(l)))
		return; /* the contexts of its keys stay in another call */
	if (desc_read(&v->local, l, slice_str(l->now.local), stream) !=
			NEG_OK ||
		desc_read(&v->remote, l, slice_str(l->now.remote), stream) !=
			NEG_OK)
		return;
	if (l->opaque) /* keys that were never ours are not gone on with */
		v->local.m.ncryptos = 0;
	v->b.local = &v->local.m;
	v->b.remote = &v->remote.m;
}

void desc_before_wipe(struct desc_before *v)
{
	desc_wipe(&v->local);
	desc_wipe(&v->remote);
}

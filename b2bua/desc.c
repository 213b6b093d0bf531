/* See desc.h. */
#include "b2bua/desc.h"

#include <errno.h>

#include "base/secret.h"

void desc_wipe(struct desc *d)
{
	mdesc_wipe(&d->m);
}

enum neg_result desc_read(struct desc *d, struct slice text,
	const struct sdp_shape *shape, int stream)
{
	size_t refused;
	int err;

	if (sdp_split(&d->sdp, text) != 0)
		return NEG_BAD_SDP;
	d->at = sdp_shape_find(shape, stream); /* the same section for good */
	if (d->at == shape->n || d->at >= d->sdp.nmedia) {
		if (stream != 0 || sdp_find_main(&d->sdp, &d->at) != 0)
			return NEG_NO_AUDIO;
	}
	err = sdp_read(&d->sdp, d->at, &d->m, &refused);
	if (err == ENOTSUP)
		return NEG_NO_AUDIO;
	return err == 0 ? NEG_OK : NEG_BAD_SDP;
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
	if (desc_read(&v->local, slice_str(l->now.local), &l->shape, stream) !=
			NEG_OK ||
		desc_read(&v->remote, slice_str(l->now.remote), &l->shape,
			stream) != NEG_OK)
		return;
	v->b.local = &v->local.m;
	v->b.remote = &v->remote.m;
}

void desc_before_wipe(struct desc_before *v)
{
	desc_wipe(&v->local);
	desc_wipe(&v->remote);
}

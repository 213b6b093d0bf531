#include "ctl/ctl_boxes.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"
#include "certs/store/seal.h"
#include "phoneproxy/phone_ports.h"
#include "phoneproxy/signed/material.h"

struct ctl_boxes_plan {
	struct conf *conf; /* referenced */
	int fd; /* -1: the socket is there */
	struct trustpoint *own;
	struct content *offer;
	char *clear; /* owned, wiped */
};

void ctl_boxes_discard(struct ctl_boxes_plan *p)
{
	if (p == NULL)
		return;
	phone_port_close(&p->fd);
	if (p->clear != NULL)
		mem_wipe(p->clear, strlen(p->clear));
	free(p->clear);
	obj_unref(p->own);
	obj_unref(p->offer);
	obj_unref(p->conf);
	free(p);
}

static int bind_source(struct ctl_boxes_plan *p, const struct conf *now,
	struct conf_errs *errs)
{
	const struct addr *a = &p->conf->credentials.source;

	if (now != NULL && now->credentials.on &&
		addr_equal(&now->credentials.source, a))
		return 0;
	return phone_port_bind(
		a, &p->fd, "credentials", p->conf->credentials.pos, errs);
}

static int open_secret(struct ctl_boxes_plan *p, struct conf_errs *errs)
{
	const struct conf *c = p->conf;
	char *why = NULL;
	int err = 0;

	if (!c->credentials.hashed)
		err = seal_password(&p->clear, &c->credentials.secret,
			c->master_key_file, c->master_key_credential, &why);
	if (err != 0)
		conf_errs_add(errs, false, c->credentials.pos, NULL,
			"the secret of credentials cannot be had: %s",
			why != NULL ? why : strerrordesc_np(err));
	free(why);
	return err;
}

int ctl_boxes_prepare(struct ctl_boxes_plan **out, const struct conf *now,
	struct conf *next, struct conf_errs *errs)
{
	struct ctl_boxes_plan *p;
	int err;

	*out = NULL;
	if (!next->credentials.on)
		return 0;
	p = mem_new(sizeof(*p));
	p->conf = obj_ref(next);
	p->fd = -1;
	err = trustpoint_load(&p->own, next->credentials.trustpoint, errs);
	if (err == 0)
		err = material_offer(&p->offer, next, errs);
	if (err == 0)
		err = open_secret(p, errs);
	if (err == 0)
		err = bind_source(p, now, errs);
	if (err == 0)
		*out = p;
	else
		ctl_boxes_discard(p);
	return err;
}

void ctl_boxes_apply(struct ctl_provider **live, struct ctl_boxes_plan *p,
	struct loop *l, struct hs_pool *hs)
{
	struct ctl_provider_params pp;

	if (p == NULL) {
		ctl_provider_close(*live);
		*live = NULL;
		return;
	}
	pp = (struct ctl_provider_params){ .conf = p->conf,
		.clear = p->clear,
		.hs = hs,
		.own = p->own,
		.offer = p->offer };
	if (*live != NULL)
		ctl_provider_set(*live, p->fd, &pp);
	else if (p->fd >= 0)
		*live = ctl_provider_new(l, p->fd, &pp);
	p->fd = -1;
	ctl_boxes_discard(p);
}

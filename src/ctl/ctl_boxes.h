/*
 * The credentials of this box, for the one that makes the trust list of
 * several: from one configuration to the next.
 */
#ifndef LINESIDE_CTL_BOXES_H
#define LINESIDE_CTL_BOXES_H

#include "phoneproxy/boxes/ctl_provider.h"

struct ctl_boxes_plan; /* made by the main thread, taken by services */

/* NULL in *out: there are none in `next`. Complaints in errs. */
int ctl_boxes_prepare(struct ctl_boxes_plan **out, const struct conf *now,
	struct conf *next, struct conf_errs *errs) MUST_USE;
void ctl_boxes_discard(struct ctl_boxes_plan *p); /* NULL is fine */
/* Services thread; takes the plan, which may be NULL. */
void ctl_boxes_apply(struct ctl_provider **live, struct ctl_boxes_plan *p,
	struct loop *l, struct hs_pool *hs);

#endif

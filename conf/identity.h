/* A rule of a phone-identity class: pattern and template. Within conf/. */
#ifndef LINESIDE_CONF_IDENTITY_H
#define LINESIDE_CONF_IDENTITY_H

#include "conf/conf.h"

/* EINVAL: what is wrong in `why`, and where. */
int id_rule_compile(struct conf_id_rule *r, struct slice pattern, char *why,
	size_t size, size_t *offset) MUST_USE;
unsigned id_rule_groups(const struct conf_id_rule *r);
void id_rule_free(struct conf_id_rule *r);
/* Only \0 … \9 of groups that there are, and \\. */
bool id_template_ok(struct slice t, unsigned groups, size_t *offset);

#endif

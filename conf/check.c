/* What can only be judged when all is read: names become pointers here. */
#include <stdlib.h>

#include "conf/conf_int.h"

/* By slot, and for one slot in the order of the text. */
static int by_slot(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;

	if (x->slot != y->slot)
		return (uintptr_t)x->slot < (uintptr_t)y->slot ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void say_missing(struct parse *p, const struct ref *r)
{
	struct near near = { .word = slice_str(r->name) };
	struct slice kind = slice_str(modes[r->mode].title);
	char hint[128], room[16];

	for (size_t i = 0; i < p->nscratch; i++)
		if (p->scratch[i].mode == r->mode)
			return; /* it may be the one with the wrong head */
	for (const void *s = section_first(p->conf, r->mode); s != NULL;
		s = section_next(s))
		near_try(&near, slice_str(section_id(r->mode, s, room)));
	/* the title without its " NAME" or " N" */
	while (kind.n > 0 && kind.p[kind.n - 1] != ' ')
		kind.n--;
	if (near_found(&near) && !modes[r->mode].by_tag)
		snprintf(hint, sizeof(hint), "did you mean '%.*s'?",
			SLICE_ARG(near.best));
	else
		snprintf(hint, sizeof(hint), "write a section '%.*s%s'",
			SLICE_ARG(kind), r->name);
	conf_errs_add(p->errs, false, r->pos, hint, "there is no %.*s%s",
		SLICE_ARG(kind), r->name);
}

void resolve_refs(struct parse *p)
{
	if (p->nrefs > 1)
		qsort(p->refs, p->nrefs, sizeof(*p->refs), by_slot);
	for (size_t i = 0; i < p->nrefs; i++) {
		const struct ref *r = &p->refs[i];
		void *to;

		if (r->name == NULL ||
			(i + 1 < p->nrefs && p->refs[i + 1].slot == r->slot))
			continue; /* taken back, or written again below */
		to = section_find(p->conf, r->mode, slice_str(r->name), NULL);
		if (to == NULL)
			say_missing(p, r);
		else
			ptr_set(r->slot, to);
	}
}

static uint16_t sip_port(enum conf_transport t)
{
	return t == CONF_TLS ? 5061 : 5060;
}

static void fill_port(struct addr *a, enum conf_transport t)
{
	if (addr_is_set(a) && addr_port(a) == 0)
		addr_set_port(a, sip_port(t));
}

/* Ports that the lines left open; of a name, DNS may yet tell it. */
static void fill_ports(struct conf *c)
{
	for (struct conf_listener *l = c->listeners; l != NULL; l = l->next)
		fill_port(&l->addr, l->transport);
	for (struct conf_dial_peer *d = c->dial_peers; d != NULL; d = d->next)
		fill_port(&d->target_addr, d->transport);
	fill_port(&c->ua.registrar_addr, c->ua.registrar_transport);
}

void check_conf(struct parse *p)
{
	size_t read = p->errs->n, resolved;

	parse_sort_places(p);
	if (!p->import)
		parse_replaced(p);
	resolve_refs(p);
	resolved = p->errs->n;
	inherit_tenants(p->conf);
	inherit_tls(p->conf);
	fill_ports(p->conf);
	check_access(p);
	check_tls_profiles(p);
	check_remotes(p);
	check_pki_servers(p);
	check_passwords(p);
	check_binds(p);
	check_trusted(p);
	check_routes(p);
	check_trunks(p);
	check_calls(p);
	check_phone_proxies(p);
	check_dspfarms(p);
	check_sounds(p);
	check_recording(p);
	check_capf(p);
	check_accounting(p);
	check_ctl(p);
	if (!p->import)
		parse_follow(p, read, resolved);
}

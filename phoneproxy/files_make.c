#include "phoneproxy/files_make.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "base/metric.h"
#include "phoneproxy/config/cnfdoc.h"

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

static void note_rewritten(
	const struct files_making *m, const struct cnf_result *r)
{
	const struct files_asked *a = m->a;

	log_leaks(a->set, a->name, r);
	phones_note(m->desk->phones, a->name->device, &a->from, PHONE_FILE,
		"rewritten: %u call managers, %u removed, %u URLs "
		"emptied, %zu inside names left%s",
		r->members, r->members_removed, r->urls_emptied, r->nleaks,
		r->short_form ? "; short form: turn encryption off in "
				"the call manager"
			      : "");
}

static void log_withheld(struct files_making *m)
{
	const struct files_asked *a = m->a;

	(void)snprintf(m->why, sizeof(m->why),
		"withheld, for it must be encrypted: %s", m->choice.why);
	metric_inc(M_PP_WITHHELD);
	log_event(MSG_PHONE_WITHHELD, NULL, L_STR("proxy", a->set->conf->name),
		L_STR("file", a->name->asked), L_ADDR("peer", &a->from),
		L_STR("reason", m->choice.why));
}

/* The companion instead of the whole file; ENOENT: there is nothing for this
 * phone. */
static int shorten(struct files_making *m, struct text *xml, bool capf)
{
	struct text out = { 0 };
	const struct cnf_choice *c = &m->choice;
	struct phones *phones = m->desk->phones;

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
		phones_note(phones, m->a->name->device, &m->a->from, PHONE_FILE,
			"the short form, for the whole one is encrypted for "
			"certificate %s, %s",
			c->hash, c->how);
	else
		phones_note(phones, m->a->name->device, &m->a->from, PHONE_FILE,
			"%s: the short form, which sends it to CAPF", m->why);
	return 0;
}

static void tell_lines(const struct files_making *m, const struct cnf_result *r)
{
	const struct files_desk *f = m->desk;

	if (f->lines != NULL && m->a->name->device[0] != '\0' &&
		m->a->set->conf->tie_lines && !r->short_form)
		f->lines(f->lines_arg, m->a->name->device,
			text_slice(&r->lines));
}

/* The configuration as the phone outside needs it. */
static int rewrite(struct files_making *m, struct text *bytes)
{
	const struct files_asked *a = m->a;
	struct cnf_result r = { 0 };
	struct cnf_rules rules;
	int err;

	ppset_rules(a->set, a->name->device, &rules);
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
			L_STR("proxy", a->set->conf->name),
			L_STR("file", a->name->base), L_STR("reason", r.why));
	}
	cnf_result_free(&r);
	return err;
}

bool files_is_config(const struct file_name *n)
{
	return n->kind == FILE_CONFIG || n->kind == FILE_DEFAULT_CONFIG;
}

/* Signed or encrypted as the name demands. */
static enum fault seal(struct files_making *m, struct text *bytes)
{
	const struct files_asked *a = m->a;
	struct text out = { 0 };
	enum fault fault = FAULT_NONE;

	if (a->name->form == FORM_SIGNED)
		fault = ppset_sign(
			a->set, &out, a->name->asked, text_slice(bytes));
	else if (a->name->form == FORM_ENCRYPTED)
		fault = ppset_encrypt(a->set, &out, a->name->asked,
			m->choice.cert, text_slice(bytes));
	else
		return FAULT_NONE;
	text_free(bytes);
	*bytes = out;
	return fault;
}

int files_make(struct files_making *m, struct slice raw, struct content **out)
{
	const struct files_asked *a = m->a;
	struct text bytes = { 0 };
	int err = 0;

	cnf_choose(&m->choice, a->set, m->desk->certs, a->name, a->owner);
	if (m->choice.way == CNF_NOT) { /* the certificate went meanwhile */
		(void)snprintf(m->why, sizeof(m->why), "%s", m->choice.why);
		return ENOENT;
	}
	text_add(&bytes, raw);
	/* XMLDefault is no phone's full configuration, but names the call
	 * manager all the same. */
	if (files_is_config(a->name))
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

void files_tell_form(const struct files_making *m)
{
	const struct files_asked *a = m->a;

	if (m->choice.way == CNF_ENCRYPTED) {
		metric_inc(M_PP_ENCRYPTED);
		phones_note(m->desk->phones, a->name->device, &a->from,
			PHONE_FILE, "encrypted for certificate %s, %s",
			m->choice.hash, m->choice.how);
	} else if (m->choice.way == CNF_WHOLE && m->choice.why != NULL &&
		   m->choice.cert.n > 0) {
		phones_note(m->desk->phones, a->name->device, &a->from,
			PHONE_FILE, "not encrypted: %s", m->choice.why);
	}
}

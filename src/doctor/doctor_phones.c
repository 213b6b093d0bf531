/* Phone proxies: can phones believe what they get, and is it there? */
#include <errno.h>

#include "base/obj.h"
#include "doctor/doctor_int.h"
#include "phoneproxy/corefetch.h"
#include "phoneproxy/signed/trustlist.h"

/* ---- trust lists ---- */

static void pass_on(struct doctor *d, const struct conf_errs *errs)
{
	for (size_t i = 0; i < errs->n; i++)
		doctor_say(d,
			errs->v[i].warning ? DOCTOR_WARNING : DOCTOR_ERROR,
			"trust-list",
			(struct conf_pos){ errs->v[i].line, errs->v[i].column },
			errs->v[i].hint, "%s", errs->v[i].message);
}

static void check_list(struct doctor *d, const struct conf_ctl_file *f)
{
	const struct trustlist_how how = { .look = true };
	struct conf_errs errs = { 0 };
	struct trustlist *list = NULL;

	if (trustlist_make(&list, d->conf, f, &how, &errs) == 0 &&
		!list->refused)
		doctor_say(d, DOCTOR_NOTE, "trust-list", f->pos, NULL,
			"trust list %s can be made, and phones that hold the "
			"one in force take it (%s)",
			f->name, ctl_verdict_name(list->verdict));
	pass_on(d, &errs);
	conf_errs_free(&errs);
	obj_unref(list);
}

/* ---- what phones meet, and what they show ---- */

static bool lists(const struct conf_ctl_file *f, enum conf_ctl_role role,
	const struct conf_trustpoint *tp)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->entry[i].role == role && f->entry[i].trustpoint == tp)
			return true;
	return false;
}

static bool same_crt(gnutls_x509_crt_t a, gnutls_x509_crt_t b)
{
	return gnutls_x509_crt_equals(a, b) != 0;
}

static bool accepts(const struct trustpoint *t, gnutls_x509_crt_t ca)
{
	gnutls_x509_crt_t crt;

	for (size_t i = 0; (crt = trustpoint_anchor(t, i)) != NULL; i++)
		if (same_crt(crt, ca))
			return true;
	return false;
}

/* The CAPF's certificate has two uses: phones believe it, and we believe the
 * phones that it issued certificates to. */
static void check_issuers(struct doctor *d, const struct conf_ctl_file *f,
	const struct conf_listener *l)
{
	const struct doctor_tp *tp = doctor_tp(d, l->trustpoint);

	for (size_t i = 0; i < f->n && tp != NULL && tp->t != NULL; i++) {
		const struct doctor_tp *capf =
			doctor_tp(d, f->entry[i].trustpoint);
		gnutls_x509_crt_t crt;

		if (f->entry[i].role != CONF_CTL_CAPF || capf == NULL ||
			capf->t == NULL)
			continue;
		crt = trustpoint_chain(capf->t, 0);
		if (crt == NULL)
			crt = trustpoint_anchor(capf->t, 0);
		if (crt != NULL && !accepts(tp->t, crt))
			doctor_say(d, DOCTOR_WARNING, "phones", l->pos,
				"add the CAPF's certificate to the ca-bundle "
				"of its trustpoint",
				"listener %s refuses phones with certificates "
				"of the CAPF in trustpoint %s",
				l->name, f->entry[i].name);
	}
}

static void check_member(struct doctor *d, const struct conf_phone_proxy *x,
	const struct conf_dial_peer *p)
{
	const struct conf_listener *l = p->incoming_listener;
	char a[ADDR_TEXT], b[ADDR_TEXT];

	if (l == NULL) {
		doctor_say(d, DOCTOR_WARNING, "phones", p->pos,
			"add 'incoming listener NAME'",
			"dial-peer %u does not say at which port phones find "
			"call manager %s",
			p->tag, p->cucm);
		return;
	}
	if (!addr_is_any(&l->addr) &&
		!addr_same_host(&l->addr, &p->signal_addr) &&
		!addr_same_host(&l->advertise, &p->signal_addr))
		doctor_say(d, DOCTOR_WARNING, "phones", p->pos,
			"both are the address that phones reach",
			"phones are told %s, and listener %s is at %s",
			addr_host(&p->signal_addr, a), l->name,
			addr_host(&l->addr, b));
	if (x->ctl_file == NULL || l->transport != CONF_TLS)
		return;
	if (!lists(x->ctl_file, CONF_CTL_CUCM_TFTP, l->trustpoint))
		doctor_say(d, DOCTOR_ERROR, "phones", l->pos,
			"add 'record-entry cucm-tftp trustpoint' with the "
			"listener's trustpoint",
			"phones do not believe listener %s: trust list %s does "
			"not hold its certificate",
			l->name, x->ctl_file->name);
	check_issuers(d, x->ctl_file, l);
}

/* ---- the call manager's files ---- */

struct asked {
	struct loop *loop;
	struct doctor *d;
	const struct conf_phone_proxy *x;
};

static void on_file(void *arg, int err, const char *why, struct text *bytes)
{
	struct asked *a = arg;

	(void)bytes;
	if (err == 0 || err == ENOENT)
		doctor_say(a->d, DOCTOR_NOTE, "files", a->x->pos, NULL,
			"phone proxy %s: the call manager's file server "
			"answers",
			a->x->name);
	else
		doctor_say(a->d, DOCTOR_ERROR, "files", a->x->pos,
			"see that its TFTP service runs and lets local-addr "
			"ask",
			"phone proxy %s gets no files: %s", a->x->name, why);
	loop_stop(a->loop);
}

static void ask_server(struct doctor *d, const struct conf_phone_proxy *x)
{
	struct asked a = { .d = d, .x = x };
	struct conf_errs errs = { 0 };
	struct ppset *set = NULL;

	if (ppset_make(&set, d->conf, x, NULL, &errs) == 0) {
		a.loop = loop_new(THR_NONE, 0);
		need(corefetch_start(a.loop, set, "XMLDefault.cnf.xml",
			     CORE_FILE_MAX, on_file, &a) != NULL);
		loop_run(a.loop);
		loop_free(a.loop);
	}
	pass_on(d, &errs);
	conf_errs_free(&errs);
	obj_unref(set);
}

void doctor_phones(struct doctor *d)
{
	for (const struct conf_ctl_file *f = d->conf->ctl_files; f != NULL;
		f = f->next)
		if (f->complete)
			check_list(d, f);
	for (const struct conf_phone_proxy *x = d->conf->phone_proxies;
		x != NULL; x = x->next) {
		if (!x->complete)
			continue;
		for (const struct conf_dial_peer *p = d->conf->dial_peers;
			p != NULL; p = p->next)
			if (p->phone_proxy == x && !p->shutdown)
				check_member(d, x, p);
		ask_server(d, x);
	}
}
